package twsmock

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// taskType is the type of every job of a world: worlds tell scripts and commands, which are native jobs.
const taskType = "UNIX"

// writeJob writes one row of a job's chain. whole adds the dependencies, which lists leave out unless they are asked for.
func (c v1Call) writeJob(r jobRow, whole bool) v1Job {
	all := c.plan.jobs[r.job]
	j := c.plan.job(r)
	id := c.ids.write(v1JobID(all, int(r.run)))
	out := v1Job{ID: id, Name: j.Name, Description: j.Definition.Description, Definition: c.definition(j), Workstation: c.workstationKey(j.Workstation),
		Stream: c.streamKeyOf(j), TaskType: v1NameKey{taskType}, Priority: j.Priority, OrigPriority: j.Priority, Restriction: c.restriction(j.Times),
		Time: v1Time{Estimated: millis(j.Definition.EstimatedDuration)}, Status: nodeStatus(j.Status), LastInChain: c.plan.last(r), Stats: v1StatsOf(twstools.JobRow(all), all.DependencyCount, all.Dependencies),
		Critical: c.network(all), Every: j.Every, HeldByUser: j.Priority != nil && *j.Priority == 0, Late: j.Late, NeedMessage: j.NeedsMessage, PendingCancel: j.Status.CancelPending,
		Running: j.Status.Internal == "EXEC", UntilGone: j.UntilPassed, Confirmation: j.RequiresConfirmation, NoOperation: j.NoOperation,
		StreamID: c.ids.write(j.StreamWorkstation + ";" + j.JobStreamID), PlanID: c.planID(), ActualKey: j.StreamWorkstation + "#" + j.Stream + "." + j.Name, RerunType: "REGULAR"}
	if whole {
		out.Dependencies = c.needs(all.Dependencies)
	}
	if r.run >= 0 {
		c.run(&out, all, j.Runs[0])
		out.RerunNumber = int(r.run)
	}
	return out
}

// run puts what belongs to the one run of the row onto the job.
func (c v1Call) run(out *v1Job, all twstools.Job, r twstools.Run) {
	if r.JobNumber != 0 {
		out.JobNumber = &r.JobNumber
	}
	out.RunID, out.RerunType, out.ActualOn = r.ID, r.RerunType, r.ActualWorkstation
	if len(all.Runs) > 1 {
		out.HeadRunID = all.Runs[0].ID
	}
	out.Rerun, out.RecoveryRerun, out.EveryRerun = strings.HasPrefix(r.RerunType, "RERUN"), r.RerunType == "RECOVERY_RERUN", r.RerunType == "RERUN_EVERY"
	out.RerunStep, out.MaxGone, out.MinNotReached = r.RerunType == "RERUN_STEP", r.MaxDurationPassed, r.MinDurationMissed
	out.Time = v1Time{Start: c.instant(r.Start), Elapsed: millis(r.Elapsed), End: c.instant(r.End), Estimated: millis(r.Estimated)}
	out.Definition.ReturnCode = r.ReturnCode
	for _, k := range r.OutputConditions {
		out.Definition.Conditions = append(out.Definition.Conditions, v1Condition{k.Name, k.Expression, k.IsSuccess, k.Satisfied})
	}
}

func (c v1Call) definition(j twstools.Job) v1Definition {
	d := j.Definition
	out := v1Definition{Key: v1DefinitionKey{d.Name, c.workstationKey(d.Workstation)}, Description: d.Description, TaskType: taskType, Command: d.IsCommand, Task: d.Task,
		UserLogin: strings.Join(d.UserLogins, ","), Recovery: d.RecoveryOption, Prompt: d.AbendPrompt, Estimated: millis(d.EstimatedDuration), Folder: j.Folder}
	if d.RecoveryJob != "" {
		out.RecoveryJob = &v1DefinitionKey{Name: d.RecoveryJob, Workstation: c.workstationKey(d.Workstation)}
	}
	return out
}

// v1Actions are this interface's words for what happens to a job or stream when its time has come.
var v1Actions = map[string]string{"doNotRun": "SUPPRESS", "continue": "CONTINUE", "cancel": "CANCEL", "kill": "KILL", "abend": "ABEND", "confirmed": "CONFIRM"}

func action(s string) string {
	if w, ok := v1Actions[s]; ok {
		return w
	}
	return s
}

