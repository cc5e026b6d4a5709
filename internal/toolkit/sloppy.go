package toolkit

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/resync-hwa/resync/internal/edits"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/fold"
)

// Models fill in forms sloppily. What is plain in meaning is accepted here and nowhere else; what could mean two things is an error that names the
// nearest thing that exists.

// wrappers are members in which models wrap all arguments. No tool may have an argument of such a name, so that what is wrapped is always told apart.
var wrappers = []string{"arguments", "args", "input", "params", "parameters", "kwargs"}

// unwrap gives the arguments out of a wrapping that holds nothing else.
func unwrap(members map[string]any) map[string]any {
	if len(members) != 1 {
		return members
	}
	for name, v := range members {
		if !slices.Contains(wrappers, name) {
			continue
		}
		if text, ok := v.(string); ok {
			v, _ = parse([]byte(text))
		}
		if inner, ok := v.(map[string]any); ok {
			return inner
		}
		if v == nil {
			return nil
		}
	}
	return members
}

// absentWord reports whether a text says that there is no value. Where free text is asked for only "" does: there may be a job called NULL.
func absentWord(text string) bool {
	switch strings.ToLower(text) {
	case "", "null", "none", "nil", "undefined":
		return true
	}
	return false
}

// plain is a word without what people and programs write differently: case, accents, and what separates its parts.
func plain(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, fold.Text(word))
}

// Nearest gives the known word that somebody most likely meant by another; "" when none is near.
func Nearest(word string, known []string) string {
	w := plain(word)
	if w == "" {
		return ""
	}
	best, within, least := "", 0, len(w)/3+1
	for _, k := range known {
		p := plain(k)
		if p == w {
			return k
		}
		if short := min(len(p), len(w)); short >= 3 && short > within && (parts(w, p) || parts(p, w)) {
			best, within = k, short
			continue
		}
		if within == 0 {
			if d := edits.Distance(w, p); d < least {
				best, least = k, d
			}
		}
	}
	return best
}

// parts reports whether a word begins or ends with another.
func parts(word, part string) bool {
	return strings.HasPrefix(word, part) || strings.HasSuffix(word, part)
}

// unknownArgument refuses a name, with the one that was meant where one is near.
func unknownArgument(name string, valid []string) error {
	if len(valid) == 0 {
		return fault.New(fault.Invalid, "There is no argument %q.", name).WithHint("This tool takes no arguments.")
	}
	hint := "Valid arguments: " + strings.Join(valid, ", ") + "."
	candidates := valid
	if near := Nearest(name, valid); near != "" {
		hint, candidates = "Did you mean "+near+"? "+hint, []string{near}
	}
	return fault.New(fault.Invalid, "There is no argument %q.", name).WithHint("%s", hint).WithCandidates(candidates...)
}

// truth reads a boolean in the words and figures that people and models write, in English and Portuguese.
func truth(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case json.Number:
		return v == "1", v == "1" || v == "0"
	case string:
		switch fold.Text(strings.TrimSpace(v)) {
		case "true", "t", "yes", "y", "on", "1", "sim", "s", "verdadeiro":
			return true, true
		case "false", "f", "no", "n", "off", "0", "nao", "falso":
			return false, true
		}
	}
	return false, false
}

// languages are names of languages beside their codes; a code may also have a region.
var languages = map[string]string{"english": "en", "ingles": "en", "eng": "en", "portuguese": "pt", "portugues": "pt", "brazilianportuguese": "pt", "por": "pt"}

// enumWord gives the listed value that a word plainly means: whatever its case, accents and separators, and for a language its name or a code with a region.
func enumWord(word string, listed []string) (string, bool) {
	if slices.Contains(listed, word) {
		return word, true
	}
	p := plain(word)
	code, region, _ := strings.Cut(strings.ReplaceAll(fold.Text(strings.TrimSpace(word)), "_", "-"), "-")
	for _, e := range listed {
		switch {
		case plain(e) == p, languages[p] == e:
			return e, true
		case len(e) == 2 && e == code && len(region) >= 2 && len(region) <= 4: // pt-BR, en_US
			return e, true
		}
	}
	return "", false
}

// items cuts a text that stands where a list is asked for: "ABEND, FAIL" is two words. A text with spaces within its parts is one item, as
// it may be a sentence.
func items(text string) []any {
	parts := strings.Split(text, ",")
	out := make([]any, 0, len(parts))
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if strings.ContainsFunc(part, unicode.IsSpace) {
			return []any{text}
		}
		if part != "" {
			out = append(out, part)
		}
	}
	return out
}
