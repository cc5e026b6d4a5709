package tools

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
)

// maxAttention bounds the list of what needs a person; the total still counts all.
const maxAttention = 30

// PlanStatus shows the plan on one page. Reads that fail leave their part out and are named.
func (t *Tools) PlanStatus(ctx context.Context, in PlanStatusIn) (toolkit.Reply[PlanStatusOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[PlanStatusOut]{}, err
	}
	p := &page{call: c, out: PlanStatusOut{PlanNow: c.instant(c.now), JobsByStatus: map[string]int{}, JobStreamsByStatus: map[string]int{},
		Workstations: []WorkstationRow{}, NeedsPerson: []AttentionRow{}, Engine: EngineRow{Name: t.o.Name, Mode: t.o.Mode, API: t.api()}}}
	p.reads++
	if info, err := t.engineInfo(ctx); err == nil {
		p.out.Engine.Version, p.out.Engine.TimeZone = untrusted.Normalize(info.Version), untrusted.Normalize(info.TimeZone)
	} else {
		p.failed("engine:"+t.o.Name, err)
	}
	p.out.Plan = c.planRow(ctx)
	p.counts(ctx, in)
	if err := p.workstations(ctx, in.Workstation); err != nil {
		return toolkit.Reply[PlanStatusOut]{}, err
	}
	p.attention(ctx)
	if p.reads == len(p.errs) {
		return toolkit.Reply[PlanStatusOut]{}, p.errs[0] // nothing at all could be read
	}
	if err := c.unread(ctx); err != nil && p.out.JobsTotal+p.out.JobStreamsTotal == 0 {
		return toolkit.Reply[PlanStatusOut]{}, err
	}
	p.out.Failures = failureRows(p.errs)
	slices.SortStableFunc(p.out.NeedsPerson, func(a, b AttentionRow) int { return cmp.Compare(rank[a.Status], rank[b.Status]) })
	p.out.NeedsPersonTotal = len(p.out.NeedsPerson)
	p.out.NeedsPerson = p.out.NeedsPerson[:min(maxAttention, len(p.out.NeedsPerson))]
	rep := reply(c, p.out, p.sources(), noTime)
	rep.Text = statusText(p.out, wild(in.Workstation))
	return rep, nil
}

// rank orders what needs a person by its status: bad ends first.
var rank = map[string]int{"ABEND": -5, "FAIL": -5, "STUCK": -4, "unlinked": -3, "stopped": -3, "ASKED": -2, "EXEC": -1}

// page is the status page in the making.
type page struct {
	*call
	out   PlanStatusOut
	reads int
	errs  []error
}

func (p *page) failed(source string, err error) {
	if err == nil || fault.Is(err, fault.Unsupported) {
		return
	}
	p.errs = append(p.errs, err)
	p.out.Missing = append(p.out.Missing, source+": "+fault.Public(err).Message)
}

// partly says that a list may lack some of what was asked for: what it does not show is no proof that all is well.
func (p *page) partly(incomplete bool, source, what string) {
	if incomplete {
		p.out.Missing = append(p.out.Missing, source+": The engine did not give all "+what+": some that need a person may be missing.")
	}
}

// counts reads both totals by status.
func (p *page) counts(ctx context.Context, in PlanStatusIn) {
	for _, streams := range []bool{false, true} {
		p.reads++
		n, err := p.t.o.Engine.Counts(ctx, twstools.CountQuery{JobStreams: streams, Workstation: wild(in.Workstation), GroupBy: []string{"status"}})
		if err != nil {
			p.failed("plan:current", err)
			continue
		}
		if streams {
			p.out.JobStreamsTotal, p.out.JobStreamsByStatus = n.Total, cleanKeys(n.Groups)
		} else {
			p.out.JobsTotal, p.out.JobsByStatus = n.Total, cleanKeys(n.Groups)
		}
	}
}

// cleanKeys cleans the statuses that the engine counts by; those that read the same then are added up.
func cleanKeys(groups map[string]int) map[string]int {
	if groups == nil {
		return nil
	}
	out := make(map[string]int, len(groups))
	for status, n := range groups {
		out[untrusted.Normalize(status)] += n
	}
	return out
}

// workstations shows all of them, whichever the counts are of. Its error is that none bears the asked name: counts of nothing look as if nothing were planned.
func (p *page) workstations(ctx context.Context, asked string) error {
	p.reads++
	list, err := p.t.o.Engine.Workstations(ctx, twstools.ListQuery{Limit: 10000})
	if err != nil {
		p.failed("workstation:@", err)
		return nil
	}
	p.partly(list.Incomplete, "workstation:@", "workstations")
	if asked = wild(asked); asked != "" && !list.Incomplete && len(list.Items) > 0 && p.out.JobsTotal+p.out.JobStreamsTotal == 0 &&
		!slices.ContainsFunc(list.Items, func(w twstools.Workstation) bool { return namedWorkstation(asked, w.Name) }) {
		near, _, _ := p.t.Names(ctx, reader.Wanted{Kind: "workstation", Typed: asked, Limit: mostNearest})
		return fault.New(fault.NotFound, "No workstation fits %s.", clip(asked, 80)).WithHint("list_workstations tells all; @ stands for any characters.").WithCandidates(near...)
	}
	for _, w := range list.Items {
		row := p.workstationRow(w)
		if row.Problem != "" {
			p.out.NeedsPerson = append(p.out.NeedsPerson, AttentionRow{Entity: row.Entity, Kind: "workstation", Status: row.Status, Why: row.Problem})
		}
		p.out.Workstations = append(p.out.Workstations, row)
		if row.Problem != "" {
			p.out.Unhealthy++
		}
	}
	p.out.WorkstationsTotal = len(p.out.Workstations)
	slices.SortStableFunc(p.out.Workstations, func(a, b WorkstationRow) int {
		return cmp.Or(cmp.Compare(b.Problem, a.Problem), cmp.Compare(a.Name, b.Name))
	})
	p.out.Workstations = p.out.Workstations[:min(200, len(p.out.Workstations))]
	return nil
}

