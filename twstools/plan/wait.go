package plan

import (
	"strconv"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Blocker is one thing that holds a node back: either a node to go on to (Next), or the end of a chain.
type Blocker struct {
	Kind   string // cause kind, or planned kind for what is as it should be
	Entity twstools.Entity
	// By is what the hop names where that is not the entity: a predecessor that is gone, or ended in a way nobody waits for, holds back, and
	// what is wrong is its successor.
	By     twstools.Entity
	Next   NodeID // the node behind it, to be explained in its turn; empty at the end of a chain
	Facts  []Fact
	Params map[string]string // what statements may say: units, holder, text, since …
	// Weak means that the rule infers from incomplete data; causes built on it are likely at most.
	Weak bool
	// turn says when the scheduler looks at it: what has not had its turn holds nothing back yet.
	turn turn
}

// turn is the order in which the scheduler looks at what a node waits for: files, resources and prompts only when the rest is satisfied (UG "opens",
// "needs", "prompt"). A predecessor that is done and still told as open comes last: usually the engine stopped looking (held, until).
type turn int

const (
	acts turn = iota
	waitsItsTurn
	contradicts
)

// inTurn leaves what acts now; behind is true when something else holds the node too. Where nothing acts, what comes next does.
func inTurn(all []Blocker, behind bool) []Blocker {
	for t := acts; t <= contradicts; t++ {
		var out []Blocker
		for _, b := range all {
			if b.turn == t {
				out = append(out, b)
			}
		}
		if len(out) > 0 || behind {
			return out
		}
	}
	return nil
}

// maxHolders is the number of holders a resource may have at once (UG "needs", comments).
const maxHolders = 32

// Blockers says what holds the node back, judged from the graph alone. The job stream is read before the job: a job can wait only
// because its stream does (UG "Job stream status"; an empty list of its own proves nothing).
func (g *Graph) Blockers(n *Node) []Blocker {
	if n.Stream != nil {
		return g.streamBlockers(n)
	}
	return g.jobBlockers(n)
}

func (g *Graph) jobBlockers(n *Node) []Blocker {
	j := n.Job
	if b, ok := g.endsWaiting(n); ok {
		return []Blocker{b}
	}
	var out []Blocker
	if sn, ok := g.stream(n); ok {
		out = append(out, g.throughStream(n, sn)...)
	}
	if j.Priority != nil && *j.Priority == 0 {
		out = append(out, Blocker{Kind: "sched.held", Entity: j.Entity(), Facts: []Fact{g.fact(n, "status", j.Status.Display()), g.fact(n, "priority", "0")}})
	}
	out = append(out, g.timeBlockers(n, j.Times)...)
	for _, b := range g.dependencyBlockers(n, len(out) > 0) {
		// While the stream waits as a whole, its other jobs have not had their turn either: they hold nothing up.
		if !(len(out) > 0 && out[0].Params["stream"] == "own" && g.sameStream(n, b)) {
			out = append(out, b)
		}
	}
	out = append(out, g.workstationBlockers(n, len(out) > 0)...)
	if len(out) == 0 && (n.Phase() == Waiting || n.Phase() == Ready) {
		out = g.repeats(n)
	}
	return dedupe(out)
}

// sameStream reports whether the blocker is another job of n's own job stream.
func (g *Graph) sameStream(n *Node, b Blocker) bool {
	next, ok := g.Node(b.Next)
	return ok && next.Job != nil && next.Job.StreamRef == n.Job.StreamRef
}

// endsWaiting covers what makes every other reason idle.
func (g *Graph) endsWaiting(n *Node) (Blocker, bool) {
	j := n.Job
	b := Blocker{Entity: j.Entity(), Facts: []Fact{g.fact(n, "status", j.Status.Display())}}
	switch {
	case j.NoOperation && n.Phase() != Bad:
		// UG "nop": such a job sits in cancel pending by design
		b.Kind, b.Facts = "planned.nop", []Fact{g.fact(n, "no_operation", "true")}
	case j.Status.Canceled || j.Status.CancelPending || n.Phase() == Cancelled:
		b.Kind = "sched.cancelled"
		if n.Phase() != Cancelled {
			b.Facts = append(b.Facts, g.fact(n, "cancel_pending", "true"))
		}
	case n.Phase() == Suppressed:
		// UG "Conditional dependencies": often normal; it counts as cancelled, and ordinary successors go on
		b.Kind, b.Facts = "planned.suppressed_branch", append(b.Facts, g.conditionFacts(n)...)
	case n.Phase() == ToConfirm:
		b.Kind = "sched.dep.confirm"
		if r := len(j.Runs); r > 0 && j.Runs[r-1].MinDurationMissed {
			// UG "mindur": what ended too soon is left for a person to confirm
			b.Kind, b.Facts = "sched.time.min_duration", append(b.Facts, g.fact(n, "min_duration_missed", "true"))
		}
	case j.UntilPassed && (n.Phase() == Waiting || n.Phase() == Ready):
		// UG "until", onuntil suppr: the status stays HOLD and the other dependencies are no longer evaluated
		b.Kind, b.Facts = "sched.time.until", []Fact{g.fact(n, "until_passed", "true")}
		if !j.Times.LatestStart.IsZero() {
			b.Facts = append(b.Facts, g.fact(n, "until", g.instant(j.Times.LatestStart)))
		}
		b.Params = map[string]string{"until": g.instant(j.Times.LatestStart)}
	default:
		return Blocker{}, false
	}
	return b, true
}

// conditionFacts quotes the conditions that the node's branch depends on.
func (g *Graph) conditionFacts(n *Node) []Fact {
	deps, _ := n.Dependencies()
	var out []Fact
	for _, d := range deps {
		if conditional(d) {
			out = append(out, g.unsatisfied(n, d, "dependency_condition", d.Job+" "+conditionsOf(d))...)
		}
	}
	return out
}

// throughStream says what the stream around a job holds back: the stream itself as the next hop when it waits, or its limit.
func (g *Graph) throughStream(n, sn *Node) []Blocker {
	s := sn.Stream
	switch sn.Phase() {
	case Waiting, Ready:
		if len(g.streamOwn(sn)) == 0 {
			break // the stream waits only because its jobs do
		}
		return []Blocker{{Kind: "sched.dep.predecessor", Entity: s.Entity(), Next: sn.ID, Facts: []Fact{g.fact(sn, "status", s.Status.Display())}, Params: map[string]string{"stream": "own"}}}
	case Cancelled:
		return []Blocker{{Kind: "sched.cancelled", Entity: s.Entity(), Facts: []Fact{g.fact(sn, "status", s.Status.Display())}}}
	case Running, Stuck:
		if g.untilPassed(s.Times) {
			// UG "Setting time constraints": a stream's until counts on after its start, and what has not started by then does not
			until := g.instant(s.Times.LatestStart)
			return []Blocker{{Kind: "sched.time.until", Entity: s.Entity(), Weak: true, Params: map[string]string{"until": until}, Facts: []Fact{g.fact(sn, "until", until)}}}
		}
	}
	return g.streamLimit(n, sn)
}

// streamLimit: a limit of 0 lets nothing start, not even GO (UG "limit"); a used-up limit runs the jobs in turn, by design.
func (g *Graph) streamLimit(n, sn *Node) []Blocker {
	s := sn.Stream
	if s.Limit == nil || *s.Limit < 0 {
		return nil
	}
	fact := g.fact(sn, "limit", strconv.Itoa(*s.Limit))
	if *s.Limit == 0 {
		return []Blocker{{Kind: "sched.limit.stream", Entity: s.Entity(), Facts: []Fact{fact}}}
	}
	var running []*Node
	for _, id := range g.streamJobs[sn.ID] {
		if m, ok := g.Node(id); ok && m.ID != n.ID && m.Phase() == Running {
			running = append(running, m)
		}
	}
	if len(running) < *s.Limit {
		return nil
	}
	first := running[0]
	return []Blocker{{Kind: "planned.limit_by_design", Entity: s.Entity(), Next: first.ID, Params: map[string]string{"limit": strconv.Itoa(*s.Limit), "holder": g.Name(first.Entity())},
		Facts: []Fact{fact, g.fact(first, "status", first.Status().Display())}}}
}

func (g *Graph) streamBlockers(n *Node) []Blocker {
	if b, ok := g.streamEnd(n); ok {
		return []Blocker{b}
	}
	out := g.streamOwn(n)
	out = append(out, g.memberBlockers(n)...)
	return dedupe(out)
}

func (g *Graph) streamEnd(n *Node) (Blocker, bool) {
	s := n.Stream
	switch n.Phase() {
	case Cancelled:
		return Blocker{Kind: "sched.cancelled", Entity: s.Entity(), Facts: []Fact{g.fact(n, "status", s.Status.Display())}}, true
	case Suppressed:
		b := Blocker{Kind: "planned.suppressed_branch", Entity: s.Entity(), Facts: append([]Fact{g.fact(n, "status", s.Status.Display())}, g.conditionFacts(n)...)}
		if !s.Times.LatestStart.IsZero() && s.Times.LatestStart.Before(g.Now) && len(b.Facts) == 1 {
			// UG "until > onuntil > suppr": its time passed, and its successors do not run either
			until := g.instant(s.Times.LatestStart)
			b.Kind, b.Params, b.Facts = "sched.time.until", map[string]string{"until": until}, append(b.Facts, g.fact(n, "until", until))
		}
		return b, true
	}
	return Blocker{}, false
}

// streamOwn is what holds the stream itself, its jobs left aside.
func (g *Graph) streamOwn(n *Node) []Blocker {
	s := n.Stream
	var out []Blocker
	if s.Priority != nil && *s.Priority == 0 {
		out = append(out, Blocker{Kind: "sched.held", Entity: s.Entity(), Facts: []Fact{g.fact(n, "status", s.Status.Display()), g.fact(n, "priority", "0")}})
	}
	if s.Limit != nil && *s.Limit == 0 {
		out = append(out, Blocker{Kind: "sched.limit.stream", Entity: s.Entity(), Facts: []Fact{g.fact(n, "limit", "0")}})
	}
	if n.Phase() == Waiting || n.Phase() == Ready || n.Phase() == Unknown {
		out = append(out, g.timeBlockers(n, s.Times)...)
		out = append(out, g.dependencyBlockers(n, len(out) > 0)...)
		if len(out) == 0 && n.Phase() == Waiting && s.SchedTime.After(g.Now) {
			out = append(out, Blocker{Kind: "planned.not_yet", Entity: s.Entity(), Weak: true, Params: map[string]string{"start": g.instant(s.SchedTime)},
				Facts: []Fact{g.fact(n, "sched_time", g.instant(s.SchedTime))}})
		}
	}
	return out
}

// memberBlockers leads from a stream that nothing of its own holds to the jobs that keep it from ending: the bad ones; else those that
// run, those that are ready, and those that wait for something outside the stream (the others wait for these).
func (g *Graph) memberBlockers(n *Node) []Blocker {
	if n.Phase() == Done {
		return nil
	}
	held := len(g.streamOwn(n)) > 0 // then its waiting jobs wait for the stream, not the stream for them
	var bad, going, idle, forgiven []Blocker
	for _, id := range g.streamJobs[n.ID] {
		m, ok := g.Node(id)
		if !ok {
			continue
		}
		b := Blocker{Kind: "sched.dep.predecessor", Entity: m.Entity(), Next: m.ID, Facts: []Fact{g.fact(m, "status", m.Status().Display())}}
		switch m.Phase() {
		case Bad, ToConfirm:
			if released(m) {
				forgiven = append(forgiven, b)
			} else {
				bad = append(bad, b)
			}
		case Running, Ready:
			going = append(going, b)
		case Waiting:
			if g.waitsOutside(m) {
				going = append(going, b)
			} else {
				idle = append(idle, b)
			}
		}
	}
	if held {
		return bad
	}
	for _, found := range [][]Blocker{bad, going, idle, forgiven} {
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// waitsOutside reports whether something other than jobs of its own stream holds the job.
func (g *Graph) waitsOutside(m *Node) bool {
	for _, b := range g.jobBlockers(m) {
		if !g.sameStream(m, b) {
			return true
		}
	}
	return false
}

func (g *Graph) fact(n *Node, name, value string) Fact {
	return Fact{Source: "plan:" + g.Name(n.Entity()), Name: name, Value: value}
}

// instant writes a time as answers do: RFC 3339 in the plan's zone.
func (g *Graph) instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone := g.Zone
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format(time.RFC3339)
}

func dedupe(in []Blocker) []Blocker {
	seen := map[string]bool{}
	var out []Blocker
	for _, b := range in {
		key := b.Kind + "|" + string(b.Next) + "|" + b.Entity.String(nil) + "|" + b.Entity.JobStreamID
		if !seen[key] {
			seen[key] = true
			out = append(out, b)
		}
	}
	return out
}
