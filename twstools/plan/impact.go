package plan

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// Act is something that a person could do to a job or job stream: an action code of the contract.
type Act string

// The acts whose consequences the graph can tell.
const (
	Rerun   Act = "rerun"
	Cancel  Act = "cancel"
	Release Act = "release_dependency"
	Confirm Act = "confirm_succ"
)

// When an Outcome comes.
type When string

// What an act does to a node.
const (
	StartsNow   When = "now"          // it starts: nothing else holds it
	StartsLater When = "later"        // it starts when the rerun has ended well
	StillWaits  When = "still_waits"  // this dependency no longer holds it, something else does
	NotReleased When = "not_released" // a conditional dependency, which the act does not release
)

// Outcome is what an act does to one node.
type Outcome struct {
	Node *Node
	When When
	// By are what still holds it, for StillWaits and NotReleased.
	By []Blocker
	// Unsure means that its own dependencies were not read: that it starts is a guess.
	Unsure bool
}

// WouldStart tells what would start because of an act on a node, as far as the graph knows its direct successors and what else holds them.
//
// Cancel lets ordinary successors go, since the dependency no longer exists, and conditional ones wait on: their stream goes STUCK (UG
// "cancel job", "cancel sched", "Evaluating and processing a conditional dependency flow"). Confirm SUCC lets go those that wait for a good
// end (UG "confirm"). Rerun starts the job itself; what waits for its good end starts later. Release lets the node itself go, its conditional
// dependencies apart (UG "release job"). Of what is let go only that starts which nothing else holds.
func (g *Graph) WouldStart(n *Node, act Act) []Outcome {
	switch act {
	case Release:
		return g.ifReleased(n)
	case Rerun:
		out := g.again(n)
		for _, o := range g.ifEnds(n, false) {
			if o.When == StartsNow {
				o.When = StartsLater
			}
			out = append(out, o)
		}
		return out
	case Cancel:
		return g.ifEnds(n, true)
	case Confirm:
		return g.ifEnds(n, false)
	}
	return nil
}

// WithoutNeed tells which of the nodes would start if a need of theirs that is no job were met: a resource, a file, a prompt.
func (g *Graph) WithoutNeed(nodes []*Node, need func(twstools.Dependency) bool) []Outcome {
	var out []Outcome
	for _, n := range nodes {
		if !holdable(n) {
			continue
		}
		own := g.without(n, need)
		o := g.outcome(n, own)
		out = append(out, o)
		if n.Stream != nil && o.When == StartsNow {
			out = append(out, g.firstJobs(own)...)
		}
	}
	return out
}

// again is what a rerun starts: the job, or of a stream, which cannot be run again as such, its jobs that ended badly.
func (g *Graph) again(n *Node) []Outcome {
	if n.Job != nil {
		return []Outcome{{Node: n, When: StartsNow}}
	}
	var out []Outcome
	for _, id := range g.streamJobs[n.ID] {
		if m, ok := g.Node(id); ok && m.Phase() == Bad {
			out = append(out, Outcome{Node: m, When: StartsNow})
		}
	}
	return out
}

// ifReleased: the node goes, and with a stream those of its jobs that nothing else holds.
func (g *Graph) ifReleased(n *Node) []Outcome {
	free := func(d twstools.Dependency) bool { return !conditional(d) }
	own := g.without(n, free)
	out := []Outcome{g.outcome(n, own)}
	if n.Stream == nil || out[0].When != StartsNow {
		return out
	}
	return append(out, g.firstJobs(own)...)
}

// firstJobs are the jobs of a stream that start with it: those that nothing but the stream holds.
func (g *Graph) firstJobs(stream *Node) []Outcome {
	var out []Outcome
	for _, id := range g.streamJobs[stream.ID] {
		m, ok := g.Node(id)
		if !ok || m.Phase() != Waiting && m.Phase() != Ready || afterSibling(m) {
			continue
		}
		if o := g.outcome(m, m); o.When == StartsNow || onlyStream(o.By, stream) {
			out = append(out, Outcome{Node: m, When: StartsNow, Unsure: o.Unsure})
		}
	}
	return out
}

// afterSibling reports whether a job waits for another one of its own stream, as far as the engine told its dependencies.
func afterSibling(m *Node) bool {
	deps, known := m.Dependencies()
	if !known {
		return m.Job.UnresolvedCount != nil && *m.Job.UnresolvedCount > 0
	}
	return slices.ContainsFunc(flat(deps), func(d twstools.Dependency) bool {
		open, _ := d.Open()
		return open && d.Type == twstools.DepInternal
	})
}

func onlyStream(by []Blocker, stream *Node) bool {
	return !slices.ContainsFunc(by, func(b Blocker) bool { return b.Next != stream.ID })
}

