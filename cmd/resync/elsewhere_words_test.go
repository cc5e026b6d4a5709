package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// rewording says the same in other words, as testdata/rewording.yaml has them.
type rewording struct {
	as       map[string]string
	known    map[string]string // lines said anew before
	lines    int               // of the output of failing runs
	reworded int
}

func loadRewording(t *testing.T) *rewording {
	t.Helper()
	raw, err := os.ReadFile("testdata/rewording.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Phrases, Words map[string]string }
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	r := &rewording{as: file.Phrases, known: map[string]string{}}
	for w, as := range file.Words {
		r.as[w] = as
	}
	return r
}

// world is the same world whose jobs write in other words. What the scheduler writes around their output stays. w is changed.
func (r *rewording) world(w *world.World) *world.World {
	bad := map[string]bool{}
	for i := range w.Jobs {
		for _, run := range w.Jobs[i].Runs {
			bad[run.ID] = ended(run.Status)
		}
	}
	for id, l := range w.Logs {
		l.Body = r.body(l.Body, bad[id])
		w.Logs[id] = l
	}
	return w
}

func ended(s twstools.Status) bool { return s.Internal == "ABEND" || s.Internal == "FAIL" }

func (r *rewording) body(text string, bad bool) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if own.MatchString(line) || !wordy.MatchString(line) {
			continue // the scheduler's own, or nothing that could be said in other words
		}
		as, ok := r.known[line]
		if !ok {
			as = r.line(line)
			r.known[line] = as
		}
		if lines[i] = as; bad {
			r.lines++
			if as != line {
				r.reworded++
			}
		}
	}
	return strings.Join(lines, "")
}

var (
	own = regexp.MustCompile(`^(AWSBIS30[78]I|={5,}|= )`)
	// wordy is a line in which something is said: there is a word beside what stays in any case.
	wordy = regexp.MustCompile(`(?:^|[\s\[("':])\pL{2,}(?:$|[\s\])"':,.;!])`)
	// bits are words and what stands between them. What is no bare word, such as a path, an id or a number, is one bit and stays.
	bits = regexp.MustCompile(`[^\s"'\[\](){}:,;=<>|!?]+|[\s"'\[\](){}:,;=<>|!?]+`)
	bare = regexp.MustCompile(`^\pL+\.*$`)
	// codes stay as they are said: the number of an error, or that a program ends with, is no wording.
	codes = regexp.MustCompile(`(?i)\bERROR \d+ \(\w{5}\)|\b(exit|return|status|code|errno|rc|signal|sqlcode|sqlstate|http/[\d.]+)\b\s*(code|status)?\s*[ =:]\s*-?\d+`)
)

// longest is how many words a phrase may have.
const longest = 8

func (r *rewording) line(line string) string {
	var b strings.Builder
	at := 0
	for _, c := range codes.FindAllStringIndex(line, -1) {
		b.WriteString(r.said(line[at:c[0]]) + line[c[0]:c[1]])
		at = c[1]
	}
	b.WriteString(r.said(line[at:]))
	return b.String()
}

func (r *rewording) said(text string) string {
	parts := bits.FindAllString(text, -1)
	var b strings.Builder
	for i := 0; i < len(parts); i++ {
		as, n := r.phrase(parts[i:])
		if n == 0 {
			as, n = parts[i], 1
		}
		b.WriteString(as)
		i += n - 1
	}
	return b.String()
}

// phrase gives what is said instead of the longest phrase that stands first, and of how many bits it is.
func (r *rewording) phrase(parts []string) (string, int) {
	var said strings.Builder
	as, n := "", 0
	for i := 0; i < len(parts) && i < 2*longest; i++ {
		if i%2 == 1 {
			if parts[i] != " " {
				break
			}
			said.WriteByte(' ')
			continue
		}
		if !bare.MatchString(parts[i]) && !strings.Contains(parts[i], "-") {
			break
		}
		word := strings.TrimRight(parts[i], ".")
		said.WriteString(strings.ToLower(word))
		if to, ok := r.as[said.String()]; ok {
			as, n = cased(to, parts[0])+parts[i][len(word):], i+1
		}
		if word != parts[i] {
			break
		}
	}
	return as, n
}

// cased writes a wording as the word was that it stands for.
func cased(to, like string) string {
	first, _, _ := strings.Cut(to, " ")
	switch {
	case strings.ToUpper(like) == like && len(like) > 1:
		return strings.ToUpper(to)
	case unicode.IsUpper([]rune(like)[0]):
		r := []rune(first)
		return string(unicode.ToUpper(r[0])) + string(r[1:]) + to[len(first):]
	}
	return to
}
