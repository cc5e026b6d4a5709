package hwa

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// What is kept of a job's task: more when the job was read by itself.
const (
	maxTask       = 64 << 10
	maxTaskInList = 2 << 10
)

// decoder makes the domain's objects of the interface's, with references that belong to one engine and dialect.
type decoder struct{ engine, dialect string }

func (c decoder) ref(id string) twstools.Ref {
	if id == "" {
		return twstools.Ref{}
	}
	return twstools.Ref{Engine: c.engine, Dialect: c.dialect, ID: id}
}

// owns refuses references of another engine or dialect.
func (c decoder) owns(ref twstools.Ref) error {
	switch {
	case ref.Engine != "" && ref.Engine != c.engine:
		return fault.New(fault.Invalid, "The reference belongs to another engine.").WithSource("engine:" + c.engine)
	case ref.Dialect != "" && ref.Dialect != c.dialect:
		return fault.New(fault.Invalid, "The reference was made by another interface of the engine (%s); this one is %s.", clip(ref.Dialect, 20), c.dialect).
			WithHint("Find the object again by its name.").WithSource("engine:" + c.engine)
	}
	return checkID(ref.ID)
}

// identity is what a server reads the object again by.
func identity(o object) string { return o.raw("id", "key", "persistentId") }

func (c decoder) job(o object, whole bool) twstools.Job {
	folder := folderPath(o.str("folder", "folderName"))
	streamFolder, stream := splitName(o.str("jobStreamName"))
	if f := o.str("jobStreamFolder"); f != "" {
		streamFolder = folderPath(f)
	} else if streamFolder == "" {
		streamFolder = folder // a job in the plan lives in its stream's folder
	}
	_, name := splitName(o.str("name"))
	flags, options := o.obj("jobStatusFlags"), o.obj("jobOptions")
	j := twstools.Job{
		Ref:                  c.ref(identity(o)),
		Name:                 name,
		Folder:               folder,
		Workstation:          display(o.str("workstation", "workstationName")),
		StreamRef:            c.ref(o.raw("jobStreamId")),
		Stream:               stream,
		StreamFolder:         streamFolder,
		StreamWorkstation:    display(o.str("jobStreamWorkstation")),
		JobStreamID:          o.str("jobStreamInternalIdentifier", "internalIdentifier"),
		SchedTime:            o.instant("schedTime", "scheduledTime", "jobStreamSchedTime"),
		TimeZone:             o.str("timeZone", "timezone"),
		Priority:             priority(o),
		Late:                 flags.is("jobLate"),
		UntilPassed:          flags.is("untilGone"),
		DeadlinePassed:       flags.is("deadlineHasPassed"),
		StreamCancelled:      flags.is("jobStreamCancelled"),
		NeedsMessage:         flags.is("needMessage"),
		NoOperation:          options.is("noOperation"),
		Critical:             options.is("critical"),
		RequiresConfirmation: options.is("requiresConfirmation"),
		Every:                options.is("every"),
		Definition:           definition(o.obj("jobDefinition"), whole),
		Times:                restrictions(o.obj("timeRestrictions")),
		CriticalStart:        o.instant("criticalStart"),
		EstimatedEnd:         o.instant("endTime"),
		ConfidenceInterval:   o.str("confidenceInterval"),
	}
	if j.StreamWorkstation == "" {
		j.StreamWorkstation = j.Workstation
	}
	j.Dependencies, j.DependenciesKnown, j.DependencyCount, j.UnresolvedCount = c.dependencies(o, whole)
	j.DependencyCounts = countsByType(o.obj("dependenciesStats"))
	j.Runs = c.runs(o)
	settleStatus(&j, o)
	return j
}

// priority also reads the two that operators write as words.
func priority(o object) *int {
	if n := o.integer("priority"); n != nil {
		return n
	}
	hi, goNow := 100, 101
	switch o.str("priority") {
	case "HI":
		return &hi
	case "GO":
		return &goNow
	}
	return nil
}

// settleStatus takes the job's own status, else its last run's; and gives the last run the job's where it has none of its own,
// because the engine's "last run" fields are about that run.
func settleStatus(j *twstools.Job, o object) {
	own := statusOf(o, []string{"lastRunCommonStatus", "commonStatus"}, []string{"lastRunCompositeStatus", "compositeStatus", "status"})
	empty := func(s twstools.Status) bool { return s.Common == "" && s.Internal == "" }
	if len(j.Runs) == 0 {
		j.Status = own
		return
	}
	last := &j.Runs[len(j.Runs)-1]
	if empty(own) {
		own = last.Status
	}
	if empty(last.Status) {
		last.Status = own
	}
	j.Status = own
}

// statusOf reads the pair of common and composite status; the latter is an object, or on simpler servers one word.
func statusOf(o object, common, composite []string) twstools.Status {
	s := twstools.Status{Common: o.str(common...)}
	for _, k := range composite {
		if word, ok := o[k].(string); ok && word != "" {
			s.Internal = word
			return s
		}
		if m := o.obj(k); m != nil {
			s.Internal = m.str("status", "internalStatus")
			s.Substatus = m.str("substatus", "subStatus")
			s.Canceled, s.CancelPending, s.DontRun = m.is("canceled", "cancelled"), m.is("cancelPending"), m.is("dontRun")
			if s.Common == "" {
				s.Common = m.str("commonStatus")
			}
			return s
		}
	}
	return s
}

