package query

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
)

// special are the characters that mean something in a selection and are written behind a backslash to stand for themselves. Before any other character
// a backslash is itself, so that DOMAIN\user needs no care.
const special = `@?\#./()+~;,!=":`

// unescapedAt gives the places of text, outside escapes and double quotes, that is picks; depth counts open parentheses.
func unescapedAt(text string, is func(i, depth int) bool) []int {
	var out []int
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && strings.IndexByte(special, text[i+1]) >= 0:
			i++
			continue
		case c == '"':
			quoted = !quoted
		case quoted:
			continue
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		}
		at := depth
		if text[i] == '(' {
			at--
		}
		if is(i, at) {
			out = append(out, i)
		}
	}
	return out
}

// cutAt is the place of the first unescaped character of set outside parentheses, -1 when there is none.
func cutAt(text, set string) int {
	at := unescapedAt(text, func(i, depth int) bool { return depth == 0 && strings.IndexByte(set, text[i]) >= 0 })
	if len(at) == 0 {
		return -1
	}
	return at[0]
}

// splitList cuts at unescaped commas.
func splitList(text string) []string {
	var out []string
	from := 0
	for _, i := range unescapedAt(text, func(i, depth int) bool { return depth == 0 && text[i] == ',' }) {
		out = append(out, text[from:i])
		from = i + 1
	}
	return append(out, text[from:])
}

// patternOf turns a name as a selection writes it into a pattern of Match.
func patternOf(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '\\' {
			if i+1 < len(name) && strings.IndexByte(special, name[i+1]) >= 0 {
				i++
			}
			b.WriteString(Literal(name[i : i+1]))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// spoken compares a field with a pattern, or with the text itself where it has no wildcard.
func spoken(field, pattern string) Term {
	if s, literal := unescape(pattern); literal {
		return Is(field, s)
	}
	return Matches(field, pattern)
}

// named reads a name; characters that separate the parts of a selection have no place in it unless escaped.
func named(field, name string) (Term, error) {
	name = strings.TrimSpace(name)
	if err := checkName(name, ""); err != nil {
		return Term{}, err
	}
	return spoken(field, patternOf(name)), nil
}

func checkName(name, allowed string) error {
	bad := unescapedAt(name, func(i, _ int) bool {
		return strings.IndexByte(`#./()+~;,!="`, name[i]) >= 0 && strings.IndexByte(allowed, name[i]) < 0
	})
	if name == "" || len(bad) > 0 {
		return fault.New(fault.Invalid, "%q is no name.", clipText(name, 60)).WithHint("A name takes @ and ? as wildcards; other signs stand behind a backslash.")
	}
	return nil
}

// valued reads a qualifier's value: a text with wildcards, as it is inside double quotes.
func valued(field, value string) (Term, error) {
	if inner, ok := strings.CutPrefix(value, `"`); ok {
		inner, ok = strings.CutSuffix(inner, `"`)
		if !ok || strings.Contains(inner, `"`) {
			return Term{}, fault.New(fault.Invalid, "A double quote is opened and never closed in %q.", clipText(value, 60))
		}
		return Is(field, inner), nil
	}
	return spoken(field, patternOf(value)), nil
}

// escaped writes a text so that it reads back as itself; ok is false for one that a selection cannot hold.
func escaped(s string) (string, bool) {
	if s == "" || !utf8.ValidString(s) || strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl) {
		return "", false
	}
	var b strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf && strings.IndexByte(special, byte(r)) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String(), true
}

// escapedPattern writes a pattern of Match.
func escapedPattern(pattern string) (string, bool) {
	var b, plain strings.Builder
	flush := func() bool {
		if plain.Len() == 0 {
			return true
		}
		s, ok := escaped("x" + plain.String() + "x") // blanks at an end are judged for the whole below
		b.WriteString(strings.TrimSuffix(strings.TrimPrefix(s, "x"), "x"))
		plain.Reset()
		return ok
	}
	literal := false
	for _, r := range pattern {
		switch {
		case literal:
			plain.WriteRune(r)
			literal = false
		case r == '\\':
			literal = true
		case r == '@' || r == '?':
			if !flush() {
				return "", false
			}
			b.WriteRune(r)
		default:
			plain.WriteRune(r)
		}
	}
	if literal || !flush() {
		return "", false
	}
	out := b.String()
	return out, out != "" && utf8.ValidString(pattern) && strings.TrimSpace(out) == out
}

// selectionTime is how conman writes an instant, to the minute.
const selectionTime = "1504 01/02/06"

// instant reads hhmm with a date, and behind it perhaps a zone: `0200 03/17/26 tz America/Sao_Paulo`. Without a date it is one of the reader's day,
// `+n days` later.
func (s selector) instant(text string) (time.Time, error) {
	bad := fault.New(fault.Invalid, "%q is no time like 0200 03/17/26.", clipText(text, 60))
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(text, "+", " +")))
	loc := s.loc
	if n := len(words); n >= 2 && (words[n-2] == "tz" || words[n-2] == "timezone") {
		given := strings.Fields(text)
		zone, err := time.LoadLocation(given[len(given)-1])
		if err != nil {
			return time.Time{}, bad.WithHint("The time zone %q is not known.", clipText(given[len(given)-1], 40))
		}
		loc, words = zone, words[:n-2]
	}
	if len(words) == 0 {
		return time.Time{}, bad
	}
	hour, err := time.Parse("1504", words[0])
	if err != nil {
		return time.Time{}, bad
	}
	today := s.now.In(loc)
	days, rest := 0, words[1:]
	if len(rest) == 2 && (rest[1] == "day" || rest[1] == "days") {
		n, ok := bare(strings.TrimPrefix(rest[0], "+"))
		count, isInt := n.(int64)
		if !ok || !isInt || count < 0 || count > 366 || rest[0][0] != '+' {
			return time.Time{}, bad
		}
		days, rest = int(count), nil
	}
	switch {
	case len(rest) == 0 && !s.now.IsZero():
	case len(rest) == 0:
		return time.Time{}, bad.WithHint("A date like 03/17/26 is needed here.")
	case len(rest) == 1:
		if today, err = s.date(rest[0], loc); err != nil {
			return time.Time{}, bad
		}
	default:
		return time.Time{}, bad
	}
	return time.Date(today.Year(), today.Month(), today.Day()+days, hour.Hour(), hour.Minute(), 0, 0, loc).UTC(), nil
}

func (s selector) date(text string, loc *time.Location) (time.Time, error) {
	for _, layout := range []string{"01/02/06", "01/02/2006"} {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t, nil
		}
	}
	t, err := time.ParseInLocation("01/02", text, loc)
	if err != nil || s.now.IsZero() {
		return time.Time{}, fault.New(fault.Invalid, "%q is no date.", clipText(text, 20))
	}
	return t.AddDate(s.now.In(loc).Year(), 0, 0), nil
}

// writtenTime writes an instant as conman does; ok is false when it does not read back as the same: seconds, other centuries, the hour that clocks
// pass twice.
func writtenTime(t time.Time, loc *time.Location) (string, bool) {
	out := t.In(loc).Format(selectionTime)
	back, err := selector{loc: loc}.instant(out)
	return out, err == nil && back.Equal(t)
}
