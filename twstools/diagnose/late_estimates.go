package diagnose

import (
	"context"
	"slices"

	"github.com/resync-hwa/resync/twstools/history"
	"github.com/resync-hwa/resync/twstools/plan"
)

// maxEstimated bounds for how many jobs the past is asked in one answer.
const maxEstimated = 60

// estimates asks the past how long the nodes usually take. Own history costs nothing; for at most archived jobs, the longest first, the
// engine is asked for archived plans where own runs are few. What nobody knows is left to the engine's own estimates.
func (c *kase) estimates(ctx context.Context, nodes []*plan.Node, archived int) plan.Estimates {
	if c.d.o.Past == nil {
		return nil
	}
	nodes = slices.DeleteFunc(slices.Clone(nodes), func(n *plan.Node) bool { return n.Job == nil })
	slices.SortStableFunc(nodes, func(a, b *plan.Node) int {
		return int(b.Job.Definition.EstimatedDuration - a.Job.Definition.EstimatedDuration)
	})
	out := plan.Estimates{}
	for _, n := range nodes[:min(maxEstimated, len(nodes))] {
		key := n.Job.Key(c.d.o.Name)
		if own, err := c.d.o.Past.Runs(ctx, key, ownRuns); err != nil || len(own) < ownRuns {
			if err != nil || archived == 0 {
				continue
			}
			archived--
		}
		u, source, err := c.d.o.Past.Usual(ctx, key)
		if err != nil {
			c.d.o.Logger.DebugContext(ctx, "what is usual", "error", err)
			continue
		}
		if e, ok := usual(u, source); ok {
			out[n.ID] = e
		}
	}
	return out
}

// usual turns what history knows into an estimate.
func usual(u history.Usual, source history.Source) (plan.Estimate, bool) {
	e := plan.Estimate{P50: u.Duration.Median, Runs: u.Duration.N}
	if u.Duration.HasSpread {
		e.P90 = u.Duration.High
	}
	switch source {
	case history.SourceOwn:
		e.From = plan.FromOwnHistory
	case history.SourceArchive:
		e.From = plan.FromArchive
	default:
		return plan.Estimate{}, false // the node's own fields say the engine's estimate
	}
	return e, e.Known()
}
