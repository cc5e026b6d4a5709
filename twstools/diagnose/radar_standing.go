package diagnose

import (
	"context"
	"slices"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// standing follows streams that stand still to what holds them, with the calls that are left.
func (s *sweeper) standing(ctx context.Context) {
	still := s.unexplained(ctx, s.sweep.Standing())
	if len(still) == 0 {
		return
	}
	left := int(s.left())
	left -= left / 3 // a read may cost more than one call where the interface is the older one
	n := min(len(still), maxStanding, max(left-2, 0))
	for _, st := range still[:n] {
		s.sweep.StalledFrom = append(s.sweep.StalledFrom, plan.Start{Ref: st.Ref, JobStream: true})
	}
	if n > 0 {
		g, err := plan.Fetch(ctx, s.d.o.Engine, s.now, s.zone, s.sweep.StalledFrom, plan.Budget{Reads: left})
		s.unreadOptional(err)
		s.sweep.Stalled = g
		s.reads += int64(g.Reads)
		if g.Truncated {
			n--
		}
	}
	if rest := len(still) - n; rest > 0 {
		s.miss("plan:current", s.unchecked("standing", rest))
	}
}

// maxBehind bounds the ids in one condition: they travel in an address.
const maxBehind = 60

// unexplained leaves out the standing streams that something known explains: a finding, a prompt, an agent in trouble, or that they or their jobs
// follow a stream that is not over yet.
func (s *sweeper) unexplained(ctx context.Context, still []twstools.JobStream) []twstools.JobStream {
	known := map[string]bool{}
	for _, f := range s.sweep.Findings() {
		if f.Rule != "leftover" {
			known[f.Ref.ID] = true
		}
	}
	for _, p := range s.sweep.Prompts {
		known[p.JobStreamRef.ID] = true
	}
	for i := range s.sweep.Jobs {
		if j := &s.sweep.Jobs[i]; plan.PhaseOf(j.Status) == plan.Waiting && j.Times.LatestStart.IsZero() {
			known[j.StreamRef.ID] = true // read because of its agent, or because it is held
		}
	}
	rest := func() []twstools.JobStream {
		return slices.DeleteFunc(slices.Clone(still), func(st twstools.JobStream) bool { return known[st.Ref.ID] })
	}
	standing := map[string]bool{}
	for _, st := range still {
		standing[st.Ref.ID] = true
	}
	var open, moving []query.Value
	for _, st := range s.sweep.Streams {
		if p := plan.PhaseOf(st.Status); p == plan.Done || p == plan.Cancelled || p == plan.Suppressed || len(open) == maxBehind || st.SchedTime.After(s.now) {
			continue
		}
		if open = append(open, st.Ref.ID); !standing[st.Ref.ID] {
			moving = append(moving, st.Ref.ID)
		}
	}
	if len(rest()) == 0 || s.left() < 4 { // two lists, each of which may cost two calls where the interface is the older one
		return rest()
	}
	s.reads += 2
	const behind = "dependencies.jobStreamId"
	streams, err := s.d.o.Engine.JobStreams(ctx, twstools.ListQuery{Limit: radarJobs, Where: query.And{query.AnyOf("commonStatus", "WAITING", "READY", "RUNNING", "BLOCKED"), query.AnyOf(behind, open...)}})
	s.unreadOptional(err)
	for _, st := range streams.Items {
		known[st.Ref.ID] = true
	}
	if len(rest()) == 0 || len(moving) == 0 {
		return rest()
	}
	// Of jobs only those behind streams that do not stand still themselves: a chain within one stream names that stream too.
	jobs, err := s.d.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: radarJobs, Where: query.And{query.Is("jobruns.commonStatus", "WAITING"), query.AnyOf(behind, moving...)}})
	s.unreadOptional(err)
	for _, j := range jobs.Items {
		known[j.StreamRef.ID] = true
	}
	return rest()
}
