package diagnose

import (
	"cmp"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools/plan"
)

// The classes of urgency, the most urgent first (contracts/answer.md). What must be done within the hour is now, within a shift this_shift (our
// own choice; a shift has eight hours).
var urgencies = []string{"now", "this_shift", "morning", "none"}

const (
	nowWindow   = time.Hour
	shiftWindow = 8 * time.Hour
)

// urgencyOf says how urgent it is to do something by an instant.
func (c *kase) urgencyOf(actBy time.Time) string {
	switch left := actBy.Sub(c.now); {
	case left <= nowWindow:
		return "now"
	case left <= shiftWindow:
		return "this_shift"
	}
	return "morning"
}

// rank puts the roots in the order in which somebody must act on them: by class of urgency, then by the time to act by, then by how many starts
// they explain. A long queue that has time does not hide a short one that is about to miss its deadline. It reads nothing: a deadline further
// down than what was read on the way up is not seen here.
func (c *kase) rank(roots []rankedRoot) {
	for i := range roots {
		r := &roots[i]
		waiting := false
		r.actBy, waiting = c.soonest(*r)
		switch {
		case !r.actBy.IsZero():
			r.urgency = c.urgencyOf(r.actBy)
		case waiting:
			r.urgency = "this_shift"
		default:
			r.urgency = "morning"
		}
	}
	slices.SortStableFunc(roots, func(a, b rankedRoot) int {
		return cmp.Or(cmp.Compare(slices.Index(urgencies, a.urgency), slices.Index(urgencies, b.urgency)), soonerFirst(a.actBy, b.actBy), cmp.Compare(b.votes, a.votes))
	})
}

// soonerFirst orders instants; what has none comes last.
func soonerFirst(a, b time.Time) int {
	switch {
	case a.IsZero() == b.IsZero():
		return a.Compare(b)
	case a.IsZero():
		return 1
	}
	return -1
}

// soonest is when a root must be dealt with at the latest, for it and what is known to wait behind it to keep their deadlines; now where that is
// too late already, zero where nothing has one. waiting says that something waits at all.
func (c *kase) soonest(r rankedRoot) (at time.Time, waiting bool) {
	var from []plan.From
	var held []plan.Affected
	for _, n := range r.nodes {
		f, own := plan.From{Node: n, Victim: r.root.Kind == plan.RootBlocker}, c.itself(n)
		if !f.Victim {
			f.Takes, held = own.Work, append(held, own)
		}
		from = append(from, f)
	}
	behind := c.graph.Behind(from, c.now, nil)
	for _, a := range append(held, behind...) {
		if by := c.actBy(a); !by.IsZero() && (at.IsZero() || by.Before(at)) {
			at = by
		}
	}
	if !at.IsZero() && at.Before(c.now) {
		at = c.now
	}
	return at, len(behind) > 0
}
