package query

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// instantLayout is how OQL writes an instant.
const instantLayout = "2006-01-02T15:04:05.000Z"

// Print writes the query as OQL. Whatever a value holds, it stays inside its quotes: quotes are doubled, and a field that is not a
// plain dotted name is refused, so no text can add a term. Not over a Term becomes the negated operator: on a field with one value that is the same; on
// one with several it asks for more rows than x matches, never for fewer (some run is not X, for: no run is X). Not over a group, an Or that
// matches nothing and values of foreign types are fault.Invalid. A query that matches everything prints as "".
func Print(q Query) (string, error) {
	var b strings.Builder
	x, err := simplify(q.Where)
	if err != nil {
		return "", err
	}
	if x != nil {
		if err := printExpr(&b, x, false); err != nil {
			return "", err
		}
	}
	for i, o := range q.Order {
		if !isField(o.Field) || isKeyword(o.Field) {
			return "", badField(o.Field)
		}
		switch {
		case i > 0:
			b.WriteString(", ")
		case b.Len() > 0:
			b.WriteString(" ORDER BY ")
		default:
			b.WriteString("ORDER BY ")
		}
		b.WriteString(o.Field)
		if o.Desc {
			b.WriteString(" DESC")
		} else {
			b.WriteString(" ASC")
		}
	}
	return b.String(), nil
}

// simplify drops parts that match everything and single-part groups; nil means that everything matches.
func simplify(x Expr) (Expr, error) {
	switch x := x.(type) {
	case nil:
		return nil, nil
	case Term:
		return x, nil
	case Not:
		t, ok := x.X.(Term)
		if !ok {
			return nil, fault.New(fault.Invalid, "The engine's filter language cannot negate a group of conditions.")
		}
		return negate(t)
	case And:
		var out []Expr
		for _, p := range x {
			s, err := simplify(p)
			if err != nil {
				return nil, err
			}
			if s != nil {
				out = flattenAnd(out, s)
			}
		}
		switch len(out) {
		case 0:
			return nil, nil
		case 1:
			return out[0], nil
		}
		return And(out), nil
	case Or:
		return simplifyOr(x)
	}
	return nil, fault.New(fault.Invalid, "The filter holds a part of unknown kind.")
}

// negate says a term's opposite. What has no value is neither below nor above anything, so the opposite of a bound takes it in.
func negate(t Term) (Expr, error) {
	op, ok := opposite[t.Op]
	if !ok {
		return nil, badOp(t.Op)
	}
	t.Op = op
	switch op {
	case Lt, Le, Gt, Ge:
		return Or{t, Is(t.Field, nil)}, nil
	}
	return t, nil
}

func simplifyOr(x Or) (Expr, error) {
	var out []Expr
	all := false
	for _, p := range x {
		s, err := simplify(p)
		if err != nil {
			return nil, err
		}
		if s == nil {
			all = true
			continue
		}
		out = flattenOr(out, s)
	}
	switch {
	case all:
		return nil, nil
	case len(out) == 0:
		return nil, fault.New(fault.Invalid, "The filter can match nothing, so there is nothing to ask the engine.")
	case len(out) == 1:
		return out[0], nil
	}
	return Or(out), nil
}

// opposite pairs each operator with its opposite.
var opposite = map[Op]Op{Eq: Ne, Ne: Eq, Le: Gt, Gt: Le, Ge: Lt, Lt: Ge, In: NotIn, NotIn: In, Like: NotLike, NotLike: Like}

func printExpr(b *strings.Builder, x Expr, inAnd bool) error {
	switch x := x.(type) {
	case Term:
		return printTerm(b, x)
	case And:
		return printGroup(b, x, " AND ", true)
	case Or:
		if inAnd {
			b.WriteByte('(')
			defer b.WriteByte(')')
		}
		return printGroup(b, x, " OR ", false)
	}
	return fault.New(fault.Invalid, "The filter holds a part of unknown kind.")
}

func printGroup(b *strings.Builder, parts []Expr, joint string, and bool) error {
	for i, p := range parts {
		if i > 0 {
			b.WriteString(joint)
		}
		if err := printExpr(b, p, and); err != nil {
			return err
		}
	}
	return nil
}

func printTerm(b *strings.Builder, t Term) error {
	if !isField(t.Field) || isKeyword(t.Field) {
		return badField(t.Field)
	}
	if _, ok := opposite[t.Op]; !ok {
		return badOp(t.Op)
	}
	b.WriteString(t.Field + " " + string(t.Op) + " ")
	if t.Op != In && t.Op != NotIn {
		if len(t.Values) != 1 {
			return fault.New(fault.Invalid, "The condition on %q needs exactly one value.", t.Field)
		}
		if t.Values[0] == nil && t.Op != Eq && t.Op != Ne {
			return fault.New(fault.Invalid, "The condition on %q compares null with %s; null takes = and != alone.", t.Field, string(t.Op))
		}
		return printValue(b, t.Values[0], t.Field)
	}
	b.WriteByte('[')
	for i, v := range t.Values {
		if i > 0 {
			b.WriteString(", ")
		}
		if err := printValue(b, v, t.Field); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func printValue(b *strings.Builder, v Value, field string) error {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fault.New(fault.Invalid, "The condition on %q compares with a value that is no number.", field)
		}
		b.WriteString(strconv.FormatFloat(v, 'f', -1, 64))
	case time.Time:
		b.WriteString("'" + v.UTC().Format(instantLayout) + "'")
	case time.Duration:
		b.WriteString("'" + FormatDuration(v) + "'")
	case string:
		b.WriteString("'" + strings.ReplaceAll(v, "'", "''") + "'")
	default:
		return fault.New(fault.Invalid, "The condition on %q holds a value of unknown kind.", field)
	}
	return nil
}

func isIntegral(f float64) bool { return f == math.Trunc(f) }

func badField(f string) error {
	return fault.New(fault.Invalid, "%q cannot be the name of a field.", f)
}

func badOp(op Op) error {
	return fault.New(fault.Invalid, "%q is not an operator.", string(op))
}
