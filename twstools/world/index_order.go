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

// fewRows is up to how many found rows are sorted instead of walking the whole table in order.
const fewRows = 4096

// sortedCut sorts what was found by all keys.
func sortedCut(found places, keys []*sorting, order []query.Order) []int32 {
	rows := slices.Collect(found.from(0))
	slices.SortStableFunc(rows, func(a, b int32) int { return compareRows(a, b, keys, order) })
	return rows
}

// compareRows orders two places by several keys.
func compareRows(a, b int32, keys []*sorting, order []query.Order) int {
	for i, k := range keys {
		if d := k.rank(k.class[a], order[i].Desc) - k.rank(k.class[b], order[i].Desc); d != 0 {
			return int(d)
		}
	}
	return 0
}

// cutOrdered walks the classes of the first key in order and sorts by the further keys only the classes that the page touches.
func (t *table[T]) cutOrdered(found places, order []query.Order, offset, limit int) []int32 {
	keys := make([]*sorting, len(order))
	for i, o := range order {
		if keys[i] = t.sorting(o.Field); keys[i] == nil {
			return t.cutSlowly(found, order, offset, limit)
		}
	}
	if n := found.count(); n <= fewRows {
		rows := sortedCut(found, keys, order)
		return rows[offset:min(n, offset+limit)]
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
			slices.SortStableFunc(class, func(a, b int32) int { return compareRows(a, b, keys[1:], order[1:]) })
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
