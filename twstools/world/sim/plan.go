package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools/world"
)

// occurrence is a stream that is to run at an instant.
type occurrence struct {
	def   *Stream
	order int
	sched time.Time
	day   time.Time // the scheduled date: a midnight in the stream's zone
	cycle RunCycle
}

// occurrences lists when the stream is scheduled in [from, to): on each date that a run cycle selects, at the schedule time, else at the start
// time, else at the start of the day (UG "schedtime", "at"), in the zone of the stream or of its workstation.
func (s *Sim) occurrences(i int, from, to time.Time) []occurrence {
	d := s.defined[i]
	if d.Draft {
		return nil
	}
	zone := s.zoneOf(d)
	first := from.In(zone)
	back := 2 // an offset in days schedules what belongs to an earlier date into this plan
	for _, c := range append(slices.Clone(d.Run), RunCycle{SchedTime: d.SchedTime, Times: d.Times}) {
		back = max(back, 2+c.SchedTime.orElse(c.At).Minutes/(24*60), 2+c.RepeatEnds.Minutes/(24*60))
	}
	var out []occurrence
	for day := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, zone).AddDate(0, 0, -back); day.Before(to.AddDate(0, 0, 1)); day = day.AddDate(0, 0, 1) {
		for _, c := range s.cals.cyclesOn(d, day) {
			at := c.SchedTime.orElse(c.At).orElse(d.SchedTime).orElse(d.At).orElse(s.defs.Plan.StartOfDay).on(day)
			end := at
			if c.Repeat > 0 {
				if end = c.RepeatEnds.on(day); !c.RepeatEnds.Set {
					end = at.Add(24*time.Hour - c.Repeat)
				}
			}
			for t := at; !t.After(end) && t.Before(to); t = t.Add(max(c.Repeat, time.Minute)) {
				if !t.Before(from) && t.Before(to) {
					out = append(out, occurrence{d, i, t, day, c})
				}
				if c.Repeat == 0 {
					break
				}
			}
		}
	}
	return out
}

func (s *Sim) zoneOf(d *Stream) *time.Location {
	if d.TimeZone != "" {
		if l, err := time.LoadLocation(d.TimeZone); err == nil {
			return l
		}
	}
	return s.stations[d.On].zone
}

// extend adds the next production day to the plan (UG "Creating and extending the production plan"; the job MAKEPLAN).
func (s *Sim) extend() {
	s.runNo++
	from := s.defs.Plan.StartOfDay.on(s.planDay)
	s.planDay = s.planDay.AddDate(0, 0, int(s.defs.Plan.Length/(24*time.Hour)))
	to := s.defs.Plan.StartOfDay.on(s.planDay)
	s.planFrom, s.planTo, s.extended = from, to, s.now
	var all []occurrence
	for i := range s.defined {
		all = append(all, s.occurrences(i, from, to)...)
	}
	slices.SortStableFunc(all, func(a, b occurrence) int {
		return cmp.Or(a.sched.Compare(b.sched), cmp.Compare(a.order, b.order))
	})
	var added []*stream
	for _, o := range all {
		added = append(added, s.addStream(o))
	}
	for _, st := range added {
		s.tie(st)
	}
	s.bindPending()
	for _, st := range added {
		s.begin(st)
	}
	s.arrivals(from, to)
}

