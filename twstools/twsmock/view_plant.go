package twsmock

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

func (v *view) workstation(w twstools.Workstation) wireWorkstation {
	name := w.Name[strings.LastIndexByte(w.Name, '/')+1:]
	states := slices.Clone(w.ActiveStates)
	// OQL knows UNLINKED, the interface's list of states does not: a workstation that is not linked simply lacks LINKED.
	states = slices.DeleteFunc(states, func(s string) bool { return s == "UNLINKED" })
	return wireWorkstation{ID: w.Ref.ID, Name: name, FolderID: world.FolderID(w.Folder), Folder: w.Folder, Key: onWire(w.Name), RunNumber: w.RunNumber, Description: w.Description,
		ActiveStates: append([]string{}, states...), ActiveFlags: append([]string{}, w.ActiveFlags...), Type: w.Type, OS: w.OS, TimeZone: w.TimeZone, Node: w.Node, Domain: w.Domain,
		Limit: w.Limit, Fence: w.Fence, Version: w.Version, Started: instant(w.TimeStarted), Host: onWire(w.Host), Ignore: w.Ignored}
}

func (v *view) resource(r twstools.Resource) wireResource {
	out := wireResource{ID: r.Ref.ID, Name: r.Name, FolderID: world.FolderID(r.Folder), Folder: r.Folder, Key: onWire(r.Workstation) + "#" + strings.TrimSuffix(r.Folder, "/") + "/" + r.Name,
		WorkstationID: v.ws[r.Workstation], Workstation: onWire(r.Workstation), Quantity: r.Quantity, Available: r.Available, InUse: r.InUse, Status: r.Status,
		Holders: []wireHolder{}, Description: r.Description}
	for _, h := range r.Holders {
		out.Holders = append(out.Holders, wireHolder{Stream: h.JobStream, StreamID: h.JobStreamRef.ID, Job: h.Job, JobID: h.JobRef.ID, JobKey: h.JobKey, Quantity: h.Quantity})
	}
	return out
}

func (v *view) prompt(p twstools.Prompt) wirePrompt {
	return wirePrompt{ID: p.Ref.ID, Name: p.Name, Folder: p.Folder, Key: strings.TrimSuffix(p.Folder, "/") + "/" + p.Name, Text: p.Text, Number: p.Number, Status: p.Status, Type: p.Type,
		JobID: p.JobRef.ID, JobKey: p.JobKey, StreamID: p.JobStreamRef.ID, StreamKey: p.JobStreamKey, Workstation: onWire(p.Workstation), Asked: instant(p.AskedAt), Responded: instant(p.AnsweredAt)}
}

func (v *view) dependencies(ds []twstools.Dependency) []wireDependency {
	var out []wireDependency
	for i, d := range ds {
		w := v.dependency(d)
		w.Sequence = i + 1
		out = append(out, w)
	}
	return out
}

func (v *view) dependency(d twstools.Dependency) wireDependency {
	out := wireDependency{Type: string(d.Type), ID: d.ID, State: d.State, Satisfied: d.Satisfied, Mandatory: d.Mandatory}
	switch d.Type {
	case twstools.DepInternal, twstools.DepExternalJob, twstools.DepExternalJobStream:
		follows(&out, d)
	case twstools.DepJoin:
		n := d.JoinQuantity
		out.JoinName, out.JoinQuantity, out.Criteria = d.JoinName, &n, "AT_LEAST"
		if n == 0 {
			out.Criteria = "ALL"
		}
		out.Members = v.dependencies(d.Members)
	case twstools.DepFile:
		out.File = &wireFile{Name: d.File, Qualifier: d.FileQualifier, Status: d.FileState, Workstation: onWire(d.Workstation)}
		out.Checked = instant(d.LastChecked)
	case twstools.DepResource:
		units := d.Units
		out.Name, out.Folder, out.Workstation, out.Quantity, out.Held, out.Available, out.Total = d.Resource, d.ResourceFolder, onWire(d.Workstation), &units, d.UnitsHeld, d.UnitsAvailable, d.UnitsTotal
	case twstools.DepInternetwork:
		s := status(d.RemoteStatus)
		out.Dependency, out.NetworkAgent, out.RemoteJob = d.Remote, onWire(d.NetworkAgent), &s
	case twstools.DepPrompt:
		out.PromptName, out.PromptNumber, out.PromptText, out.PromptStatus, out.PromptType = d.Prompt, d.PromptNumber, d.PromptText, d.PromptStatus, d.PromptType
		out.Workstation = onWire(d.Workstation)
	}
	return out
}

// follows writes a dependency on a job or job stream. One inside the same stream names the stream, but not by its id.
func follows(out *wireDependency, d twstools.Dependency) {
	s := status(d.PredecessorStatus)
	conditional := d.Conditional
	out.JobID, out.JobName, out.StreamName, out.StreamFolder, out.StreamWorkstation, out.StreamSched = d.JobRef.ID, d.Job, d.Stream, d.StreamFolder, onWire(d.StreamWorkstation), instant(d.StreamSched)
	out.Predecessor, out.Conditional, out.Statuses, out.Outputs = &s, &conditional, d.StatusConditions, d.OutputConditions
	if d.Type != twstools.DepInternal {
		pending, orphan := d.Pending, d.Orphan
		out.StreamID, out.Pending, out.Zombie = d.StreamRef.ID, &pending, &orphan
	}
}
