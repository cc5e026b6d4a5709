package record

import (
	"reflect"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// kind says what a string of the domain holds, and so how it is renamed.
type kind string

const (
	keep       kind = "keep"      // the engine's own words: statuses, types, zones, versions
	asText     kind = "text"      // prose or output, rewritten line by line
	asContact  kind = "contact"   // an address, else a person's name
	asFile     kind = "file"      // a path
	asHost     kind = "host"      // a host's name or address
	asID       kind = "id"        // an id of the interface
	asStreamID kind = "stream id" // a 16-character id

	asWorkstation kind = "workstation"
	asFolder      kind = "folder"
	asDomain      kind = "domain"
	asStream      kind = "stream"
	asJob         kind = "job"
	asUser        kind = "user"
	asResource    kind = "resource"
	asPrompt      kind = "prompt"
	asCondition   kind = "condition"
	asService     kind = "service"
	asRule        kind = "rule"
	asObject      kind = "object" // a name in the operator's form: WS#STREAM.JOB
)

// fieldKinds classifies every string field of the domain's types. A test walks all types and fails over one that is missing, so that a new field
// cannot slip through; at run time an unknown one is treated as text.
var fieldKinds = map[string]kind{
	"Ref.Engine": keep, "Ref.Dialect": keep, "Ref.ID": asID,
	"Status.Common": keep, "Status.Internal": keep, "Status.Substatus": keep,
	"Job.Name": asJob, "Job.Folder": asFolder, "Job.Workstation": asWorkstation, "Job.Stream": asStream, "Job.StreamFolder": asFolder, "Job.StreamWorkstation": asWorkstation,
	"Job.JobStreamID": asStreamID, "Job.TimeZone": keep, "Job.ConfidenceInterval": keep,
	"JobDefinition.Name": asJob, "JobDefinition.Description": asText, "JobDefinition.Task": asText, "JobDefinition.Workstation": asWorkstation, "JobDefinition.UserLogins": asUser,
	"JobDefinition.RecoveryOption": keep, "JobDefinition.RecoveryJob": asJob, "JobDefinition.AbendPrompt": asText,
	"Run.ID": asID, "Run.ActualWorkstation": asWorkstation, "Run.RerunType": keep, "Run.Step": asText, "Run.Name": asJob,
	"OutputCondition.Name": asCondition, "OutputCondition.Expression": asText,
	"TimeRestrictions.LatestStartAction": keep, "TimeRestrictions.DeadlineAction": keep, "TimeRestrictions.MaxDurationAction": keep,
	"JobStream.Name": asStream, "JobStream.OriginalName": asStream, "JobStream.Alias": asStream, "JobStream.Folder": asFolder, "JobStream.Workstation": asWorkstation,
	"JobStream.InternalID": asStreamID, "JobStream.TimeZone": keep, "JobStream.ServiceName": asService, "JobStream.ServiceContact": asContact, "JobStream.Submitter": asUser,
	"Workstation.Name": asWorkstation, "Workstation.Folder": asFolder, "Workstation.Type": keep, "Workstation.Domain": asDomain, "Workstation.Host": asWorkstation, "Workstation.Node": asHost,
	"Workstation.OS": keep, "Workstation.TimeZone": keep, "Workstation.ActiveStates": keep, "Workstation.ActiveFlags": keep, "Workstation.Version": keep, "Workstation.Description": asText,
	"Resource.Name": asResource, "Resource.Folder": asFolder, "Resource.Workstation": asWorkstation, "Resource.Status": keep, "Resource.Description": asText,
	"Holder.Job": asObject, "Holder.JobStream": asObject, "Holder.JobKey": asObject,
	"Prompt.Name": asPrompt, "Prompt.Folder": asFolder, "Prompt.Text": asText, "Prompt.Status": keep, "Prompt.Type": keep, "Prompt.Workstation": asWorkstation,
	"Prompt.JobKey": asObject, "Prompt.JobStreamKey": asObject,
	"Dependency.ID": asID, "Dependency.Type": keep, "Dependency.State": keep, "Dependency.Job": asJob, "Dependency.Stream": asStream, "Dependency.StreamFolder": asFolder,
	"Dependency.StreamWorkstation": asWorkstation, "Dependency.OutputConditions": asCondition, "Dependency.StatusConditions": keep, "Dependency.JoinName": asCondition,
	"Dependency.File": asFile, "Dependency.FileQualifier": asText, "Dependency.FileState": keep, "Dependency.Workstation": asWorkstation, "Dependency.Resource": asResource,
	"Dependency.ResourceFolder": asFolder, "Dependency.Prompt": asPrompt, "Dependency.PromptText": asText, "Dependency.PromptStatus": keep, "Dependency.PromptType": keep,
	"Dependency.Remote": asObject, "Dependency.NetworkAgent": asWorkstation,
	"Info.Engine": keep, "Info.Mode": keep, "Info.Dialect": keep, "Info.Version": keep, "Info.TimeZone": keep, "Info.Locale": keep, "Info.License": keep,
	"Log.RunID": asID, "LogLine.Text": asText, "JobLog.Header": asText, "JobLog.Body": asText, "JobLog.Trailer": asText,
	"PlanWindow.Batchman": keep, "PlanWindow.TimeZone": keep,
	"Plan.ID": asText, "Plan.Name": asText, "Plan.Type": keep, "Plan.Master": asWorkstation,
	"FileWait.Name": asFile, "FileWait.Workstation": asWorkstation, "FileWait.Qualifier": asText, "FileWait.Status": keep,
	"CriticalJob.Alert": keep,
	"EventRecord.ID":    asID, "EventRecord.Type": keep, "EventRecord.Rule": asRule, "EventRecord.Message": asText, "EventRecord.Severity": keep,
	"AuditRecord.ID": asID, "AuditRecord.Action": keep, "AuditRecord.ObjectType": keep, "AuditRecord.Object": asObject, "AuditRecord.User": asUser, "AuditRecord.Message": asText,
	"JobStreamDefinition.ID": asID, "JobStreamDefinition.Name": asStream, "JobStreamDefinition.Folder": asFolder, "JobStreamDefinition.Workstation": asWorkstation,
	"JobStreamDefinition.Description": asText, "JobStreamDefinition.RunCycles": asText, "JobStreamDefinition.Jobs": asJob,
	"World.PlanID": asID, "World.Logs": asID, "World.Mailboxes": keep, "Counts.Groups": asObject,
	"Job.DependencyCounts": keep, "JobStream.DependencyCounts": keep,
	"Failure.What": asText, "Failure.Code": keep, "Failure.Message": asText,
	"Args.Ref": asID, "Args.Run": asID, "Args.Direction": keep, "Args.GroupBy": keep, "Args.Workstation": asWorkstation, "Args.Order": keep, "Args.Pattern": asObject,
	"Args.Object": asObject, "Args.Kind": keep, "Args.Where": keep, "Args.Name": keep,
}

// Every field of this type holds instants, which the time shift moves.
var (
	timeType = reflect.TypeFor[time.Time]()
	refType  = reflect.TypeFor[twstools.Ref]()
)

// walker copies a value of the domain down to every slice, map and pointer, and changes strings, instants and references on the way.
type walker struct {
	text func(k kind, s string) string
	when func(time.Time) time.Time
	ref  func(twstools.Ref) twstools.Ref
}

// copyOf gives the changed copy of x.
func copyOf[T any](w walker, x T) T {
	v := reflect.ValueOf(&x).Elem()
	out := reflect.New(v.Type()).Elem()
	w.copy(out, v, asText)
	return out.Interface().(T) //nolint:errcheck // out was made with that type
}

func (w walker) copy(to, from reflect.Value, k kind) {
	switch from.Type() {
	case timeType:
		to.Set(reflect.ValueOf(w.when(from.Interface().(time.Time)))) //nolint:errcheck // it is of that type
		return
	case refType:
		to.Set(reflect.ValueOf(w.ref(from.Interface().(twstools.Ref)))) //nolint:errcheck // it is of that type
		return
	}
	switch from.Kind() {
	case reflect.String:
		to.SetString(w.text(k, strings.ToValidUTF8(from.String(), "\uFFFD")))
	case reflect.Struct:
		for i := range from.NumField() {
			f := from.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			w.copy(to.Field(i), from.Field(i), kindOf(from.Type(), f))
		}
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			w.copy(to.Elem(), from.Elem(), k)
		}
	case reflect.Slice:
		if !from.IsNil() {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				w.copy(to.Index(i), from.Index(i), k)
			}
		}
	case reflect.Map:
		if !from.IsNil() {
			to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
			for it := from.MapRange(); it.Next(); {
				key, val := reflect.New(from.Type().Key()).Elem(), reflect.New(from.Type().Elem()).Elem()
				w.copy(key, it.Key(), k)
				w.copy(val, it.Value(), k)
				to.SetMapIndex(key, val)
			}
		}
	case reflect.Interface:
		if !from.IsNil() {
			val := reflect.New(from.Elem().Type()).Elem()
			w.copy(val, from.Elem(), k)
			to.Set(val)
		}
	default:
		to.Set(from)
	}
}

func kindOf(t reflect.Type, f reflect.StructField) kind {
	if k, ok := fieldKinds[typeName(t)+"."+f.Name]; ok {
		return k
	}
	return asText
}

// typeName is a type's own name, without the parameters of a generic one.
func typeName(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

// walkStrings shows every string of a world with its kind.
func walkStrings(w *world.World, see func(kind, string)) {
	copyOf(walker{
		text: func(k kind, s string) string { see(k, s); return s },
		when: func(t time.Time) time.Time { return t },
		ref:  func(r twstools.Ref) twstools.Ref { return r },
	}, w)
}

// replace renames one string.
func (r *Redactor) replace(k kind, s string) string {
	switch k {
	case keep:
		return s
	case asText:
		return r.text(s)
	case asContact:
		if out := r.text(s); out != s || s == "" {
			return out
		}
		return r.name(k, s)
	case asFile:
		return r.path(s)
	case asHost:
		if s == "" {
			return s
		}
		return r.host(s)
	case asID:
		return r.id(s)
	case asStreamID:
		return r.streamID(s)
	}
	return r.name(k, s)
}
