package query

import "slices"

// normal gives an equal expression in which Not stands over single terms alone and groups hold no group of their own kind. Not over a group turns
// by De Morgan's rules. Over a field with one value a negated operator becomes Not over the plain one; over several values they differ
// (some run is not X; no run is X), and both stay as they are.
func normal(x Expr, of Object) Expr { return pushNot(x, of, false) }

func pushNot(x Expr, of Object, negated bool) Expr {
	switch x := x.(type) {
	case Not:
		return pushNot(x.X, of, !negated)
	case And:
		if negated {
			return joinOr(each(x, of, true))
		}
		return joinAnd(each(x, of, false))
	case Or:
		if negated {
			return joinAnd(each(x, of, true))
		}
		return joinOr(each(x, of, false))
	case Term:
		if f, known := FieldOf(of, x.Field); known && !f.Many && (x.Op == Ne || x.Op == NotIn || x.Op == NotLike) {
			x.Op, negated = opposite[x.Op], !negated
		}
		if negated {
			return Not{x}
		}
		return x
	}
	if negated {
		return Or{} // not everything is nothing
	}
	return nil
}

func each(parts []Expr, of Object, negated bool) []Expr {
	out := make([]Expr, len(parts))
	for i, p := range parts {
		out[i] = pushNot(p, of, negated)
	}
	return out
}

// joinAnd makes the flattest And; nil means everything.
func joinAnd(parts []Expr) Expr {
	var out []Expr
	for _, p := range parts {
		switch p := p.(type) {
		case nil:
		case Or:
			if len(p) == 0 {
				return Or{}
			}
			out = append(out, p)
		default:
			out = flattenAnd(out, p)
		}
	}
	out = distinct(out)
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	return And(out)
}

// joinOr makes the flattest Or; an empty Or matches nothing.
func joinOr(parts []Expr) Expr {
	var out []Expr
	for _, p := range parts {
		if p == nil {
			return nil
		}
		out = flattenOr(out, p)
	}
	out = distinct(out)
	if len(out) == 1 {
		return out[0]
	}
	return Or(out)
}

// distinct drops terms said twice.
func distinct(parts []Expr) []Expr {
	out := parts[:0:0]
	for _, p := range parts {
		if !slices.ContainsFunc(out, func(q Expr) bool { return sameLeaf(p, q) }) {
			out = append(out, p)
		}
	}
	return out
}

func sameLeaf(a, b Expr) bool {
	switch x := a.(type) {
	case Term:
		y, ok := b.(Term)
		return ok && x.Field == y.Field && x.Op == y.Op && slices.EqualFunc(x.Values, y.Values, func(v, w Value) bool { return v == w })
	case Not:
		y, ok := b.(Not)
		return ok && sameLeaf(x.X, y.X)
	}
	return false
}

// leaf takes a term and its sign out of a normal expression.
func leaf(x Expr) (t Term, negated, ok bool) {
	switch x := x.(type) {
	case Term:
		return x, false, true
	case Not:
		t, ok = x.X.(Term)
		return t, true, ok
	}
	return Term{}, false, false
}
