package plan

import (
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Blocker is one thing that holds a node back: either a node to go on to (Next), or the end of a chain.
type Blocker struct {
	Kind   string // cause kind, or planned kind for what is as it should be
	Entity twstools.Entity
	Next   NodeID // the node behind it, to be explained in its turn; empty at the end of a chain
	Facts  []Fact
	Params map[string]string // what statements may say: units, holder, text, since …
	// Weak means that the rule infers from incomplete data; causes built on it are likely at most.
	Weak bool
}

// untilGrace is how long after `until` the scheduler may take to notice (AD, localopts "bm check until": 300 s).
const untilGrace = 300 * time.Second

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
	for _, b := range g.dependencyBlockers(n) {
		// While the stream waits as a whole, its other jobs have not had their turn either: they hold nothing up.
		if !(len(out) > 0 && out[0].Params["stream"] == "own" && g.sameStream(n, b)) {
			out = append(out, b)
		}
	}
	out = append(out, g.workstationBlockers(n, len(out) > 0)...)
	if len(out) == 0 && n.Phase() == ToConfirm {
		out = append(out, Blocker{Kind: "sched.dep.confirm", Entity: j.Entity(), Facts: []Fact{g.fact(n, "status", j.Status.Display())}})
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
	status := g.fact(n, "status", j.Status.Display())
	switch {
	case j.Status.CancelPending && j.NoOperation, j.NoOperation && n.Phase() != Bad:
		// UG "nop": such a job sits in cancel pending by design
		return Blocker{Kind: "planned.nop", Entity: j.Entity(), Facts: []Fact{g.fact(n, "no_operation", "true")}}, true
	case j.Status.Canceled || n.Phase() == Cancelled:
		return Blocker{Kind: "sched.cancelled", Entity: j.Entity(), Facts: []Fact{status}}, true
	case n.Phase() == Suppressed:
		return Blocker{Kind: "sched.dep.condition", Entity: j.Entity(), Facts: []Fact{status}}, true
	case j.UntilPassed && (n.Phase() == Waiting || n.Phase() == Ready):
		// UG "until", onuntil suppr: the status stays HOLD and the other dependencies are no longer evaluated
		facts := []Fact{g.fact(n, "until_passed", "true")}
		if !j.Times.LatestStart.IsZero() {
			facts = append(facts, g.fact(n, "until", g.instant(j.Times.LatestStart)))
		}
		return Blocker{Kind: "sched.time.until", Entity: j.Entity(), Facts: facts, Params: map[string]string{"until": g.instant(j.Times.LatestStart)}}, true
	}
	return Blocker{}, false
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
		return Blocker{Kind: "sched.dep.condition", Entity: s.Entity(), Facts: []Fact{g.fact(n, "status", s.Status.Display())}}, true
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
		out = append(out, g.dependencyBlockers(n)...)
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
	var bad, going, idle []Blocker
	for _, id := range g.streamJobs[n.ID] {
		m, ok := g.Node(id)
		if !ok {
			continue
		}
		b := Blocker{Kind: "sched.dep.predecessor", Entity: m.Entity(), Next: m.ID, Facts: []Fact{g.fact(m, "status", m.Status().Display())}}
		switch m.Phase() {
		case Bad, ToConfirm:
			bad = append(bad, b)
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
	for _, found := range [][]Blocker{bad, going, idle} {
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

// timeBlockers: `at` not reached is as planned; `until` passed without the engine's own mark is believed after the grace time.
func (g *Graph) timeBlockers(n *Node, t twstools.TimeRestrictions) []Blocker {
	var out []Blocker
	if t.EarliestStart.After(g.Now) && (t.EarliestStartSatisfied == nil || !*t.EarliestStartSatisfied) {
		at := g.instant(t.EarliestStart)
		out = append(out, Blocker{Kind: "planned.not_yet", Entity: n.Entity(), Params: map[string]string{"start": at}, Facts: []Fact{g.fact(n, "start_time", at)}})
	}
	if !t.LatestStart.IsZero() && t.LatestStart.Add(untilGrace).Before(g.Now) && !strings.Contains(strings.ToUpper(t.LatestStartAction), "CONT") {
		until := g.instant(t.LatestStart)
		out = append(out, Blocker{Kind: "sched.time.until", Entity: n.Entity(), Weak: true, Params: map[string]string{"until": until}, Facts: []Fact{g.fact(n, "until", until)}})
	}
	return out
}

// workstationBlockers: what of the job's workstation would keep it from starting. When other reasons were found (behind), only
// those are told that will still stand when the others are gone.
func (g *Graph) workstationBlockers(n *Node, behind bool) []Blocker {
	j := n.Job
	if p := n.Phase(); p != Waiting && p != Ready {
		return nil
	}
	w, ok := g.Workstation(j.Workstation)
	if !ok {
		return nil
	}
	var out []Blocker
	name := w.Entity()
	source := "workstation:" + w.Name
	switch link, fact := LinkState(w); link {
	case LinkIgnored:
		out = append(out, Blocker{Kind: "sched.agent.ignored", Entity: name, Facts: []Fact{{source, "ignored", "true"}}})
	case LinkDown:
		out = append(out, Blocker{Kind: "sched.agent.unlinked", Entity: name, Facts: []Fact{{source, fact.Name, fact.Value}}})
	case LinkStopped:
		out = append(out, Blocker{Kind: "sched.agent.stopped", Entity: name, Facts: []Fact{{source, fact.Name, fact.Value}}, Weak: true})
	case LinkUp:
		if kind := g.lacksJobManager(w); kind != "" && !behind && n.Phase() == Ready {
			out = append(out, Blocker{Kind: kind, Entity: name, Facts: []Fact{{source, fact.Name, fact.Value}}, Weak: true})
		}
	}
	if g.limitZero(n, w) {
		out = append(out, Blocker{Kind: "sched.limit.workstation", Entity: name, Facts: []Fact{{source, "limit", "0"}}, Params: map[string]string{"limit": "0"}, Weak: strings.EqualFold(w.Type, "X-AGENT")})
	}
	if w.Fence != nil && *w.Fence > 0 && j.Priority != nil && *j.Priority <= *w.Fence && *j.Priority > 0 {
		// UG "fence": the job's own priority is compared, and equal is not enough
		out = append(out, Blocker{Kind: "sched.fence", Entity: name, Facts: []Fact{{source, "fence", strconv.Itoa(*w.Fence)}, g.fact(n, "priority", strconv.Itoa(*j.Priority))},
			Params: map[string]string{"fence": strconv.Itoa(*w.Fence), "priority": strconv.Itoa(*j.Priority)}})
	}
	if !behind && len(out) == 0 && n.Phase() == Ready && w.Limit != nil && *w.Limit > 0 {
		if running, counted := g.executing[strings.ToUpper(j.Workstation)]; counted && running >= *w.Limit {
			out = append(out, Blocker{Kind: "sched.limit.workstation", Entity: name, Params: map[string]string{"limit": strconv.Itoa(*w.Limit), "running": strconv.Itoa(running)},
				Facts: []Fact{{source, "limit", strconv.Itoa(*w.Limit)}, {source, "running_jobs", strconv.Itoa(running)}}})
		}
	}
	return out
}

// limitZero: a workstation limit of 0 still lets HI and GO jobs run, and every job of a HI or GO stream (UG "limit cpu").
func (g *Graph) limitZero(n *Node, w twstools.Workstation) bool {
	if w.Limit == nil || *w.Limit != 0 {
		return false
	}
	const hi = 100
	if n.Job.Priority != nil && *n.Job.Priority >= hi {
		return false
	}
	if sn, ok := g.stream(n); ok && sn.Stream.Priority != nil && *sn.Stream.Priority >= hi {
		return false
	}
	return true
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
