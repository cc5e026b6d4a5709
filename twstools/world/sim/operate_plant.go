package sim

import "github.com/resync-hwa/resync/internal/fault"

// SetLimit changes the limit of a workstation; -1 is system (UG "limit cpu").
func (s *Sim) SetLimit(workstation string, limit int) error {
	return s.alter(workstation, "limit", func(w *station) { w.limit = limit })
}

// SetFence changes the fence of a workstation (UG "fence").
func (s *Sim) SetFence(workstation string, fence int) error {
	return s.alter(workstation, "fence", func(w *station) { w.fence = fence })
}

// Link opens the link to a workstation; what ended there meanwhile becomes known.
func (s *Sim) Link(workstation string) error {
	return s.alter(workstation, "link", func(w *station) { w.linked = true })
}

// Unlink closes the link to a workstation. What runs there goes on, and nobody is told of its end.
func (s *Sim) Unlink(workstation string) error {
	return s.alter(workstation, "unlink", func(w *station) {
		w.linked = false
		s.tell("WorkstationUnlinked", "The workstation "+w.name+" is not linked.", "Warning")
	})
}

// StartAgent and StopAgent start and stop a workstation's processes.
func (s *Sim) StartAgent(workstation string) error {
	return s.alter(workstation, "start", func(w *station) { w.started, w.since = true, s.now })
}

// StopAgent is described at StartAgent.
func (s *Sim) StopAgent(workstation string) error {
	return s.alter(workstation, "stop", func(w *station) { w.started = false })
}

// Ignore marks a workstation as ignored, or not: nothing is launched there.
func (s *Sim) Ignore(workstation string, ignored bool) error {
	return s.alter(workstation, "ignore", func(w *station) { w.ignored = ignored })
}

func (s *Sim) alter(workstation, action string, change func(*station)) error {
	w, err := s.stationNamed(workstation)
	if err != nil {
		return err
	}
	change(w)
	if w.reachable() {
		late := w.unseen
		w.unseen = nil
		for _, r := range late {
			s.ended(r, r.unseenEnd)
		}
		for _, st := range s.streams {
			s.seeFiles(&st.waits, w)
			for _, j := range st.jobs {
				s.seeFiles(&j.waits, w)
			}
		}
	}
	s.mark(w)
	for _, p := range w.pools {
		s.mark(p)
	}
	return s.done(action, "WORKSTATION", workstation)
}

// seeFiles has files on a workstation that is there again looked for at the next poll.
func (s *Sim) seeFiles(w *waits, on *station) {
	for _, d := range w.deps {
		if d.file != nil && d.file.on == on && d.file.exists && !d.polledFrom.IsZero() && !d.met {
			s.when(s.nextPoll(d), func() { s.look(d.of) })
		}
	}
}

// SetStreamLimit changes the limit of a stream; -1 is none (UG "limit sched").
func (s *Sim) SetStreamLimit(name string, limit int) error {
	st, err := s.streamNamed(name)
	if err != nil {
		return err
	}
	st.limit = limit
	for _, j := range st.jobs {
		s.mark(j.ws)
	}
	s.retally(st)
	return s.done("limit", "JOBSTREAM", name)
}

// SetUnits changes the quantity of a resource, named WORKSTATION#NAME (UG "resource"). Units in use stay in use.
func (s *Sim) SetUnits(name string, units int) error {
	r := s.resources[name]
	if r == nil {
		return fault.New(fault.NotFound, "There is no resource %q.", name)
	}
	r.total = units
	s.offer(r)
	return s.done("resource", "RESOURCE", name)
}

// PutFile lets a file appear on a workstation, or with there false disappear.
func (s *Sim) PutFile(workstation, path string, there bool) error {
	if _, err := s.stationNamed(workstation); err != nil {
		return err
	}
	if f := s.file(workstation, path); there {
		s.appears(f)
	} else {
		f.exists = false
	}
	s.settle()
	return nil
}
