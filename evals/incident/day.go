package incident

import (
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// history is how long a plant has been at work before the plan that a scenario is about, so that statistics and archived plans are there.
const history = 72 * time.Hour

// day is how the plan of a healthy plant goes: what runs when, and what waits for what. Incidents are told relative to it.
type day struct {
	defs  sim.Definitions
	w     *world.World // the plan at its end
	start time.Time    // when the plan begins
	zone  *time.Location

	jobs    map[string]int // place of a job and a stream by their ids in the world
	streams map[string]int
	next    map[string][]string // ids of the jobs that wait for a job, directly
	members map[string][]string // ids of a stream's jobs
}

// rehearse lets the plant run a plan through without any incident.
func rehearse(defs sim.Definitions, seed uint64, start time.Time) (*day, error) {
	s, err := sim.Since(defs, sim.Options{Seed: seed, Start: start}, history)
	if err != nil {
		return nil, err
	}
	length := defs.Plan.Length
	if length <= 0 {
		length = 24 * time.Hour
	}
	s.Advance(start.Add(length - 2*time.Minute)) // FINAL makes the next plan within the last minute
	return look(defs, s.World(), start)
}

// look finds out what waits for what in a world.
func look(defs sim.Definitions, w *world.World, start time.Time) (*day, error) {
	zone, err := time.LoadLocation(w.Info.TimeZone)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The plant's time zone %q is unknown.", w.Info.TimeZone)
	}
	d := &day{defs: defs, w: w, start: start, zone: zone, jobs: map[string]int{}, streams: map[string]int{}, next: map[string][]string{}, members: map[string][]string{}}
	for i, s := range w.JobStreams {
		d.streams[s.Ref.ID] = i
	}
	for i, j := range w.Jobs {
		d.jobs[j.Ref.ID] = i
		d.members[j.StreamRef.ID] = append(d.members[j.StreamRef.ID], j.Ref.ID)
	}
	for _, j := range w.Jobs {
		for _, dep := range j.Dependencies {
			d.link(dep, j.Ref.ID)
		}
	}
	for _, s := range w.JobStreams {
		for _, dep := range s.Dependencies {
			for _, id := range d.heads(s.Ref.ID) {
				d.link(dep, id)
			}
		}
	}
	return d, nil
}

// heads are the jobs of a stream that follow no other job of it: what the stream waits for, they wait for.
func (d *day) heads(stream string) []string {
	return slices.DeleteFunc(slices.Clone(d.members[stream]), func(id string) bool { return d.follows(d.w.Jobs[d.jobs[id]]) })
}

// follows reports whether a job waits for another job of its own stream.
func (d *day) follows(j twstools.Job) bool {
	return slices.ContainsFunc(j.Dependencies, func(x twstools.Dependency) bool {
		at, ok := d.jobs[x.JobRef.ID]
		return ok && d.w.Jobs[at].StreamRef.ID == j.StreamRef.ID
	})
}

func (d *day) link(dep twstools.Dependency, waits string) {
	add := func(id string) {
		if !slices.Contains(d.next[id], waits) && id != waits {
			d.next[id] = append(d.next[id], waits)
		}
	}
	switch {
	case dep.JobRef.ID != "":
		add(dep.JobRef.ID)
	case dep.StreamRef.ID != "":
		for _, id := range d.members[dep.StreamRef.ID] {
			add(id)
		}
	}
	for _, m := range dep.Members {
		d.link(m, waits)
	}
}

// behind are the ids of all jobs that wait for one of these, with how many steps away they are.
func (d *day) behind(ids ...string) map[string]int {
	hops := map[string]int{}
	for _, id := range ids {
		hops[id] = 0
	}
	for todo := slices.Clone(ids); len(todo) > 0; todo = todo[1:] {
		for _, id := range d.next[todo[0]] {
			if _, seen := hops[id]; !seen {
				hops[id] = hops[todo[0]] + 1
				todo = append(todo, id)
			}
		}
	}
	for _, id := range ids {
		delete(hops, id)
	}
	return hops
}

// related reports whether a waits behind b or b behind a, or they are the same.
func (d *day) related(a, b string) bool {
	if a == b {
		return true
	}
	_, ab := d.behind(a)[b]
	_, ba := d.behind(b)[a]
	return ab || ba
}

func (d *day) job(id string) twstools.Job { return d.w.Jobs[d.jobs[id]] }

// began and ended are when a job first started and when its last run ended in the healthy plan; zero where it did not run.
func began(j twstools.Job) time.Time {
	if len(j.Runs) == 0 {
		return time.Time{}
	}
	return j.Runs[0].Start
}

func ended(j twstools.Job) time.Time {
	if len(j.Runs) == 0 {
		return time.Time{}
	}
	return j.Runs[len(j.Runs)-1].End
}

// definition finds what a job or a stream is made from.
func definition(defs *sim.Definitions, stream, job string) (*sim.Stream, *sim.Job) {
	for i := range defs.Streams {
		s := &defs.Streams[i]
		if s.Name != stream {
			continue
		}
		for k := range s.Jobs {
			if s.Jobs[k].Name == job {
				return s, &s.Jobs[k]
			}
		}
		return s, nil
	}
	return nil, nil
}
