package twstools

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/query"
)

// fields maps the OQL field names of one object to how their values are read from it.
type fields[T any] map[string]func(T) []query.Value

// row is an object seen through its fields.
type row[T any] struct {
	item   T
	fields fields[T]
}

// Values implements query.Row.
func (r row[T]) Values(field string) ([]query.Value, bool) {
	read, ok := r.fields[field]
	if !ok {
		return nil, false
	}
	return read(r.item), true
}

func names[T any](f fields[T]) []string { return slices.Sorted(maps.Keys(f)) }

// JobRow shows a job under OQL's field names. jobruns.* have one value per run; a job that has not run yet shows its own status there.
func JobRow(j Job) query.Row { return row[Job]{j, jobFields} }

// JobStreamRow shows a job stream under OQL's field names.
func JobStreamRow(s JobStream) query.Row { return row[JobStream]{s, jobStreamFields} }

// WorkstationRow shows a workstation under OQL's field names.
func WorkstationRow(w Workstation) query.Row { return row[Workstation]{w, workstationFields} }

// ResourceRow shows a resource under OQL's field names.
func ResourceRow(r Resource) query.Row { return row[Resource]{r, resourceFields} }

// PromptRow shows a prompt under the field names of its wire form; OQL's manual has no chapter on prompts.
func PromptRow(p Prompt) query.Row { return row[Prompt]{p, promptFields} }

// JobFields lists the field names that JobRow knows, sorted.
func JobFields() []string { return names(jobFields) }

// JobStreamFields lists the field names that JobStreamRow knows, sorted.
func JobStreamFields() []string { return names(jobStreamFields) }

// WorkstationFields lists the field names that WorkstationRow knows, sorted.
func WorkstationFields() []string { return names(workstationFields) }

// ResourceFields lists the field names that ResourceRow knows, sorted.
func ResourceFields() []string { return names(resourceFields) }

// PromptFields lists the field names that PromptRow knows, sorted.
func PromptFields() []string { return names(promptFields) }

