package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// joinBlocker follows the open members of a join; a join counts once however many members it has.
func (g *Graph) joinBlocker(n *Node, d twstools.Dependency) []Blocker {
	satisfied := 0
	var out []Blocker
	for _, m := range d.Members {
		bs := g.dependencyBlocker(n, m)
		if len(bs) == 0 {
			satisfied++
			continue
		}
		out = append(out, bs...)
	}
	if d.JoinQuantity > 0 && satisfied >= d.JoinQuantity {
		return nil
	}
	for i := range out {
		if out[i].Params == nil {
			out[i].Params = map[string]string{}
		}
		out[i].Params["join"] = d.JoinName
	}
	return out
}

// remoteBlocker judges a dependency on another network by the status that the engine keeps of it (UG "Internetwork dependencies").
func (g *Graph) remoteBlocker(n *Node, d twstools.Dependency) []Blocker {
	entity := twstools.Entity{Type: twstools.EntityService, Name: strings.Trim(d.NetworkAgent+"::"+d.Remote, ":")}
	b := Blocker{Kind: "sched.dep.predecessor", Entity: entity, Params: map[string]string{"remote": d.Remote, "agent": d.NetworkAgent}, Weak: true,
		Facts: g.unsatisfied(n, d, "dependency_internetwork", strings.Trim(d.NetworkAgent+"::"+d.Remote, ":"))}
	if s := d.RemoteStatus.Display(); s != "?" {
		b.Params["status"] = s
		b.Facts = append(b.Facts, g.fact(n, "remote_status", s))
	}
	switch strings.ToUpper(d.RemoteStatus.Internal) {
	case "EXTRN":
		b.Kind = "sched.dep.external_not_found" // unknown there: not in that plan, or rerun just now
	case "ERROR":
		b.Kind = "sched.dep.external_unreachable" // its state could not be asked for
	case "ABEND", "FAIL", "ABENP":
		b.Kind = "sched.dep.external_failed"
	}
	if w, ok := g.Workstation(d.NetworkAgent); ok {
		if link, fact := LinkState(w); link == LinkDown {
			b.Kind = "sched.dep.external_unreachable"
			b.Facts = append(b.Facts, fact)
		}
	}
	return []Blocker{b}
}

func (g *Graph) predecessorBlocker(n *Node, d twstools.Dependency, known bool) []Blocker {
	entity := predecessorEntity(n, d)
	b := Blocker{Kind: "sched.dep.predecessor", Entity: entity, Params: map[string]string{"status": d.PredecessorStatus.Display(), "predecessor": g.Name(entity)}}
	switch {
	case d.Orphan:
		// UG "Managing external follows dependencies": [o] never resolves. What is wrong is who still waits for it.
		b.Kind, b.Entity, b.By = "sched.dep.orphan", n.Entity(), entity
		b.Facts = append(g.unsatisfied(n, d, "orphan_predecessor", g.Name(entity)), g.fact(n, "status", n.Status().Display()))
		return []Blocker{b}
	case d.Pending:
		// [P]: bound in the next plan
		b.Kind, b.Facts = "planned.next_plan", []Fact{g.fact(n, "pending_predecessor", g.Name(entity))}
		return []Blocker{b}
	}
	b.Next = JobID(d.JobRef)
	if d.JobRef.IsZero() {
		b.Next = StreamID(d.StreamRef)
	}
	b.Facts = g.unsatisfied(n, d, "dependency_predecessor", g.Name(entity))
	node, read := g.Node(b.Next)
	if !known && n.Phase() == Ready && PhaseOf(d.PredecessorStatus) == Unknown && (!read || node.Phase() == Unknown) {
		return nil // READY means that all dependencies are resolved (UG showjobs, showschedules); nothing told speaks against it
	}
	if !read {
		b.Next, b.Weak = "", true
		return []Blocker{b}
	}
	b.Entity = node.Entity()
	b.Facts = append(g.unsatisfied(n, d, "dependency_predecessor", g.Name(b.Entity)), g.fact(node, "status", node.Status().Display()))
	if sn, ok := g.around(node); ok && sn.Stream.CarriedForward {
		b.Facts = append(b.Facts, g.fact(sn, "carried_forward", "true")) // UG "Understanding carry forward options": not today's instance
	}
	if earlierInstance(n, node) {
		b.Kind = "sched.overlap" // UG "onoverlap enqueue": the instance before it has to end first
	}
	return g.byPhase(n, node, d, b, known)
}

// around gives a node's job stream, itself where it is one.
func (g *Graph) around(n *Node) (*Node, bool) {
	if n.Stream != nil {
		return n, true
	}
	return g.stream(n)
}

