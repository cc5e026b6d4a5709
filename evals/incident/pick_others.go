package incident

import (
	"slices"
	"strconv"

	"github.com/resync-hwa/resync/twstools"
)

func (s *stage) streamsFor(f Filter) []thing {
	var out []thing
	for _, st := range s.day.w.JobStreams {
		if s.streamFits(f, st) {
			out = append(out, thing{kind: "stream", id: st.Ref.ID, stream: st.Name, ws: st.Workstation, sched: st.SchedTime, twins: s.instances(st.Name) > 1})
		}
	}
	return out
}

func (s *stage) streamFits(f Filter, st twstools.JobStream) bool {
	def, _ := definition(&s.day.defs, st.Name, "")
	if def == nil || fixed.MatchString(st.Name) {
		return false
	}
	ids := s.day.members[st.Ref.ID]
	behind := s.day.behind(ids...)
	switch {
	case st.Status.Internal != "SUCC",
		(s.instances(st.Name) > 1) != f.Often,
		len(ids) < f.Jobs, len(behind) < f.Behind, f.Outside && len(behind) == 0,
		f.Service && (def.Service == "" || def.Contact == ""),
		!needs(def.Needs, f),
		!s.agentFits(f.Agent, st.Workstation):
		return false
	}
	if f.Next != "" && !slices.ContainsFunc(ids, func(id string) bool { return s.day.behind(s.jobsOf(s.picked[f.Next])...)[id] == 1 }) {
		return false
	}
	if f.StartsFor != "" && !slices.Contains(s.day.heads(st.Ref.ID), s.picked[f.StartsFor].id) {
		return false
	}
	switch of := s.picked[f.Of]; of.kind {
	case "job":
		return slices.Contains(ids, of.id)
	case "stream":
		return st.Ref.ID == of.id
	case "file":
		return of.owner == st.Ref.ID || slices.Contains(ids, of.owner)
	}
	return true
}

func (s *stage) stationsFor(f Filter) []thing {
	var out []thing
	for _, w := range s.day.w.Workstations {
		t := thing{kind: "workstation", ws: w.Name, name: w.Name}
		if s.picked[f.Of].kind != "" && s.picked[f.Of].ws != w.Name {
			continue
		}
		if f.Member != "" && !slices.Contains(s.membersOf(s.picked[f.Member].ws), w.Name) {
			continue
		}
		n := len(s.jobsOf(t))
		if f.Idle && (n > 0 || s.used(w.Name)) {
			continue
		}
		if f.Member != "" {
			n = max(n, 1) // what runs on a member is planned for its pool
		}
		if s.agentFits(f.Agent, w.Name) && n >= f.Jobs && (n > 0 || f.Of == "" && f.Jobs == 0) {
			out = append(out, t)
		}
	}
	return out
}

// used reports whether a workstation works for others: as a member of a pool or as the host of an extended agent.
func (s *stage) used(name string) bool {
	for _, w := range s.day.defs.Workstations {
		if w.Host == name || slices.Contains(w.Members, name) {
			return true
		}
	}
	return false
}

// membersOf are the workstations of a pool.
func (s *stage) membersOf(pool string) []string {
	for _, w := range s.day.defs.Workstations {
		if w.Name == pool {
			return w.Members
		}
	}
	return nil
}

// resourcesFor finds resources; one that is Of a job is among its needs.
func (s *stage) resourcesFor(f Filter) []thing {
	var out []thing
	for _, r := range s.day.w.Resources {
		t := thing{kind: "resource", ws: r.Workstation, name: r.Name}
		users := s.jobsOf(t)
		if f.Of != "" && !slices.ContainsFunc(s.jobsOf(s.picked[f.Of]), func(id string) bool { return slices.Contains(users, id) }) {
			continue
		}
		if len(users) >= max(f.Jobs, 1) {
			out = append(out, t)
		}
	}
	return out
}

// filesFor finds files that something waits for; one that is Of a job or stream is among its needs.
func (s *stage) filesFor(f Filter) []thing {
	var out []thing
	of := s.picked[f.Of]
	take := func(owner string, ds []twstools.Dependency, behind int) {
		for _, d := range ds {
			if d.Type == twstools.DepFile && (of.kind == "" || of.id == owner) && behind >= f.Behind && s.agentFits(f.Agent, d.Workstation) {
				out = append(out, thing{kind: "file", ws: d.Workstation, name: d.File, owner: owner})
			}
		}
	}
	for _, j := range s.day.w.Jobs {
		if s.instances(j.Stream) == 1 && !fixed.MatchString(j.Stream) {
			take(j.Ref.ID, j.Dependencies, len(s.day.behind(j.Ref.ID)))
		}
	}
	for _, st := range s.day.w.JobStreams {
		if s.instances(st.Name) == 1 && !fixed.MatchString(st.Name) {
			take(st.Ref.ID, st.Dependencies, len(s.day.behind(s.day.members[st.Ref.ID]...)))
		}
	}
	return out
}

// promptsFor finds predefined prompts that need a reply and that something waits for, or nothing where spare ones are wanted.
func (s *stage) promptsFor(f Filter) []thing {
	var out []thing
	for _, p := range s.day.w.Prompts {
		t := thing{kind: "prompt", name: p.Name}
		users := s.jobsOf(t)
		if p.Name == "" || (len(users) == 0) != f.Spare || p.Number != nil && p.Name == strconv.Itoa(*p.Number) || len(p.Text) > 0 && p.Text[0] == ':' {
			continue
		}
		if f.Of == "" || slices.ContainsFunc(s.jobsOf(s.picked[f.Of]), func(id string) bool { return slices.Contains(users, id) }) {
			out = append(out, t)
		}
	}
	return out
}
