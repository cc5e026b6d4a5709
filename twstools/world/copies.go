package world

import (
	"slices"

	"github.com/resync-hwa/resync/twstools"
)

// The copies here go down to every slice and pointer, so that no caller can change the world, and put the engine's name into every Ref.

func (e *engine) ref(r twstools.Ref) twstools.Ref {
	if !r.IsZero() {
		r.Engine = e.name
	}
	return r
}

func ptr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func (e *engine) copyJob(j twstools.Job) twstools.Job {
	j.Ref, j.StreamRef = e.ref(j.Ref), e.ref(j.StreamRef)
	j.Priority, j.DependencyCount, j.UnresolvedCount = ptr(j.Priority), ptr(j.DependencyCount), ptr(j.UnresolvedCount)
	j.Definition.IsCommand, j.Definition.UserLogins = ptr(j.Definition.IsCommand), slices.Clone(j.Definition.UserLogins)
	j.Times = copyTimes(j.Times)
	j.Runs = slices.Clone(j.Runs)
	for i := range j.Runs {
		r := &j.Runs[i]
		r.ReturnCode, r.LastInRerunChain = ptr(r.ReturnCode), ptr(r.LastInRerunChain)
		r.OutputConditions = slices.Clone(r.OutputConditions)
		for c := range r.OutputConditions {
			r.OutputConditions[c].Satisfied = ptr(r.OutputConditions[c].Satisfied)
		}
	}
	j.Dependencies = e.copyDependencies(j.Dependencies)
	return j
}

func (e *engine) copyStream(s twstools.JobStream) twstools.JobStream {
	s.Ref = e.ref(s.Ref)
	s.Priority, s.Limit, s.UnresolvedCount = ptr(s.Priority), ptr(s.Limit), ptr(s.UnresolvedCount)
	st := &s.Stats
	st.Total, st.Successful, st.Abended, st.Failed = ptr(st.Total), ptr(st.Successful), ptr(st.Abended), ptr(st.Failed)
	st.Executing, st.NotRunning, st.Undecided = ptr(st.Executing), ptr(st.NotRunning), ptr(st.Undecided)
	s.Times = copyTimes(s.Times)
	s.Dependencies = e.copyDependencies(s.Dependencies)
	return s
}

func copyTimes(t twstools.TimeRestrictions) twstools.TimeRestrictions {
	t.EarliestStartSatisfied, t.LatestStartSatisfied = ptr(t.EarliestStartSatisfied), ptr(t.LatestStartSatisfied)
	return t
}

func (e *engine) copyDependencies(ds []twstools.Dependency) []twstools.Dependency {
	ds = slices.Clone(ds)
	for i := range ds {
		d := &ds[i]
		d.JobRef, d.StreamRef = e.ref(d.JobRef), e.ref(d.StreamRef)
		d.Satisfied, d.Mandatory = ptr(d.Satisfied), ptr(d.Mandatory)
		d.OutputConditions, d.StatusConditions = slices.Clone(d.OutputConditions), slices.Clone(d.StatusConditions)
		d.Members = e.copyDependencies(d.Members)
		d.UnitsHeld, d.UnitsAvailable, d.UnitsTotal, d.PromptNumber = ptr(d.UnitsHeld), ptr(d.UnitsAvailable), ptr(d.UnitsTotal), ptr(d.PromptNumber)
	}
	return ds
}

func (e *engine) copyWorkstation(w twstools.Workstation) twstools.Workstation {
	w.Ref = e.ref(w.Ref)
	w.Limit, w.Fence, w.RunNumber, w.Requested = ptr(w.Limit), ptr(w.Fence), ptr(w.RunNumber), ptr(w.Requested)
	w.ActiveStates, w.ActiveFlags = slices.Clone(w.ActiveStates), slices.Clone(w.ActiveFlags)
	return w
}

func (e *engine) copyResource(r twstools.Resource) twstools.Resource {
	r.Ref = e.ref(r.Ref)
	r.Quantity, r.Available, r.InUse = ptr(r.Quantity), ptr(r.Available), ptr(r.InUse)
	r.Holders = slices.Clone(r.Holders)
	for i := range r.Holders {
		h := &r.Holders[i]
		h.JobRef, h.JobStreamRef, h.Quantity = e.ref(h.JobRef), e.ref(h.JobStreamRef), ptr(h.Quantity)
	}
	return r
}

func (e *engine) copyPrompt(p twstools.Prompt) twstools.Prompt {
	p.Ref, p.JobRef, p.JobStreamRef = e.ref(p.Ref), e.ref(p.JobRef), e.ref(p.JobStreamRef)
	p.Number = ptr(p.Number)
	return p
}
