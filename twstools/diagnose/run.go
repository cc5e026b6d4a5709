package diagnose

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

// Budgets of one diagnosis: reads up the waiting chain, up those of many objects at once, and down to those who suffer.
const (
	readsUp        = 60
	readsAll       = 36
	readsDown      = 30 // for one object; of the whole plan, where the way up has cost more, readsDownWhole
	readsDownWhole = 20
	readsWays      = 8 // of that way again upwards, from those who suffer soonest
	maxCauses      = 4
)

// run diagnoses one object.
func (c *kase) run(ctx context.Context, p pick, by string) (Report, error) {
	switch {
	case p.workstation != nil:
		return c.workstation(ctx, *p.workstation, by)
	case p.resource != nil:
		return c.resource(ctx, *p.resource, by)
	case p.prompt != nil:
		return c.prompt(ctx, *p.prompt, by)
	}
	start := plan.Start{}
	if p.job != nil {
		start.Ref = p.job.Ref
	} else {
		start.Ref, start.JobStream = p.stream.Ref, true
	}
	turn := c.readTurn(ctx, p)
	g, err := plan.Fetch(ctx, c.d.o.Engine, c.now, c.zone, append([]plan.Start{start}, turn.starts()...), plan.Budget{Reads: readsUp})
	c.graph = g
	node, ok := g.Node(nodeID(start))
	if !ok {
		// The object was listed and cannot be read by itself: what the list said of it has to do.
		if err != nil && !canGoOn(err) {
			return Report{}, err
		}
		return c.listedOnly(ctx, p, by)
	}
	if node.Job != nil {
		c.told.Less(node.Job, p.job)
		node.Job.Fill(p.job) // the list may have told what the single read left out
	} else {
		node.Stream.Fill(p.stream)
	}
	for _, f := range g.Failures {
		c.failed(f)
	}
	if g.Truncated {
		c.miss("plan:current", c.text("budget"))
	}
	c.prove(ctx)
	subject := c.subject(node, by)
	c.judge(ctx, node)
	c.judgeTurn(ctx, turn)
	c.verdict()
	c.others(ctx)
	c.suspect(node)
	c.suffer(ctx, node)
	c.advise(ctx, node)
	c.lookInto(ctx)
	r := c.report(ctx, subject)
	r.Runbooks = c.runbooks(ctx)
	return r, nil
}

// lookInto advises, where nothing that could be read settles the question, to look at the objects that hold the answer: reading hurts nobody.
func (c *kase) lookInto(ctx context.Context) {
	if len(c.out.Causes) > 0 {
		return
	}
	for _, n := range c.unproven[:min(len(c.unproven), maxCauses)] {
		c.out.Actions = append(c.out.Actions, c.action(ctx, "check", c.complete(n), n, -1, false))
	}
}

func nodeID(s plan.Start) plan.NodeID {
	if s.JobStream {
		return plan.StreamID(s.Ref)
	}
	return plan.JobID(s.Ref)
}

// canGoOn tells a failure of one read from an engine that is away or a caller that left.
func canGoOn(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// listedOnly diagnoses from the row of a list when the single read failed: a bad job still has its log.
func (c *kase) listedOnly(ctx context.Context, p pick, by string) (Report, error) {
	node := &plan.Node{Job: p.job, Stream: p.stream}
	for _, f := range c.graph.Failures {
		c.failed(f)
	}
	c.prove(ctx)
	subject := c.subject(node, by)
	if node.Job != nil && node.Phase() == plan.Bad {
		c.bad(ctx, node)
	} else {
		e := node.Entity()
		c.miss("plan:"+c.name(e), c.text("no_deps"))
		c.out.WouldChange = append(c.out.WouldChange, c.text("wc_dep", c.name(e)))
	}
	c.verdict()
	c.advise(ctx, node)
	c.lookInto(ctx)
	r := c.report(ctx, subject)
	r.Runbooks = c.runbooks(ctx)
	return r, nil
}

// subject describes the node that was asked about.
func (c *kase) subject(n *plan.Node, by string) *Subject {
	s := &Subject{Entity: c.name(n.Entity()), Ref: c.ref(n), Status: n.Status().Internal, CommonStatus: n.Status().Common, FoundBy: by}
	if n.Stream != nil {
		s.Type, s.Name, s.Workstation = "job_stream", n.Stream.Name, n.Stream.Workstation
		s.Start, s.End = c.instant(n.Stream.Start), c.instant(n.Stream.End)
		return s
	}
	j := n.Job
	s.Type, s.Name, s.Workstation = "job", j.Name, j.Workstation
	s.Description = untrusted.Normalize(j.Definition.Description)
	if r := plan.OwnRun(j); r != nil {
		s.ReturnCode, s.RunID, s.JobNumber = r.ReturnCode, r.ID, r.JobNumber
		s.Start, s.End = c.instant(r.Start), c.instant(r.End)
	}
	return s
}

func (c *kase) instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(c.zone).Format(time.RFC3339)
}

func lastRun(j *twstools.Job) *twstools.Run {
	if len(j.Runs) == 0 {
		return nil
	}
	return &j.Runs[len(j.Runs)-1]
}

