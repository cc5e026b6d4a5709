package world

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// table is one kind of object of a world, with columns that find its rows. A column is built when a filter or an order first needs it, and kept. A
// table is safe for concurrent use.
type table[T any] struct {
	items  []T
	row    func(T) query.Row
	field  func(name string) func(T) []query.Value // reads a known field without making a row; nil where rows have to be made
	fields []string
	unique map[string]int // id → place, where a map of them is there anyway
	kept   func(field string) bool

	mu      sync.Mutex
	columns map[string]*lazy[*column]
	orders  map[string]*lazy[*sorting]
	recent  []answered // the last filters and what they match, oldest first: whoever pages asks the same again and again
}

// answered is a filter, in writing, with the rows that it matches.
type answered struct {
	filter string
	found  places
}

// recentFilters is how many of them are kept; over 500,000 rows each takes 64 kB.
const recentFilters = 32

// lazy is a value made on first use.
type lazy[V any] struct {
	once sync.Once
	v    V
}

func (l *lazy[V]) get(build func() V) V {
	l.once.Do(func() { l.v = build() })
	return l.v
}

// manyRows is from where on not every field gets a column of its own: a field with as many values as rows costs some 40 bytes a row.
const manyRows = 100_000

func newTable[T any](items []T, fields []string, row func(T) query.Row, frequent ...string) *table[T] {
	return &table[T]{items: items, row: row, fields: fields, columns: map[string]*lazy[*column]{}, orders: map[string]*lazy[*sorting]{},
		kept: func(field string) bool { return len(items) < manyRows || slices.Contains(frequent, field) }}
}

func slot[V any](mu *sync.Mutex, m map[string]*lazy[V], key string) *lazy[V] {
	mu.Lock()
	defer mu.Unlock()
	l := m[key]
	if l == nil {
		l = &lazy[V]{}
		m[key] = l
	}
	return l
}

// column gives the column of a field; nil where none is kept.
func (t *table[T]) column(field string) *column {
	if !t.kept(field) {
		return nil
	}
	return slot(&t.mu, t.columns, field).get(func() *column {
		return newColumn(len(t.items), t.reader(field))
	})
}

// reader reads a field of the row at a place.
func (t *table[T]) reader(field string) func(int) []query.Value {
	if t.field != nil {
		if read := t.field(field); read != nil {
			return func(i int) []query.Value { return read(t.items[i]) }
		}
	}
	return func(i int) []query.Value {
		vs, _ := t.row(t.items[i]).Values(field)
		return vs
	}
}

// derived is a column over what is no field of OQL; name must not be one.
func (t *table[T]) derived(name string, read func(*T) string) *column {
	return slot(&t.mu, t.columns, name).get(func() *column {
		return newColumn(len(t.items), func(i int) []query.Value { return []query.Value{read(&t.items[i])} })
	})
}

// tried is the row at a place as a filter sees it, for many rows one after the other.
type tried[T any] struct {
	t       *table[T]
	at      int32
	readers map[string]func(int) []query.Value
}

// Values implements query.Row.
func (r *tried[T]) Values(field string) ([]query.Value, bool) {
	read, known := r.readers[field]
	if !known {
		if !slices.Contains(r.t.fields, field) {
			return nil, false
		}
		read = r.t.reader(field)
		r.readers[field] = read
	}
	return read(int(r.at)), true
}

// match gives the rows that an expression matches. The set belongs to the table and must not be changed.
func (t *table[T]) match(ctx context.Context, x query.Expr) (places, error) {
	if x == nil {
		return allPlaces(len(t.items)), nil
	}
	filter := fmt.Sprintf("%#v", x)
	t.mu.Lock()
	at := slices.IndexFunc(t.recent, func(a answered) bool { return a.filter == filter })
	if at >= 0 {
		defer t.mu.Unlock()
		return t.recent[at].found, nil
	}
	t.mu.Unlock()
	found, err := t.matchAnew(ctx, x)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.recent) == recentFilters {
		t.recent = slices.Delete(t.recent, 0, 1)
	}
	t.recent = append(t.recent, answered{filter, found})
	return found, nil
}

