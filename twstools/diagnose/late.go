package diagnose

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// Budgets of one look at lateness.
const (
	readsLate    = 60
	nodesLate    = 1000
	maxDue       = 20 // objects with a deadline, or critical, that are looked into at once
	archivedLate = 2  // jobs of one target for which archived plans are asked; none for the whole plan
)

// LateRequest asks what will be late.
type LateRequest struct {
	Target string // job or job stream; empty: everything that has a deadline or is critical
	Kind   string
	Hint   string
	At     string        // when the asker means, as ParseMoment reads it
	Within time.Duration // of the whole plan only deadlines before so long from now; 0: a day
}

// LateReport is what will be late, least slack first. It is reckoned by Resync: the engine's own late flags are off unless somebody
// switched them on (AD, localopts "bm check deadline").
type LateReport struct {
	Subject  *Subject
	Rows     []LateRow
	Complete bool // false: a budget ended the reading, so that more may be late, or later
	Missing  []string
	Failures []error
	Sources  []toolkit.Source
	Mirrored time.Time
}

// Late reckons when a target will be done, or for the whole plan which of those with a deadline, or critical, will be late. Errors: as
// Impact's; invalid for a target that is neither job nor job stream.
func (d *Diagnoser) Late(ctx context.Context, req LateRequest) (LateReport, error) {
	c := d.newCase(ctx, Request{Target: req.Target, Kind: req.Kind, Hint: req.Hint, At: req.At})
	var r LateReport
	var starts []plan.Start
	archived := 0
	if req.Target != "" {
		p, by, err := c.theOne(ctx)
		if err != nil {
			return LateReport{}, err
		}
		switch {
		case p.job != nil:
			starts = []plan.Start{{Ref: p.job.Ref}}
		case p.stream != nil:
			starts = []plan.Start{{Ref: p.stream.Ref, JobStream: true}}
		default:
			return LateReport{}, fault.New(fault.Invalid, "%s has no end to be late for.", c.name(p.entity())).WithHint("impact_of tells who suffers from it.")
		}
		r.Subject, archived = &Subject{FoundBy: by}, archivedLate
	} else {
		var err error
		if starts, err = c.due(ctx, req.Within, &r); err != nil {
			return LateReport{}, err
		}
	}
	if err := c.look(ctx, starts, archived, &r); err != nil {
		return LateReport{}, err
	}
	r.Missing, r.Failures, r.Sources, r.Mirrored = c.out.Missing, c.failures, c.ev.sources(), c.fresh.mirrored
	return r, nil
}

// due lists what has a deadline within the time, or is critical, and is not done: nearest deadline first. It fails when nothing could be read: an
// empty list would say that nothing is due.
func (c *kase) due(ctx context.Context, within time.Duration, r *LateReport) ([]plan.Start, error) {
	if within <= 0 {
		within = 24 * time.Hour
	}
	by := query.Term{Field: "timeRestrictions.deadlineTime", Op: query.Le, Values: []query.Value{c.now.Add(within)}}
	type dated struct {
		start plan.Start
		at    time.Time
	}
	var all []dated
	r.Complete = true
	jobs, noJobs := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: 1000, Where: query.Or{by, query.Is("jobOptions.critical", true)}})
	c.failed(noJobs)
	for _, j := range jobs.Items {
		if at := j.Times.Deadline; unfinished(plan.PhaseOf(j.Status)) && (j.Critical || !at.IsZero() && !at.After(c.now.Add(within))) {
			if at.IsZero() {
				at = c.now.Add(within)
			}
			all = append(all, dated{plan.Start{Ref: j.Ref}, at})
		}
	}
	streams, noStreams := c.d.o.Engine.JobStreams(ctx, twstools.ListQuery{Limit: 1000, Where: by})
	c.failed(noStreams)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case noJobs != nil && noStreams != nil:
		return nil, noJobs
	}
	for _, s := range streams.Items {
		if at := s.Times.Deadline; unfinished(plan.PhaseOf(s.Status)) && !at.IsZero() && !at.After(c.now.Add(within)) {
			all = append(all, dated{plan.Start{Ref: s.Ref, JobStream: true}, at})
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return a.at.Compare(b.at) })
	if len(all) > maxDue || jobs.Incomplete || streams.Incomplete || jobs.Total > len(jobs.Items) || streams.Total > len(streams.Items) {
		r.Complete = false
		c.miss("plan:current", c.text("budget"))
		all = all[:min(maxDue, len(all))]
	}
	out := make([]plan.Start, 0, len(all))
	for _, x := range all {
		out = append(out, x.start)
	}
	return out, nil
}

