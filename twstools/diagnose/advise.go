package diagnose

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// fix is what mends one failure, as its signature says.
type fix struct{ kind, entity, code string }

// maxStarts bounds the list of what an action would start.
const maxStarts = 8

// advise fills the actions: what the asker wants to do first, if anything, then what mends each cause, then whom to tell. A rerun comes after
// what it needs.
func (c *kase) advise(ctx context.Context, asked *plan.Node) {
	again := c.req.Action == "rerun"
	if c.req.Action != "" && asked != nil && !again {
		c.requested(ctx, c.complete(asked), asked)
	}
	for _, x := range c.out.Causes {
		if !c.mend(ctx, x) {
			c.standard(ctx, x, asked)
		}
	}
	if again && asked != nil {
		c.runAgain(ctx, asked)
	}
	if len(c.out.Actions) == 0 && c.stuckUnexplained(asked) {
		c.out.Actions = append(c.out.Actions, c.action(ctx, "check", c.complete(asked), asked, -1, false))
	}
	if u := c.out.Urgency; u != nil && u.Contact != "" && len(c.out.Causes) > 0 {
		c.out.Actions = append(c.out.Actions, answer.Action{Code: "inform", Target: u.Contact, After: -1, Risk: "none", Preconditions: []answer.Precondition{}, Starts: []string{},
			Text: c.actionText("inform", map[string]string{"contact": u.Contact, "entity": c.out.Causes[0].Entity, "affected": strconv.Itoa(c.out.AffectedTotal)})})
	}
}

// requested answers for what the asker wants to do: the command a person would run, and what must hold first. What is only held by its
// priority is let go by giving it one; releasing dependencies it does not have would do nothing.
func (c *kase) requested(ctx context.Context, e twstools.Entity, n *plan.Node) {
	code := c.req.Action
	if code == "release_dependency" && n != nil && n.Job != nil && n.Job.Priority != nil && *n.Job.Priority == 0 {
		code = "set_priority"
	}
	rule, ok := answer.RuleFor(code)
	if !ok {
		return
	}
	if rule.Group == "administrate" {
		e = twstools.Entity{Type: twstools.EntityPlan, Name: "current"}
	}
	c.out.Actions = append(c.out.Actions, c.action(ctx, rule.Code, e, n, -1, true))
}

func (c *kase) nodeNamedOrNil(entity string) *plan.Node {
	if c.graph == nil {
		return nil
	}
	return c.nodeNamed(entity)
}

// standard gives the usual steps for a kind.
func (c *kase) standard(ctx context.Context, x answer.Cause, asked *plan.Node) {
	after := -1
	for _, step := range table().Advice[x.Kind] {
		code, target, _ := strings.Cut(step, "@")
		e := c.entityOf(x)
		n := c.nodeNamedOrNil(x.Entity)
		if target == "subject" && asked != nil {
			e, n = c.complete(asked), asked
		}
		if c.req.Action == code && len(c.out.Actions) > 0 && c.out.Actions[0].Target == c.name(e) {
			continue
		}
		c.out.Actions = append(c.out.Actions, c.action(ctx, code, e, n, after, false))
		after = len(c.out.Actions) - 1
	}
}

// entityOf rebuilds a cause's entity from its ref, so that commands name it exactly.
func (c *kase) entityOf(x answer.Cause) twstools.Entity {
	if n := c.nodeNamedOrNil(x.Entity); n != nil {
		return c.complete(n)
	}
	e := twstools.Entity{Type: twstools.EntityType(x.Ref.Type), Folder: x.Ref.Folder, Workstation: x.Ref.Workstation, Name: x.Ref.Name, JobStreamID: x.Ref.JobStreamID, Job: x.Ref.Job}
	if e.Type == twstools.EntityWorkstation {
		e.Workstation = x.Ref.Name
	}
	if e.Type == twstools.EntityJob || e.Type == twstools.EntityJobStream {
		if parsed, err := twstools.ParseEntity(x.Entity, c.zone); err == nil {
			parsed.JobStreamID = x.Ref.JobStreamID
			return parsed
		}
	}
	return e
}

// complete gives a node's entity with its stream's 16-character id where the graph knows it.
func (c *kase) complete(n *plan.Node) twstools.Entity {
	e := n.Entity()
	if e.JobStreamID == "" {
		e.JobStreamID = c.ref(n).JobStreamID
	}
	return e
}

// action makes one piece of advice and checks now what data can decide of its preconditions: a part that does not hold, or that data
// should decide and do not, turns it into a check (action-codes.yaml).
func (c *kase) action(ctx context.Context, code string, e twstools.Entity, n *plan.Node, after int, asked bool) answer.Action {
	rule, _ := answer.RuleFor(code)
	target := untrusted.Normalize(c.name(e))
	a := answer.Action{Code: code, Target: target, After: after, Risk: "none", Preconditions: []answer.Precondition{}, Starts: []string{}, Command: c.command(code, e)}
	text := code
	if code == "provide_file" && e.Type != twstools.EntityFile {
		text = "provide_file_for"
	}
	a.Text = c.actionText(text, map[string]string{"target": target})
	if code == "answer_prompt" && !asked {
		a.Command = "" // which answer is not ours to suggest
	}
	if rule.Group == "operate" || rule.Group == "administrate" {
		a.Risk, a.NeedsApproval = "low", true
	}
	if rule.Starts {
		a.Risk = "high"
		a.Starts = c.starts(ctx, code, n)
		a.WayBack = c.text("way_none")
	}
	if now, ok := c.valueNow(code, e, n); ok {
		a.WayBack = c.text("way_value", now)
	}
	if rule.Group == "operate" && a.WayBack == "" {
		a.WayBack = c.text("way."+code, target)
	}
	open := ""
	for _, part := range rule.Precondition {
		met, decidable := c.met(part, n)
		a.Preconditions = append(a.Preconditions, answer.Precondition{Text: c.text("pre." + part), Met: met})
		// Somebody who asks for a command gets it with what is unknown, never with what is false; to run a job again needs proof, whoever asks.
		if decidable && (met == "no" || met == "unknown" && (!asked || code == "rerun")) && open == "" {
			open = c.text("pre." + part)
		}
	}
	if open != "" {
		a.Text = fill(table().Words["check_first"].in(c.lang), map[string]string{"what": open, "text": a.Text})
		a.Code, a.Command, a.Starts, a.WayBack, a.Risk, a.NeedsApproval = "check", c.command("check", e), []string{}, "", "none", false
	}
	return a
}

