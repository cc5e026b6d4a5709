package plant

import (
	"slices"

	"github.com/resync-hwa/resync/twstools"
)

// Waiter is a job or a job stream that waits behind a thing, and over how many hops.
type Waiter struct {
	Thing Thing
	Hops  int
}

// edge leads from what is waited for to who waits. Open: it is not satisfied.
type edge struct {
	to   string // ref of a job or job stream
	open bool
}

// arrows are all edges of a world: from jobs and job streams by ref, and from whatever else is waited for by name, as type and text.
type arrows struct {
	from map[string][]edge
	jobs map[string][]string // of a job stream, by ref
}

func (a arrows) add(from, to string, open bool) {
	if from != "" && from != to {
		a.from[from] = append(a.from[from], edge{to, open})
	}
}

// draw follows every dependency of the world.
func (p *Plant) draw() arrows {
	a := arrows{from: map[string][]edge{}, jobs: map[string][]string{}}
	for i := range p.World.JobStreams {
		s := &p.World.JobStreams[i]
		p.needs(a, s.Ref.ID, s.Dependencies)
		a.add("ws:"+s.Workstation, s.Ref.ID, !final(s.Status))
	}
	for i := range p.World.Jobs {
		j := &p.World.Jobs[i]
		p.needs(a, j.Ref.ID, j.Dependencies)
		a.add(j.StreamRef.ID, j.Ref.ID, !final(j.Status))
		a.jobs[j.StreamRef.ID] = append(a.jobs[j.StreamRef.ID], j.Ref.ID)
		for _, ws := range p.places(j) {
			a.add("ws:"+ws, j.Ref.ID, !final(j.Status))
		}
	}
	for _, r := range p.World.Resources {
		name := "resource:" + p.Text(Thing{Entity: r.Entity()})
		for _, h := range r.Holders {
			for _, e := range a.from[name] {
				a.add(h.JobRef.ID, e.to, e.open)
				a.add(h.JobStreamRef.ID, e.to, e.open)
			}
		}
	}
	return a
}

