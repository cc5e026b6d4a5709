package twsmock

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// view is a world with what serving it needs.
type view struct {
	from   *world.World    // the whole plan, whoever asks
	all    twstools.Engine // over it
	rights *Rights
	w      *world.World // what the account may list of it
	e      twstools.Engine
	n      world.Tallier
	loc    *time.Location
	ws     map[string]string // workstation's display form → id

	consumed func() []*wireConsumed // reads the whole plan, so once
	models   models
}

func newView(w *world.World, rights *Rights) *view {
	v := &view{from: w, rights: rights, w: rights.listed(w), all: world.Engine(w, world.Options{}), ws: map[string]string{}, loc: time.UTC}
	v.e = v.all
	if v.w != w {
		v.e = world.Engine(v.w, world.Options{})
	}
	v.n, _ = v.e.(world.Tallier) // a world's engine is one
	v.consumed = sync.OnceValue(v.countRuns)
	if loc, err := time.LoadLocation(w.Info.TimeZone); err == nil {
		v.loc = loc
	}
	for _, x := range w.Workstations {
		v.ws[x.Name] = x.Ref.ID
	}
	return v
}

// onWire is a workstation's display form as the interface writes it: always with its folder in front.
func onWire(display string) string {
	if display == "" || display[0] == '/' {
		return display
	}
	return "/" + display
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return query.FormatDuration(d)
}

func status(s twstools.Status) wireStatus {
	started := slices.Contains([]string{"EXEC", "SUCC", "ABEND", "PEND", "SUCCP", "ABENP"}, s.Internal)
	return wireStatus{Status: s.Internal, Substatus: s.Substatus, Canceled: s.Canceled, Error: s.Common == "ERROR", Started: started, CancelPending: s.CancelPending, DontRun: s.DontRun}
}

func restrictions(t twstools.TimeRestrictions) wireRestrictions {
	return wireRestrictions{Start: instant(t.EarliestStart), StartSatisfied: t.EarliestStartSatisfied, Latest: instant(t.LatestStart), LatestAction: t.LatestStartAction,
		LatestSatisfied: t.LatestStartSatisfied, Deadline: instant(t.Deadline), DeadlineAction: t.DeadlineAction, MaxDuration: span(t.MaxDuration),
		MaxDurationAction: t.MaxDurationAction, MinDuration: span(t.MinDuration)}
}

// job writes a job. Its dependencies are counted even where a list leaves them out, as the engine does.
func (v *view) job(j twstools.Job) wireJob {
	out := wireJob{
		wireNode: wireNode{FlowNodeType: "JOB", ID: j.Ref.ID, PlanID: v.w.PlanID, FolderID: world.FolderID(j.Folder), Folder: j.Folder, Name: j.Name,
			WorkstationID: v.ws[j.Workstation], Workstation: onWire(j.Workstation), SchedTime: instant(j.SchedTime), TimeZone: j.TimeZone, Priority: j.Priority,
			OrigPriority: j.Priority, Restrictions: restrictions(j.Times), Dependencies: v.dependencies(j.Dependencies), Stats: stats(twstools.JobRow(v.counted(j)), j.DependencyCount)},
		StreamID: j.StreamRef.ID, StreamName: j.Stream, StreamWorkstation: onWire(j.StreamWorkstation), StreamWorkstationID: v.ws[j.StreamWorkstation],
		Key:         onWire(j.StreamWorkstation) + "#" + strings.TrimSuffix(j.Folder, "/") + "/" + j.Stream + "." + j.Name,
		StatusFlags: wireJobFlags{j.StreamCancelled, j.Late, j.UntilPassed, j.NeedsMessage, j.DeadlinePassed},
		Options:     wireJobOptions{j.NoOperation, j.Critical, j.RequiresConfirmation, j.Every}, Status: status(j.Status), Common: j.Status.Common,
		Definition: v.definition(j), Runs: []wireRun{}, EndTime: instant(j.EstimatedEnd), Confidence: j.ConfidenceInterval, CriticalStart: instant(j.CriticalStart),
	}
	for _, r := range j.Runs {
		out.Runs = append(out.Runs, run(j, out.Key, r))
	}
	return out
}

// counted is a job of which it is known how many dependencies it has: listed ones tell.
func (v *view) counted(j twstools.Job) twstools.Job {
	if j.DependencyCounts != nil && j.UnresolvedCount != nil {
		return j
	}
	return v.whole(j)
}

