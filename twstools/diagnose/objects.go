package diagnose

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// object makes an empty graph for subjects that are neither job nor stream, and their description.
func (c *kase) object(ctx context.Context, e twstools.Entity, status, by string) *Subject {
	c.graph, _ = plan.Fetch(ctx, c.d.o.Engine, c.now, c.zone, nil, plan.Budget{})
	c.prove(ctx)
	name := e.Name
	if name == "" {
		name = e.Workstation
	}
	return &Subject{Type: string(e.Type), Entity: c.name(e), Ref: Ref(c.d.o.Name, e, twstools.Ref{}), Name: name, Status: status, FoundBy: by}
}

// maxWaiters bounds how many jobs and streams are read whole to see whether they wait for a resource.
const maxWaiters = 12

// waitFor reads the jobs and job streams that still wait and have dependencies of the counted kind, and hangs those that wait for the
// object onto the graph, as the first hops.
func (c *kase) waitFor(ctx context.Context, e twstools.Entity, counted twstools.DependencyType, fits func(twstools.Dependency) bool) {
	jobs, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: 500, Where: query.AnyOf("jobruns.commonStatus", "WAITING", "READY")})
	c.failed(err)
	streams, err := c.d.o.Engine.JobStreams(ctx, twstools.ListQuery{Limit: 500, Where: query.AnyOf("commonStatus", "WAITING", "READY")})
	c.failed(err)
	jobs.Items = slices.DeleteFunc(jobs.Items, func(j twstools.Job) bool { return !mayDepend(j.DependencyCounts, j.UnresolvedCount, counted) })
	streams.Items = slices.DeleteFunc(streams.Items, func(s twstools.JobStream) bool { return !mayDepend(s.DependencyCounts, s.UnresolvedCount, counted) })
	read := 0
	for _, j := range jobs.Items {
		if read++; read > maxWaiters {
			c.miss("plan:current", c.text("budget_down"))
			return
		}
		if whole, err := c.d.o.Engine.Job(ctx, j.Ref); err == nil && slices.ContainsFunc(whole.Dependencies, fits) {
			c.waiter(c.graph.Keep(&whole), e)
		}
	}
	for _, s := range streams.Items {
		if read++; read > maxWaiters {
			c.miss("plan:current", c.text("budget_down"))
			return
		}
		if whole, err := c.d.o.Engine.JobStream(ctx, s.Ref); err == nil && slices.ContainsFunc(whole.Dependencies, fits) {
			c.waiter(c.graph.KeepStream(&whole), e)
		}
	}
}

// waitForHeldBy looks for whoever waits for units that a running job, or its stream, holds: they suffer from it without being its successors.
func (c *kase) waitForHeldBy(ctx context.Context, n *plan.Node) {
	if n.Job == nil || n.Phase() != plan.Running {
		return
	}
	page, err := c.d.o.Engine.Resources(ctx, twstools.ListQuery{Limit: 500})
	if err != nil {
		c.failed(err)
		return
	}
	for _, r := range page.Items {
		holds := slices.ContainsFunc(r.Holders, func(h twstools.Holder) bool {
			return h.JobRef == n.Job.Ref && !h.JobRef.IsZero() || h.JobRef.IsZero() && !h.JobStreamRef.IsZero() && h.JobStreamRef == n.Job.StreamRef
		})
		if !holds {
			continue
		}
		before := len(c.out.Chain)
		c.waitFor(ctx, r.Entity(), twstools.DepResource, waitsFor(r))
		for i := before; i < len(c.out.Chain); i++ {
			c.out.Chain[i].BlockedBy = c.name(n.Entity())
		}
	}
}

// mayDepend leaves out what the engine's own counts show to have no open dependency of the type; without counts anything may.
func mayDepend(counts map[twstools.DependencyType]int, unresolved *int, typ twstools.DependencyType) bool {
	if unresolved != nil && *unresolved == 0 {
		return false
	}
	n, told := counts[typ]
	return !told || n > 0
}

// waitsFor tells the dependencies that still wait for units of the resource.
func waitsFor(r twstools.Resource) func(twstools.Dependency) bool {
	return func(d twstools.Dependency) bool {
		return d.Type == twstools.DepResource && strings.EqualFold(d.Resource, r.Name) && (d.Workstation == "" || strings.EqualFold(d.Workstation, r.Workstation)) && open(d)
	}
}

