package tools

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
)

// Bounds of one page of a list (DESIGN.md section 3), and of what is read for it. A page with very long names ends early, with a cursor, rather than being
// refused for its size.
const (
	defaultPage = 20
	maxCounted  = 1000   // matches that are read to count them by status
	maxKept     = 10_000 // matches that are read where only we can judge them
	// farthest is the greatest offset that a cursor may name: far beyond any plan, and far from what overflows in any list behind it.
	farthest  = 1 << 30
	pageBytes = 72 << 10 // of rows and their sources; the kernel refuses 96 KB in all
)

// cursor is where the next page starts, bound to the filter and order it belongs to. It holds no state of the process, so it survives a restart.
type cursor struct {
	Filter string `json:"f"`
	Offset int    `json:"o"`
}

// slot is the part of a list that one call shows.
type slot struct {
	size, offset int
	hash         string
}

// slot reads a page's arguments. filter is the tool's input without them: a cursor of another filter, tool or engine is refused.
func (c *call) slot(tool string, size int, text string, filter any) (slot, error) {
	return openSlot(tool+"@"+c.t.o.Name, size, text, filter)
}

// openSlot is slot for a list of any name.
func openSlot(tool string, size int, text string, filter any) (slot, error) {
	raw, err := json.Marshal(filter)
	if err != nil {
		return slot{}, fault.Wrap(fault.Internal, err, "The filter cannot be written.")
	}
	sum := sha256.Sum256(append([]byte(tool+" "), raw...))
	w := slot{size: size, hash: hex.EncodeToString(sum[:6])}
	if w.size == 0 {
		w.size = defaultPage
	}
	if text == "" {
		return w, nil
	}
	var c cursor
	if raw, err = base64.RawURLEncoding.DecodeString(text); err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil || c.Offset < 0 || c.Offset > farthest || c.Filter != w.hash {
		return slot{}, fault.New(fault.Invalid, "The cursor does not belong to this filter.").WithHint("Use next_cursor of the page before with the same arguments, or leave it out.")
	}
	w.offset = c.Offset
	return w, nil
}

func (w slot) cursor(offset int) string {
	raw, _ := json.Marshal(cursor{Filter: w.hash, Offset: offset})
	return base64.RawURLEncoding.EncodeToString(raw)
}

// jobsToShow reads jobs for whoever shows some of them and changes none: of the hundreds that a page is cut from no copy is made.
func (c *call) jobsToShow(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return reader.ViewJobs(ctx, c.t.o.Engine, q, nil, asItIs[twstools.Job])
}

// streamsToShow is jobsToShow for job streams.
func (c *call) streamsToShow(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return reader.ViewJobStreams(ctx, c.t.o.Engine, q, nil, asItIs[twstools.JobStream])
}

// workstationsToShow is jobsToShow for workstations.
func (c *call) workstationsToShow(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	return reader.ViewWorkstations(ctx, c.t.o.Engine, q, nil, asItIs[twstools.Workstation])
}

func asItIs[T any](list twstools.List[T]) twstools.List[T] { return list }

// listing is how a list tool reads: what the engine filters, and what only we can judge. What it reads is shown and not changed.
type listing[T any] struct {
	read  func(context.Context, twstools.ListQuery) (twstools.List[T], error)
	where query.Expr
	order []query.Order
	keep  func(*T) bool // nil: the engine's filter has the last word
	all   []T           // the matches, where they are here already
	here  bool
}

// matches are the objects of a slot and those behind it that were read as well.
type matches[T any] struct {
	items   []T // from the slot's offset on
	seen    []T // all matches, nil where not all were read
	total   int // -1: nobody counted
	partial bool
}

// from reads the matches from the slot's offset on.
func (l listing[T]) from(ctx context.Context, w slot) (matches[T], error) {
	if l.here || l.keep != nil {
		return l.judged(ctx, w)
	}
	page, err := l.read(ctx, twstools.ListQuery{Where: l.where, Order: l.order, Limit: max(maxCounted, w.size), Offset: w.offset})
	if err != nil {
		return matches[T]{}, err
	}
	m := matches[T]{items: page.Items, total: page.Total, partial: page.Incomplete}
	if m.total < 0 && !page.Incomplete && len(page.Items) < maxCounted {
		m.total = w.offset + len(page.Items)
	}
	if w.offset == 0 && !page.Incomplete && m.total == len(page.Items) {
		m.seen = page.Items
	}
	return m, nil
}

// judged reads all that the engine lets through, up to a bound, and keeps what fits.
func (l listing[T]) judged(ctx context.Context, w slot) (matches[T], error) {
	var m matches[T]
	kept := []T{}
	take := func(items []T) {
		for i := range items {
			if l.keep == nil || l.keep(&items[i]) {
				kept = append(kept, items[i])
			}
		}
	}
	take(l.all)
	for offset := 0; !l.here; offset += maxCounted {
		if offset >= maxKept {
			m.partial = true
			break
		}
		page, err := l.read(ctx, twstools.ListQuery{Where: l.where, Order: l.order, Limit: maxCounted, Offset: offset})
		if err != nil {
			return m, err
		}
		take(page.Items)
		m.partial = m.partial || page.Incomplete
		if len(page.Items) < maxCounted {
			break
		}
	}
	m.items, m.total = kept[min(w.offset, len(kept)):], len(kept)
	if m.partial {
		m.total = -1
	} else {
		m.seen = kept
	}
	return m, nil
}

// Paged is the part of a list's output that all list tools have alike.
type Paged struct {
	Total      *int   `json:"total,omitempty" doc:"all matches; absent when nobody counted them"`
	NextCursor string `json:"next_cursor,omitempty"`
}

// pageRows makes the rows of a slot and the sources that cite them. The page ends early where it would grow too large.
func pageRows[T, Row any](m matches[T], w slot, row func(T) (Row, toolkit.Source)) (rows []Row, sources []toolkit.Source, p Paged) {
	rows = []Row{}
	bytes := 0
	for _, item := range m.items[:min(w.size, len(m.items))] {
		r, source := row(item)
		raw, _ := json.Marshal(r)
		cited, _ := json.Marshal(source)
		if bytes += len(raw) + len(cited); bytes > pageBytes && len(rows) > 0 {
			break
		}
		rows, sources = append(rows, r), append(sources, source)
	}
	if m.total >= 0 {
		total := m.total
		p.Total = &total
	}
	if end := w.offset + len(rows); len(m.items) > len(rows) || m.total > end && len(rows) > 0 {
		p.NextCursor = w.cursor(end)
	}
	return rows, sources, p
}

// cut gives a slot's part of rows that are all here, and the cursor of the next.
func cut[Row any](w slot, all []Row) (rows []Row, next string) {
	rest := all[min(w.offset, len(all)):]
	if len(rest) > w.size {
		next = w.cursor(w.offset + w.size)
	}
	return append([]Row{}, rest[:min(w.size, len(rest))]...), next
}

// absence is the source that a sentence about nothing found cites: the tool that looked, and how many fitted.
func absence[T any](tool string, m matches[T]) toolkit.Source {
	total := m.total
	if total < 0 {
		total = len(m.items)
	}
	return totalOf(tool, total)
}

// totalOf is absence where the total is known.
func totalOf(tool string, total int) toolkit.Source {
	return toolkit.Source{Source: "absence:" + tool, Fields: []toolkit.Field{{Name: "total", Value: strconv.Itoa(total)}}}
}

// partly says that matches may be missing: what such a list does not show is no proof.
func partly(partial bool, source, what string) []string {
	if !partial {
		return nil
	}
	return []string{source + ": The engine did not give all " + what + ": some that match may be missing."}
}
