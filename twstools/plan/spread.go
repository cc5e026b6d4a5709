package plan

import (
	"context"

	"github.com/resync-hwa/resync/twstools"
)

// Spread reads into the graph what stands behind the start nodes, for Behind to judge. The result is false when the budget ended it, so
// that what Behind lists is a lower bound. Budget.Reads is this search's own. With direct set it reads successors node by node, so that
// every hop is known, as long as half of the reads last; otherwise it asks for many hops at once as soon as the server has shown that it honours that.
func Spread(ctx context.Context, src Source, g *Graph, starts []From, b Budget, direct bool) (complete bool) {
	if g.down.after == nil {
		g.down = edges{after: map[NodeID][]NodeID{}, deep: map[NodeID][]NodeID{}}
	}
	d := &downstream{f: &fetcher{src: src, g: g, budget: b.withDefaults(), seen: map[NodeID]bool{}}, read: map[NodeID]bool{}, covered: map[NodeID]bool{}, flat: map[NodeID]bool{}, done: map[NodeID]bool{}}
	if direct {
		d.directUntil = g.Reads + d.f.budget.Reads/2
	}
	d.f.budget.Reads += g.Reads
	truncated := g.Truncated
	g.Truncated = false
	for _, s := range starts {
		d.push(s.Node)
		if s.Victim && s.Node.Stream != nil {
			d.f.jobsOf(ctx, s.Node)
			for _, id := range g.streamJobs[s.Node.ID] {
				d.pushHoldable(id)
			}
		}
	}
	for len(d.queue) > 0 && ctx.Err() == nil {
		next := d.queue[0]
		d.queue = d.queue[1:]
		d.expand(ctx, next)
	}
	complete = !g.Truncated && ctx.Err() == nil
	g.Truncated = g.Truncated || truncated
	return complete
}

// Ahead reads what Remaining needs of nodes beyond Fetch: of each stream on the way that is not done the jobs that are left, whole, and what
// they wait for. The result is false when the budget ended it: then paths may be longer than Remaining says.
func Ahead(ctx context.Context, src Source, g *Graph, nodes []*Node, b Budget) (complete bool) {
	f := &fetcher{src: src, g: g, budget: b.withDefaults(), seen: map[NodeID]bool{}}
	f.budget.Reads += g.Reads
	truncated := g.Truncated
	g.Truncated = false
	for _, n := range nodes {
		if n.Job != nil {
			f.push(n.Job.Ref, false)
		} else {
			f.push(n.Stream.Ref, true)
		}
	}
	f.far.off = true
	for len(f.queue) > 0 && ctx.Err() == nil {
		next := f.next()
		f.expand(ctx, next)
		if n, ok := g.Node(StreamID(next.Ref)); ok && next.JobStream && n.Phase() != Done && n.Phase() != Cancelled && n.Phase() != Suppressed {
			for _, j := range f.jobsOf(ctx, n) {
				if p := PhaseOf(j.Status); p != Done && p != Cancelled && p != Suppressed {
					f.push(j.Ref, false)
				}
			}
		}
	}
	complete = !g.Truncated && ctx.Err() == nil
	g.Truncated = g.Truncated || truncated
	return complete
}

// Consider reads what WouldStart needs: the direct successors of a node, each whole with what else holds it. The result is false when
// the budget ended it: then more may start than WouldStart lists.
func Consider(ctx context.Context, src Source, g *Graph, n *Node, b Budget) (complete bool) {
	if g.down.after == nil {
		g.down = edges{after: map[NodeID][]NodeID{}, deep: map[NodeID][]NodeID{}}
	}
	f := &fetcher{src: src, g: g, budget: b.withDefaults(), seen: map[NodeID]bool{}}
	f.budget.Reads += g.Reads
	truncated := g.Truncated
	g.Truncated = false
	f.far.off = true
	d := &downstream{f: f, read: map[NodeID]bool{}, covered: map[NodeID]bool{}, flat: map[NodeID]bool{}, done: map[NodeID]bool{}}
	gone := []*Node{n}
	if n.Job == nil {
		f.jobsOf(ctx, n)
		for _, id := range g.streamJobs[n.ID] {
			if m, ok := g.Node(id); ok && m.Phase() != Done {
				gone = append(gone, m)
			}
		}
	} else if sn := f.stream(ctx, n.Job.StreamRef); sn != nil {
		f.jobsOf(ctx, sn)
		if g.lastOf(n, sn) {
			gone = append(gone, sn)
		}
	}
	all := map[NodeID]bool{}
	for _, m := range gone {
		all[m.ID] = true
		d.near(ctx, m)
	}
	for _, m := range append(g.directly(all), n) {
		if m.Job != nil {
			f.expand(ctx, toRead{Start: Start{Ref: m.Job.Ref}})
			continue
		}
		if sn := f.stream(ctx, m.Stream.Ref); sn != nil {
			f.follow(ctx, sn)
			f.jobsOf(ctx, sn)
		}
	}
	complete = !g.Truncated && ctx.Err() == nil
	g.Truncated = g.Truncated || truncated
	return complete
}

