package plan

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// Budget bounds an expansion. Zero fields take the defaults.
type Budget struct {
	Reads int // engine reads; 60 (DESIGN.md 7: a chain of 50 hops)
	Nodes int // nodes held; 400
	Jobs  int // jobs taken of one job stream; 200
}

func (b Budget) withDefaults() Budget {
	if b.Reads == 0 {
		b.Reads = 60
	}
	if b.Nodes == 0 {
		b.Nodes = 400
	}
	if b.Jobs == 0 {
		b.Jobs = 200
	}
	return b
}

// Start is where an expansion begins. First has it, and all that holds it back, read before the starts that are not: the budget may end.
type Start struct {
	Ref       twstools.Ref
	JobStream bool
	First     bool
}

// Fetch reads the start nodes whole and everything that holds them back, transitively: open predecessors, the stream around each
// job, the jobs of a stream that cannot go on, holders of resources, prompts, and the workstations once. A failed read is noted and
// the rest goes on; the error is non-nil only when ctx ended or every start node failed.
func Fetch(ctx context.Context, src Source, now time.Time, zone *time.Location, starts []Start, b Budget) (*Graph, error) {
	f := &fetcher{src: src, budget: b.withDefaults(), seen: map[NodeID]bool{}, g: &Graph{Now: now, Zone: zone,
		nodes: map[NodeID]*Node{}, streamJobs: map[NodeID][]NodeID{}, predecessors: map[NodeID][]NodeID{}, workstations: map[string]twstools.Workstation{},
		resources: map[string]twstools.Resource{}, prompts: map[string]twstools.Prompt{}, executing: map[string]int{}, members: map[string][]string{}}}
	for _, s := range starts {
		f.first = s.First
		f.push(s.Ref, s.JobStream)
	}
	f.readWorkstations(ctx)
	f.listMembers(ctx, starts)
	f.drain(ctx)
	if err := ctx.Err(); err != nil {
		return f.g, err
	}
	for _, s := range starts {
		if _, ok := f.g.Node(startID(s)); ok {
			return f.g, nil
		}
	}
	return f.g, errors.Join(f.g.Failures...)
}

func startID(s Start) NodeID {
	if s.JobStream {
		return StreamID(s.Ref)
	}
	return JobID(s.Ref)
}

type fetcher struct {
	src    Source
	g      *Graph
	budget Budget
	queue  []toRead
	seen   map[NodeID]bool
	first  bool // what is queued now is of a start that is read first
	far    far
}

// toRead is what is to be read next: with the dependency that led there, where one did.
type toRead struct {
	Start
	by *twstools.Dependency
}

func (f *fetcher) push(ref twstools.Ref, stream bool) { f.pushBy(ref, stream, nil) }

func (f *fetcher) pushBy(ref twstools.Ref, stream bool, by *twstools.Dependency) {
	s := Start{Ref: ref, JobStream: stream, First: f.first}
	if ref.IsZero() {
		return
	}
	if f.seen[startID(s)] {
		if i := slices.IndexFunc(f.queue, func(r toRead) bool { return startID(r.Start) == startID(s) }); i >= 0 && s.First {
			f.queue[i].First = true // another start waits for it, too
		}
		return
	}
	if len(f.seen) >= f.budget.Nodes {
		f.g.Truncated = true
		return
	}
	f.seen[startID(s)] = true
	f.queue = append(f.queue, toRead{s, by})
}

// next takes what is to be read next from the queue: in the order in which it was found, of the first starts before that of the others.
func (f *fetcher) next() toRead {
	i := max(0, slices.IndexFunc(f.queue, func(r toRead) bool { return r.First }))
	next := f.queue[i]
	f.queue = slices.Delete(f.queue, i, i+1)
	f.first = next.First
	return next
}

// spend takes one read from the budget.
func (f *fetcher) spend() bool {
	if f.g.Reads >= f.budget.Reads {
		f.g.Truncated = true
		return false
	}
	f.g.Reads++
	return true
}

func (f *fetcher) failed(err error) {
	// What this level of engine lacks is no failure of a read; rules do without it.
	if fault.Is(err, fault.Unsupported) {
		return
	}
	f.g.Failures = append(f.g.Failures, err)
}

func (f *fetcher) expand(ctx context.Context, s toRead) {
	if s.JobStream {
		if n := f.stream(ctx, s.Ref); n != nil {
			f.follow(ctx, n)
			f.members(ctx, n)
		}
		return
	}
	if f.byStreamAlone(ctx, s) {
		return
	}
	n := f.job(ctx, s.Ref)
	if n == nil {
		return
	}
	f.around(ctx, n)
	f.follow(ctx, n)
	if n.Phase() == Ready {
		f.occupied(ctx, n.Job.Workstation)
	}
}

// job reads a job whole, once.
func (f *fetcher) job(ctx context.Context, ref twstools.Ref) *Node {
	id := JobID(ref)
	if n, ok := f.g.nodes[id]; ok && n.Whole {
		return n
	}
	if !f.spend() {
		return f.g.nodes[id]
	}
	j, err := f.src.Job(ctx, ref)
	if err != nil {
		f.failed(err)
		return f.g.nodes[id] // what a list said of it is better than nothing
	}
	f.g.told.Job(&j, false)
	n, ok := f.g.nodes[id]
	if !ok {
		n = &Node{ID: id}
		f.g.nodes[id] = n
	} else {
		f.g.told.Less(&j, n.Job)
		j.Fill(n.Job)
	}
	n.Job, n.Whole = &j, true // the same node: who took it from a list sees what was read since
	return n
}

