package hwa

import (
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// v1Dependencies writes the dependencies of a job or job stream as one list, nil when none were sent. V1 has a list for each kind, and marks the members
// of a join by its name.
func v1Dependencies(o object) []any {
	all := o.obj("dependencies")
	if all == nil {
		return nil
	}
	out := []any{}
	joins := map[string]object{}
	add := func(d object, from object) {
		name := from.str("joinName")
		if name == "" {
			out = append(out, map[string]any(d))
			return
		}
		join := joins[name]
		if join == nil {
			join = object{"dependencyType": string(twstools.DepJoin), "joinName": name, "members": []any{}}
			join.put("joinQuantity", from["joinQuantity"])
			joins[name] = join
			out = append(out, map[string]any(join))
		}
		join["members"] = append(join.list("members"), map[string]any(d))
	}
	for _, kind := range []struct {
		key   string
		write func(object) object
	}{
		{"internalDependencyInPlan", func(d object) object { return v1Predecessor(d, twstools.DepInternal) }},
		{"externalDependencyInPlan", v1External}, {"conditionalDependencyInPlan", v1External},
		{"internetworkDependenciesInPlan", v1Internetwork}, {"internetworkDependencyInPlan", v1Internetwork},
		{"fileDependencyInPlan", v1FileDependency}, {"promptDependencyInPlan", v1PromptDependency}, {"resourceDependencyInPlan", v1ResourceDependency},
	} {
		for _, e := range all.list(kind.key) {
			d := asObject(e)
			if d == nil {
				continue
			}
			w := kind.write(d)
			if kind.key == "conditionalDependencyInPlan" {
				w["conditional"] = true
			}
			add(w, d)
		}
	}
	for _, join := range joins {
		settleJoin(join)
	}
	return out
}

// settleJoin says whether enough members of a join are satisfied, when all of them say so themselves. No quantity means all.
func settleJoin(join object) {
	members := join.list("members")
	need := join.int("joinQuantity")
	if need <= 0 {
		need = len(members)
	}
	for _, e := range members {
		done := asObject(e).boolean("satisfied")
		if done == nil {
			return
		}
		if *done {
			need--
		}
	}
	join["satisfied"] = need <= 0
}

// v1Base takes what all kinds share.
func v1Base(d object, typ twstools.DependencyType) object {
	out := object{"dependencyType": string(typ)}
	return out.copy(d, "id", "satisfied", "mandatory", "dependencyStatus")
}

func v1External(d object) object {
	if d.obj("jobKey", "jobInPlanKey") == nil && d.str("jobId") == "" {
		return v1Predecessor(d, twstools.DepExternalJobStream)
	}
	return v1Predecessor(d, twstools.DepExternalJob)
}

func v1Predecessor(d object, typ twstools.DependencyType) object {
	job := d.obj("jobKey", "jobInPlanKey")
	stream := d.obj("jobStreamKey", "jobStreamInPlanKey")
	if stream == nil {
		stream = job.obj("jobStreamInPlanKey", "jobStreamKey")
	}
	out := v1Base(d, typ).copy(d, "jobId", "jobStreamId", "jobWorkstationName", "pending", "zombie", "conditional")
	if !out.has("jobId") {
		out.put("jobId", job["id"])
	}
	if !out.has("jobStreamId") {
		out.put("jobStreamId", stream["id"])
	}
	if typ == twstools.DepExternalJobStream {
		delete(out, "jobId")
	}
	out.put("jobName", job["name"])
	out.put("jobStreamName", stream["name"])
	out.put("jobStreamFolder", v1Folder(stream))
	out.put("jobStreamSchedTime", stream["startTime"])
	out.put("jobStreamWorkstation", v1Path(stream.first("workstationKey", "workstationInPlanKey")))
	status := v1Status(d.obj("status"))
	out.put("predecessorStatus", status)
	out.put("predecessorCommonStatus", status["commonStatus"])
	if s := d.str("outputConditionList"); s != "" {
		var names []any
		for _, n := range strings.Split(s, ",") {
			names = append(names, strings.TrimSpace(n))
		}
		out["outputConditions"] = names
	}
	out.copy(d, "outputConditions")
	var conditions []any
	for _, s := range d.strs("statusConditions") {
		if s == "STARTED" { // conman's and V2's word for a job that has started is that of one that runs
			s = "EXEC"
		}
		conditions = append(conditions, query.StatusFromV1(s))
	}
	if conditions != nil {
		out["statusConditions"] = conditions
	}
	return out
}

func v1Internetwork(d object) object {
	out := v1Base(d, twstools.DepInternetwork).copy(d, "dependency")
	out.put("networkAgent", v1Path(d.first("workstationInPlanKey", "networkAgentKey", "networkAgent")))
	out.put("jobInPlanCompositeStatus", v1Status(d.obj("status")))
	return out
}

// asV2File writes a file that is waited for.
func asV2File(o object) object {
	key := o.obj("fileInPlanKey", "fileKey", "key")
	out := object{}.copy(o, "status", "name", "qualifier")
	out.put("name", key["name"])
	if !out.has("name") {
		out.put("name", o["fileName"])
	}
	if !out.has("qualifier") {
		out.put("qualifier", key["qualifier"])
	}
	out.put("workstation", v1Path(key.first("workstationInPlanKey", "workstationKey")))
	if !out.has("workstation") {
		out.put("workstation", v1Path(o.first("workstationInPlanKey", "workstationKey", "workstation", "workstationName")))
	}
	return out
}

func v1FileDependency(d object) object {
	out := v1Base(d, twstools.DepFile)
	file := d.obj("fileInPlan", "file")
	if file == nil {
		file = d
	}
	w := asV2File(file)
	if !w.has("status") {
		w.put("status", d.first("status", "fileStatus"))
	}
	out["file"] = map[string]any(w)
	out.put("timeLastChecked", d.first("timeLastCheck", "timeLastChecked"))
	return out
}

func v1PromptDependency(d object) object {
	key := d.obj("promptKey", "promptInPlanKey")
	out := v1Base(d, twstools.DepPrompt).copy(d, "text", "promptStatus", "promptType")
	out.put("promptName", key.first("name", "originalName"))
	out.put("number", d.first("promptNumber", "number"))
	out.put("workstation", v1Path(d.first("workstationInPlanKey", "workstationKey")))
	return out
}

func v1ResourceDependency(d object) object {
	key := d.obj("resourceKey", "resourceInPlanKey")
	out := v1Base(d, twstools.DepResource).copy(d, "quantity", "quantityHeld", "available", "totalQuantity")
	out.put("name", key.first("name", "originalName"))
	out.put("folder", v1Folder(key))
	out.put("workstation", v1Path(key.first("workstationInPlanKey", "workstationKey")))
	return out
}
