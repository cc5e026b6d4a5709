package sim

import (
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// verdict is what becomes of a dependency, or of all of them together.
type verdict uint8

const (
	open    verdict = iota // not met, it may still be
	met                    //
	refused                // conditional, and false: the owner is suppressed
	unclear                // conditional, and nobody can say: the owner stays HOLD and its stream goes STUCK
)

// gate looks at all dependencies of a stream or job. What comes first decides what is asked and looked for at all: time and predecessors,
// then files, then prompts (a prompt is issued once the rest is resolved: UG "prompt"), then conditions (evaluated after the ordinary
// dependencies: UG "Applying conditional branching logic"), and resources last, all units at once. That files stand before prompts is modelled.
// That a predecessor is done is noted when it is done, whatever the hour: a start time holds its owner back, not the news.
func (s *Sim) gate(w *waits) verdict {
	if follows := s.followsMet(w); !follows || s.now.Before(w.at) || !s.filesThere(w) || !s.promptsAnswered(w) {
		return open
	}
	if v := s.conditionsMet(w); v != met {
		return v
	}
	if !s.takeUnits(w) {
		return open
	}
	return met
}

// followsMet looks at ordinary predecessors, joins of such, and remote jobs.
func (s *Sim) followsMet(w *waits) bool {
	all := true
	for _, d := range w.deps {
		if d.conditional {
			continue
		}
		switch d.kind {
		case twstools.DepInternal, twstools.DepExternalJob, twstools.DepExternalJobStream:
			if !d.met && s.followed(d) == met {
				d.met = true
				w.stale()
			}
		case twstools.DepInternetwork:
			if !d.met && d.remote == "SUCC" {
				d.met = true
				w.stale()
			}
		case twstools.DepJoin:
			if !d.met && s.joined(d) == met {
				d.met = true
				w.stale()
			}
		default:
			continue
		}
		all = all && (d.met || d.waived)
	}
	return all
}

// followed gives the verdict on one predecessor.
func (s *Sim) followed(d *dep) verdict {
	switch {
	case d.met || d.waived:
		return met
	case d.orphan || !d.pending.IsZero():
		return open // UG "Managing external follows dependencies": a pending one waits for its plan, an orphan for an operator
	case d.conditional && d.onJob != nil:
		return s.condition(d, d.onJob)
	case d.conditional:
		return streamCondition(d, d.onStream)
	case d.onJob != nil && d.onJob.releases(), d.onStream != nil && d.onStream.releases():
		return met
	}
	return open
}

// releases reports whether ordinary successors of the job may go: it succeeded; it was cancelled, since then the dependency does not exist
// any more (UG "cancel job > Comments"); it was suppressed by condition, which counts as cancelled (UG "Conditional dependencies"); or it
// ended badly and recovery lets them go (UG "recovery").
func (j *job) releases() bool {
	return j.cancelled || j.state == "SUPPR" || (j.state == "SUCC" || j.forgiven) && j.settled()
}

// settled reports whether nothing more happens to the job by itself.
func (j *job) settled() bool {
	switch j.state {
	case "SUCC", "SUPPR", "FAIL":
		return j.again.IsZero()
	case "ABEND":
		return j.again.IsZero() && (j.recover == noRecovery || j.recover == recoveryOver || j.recover == asking)
	}
	return j.cancelled && !j.busy
}

// releases reports whether ordinary successors of the stream may go. One that was suppressed because its until passed does not let them:
// they do not run either (UG "until > onuntil > suppr").
func (st *stream) releases() bool {
	return st.cancelled || st.state == "SUPPR" || st.state == "SUCC" && !st.suppressed
}

// over reports whether the stream has come to any end.
func (st *stream) over() bool {
	return st.cancelled || st.state == "SUCC" || st.state == "ABEND" || st.state == "SUPPR"
}

// filesThere looks for files. They are looked for once the rest allows it, then every two minutes (AD "localopts", bm check file;
// UG "opens").
func (s *Sim) filesThere(w *waits) bool {
	all := true
	for _, d := range w.deps {
		if d.kind != twstools.DepFile || d.met || d.waived {
			continue
		}
		if !s.fileThere(d) {
			all = false
		}
	}
	return all
}

func (s *Sim) fileThere(d *dep) bool {
	if d.met || d.waived {
		return true
	}
	if d.polledFrom.IsZero() {
		d.polledFrom = s.now
		d.of.stale()
	}
	if d.file.exists && s.lastPoll(d).Equal(s.now) && d.file.on.reachable() {
		d.met = true
		d.of.stale()
	}
	return d.met
}

// lastPoll is when the file of d was last looked for.
func (s *Sim) lastPoll(d *dep) time.Time {
	each := s.defs.Plan.CheckFile
	return d.polledFrom.Add(s.now.Sub(d.polledFrom) / each * each)
}

// nextPoll is when it is looked for next, now included.
func (s *Sim) nextPoll(d *dep) time.Time {
	if t := s.lastPoll(d); t.Equal(s.now) {
		return t
	}
	return s.lastPoll(d).Add(s.defs.Plan.CheckFile)
}

// appears puts a file in place; who waits for it notices at the next look.
func (s *Sim) appears(f *file) {
	f.exists = true
	for _, d := range f.deps {
		if !d.polledFrom.IsZero() && !d.met && !d.of.gone {
			s.when(s.nextPoll(d), func() { s.look(d.of) })
		}
	}
	for _, j := range f.jobs {
		s.monitorSees(j)
	}
}

// promptsAnswered asks what is to be asked. A text that begins with a colon needs no reply (UG "Prompt definition"); after the reply no the
// dependency stays unmet and the prompt is not asked again (UG "reply > Comments").
func (s *Sim) promptsAnswered(w *waits) bool {
	all := true
	for _, d := range w.deps {
		if d.kind != twstools.DepPrompt || d.met || d.waived {
			continue
		}
		if !s.promptAnswered(d) {
			all = false
		}
	}
	return all
}

func (s *Sim) promptAnswered(d *dep) bool {
	if d.met || d.waived {
		return true
	}
	if d.prompt.state == "NOT_ASKED" {
		s.ask(d.prompt)
	}
	if d.prompt.state == "ANSWERED_YES" {
		d.met = true
		d.of.stale()
	}
	return d.met
}
