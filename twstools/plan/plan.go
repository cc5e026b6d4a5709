// Package plan reasons over the plan: what a job or job stream waits for, hop by hop, and whom a trouble holds up. Fetch expands a
// frontier of objects into a Graph under a budget of engine calls; every rule is a pure function of that Graph and its instant, so the
// same rules run over recorded worlds and live engines alike.
//
// All times are UTC; Graph.Zone is only for writing schedule times. A Graph is safe for concurrent reads once fetched.
// Rules name their source in a comment: UG, AD and TR stand for the vendor's User's Guide and Reference, Administration, and
// Troubleshooting manuals. Start at Fetch, then Graph.Explain and Downstream.
package plan

import (
	"context"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// Source is what Fetch reads. twstools.Engine satisfies it.
type Source interface {
	Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error)
	JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error)
	JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error)
	Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error)
	Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error)
	Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error)
	Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error)
	Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error)
}

// NodeID identifies a job or job stream inside one Graph.
type NodeID string

// JobID and StreamID make node ids from references.
func JobID(r twstools.Ref) NodeID    { return NodeID("job:" + r.ID) }
func StreamID(r twstools.Ref) NodeID { return NodeID("stream:" + r.ID) }

// Node is a job or a job stream; exactly one of the two is set. Whole is true when it was read by itself, not from a list.
type Node struct {
	ID     NodeID
	Job    *twstools.Job
	Stream *twstools.JobStream
	Whole  bool
}

// Entity names the node.
func (n *Node) Entity() twstools.Entity {
	if n.Job != nil {
		return n.Job.Entity()
	}
	return n.Stream.Entity()
}

// Status gives the node's status as the engine words it.
func (n *Node) Status() twstools.Status {
	if n.Job != nil {
		return n.Job.Status
	}
	return n.Stream.Status
}

// Phase gives the node's phase.
func (n *Node) Phase() Phase { return PhaseOf(n.Status()) }

// Dependencies gives the node's dependencies and whether the engine told them.
func (n *Node) Dependencies() ([]twstools.Dependency, bool) {
	if n.Job != nil {
		return n.Job.Dependencies, n.Job.DependenciesKnown
	}
	return n.Stream.Dependencies, n.Stream.DependenciesKnown
}

// Phase is our coarse reading of a status, for reasoning only: what is shown is always the engine's own word.
type Phase string

// The phases.
const (
	Unknown    Phase = "unknown"
	Waiting    Phase = "waiting" // HOLD, SCHED, ADD
	Ready      Phase = "ready"   // READY, FENCE: nothing in the plan holds it, it is not launched
	Running    Phase = "running" // INTRO, WAIT, BOUND, EXEC
	Done       Phase = "done"
	Bad        Phase = "bad" // ABEND, FAIL, ERROR
	Stuck      Phase = "stuck"
	ToConfirm  Phase = "to_confirm"
	Cancelled  Phase = "cancelled"
	Suppressed Phase = "suppressed"
)

var internalPhase = map[string]Phase{
	"ADD": Waiting, "HOLD": Waiting, "SCHED": Waiting,
	"READY": Ready, "FENCE": Ready,
	"INTRO": Running, "INTRO+": Running, "INTRO_PLUS": Running, "WAIT": Running, "WAITD": Running, "BOUND": Running, "EXEC": Running, "EXEC+": Running,
	"EXEC_PLUS": Running, "STARTED": Running,
	"SUCC": Done, "SUCCP": Done,
	"ABEND": Bad, "ABENP": Bad, "ABENDP": Bad, "FAIL": Bad, "FAILED": Bad, "ERROR": Bad,
	"STUCK": Stuck,
	"PEND":  ToConfirm, "ENDP": ToConfirm,
	"SUPPR": Suppressed, "SUPPRESS": Suppressed,
	"CANCL": Cancelled, "CANCE": Cancelled, "CANCEL": Cancelled, "CANCP": Cancelled, "CANCLP": Cancelled, "CANCELP": Cancelled,
}