// byPhase judges an open dependency by the state of the predecessor.
func (g *Graph) byPhase(n, node *Node, d twstools.Dependency, b Blocker, known bool) []Blocker {
	switch node.Phase() {
	case Done:
		if !known {
			return nil
		}
		if conditional(d) {
			return []Blocker{g.unset(n, node, d, b)}
		}
		// The engine says that a finished predecessor still holds: its own copy of the plan disagrees with itself.
		b.Kind, b.Next, b.Weak, b.turn = "plan.mirror", "", true, contradicts
	case Bad:
		if !known && (released(node) || meets(d, node)) {
			return nil
		}
	case Cancelled, Suppressed:
		if node.Stream != nil && known && !conditional(d) && node.Phase() == Suppressed {
			if end, ok := g.streamEnd(node); ok && end.Kind == "sched.time.until" {
				return []Blocker{b} // its until suppressed it, and it lets nobody go (UG "until > onuntil > suppr")
			}
		}
		if !known || !conditional(d) {
			return nil // ordinary successors are released (UG "cancel job")
		}
		return []Blocker{g.unset(n, node, d, b)}
	}
	return []Blocker{b}
}

// unset: the predecessor is over, and no condition that the node depends on came true. The node stays HOLD and its stream becomes STUCK (UG
// "Evaluating and processing a conditional dependency flow").
func (g *Graph) unset(n, node *Node, d twstools.Dependency, b Blocker) Blocker {
	b.Kind, b.Next, b.Entity, b.By = "sched.dep.condition_unset", "", n.Entity(), node.Entity()
	b.Params["predecessor"], b.Params["conditions"], b.Params["status"] = g.Name(node.Entity()), conditionsOf(d), node.Status().Display()
	b.Facts = append(b.Facts, g.unsatisfied(n, d, "dependency_condition", conditionsOf(d))...)
	if node.Job != nil && len(node.Job.Runs) > 0 {
		r := node.Job.Runs[len(node.Job.Runs)-1]
		if r.ReturnCode != nil {
			b.Params["rc"] = strconv.Itoa(*r.ReturnCode)
			b.Facts = append(b.Facts, g.fact(node, "return_code", b.Params["rc"]))
		}
	}
	b.Facts = append(b.Facts, g.fact(n, "status", n.Status().Display()))
	return b
}

func conditional(d twstools.Dependency) bool {
	return d.Conditional || len(d.OutputConditions)+len(d.StatusConditions) > 0
}

func conditionsOf(d twstools.Dependency) string {
	return strings.Join(slices.Concat(d.OutputConditions, d.StatusConditions), "|")
}

// meets reports whether a job that ended badly is just what the dependency asks for (UG "Conditional dependencies": ABEND and FAIL are conditions).
func meets(d twstools.Dependency, node *Node) bool {
	status := node.Status()
	return slices.ContainsFunc(d.StatusConditions, func(c string) bool {
		return strings.EqualFold(c, status.Internal) || strings.EqualFold(c, status.Common)
	})
}

// released reports whether a job that ended badly lets ordinary successors go all the same: its recovery option is continue, or its recovery job
// ended well (UG "recovery", Table 30). Where the engine tells the dependency's state, that counts instead.
func released(n *Node) bool {
	j := n.Job
	if j == nil || n.Phase() != Bad {
		return false
	}
	if strings.EqualFold(j.Definition.RecoveryOption, "CONTINUE") {
		return true
	}
	_, ok := Recovery(j)
	return ok
}

// earlierInstance reports whether the predecessor is, or is a job of, an earlier instance of the node's own stream.
func earlierInstance(n, node *Node) bool {
	a, b := n.Entity(), node.Entity()
	return a.Stream != "" && a.Stream == b.Stream && a.Folder == b.Folder && a.Workstation == b.Workstation && !b.Sched.IsZero() && b.Sched.Before(a.Sched)
}

// predecessorEntity names a predecessor from the dependency alone; a predecessor inside the stream carries no stream of its own.
func predecessorEntity(n *Node, d twstools.Dependency) twstools.Entity {
	e := twstools.Entity{Type: twstools.EntityJob, Folder: d.StreamFolder, Workstation: d.StreamWorkstation, Stream: d.Stream, Sched: d.StreamSched, Job: d.Job}
	if n.Job != nil && (d.Type == twstools.DepInternal || e.Stream == "") {
		own := n.Job.Entity()
		own.Job = d.Job
		e = own
	}
	if d.Job == "" {
		e.Type = twstools.EntityJobStream
	}
	return e
}

func (g *Graph) unsatisfied(n *Node, d twstools.Dependency, name, value string) []Fact {
	state := d.State
	if state == "" && d.Satisfied != nil {
		state = "satisfied=" + strconv.FormatBool(*d.Satisfied)
	}
	return []Fact{g.fact(n, name, strings.TrimSpace(value+" "+state))}
}
