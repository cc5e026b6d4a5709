package twsmock

import (
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// v1Fields reads the fields of one kind of object that its row of package twstools lacks, or that this interface sees otherwise: ids in its
// own layouts, workstations by their bare names.
type v1Fields[T any] map[string]func(T) []query.Value

// v1Row is an object under OQL's field names, with those of fields before those of its own row.
type v1Row[T any] struct {
	item   T
	fields v1Fields[T]
	own    query.Row
}

// Values implements query.Row.
func (r v1Row[T]) Values(field string) ([]query.Value, bool) {
	if read, ok := r.fields[field]; ok {
		return read(r.item), true
	}
	if r.own == nil {
		return nil, false
	}
	return r.own.Values(field)
}

// chainJob is a job as one row of its chain shows it.
type chainJob struct {
	twstools.Job
	id   string
	last bool
}

var v1JobFields = v1Fields[chainJob]{
	"id":                               func(j chainJob) []query.Value { return eitherID(j.id) },
	"jobStreamId":                      func(j chainJob) []query.Value { return eitherID(j.StreamWorkstation + ";" + j.JobStreamID) },
	"workstation":                      func(j chainJob) []query.Value { return eitherName(j.Workstation) },
	"jobStreamWorkstation":             func(j chainJob) []query.Value { return eitherName(j.StreamWorkstation) },
	"jobDefinition.workstation":        func(j chainJob) []query.Value { return eitherName(j.Definition.Workstation) },
	"jobDefinition.taskType":           func(chainJob) []query.Value { return []query.Value{taskType} },
	"jobruns.lastInRerunChain":         func(j chainJob) []query.Value { return []query.Value{j.last} },
	"jobruns.rerunType":                func(j chainJob) []query.Value { return []query.Value{rerunType(j.Runs)} },
	"jobruns.actualWorkstation":        func(j chainJob) []query.Value { return actualNames(j.Runs) },
	"dependencies.fileWorkstation":     func(j chainJob) []query.Value { return neededOn(j.Dependencies, twstools.DepFile) },
	"dependencies.resourceWorkstation": func(j chainJob) []query.Value { return neededOn(j.Dependencies, twstools.DepResource) },
}

var v1StreamFields = v1Fields[twstools.JobStream]{
	"id":                                  func(s twstools.JobStream) []query.Value { return eitherID(v1StreamID(s)) },
	"workstation":                         func(s twstools.JobStream) []query.Value { return eitherName(s.Workstation) },
	"jobStreamStats.numberOfCurrentNodes": func(s twstools.JobStream) []query.Value { return optional(s.Stats.Total) },
	"dependencies.fileWorkstation":        func(s twstools.JobStream) []query.Value { return neededOn(s.Dependencies, twstools.DepFile) },
	"dependencies.resourceWorkstation":    func(s twstools.JobStream) []query.Value { return neededOn(s.Dependencies, twstools.DepResource) },
}

// streamRow is a job stream as a condition sees it. What is asked most is read without copying the stream, of which a plan has very many.
type streamRow struct{ *twstools.JobStream }

// Values implements query.Row.
func (s streamRow) Values(field string) ([]query.Value, bool) {
	switch field {
	case "name":
		return values(field, s.Name), true
	case "commonStatus":
		return values(field, s.Status.Common), true
	case "compositeStatus.status":
		return values(field, s.Status.Internal), true
	}
	if read, ok := v1StreamFields[field]; ok {
		return read(*s.JobStream), true
	}
	return twstools.JobStreamRow(*s.JobStream).Values(field)
}

var v1WorkstationFields = v1Fields[twstools.Workstation]{
	"id":           func(w twstools.Workstation) []query.Value { return eitherID(w.Name) },
	"name":         func(w twstools.Workstation) []query.Value { return eitherName(w.Name) },
	"activeStates": func(w twstools.Workstation) []query.Value { return []query.Value{linkStatus(w)} },
}

var v1ResourceFields = v1Fields[twstools.Resource]{
	"id":          func(r twstools.Resource) []query.Value { return eitherID(v1ResourceID(r)) },
	"workstation": func(r twstools.Resource) []query.Value { return eitherName(r.Workstation) },
}

var v1PromptFields = v1Fields[twstools.Prompt]{
	"id": func(p twstools.Prompt) []query.Value { return eitherID(v1PromptID(p)) },
}

var v1FileFields = v1Fields[twstools.Dependency]{
	"workstation": func(d twstools.Dependency) []query.Value { return eitherName(d.Workstation) },
}

func fileRow(d twstools.Dependency) query.Row {
	return v1Row[twstools.Dependency]{d, v1FileFields, twstools.FileRow(twstools.FileWait{Name: d.File, Workstation: d.Workstation, Qualifier: d.FileQualifier, Status: d.FileState})}
}

var v1CriticalFields = v1Fields[twstools.CriticalJob]{
	"workstation":          func(k twstools.CriticalJob) []query.Value { return eitherName(k.Job.Workstation) },
	"jobStreamWorkstation": func(k twstools.CriticalJob) []query.Value { return eitherName(k.Job.StreamWorkstation) },
}

// flat goes through dependencies, and through the members of each join after it.
func flat(ds []twstools.Dependency) func(func(twstools.Dependency) bool) {
	return func(yield func(twstools.Dependency) bool) {
		for _, d := range ds {
			if !yield(d) {
				return
			}
			for m := range flat(d.Members) {
				if !yield(m) {
					return
				}
			}
		}
	}
}

// eitherID is an id in both layouts, since a filter may hold either.
func eitherID(id string) []query.Value {
	return []query.Value{query.Spellings{id, idScheme{}.write(id)}}
}

// eitherName is a workstation by its bare name and by its display form with and without the root folder in front.
func eitherName(display string) []query.Value {
	if display == "" {
		return nil
	}
	_, bare := unfolded(display)
	return []query.Value{query.Spellings(slices.Compact([]string{bare, display, onWire(display)}))}
}

func optional(n *int) []query.Value {
	if n == nil {
		return nil
	}
	return []query.Value{int64(*n)}
}

func when(t time.Time) []query.Value {
	if t.IsZero() {
		return nil
	}
	return []query.Value{t.UTC()}
}

func rerunType(runs []twstools.Run) string {
	if len(runs) == 0 {
		return "REGULAR"
	}
	return runs[0].RerunType
}

func actualNames(runs []twstools.Run) []query.Value {
	var out []query.Value
	for _, r := range runs {
		out = append(out, eitherName(r.ActualWorkstation)...)
	}
	return out
}

// neededOn gives the workstations of the dependencies of one type.
func neededOn(ds []twstools.Dependency, of twstools.DependencyType) []query.Value {
	var out []query.Value
	for d := range flat(ds) {
		if d.Type == of {
			out = append(out, eitherName(d.Workstation)...)
		}
	}
	return out
}
