package world

import (
	"slices"

	"github.com/resync-hwa/resync/twstools/query"
)

// column knows which rows of a table have which values of one field. Rows with equal values are one group, and since a term of a filter looks at
// nothing but its field's values, deciding it for each group decides it for every row: no operator needs rules of its own here. Terms that
// compare with a value of the field's own type are decided by searching the sorted values instead of trying each group.
type column struct {
	kind   kind
	single bool            // no row has more than one value
	values [][]query.Value // of each group, where not single
	value  []query.Value   // the same where single; nil for the group of rows that have none
	group  []int32         // place → group
	rows   []int32         // places by group, within a group in the table's order
	start  []int32         // group → where its rows begin; one more entry than groups
	sorted sortedValues
}

// first is the value that a row is ordered by: its first one, of several spellings the preferred one; nil where it has none.
func first(vs []query.Value) query.Value {
	if len(vs) == 0 {
		return nil
	}
	if s, ok := vs[0].(query.Spellings); ok {
		if len(s) == 0 {
			return nil
		}
		return s[0]
	}
	return vs[0]
}

// newColumn reads a field of n rows. nil means that the field's values are of no kind that can be kept so.
func newColumn(n int, read func(int) []query.Value) *column {
	b := newColumnBuilder(n)
	for i := range n {
		b.add(i, read(i))
	}
	return b.done()
}

// columnBuilder makes a column from its rows' values, row by row in the table's order.
type columnBuilder struct {
	c     *column
	known map[string]int32 // written form of values → group
	sizes []int32
	key   []byte
}

func newColumnBuilder(n int) *columnBuilder {
	return &columnBuilder{c: &column{single: true, group: make([]int32, n)}, known: map[string]int32{}}
}

func (b *columnBuilder) add(i int, vs []query.Value) {
	b.key = appendKey(b.key[:0], vs)
	g, ok := b.known[string(b.key)]
	if !ok {
		g = int32(len(b.sizes)) //nolint:gosec // fewer groups than rows
		b.known[string(b.key)] = g
		b.c.values = append(b.c.values, vs)
		b.sizes = append(b.sizes, 0)
		b.c.note(vs)
	}
	b.sizes[g]++
	b.c.group[i] = g
}

func (b *columnBuilder) done() *column {
	c := b.c
	if c.kind == kindOther {
		return nil
	}
	b.known = nil
	c.arrange(b.sizes)
	if c.single {
		c.value = make([]query.Value, len(c.values))
		for g, vs := range c.values {
			if len(vs) > 0 {
				c.value[g] = vs[0]
			}
		}
		c.values = nil
	}
	c.sorted = newSortedValues(c)
	return c
}

// note learns what kind of values the column has.
func (c *column) note(vs []query.Value) {
	if len(vs) > 1 {
		c.single = false
	}
	for _, v := range vs {
		switch k := kindOf(v); {
		case c.kind == kindNone:
			c.kind = k
		case c.kind != k:
			c.kind = kindOther
		}
	}
}

// arrange numbers the groups by their first value, those without one last, and lists each group's rows.
func (c *column) arrange(sizes []int32) {
	order := make([]int32, len(sizes))
	for g := range order {
		order[g] = int32(g) //nolint:gosec // fewer groups than rows
	}
	slices.SortStableFunc(order, func(a, b int32) int { return compareFirst(first(c.values[a]), first(c.values[b])) })
	number, values := make([]int32, len(sizes)), make([][]query.Value, len(sizes))
	c.start = make([]int32, len(sizes)+1)
	for at, g := range order {
		number[g], values[at] = int32(at), c.values[g] //nolint:gosec // fewer groups than rows
		c.start[at+1] = c.start[at] + sizes[g]
	}
	c.values = values
	c.rows = make([]int32, len(c.group))
	next := slices.Clone(c.start)
	for i, g := range c.group {
		g = number[g]
		c.group[i] = g
		c.rows[next[g]] = int32(i) //nolint:gosec // a table has fewer than 2^31 rows
		next[g]++
	}
}

