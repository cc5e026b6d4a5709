package twsmock

import (
	"strings"
	"sync"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// currentPlan is the id of the live plan in paths; archived ones are called by their start, YYYYMMDDhhmm.
const currentPlan = "current"

// v1State keeps what serving plans needs, as long as their worlds are served.
type v1State struct {
	mu    sync.Mutex
	plans map[v1PlanOf]*v1Plan

	readings logReadings
}

// v1PlanOf is a plan of a view: of the part of the world that may be listed, or of all of it.
type v1PlanOf struct {
	of *view
	w  *world.World
	id string
}

// mostPlans bounds how many plans are kept: those of a world that is gone are not asked for again.
const mostPlans = 64

// v1Plan is one plan of the world as the older interface sees it.
type v1Plan struct {
	id       string
	archived bool
	jobs     []twstools.Job
	streams  []twstools.JobStream
	rows     []jobRow
	spans    map[string]jobSpan              // by a job's stream: workstation;id
	streamAt map[string]int                  // the same
	critical map[string]twstools.CriticalJob // by a job's own id

	refs  func() map[string]int // see byRef
	found foundRows
}

// jobRow is one run of a job, or a job without runs (run -1).
type jobRow struct{ job, run int32 }

type jobSpan struct{ from, to int }

// plan gives the plan of w with this id; nil where there is none.
func (s *v1State) plan(v *view, w *world.World, id string) *v1Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == w.PlanID {
		id = currentPlan
	}
	key := v1PlanOf{v, w, id}
	if p := s.plans[key]; p != nil {
		return p
	}
	var p *v1Plan
	if id == currentPlan {
		p = newV1Plan(id, w.Jobs, w.JobStreams)
	}
	for _, a := range w.Archived {
		if p == nil && a.Plan.ID == id {
			p = newV1Plan(id, a.Jobs, streamsOf(a.Jobs))
			p.archived = true
		}
	}
	if p == nil {
		return nil
	}
	for _, c := range w.CriticalJobs {
		p.critical[c.Job.Ref.ID] = c
	}
	if s.plans == nil || len(s.plans) >= mostPlans {
		s.plans = map[v1PlanOf]*v1Plan{}
	}
	s.plans[key] = p
	return p
}

func newV1Plan(id string, jobs []twstools.Job, streams []twstools.JobStream) *v1Plan {
	p := &v1Plan{id: id, jobs: jobs, streams: streams, spans: map[string]jobSpan{}, streamAt: map[string]int{}, critical: map[string]twstools.CriticalJob{}}
	for i := range streams {
		p.streamAt[v1StreamID(streams[i])] = i
	}
	p.refs = sync.OnceValue(func() map[string]int {
		out := make(map[string]int, len(jobs)+len(streams))
		for i := range jobs {
			out[jobs[i].Ref.ID] = i
		}
		for i := range streams {
			out[streams[i].Ref.ID] = -i - 1
		}
		return out
	})
	from := 0
	for i := range jobs {
		if same := i+1 < len(jobs) && jobs[i+1].JobStreamID == jobs[from].JobStreamID && jobs[i+1].StreamWorkstation == jobs[from].StreamWorkstation; !same {
			p.spans[jobs[from].StreamWorkstation+";"+jobs[from].JobStreamID] = jobSpan{from, i + 1}
			from = i + 1
		}
		if len(jobs[i].Runs) == 0 {
			p.rows = append(p.rows, jobRow{int32(i), -1}) //nolint:gosec // a plan has fewer jobs than fit
		}
		for n := range jobs[i].Runs {
			p.rows = append(p.rows, jobRow{int32(i), int32(n)}) //nolint:gosec // the same
		}
	}
	return p
}