func (c v1Call) restriction(t twstools.TimeRestrictions) v1Restriction {
	return v1Restriction{Until: c.instant(t.LatestStart), Deadline: c.instant(t.Deadline), Start: c.instant(t.EarliestStart), TimeDependent: !t.EarliestStart.IsZero(),
		UntilAction: action(t.LatestStartAction), DeadlineAction: action(t.DeadlineAction), MinDuration: millis(t.MinDuration), MaxDuration: millis(t.MaxDuration),
		MaxAction: action(t.MaxDurationAction)}
}

// v1StatsOf counts dependencies as the newer interface does, and those besides resources that are open.
func v1StatsOf(row query.Row, all *int, ds []twstools.Dependency) v1Stats {
	out := v1Stats{wireStats: stats(row, all)}
	for _, d := range ds {
		if open, _ := d.Open(); open && d.Type != twstools.DepResource {
			out.NonResource++
		}
	}
	return out
}

// network is what the critical path service says of a job; nil where it says nothing.
func (c v1Call) network(j twstools.Job) *v1Network {
	k, ok := c.plan.critical[j.Ref.ID]
	if !ok {
		if !j.Critical && j.CriticalStart.IsZero() {
			return nil
		}
		return &v1Network{Critical: j.Critical, Late: j.Late, CriticalStart: c.instant(j.CriticalStart), EstimatedEnd: c.instant(j.EstimatedEnd)}
	}
	start := k.CriticalStart
	if start.IsZero() {
		start = j.CriticalStart
	}
	return &v1Network{Info: &v1CriticalInfo{Alert: k.Alert, Deadline: c.instant(k.Deadline), Confidence: k.Confidence, Recalculated: c.instant(c.w.AsOf)}, Critical: true, Late: j.Late,
		OnCriticalPath: true, CriticalStart: c.instant(start), EstimatedStart: c.instant(k.EstimatedStart), EstimatedEnd: c.instant(k.EstimatedEnd)}
}

func (c v1Call) writeStream(s twstools.JobStream, whole bool) v1Stream {
	limit := -1
	if s.Limit != nil {
		limit = *s.Limit
	}
	n, st := len(s.Dependencies), s.Stats
	out := v1Stream{ID: c.ids.write(v1StreamID(s)), Key: c.streamKey(s), Original: s.OriginalName, Alias: s.Alias, Internal: s.InternalID, FolderName: s.Folder, PlanID: c.planID(),
		Workstation: c.workstationKey(s.Workstation), Production: c.instant(s.SchedTime), Scheduled: c.instant(s.SchedTime), Limit: limit, CarriedForward: s.CarriedForward,
		JobStats:   v1JobStats{wireJobStats{st.Total, st.Successful, st.Abended, st.Failed, st.Executing, st.NotRunning, st.Undecided}, st.Total, st.NotRunning},
		HeldByUser: s.Priority != nil && *s.Priority == 0, Late: s.Late, Pending: s.PendingPredecessor, PendingCancel: s.Status.CancelPending, Aliased: s.Alias != "",
		Zombie:   slices.ContainsFunc(s.Dependencies, func(d twstools.Dependency) bool { return d.Orphan }),
		Priority: s.Priority, OrigPriority: s.Priority, Restriction: c.restriction(s.Times), TimeZone: s.TimeZone, Stats: v1StatsOf(twstools.JobStreamRow(s), &n, s.Dependencies),
		Time: v1Time{Start: c.instant(s.Start), End: c.instant(s.End), Estimated: millis(s.Estimated)}, Service: s.ServiceName, Contact: s.ServiceContact,
		IsService: s.ServiceName != "", Submitter: s.Submitter}
	if s.Status != (twstools.Status{}) {
		out.Status = nodeStatus(s.Status)
	}
	if !s.Start.IsZero() && !s.End.IsZero() {
		out.Time.Elapsed = millis(s.End.Sub(s.Start))
	}
	if span, ok := c.plan.spans[v1StreamID(s)]; ok {
		out.Every = slices.ContainsFunc(c.plan.jobs[span.from:span.to], func(j twstools.Job) bool { return j.Every })
	}
	if whole {
		out.Dependencies = c.needs(s.Dependencies)
	}
	return out
}
