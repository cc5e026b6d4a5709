package sim

import (
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// findStream finds an instance by the operator's name: STREAM, WS#STREAM, WS#STREAM[(0200 03/17/26)], or its 16-character id. Of several
// instances the earliest that is not over is meant, else the latest.
func (s *Sim) findStream(e twstools.Entity) (*stream, error) {
	name := e.Stream
	if e.Type == twstools.EntityName {
		name = e.Name
	}
	var over, best *stream
	for _, st := range s.streams {
		switch {
		case e.JobStreamID != "" && st.id != e.JobStreamID, e.JobStreamID == "" && st.name != name,
			e.Workstation != "" && st.ws.name != e.Workstation, !e.Sched.IsZero() && !st.sched.Equal(e.Sched):
			continue
		}
		if st.over() && st.state != "ABEND" {
			if over == nil || st.sched.After(over.sched) {
				over = st
			}
		} else if best == nil || st.sched.Before(best.sched) {
			best = st
		}
	}
	switch {
	case best != nil:
		return best, nil
	case over != nil:
		return over, nil
	}
	return nil, fault.New(fault.NotFound, "No job stream %q is in the plan.", orElse(name, e.JobStreamID))
}

func (s *Sim) streamNamed(name string) (*stream, error) {
	e, err := twstools.ParseEntity(name, s.zone)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%q is no name of a job stream.", name)
	}
	return s.findStream(e)
}

func (s *Sim) jobNamed(name string) (*job, error) {
	e, err := twstools.ParseEntity(name, s.zone)
	if err != nil || e.Job == "" {
		return nil, fault.New(fault.Invalid, "%q is no name of a job like STREAM.JOB.", name)
	}
	st, err := s.findStream(e)
	if err != nil {
		return nil, err
	}
	if j := st.job(e.Job); j != nil {
		return j, nil
	}
	return nil, fault.New(fault.NotFound, "The job stream %s has no job %q.", st.name, e.Job)
}

// named finds a job or, where the name has no job, a stream.
func (s *Sim) named(name string) (*waits, error) {
	if e, err := twstools.ParseEntity(name, s.zone); err == nil && e.Job != "" {
		j, err := s.jobNamed(name)
		if err != nil {
			return nil, err
		}
		return &j.waits, nil
	}
	st, err := s.streamNamed(name)
	if err != nil {
		return nil, err
	}
	return &st.waits, nil
}

func (s *Sim) stationNamed(name string) (*station, error) {
	if w := s.stations[name]; w != nil {
		return w, nil
	}
	return nil, fault.New(fault.NotFound, "There is no workstation %q.", name)
}

// promptNamed finds a prompt by its name or number, or that which the named job or stream asks.
func (s *Sim) promptNamed(name string) (*prompt, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(name, "#"))
	for _, p := range s.prompts {
		if p.name == name || err == nil && p.number == n {
			return p, nil
		}
	}
	if w, err := s.named(name); err == nil {
		if j := w.asJob; j != nil && j.restart != nil && j.recover == asking {
			return j.restart, nil
		}
		for _, d := range w.deps {
			if d.prompt != nil && !d.met {
				return d.prompt, nil
			}
		}
	}
	return nil, fault.New(fault.NotFound, "There is no prompt %q.", name)
}
