package hwa

import (
	"context"
	"net/http"
	"strings"
)

// gathered are the rows of one list from an offset on, over as many pages as the server makes of them.
type gathered[T any] struct {
	rows  []found[T]
	total int  // the engine's count of all matches, -1 when it gave none that can be true
	whole bool // rows reach the end of the list
	cut   bool // the server does not page, so rows beyond its first page cannot be had
}

// gather reads rows [offset, offset+want) of a list. It believes no server about paging: a page may be shorter or longer than asked, the offset may be
// ignored, the count may be missing or that of the page.
func (l lister[T]) gather(ctx context.Context, oql string, f filter, offset, want int) (gathered[T], error) {
	if paged, known := l.facts.pages.get(); offset > 0 && known && !paged {
		return l.fromStart(ctx, oql, f, offset, want)
	}
	b := &batch[T]{l: l, oql: oql, filter: f}
	first, err := b.next(ctx, offset, min(want, maxRequest), max(maxScan, want))
	if offset > 0 && beyond(err) && b.startIsFine(ctx) {
		return gathered[T]{total: -1, whole: true}, nil
	}
	if err != nil {
		return gathered[T]{}, err
	}
	if offset > 0 && len(b.rows) > 0 {
		paged, err := l.pagesWork(ctx, oql, b.rows[0].id)
		if err != nil {
			return gathered[T]{}, err
		}
		if !paged {
			return l.fromStart(ctx, oql, f, offset, want)
		}
	}
	if err := b.rest(ctx, first, offset, want); err != nil {
		return gathered[T]{}, err
	}
	return b.result(ctx, offset, want)
}

// fromStart serves an offset from a server that ignores it: the first rows, as many as it takes.
func (l lister[T]) fromStart(ctx context.Context, oql string, f filter, offset, want int) (gathered[T], error) {
	if offset+want > maxScan {
		return gathered[T]{total: -1, cut: true}, nil
	}
	g, err := l.gather(ctx, oql, f, 0, offset+want)
	if err != nil {
		return g, err
	}
	g.rows = window(g.rows, offset, want)
	return g, nil
}

// pagesWork proves, once per process, that a later page is not the first one again.
func (l lister[T]) pagesWork(ctx context.Context, oql, firstID string) (bool, error) {
	if holds, known := l.facts.pages.get(); known {
		return holds, nil
	}
	top := ""
	_, err := l.talk.fetch(ctx, oql, 0, 1, func() { top = "" }, func(o object) bool { top = mark(o); return false })
	if err != nil {
		return false, err
	}
	l.facts.pages.learn(top != firstID)
	return top != firstID, nil
}

// batch collects pages.
type batch[T any] struct {
	l      lister[T]
	oql    string
	filter filter
	rows   []found[T]
	seen   map[string]bool
	marked int // how many rows are in seen
	read   int // rows that the server sent, those without use included
	count  int
	more   bool
	ended  bool // the last page proved to be the last
	cut    bool
	missed bool // a page held rows of an earlier one, so others may have slipped between the two
}

// next reads one page and adds its rows; asked rows are requested, at most most are kept of what comes.
func (b *batch[T]) next(ctx context.Context, offset, asked, most int) (page, error) {
	mark := len(b.rows)
	p, err := b.l.talk.fetch(ctx, b.oql, offset, asked, func() { b.rows = b.rows[:mark] }, func(o object) bool {
		b.add(o)
		return len(b.rows) < mark+most
	})
	if err != nil {
		return p, err
	}
	b.read += p.rows
	b.count, b.more, b.cut = p.count, p.more, b.cut || p.cut
	return p, nil
}

func (b *batch[T]) add(o object) {
	if def := o.obj("def"); def != nil && !o.has("name") {
		o = def
	}
	item := b.l.decode(o, false)
	row := found[T]{item: item, id: mark(o), is: b.filter.evaluate(b.l.row(item), o, b.l.known(item))}
	if b.l.fold != nil {
		row.sent = o
	}
	b.rows = append(b.rows, row)
}

// mark tells rows apart: by id, or on servers that send none by what else names an object.
func mark(o object) string {
	if id := identity(o); id != "" {
		return id
	}
	return strings.Join([]string{o.str("folder"), o.str("name"), o.str("workstation"), o.str("jobStreamName"), o.str("schedTime"), o.str("number")}, "\x00")
}

