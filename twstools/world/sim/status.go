package sim

import "github.com/resync-hwa/resync/twstools"

// tallyStream works out a stream's status, and passes the news on.
func (s *Sim) tallyStream(st *stream) {
	state := s.streamState(st)
	st.cached = nil
	if state == st.state {
		return
	}
	st.state = state
	switch {
	case st.over():
		if st.end.IsZero() && !st.start.IsZero() && !st.anyBusy() {
			st.end = s.lastEnd(st)
		}
		s.giveBack(&st.waits)
	default:
		st.end = zero
	}
	switch state {
	case "STUCK":
		s.tell("SchedStuck", "The job stream "+st.title()+" is STUCK.", "Warning")
	case "ABEND":
		s.tell("SchedAbend", "The job stream "+st.title()+" ended with ABEND.", "Warning")
	}
	s.touchFollowers(&st.waits)
}

// streamState follows UG "showscheds", "until > suppr" and "cancel job > Comments": a stream waits in HOLD, is READY until its first job
// starts, EXEC from then on, SUCC when all jobs are well, ABEND when all have ended and one not well, STUCK when nothing goes on without an
// operator. Suppressed and cancelled jobs do not count. That a stream of which every job was cancelled is SUCC is modelled.
func (s *Sim) streamState(st *stream) string {
	switch {
	case st.cancelled:
		return "CANCL"
	case st.conditionally:
		return "SUPPR"
	case st.undecided:
		return "STUCK"
	case !st.released:
		return "HOLD"
	}
	n := tallyOf(st)
	switch {
	case st.suppressed && n.repeating > 0 && n.running == 0:
		return "HOLD" // UG "until > suppr": so it is with an every job among them
	case n.counted == 0 && n.untilSuppressed > 0:
		return "HOLD"
	case n.counted == n.well:
		return "SUCC"
	case n.running > 0:
		return "EXEC"
	case n.well+n.bad == n.counted:
		return "ABEND"
	case n.stuck == n.waiting && n.waiting > 0:
		return "STUCK"
	case n.started > 0:
		return "EXEC"
	}
	return "READY"
}

type tally struct{ counted, well, bad, running, waiting, stuck, started, untilSuppressed, repeating int }

func tallyOf(st *stream) tally {
	var n tally
	seen := map[*job]bool{}
	for _, j := range st.jobs {
		if len(j.runs) > 0 {
			n.started++
		}
		if j.def.Every > 0 {
			n.repeating++
		}
		switch {
		case j.busy:
			n.counted++
			n.running++
			continue
		case j.suppressed:
			n.untilSuppressed++
			continue
		case j.cancelled:
			continue
		}
		n.counted++
		switch {
		case j.state == "SUPPR", (j.state == "SUCC" || j.forgiven) && j.settled():
			n.well++
		case j.settled():
			n.bad++
		default:
			n.waiting++
			if j.state == "HOLD" && blocked(j, seen) {
				n.stuck++
			}
		}
	}
	return n
}

// blocked reports whether a waiting job can go on only if an operator does something: it follows one of its own stream that ended badly, was
// suppressed by its until, or is blocked itself; or nobody can judge its conditions.
func blocked(j *job, seen map[*job]bool) bool {
	if b, ok := seen[j]; ok {
		return b
	}
	seen[j] = false
	b := j.undecided
	for _, d := range j.deps {
		if b {
			break
		}
		if p := d.onJob; p != nil && p.s == j.s && !d.met && !d.waived && !p.busy {
			b = p.suppressed || p.settled() && !p.releases() && !d.conditional || p.state == "HOLD" && !p.cancelled && blocked(p, seen)
		}
	}
	seen[j] = b
	return b
}

func (st *stream) anyBusy() bool {
	for _, j := range st.jobs {
		if j.busy {
			return true
		}
	}
	return false
}

// common gives the word that goes with an internal status: for streams the User's Guide's own table; for jobs by the meaning of the words, as
// the world's files do.
var common = map[string]string{
	"HOLD": "WAITING", "READY": "READY", "FENCE": "READY", "INTRO": "RUNNING", "EXEC": "RUNNING", "SUCC": "SUCCESSFUL", "SUCCP": "SUCCESSFUL", "ABEND": "ERROR",
	"ABENP": "ERROR", "FAIL": "ERROR", "PEND": "UNDECIDED", "CANCL": "CANCELED", "SUPPR": "SUPPRESS", "STUCK": "BLOCKED", "EXTRN": "UNDECIDED", "ERROR": "ERROR",
}

// status is a job's as the engine shows it.
func (s *Sim) status(j *job) twstools.Status {
	internal := j.state
	if r := j.last(); r != nil && r.end.IsZero() && r.confirm != "" {
		internal = map[string]string{"SUCC": "SUCCP", "ABEND": "ABENP"}[r.confirm]
	}
	out := twstools.Status{Internal: internal, Common: common[internal], Canceled: j.cancelled, CancelPending: j.cancelPend && !j.cancelled}
	if j.cancelled && !j.busy {
		out.Common = "CANCELED"
	}
	if s.opts.Unverified {
		s.substatus(j, &out)
	}
	return out
}

// substatus fills what only the interface's list of words tells of; whether a distributed engine sends them is not known.
func (s *Sim) substatus(j *job, out *twstools.Status) {
	switch {
	case j.state == "HOLD" && j.priority == 0:
		out.Common, out.Substatus = "HELD", "HOLD_PRIORITY_ZERO"
	case j.state == "HOLD":
		for _, d := range j.deps {
			if d.met || d.waived {
				continue
			}
			switch d.kind {
			case twstools.DepPrompt:
				out.Substatus = "HOLD_WAITING_FOR_PROMPT"
			case twstools.DepFile:
				out.Substatus = "HOLD_WAITING_FOR_FILE"
			case twstools.DepResource:
				out.Substatus = "READY_WAITING_FOR_RESOURCES"
			default:
				out.Substatus = "HOLD_WAITING_FOR_PREDECESSOR"
			}
			return
		}
		if s.now.Before(j.at) {
			out.Substatus = "HOLD_WAITING_FOR_TIME"
		}
	case j.state == "READY" && s.target(j.ws) == nil:
		out.Substatus = "READY_WAITING_FOR_AGENT"
	case j.state == "READY":
		out.Substatus = "READY_WAITING_FOR_LIMIT"
	}
}
