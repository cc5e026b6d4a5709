package hwa

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// maxNeighbours bounds what is kept of one answer.
const maxNeighbours = 10000

// Neighbours lists predecessors or successors. A server that lacks the path is asked for the dependencies of the object, or for the objects that
// name it as a dependency.
func (c *v2) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	if err := c.owns(q.Ref); err != nil {
		return nil, err
	}
	ep, ok := map[bool]map[twstools.Direction]endpoint{
		false: {twstools.Predecessors: planJobPredecessors, twstools.Successors: planJobSuccessors},
		true:  {twstools.Predecessors: planStreamPredecessors, twstools.Successors: planStreamSuccessors},
	}[q.JobStream][q.Direction]
	if !ok {
		return nil, fault.New(fault.Invalid, "Neighbours are predecessors or successors.")
	}
	r, err := newRequest(ep, q.Ref.ID, map[param]string{pDepth: strconv.Itoa(max(q.Depth, 1))})
	if err != nil {
		return nil, err
	}
	r.what = "the " + string(q.Direction)
	var out []twstools.Neighbour
	seen := map[string]bool{}
	_, err = c.getPage(ctx, r, func() { out, seen = nil, map[string]bool{q.Ref.ID: true} }, func(o object) bool {
		if id := identity(o); !seen[id] { // deeper answers may come by several ways, or back to the start
			seen[id] = id != ""
			out = append(out, c.node(o))
		}
		return len(out) < maxNeighbours
	})
	if !absent(err) && status(err) != http.StatusBadRequest {
		return out, err
	}
	if e, ok := refusedAs(err); ok && e.says("AWSJDB101E") {
		return nil, err
	}
	return c.neighboursAnotherWay(ctx, q)
}

// node decodes a job or a job stream, by its type or by the fields that only one of them has.
func (c decoder) node(o object) twstools.Neighbour {
	stream := strings.EqualFold(strings.ReplaceAll(o.str("flowNodeType", "type"), "_", ""), "JOBSTREAM")
	if o.str("flowNodeType") == "" && !stream {
		for _, k := range []string{"jobStreamStats", "internalIdentifier", "originalJobStreamName", "jsStatusFlags", "jsOptions"} {
			stream = stream || o.has(k)
		}
		for _, k := range []string{"jobStreamName", "jobStreamId", "jobruns", "jobDefinition", "lastRunCommonStatus"} {
			stream = stream && !o.has(k)
		}
	}
	if stream {
		s := c.jobStream(o, false)
		return twstools.Neighbour{JobStream: &s}
	}
	j := c.job(o, false)
	return twstools.Neighbour{Job: &j}
}

func (c *v2) neighboursAnotherWay(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	deps, known, err := c.dependenciesOf(ctx, q)
	if err != nil {
		return nil, err
	}
	if q.Direction == twstools.Predecessors {
		if !known {
			return nil, c.noNeighbours(q)
		}
		return resolve(ctx, c, deps)
	}
	field := "dependencies.jobId"
	if q.JobStream {
		field = "dependencies.jobStreamId"
	}
	where := query.Is(field, q.Ref.ID)
	jobs, err := c.Jobs(ctx, twstools.ListQuery{Where: where, Limit: maxRequest})
	if err != nil {
		return nil, err
	}
	streams, err := c.JobStreams(ctx, twstools.ListQuery{Where: where, Limit: maxRequest})
	if err != nil {
		return nil, err
	}
	return neighbours(jobs.Items, streams.Items), nil
}

// dependenciesOf reads the object, which also tells an unknown object from an unknown path.
func (c *v2) dependenciesOf(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Dependency, bool, error) {
	if q.JobStream {
		s, err := c.JobStream(ctx, q.Ref)
		return s.Dependencies, s.DependenciesKnown, err
	}
	j, err := c.Job(ctx, q.Ref)
	return j.Dependencies, j.DependenciesKnown, err
}

func (c *v2) noNeighbours(q twstools.NeighbourQuery) error {
	return fault.New(fault.Unsupported, "This engine does not offer the %s of an object.", string(q.Direction)).WithSource("engine:" + c.opts.Name)
}

// resolve reads the objects that dependencies name.
func resolve(ctx context.Context, e twstools.Engine, deps []twstools.Dependency) ([]twstools.Neighbour, error) {
	var jobIDs, streamIDs []query.Value
	var walk func([]twstools.Dependency)
	walk = func(ds []twstools.Dependency) {
		for _, d := range ds {
			walk(d.Members)
			switch {
			case d.JobRef.ID != "" && !slices.Contains(jobIDs, query.Value(d.JobRef.ID)):
				jobIDs = append(jobIDs, d.JobRef.ID)
			case d.JobRef.ID == "" && d.StreamRef.ID != "" && !slices.Contains(streamIDs, query.Value(d.StreamRef.ID)):
				streamIDs = append(streamIDs, d.StreamRef.ID)
			}
		}
	}
	walk(deps)
	var jobs twstools.List[twstools.Job]
	var streams twstools.List[twstools.JobStream]
	var err error
	if len(jobIDs) > 0 {
		if jobs, err = e.Jobs(ctx, twstools.ListQuery{Where: query.AnyOf("id", jobIDs...)}); err != nil {
			return nil, err
		}
	}
	if len(streamIDs) > 0 {
		if streams, err = e.JobStreams(ctx, twstools.ListQuery{Where: query.AnyOf("id", streamIDs...)}); err != nil {
			return nil, err
		}
	}
	return neighbours(jobs.Items, streams.Items), nil
}

func neighbours(jobs []twstools.Job, streams []twstools.JobStream) []twstools.Neighbour {
	out := make([]twstools.Neighbour, 0, len(jobs)+len(streams))
	for i := range jobs {
		out = append(out, twstools.Neighbour{Job: &jobs[i]})
	}
	for i := range streams {
		out = append(out, twstools.Neighbour{JobStream: &streams[i]})
	}
	return out
}