// rest reads further pages until want rows are there, or the list ends.
func (b *batch[T]) rest(ctx context.Context, p page, offset, want int) error {
	asked := min(want, maxRequest)
	for pages := 1; ; pages++ {
		b.ended = b.atEnd(p, offset, asked)
		if b.ended || p.stopped || p.cut || b.read >= want {
			return nil
		}
		if pages >= maxPages {
			b.cut = true
			return nil
		}
		before := len(b.rows)
		asked = min(want-b.read, maxRequest)
		b.remember(before)
		var err error
		if p, err = b.next(ctx, offset+b.read, asked, asked); err != nil && !beyond(err) {
			return err
		}
		if p.rows == 0 || err != nil {
			b.ended = true
			return nil
		}
		if len(b.rows) > before && b.repeats(before) {
			b.l.facts.pages.learn(false)
			b.rows, b.cut = b.rows[:before], true
			return nil
		}
		b.dropRepeats(before)
	}
}

// remember keeps the ids so far, to notice a server that sends the same page again.
func (b *batch[T]) remember(n int) {
	if b.seen == nil {
		b.seen = map[string]bool{}
	}
	for ; b.marked < n; b.marked++ {
		b.seen[b.rows[b.marked].id] = true
	}
}

// repeats reports whether all rows from n on were there before.
func (b *batch[T]) repeats(n int) bool {
	for _, r := range b.rows[n:] {
		if !b.seen[r.id] {
			return false
		}
	}
	return true
}

// dropRepeats drops the rows from n on that an earlier page held already: the plan moved between the pages, or the server keeps no order. Offsets still
// count them. Rows of one id within a page are the server's own and stay, as do those that may be the runs of one job.
func (b *batch[T]) dropRepeats(n int) {
	if b.l.fold != nil {
		return
	}
	kept := b.rows[:n]
	for _, r := range b.rows[n:] {
		if !b.seen[r.id] {
			kept = append(kept, r)
		}
	}
	b.missed = b.missed || len(kept) < len(b.rows)
	b.rows = kept
}

// atEnd reports whether the page p, asked for as asked rows, is the last of the list.
func (b *batch[T]) atEnd(p page, offset, asked int) bool {
	have := offset + b.read
	switch {
	case p.rows == 0:
		return true
	case p.stopped || p.more:
		return false
	case p.count > have:
		return false
	case p.rows > asked: // the limit is ignored: this was everything
		return true
	case p.rows == asked:
		return p.count == have && p.count != p.rows // a count that equals the page may be only the page's
	}
	// A short page ends a list, unless it looks like a server's own page size and nothing else speaks.
	return p.count >= 0 || !roundSize(p.rows)
}

// roundSize reports whether n looks like a page size that somebody chose.
func roundSize(n int) bool {
	for _, size := range []int{10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000} {
		if n == size {
			return true
		}
	}
	return false
}

// result settles the total.
func (b *batch[T]) result(ctx context.Context, offset, want int) (gathered[T], error) {
	have := offset + b.read
	g := gathered[T]{rows: b.rows, total: b.count, whole: b.ended, cut: b.cut}
	switch {
	case len(b.rows) == 0 && offset > 0: // behind the end; a count of 0 would be that of the page
		if b.count == 0 {
			g.total = -1
		}
	case b.ended:
		g.total = have
		g.cut = g.cut || b.count > have || b.missed // the engine speaks of rows that it does not send, or sent some twice in place of others
	case b.count < have:
		g.total = -1
	case b.count == have && b.read == want:
		peek, err := b.peek(ctx, have)
		if err != nil {
			return g, err
		}
		if g.whole = !peek; peek {
			g.total = -1
		}
	}
	if len(g.rows) > want {
		g.rows, g.whole = g.rows[:want], false
	}
	return g, nil
}

// peek reports whether there is a row beyond, when the count could be the whole list's or only the page's.
func (b *batch[T]) peek(ctx context.Context, offset int) (bool, error) {
	id, rows := "", 0
	_, err := b.l.talk.fetch(ctx, b.oql, offset, 1, func() { rows = 0 }, func(o object) bool { id, rows = mark(o), rows+1; return false })
	if beyond(err) {
		return false, nil
	}
	if err != nil || rows == 0 {
		return false, err
	}
	b.remember(len(b.rows))
	return !b.seen[id], nil
}

// startIsFine reports whether the same list can be read from its start, so that it must have been the offset that was refused.
func (b *batch[T]) startIsFine(ctx context.Context) bool {
	_, err := b.l.talk.fetch(ctx, b.oql, 0, 1, func() {}, func(object) bool { return false })
	return err == nil
}

// beyond reports whether err is how some servers say that an offset lies behind the last row.
func beyond(err error) bool {
	switch status(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable:
		return true
	}
	return false
}