// jobFields follows "Orchestration Query Language" of the User's Guide, section on jobs.
var jobFields = withDependencies(fields[Job]{
	"name":                             func(j Job) []query.Value { return text(j.Name) },
	"folder":                           func(j Job) []query.Value { return folder(j.Folder) },
	"folderId":                         unknown[Job],
	"id":                               func(j Job) []query.Value { return text(j.Ref.ID) },
	"workstation":                      func(j Job) []query.Value { return path(j.Workstation) },
	"jobStreamName":                    func(j Job) []query.Value { return text(j.Stream) },
	"jobStreamInternalIdentifier":      func(j Job) []query.Value { return text(j.JobStreamID) },
	"criticalStart":                    func(j Job) []query.Value { return instant(j.CriticalStart) },
	"jobStreamId":                      func(j Job) []query.Value { return text(j.StreamRef.ID) },
	"jobStreamWorkstation":             func(j Job) []query.Value { return path(j.StreamWorkstation) },
	"priority":                         func(j Job) []query.Value { return number(j.Priority) },
	"schedTime":                        func(j Job) []query.Value { return instant(j.SchedTime) },
	"timeZone":                         func(j Job) []query.Value { return text(j.TimeZone) },
	"jobDefinition.isCommand":          func(j Job) []query.Value { return truth(j.Definition.IsCommand) },
	"jobDefinition.recoveryOption":     func(j Job) []query.Value { return text(j.Definition.RecoveryOption) },
	"jobDefinition.userLogin":          func(j Job) []query.Value { return each(j.Definition.UserLogins, text) },
	"jobDefinition.workstation":        func(j Job) []query.Value { return path(j.Definition.Workstation) },
	"jobDefinition.workstationKey":     func(j Job) []query.Value { return path(j.Definition.Workstation) },
	"jobDefinition.taskType":           unknown[Job],
	"jobDefinition.task":               func(j Job) []query.Value { return text(j.Definition.Task) },
	"jobStatusFlags.jobLate":           func(j Job) []query.Value { return flag(j.Late) },
	"jobStatusFlags.untilGone":         func(j Job) []query.Value { return flag(j.UntilPassed) },
	"jobOptions.critical":              func(j Job) []query.Value { return flag(j.Critical) },
	"jobOptions.every":                 func(j Job) []query.Value { return flag(j.Every) },
	"jobOptions.noOperation":           func(j Job) []query.Value { return flag(j.NoOperation) },
	"jobOptions.requiresConfirmation":  func(j Job) []query.Value { return flag(j.RequiresConfirmation) },
	"jobruns.actualWorkstation":        runs(func(r Run) []query.Value { return path(r.ActualWorkstation) }),
	"jobruns.commonStatus":             statuses(func(s Status) []query.Value { return text(s.Common) }),
	"jobruns.compositeStatus.status":   statuses(func(s Status) []query.Value { return text(s.Internal) }),
	"jobruns.compositeStatus.canceled": statuses(func(s Status) []query.Value { return flag(s.Canceled) }),
	"jobruns.estimatedDuration": func(j Job) []query.Value {
		if len(j.Runs) == 0 {
			return span(j.Definition.EstimatedDuration)
		}
		return each(j.Runs, func(r Run) []query.Value { return span(r.Estimated) })
	},
	"jobruns.jobNumber": runs(func(r Run) []query.Value {
		if r.JobNumber == 0 {
			return nil
		}
		return []query.Value{r.JobNumber}
	}),
	"jobruns.confirmed":                runs(func(r Run) []query.Value { return flag(r.Confirmed) }),
	"jobruns.lastInRerunChain":         runs(func(r Run) []query.Value { return truth(r.LastInRerunChain) }),
	"jobruns.maxDurationGone":          runs(func(r Run) []query.Value { return flag(r.MaxDurationPassed) }),
	"jobruns.minDurationNotReached":    runs(func(r Run) []query.Value { return flag(r.MinDurationMissed) }),
	"jobruns.rerunType":                runs(func(r Run) []query.Value { return text(r.RerunType) }),
	"jobruns.returnCode":               runs(func(r Run) []query.Value { return number(r.ReturnCode) }),
	"jobruns.step":                     runs(func(r Run) []query.Value { return text(r.Step) }),
	"jobruns.timeInfo.actualStartTime": runs(func(r Run) []query.Value { return instant(r.Start) }),
	"jobruns.timeInfo.actualEndTime":   runs(func(r Run) []query.Value { return instant(r.End) }),
	"timeRestrictions.untilAction":     func(j Job) []query.Value { return text(j.Times.LatestStartAction) },
	"timeRestrictions.untilTime":       func(j Job) []query.Value { return instant(j.Times.LatestStart) },
	"timeRestrictions.startTime":       func(j Job) []query.Value { return instant(j.Times.EarliestStart) },
	"timeRestrictions.deadlineTime":    func(j Job) []query.Value { return instant(j.Times.Deadline) },
}, func(j Job) []Dependency { return j.Dependencies }, func(j Job) *int { return j.UnresolvedCount }, func(j Job) map[DependencyType]int { return j.DependencyCounts })

