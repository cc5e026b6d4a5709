package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// World gives the plant as it is now. The snapshot shares nothing that later changes; neither side may write to it.
func (s *Sim) World() *world.World {
	w := &world.World{AsOf: s.now, PlanID: world.NameID("plan", s.planFrom.In(s.zone).Format(time.DateOnly)), Logs: map[string]world.JobLog{}}
	e := s.defs.Engine
	w.Info = twstools.Info{Mode: "mock", Dialect: world.Dialect, Version: orElse(e.Version, "10.2.5.00"), TimeZone: s.zone.String(), Locale: orElse(e.Locale, "en_US"),
		License: orElse(e.License, "PERSERVER")}
	w.Workstations = s.worldStations()
	jobs := 0
	for _, st := range s.streams {
		jobs += len(st.jobs)
	}
	w.JobStreams, w.Jobs = make([]twstools.JobStream, 0, len(s.streams)), make([]twstools.Job, 0, jobs)
	for _, st := range s.streams {
		w.JobStreams = append(w.JobStreams, s.worldStream(st))
		for _, j := range st.jobs {
			x := s.worldJob(j)
			w.Jobs = append(w.Jobs, x)
			s.keepLogs(w, x, j)
		}
	}
	for _, r := range s.resOrder {
		w.Resources = append(w.Resources, worldResource(r))
	}
	for _, p := range s.prompts {
		w.Prompts = append(w.Prompts, worldPrompt(p))
	}
	found, no := true, s.runNo
	w.Window = &twstools.PlanWindow{Found: &found, RunNumber: &no, ScheduledDate: s.planFrom, Start: s.planFrom, End: s.planTo, TimeZone: s.zone.String(),
		Batchman: map[bool]string{true: "DOWN", false: "LIVES"}[s.down]}
	w.CriticalJobs, w.Mailboxes = s.criticalJobs(), maps.Clone(s.mailboxes)
	w.Archived = slices.Clone(s.archived)
	w.Events, w.Audit = slices.Clone(s.news), slices.Clone(s.audit)
	w.StreamDefinitions = s.definitions()
	return w
}

func ref(id string) twstools.Ref { return world.NewRef(id) }

func number(n int) *int { return &n }

func truth(b bool) *bool { return &b }

func (s *Sim) worldJob(j *job) twstools.Job {
	if j.cached == nil || j.aged() {
		j.cachedAt = s.changes
		x := s.makeJob(j)
		j.cached = &x
	}
	out := *j.cached
	if last := j.last(); last != nil && last.end.IsZero() { // what time alone does to a running job
		out.Runs = slices.Clone(out.Runs)
		out.Runs[len(out.Runs)-1].Elapsed = s.now.Sub(last.start).Truncate(time.Second)
	}
	return out
}

// aged reports whether what a snapshot kept is out of date though nothing happened to it: a file is being looked for, or others took or gave
// back units of its resources.
func (w *waits) aged() bool {
	for _, d := range w.deps {
		for _, m := range d.members {
			if m.file != nil && !m.met && !m.polledFrom.IsZero() {
				return true
			}
		}
		if d.file != nil && !d.met && !d.polledFrom.IsZero() || d.resource != nil && d.resource.changed > w.cachedAt {
			return true
		}
	}
	return false
}

func (s *Sim) makeJob(j *job) twstools.Job {
	d, st := j.def, j.s
	command := true
	out := twstools.Job{
		Ref: ref(j.ref), Name: d.Name, Folder: orElse(st.def.Folder, "/"), Workstation: j.ws.name, StreamRef: ref(st.ref), Stream: st.name, StreamFolder: orElse(st.def.Folder, "/"),
		StreamWorkstation: st.ws.name, JobStreamID: st.id, SchedTime: st.sched, TimeZone: st.zone.String(), Status: s.status(j), Priority: number(j.priority),
		Late: j.late, UntilPassed: j.expired, DeadlinePassed: j.deadlinePassed, StreamCancelled: st.cancelled, NeedsMessage: j.recover == asking,
		NoOperation: d.Nop, Critical: d.Critical, RequiresConfirmation: d.Confirmed, Every: d.Every > 0, DependenciesKnown: true,
		Definition: twstools.JobDefinition{Name: d.Name, Description: d.Does, Task: orElse(d.Task, usualTask(j)), Workstation: j.ws.name, IsCommand: &command,
			EstimatedDuration: j.estimate, RecoveryOption: recoveryOption(d),
			RecoveryJob: d.RecoveryJob, AbendPrompt: d.AbendPrompt},
		Times: s.times(&j.waits),
	}
	out.Times.MaxDuration, out.Times.MinDuration = j.maxdur, d.MinDuration
	if j.maxdur > 0 {
		out.Times.MaxDurationAction = orElse(d.OnMax, "continue")
	}
	if d.Critical && !j.deadline.IsZero() {
		out.CriticalStart = j.deadline.Add(-j.estimate)
	}
	if j.spread > 0 {
		out.ConfidenceInterval = isoSpan(j.spread)
	}
	if user := orElse(d.User, st.def.User); user != "" {
		out.Definition.UserLogins = []string{user}
	}
	for i, r := range j.runs {
		out.Runs = append(out.Runs, worldRun(r, i == len(j.runs)-1))
	}
	out.Dependencies, out.UnresolvedCount = s.worldDeps(j.deps)
	out.DependencyCount = number(len(out.Dependencies))
	out.DependencyCounts = twstools.CountDependencies(out.Dependencies)
	return out
}

