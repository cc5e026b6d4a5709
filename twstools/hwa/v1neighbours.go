package hwa

import (
	"context"
	"slices"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// maxHops bounds the requests of one walk through the plan's graph.
const maxHops = 200

// v1Node is a job or job stream beside another, with the ids of what it waits for itself where the server tells.
type v1Neighbour struct {
	id     string
	node   twstools.Neighbour
	before []string
}

// Neighbours lists predecessors or successors. V1 tells a job's predecessors one step at a time and its successors all at once; a job stream's are found by
// dependencies.
func (v *v1) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	if err := v.owns(q.Ref); err != nil {
		return nil, err
	}
	if q.Direction != twstools.Predecessors && q.Direction != twstools.Successors {
		return nil, fault.New(fault.Invalid, "Neighbours are predecessors or successors.")
	}
	if q.Direction == twstools.Successors && !q.JobStream {
		out, err := v.successors(ctx, q)
		if err == nil || !absent(err) && !refusesFilter(err) || saysNoObject(err) {
			return out, err
		}
	}
	return v.walk(ctx, q)
}

func saysNoObject(err error) bool {
	e, ok := refusedAs(err)
	return ok && e.says("AWSJDB101E")
}

// walk goes step by step, each node once.
func (v *v1) walk(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	type at struct {
		id     string
		stream bool
	}
	edge := []at{{q.Ref.ID, q.JobStream}}
	seen := map[string]bool{q.Ref.ID: true}
	var out []twstools.Neighbour
	for depth, hops := 0, 0; depth < max(q.Depth, 1) && len(edge) > 0; depth++ {
		var next []at
		for _, a := range edge {
			if hops++; hops > maxHops {
				return out, nil
			}
			ns, err := v.step(ctx, a.id, a.stream, q.Direction)
			if err != nil {
				return nil, err
			}
			for _, n := range ns {
				if n.id == "" || !seen[n.id] {
					seen[n.id] = n.id != ""
					out = append(out, n.node)
					next = append(next, at{n.id, n.node.JobStream != nil})
				}
			}
			if len(out) >= maxNeighbours {
				return out[:maxNeighbours], nil
			}
		}
		edge = slices.DeleteFunc(next, func(a at) bool { return a.id == "" })
	}
	return out, nil
}

// step gives the direct neighbours of one node.
func (v *v1) step(ctx context.Context, id string, stream bool, dir twstools.Direction) ([]v1Neighbour, error) {
	if dir == twstools.Successors {
		return v.dependents(ctx, id, stream)
	}
	if !stream {
		ns, err := v.predecessors(ctx, id)
		if err == nil || !absent(err) && !refusesFilter(err) || saysNoObject(err) {
			return ns, err
		}
	}
	return v.needed(ctx, id, stream)
}

// predecessors asks for what a job waits for. The answer is declared as a node that names their ids, and its parameter makes sense for a list of nodes only;
// both are read.
func (v *v1) predecessors(ctx context.Context, id string) ([]v1Neighbour, error) {
	many := strconv.Itoa(maxRequest)
	r, err := makeRequest(v1JobPredecessors, parts{id: id, query: map[param]string{pHowMany: many}, headers: map[header]string{hHowMany: many}})
	if err != nil {
		return nil, err
	}
	r.what = "the predecessors"
	var out []v1Neighbour
	var itself []string
	lone := false
	_, err = v.getPage(ctx, r, func() { out, itself, lone = nil, nil, false }, func(o object) bool {
		n := v.neighbour(o)
		if n.id == id || n.node.Job != nil && n.id == "" && len(n.before) > 0 {
			itself, lone = n.before, true
			return true
		}
		out = append(out, n)
		return len(out) < maxNeighbours
	})
	if err != nil || !lone || len(out) > 0 {
		return out, err
	}
	if len(itself) == 0 {
		return nil, nil
	}
	ns, err := v.needed(ctx, id, false) // their names and kinds are in the dependencies
	return ns, err
}

// neighbour decodes a node of a network, or a job or job stream as lists have it.
func (v *v1) neighbour(o object) v1Neighbour {
	n := v1Neighbour{before: o.strs("predecessors")}
	isJob := o.boolean("isJob")
	stream := isJob != nil && !*isJob || isJob == nil && (o.has("jobStreamStats") || o.has("internalIdentifier"))
	if stream {
		s := v.jobStream(asV2Stream(o), false)
		n.id, n.node.JobStream = s.Ref.ID, &s
		return n
	}
	j := v.job(asV2Job(o), false)
	n.id, n.node.Job = j.Ref.ID, &j
	return n
}

