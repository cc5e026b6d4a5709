package diagnose

import (
	"context"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

// wait turns the waiting chain into hops, causes and explanations.
func (c *kase) wait(ctx context.Context, n *plan.Node) {
	x := c.graph.Explain(n)
	for _, h := range x.Hops {
		c.out.Chain = append(c.out.Chain, answer.Hop{Entity: c.name(h.Node.Entity()), Status: h.Node.Status().Display(), Why: h.Why, BlockedBy: c.name(h.BlockedBy), Evidence: c.ev.fields(h.Facts)})
	}
	for _, r := range x.Roots {
		if len(c.out.Causes) >= maxCauses && r.Kind != plan.RootPlanned {
			c.out.Candidates = append(c.out.Candidates, answer.Candidate{Entity: c.name(rootEntity(r)), Ref: c.rootRef(r), Why: rootWhy(r)})
			continue
		}
		c.root(ctx, n, r, x.Cycle)
	}
}

func rootEntity(r plan.Root) twstools.Entity {
	if r.Kind == plan.RootBlocker || r.Kind == plan.RootPlanned {
		return r.Blocker.Entity
	}
	return r.Node.Entity()
}

func (c *kase) rootRef(r plan.Root) answer.Ref {
	if r.Kind == plan.RootBlocker || r.Kind == plan.RootPlanned {
		return c.blockerRef(r)
	}
	return c.ref(r.Node)
}

func rootWhy(r plan.Root) string {
	if r.Blocker.Kind != "" {
		return r.Blocker.Kind
	}
	return r.Node.Status().Display()
}

func (c *kase) root(ctx context.Context, asked *plan.Node, r plan.Root, cycle []twstools.Entity) {
	if r.Kind == plan.RootSlow || r.Kind == plan.RootBlocker && !r.Blocker.Weak {
		c.survey(ctx)
	}
	switch r.Kind {
	case plan.RootFailed:
		c.bad(ctx, r.Node)
	case plan.RootSlow:
		c.slow(ctx, r)
	case plan.RootPlanned:
		if r.Blocker.Kind != "planned.next_plan" || !c.nextPlan(ctx, r) {
			c.planned(r)
		}
	case plan.RootUnknown:
		c.unexplained(r)
	case plan.RootBlocker:
		if !c.awaited(ctx, &r) {
			c.blocked(r, cycle)
		}
	}
}

func (c *kase) planned(r plan.Root) {
	b := r.Blocker
	if b.Kind == "planned.recovered" && r.Node.Phase() == plan.Done {
		c.ev.fields(b.Facts) // done in the meantime: nothing to tell
		return
	}
	params := c.params(b.Entity, b.Params)
	if r.Pace.Elapsed > 0 {
		params["elapsed"], params["estimate"] = twstools.Span(r.Pace.Elapsed), twstools.Span(r.Pace.Estimate)
	}
	c.explain(b.Kind, b.Entity, b.Facts, params)
	if b.Kind == "planned.in_progress" && r.Node.Job != nil && r.Pace.Estimate == 0 {
		c.noEstimate = true
		c.miss("definition:"+c.name(b.Entity), c.text("no_estimate"))
	}
}

func (c *kase) explain(kind string, e twstools.Entity, facts []plan.Fact, params map[string]string) {
	if params == nil {
		params = c.params(e, nil)
	}
	c.explainAs(kind, e, facts, c.statement(kind, params))
}

// explainAs is explain with a sentence of its own.
func (c *kase) explainAs(kind string, e twstools.Entity, facts []plan.Fact, statement string) {
	c.out.Explanations = append(c.out.Explanations, answer.Explanation{Entity: c.name(e), Kind: kind, Statement: statement, Evidence: c.ev.fields(facts)})
}

// unexplained: it waits and nothing that could be read shows why; that is said, and what to read next.
func (c *kase) unexplained(r plan.Root) {
	e := c.name(r.Node.Entity())
	c.ev.fields(r.Facts)
	if _, known := r.Node.Dependencies(); !known {
		c.miss("plan:"+e, c.text("no_deps"))
	}
	c.miss("plan:"+e, c.text("no_reason", r.Node.Status().Display()))
	c.out.WouldChange = append(c.out.WouldChange, c.text("wc_dep", e))
}

func (c *kase) blocked(r plan.Root, cycle []twstools.Entity) {
	params := c.params(r.Blocker.Entity, r.Blocker.Params)
	for i, m := range cycle {
		if i > 0 {
			params["members"] += ", "
		}
		params["members"] += c.name(m)
	}
	c.blockedAs(r, c.statement(r.Blocker.Kind, params))
}

// blockedAs is blocked with a sentence of its own.
func (c *kase) blockedAs(r plan.Root, statement string) {
	b := r.Blocker
	class, confidence := c.byStatus(b.Weak)
	c.cause(answer.Cause{Entity: c.name(b.Entity), Ref: c.blockerRef(r), Kind: b.Kind, Statement: statement, Evidence: c.ev.fields(b.Facts), Class: class, Confidence: confidence})
	if b.Kind == "sched.agent.unlinked" {
		c.out.WouldChange = append(c.out.WouldChange, c.text("wc_host", c.name(b.Entity)))
	}
}

func (c *kase) blockerRef(r plan.Root) answer.Ref {
	e := r.Blocker.Entity
	if e.Type == twstools.EntityJob || e.Type == twstools.EntityJobStream {
		for _, n := range []plan.NodeID{r.Blocker.Next, r.Node.ID} {
			if node, ok := c.graph.Node(n); ok && node.Entity() == e {
				return c.ref(node)
			}
		}
		if r.Node.Job != nil {
			if sn, ok := c.graph.Node(plan.StreamID(r.Node.Job.StreamRef)); ok && sn.Entity() == e {
				return c.ref(sn)
			}
		}
	}
	return Ref(c.d.o.Name, e, twstools.Ref{})
}

func (c *kase) cause(x answer.Cause) {
	for _, have := range c.out.Causes {
		if have.Kind == x.Kind && have.Entity == x.Entity {
			return
		}
	}
	c.out.Causes = append(c.out.Causes, x)
}

func (c *kase) params(e twstools.Entity, more map[string]string) map[string]string {
	p := map[string]string{"entity": c.name(e)}
	for k, v := range more {
		p[k] = v
	}
	return p
}

func (c *kase) fact(n *plan.Node, name, value string) plan.Fact {
	return plan.Fact{Source: "plan:" + c.name(n.Entity()), Name: name, Value: value}
}