// recoveryOption is the option in the interface's words, which tell continue and rerun with a prompt from those without.
func recoveryOption(d *Job) string {
	option := map[string]string{"": "STOP", "stop": "STOP", "continue": "CONTINUE", "rerun": "RERUN"}[d.Recovery]
	if d.AbendPrompt != "" && option != "STOP" {
		option += "_PROMPT"
	}
	return option
}

func worldRun(r *run, last bool) twstools.Run {
	out := twstools.Run{ID: r.id, JobNumber: r.number, ActualWorkstation: r.on.name, Status: twstools.Status{Internal: r.state, Common: common[r.state]}, RerunType: r.kind,
		Attempt: r.attempt, LastInRerunChain: &last, Confirmed: r.confirmed, Start: r.start, End: r.end, Estimated: r.estimate, MaxDurationPassed: r.overMax,
		MinDurationMissed: r.underMin, Name: r.name, OutputConditions: slices.Clone(r.conditions)}
	if r.rc != nil {
		out.ReturnCode = number(*r.rc)
	}
	if !r.end.IsZero() {
		out.Elapsed = r.end.Sub(r.start)
	}
	return out
}

func usualTask(j *job) string {
	if j.ws.def.OS == "WINDOWS" {
		return `D:\batch\bin\` + lower(j.def.Name) + ".cmd"
	}
	return "/opt/batch/bin/" + lower(j.def.Name) + ".sh"
}

func (s *Sim) times(w *waits) twstools.TimeRestrictions {
	t := twstools.TimeRestrictions{EarliestStart: w.at, LatestStart: w.until, Deadline: w.deadline, DeadlineAction: w.onLate}
	if !w.at.IsZero() {
		t.EarliestStartSatisfied = truth(!s.now.Before(w.at))
	}
	if !w.until.IsZero() {
		// As the interface spells the actions.
		t.LatestStartAction = map[string]string{"suppr": "doNotRun", "cont": "continue", "canc": "cancel"}[w.onUntil]
		t.LatestStartSatisfied = truth(!w.expired)
	}
	return t
}

func (s *Sim) worldStream(st *stream) twstools.JobStream {
	if st.cached == nil || st.aged() {
		st.cachedAt = s.changes
		x := s.makeStream(st)
		st.cached = &x
	}
	return *st.cached
}

func (s *Sim) makeStream(st *stream) twstools.JobStream {
	status := twstools.Status{Internal: st.state, Common: common[st.state], Canceled: st.cancelled, CancelPending: st.cancelPend}
	if st.state == "HOLD" && st.priority == 0 && s.opts.Unverified {
		status.Common = "HELD"
	}
	out := twstools.JobStream{Ref: ref(st.ref), Name: st.name, OriginalName: st.name, Folder: orElse(st.def.Folder, "/"), Workstation: st.ws.name, InternalID: st.id, SchedTime: st.sched,
		TimeZone: st.zone.String(), Status: status, Priority: number(st.priority), CarriedForward: st.carried, Late: st.late, Start: st.start, End: st.end, Times: s.times(&st.waits),
		DependenciesKnown: true, ServiceName: st.def.Service, ServiceContact: st.def.Contact}
	if !st.startUntil.IsZero() && st.until.IsZero() {
		out.Times.LatestStart = st.startUntil
	}
	if st.limit >= 0 {
		out.Limit = number(st.limit)
	}
	out.Dependencies, out.UnresolvedCount = s.worldDeps(st.deps)
	out.DependencyCounts = twstools.CountDependencies(out.Dependencies)
	for _, d := range st.deps {
		out.PendingPredecessor = out.PendingPredecessor || !d.pending.IsZero()
	}
	counts := map[string]int{}
	for _, j := range st.jobs {
		counts[j.state]++
		out.Estimated += j.estimate
	}
	n := &out.Stats
	n.Total, n.Successful, n.Abended, n.Failed = number(len(st.jobs)), number(counts["SUCC"]), number(counts["ABEND"]), number(counts["FAIL"])
	n.Executing, n.Undecided = number(counts["EXEC"]), number(counts["PEND"])
	n.NotRunning = number(len(st.jobs) - *n.Successful - *n.Abended - *n.Failed - *n.Executing - *n.Undecided)
	return out
}

func (s *Sim) definitions() []twstools.JobStreamDefinition {
	out := make([]twstools.JobStreamDefinition, 0, len(s.defined))
	for _, d := range s.defined {
		x := twstools.JobStreamDefinition{ID: world.NameID("model", d.On, d.Name), Name: d.Name, Folder: orElse(d.Folder, "/"), Workstation: d.On, Description: d.Description,
			Draft: truth(d.Draft), Priority: d.Priority, Limit: d.Limit}
		for _, r := range d.Run {
			x.RunCycles = append(x.RunCycles, orElse(r.Every, "daily"))
		}
		for _, j := range d.Jobs {
			x.Jobs = append(x.Jobs, j.Name)
		}
		out = append(out, x)
	}
	return out
}
