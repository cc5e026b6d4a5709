package sim

import (
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// keepPlans is how many archived plans are kept.
const keepPlans = 7

// turn is the plan's turn: SWITCHPLAN archives the plan, carries forward what is not complete, and puts the new day in place (UG "Automating
// production plan processing", "The stageman command", "Understanding carry forward options").
func (s *Sim) turn() {
	s.archive()
	var carried, left []*stream
	for _, st := range s.streams {
		if s.carries(st) {
			st.carried = true
			st.cached = nil
			for _, j := range st.jobs {
				j.cached = nil
			}
			carried = append(carried, st)
		} else {
			left = append(left, st)
		}
	}
	s.streams, s.byName = carried, map[string][]*stream{}
	for _, st := range carried {
		s.byName[st.name] = append(s.byName[st.name], st)
	}
	s.leave(left)
	for name, list := range s.byName {
		slices.SortStableFunc(list, func(a, b *stream) int { return a.sched.Compare(b.sched) })
		s.byName[name] = list
	}
	s.renewPrompts()
	s.extend()
	s.tell("PlanExtended", "A new production plan has been put in place.", "Info")
}

// carries reports whether a stream is carried forward. What is complete is not, nor what has no jobs (UG "carryforward"). The stream that makes
// the turn was running when stageman looked. untilDays drops what has been in error too long (AD "untilDays").
func (s *Sim) carries(st *stream) bool {
	turning := false
	for _, j := range st.jobs {
		turning = turning || j.def.Effect == "switchplan" && j.state == "SUCC" && !st.carried
	}
	switch {
	case turning || st.anyBusy() && s.carriable(st):
		return true
	case st.state == "SUCC", st.cancelled, st.state == "SUPPR", len(st.jobs) == 0, !s.carriable(st):
		return false
	}
	if st.suppressed && !sameDate(latest(st.until, st.startUntil).In(s.zone), s.now.In(s.zone)) {
		return false // UG "until > onuntil > suppr": carried only on the day of the until itself
	}
	days := s.defs.Plan.UntilDays
	bad := st.state == "ABEND" || st.state == "STUCK"
	return !(bad && days > 0 && s.now.Sub(st.sched) > time.Duration(days)*24*time.Hour)
}

func sameDate(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }

func (s *Sim) carriable(st *stream) bool {
	switch s.defs.Plan.CarryForward {
	case "no":
		return false
	case "yes":
		return st.def.CarryForward || st.name == userJobs
	}
	return true // enCarryForward is all by default
}

// userJobs is the stream that takes in jobs which run across the turn in a stream that is not carried (UG "Understanding carry forward options").
const userJobs = "USERJOBS"

// leave takes streams out of the plan. Who waited for one of them gets a prompt in the place of the dependency (UG "Managing follows dependencies
// using carry forward prompt").
func (s *Sim) leave(left []*stream) {
	for _, st := range left {
		st.gone = true
		s.giveBack(&st.waits)
		s.untie(st)
		for _, j := range st.jobs {
			if j.busy && j.last() != nil && j.last().end.IsZero() {
				s.moveToUserJobs(j)
				continue
			}
			j.gone = true
			s.dequeue(j)
			if j.busy {
				s.vacate(j)
			}
			s.giveBack(&j.waits)
		}
	}
	for _, st := range left {
		s.orphans(&st.waits, st, st.state)
		for _, j := range st.jobs {
			s.orphans(&j.waits, st, j.state)
		}
	}
	for _, r := range s.resOrder {
		r.waiting = slices.DeleteFunc(r.waiting, func(d *dep) bool { return d.of.gone })
	}
	for _, f := range s.files {
		f.deps = slices.DeleteFunc(f.deps, func(d *dep) bool { return d.of.gone })
		f.jobs = slices.DeleteFunc(f.jobs, func(j *job) bool { return j.gone })
	}
}

// untie unties a stream from those that it followed.
func (s *Sim) untie(st *stream) {
	cut := func(w *waits) {
		for _, d := range w.deps {
			for _, x := range append(slices.Clone(d.members), d) {
				is := func(y *dep) bool { return y == x }
				if x.onJob != nil {
					x.onJob.followers = slices.DeleteFunc(x.onJob.followers, is)
				}
				if x.onStream != nil {
					x.onStream.followers = slices.DeleteFunc(x.onStream.followers, is)
				}
			}
		}
	}
	cut(&st.waits)
	for _, j := range st.jobs {
		cut(&j.waits)
	}
}

// orphans replaces unmet dependencies on something that has left the plan by a prompt. Its state is NO where the predecessor had not
// completed successfully, else it is asked when the rest is met. Met ones vanish with their predecessor.
func (s *Sim) orphans(w *waits, st *stream, state string) {
	for _, d := range w.followers {
		if d.of.gone {
			continue
		}
		d.onJob, d.onStream = nil, nil
		d.of.stale()
		if d.met || d.waived {
			d.met = true
			d.kind = ""
			continue
		}
		p := s.newPrompt("", "", "("+d.of.whole()+") follows "+st.ws.name+"#"+st.name+", satisfied?", "Ad Hoc Prompt")
		p.job, p.stream = d.of.asJob, d.of.asStream
		p.deps = []*dep{d}
		if state == "ABEND" || state == "FAIL" || state == "STUCK" {
			p.state = "ANSWERED_NO"
		}
		d.kind, d.prompt, d.conditional = twstools.DepPrompt, p, false
		s.look(d.of)
	}
	w.followers = nil
}

// whole is the name with the id of the stream, by which alone an instance is known for sure.
func (w *waits) whole() string {
	st := w.asStream
	if w.asJob != nil {
		st = w.asJob.s
	}
	e := twstools.Entity{Type: twstools.EntityJobStream, Folder: st.def.Folder, Workstation: st.ws.name, Stream: st.name, Sched: st.sched, JobStreamID: st.id, ShowID: true}
	if w.asJob != nil {
		e.Type, e.Job = twstools.EntityJob, w.asJob.def.Name
	}
	return e.String(st.zone)
}

// moveToUserJobs keeps a running job whose stream is not carried forward. It loses its maximum duration (UG "maxdur").
func (s *Sim) moveToUserJobs(j *job) {
	var to *stream
	for _, st := range s.byName[userJobs] {
		if st.ws == j.s.ws {
			to = st
		}
	}
	if to == nil {
		s.idCount++
		s.order++
		to = &stream{def: &Stream{Name: userJobs, On: j.s.ws.name, Unchained: true}, name: userJobs, ws: j.s.ws, zone: j.s.zone, id: streamID(s.idCount), sched: s.now, order: s.order,
			limit: -1, state: "EXEC", start: j.last().start}
		to.asStream, to.released, to.priority, to.original, to.carried = to, true, usual, usual, true
		to.ref = world.NameID("jobstream", to.ws.name, userJobs, to.id)
		s.streams = append(s.streams, to)
		s.byName[userJobs] = append(s.byName[userJobs], to)
	}
	j.s.running--
	j.s = to
	to.running++
	j.ref = world.NameID("job", to.ref, j.def.Name, j.last().id)
	j.maxdur, j.moved, j.order = 0, true, len(to.jobs)
	j.deps = slices.DeleteFunc(j.deps, func(d *dep) bool { return d.kind != twstools.DepResource || !slices.Contains(d.resource.holders, d) })
	to.jobs = append(to.jobs, j)
	s.changed(j)
}

// renewPrompts drops prompts whose owners have left, and opens predefined ones for the new plan.
func (s *Sim) renewPrompts() {
	for _, p := range s.predefined {
		p.deps = slices.DeleteFunc(p.deps, func(d *dep) bool { return d.of.gone })
		if len(p.deps) == 0 {
			p.state, p.asked, p.answered = "NOT_ASKED", time.Time{}, time.Time{}
		}
	}
	s.prompts = slices.DeleteFunc(s.prompts, func(p *prompt) bool {
		return p.name == "" && (p.job != nil && p.job.gone || p.job == nil && p.stream != nil && p.stream.gone)
	})
}

// archive keeps the plan as it ended.
func (s *Sim) archive() {
	w := s.World()
	no := s.runNo
	size := int64(512 * (len(w.Jobs) + len(w.JobStreams))) // UG "Symphony": each instance adds 512 bytes
	active := false
	p := twstools.Plan{ID: s.planFrom.In(s.zone).Format("200601021504"), Name: "M" + s.planFrom.In(s.zone).Format("200601021504"), Type: twstools.PlanArchived, RunNumber: &no,
		Created: s.extended, ValidFrom: s.planFrom, ValidTo: s.planTo, Size: &size, Active: &active, Master: s.defs.Plan.Master}
	s.archived = append(s.archived, world.ArchivedPlan{Plan: p, Jobs: w.Jobs})
	if len(s.archived) > keepPlans {
		s.archived = slices.Clone(s.archived[1:])
	}
}
