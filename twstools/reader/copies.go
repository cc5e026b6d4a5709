package reader

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// The copies here go down to every slice, map and pointer: what is handed out shares nothing with what is kept but strings. A test fills every
// field of every type and looks for a shared pointer, so that a new field cannot be forgotten.

var timeType = reflect.TypeFor[time.Time]()

func ptr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// each copies a list item by item; nil stays nil.
func each[T any](list []T, clone func(T) T) []T {
	out := slices.Clone(list)
	for i := range out {
		out[i] = clone(out[i])
	}
	return out
}

func cloneInfo(i twstools.Info) twstools.Info { return i }

func cloneJob(j twstools.Job) twstools.Job {
	j.Priority, j.DependencyCount, j.UnresolvedCount = ptr(j.Priority), ptr(j.DependencyCount), ptr(j.UnresolvedCount)
	j.Definition.IsCommand, j.Definition.UserLogins = ptr(j.Definition.IsCommand), slices.Clone(j.Definition.UserLogins)
	j.Times = cloneTimes(j.Times)
	j.Runs = each(j.Runs, cloneRun)
	j.Dependencies = each(j.Dependencies, cloneDependency)
	j.DependencyCounts = maps.Clone(j.DependencyCounts)
	return j
}

func cloneRun(r twstools.Run) twstools.Run {
	r.ReturnCode, r.LastInRerunChain = ptr(r.ReturnCode), ptr(r.LastInRerunChain)
	r.OutputConditions = each(r.OutputConditions, func(c twstools.OutputCondition) twstools.OutputCondition {
		c.Satisfied = ptr(c.Satisfied)
		return c
	})
	return r
}

func cloneTimes(t twstools.TimeRestrictions) twstools.TimeRestrictions {
	t.EarliestStartSatisfied, t.LatestStartSatisfied = ptr(t.EarliestStartSatisfied), ptr(t.LatestStartSatisfied)
	return t
}

func cloneDependency(d twstools.Dependency) twstools.Dependency {
	d.Satisfied, d.Mandatory = ptr(d.Satisfied), ptr(d.Mandatory)
	d.OutputConditions, d.StatusConditions = slices.Clone(d.OutputConditions), slices.Clone(d.StatusConditions)
	d.Members = each(d.Members, cloneDependency)
	d.UnitsHeld, d.UnitsAvailable, d.UnitsTotal, d.PromptNumber = ptr(d.UnitsHeld), ptr(d.UnitsAvailable), ptr(d.UnitsTotal), ptr(d.PromptNumber)
	return d
}

func cloneStream(s twstools.JobStream) twstools.JobStream {
	s.Priority, s.Limit, s.UnresolvedCount = ptr(s.Priority), ptr(s.Limit), ptr(s.UnresolvedCount)
	st := &s.Stats
	st.Total, st.Successful, st.Abended, st.Failed = ptr(st.Total), ptr(st.Successful), ptr(st.Abended), ptr(st.Failed)
	st.Executing, st.NotRunning, st.Undecided = ptr(st.Executing), ptr(st.NotRunning), ptr(st.Undecided)
	s.Times = cloneTimes(s.Times)
	s.Dependencies = each(s.Dependencies, cloneDependency)
	s.DependencyCounts = maps.Clone(s.DependencyCounts)
	return s
}

func cloneNeighbours(list []twstools.Neighbour) []twstools.Neighbour {
	return each(list, func(n twstools.Neighbour) twstools.Neighbour {
		if n.Job != nil {
			j := cloneJob(*n.Job)
			n.Job = &j
		}
		if n.JobStream != nil {
			s := cloneStream(*n.JobStream)
			n.JobStream = &s
		}
		return n
	})
}

func cloneCounts(c twstools.Counts) twstools.Counts {
	c.Groups = maps.Clone(c.Groups)
	return c
}

func cloneWorkstation(w twstools.Workstation) twstools.Workstation {
	w.Limit, w.Fence, w.RunNumber, w.Requested = ptr(w.Limit), ptr(w.Fence), ptr(w.RunNumber), ptr(w.Requested)
	w.ActiveStates, w.ActiveFlags = slices.Clone(w.ActiveStates), slices.Clone(w.ActiveFlags)
	return w
}

func cloneResource(r twstools.Resource) twstools.Resource {
	r.Quantity, r.Available, r.InUse = ptr(r.Quantity), ptr(r.Available), ptr(r.InUse)
	r.Holders = each(r.Holders, func(h twstools.Holder) twstools.Holder {
		h.Quantity = ptr(h.Quantity)
		return h
	})
	return r
}

func clonePrompt(p twstools.Prompt) twstools.Prompt {
	p.Number = ptr(p.Number)
	return p
}

func cloneLog(l twstools.Log) twstools.Log {
	l.Lines = slices.Clone(l.Lines)
	return l
}
