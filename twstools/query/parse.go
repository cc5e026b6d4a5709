package query

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// maxDepth bounds nested parentheses, so that no text can exhaust the stack.
const maxDepth = 100

// ParseOQL reads an OQL text. An empty text is the query that matches everything. Keywords are accepted in
// any case, fields and values are case-sensitive as the engine's are. Errors are fault.Invalid and name the
// offending token and its position, counted from 1. Field names are not checked here: ParseOQLOf does that.
func ParseOQL(text string) (Query, error) { return parse(text, &parser{}) }

// ParseOQLOf reads an OQL text about one kind of object as its engine does: fields must be those that the engine's language has for it, operators
// and values must fit their types, and quoted values become what the field holds, so that a job called PT5M stays a name. Errors are
// fault.Invalid with the position; for an unknown field the hint lists the valid ones, the nearest first.
func ParseOQLOf(text string, of Object) (Query, error) {
	return parse(text, &parser{of: of, typed: true})
}

func parse(text string, p *parser) (Query, error) {
	var err error
	if p.tokens, err = lex(text); err != nil {
		return Query{}, err
	}
	var q Query
	if !p.peek().is("ORDER") && p.peek().kind != tokEnd {
		if q.Where, err = p.or(0); err != nil {
			return Query{}, err
		}
	}
	if p.peek().is("ORDER") {
		if q.Order, err = p.order(); err != nil {
			return Query{}, err
		}
	}
	if t := p.peek(); t.kind != tokEnd {
		return Query{}, badToken("AND, OR or ORDER BY is expected here", t)
	}
	return q, nil
}

type parser struct {
	tokens []token
	at     int
	typed  bool // hold fields, operators and values to those of the object
	of     Object
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *parser) symbol(s string) bool {
	if t := p.peek(); t.kind == tokSymbol && t.text == s {
		p.at++
		return true
	}
	return false
}

