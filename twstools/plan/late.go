package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Quantile says by which durations a path is reckoned.
type Quantile int

// The two ways to reckon: as it usually is, and as on a slow day.
const (
	P50 Quantile = 50
	P90 Quantile = 90
)

func (q Quantile) of(e Estimate) time.Duration {
	if q == P90 {
		return e.Slow()
	}
	return e.P50
}

// PartState says what a part of a path is doing.
type PartState string

// The states of parts.
const (
	PartRuns    PartState = "runs"    // it runs: what is left of its usual time counts
	PartOverrun PartState = "overrun" // it has run longer than usual: nothing is known of what is left, which counts as none
	PartFailed  PartState = "failed"  // it ended badly: counted as if it were run again now, for want of anything better
	PartWaits   PartState = "waits"   // it has not started
)

// Part is one step of a path. Wait + Length of all parts, added to the graph's now, give the path's end.
type Part struct {
	Node     *Node
	State    PartState
	Wait     time.Duration // until its own start time, after everything before it is done
	Length   time.Duration // how long it still takes
	Start    time.Time     // when it starts, or is taken to go on
	Estimate Estimate
	Elapsed  time.Duration // of a job that runs
	Unsized  bool          // nobody knows how long it takes: its length counts as none
}

// Path is the longest way that is left before a node is done: the parts in the order in which they run, the node itself last.
type Path struct {
	Parts []Part
	Now   time.Time
	End   time.Time
	// Untimed are things waited for anywhere before the end whose time nobody can tell: a file, a prompt, another network, what was not read.
	Untimed []Blocker
	// Guess says that something on the way has no known duration, was not read, failed, or runs beyond its usual time: End is a lower bound.
	Guess bool
	// Unread says that something before the end was not read, so that parts may be missing; Unsized that something on the way, or beside it, has no
	// known duration. Either way the sum says nothing of when it must begin at the latest.
	Unread, Unsized bool
}

// NotRead is the kind of what is waited for and was not read: nothing is known of when it is done.
const NotRead = "not_read"

// Length is the sum of the parts: End is Now and this.
func (p Path) Length() time.Duration {
	var sum time.Duration
	for _, x := range p.Parts {
		sum += x.Wait + x.Length
	}
	return sum
}

// Eater gives the part that eats the slack: a failed job before everything, then the one that is furthest beyond its usual time, else the
// longest that is left. ok is false for an empty path.
func (p Path) Eater() (Part, bool) {
	best, rank := -1, time.Duration(-1)
	for i, x := range p.Parts {
		var r time.Duration
		switch x.State {
		case PartFailed:
			r = 1000 * time.Hour * 24
		case PartOverrun:
			r = 500*time.Hour*24 + x.Elapsed - x.Estimate.P50
		default:
			r = x.Length
		}
		if r > rank {
			best, rank = i, r
		}
	}
	if best < 0 {
		return Part{}, false
	}
	return p.Parts[best], true
}

// Remaining reckons the path that is left before the node is done, by what the graph knows of what it still waits for: a pure sum of
// durations and start times. Queues for limits, files, prompts and people are not in it. A node that is done has an empty path that
// ends now.
func (g *Graph) Remaining(n *Node, e Estimates, q Quantile) Path {
	return g.remaining(n, e, q, "")
}

// StartNow tells by how much earlier the node would be done if one part of its path that waits for its own start time were started as
// soon as everything before it is done. The part with the largest saving is given; none when nothing on the way waits for a time.
func (g *Graph) StartNow(n *Node, e Estimates, q Quantile) (part Part, saves time.Duration) {
	path := g.remaining(n, e, q, "")
	for _, x := range path.Parts {
		if x.Wait <= 0 {
			continue
		}
		if s := path.End.Sub(g.remaining(n, e, q, x.Node.ID).End); s > saves {
			part, saves = x, s
		}
	}
	return part, saves
}

func (g *Graph) remaining(n *Node, e Estimates, q Quantile, now NodeID) Path {
	r := &remainder{g: g, e: e, q: q, now: now, ends: map[NodeID]Path{}, path: map[NodeID]bool{}}
	return r.end(n)
}