// places are the workstations on which a job depends: its own, those it ran on, and their hosts.
func (p *Plant) places(j *twstools.Job) []string {
	out := []string{j.Workstation}
	for _, r := range j.Runs {
		out = append(out, r.ActualWorkstation)
	}
	for _, w := range p.World.Workstations {
		if w.Host != "" && slices.Contains(out, w.Name) {
			out = append(out, w.Host)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *Plant) needs(a arrows, to string, ds []twstools.Dependency) {
	for i := range ds {
		d := &ds[i]
		open, _ := d.Open()
		p.needs(a, to, d.Members)
		a.add(d.JobRef.ID, to, open)
		if d.JobRef.IsZero() {
			a.add(d.StreamRef.ID, to, open)
		}
		switch d.Type {
		case twstools.DepFile:
			a.add("file:"+d.Workstation+"#"+d.File, to, open)
		case twstools.DepResource:
			e := twstools.Entity{Type: twstools.EntityResource, Folder: d.ResourceFolder, Workstation: d.Workstation, Name: d.Resource}
			a.add("resource:"+e.String(p.Zone), to, open)
		case twstools.DepPrompt:
			a.add("prompt:"+twstools.PromptEntity("", d.Prompt, d.PromptNumber).String(p.Zone), to, open)
		}
	}
}

func final(s twstools.Status) bool {
	return slices.Contains([]string{"SUCC", "ABEND", "FAIL", "CANCL", "CANCELLED"}, s.Internal)
}

// Behind lists who waits for a thing over dependencies that are not satisfied, directly or not, nearest first: the jobs that follow it, the job
// streams and their jobs, and who waits for those. Everything of a workstation that has not ended waits for it; who waits for a resource waits
// for its holders too. All of the plan that has not ended waits for the plan.
func (p *Plant) Behind(t Thing) []Waiter { return p.follow(t, true) }

// After is like Behind over all dependencies, whether satisfied or not: what is not there can in no way have suffered from the thing.
func (p *Plant) After(t Thing) []Waiter { return p.follow(t, false) }

func (p *Plant) follow(t Thing, onlyOpen bool) []Waiter {
	a := p.arrows()
	if t.Entity.Type == twstools.EntityPlan {
		return p.unfinished()
	}
	seen := map[string]bool{p.node(t): true}
	var out []Waiter
	front := []string{p.node(t)}
	for hops := 1; len(front) > 0; hops++ {
		var next []string
		for _, at := range front {
			for _, e := range p.onward(a, at) {
				if seen[e.to] || onlyOpen && !e.open {
					continue
				}
				seen[e.to] = true
				next = append(next, e.to)
				out = append(out, Waiter{p.byRef[e.to], hops})
			}
		}
		front = next
	}
	return out
}

// onward are the edges from a node. Who waits for a job stream waits for each of its jobs as well.
func (p *Plant) onward(a arrows, at string) []edge {
	out := slices.Clone(a.from[at])
	if t, ok := p.byRef[at]; ok && t.Job != nil {
		for _, e := range a.from[t.Job.StreamRef.ID] {
			if !slices.Contains(a.jobs[t.Job.StreamRef.ID], e.to) {
				out = append(out, e)
			}
		}
	}
	return out
}

func (p *Plant) unfinished() []Waiter {
	var out []Waiter
	for i := range p.World.JobStreams {
		if s := &p.World.JobStreams[i]; !final(s.Status) {
			out = append(out, Waiter{p.byRef[s.Ref.ID], 1})
		}
	}
	for i := range p.World.Jobs {
		if j := &p.World.Jobs[i]; !final(j.Status) {
			out = append(out, Waiter{p.byRef[j.Ref.ID], 1})
		}
	}
	return out
}

// node is how the graph calls a thing.
func (p *Plant) node(t Thing) string {
	switch {
	case t.Job != nil:
		return t.Job.Ref.ID
	case t.JobStream != nil:
		return t.JobStream.Ref.ID
	case t.Entity.Type == twstools.EntityWorkstation:
		return "ws:" + t.Entity.Workstation
	}
	return string(t.Entity.Type) + ":" + p.Text(t)
}

// Identical reports whether two things are one.
func (p *Plant) Identical(a, b Thing) bool { return p.node(a) == p.node(b) }

// StepsAway is the number of hops between two things over dependencies of any state, in either direction; -1 where there is no way.
func (p *Plant) StepsAway(a, b Thing) int {
	if p.Identical(a, b) {
		return 0
	}
	best := -1
	for _, way := range [][2]Thing{{a, b}, {b, a}} {
		for _, w := range p.After(way[0]) {
			if p.Identical(w.Thing, way[1]) && (best < 0 || w.Hops < best) {
				best = w.Hops
			}
		}
	}
	return best
}

// Related reports whether a thing waits behind a cause, holds it as a resource's holder, or is its job stream, its workstation or one of its jobs:
// prose about the cause may speak of it.
func (p *Plant) Related(cause, t Thing) bool {
	switch {
	case cause.Job != nil && (p.node(t) == cause.Job.StreamRef.ID || t.Entity.Type == twstools.EntityWorkstation && slices.Contains(p.places(cause.Job), t.Entity.Workstation)),
		cause.Job == nil && cause.Entity.Workstation != "" && t.Entity.Type == twstools.EntityWorkstation && t.Entity.Workstation == cause.Entity.Workstation:
		return true
	}
	if r, ok := cause.Object.(twstools.Resource); ok {
		for _, h := range r.Holders {
			if p.node(t) == h.JobRef.ID || p.node(t) == h.JobStreamRef.ID {
				return true
			}
		}
	}
	return slices.ContainsFunc(p.After(cause), func(w Waiter) bool { return p.Identical(w.Thing, t) })
}
