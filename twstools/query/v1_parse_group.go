package query

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// group reads complexFilters. Without an operator, and with NOT, several filters are alternatives, as V1's description says.
func (p v1Parser) group(v any, depth int) (Expr, error) {
	if depth > maxDepth {
		return nil, fault.New(fault.Invalid, "The complex filters are nested too deeply.")
	}
	o, err := v1Object(v, "complexFilters")
	if err != nil {
		return nil, err
	}
	op := ""
	var clauses, groups []Expr
	for _, key := range slices.Sorted(maps.Keys(o)) {
		switch {
		case o[key] == nil:
		case key == "operator":
			s, ok := o[key].(string)
			if op = strings.ToUpper(s); !ok || !slices.Contains([]string{"AND", "OR", "NOT", "", "NONE"}, op) {
				return nil, fault.New(fault.Invalid, "The operator of complexFilters is AND, OR, NOT or empty.")
			}
		case key == p.prefix+"ComplexFilter":
			if clauses, err = p.parts(key, o[key], p.clause); err != nil {
				return nil, err
			}
		case key == "complexFilters":
			groups, err = p.parts(key, o[key], func(v any) (Expr, error) { return p.group(v, depth+1) })
			if err != nil {
				return nil, err
			}
		default:
			return nil, fault.New(fault.Invalid, "%q is no part of complexFilters of %s.", key, p.of).
				WithHint("Valid parts: operator, %s, complexFilters.", p.prefix+"ComplexFilter")
		}
	}
	parts := append(clauses, groups...)
	switch {
	case len(parts) == 0:
		return nil, nil
	case op == "AND":
		return And(parts), nil
	case op == "NOT":
		return Not{Or(parts)}, nil
	}
	return Or(parts), nil
}

func (p v1Parser) parts(key string, v any, read func(any) (Expr, error)) ([]Expr, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "%q is no list.", key)
	}
	var out []Expr
	for _, one := range list {
		x, err := read(one)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (p v1Parser) clause(v any) (Expr, error) {
	o, err := v1Object(v, p.prefix+"ComplexFilter")
	if err != nil {
		return nil, err
	}
	var x Expr
	not := false
	for _, key := range slices.Sorted(maps.Keys(o)) {
		switch {
		case o[key] == nil:
		case key == "filter":
			if x, err = p.filter(o[key]); err != nil {
				return nil, err
			}
		case key == "notOperator":
			var ok bool
			if not, ok = o[key].(bool); !ok {
				return nil, fault.New(fault.Invalid, "notOperator is true or false.")
			}
		default:
			return nil, fault.New(fault.Invalid, "%q is no part of a complex filter.", key).WithHint("Valid parts: filter, notOperator.")
		}
	}
	if not {
		return Not{x}, nil
	}
	return x, nil
}

func (p v1Parser) order(v any) ([]Order, error) {
	o, err := v1Object(v, "sorters")
	if err != nil {
		return nil, err
	}
	type ranked struct {
		Order
		rank int64
	}
	var all []ranked
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if name != p.prefix+"Sorter" || o[name] == nil {
			return nil, fault.New(fault.Invalid, "%q is no sorter of %s.", name, p.of).WithHint("The sorter of %s is called %s.", p.of, p.prefix+"Sorter")
		}
		keys, err := v1Object(o[name], name)
		if err != nil {
			return nil, err
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			field := v1SortedField(p.of, key)
			sorter, err := v1Object(keys[key], key)
			if field == "" || err != nil {
				return nil, fault.New(fault.Invalid, "%s cannot be ordered by %q.", p.of, key)
			}
			desc, _ := sorter["descending"].(bool)
			rank, _ := sorter["priority"].(json.Number)
			n, _ := rank.Int64()
			all = append(all, ranked{Order{Field: field, Desc: desc}, n})
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	var out []Order
	for _, r := range all {
		out = append(out, r.Order)
	}
	return out, nil
}

func v1SortedField(of Object, key string) string {
	for field, k := range v1Sorters[of] {
		if k == key {
			return field
		}
	}
	return ""
}
