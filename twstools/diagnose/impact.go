package diagnose

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

// Budgets of one look at the impact.
const (
	readsImpact  = 40
	nodesImpact  = 1000
	maxStarters  = 40 // waiting objects of a workstation, resource, file or prompt from which the search goes on
	readsWouldBe = 30
)

// ImpactRequest asks who suffers from an object, and what an act would start.
type ImpactRequest struct {
	Target string // job, job stream, workstation, resource, file (WORKSTATION#/path) or prompt
	Kind   string // type of the target, where the asker said so
	Hint   string
	At     string // when the asker means, as ParseMoment reads it
	If     string // action code: rerun, cancel, release_dependency, confirm_succ; empty: none
}

// ImpactReport is who suffers from the subject, nearest first.
type ImpactReport struct {
	Subject  *Subject
	Rows     []ImpactRow
	Complete bool // false: a budget ended the search, and more may suffer
	If       string
	Outcomes []OutcomeRow
	Missing  []string
	Failures []error
	Sources  []toolkit.Source
	Mirrored time.Time
}

// ImpactRow is one that suffers. Times are written in the plan's zone, empty where unknown.
type ImpactRow struct {
	Entity        string     `json:"entity"`
	Ref           answer.Ref `json:"ref"`
	Hops          int        `json:"hops" doc:"steps from the subject; 1 is directly behind it"`
	Via           string     `json:"via,omitempty" doc:"the one before it on the shortest way"`
	State         string     `json:"state" doc:"blocked, late (its deadline has passed or cannot be kept), or released by the act that was asked about"`
	Status        string     `json:"status"`
	Deadline      string     `json:"deadline,omitempty"`
	PredictedEnd  string     `json:"predicted_end,omitempty" doc:"at the earliest: its end if the subject were all that holds it and were free now, by usual durations; late_risk counts all else it waits for too; reckoned by Resync, not the engine"`
	PredictedSlow string     `json:"predicted_end_slow,omitempty" doc:"the same by the durations of a slow day"`
	ActBy         string     `json:"act_by,omitempty" doc:"when the way behind the subject must be free at the latest to keep the deadline; late_risk tells when all else must be"`
	Critical      bool       `json:"critical,omitempty"`
	Service       string     `json:"service,omitempty"`
	Contact       string     `json:"contact,omitempty"`
	Workstation   string     `json:"workstation,omitempty"`
}

// OutcomeRow is what an act does to one job or job stream.
type OutcomeRow struct {
	Entity string   `json:"entity"`
	When   string   `json:"when" doc:"now, later (when the rerun has ended well), still_waits, or not_released (a conditional dependency)"`
	By     []string `json:"by,omitempty" doc:"what still holds it: kind and entity"`
	Unsure bool     `json:"unsure,omitempty" doc:"its own dependencies could not be read"`
}

// acts are the acts whose consequences can be told.
var acts = []string{string(plan.Rerun), string(plan.Cancel), string(plan.Release), string(plan.Confirm)}

// Impact finds the target and lists who suffers from it: everything downstream that has not run, with deadlines, critical jobs, business
// services and contacts; and what an act on it would start. Errors: not_found with the nearest names, ambiguous with the instances, invalid
// for an act that has no consequences to tell, and the engine's own when it cannot be read at all.
func (d *Diagnoser) Impact(ctx context.Context, req ImpactRequest) (ImpactReport, error) {
	if req.If != "" && !slices.Contains(acts, req.If) {
		return ImpactReport{}, fault.New(fault.Invalid, "What %s would start cannot be told.", req.If).WithHint("These can.").WithCandidates(acts...)
	}
	c := d.newCase(ctx, Request{Target: req.Target, Kind: req.Kind, Hint: req.Hint, At: req.At})
	p, by, err := c.theOne(ctx)
	if err != nil {
		return ImpactReport{}, err
	}
	if need := p.resource != nil || p.prompt != nil || p.file != nil; req.If != "" && p.job == nil && p.stream == nil && (!need || req.If != string(plan.Release)) {
		return ImpactReport{}, fault.New(fault.Invalid, "%s cannot be done to %s.", req.If, c.name(p.entity())).
			WithHint("Jobs and job streams can be run again, cancelled, released and confirmed; of a resource, a file or a prompt only the dependencies can be released.")
	}
	r := ImpactReport{If: req.If}
	starts, err := c.stand(ctx, p, by, &r)
	if err != nil {
		return ImpactReport{}, err
	}
	complete := plan.Spread(ctx, d.o.Engine, c.graph, starts, plan.Budget{Reads: readsImpact, Nodes: nodesImpact}, true)
	if err := ctx.Err(); err != nil {
		return ImpactReport{}, err
	}
	if !complete {
		c.miss("plan:current", c.text("budget_down"))
	}
	found := c.graph.Behind(starts, c.now, nil)
	nodes := make([]*plan.Node, 0, len(found))
	for _, a := range found {
		nodes = append(nodes, a.Node)
	}
	if e := c.estimates(ctx, nodes, 0); len(e) > 0 {
		found = c.graph.Behind(starts, c.now, e)
	}
	released := c.wouldStart(ctx, p, req.If, &r)
	for _, a := range found {
		r.Rows = append(r.Rows, c.impactRow(a, released[a.Node.ID]))
	}
	for _, f := range c.graph.Failures {
		c.failed(f)
	}
	complete = complete && !slices.ContainsFunc(c.out.Missing, func(m string) bool { return strings.HasSuffix(m, ": "+c.text("budget_down")) })
	r.Complete, r.Missing, r.Failures, r.Sources, r.Mirrored = complete, c.out.Missing, c.failures, c.ev.sources(), c.fresh.mirrored
	return r, nil
}

