package hwa

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/query"
)

// V1 says the same as V2 under other names and in other places: keys are objects, durations milliseconds, states booleans. Each function here writes
// one V1 object the way V2 would, so that there is one decoder for both. What V1 did not send is left out, so that it still counts as not sent.

// put copies a value under another name, if it was sent.
func (o object) put(key string, v any) {
	switch v := v.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
	case object:
		if len(v) == 0 {
			return
		}
		o[key] = map[string]any(v)
		return
	}
	o[key] = v
}

// copy takes fields that have the same name in both.
func (o object) copy(from object, keys ...string) object {
	for _, k := range keys {
		o.put(k, from[k])
	}
	return o
}

// first gives the first of the fields that was sent at all.
func (o object) first(keys ...string) any {
	for _, k := range keys {
		if v := o[k]; v != nil && v != "" {
			return v
		}
	}
	return nil
}

// v1Folder is the folder of a key, "" when it was not sent.
func v1Folder(key object) string {
	f := key.first("folderKey", "folder", "folderName")
	switch f := f.(type) {
	case string:
		return folderPath(f)
	case map[string]any:
		if s := object(f).str("name", "keyText", "path"); s != "" {
			return folderPath(s)
		}
	}
	return ""
}

// v1Path is the path of what a key names, as V2 writes it: "/MDM", "/PROD/LX1". A bare text is such a name too.
func v1Path(v any) string {
	switch v := v.(type) {
	case string:
		return slashed(v)
	case map[string]any:
		key := object(v)
		name := key.str("name", "originalName", "keyText")
		if folder := v1Folder(key); name != "" && !strings.Contains(name, "/") && folder != "" && folder != "/" {
			return folder + "/" + name
		}
		return slashed(name)
	}
	return ""
}

func slashed(name string) string {
	name = strings.TrimSpace(name)
	if name == "" || name[0] == '/' {
		return name
	}
	return "/" + name
}

// v1Status writes a status with V2's word for the internal one; the common one stays as sent.
func v1Status(o object) object {
	out := object{}
	if word := o.str("internalStatus", "status"); word != "" {
		out["status"] = query.StatusFromV1(word)
	}
	return out.copy(o, "canceled", "commonStatus")
}

// asV2Job writes one row: a job with the one run that the row is about.
func asV2Job(o object) object {
	if o.obj("key") != nil && o.obj("jobStreamInPlan") == nil {
		o = v1NodeAsJob(o)
	}
	stream := o.obj("jobStreamInPlan", "jobStreamInPlanKey", "jobStreamKey")
	def := o.obj("jobDefinition")
	defKey := def.obj("jobDefinitionInPlanKey", "key")
	network := o.obj("criticalNetworkInfo")
	out := object{}
	out.copy(o, "id", "name", "priority", "timeZone", "dependenciesStats")
	out.put("folder", v1Folder(stream))
	out.put("jobStreamFolder", v1Folder(stream))
	out.put("jobStreamId", o.first("jobStreamId"))
	if !out.has("jobStreamId") {
		out.put("jobStreamId", stream.first("id"))
	}
	out.put("jobStreamName", stream.str("name"))
	out.put("schedTime", stream.first("startTime", "inputArrivalTime"))
	out.put("jobStreamWorkstation", v1Path(stream.first("workstationKey", "workstationInPlanKey", "workstationName")))
	out.put("workstation", v1Path(o.first("workstationInPlan", "workstationInPlanKey", "workstationKey", "workstationName")))
	if !out.has("workstation") {
		out.put("workstation", v1Path(defKey.first("workstationInPlanKey", "workstationKey")))
	}
	status := v1Status(o.obj("status"))
	out.put("lastRunCommonStatus", status["commonStatus"])
	if b := o["pendingCancellation"]; b != nil {
		status["cancelPending"] = b
	}
	out.put("lastRunCompositeStatus", status)
	out.put("jobStatusFlags", object{}.copy(o, "jobLate", "untilGone", "needMessage", "deadlineHasPassed", "jobStreamCancelled"))
	options := object{}.copy(o, "noOperation", "every", "requiresConfirmation")
	options.put("critical", network["critical"])
	out.put("jobOptions", options)
	out.put("jobDefinition", v1Definition(o, def, defKey))
	out.put("timeRestrictions", v1Restrictions(o.obj("timeRestriction", "timeRestrictions")))
	out.put("criticalStart", network["criticalStart"])
	out.put("endTime", network.first("estimatedEndTime"))
	if list := v1Dependencies(o); list != nil {
		out["dependencies"] = list
	}
	if run := v1Run(o, def, status); run != nil {
		out["jobruns"] = []any{map[string]any(run)}
	}
	return out
}