// jobStreamFields follows the same chapter, section on job streams; numberOfSuccessfullJob is spelt as the engine spells it.
var jobStreamFields = withDependencies(fields[JobStream]{
	"name":                                  func(s JobStream) []query.Value { return text(s.Name) },
	"folder":                                func(s JobStream) []query.Value { return folder(s.Folder) },
	"folderId":                              unknown[JobStream],
	"id":                                    func(s JobStream) []query.Value { return text(s.Ref.ID) },
	"key":                                   func(s JobStream) []query.Value { return path(s.Workstation + "#" + s.Name) },
	"internalIdentifier":                    func(s JobStream) []query.Value { return text(s.InternalID) },
	"workstation":                           func(s JobStream) []query.Value { return path(s.Workstation) },
	"commonStatus":                          func(s JobStream) []query.Value { return text(s.Status.Common) },
	"compositeStatus.status":                func(s JobStream) []query.Value { return text(s.Status.Internal) },
	"schedTime":                             func(s JobStream) []query.Value { return instant(s.SchedTime) },
	"priority":                              func(s JobStream) []query.Value { return number(s.Priority) },
	"origPriority":                          unknown[JobStream],
	"limit":                                 func(s JobStream) []query.Value { return number(s.Limit) },
	"aliasJobStreamName":                    func(s JobStream) []query.Value { return text(s.Alias) },
	"originalJobStreamName":                 func(s JobStream) []query.Value { return text(s.OriginalName) },
	"timeZone":                              func(s JobStream) []query.Value { return text(s.TimeZone) },
	"submitter":                             func(s JobStream) []query.Value { return text(s.Submitter) },
	"serviceName":                           func(s JobStream) []query.Value { return text(s.ServiceName) },
	"jobStreamStats.numberOfJob":            func(s JobStream) []query.Value { return number(s.Stats.Total) },
	"jobStreamStats.numberOfAbendedJob":     func(s JobStream) []query.Value { return number(s.Stats.Abended) },
	"jobStreamStats.numberOfFailedJob":      func(s JobStream) []query.Value { return number(s.Stats.Failed) },
	"jobStreamStats.numberOfExecutingJob":   func(s JobStream) []query.Value { return number(s.Stats.Executing) },
	"jobStreamStats.numberOfSuccessfullJob": func(s JobStream) []query.Value { return number(s.Stats.Successful) },
	"jobStreamStats.numberOfNotRunningJob":  func(s JobStream) []query.Value { return number(s.Stats.NotRunning) },
	"jobStreamStats.numberOfUndecidedJob":   func(s JobStream) []query.Value { return number(s.Stats.Undecided) },
	"jobStreamStats.numberOfCurrentNodes":   unknown[JobStream],
	"jsOptions.monitored":                   unknown[JobStream],
	"jsStatusFlags.lateJobStream":           func(s JobStream) []query.Value { return flag(s.Late) },
	"jsDefinitionFlags.carriedForward":      func(s JobStream) []query.Value { return flag(s.CarriedForward) },
	"timeInfo.actualStartTime":              func(s JobStream) []query.Value { return instant(s.Start) },
	"timeInfo.actualEndTime":                func(s JobStream) []query.Value { return instant(s.End) },
	"timeInfo.estimatedDuration":            func(s JobStream) []query.Value { return span(s.Estimated) },
	"timeRestrictions.deadlineTime":         func(s JobStream) []query.Value { return instant(s.Times.Deadline) },
	"timeRestrictions.startTime":            func(s JobStream) []query.Value { return instant(s.Times.EarliestStart) },
	"timeRestrictions.untilTime":            func(s JobStream) []query.Value { return instant(s.Times.LatestStart) },
}, func(s JobStream) []Dependency { return s.Dependencies }, func(s JobStream) *int { return s.UnresolvedCount }, func(s JobStream) map[DependencyType]int { return s.DependencyCounts })

var workstationFields = fields[Workstation]{
	"name":         func(w Workstation) []query.Value { return path(w.Name) },
	"folder":       func(w Workstation) []query.Value { return folder(w.Folder) },
	"folderId":     unknown[Workstation],
	"id":           func(w Workstation) []query.Value { return text(w.Ref.ID) },
	"domainName":   func(w Workstation) []query.Value { return path(w.Domain) },
	"type":         func(w Workstation) []query.Value { return workstationType(w.Type) },
	"activeStates": activeStates,
	"jobmanUp": func(w Workstation) []query.Value {
		if !w.StatesKnown {
			return nil
		}
		return flag(slices.Contains(w.ActiveStates, "JOBMAN_UP") || slices.Contains(w.ActiveStates, "RUNNING"))
	},
	"limit":  func(w Workstation) []query.Value { return number(w.Limit) },
	"fence":  func(w Workstation) []query.Value { return number(w.Fence) },
	"ignore": func(w Workstation) []query.Value { return flag(w.Ignored) },
	"os":     func(w Workstation) []query.Value { return text(w.OS) },
}

var resourceFields = fields[Resource]{
	"id":                func(r Resource) []query.Value { return text(r.Ref.ID) },
	"name":              func(r Resource) []query.Value { return text(r.Name) },
	"folder":            func(r Resource) []query.Value { return folder(r.Folder) },
	"workstation":       func(r Resource) []query.Value { return path(r.Workstation) },
	"workstationFolder": func(r Resource) []query.Value { return folder(workstationFolder(r.Workstation)) },
	"quantity":          func(r Resource) []query.Value { return number(r.Quantity) },
	"quantityInUse":     func(r Resource) []query.Value { return number(r.InUse) },
	"quantityAvailable": func(r Resource) []query.Value { return number(r.Available) },
	"status":            func(r Resource) []query.Value { return text(r.Status) },
}

