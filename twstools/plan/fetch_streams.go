package plan

import (
	"context"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// members lists the jobs of a stream that did not end well, and queues those that matter: the bad ones, and when there are none
// the ones that run or wait.
func (f *fetcher) members(ctx context.Context, n *Node) {
	p := n.Phase()
	if p == Done || p == Cancelled || p == Suppressed {
		return
	}
	jobs := f.jobsOf(ctx, n)
	var bad, going []twstools.Ref
	for _, j := range jobs {
		switch PhaseOf(j.Status) {
		case Bad, ToConfirm:
			bad = append(bad, j.Ref)
		case Running, Ready, Waiting:
			going = append(going, j.Ref)
		}
	}
	pick := bad
	if len(bad) == 0 {
		pick = going
	}
	if p == Waiting && len(bad) == 0 && len(f.g.streamOwn(n)) > 0 {
		return // its jobs wait because the stream does
	}
	for _, ref := range pick {
		f.push(ref, false)
	}
}

// limitOf lists the jobs of a stream that has a limit, to see whether it is used up.
func (f *fetcher) limitOf(ctx context.Context, n *Node) {
	if n.Stream.Limit != nil && *n.Stream.Limit > 0 && n.Phase() == Running {
		f.jobsOf(ctx, n)
	}
}

func (f *fetcher) jobsOf(ctx context.Context, n *Node) []twstools.Job {
	if ids, ok := f.g.streamJobs[n.ID]; ok {
		var jobs []twstools.Job
		for _, id := range ids {
			jobs = append(jobs, *f.g.nodes[id].Job)
		}
		return jobs
	}
	if !f.spend() {
		return nil
	}
	page, err := f.src.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobStreamId", n.Stream.Ref.ID), Limit: f.budget.Jobs})
	if err != nil {
		f.failed(err)
		return nil
	}
	ids := []NodeID{}
	for i := range page.Items {
		j := &page.Items[i]
		f.remember(twstools.Neighbour{Job: j})
		ids = append(ids, JobID(j.Ref))
	}
	f.g.streamJobs[n.ID] = ids
	if page.Total > len(page.Items) {
		f.g.Truncated = true
	}
	return page.Items
}

// listMembers lists the jobs of all start streams in one read: each stream that waits is asked for them otherwise. A page that does not hold them
// all, or a row without its stream, settles nothing of the streams it leaves out: those are listed by themselves.
func (f *fetcher) listMembers(ctx context.Context, starts []Start) {
	var ids []query.Value
	streams := map[string]NodeID{}
	for _, s := range starts {
		if s.JobStream && !s.Ref.IsZero() {
			ids = append(ids, s.Ref.ID)
			streams[s.Ref.ID] = StreamID(s.Ref)
		}
	}
	if len(ids) < 2 || !f.spend() {
		return
	}
	page, err := f.src.Jobs(ctx, twstools.ListQuery{Where: query.AnyOf("jobStreamId", ids...), Limit: len(ids) * f.budget.Jobs})
	if err != nil || page.Incomplete || page.Total > len(page.Items) {
		return
	}
	for i := range page.Items {
		j := &page.Items[i]
		id, ok := streams[j.StreamRef.ID]
		if !ok {
			continue
		}
		f.remember(twstools.Neighbour{Job: j})
		f.g.streamJobs[id] = append(f.g.streamJobs[id], JobID(j.Ref))
	}
}