type remainder struct {
	g    *Graph
	e    Estimates
	q    Quantile
	now  NodeID // the node whose start time is left out
	ends map[NodeID]Path
	path map[NodeID]bool
}

func (r *remainder) none() Path { return Path{Now: r.g.Now, End: r.g.Now} }

// end gives the path to the end of a node.
func (r *remainder) end(n *Node) Path {
	if p, ok := r.ends[n.ID]; ok {
		return p
	}
	if r.path[n.ID] {
		p := r.none() // a circle never ends: the rest of it is not counted twice
		p.Guess = true
		return p
	}
	r.path[n.ID] = true
	var p Path
	if n.Job != nil {
		p = r.job(n)
	} else {
		p = r.stream(n)
	}
	delete(r.path, n.ID)
	r.ends[n.ID] = p
	return p
}

func (r *remainder) job(n *Node) Path {
	est := r.e.Of(n)
	part := Part{Node: n, Estimate: est, Start: r.g.Now}
	p := r.none()
	switch n.Phase() {
	case Done, Cancelled, Suppressed:
		return p
	case ToConfirm:
		p.Guess = true // a person decides
		return p
	case Running:
		pace := r.g.Pace(n.Job)
		part.Elapsed, part.State, part.Length = pace.Elapsed, PartRuns, r.q.of(est)-pace.Elapsed
		if !pace.Start.IsZero() {
			part.Start = pace.Start
		}
		if part.Length <= 0 {
			part.State, part.Length, p.Guess = PartOverrun, 0, true
		}
	case Bad:
		part.State, part.Length, p.Guess = PartFailed, r.q.of(est), true
	default:
		p = r.before(n)
		part.State, part.Length = PartWaits, r.q.of(est)
		if at := n.earliestStart(); n.ID != r.now && at.After(p.End) {
			part.Wait = at.Sub(p.End)
		}
		part.Start = p.End.Add(part.Wait)
	}
	return p.then(part)
}

// then adds a part, whose duration nobody may know.
func (p Path) then(x Part) Path {
	x.Unsized = !x.Estimate.Known()
	return p.with(x)
}

func (p Path) with(x Part) Path {
	p.End, p.Parts = p.End.Add(x.Wait+x.Length), append(slices.Clone(p.Parts), x)
	p.Guess, p.Unsized = p.Guess || x.Unsized, p.Unsized || x.Unsized
	return p
}

// lacking names what was not read on the way.
func (p Path) lacking(e twstools.Entity) Path {
	p.Guess, p.Unread = true, true
	return p.beside(Path{Untimed: []Blocker{{Kind: NotRead, Entity: e, Weak: true}}})
}

// longer orders paths by their ends; of two that end alike the one that has a trouble in it, else the one with more parts, is told.
func (p Path) longer(than Path) bool {
	if !p.End.Equal(than.End) {
		return p.End.After(than.End)
	}
	return cmp.Or(cmp.Compare(p.troubles(), than.troubles()), cmp.Compare(len(p.Parts), len(than.Parts))) > 0
}

func (p Path) troubles() (n int) {
	for _, x := range p.Parts {
		if x.State == PartFailed || x.State == PartOverrun {
			n++
		}
	}
	return n
}

// beside keeps of a shorter path that runs beside this one what makes the end uncertain.
func (p Path) beside(o Path) Path {
	p.Guess, p.Unread, p.Unsized = p.Guess || o.Guess, p.Unread || o.Unread, p.Unsized || o.Unsized
	for _, b := range o.Untimed {
		if !slices.ContainsFunc(p.Untimed, func(have Blocker) bool { return have.Kind == b.Kind && have.Entity == b.Entity }) {
			p.Untimed = append(slices.Clone(p.Untimed), b)
		}
	}
	return p
}

// until adds the wait for a node's own start time.
func (p Path) until(n *Node, at time.Time) Path {
	return p.with(Part{Node: n, State: PartWaits, Wait: at.Sub(p.End), Start: at})
}

