package plan

import (
	"context"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Affected is a node that cannot go on, or will be late, because of another.
type Affected struct {
	Node *Node
	Hops int
	Via  NodeID // the node before it on the shortest way; empty for a victim where the search began
	// Earliest and Pessimistic are when it can end at the earliest if its way were free now, by the medians and by the ninetieth percentiles
	// of the durations on the way; zero when nobody said when the way is free.
	Earliest, Pessimistic time.Time
	// Work is the time of that way in which something runs, its own included: without waits for start times. A deadline less Work is when the
	// way must be free at the latest.
	Work time.Duration
	Late bool // its deadline has passed, or Earliest is after it
}

// Deadline gives the node's own deadline, zero when it has none.
func (n *Node) Deadline() time.Time {
	if n.Job != nil {
		return n.Job.Times.Deadline
	}
	return n.Stream.Times.Deadline
}

// DeadlineOf gives the node's own deadline, else that of its job stream (UG "deadline": a stream's holds for the stream as a whole).
func (g *Graph) DeadlineOf(n *Node) time.Time {
	if d := n.Deadline(); !d.IsZero() {
		return d
	}
	if sn, ok := g.stream(n); ok {
		return sn.Stream.Times.Deadline
	}
	return time.Time{}
}

// From is where a search downstream begins. A Victim is held back itself, by something that is no job: it counts among the affected.
type From struct {
	Node   *Node
	Victim bool
	// Takes is how long the node itself still needs before what stands behind it can go on: a failed job must run again.
	Takes time.Duration
}

// Downstream reads what waits behind the start nodes and judges it: Spread, then Behind by the engine's own estimates.
func Downstream(ctx context.Context, src Source, g *Graph, starts []From, free time.Time, b Budget) (found []Affected, complete bool) {
	complete = Spread(ctx, src, g, starts, b, false)
	return g.Behind(starts, free, nil), complete
}

// edges are what is known of the way downstream.
type edges struct {
	after map[NodeID][]NodeID // direct successors
	deep  map[NodeID][]NodeID // everything behind a node, as read with a depth: the way between is not known
}

func (e *edges) add(to map[NodeID][]NodeID, from NodeID, id NodeID) {
	if !slices.Contains(to[from], id) {
		to[from] = append(to[from], id)
	}
}

// holdable reports whether a node can still be held back: it has not run, and was not released otherwise.
func holdable(n *Node) bool {
	switch n.Phase() {
	case Waiting, Ready, Unknown, Stuck:
		return true
	}
	return false
}

// held reports whether the edge from a node still holds the one behind it, as far as the latter's own list of dependencies tells: one that
// is satisfied, by a recovery option or a condition, holds nothing.
func held(from NodeID, n *Node) bool {
	deps, known := n.Dependencies()
	if !known {
		return true
	}
	named := false
	for _, d := range flat(deps) {
		if JobID(d.JobRef) != from && (StreamID(d.StreamRef) != from || !d.JobRef.IsZero()) {
			continue
		}
		if open, _ := d.Open(); open {
			return true
		}
		named = true
	}
	return !named
}

// flat puts the members of joins in the place of the joins.
func flat(deps []twstools.Dependency) []twstools.Dependency {
	var out []twstools.Dependency
	for _, d := range deps {
		if d.Type == twstools.DepJoin {
			out = append(out, flat(d.Members)...)
			continue
		}
		out = append(out, d)
	}
	return out
}

// Behind lists what waits behind the start nodes, nearest first, as far as the graph knows: successors that have not run yet, the
// streams they belong to, the jobs of streams that wait as a whole, and theirs in turn. free is when the start nodes can be done at the
// earliest; the durations along the way are added to it. More edges never make fewer affected.
func (g *Graph) Behind(starts []From, free time.Time, e Estimates) []Affected {
	b := &behind{g: g, e: e, free: free, at: map[NodeID]int{}, from: map[NodeID][]NodeID{}, source: map[NodeID]time.Duration{}, held: g.heldBehind()}
	for _, s := range starts {
		b.source[s.Node.ID] = s.Takes
		if s.Victim {
			b.reach(s.Node, 1, "")
		}
	}
	for _, s := range starts {
		if !s.Victim {
			b.expand(s.Node, 0)
		}
	}
	for hops := 1; hops < len(b.levels); hops++ {
		for i := 0; i < len(b.levels[hops]); i++ { // a level may grow while it is walked: a stream's jobs stand beside it
			if n := b.levels[hops][i]; b.at[n.ID] == hops {
				b.expand(n, hops)
			}
		}
	}
	return b.affected()
}

type behind struct {
	g      *Graph
	e      Estimates
	free   time.Time
	at     map[NodeID]int      // hops, of all that are affected
	from   map[NodeID][]NodeID // by which nodes they are held
	via    map[NodeID]NodeID
	source map[NodeID]time.Duration // where the search began, and how long each still takes
	levels [][]*Node
	held   map[NodeID][]NodeID // what the dependency lists that were read say of the way down
}

func (b *behind) reach(n *Node, hops int, via NodeID) {
	if via != "" && !slices.Contains(b.from[n.ID], via) {
		b.from[n.ID] = append(b.from[n.ID], via)
	}
	if have, ok := b.at[n.ID]; ok && have <= hops {
		return
	}
	b.at[n.ID] = hops
	if b.via == nil {
		b.via = map[NodeID]NodeID{}
	}
	b.via[n.ID] = via
	for len(b.levels) <= hops {
		b.levels = append(b.levels, nil)
	}
	b.levels[hops] = append(b.levels[hops], n)
}

// to goes over an edge, unless what stands behind it is not held by it.
func (b *behind) to(id, via NodeID, hops int) {
	n, ok := b.g.Node(id)
	if !ok || !holdable(n) || !held(via, n) {
		return
	}
	if _, source := b.source[id]; source && b.at[id] == 0 {
		return // where the search began
	}
	b.reach(n, hops, via)
}

func (b *behind) expand(n *Node, hops int) {
	for _, id := range b.g.down.after[n.ID] {
		b.to(id, n.ID, hops+1)
	}
	for _, id := range b.held[n.ID] {
		b.to(id, n.ID, hops+1)
	}
	for _, id := range b.g.down.deep[n.ID] {
		if !slices.Contains(b.g.down.after[n.ID], id) {
			b.to(id, n.ID, hops+2) // at least
		}
	}
	if n.Stream != nil {
		if holdable(n) && n.Phase() != Stuck || b.at[n.ID] > 0 && b.via[n.ID] == "" {
			for _, id := range b.g.streamJobs[n.ID] {
				b.to(id, n.ID, hops+1)
			}
		}
		return
	}
	// A job that does not end well keeps its stream from ending well, and with it whoever follows the stream.
	if ref := n.Job.StreamRef; !ref.IsZero() {
		for _, next := range [][]NodeID{b.g.down.after[StreamID(ref)], b.held[StreamID(ref)]} {
			for _, id := range next {
				if m, ok := b.g.Node(id); ok && held(StreamID(ref), m) {
					b.to(id, n.ID, hops+1)
				}
			}
		}
	}
}

// heldBehind turns the dependency lists that were read around: what waits for a node.
func (g *Graph) heldBehind() map[NodeID][]NodeID {
	out := map[NodeID][]NodeID{}
	for _, n := range g.nodes {
		deps, _ := n.Dependencies()
		for _, d := range flat(deps) {
			if open, _ := d.Open(); !open || d.Pending || d.Orphan {
				continue
			}
			switch {
			case d.Type == twstools.DepResource:
				for _, h := range g.holdersFor(d) {
					out[h.ID] = append(out[h.ID], n.ID)
				}
			case !d.JobRef.IsZero():
				out[JobID(d.JobRef)] = append(out[JobID(d.JobRef)], n.ID)
			case d.Type == twstools.DepExternalJobStream && !d.StreamRef.IsZero():
				out[StreamID(d.StreamRef)] = append(out[StreamID(d.StreamRef)], n.ID)
			}
		}
	}
	for id := range out {
		slices.Sort(out[id])
	}
	return out
}

// holdersFor gives those who hold the units that an open dependency on a resource waits for, as far as they were read; none where enough units
// are free.
func (g *Graph) holdersFor(d twstools.Dependency) []*Node {
	r, ok := g.resources[resourceKey(d.Workstation, d.Resource)]
	if !ok || r.Available != nil && *r.Available >= max(d.Units, 1) {
		return nil
	}
	var out []*Node
	for _, h := range r.Holders {
		if n := g.holder(h); n != nil {
			out = append(out, n)
		}
	}
	return out
}
