package twstools

import (
	"maps"
	"slices"

	"github.com/resync-hwa/resync/twstools/query"
)

// dependencyFields are the fields that jobs and job streams share, read from their dependencies. The scheduler's lists leave
// dependencies out of what they return, yet filter by them.
var dependencyFields = fields[[]Dependency]{
	"dependencies.dependencyStatus":     everyDependency(func(d Dependency) []query.Value { return text(d.State) }),
	"dependencies.dependencyType":       everyDependency(func(d Dependency) []query.Value { return text(string(d.Type)) }),
	"dependencies.jobId":                everyDependency(func(d Dependency) []query.Value { return text(d.JobRef.ID) }),
	"dependencies.jobStreamId":          everyDependency(func(d Dependency) []query.Value { return text(d.StreamRef.ID) }),
	"dependencies.jobStreamName":        everyDependency(func(d Dependency) []query.Value { return text(d.Stream) }),
	"dependencies.jobStreamFolder":      everyDependency(func(d Dependency) []query.Value { return folder(d.StreamFolder) }),
	"dependencies.jobStreamWorkstation": everyDependency(func(d Dependency) []query.Value { return path(d.StreamWorkstation) }),
	"dependencies.jobName":              everyDependency(func(d Dependency) []query.Value { return text(d.Job) }),
	"dependencies.fileName":             everyDependency(func(d Dependency) []query.Value { return text(d.File) }),
	"dependencies.fileWorkstation":      everyDependency(onlyOf(DepFile, func(d Dependency) []query.Value { return path(d.Workstation) })),
	"dependencies.promptName":           everyDependency(func(d Dependency) []query.Value { return text(d.Prompt) }),
	"dependencies.promptNumber":         everyDependency(func(d Dependency) []query.Value { return number(d.PromptNumber) }),
	"dependencies.resourceName":         everyDependency(func(d Dependency) []query.Value { return text(d.Resource) }),
	"dependencies.resourceWorkstation":  everyDependency(onlyOf(DepResource, func(d Dependency) []query.Value { return path(d.Workstation) })),
}

// countedTypes are the types of dependency that each count of the engine's statistics covers.
var countedTypes = map[string][]DependencyType{
	"dependenciesStats.numberOfJobDependencies":          {DepInternal, DepExternalJob},
	"dependenciesStats.numberOfJobStreamDependencies":    {DepExternalJobStream},
	"dependenciesStats.numberOfFileDependencies":         {DepFile},
	"dependenciesStats.numberOfInternetworkDependencies": {DepInternetwork},
	"dependenciesStats.numberOfPromptDependencies":       {DepPrompt},
	"dependenciesStats.numberOfResourceDependencies":     {DepResource},
}

// unresolvedField counts what is still open; unlike the others it is known without the list.
const unresolvedField = "dependenciesStats.numberOfUnresolvedDependencies"

// withDependencies adds the shared fields to those of one object.
func withDependencies[T any](own fields[T], list func(T) []Dependency, unresolved func(T) *int, told func(T) map[DependencyType]int) fields[T] {
	out := maps.Clone(own)
	for name, read := range dependencyFields {
		out[name] = func(t T) []query.Value { return read(list(t)) }
	}
	for name, types := range countedTypes {
		out[name] = func(t T) []query.Value {
			counts := told(t)
			if ds := list(t); counts == nil || len(ds) > 0 {
				counts = CountDependencies(ds)
			}
			n := 0
			for _, typ := range types {
				n += counts[typ]
			}
			return number(&n)
		}
	}
	out[unresolvedField] = func(t T) []query.Value {
		if n := unresolved(t); n != nil {
			return number(n)
		}
		n := len(slices.DeleteFunc(slices.Clone(list(t)), func(d Dependency) bool { open, _ := d.Open(); return !open }))
		return number(&n)
	}
	return out
}

// everyDependency reads every dependency, and the members of a join with it.
func everyDependency(read func(Dependency) []query.Value) func([]Dependency) []query.Value {
	return func(ds []Dependency) []query.Value {
		var out []query.Value
		for _, d := range ds {
			out = append(out, read(d)...)
			for _, m := range d.Members {
				out = append(out, read(m)...)
			}
		}
		return out
	}
}

// onlyOf reads dependencies of one type and passes over the others.
func onlyOf(typ DependencyType, read func(Dependency) []query.Value) func(Dependency) []query.Value {
	return func(d Dependency) []query.Value {
		if d.Type != typ {
			return nil
		}
		return read(d)
	}
}

// CountDependencies counts dependencies by type as the engine's statistics do: the members of a join with the others, one within the job
// stream among those on jobs (DepExternalJob). Every counted type is there, with zero where none is.
func CountDependencies(ds []Dependency) map[DependencyType]int {
	out := map[DependencyType]int{DepExternalJob: 0, DepExternalJobStream: 0, DepFile: 0, DepInternetwork: 0, DepPrompt: 0, DepResource: 0}
	count := func(d Dependency) {
		if d.Type == DepInternal {
			d.Type = DepExternalJob
		}
		if _, ok := out[d.Type]; ok {
			out[d.Type]++
		}
	}
	for _, d := range ds {
		count(d)
		for _, m := range d.Members {
			count(m)
		}
	}
	return out
}