var commonPhase = map[string]Phase{
	"WAITING": Waiting, "HELD": Waiting, "READY": Ready, "RUNNING": Running, "SUCCESSFUL": Done, "COMPLETED": Done, "ERROR": Bad,
	"BLOCKED": Stuck, "CANCELED": Cancelled, "SUPPRESS": Suppressed, "SUPPRESS_BY_COND": Suppressed, "INTERRUPTED": Bad, "WAITING_FOR_TRIGGER": Waiting,
}

// PhaseOf reads a status: the internal word first, the common one where that is unknown (UG "Status description", showjobs and
// showschedules; HWA common status table).
func PhaseOf(s twstools.Status) Phase {
	if s.Canceled {
		return Cancelled
	}
	if p, ok := internalPhase[strings.ToUpper(s.Internal)]; ok {
		return p
	}
	if p, ok := commonPhase[strings.ToUpper(s.Common)]; ok {
		return p
	}
	return Unknown
}

// Fact is one field of one object as read: the raw material of evidence.
type Fact struct {
	Source string // "plan:<entity>", "workstation:<name>", "resource:<entity>", "prompt:<entity>", "file:<entity>"
	Name   string
	Value  string
}

// Graph is what was fetched: nodes with their streams, workstations, resources and prompts, at one instant of the engine.
type Graph struct {
	Now  time.Time      // the engine's now
	Zone *time.Location // the plan's zone

	nodes            map[NodeID]*Node
	streamJobs       map[NodeID][]NodeID // jobs of a stream, where they were listed
	predecessors     map[NodeID][]NodeID // neighbours read because the dependency list was not told
	workstations     map[string]twstools.Workstation
	workstationsRead bool
	resources        map[string]twstools.Resource
	prompts          map[string]twstools.Prompt
	told             Told
	executing        map[string]int      // running jobs by workstation, where they were counted
	members          map[string][]string // agents that ran jobs of a pool, by pool, where they were looked for
	down             edges               // what stands behind nodes, where Spread read it

	// Hidden is true when something that the plan names was not listed: the account may not see such objects.
	Hidden bool
	// Failures are reads that failed; what they would have shown is not in the graph.
	Failures []error
	// Truncated is true when the budget ended the expansion.
	Truncated bool
	// Reads counts the reads made for it.
	Reads int
}

// Node gives a node by id.
func (g *Graph) Node(id NodeID) (*Node, bool) {
	n, ok := g.nodes[id]
	return n, ok
}

// Workstation gives a workstation by its display form.
func (g *Graph) Workstation(name string) (twstools.Workstation, bool) {
	w, ok := g.workstations[strings.ToUpper(name)]
	return w, ok
}

// Name writes an entity in the plan's zone.
func (g *Graph) Name(e twstools.Entity) string { return untrusted.Normalize(e.String(g.Zone)) }

// stream gives the job stream of a job node, if it was read.
func (g *Graph) stream(n *Node) (*Node, bool) {
	if n.Job == nil || n.Job.StreamRef.IsZero() {
		return nil, false
	}
	return g.Node(StreamID(n.Job.StreamRef))
}

// JobsOf lists the jobs of a stream, as far as they were listed.
func (g *Graph) JobsOf(stream *Node) []*Node {
	var out []*Node
	for _, id := range g.streamJobs[stream.ID] {
		if n, ok := g.Node(id); ok {
			out = append(out, n)
		}
	}
	return out
}

// Nodes lists all nodes, in no order.
func (g *Graph) Nodes() []*Node {
	out := make([]*Node, 0, len(g.nodes))
	for _, n := range g.nodes {
		out = append(out, n)
	}
	return out
}

// Keep adds a job that was read elsewhere, unless the graph has it, and gives its node. It must not be called while others read the graph.
func (g *Graph) Keep(j *twstools.Job) *Node {
	id := JobID(j.Ref)
	if n, ok := g.nodes[id]; ok {
		return n
	}
	n := &Node{ID: id, Job: j}
	g.nodes[id] = n
	return n
}

// KeepStream is Keep for a job stream.
func (g *Graph) KeepStream(s *twstools.JobStream) *Node {
	id := StreamID(s.Ref)
	if n, ok := g.nodes[id]; ok {
		return n
	}
	n := &Node{ID: id, Stream: s, Whole: true}
	g.nodes[id] = n
	return n
}