// addStream puts an instance of a stream with its jobs into the plan, without what ties it to others.
func (s *Sim) addStream(o occurrence) *stream {
	d := o.def
	s.idCount++
	s.order++
	st := &stream{def: d, name: d.Name, ws: s.stations[d.On], zone: o.day.Location(), id: streamID(s.idCount), sched: o.sched, order: s.order, limit: -1, state: "HOLD"}
	st.asStream = st
	st.ref = world.NameID("jobstream", d.On, displayName(d.Folder, d.Name), st.id)
	st.priority = usual
	if d.Priority != nil {
		st.priority = *d.Priority
	}
	st.original = st.priority
	if d.Limit != nil {
		st.limit = *d.Limit
	}
	t := Times{At: o.cycle.At.orElse(d.At), Until: o.cycle.Until.orElse(d.Until), Deadline: o.cycle.Deadline.orElse(d.Deadline),
		OnUntil: orElse(o.cycle.OnUntil, d.OnUntil), OnLate: orElse(o.cycle.OnLate, d.OnLate)}
	st.restrict(t, o.day)
	if o.cycle.Repeat > 0 && t.At.Set {
		st.at = o.sched // UG "every" in a run cycle: each instance starts at its own time
	}
	if d.StartUntil.Set {
		st.startUntil = d.StartUntil.on(o.day)
	}
	if d.Overlap == "donotstart" {
		st.startUntil, st.onUntil = o.sched.Add(4*time.Minute), "canc" // UG "onoverlap": it must be able to start within four minutes
	}
	if w := d.StartWhen; w != nil {
		s.addMonitor(st, w)
	}
	for i := range d.Jobs {
		s.addJob(st, &d.Jobs[i], o.day)
	}
	s.streams = append(s.streams, st)
	same := append(s.byName[d.Name], st)
	slices.SortStableFunc(same, func(a, b *stream) int { return a.sched.Compare(b.sched) })
	s.byName[d.Name] = same
	return st
}

// restrict sets the time restrictions for a scheduled date. onlate kill sets until to the deadline where none is told (UG "onlate").
func (w *waits) restrict(t Times, day time.Time) {
	if t.At.Set {
		w.at = t.At.on(day)
	}
	if t.Until.Set {
		w.until, w.onUntil = t.Until.on(day), orElse(t.OnUntil, "suppr") // UG "until": suppr is the default
	}
	if t.Deadline.Set {
		w.deadline, w.onLate = t.Deadline.on(day), t.OnLate
		if t.OnLate == "kill" && !t.Until.Set {
			w.until, w.onUntil = w.deadline, "suppr"
		}
	}
}

func (s *Sim) addJob(st *stream, d *Job, day time.Time) *job {
	on := s.stations[orElse(d.On, orElse(st.def.JobsOn, st.def.On))]
	j := &job{def: d, s: st, ws: on, order: len(st.jobs), state: "HOLD"}
	j.asJob = j
	j.ref = world.NameID("job", st.ref, d.Name)
	j.priority = usual
	if d.Priority != nil {
		j.priority = *d.Priority
	}
	j.original = j.priority
	j.restrict(d.Times, day)
	j.estimate, j.spread = s.estimate(st.def, d)
	if j.maxdur = d.MaxDuration; d.MaxPercent > 0 {
		j.maxdur = j.estimate * time.Duration(d.MaxPercent) / 100
	}
	j.cancelPend = d.Nop // UG "nop": a nop job is pending cancellation from the start
	st.jobs = append(st.jobs, j)
	return j
}

// addMonitor adds the job that waits for a start condition; the stream's other jobs follow it (UG "startcond").
// That of startcond job, and the end that a monitor finds at its deadline, are not simulated.
func (s *Sim) addMonitor(st *stream, w *StartWhen) {
	d := &Job{Name: orElse(w.Alias, "file_StartCond"), Does: "Waits for " + w.File, On: w.On, Task: "filemonitor " + w.File, After: &[]string{}, Takes: time.Hour}
	s.addJob(st, d, st.sched.In(st.zone)).monitor = w
}

// begin plans what time does to a stream and its jobs.
func (s *Sim) begin(st *stream) {
	s.timers(&st.waits)
	for _, j := range st.jobs {
		s.timers(&j.waits)
	}
	if !st.startUntil.IsZero() {
		s.when(st.startUntil.Add(48*time.Hour), func() { s.forget(st) })
	}
	s.look(&st.waits)
	st.tallied = true
	s.tally = append(s.tally, st)
}

// streamID makes a 16-character id in the engine's manner: a counter behind 0AAAAAAA.
func streamID(n uint64) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	id := []byte("0AAAAAAAAAAAAAAA")
	for i := len(id) - 1; n > 0; i-- {
		id[i] = letters[n%32]
		n /= 32
	}
	return string(id)
}
