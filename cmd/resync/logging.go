package main

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/secret"
)

// logger writes to standard error, never to standard output, and never a configured secret: libraries log what servers say, and servers
// repeat what they were sent.
func (p *program) logger(c *config.Config) *slog.Logger {
	return newLogger(hiding(p.err, secretsOf(c)), c.Log)
}

func newLogger(w io.Writer, c config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// secretsOf lists what must not be logged, in the forms in which it travels.
func secretsOf(c *config.Config) []string {
	all := []secret.String{c.Embedder.APIKey, c.Auth.AdminPassword, c.Auth.SecretKey, c.Redis}
	for _, m := range c.LLM.Models {
		all = append(all, m.APIKey)
	}
	var out []string
	for _, e := range c.Engines {
		all = append(all, e.Password, e.APIKey)
		if !e.Password.IsZero() {
			out = append(out, base64.StdEncoding.EncodeToString([]byte(e.User+":"+e.Password.Reveal())))
		}
	}
	for _, s := range all {
		if s.IsZero() {
			continue
		}
		text := s.Reveal()
		quoted := strconv.Quote(text)
		out = append(out, text, url.QueryEscape(text), quoted[1:len(quoted)-1])
		if b, err := json.Marshal(text); err == nil {
			out = append(out, string(b[1:len(b)-1]))
		}
	}
	return out
}

// shortest is the length from which a secret is looked for: hiding "a" would hide the log.
const shortest = 6

// hiding puts *** in the place of secrets. A record of slog comes in one Write, so no secret lies across two.
func hiding(w io.Writer, secrets []string) io.Writer {
	secrets = slices.DeleteFunc(secrets, func(s string) bool { return len(s) < shortest })
	if len(secrets) == 0 {
		return w
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // a secret within another one goes with it
	var pairs []string
	for _, s := range slices.Compact(secrets) {
		pairs = append(pairs, s, "***")
	}
	return hider{w, strings.NewReplacer(pairs...)}
}

type hider struct {
	w io.Writer
	r *strings.Replacer
}

// Write implements io.Writer.
func (h hider) Write(b []byte) (int, error) {
	if _, err := io.WriteString(h.w, h.r.Replace(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}