func (p *parser) or(depth int) (Expr, error) {
	first, err := p.and(depth)
	if err != nil {
		return nil, err
	}
	parts := flattenOr(nil, first)
	for p.peek().is("OR") {
		p.next()
		x, err := p.and(depth)
		if err != nil {
			return nil, err
		}
		parts = flattenOr(parts, x)
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return Or(parts), nil
}

func (p *parser) and(depth int) (Expr, error) {
	first, err := p.factor(depth)
	if err != nil {
		return nil, err
	}
	parts := flattenAnd(nil, first)
	for p.peek().is("AND") {
		p.next()
		x, err := p.factor(depth)
		if err != nil {
			return nil, err
		}
		parts = flattenAnd(parts, x)
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return And(parts), nil
}

func flattenOr(to []Expr, x Expr) []Expr {
	if o, ok := x.(Or); ok {
		return append(to, o...)
	}
	return append(to, x)
}

func flattenAnd(to []Expr, x Expr) []Expr {
	if a, ok := x.(And); ok {
		return append(to, a...)
	}
	return append(to, x)
}

func (p *parser) factor(depth int) (Expr, error) {
	open := p.peek()
	if !p.symbol("(") {
		return p.term()
	}
	if depth >= maxDepth {
		return nil, badToken("The parentheses are nested too deeply", open)
	}
	x, err := p.or(depth + 1)
	if err != nil {
		return nil, err
	}
	if !p.symbol(")") {
		return nil, badToken("A closing parenthesis is expected here", p.peek())
	}
	return x, nil
}

func (p *parser) term() (Expr, error) {
	field := p.next()
	if field.kind != tokWord || !isField(field.text) || isKeyword(field.text) {
		return nil, badToken("The name of a field is expected here", field)
	}
	known, err := p.field(field)
	if err != nil {
		return nil, err
	}
	sign := p.peek()
	op, err := p.operator()
	if err != nil {
		return nil, err
	}
	if known != nil {
		if what := known.refuses(op); what != "" {
			return nil, fault.New(fault.Invalid, "%s, at position %d.", what, sign.pos)
		}
	}
	t := Term{Field: field.text, Op: op}
	if op == In || op == NotIn {
		t.Values, err = p.list(known)
		return t, err
	}
	value := p.peek()
	v, err := p.value(op, known)
	if err != nil {
		return nil, err
	}
	if _, isText := v.(string); !isText && (op == Like || op == NotLike) {
		return nil, badToken("LIKE takes a pattern in quotes", value)
	}
	if v == nil && op != Eq && op != Ne {
		return nil, badToken("null is compared with = and != alone", value)
	}
	t.Values = []Value{v}
	return t, nil
}

// field finds the field that a token names; nil where fields are not checked.
func (p *parser) field(t token) (*Field, error) {
	if !p.typed {
		return nil, nil
	}
	f, ok := FieldOf(p.of, t.text)
	if !ok || !f.OQL && hasOQL(p.of) {
		return nil, at(badFieldOf(t.text, p.of, true), t)
	}
	return &f, nil
}

// at adds the position to a message that ends in a full stop.
func at(err *fault.Error, t token) error {
	placed := *err
	placed.Message = fmt.Sprintf("%s At position %d.", err.Message, t.pos)
	return &placed
}

func (p *parser) operator() (Op, error) {
	t := p.next()
	if t.kind == tokSymbol {
		switch op := Op(t.text); op {
		case Eq, Ne, Le, Ge, Lt, Gt:
			return op, nil
		}
	}
	switch {
	case t.is("IN"):
		return In, nil
	case t.is("LIKE"):
		return Like, nil
	case t.is("NOT") && p.peek().is("IN"):
		p.next()
		return NotIn, nil
	case t.is("NOT") && p.peek().is("LIKE"):
		p.next()
		return NotLike, nil
	}
	return "", badToken("One of = != <= >= < > IN, NOT IN, LIKE, NOT LIKE is expected here", t)
}

func (p *parser) list(known *Field) ([]Value, error) {
	if !p.symbol("[") {
		return nil, badToken("A list in [ ] is expected here", p.peek())
	}
	out := []Value{}
	for !p.symbol("]") {
		if len(out) > 0 && !p.symbol(",") {
			return nil, badToken("A comma or ] is expected here", p.peek())
		}
		v, err := p.value(In, known)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (p *parser) value(op Op, known *Field) (Value, error) {
	t := p.next()
	var v Value
	ok := false
	switch {
	case t.kind == tokString && (op == Like || op == NotLike || known != nil):
		v, ok = t.text, true
	case t.kind == tokString:
		v, ok = typed(t.text), true
	case t.kind == tokWord:
		v, ok = bare(t.text)
	}
	if !ok {
		return nil, badToken("A value is expected here (text goes in single quotes)", t)
	}
	if known == nil {
		return v, nil
	}
	v, ok = known.take(op, v)
	if !ok {
		return nil, fault.New(fault.Invalid, "%s, not with %s at position %d.", known.wants(op), clipText(t.shown(), 60), t.pos)
	}
	return v, nil
}

// typed gives a quoted text its type when it is exactly what Print writes for an instant or a duration. Every other text
// stays what it is: a job may well be called PT300S.
func typed(s string) Value {
	if t, err := time.Parse(instantLayout, s); err == nil && t.Format(instantLayout) == s {
		return t.UTC()
	}
	if d, ok := ParseDuration(s); ok && FormatDuration(d) == s {
		return d
	}
	return s
}

// bare reads an unquoted constant.
func bare(s string) (Value, bool) {
	switch strings.ToLower(s) {
	case "true":
		return true, true
	case "false":
		return false, true
	case "null":
		return nil, true
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil && t.UTC().Year() > 0 && t.UTC().Year() < 10000 {
		return t.UTC().Truncate(time.Millisecond), true
	}
	if d, ok := ParseDuration(s); ok {
		return d, true
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || strings.Trim(s, "-0123456789.") != "":
		return nil, false
	case !isIntegral(f):
		return f, true
	case f > -1<<53 && f < 1<<53:
		return int64(f), true
	}
	return nil, false
}