// whole gives a listed job its dependencies back.
func (v *view) whole(j twstools.Job) twstools.Job {
	if j.DependenciesKnown {
		return j
	}
	if f, err := v.all.Job(noCancel, j.Ref); err == nil {
		return f
	}
	return j
}

func (v *view) definition(j twstools.Job) *wireDefinition {
	d := j.Definition
	out := &wireDefinition{ID: definitionID(d), Name: d.Name, Folder: j.Folder, Workstation: onWire(d.Workstation), Description: d.Description,
		IsCommand: d.IsCommand, Estimated: span(d.EstimatedDuration), UserLogins: d.UserLogins, RecoveryOption: d.RecoveryOption, RecoveryJob: d.RecoveryJob, AbendPrompt: d.AbendPrompt}
	if d.Task != "" {
		out.Task = map[string]string{"script": d.Task}
	}
	return out
}

func run(j twstools.Job, key string, r twstools.Run) wireRun {
	out := wireRun{ID: r.ID, Name: r.Name, JobID: j.Ref.ID, JobKey: key, ActualWorkstation: onWire(r.ActualWorkstation), Status: status(r.Status), Common: r.Status.Common,
		ReturnCode: r.ReturnCode, RerunType: r.RerunType, Last: r.LastInRerunChain, Confirmed: r.Confirmed, Attempt: r.Attempt, Step: r.Step,
		MaxGone: r.MaxDurationPassed, MinMissed: r.MinDurationMissed,
		Time: wireTime{Estimated: span(r.Estimated), Start: instant(r.Start), Elapsed: span(r.Elapsed), End: instant(r.End)}}
	if r.JobNumber != 0 {
		out.JobNumber = &r.JobNumber
	}
	for _, c := range r.OutputConditions {
		out.Conditions = append(out.Conditions, wireCondition{c.Name, c.Expression, c.Satisfied, c.IsSuccess})
	}
	return out
}

// stats reads the counts of dependencies through the same fields that OQL filters by.
func stats(row query.Row, all *int) wireStats {
	n := func(field string) int {
		vs, _ := row.Values("dependenciesStats.numberOf" + field + "Dependencies")
		if len(vs) == 1 {
			if x, ok := vs[0].(int64); ok {
				return int(x)
			}
		}
		return 0
	}
	s := wireStats{File: n("File"), Internetwork: n("Internetwork"), Job: n("Job"), Stream: n("JobStream"), Prompt: n("Prompt"), Resource: n("Resource"), Unresolved: n("Unresolved")}
	s.All = s.File + s.Internetwork + s.Job + s.Stream + s.Prompt + s.Resource
	if all != nil {
		s.All = *all
	}
	return s
}

func (v *view) stream(s twstools.JobStream) wireStream {
	whole := s
	if s.DependencyCounts == nil && !s.DependenciesKnown {
		if f, err := v.all.JobStream(noCancel, s.Ref); err == nil {
			whole = f
		}
	}
	limit := -1
	if s.Limit != nil {
		limit = *s.Limit
	}
	st := s.Stats
	out := wireStream{
		wireNode: wireNode{FlowNodeType: "JOBSTREAM", ID: s.Ref.ID, PlanID: v.w.PlanID, FolderID: world.FolderID(s.Folder), Folder: s.Folder, Name: s.Name,
			WorkstationID: v.ws[s.Workstation], Workstation: onWire(s.Workstation), SchedTime: instant(s.SchedTime), TimeZone: s.TimeZone, Priority: s.Priority,
			OrigPriority: s.Priority, Restrictions: restrictions(s.Times), Dependencies: v.dependencies(s.Dependencies), Stats: stats(twstools.JobStreamRow(whole), nil)},
		Original: s.OriginalName, Alias: s.Alias, Key: onWire(s.Workstation) + "#" + strings.TrimSuffix(s.Folder, "/") + "/" + s.Name, Internal: s.InternalID,
		Status: status(s.Status), Common: s.Status.Common, Limit: limit, Time: wireTime{Estimated: span(s.Estimated), Start: instant(s.Start), End: instant(s.End)},
		JobStats:   wireJobStats{st.Total, st.Successful, st.Abended, st.Failed, st.Executing, st.NotRunning, st.Undecided},
		Definition: wireStreamDef{s.CarriedForward}, StatusFlags: wireStreamFlags{s.Late, s.PendingPredecessor}, Service: s.ServiceName, Contact: s.ServiceContact, Submitter: s.Submitter,
	}
	if !s.Start.IsZero() && !s.End.IsZero() {
		out.Time.Elapsed = span(s.End.Sub(s.Start))
	}
	return out
}
