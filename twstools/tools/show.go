package tools

import (
	"context"
	"errors"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// Shown are rows of one kind of object with when and where they were read. Total is the engine's count of all matches, absent when
// it did not say; Incomplete as in twstools.List.
type Shown[Row any] struct {
	Engine     toolkit.Engine `json:"engine"`
	Clocks     toolkit.Clocks `json:"clocks"`
	Total      *int           `json:"total,omitempty"`
	Incomplete bool           `json:"incomplete,omitempty"`
	Rows       []Row          `json:"rows"`
	// Streams are the job streams of listed jobs, where they were read.
	Streams []ShownStream `json:"job_streams,omitempty"`
	// Missing says what could not be read of what was asked for.
	Missing []string `json:"missing,omitempty"`
	// Nearest are the names in the plan that come closest to a selection without wildcards that nothing fits.
	Nearest []string `json:"nearest,omitempty"`
}

// Selection says which objects to list. Both conditions must hold; "" is none.
type Selection struct {
	Conman string // conman's form: WS#STREAM.JOB+state=abend
	OQL    string // the engine's query language; its ORDER BY orders the list, which else has the plan's order
	Limit  int    // most rows; 0 for all
	// Deps asks for the dependencies of jobs and job streams, and for who waits for a resource, prompt or file. Each is read by itself, so it is bounded.
	Deps bool

	ordered bool // by an ORDER BY of OQL
}

// ShowJobs lists the jobs of a selection, with their job streams.
func (t *Tools) ShowJobs(ctx context.Context, of Selection) (Shown[ShownJob], error) {
	return show(ctx, t, query.Jobs, of, t.o.Engine.Jobs, standsAs, (*call).shownJobs)
}

// ShowJobStreams lists job streams. See ShowJobs.
func (t *Tools) ShowJobStreams(ctx context.Context, of Selection) (Shown[ShownStream], error) {
	return show(ctx, t, query.JobStreams, of, t.o.Engine.JobStreams, nil, (*call).shownStreams)
}

// ShowWorkstations lists workstations. See ShowJobs.
func (t *Tools) ShowWorkstations(ctx context.Context, of Selection) (Shown[WorkstationDetail], error) {
	return show(ctx, t, query.Workstations, of, t.o.Engine.Workstations, nil, each((*call).workstationDetail))
}

// ShowResources lists resources with their holders. See ShowJobs.
func (t *Tools) ShowResources(ctx context.Context, of Selection) (Shown[ResourceUse], error) {
	return show(ctx, t, query.Resources, of, t.o.Engine.Resources, nil, (*call).shownResources)
}

// ShowPrompts lists prompts. See ShowJobs.
func (t *Tools) ShowPrompts(ctx context.Context, of Selection) (Shown[PromptUse], error) {
	return show(ctx, t, query.Prompts, of, t.o.Engine.Prompts, nil, (*call).shownPrompts)
}

// showPage is how many rows one request asks for: the engine's own bound.
const showPage = 10_000

// standsAs reports whether a job fits as it stands now. The engine's filter looks at every run of it, and who lists what is abended does
// not ask for what abended and went well since.
func standsAs(j twstools.Job, where query.Expr) bool {
	if n := len(j.Runs); n > 0 {
		last := j.Runs[n-1]
		last.Status = j.Status
		j.Runs = []twstools.Run{last}
	}
	return query.Eval(where, twstools.JobRow(j))
}

// show reads the matches page by page. keep, where it is not nil, has the last word on what the engine's filter let through; rows makes rows of them.
func show[T, Row any](ctx context.Context, t *Tools, kind query.Object, of Selection,
	read func(context.Context, twstools.ListQuery) (twstools.List[T], error), keep func(T, query.Expr) bool, rows func(*call, context.Context, []T, Selection, *Shown[Row]),
) (Shown[Row], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return Shown[Row]{}, err
	}
	limit := of.Limit
	where, err := query.ParseSelectionOn(of.Conman, kind, c.now.In(c.zone))
	if err != nil {
		return Shown[Row]{}, err
	}
	typed, err := query.ParseOQLOf(of.OQL, kind)
	if err != nil {
		return Shown[Row]{}, err
	}
	if typed.Where != nil {
		where = query.And{where, typed.Where}
	}
	out := Shown[Row]{Rows: []Row{}}
	var items []T
	size, passed, seen := showPage, 0, 0
	if limit > 0 {
		size = min(showPage, max(limit, 100))
	}
	for {
		list, err := read(ctx, twstools.ListQuery{Where: where, Order: typed.Order, Limit: size, Offset: seen})
		if err != nil {
			return Shown[Row]{}, err
		}
		for _, item := range list.Items {
			switch {
			case keep != nil && where != nil && !keep(item, where):
				passed++
			case limit == 0 || len(items) < limit:
				items = append(items, item)
			}
		}
		seen += len(list.Items)
		out.Incomplete = list.Incomplete
		out.Total = nil
		if all := list.Total - passed; list.Total >= 0 && (passed == 0 || seen >= list.Total) {
			out.Total = &all
		}
		if len(list.Items) < size || limit > 0 && len(items) >= limit || list.Incomplete {
			break
		}
	}
	if err := c.unread(ctx); err != nil && len(items) == 0 {
		return Shown[Row]{}, err
	}
	if len(items) == 0 && !out.Incomplete {
		out.Nearest = c.nearest(ctx, kind, of.Conman)
	}
	of.ordered = len(typed.Order) > 0
	rows(c, ctx, items, of, &out)
	r := reply(c, out, nil, noTime)
	out.Engine, out.Clocks = r.Engine, r.Clocks
	return out, nil
}

// maxNearest bounds the names that are offered instead of nothing.
const maxNearest = 8

// nearest gives the names closest to a selection that names one object.
func (c *call) nearest(ctx context.Context, kind query.Object, selection string) []string {
	kinds := map[query.Object]string{query.Jobs: "job", query.JobStreams: "job_stream", query.Workstations: "workstation", query.Resources: "resource", query.Prompts: "prompt"}
	if selection == "" || strings.ContainsAny(selection, "@?+~") {
		return nil
	}
	found, err := c.t.finder.Find(ctx, selection, kinds[kind], "")
	var e *fault.Error
	if fault.Is(err, fault.NotFound) && errors.As(err, &e) {
		return e.Candidates
	}
	// What is no selection may still be a name, such as a job's alone or the number of a run.
	var out []string
	for _, j := range found.Jobs[:min(maxNearest, len(found.Jobs))] {
		out = append(out, untrusted.Normalize(j.Entity().String(c.zone)))
	}
	for _, s := range found.Streams[:min(maxNearest, len(found.Streams))] {
		out = append(out, untrusted.Normalize(s.Entity().String(c.zone)))
	}
	return out
}

// each makes rows one by one.
func each[T, Row any](row func(*call, T) Row) func(*call, context.Context, []T, Selection, *Shown[Row]) {
	return func(c *call, _ context.Context, items []T, _ Selection, out *Shown[Row]) {
		for _, item := range items {
			out.Rows = append(out.Rows, row(c, item))
		}
	}
}