func definition(o object, whole bool) twstools.JobDefinition {
	most := maxTaskInList
	if whole {
		most = maxTask
	}
	return twstools.JobDefinition{
		Name:              o.str("name"),
		Description:       o.raw("description"),
		Task:              task(o["task"], most),
		Workstation:       display(o.str("workstation")),
		IsCommand:         o.boolean("isCommand", "command"),
		EstimatedDuration: o.duration("estimatedDuration"),
		UserLogins:        o.strs("userLogins", "userLogin"),
		RecoveryOption:    o.str("recoveryOption"),
		RecoveryJob:       o.str("recoveryJobName", "recoveryJob"),
		AbendPrompt:       o.raw("abendPromptText", "abendPromptName", "abendPromptOriginalName"),
	}
}

// task keeps a command as it is and writes any other kind of task as JSON.
func task(v any, most int) string {
	switch v := v.(type) {
	case string:
		return clip(v, most)
	case map[string]any:
		if len(v) == 1 {
			for _, only := range v {
				if s, ok := only.(string); ok {
					return clip(s, most)
				}
			}
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if enc.Encode(v) == nil {
			return clip(string(bytes.TrimSpace(b.Bytes())), most)
		}
	}
	return ""
}

// runs gives the attempts, oldest first. A server that puts the only run's fields on the job itself gets a run made of them.
func (c decoder) runs(o object) []twstools.Run {
	list := o.list("jobruns", "jobRuns", "runs")
	if len(list) == 0 && (o.has("returnCode") || o.has("timeInfo") || o.has("jobNumber") || o.has("actualWorkstation")) {
		r := c.run(o)
		r.ID, r.Name = o.raw("runId", "jobRunId", "lastRunId"), ""
		r.Status = twstools.Status{}
		return []twstools.Run{r}
	}
	var out []twstools.Run
	for _, e := range list {
		if m := asObject(e); m != nil {
			out = append(out, c.run(m))
		}
	}
	oldestFirst(out)
	return out
}

func (c decoder) run(o object) twstools.Run {
	t := o.obj("timeInfo")
	r := twstools.Run{
		ID:                o.raw("id", "runId", "jobRunId"),
		JobNumber:         o.int64("jobNumber"),
		ActualWorkstation: display(o.str("actualWorkstation")),
		Status:            statusOf(o, []string{"commonStatus"}, []string{"compositeStatus", "status"}),
		ReturnCode:        o.integer("returnCode"),
		RerunType:         o.str("rerunType"),
		Attempt:           o.int("runAttempt"),
		LastInRerunChain:  o.boolean("lastInRerunChain"),
		Confirmed:         o.is("confirmed"),
		Start:             t.instant("actualStartTime"),
		End:               t.instant("actualEndTime"),
		Elapsed:           t.duration("elapsedTime"),
		Estimated:         t.duration("estimatedDuration"),
		MaxDurationPassed: o.is("maxDurationGone"),
		MinDurationMissed: o.is("minDurationNotReached"),
		Step:              o.str("step"),
		Name:              o.str("name"),
	}
	if r.Start.IsZero() {
		r.Start = o.instant("actualStartTime", "startTime")
	}
	if r.End.IsZero() {
		r.End = o.instant("actualEndTime")
	}
	for _, e := range o.list("outputConditions") {
		if m := asObject(e); m != nil {
			r.OutputConditions = append(r.OutputConditions, twstools.OutputCondition{
				Name: m.str("conditionName", "name"), Expression: m.raw("mappingExpression", "expression"),
				Satisfied: m.boolean("isSatisfied", "satisfied"), IsSuccess: m.is("isSuccCondition", "succCondition"),
			})
		}
	}
	return r
}

// oldestFirst orders runs by start, else by attempt, else by the mark of the last one; where none of these decides, the order as sent stays.
func oldestFirst(runs []twstools.Run) {
	started, numbered := true, true
	for _, r := range runs {
		started = started && !r.Start.IsZero()
		numbered = numbered && r.Attempt > 0
	}
	switch {
	case started:
		slices.SortStableFunc(runs, func(a, b twstools.Run) int { return a.Start.Compare(b.Start) })
	case numbered:
		slices.SortStableFunc(runs, func(a, b twstools.Run) int { return a.Attempt - b.Attempt })
	case len(runs) > 1 && marked(runs[0]) && !marked(runs[len(runs)-1]):
		slices.Reverse(runs)
	}
}

func marked(r twstools.Run) bool { return r.LastInRerunChain != nil && *r.LastInRerunChain }

func restrictions(o object) twstools.TimeRestrictions {
	return twstools.TimeRestrictions{
		EarliestStart:          o.instant("startTime"),
		EarliestStartSatisfied: o.boolean("startTimeSatisfied"),
		LatestStart:            o.instant("latestStartTime", "untilTime"),
		LatestStartAction:      o.str("lateStartAction", "latestStartAction", "untilAction"),
		LatestStartSatisfied:   o.boolean("latestStartSatisfied"),
		Deadline:               o.instant("deadlineTime"),
		DeadlineAction:         o.str("lateAction", "deadlineAction"),
		MaxDuration:            o.duration("maxDuration"),
		MaxDurationAction:      o.str("maxDurationAction"),
		MinDuration:            o.duration("minDuration"),
	}
}
