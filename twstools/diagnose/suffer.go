package diagnose

import (
	"context"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

// maxImpact bounds the rows of impact; affected_total still counts all that were seen.
const maxImpact = 25

// suffer finds who waits behind the causes: what stands behind each failed or slow job, and for other causes the asked object
// itself and what stands behind it.
func (c *kase) suffer(ctx context.Context, asked *plan.Node) {
	if c.graph == nil || len(c.out.Causes) == 0 && len(c.unproven) == 0 && !c.stuckUnexplained(asked) {
		c.urgency(asked)
		return
	}
	starts := c.sources(ctx, asked)
	if len(starts) == 0 {
		return
	}
	found, complete := plan.Downstream(ctx, c.d.o.Engine, c.graph, starts, c.now, plan.Budget{Reads: readsDown})
	if !complete {
		c.miss("plan:current", c.text("budget_down"))
	}
	c.suffering = found
	c.out.AffectedTotal = len(found)
	for _, a := range found {
		if len(c.out.Impact) >= maxImpact {
			break
		}
		c.out.Impact = append(c.out.Impact, c.impact(a))
		c.out.Affected = append(c.out.Affected, c.name(a.Node.Entity()))
	}
	c.urgency(asked)
}

// stuckUnexplained reports whether the asked object waits and nothing says why: whoever waits behind it suffers all the same.
func (c *kase) stuckUnexplained(asked *plan.Node) bool {
	if asked == nil || c.out.Verdict != answer.InsufficientEvidence {
		return false
	}
	switch asked.Phase() {
	case plan.Waiting, plan.Ready, plan.Stuck:
		return true
	}
	return false
}

// sources are the nodes whose successors suffer: a job or stream that is a cause, and for any other cause whatever it holds back, which
// suffers itself.
func (c *kase) sources(ctx context.Context, asked *plan.Node) []plan.From {
	var starts []plan.From
	seen := map[plan.NodeID]bool{}
	add := func(n *plan.Node, victim bool) {
		if n != nil && !seen[n.ID] {
			seen[n.ID] = true
			starts = append(starts, plan.From{Node: n, Victim: victim})
		}
	}
	for _, x := range c.out.Causes {
		for _, n := range c.harmed[x.Entity] {
			add(n, false)
		}
		if len(c.harmed[x.Entity]) > 0 {
			continue
		}
		if n := c.nodeOf(x); n != nil {
			add(n, x.Kind == "sched.held" || strings.HasPrefix(x.Kind, "sched.limit") || strings.HasPrefix(x.Kind, "sched.time"))
			c.waitForHeldBy(ctx, n)
			for _, h := range c.out.Chain {
				if h.BlockedBy != x.Entity {
					continue
				}
				switch {
				case strings.HasPrefix(h.Why, "sched.dep.resource"), h.Why == "sched.limit.stream":
					add(c.nodeNamed(h.Entity), true) // it waits for units that the cause holds, or for a place in its stream
				case h.Why == "sched.dep.startcond":
					add(c.nodeNamed(h.Entity), false) // what follows the job that looks for the condition
				}
			}
			continue
		}
		if x.Ref.Type == string(twstools.EntityWorkstation) {
			for _, n := range c.waitingOn(ctx, x.Ref.Name) {
				add(n, true)
			}
		}
		for _, h := range c.out.Chain {
			if h.BlockedBy == x.Entity {
				add(c.nodeNamed(h.Entity), true)
			}
		}
	}
	for _, n := range c.unproven {
		add(n, false) // why it ended badly is not known, who waits for it is
	}
	if len(starts) == 0 && asked != nil {
		add(asked, true)
	}
	return starts
}

// nodeOf gives the job or stream that a cause names, when it is in the graph.
func (c *kase) nodeOf(x answer.Cause) *plan.Node {
	if x.Ref.Job == "" && x.Ref.Type != string(twstools.EntityJobStream) {
		return nil
	}
	return c.nodeNamed(x.Entity)
}

func (c *kase) nodeNamed(entity string) *plan.Node {
	for _, n := range c.graph.Nodes() {
		if c.name(n.Entity()) == entity {
			return n
		}
	}
	return nil
}

// waitingOn lists the jobs that wait to run on a workstation.
func (c *kase) waitingOn(ctx context.Context, workstation string) []*plan.Node {
	page, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Where: twstools.AtWorkstation("workstation", workstation), Limit: 500})
	if err != nil {
		c.failed(err)
		return nil
	}
	var out []*plan.Node
	for i := range page.Items {
		j := &page.Items[i]
		if p := plan.PhaseOf(j.Status); p == plan.Waiting || p == plan.Ready {
			out = append(out, c.graph.Keep(j))
		}
	}
	if len(out) > 6 {
		out = out[:6]
	}
	return out
}