// wouldStart tells what the act does, and which nodes it lets go.
func (c *kase) wouldStart(ctx context.Context, p pick, act string, r *ImpactReport) map[plan.NodeID]bool {
	released := map[plan.NodeID]bool{}
	if act == "" {
		return released
	}
	for _, o := range c.outcomes(ctx, p, act) {
		row := OutcomeRow{Entity: c.name(o.Node.Entity()), When: string(o.When), Unsure: o.Unsure}
		for _, b := range o.By {
			row.By = append(row.By, b.Kind+" "+c.name(b.Entity))
			c.ev.fields(b.Facts)
		}
		c.ev.field(c.fact(o.Node, "status", o.Node.Status().Display()))
		r.Outcomes = append(r.Outcomes, row)
		released[o.Node.ID] = o.When == plan.StartsNow
	}
	return released
}

// outcomes reads what the act could let go, and judges it.
func (c *kase) outcomes(ctx context.Context, p pick, act string) []plan.Outcome {
	var n *plan.Node
	switch {
	case p.job != nil:
		n, _ = c.graph.Node(plan.JobID(p.job.Ref))
	case p.stream != nil:
		n, _ = c.graph.Node(plan.StreamID(p.stream.Ref))
	default:
		var waiting []*plan.Node
		for _, h := range c.out.Chain {
			if n := c.nodeNamed(h.Entity); n != nil {
				waiting = append(waiting, n)
			}
		}
		return c.graph.WithoutNeed(waiting, c.needs(p))
	}
	if !plan.Consider(ctx, c.d.o.Engine, c.graph, n, plan.Budget{Reads: readsWouldBe}) {
		c.miss("plan:current", c.text("budget_down"))
	}
	return c.graph.WouldStart(n, plan.Act(act))
}

// needs tells the open dependencies on an object that is neither job nor stream.
func (c *kase) needs(p pick) func(twstools.Dependency) bool {
	switch {
	case p.resource != nil:
		return waitsFor(*p.resource)
	case p.prompt != nil:
		return func(d twstools.Dependency) bool {
			return d.Type == twstools.DepPrompt && open(d) && (d.PromptNumber != nil && p.prompt.Number != nil && *d.PromptNumber == *p.prompt.Number || d.Prompt != "" && strings.EqualFold(d.Prompt, p.prompt.Name))
		}
	default:
		fits := waitsForFile(*p.file)
		return func(d twstools.Dependency) bool { return fits(d) && open(d) }
	}
}

func (c *kase) impactRow(a plan.Affected, released bool) ImpactRow {
	i := c.impact(a)
	row := ImpactRow{Entity: i.Entity, Ref: c.ref(a.Node), Hops: a.Hops, State: i.State, Status: untrusted.Normalize(a.Node.Status().Display()), Deadline: i.Deadline,
		PredictedEnd: c.instant(a.Earliest), Service: i.Service, Contact: i.Contact}
	if a.Pessimistic.After(a.Earliest) {
		row.PredictedSlow = c.instant(a.Pessimistic)
	}
	if released {
		row.State = "released"
	}
	if via, ok := c.graph.Node(a.Via); ok {
		row.Via = c.name(via.Entity())
	}
	if d := c.graph.DeadlineOf(a.Node); !d.IsZero() {
		row.ActBy = c.instant(d.Add(-a.Work))
		c.ev.field(c.fact(a.Node, "deadline", row.Deadline))
	}
	if a.Node.Job != nil {
		row.Critical, row.Workstation = a.Node.Job.Critical, untrusted.Normalize(a.Node.Job.Workstation)
	} else {
		row.Workstation = untrusted.Normalize(a.Node.Stream.Workstation)
	}
	c.ev.field(c.fact(a.Node, "status", row.Status))
	if row.Service != "" {
		c.ev.field(c.fact(a.Node, "service", row.Service))
	}
	return row
}
