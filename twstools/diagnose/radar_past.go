package diagnose

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// learnt is what earlier plans and definitions say of this plan: it changes with the plan's turn, so it is read once for a while.
type learnt struct {
	start       time.Time // of the plan
	expected    []plan.Expected
	definitions map[string]twstools.JobStreamDefinition
	longest     map[string]time.Duration // the longest good run of a job in the plans that were read
	source      bool                     // something could be read
}

const (
	learnFor       = time.Hour
	maxDefinitions = 10_000
	maxArchived    = 10_000
	// archiveUpTo is how many streams a plan may have for its archived ones to be read: those of more would not fit into one list of jobs.
	archiveUpTo = 2_000
	pastDays    = 3
)

// expected finds out which streams should be in the plan.
func (s *sweeper) expected(ctx context.Context) {
	if s.sweep.Window == nil || s.sweep.Window.Start.IsZero() {
		s.miss("plan:current", s.unchecked("expected"))
		return
	}
	w := *s.sweep.Window
	s.r.mu.Lock()
	l, age := s.r.learnt, s.now.Sub(s.r.learnAt)
	s.r.mu.Unlock()
	if !l.source || !l.start.Equal(w.Start) || age.Abs() > learnFor {
		if l = s.learn(ctx, w); l.source {
			s.r.mu.Lock()
			s.r.learnt, s.r.learnAt = l, s.now
			s.r.mu.Unlock()
		}
	}
	if !l.source {
		s.miss("plan:current", s.unchecked("expected"))
		return
	}
	s.sweep.Expected, s.sweep.Definitions, s.longest = l.expected, l.definitions, l.longest
}

// learn asks what is remembered first, then the engine's archived plans, then definitions (DESIGN.md 4.10).
func (s *sweeper) learn(ctx context.Context, w twstools.PlanWindow) learnt {
	l := learnt{start: w.Start}
	all := false
	if s.afford(1) {
		if defs, err := twstools.CapabilitiesOf(s.d.o.Engine).Definitions.JobStreamDefinitions(ctx, "@", maxDefinitions); err == nil {
			l.source, l.definitions, all = true, map[string]twstools.JobStreamDefinition{}, len(defs) > 0 && len(defs) < maxDefinitions
			for _, d := range defs {
				l.definitions[plan.StreamKey(d.Folder, d.Workstation, d.Name)] = d
			}
			l.expected = plan.ExpectedByDefinition(defs, w, s.zone)
		} else {
			s.unreadOptional(err)
		}
	}
	days := s.days(ctx, w)
	l.source = l.source || len(days) > 1
	for _, x := range plan.Judge(plan.ExpectedByArchive(days, w, s.zone), l.definitions, all, w) {
		key := plan.StreamKey(x.Folder, x.Workstation, x.Stream)
		if i := slices.IndexFunc(l.expected, func(o plan.Expected) bool { return plan.StreamKey(o.Folder, o.Workstation, o.Stream) == key }); i >= 0 {
			x.Facts = append(x.Facts, l.expected[i].Facts...)
			l.expected[i] = x
			continue
		}
		l.expected = append(l.expected, x)
	}
	l.longest = longest(days)
	s.remembered(ctx, &l, w)
	return l
}

func (s *sweeper) unreadOptional(err error) {
	if err != nil && canGoOn(err) {
		s.failed(err)
	}
}

// days gives archived plans of earlier days, that of a week ago among them.
func (s *sweeper) days(ctx context.Context, w twstools.PlanWindow) []plan.ArchivedDay {
	plans := twstools.CapabilitiesOf(s.d.o.Engine).Plans
	if len(s.sweep.Streams) > archiveUpTo || !s.afford(1) {
		return nil
	}
	all, err := twstools.ArchivedPlans(ctx, plans)
	if err != nil {
		s.unreadOptional(err)
		return nil
	}
	var out []plan.ArchivedDay
	for _, p := range alike(all, w, s.zone) {
		if !s.afford(1) {
			return nil
		}
		list, err := plans.ArchivedJobs(ctx, p, twstools.ListQuery{Limit: maxArchived, Order: []query.Order{{Field: "jobStreamName"}}})
		if err != nil {
			s.unreadOptional(err)
			return nil
		}
		out = append(out, plan.ArchivedDay{Plan: p, Jobs: list.Items})
	}
	return out
}