func compareFirst(a, b query.Value) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return compareSame(a, b)
}

func (c *column) groups() int { return len(c.start) - 1 }

// of gives the values of a group.
func (c *column) of(g int) []query.Value {
	switch {
	case !c.single:
		return c.values[g]
	case c.value[g] == nil:
		return nil
	}
	return c.value[g : g+1 : g+1]
}

func (c *column) rowsOf(g int) []int32 { return c.rows[c.start[g]:c.start[g+1]] }

// groupRow is a group as a filter sees it.
type groupRow struct {
	field  string
	values []query.Value
}

// Values implements query.Row.
func (r groupRow) Values(string) ([]query.Value, bool) { return r.values, true }

// opposite gives the operator that a negated one negates.
var opposite = map[query.Op]query.Op{query.Ne: query.Eq, query.NotIn: query.In, query.NotLike: query.Like}

// find gives the rows that a term over the column's field matches.
func (c *column) find(t query.Term) places {
	n := len(c.group)
	if op, negated := opposite[t.Op]; negated && c.single {
		t.Op = op
		out := c.find(t)
		out.others(n)
		return out
	}
	out := noPlaces(n)
	if c.search(t, out) {
		return out
	}
	for g := range c.groups() {
		if query.Eval(t, groupRow{t.Field, c.of(g)}) {
			out.addAll(c.rowsOf(g))
		}
	}
	return out
}

// search adds what it finds among the sorted values; false means that the term wants every group to be tried.
func (c *column) search(t query.Term, out places) bool {
	switch t.Op {
	case query.Eq, query.In:
		return c.searchEqual(t.Values, out)
	case query.Like:
		return c.searchLike(t.Values, out)
	case query.Lt, query.Le, query.Gt, query.Ge:
		return c.searchRange(t, out)
	}
	return false
}

// plain gives a value of the column's own kind, or false.
func (c *column) plain(v query.Value) (query.Value, bool) {
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	if _, spelt := v.(query.Spellings); spelt || kindOf(v) != c.kind {
		return nil, false
	}
	return v, true
}

func (c *column) searchEqual(wants []query.Value, out places) bool {
	for _, want := range wants {
		if want == nil {
			continue
		}
		if _, ok := c.plain(want); !ok {
			return false
		}
	}
	for _, want := range wants {
		if want == nil {
			if last := c.groups() - 1; last >= 0 && len(c.of(last)) == 0 {
				out.addAll(c.rowsOf(last))
			}
			continue
		}
		v, _ := c.plain(want)
		for i := c.sorted.lower(v); i < c.sorted.len() && c.sorted.compare(i, v) == 0; i++ {
			out.addAll(c.rowsOf(int(c.sorted.group[i])))
		}
	}
	return true
}

func (c *column) searchRange(t query.Term, out places) bool {
	if len(t.Values) != 1 {
		return false
	}
	v, ok := c.plain(t.Values[0])
	if !ok {
		return false
	}
	from, to := 0, c.sorted.len()
	switch t.Op {
	case query.Lt:
		to = c.sorted.lower(v)
	case query.Le:
		to = c.sorted.upper(v)
	case query.Gt:
		from = c.sorted.upper(v)
	case query.Ge:
		from = c.sorted.lower(v)
	}
	for _, g := range c.sorted.group[from:to] {
		out.addAll(c.rowsOf(int(g)))
	}
	return true
}

// searchLike tries only the values that begin as the patterns do.
func (c *column) searchLike(wants []query.Value, out places) bool {
	if c.kind != kindText {
		return false
	}
	for _, want := range wants {
		if _, ok := want.(string); !ok {
			return false
		}
	}
	for _, want := range wants {
		pattern, _ := want.(string)
		c.sorted.like(pattern, func(g int32) { out.addAll(c.rowsOf(int(g))) })
	}
	return true
}
