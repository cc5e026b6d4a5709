package tools

import (
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
	p.out.NeedsPerson, p.out.NeedsPersonTotal = worst(p.needs), len(p.needs)
	rep := reply(c, p.out, p.sources(), noTime)
	rep.Text = statusText(p.out, wild(in.Workstation))
	return rep, nil
}

// page is the status page in the making.
type page struct {
	*call
	out   PlanStatusOut
	needs []trouble
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
	plant, err := reader.ViewWorkstations(ctx, p.t.o.Engine, twstools.ListQuery{Limit: 10000}, viewOf("plant", p.zone), p.plantView)
	if err != nil {
		p.failed("workstation:@", err)
		return nil
	}
	p.partly(plant.incomplete, "workstation:@", "workstations")
	if asked = wild(asked); asked != "" && !plant.incomplete && len(plant.names) > 0 && p.out.JobsTotal+p.out.JobStreamsTotal == 0 &&
		!slices.ContainsFunc(plant.names, func(name string) bool { return namedWorkstation(asked, name) }) {
		near, _, _ := p.t.Names(ctx, reader.Wanted{Kind: "workstation", Typed: asked, Limit: mostNearest})
		return fault.New(fault.NotFound, "No workstation fits %s.", clip(asked, 80)).WithHint("list_workstations tells all; @ stands for any characters.").WithCandidates(near...)
	}
	p.needs = append(p.needs, plant.needs...)
	p.out.WorkstationsTotal, p.out.Unhealthy = len(plant.names), len(plant.needs)
	p.out.Workstations = append(p.out.Workstations, plant.rows...)
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
	bad, err := reader.ViewJobs(ctx, p.t.o.Engine, twstools.ListQuery{Where: query.AnyOf("jobruns.commonStatus", "ERROR", "RUNNING"), Limit: 1000}, viewOf("bad or running", p.zone), p.badOrRunning)
	p.failed("plan:current", err)
	p.partly(bad.incomplete, "plan:current", "jobs")
	for i := range bad.needs {
		if n, ok := bad.needs[i].at(p.now); ok {
			p.needs = append(p.needs, n)
		}
	}
	stuck, err := reader.ViewJobStreams(ctx, p.t.o.Engine, twstools.ListQuery{Where: query.Is("commonStatus", "BLOCKED"), Limit: 200}, viewOf("stuck", p.zone), p.stuckStreams)
	p.reads++
	p.failed("plan:current", err)
	p.partly(stuck.incomplete, "plan:current", "job streams")
	p.needs = append(p.needs, stuck.needs...)
	p.prompts(ctx)
}

func (p *page) prompts(ctx context.Context) {
	asked, err := reader.ViewPrompts(ctx, p.t.o.Engine, twstools.ListQuery{Where: query.Is("status", "ASKED"), Limit: 200}, viewOf("asked", p.zone), p.askedPrompts)
	if err != nil {
		if !fault.Is(err, fault.Unsupported) {
			p.reads++
		}
		p.failed("prompt:@", err)
		return
	}
	p.partly(asked.incomplete, "prompt:@", "prompts")
	p.needs = append(p.needs, asked.needs...)
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
