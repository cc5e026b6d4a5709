package hwa

import (
	"github.com/resync-hwa/resync/twstools"
)

// dependencies reads the list and says whether it may be believed to be all of them. In a list of objects an empty array says nothing:
// the interface leaves dependencies out there. Neither does an array that the engine's own count contradicts.
func (c decoder) dependencies(o object, whole bool) (deps []twstools.Dependency, known bool, count, unresolved *int) {
	stats := o.obj("dependenciesStats")
	count, unresolved = dependencyCount(stats), stats.integer("numberOfUnresolvedDependencies")
	list, isList := o["dependencies"].([]any)
	for _, e := range list {
		if m := asObject(e); m != nil {
			deps = append(deps, c.dependency(m))
		}
	}
	switch {
	case len(deps) > 0:
		known = true
	case count != nil:
		known = *count == 0
	default:
		known = isList && whole
	}
	return deps, known, count, unresolved
}

// dependencyCount takes the total, else adds up the kinds where all are given.
func dependencyCount(stats object) *int {
	if n := stats.integer("numberOfDependencies"); n != nil {
		return n
	}
	sum := 0
	for _, kind := range []string{"Job", "JobStream", "File", "Internetwork", "Prompt", "Resource"} {
		n := stats.integer("numberOf" + kind + "Dependencies")
		if n == nil {
			return nil
		}
		sum += *n
	}
	return &sum
}

// countsByType reads how many dependencies of each type there are; nil when the engine told none of the counts.
func countsByType(stats object) map[twstools.DependencyType]int {
	var out map[twstools.DependencyType]int
	for kind, typ := range map[string]twstools.DependencyType{"Job": twstools.DepExternalJob, "JobStream": twstools.DepExternalJobStream, "File": twstools.DepFile,
		"Internetwork": twstools.DepInternetwork, "Prompt": twstools.DepPrompt, "Resource": twstools.DepResource} {
		if n := stats.integer("numberOf" + kind + "Dependencies"); n != nil {
			if out == nil {
				out = map[twstools.DependencyType]int{}
			}
			out[typ] = *n
		}
	}
	return out
}

func (c decoder) dependency(o object) twstools.Dependency {
	d := twstools.Dependency{
		ID:        o.raw("id"),
		Type:      twstools.DependencyType(o.str("dependencyType", "type")),
		State:     o.str("dependencyStatus"),
		Satisfied: o.boolean("satisfied"),
		Mandatory: o.boolean("mandatory"),
	}
	if d.Type == "" {
		d.Type = guessType(o)
	}
	switch d.Type {
	case twstools.DepJoin:
		c.join(&d, o)
	case twstools.DepFile:
		fileDependency(&d, o)
	case twstools.DepResource:
		resourceDependency(&d, o)
	case twstools.DepPrompt:
		promptDependency(&d, o)
	case twstools.DepInternetwork:
		c.predecessor(&d, o)
		d.Remote, d.NetworkAgent = o.str("dependency"), display(o.str("networkAgent"))
		d.RemoteStatus = statusOf(o, nil, []string{"jobInPlanCompositeStatus", "jobStreamInPlanCompositeStatus", "predecessorStatus"})
	default:
		c.predecessor(&d, o)
	}
	return d
}

// guessType names the type of a dependency whose server left it out, by the fields that only that type has.
func guessType(o object) twstools.DependencyType {
	switch {
	case o.has("members") || o.has("joinName"):
		return twstools.DepJoin
	case o.has("file") || o.has("fileName"):
		return twstools.DepFile
	case o.has("promptStatus") || o.has("promptName"):
		return twstools.DepPrompt
	case o.has("quantityHeld") || o.has("available") || o.has("totalQuantity"):
		return twstools.DepResource
	case o.has("networkAgent"):
		return twstools.DepInternetwork
	case o.has("jobId") || o.has("jobName"):
		return twstools.DepExternalJob
	case o.has("jobStreamId") || o.has("jobStreamName"):
		return twstools.DepExternalJobStream
	}
	return ""
}

func (c decoder) predecessor(d *twstools.Dependency, o object) {
	folder, stream := splitName(o.str("jobStreamName"))
	if f := o.str("jobStreamFolder", "folderOriginalName"); f != "" || folder == "" && stream != "" {
		folder = folderPath(f)
	}
	d.JobRef, d.Job = c.ref(o.raw("jobId")), o.str("jobName")
	d.StreamRef, d.Stream, d.StreamFolder = c.ref(o.raw("jobStreamId")), stream, folder
	d.StreamWorkstation = display(o.str("jobStreamWorkstation"))
	d.Workstation = display(o.str("jobWorkstationName", "workstation"))
	d.StreamSched = o.instant("jobStreamSchedTime")
	d.PredecessorStatus = statusOf(o, []string{"predecessorCommonStatus"}, []string{"predecessorStatus"})
	d.Pending, d.Orphan = o.is("pending"), o.is("zombie")
	d.Conditional = o.is("conditional")
	d.OutputConditions, d.StatusConditions = conditions(o["outputConditions"]), conditions(o["statusConditions"])
}

// conditions keeps each condition whole: unlike a set of states it may hold spaces.
func conditions(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		if v != "" {
			out = []string{v}
		}
	case []any:
		for _, e := range v {
			s := text(e)
			if m := asObject(e); m != nil {
				s = m.str("conditionName", "name")
			}
			if s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

func (c decoder) join(d *twstools.Dependency, o object) {
	d.JoinName, d.JoinQuantity = o.str("joinName", "name"), o.int("joinQuantity")
	for _, e := range o.list("members") {
		if m := asObject(e); m != nil {
			d.Members = append(d.Members, c.dependency(m))
		}
	}
}

func fileDependency(d *twstools.Dependency, o object) {
	f := o.obj("file")
	if f == nil { // the file's fields on the dependency itself, or the bare name
		f = object{"name": o["file"], "qualifier": o["qualifier"], "status": o["fileStatus"], "workstation": o["workstation"]}
		if f.str("name") == "" {
			f["name"] = firstOf(o, "fileName", "filename", "name")
		}
	}
	d.File, d.FileQualifier, d.FileState = f.raw("name", "fileName"), f.raw("qualifier"), f.str("status")
	d.Workstation = display(f.str("workstation"))
	if d.Workstation == "" {
		d.Workstation = display(o.str("workstation"))
	}
	d.LastChecked = o.instant("timeLastChecked")
}

func firstOf(o object, keys ...string) any {
	for _, k := range keys {
		if o[k] != nil {
			return o[k]
		}
	}
	return nil
}

func resourceDependency(d *twstools.Dependency, o object) {
	folder, name := splitName(o.str("name", "originalName", "resourceName", "resource"))
	if f := o.str("folder"); f != "" || folder == "" && name != "" {
		folder = folderPath(f)
	}
	d.Resource, d.ResourceFolder = name, folder
	d.Workstation = display(o.str("workstation", "workstationOriginalName"))
	d.Units, d.UnitsHeld = o.int("quantity"), o.integer("quantityHeld")
	d.UnitsTotal = o.integer("totalQuantity")
	d.UnitsAvailable = o.integer("available", "quantityAvailable")
}

func promptDependency(d *twstools.Dependency, o object) {
	_, d.Prompt = splitName(o.str("promptName", "promptOriginalName", "name"))
	d.PromptNumber, d.PromptText = o.integer("number"), o.raw("text")
	d.PromptStatus, d.PromptType = o.str("promptStatus", "status"), o.str("promptType")
	d.Workstation = display(o.str("workstation", "workstationOriginalName"))
}
