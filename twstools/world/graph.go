package world

import (
	"context"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// node is a job stream or a job: streams are numbered first, jobs behind them.
type node int32

func (e *engine) streamNode(at int) node { return node(at) }                       //nolint:gosec // a plan has fewer than 2^31 objects
func (e *engine) jobNode(at int) node    { return node(len(e.w.JobStreams) + at) } //nolint:gosec // the same

// graph holds the arrows between jobs and job streams in both directions.
type graph struct{ before, after arrows }

// arrows are the neighbours on one side of every node: those of n stand in to[start[n]:start[n+1]].
type arrows struct {
	start []int32
	to    []node
}

func (a arrows) of(n node) []node { return a.to[a.start[n]:a.start[n+1]] }

// newGraph draws the arrows that the dependencies of jobs and job streams make.
func newGraph(e *engine) graph {
	nodes := len(e.w.JobStreams) + len(e.w.Jobs)
	before := arrows{start: make([]int32, 1, nodes+1)}
	draw := func(ds []twstools.Dependency) {
		before.to = e.draw(before.to, len(before.to), ds)
		before.start = append(before.start, int32(len(before.to))) //nolint:gosec // a plan has fewer than 2^31 dependencies
	}
	for i := range e.w.JobStreams {
		draw(e.w.JobStreams[i].Dependencies)
	}
	for i := range e.w.Jobs {
		draw(e.w.Jobs[i].Dependencies)
	}
	before.to = slices.Clip(before.to)
	return graph{before: before, after: before.reversed()}
}

// draw adds the targets of one node's dependencies, whose arrows begin at from, each once.
func (e *engine) draw(to []node, from int, ds []twstools.Dependency) []node {
	for i := range ds {
		d := &ds[i]
		to = e.draw(to, from, d.Members)
		if n, ok := e.target(d); ok && !slices.Contains(to[from:], n) {
			to = append(to, n)
		}
	}
	return to
}

// reversed turns every arrow round; the neighbours of a node stay in the plan's order.
func (a arrows) reversed() arrows {
	nodes := len(a.start) - 1
	out := arrows{start: make([]int32, nodes+1), to: make([]node, len(a.to))}
	for _, n := range a.to {
		out.start[n+1]++
	}
	for n := range nodes {
		out.start[n+1] += out.start[n]
	}
	next := slices.Clone(out.start)
	for n := range nodes {
		for _, to := range a.of(node(n)) { //nolint:gosec // a plan has fewer than 2^31 objects
			out.to[next[to]] = node(n) //nolint:gosec // the same
			next[to]++
		}
	}
	return out
}

// target is the node that a dependency waits for, if it waits for one of this plan.
func (e *engine) target(d *twstools.Dependency) (node, bool) {
	if !d.JobRef.IsZero() {
		i, ok := e.jobs[d.JobRef.ID]
		return e.jobNode(i), ok
	}
	if d.StreamRef.IsZero() {
		return 0, false
	}
	i, ok := e.streams[d.StreamRef.ID]
	return e.streamNode(i), ok
}

// Neighbours implements twstools.Engine: nearest first, each once, the asked one never.
func (e *engine) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	at, ok := e.jobs[q.Ref.ID]
	start := e.jobNode(at)
	if q.JobStream {
		at, ok = e.streams[q.Ref.ID]
		start = e.streamNode(at)
	}
	if !ok {
		return nil, fault.New(fault.NotFound, "Nothing with the id %q is in the plan.", q.Ref.ID)
	}
	side := e.graph().before
	switch q.Direction {
	case twstools.Predecessors:
	case twstools.Successors:
		side = e.graph().after
	default:
		return nil, fault.New(fault.Invalid, "A direction is predecessors or successors, not %q.", string(q.Direction))
	}
	seen := map[node]bool{start: true}
	out := []twstools.Neighbour{}
	edge := []node{start}
	for range max(q.Depth, 1) {
		var next []node
		for _, at := range edge {
			for _, n := range side.of(at) {
				if seen[n] {
					continue
				}
				seen[n] = true
				next = append(next, n)
				out = append(out, e.neighbour(n))
			}
		}
		if edge = next; len(edge) == 0 || ctx.Err() != nil {
			break
		}
	}
	return out, ctx.Err()
}

// neighbour gives the node as a list does: without its dependencies.
func (e *engine) neighbour(n node) twstools.Neighbour {
	if at := int(n); at < len(e.w.JobStreams) {
		s := e.listedStream(e.w.JobStreams[at])
		return twstools.Neighbour{JobStream: &s}
	}
	j := e.listedJob(e.w.Jobs[int(n)-len(e.w.JobStreams)])
	return twstools.Neighbour{Job: &j}
}
