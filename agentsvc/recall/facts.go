package recall

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// Digest is a hash.
type Digest [sha256.Size]byte

// Facts gives the digest of what the calls of a turn said, in any order: names, arguments, data and sources, without what moves with the clock alone.
// False when a call failed or came from a further MCP server: nothing is kept of such a turn.
//
// Left out are the envelope's clocks, durations, fields that are made from the present time, and instants of the last quarter of an hour. Prose
// about any of these is held against the fresh ledger like all prose, so a time that is no longer true does not survive.
func Facts(ledger conversations.Ledger) (Digest, bool) {
	sums := make([]Digest, 0, len(ledger))
	for _, c := range ledger {
		if _, foreign := toolkit.ForeignServer(c.Name); foreign || !c.OK() {
			return Digest{}, false
		}
		sum, ok := fact(c)
		if !ok {
			return Digest{}, false
		}
		sums = append(sums, sum)
	}
	slices.SortFunc(sums, func(a, b Digest) int { return bytes.Compare(a[:], b[:]) })
	sums = slices.Compact(sums) // the same call twice says nothing new
	h := sha256.New()
	for _, s := range sums {
		h.Write(s[:])
	}
	return Digest(h.Sum(nil)), len(sums) > 0
}

// fact is the digest of one call.
func fact(c conversations.Call) (Digest, bool) {
	env := c.Result.Envelope
	m := masker{}
	if now, err := time.Parse(time.RFC3339, env.Clocks.PlanNow); err == nil {
		m.now = now
	}
	var data any
	dec := json.NewDecoder(bytes.NewReader(env.Data))
	dec.UseNumber()
	if dec.Decode(&data) != nil {
		return Digest{}, false
	}
	// Maps are written in the order of their keys, so equal data are equal bytes.
	b, err := json.Marshal(struct {
		Name    string
		Args    map[string]any
		Engine  toolkit.Engine
		Data    any
		Sources []toolkit.Source
		State   [2]bool
	}{c.Name, c.Arguments(), env.Engine, m.value("", data), m.sources(env.Sources), [2]bool{env.Stale, env.Truncated}})
	if err != nil {
		return Digest{}, false
	}
	return sha256.Sum256(b), true
}

// lately is how far back instants move with the clock: what a tool looked at "just now".
const lately = 15 * time.Minute

var (
	stamp = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})`)
	// Durations as Go and as people write them.
	duration = regexp.MustCompile(`(?i)\b(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:ms|s|m|h)\b|\b\d+ h \d+ min\b|\b\d+ ?(?:s|min|minutes?|minutos?|h|hours?|horas?|days?|dias?)\b`)
)

// moving are fields that are made from the present time.
var moving = map[string]bool{"plan_now": true, "fetched_at": true, "mirrored_at": true, "predicted_end": true, "predicted_end_slow": true, "estimated_end": true,
	"elapsed_minutes": true, "elapsed_seconds": true, "slack_minutes": true, "wait_minutes": true, "minutes": true, "duration_ms": true, "now": true, "as_of": true}

// masker takes out what moves with the clock.
type masker struct{ now time.Time }

func (m masker) value(key string, v any) any {
	if moving[key] {
		return nil
	}
	switch v := v.(type) {
	case string:
		return m.text(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = m.value("", e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = m.value(k, e)
		}
		return out
	}
	return v
}

func (m masker) text(s string) string {
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	s = stamp.ReplaceAllStringFunc(s, func(at string) string {
		for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
			if t, err := time.Parse(form, at); err == nil && !m.now.IsZero() && !t.After(m.now) && m.now.Sub(t) < lately {
				return "just now"
			}
		}
		return at
	})
	return duration.ReplaceAllString(s, "so long")
}

// sources are masked in their fields alone: lines of logs and documents are what they are.
func (m masker) sources(in []toolkit.Source) []toolkit.Source {
	out := slices.Clone(in)
	for i := range out {
		fields := slices.Clone(out[i].Fields)
		for j, f := range fields {
			if moving[f.Name] {
				f.Value = ""
			}
			fields[j].Value = m.text(f.Value)
		}
		out[i].Fields = fields
	}
	return out
}