// problem says in a word what keeps a workstation from running jobs; "" for nothing.
func problem(w twstools.Workstation, link plan.Link) string {
	switch {
	case link == plan.LinkDown || link == plan.LinkStopped:
		return string(link)
	case w.Limit != nil && *w.Limit == 0 && link != plan.LinkIgnored && !strings.EqualFold(w.Type, "X-AGENT"):
		return "limit 0"
	}
	return ""
}

// attention lists bad jobs, stuck streams, slow jobs and asked prompts.
func (p *page) attention(ctx context.Context) {
	p.reads++
	bad, err := p.t.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.AnyOf("jobruns.commonStatus", "ERROR", "RUNNING"), Limit: 1000})
	p.failed("plan:current", err)
	p.partly(bad.Incomplete, "plan:current", "jobs")
	for i := range bad.Items {
		j := &bad.Items[i]
		row := p.jobRow(*j)
		switch pace := plan.PaceAt(j, p.now); {
		case plan.PhaseOf(j.Status) == plan.Bad:
			why := row.Status
			if row.ReturnCode != nil {
				why += " rc=" + strconv.Itoa(*row.ReturnCode)
			}
			p.out.NeedsPerson = append(p.out.NeedsPerson, AttentionRow{Entity: row.Entity, Kind: "job", Status: row.Status, Why: why, Since: row.End})
		case plan.PhaseOf(j.Status) == plan.Running && pace.Slow:
			p.out.NeedsPerson = append(p.out.NeedsPerson, AttentionRow{Entity: row.Entity, Kind: "job", Status: row.Status, Since: row.Start,
				Why: "elapsed " + twstools.Span(pace.Elapsed) + ", estimated " + twstools.Span(pace.Estimate)})
		}
	}
	stuck, err := p.t.o.Engine.JobStreams(ctx, twstools.ListQuery{Where: query.Is("commonStatus", "BLOCKED"), Limit: 200})
	p.reads++
	p.failed("plan:current", err)
	p.partly(stuck.Incomplete, "plan:current", "job streams")
	for _, s := range stuck.Items {
		p.out.NeedsPerson = append(p.out.NeedsPerson, AttentionRow{Entity: untrusted.Normalize(s.Entity().String(p.zone)), Kind: "job_stream", Status: untrusted.Normalize(s.Status.Display()), Why: untrusted.Normalize(s.Status.Common)})
	}
	p.prompts(ctx)
}

func (p *page) prompts(ctx context.Context) {
	list, err := p.t.o.Engine.Prompts(ctx, twstools.ListQuery{Where: query.Is("status", "ASKED"), Limit: 200})
	if err != nil {
		if !fault.Is(err, fault.Unsupported) {
			p.reads++
		}
		p.failed("prompt:@", err)
		return
	}
	p.partly(list.Incomplete, "prompt:@", "prompts")
	for _, q := range list.Items {
		if informs(q.Text) {
			continue
		}
		p.out.NeedsPerson = append(p.out.NeedsPerson, AttentionRow{Entity: untrusted.Normalize(q.Entity().String(p.zone)), Kind: "prompt", Status: untrusted.Normalize(q.Status), Why: untrusted.Normalize(q.Text), Since: p.instant(q.AskedAt)})
	}
}

// sources are the fields that a sentence about the page quotes.
func (p *page) sources() []toolkit.Source {
	current := toolkit.Source{Source: "plan:current", Fields: []toolkit.Field{{Name: "jobs_total", Value: strconv.Itoa(p.out.JobsTotal)}, {Name: "job_streams_total", Value: strconv.Itoa(p.out.JobStreamsTotal)}}}
	for _, k := range slices.Sorted(maps.Keys(p.out.JobsByStatus)) {
		current.Fields = append(current.Fields, toolkit.Field{Name: "jobs_" + k, Value: strconv.Itoa(p.out.JobsByStatus[k])})
	}
	if r := p.out.Plan; r != nil && r.Unread == "" {
		for _, f := range []FieldRow{{"run_number", figure(r.RunNumber)}, {"plan_start", r.Start}, {"plan_end", r.End}, {"batchman", r.Batchman}} {
			if f.Value != "" {
				current.Fields = append(current.Fields, toolkit.Field(f))
			}
		}
	}
	out := []toolkit.Source{current}
	for _, a := range p.out.NeedsPerson {
		prefix := "plan:"
		if a.Kind == "workstation" || a.Kind == "prompt" {
			prefix = a.Kind + ":"
		}
		out = append(out, toolkit.Source{Source: prefix + a.Entity, Fields: []toolkit.Field{{Name: "status", Value: a.Status}}})
	}
	return out
}
