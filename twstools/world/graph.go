package world

import (
	"context"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// node is a job or a job stream, by its place in the world.
type node struct {
	stream bool
	at     int
}

// graph draws the arrows between jobs and job streams from their dependencies, in both directions.
func (e *engine) graph() {
	e.after, e.before = map[node][]node{}, map[node][]node{}
	for i, s := range e.w.JobStreams {
		e.arrows(node{true, i}, s.Dependencies)
	}
	for i, j := range e.w.Jobs {
		e.arrows(node{false, i}, j.Dependencies)
	}
}

func (e *engine) arrows(to node, ds []twstools.Dependency) {
	for _, d := range ds {
		e.arrows(to, d.Members)
		from, ok := e.target(d)
		if !ok || slices.Contains(e.before[to], from) {
			continue
		}
		e.before[to] = append(e.before[to], from)
		e.after[from] = append(e.after[from], to)
	}
}

// target is the node that a dependency waits for, if it waits for one of this plan.
func (e *engine) target(d twstools.Dependency) (node, bool) {
	if !d.JobRef.IsZero() {
		i, ok := e.jobs[d.JobRef.ID]
		return node{false, i}, ok
	}
	if d.StreamRef.IsZero() {
		return node{}, false
	}
	i, ok := e.streams[d.StreamRef.ID]
	return node{true, i}, ok
}

// Neighbours implements twstools.Engine: nearest first, each once, the asked one never.
func (e *engine) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	start := node{stream: q.JobStream}
	var ok bool
	if q.JobStream {
		start.at, ok = e.streams[q.Ref.ID]
	} else {
		start.at, ok = e.jobs[q.Ref.ID]
	}
	if !ok {
		return nil, fault.New(fault.NotFound, "Nothing with the id %q is in the plan.", q.Ref.ID)
	}
	arrows := e.before
	switch q.Direction {
	case twstools.Predecessors:
	case twstools.Successors:
		arrows = e.after
	default:
		return nil, fault.New(fault.Invalid, "A direction is predecessors or successors, not %q.", string(q.Direction))
	}
	seen := map[node]bool{start: true}
	out := []twstools.Neighbour{}
	edge := []node{start}
	for range max(q.Depth, 1) {
		var next []node
		for _, at := range edge {
			for _, n := range arrows[at] {
				if seen[n] {
					continue
				}
				seen[n] = true
				next = append(next, n)
				out = append(out, e.neighbour(n))
			}
		}
		if edge = next; len(edge) == 0 {
			break
		}
	}
	return out, ctx.Err()
}

// neighbour gives the node as a list does: without its dependencies.
func (e *engine) neighbour(n node) twstools.Neighbour {
	if n.stream {
		s := e.w.JobStreams[n.at]
		s.Dependencies, s.DependenciesKnown = nil, false
		s = e.copyStream(s)
		return twstools.Neighbour{JobStream: &s}
	}
	j := e.w.Jobs[n.at]
	j.Dependencies, j.DependenciesKnown = nil, false
	j = e.copyJob(j)
	return twstools.Neighbour{Job: &j}
}
