package hwa

import (
	"slices"

	"github.com/resync-hwa/resync/twstools"
)

func (c decoder) workstation(o object, _ bool) twstools.Workstation {
	w := twstools.Workstation{
		Ref:          c.ref(identity(o)),
		Name:         inFolder(o.str("folder", "folderName"), o.str("name")),
		Folder:       folderPath(o.str("folder", "folderName")),
		Type:         o.str("type"),
		Domain:       display(o.str("domainName", "domain")),
		Host:         display(o.str("hostWorkstation", "host")),
		Node:         o.str("nodeName"),
		OS:           o.str("os"),
		TimeZone:     o.str("timeZone", "timezone"),
		Limit:        o.integer("limit"),
		Fence:        fence(o),
		Ignored:      o.is("ignore"),
		ActiveStates: o.strs("activeStates"),
		ActiveFlags:  o.strs("activeFlags"),
		StatesKnown:  o["activeStates"] != nil,
		Version:      o.str("version"),
		TimeStarted:  o.instant("timeStarted"),
		RunNumber:    o.integer("runNumber"),
		Description:  o.raw("description"),
		Requested:    o.integer("requested"),
	}
	// The older interface says the same with a link status and a flag; its words are kept.
	if link := o.str("linkStatus"); !w.StatesKnown && link != "" {
		w.ActiveStates, w.StatesKnown = []string{link}, true
		if o.is("jobmanUp") {
			w.ActiveStates = append(w.ActiveStates, "JOBMAN_UP")
		}
	} else if w.StatesKnown && o.is("jobmanUp") && !slices.Contains(w.ActiveStates, "JOBMAN_UP") {
		w.ActiveStates = append(w.ActiveStates, "JOBMAN_UP")
	}
	return w
}

func fence(o object) *int {
	if n := o.integer("fence"); n != nil {
		return n
	}
	return priority(object{"priority": o["fence"]}) // HI and GO are fences too
}

func (c decoder) resource(o object, _ bool) twstools.Resource {
	folder, name := splitName(o.str("name"))
	if f := o.str("folder", "folderName"); f != "" || folder == "" {
		folder = folderPath(f)
	}
	r := twstools.Resource{
		Ref:         c.ref(identity(o)),
		Name:        name,
		Folder:      folder,
		Workstation: inFolder(o.str("workstationFolder"), o.str("workstation", "workstationName")),
		Quantity:    o.integer("quantity", "totalQuantity"),
		Available:   o.integer("quantityAvailable", "available"),
		InUse:       o.integer("quantityInUse"),
		Status:      o.str("status"),
		Description: o.raw("description"),
	}
	for _, e := range o.list("holders") {
		m := asObject(e)
		if m == nil {
			continue
		}
		r.Holders = append(r.Holders, twstools.Holder{
			Job: m.str("job", "jobName"), JobStream: m.str("jobStream", "jobStreamName"),
			JobRef: c.ref(m.raw("jobId")), JobStreamRef: c.ref(m.raw("jobStreamId")),
			JobKey: displayKey(m.str("jobKey")), Quantity: m.integer("quantity"),
		})
	}
	return r
}

func (c decoder) prompt(o object, _ bool) twstools.Prompt {
	folder, name := splitName(o.str("name", "promptName"))
	if f := o.str("folder", "folderName"); f != "" || folder == "" {
		folder = folderPath(f)
	}
	return twstools.Prompt{
		Ref:          c.ref(identity(o)),
		Name:         name,
		Folder:       folder,
		Text:         o.raw("text", "promptText"),
		Status:       o.str("status", "promptStatus"),
		Type:         o.str("type", "promptType"),
		Number:       o.integer("number"),
		Workstation:  display(o.str("workstation")),
		JobRef:       c.ref(o.raw("jobId")),
		JobStreamRef: c.ref(o.raw("jobStreamId")),
		JobKey:       displayKey(o.str("jobKey")),
		JobStreamKey: displayKey(o.str("jobStreamKey")),
		AskedAt:      o.instant("timeAsked"),
		AnsweredAt:   o.instant("timeRespond", "timeResponded"),
	}
}
