package diagnose

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// theOne finds the one object that the request means.
func (c *kase) theOne(ctx context.Context) (pick, string, error) {
	when, err := ParseMoment(c.req.At, c.zone, c.now)
	if err != nil {
		return pick{}, "", err
	}
	if e, ok := c.fileAsked(); ok {
		return pick{file: &e}, "entity", nil
	}
	found, err := c.d.o.Finder.Find(ctx, c.req.Target, finderKind(c.req.Kind), c.req.Hint)
	if fault.Is(err, fault.NotFound) && (c.req.Kind == "" || c.req.Kind == string(twstools.EntityResource)) {
		if r, ok := c.resourceNamed(ctx); ok {
			return pick{resource: &r}, "entity", nil
		}
	}
	if err != nil {
		return pick{}, "", err
	}
	for _, miss := range found.Missing {
		c.failed(miss)
	}
	all := picks(found)
	if _, fits := when.of(all, c.now); !fits {
		return pick{}, "", Without(c.req.Target, c.req.At, c.instances(all))
	}
	picked, _ := choose(found, c.req, when, c.now)
	switch len(picked) {
	case 0:
		return pick{}, "", fault.New(fault.NotFound, "Nothing in the plan fits %s.", c.req.Target)
	case 1:
		return picked[0], found.By, nil
	}
	return pick{}, "", fault.New(fault.Ambiguous, "%d objects fit %s.", len(picked), c.req.Target).WithHint("Name one of them.").WithCandidates(c.instances(picked)...)
}

// instances names the first of those that were found, each with its status.
func (c *kase) instances(ps []pick) []string {
	var names []string
	for _, p := range ps[:min(12, len(ps))] {
		e := p.entity()
		if p.job != nil && e.JobStreamID == "" {
			e.JobStreamID = p.job.StreamRef.ID
		}
		names = append(names, strings.TrimSpace(c.name(e)+" "+p.status()))
	}
	return names
}

// resourceNamed reads a target in the form WORKSTATION#NAME, which a job stream's and a resource's name share, as a resource.
func (c *kase) resourceNamed(ctx context.Context) (twstools.Resource, bool) {
	e, err := twstools.ParseEntity(c.req.Target, c.zone)
	if err != nil || e.Workstation == "" || e.Stream+e.Name == "" || e.Job != "" {
		return twstools.Resource{}, false
	}
	page, err := c.d.o.Engine.Resources(ctx, twstools.ListQuery{Where: query.Is("name", strings.ToUpper(cmp.Or(e.Name, e.Stream)))})
	if err != nil {
		return twstools.Resource{}, false
	}
	for _, r := range page.Items {
		if strings.EqualFold(strings.TrimPrefix(r.Workstation, "/"), strings.TrimPrefix(e.Workstation, "/")) {
			return r, true
		}
	}
	return twstools.Resource{}, false
}

// stand makes the graph around the object and says where the search begins.
func (c *kase) stand(ctx context.Context, p pick, by string, r *ImpactReport) ([]plan.From, error) {
	if p.job == nil && p.stream == nil {
		return c.standOnObject(ctx, p, by, r), nil
	}
	start := plan.Start{}
	if p.job != nil {
		start.Ref = p.job.Ref
	} else {
		start.Ref, start.JobStream = p.stream.Ref, true
	}
	g, err := plan.Fetch(ctx, c.d.o.Engine, c.now, c.zone, []plan.Start{start}, plan.Budget{Reads: readsImpact / 4})
	c.graph = g
	n, ok := g.Node(nodeID(start))
	if !ok {
		if err == nil {
			err = fault.New(fault.NotFound, "%s is no longer in the plan.", c.name(p.entity()))
		}
		return nil, err
	}
	g.Truncated = false // what it waits for itself is not asked here
	c.prove(ctx)
	r.Subject = c.subject(n, by)
	c.ev.field(c.fact(n, "status", n.Status().Display()))
	starts := []plan.From{{Node: n, Takes: c.takes(n)}}
	if n.Stream != nil {
		for _, m := range g.JobsOf(n) {
			if p := m.Phase(); p != plan.Done && p != plan.Cancelled && p != plan.Suppressed {
				starts = append(starts, plan.From{Node: m, Takes: c.takes(m)})
			}
		}
	}
	return starts, nil
}

// takes is how long a node still needs at least, by the engine's estimate: a job that runs what is left, one that failed or waits all of it.
func (c *kase) takes(n *plan.Node) time.Duration {
	if n.Job == nil {
		return 0
	}
	est := plan.Estimates(nil).Of(n).P50
	if n.Phase() == plan.Running {
		return max(0, est-plan.PaceAt(n.Job, c.now).Elapsed)
	}
	return est
}

// standOnObject: whoever waits for a workstation, a resource, a file or a prompt suffers first.
func (c *kase) standOnObject(ctx context.Context, p pick, by string, r *ImpactReport) []plan.From {
	e := p.entity()
	status := p.status()
	if p.workstation != nil {
		link, _ := plan.LinkState(*p.workstation)
		status = string(link)
	}
	r.Subject = c.object(ctx, e, status, by)
	var nodes []*plan.Node
	switch {
	case p.workstation != nil:
		nodes = c.onWorkstation(ctx, p.workstation.Name)
	case p.resource != nil:
		c.waitFor(ctx, e, twstools.DepResource, waitsFor(*p.resource))
		for _, h := range p.resource.Holders {
			c.holderName(ctx, h)
		}
	case p.prompt != nil:
		c.asker(ctx, *p.prompt)
	case p.file != nil:
		c.waitFor(ctx, e, twstools.DepFile, c.needs(p))
	}
	for _, h := range c.out.Chain {
		if n := c.nodeNamed(h.Entity); n != nil {
			nodes = append(nodes, n)
		}
	}
	var starts []plan.From
	for i, n := range nodes {
		if i == maxStarters {
			c.miss("plan:current", c.text("budget_down"))
			break
		}
		starts = append(starts, plan.From{Node: n, Victim: true})
	}
	return starts
}

// onWorkstation lists the jobs that run or are still to run on a workstation, those that run first, then by their schedule.
func (c *kase) onWorkstation(ctx context.Context, workstation string) []*plan.Node {
	page, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Where: twstools.AtWorkstation("workstation", workstation), Limit: 1000})
	if err != nil {
		c.failed(err)
		return nil
	}
	var out []*plan.Node
	for i := range page.Items {
		j := &page.Items[i]
		switch plan.PhaseOf(j.Status) {
		case plan.Waiting, plan.Ready, plan.Running:
			out = append(out, c.graph.Keep(j))
		}
	}
	slices.SortStableFunc(out, func(a, b *plan.Node) int {
		if ra, rb := a.Phase() == plan.Running, b.Phase() == plan.Running; ra != rb {
			if ra {
				return -1
			}
			return 1
		}
		return a.Job.SchedTime.Compare(b.Job.SchedTime)
	})
	if page.Incomplete || page.Total > len(page.Items) {
		c.miss("plan:current", c.text("budget_down"))
	}
	return out
}
