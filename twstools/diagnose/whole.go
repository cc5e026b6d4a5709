package diagnose

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// How much of the plan a question without a target looks into: bad jobs, overdue streams and running jobs, each as many.
const (
	maxBad     = 12
	maxOverdue = 16
	maxRunning = 200
)

// maxErrors bounds the list of jobs with a failed run. Most of these may have come good since, so it is far longer than what is looked into.
const maxErrors = 1000

// maxListed bounds the bad jobs that are only named: no read went into them.
const maxListed = 50

// wholePlan answers "what is wrong?": it starts from everything that looks bad or overdue, walks each to its roots, and ranks the roots by
// how soon somebody must act on them.
func (c *kase) wholePlan(ctx context.Context) (Report, error) {
	before := len(c.failures)
	starts, err := c.starting(ctx)
	if err != nil {
		return Report{}, err
	}
	return c.explainAll(ctx, starts, c.badUnseen || len(c.failures) > before) // a list that was not seen may hold what is wrong
}

// explainAll walks each start to its roots and ranks these. unseen says that there may be more starts than were found.
func (c *kase) explainAll(ctx context.Context, starts []plan.Start, unseen bool) (Report, error) {
	g, err := plan.Fetch(ctx, c.d.o.Engine, c.now, c.zone, starts, plan.Budget{Reads: readsAll})
	if err != nil && !canGoOn(err) {
		return Report{}, err
	}
	c.graph = g
	for _, f := range g.Failures {
		c.failed(f)
	}
	if g.Truncated {
		c.miss("plan:current", c.text("budget"))
	}
	c.prove(ctx)
	ranked := c.roots(starts)
	for i, r := range ranked {
		if i < maxCauses {
			c.chainTo(r)
			c.root(ctx, nil, r.root, r.cycle)
			continue
		}
		c.out.Candidates = append(c.out.Candidates, answer.Candidate{Entity: c.name(rootEntity(r.root)), Ref: c.rootRef(r.root), Why: rootWhy(r.root)})
	}
	c.share(ctx)
	if len(ranked) == 0 && !unseen && !c.unreadStart(starts) {
		c.out.Verdict = answer.NoProblem
		if c.req.Target == "" {
			c.judgeTurn(ctx, c.turnAt(ctx, time.Time{})) // a plan that is well has turned well
		}
		c.judgeNamed(ctx, starts)
	}
	c.unexplainedBad()
	c.onlyListed()
	c.verdict()
	c.suffer(ctx, nil)
	c.advise(ctx, nil)
	r := c.report(ctx, nil)
	r.Runbooks = c.runbooks(ctx)
	return r, nil
}

// judgeNamed says of each object that was asked about by name what is planned with it: suppressed, not due yet.
func (c *kase) judgeNamed(ctx context.Context, starts []plan.Start) {
	for _, s := range starts {
		if n, ok := c.graph.Node(nodeID(s)); ok && c.req.Target != "" {
			c.judge(ctx, n)
		}
	}
}

// unexplainedBad lists the jobs that ended badly and of which nothing read says why: they are no causes, and not to be passed over.
func (c *kase) unexplainedBad() {
	for _, n := range c.unproven {
		c.out.Candidates = append(c.out.Candidates, answer.Candidate{Entity: c.name(n.Entity()), Ref: c.ref(n), Why: n.Status().Display()})
	}
}

// onlyListed names the jobs that ended badly and that nobody had the time to look into, and says how many there are: a plan with fifty failures must
// not read like one with twelve.
func (c *kase) onlyListed() {
	if len(c.unwalked) == 0 {
		return
	}
	c.miss("plan:current", c.text("only_listed", maxBad, maxBad+len(c.unwalked)))
	listed := 0
	for i := range c.unwalked {
		j := &c.unwalked[i]
		name := c.name(j.Entity())
		if slices.ContainsFunc(c.out.Causes, func(o answer.Cause) bool { return o.Entity == name }) ||
			slices.ContainsFunc(c.out.Candidates, func(o answer.Candidate) bool { return o.Entity == name }) {
			continue // the way from another one led to it
		}
		if listed == maxListed {
			c.unlisted++
			continue
		}
		listed++
		c.out.Candidates = append(c.out.Candidates, answer.Candidate{Entity: name, Ref: JobRef(c.d.o.Name, *j), Why: j.Status.Display()})
	}
}

// maxTogether bounds how many objects are explained in one answer.
const maxTogether = 6

// together finds the jobs and streams that were asked about in one breath; a name that fits none, or several alike, is left out and said.
func (c *kase) together(ctx context.Context, when Moment) []plan.Start {
	var starts []plan.Start
	for _, target := range append([]string{c.req.Target}, c.req.Also...) {
		if len(starts) == maxTogether {
			c.miss("plan:current", c.text("budget"))
			break
		}
		found, err := c.d.o.Finder.Find(ctx, target, finderKind(c.req.Kind), "")
		if err != nil {
			c.failed(err)
			continue
		}
		picked, _ := choose(found, c.req, when, c.now)
		var s plan.Start
		switch {
		case len(picked) == 1 && picked[0].job != nil:
			s = plan.Start{Ref: picked[0].job.Ref}
		case len(picked) == 1 && picked[0].stream != nil:
			s = plan.Start{Ref: picked[0].stream.Ref, JobStream: true}
		default:
			c.miss("plan:"+untrusted.Normalize(target), c.text("not_one", len(picked)))
			continue
		}
		if !slices.Contains(starts, s) {
			starts = append(starts, s)
		}
	}
	return starts
}