var promptFields = fields[Prompt]{
	"id":          func(p Prompt) []query.Value { return text(p.Ref.ID) },
	"name":        func(p Prompt) []query.Value { return text(p.Name) },
	"folder":      func(p Prompt) []query.Value { return folder(p.Folder) },
	"text":        func(p Prompt) []query.Value { return text(p.Text) },
	"number":      func(p Prompt) []query.Value { return number(p.Number) },
	"status":      func(p Prompt) []query.Value { return text(p.Status) },
	"type":        func(p Prompt) []query.Value { return text(p.Type) },
	"workstation": func(p Prompt) []query.Value { return path(p.Workstation) },
	"jobId":       func(p Prompt) []query.Value { return text(p.JobRef.ID) },
	"jobStreamId": func(p Prompt) []query.Value { return text(p.JobStreamRef.ID) },
	"timeAsked":   func(p Prompt) []query.Value { return instant(p.AskedAt) },
	"timeRespond": func(p Prompt) []query.Value { return instant(p.AnsweredAt) },
}

func text(s string) []query.Value {
	if s == "" {
		return nil
	}
	return []query.Value{s}
}

// path gives a workstation's or domain's name in both spellings: the engine writes "/MDM", operators write MDM.
func path(s string) []query.Value {
	if s == "" {
		return nil
	}
	if short, ok := strings.CutPrefix(s, "/"); ok {
		return []query.Value{query.Spellings{s, short}}
	}
	return []query.Value{query.Spellings{"/" + s, s}}
}

// folder gives a folder with and without the slash at its end, which the engine leaves out and conman writes.
func folder(s string) []query.Value {
	if s == "" || s == "/" {
		return text(s)
	}
	s = "/" + strings.Trim(s, "/")
	return []query.Value{query.Spellings{s, s + "/"}}
}

// workstationFolder is the folder part of a workstation's display form.
func workstationFolder(ws string) string {
	if i := strings.LastIndexByte(ws, '/'); i > 0 {
		return ws[:i]
	}
	return "/"
}

// unknown is a field that the manual documents and that we do not keep: it counts as null.
func unknown[T any](T) []query.Value { return nil }

func number(n *int) []query.Value {
	if n == nil {
		return nil
	}
	return []query.Value{int64(*n)}
}

func truth(b *bool) []query.Value {
	if b == nil {
		return nil
	}
	return []query.Value{*b}
}

func flag(b bool) []query.Value { return []query.Value{b} }

func instant(t time.Time) []query.Value {
	if t.IsZero() {
		return nil
	}
	return []query.Value{t.UTC()}
}

func span(d time.Duration) []query.Value {
	if d == 0 {
		return nil
	}
	return []query.Value{d}
}

func each[T any](items []T, read func(T) []query.Value) []query.Value {
	var out []query.Value
	for _, it := range items {
		out = append(out, read(it)...)
	}
	return out
}

func runs(read func(Run) []query.Value) func(Job) []query.Value {
	return func(j Job) []query.Value { return each(j.Runs, read) }
}

func statuses(read func(Status) []query.Value) func(Job) []query.Value {
	return func(j Job) []query.Value {
		if len(j.Runs) == 0 {
			return read(j.Status)
		}
		return each(j.Runs, func(r Run) []query.Value { return read(r.Status) })
	}
}

// linkedStates are the states that say that a workstation is reached, by whichever way.
var linkedStates = []string{"LINKED", "FULLY_LINKED", "DIRECTLY_LINKED", "HOST_LINKED", "EXTENDED_LINKED", "BROKER", "TCP_IP_LINKED"}

// activeStates gives the states as sent, and UNLINKED when none of them says linked: OQL's manual filters by that word, while the list
// that the interface sends has no such member.
func activeStates(w Workstation) []query.Value {
	out := each(w.ActiveStates, text)
	linked := slices.ContainsFunc(w.ActiveStates, func(s string) bool { return slices.Contains(linkedStates, s) })
	if w.StatesKnown && !linked && !slices.Contains(w.ActiveStates, "UNLINKED") {
		out = append(out, "UNLINKED")
	}
	return out
}

// workstationType gives the type in the interface's spelling and in the one that OQL's manual uses.
func workstationType(s string) []query.Value {
	other := map[string]string{"D-POOL": "DYNAMIC_POOL", "REM-ENG": "REMOTE_ENGINE", "X-AGENT": "XA", "S-AGENT": "SA", "WORKLOAD_BROKER": "BROKER"}[s]
	if other == "" {
		return text(s)
	}
	return []query.Value{query.Spellings{s, other}}
}
