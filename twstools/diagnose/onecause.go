package diagnose

import (
	"context"
	"maps"

	"github.com/resync-hwa/resync/twstools/plan"
)

// maxAlike is how many objects that fit the asker's words alike are looked into before the asker is asked back.
const maxAlike = 6

// oneCause spares the asker a question whose answer would change nothing: when words fit several waiting objects, or a name several of its
// instances, and all of them wait for the same roots, one is answered and the others are listed: the object nearest to the roots, or the
// latest instance that is due.
func (c *kase) oneCause(ctx context.Context, ps []pick, by string) (one pick, others []pick, ok bool) {
	instances := oneName(ps)
	if by != "description" && !instances || len(ps) > maxAlike {
		return pick{}, nil, false
	}
	var starts []plan.Start
	for _, p := range ps {
		if ph := p.phase(); ph != plan.Waiting && ph != plan.Ready && (!instances || ph != plan.Stuck && ph != plan.Bad) {
			return pick{}, nil, false
		}
		if p.job != nil {
			starts = append(starts, plan.Start{Ref: p.job.Ref})
		} else {
			starts = append(starts, plan.Start{Ref: p.stream.Ref, JobStream: true})
		}
	}
	g, err := plan.Fetch(ctx, c.d.o.Engine, c.now, c.zone, starts, plan.Budget{Reads: readsUp})
	if err != nil {
		return pick{}, nil, false
	}
	var roots map[string]bool
	best, fewest := -1, 0
	for i, s := range starts {
		n, found := g.Node(nodeID(s))
		if !found {
			return pick{}, nil, false
		}
		x := g.Explain(n)
		mine := c.rootNames(x)
		if len(mine) == 0 || roots != nil && !maps.Equal(roots, mine) {
			return pick{}, nil, false
		}
		roots = mine
		if best < 0 || !instances && len(x.Hops) < fewest || instances && c.later(ps[i], ps[best]) {
			best, fewest = i, len(x.Hops)
		}
	}
	for i, p := range ps {
		if i != best {
			others = append(others, p)
		}
	}
	return ps[best], others, true
}

// later reports whether an instance is planned later than another, and due.
func (c *kase) later(a, b pick) bool { return dueAt(a).After(dueAt(b)) && !dueAt(a).After(c.now) }

// rootNames names the roots that are no plan; an explanation with a branch that nothing explains has none.
func (c *kase) rootNames(x plan.Explanation) map[string]bool {
	out := map[string]bool{}
	for _, r := range x.Roots {
		switch r.Kind {
		case plan.RootPlanned:
		case plan.RootUnknown:
			return nil
		default:
			out[string(r.Kind)+" "+r.Blocker.Kind+" "+c.name(rootEntity(r))] = true
		}
	}
	return out
}
