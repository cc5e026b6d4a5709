package plan

import (
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// Hop is one step of a chain: the node, why it does not go on, and what stands behind that.
type Hop struct {
	Node      *Node
	Why       string // kind of the blocker
	BlockedBy twstools.Entity
	Facts     []Fact
}

// RootKind says what sort of end a chain has.
type RootKind string

// The ends of chains.
const (
	RootFailed  RootKind = "failed"  // a job that ended badly: its log has the cause
	RootSlow    RootKind = "slow"    // a job that runs far beyond its usual time
	RootBlocker RootKind = "blocker" // a blocker with a cause kind
	RootPlanned RootKind = "planned" // as it should be
	RootUnknown RootKind = "unknown" // a node that waits and nothing shows why
)

// Root is the end of a chain. Node is the job that failed or is slow, or the node that the blocker holds back.
type Root struct {
	Kind    RootKind
	Node    *Node
	Blocker Blocker // for RootBlocker and RootPlanned
	Pace    Pace    // for RootSlow and for running jobs under RootPlanned
	Depth   int     // hops from the asked node
	Facts   []Fact  // for RootFailed, RootSlow, RootUnknown
}

// Explanation is the waiting chain of one node: hops in the order of discovery, and where they end.
type Explanation struct {
	Hops  []Hop
	Roots []Root
	Cycle []twstools.Entity // members of a circle, when there is one
}

// Explain walks from the node to everything that holds it back. Each node is visited once; a circle is reported by its members.
func (g *Graph) Explain(start *Node) Explanation {
	w := &walker{g: g, state: map[NodeID]int{}}
	w.visit(start, 0)
	return w.out
}

const (
	onPath  = 1
	visited = 2
)

type walker struct {
	g     *Graph
	state map[NodeID]int
	path  []*Node
	via   []Blocker // what led from each node of the path to the one after it
	out   Explanation
}

func (w *walker) visit(n *Node, depth int) {
	w.state[n.ID] = onPath
	w.path = append(w.path, n)
	defer func() {
		w.state[n.ID] = visited
		w.path = w.path[:len(w.path)-1]
	}()
	if w.ends(n, depth) {
		return
	}
	blockers := w.g.Blockers(n)
	if len(blockers) == 0 {
		w.root(Root{Kind: RootUnknown, Node: n, Depth: depth, Facts: []Fact{w.g.fact(n, "status", n.Status().Display())}})
		return
	}
	for _, b := range blockers {
		w.via = append(w.via[:len(w.path)-1], b)
		w.follow(n, b, depth)
	}
}

// ends handles nodes that are an end by themselves: bad, running, done.
func (w *walker) ends(n *Node, depth int) bool {
	if n.Job == nil {
		return w.streamEnds(n, depth)
	}
	status := w.g.fact(n, "status", n.Status().Display())
	switch n.Phase() {
	case Bad:
		if _, ok := Recovery(n.Job); ok && depth == 0 { // deeper, somebody waits for it all the same
			w.root(Root{Kind: RootPlanned, Node: n, Depth: depth, Blocker: Blocker{Kind: "planned.recovered", Entity: n.Entity(), Facts: []Fact{status}}})
			return true
		}
		w.root(Root{Kind: RootFailed, Node: n, Depth: depth, Facts: []Fact{status}})
	case Running:
		w.running(n, depth, status)
	case Done:
		w.root(Root{Kind: RootPlanned, Node: n, Depth: depth, Blocker: Blocker{Kind: "planned.recovered", Entity: n.Entity(), Facts: []Fact{status}}})
	default:
		return false
	}
	return true
}

// running: on an agent that is not linked the state may be old (domain: EXEC with an unlinked agent); else the pace decides.
func (w *walker) running(n *Node, depth int, status Fact) {
	p := w.g.Pace(n.Job)
	ws := n.Job.Workstation
	if p.Run != nil && p.Run.ActualWorkstation != "" {
		ws = p.Run.ActualWorkstation
	}
	if wk, ok := w.g.Workstation(ws); ok {
		if link, fact := LinkState(wk); link == LinkDown {
			w.out.Hops = append(w.out.Hops, Hop{Node: n, Why: "sched.agent.unlinked", BlockedBy: wk.Entity(), Facts: []Fact{status}})
			w.root(Root{Kind: RootBlocker, Node: n, Depth: depth + 1, Blocker: Blocker{Kind: "sched.agent.unlinked", Entity: wk.Entity(), Facts: []Fact{fact, status}, Weak: true}})
			return
		}
	}
	facts := w.g.PaceFacts(n, p)
	if sn, ok := w.g.stream(n); ok && watchesStart(n.Job) {
		w.startCondition(n, sn, depth, append([]Fact{status}, facts...))
		return
	}
	if p.Slow {
		w.root(Root{Kind: RootSlow, Node: n, Depth: depth, Pace: p, Facts: append([]Fact{status}, facts...)})
		return
	}
	w.root(Root{Kind: RootPlanned, Node: n, Depth: depth, Pace: p, Blocker: Blocker{Kind: "planned.in_progress", Entity: n.Entity(), Facts: append([]Fact{status}, facts...), Weak: p.Estimate == 0}})
}

// startCondition: the job that looks for what its stream waits for runs until it has come: that is a wait, however long it takes (UG "startcond").
func (w *walker) startCondition(n, sn *Node, depth int, facts []Fact) {
	if task := n.Job.Definition.Task; task != "" {
		facts = append(facts, w.g.fact(n, "task", untrusted.Normalize(task)))
	}
	w.out.Hops = append(w.out.Hops, Hop{Node: n, Why: "sched.dep.startcond", BlockedBy: sn.Entity(), Facts: facts})
	w.root(Root{Kind: RootBlocker, Node: n, Depth: depth + 1, Blocker: Blocker{Kind: "sched.dep.startcond", Entity: sn.Entity(), Facts: facts,
		Params: map[string]string{"monitor": w.g.Name(n.Entity()), "task": untrusted.Normalize(n.Job.Definition.Task)}}})
}

// PaceFacts are the fields that show a run's pace.
func (g *Graph) PaceFacts(n *Node, p Pace) []Fact {
	var facts []Fact
	if !p.Start.IsZero() {
		facts = append(facts, g.fact(n, "start", g.instant(p.Start)))
	}
	if p.Estimate > 0 {
		facts = append(facts, g.fact(n, "estimated_duration", p.Estimate.String()))
	}
	if p.Elapsed > 0 {
		facts = append(facts, g.fact(n, "elapsed", p.Elapsed.Truncate(1e9).String()))
	}
	return facts
}

func (w *walker) streamEnds(n *Node, depth int) bool {
	switch n.Phase() {
	case Done:
		w.root(Root{Kind: RootPlanned, Node: n, Depth: depth, Blocker: Blocker{Kind: "planned.recovered", Entity: n.Entity(), Facts: []Fact{w.g.fact(n, "status", n.Status().Display())}}})
		return true
	case Running, Unknown:
		if len(w.g.Blockers(n)) == 0 {
			w.root(Root{Kind: RootPlanned, Node: n, Depth: depth, Blocker: Blocker{Kind: "planned.in_progress", Entity: n.Entity(), Weak: true, Facts: []Fact{w.g.fact(n, "status", n.Status().Display())}}})
			return true
		}
	case Bad, Stuck:
		if len(w.g.Blockers(n)) == 0 {
			w.root(Root{Kind: RootUnknown, Node: n, Depth: depth, Facts: []Fact{w.g.fact(n, "status", n.Status().Display())}})
			return true
		}
	}
	return false
}

func (w *walker) follow(n *Node, b Blocker, depth int) {
	hop := Hop{Node: n, Why: b.Kind, BlockedBy: b.Entity, Facts: b.Facts}
	if b.By.Type != "" {
		hop.BlockedBy = b.By
	}
	if b.Next == "" {
		w.out.Hops = append(w.out.Hops, hop)
		kind := RootBlocker
		if planned(b.Kind) {
			kind = RootPlanned
		}
		w.root(Root{Kind: kind, Node: n, Blocker: b, Depth: depth + 1})
		return
	}
	next, ok := w.g.Node(b.Next)
	if !ok {
		b.Weak, b.Next = true, ""
		w.out.Hops = append(w.out.Hops, hop)
		w.root(Root{Kind: RootBlocker, Node: n, Blocker: b, Depth: depth + 1})
		return
	}
	if b.Kind == "sched.dep.resource" {
		hop.BlockedBy = b.Entity
		w.out.Hops = append(w.out.Hops, hop, Hop{Node: n, Why: "sched.dep.resource", BlockedBy: next.Entity(), Facts: b.Facts})
	} else {
		w.out.Hops = append(w.out.Hops, hop)
	}
	switch w.state[next.ID] {
	case onPath:
		w.cycle(next, b)
	case visited:
	default:
		w.visit(next, depth+1)
	}
}

// cycle reports the members from next to the end of the path.
func (w *walker) cycle(next *Node, b Blocker) {
	var facts []Fact
	in := false
	for i, p := range w.path {
		in = in || p.ID == next.ID
		if in && p.Job != nil || in && p.Stream != nil && next.Stream != nil {
			w.out.Cycle = append(w.out.Cycle, p.Entity())
			facts = append(facts, w.g.fact(p, "status", p.Status().Display()))
		}
		if in && i < len(w.via) {
			facts = append(facts, w.via[i].Facts...) // every edge of the circle
		}
	}
	w.root(Root{Kind: RootBlocker, Node: next, Depth: len(w.path), Blocker: Blocker{Kind: "sched.dep.cycle", Entity: next.Entity(), Facts: append(facts, b.Facts...)}})
}

// root adds an end once.
func (w *walker) root(r Root) {
	for _, have := range w.out.Roots {
		if have.Kind == r.Kind && have.Blocker.Kind == r.Blocker.Kind && sameEnd(have, r) {
			return
		}
	}
	w.out.Roots = append(w.out.Roots, r)
}

func sameEnd(a, b Root) bool {
	if a.Blocker.Kind != "" || b.Blocker.Kind != "" {
		return a.Blocker.Entity.String(nil) == b.Blocker.Entity.String(nil) && a.Blocker.Entity.JobStreamID == b.Blocker.Entity.JobStreamID
	}
	return a.Node.ID == b.Node.ID
}

func planned(kind string) bool { return len(kind) > 8 && kind[:8] == "planned." }
