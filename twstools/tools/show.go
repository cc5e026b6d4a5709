package tools

import (
	"context"
	"errors"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
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
	// Nearest are the names in the plan that come closest to a selection without wildcards that nothing fits.
	Nearest []string `json:"nearest,omitempty"`
}

// JobStreamRow is one job stream in a list. Limit is absent where none is set.
type JobStreamRow struct {
	Entity       string `json:"entity"`
	ID           string `json:"id,omitempty"` // the engine's 16 characters
	Name         string `json:"name"`
	Workstation  string `json:"workstation"`
	Status       string `json:"status"`
	CommonStatus string `json:"common_status"`
	SchedTime    string `json:"sched_time,omitempty"`
	Start        string `json:"start,omitempty"`
	End          string `json:"end,omitempty"`
	Priority     *int   `json:"priority,omitempty"`
	Limit        *int   `json:"limit,omitempty"`
	Jobs         *int   `json:"jobs,omitempty"`
	Successful   *int   `json:"successful,omitempty"`
	Carried      bool   `json:"carried_forward,omitempty"`
}

// ResourceRow is one resource in a list.
type ResourceRow struct {
	Entity      string      `json:"entity"`
	Name        string      `json:"name"`
	Workstation string      `json:"workstation,omitempty"`
	Total       *int        `json:"total,omitempty"`
	Available   *int        `json:"available,omitempty"`
	InUse       *int        `json:"in_use,omitempty"`
	Status      string      `json:"status,omitempty"`
	Holders     []HolderRow `json:"holders"`
}

// HolderRow is who holds units of a resource.
type HolderRow struct {
	Entity string `json:"entity"`
	Units  *int   `json:"units,omitempty"`
}

// PromptRow is one prompt in a list.
type PromptRow struct {
	Entity   string `json:"entity"`
	Number   *int   `json:"number,omitempty"`
	Name     string `json:"name,omitempty"`
	Status   string `json:"status"`
	Text     string `json:"text"`
	AskedAt  string `json:"asked_at,omitempty"`
	Answered string `json:"answered_at,omitempty"`
}

// Selection says which objects to list. Both conditions must hold; "" is none.
type Selection struct {
	Conman string // conman's form: WS#STREAM.JOB+state=abend
	OQL    string // the engine's query language; its ORDER BY orders the list, which else has the plan's order
	Limit  int    // most rows; 0 for all
}

// ShowJobs lists the jobs of a selection.
func (t *Tools) ShowJobs(ctx context.Context, of Selection) (Shown[JobRow], error) {
	return show(ctx, t, query.Jobs, of, t.o.Engine.Jobs, (*call).jobRow, standsAs)
}

// ShowJobStreams lists job streams. See ShowJobs.
func (t *Tools) ShowJobStreams(ctx context.Context, of Selection) (Shown[JobStreamRow], error) {
	return show(ctx, t, query.JobStreams, of, t.o.Engine.JobStreams, (*call).streamRow, nil)
}

// ShowWorkstations lists workstations. See ShowJobs.
func (t *Tools) ShowWorkstations(ctx context.Context, of Selection) (Shown[WorkstationRow], error) {
	return show(ctx, t, query.Workstations, of, t.o.Engine.Workstations, (*call).workstationRow, nil)
}

// ShowResources lists resources with their holders. See ShowJobs.
func (t *Tools) ShowResources(ctx context.Context, of Selection) (Shown[ResourceRow], error) {
	return show(ctx, t, query.Resources, of, t.o.Engine.Resources, (*call).resourceRow, nil)
}

