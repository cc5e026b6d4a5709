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
	left := s.left()
	if s.spent != nil && s.spent() > s.reads { // a read costs more than one call where the interface is the older one
		left = left * s.reads / s.spent()
	}
	n := min(len(still), maxStanding, max(int(left)-2, 0))
	for _, st := range still[:n] {
		s.sweep.StalledFrom = append(s.sweep.StalledFrom, plan.Start{Ref: st.Ref, JobStream: true})
	}
	if n > 0 {
		g, err := plan.Fetch(ctx, s.d.o.Engine, s.now, s.zone, s.sweep.StalledFrom, plan.Budget{Reads: int(left)})
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
	var ahead []query.Value // streams that are not over and do not stand still themselves: to follow them explains a wait, but for a circle
	for _, st := range s.sweep.Streams {
		if p := plan.PhaseOf(st.Status); p != plan.Done && p != plan.Cancelled && p != plan.Suppressed && len(ahead) < maxBehind && !st.SchedTime.After(s.now) && !standing[st.Ref.ID] {
			ahead = append(ahead, st.Ref.ID)
		}
	}
	const behind = "dependencies.jobStreamId"
	var all []query.Value
	for round := 0; round < 2 && len(ahead) > 0 && len(rest()) > 0 && s.left() > 3; round++ { // a list may cost two calls where the interface is the older one
		s.reads++
		list, err := s.d.o.Engine.JobStreams(ctx, twstools.ListQuery{Limit: radarJobs, Where: query.And{query.AnyOf("commonStatus", "WAITING", "READY", "RUNNING", "BLOCKED"), query.AnyOf(behind, ahead...)}})
		s.unreadOptional(err)
		all, ahead = append(all, ahead...), nil
		for _, st := range list.Items {
			if !known[st.Ref.ID] && standing[st.Ref.ID] && len(ahead) < maxBehind {
				ahead = append(ahead, st.Ref.ID)
			}
			known[st.Ref.ID] = true
		}
	}
	if all = append(all, ahead...); len(rest()) == 0 || len(all) == 0 || s.left() < 3 {
		return rest()
	}
	s.reads++
	jobs, err := s.d.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: radarJobs, Where: query.And{query.Is("jobruns.commonStatus", "WAITING"), query.AnyOf(behind, all[:min(len(all), 2*maxBehind)]...)}})
	s.unreadOptional(err)
	for _, j := range jobs.Items {
		known[j.StreamRef.ID] = true
	}
	return rest()
}