// alike chooses the plans that show what a day like this one holds: those of one and two weeks ago; with one of them alone, the last ones before
// this plan besides. Without any, nothing.
func alike(all []twstools.Plan, w twstools.PlanWindow, zone *time.Location) []twstools.Plan {
	all = slices.DeleteFunc(slices.Clone(all), func(p twstools.Plan) bool { return p.ValidFrom.IsZero() || !p.ValidFrom.Before(w.Start) })
	slices.SortFunc(all, func(a, b twstools.Plan) int { return b.ValidFrom.Compare(a.ValidFrom) })
	var same, other []twstools.Plan
	for _, p := range all {
		if p.ValidFrom.In(zone).Weekday() == w.Start.In(zone).Weekday() {
			same = append(same, p)
		} else {
			other = append(other, p)
		}
	}
	switch len(same) {
	case 0:
		return nil
	case 1:
		return append(same, other[:min(len(other), pastDays-1)]...)
	}
	return same[:2]
}

// jobKey names a job over all its instances.
func jobKey(j *twstools.Job) string {
	return plan.StreamKey(j.StreamFolder, j.StreamWorkstation, j.Stream) + "." + j.Name
}

func longest(days []plan.ArchivedDay) map[string]time.Duration {
	out := map[string]time.Duration{}
	for _, d := range days {
		for i := range d.Jobs {
			j := &d.Jobs[i]
			if p := plan.PaceAt(j, d.Plan.ValidTo); plan.PhaseOf(j.Status) == plan.Done && p.Elapsed > 0 {
				out[jobKey(j)] = max(out[jobKey(j)], p.Elapsed)
			}
		}
	}
	return out
}

// maxRemembered bounds for how many jobs or streams the past is asked in one scan; ownRuns is from how many on it answers without the engine.
const (
	maxRemembered = 300
	ownRuns       = 5
)

// measure learns what is usual for the jobs that run longer than estimated, or have no estimate. The engine is not asked: with fewer runs than
// enough its own estimate stands.
func (s *sweeper) measure(ctx context.Context) {
	usual := map[twstools.Ref]plan.Usual{}
	s.sweep.Usual = usual
	for i, asked := 0, 0; i < len(s.sweep.Jobs); i++ {
		j := &s.sweep.Jobs[i]
		p := plan.PaceAt(j, s.now)
		if plan.PhaseOf(j.Status) != plan.Running || p.Estimate > 0 && p.Elapsed <= p.Estimate {
			continue
		}
		if most := s.longest[jobKey(j)]; most > 0 {
			usual[j.Ref] = plan.Usual{Median: max(p.Estimate, most/2), High: most}
		}
		if asked++; s.d.o.Past == nil || asked > maxRemembered {
			continue
		}
		key := j.Key(s.d.o.Name)
		if runs, err := s.d.o.Past.Runs(ctx, key, ownRuns); err != nil || len(runs) < ownRuns {
			continue
		}
		u, source, err := s.d.o.Past.Usual(ctx, key)
		if err != nil || source != history.SourceOwn && source != history.SourceArchive || u.Duration.N == 0 {
			continue
		}
		usual[j.Ref] = plan.Usual{Median: u.Duration.Median, High: u.Duration.High, Runs: u.Duration.N}
	}
	if n := s.sweep.Unmeasured(); n > 0 {
		s.miss("plan:current", s.unchecked("unmeasured", n))
	}
}