func v1Definition(job, def, key object) object {
	out := object{}.copy(def, "estimatedDuration", "recoveryOption", "userLogins", "abendPromptText", "abendPromptName")
	out.put("name", key["name"])
	out.put("workstation", v1Path(key.first("workstationInPlanKey", "workstationKey")))
	out.put("description", firstOf(def, "description"))
	if !out.has("description") {
		out.put("description", job["description"])
	}
	out.put("task", def.first("taskString", "jsdl"))
	out.put("isCommand", def["command"])
	if s := def.str("userLogin"); s != "" {
		out["userLogins"] = s
	}
	if !out.has("estimatedDuration") {
		out.put("estimatedDuration", job.obj("timeInfo")["estimatedDuration"])
	}
	if k := def.obj("recoveryJobKey"); k != nil {
		out.put("recoveryJobName", k["name"])
	}
	return out.copy(def, "recoveryJobName")
}

func v1Restrictions(o object) object {
	out := object{}.copy(o, "startTime", "deadlineTime", "maxDuration", "maxDurationAction", "minDuration", "untilAction")
	out.put("untilTime", o["untilTime"])
	out.put("deadlineAction", o.first("deadlineAction", "lateAction"))
	return out
}

// notEnded are the internal statuses, in V2's words, of a job that has no return code yet; a number there is a field's default.
var notEnded = []string{"ADD", "HOLD", "SCHED", "READY", "FENCE", "INTRO", "WAIT", "EXEC", "BOUND", "SUSP"}

// ran are those that a job can only have by running, or by trying to.
var ran = []string{"INTRO", "WAIT", "EXEC", "SUCC", "SUCCP", "ABEND", "ABENP", "FAIL", "PEND", "END", "BOUND"}

// v1Run writes the row's run, nil for a job that has not run. The job log is read by the id of the row, so that is the run's.
func v1Run(o, def, status object) object {
	t := o.obj("timeInfo")
	word := status.str("status")
	number := o.integer("jobNumber")
	if t.instant("actualStartTime").IsZero() && (number == nil || *number <= 0) && !slices.Contains(ran, word) {
		return nil
	}
	out := object{"compositeStatus": map[string]any(status)}
	out.copy(o, "id", "jobNumber", "rerunType", "lastInRerunChain", "confirmed", "maxDurationGone", "minDurationNotReached", "step")
	out.put("commonStatus", status["commonStatus"])
	out.put("actualWorkstation", v1Path(o.first("actualWorkstation", "actualWorkstationKey")))
	out.put("timeInfo", t)
	if !slices.Contains(notEnded, word) {
		out.put("returnCode", def["returnCode"])
		if !out.has("returnCode") {
			out.put("returnCode", o["returnCode"])
		}
	}
	var conditions []any
	for _, e := range def.list("outputConditions") {
		if m := asObject(e); m != nil {
			conditions = append(conditions, map[string]any(m))
		}
	}
	if conditions != nil {
		out["outputConditions"] = conditions
	}
	return out
}

// asV2Stream writes a job stream.
func asV2Stream(o object) object {
	key := o.obj("key", "jobStreamInPlanKey", "jobStreamKey")
	if nested := key.obj("jobStreamInPlanKey"); nested != nil { // a node of a network
		key = nested
	}
	out := object{}.copy(o, "id", "originalJobStreamName", "aliasJobStreamName", "internalIdentifier", "timeZone", "limit", "jobStreamStats", "timeInfo", "dependenciesStats",
		"priority", "submitter", "serviceName", "serviceContact")
	if !out.has("id") {
		out.put("id", key["id"])
	}
	out.put("name", key.first("name"))
	if !out.has("name") {
		out.put("name", o["name"])
	}
	out.put("folder", v1Folder(key))
	if !out.has("folder") {
		out.put("folder", o["folderName"])
	}
	out.put("schedTime", key.first("startTime"))
	if !out.has("schedTime") {
		out.put("schedTime", o.first("scheduledDate", "productionDate"))
	}
	out.put("workstation", v1Path(key.first("workstationKey", "workstationInPlanKey")))
	if !out.has("workstation") {
		out.put("workstation", v1Path(o.first("workstation", "workstationName")))
	}
	status := v1Status(o.obj("status"))
	if b := o["pendingCancellation"]; b != nil {
		status["cancelPending"] = b
	}
	out.put("commonStatus", status["commonStatus"])
	out.put("compositeStatus", status)
	out.put("jsDefinitionFlags", object{}.copy(o, "carriedForward"))
	out.put("jsStatusFlags", object{}.copy(o, "lateJobStream", "pendingPredecessor"))
	out.put("timeRestrictions", v1Restrictions(o.obj("timeRestriction", "timeRestrictions")))
	if list := v1Dependencies(o); list != nil {
		out["dependencies"] = list
	}
	return out
}

// v1NodeAsJob gives a node of a network (what comes before and after a job) the form of a row.
func v1NodeAsJob(o object) object {
	key := o.obj("key")
	out := object{}.copy(o, "id", "jobDefinition", "criticalNetworkInfo", "jobStreamId", "priority", "status", "timeRestriction", "timeInfo", "timeZone", "dependenciesStats",
		"workstationInPlan", "jobNumber", "rerunType", "lastInRerunChain", "actualWorkstation")
	if !out.has("id") {
		out.put("id", key["id"])
	}
	out.put("name", key["name"])
	out.put("jobStreamInPlan", key.obj("jobStreamInPlanKey", "jobStreamKey"))
	return out
}