func (c *kase) impact(a plan.Affected) answer.Impact {
	i := answer.Impact{Entity: c.name(a.Node.Entity()), Hops: a.Hops, State: "blocked", Deadline: c.instant(c.deadline(a.Node))}
	if c.late(a) {
		i.State = "late"
	}
	if !a.Earliest.IsZero() && i.Deadline != "" {
		i.PredictedEnd = c.instant(a.Earliest)
	}
	i.Service, i.Contact = c.service(a.Node)
	return i
}

// deadline is the node's own, else its stream's.
func (c *kase) deadline(n *plan.Node) time.Time {
	if d := n.Deadline(); !d.IsZero() {
		return d
	}
	if s := c.streamOf(n); s != nil {
		return s.Times.Deadline
	}
	return time.Time{}
}

func (c *kase) late(a plan.Affected) bool {
	d := c.deadline(a.Node)
	return !d.IsZero() && (d.Before(c.now) || !a.Earliest.IsZero() && a.Earliest.After(d))
}

func (c *kase) streamOf(n *plan.Node) *twstools.JobStream {
	if n.Stream != nil {
		return n.Stream
	}
	if c.graph != nil {
		if sn, ok := c.graph.Node(plan.StreamID(n.Job.StreamRef)); ok {
			return sn.Stream
		}
	}
	return nil
}

func (c *kase) service(n *plan.Node) (name, contact string) {
	if s := c.streamOf(n); s != nil {
		return untrusted.Normalize(s.ServiceName), untrusted.Normalize(s.ServiceContact)
	}
	return "", ""
}

// Windows of urgency: what must be done within the hour is now, within a shift this_shift (our own choice; a shift has eight hours).
const (
	nowWindow   = time.Hour
	shiftWindow = 8 * time.Hour
)

// urgency says how soon somebody must act: by the nearest deadline among the sufferers and the asked object.
func (c *kase) urgency(asked *plan.Node) {
	if len(c.out.Causes) == 0 {
		c.out.Urgency = &answer.Urgency{Class: "none", Why: ""}
		return
	}
	nodes := c.suffering
	if asked != nil {
		nodes = append([]plan.Affected{{Node: asked, Earliest: c.now}}, nodes...)
	}
	var first *plan.Affected
	for i := range nodes {
		if d := c.deadline(nodes[i].Node); !d.IsZero() && (first == nil || d.Before(c.deadline(first.Node))) {
			first = &nodes[i]
		}
	}
	u := &answer.Urgency{Class: "morning"}
	_, u.Contact = c.firstContact(nodes)
	switch {
	case first != nil:
		c.byDeadline(u, first)
	case len(c.suffering) > 0:
		u.Class, u.Why = "this_shift", c.text("urgency_waits", len(c.suffering))
	default:
		u.Why = c.text("urgency_alone")
	}
	c.out.Urgency = u
}

func (c *kase) byDeadline(u *answer.Urgency, a *plan.Affected) {
	d := c.deadline(a.Node)
	entity := c.name(a.Node.Entity())
	need := time.Duration(0)
	if a.Earliest.After(c.now) {
		need = a.Earliest.Sub(c.now)
	}
	actBy := d.Add(-need)
	u.ActBy = c.instant(actBy)
	u.Why = c.text("urgency_deadline", entity, c.instant(d))
	if _, contact := c.service(a.Node); contact != "" {
		u.Contact = contact
	}
	switch left := actBy.Sub(c.now); {
	case left <= 0:
		u.Class, u.ActBy, u.Why = "now", c.instant(c.now), c.text("urgency_late", entity, c.instant(d))
	case left <= nowWindow:
		u.Class = "now"
	case left <= shiftWindow:
		u.Class = "this_shift"
	default:
		u.Class = "morning"
	}
}

func (c *kase) firstContact(nodes []plan.Affected) (service, contact string) {
	for _, a := range nodes {
		if s, k := c.service(a.Node); k != "" || strings.TrimSpace(s) != "" {
			return s, k
		}
	}
	return "", ""
}
