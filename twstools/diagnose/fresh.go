package diagnose

import (
	"context"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// freshWindow is how recent a change in the plan must be to prove that the engine's copy of it is being kept up (DESIGN.md 4.6).
const freshWindow = 10 * time.Minute

// freshness is what was learnt about the copy of the plan that the API reads.
type freshness struct {
	asked    bool
	proven   bool
	mirrored time.Time     // the latest change seen
	lagging  *twstools.Job // a CHECKSYNC that ended badly
}

// prove looks once for a change within the last minutes, and for CHECKSYNC of this plan (UG "Monitoring the replication of plan data in
// the database"): a start or end shows that events still arrive. A CHECKSYNC that succeeded shows that the copy was whole when it ended, and
// no more: what stops arriving hours later does not undo it. One that failed shows that the copy is in doubt.
func (c *kase) prove(ctx context.Context) {
	if c.fresh.asked {
		return
	}
	c.fresh.asked = true
	const most = 50
	began := query.Term{Field: "jobruns.timeInfo.actualStartTime", Op: query.Ge, Values: []query.Value{c.now.Add(-freshWindow)}}
	n := c.seeJobs(ctx, query.Or{query.Is("name", checkSync), began}, most)
	if n >= most {
		c.seeJobs(ctx, query.Is("name", checkSync), most) // so much has begun that it may have been crowded out
	}
}

// checkSync is the job that the product brings for watching the copy.
const checkSync = "CHECKSYNC"

func (c *kase) seeJobs(ctx context.Context, where query.Expr, most int) int {
	page, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: most, Where: where})
	if err != nil {
		c.d.o.Logger.DebugContext(ctx, "prove the plan's copy", "error", err)
		return 0
	}
	for i := range page.Items {
		c.fresh.see(&page.Items[i], c.now)
		c.told.Job(&page.Items[i], true)
	}
	return len(page.Items)
}

// stillWindow is how long a whole plan can stand still before its clock is doubted: the plan's own turn runs every day.
const stillWindow = 36 * time.Hour

// settleClock proves the plan's copy, and doubts the clock when nothing in the whole plan has moved for longer than a day and a half:
// then every duration reckoned by that clock would be wrong, so times are judged as of the last change, and that is said.
func (c *kase) settleClock(ctx context.Context) {
	c.prove(ctx)
	if c.fresh.proven || c.fresh.lagging != nil {
		return
	}
	page, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: 1, Where: query.Term{Field: "jobruns.timeInfo.actualStartTime", Op: query.Ge, Values: []query.Value{c.now.Add(-stillWindow)}}})
	if err != nil || len(page.Items) > 0 || page.Incomplete {
		return
	}
	newest, err := c.d.o.Finder.Newest(ctx)
	if err != nil || newest.IsZero() || c.now.Sub(newest) < stillWindow {
		return
	}
	c.miss("engine:"+c.d.o.Name, c.text("still", c.instant(c.now), c.instant(newest)))
	c.now = newest
}

func (f *freshness) see(j *twstools.Job, now time.Time) {
	for _, r := range j.Runs {
		for _, t := range []time.Time{r.Start, r.End} {
			if !t.IsZero() && !t.After(now) && now.Sub(t) <= freshWindow {
				f.proven = true
				if t.After(f.mirrored) {
					f.mirrored = t
				}
			}
		}
	}
	if j.Name != checkSync {
		return
	}
	switch plan.PhaseOf(j.Status) {
	case plan.Done:
		// When the copy was whole at last; one of an earlier plan tells nothing of this one: a plan lasts a day.
		if n := len(j.Runs); n > 0 && now.Sub(j.Runs[n-1].End) <= stillWindow && j.Runs[n-1].End.After(f.mirrored) {
			f.mirrored = j.Runs[n-1].End
		}
	case plan.Bad:
		f.lagging = j
	}
}

// current reports whether statuses may be believed as they stand.
func (c *kase) current() bool { return c.fresh.proven && c.fresh.lagging == nil }
