package sim

import (
	"slices"
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
func (s *Sim) gate(w *waits) verdict {
	if s.now.Before(w.at) || !s.followsMet(w) || !s.filesThere(w) || !s.promptsAnswered(w) {
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
	case d.onJob != nil && d.onJob.releases(), d.onStream != nil && d.onStream.releases(), d.completes && d.onStream.over():
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

// conditionsMet looks at conditional dependencies: a false one refuses, one that may still come true keeps open.
func (s *Sim) conditionsMet(w *waits) verdict {
	out := met
	for _, d := range w.deps {
		if !d.conditional || d.met || d.waived {
			continue
		}
		switch v := s.verdictOn(d); {
		case v == met:
			d.met = true
			w.stale()
		case v == refused:
			return refused
		case v == open, out == met:
			out = v
		}
	}
	return out
}

func (s *Sim) verdictOn(d *dep) verdict {
	if d.kind == twstools.DepJoin {
		return s.joined(d)
	}
	return s.followed(d)
}

// joined counts the members of a join: as many as its quantity, or all, must be met (UG "Joining or combining conditional dependencies").
func (s *Sim) joined(d *dep) verdict {
	if d.met || d.waived {
		return met
	}
	good, hope, doubt := 0, 0, 0
	for _, m := range d.members {
		v := open
		switch m.kind {
		case twstools.DepFile:
			if s.fileThere(m) {
				v = met
			}
		case twstools.DepPrompt:
			if s.promptAnswered(m) {
				v = met
			}
		case twstools.DepInternetwork:
			if m.remote == "SUCC" {
				v = met
			}
		default:
			v = s.followed(m)
		}
		switch v {
		case met:
			if !m.met {
				m.met = true
				d.of.stale()
			}
			good++
		case open:
			hope++
		case unclear:
			doubt++
		}
	}
	want := d.need.Quantity
	if want <= 0 || want > len(d.members) {
		want = len(d.members)
	}
	switch {
	case good >= want:
		return met
	case good+hope >= want:
		return open
	case good+hope+doubt >= want:
		return unclear
	}
	return refused
}

// condition judges a conditional dependency on a job (UG "Evaluating and processing a conditional dependency flow"): one true status or output
// condition suffices. A predecessor that ended with another of its output conditions true refuses; one that ended with none of them
// true leaves it open for good, as does one that was cancelled before its end.
func (s *Sim) condition(d *dep, p *job) verdict {
	if slices.Contains(d.need.If, "EXEC") && len(p.runs) > 0 && p.runs[len(p.runs)-1].state != "FAIL" {
		return met
	}
	if p.cancelled && len(p.runs) == 0 {
		return unclear
	}
	if !p.settled() {
		return open
	}
	if slices.Contains(d.need.If, p.state) {
		return met
	}
	if len(d.need.Conditions) == 0 || p.state == "SUPPR" {
		return refused
	}
	any := false
	if n := len(p.runs); n > 0 {
		for _, c := range p.runs[n-1].conditions {
			if c.Satisfied != nil && *c.Satisfied {
				any = true
				if slices.Contains(d.need.Conditions, c.Name) {
					return met
				}
			}
		}
	}
	if any {
		return refused
	}
	return unclear
}

func streamCondition(d *dep, p *stream) verdict {
	if slices.Contains(d.need.If, "EXEC") && !p.start.IsZero() {
		return met
	}
	if p.cancelled && p.state == "CANCL" && p.end.IsZero() {
		return unclear
	}
	if !p.over() {
		return open
	}
	if slices.Contains(d.need.If, p.state) {
		return met
	}
	return refused
}

// takeUnits takes all units that are needed, or none. A resource has at most 32 holders, so that some wait though units are
// free (UG "needs > Comments"). Units are taken when everything else is met: a READY job waits for nothing any more (UG "showjobs").
func (s *Sim) takeUnits(w *waits) bool {
	for i, d := range w.deps {
		if d.kind == twstools.DepResource && !d.met && !d.waived && !d.resource.has(d.units(), w.deps[:i]) {
			for _, d := range w.deps {
				if d.kind == twstools.DepResource && !slices.Contains(d.resource.waiting, d) {
					d.resource.waiting = append(d.resource.waiting, d)
				}
			}
			return false
		}
	}
	for _, d := range w.deps {
		if d.kind != twstools.DepResource || d.met || d.waived {
			continue
		}
		d.met = true
		d.resource.used += d.units()
		d.resource.holders = append(d.resource.holders, d)
		d.resource.waiting = slices.DeleteFunc(d.resource.waiting, func(x *dep) bool { return x == d })
		s.touch(d.resource)
	}
	return true
}

func (d *dep) units() int { return max(d.need.Quantity, 1) }

// has reports whether units are free beside those that the same owner is about to take by the needs before this one.
func (r *resource) has(units int, before []*dep) bool {
	holders := len(r.holders)
	for _, d := range before {
		if d.resource == r && !d.met && !d.waived {
			units += d.units()
			holders++
		}
	}
	return holders < maxHolders && r.used+units <= r.total
}

// giveBack returns all units that a job or stream holds. Who waits is looked at by priority, then in the order of asking (modelled).
func (s *Sim) giveBack(w *waits) {
	for _, d := range w.deps {
		if d.kind != twstools.DepResource || !d.met {
			continue
		}
		i := slices.Index(d.resource.holders, d)
		if i < 0 {
			continue
		}
		d.resource.holders = slices.Delete(d.resource.holders, i, i+1)
		d.resource.used -= d.units()
		s.offer(d.resource)
		w.stale()
	}
}

// touch says that a resource is different; snapshots see it by its age.
func (s *Sim) touch(r *resource) {
	s.changes++
	r.changed = s.changes
}

func (s *Sim) offer(r *resource) {
	s.touch(r)
	slices.SortStableFunc(r.waiting, func(a, b *dep) int { return b.of.priority - a.of.priority })
	for _, d := range r.waiting {
		s.look(d.of)
	}
}
