package query

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// v1Pair is one key of a filter object with its value.
type v1Pair struct {
	key   string
	value any
}

// maxAlternatives bounds how many filter objects one list of values may become.
const maxAlternatives = 200

// say gives the filter objects of which one must hold for the term, or refuses it.
func (p v1Printer) say(t Term) ([]v1Pair, error) {
	refused := unsayable(t, "V1")
	k, ok := v1KeyFor(p.of, t.Field)
	if !ok || len(t.Values) == 0 || len(t.Values) > maxAlternatives {
		return nil, refused
	}
	if k.kind == v1Words && (t.Op == Eq || t.Op == In) {
		words, ok := k.words(t.Values)
		if !ok {
			return nil, refused
		}
		return []v1Pair{{k.key, words}}, nil
	}
	var out []v1Pair
	for _, v := range t.Values {
		one, ok := k.value(t.Op, widen(v))
		if !ok {
			return nil, refused
		}
		out = append(out, one)
	}
	return out, nil
}

func v1KeyFor(of Object, field string) (v1Key, bool) {
	for _, k := range v1Filters[of] {
		if k.field == field && !k.heard {
			return k, true
		}
	}
	return v1Key{}, false
}

// words translates a list of words, each once.
func (k v1Key) words(values []Value) ([]any, bool) {
	var out []any
	seen := map[string]bool{}
	for _, v := range values {
		s, ok := v.(string)
		if !ok || k.to == nil {
			return nil, false
		}
		words := k.to(s)
		if len(words) == 0 {
			return nil, false
		}
		for _, w := range words {
			if !seen[w] {
				seen[w] = true
				out = append(out, w)
			}
		}
	}
	return out, true
}

// value writes one comparison as a key and its value.
func (k v1Key) value(op Op, v Value) (v1Pair, bool) {
	equal := op == Eq || op == In
	switch k.kind {
	case v1Name, v1Path:
		s, ok := v.(string)
		if !ok || !equal && op != Like {
			return v1Pair{}, false
		}
		s, ok = k.name(op, s)
		return v1Pair{k.key, s}, ok
	case v1Exact:
		s, ok := v.(string)
		return v1Pair{k.key, s}, ok && equal && s != "" && utf8.ValidString(s) && (k.to == nil || len(k.to(s)) == 1)
	case v1Truth:
		b, ok := v.(bool)
		return v1Pair{k.key, b}, ok && equal
	case v1Digits:
		n, ok := v.(int64)
		return v1Pair{k.key, strconv.FormatInt(n, 10)}, ok && equal
	case v1Number:
		n, ok := v.(int64)
		if !ok || n <= math.MinInt32 || n >= math.MaxInt32 {
			return v1Pair{}, false
		}
		switch op {
		case Gt:
			op, n = Ge, n+1
		case Lt:
			op, n = Le, n-1
		}
		return k.bound(op, n)
	case v1Time:
		t, ok := v.(time.Time)
		if !ok || !printable(t) {
			return v1Pair{}, false
		}
		return k.bound(op, t.UTC().Format(instantLayout))
	}
	return v1Pair{}, false
}

func (k v1Key) bound(op Op, v any) (v1Pair, bool) {
	switch {
	case op == Eq || op == In:
		return v1Pair{k.key, v}, true
	case k.ranged != "" && op == Ge:
		return v1Pair{k.ranged, map[string]any{"rangeStart": v}}, true
	case k.ranged != "" && op == Le:
		return v1Pair{k.ranged, map[string]any{"rangeEnd": v}}, true
	}
	return v1Pair{}, false
}

// printable reports whether an instant survives being written: years of four digits, whole milliseconds.
func printable(t time.Time) bool {
	t = t.UTC()
	return t.Year() > 0 && t.Year() < 10000 && t.Truncate(time.Millisecond).Equal(t)
}

// name writes a name or a pattern as V1 takes it. @ is the one wildcard that is sent; samples of users send *, and nothing says how a character is taken
// literally, so a name that holds one of these, and a pattern with ?, cannot be said.
func (k v1Key) name(op Op, s string) (string, bool) {
	special := "@?*"
	if op == Like {
		plain, literal := unescape(s)
		if literal {
			s = plain
		} else {
			special = `?*\`
		}
	}
	if k.kind == v1Path {
		s = strings.TrimPrefix(s, "/")
		special += "/"
	}
	return s, s != "" && utf8.ValidString(s) && !strings.ContainsAny(s, special)
}

// unescape undoes the backslashes of a pattern; literal is false when it holds a wildcard, or ends in a backslash and so matches nothing.
func unescape(pattern string) (s string, literal bool) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '@' || c == '?':
			return "", false
		case c == '\\':
			i++
			if i == len(pattern) {
				return "", false
			}
			b.WriteByte(pattern[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true
}
