package plan

import (
	"context"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Affected is a node that cannot go on, or will be late, because of another.
type Affected struct {
	Node     *Node
	Hops     int
	Earliest time.Time // the earliest it can end if its way were free now, by the engine's estimates; zero without estimates
	Late     bool      // Earliest is after its deadline
}

// Deadline gives the node's deadline, zero when it has none.
func (n *Node) Deadline() time.Time {
	if n.Job != nil {
		return n.Job.Times.Deadline
	}
	return n.Stream.Times.Deadline
}

// From is where a search downstream begins. A Victim is held back itself, by something that is no job: it counts among the affected.
type From struct {
	Node   *Node
	Victim bool
}

// Downstream lists what waits behind the start nodes, nearest first: successors that have not run yet, the streams they belong to,
// the jobs of streams that wait as a whole, and theirs in turn. complete is false when the budget ended the search, so that the list is
// a lower bound. free is when the start nodes can be done at the earliest: the estimates along the way are added to it.
func Downstream(ctx context.Context, src Source, g *Graph, starts []From, free time.Time, b Budget) (found []Affected, complete bool) {
	d := &downstream{f: &fetcher{src: src, g: g, budget: b.withDefaults(), seen: map[NodeID]bool{}}, deep: map[NodeID]bool{}, flat: map[NodeID]bool{}, done: map[NodeID]bool{}}
	d.f.budget.Reads += g.Reads // the budget is this search's own
	truncated := g.Truncated
	g.Truncated = false
	for _, s := range starts {
		d.done[s.Node.ID] = true
		first := step{node: s.Node, earliest: free}
		if s.Victim {
			first.hops, first.earliest = 1, free.Add(estimate(s.Node))
			d.out = append(d.out, Affected{Node: s.Node, Hops: 1, Earliest: first.earliest})
		}
		d.queue = append(d.queue, first)
	}
	for len(d.queue) > 0 && ctx.Err() == nil {
		next := d.queue[0]
		d.queue = d.queue[1:]
		d.expand(ctx, next)
	}
	complete = !g.Truncated && ctx.Err() == nil
	g.Truncated = g.Truncated || truncated
	for i := range d.out {
		a := &d.out[i]
		if dl := a.Node.Deadline(); !dl.IsZero() {
			a.Late = dl.Before(g.Now) || !a.Earliest.IsZero() && a.Earliest.After(dl)
		}
	}
	slices.SortStableFunc(d.out, func(a, b Affected) int { return a.Hops - b.Hops })
	return d.out, complete
}

type step struct {
	node     *Node
	hops     int
	earliest time.Time
}

type downstream struct {
	f     *fetcher
	depth depthSupport
	deep  map[NodeID]bool // nodes all of whose job-level successors are known already
	flat  map[NodeID]bool // nodes behind which a read with a depth showed nothing: the truth, or a depth that was ignored
	queue []step
	done  map[NodeID]bool
	out   []Affected
}

// depthSupport is what was learnt of the server: whether asking for successors with a depth gives more than the direct ones.
type depthSupport int

const (
	depthUnknown depthSupport = iota
	depthWorks
	depthIgnored
)

// farDepth is the depth asked for where the server honours one: longer chains than any plan has.
const farDepth = 50

func (d *downstream) expand(ctx context.Context, s step) {
	if s.node.Stream != nil {
		d.expandStream(ctx, s)
		return
	}
	if !d.deep[s.node.ID] {
		d.expandJob(ctx, s)
	}
	// A job that does not end well keeps its stream from ending well, and with it whoever follows the stream.
	if ref := s.node.Job.StreamRef; !ref.IsZero() && !d.done[StreamID(ref)] {
		d.done[StreamID(ref)] = true
		if sn := d.f.stream(ctx, ref); sn != nil {
			for _, nb := range d.successors(ctx, sn, 0) {
				d.add(nb, s)
			}
		}
	}
}

// expandJob adds the successors of a job: one by one, or all at once where the server honours a depth. Then the hops beyond the first
// are a lower bound.
func (d *downstream) expandJob(ctx context.Context, s step) {
	if d.depth != depthWorks {
		near := d.successors(ctx, s.node, 0)
		for _, nb := range near {
			d.add(nb, s)
		}
		if len(near) > 0 && d.flat[s.node.ID] {
			d.depth = depthIgnored // there was something behind it after all
		}
		if d.depth == depthIgnored || len(near) == 0 {
			return
		}
		s.hops++
		far := d.successors(ctx, s.node, farDepth)
		if len(far) <= len(near) {
			for _, nb := range near {
				d.flat[neighbourID(nb)] = true
			}
			return
		}
		d.depth = depthWorks
		d.addAll(far, s)
		return
	}
	d.addAll(d.successors(ctx, s.node, farDepth), s)
}

func (d *downstream) addAll(far []twstools.Neighbour, s step) {
	for _, nb := range far {
		if nb.Job != nil {
			d.deep[JobID(nb.Job.Ref)] = true
		}
		d.add(nb, s)
	}
}

// expandStream: the stream's waiting jobs suffer with it, and its successors.
func (d *downstream) expandStream(ctx context.Context, s step) {
	if s.node.Phase() == Waiting || s.node.Phase() == Ready {
		for _, j := range d.f.jobsOf(ctx, s.node) {
			d.add(twstools.Neighbour{Job: &j}, s)
		}
	}
	for _, nb := range d.successors(ctx, s.node, 0) {
		d.add(nb, s)
	}
}

func (d *downstream) successors(ctx context.Context, n *Node, depth int) []twstools.Neighbour {
	if !d.f.spend() {
		return nil
	}
	q := twstools.NeighbourQuery{Direction: twstools.Successors, JobStream: n.Stream != nil, Depth: depth}
	if n.Job != nil {
		q.Ref = n.Job.Ref
	} else {
		q.Ref = n.Stream.Ref
	}
	found, err := d.f.src.Neighbours(ctx, q)
	if err != nil {
		d.f.failed(err)
		return nil
	}
	return found
}

func (d *downstream) add(nb twstools.Neighbour, from step) {
	d.f.remember(nb)
	id := neighbourID(nb)
	n, ok := d.f.g.Node(id)
	if !ok || d.done[id] {
		return
	}
	if p := n.Phase(); p != Waiting && p != Ready && p != Unknown && p != Stuck {
		return // has run, runs, or was released otherwise
	}
	d.done[id] = true
	earliest := from.earliest
	if !earliest.IsZero() {
		earliest = earliest.Add(estimate(n))
	}
	d.out = append(d.out, Affected{Node: n, Hops: from.hops + 1, Earliest: earliest})
	d.queue = append(d.queue, step{node: n, hops: from.hops + 1, earliest: earliest})
}

func estimate(n *Node) time.Duration {
	if n.Job != nil {
		return n.Job.Definition.EstimatedDuration
	}
	return 0 // its jobs are counted one by one
}

func neighbourID(nb twstools.Neighbour) NodeID {
	if nb.Job != nil {
		return JobID(nb.Job.Ref)
	}
	return StreamID(nb.JobStream.Ref)
}
