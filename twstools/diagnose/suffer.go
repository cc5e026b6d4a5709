package diagnose

import (
	"context"
	"slices"
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
	reads := readsDown
	if c.req.Target == "" {
		reads = readsDownWhole
	}
	found, complete := plan.Downstream(ctx, c.d.o.Engine, c.graph, starts, c.now, plan.Budget{Reads: reads})
	if !complete {
		c.miss("plan:current", c.text("budget_down"))
	}
	found = c.ways(ctx, starts, found)
	if e := c.estimates(ctx, nodesOf(found), 0); len(e) > 0 {
		found = c.graph.Behind(starts, c.now, e)
	}
	c.suffering = found
	c.out.AffectedTotal = len(found)
	for _, a := range c.listed(found) {
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

func nodesOf(found []plan.Affected) []*plan.Node {
	out := make([]*plan.Node, 0, len(found))
	for _, a := range found {
		out = append(out, a.Node)
	}
	return out
}

// listed picks the rows that are shown where more suffer than are: the nearest, and of the others those that have a deadline or are critical,
// in their order.
func (c *kase) listed(found []plan.Affected) []plan.Affected {
	if len(found) <= maxImpact {
		return found
	}
	near := maxImpact / 2
	out := slices.Clone(found[:near])
	var plain []plan.Affected
	for _, a := range found[near:] {
		if urgent := !c.graph.DeadlineOf(a.Node).IsZero() || a.Node.Job != nil && a.Node.Job.Critical; urgent && len(out) < maxImpact {
			out = append(out, a)
		} else {
			plain = append(plain, a)
		}
	}
	out = append(out, plain[:maxImpact-len(out)]...)
	slices.SortStableFunc(out, func(a, b plan.Affected) int { return a.Hops - b.Hops })
	return out
}

// sources are the nodes whose successors suffer: a job or stream that is a cause, and for any other cause whatever it holds back, which
// suffers itself.
func (c *kase) sources(ctx context.Context, asked *plan.Node) []plan.From {
	var starts []plan.From
	seen := map[plan.NodeID]bool{}
	add := func(n *plan.Node, victim bool) {
		if n != nil && !seen[n.ID] {
			seen[n.ID] = true
			from := plan.From{Node: n, Victim: victim}
			if !victim && n.Phase() == plan.Bad {
				from.Takes = c.takes(n) // it must run again before anything behind it can
			}
			starts = append(starts, from)
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
		if asked != nil {
			for _, n := range c.needing(ctx, x) {
				add(n, true)
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

// needing looks for all that wait for the resource, prompt or file that a cause names: what was asked about is seldom the only one. The chain
// stays that of what was asked about.
func (c *kase) needing(ctx context.Context, x answer.Cause) []*plan.Node {
	e := twstools.Entity{Type: twstools.EntityType(x.Ref.Type), Folder: x.Ref.Folder, Workstation: x.Ref.Workstation, Name: x.Ref.Name}
	var p pick
	typ := twstools.DepResource
	switch e.Type {
	case twstools.EntityResource:
		p.resource = &twstools.Resource{Name: e.Name, Folder: e.Folder, Workstation: e.Workstation}
	case twstools.EntityPrompt:
		p.prompt, typ = &twstools.Prompt{Name: e.Name}, twstools.DepPrompt
	case twstools.EntityFile:
		p.file, typ = &e, twstools.DepFile
	default:
		return nil
	}
	before := len(c.out.Chain)
	c.waitFor(ctx, e, typ, c.needs(p))
	var out []*plan.Node
	for _, h := range c.out.Chain[before:] {
		if n := c.nodeNamed(h.Entity); n != nil {
			out = append(out, n)
		}
	}
	c.out.Chain = c.out.Chain[:before]
	return out
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
	slices.SortStableFunc(out, func(a, b *plan.Node) int { return a.Job.SchedTime.Compare(b.Job.SchedTime) })
	if len(out) > maxImpact {
		c.miss("plan:current", c.text("budget_down"))
		out = out[:maxImpact]
	}
	return out
}

func (c *kase) impact(a plan.Affected) answer.Impact {
	i := answer.Impact{Entity: c.name(a.Node.Entity()), Hops: a.Hops, State: "blocked", Deadline: c.instant(c.graph.DeadlineOf(a.Node))}
	if a.Late {
		i.State = "late"
	}
	if !a.Earliest.IsZero() && i.Deadline != "" {
		i.PredictedEnd = c.instant(a.Earliest)
	}
	i.Service, i.Contact = c.service(a.Node)
	return i
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

// itself is what is at fault, as one who suffers from it: its own deadline, or its job stream's, is to be kept too.
func (c *kase) itself(n *plan.Node) plan.Affected {
	a := plan.Affected{Node: n, Earliest: c.now}
	if n.Phase() == plan.Bad {
		a.Work = c.takes(n)
	}
	return a
}

// urgency says how soon somebody must act: by the nearest deadline among the sufferers and the asked object, or whatever is at fault where the
// whole plan was asked about.
func (c *kase) urgency(asked *plan.Node) {
	if len(c.out.Causes) == 0 {
		c.out.Urgency = &answer.Urgency{Class: "none", Why: ""}
		return
	}
	nodes := c.suffering
	own := []*plan.Node{asked}
	if asked == nil {
		own = own[:0]
		for _, x := range c.out.Causes {
			own = append(own, c.nodeOf(x))
		}
	}
	for _, n := range slices.Backward(own) {
		if n != nil && !slices.ContainsFunc(nodes, func(a plan.Affected) bool { return a.Node == n }) {
			nodes = append([]plan.Affected{c.itself(n)}, nodes...)
		}
	}
	first := c.firstToAct(nodes)
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

// ways reads the way up from those who suffer soonest. A list of all that waits behind something tells nothing of what runs between: an act-by
// reckoned from it alone leaves too much time, and contradicts late_risk.
func (c *kase) ways(ctx context.Context, starts []plan.From, found []plan.Affected) []plan.Affected {
	read := map[plan.NodeID]bool{}
	for until := c.graph.Reads + readsWays; c.graph.Reads < until && ctx.Err() == nil; {
		first := c.firstToAct(found)
		if first == nil || read[first.Node.ID] {
			break
		}
		read[first.Node.ID] = true
		plan.Ahead(ctx, c.d.o.Engine, c.graph, []*plan.Node{first.Node}, plan.Budget{Reads: until - c.graph.Reads})
		found = c.graph.Behind(starts, c.now, nil)
	}
	return found
}

// firstToAct gives the one whose way must be free soonest; nil where none has a deadline.
func (c *kase) firstToAct(nodes []plan.Affected) *plan.Affected {
	var first *plan.Affected
	for i := range nodes {
		if at := c.actBy(nodes[i]); !at.IsZero() && (first == nil || at.Before(c.actBy(*first))) {
			first = &nodes[i]
		}
	}
	return first
}

// actBy is when the node's way must be free at the latest to keep its deadline: the deadline less the work on the way. Zero without one.
func (c *kase) actBy(a plan.Affected) time.Time {
	d := time.Time{}
	if c.graph != nil {
		d = c.graph.DeadlineOf(a.Node)
	}
	if d.IsZero() {
		return d
	}
	return d.Add(-a.Work)
}

func (c *kase) byDeadline(u *answer.Urgency, a *plan.Affected) {
	d, actBy := c.graph.DeadlineOf(a.Node), c.actBy(*a)
	entity := c.name(a.Node.Entity())
	u.ActBy = c.instant(actBy)
	u.Why = c.text("urgency_deadline", entity, c.instant(d))
	if _, contact := c.service(a.Node); contact != "" {
		u.Contact = contact
	}
	u.Class = c.urgencyOf(actBy)
	if !actBy.After(c.now) {
		u.ActBy, u.Why = c.instant(c.now), c.text("urgency_late", entity, c.instant(d))
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