// before gives the longest path of what a job that has not started waits for: its own predecessors and its stream.
func (r *remainder) before(n *Node) Path {
	p := r.waits(n)
	sn, ok := r.g.stream(n)
	if !ok {
		if ref := n.Job.StreamRef; !ref.IsZero() { // what holds the whole stream back is not known
			own := n.Entity()
			own.Type, own.Job = twstools.EntityJobStream, ""
			return p.lacking(own)
		}
		return p
	}
	switch sn.Phase() {
	case Waiting, Ready, Unknown:
		own := r.waits(sn)
		if at := sn.earliestStart(); sn.ID != r.now && at.After(own.End) {
			own = own.until(sn, at)
		}
		if own.longer(p) {
			own, p = p, own
		}
		return p.beside(own)
	}
	return p
}

// waits gives the longest path among the node's open predecessors.
func (r *remainder) waits(n *Node) Path {
	best := r.none()
	deps, known := n.Dependencies()
	best.Guess, best.Unread = !known, !known
	for _, d := range flat(deps) {
		if open, _ := d.Open(); !open {
			continue
		}
		p, ok := r.predecessor(d)
		if !ok {
			p = r.none()
			p.Untimed = r.g.dependencyBlocker(n, d)
			p.Guess = len(p.Untimed) > 0
			p.Unread = p.Guess && !d.Pending && !d.Orphan && !(d.JobRef.IsZero() && d.StreamRef.IsZero())
		}
		if p.longer(best) {
			p, best = best, p
		}
		best = best.beside(p)
	}
	return best
}

// predecessor gives the path to the end of what a dependency waits for: of a resource to the end of the first of its holders. ok is false
// where that cannot be told in time: a file, a prompt, another network, or what was not read.
func (r *remainder) predecessor(d twstools.Dependency) (Path, bool) {
	if d.Type == twstools.DepResource {
		return r.units(d)
	}
	id := JobID(d.JobRef)
	if d.JobRef.IsZero() {
		id = StreamID(d.StreamRef)
	}
	if d.Pending || d.Orphan || d.JobRef.IsZero() && d.StreamRef.IsZero() {
		return Path{}, false
	}
	n, ok := r.g.Node(id)
	if !ok {
		return Path{}, false
	}
	return r.end(n), true
}

// units gives the path to the first end of a holder of the units that are waited for; nothing to wait for where enough are free.
func (r *remainder) units(d twstools.Dependency) (Path, bool) {
	if have, ok := r.g.resources[resourceKey(d.Workstation, d.Resource)]; ok && have.Available != nil && *have.Available >= max(d.Units, 1) {
		return r.none(), true
	}
	holders := r.g.holdersFor(d)
	if len(holders) == 0 {
		return Path{}, false
	}
	first := r.end(holders[0])
	for _, h := range holders[1:] {
		if p := r.end(h); p.End.Before(first.End) {
			first = p
		}
	}
	return first, true
}

// stream gives the path to the end of a job stream: that of the last of its jobs, else what is left of the engine's estimate of the whole.
func (r *remainder) stream(n *Node) Path {
	switch n.Phase() {
	case Done, Cancelled, Suppressed:
		return r.none()
	}
	best, jobs := r.waits(n), 0
	for _, id := range r.g.streamJobs[n.ID] {
		m, ok := r.g.Node(id)
		if !ok {
			continue
		}
		jobs++
		p := r.end(m)
		if p.longer(best) {
			p, best = best, p
		}
		best = best.beside(p)
	}
	if jobs > 0 {
		return best
	}
	est := r.e.Of(n)
	part := Part{Node: n, State: PartWaits, Estimate: est, Length: r.q.of(est)}
	switch {
	case !n.Stream.Start.IsZero() && n.Phase() != Waiting:
		part.State, part.Start, part.Elapsed = PartRuns, n.Stream.Start, r.g.Now.Sub(n.Stream.Start)
		if part.Length -= part.Elapsed; part.Length <= 0 {
			part.State, part.Length, best.Guess = PartOverrun, 0, true
		}
	default:
		if at := n.earliestStart(); n.ID != r.now && at.After(best.End) {
			part.Wait = at.Sub(best.End)
		}
		part.Start = best.End.Add(part.Wait)
	}
	return best.then(part)
}
