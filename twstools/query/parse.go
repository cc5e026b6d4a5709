package query

import (
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// maxDepth bounds nested parentheses, so that no text can exhaust the stack.
const maxDepth = 100

// ParseOQL reads an OQL text. An empty text is the query that matches everything. Keywords are accepted in
// any case, fields and values are case-sensitive as the engine's are. Errors are fault.Invalid and name the
// offending token and its position, counted from 1. Field names are not checked here: who knows the object's fields does.
func ParseOQL(text string) (Query, error) {
	tokens, err := lex(text)
	if err != nil {
		return Query{}, err
	}
	p := &parser{tokens: tokens}
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
	op, err := p.operator()
	if err != nil {
		return nil, err
	}
	t := Term{Field: field.text, Op: op}
	if op == In || op == NotIn {
		t.Values, err = p.list()
		return t, err
	}
	at := p.peek()
	v, err := p.value(op)
	if err != nil {
		return nil, err
	}
	if _, isText := v.(string); !isText && (op == Like || op == NotLike) {
		return nil, badToken("LIKE takes a pattern in quotes", at)
	}
	t.Values = []Value{v}
	return t, nil
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

func (p *parser) list() ([]Value, error) {
	if !p.symbol("[") {
		return nil, badToken("A list in [ ] is expected here", p.peek())
	}
	out := []Value{}
	for !p.symbol("]") {
		if len(out) > 0 && !p.symbol(",") {
			return nil, badToken("A comma or ] is expected here", p.peek())
		}
		v, err := p.value(In)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (p *parser) value(op Op) (Value, error) {
	t := p.next()
	switch t.kind {
	case tokString:
		if op == Like || op == NotLike {
			return t.text, nil
		}
		return typed(t.text), nil
	case tokWord:
		if v, ok := bare(t.text); ok {
			return v, nil
		}
	}
	return nil, badToken("A value is expected here (text goes in single quotes)", t)
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

func (p *parser) order() ([]Order, error) {
	p.next() // ORDER
	if t := p.next(); !t.is("BY") {
		return nil, badToken("BY is expected after ORDER", t)
	}
	var out []Order
	for {
		f := p.next()
		if f.kind != tokWord || !isField(f.text) || isKeyword(f.text) {
			return nil, badToken("The name of a field is expected here", f)
		}
		o := Order{Field: f.text}
		switch t := p.peek(); {
		case t.is("DESC"):
			o.Desc = true
			p.next()
		case t.is("ASC"):
			p.next()
		}
		out = append(out, o)
		if !p.symbol(",") {
			return out, nil
		}
	}
}

// isField reports whether s may be the name of a field: letters, digits and _ in parts joined by single dots.
func isField(s string) bool {
	if s == "" {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || part[0] >= '0' && part[0] <= '9' {
			return false
		}
		for i := range len(part) {
			if c := part[i]; !isWordByte(c) || strings.IndexByte("-:+", c) >= 0 {
				return false
			}
		}
	}
	return true
}

// isKeyword keeps OQL's own words from being taken for fields, which would turn a mistake into another question.
func isKeyword(s string) bool {
	switch strings.ToUpper(s) {
	case "AND", "OR", "NOT", "IN", "LIKE", "ORDER", "BY", "ASC", "DESC", "TRUE", "FALSE", "NULL":
		return true
	}
	return false
}

// CheckFields returns fault.Invalid when the query names a field that is not among valid; the hint lists them.
func CheckFields(q Query, valid []string) error {
	known := make(map[string]bool, len(valid))
	for _, f := range valid {
		known[f] = true
	}
	used := Fields(q.Where)
	for _, o := range q.Order {
		used = append(used, o.Field)
	}
	for _, f := range used {
		if !known[f] {
			return fault.New(fault.Invalid, "The field %q is not one that can be filtered by.", f).
				WithHint("Valid fields: %s.", strings.Join(valid, ", "))
		}
	}
	return nil
}