// unreadStart reports whether something that looked wrong in a list could not be read: then nothing says that all is well.
func (c *kase) unreadStart(starts []plan.Start) bool {
	return slices.ContainsFunc(starts, func(s plan.Start) bool {
		_, read := c.graph.Node(nodeID(s))
		return !read
	})
}

// starting collects the objects that raise the question.
func (c *kase) starting(ctx context.Context) ([]plan.Start, error) {
	var starts []plan.Start
	bad, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "ERROR"), Limit: maxErrors})
	if err != nil {
		return nil, err
	}
	for _, j := range bad.Items {
		switch {
		case plan.PhaseOf(j.Status) != plan.Bad:
		case len(starts) < maxBad:
			starts = append(starts, plan.Start{Ref: j.Ref, First: true})
		default:
			c.unwalked = append(c.unwalked, j)
		}
	}
	if bad.Total > len(bad.Items) || bad.Total < 0 && len(bad.Items) == maxErrors {
		c.badUnseen = true
		c.miss("plan:current", c.text("budget"))
	}
	running, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "RUNNING"), Limit: maxRunning})
	c.failed(err)
	for i := range running.Items {
		if j := &running.Items[i]; plan.PhaseOf(j.Status) == plan.Running && plan.PaceAt(j, c.now).Slow {
			starts = append(starts, plan.Start{Ref: j.Ref})
		}
	}
	ready, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "READY"), Limit: maxRunning})
	c.failed(err)
	for i, n := 0, 0; i < len(ready.Items); i++ {
		if plan.PhaseOf(ready.Items[i].Status) == plan.Ready {
			if n == maxOverdue {
				c.miss("plan:current", c.text("budget"))
				break
			}
			starts = append(starts, plan.Start{Ref: ready.Items[i].Ref})
			n++
		}
	}
	return append(starts, c.overdue(ctx)...), nil
}

// overdue are streams whose time has come and that wait.
func (c *kase) overdue(ctx context.Context) []plan.Start {
	page, err := c.d.o.Engine.JobStreams(ctx, twstools.ListQuery{Limit: 1000, Where: query.And{
		query.AnyOf("commonStatus", "WAITING", "READY", "HELD", "BLOCKED"),
		query.Term{Field: "schedTime", Op: query.Le, Values: []query.Value{c.now}}}})
	c.failed(err)
	items := slices.Clone(page.Items)
	// Those that must be done within the shift are looked into before all others, the nearest deadline first; of the rest the oldest.
	due := func(s twstools.JobStream) time.Time {
		if d := s.Times.Deadline; !d.IsZero() && d.Before(c.now.Add(shiftWindow)) {
			return d
		}
		return c.now.Add(shiftWindow)
	}
	slices.SortStableFunc(items, func(a, b twstools.JobStream) int {
		return cmp.Or(due(a).Compare(due(b)), a.SchedTime.Compare(b.SchedTime))
	})
	var out []plan.Start
	for _, s := range items {
		if len(out) == maxOverdue {
			c.miss("plan:current", c.text("budget"))
			break
		}
		if p := plan.PhaseOf(s.Status); p == plan.Waiting || p == plan.Ready || p == plan.Stuck {
			out = append(out, plan.Start{Ref: s.Ref, JobStream: true, First: due(s).Before(c.now.Add(shiftWindow))})
		}
	}
	return out
}

// rankedRoot is a root with the number of starts it explains, and what it holds up itself.
type rankedRoot struct {
	root  plan.Root
	hops  []plan.Hop
	cycle []twstools.Entity
	votes int
	nodes []*plan.Node // where the chains end in it: the job that is at fault, or all that wait for what is none

	urgency string    // as of answer.Urgency
	actBy   time.Time // zero where nothing behind it has a deadline
}

// roots explains every start and merges equal roots; what is as planned or unexplained is left out here: nobody asked about it by name.
func (c *kase) roots(starts []plan.Start) []rankedRoot {
	index := map[string]int{}
	var all []rankedRoot
	for _, s := range starts {
		n, ok := c.graph.Node(nodeID(s))
		if !ok {
			continue
		}
		x := c.graph.Explain(n)
		for _, r := range x.Roots {
			if r.Kind == plan.RootPlanned || r.Kind == plan.RootUnknown {
				continue
			}
			key := string(r.Kind) + r.Blocker.Kind + c.name(rootEntity(r))
			i, seen := index[key]
			if !seen {
				i = len(all)
				index[key] = i
				all = append(all, rankedRoot{root: r, hops: x.Hops, cycle: x.Cycle})
			}
			all[i].votes++
			if !slices.Contains(all[i].nodes, r.Node) {
				all[i].nodes = append(all[i].nodes, r.Node)
			}
		}
	}
	c.rank(all)
	return all
}

// chainTo adds the hops that lead to a root, as far as they are few.
func (c *kase) chainTo(r rankedRoot) {
	for _, h := range r.hops {
		if len(c.out.Chain) >= 24 {
			return
		}
		hop := answer.Hop{Entity: c.name(h.Node.Entity()), Status: h.Node.Status().Display(), Why: h.Why, BlockedBy: c.name(h.BlockedBy), Evidence: c.ev.fields(h.Facts)}
		if !slices.ContainsFunc(c.out.Chain, func(o answer.Hop) bool { return o.Entity == hop.Entity && o.BlockedBy == hop.BlockedBy }) {
			c.out.Chain = append(c.out.Chain, hop)
		}
	}
}