// needed reads what the object's own dependencies name.
func (v *v1) needed(ctx context.Context, id string, stream bool) ([]v1Neighbour, error) {
	var deps []twstools.Dependency
	var known bool
	if stream {
		s, err := v.JobStream(ctx, v.ref(id))
		if err != nil {
			return nil, err
		}
		deps, known = s.Dependencies, s.DependenciesKnown
	} else {
		j, err := v.Job(ctx, v.ref(id))
		if err != nil {
			return nil, err
		}
		deps, known = j.Dependencies, j.DependenciesKnown
	}
	if !known {
		return nil, v.unsupported("This engine does not tell what an object waits for.")
	}
	var out []v1Neighbour
	var each func([]twstools.Dependency) error
	each = func(ds []twstools.Dependency) error {
		for _, d := range ds {
			if err := each(d.Members); err != nil {
				return err
			}
			n, ok, err := v.pointed(ctx, d)
			if err != nil {
				return err
			}
			if ok {
				out = append(out, n)
			}
			if len(out) >= maxHops {
				return nil
			}
		}
		return nil
	}
	return out, each(deps)
}

// pointed reads the object that a dependency names; one that the plan no longer has is passed over.
func (v *v1) pointed(ctx context.Context, d twstools.Dependency) (v1Neighbour, bool, error) {
	var n v1Neighbour
	var err error
	switch {
	case d.JobRef.ID != "":
		var j twstools.Job
		j, err = v.Job(ctx, d.JobRef)
		n = v1Neighbour{id: d.JobRef.ID, node: twstools.Neighbour{Job: &j}}
	case d.StreamRef.ID != "":
		var s twstools.JobStream
		s, err = v.JobStream(ctx, d.StreamRef)
		n = v1Neighbour{id: d.StreamRef.ID, node: twstools.Neighbour{JobStream: &s}}
	default:
		return n, false, nil
	}
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return n, false, nil
	}
	return n, err == nil, err
}

// dependents searches the plan for what names an object as a dependency. A plan too large to be searched is not searched in part: what is missing could be
// the one that matters.
func (v *v1) dependents(ctx context.Context, id string, stream bool) ([]v1Neighbour, error) {
	field := "dependencies.jobId"
	if stream {
		field = "dependencies.jobStreamId"
		if _, err := v.JobStream(ctx, v.ref(id)); err != nil {
			return nil, err
		}
	} else if _, err := v.Job(ctx, v.ref(id)); err != nil {
		return nil, err
	}
	where := twstools.ListQuery{Where: query.Is(field, id), Limit: maxRequest}
	jobs, err := v.Jobs(ctx, where)
	if err != nil {
		return nil, err
	}
	streams, err := v.JobStreams(ctx, where)
	if err != nil {
		return nil, err
	}
	if jobs.Incomplete || streams.Incomplete {
		return nil, v.unsupported("This engine does not tell what waits for an object, and its plan is too large to search.")
	}
	var out []v1Neighbour
	for _, n := range neighbours(jobs.Items, streams.Items) {
		// On a stream's successors those count that wait for the stream itself, not for one of its jobs.
		if stream && !waitsForStream(n, id) {
			continue
		}
		ref := ""
		if n.Job != nil {
			ref = n.Job.Ref.ID
		} else {
			ref = n.JobStream.Ref.ID
		}
		out = append(out, v1Neighbour{id: ref, node: n})
	}
	return out, nil
}

func waitsForStream(n twstools.Neighbour, id string) bool {
	var deps []twstools.Dependency
	if n.Job != nil {
		deps = n.Job.Dependencies
	} else {
		deps = n.JobStream.Dependencies
	}
	var any func([]twstools.Dependency) bool
	any = func(ds []twstools.Dependency) bool {
		return slices.ContainsFunc(ds, func(d twstools.Dependency) bool {
			return d.StreamRef.ID == id && d.JobRef.ID == "" || any(d.Members)
		})
	}
	return any(deps)
}

// successors reads all that comes after a job, and keeps what is within the depth. A server whose nodes do not name their predecessors gives all of it.
func (v *v1) successors(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	r, err := makeRequest(v1JobSuccessors, parts{id: q.Ref.ID})
	if err != nil {
		return nil, err
	}
	r.what = "the successors"
	var all []v1Neighbour
	named := false
	_, err = v.getPage(ctx, r, func() { all, named = nil, false }, func(o object) bool {
		n := v.neighbour(o)
		named = named || len(n.before) > 0
		all = append(all, n)
		return len(all) < maxNeighbours
	})
	if err != nil {
		return nil, err
	}
	reached := map[string]bool{q.Ref.ID: true}
	var out []twstools.Neighbour
	for depth := 0; depth < max(q.Depth, 1) && named; depth++ {
		var now []string
		for _, n := range all {
			if !reached[n.id] && slices.ContainsFunc(n.before, func(id string) bool { return reached[id] }) {
				out, now = append(out, n.node), append(now, n.id)
			}
		}
		for _, id := range now {
			reached[id] = true
		}
		if len(now) == 0 {
			break
		}
	}
	if !named {
		for _, n := range all {
			if n.id != q.Ref.ID {
				out = append(out, n.node)
			}
		}
	}
	return out, nil
}
