package query

import (
	"slices"
	"strings"
)

// Sort orders items by the given keys, stably. A field's first value counts; items without one come last, ascending or not.
func Sort[T any](items []T, row func(T) Row, order []Order) {
	if len(order) == 0 || len(items) < 2 {
		return
	}
	type keyed struct {
		item T
		keys []Value
	}
	all := make([]keyed, len(items))
	for i, it := range items {
		r := row(it)
		keys := make([]Value, len(order))
		for k, o := range order {
			keys[k] = firstValue(r, o.Field)
		}
		all[i] = keyed{it, keys}
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		for k, o := range order {
			if c := compareKeys(a.keys[k], b.keys[k], o.Desc); c != 0 {
				return c
			}
		}
		return 0
	})
	for i := range all {
		items[i] = all[i].item
	}
}

func firstValue(r Row, field string) Value {
	vs, ok := r.Values(field)
	if !ok || len(vs) == 0 {
		return nil
	}
	if s, ok := vs[0].(Spellings); ok {
		if len(s) == 0 {
			return nil
		}
		return s[0]
	}
	return vs[0]
}

func compareKeys(a, b Value, desc bool) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	c, ok := compare(a, b)
	if !ok {
		c = strings.Compare(text(a), text(b))
	}
	if desc {
		return -c
	}
	return c
}