// stream reads a job stream whole, once.
func (f *fetcher) stream(ctx context.Context, ref twstools.Ref) *Node {
	id := StreamID(ref)
	if n, ok := f.g.nodes[id]; ok && n.Whole {
		return n
	}
	if !f.spend() {
		return f.g.nodes[id]
	}
	s, err := f.src.JobStream(ctx, ref)
	if err != nil {
		f.failed(err)
		return f.g.nodes[id]
	}
	f.g.told.JobStream(&s, false)
	n, ok := f.g.nodes[id]
	if !ok {
		n = &Node{ID: id}
		f.g.nodes[id] = n
	} else {
		s.Fill(n.Stream)
	}
	n.Stream, n.Whole = &s, true
	return n
}

// follow queues what holds the node back.
func (f *fetcher) follow(ctx context.Context, n *Node) {
	if p := n.Phase(); p != Waiting && p != Ready && p != Unknown {
		return
	}
	deps, known := n.Dependencies()
	if !known {
		deps = f.neighbours(ctx, n)
	}
	for _, d := range deps {
		f.followDependency(ctx, d)
	}
}

func (f *fetcher) followDependency(ctx context.Context, d twstools.Dependency) {
	if open, _ := d.Open(); !open {
		return
	}
	switch d.Type {
	case twstools.DepJoin:
		for _, m := range d.Members {
			f.followDependency(ctx, m)
		}
	case twstools.DepResource:
		f.resource(ctx, d)
	case twstools.DepPrompt:
		f.prompt(ctx, d)
	case twstools.DepExternalJobStream:
		if !d.Pending && !d.Orphan {
			f.push(d.StreamRef, true)
		}
	default:
		if !d.Pending && !d.Orphan {
			f.pushBy(d.JobRef, false, &d)
		}
	}
}

// neighbours reads predecessors where the engine did not tell the dependencies, and makes plain dependencies of them.
func (f *fetcher) neighbours(ctx context.Context, n *Node) []twstools.Dependency {
	if !f.spend() {
		return nil
	}
	q := twstools.NeighbourQuery{Direction: twstools.Predecessors, JobStream: n.Stream != nil}
	if n.Job != nil {
		q.Ref = n.Job.Ref
	} else {
		q.Ref = n.Stream.Ref
	}
	found, err := f.src.Neighbours(ctx, q)
	if err != nil {
		f.failed(err)
		return nil
	}
	var deps []twstools.Dependency
	for _, nb := range found {
		d := dependencyOn(nb, n)
		f.remember(nb)
		deps = append(deps, d)
	}
	if n.Job != nil {
		n.Job.Dependencies = deps
		n.Job.DependenciesKnown = true
	} else {
		n.Stream.Dependencies = deps
		n.Stream.DependenciesKnown = true
	}
	return deps
}

func dependencyOn(nb twstools.Neighbour, owner *Node) twstools.Dependency {
	if nb.Job != nil {
		d := twstools.Dependency{Type: twstools.DepExternalJob, JobRef: nb.Job.Ref, Job: nb.Job.Name, StreamRef: nb.Job.StreamRef, Stream: nb.Job.Stream,
			StreamWorkstation: nb.Job.StreamWorkstation, StreamSched: nb.Job.SchedTime, PredecessorStatus: nb.Job.Status}
		if owner.Job != nil && owner.Job.StreamRef == nb.Job.StreamRef {
			d.Type = twstools.DepInternal
		}
		d.Satisfied = satisfiedBy(PhaseOf(nb.Job.Status))
		return d
	}
	d := twstools.Dependency{Type: twstools.DepExternalJobStream, StreamRef: nb.JobStream.Ref, Stream: nb.JobStream.Name,
		StreamWorkstation: nb.JobStream.Workstation, StreamSched: nb.JobStream.SchedTime, PredecessorStatus: nb.JobStream.Status}
	d.Satisfied = satisfiedBy(PhaseOf(nb.JobStream.Status))
	return d
}

// satisfiedBy tells whether a predecessor in that phase has released its ordinary successors; cancelled and suppressed ones do
// (UG "cancel job", "Conditional dependencies").
func satisfiedBy(p Phase) *bool {
	var v bool
	switch p {
	case Done, Cancelled, Suppressed:
		v = true
	case Unknown:
		return nil
	}
	return &v
}

// remember keeps what a list told of a node, unless it is known better.
func (f *fetcher) remember(nb twstools.Neighbour) {
	var n *Node
	if nb.Job != nil {
		n = &Node{ID: JobID(nb.Job.Ref), Job: nb.Job}
	} else if nb.JobStream != nil {
		n = &Node{ID: StreamID(nb.JobStream.Ref), Stream: nb.JobStream}
	}
	if n == nil {
		return
	}
	have, ok := f.g.nodes[n.ID]
	switch {
	case !ok:
		f.g.nodes[n.ID] = n
	case have.Job != nil:
		j := *have.Job
		j.Fill(n.Job)
		have.Job = &j
	case have.Stream != nil:
		s := *have.Stream
		s.Fill(n.Stream)
		have.Stream = &s
	}
}

func (f *fetcher) readWorkstations(ctx context.Context) {
	if !f.spend() {
		return
	}
	page, err := f.src.Workstations(ctx, twstools.ListQuery{Limit: 10000})
	if err != nil {
		f.failed(err)
		return
	}
	f.g.workstationsRead = true
	for _, w := range page.Items {
		f.g.workstations[strings.ToUpper(w.Name)] = w
	}
}