// ShowPrompts lists prompts. See ShowJobs.
func (t *Tools) ShowPrompts(ctx context.Context, of Selection) (Shown[PromptRow], error) {
	return show(ctx, t, query.Prompts, of, t.o.Engine.Prompts, (*call).promptRow, nil)
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

// show reads the matches page by page. keep, where it is not nil, has the last word on what the engine's filter let through.
func show[T, Row any](ctx context.Context, t *Tools, kind query.Object, of Selection,
	read func(context.Context, twstools.ListQuery) (twstools.List[T], error), row func(*call, T) Row, keep func(T, query.Expr) bool,
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
			case limit == 0 || len(out.Rows) < limit:
				out.Rows = append(out.Rows, row(c, item))
			}
		}
		seen += len(list.Items)
		out.Incomplete = list.Incomplete
		out.Total = nil
		if all := list.Total - passed; list.Total >= 0 && (passed == 0 || seen >= list.Total) {
			out.Total = &all
		}
		if len(list.Items) < size || limit > 0 && len(out.Rows) >= limit || list.Incomplete {
			break
		}
	}
	if err := c.unread(ctx); err != nil && len(out.Rows) == 0 {
		return Shown[Row]{}, err
	}
	if len(out.Rows) == 0 && !out.Incomplete {
		out.Nearest = c.nearest(ctx, kind, of.Conman)
	}
	r := reply(c, out, nil, noTime)
	out.Engine, out.Clocks = r.Engine, r.Clocks
	return out, nil
}

// nearest gives the names closest to a selection that names one object.
func (c *call) nearest(ctx context.Context, kind query.Object, selection string) []string {
	kinds := map[query.Object]string{query.Jobs: "job", query.JobStreams: "job_stream", query.Workstations: "workstation", query.Resources: "resource", query.Prompts: "prompt"}
	if selection == "" || strings.ContainsAny(selection, "@?+~") {
		return nil
	}
	var e *fault.Error
	if _, err := c.t.finder.Find(ctx, selection, kinds[kind], ""); fault.Is(err, fault.NotFound) && errors.As(err, &e) {
		return e.Candidates
	}
	return nil
}

func (c *call) streamRow(s twstools.JobStream) JobStreamRow {
	r := JobStreamRow{Entity: untrusted.Normalize(s.Entity().String(c.zone)), ID: untrusted.Normalize(s.InternalID), Name: untrusted.Normalize(s.Name), Workstation: untrusted.Normalize(s.Workstation),
		Status: untrusted.Normalize(s.Status.Internal), CommonStatus: untrusted.Normalize(s.Status.Common), SchedTime: c.instant(s.SchedTime), Start: c.instant(s.Start), End: c.instant(s.End),
		Priority: s.Priority, Jobs: s.Stats.Total, Successful: s.Stats.Successful, Carried: s.CarriedForward}
	if s.Limit != nil && *s.Limit >= 0 { // -1 is how engines write "none"
		r.Limit = s.Limit
	}
	return r
}

// workstationRow shows a workstation with the state of its link in one word, and what is wrong with it, if anything.
func (c *call) workstationRow(w twstools.Workstation) WorkstationRow {
	link, _ := plan.LinkState(w)
	name := untrusted.Normalize(w.Name)
	return WorkstationRow{Entity: name, Name: name, Type: untrusted.Normalize(w.Type), Status: string(link), Limit: w.Limit, Fence: w.Fence, Problem: problem(w, link)}
}

func (c *call) resourceRow(r twstools.Resource) ResourceRow {
	out := ResourceRow{Entity: untrusted.Normalize(r.Entity().String(c.zone)), Name: untrusted.Normalize(r.Name), Workstation: untrusted.Normalize(r.Workstation),
		Total: r.Quantity, Available: r.Available, InUse: r.InUse, Status: untrusted.Normalize(r.Status), Holders: []HolderRow{}}
	for _, h := range r.Holders {
		name := h.JobKey
		if name == "" {
			name = h.JobStream
			if h.Job != "" {
				name += "." + h.Job
			}
		}
		out.Holders = append(out.Holders, HolderRow{untrusted.Normalize(name), h.Quantity})
	}
	return out
}

func (c *call) promptRow(p twstools.Prompt) PromptRow {
	return PromptRow{Entity: untrusted.Normalize(p.Entity().String(c.zone)), Number: p.Number, Name: untrusted.Normalize(p.Name), Status: untrusted.Normalize(p.Status), Text: untrusted.Normalize(p.Text),
		AskedAt: c.instant(p.AskedAt), Answered: c.instant(p.AnsweredAt)}
}
