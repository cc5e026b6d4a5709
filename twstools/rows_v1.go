package twstools

import "github.com/resync-hwa/resync/twstools/query"

// FileRow shows a file that is waited for under the field names of query.Files.
func FileRow(f FileWait) query.Row { return row[FileWait]{f, fileFields} }

// FileFields lists the field names that FileRow knows, sorted.
func FileFields() []string { return names(fileFields) }

// CriticalJobRow shows a job of the critical-path service under the field names of query.CriticalJobs.
func CriticalJobRow(c CriticalJob) query.Row { return row[CriticalJob]{c, criticalFields} }

// CriticalJobFields lists the field names that CriticalJobRow knows, sorted.
func CriticalJobFields() []string { return names(criticalFields) }

// PlanRow shows one of the engine's plans under the field names of query.Plans.
func PlanRow(p Plan) query.Row { return row[Plan]{p, planFields} }

// PlanFields lists the field names that PlanRow knows, sorted.
func PlanFields() []string { return names(planFields) }

var fileFields = fields[FileWait]{
	"name":        func(f FileWait) []query.Value { return text(f.Name) },
	"workstation": func(f FileWait) []query.Value { return path(f.Workstation) },
	"qualifier":   func(f FileWait) []query.Value { return text(f.Qualifier) },
	"status":      func(f FileWait) []query.Value { return text(f.Status) },
}

var criticalFields = fields[CriticalJob]{
	"name":                           ofJob("name"),
	"folder":                         ofJob("folder"),
	"workstation":                    ofJob("workstation"),
	"jobStreamName":                  ofJob("jobStreamName"),
	"jobStreamWorkstation":           ofJob("jobStreamWorkstation"),
	"priority":                       ofJob("priority"),
	"jobruns.commonStatus":           ofJob("jobruns.commonStatus"),
	"jobruns.compositeStatus.status": ofJob("jobruns.compositeStatus.status"),
	"alertLevel":                     func(c CriticalJob) []query.Value { return text(c.Alert) },
	"criticalStart":                  func(c CriticalJob) []query.Value { return instant(c.CriticalStart) },
	"deadline":                       func(c CriticalJob) []query.Value { return instant(c.Deadline) },
	"estimatedStart":                 func(c CriticalJob) []query.Value { return instant(c.EstimatedStart) },
	"estimatedEnd":                   func(c CriticalJob) []query.Value { return instant(c.EstimatedEnd) },
}

// ofJob reads a field of the job itself.
func ofJob(field string) func(CriticalJob) []query.Value {
	return func(c CriticalJob) []query.Value { return jobFields[field](c.Job) }
}

var planFields = fields[Plan]{
	"id":   func(p Plan) []query.Value { return text(p.ID) },
	"name": func(p Plan) []query.Value { return text(p.Name) },
	"type": func(p Plan) []query.Value { return text(string(p.Type)) },
}