// waiter puts a waiting node into the chain, where the search for sufferers begins.
func (c *kase) waiter(n *plan.Node, e twstools.Entity) {
	if slices.ContainsFunc(c.out.Chain, func(h answer.Hop) bool {
		return h.Entity == c.name(n.Entity()) && strings.HasPrefix(h.Why, "sched.dep.")
	}) {
		return // a hop of the chain says it already
	}
	why := map[twstools.EntityType]string{twstools.EntityPrompt: "sched.dep.prompt", twstools.EntityResource: "sched.dep.resource", twstools.EntityFile: "sched.dep.file"}[e.Type]
	c.out.Chain = append(c.out.Chain, answer.Hop{Entity: c.name(n.Entity()), Status: n.Status().Display(), Why: why, BlockedBy: c.name(e),
		Evidence: c.ev.fields([]plan.Fact{c.fact(n, "status", n.Status().Display())})})
}

// open reports whether a dependency still holds its owner.
func open(d twstools.Dependency) bool {
	holds, _ := d.Open()
	return holds
}

func (c *kase) finish(ctx context.Context, s *Subject, subject twstools.Entity) (Report, error) {
	c.verdict()
	c.suffer(ctx, nil)
	if c.req.Action != "" {
		c.requested(ctx, subject, nil)
	}
	c.advise(ctx, nil)
	r := c.report(ctx, s)
	r.Runbooks = c.runbooks(ctx)
	return r, nil
}

// workstation judges an agent: link, job manager, limit.
func (c *kase) workstation(ctx context.Context, w twstools.Workstation, by string) (Report, error) {
	link, fact := plan.LinkState(w)
	s := c.object(ctx, w.Entity(), string(link), by)
	kinds := map[plan.Link]string{plan.LinkDown: "sched.agent.unlinked", plan.LinkStopped: "sched.agent.stopped", plan.LinkIgnored: "sched.agent.ignored"}
	if link == plan.LinkIgnored && len(c.waitingOn(ctx, w.Name)) == 0 {
		// Ignored on purpose, and nothing waits for it: as somebody wants it.
		c.ev.field(fact)
		c.out.Verdict = answer.NoProblem
		return c.finish(ctx, s, w.Entity())
	}
	if kind := kinds[link]; kind != "" {
		c.objectCause(w.Entity(), kind, []plan.Fact{fact}, nil, link == plan.LinkStopped)
	} else if link == plan.LinkUnknown {
		c.miss("workstation:"+w.Name, c.text("no_reason", "?"))
	}
	if w.Limit != nil && *w.Limit == 0 && link != plan.LinkIgnored && !strings.EqualFold(w.Type, "X-AGENT") {
		c.objectCause(w.Entity(), "sched.limit.workstation", []plan.Fact{{Source: "workstation:" + w.Name, Name: "limit", Value: "0"}}, map[string]string{"limit": "0"}, false)
	}
	if len(c.out.Causes) == 0 && link == plan.LinkUp {
		c.ev.field(fact)
		c.out.Verdict = answer.NoProblem
	}
	c.there(ctx, w.Name)
	return c.finish(ctx, s, w.Entity())
}

// maxThere bounds how many jobs of a workstation are named.
const maxThere = 12

// there lists what runs on a workstation, then what waits to run there: what its outage touches first.
func (c *kase) there(ctx context.Context, name string) {
	page, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Where: twstools.AtWorkstation("workstation", name), Limit: 500})
	if err != nil {
		c.failed(err)
		return
	}
	var picked []pick
	for _, phase := range []plan.Phase{plan.Running, plan.Ready, plan.Waiting} {
		for i := range page.Items {
			if j := &page.Items[i]; plan.PhaseOf(j.Status) == phase && (phase != plan.Waiting || !j.SchedTime.After(c.now)) {
				picked = append(picked, pick{job: j})
			}
		}
	}
	for i, p := range picked {
		if i == maxThere {
			c.miss("workstation:"+name, fmt.Sprintf(c.text("more_instances"), len(picked)-i))
			break
		}
		c.out.Candidates = append(c.out.Candidates, answer.Candidate{Entity: c.name(p.entity()), Ref: c.pickRef(p), Why: c.state(p)})
	}
}

func (c *kase) objectCause(e twstools.Entity, kind string, facts []plan.Fact, params map[string]string, weak bool) {
	class, confidence := c.byStatus(weak)
	c.cause(answer.Cause{Entity: c.name(e), Ref: Ref(c.d.o.Name, e, twstools.Ref{}), Kind: kind, Statement: c.statement(kind, c.params(e, params)), Evidence: c.ev.fields(facts), Class: class, Confidence: confidence})
}

