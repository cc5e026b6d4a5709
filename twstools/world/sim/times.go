package sim

import "time"

// timers plans what time alone does to a stream or job.
func (s *Sim) timers(w *waits) {
	if !w.at.IsZero() && w.at.After(s.now) {
		s.when(w.at, func() {
			w.stale()
			s.look(w)
		})
	}
	if !w.until.IsZero() {
		s.when(upTo(w.until.Add(time.Second), s.defs.Plan.CheckUntil), func() { s.expire(w) })
	}
	if w.deadline.IsZero() {
		return
	}
	// Late flags are off unless bm check deadline is set; critical jobs are exempt from that (AD "localopts").
	switch each := s.defs.Plan.CheckDeadline; {
	case w.asJob != nil && w.asJob.def.Critical:
		s.when(w.deadline, func() { s.missDeadline(w) })
	case each > 0:
		s.when(upTo(w.deadline, each), func() { s.missDeadline(w) })
	}
}

// upTo gives the next instant from t on that is a multiple of each.
func upTo(t time.Time, each time.Duration) time.Time {
	if r := t.Truncate(each); r.Before(t) {
		return r.Add(each)
	}
	return t
}

// expire is an until that is noticed (UG "until"): a job that has not started, or a stream that has not succeeded, gets its onuntil action.
func (s *Sim) expire(w *waits) {
	if w.gone || w.expired || w.cancelled || w.until.IsZero() || !s.now.After(w.until) {
		return
	}
	if j := w.asJob; j != nil && (len(j.runs) > 0 || j.busy || j.state == "SUPPR") {
		return
	}
	if st := w.asStream; st != nil && (st.state == "SUCC" || st.state == "SUPPR") {
		return
	}
	s.lapse(w, w.onUntil)
}

// lapse applies an onuntil action. A suppressed job stays HOLD and carries the mark; of a stream, so do all jobs that have not started.
// canc cancels, which lets ordinary successors go; cont only marks (UG "until > onuntil").
func (s *Sim) lapse(w *waits, action string) {
	w.expired = true
	w.stale()
	what, jobs := "", []*job(nil)
	if w.asJob != nil {
		what = "The job " + w.asJob.title()
	} else {
		what, jobs = "The job stream "+w.asStream.title(), w.asStream.jobs
	}
	s.tell("Until", what+" has passed its latest start time; action "+action+".", "Warning")
	switch action {
	case "canc":
		if w.asJob != nil {
			s.cancelJob(w.asJob)
		} else {
			s.cancelStream(w.asStream)
		}
		return
	case "cont":
	default:
		w.suppressed = true
		for _, j := range jobs {
			if len(j.runs) == 0 && !j.busy && !j.cancelled && j.state != "SUPPR" {
				j.expired, j.suppressed = true, true
				s.rest(j)
			}
		}
		if w.asJob != nil {
			s.rest(w.asJob)
		}
	}
	if w.asJob != nil {
		s.changed(w.asJob)
	} else {
		s.retally(w.asStream)
	}
}

// rest takes a job back from READY to HOLD.
func (s *Sim) rest(j *job) {
	if j.ready {
		s.dequeue(j)
		s.giveBack(&j.waits)
		for _, d := range j.deps {
			if d.resource != nil {
				d.met = false
			}
		}
		s.setState(j, "HOLD")
	}
	s.changed(j)
}

// missDeadline is a deadline that is noticed: a flag, and with onlate kill the end of the running job (UG "deadline", "onlate").
func (s *Sim) missDeadline(w *waits) {
	if w.gone || w.cancelled {
		return
	}
	if j := w.asJob; j != nil {
		if j.state == "SUCC" || j.state == "SUPPR" {
			return
		}
		s.tell("JobLate", "The job "+j.title()+" has missed its deadline.", "Warning")
		if r := j.last(); w.onLate == "kill" && r != nil && r.end.IsZero() && r.on.reachable() {
			s.kill(r)
		}
	} else if st := w.asStream; st.over() && st.state != "ABEND" {
		return
	}
	w.late, w.deadlinePassed = true, true
	w.stale()
}

// cancelJob cancels a job. One that runs goes on; ordinary successors are let go at once (UG "cancel job > Comments").
func (s *Sim) cancelJob(j *job) {
	j.cancelled, j.cancelPend, j.again = true, false, time.Time{}
	s.dequeue(j)
	if !j.busy {
		s.giveBack(&j.waits)
		if len(j.runs) == 0 {
			s.setState(j, "CANCL")
		}
	}
	s.changed(j)
}

// cancelStream cancels a stream: jobs that have started complete, no other is launched, successors are let go (UG "cancel sched > Comments").
func (s *Sim) cancelStream(st *stream) {
	st.cancelled, st.cancelPend = true, false
	for _, j := range st.jobs {
		j.cached = nil // it shows that its stream is cancelled
		if len(j.runs) == 0 && !j.busy && !j.cancelled && j.state != "SUPPR" {
			s.cancelJob(j)
		}
	}
	s.retally(st)
}
