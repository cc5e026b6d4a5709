package twstools

import (
	"cmp"
	"slices"
	"time"
)

// An engine may tell of one object in several places: in the row of a list, beside a neighbour, by itself. What one of them leaves out another
// may tell. Fill takes what is missing from an older telling, and never changes what was told.

// Fill takes from old what j does not tell. old is the same job, told before.
func (j *Job) Fill(old *Job) {
	if old == nil || old == j {
		return
	}
	j.Status.fill(old.Status)
	j.Priority = cmp.Or(j.Priority, old.Priority)
	j.StreamRef = cmp.Or(j.StreamRef, old.StreamRef)
	for _, s := range []struct{ to, from *string }{{&j.Workstation, &old.Workstation}, {&j.Stream, &old.Stream}, {&j.StreamFolder, &old.StreamFolder}, {&j.StreamWorkstation, &old.StreamWorkstation},
		{&j.JobStreamID, &old.JobStreamID}, {&j.TimeZone, &old.TimeZone}, {&j.Definition.Description, &old.Definition.Description}, {&j.Definition.Task, &old.Definition.Task},
		{&j.Definition.RecoveryOption, &old.Definition.RecoveryOption}, {&j.Definition.RecoveryJob, &old.Definition.RecoveryJob}, {&j.Definition.AbendPrompt, &old.Definition.AbendPrompt}} {
		*s.to = cmp.Or(*s.to, *s.from)
	}
	j.SchedTime = told(j.SchedTime, old.SchedTime)
	j.Definition.EstimatedDuration = cmp.Or(j.Definition.EstimatedDuration, old.Definition.EstimatedDuration)
	j.Late, j.UntilPassed, j.DeadlinePassed = j.Late || old.Late, j.UntilPassed || old.UntilPassed, j.DeadlinePassed || old.DeadlinePassed
	j.Critical, j.RequiresConfirmation, j.Every = j.Critical || old.Critical, j.RequiresConfirmation || old.RequiresConfirmation, j.Every || old.Every
	j.Times.fill(old.Times)
	if !j.DependenciesKnown && old.DependenciesKnown {
		j.Dependencies, j.DependenciesKnown = old.Dependencies, true
	}
	j.DependencyCount, j.UnresolvedCount = cmp.Or(j.DependencyCount, old.DependencyCount), cmp.Or(j.UnresolvedCount, old.UnresolvedCount)
	if j.DependencyCounts == nil {
		j.DependencyCounts = old.DependencyCounts
	}
	if len(j.Runs) == 0 {
		j.Runs = slices.Clone(old.Runs)
		return
	}
	j.Runs = slices.Clone(j.Runs) // others may hold the same
	for i := range j.Runs {
		r := &j.Runs[i]
		if k := slices.IndexFunc(old.Runs, func(o Run) bool { return r.ID != "" && o.ID == r.ID }); k >= 0 {
			r.fill(&old.Runs[k])
		}
	}
}

func (r *Run) fill(old *Run) {
	r.Status.fill(old.Status)
	r.JobNumber = cmp.Or(r.JobNumber, old.JobNumber)
	r.ActualWorkstation = cmp.Or(r.ActualWorkstation, old.ActualWorkstation)
	r.ReturnCode = cmp.Or(r.ReturnCode, old.ReturnCode)
	r.RerunType = cmp.Or(r.RerunType, old.RerunType)
	r.Start, r.End = told(r.Start, old.Start), told(r.End, old.End)
	r.Elapsed, r.Estimated = cmp.Or(r.Elapsed, old.Elapsed), cmp.Or(r.Estimated, old.Estimated)
	r.MaxDurationPassed, r.MinDurationMissed = r.MaxDurationPassed || old.MaxDurationPassed, r.MinDurationMissed || old.MinDurationMissed
	if len(r.OutputConditions) == 0 {
		r.OutputConditions = old.OutputConditions
	}
}

// Fill takes from old what s does not tell. old is the same job stream, told before.
func (s *JobStream) Fill(old *JobStream) {
	if old == nil || old == s {
		return
	}
	s.Status.fill(old.Status)
	s.Workstation, s.InternalID, s.TimeZone = cmp.Or(s.Workstation, old.Workstation), cmp.Or(s.InternalID, old.InternalID), cmp.Or(s.TimeZone, old.TimeZone)
	s.ServiceName, s.ServiceContact = cmp.Or(s.ServiceName, old.ServiceName), cmp.Or(s.ServiceContact, old.ServiceContact)
	s.SchedTime, s.Start, s.End = told(s.SchedTime, old.SchedTime), told(s.Start, old.Start), told(s.End, old.End)
	s.Priority, s.Limit = cmp.Or(s.Priority, old.Priority), cmp.Or(s.Limit, old.Limit)
	s.CarriedForward = s.CarriedForward || old.CarriedForward
	s.Estimated = cmp.Or(s.Estimated, old.Estimated)
	s.Times.fill(old.Times)
	if !s.DependenciesKnown && old.DependenciesKnown {
		s.Dependencies, s.DependenciesKnown = old.Dependencies, true
	}
	s.UnresolvedCount = cmp.Or(s.UnresolvedCount, old.UnresolvedCount)
	if s.DependencyCounts == nil {
		s.DependencyCounts = old.DependencyCounts
	}
}

// fill takes the other half of a status only where both tell the same: between two readings the object may have moved on.
func (s *Status) fill(old Status) {
	switch {
	case *s == Status{}:
		*s = old
	case s.Internal == "" && s.Common == old.Common, s.Common == "" && s.Internal == old.Internal:
		s.Internal, s.Common = cmp.Or(s.Internal, old.Internal), cmp.Or(s.Common, old.Common)
	}
}

func (t *TimeRestrictions) fill(old TimeRestrictions) {
	t.EarliestStart, t.LatestStart, t.Deadline = told(t.EarliestStart, old.EarliestStart), told(t.LatestStart, old.LatestStart), told(t.Deadline, old.Deadline)
	t.EarliestStartSatisfied, t.LatestStartSatisfied = cmp.Or(t.EarliestStartSatisfied, old.EarliestStartSatisfied), cmp.Or(t.LatestStartSatisfied, old.LatestStartSatisfied)
	t.LatestStartAction, t.DeadlineAction = cmp.Or(t.LatestStartAction, old.LatestStartAction), cmp.Or(t.DeadlineAction, old.DeadlineAction)
	t.MaxDuration, t.MinDuration, t.MaxDurationAction = cmp.Or(t.MaxDuration, old.MaxDuration), cmp.Or(t.MinDuration, old.MinDuration), cmp.Or(t.MaxDurationAction, old.MaxDurationAction)
}

// told is the newer telling of a time, where it tells one.
func told(newer, older time.Time) time.Time {
	if newer.IsZero() {
		return older
	}
	return newer
}