// since tells since when a job stands in its status, as remembered.
func (s *sweeper) since(ctx context.Context, j twstools.Job) (time.Time, bool) {
	if s.d.o.Past == nil {
		return time.Time{}, false
	}
	state, known, err := s.d.o.Past.Before(ctx, j.Key(s.d.o.Name), s.now)
	if err != nil || !known || state.Status.Internal == "" || state.Status.Internal != j.Status.Internal || state.At.IsZero() {
		return time.Time{}, false
	}
	return state.At, true
}

// remembered adds the streams that are defined, not by plain rules, and ran at this time of day one and two weeks ago, as remembered.
func (s *sweeper) remembered(ctx context.Context, l *learnt, w twstools.PlanWindow) {
	if s.d.o.Past == nil || w.End.IsZero() {
		return
	}
	have := map[string]bool{}
	for _, st := range s.sweep.Streams {
		have[plan.StreamKey(st.Folder, st.Workstation, st.Name)] = true
	}
	for _, x := range l.expected {
		have[plan.StreamKey(x.Folder, x.Workstation, x.Stream)] = true
	}
	asked := 0
	for _, name := range slices.Sorted(maps.Keys(l.definitions)) {
		d := l.definitions[name]
		if have[name] || strings.HasPrefix(d.Name, "FINAL") {
			continue
		}
		if asked++; asked > maxRemembered {
			return
		}
		runs, err := s.d.o.Past.Runs(ctx, twstools.Key{Engine: s.d.o.Name, Folder: d.Folder, StreamWorkstation: d.Workstation, Stream: d.Name}, 0)
		if err != nil {
			return
		}
		var scheds []time.Time
		for _, r := range runs {
			scheds = append(scheds, r.Sched)
		}
		if x, ok := plan.ExpectedByRuns(d, scheds, w, s.zone); ok {
			l.expected = append(l.expected, x)
		}
	}
}

// ready finds out since when jobs are ready that nothing holds: as remembered, else not before the last predecessor ended.
func (s *sweeper) ready(ctx context.Context) {
	s.sweep.ReadySince = map[twstools.Ref]time.Time{}
	unknown, looked := 0, 0
	for _, j := range s.sweep.Unexplained() {
		if t, known := s.since(ctx, j); known {
			s.sweep.ReadySince[j.Ref] = t
			continue
		}
		if looked++; looked > maxCandidate || !s.afford(1) {
			unknown++
			continue
		}
		before, err := s.d.o.Engine.Neighbours(ctx, twstools.NeighbourQuery{Ref: j.Ref, Direction: twstools.Predecessors})
		since, known := freed(j, before)
		if err != nil || !known {
			unknown++
			continue
		}
		s.sweep.ReadySince[j.Ref] = since
	}
	if unknown > 0 {
		s.miss("plan:current", s.unchecked("ready", unknown))
	}
}

// freed is when the last thing that is known to have held a job let it go: its time, its start time, the end of its last predecessor. What
// else may have held it (a file, a prompt, units, a limit) is not dated, so the job must have been free of all that since its predecessors ended.
func freed(j twstools.Job, before []twstools.Neighbour) (time.Time, bool) {
	since := j.SchedTime
	if j.Times.EarliestStart.After(since) {
		since = j.Times.EarliestStart
	}
	for _, n := range before {
		var end time.Time
		switch {
		case n.Job != nil && len(n.Job.Runs) > 0:
			end = n.Job.Runs[len(n.Job.Runs)-1].End
		case n.JobStream != nil:
			end = n.JobStream.End
		}
		if end.IsZero() {
			return time.Time{}, false
		}
		if end.After(since) {
			since = end
		}
	}
	for typ, n := range j.DependencyCounts {
		if n > 0 && (typ == twstools.DepFile || typ == twstools.DepResource || typ == twstools.DepPrompt || typ == twstools.DepInternetwork) {
			return time.Time{}, false
		}
	}
	return since, !since.IsZero()
}