func unfinished(p plan.Phase) bool {
	return p != plan.Done && p != plan.Cancelled && p != plan.Suppressed
}

// look reads the ways to the starts and reckons them.
func (c *kase) look(ctx context.Context, starts []plan.Start, archived int, r *LateReport) error {
	g, err := plan.Fetch(ctx, c.d.o.Engine, c.now, c.zone, starts, plan.Budget{Reads: readsLate / 3, Nodes: nodesLate})
	c.graph = g
	if err != nil && (len(starts) > 0 || !canGoOn(err)) {
		return err
	}
	var nodes []*plan.Node
	for _, s := range starts {
		if n, ok := g.Node(nodeID(s)); ok {
			nodes = append(nodes, n)
		}
	}
	unread := len(nodes) < len(starts)
	g.Truncated = false // Ahead goes the whole way once more, past what was read
	complete := plan.Ahead(ctx, c.d.o.Engine, g, nodes, plan.Budget{Reads: readsLate, Nodes: nodesLate})
	if err := ctx.Err(); err != nil {
		return err
	}
	if complete = complete && !unread && len(g.Failures) == 0; !complete {
		c.miss("plan:current", c.text("budget"))
	}
	r.Complete = complete && (r.Subject != nil || r.Complete)
	for _, f := range g.Failures {
		c.failed(f)
	}
	c.prove(ctx)
	e := c.pathEstimates(ctx, nodes, archived)
	forecasts := c.forecasts(ctx, nodes)
	for _, n := range nodes {
		r.Rows = append(r.Rows, c.lateRow(n, e, forecasts[n.ID]))
	}
	slices.SortStableFunc(r.Rows, func(a, b LateRow) int {
		return cmp.Or(cmp.Compare(slices.Index(riskOrder, a.Risk), slices.Index(riskOrder, b.Risk)), cmp.Compare(a.slack, b.slack), a.due.Compare(b.due))
	})
	if r.Subject != nil && len(nodes) == 1 {
		r.Subject = c.subject(nodes[0], r.Subject.FoundBy)
	}
	return nil
}

// pathEstimates asks the past for what lies on the paths: the rest does not count.
func (c *kase) pathEstimates(ctx context.Context, nodes []*plan.Node, archived int) plan.Estimates {
	var on []*plan.Node
	for _, n := range nodes {
		for _, x := range c.graph.Remaining(n, nil, plan.P90).Parts {
			if !slices.Contains(on, x.Node) {
				on = append(on, x.Node)
			}
		}
	}
	return c.estimates(ctx, on, archived)
}

// forecasts asks the critical-path service about the critical jobs, once.
func (c *kase) forecasts(ctx context.Context, nodes []*plan.Node) map[plan.NodeID]twstools.CriticalJob {
	out := map[plan.NodeID]twstools.CriticalJob{}
	if !slices.ContainsFunc(nodes, func(n *plan.Node) bool { return n.Job != nil && n.Job.Critical }) {
		return out
	}
	page, err := twstools.CapabilitiesOf(c.d.o.Engine).CriticalJobs.CriticalJobs(ctx, twstools.ListQuery{Limit: 500})
	if err != nil {
		p := fault.Public(err)
		c.miss("engine:"+c.d.o.Name, p.Message)
		return out
	}
	for _, f := range page.Items {
		for _, n := range nodes {
			if n.Job != nil && strings.EqualFold(f.Job.Name, n.Job.Name) && (f.Job.Stream == "" || strings.EqualFold(f.Job.Stream, n.Job.Stream)) &&
				(f.Job.SchedTime.IsZero() || n.Job.SchedTime.IsZero() || f.Job.SchedTime.Equal(n.Job.SchedTime)) {
				out[n.ID] = f
			}
		}
	}
	return out
}
