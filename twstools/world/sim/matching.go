package sim

import (
	"strings"
	"time"
)

// match finds the instance of a stream that a follows means (UG "Managing external follows dependencies for jobs and job streams"):
// the closest preceding one; one of the same day, or one within an interval, in both of which the closest preceding wins over the
// closest following.
func (s *Sim) match(mine *stream, name string, n *Need) *stream {
	var before, after *stream
	for _, st := range s.byName[name] {
		if st == mine || st.gone || !n.allows(mine, st.sched) {
			continue
		}
		if !st.sched.After(mine.sched) && (st.name != mine.name || st.sched.Before(mine.sched)) {
			before = st // the list is in the order of time
		} else if after == nil {
			after = st
		}
	}
	if before != nil || n.Match == "" || n.Match == "previous" {
		return before
	}
	return after
}

// allows reports whether an instance scheduled at t lies where the matching criterion looks.
func (n *Need) allows(mine *stream, t time.Time) bool {
	switch n.Match {
	case "sameday":
		y, m, d := mine.sched.In(mine.zone).Date()
		y2, m2, d2 := t.In(mine.zone).Date()
		return y == y2 && m == m2 && d == d2
	case "interval":
		return !t.Before(mine.sched.Add(n.From)) && !t.After(mine.sched.Add(n.To))
	}
	return true
}

// comesLater says when the instance that a follows means is scheduled, if that is in a plan to come: a pending predecessor.
func (s *Sim) comesLater(mine *stream, name string, n *Need) time.Time {
	if n.Match == "" || n.Match == "previous" {
		return time.Time{}
	}
	for i := range s.defined {
		if s.defined[i].Name != name {
			continue
		}
		for _, o := range s.occurrences(i, s.planTo, s.planTo.AddDate(0, 0, 8)) {
			if n.allows(mine, o.sched) {
				return o.sched
			}
		}
	}
	return time.Time{}
}

// bindPending ties pending predecessors to the instances that a new plan has brought. One whose time lies in the plan and that is not
// there has become an orphan: it never resolves by itself (UG "Managing external follows dependencies", pending and orphan).
func (s *Sim) bindPending() {
	var left []*dep
	for _, d := range s.pending {
		if d.of.gone || d.met {
			continue
		}
		mine := d.of.asStream
		if d.of.asJob != nil {
			mine = d.of.asJob.s
		}
		name, jobName := d.need.Stream, ""
		if d.need.Job != "" {
			name, jobName, _ = strings.Cut(d.need.Job, ".")
		}
		if before := s.match(mine, name, d.need); before != nil {
			d.bind(before, jobName)
		} else if d.pending.Before(s.planTo) {
			d.orphan, d.pending = true, time.Time{}
		} else {
			left = append(left, d)
		}
		d.of.stale()
		s.look(d.of)
	}
	s.pending = left
}
