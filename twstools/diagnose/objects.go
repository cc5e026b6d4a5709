package diagnose

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
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

func (c *kase) finish(ctx context.Context, s *Subject) (Report, error) {
	c.verdict()
	c.suffer(ctx, nil)
	c.advise(ctx, nil)
	r := c.report(s)
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
		return c.finish(ctx, s)
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
	return c.finish(ctx, s)
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
	for _, h := range r.Holders {
		name := strings.Trim(h.JobStream+"."+h.Job, ".")
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
		c.objectCause(r.Entity(), "sched.dep.resource", facts, params, true)
	case r.Available != nil:
		c.ev.fields(facts)
		c.out.Verdict = answer.NoProblem
	default:
		c.miss(source, c.text("no_reason", "?"))
	}
	return c.finish(ctx, s)
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
		c.objectCause(p.Entity(), "sched.dep.prompt", facts, params, false)
	case status == "ANSWERED_NO" || status == "NO":
		c.objectCause(p.Entity(), "sched.dep.prompt_denied", facts, params, false)
	case status == "":
		c.miss(source, fmt.Sprintf(c.text("no_reason"), "?"))
	default:
		c.ev.fields(facts)
		c.out.Verdict = answer.NoProblem
	}
	return c.finish(ctx, s)
}
