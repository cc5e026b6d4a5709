package query

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Spellings is one value that has several spellings of equal right, the preferred one first: a workstation is "/MDM" to the engine
// and "MDM" to the operator. A condition holds when it holds for any spelling, and its negation only when it holds for none.
type Spellings []string

// Eval reports whether row matches x; a nil x matches every row. A field with several values matches when any of them does, also
// for the negated operators; a Not around a Term is the true opposite. A known field without a value counts as null;
// a term over an unknown field matches nothing.
func Eval(x Expr, row Row) bool {
	switch x := x.(type) {
	case nil:
		return true
	case And:
		for _, p := range x {
			if !Eval(p, row) {
				return false
			}
		}
		return true
	case Or:
		for _, p := range x {
			if Eval(p, row) {
				return true
			}
		}
		return false
	case Not:
		return !Eval(x.X, row)
	case Term:
		return evalTerm(x, row)
	}
	return false
}

func evalTerm(t Term, row Row) bool {
	values, known := row.Values(t.Field)
	if !known {
		return false
	}
	if len(values) == 0 {
		return holds(t, nil)
	}
	for _, v := range values {
		if holds(t, v) {
			return true
		}
	}
	return false
}

// holds decides a term for one value.
func holds(t Term, v Value) bool {
	switch t.Op {
	case Ne, NotIn, NotLike:
		t.Op = opposite[t.Op]
		return !holds(t, v)
	}
	if s, ok := v.(Spellings); ok {
		for _, one := range s {
			if holds(t, one) {
				return true
			}
		}
		return false
	}
	for _, want := range t.Values {
		if meets(t.Op, v, want) {
			return true
		}
	}
	return false
}

func meets(op Op, v, want Value) bool {
	if op == Like {
		pattern, ok := want.(string)
		return ok && v != nil && Match(pattern, text(v))
	}
	if v == nil || want == nil {
		return (op == Eq || op == In) && v == nil && want == nil
	}
	c, ok := compare(v, want)
	if !ok {
		return false
	}
	switch op {
	case Eq, In:
		return c == 0
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	case Gt:
		return c > 0
	case Ge:
		return c >= 0
	}
	return false
}

// compare orders two values; a string meets a value of another type by being read as one. ok is false when they cannot meet.
func compare(a, b Value) (c int, ok bool) {
	a, b = widen(a), widen(b)
	if s, is := a.(string); is {
		if _, both := b.(string); !both {
			if a, ok = readAs(s, b); !ok {
				return 0, false
			}
		}
	} else if s, is := b.(string); is {
		if b, ok = readAs(s, a); !ok {
			return 0, false
		}
	}
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		return strings.Compare(x, y), ok
	case bool:
		y, ok := b.(bool)
		return boolRank(x) - boolRank(y), ok
	case time.Time:
		y, ok := b.(time.Time)
		return x.Compare(y), ok
	case time.Duration:
		y, ok := b.(time.Duration)
		return cmp.Compare(x, y), ok
	case int64:
		switch y := b.(type) {
		case int64:
			return cmp.Compare(x, y), true
		case float64:
			return cmp.Compare(float64(x), y), true
		}
	case float64:
		switch y := b.(type) {
		case int64:
			return cmp.Compare(x, float64(y)), true
		case float64:
			return cmp.Compare(x, y), true
		}
	}
	return 0, false
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// widen brings a caller's int to the one integer type.
func widen(v Value) Value {
	if n, ok := v.(int); ok {
		return int64(n)
	}
	return v
}

// readAs reads s as a value of the type of like.
func readAs(s string, like Value) (Value, bool) {
	switch like.(type) {
	case int64, float64:
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n, true
		}
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil
	case bool:
		switch s {
		case "true", "false":
			return s == "true", true
		}
	case time.Time:
		t, err := time.Parse(time.RFC3339Nano, s)
		return t.UTC(), err == nil
	case time.Duration:
		return ParseDuration(s)
	}
	return nil, false
}

// text is how a value reads to LIKE.
func text(v Value) string {
	switch v := widen(v).(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		return v.UTC().Format(instantLayout)
	case time.Duration:
		return FormatDuration(v)
	}
	return ""
}

// Match reports whether s fits a pattern with the scheduler's wildcards: @ stands for any run of characters, ? for exactly one, and a
// backslash takes the next character as it is. Case counts. It takes time linear in s for each @.
func Match(pattern, s string) bool {
	p, r := []rune(pattern), []rune(s)
	i, j, star, mark := 0, 0, -1, 0
	for j < len(r) {
		switch {
		case i < len(p) && p[i] == '@':
			star, mark = i, j
			i++
		case i < len(p) && p[i] == '?':
			i, j = i+1, j+1
		case i+1 < len(p) && p[i] == '\\' && p[i+1] == r[j]:
			i, j = i+2, j+1
		case i < len(p) && p[i] != '\\' && p[i] == r[j]:
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '@' {
		i++
	}
	return i == len(p)
}

// Literal escapes s for use inside a pattern, so that it matches only itself.
func Literal(s string) string {
	return strings.NewReplacer(`\`, `\\`, `@`, `\@`, `?`, `\?`).Replace(s)
}

// Fields lists the fields that x names, each once, in order of appearance.
func Fields(x Expr) []string {
	var out []string
	var walk func(Expr)
	walk = func(x Expr) {
		switch x := x.(type) {
		case And:
			for _, p := range x {
				walk(p)
			}
		case Or:
			for _, p := range x {
				walk(p)
			}
		case Not:
			walk(x.X)
		case Term:
			if !slices.Contains(out, x.Field) {
				out = append(out, x.Field)
			}
		}
	}
	walk(x)
	return out
}