// met decides one part of a precondition from what was read; decidable is false for what only a person can know.
func (c *kase) met(part string, n *plan.Node) (string, bool) {
	yes := func(ok bool) string {
		if ok {
			return "yes"
		}
		return "no"
	}
	switch part {
	case "last run final":
		if n == nil || n.Job == nil {
			return "unknown", true
		}
		switch n.Phase() {
		case plan.Bad, plan.Done, plan.Cancelled:
			return "yes", true
		case plan.Unknown:
			return "unknown", true
		}
		return "no", true
	case "agent linked":
		if n == nil || n.Job == nil || c.graph == nil {
			return "unknown", true
		}
		w, ok := c.graph.Workstation(n.Job.Workstation)
		if !ok {
			return "unknown", true
		}
		link, _ := plan.LinkState(w)
		if link == plan.LinkUnknown {
			return "unknown", true
		}
		return yes(link == plan.LinkUp), true
	case "data fresh":
		if !c.current() {
			return "unknown", true
		}
		return "yes", true
	case "no later successful run of the chain":
		return yes(n == nil || n.Phase() != plan.Done), true
	case "no instance of it is in the plan":
		return yes(n == nil), true
	}
	return "unknown", false
}

// valueNow gives today's value of what an action would change, so that it can be set back.
func (c *kase) valueNow(code string, e twstools.Entity, n *plan.Node) (string, bool) {
	var v *int
	switch code {
	case "set_limit", "set_fence":
		if e.Type == twstools.EntityWorkstation && c.graph != nil {
			if w, ok := c.graph.Workstation(e.Workstation); ok {
				v = w.Limit
				if code == "set_fence" {
					v = w.Fence
				}
			}
		} else if n != nil && n.Stream != nil {
			v = n.Stream.Limit
		}
	case "set_priority":
		if n != nil && n.Job != nil {
			v = n.Job.Priority
		} else if n != nil {
			v = n.Stream.Priority
		}
	}
	if v == nil {
		return "", false
	}
	return strconv.Itoa(*v), true
}

// starts lists what would run because of the action: the object itself, or the successors that wait directly behind it.
func (c *kase) starts(ctx context.Context, code string, n *plan.Node) []string {
	out := []string{}
	if n == nil || code == "release_dependency" || code == "set_priority" || code == "answer_prompt" || code == "set_resource" {
		for _, h := range c.out.Chain {
			if len(out) < maxStarts && (n == nil || h.Entity == c.name(n.Entity())) && !slices.Contains(out, h.Entity) {
				out = append(out, h.Entity)
			}
		}
		if n != nil && len(out) == 0 {
			out = append(out, c.name(n.Entity()))
		}
		return out
	}
	if code == "rerun" {
		out = append(out, c.name(n.Entity()))
	}
	for _, name := range c.released(ctx, n) {
		if len(out) < maxStarts && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// maxMembers bounds for how many jobs of a stream the successors are read.
const maxMembers = 8

// released names what follows the node directly and has not run: what its good end, its cancelling or its confirming lets go. With a
// stream go its jobs.
func (c *kase) released(ctx context.Context, n *plan.Node) []string {
	if n.Job != nil {
		return c.waitingBehind(ctx, n.Job.Ref, false)
	}
	out := c.waitingBehind(ctx, n.Stream.Ref, true)
	page, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobStreamId", n.Stream.Ref.ID), Limit: maxMembers})
	c.failed(err)
	for _, j := range page.Items {
		for _, name := range c.waitingBehind(ctx, j.Ref, false) {
			if !strings.HasPrefix(name, c.name(n.Entity())) {
				out = append(out, name)
			}
		}
	}
	return out
}

func (c *kase) waitingBehind(ctx context.Context, ref twstools.Ref, stream bool) []string {
	found, err := c.d.o.Engine.Neighbours(ctx, twstools.NeighbourQuery{Ref: ref, JobStream: stream, Direction: twstools.Successors})
	if err != nil {
		c.failed(err)
		return nil
	}
	var out []string
	for _, nb := range found {
		node := &plan.Node{Job: nb.Job, Stream: nb.JobStream}
		if p := node.Phase(); p == plan.Waiting || p == plan.Ready || p == plan.Unknown { // what is not told to have run may run
			out = append(out, c.name(node.Entity()))
		}
	}
	return out
}

func (c *kase) actionText(code string, params map[string]string) string {
	p, ok := table().Actions[code]
	if !ok {
		return fmt.Sprintf("%s %s", code, params["target"])
	}
	return fill(p.in(c.lang), params)
}
