package sim

import (
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// criticalJobs foretells the critical jobs that have a deadline and are not over (UG "Workload service assurance"): when each can end at the
// earliest if all before it takes what is estimated, and whether that meets the deadline. What is held, stuck or asked for by a prompt is
// reckoned as if it went on at once, so that a forecast is a best case (modelled; the product's own adds confidence).
func (s *Sim) criticalJobs() []twstools.CriticalJob {
	var out []twstools.CriticalJob
	f := forecast{s: s, jobs: map[*job]time.Time{}, streams: map[*stream]time.Time{}}
	for _, st := range s.streams {
		for _, j := range st.jobs {
			if !j.def.Critical || j.deadline.IsZero() || j.cancelled || j.state == "SUCC" || j.state == "SUPPR" {
				continue
			}
			end := f.job(j)
			c := twstools.CriticalJob{Job: twstools.Job{Ref: ref(j.ref)}, Alert: "ON_TRACK", Deadline: j.deadline, EstimatedStart: end.Add(-j.estimate), EstimatedEnd: end,
				CriticalStart: j.deadline.Add(-j.estimate)}
			switch {
			case end.After(j.deadline):
				c.Alert = "HIGH_RISK"
			case end.Add(j.spread).After(j.deadline):
				c.Alert = "POTENTIAL_RISK"
			}
			out = append(out, c)
		}
	}
	return out
}

// forecast remembers the ends that it has reckoned.
type forecast struct {
	s       *Sim
	jobs    map[*job]time.Time
	streams map[*stream]time.Time
}

// job is when a job ends at the earliest.
func (f forecast) job(j *job) time.Time {
	if t, ok := f.jobs[j]; ok {
		return t
	}
	f.jobs[j] = f.s.now // in a circle of streams each waits for what has been reckoned so far
	t := f.s.now
	switch r := j.last(); {
	case r != nil && r.end.IsZero():
		t = latest(t, r.start.Add(j.estimate))
	case j.releases():
		if r != nil {
			t = r.end
		}
	default:
		start := latest(f.begin(j.s), latest(j.at, j.again))
		t = latest(start, f.after(j.deps)).Add(j.estimate)
	}
	f.jobs[j] = t
	return t
}

func (f forecast) begin(st *stream) time.Time {
	if st.released {
		return f.s.now
	}
	return latest(latest(f.s.now, st.at), f.after(st.deps))
}

func (f forecast) stream(st *stream) time.Time {
	if t, ok := f.streams[st]; ok {
		return t
	}
	f.streams[st] = f.s.now
	t := f.begin(st)
	for _, j := range st.jobs {
		t = latest(t, f.job(j))
	}
	f.streams[st] = t
	return t
}

// after is when the predecessors of unmet dependencies end.
func (f forecast) after(deps []*dep) time.Time {
	t := f.s.now
	for _, d := range deps {
		if d.met || d.waived {
			continue
		}
		if d.onJob != nil {
			t = latest(t, f.job(d.onJob))
		}
		if d.onStream != nil {
			t = latest(t, f.stream(d.onStream))
		}
		t = latest(t, f.after(d.members))
	}
	return t
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
