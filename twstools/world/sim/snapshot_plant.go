package sim

import (
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

func lower(s string) string { return strings.ToLower(s) }

// isoSpan writes a duration as the interface does.
func isoSpan(d time.Duration) string { return fmt.Sprintf("PT%dS", int(d.Seconds())) }

func (s *Sim) worldDeps(deps []*dep) ([]twstools.Dependency, *int) {
	var out []twstools.Dependency
	left := 0
	for _, d := range deps {
		if d.kind == "" {
			continue // met, and its predecessor has left the plan
		}
		x := s.worldDep(d)
		if still, _ := x.Open(); still {
			left++
		}
		out = append(out, x)
	}
	return out, &left
}

func (s *Sim) worldDep(d *dep) twstools.Dependency {
	is := d.met || d.waived
	out := twstools.Dependency{ID: d.id, Type: d.kind, Satisfied: &is, State: map[bool]string{true: "SATISFIED", false: "UNSATISFIED"}[is], Pending: !d.pending.IsZero(), Orphan: d.orphan,
		Conditional: d.conditional, StatusConditions: d.need.If, OutputConditions: d.need.Conditions}
	if !is && (out.Pending || out.Orphan) {
		out.State = "UNDECIDED"
	}
	switch d.kind {
	case twstools.DepInternal, twstools.DepExternalJob, twstools.DepExternalJobStream:
		s.predecessor(d, &out)
	case twstools.DepJoin:
		out.JoinName, out.JoinQuantity = d.need.Join, d.need.Quantity
		for _, m := range d.members {
			if m.kind != "" {
				out.Members = append(out.Members, s.worldDep(m))
			}
		}
	case twstools.DepFile:
		out.File, out.FileQualifier, out.Workstation = d.file.path, d.need.Qualifier, d.file.on.name
		switch {
		case is:
			out.FileState = "Exists"
		case d.polledFrom.IsZero():
			out.FileState = "Not Checked"
		default:
			out.FileState, out.LastChecked = "Unavailable", s.lastPoll(d)
		}
	case twstools.DepResource:
		r := d.resource
		held := 0
		for _, h := range r.holders {
			if h == d {
				held = d.units()
			}
		}
		out.Resource, out.ResourceFolder, out.Workstation = r.def.Name, orElse(r.def.Folder, "/"), r.def.On
		out.Units, out.UnitsHeld, out.UnitsAvailable, out.UnitsTotal = d.units(), &held, number(r.total-r.used), number(r.total)
	case twstools.DepPrompt:
		p := d.prompt
		out.Prompt, out.PromptNumber, out.PromptText, out.PromptStatus, out.PromptType = p.name, number(p.number), p.text, p.state, p.kind
	case twstools.DepInternetwork:
		out.Remote, out.NetworkAgent = d.need.Remote, d.need.On
		out.RemoteStatus = twstools.Status{Internal: d.remote, Common: common[d.remote]}
	}
	return out
}

func (s *Sim) predecessor(d *dep, out *twstools.Dependency) {
	st := d.onStream
	if d.onJob != nil {
		st = d.onJob.s
		out.Job = d.onJob.def.Name
		out.PredecessorStatus = s.status(d.onJob)
		if !d.onJob.gone {
			out.JobRef = ref(d.onJob.ref)
		}
	}
	if st == nil { // pending or orphan: only its name is known
		name, job, _ := strings.Cut(d.need.Job+d.need.Stream, ".")
		out.Stream, out.Job, out.StreamSched = name, job, d.pending
		return
	}
	out.Stream, out.StreamFolder, out.StreamWorkstation, out.StreamSched = st.name, orElse(st.def.Folder, "/"), st.ws.name, st.sched
	if d.kind != twstools.DepInternal && !st.gone {
		out.StreamRef = ref(st.ref)
	}
	if d.onStream != nil {
		out.PredecessorStatus = twstools.Status{Internal: st.state, Common: common[st.state], Canceled: st.cancelled}
	}
}

func (s *Sim) worldStations() []twstools.Workstation {
	out := make([]twstools.Workstation, 0, len(s.stationOrder))
	for _, w := range s.stationOrder {
		d := w.def
		x := twstools.Workstation{Ref: ref(world.NameID("workstation", w.name)), Name: w.name, Folder: orElse(d.Folder, "/"), Type: d.Type, Domain: d.Domain, Host: d.Host, Node: d.Node, OS: d.OS,
			TimeZone: w.zone.String(), Fence: number(w.fence), Ignored: w.ignored, ActiveStates: w.states(), StatesKnown: true, Version: orElse(d.Version, "10.2.5.00"), TimeStarted: w.since,
			RunNumber: number(s.runNo), Description: d.Description}
		if w.limit >= 0 {
			x.Limit = number(w.limit)
		}
		out = append(out, x)
	}
	return out
}

// states are conman's letters spelt out (UG "showcpus"). Of one that is not linked nothing more is known than that it was initialised; a pool
// is up as long as one of its members is.
func (w *station) states() []string {
	if len(w.members) > 0 {
		for _, m := range w.members {
			if m.reachable() {
				return []string{"LINKED", "BROKER", "IS_INITED", "RUNNING", "JOBMAN_UP"}
			}
		}
		return []string{"LINKED", "BROKER", "IS_INITED"}
	}
	if !w.linked {
		return []string{"IS_INITED"}
	}
	out := map[string][]string{"MANAGER": {"MASTER", "LINKED"}, "FTA": {"LINKED", "TCP_IP_LINKED"}, "X-AGENT": {"LINKED", "EXTENDED_LINKED"}, "AGENT": {"LINKED", "BROKER"}}[w.def.Type]
	if out == nil {
		out = []string{"LINKED"}
	}
	out = append(out, "IS_INITED")
	if w.started {
		out = append(out, "RUNNING", "JOBMAN_UP")
		switch w.def.Type {
		case "MANAGER":
			out = append(out, "MONMAN", "EVT_PROC_RUNNING", "SERVER_STARTED", "CONFIG_UPDATED")
		case "FTA":
			out = append(out, "WRITER_UP", "MONMAN")
		case "AGENT":
			out = append(out, "MONMAN", "ONLINE")
		}
	}
	return out
}

func worldResource(r *resource) twstools.Resource {
	out := twstools.Resource{Ref: ref(world.NameID("resource", r.name)), Name: r.def.Name, Folder: orElse(r.def.Folder, "/"), Workstation: r.def.On, Quantity: number(r.total),
		InUse: number(r.used), Available: number(r.total - r.used), Status: "AVAILABLE", Description: r.def.Description}
	if r.used >= r.total {
		out.Status = "NOT_AVAILABLE"
	}
	for _, d := range r.holders {
		h := twstools.Holder{}
		st := d.of.asStream
		if j := d.of.asJob; j != nil {
			st = j.s
			h.Job, h.JobRef, h.JobKey = j.def.Name, ref(j.ref), st.ws.name+"#"+st.name+"."+j.def.Name
		}
		h.JobStream, h.JobStreamRef = st.name, ref(st.ref)
		for left := d.units(); left > 0; left -= unitsOfHolder {
			part := h
			part.Quantity = number(min(left, unitsOfHolder))
			out.Holders = append(out.Holders, part)
		}
	}
	return out
}

func worldPrompt(p *prompt) twstools.Prompt {
	out := twstools.Prompt{Ref: ref(p.ref), Name: p.name, Folder: p.folder, Text: p.text, Status: p.state, Type: p.kind, Number: number(p.number), AskedAt: p.asked, AnsweredAt: p.answered}
	if out.Name == "" {
		out.Name = fmt.Sprint(p.number) // an ad hoc prompt is known by its number
	}
	st := p.stream
	if j := p.job; j != nil {
		st = j.s
		out.JobRef, out.JobKey = ref(j.ref), st.ws.name+"#"+st.name+"."+j.def.Name
	}
	if st != nil {
		out.JobStreamRef, out.JobStreamKey, out.Workstation = ref(st.ref), st.ws.name+"#"+st.name, st.ws.name
	}
	return out
}
