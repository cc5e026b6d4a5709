package plan

import (
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// work is what stands on a workstation: what waits there for its turn or a launch, and what is shown as running.
type work struct {
	ready, waiting, running []*twstools.Job
	due                     bool // a waiting job's time has come
}

func (v *view) workAt(name string) work {
	var w work
	for _, j := range v.at[strings.ToUpper(name)] {
		switch PhaseOf(j.Status) {
		case Running:
			w.running = append(w.running, j)
		case Ready:
			w.ready = append(w.ready, j)
		default:
			w.waiting = append(w.waiting, j)
			w.due = w.due || v.due(j)
		}
	}
	return w
}

func (w work) count() int { return len(w.ready) + len(w.waiting) + len(w.running) }

// statuses shows some of the jobs as facts.
func (v *view) statuses(groups ...[]*twstools.Job) []Fact {
	var out []Fact
	for _, jobs := range groups {
		for _, j := range jobs {
			if len(out) == shownJobs {
				return out
			}
			out = append(out, v.jobFact(j, "status", j.Status.Display()))
		}
	}
	return out
}

// link reads a workstation's state, from the engine's metrics where the workstation does not tell it.
func (v *view) link(w twstools.Workstation) (Link, Fact) {
	link, fact := LinkState(w)
	if link == LinkUnknown && !w.StatesKnown {
		for _, name := range []string{w.Name, "/" + w.Name} {
			if linked, told := v.Linked[name]; told && !linked {
				return LinkDown, Fact{Source: fact.Source, Name: "linked", Value: "false"}
			}
		}
	}
	return link, fact
}

func (v *view) agent(w twstools.Workstation, kind string, fact Fact, have work, severity Severity, weak bool) Finding {
	f := Finding{Kind: kind, Entity: w.Entity(), Severity: severity, Weak: weak, Facts: append([]Fact{fact}, v.statuses(have.ready, have.running, have.waiting)...), Params: map[string]string{}}
	if n := have.count(); n > 0 {
		f.Params["jobs"] = strconv.Itoa(n)
	}
	return f
}

// unlinked: an agent without link matters when something is to run there; what it shows may be old (UG "showcpus", STATE).
func (v *view) unlinked() []Finding {
	var out []Finding
	for _, w := range v.Workstations {
		link, fact := v.link(w)
		have := v.workAt(w.Name)
		if link != LinkDown || have.count() == 0 {
			continue
		}
		severity := Medium
		if len(have.ready)+len(have.running) > 0 || have.due {
			severity = High
		}
		out = append(out, v.agent(w, "sched.agent.unlinked", fact, have, severity, false))
	}
	return out
}

// stopped: linked, and no job manager, while others of this engine show theirs (UG "showcpus", J of STATE).
func (v *view) stopped() []Finding {
	var out []Finding
	for _, w := range v.Workstations {
		link, fact := v.link(w)
		kind := ""
		switch link {
		case LinkStopped:
			kind = "sched.agent.stopped"
		case LinkUp:
			kind = v.g.lacksJobManager(w)
		}
		if kind == "" {
			continue
		}
		have := v.workAt(w.Name)
		severity := Medium
		if len(have.ready) > 0 || have.due {
			severity = High
		}
		out = append(out, v.agent(w, kind, fact, have, severity, true))
	}
	return out
}

// ignored: an agent that is left out of the plan on purpose is nobody's concern until something is to run on it.
func (v *view) ignored() []Finding {
	var out []Finding
	for _, w := range v.Workstations {
		link, fact := v.link(w)
		have := v.workAt(w.Name)
		if link != LinkIgnored || len(have.ready)+len(have.waiting) == 0 {
			continue
		}
		severity := Medium
		if len(have.ready) > 0 || have.due {
			severity = High
		}
		out = append(out, v.agent(w, "sched.agent.ignored", fact, have, severity, false))
	}
	return out
}

// workstationLimit: a limit of 0 starts nothing but HI and GO jobs and those of HI and GO streams; on an extended agent 0 may stand for
// unlimited (UG "limit cpu").
func (v *view) workstationLimit() []Finding {
	var out []Finding
	for _, w := range v.Workstations {
		if w.Limit == nil || *w.Limit != 0 || w.Ignored || strings.EqualFold(w.Type, "X-AGENT") {
			continue
		}
		var held work
		for _, j := range v.at[strings.ToUpper(w.Name)] {
			if p := PhaseOf(j.Status); p == Running || !v.g.limitZero(&Node{ID: JobID(j.Ref), Job: j}, w) {
				continue
			} else if p == Ready {
				held.ready = append(held.ready, j)
			} else {
				held.waiting = append(held.waiting, j)
			}
		}
		severity := Low
		switch {
		case len(held.ready) > 0:
			severity = High
		case len(held.waiting) > 0:
			severity = Medium
		}
		if link, _ := v.link(w); severity == Low && (link == LinkDown || link == LinkStopped) {
			continue // nothing would start there at any limit, and nothing wants to
		}
		f := v.agent(w, "sched.limit.workstation", Fact{Source: "workstation:" + w.Name, Name: "limit", Value: "0"}, held, severity, false)
		out = append(out, f)
	}
	return out
}

// fence: the job's own priority is compared, and equal is not enough (UG "fence").
func (v *view) fence() []Finding {
	var out []Finding
	for _, w := range v.Workstations {
		if w.Fence == nil || *w.Fence <= 0 || w.Ignored {
			continue
		}
		var held work
		for _, j := range v.at[strings.ToUpper(w.Name)] {
			if j.Priority == nil || *j.Priority > *w.Fence || *j.Priority == 0 {
				continue
			}
			switch PhaseOf(j.Status) {
			case Ready:
				held.ready = append(held.ready, j)
			case Waiting:
				held.waiting = append(held.waiting, j)
			}
		}
		if held.count() == 0 {
			continue
		}
		severity := Medium
		if len(held.ready) > 0 {
			severity = High
		}
		f := v.agent(w, "sched.fence", Fact{Source: "workstation:" + w.Name, Name: "fence", Value: strconv.Itoa(*w.Fence)}, held, severity, false)
		f.Params["fence"] = strconv.Itoa(*w.Fence)
		for _, j := range append(held.ready, held.waiting...)[:1] {
			f.Facts = append(f.Facts, v.jobFact(j, "priority", strconv.Itoa(*j.Priority)))
		}
		out = append(out, f)
	}
	return out
}

// defined reports what the stream's definition says, where definitions were read.
func (v *view) defined(s *twstools.JobStream) (twstools.JobStreamDefinition, bool) {
	name := s.OriginalName
	if name == "" {
		name = s.Name
	}
	d, ok := v.Definitions[StreamKey(s.Folder, s.Workstation, name)]
	return d, ok
}

// StreamKey names a job stream over all its instances.
func StreamKey(folder, workstation, name string) string {
	return "/" + strings.Trim(folder, "/") + "|" + strings.TrimPrefix(workstation, "/") + "|" + name
}

// streamLimits: at a limit of 0 none of the stream's jobs starts, not even GO (UG "limit"). One that is defined so is somebody's habit.
func (v *view) streamLimits() []Finding {
	var out []Finding
	for i := range v.Streams {
		s := &v.Streams[i]
		if s.Limit == nil || *s.Limit != 0 || over(PhaseOf(s.Status)) {
			continue
		}
		severity := Medium
		if v.dueStream(s) {
			severity = High
		}
		f := Finding{Kind: "sched.limit.stream", Entity: s.Entity(), Ref: s.Ref, Severity: severity, Facts: []Fact{v.streamFact(s, "limit", "0"), v.streamFact(s, "status", s.Status.Display())}}
		if d, ok := v.defined(s); ok && d.Limit != nil && *d.Limit == 0 {
			f.Severity = Low
			f.Facts = append(f.Facts, Fact{Source: "definition:" + streamName(d), Name: "limit", Value: "0"})
		}
		out = append(out, f)
	}
	return out
}

func streamName(d twstools.JobStreamDefinition) string {
	return twstools.Entity{Type: twstools.EntityJobStream, Folder: d.Folder, Workstation: d.Workstation, Stream: d.Name}.String(nil)
}

// over reports whether nothing more happens to a job or stream in that phase by itself.
func over(p Phase) bool { return p == Done || p == Cancelled || p == Suppressed }

// held: priority 0 keeps a job or a stream from starting (UG "priority"). A stream that is held is told once, and not for each of its jobs.
func (v *view) held() []Finding {
	var out []Finding
	for i := range v.Streams {
		s := &v.Streams[i]
		if p := PhaseOf(s.Status); s.Priority == nil || *s.Priority != 0 || p != Waiting && p != Ready {
			continue
		}
		f := Finding{Kind: "sched.held", Entity: s.Entity(), Ref: s.Ref, Severity: Medium, Facts: []Fact{v.streamFact(s, "priority", "0"), v.streamFact(s, "status", s.Status.Display())}}
		if v.dueStream(s) {
			f.Severity, f.Since = High, s.SchedTime
		}
		if d, ok := v.defined(s); ok && d.Priority != nil && *d.Priority == 0 {
			f.Severity = Low
			f.Facts = append(f.Facts, Fact{Source: "definition:" + streamName(d), Name: "priority", Value: "0"})
		}
		out = append(out, f)
	}
	for _, j := range v.Jobs {
		p := PhaseOf(j.Status)
		if j.Priority == nil || *j.Priority != 0 || p != Waiting && p != Ready || idle(&j) {
			continue
		}
		if s := v.streams[j.StreamRef.ID]; s != nil && (s.Priority != nil && *s.Priority == 0 || over(PhaseOf(s.Status))) {
			continue
		}
		f := Finding{Kind: "sched.held", Entity: v.jobEntity(&j), Ref: j.StreamRef, Severity: Medium, Facts: []Fact{v.jobFact(&j, "priority", "0"), v.jobFact(&j, "status", j.Status.Display())}}
		if v.due(&j) {
			f.Severity = High
		}
		out = append(out, f)
	}
	return out
}
