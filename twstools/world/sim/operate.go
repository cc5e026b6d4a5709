package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// The methods here are what operators and the world around do to the simulated plant, at its present instant. They reach nothing else.
// Names are the operator's: STREAM.JOB, STREAM, WS#STREAM[(hhmm mm/dd/yy)]. Unknown names are fault.NotFound, actions that make no
// sense in the object's state fault.Conflict.

// done writes the audit record, if the plant keeps them (AD "enPlanAudit", off by default), and carries the consequences through.
func (s *Sim) done(action, kind, object string) error {
	if s.defs.Plan.Audit {
		s.audit = append(s.audit, twstools.AuditRecord{ID: strconv.Itoa(len(s.audit) + 1), Action: action, ObjectType: kind, Object: object, User: "operator", At: s.now})
	}
	s.settle()
	return nil
}

// Reply answers a prompt, named by its name or number or by the job that asks it.
func (s *Sim) Reply(name string, yes bool) error {
	p, err := s.promptNamed(name)
	if err != nil {
		return err
	}
	if p.state == "ANSWERED_YES" {
		return fault.New(fault.Conflict, "Prompt %q has been answered.", name)
	}
	p.answered, p.state = s.now, map[bool]string{true: "ANSWERED_YES", false: "ANSWERED_NO"}[yes]
	for _, d := range p.deps {
		d.of.stale()
		s.look(d.of)
	}
	if j := p.job; j != nil && j.restart == p && j.recover == asking {
		if j.recover = recoveryOver; yes {
			s.goOn(j)
		}
		s.changed(j)
	}
	return s.done("reply", "PROMPT", name)
}

// Cancel cancels a job or a stream; with pend only once its dependencies are met (UG "cancel job", "cancel sched").
func (s *Sim) Cancel(name string, pend bool) error {
	w, err := s.named(name)
	if err != nil {
		return err
	}
	if j := w.asJob; j != nil {
		if pend && len(j.runs) == 0 && j.state == "HOLD" {
			j.cancelPend = true
			s.changed(j)
		} else {
			s.cancelJob(j)
		}
		s.look(w)
		return s.done("cancel", "JOB", name)
	}
	if st := w.asStream; pend && !st.released {
		st.cancelPend = true
		s.retally(st)
	} else {
		s.cancelStream(st)
	}
	return s.done("cancel", "JOBSTREAM", name)
}

// Confirm says how a job ended. While it runs this is kept for its end; on HOLD and READY it has no effect, and on FAIL it is not
// supported (UG "confirm", the table of states).
func (s *Sim) Confirm(name string, good bool) error {
	j, err := s.jobNamed(name)
	if err != nil {
		return err
	}
	state := map[bool]string{true: "SUCC", false: "ABEND"}[good]
	switch r := j.last(); j.state {
	case "FAIL":
		return fault.New(fault.Conflict, "%s has the status FAIL, which cannot be confirmed.", name)
	case "EXEC":
		r.confirm = state
		s.changed(j)
	case "PEND", "SUCC", "ABEND":
		r.state, r.confirmed = state, true
		j.recover, j.forgiven = noRecovery, false
		s.setState(j, state)
		s.changed(j)
		if state == "SUCC" {
			s.after(j, r)
		} else {
			j.recover = recoveryOver
		}
	}
	return s.done("confirm", "JOB", name)
}

// Rerun runs a job once more. Conditional dependencies of its successors are judged anew (UG "Evaluating and processing a conditional dependency flow").
func (s *Sim) Rerun(name string) error {
	j, err := s.jobNamed(name)
	if err != nil {
		return err
	}
	if j.busy || len(j.runs) == 0 && !j.cancelled && j.state != "SUPPR" || j.s.cancelled || j.s.conditionally {
		return fault.New(fault.Conflict, "%s cannot be rerun: it has not ended, or its job stream is cancelled or suppressed.", name)
	}
	j.cancelled, j.suppressed, j.forgiven, j.recover, j.retries = false, false, false, noRecovery, 0
	for _, d := range j.followers {
		if !d.conditional {
			continue
		}
		if o := d.of.asJob; o != nil && len(o.runs) == 0 && !o.busy {
			d.met = false
			if o.state == "SUPPR" || o.state == "READY" || o.state == "FENCE" {
				s.rest(o)
				s.setState(o, "HOLD")
			}
		}
	}
	s.again(j, "RERUN")
	return s.done("rerun", "JOB", name)
}

// Kill stops a running job; it ends as ABEND (UG "kill").
func (s *Sim) Kill(name string) error {
	j, err := s.jobNamed(name)
	if err != nil {
		return err
	}
	r := j.last()
	if r == nil || !r.end.IsZero() || !r.on.reachable() {
		return fault.New(fault.Conflict, "%s does not run, or its agent cannot be reached.", name)
	}
	s.kill(r)
	return s.done("kill", "JOB", name)
}

