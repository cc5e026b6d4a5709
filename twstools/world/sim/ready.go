package sim

import "slices"

// considerStream looks whether a stream may start.
func (s *Sim) considerStream(st *stream) {
	if st.released || st.cancelled || st.conditionally || st.suppressed || st.priority == 0 {
		return // priority 0 holds a stream (UG "priority")
	}
	if !st.until.IsZero() && s.now.After(st.until) && !st.expired {
		s.expire(&st.waits)
		if st.cancelled || st.suppressed {
			return
		}
	}
	undecided := st.undecided
	st.undecided = false
	switch s.gate(&st.waits) {
	case met:
		s.release(st)
	case refused:
		s.suppress(st)
	case unclear:
		st.undecided = true
	}
	if st.undecided != undecided {
		s.retally(st)
	}
}

// release lets a stream start. jsuntil is judged here and never again (UG "jsuntil", "Setting time constraints").
func (s *Sim) release(st *stream) {
	st.released = true
	if st.cancelPend {
		s.cancelStream(st)
		return
	}
	if !st.startUntil.IsZero() && s.now.After(st.startUntil) {
		s.lapse(&st.waits, orElse(st.onUntil, orElse(st.def.OnUntil, "suppr")))
	}
	for _, j := range st.jobs {
		s.look(&j.waits)
	}
	s.retally(st)
}

// forget suppresses a stream that has been READY until two days after its jsuntil, so that none stays so for ever (UG "jsuntil").
func (s *Sim) forget(st *stream) {
	if !st.gone && st.state == "READY" {
		s.lapse(&st.waits, "suppr")
	}
}

// suppress gives a stream and its jobs the status SUPPR: its conditional dependencies are false (UG "Conditional dependencies").
func (s *Sim) suppress(st *stream) {
	st.conditionally = true
	for _, j := range st.jobs {
		s.setState(j, "SUPPR")
	}
	s.retally(st)
}

// retally has the stream's status worked out anew.
func (s *Sim) retally(st *stream) {
	st.cached = nil
	if !st.tallied && !st.gone {
		st.tallied = true
		s.tally = append(s.tally, st)
	}
}

// considerJob looks whether a job may become READY. A job of a stream that waits has nothing to wait for itself and is HOLD all the same
// (UG "showjobs"). A job whose until has passed with suppr is not looked at any more: its other dependencies are not evaluated
// (UG "until > onuntil > suppr").
func (s *Sim) considerJob(j *job) {
	if j.state != "HOLD" || j.cancelled || j.suppressed || j.s.cancelled {
		return
	}
	if !j.s.released {
		s.followsMet(&j.waits) // what its predecessors have done is known before its stream starts
		return
	}
	if !j.until.IsZero() && s.now.After(j.until) && !j.expired {
		if s.expire(&j.waits); j.cancelled || j.suppressed {
			return
		}
	}
	if j.priority == 0 || s.now.Before(j.again) {
		return // priority 0 holds a job (UG "priority")
	}
	undecided := j.undecided
	j.undecided = false
	switch s.gate(&j.waits) {
	case met:
		j.released = true
		if j.cancelPend {
			s.cancelJob(j) // UG "nop", "cancel job ;pend": cancelled once nothing holds it back, and successors go
			return
		}
		s.makeReady(j)
	case refused:
		s.setState(j, "SUPPR")
	case unclear:
		j.undecided = true
	}
	if j.undecided != undecided {
		s.changed(j)
	}
}

func (s *Sim) setState(j *job, state string) {
	if j.state != state {
		j.state = state
		s.changed(j)
	}
}

// makeReady puts a job into its workstation's queue.
func (s *Sim) makeReady(j *job) {
	s.setState(j, "READY")
	s.enqueue(j)
}

func (s *Sim) enqueue(j *job) {
	if j.ready {
		return
	}
	j.ready = true
	at, _ := slices.BinarySearchFunc(j.ws.queue, j, before)
	j.ws.queue = slices.Insert(j.ws.queue, at, j)
	s.mark(j.ws)
}

// dequeue takes a job out of its workstation's queue.
func (s *Sim) dequeue(j *job) {
	if !j.ready {
		return
	}
	j.ready = false
	if i := slices.Index(j.ws.queue, j); i >= 0 {
		j.ws.queue = slices.Delete(j.ws.queue, i, i+1)
	}
}

// reorder puts a queued job where its changed priority, or its stream's, wants it.
func (s *Sim) reorder(j *job) {
	if j.ready {
		s.dequeue(j)
		s.enqueue(j)
	}
}

// before orders a queue: streams by priority, within them jobs by priority, then by schedule and place in the plan (UG "priority").
// Where all that is equal the place in the plan decides, which is modelled.
func before(a, b *job) int {
	switch {
	case a.s.priority != b.s.priority:
		return b.s.priority - a.s.priority
	case a.priority != b.priority:
		return b.priority - a.priority
	case !a.s.sched.Equal(b.s.sched):
		return a.s.sched.Compare(b.s.sched)
	case a.s.order != b.s.order:
		return a.s.order - b.s.order
	}
	return a.order - b.order
}