// resource judges a resource: set to zero, all units in use, or free.
func (c *kase) resource(ctx context.Context, r twstools.Resource, by string) (Report, error) {
	s := c.object(ctx, r.Entity(), r.Status, by)
	source := "resource:" + c.name(r.Entity())
	var facts []plan.Fact
	params := map[string]string{"units": "1"}
	if r.Available != nil {
		params["available"] = strconv.Itoa(*r.Available)
		facts = append(facts, plan.Fact{Source: source, Name: "available", Value: params["available"]})
	}
	if r.Quantity != nil {
		params["quantity"] = strconv.Itoa(*r.Quantity)
		facts = append(facts, plan.Fact{Source: source, Name: "quantity", Value: params["quantity"]})
	}
	c.waitFor(ctx, r.Entity(), twstools.DepResource, waitsFor(r))
	for _, h := range r.Holders {
		name := c.holderName(ctx, h)
		if params["holder"] != "" {
			params["holder"] += ", "
		}
		params["holder"] += name
		facts = append(facts, plan.Fact{Source: source, Name: "holder", Value: name})
	}
	switch {
	case r.Quantity != nil && *r.Quantity == 0:
		c.objectCause(r.Entity(), "sched.dep.resource_zero", facts, params, false)
	case r.Available != nil && *r.Available == 0:
		// No unit is free; whether that is a trouble depends on whether anybody waits for one.
		if len(c.out.Chain) > 0 {
			c.objectCause(r.Entity(), "sched.dep.resource", facts, params, false)
		} else {
			c.ev.fields(facts)
			c.out.Verdict = answer.NoProblem
		}
	case r.Available != nil:
		c.ev.fields(facts)
		c.out.Verdict = answer.NoProblem
	default:
		c.miss(source, c.text("no_reason", "?"))
	}
	return c.finish(ctx, s, r.Entity())
}

// holderName names a holder as answers do, where it can be read.
func (c *kase) holderName(ctx context.Context, h twstools.Holder) string {
	if !h.JobRef.IsZero() {
		if j, err := c.d.o.Engine.Job(ctx, h.JobRef); err == nil {
			return c.name(j.Entity())
		}
	} else if !h.JobStreamRef.IsZero() {
		if s, err := c.d.o.Engine.JobStream(ctx, h.JobStreamRef); err == nil {
			return c.name(s.Entity())
		}
	}
	return strings.Trim(h.JobStream+"."+h.Job, ".")
}

// asker hangs the job or stream that a prompt belongs to onto the graph; a prompt that does not say whose it is may be several's.
func (c *kase) asker(ctx context.Context, p twstools.Prompt) {
	switch {
	case !p.JobRef.IsZero():
		if j, err := c.d.o.Engine.Job(ctx, p.JobRef); err == nil {
			c.waiter(c.graph.Keep(&j), p.Entity())
			return
		}
	case !p.JobStreamRef.IsZero():
		if s, err := c.d.o.Engine.JobStream(ctx, p.JobStreamRef); err == nil {
			c.waiter(c.graph.KeepStream(&s), p.Entity())
			return
		}
	}
	c.waitFor(ctx, p.Entity(), twstools.DepPrompt, func(d twstools.Dependency) bool {
		return d.Type == twstools.DepPrompt && strings.EqualFold(d.Prompt, p.Name) && open(d)
	})
}

// prompt judges a prompt by its state and text.
func (c *kase) prompt(ctx context.Context, p twstools.Prompt, by string) (Report, error) {
	s := c.object(ctx, p.Entity(), p.Status, by)
	source := "prompt:" + c.name(p.Entity())
	facts := []plan.Fact{{Source: source, Name: "status", Value: p.Status}}
	params := map[string]string{"text": p.Text}
	if p.Text != "" {
		facts = append(facts, plan.Fact{Source: source, Name: "text", Value: p.Text})
	}
	if !p.AskedAt.IsZero() {
		params["since"] = c.instant(p.AskedAt)
		facts = append(facts, plan.Fact{Source: source, Name: "asked_at", Value: params["since"]})
	}
	switch status := strings.ToUpper(p.Status); {
	case strings.HasPrefix(strings.TrimSpace(p.Text), ":"):
		c.explain("planned.no_prompt_reply", p.Entity(), facts, c.params(p.Entity(), params))
	case status == "ASKED":
		c.asker(ctx, p)
		c.objectCause(p.Entity(), "sched.dep.prompt", facts, params, false)
	case status == "ANSWERED_NO" || status == "NO":
		c.asker(ctx, p)
		c.objectCause(p.Entity(), "sched.dep.prompt_denied", facts, params, false)
	case status == "":
		c.miss(source, fmt.Sprintf(c.text("no_reason"), "?"))
	default:
		c.ev.fields(facts)
		c.out.Verdict = answer.NoProblem
	}
	return c.finish(ctx, s, p.Entity())
}
