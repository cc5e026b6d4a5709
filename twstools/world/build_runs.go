package world

import (
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// times gives every job its runs, predecessors first.
func (b *builder) times() {
	for i := range b.w.Jobs {
		b.timeJob(i)
	}
	for i := range b.w.JobStreams {
		b.timeStream(i)
	}
}

// timeJob builds the runs of job i once. A run that does not say when it started began when the last of its predecessors had ended.
func (b *builder) timeJob(i int) {
	if b.timing[i] == 2 {
		return
	}
	what := "job " + b.jobFiles[i].key + "." + b.w.Jobs[i].Name
	if b.timing[i] == 1 {
		b.fail("%s follows itself in a circle: tell when it started", what)
		return
	}
	b.timing[i] = 1
	defer func() { b.timing[i] = 2 }()
	j, f := &b.w.Jobs[i], b.jobFiles[i].file
	runs := f.Runs
	if len(runs) == 0 && hasRun(j.Status.Internal) && !f.Nop {
		runs = []fileRun{{Start: f.Start, Ran: f.Ran, RC: f.RC, State: j.Status.Internal, Log: f.Log, NoLog: f.NoLog}}
	}
	from := b.earliest(i)
	for n, rf := range runs {
		r := b.run(i, n, rf, from, what)
		j.Runs = append(j.Runs, r)
		if from = r.End; from.IsZero() {
			from = b.clock.now
		}
	}
	for n := range j.Runs {
		last := n == len(j.Runs)-1
		j.Runs[n].LastInRerunChain = &last
	}
}

// hasRun reports whether a job in this state has been launched, or has been tried to.
func hasRun(state string) bool {
	switch state {
	case "SUCC", "ABEND", "EXEC", "FAIL", "PEND", "SUCCP", "ABENP", "END", "WAIT", "INTRO", "ERROR":
		return true
	}
	return false
}

// earliest is the first instant at which job i can have been free: the stream's schedule, its own `at`, and the ends of what it follows.
func (b *builder) earliest(i int) time.Time {
	src := b.jobFiles[i]
	j, s := b.w.Jobs[i], b.w.JobStreams[src.stream]
	from := later(s.SchedTime, s.Times.EarliestStart)
	from = later(later(from, s.Start), j.Times.EarliestStart)
	for _, d := range slices.Concat(s.Dependencies, j.Dependencies) {
		if d.Type != twstools.DepJoin {
			from = later(from, b.endOf(d))
		}
	}
	return from.Add(time.Duration(2+hash("lag", j.Ref.ID)%14) * time.Second)
}

// endOf is when a predecessor ended; zero when it did not, or is no job and no stream.
func (b *builder) endOf(d twstools.Dependency) time.Time {
	var before []int
	if i, ok := b.jobByID[d.JobRef.ID]; ok {
		before = []int{i}
	} else if i, ok := b.streamByID[d.StreamRef.ID]; ok {
		before = b.streamJobs[i]
	}
	var end time.Time
	for _, p := range before {
		if hasRun(b.w.Jobs[p].Status.Internal) {
			b.timeJob(p)
		}
		if runs := b.w.Jobs[p].Runs; len(runs) > 0 {
			end = later(end, runs[len(runs)-1].End)
		}
	}
	return end
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (b *builder) run(i, n int, f fileRun, from time.Time, what string) twstools.Run {
	j := b.w.Jobs[i]
	state := orElse(f.State, j.Status.Internal)
	on := orElse(f.On, b.member(j.Workstation, j.Ref.ID))
	if f.On != "" {
		b.known(f.On, what)
	}
	id := nameUUID("run", j.Ref.ID, nth(n))
	r := twstools.Run{ID: id, JobNumber: f.Number, ActualWorkstation: on, Status: b.status(state, "", what), ReturnCode: f.RC, RerunType: orElse(f.Type, "REGULAR"),
		Attempt: n + 1, Confirmed: f.Confirmed, Estimated: j.Definition.EstimatedDuration, Step: f.Step, Name: f.Name, Start: b.instant(f.Start, what)}
	if r.Start.IsZero() {
		r.Start = from
	}
	if r.JobNumber == 0 {
		r.JobNumber = jobNumber(b.dynamic(on), id)
	}
	if r.Start.After(b.until) {
		b.fail("%s: run %d starts after the world's own now", what, n+1)
	}
	for _, c := range f.Conditions {
		r.OutputConditions = append(r.OutputConditions, twstools.OutputCondition{Name: c.Name, Expression: c.Expression, Satisfied: c.Satisfied, IsSuccess: c.Success})
	}
	b.endRun(&r, state, f, what)
	return r
}

// endRun gives a run its end, elapsed time and return code as its state wants them.
func (b *builder) endRun(r *twstools.Run, state string, f fileRun, what string) {
	switch state {
	case "EXEC", "WAIT", "INTRO":
		r.Elapsed = b.clock.now.Sub(r.Start).Truncate(time.Second)
		return
	case "FAIL":
		r.End, r.JobNumber, r.ReturnCode = r.Start, 0, f.RC
		return
	}
	r.Elapsed = b.span(f.Ran, what)
	if f.Ran == "" {
		// An ordinary run takes 82 to 112 hundredths of the estimate.
		r.Elapsed = (r.Estimated * time.Duration(82+hash("ran", r.ID)%31) / 100).Truncate(time.Second)
	}
	r.End = r.Start.Add(r.Elapsed)
	if r.End.After(b.until) {
		b.fail("%s: a run that has ended would end %s after the world's own now", what, r.End.Sub(b.until).Round(time.Second))
	}
	if r.ReturnCode == nil {
		rc := map[bool]int{true: 0, false: 1}[state == "SUCC" || state == "SUCCP" || state == "PEND"]
		r.ReturnCode = &rc
	}
}

// dynamic reports whether the workstation's jobs are run by a dynamic agent, whose logs and numbers look different.
func (b *builder) dynamic(name string) bool {
	w := b.workstations[name]
	return w != nil && (w.Type == "AGENT" || strings.HasSuffix(w.Type, "POOL"))
}

// member is the workstation on which a job of a pool ran; any other workstation runs its jobs itself.
func (b *builder) member(name, job string) string {
	if all := b.members[name]; len(all) > 0 {
		return all[hash("member", job)%uint64(len(all))]
	}
	return name
}

// timeStream gives a stream the start of its first run and, when it is over, the end of its last.
func (b *builder) timeStream(i int) {
	s := &b.w.JobStreams[i]
	var first, last time.Time
	for _, at := range b.streamJobs[i] {
		for _, r := range b.w.Jobs[at].Runs {
			if first.IsZero() || r.Start.Before(first) {
				first = r.Start
			}
			last = later(last, r.End)
		}
		if b.streamFiles[i].Takes == "" {
			s.Estimated += b.w.Jobs[at].Definition.EstimatedDuration
		}
	}
	if s.Start.IsZero() {
		s.Start = first
	}
	if s.End.IsZero() && (s.Status.Common == "SUCCESSFUL" || s.Status.Common == "ERROR") {
		s.End = last
	}
}
