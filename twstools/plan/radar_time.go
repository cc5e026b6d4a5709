package plan

import (
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// goesOn reports whether a job or stream starts after its until all the same (UG "onuntil cont").
func goesOn(t twstools.TimeRestrictions) bool {
	return strings.Contains(strings.ToUpper(t.LatestStartAction), "CONT")
}

// untilPassed: past its latest start it waits for good, and its other dependencies are no longer looked at (UG "until", "onuntil suppr").
// The stream is told before its jobs.
func (v *view) untilPassed() []Finding {
	var out []Finding
	told := map[string]bool{}
	for i := range v.Streams {
		s := &v.Streams[i]
		if p := PhaseOf(s.Status); p != Waiting && p != Ready || goesOn(s.Times) || s.Times.LatestStart.IsZero() || !s.Times.LatestStart.Add(untilGrace).Before(v.Now) {
			continue
		}
		told[s.Ref.ID] = true
		until := v.g.instant(s.Times.LatestStart)
		out = append(out, Finding{Kind: "sched.time.until", Entity: s.Entity(), Ref: s.Ref, Severity: High, Since: s.Times.LatestStart, Weak: true,
			Facts: []Fact{v.streamFact(s, "status", s.Status.Display()), v.streamFact(s, "until", until)}, Params: map[string]string{"until": until}})
	}
	for i := range v.Jobs {
		j := &v.Jobs[i]
		gone := !j.Times.LatestStart.IsZero() && j.Times.LatestStart.Add(untilGrace).Before(v.Now)
		if p := PhaseOf(j.Status); p != Waiting && p != Ready || idle(j) || told[j.StreamRef.ID] || goesOn(j.Times) || !j.UntilPassed && !gone {
			continue
		}
		e := v.jobEntity(j)
		f := Finding{Kind: "sched.time.until", Entity: e, Ref: j.StreamRef, Severity: High, Since: j.Times.LatestStart, Weak: !j.UntilPassed,
			Facts: []Fact{v.jobFact(j, "status", j.Status.Display())}, Params: map[string]string{"until": v.g.instant(j.Times.LatestStart)}}
		if j.UntilPassed {
			f.Facts = append(f.Facts, v.jobFact(j, "until_passed", "true"))
		}
		if f.Params["until"] != "" {
			f.Facts = append(f.Facts, v.jobFact(j, "until", f.Params["until"]))
		}
		out = append(out, f)
	}
	return out
}

// untilNear: it could run since its time has come, and still waits shortly before its latest start.
func (v *view) untilNear() []Finding {
	near := func(t twstools.TimeRestrictions) bool {
		left := t.LatestStart.Sub(v.Now)
		return !t.LatestStart.IsZero() && left > 0 && left <= untilSoon && !goesOn(t)
	}
	finding := func(e twstools.Entity, ref twstools.Ref, t twstools.TimeRestrictions, status string) Finding {
		source, until := "plan:"+v.g.Name(e), v.g.instant(t.LatestStart)
		return Finding{Kind: "sched.time", Entity: e, Ref: ref, Severity: Medium, Weak: true,
			Facts: []Fact{{source, "status", status}, {source, "until", until}}, Params: map[string]string{"until": until}}
	}
	var out []Finding
	told := map[string]bool{}
	for i := range v.Streams {
		if s := &v.Streams[i]; PhaseOf(s.Status) == Waiting && near(s.Times) && v.dueStream(s) {
			told[s.Ref.ID] = true
			out = append(out, finding(s.Entity(), s.Ref, s.Times, s.Status.Display()))
		}
	}
	for i := range v.Jobs {
		j := &v.Jobs[i]
		if p := PhaseOf(j.Status); (p == Waiting || p == Ready) && near(j.Times) && v.due(j) && !idle(j) && !told[j.StreamRef.ID] {
			e := v.jobEntity(j)
			out = append(out, finding(e, j.StreamRef, j.Times, j.Status.Display()))
		}
	}
	return out
}

// pace judges a running job by what is remembered of it, else by the engine's estimate: known is false where neither says anything.
func (v *view) pace(j *twstools.Job) (p Pace, known bool) {
	p = PaceAt(j, v.Now)
	u, remembered := v.Usual[j.Ref]
	if !remembered || u.Median <= 0 {
		return p, p.Estimate > 0
	}
	p.Estimate = u.Median
	p.Slow = p.Elapsed > slowFactor*u.Median && p.Elapsed-u.Median >= slowMargin && p.Elapsed > u.High
	return p, true
}

// toConfirm: it ended, and goes on only when a person has said how (UG "confirm").
func (v *view) toConfirm() []Finding {
	var out []Finding
	for i := range v.Jobs {
		j := &v.Jobs[i]
		r := lastRun(j)
		if PhaseOf(j.Status) != ToConfirm || idle(j) || r == nil || r.End.IsZero() || v.Now.Sub(r.End) < v.PromptAge {
			continue
		}
		e, at := v.jobEntity(j), v.g.instant(r.End)
		out = append(out, Finding{Kind: "sched.dep.confirm", Entity: e, Ref: j.StreamRef, Severity: Medium, Since: r.End,
			Facts: []Fact{v.jobFact(j, "status", j.Status.Display()), v.jobFact(j, "end", at)}, Params: map[string]string{"since": at}})
	}
	return out
}

// deadlineOf is the job's own deadline, else its stream's.
func (v *view) deadlineOf(j *twstools.Job) time.Time {
	if !j.Times.Deadline.IsZero() {
		return j.Times.Deadline
	}
	if s := v.streams[j.StreamRef.ID]; s != nil {
		return s.Times.Deadline
	}
	return time.Time{}
}

// fromBefore reports whether a run began before this plan did.
func (v *view) fromBefore(p Pace) bool {
	return v.Window != nil && !v.Window.Start.IsZero() && !p.Start.IsZero() && p.Start.Before(v.Window.Start)
}

// truly reports whether the status of a running job can be believed: its agent is linked, or nobody knows.
func (v *view) truly(j *twstools.Job) bool {
	name := j.Workstation
	if r := lastRun(j); r != nil && r.ActualWorkstation != "" {
		name = r.ActualWorkstation
	}
	w, ok := v.g.Workstation(name)
	if !ok {
		return true
	}
	link, _ := v.link(w)
	return link != LinkDown
}

func (v *view) slow(j *twstools.Job, p Pace, kind string, severity Severity) Finding {
	e := v.jobEntity(j)
	f := Finding{Kind: kind, Entity: e, Ref: j.StreamRef, Severity: severity, Since: p.Start, Facts: append([]Fact{v.jobFact(j, "status", j.Status.Display())}, v.g.PaceFacts(&Node{Job: j}, p)...),
		Params: map[string]string{"elapsed": twstools.Span(p.Elapsed), "start": v.g.instant(p.Start)}}
	if p.Estimate > 0 {
		f.Params["estimate"] = twstools.Span(p.Estimate)
	}
	if d := v.deadlineOf(j); !d.IsZero() {
		f.Facts = append(f.Facts, v.jobFact(j, "deadline", v.g.instant(d)))
		if d.Sub(v.Now) < deadlineNear {
			f.Severity = High
		}
	}
	return f
}

// runningLong: far longer than usual. One that began before the plan's turn is another matter, see execAfterTurn.
func (v *view) runningLong() []Finding {
	var out []Finding
	for i := range v.Jobs {
		j := &v.Jobs[i]
		if PhaseOf(j.Status) != Running || !v.truly(j) {
			continue
		}
		p, _ := v.pace(j)
		r := lastRun(j)
		beyond := r != nil && r.MaxDurationPassed
		if v.fromBefore(p) || !p.Slow && !beyond {
			continue
		}
		f := v.slow(j, p, "perf.slow", Medium)
		if beyond {
			f.Facts = append(f.Facts, v.jobFact(j, "max_duration_passed", "true"))
		}
		out = append(out, f)
	}
	return out
}

// execAfterTurn: a run from before the plan's turn that is beyond its usual time may have ended, and its event be lost (TR "A job remains in
// exec status after JnextPlan"). Only its log can tell, so no kind is named.
func (v *view) execAfterTurn() []Finding {
	var out []Finding
	for i := range v.Jobs {
		j := &v.Jobs[i]
		if PhaseOf(j.Status) != Running || !v.truly(j) {
			continue
		}
		p, known := v.pace(j)
		if !v.fromBefore(p) || known && !p.Slow {
			continue
		}
		f := v.slow(j, p, "", Medium)
		f.Weak, f.Instance = true, instance(f.Entity.JobStreamID, j.SchedTime)
		f.Facts = append(f.Facts, Fact{"plan:current", "start", v.g.instant(v.Window.Start)})
		out = append(out, f)
	}
	return out
}

// Unexplained lists ready jobs whose time has come and that nothing of what was read keeps from being launched, longest due first as the
// engine listed them: for these it is worth finding out since when they are ready.
func (s *Sweep) Unexplained() []twstools.Job {
	v := s.view()
	var out []twstools.Job
	for i := range v.Jobs {
		if j := &v.Jobs[i]; v.unexplained(j) && v.Now.Sub(j.SchedTime) >= readyLong {
			out = append(out, *j)
		}
	}
	return out
}

// unexplained: READY, and neither link, job manager, limit, fence, hold nor times say why it does not start.
func (v *view) unexplained(j *twstools.Job) bool {
	if PhaseOf(j.Status) != Ready || idle(j) || !v.due(j) {
		return false
	}
	return len(v.g.jobBlockers(&Node{ID: JobID(j.Ref), Job: j})) == 0
}

// readyLong: the scheduler launches what is ready within seconds; what stays ready for long without a reason was not handed over, or its
// event was lost.
func (v *view) readyLong() []Finding {
	var out []Finding
	for i := range v.Jobs {
		j := &v.Jobs[i]
		since, known := v.ReadySince[j.Ref]
		if !known || v.Now.Sub(since) < readyLong || !v.unexplained(j) {
			continue
		}
		e := v.jobEntity(j)
		at := v.g.instant(since)
		out = append(out, Finding{Entity: e, Ref: j.StreamRef, Instance: instance(e.JobStreamID, j.SchedTime), Severity: High, Since: since, Weak: true,
			Facts:  []Fact{v.jobFact(j, "status", j.Status.Display()), v.jobFact(j, "ready_since", at), v.jobFact(j, "workstation", j.Workstation)},
			Params: map[string]string{"since": at, "workstation": j.Workstation}})
	}
	return out
}

// Unmeasured counts running jobs that neither an estimate nor anything remembered can measure.
func (s *Sweep) Unmeasured() int {
	v := s.view()
	n := 0
	for i := range v.Jobs {
		if _, known := v.pace(&v.Jobs[i]); PhaseOf(v.Jobs[i].Status) == Running && !known {
			n++
		}
	}
	return n
}
