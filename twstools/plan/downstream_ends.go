package plan

import (
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// ends are when a node can end at the earliest: by the usual durations, by those of a slow day, and by the usual ones without waits for
// start times.
type ends struct{ usual, slow, work time.Time }

func (e ends) plus(usual, slow time.Duration) ends {
	return ends{e.usual.Add(usual), e.slow.Add(slow), e.work.Add(usual)}
}

func (e ends) notBefore(o ends) ends {
	return ends{latest(e.usual, o.usual), latest(e.slow, o.slow), latest(e.work, o.work)}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (b *behind) affected() []Affected {
	var out []Affected
	known := map[NodeID]ends{}
	for hops, level := range b.levels {
		for _, n := range level {
			if b.at[n.ID] != hops {
				continue // a shorter way was found
			}
			a := Affected{Node: n, Hops: hops, Via: b.via[n.ID]}
			if !b.free.IsZero() {
				end := b.end(n, known, map[NodeID]bool{})
				a.Earliest, a.Pessimistic, a.Work = end.usual, end.slow, end.work.Sub(b.free)
			}
			if dl := b.g.DeadlineOf(n); !dl.IsZero() {
				a.Late = dl.Before(b.g.Now) || a.Earliest.After(dl)
			}
			out = append(out, a)
		}
	}
	return out
}

// end reckons when a node can end at the earliest: after everything that holds it, not before its own start time, and its duration.
func (b *behind) end(n *Node, done map[NodeID]ends, path map[NodeID]bool) ends {
	if t, ok := done[n.ID]; ok {
		return t
	}
	t := b.start(n, done, path)
	if n.Job != nil {
		est := b.e.Of(n)
		t = t.plus(est.P50, est.Slow())
	} else {
		t = b.streamEnd(n, t, done, path)
	}
	done[n.ID] = t
	return t
}

func (b *behind) start(n *Node, done map[NodeID]ends, path map[NodeID]bool) ends {
	t := ends{b.free, b.free, b.free}
	if path[n.ID] {
		return t // a circle has no end; what holds it is told elsewhere
	}
	path[n.ID] = true
	defer delete(path, n.ID)
	for _, id := range b.from[n.ID] {
		m, ok := b.g.Node(id)
		if !ok {
			continue
		}
		switch {
		case b.at[id] == 0:
			t = t.notBefore(ends{b.free, b.free, b.free}.plus(b.source[id], b.source[id]))
		case m.Stream != nil && n.Job != nil && n.Job.StreamRef == m.Stream.Ref:
			t = t.notBefore(b.start(m, done, path)) // its stream has to start, not to end
		default:
			t = t.notBefore(b.end(m, done, path))
		}
	}
	at := n.earliestStart()
	return t.notBefore(ends{usual: at, slow: at})
}

func (b *behind) streamEnd(n *Node, t ends, done map[NodeID]ends, path map[NodeID]bool) ends {
	key := n.ID + " ends" // its jobs ask when it starts, and it asks when they end
	if path[key] {
		return t
	}
	path[key] = true
	defer delete(path, key)
	jobs := 0
	for _, id := range b.g.streamJobs[n.ID] {
		if m, ok := b.g.Node(id); ok && b.at[id] > 0 {
			jobs++
			t = t.notBefore(b.end(m, done, path))
		}
	}
	if jobs == 0 {
		t = t.plus(n.Stream.Estimated, n.Stream.Estimated)
	}
	return t
}

// earliestStart is the node's own start time, zero when it has none or it has come. A stream that tells none starts at its schedule time:
// one that lies ahead is the `at` of its run cycle (UG "Selecting jobs in commands").
func (n *Node) earliestStart() time.Time {
	if n.Job != nil {
		return startOf(n.Job.Times)
	}
	if t := startOf(n.Stream.Times); !t.IsZero() {
		return t
	}
	return n.Stream.SchedTime
}

func startOf(t twstools.TimeRestrictions) time.Time {
	if t.EarliestStartSatisfied != nil && *t.EarliestStartSatisfied {
		return time.Time{}
	}
	return t.EarliestStart
}
