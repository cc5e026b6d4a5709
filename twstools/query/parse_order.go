package query

import (
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// order reads what comes after the word ORDER.
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
		if p.typed {
			if err := checkOrder(f.text, p.of, true); err != nil {
				return nil, at(fault.Public(err), f)
			}
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