// Release lets a job or stream go in spite of its dependencies; conditional ones stay (UG "release job", "release sched").
func (s *Sim) Release(name string) error {
	w, err := s.named(name)
	if err != nil {
		return err
	}
	w.at = time.Time{}
	for _, d := range w.deps {
		d.waived = d.waived || !d.conditional
	}
	w.stale()
	s.look(w)
	return s.done("release", "JOB", name)
}

// SetPriority changes the priority of a job or stream (UG "altpri"); 0 holds it, 100 is HI, 101 GO.
func (s *Sim) SetPriority(name string, priority int) error {
	w, err := s.named(name)
	if err != nil {
		return err
	}
	if priority < 0 || priority > highest {
		return fault.New(fault.Invalid, "A priority is 0 to %d.", highest)
	}
	w.priority = priority
	if j := w.asJob; j != nil {
		s.reorder(j)
		if priority == 0 {
			s.rest(j)
		}
		s.changed(j)
	} else {
		for _, j := range w.asStream.jobs {
			s.reorder(j)
			j.cached = nil
		}
		s.retally(w.asStream)
	}
	s.look(w)
	return s.done("altpri", "JOB", name)
}

// SetOutcome lays down how the next runs of a job in the plan go.
func (s *Sim) SetOutcome(name string, outcomes ...Outcome) error {
	j, err := s.jobNamed(name)
	if err != nil {
		return err
	}
	j.outcomes = append([]Outcome(nil), outcomes...)
	return nil
}

// LoseEnd lets the news of the present run's end get lost: the job stays EXEC though its log is complete (TR "A job remains in exec status after
// JnextPlan").
func (s *Sim) LoseEnd(name string) error {
	j, err := s.jobNamed(name)
	if err != nil {
		return err
	}
	r := j.last()
	if r == nil || !r.end.IsZero() {
		return fault.New(fault.Conflict, "%s does not run.", name)
	}
	r.lost = true
	return nil
}

// SetMailbox says how full a message queue of the master is, in percent; Mailbox.msg is the main one.
func (s *Sim) SetMailbox(queue string, percent int) {
	if s.mailboxes == nil {
		s.mailboxes = map[string]int{}
	}
	s.mailboxes[queue] = percent
}

// SetRemote tells the status of the remote job that a need names, SUCC lets its waiters go.
func (s *Sim) SetRemote(remote, status string) error {
	found := false
	for _, st := range s.streams {
		for _, w := range append([]*waits{&st.waits}, jobWaits(st)...) {
			for _, d := range w.deps {
				for _, x := range append([]*dep{d}, d.members...) {
					if x.need.Remote == remote && remote != "" {
						x.remote, found = status, true
						w.stale()
						s.look(w)
					}
				}
			}
		}
	}
	if !found {
		return fault.New(fault.NotFound, "Nothing waits for the remote job %q.", remote)
	}
	s.settle()
	return nil
}

func jobWaits(st *stream) []*waits {
	out := make([]*waits, len(st.jobs))
	for i, j := range st.jobs {
		out[i] = &j.waits
	}
	return out
}

// Submit adds an instance of a stream as of now.
func (s *Sim) Submit(stream string) error {
	for _, d := range s.defined {
		if d.Name == stream {
			s.submit(d)
			return s.done("submit", "JOBSTREAM", stream)
		}
	}
	return fault.New(fault.NotFound, "No job stream %q is defined.", stream)
}

// Redefine changes the definition of a stream, as an author does in the database: instances in the plan keep what they were planned
// from, the next plan has the new one. A definition that cannot be is fault.Invalid and changes nothing.
func (s *Sim) Redefine(stream string, change func(*Stream)) error {
	i := slices.IndexFunc(s.defined, func(d *Stream) bool { return d.Name == stream })
	if i < 0 {
		return fault.New(fault.NotFound, "No job stream %q is defined.", stream)
	}
	d := *s.defined[i]
	d.Jobs, d.Needs, d.Run, d.Except = slices.Clone(d.Jobs), slices.Clone(d.Needs), slices.Clone(d.Run), slices.Clone(d.Except)
	change(&d)
	was := s.defined[i]
	s.defined[i] = &d
	c := &checker{s: s, jobs: map[string]bool{}, strs: map[string]bool{}}
	if c.streams(); len(c.errs) > 0 {
		s.defined[i] = was
		return fault.New(fault.Invalid, "The definition is wrong: %s.", strings.Join(c.errs, "; "))
	}
	return nil
}

// Batchman stops or starts batchman on the master: while it is down nothing is launched.
func (s *Sim) Batchman(alive bool) {
	s.down = !alive
	for _, w := range s.stationOrder {
		s.mark(w)
	}
	s.settle()
}