// ifEnds: what waits for the node is let go, by its end or by its cancelling. Where a job's end ends its stream well too, what waits for
// the stream is let go with it; a cancelled stream takes its jobs along.
func (g *Graph) ifEnds(n *Node, cancelled bool) []Outcome {
	gone := map[NodeID]bool{n.ID: true}
	if n.Stream != nil {
		for _, id := range g.streamJobs[n.ID] {
			gone[id] = true
		}
	} else if sn, ok := g.stream(n); ok && g.lastOf(n, sn) {
		gone[sn.ID] = true
	}
	ended := func(d twstools.Dependency) bool {
		id := JobID(d.JobRef)
		if d.JobRef.IsZero() {
			id = StreamID(d.StreamRef)
		}
		return gone[id] && (!conditional(d) || !cancelled && meansSuccess(d))
	}
	var out []Outcome
	for _, m := range g.directly(gone) {
		whole := g.without(m, ended)
		o := g.outcome(m, whole)
		if o.When == StillWaits && waitsFor(whole, gone) {
			o.When = NotReleased
		}
		out = append(out, o)
		if m.Stream != nil && o.When == StartsNow {
			out = append(out, g.firstJobs(whole)...)
		}
	}
	return out
}

// lastOf reports whether a job is the only one of its stream that has not ended well, or been cancelled, as far as its jobs were listed.
func (g *Graph) lastOf(n, sn *Node) bool {
	jobs, ok := g.streamJobs[sn.ID]
	if !ok {
		return false
	}
	return !slices.ContainsFunc(jobs, func(id NodeID) bool {
		m, ok := g.Node(id)
		return !ok || id != n.ID && m.Phase() != Done && m.Phase() != Cancelled && m.Phase() != Suppressed
	})
}

// directly lists what waits for nodes, by successors that were read and by dependency lists.
func (g *Graph) directly(gone map[NodeID]bool) []*Node {
	held := g.heldBehind()
	var ids []NodeID
	for id := range gone {
		ids = append(ids, g.down.after[id]...)
		ids = append(ids, held[id]...)
	}
	slices.Sort(ids)
	var out []*Node
	for _, id := range slices.Compact(ids) {
		if m, ok := g.Node(id); ok && !gone[id] && holdable(m) {
			out = append(out, m)
		}
	}
	return out
}

// waitsFor reports whether the node has an open conditional dependency on one of those.
func waitsFor(m *Node, gone map[NodeID]bool) bool {
	deps, _ := m.Dependencies()
	return slices.ContainsFunc(flat(deps), func(d twstools.Dependency) bool {
		open, _ := d.Open()
		return open && conditional(d) && (gone[JobID(d.JobRef)] || d.JobRef.IsZero() && gone[StreamID(d.StreamRef)])
	})
}

// meansSuccess reports whether a conditional dependency waits for nothing but a good end.
func meansSuccess(d twstools.Dependency) bool {
	return len(d.OutputConditions) == 0 && len(d.StatusConditions) > 0 && !slices.ContainsFunc(d.StatusConditions, func(c string) bool {
		return !strings.EqualFold(strings.TrimSpace(c), "SUCC") && !strings.EqualFold(strings.TrimSpace(c), "SUCCESSFUL")
	})
}

// without gives the node as it were if dependencies no longer held it. The graph is not changed.
func (g *Graph) without(n *Node, free func(twstools.Dependency) bool) *Node {
	out := *n
	lift := func(deps []twstools.Dependency) []twstools.Dependency { return lifted(deps, free) }
	if n.Job != nil {
		j := *n.Job
		j.Dependencies = lift(j.Dependencies)
		out.Job = &j
	} else {
		s := *n.Stream
		s.Dependencies = lift(s.Dependencies)
		out.Stream = &s
	}
	return &out
}

func lifted(deps []twstools.Dependency, free func(twstools.Dependency) bool) []twstools.Dependency {
	yes := true
	out := slices.Clone(deps)
	for i, d := range out {
		switch {
		case d.Type == twstools.DepJoin:
			out[i].Members = lifted(d.Members, free)
			if _, open := joinOpen(out[i]); !open {
				out[i].State, out[i].Satisfied = "SATISFIED", &yes
			}
		case free(d):
			out[i].State, out[i].Satisfied = "SATISFIED", &yes
		}
	}
	return out
}

// joinOpen counts a join's satisfied members, and tells whether it still holds.
func joinOpen(d twstools.Dependency) (satisfied int, open bool) {
	for _, m := range d.Members {
		if o, known := m.Open(); known && !o {
			satisfied++
		}
	}
	need := d.JoinQuantity
	if need == 0 {
		need = len(d.Members)
	}
	return satisfied, satisfied < need
}

// outcome judges a node as it were without the dependencies that an act takes away.
func (g *Graph) outcome(n, as *Node) Outcome {
	_, known := n.Dependencies()
	o := Outcome{Node: n, When: StartsNow, Unsure: !known}
	for _, b := range g.Blockers(as) {
		switch {
		case n.Stream != nil && g.member(n, b): // a stream starts before its jobs do
		case b.Kind == "planned.no_prompt_reply":
		default:
			o.By, o.When = append(o.By, b), StillWaits
		}
	}
	return o
}

// member reports whether a blocker of a stream is one of its own jobs.
func (g *Graph) member(stream *Node, b Blocker) bool {
	m, ok := g.Node(b.Next)
	return ok && m.Job != nil && m.Job.StreamRef == stream.Stream.Ref
}