// streamsOf makes the job streams of an archived plan out of its jobs, which is all that a world keeps of them. Their statuses are not known.
func streamsOf(jobs []twstools.Job) []twstools.JobStream {
	var out []twstools.JobStream
	at := map[string]int{}
	for _, j := range jobs {
		key := j.StreamWorkstation + ";" + j.JobStreamID
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			n := 0
			out = append(out, twstools.JobStream{Ref: j.StreamRef, Name: j.Stream, OriginalName: j.Stream, Folder: j.StreamFolder, Workstation: j.StreamWorkstation,
				InternalID: j.JobStreamID, SchedTime: j.SchedTime, TimeZone: j.TimeZone, Stats: twstools.JobStreamStats{Total: &n}})
		}
		*out[i].Stats.Total++
	}
	return out
}

// byRef gives the places of jobs, and of streams as -place-1, by the world's own ids, which is what dependencies point with.
func (p *v1Plan) byRef() map[string]int { return p.refs() }

// last reports whether the row is the last of its job's chain.
func (p *v1Plan) last(r jobRow) bool { return int(r.run) == len(p.jobs[r.job].Runs)-1 }

// job gives the job as one row shows it: with that one run and its status. The last run stands for the job, whose status it has.
func (p *v1Plan) job(r jobRow) twstools.Job {
	j := p.jobs[r.job]
	if r.run < 0 {
		return j
	}
	run := j.Runs[r.run]
	if p.last(r) {
		run.Status = j.Status
	} else {
		j.Status = run.Status
		if run.Name != "" {
			j.Name = run.Name
		}
	}
	j.Runs = []twstools.Run{run}
	return j
}

// find gives the rows that an id in the old layout names: one, or none.
func (p *v1Plan) find(id string) (jobRow, bool) {
	parts := strings.Split(id, ";")
	if len(parts) < 3 {
		return jobRow{}, false
	}
	span := p.spans[parts[0]+";"+parts[1]]
	for i := span.from; i < span.to; i++ {
		for n := min(len(p.jobs[i].Runs)-1, 0); n < len(p.jobs[i].Runs) || n < 0; n++ {
			if v1JobID(p.jobs[i], n) == id {
				return jobRow{int32(i), int32(n)}, true //nolint:gosec // see newV1Plan
			}
			if n < 0 {
				break
			}
		}
	}
	return jobRow{}, false
}

// whole is the row of the job at this place that stands for it: its last.
func (p *v1Plan) whole(job int) jobRow {
	return jobRow{int32(job), int32(len(p.jobs[job].Runs) - 1)} //nolint:gosec // see newV1Plan
}

// search gives the rows that match, in the order asked for. lastOnly leaves out all but the last of each chain. key is the question's own text.
func (p *v1Plan) search(q query.Query, key string, lastOnly bool) []jobRow {
	if lastOnly {
		key += "\x00last"
	}
	if rows, ok := p.found.get(key); ok {
		return rows
	}
	rows := []jobRow{}
	add := func(r jobRow) {
		if (!lastOnly || p.last(r)) && (q.Where == nil || query.Eval(q.Where, planRow{p, r})) {
			rows = append(rows, r)
		}
	}
	if some, known := p.candidates(q.Where); known {
		for _, i := range some {
			add(p.rows[i])
		}
	} else {
		for _, r := range p.rows {
			add(r)
		}
	}
	query.Sort(rows, func(r jobRow) query.Row { return planRow{p, r} }, q.Order)
	p.found.put(key, rows)
	return rows
}

// foundRows is what earlier queries found, so that the next page of one costs nothing.
type foundRows struct {
	mu    sync.Mutex
	rows  map[string][]jobRow
	index v1Index
}

func (f *foundRows) get(key string) ([]jobRow, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rows, ok := f.rows[key]
	return rows, ok
}

func (f *foundRows) put(key string, rows []jobRow) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rows == nil || len(f.rows) >= keptQueries {
		f.rows = map[string][]jobRow{}
	}
	f.rows[key] = rows
}

// keptQueries is for how many queries the rows are kept.
const keptQueries = 32
