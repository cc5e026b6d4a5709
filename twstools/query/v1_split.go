package query

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// SplitV1 divides a condition into what V1 can be asked and what remains to be decided here: sayable can be printed by PrintV1 and lets through at least every row
// that x does; sayable and rest together are x. Either may be nil, which matches everything.
//
// What V1 says only roughly is asked roughly and remains in rest as well: a name that holds a wildcard, bounds finer than V1's seconds (and
// whether V1 counts a bound in is nowhere said), a workstation in a folder.
func SplitV1(x Expr, of Object) (sayable, rest Expr) {
	return split(normal(x, of), v1Printer{of: of})
}

func split(x Expr, p v1Printer) (sayable, rest Expr) {
	switch x := x.(type) {
	case nil:
		return nil, nil
	case And:
		var ask, keep []Expr
		for _, part := range x {
			s, r := split(part, p)
			ask, keep = append(ask, s), append(keep, r)
		}
		return joinAnd(ask), joinAnd(keep)
	case Or:
		return splitOr(x, p)
	}
	t, not, ok := leaf(x)
	if !ok {
		return nil, x
	}
	if wide, ok := widenV1(t, p); ok && !not {
		return wide, x
	}
	if _, err := p.node(x); err == nil {
		return x, nil
	}
	return nil, x
}

// splitOr can be asked only when each alternative can, at least roughly.
func splitOr(x Or, p v1Printer) (sayable, rest Expr) {
	if len(x) == 0 {
		return nil, x
	}
	others, clauses, err := p.either(x)
	if err != nil {
		others, clauses = x, nil
	}
	var ask []Expr
	if len(clauses) > 0 {
		ask = slices.DeleteFunc(slices.Clone(x), func(part Expr) bool {
			return slices.ContainsFunc(others, func(o Expr) bool { return sameLeaf(part, o) }) || !isTerm(part)
		})
	}
	exact := true
	for _, part := range others {
		s, r := split(part, p)
		if s == nil {
			return nil, x
		}
		ask = append(ask, s)
		exact = exact && r == nil
	}
	if sayable = joinOr(ask); exact {
		return sayable, nil
	}
	return sayable, x
}

func isTerm(x Expr) bool { _, ok := x.(Term); return ok }

// widenV1 gives a weaker condition that V1 can say; ok is false when there is no need or no way.
func widenV1(t Term, p v1Printer) (Expr, bool) {
	k, ok := v1KeyFor(p.of, t.Field)
	if !ok || len(t.Values) == 0 || len(t.Values) > maxAlternatives {
		return nil, false
	}
	switch k.kind {
	case v1Name, v1Path:
		if _, err := p.say(t); err == nil || t.Op != Eq && t.Op != In && t.Op != Like {
			return nil, false
		}
		var any []Expr
		for _, v := range t.Values {
			s, ok := v.(string)
			if !ok {
				return nil, false
			}
			if s = roughName(s, k.kind == v1Path, t.Op == Like); strings.Trim(s, "@") == "" {
				return nil, false
			}
			any = append(any, Matches(t.Field, s))
		}
		x := joinOr(any)
		_, err := p.node(x)
		return x, err == nil
	case v1Time:
		var any []Expr
		for _, v := range t.Values {
			at, ok := v.(time.Time)
			if !ok || at.Year() < 2 || at.Year() > 9998 {
				return nil, false
			}
			from, to := at.UTC().Truncate(time.Second), at.UTC().Truncate(time.Second).Add(time.Second)
			low := Term{Field: t.Field, Op: Ge, Values: []Value{from}}
			high := Term{Field: t.Field, Op: Le, Values: []Value{to}}
			switch {
			case k.ranged == "":
				return nil, false
			case t.Op == Ge || t.Op == Gt:
				any = append(any, low)
			case t.Op == Le || t.Op == Lt:
				any = append(any, high)
			case from.Equal(at):
				return nil, false // whole seconds are said as they are
			default:
				any = append(any, And{low, high})
			}
		}
		return joinOr(any), true
	}
	return nil, false
}

// roughName puts @ where V1 cannot say a character, and drops a workstation's folder.
func roughName(s string, path, pattern bool) string {
	var b strings.Builder
	escaped := false
	for _, c := range s {
		switch {
		case escaped:
			escaped = false
		case c == '\\' && pattern:
			b.WriteByte('@')
			escaped = true
		case c == '@' || c == '?' || c == '*' || c == utf8.RuneError:
			b.WriteByte('@')
		default:
			b.WriteRune(c)
		}
	}
	out := b.String()
	if path {
		if out = strings.TrimPrefix(out, "/"); strings.Contains(out, "/") {
			out = "@" + out[strings.LastIndexByte(out, '/')+1:]
		}
	}
	for strings.Contains(out, "@@") {
		out = strings.ReplaceAll(out, "@@", "@")
	}
	return out
}
