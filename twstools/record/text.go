package record

import (
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
)

// span is a part of a line that has been decided about.
type span struct {
	from, to int
	with     string
}

// messageID is an identifier that some product gives its messages: ORA-28001, AWSBIS307I, SQL0911N, ANR2578W.
var messageID = regexp.MustCompile(`\b[A-Z][A-Z0-9]{1,9}-?\d{3,6}[A-Z]?\b`)

// text rewrites free text line by line: secrets are masked, then the policy's patterns, the detectors and the known names are replaced, the
// longest first, then single words of known names. Messages, statuses, codes and prose stay.
func (r *Redactor) text(s string) string {
	if s == "" {
		return s
	}
	lines := strings.SplitAfter(s, "\n")
	for i, l := range lines {
		if len(l) <= maxLine {
			lines[i] = r.line(l)
			continue
		}
		var b strings.Builder
		for l != "" {
			n := cutAt(l)
			b.WriteString(r.line(l[:n]))
			l = l[n:]
		}
		lines[i] = b.String()
	}
	return strings.Join(lines, "")
}

// maxLine is how much is rewritten at once: what is found is held against all that was found before, so the work grows with the square.
const maxLine = 8 << 10

// cutAt is where a long line is cut: behind a space where there is one.
func cutAt(l string) int {
	if len(l) <= maxLine {
		return len(l)
	}
	if n := strings.LastIndexAny(l[:maxLine], " \t"); n > 0 {
		return n + 1
	}
	return maxLine
}

func (r *Redactor) line(s string) string {
	s = r.redated(maskSecrets(s))
	var spans []span
	for _, x := range r.extra {
		group := min(1, x.re.NumSubexp())
		for _, at := range x.re.FindAllStringSubmatchIndex(s, -1) {
			from, to := at[2*group], at[2*group+1]
			if from >= 0 && free(spans, from, to) {
				spans = append(spans, span{from, to, r.note(x.kind, r.pattern(x.kind, s[from:to]))})
			}
		}
	}
	for _, d := range detectors {
		if d.hint != "" && !strings.ContainsAny(s, d.hint) {
			continue
		}
		for _, at := range d.re.FindAllStringSubmatchIndex(s, -1) {
			from, to := at[2*d.group], at[2*d.group+1]
			to = trimEnd(s, from, to)
			if from < 0 || from >= to || !free(spans, from, to) || !whole(s, from, to) {
				continue
			}
			if with, ok := d.replace(r, s[from:to]); ok {
				spans = append(spans, span{from, to, with})
			}
		}
	}
	spans = r.knownNames(s, spans)
	for _, at := range messageID.FindAllStringIndex(s, -1) {
		if free(spans, at[0], at[1]) {
			spans = append(spans, span{at[0], at[1], s[at[0]:at[1]]})
		}
	}
	for _, run := range letterRuns(s) {
		w := s[run[0]:run[1]]
		if r.words[upper(w)] && !r.ordinary(w) && free(spans, run[0], run[1]) {
			spans = append(spans, span{run[0], run[1], r.note("word", r.pseudonym(w))})
		}
	}
	return apply(s, spans)
}

// ordinary reports whether a word belongs to messages and prose. An ending is allowed on a word of some length: "violat" keeps "violates".
func (r *Redactor) ordinary(w string) bool {
	w = lower(w)
	if r.lists.text[w] {
		return true
	}
	for n := len(w) - 1; n >= 5 && n >= len(w)-3; n-- {
		if r.lists.text[w[:n]] {
			return true
		}
	}
	return false
}

// knownNames finds whole names. One that is an ordinary word too is only taken as it was written in the plan, in capitals; one of two
// characters likewise; one of a single character never.
func (r *Redactor) knownNames(s string, spans []span) []span {
	lowered := lower(s)
	for i := 0; i < len(s); i++ {
		if !boundary(s, i) {
			continue
		}
		n := r.names.longest(lowered, i)
		if n == 0 {
			continue
		}
		name := s[i : i+n]
		switch {
		case n == 1, (n == 2 || r.ordinary(name)) && name != upper(name), !free(spans, i, i+n):
			continue
		}
		var with string
		if strings.ContainsAny(name, `/\`) {
			with = r.path(name)
		} else {
			with = r.rename(name, nil)
		}
		if with != name {
			r.note("name", with)
		}
		spans = append(spans, span{i, i + n, with})
		i += n - 1
	}
	return spans
}

// pattern replaces what a policy's pattern found, letter by letter and digit by digit.
func (r *Redactor) pattern(kind, s string) string {
	s = r.rename(s, nil)
	if d := digitsOnly(s); d != "" {
		return r.redigitPlain(kind, s, r.perm.word(kind, digitsSet, d, nil))
	}
	return s
}

func (r *Redactor) redigitPlain(_, s, digits string) string {
	out, at := []byte(s), 0
	for i := range out {
		if isDigit(out[i]) {
			out[i] = digits[at]
			at++
		}
	}
	return string(out)
}

// whole reports whether a find is not the middle of a longer number or word.
func whole(s string, from, to int) bool {
	if from > 0 {
		a, b := s[from-1], s[from]
		if isDigit(b) && (isDigit(a) || a == '.' && from > 1 && isDigit(s[from-2])) || b == ':' && (isDigit(a) || isLetter(a)) {
			return false
		}
	}
	if to < len(s) {
		a, b := s[to-1], s[to]
		if isDigit(a) && (isDigit(b) || b == '.' && to+1 < len(s) && isDigit(s[to+1])) {
			return false
		}
	}
	return true
}

// trimEnd gives back what ends a sentence and not a thing.
func trimEnd(s string, from, to int) int {
	for to > from && strings.IndexByte(".,;:!?", s[to-1]) >= 0 {
		to--
	}
	return to
}

func free(spans []span, from, to int) bool {
	for _, x := range spans {
		if from < x.to && x.from < to {
			return false
		}
	}
	return true
}

func apply(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for _, x := range spans {
		b.WriteString(s[at:x.from])
		b.WriteString(x.with)
		at = x.to
	}
	b.WriteString(s[at:])
	return b.String()
}

// furtherSecrets are shapes that only keys have; package untrusted knows those that a word gives away.
var furtherSecrets = regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{30,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[A-Za-z0-9_-]{30,}|\bsk-[A-Za-z0-9_-]{20,}|\bglpat-[A-Za-z0-9_-]{18,}`)

func maskSecrets(s string) string {
	return furtherSecrets.ReplaceAllString(untrusted.Mask(s), "***")
}

// holdsSecret reports whether a text still holds what looks like a secret.
func holdsSecret(s string) bool { return maskSecrets(s) != s }

// Text rewrites a text that stands outside of the plan by the same rules: an operator's question, for example.
func (r *Redactor) Text(s string) string { return r.text(strings.ToValidUTF8(s, "\uFFFD")) }
