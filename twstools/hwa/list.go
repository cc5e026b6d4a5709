package hwa

import (
	"context"
	"errors"
	"net/http"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

const (
	defaultLimit = 500
	maxRequest   = 10000 // rows in one request, the engine's own bound
	maxScan      = 20000 // rows of a read that the engine cannot filter
	maxPages     = 200   // requests that one list may cost, for servers with small pages
)

// nobody is a name that no object has: asking for it tells a server that filters from one that does not.
const nobody = "RESYNC0NO0SUCH0NAME"

// lister lists one kind of object.
type lister[T any] struct {
	decoder
	talk   talk
	facts  *facts
	what   string // "the list of jobs"
	thing  string // "job"
	decode func(o object, whole bool) T
	row    func(T) query.Row
	fields func() []string
	known  func(T) bool // whether its dependencies were sent
	// fold makes one row of those that are one object, where the server may send several; nil where it does not. short says that some could not be
	// completed and were left out.
	fold func(ctx context.Context, rows []found[T], f filter) (folded []found[T], short bool, err error)
	// settle completes an object that was read by itself; nil where it is complete.
	settle func(ctx context.Context, item T) (T, error)
	paths  []string // fields with two spellings
}

// talk is how a dialect asks for one kind of object.
type talk interface {
	// print says a query in the dialect's filter language, "" for all; it fails where the language lacks the words.
	print(q query.Query) (string, error)
	// part says as much of a condition as the language has words for, "" for nothing.
	part(where query.Expr) string
	// fetch reads rows [offset, offset+limit) of the list that text selects. each returns false to stop; reset comes before the first row, and
	// again when the read is repeated.
	fetch(ctx context.Context, text string, offset, limit int, reset func(), each func(object) bool) (page, error)
	// one reads an object by its id.
	one(ctx context.Context, id string) (object, error)
}

// found is a decoded row and what the filter says about it.
type found[T any] struct {
	item T
	id   string
	is   match
	sent object // as it came, where rows are folded
}

// read answers a ListQuery.
func (l lister[T]) read(ctx context.Context, q twstools.ListQuery) (twstools.List[T], error) {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	q.Limit, q.Offset = min(q.Limit, maxRequest), max(q.Offset, 0)
	if or, ok := q.Where.(query.Or); ok && len(or) == 0 {
		return twstools.List[T]{}, nil
	}
	texts, printed := l.wordings(q)
	if printed && len(texts) == 0 {
		return l.page(ctx, q, wording{})
	}
	var refusal error
	if holds, known := l.facts.filters.get(); printed && (holds || !known) {
		for _, w := range texts {
			if l.facts.refuses(w.oql) {
				continue
			}
			list, err := l.page(ctx, q, w)
			switch {
			case refusesFilter(err):
				refusal = err
				if status(err) == http.StatusInternalServerError { // perhaps ill rather than unwilling: one more try, without the filter
					return l.scanAfter(ctx, q, refusal)
				}
				if q.Offset == 0 { // else the offset may be to blame
					l.facts.refuse(w.oql)
				}
				continue
			case err != nil || !l.ignored():
				return list, err
			}
			break // the answer proved that the engine does not filter
		}
	}
	return l.scanAfter(ctx, q, refusal)
}

// scanAfter scans, and gives the first refusal where that fails as well.
func (l lister[T]) scanAfter(ctx context.Context, q twstools.ListQuery, refusal error) (twstools.List[T], error) {
	list, err := l.scan(ctx, q, refusal)
	if err != nil && refusal != nil && fault.Upstream(fault.CodeOf(err)) {
		return list, refusal
	}
	return list, err
}

// refusesFilter reports whether an answer may mean that the server cannot read the filter.
func refusesFilter(err error) bool {
	switch status(err) {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusNotImplemented, http.StatusRequestURITooLong:
		return true
	case http.StatusInternalServerError:
		e, _ := refusedAs(err)
		return fault.Is(err, fault.UpstreamUnavailable) && !e.ill()
	}
	return false
}

// ignored reports whether the server is known not to filter.
func (l lister[T]) ignored() bool {
	holds, known := l.facts.filters.get()
	return known && !holds
}

// wording is one way to say a query in OQL.
type wording struct {
	oql string
	// ordered: the engine orders. Otherwise all matches must be read to order them here.
	ordered bool
}

// wordings lists the ways to say q, best first; printed is false when OQL cannot say it.
func (l lister[T]) wordings(q twstools.ListQuery) (texts []wording, printed bool) {
	add := func(where query.Expr, order []query.Order) bool {
		oql, err := l.talk.print(query.Query{Where: where, Order: order})
		if err != nil {
			return false
		}
		for _, w := range texts {
			if w.oql == oql {
				return true
			}
		}
		if oql != "" {
			texts = append(texts, wording{oql: oql, ordered: len(order) == len(q.Order)})
		}
		return true
	}
	wide := widen(q.Where, l.paths)
	if !add(wide, q.Order) && (query.CheckFields(query.Query{Order: q.Order}, l.fields()) != nil || !add(wide, nil)) {
		return nil, false
	}
	add(spread(wide), q.Order)
	if query.CheckFields(query.Query{Order: q.Order}, l.fields()) == nil { // else nobody could order
		add(wide, nil)
		add(spread(wide), nil)
	}
	return texts, true
}

// page reads one page of matches from an engine that is trusted to filter until it shows that it does not.
func (l lister[T]) page(ctx context.Context, q twstools.ListQuery, w wording) (twstools.List[T], error) {
	offset, limit := q.Offset, q.Limit
	orders, known := l.facts.orders.get()
	local := len(q.Order) > 0 && (!w.ordered || known && !orders)
	apart := l.apart() && offset+limit <= maxScan
	switch {
	case local: // order here: everything from the first row on is needed
		offset, limit = 0, maxRequest
	case apart: // the server's offsets count rows, ours the objects made of them
		local, offset, limit = true, 0, min(offset+limit+spareRows, maxScan)
	}
	g, err := l.gather(ctx, w.oql, filter{where: q.Where}, offset, limit)
	if err != nil {
		return twstools.List[T]{}, err
	}
	if l.fold != nil {
		rows, short, err := l.fold(ctx, g.rows, filter{where: q.Where})
		switch {
		case err != nil:
			return twstools.List[T]{}, err
		case !apart && l.apart(): // just found out
			return l.page(ctx, q, w)
		case apart && !g.whole && len(keep(rows, unclear)) < q.Offset+q.Limit && limit < maxScan:
			return l.sift(ctx, q, w.oql, nil)
		}
		g.cut = g.cut || short
		if len(rows) < len(g.rows) || !g.whole && !l.alone() {
			g.total = -1 // a count of rows: nobody knows how many of those beyond are runs of one job
		}
		g.rows = rows
	}
	if doubtful(g.rows) {
		filters, err := l.filters(ctx)
		if err != nil || !filters {
			return twstools.List[T]{}, err
		}
	}
	kept := keep(g.rows, unclear)
	if !local && (offset > 0 || !g.whole) && l.disordered(kept, q.Order) {
		l.facts.orders.learn(false)
		return l.page(ctx, q, w)
	}
	query.Sort(kept, l.row, q.Order)
	list := twstools.List[T]{Items: kept, Total: g.total, Incomplete: g.cut}
	if len(kept) < len(g.rows) {
		list.Total = -1 // the engine's count is not that of this filter
	}
	if g.whole && offset == 0 {
		list.Total = len(kept)
	}
	if local {
		full := apart && len(kept) >= q.Offset+q.Limit // read only as far as the page needs
		list.Incomplete = list.Incomplete || !g.whole && !full
		list.Items = window(kept, q.Offset, q.Limit)
	}
	return list, nil
}

// spareRows are read beyond what is asked for where several rows may be one object.
const spareRows = 200

// apart reports whether the server is known to send a row for each run of a job.
func (l lister[T]) apart() bool {
	apart, known := l.facts.apart.get()
	return l.fold != nil && known && apart
}

// alone reports whether the server is known to send one row for each job.
func (l lister[T]) alone() bool {
	alone, known := l.facts.alone.get()
	return known && alone
}

// doubtful reports whether some row does not say by itself that it matches.
func doubtful[T any](rows []found[T]) bool {
	for _, r := range rows {
		if r.is != yes {
			return true
		}
	}
	return false
}

// filters proves whether the engine filters, once per process: it asks for a name that nobody has.
func (l lister[T]) filters(ctx context.Context) (bool, error) {
	if holds, known := l.facts.filters.get(); known {
		return holds, nil
	}
	oql, err := l.talk.print(query.Query{Where: query.Is("name", nobody)})
	if err != nil {
		return false, err
	}
	rows := 0
	_, err = l.talk.fetch(ctx, oql, 0, 1, func() { rows = 0 }, func(object) bool { rows++; return false })
	if err != nil && !refusesFilter(err) {
		return false, err
	}
	if err != nil {
		rows = 1
	}
	l.facts.filters.learn(rows == 0)
	return rows == 0, nil
}

// scan reads without a filter, or with the part of it that the engine accepts, up to maxScan rows, and filters and orders here.
func (l lister[T]) scan(ctx context.Context, q twstools.ListQuery, refusal error) (twstools.List[T], error) {
	none := twstools.List[T]{}
	if err := query.CheckFields(query.Query{Where: q.Where, Order: q.Order}, l.fields()); err != nil {
		var mine, theirs *fault.Error
		if errors.As(refusal, &theirs) && errors.As(err, &mine) && theirs.Code == fault.Invalid {
			return none, theirs.WithHint("%s", mine.Hint)
		}
		return none, err
	}
	weak, err := l.accepted(ctx, q.Where, refusal)
	if err != nil {
		return none, err
	}
	return l.sift(ctx, q, weak, refusal)
}

// sift reads what the weaker filter lets through, up to maxScan rows, and filters and orders here.
func (l lister[T]) sift(ctx context.Context, q twstools.ListQuery, weak string, refusal error) (twstools.List[T], error) {
	none := twstools.List[T]{}
	g, err := l.gather(ctx, weak, filter{where: q.Where, alone: true}, 0, maxScan)
	if err != nil {
		return none, err
	}
	if l.fold != nil {
		rows, short, err := l.fold(ctx, g.rows, filter{where: q.Where, alone: true})
		if err != nil {
			return none, err
		}
		g.rows, g.whole = rows, g.whole && !short
	}
	kept := keep(g.rows, yes)
	if len(kept) == 0 && len(g.rows) > 0 && len(keep(g.rows, unclear)) == len(g.rows) {
		return none, l.blind(refusal)
	}
	query.Sort(kept, l.row, q.Order)
	list := twstools.List[T]{Items: window(kept, q.Offset, q.Limit), Total: len(kept), Incomplete: !g.whole}
	if !g.whole {
		list.Total = -1
	}
	return list, nil
}

// blind is the answer when neither side can filter: the engine does not, and does not send the fields either.
func (l lister[T]) blind(refusal error) error {
	return fault.Wrap(fault.Unsupported, refusal, "The engine does not filter %s this way, and does not send the fields to filter by.", l.what).
		WithHint("Filter by name, workstation or status instead.").WithSource("engine:" + l.engine)
}

// accepted finds the conditions of an And that the engine takes one by one, for an engine that filters but refused the whole.
func (l lister[T]) accepted(ctx context.Context, where query.Expr, refusal error) (string, error) {
	if refusal == nil && !l.ignored() {
		return l.talk.part(where), nil
	}
	parts, ok := where.(query.And)
	if !ok || refusal == nil || len(parts) < 2 || len(parts) > 6 {
		return "", nil
	}
	if filters, err := l.filters(ctx); err != nil || !filters {
		return "", err
	}
	var good query.And
	for _, p := range parts {
		oql, err := l.talk.print(query.Query{Where: widen(p, l.paths)})
		if err != nil || oql == "" || l.facts.refuses(oql) {
			continue
		}
		_, err = l.talk.fetch(ctx, oql, 0, 1, func() {}, func(object) bool { return false })
		switch {
		case refusesFilter(err):
			l.facts.refuse(oql)
		case err != nil:
			return "", err
		default:
			good = append(good, widen(p, l.paths))
		}
	}
	if len(good) == 0 {
		return "", nil
	}
	return l.talk.print(query.Query{Where: good})
}

func keep[T any](rows []found[T], least match) []T {
	out := make([]T, 0, len(rows))
	for _, r := range rows {
		if r.is >= least {
			out = append(out, r.item)
		}
	}
	return out
}

func window[T any](items []T, offset, limit int) []T {
	offset = min(offset, len(items))
	return items[offset:min(offset+limit, len(items))]
}
