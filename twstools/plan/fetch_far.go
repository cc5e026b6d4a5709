package plan

import (
	"context"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// A chain costs two reads a hop: the job and the stream around it. After farAfter reads a chain is long, and from there on one read a hop has to
// do (DESIGN.md 7: 50 hops in 60 calls): either the stream is read and its job believed as the dependency tells it, where so far streams
// held each other up; or the job is read, and the streams around such jobs are listed together at the end.
const farAfter = 10

// far is what a long chain leaves for the end.
type far struct {
	off       bool           // nothing is left for the end, and no job is believed without being read: its duration counts
	byStreams bool           // the last stream around a waiting job was held up itself
	streams   []twstools.Ref // around jobs that were read, to be listed together
	jobs      []twstools.Ref // of streams that are held up themselves: their own dependencies were not read
}

// drain reads what is queued, then what long chains left behind, as far as the budget goes.
func (f *fetcher) drain(ctx context.Context) {
	for ctx.Err() == nil {
		switch {
		case len(f.queue) > 0:
			f.expand(ctx, f.next())
		case len(f.far.streams) > 0:
			f.listStreams(ctx)
		case len(f.far.jobs) > 0:
			f.lateJobs(ctx)
		default:
			return
		}
	}
}

// around reads the stream around a job, or leaves it for later.
func (f *fetcher) around(ctx context.Context, n *Node) {
	ref := n.Job.StreamRef
	if ref.IsZero() {
		return
	}
	waits := n.Phase() == Waiting || n.Phase() == Ready
	if have, ok := f.g.Node(StreamID(ref)); !f.far.off && f.g.Reads > farAfter && waits && !(ok && have.Whole) {
		f.far.streams = append(f.far.streams, ref)
		return
	}
	sn := f.stream(ctx, ref)
	if sn == nil || !waits {
		return
	}
	f.far.byStreams = f.heldUp(sn)
	f.follow(ctx, sn)
	f.limitOf(ctx, sn)
}

// heldUp reports whether something of its own keeps the stream from starting.
func (f *fetcher) heldUp(sn *Node) bool {
	return (sn.Phase() == Waiting || sn.Phase() == Ready) && len(f.g.streamOwn(sn)) > 0
}

// byStreamAlone goes on through the stream of a waiting predecessor without reading the predecessor itself.
func (f *fetcher) byStreamAlone(ctx context.Context, s toRead) bool {
	d := s.by
	if d == nil || f.far.off || d.StreamRef.IsZero() || !f.far.byStreams || f.g.Reads <= farAfter || PhaseOf(d.PredecessorStatus) != Waiting {
		return false
	}
	sn := f.stream(ctx, d.StreamRef)
	if sn == nil || !f.heldUp(sn) {
		f.far.byStreams = false
		return false
	}
	if _, ok := f.g.Node(JobID(s.Ref)); !ok {
		f.g.nodes[JobID(s.Ref)] = &Node{ID: JobID(s.Ref), Job: &twstools.Job{Ref: s.Ref, Name: d.Job, StreamRef: d.StreamRef, Stream: sn.Stream.Name, StreamFolder: sn.Stream.Folder,
			StreamWorkstation: sn.Stream.Workstation, JobStreamID: sn.Stream.InternalID, SchedTime: sn.Stream.SchedTime, Status: d.PredecessorStatus}}
	}
	f.far.jobs = append(f.far.jobs, s.Ref)
	f.follow(ctx, sn)
	return true
}

// listStreams lists the streams that were left for later in one read; only those with something of their own are read whole.
func (f *fetcher) listStreams(ctx context.Context) {
	refs := f.far.streams
	f.far.streams = nil
	var ids []query.Value
	for _, r := range refs {
		if n, ok := f.g.Node(StreamID(r)); !ok || !n.Whole {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 || !f.spend() {
		return
	}
	page, err := f.src.JobStreams(ctx, twstools.ListQuery{Where: query.AnyOf("id", ids...), Limit: len(ids)})
	if err != nil {
		f.failed(err)
		return
	}
	for i := range page.Items {
		s := &page.Items[i]
		f.remember(twstools.Neighbour{JobStream: s})
		if n, ok := f.g.Node(StreamID(s.Ref)); ok && (mayHoldBack(s) || len(f.g.streamOwn(n)) > 0) {
			if sn := f.stream(ctx, s.Ref); sn != nil {
				f.follow(ctx, sn)
			}
		}
	}
	if len(page.Items) < len(ids) {
		f.g.Truncated = true // of these nothing is known
	}
}

// mayHoldBack reports whether the row of a stream leaves it open that it waits for something itself.
func mayHoldBack(s *twstools.JobStream) bool {
	if s.UnresolvedCount != nil {
		return *s.UnresolvedCount > 0
	}
	if s.DependencyCounts == nil {
		return true
	}
	for _, n := range s.DependencyCounts {
		if n > 0 {
			return true
		}
	}
	return false
}

// lateJobs reads the jobs that were believed as their dependencies told them, as far as half of the budget goes.
func (f *fetcher) lateJobs(ctx context.Context) {
	refs := f.far.jobs
	f.far.jobs = nil
	for _, ref := range refs {
		if f.g.Reads >= f.budget.Reads/2 {
			f.g.Truncated = true
			return
		}
		if n := f.job(ctx, ref); n != nil {
			f.follow(ctx, n)
		}
	}
}