// judge fills causes, explanations and chain.
func (c *kase) judge(ctx context.Context, n *plan.Node) {
	switch {
	case n.Job != nil && n.Phase() == plan.Bad:
		if !c.recovered(ctx, n) {
			c.bad(ctx, n)
		}
	case n.Phase() == plan.Done:
		c.done(n)
		c.heldAfter(ctx, n)
	default:
		c.wait(ctx, n)
		c.suspected(ctx, n)
	}
	c.share(ctx)
}

// done: it ended well; an earlier bad run of the chain is told as recovered.
func (c *kase) done(n *plan.Node) {
	facts := []plan.Fact{c.fact(n, "status", n.Status().Display())}
	if n.Job != nil {
		for i := range n.Job.Runs[:max(0, len(n.Job.Runs)-1)] {
			r := &n.Job.Runs[i]
			if plan.PhaseOf(r.Status) == plan.Bad {
				facts = append(facts, c.fact(n, "earlier_run", fmt.Sprintf("#J%d %s", r.JobNumber, r.Status.Display())))
				c.explain("planned.recovered", n.Entity(), facts, nil)
				break
			}
		}
		if r := lastRun(n.Job); r != nil && r.ReturnCode != nil {
			facts = append(facts, c.fact(n, "return_code", strconv.Itoa(*r.ReturnCode)))
		}
	}
	c.ev.fields(facts)
	c.out.Verdict = answer.NoProblem
}

// verdict follows from what was found: causes make a problem; explanations alone make none; nothing at all cannot be told.
func (c *kase) verdict() {
	switch {
	case len(c.out.Causes) > 0:
		c.out.Verdict = answer.Problem
	case c.out.Verdict == answer.NoProblem:
	case c.suspectsPace() && c.noEstimate:
		c.out.Verdict = answer.InsufficientEvidence // slow or as usual: nothing that could be read tells
	case len(c.out.Explanations) > 0 && !c.unexplainedSeen():
		c.out.Verdict = answer.NoProblem
	default:
		c.out.Verdict = answer.InsufficientEvidence
	}
}

// suspectsPace reports whether the asker thinks that it takes too long.
func (c *kase) suspectsPace() bool {
	return c.req.Premise == "slow" || c.req.Premise == "running_long" || c.req.Premise == "late"
}

// unexplainedSeen reports whether a branch of the chain ended without a reason: then the explanations of other branches prove nothing.
func (c *kase) unexplainedSeen() bool {
	for _, w := range c.out.WouldChange {
		for _, h := range c.out.Explanations {
			if w == c.text("wc_dep", h.Entity) {
				return false
			}
		}
	}
	return len(c.out.WouldChange) > 0 && len(c.out.Causes) == 0
}

// premise says whether what the asker believes holds for the subject.
func (c *kase) premise(s *Subject) string {
	if s == nil || c.req.Premise == "" {
		return ""
	}
	phase := plan.PhaseOf(twstools.Status{Internal: s.Status, Common: s.CommonStatus})
	phases := premisePhases[c.req.Premise]
	if c.req.Premise == "succeeded" {
		phases = []plan.Phase{plan.Done}
	}
	if len(phases) == 0 || phase == plan.Unknown || s.Type == "job_stream" && phase == plan.Running {
		return "" // of a stream that runs, any single job may be what is meant
	}
	if slices.Contains(phases, phase) {
		return "holds"
	}
	return "false"
}

// others lists the instances of the same name that were not meant.
func (c *kase) others(ctx context.Context) {
	rest := c.rest[:min(5, len(c.rest))]
	var jobs []twstools.Job
	for _, p := range rest {
		if p.job != nil {
			jobs = append(jobs, *p.job)
		}
	}
	ids := c.d.o.Finder.StreamIDs(ctx, jobs)
	for _, p := range rest {
		if p.job != nil && p.job.JobStreamID == "" {
			p.job.JobStreamID = ids[p.job.StreamRef]
		}
		c.out.Candidates = append(c.out.Candidates, answer.Candidate{Entity: c.name(p.entity()), Ref: c.pickRef(p), Why: c.state(p)})
	}
}

// suspect tells of a CHECKSYNC that failed: then every status shown is in doubt.
func (c *kase) suspect(n *plan.Node) {
	if c.fresh.lagging == nil {
		return
	}
	e := c.fresh.lagging.Entity()
	c.ev.field(plan.Fact{Source: "plan:" + c.name(e), Name: "status", Value: c.fresh.lagging.Status.Display()})
	c.out.WouldChange = append(c.out.WouldChange, c.text("wc_status", c.name(n.Entity())))
}

func (c *kase) runbooks(ctx context.Context) []Runbook {
	if c.d.o.Runbooks == nil || len(c.out.Causes) == 0 {
		return nil
	}
	var kinds []string
	for _, x := range c.out.Causes {
		kinds = append(kinds, c.runbookKind(x))
	}
	// The names alone go along: words of a statement are ours, and would find texts that merely sound like it.
	found, err := c.d.o.Runbooks.Fitting(ctx, kinds, c.messages, c.out.Causes[0].Entity, c.lang)
	if err != nil {
		p := fault.Public(err)
		c.miss("knowledge:", c.inLanguage(p.Message))
		return nil
	}
	return found
}