type downstream struct {
	f           *fetcher
	depth       depthSupport
	directUntil int             // as long as so many reads were not made, nothing is asked with a depth
	read        map[NodeID]bool // whose successors were read
	covered     map[NodeID]bool // nodes all of whose job-level successors are known already
	flat        map[NodeID]bool // nodes behind which a read with a depth showed nothing: the truth, or a depth that was ignored
	queue       []*Node
	done        map[NodeID]bool
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

func (d *downstream) push(n *Node) {
	if !d.done[n.ID] {
		d.done[n.ID] = true
		d.queue = append(d.queue, n)
	}
}

func (d *downstream) pushHoldable(id NodeID) {
	if n, ok := d.f.g.Node(id); ok && holdable(n) {
		d.push(n)
	}
}

func (d *downstream) expand(ctx context.Context, n *Node) {
	if n.Stream != nil {
		if n.Phase() == Waiting || n.Phase() == Ready {
			d.f.jobsOf(ctx, n)
			for _, id := range d.f.g.streamJobs[n.ID] {
				d.pushHoldable(id)
			}
		}
		d.near(ctx, n)
		return
	}
	if !d.covered[n.ID] {
		d.expandJob(ctx, n)
	}
	// A job that does not end well keeps its stream from ending well, and with it whoever follows the stream.
	if ref := n.Job.StreamRef; !ref.IsZero() && !d.read[StreamID(ref)] {
		d.read[StreamID(ref)] = true
		if sn := d.f.stream(ctx, ref); sn != nil {
			d.near(ctx, sn)
		}
	}
}

// expandJob reads the successors of a job: one by one, or all at once where the server honours a depth.
func (d *downstream) expandJob(ctx context.Context, n *Node) {
	if d.f.g.Reads < d.directUntil {
		d.near(ctx, n)
		return
	}
	if d.depth == depthWorks {
		d.far(ctx, n)
		return
	}
	near := d.near(ctx, n)
	if near > 0 && d.flat[n.ID] {
		d.depth = depthIgnored // there was something behind it after all
	}
	if d.depth == depthIgnored || near == 0 {
		return
	}
	if d.far(ctx, n) > near {
		d.depth = depthWorks
		return
	}
	for _, id := range d.f.g.down.after[n.ID] {
		d.flat[id] = true
		delete(d.covered, id)
	}
}

func (d *downstream) near(ctx context.Context, n *Node) int {
	d.read[n.ID] = true
	found := d.successors(ctx, n, 0)
	for _, nb := range found {
		d.f.g.down.add(d.f.g.down.after, n.ID, neighbourID(nb))
		d.pushHoldable(neighbourID(nb))
	}
	return len(found)
}

func (d *downstream) far(ctx context.Context, n *Node) int {
	found := d.successors(ctx, n, farDepth)
	for _, nb := range found {
		id := neighbourID(nb)
		d.f.g.down.add(d.f.g.down.deep, n.ID, id)
		if nb.Job != nil {
			d.covered[id] = true
		}
		d.pushHoldable(id)
	}
	return len(found)
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
	for _, nb := range found {
		d.f.remember(nb)
	}
	return found
}

func neighbourID(nb twstools.Neighbour) NodeID {
	if nb.Job != nil {
		return JobID(nb.Job.Ref)
	}
	return StreamID(nb.JobStream.Ref)
}