// matchAnew finds what columns find, of which the parts that no column covers choose by trying each row.
func (t *table[T]) matchAnew(ctx context.Context, x query.Expr) (places, error) {
	found, rest := t.find(x)
	if found == nil {
		found = allPlaces(len(t.items))
	}
	if rest == nil {
		return found, nil
	}
	row := &tried[T]{t: t, readers: map[string]func(int) []query.Value{}}
	n := 0
	for at := range found.from(0) {
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return nil, late(ctx.Err())
		}
		row.at = at
		if !query.Eval(rest, row) {
			found[at>>6] &^= 1 << (at & 63)
		}
	}
	return found, nil
}

func late(cause error) error {
	return fault.Wrap(fault.Timeout, cause, "The plan could not be read in time.")
}

// find gives a set that holds every match (nil: all rows), and what is left to be tried for its members (nil: nothing).
func (t *table[T]) find(x query.Expr) (places, query.Expr) {
	switch x := x.(type) {
	case nil:
		return nil, nil
	case query.Term:
		return t.findTerm(x)
	case query.And:
		return t.findAll(x)
	case query.Or:
		return t.findAny(x)
	case query.Not:
		found, rest := t.find(x.X)
		if rest != nil {
			return nil, x
		}
		if found == nil {
			return noPlaces(len(t.items)), nil
		}
		found.others(len(t.items))
		return found, nil
	}
	return nil, x
}

func (t *table[T]) findTerm(x query.Term) (places, query.Expr) {
	if x.Field == "id" && t.unique != nil && (x.Op == query.Eq || x.Op == query.In) {
		out := noPlaces(len(t.items))
		for _, v := range x.Values {
			id, ok := v.(string)
			if !ok {
				return nil, x
			}
			if at, ok := t.unique[id]; ok {
				out.add(int32(at)) //nolint:gosec // a table has fewer than 2^31 rows
			}
		}
		return out, nil
	}
	if !slices.Contains(t.fields, x.Field) {
		return nil, x
	}
	c := t.column(x.Field)
	if c == nil {
		return nil, x
	}
	return c.find(x), nil
}

func (t *table[T]) findAll(parts query.And) (places, query.Expr) {
	var found places
	var rest query.And
	for _, p := range parts {
		some, left := t.find(p)
		if left != nil {
			rest = append(rest, left)
		}
		switch {
		case some == nil:
		case found == nil:
			found = some
		default:
			found.keep(some)
		}
	}
	if len(rest) == 0 {
		return found, nil
	}
	return found, rest
}

// findAny unites the parts' sets. What has to be tried stays the whole: a row that one part has found needs not meet another's rest.
func (t *table[T]) findAny(parts query.Or) (places, query.Expr) {
	found := noPlaces(len(t.items))
	exact := true
	for _, p := range parts {
		some, left := t.find(p)
		exact = exact && left == nil
		if some == nil && left != nil {
			return nil, parts
		}
		if some == nil {
			some = allPlaces(len(t.items))
		}
		found.join(some)
	}
	if exact {
		return found, nil
	}
	return found, parts
}

// page filters, orders and cuts. Only the rows of the page are copied.
func (t *table[T]) page(ctx context.Context, q twstools.ListQuery, give func(T) T) (twstools.List[T], error) {
	var out twstools.List[T]
	if err := ctx.Err(); err != nil {
		return out, late(err)
	}
	if q.Limit < 0 || q.Offset < 0 {
		return out, fault.New(fault.Invalid, "Limit and offset must not be negative.")
	}
	order := slices.Clone(q.Order)
	for i := range order {
		if order[i].Field == "key.name" { // the engine orders by it, though it refuses to filter by it
			order[i].Field = "name"
		}
	}
	if err := query.CheckFields(query.Query{Where: q.Where, Order: order}, t.fields); err != nil {
		return out, err
	}
	found, err := t.match(ctx, q.Where)
	if err != nil {
		return out, err
	}
	out.Total = found.count()
	limit := q.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	limit = max(min(limit, maxPage, out.Total-q.Offset), 0)
	out.Items = make([]T, 0, limit)
	if limit == 0 {
		return out, nil
	}
	for _, at := range t.cut(found, order, q.Offset, limit) {
		out.Items = append(out.Items, give(t.items[at]))
	}
	return out, nil
}

// cut gives the places of one page.
func (t *table[T]) cut(found places, order []query.Order, offset, limit int) []int32 {
	out := make([]int32, 0, limit)
	if len(order) > 0 {
		return t.cutOrdered(found, order, offset, limit)
	}
	for at := range found.from(offset) {
		if out = append(out, at); len(out) == limit {
			break
		}
	}
	return out
}
