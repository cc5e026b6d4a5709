package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// hi is the priority from which on limits of workstations do not count (UG "limit cpu": HI is 100, GO 101).
const hi = 100

// workstationBlockers: what of the job's workstation would keep it from starting. When other reasons were found (behind), it holds nothing yet:
// what is told then is what will still stand when the others are gone, and it is no more than likely to matter.
func (g *Graph) workstationBlockers(n *Node, behind bool) []Blocker {
	j := n.Job
	if p := n.Phase(); p != Waiting && p != Ready {
		return nil
	}
	w, ok := g.Workstation(j.Workstation)
	if !ok {
		return nil
	}
	name := w.Entity()
	source := "workstation:" + w.Name
	out := g.linkBlockers(w)
	if kind := g.lacksJobManager(w); len(out) == 0 && kind != "" && !behind && n.Phase() == Ready {
		_, fact := LinkState(w)
		out = append(out, Blocker{Kind: kind, Entity: name, Facts: []Fact{fact}, Weak: true})
	}
	if g.limitZero(n, w) {
		out = append(out, Blocker{Kind: "sched.limit.workstation", Entity: name, Facts: []Fact{{source, "limit", "0"}}, Params: map[string]string{"limit": "0"}, Weak: strings.EqualFold(w.Type, "X-AGENT")})
	}
	if w.Fence != nil && *w.Fence > 0 && j.Priority != nil && *j.Priority <= *w.Fence && *j.Priority > 0 {
		// UG "fence": the job's own priority is compared, and equal is not enough
		out = append(out, Blocker{Kind: "sched.fence", Entity: name, Facts: []Fact{{source, "fence", strconv.Itoa(*w.Fence)}, g.fact(n, "priority", strconv.Itoa(*j.Priority))},
			Params: map[string]string{"fence": strconv.Itoa(*w.Fence), "priority": strconv.Itoa(*j.Priority)}})
	}
	for i := range out {
		out[i].Weak = out[i].Weak || behind
	}
	if !behind && len(out) == 0 && n.Phase() == Ready {
		out = append(g.limitReached(n, w), g.poolBlockers(n, w)...)
	}
	return out
}

// linkBlockers: ignored, not linked or stopped; where the agent is out of reach because what hosts it is, the host is what holds.
func (g *Graph) linkBlockers(w twstools.Workstation) []Blocker {
	link, fact := LinkState(w)
	b := Blocker{Entity: w.Entity(), Facts: []Fact{fact}}
	switch link {
	case LinkIgnored:
		b.Kind = "sched.agent.ignored"
	case LinkDown:
		b.Kind = "sched.agent.unlinked"
	case LinkStopped:
		b.Kind, b.Weak = "sched.agent.stopped", true
	}
	if host, fact, down := g.hostDown(w); down && link != LinkIgnored && (link != LinkUp || isBroker(host)) {
		b.Entity, b.Facts, b.Weak = host.Entity(), append(b.Facts, fact), true
		b.Kind = "sched.agent.unlinked"
		if isBroker(host) {
			b.Kind = "sched.agent.broker_down"
		}
	}
	if b.Kind == "" {
		return nil
	}
	return []Blocker{b}
}

// hostDown gives the workstation that hosts w where that is not in reach: the broker of dynamic agents and pools, the host of an extended agent.
func (g *Graph) hostDown(w twstools.Workstation) (host twstools.Workstation, fact Fact, down bool) {
	if w.Host == "" || strings.EqualFold(w.Host, w.Name) {
		return host, fact, false
	}
	host, ok := g.Workstation(twstools.DisplayName(w.Host))
	if !ok {
		return host, fact, false
	}
	link, fact := LinkState(host)
	return host, fact, link == LinkDown || link == LinkStopped || link == LinkIgnored
}

func isBroker(w twstools.Workstation) bool {
	return slices.Contains([]string{"BROKER", "WORKLOAD_BROKER"}, strings.ToUpper(w.Type))
}

// isPool: a pool or dynamic pool hands its jobs on to its members.
func isPool(w twstools.Workstation) bool {
	return slices.Contains([]string{"POOL", "D-POOL", "DYNAMIC_POOL"}, strings.ToUpper(w.Type))
}

// limitZero: a workstation limit of 0 still lets HI and GO jobs run, and every job of a HI or GO stream (UG "limit cpu").
func (g *Graph) limitZero(n *Node, w twstools.Workstation) bool {
	return w.Limit != nil && *w.Limit == 0 && !g.aboveLimits(n)
}

func (g *Graph) aboveLimits(n *Node) bool {
	if n.Job.Priority != nil && *n.Job.Priority >= hi {
		return true
	}
	sn, ok := g.stream(n)
	return ok && sn.Stream.Priority != nil && *sn.Stream.Priority >= hi
}

// limitReached: as many jobs run as the limit allows.
func (g *Graph) limitReached(n *Node, w twstools.Workstation) []Blocker {
	running, counted := g.executing[strings.ToUpper(w.Name)]
	if !counted || w.Limit == nil || *w.Limit <= 0 || running < *w.Limit || g.aboveLimits(n) {
		return nil
	}
	source := "workstation:" + w.Name
	return []Blocker{{Kind: "sched.limit.workstation", Entity: w.Entity(), Params: map[string]string{"limit": strconv.Itoa(*w.Limit), "running": strconv.Itoa(running)},
		Facts: []Fact{{source, "limit", strconv.Itoa(*w.Limit)}, {source, "running_jobs", strconv.Itoa(running)}}}}
}

// poolBlockers: a pool is only as open as its members (UG "limit cpu"; "Pool"). Which agents belong to it is known from where its jobs ran, so that
// what follows from it is likely at most. All of them closed by their limits are told by name; otherwise the pool has too few.
func (g *Graph) poolBlockers(n *Node, w twstools.Workstation) []Blocker {
	members := g.members[strings.ToUpper(w.Name)]
	if !isPool(w) || len(members) == 0 {
		return nil
	}
	var closed []Blocker
	var facts []Fact
	limits := true
	for _, name := range members {
		m, ok := g.Workstation(name)
		if !ok {
			return nil // of one that cannot be seen nothing is known
		}
		link, fact := LinkState(m)
		limit := Fact{"workstation:" + m.Name, "limit", "0"}
		switch {
		case g.limitZero(n, m):
			closed = append(closed, Blocker{Kind: "sched.limit.workstation", Entity: m.Entity(), Facts: []Fact{limit}, Params: map[string]string{"limit": "0"}, Weak: true})
			facts = append(facts, limit)
		case link == LinkDown || link == LinkIgnored || link == LinkStopped:
			limits = false
			facts = append(facts, fact)
		default:
			return nil // one may take it
		}
	}
	if limits {
		return closed
	}
	return []Blocker{{Kind: "sched.agent.capacity", Entity: w.Entity(), Facts: facts, Weak: true}}
}
