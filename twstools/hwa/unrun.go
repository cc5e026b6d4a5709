package hwa

import (
	"context"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// OQL filters a job's status through its runs. Whether a job that has not run yet has one is the engine's choice; where it has none, the filter
// passes it over in silence, and "no job waits" would be said of a plan that is full of them. The client finds out once and then filters here.

// statusOfRuns are the fields that carry a job's status in its runs.
var statusOfRuns = []string{"jobruns.commonStatus", "jobruns.compositeStatus.status"}

// beforeRun are the statuses, common and internal, of a job that has not run.
var beforeRun = []string{"WAITING", "READY", "HELD", "ADD", "SCHED", "HOLD", "FENCE"}

// asksBeforeRun reports whether the condition asks for a status that a job has before its first run.
func asksBeforeRun(x query.Expr) bool {
	switch x := x.(type) {
	case query.And:
		return slices.ContainsFunc(x, asksBeforeRun)
	case query.Or:
		return slices.ContainsFunc(x, asksBeforeRun)
	case query.Not:
		return asksStatus(x.X)
	case query.Term:
		if !slices.Contains(statusOfRuns, x.Field) {
			return false
		}
		return x.Op != query.Eq && x.Op != query.In || slices.ContainsFunc(x.Values, func(v query.Value) bool {
			s, ok := v.(string)
			return ok && slices.Contains(beforeRun, strings.ToUpper(s))
		})
	}
	return false
}

// asksStatus reports whether the condition speaks of a status in the runs at all.
func asksStatus(x query.Expr) bool {
	return slices.ContainsFunc(query.Fields(x), func(field string) bool { return slices.Contains(statusOfRuns, field) })
}

// readJobs answers like read, and filters here where the engine's filter passes over jobs without runs.
func (c *v2) readJobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	l := c.jobLister()
	if !asksBeforeRun(q.Where) {
		return l.read(ctx, q)
	}
	if passes, known := c.unrun.get(); known && passes {
		return l.withoutStatus(ctx, q)
	}
	list, err := l.read(ctx, q)
	if err != nil || len(list.Items) > 0 || list.Total > 0 {
		return list, err
	}
	passes, err := c.passesOverUnrun(ctx)
	if err != nil || !passes {
		return list, nil //nolint:nilerr // what was read stands; the doubt is taken up again with the next empty answer
	}
	return l.withoutStatus(ctx, q)
}

// passesOverUnrun proves, once per process, whether the engine counts jobs that its own filter does not find.
func (c *v2) passesOverUnrun(ctx context.Context) (bool, error) {
	if passes, known := c.unrun.get(); known {
		return passes, nil
	}
	found, err := c.jobLister().read(ctx, twstools.ListQuery{Where: query.AnyOf(statusOfRuns[0], "WAITING", "READY"), Limit: 1})
	if err != nil {
		return false, err
	}
	if len(found.Items) > 0 {
		c.unrun.learn(false)
		return false, nil
	}
	counts, err := c.Counts(ctx, twstools.CountQuery{GroupBy: []string{"status"}})
	if err != nil {
		return false, err
	}
	for group, n := range counts.Groups {
		if n > 0 && slices.Contains(beforeRun, strings.ToUpper(group)) {
			c.unrun.learn(true)
			return true, nil
		}
	}
	return false, nil // nothing waits now; that may change
}

// withoutStatus reads by the conditions that do not speak of a status in the runs, and filters here.
func (l lister[T]) withoutStatus(ctx context.Context, q twstools.ListQuery) (twstools.List[T], error) {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	q.Limit, q.Offset = min(q.Limit, maxRequest), max(q.Offset, 0)
	parts, ok := q.Where.(query.And)
	if !ok {
		parts = query.And{q.Where}
	}
	rest := slices.DeleteFunc(slices.Clone(parts), asksStatus)
	if filters, known := l.facts.filters.get(); len(rest) > 0 && (filters || !known) {
		if oql, err := l.talk.print(query.Query{Where: widen(rest, l.paths)}); err == nil && !l.facts.refuses(oql) {
			list, err := l.sift(ctx, q, oql, nil)
			if err == nil || !refusesFilter(err) {
				return list, err
			}
		}
	}
	return l.sift(ctx, q, "", nil)
}
