package world

import (
	"slices"

	"github.com/resync-hwa/resync/twstools/query"
)

// sorting is the order of a table's rows by one field's first value: rows of equal value are a class, classes stand in ascending order, rows
// without a value last.
type sorting struct {
	class  []int32 // place → class
	rows   []int32 // places by class, within a class in the table's order
	start  []int32 // class → where its rows begin; one more entry than classes
	absent bool    // the last class is that of rows without a value
}

// sorting gives the order by a field.
func (t *table[T]) sorting(field string) *sorting {
	return slot(&t.mu, t.orders, field).get(func() *sorting {
		c := t.column(field)
		if c == nil || !c.single {
			read := t.reader(field)
			c = newColumn(len(t.items), func(i int) []query.Value {
				if v := first(read(i)); v != nil {
					return []query.Value{v}
				}
				return nil
			})
		}
		if c == nil {
			return nil
		}
		last := c.groups() - 1
		return &sorting{class: c.group, rows: c.rows, start: c.start, absent: last >= 0 && len(c.of(last)) == 0}
	})
}

// rank is where a class stands, going up or down: rows without a value are last either way.
func (s *sorting) rank(class int32, desc bool) int32 {
	classes := int32(len(s.start) - 1) //nolint:gosec // fewer classes than rows
	if s.absent {
		classes--
	}
	if !desc || class == classes {
		return class
	}
	return classes - 1 - class
}

// cutOrdered walks the classes of the first key in order and sorts by the further keys only the classes that the page touches.
func (t *table[T]) cutOrdered(found places, order []query.Order, offset, limit int) []int32 {
	keys := make([]*sorting, len(order))
	for i, o := range order {
		if keys[i] = t.sorting(o.Field); keys[i] == nil {
			return t.cutSlowly(found, order, offset, limit)
		}
	}
	out := make([]int32, 0, limit)
	lead := keys[0]
	var class []int32
	for n := range int32(len(lead.start) - 1) { //nolint:gosec // fewer classes than rows
		g := lead.rank(n, order[0].Desc) // a rank's own inverse
		class = class[:0]
		for _, at := range lead.rows[lead.start[g]:lead.start[g+1]] {
			if found.has(at) {
				class = append(class, at)
			}
		}
		if len(class) <= offset {
			offset -= len(class)
			continue
		}
		if len(keys) > 1 {
			slices.SortStableFunc(class, func(a, b int32) int {
				for i, k := range keys[1:] {
					desc := order[i+1].Desc
					if d := k.rank(k.class[a], desc) - k.rank(k.class[b], desc); d != 0 {
						return int(d)
					}
				}
				return 0
			})
		}
		out = append(out, class[offset:min(len(class), offset+limit-len(out))]...)
		if offset = 0; len(out) == limit {
			break
		}
	}
	return out
}

// cutSlowly sorts all that was found, for orders over values of several types.
func (t *table[T]) cutSlowly(found places, order []query.Order, offset, limit int) []int32 {
	all := slices.Collect(found.from(0))
	query.Sort(all, func(at int32) query.Row { return t.row(t.items[at]) }, order)
	return all[offset:min(len(all), offset+limit)]
}
