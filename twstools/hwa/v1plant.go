package hwa

import (
	"github.com/resync-hwa/resync/twstools/query"
)

// v1States pairs V1's booleans with V2's states, v1Flags with its flags. The pairing follows conman's letters ("showcpus" of the User's Guide).
var (
	v1States = []struct{ field, state string }{{"jobmanUp", "JOBMAN_UP"}, {"writerUp", "WRITER_UP"}, {"initialized", "IS_INITED"}, {"evtProcRunning", "EVT_PROC_RUNNING"},
		{"ssmRunning", "SSM_RUNNING"}, {"configUpdated", "CONFIG_UPDATED"}}
	v1Flags = []struct{ field, flag string }{{"autoLink", "AUTO_LINK"}, {"fullStatus", "FULL_STATUS"}, {"behindFirewall", "BEHIND_FIREWALL"}, {"tcpLink", "TCP_IP_LINK"},
		{"jobLauncherDisabled", "DISABLED_DEACTIVE_JOB_LAUNCHING_FLAG"}}
)

// asV2Workstation writes a workstation, its booleans as states and flags.
func asV2Workstation(o object) object {
	key := o.obj("key", "workstationInPlanKey", "workstationKey")
	out := object{}.copy(o, "id", "nodeName", "os", "timeZone", "limit", "fence", "version", "timeStarted", "description", "ignore", "name")
	if path := v1Path(map[string]any(key)); path != "" {
		out["name"] = path
	}
	out.put("folder", v1Folder(key))
	if !out.has("folder") {
		out.put("folder", o["folderName"])
	}
	out.put("type", query.WorkstationTypeFromV1(o.str("type")))
	out.put("domainName", v1Path(o.first("domainInPlanKey", "domainKey", "domainName")))
	out.put("hostWorkstation", v1Path(o.first("hostWorkstationKey", "hostWorkstation")))
	out.put("runNumber", o.first("symRunNumber"))
	out.put("requested", o["requestedJobs"])
	states, known := []any{}, false
	if link := o.str("linkStatus"); link != "" {
		states, known = append(states, link), true
	}
	for _, p := range v1States {
		known = known || o[p.field] != nil
		if o.is(p.field) {
			states = append(states, p.state)
		}
	}
	switch o.str("applicationServerStatus") {
	case "RUNNING":
		states = append(states, "SERVER_STARTED")
	case "RESTARTING":
		states = append(states, "SERVER_RESTARTING")
	}
	if known {
		out["activeStates"] = states
	}
	var flags []any
	for _, p := range v1Flags {
		if o.is(p.field) {
			flags = append(flags, p.flag)
		}
	}
	if flags != nil {
		out["activeFlags"] = flags
	}
	return out
}

// asV2Resource writes a resource and who holds its units.
func asV2Resource(o object) object {
	key := o.obj("resourceInPlanKey", "resourceKey", "key")
	out := object{}.copy(o, "id", "quantityAvailable", "quantityInUse", "status", "description")
	out.put("name", key.first("name", "originalName"))
	out.put("folder", v1Folder(key))
	out.put("workstation", v1Path(key.first("workstationInPlanKey", "workstationKey")))
	out.put("quantity", o.first("quantityDefined", "quantity"))
	var holders []any
	for _, e := range o.list("holders") {
		h := asObject(e)
		if h == nil {
			continue
		}
		job, stream := h.obj("jobKey", "jobInPlanKey"), h.obj("jobStreamKey", "jobStreamInPlanKey")
		if stream == nil {
			stream = job.obj("jobStreamInPlanKey")
		}
		w := object{}.copy(h, "quantity", "jobId", "jobStreamId")
		w.put("job", job.str("name"))
		w.put("jobStream", stream.str("name"))
		if !w.has("jobId") {
			w.put("jobId", job["id"])
		}
		if !w.has("jobStreamId") {
			w.put("jobStreamId", stream["id"])
		}
		holders = append(holders, map[string]any(w))
	}
	if holders != nil {
		out["holders"] = holders
	}
	return out
}

// asV2Prompt writes a prompt.
func asV2Prompt(o object) object {
	key := o.obj("promptInPlanKey", "promptKey", "key")
	out := object{}.copy(o, "id", "text", "status", "type", "number", "timeAsked", "timeRespond", "jobId", "jobStreamId")
	out.put("name", key.first("name", "originalName"))
	out.put("folder", v1Folder(key))
	out.put("workstation", v1Path(o.first("workstationInPlanKey", "workstationKey")))
	job, stream := o.obj("jobInPlanKey", "jobKey"), o.obj("jobStreamInPlanKey", "jobStreamKey")
	if !out.has("jobId") {
		out.put("jobId", job["id"])
	}
	if !out.has("jobStreamId") {
		out.put("jobStreamId", stream["id"])
	}
	return out
}
