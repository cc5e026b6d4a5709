package sim

import (
	"strconv"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// ended is what batchman does when it learns of a run's end.
func (s *Sim) ended(r *run, at time.Time) {
	j := r.j
	r.end = at
	if !r.end.After(r.start) {
		r.end = r.start.Add(time.Second)
	}
	s.vacate(j)
	s.result(r)
	if r.kind == "RECOVERY" {
		s.changed(j)
		s.repaired(j, r.state == "SUCC")
		return
	}
	s.giveBack(&j.waits)
	s.setState(j, r.state)
	s.changed(j)
	if r.state != "PEND" {
		s.after(j, r)
	}
}

// result gives a run its return code, conditions and state. Success is what rccondsucc or a success condition says, else return code 0
// (UG "Job definition").
func (s *Sim) result(r *run) {
	d := r.j.def
	switch {
	case r.outcome.Fail:
		r.state = "FAIL"
		return
	case r.killed:
		rc := 143
		r.rc, r.state = &rc, "ABEND"
		return
	}
	rc := r.outcome.RC
	r.rc = &rc
	good := rc == 0
	if r.kind != "RECOVERY" {
		good = s.conditions(r, d, rc)
	}
	r.state = "ABEND"
	if good {
		r.state = "SUCC"
	}
	if good && d.MinDuration > 0 && r.end.Sub(r.start) < d.MinDuration && r.kind != "RECOVERY" {
		r.underMin = true // UG "mindur": shown only where the job ended well
		switch d.OnMin {
		case "abend":
			r.state = "ABEND"
		case "confirm":
			r.state = "PEND"
		}
	}
	if r.kind == "RECOVERY" {
		return
	}
	// A job that asks for confirmation ends as PEND; one that was confirmed while it ran ends as it was told (UG "confirm").
	if d.Confirmed {
		r.state = "PEND"
	}
	if r.confirm != "" {
		r.state, r.confirmed = r.confirm, true
	}
}

func (s *Sim) conditions(r *run, d *Job, rc int) bool {
	good, told := false, d.Success != ""
	if told {
		good = s.tests[d.Success](rc)
	}
	for _, c := range d.Conditions {
		is := s.tests[c.When](rc)
		r.conditions = append(r.conditions, twstools.OutputCondition{Name: c.Name, Expression: c.When, Satisfied: &is, IsSuccess: c.Success})
		if c.Success {
			told, good = true, good || is
		}
	}
	if !told {
		return rc == 0
	}
	return good
}

// after goes on from the final state of an ordinary run.
func (s *Sim) after(j *job, r *run) {
	switch r.state {
	case "SUCC":
		s.learn(j, r)
		j.recover, j.forgiven = noRecovery, false
		s.effect(j)
	case "ABEND":
		s.tell("JobAbend", "The job "+j.title()+" ended with ABEND.", "Warning")
	case "FAIL":
		s.tell("JobFailed", "The job "+j.title()+" could not be launched.", "Severe")
	}
	if j.def.Every > 0 && s.repeats(j, r) {
		return
	}
	if r.state == "ABEND" && !j.cancelled && j.def.Every == 0 {
		s.startRecovery(j) // UG "cancel job > Comments": none for a job cancelled while it ran
	}
}

// repeats plans the next run of an every job, each rate after the last start, whatever the last one's end was, until its until (UG "every (used
// for jobs)"). That it stops at the plan's end where no until is told is modelled.
func (s *Sim) repeats(j *job, r *run) bool {
	bound := j.until
	if bound.IsZero() {
		if bound = j.s.until; bound.IsZero() {
			bound = s.planTo
		}
	}
	next := r.start.Add(j.def.Every)
	if next.Before(s.now) {
		next = s.now
	}
	if !next.Before(bound) || j.cancelled || j.s.cancelled {
		j.again = time.Time{}
		s.changed(j)
		return false
	}
	j.again = next
	s.again(j, "RERUN_EVERY")
	s.when(next, func() { s.look(&j.waits) })
	return true
}

// again sends a job back to where it waits, its predecessors met already.
func (s *Sim) again(j *job, kind string) {
	j.next = kind
	for _, d := range j.deps {
		if d.kind == twstools.DepResource {
			d.met = false
		}
	}
	s.setState(j, "HOLD")
	s.changed(j)
	s.look(&j.waits)
}

// startRecovery does what the job's recovery option says about an abend: the prompt first, then the recovery job, then stop, continue or
// rerun (UG "recovery", the table of options and actions).
func (s *Sim) startRecovery(j *job) {
	d := j.def
	switch {
	case d.AbendPrompt != "":
		s.askRestart(j, d.AbendPrompt)
	case d.Recovery == "rerun" && d.Attempts == 0 && j.retries > 0:
		s.askRestart(j, "Restart job "+d.Name+"?") // a rerun that abends asks, even where no prompt is defined
	default:
		s.goOn(j)
	}
}

// goOn is recovery once no prompt stands in its way.
func (s *Sim) goOn(j *job) {
	if j.def.RecoveryJob != "" {
		j.recover, j.next = repairing, "RECOVERY"
		s.enqueue(j)
		s.changed(j)
		return
	}
	s.act(j, false)
}

// repaired follows the recovery job. One that ends in error ends recovery too, but for continue, which lets successors go whatever happens; stop
// lets them go once the recovery job has succeeded (UG "recovery", the same table).
func (s *Sim) repaired(j *job, good bool) {
	if j.recover != repairing {
		return
	}
	if !good && j.def.Recovery != "continue" {
		j.recover = recoveryOver
		s.changed(j)
		return
	}
	s.act(j, good)
}

func (s *Sim) act(j *job, repaired bool) {
	j.recover = recoveryOver
	switch j.def.Recovery {
	case "continue":
		j.forgiven = true
	case "rerun":
		if j.def.Attempts > 0 && j.retries >= j.def.Attempts {
			break
		}
		j.retries++
		j.recover = rerunning
		s.when(s.now.Add(j.def.RepeatEvery), func() {
			if j.recover == rerunning && j.state == "ABEND" && !j.gone && !j.cancelled && !j.busy {
				s.again(j, "RECOVERY_RERUN")
			}
		})
	default:
		j.forgiven = repaired
	}
	s.changed(j)
}

func (s *Sim) askRestart(j *job, text string) {
	p := s.newPrompt("", "", text, "Restart Prompt")
	p.job = j
	j.restart, j.recover = p, asking
	if s.ask(p); p.state == "ANSWERED_YES" {
		s.goOn(j)
	}
	s.changed(j)
}

// newPrompt puts a prompt into the plan.
func (s *Sim) newPrompt(name, folder, text, kind string) *prompt {
	s.promptCount++
	p := &prompt{name: name, folder: orElse(folder, "/"), text: text, kind: kind, number: s.promptCount, state: "NOT_ASKED"}
	p.ref = promptRef(p)
	s.prompts = append(s.prompts, p)
	return p
}

// ask issues a prompt. One whose text begins with a colon is only shown (UG "Prompt definition").
func (s *Sim) ask(p *prompt) {
	p.asked, p.state = s.now, "ASKED"
	if len(p.text) > 0 && p.text[0] == ':' {
		p.answered, p.state = s.now, "ANSWERED_YES"
	} else {
		s.tell("PromptStatusChanged", "Prompt "+strconv.Itoa(p.number)+" was asked: "+p.text, "Info")
	}
	for _, d := range p.deps {
		d.of.stale()
		s.look(d.of)
	}
}
