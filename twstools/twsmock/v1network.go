package twsmock

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// v1Successors is the answer about what comes after a job: all of it, the part inside its own stream, and whether a rerun of either would be allowed.
type v1Successors struct {
	Values          []v1Node `json:"values"`
	Sublist         []v1Node `json:"sublist"`
	Question        string   `json:"question"`
	InternalAllowed bool     `json:"internalAllowed"`
	AllAllowed      bool     `json:"allAllowed"`
}

// place is a job of the plan (stream false) or a job stream.
type place struct {
	stream bool
	at     int
}

// before gives what a place waits for directly, as far as it is in this plan.
func (c v1Call) before(p place) []place {
	var needs []twstools.Dependency
	if p.stream {
		needs = c.plan.streams[p.at].Dependencies
	} else {
		needs = c.plan.jobs[p.at].Dependencies
	}
	var out []place
	for d := range flat(needs) {
		at, ok := c.pointed(d)
		if ok && !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

func (c v1Call) pointed(d twstools.Dependency) (place, bool) {
	if i, ok := c.jobAt(d.JobRef); ok {
		return place{false, i}, true
	}
	i, ok := c.streamAt(twstools.Dependency{StreamRef: d.StreamRef})
	return place{true, i}, ok
}

// after gives what waits for a place, nearest first, down to the given depth. An archived plan has no such arrows.
func (c v1Call) after(p place, depth int) []place {
	if c.plan.archived {
		return nil
	}
	q := twstools.NeighbourQuery{JobStream: p.stream, Direction: twstools.Successors, Depth: depth}
	if p.stream {
		q.Ref = c.plan.streams[p.at].Ref
	} else {
		q.Ref = c.plan.jobs[p.at].Ref
	}
	ns, err := c.e.Neighbours(c.r.Context(), q)
	if err != nil {
		return nil // the caller has gone: the place itself is in the plan
	}
	var out []place
	for _, n := range ns {
		if n.Job != nil {
			out = append(out, place{false, c.plan.byRef()[n.Job.Ref.ID]})
		} else {
			out = append(out, place{true, -c.plan.byRef()[n.JobStream.Ref.ID] - 1})
		}
	}
	return out
}

func (c v1Call) placeID(p place) string {
	if p.stream {
		return c.ids.write(v1StreamID(c.plan.streams[p.at]))
	}
	return c.ids.write(v1JobID(c.plan.jobs[p.at], len(c.plan.jobs[p.at].Runs)-1))
}

// node writes a place as a node of a network; internal marks one of the same stream as the job that was asked about.
func (c v1Call) node(p place, internal bool) v1Node {
	var out v1Node
	var needs []twstools.Dependency
	if p.stream {
		s := c.plan.streams[p.at]
		needs = s.Dependencies
		out = v1Node{Key: &v1JobKey{Name: s.Name, Stream: c.streamKey(s)}, StreamID: c.placeID(p), Priority: s.Priority, OrigPriority: s.Priority, Status: nodeStatus(s.Status),
			Restriction: c.restriction(s.Times), TimeZone: s.TimeZone, Time: v1Time{Start: c.instant(s.Start), End: c.instant(s.End), Estimated: millis(s.Estimated)}, Cancelled: s.Status.Canceled}
	} else {
		j := c.plan.jobs[p.at]
		needs = j.Dependencies
		w := c.writeJob(c.plan.whole(p.at), false)
		out = v1Node{Key: c.jobKey(j, len(j.Runs)-1), Definition: &w.Definition, Critical: w.Critical, StreamID: w.StreamID, Priority: w.Priority, OrigPriority: w.OrigPriority,
			Status: w.Status, Restriction: w.Restriction, Time: w.Time, TimeZone: j.TimeZone, Stats: &w.Stats, IsJob: true, Cancelled: j.Status.Canceled, Hold: j.Status.Internal == "HOLD",
			OnPath: w.Critical != nil && w.Critical.OnCriticalPath}
	}
	out.ID, out.RealStatus, out.Internal = c.placeID(p), out.Status, internal
	for d := range flat(needs) {
		at, ok := c.pointed(d)
		if !ok {
			continue
		}
		id := c.placeID(at)
		out.Predecessors = append(out.Predecessors, id)
		if open, _ := d.Open(); open {
			out.Unresolved = append(out.Unresolved, id)
		}
	}
	return out
}

func (c v1Call) nodes(places []place, of int) []v1Node {
	out := []v1Node{}
	for _, p := range places {
		internal := !p.stream && c.plan.jobs[p.at].StreamRef == c.plan.jobs[of].StreamRef
		out = append(out, c.node(p, internal))
	}
	return out
}

// predecessors answers what a job waits for directly.
func (c v1Call) predecessors() answer {
	r, ok := c.row(c.vars[0])
	if !ok {
		return failedV1(noSuchV1(c.vars[0]))
	}
	most, err := c.howMany(false)
	if err != nil {
		return failedV1(err)
	}
	if c.opts.PredecessorsAsNode {
		return inJSON(http.StatusOK, c.node(place{false, int(r.job)}, false))
	}
	all := c.before(place{false, int(r.job)})
	return inJSON(http.StatusOK, c.nodes(all[:min(most, len(all))], int(r.job)))
}

// howMany reads How-Many where it is a parameter; 0 and, where it may be left out, nothing mean all.
func (c v1Call) howMany(required bool) (int, error) {
	s := c.query.Get("How-Many")
	if s == "" && !required {
		return maxPage, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maxPage {
		return 0, fault.New(fault.Invalid, "The parameter How-Many is a number from 0 to %d, not %q.", maxPage, s)
	}
	if n == 0 {
		n = 1<<31 - 1
	}
	return n, nil
}

// successors answers what a rerun of the job would run again: everything after it, however far. Each node names its own
// predecessors, so that the nearest can be told from the rest.
func (c v1Call) successors() answer {
	r, ok := c.row(c.vars[0])
	if !ok {
		return failedV1(noSuchV1(c.vars[0]))
	}
	out := v1Successors{Values: c.nodes(c.after(place{false, int(r.job)}, farthest), int(r.job)), Sublist: []v1Node{}}
	for _, n := range out.Values {
		if n.Internal {
			out.Sublist = append(out.Sublist, n)
		}
	}
	return inJSON(http.StatusOK, out)
}

// farthest is how many arrows are followed: more than any plan has in a row.
const farthest = 10_000

// criticalSuccessors answers the critical jobs after a job.
func (c v1Call) criticalSuccessors() answer {
	r, ok := c.row(c.vars[0])
	if !ok {
		return failedV1(noSuchV1(c.vars[0]))
	}
	out := v1Successors{Values: []v1Node{}, Sublist: []v1Node{}}
	for _, n := range c.nodes(c.after(place{false, int(r.job)}, farthest), int(r.job)) {
		if n.Critical != nil && n.Critical.Critical {
			out.Values = append(out.Values, n)
		}
	}
	return inJSON(http.StatusOK, out)
}

func (c v1Call) criticals() []twstools.CriticalJob {
	var out []twstools.CriticalJob
	for _, k := range c.w.CriticalJobs {
		if i, ok := c.jobAt(k.Job.Ref); ok {
			k.Job = c.plan.jobs[i]
			out = append(out, k)
		}
	}
	return out
}

func criticalRow(k twstools.CriticalJob) query.Row {
	return v1Row[twstools.CriticalJob]{k, v1CriticalFields, twstools.CriticalJobRow(k)}
}

func (c v1Call) criticalJobs() answer {
	id := func(k twstools.CriticalJob) string { return v1JobID(k.Job, len(k.Job.Runs)-1) }
	return listV1(c, query.CriticalJobs, "criticaljob", c.criticals(), criticalRow, id, func(k twstools.CriticalJob) v1Node {
		i, _ := c.jobAt(k.Job.Ref)
		return c.node(place{false, i}, false)
	})
}

type v1CriticalSummary struct {
	NoRisk       int    `json:"numberOfCriticalJobsNoRisk"`
	Potential    int    `json:"numberOfCriticalJobsPotentialRisk"`
	High         int    `json:"numberOfCriticalJobsHighRisk"`
	Recalculated string `json:"lastCritPathRecalculation"`
}

func (c v1Call) criticalSummary() answer {
	var p v1Paging
	body, err := c.filterBody(&p)
	if err != nil {
		return failedV1(err)
	}
	q, err := query.ParseV1(body, query.CriticalJobs)
	if err != nil {
		return failedV1(err)
	}
	out := v1CriticalSummary{Recalculated: c.instant(c.w.AsOf)}
	for _, k := range chosen(c.criticals(), q, criticalRow) {
		switch k.Alert {
		case "HIGH_RISK":
			out.High++
		case "POTENTIAL_RISK":
			out.Potential++
		default:
			out.NoRisk++
		}
	}
	return inJSON(http.StatusOK, out)
}
