package diagnose

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// What comes from outside (a file, the event of a start condition) is late only against when it usually comes. Nothing tells that time but the
// starts of whoever waited for it in the plans before; so that it costs little, this many plans are looked into, for this many causes.
const (
	plansBack  = 4
	enoughRuns = 2
	maxAwaited = 2
	runsBack   = 20 // as many as the embedded database keeps of a job
)

// usualGrace is how much later than ever before something may come and still be as usual (our own choice).
const usualGrace = 10 * time.Minute

// past is what was learnt of the archived plans, once.
type past struct {
	asked int
	read  bool
	plans []twstools.Plan
}

// arrival is when something from outside usually comes, as far as the days before tell.
type arrival struct {
	known bool
	early bool // it has not yet been waited for longer than on those days
	usual time.Time
	fact  plan.Fact
}

// arrivalOf reckons from the starts of what waits: n itself where it is a job, the first job of its stream where it is one. monitor is the job that
// looks for a start condition, which begins at once and tells nothing.
func (c *kase) arrivalOf(ctx context.Context, n *plan.Node, monitor bool) arrival {
	e := n.Entity()
	if e.Stream == "" || e.Sched.IsZero() || c.past.asked >= maxAwaited {
		return arrival{}
	}
	c.past.asked++
	waits := c.remembered(ctx, n, monitor)
	if len(waits) < enoughRuns {
		waits = c.looked(ctx, n, monitor)
	}
	if len(waits) < enoughRuns {
		return arrival{}
	}
	if monitor {
		e.Type, e.Job = twstools.EntityJobStream, "" // what began is the stream's work
	}
	slices.SortFunc(waits, func(a, b wait) int { return cmp.Compare(a.after, b.after) })
	usual := waits[len(waits)/2]
	a := arrival{known: true, usual: e.Sched.Add(usual.after), early: c.now.Sub(e.Sched) <= waits[len(waits)-1].after+usualGrace}
	a.fact = plan.Fact{Source: "history:" + c.name(e), Name: "start", Value: c.instant(usual.began)}
	return a
}

// remembered gives the starts that our own history holds of a job's other days: that costs the engine nothing. What it calls usual is the middle of
// all runs; whether something is late asks for the latest one at this hour, so the runs themselves are looked at.
func (c *kase) remembered(ctx context.Context, n *plan.Node, monitor bool) []wait {
	if c.d.o.Past == nil || n.Job == nil || monitor {
		return nil
	}
	j := n.Job
	runs, err := c.d.o.Past.Runs(ctx, twstools.Key{Folder: j.StreamFolder, StreamWorkstation: j.StreamWorkstation, Stream: j.Stream, Job: j.Name}, runsBack)
	if err != nil {
		c.d.o.Logger.DebugContext(ctx, "read own history", "job", j.Name, "error", err)
		return nil
	}
	first := map[time.Time]wait{}
	for _, r := range runs {
		if r.Sched.IsZero() || r.Start.IsZero() || r.Sched.Equal(j.SchedTime) || !sameHour(r.Sched.In(c.zone), j.SchedTime.In(c.zone)) {
			continue
		}
		if w, seen := first[r.Sched]; !seen || r.Start.Before(w.began) {
			first[r.Sched] = wait{after: r.Start.Sub(r.Sched), began: r.Start}
		}
	}
	return slices.Collect(maps.Values(first))
}

// looked gives the starts that the last archived plans show of what waits.
func (c *kase) looked(ctx context.Context, n *plan.Node, monitor bool) []wait {
	e := n.Entity()
	where := query.And{query.Is("jobStreamName", e.Stream)}
	if n.Job != nil && !monitor {
		where = append(where, query.Is("name", e.Job))
	}
	var waits []wait
	for _, p := range c.plansBefore(ctx) {
		page, err := twstools.CapabilitiesOf(c.d.o.Engine).Plans.ArchivedJobs(ctx, p, twstools.ListQuery{Where: where, Limit: 50})
		if err != nil {
			c.d.o.Logger.DebugContext(ctx, "read an archived plan", "plan", p.ID, "error", err)
			return nil
		}
		if w, ok := c.waited(page.Items, e, monitor); ok {
			waits = append(waits, w)
		}
	}
	return waits
}

// wait is how long after its schedule time something began on another day.
type wait struct {
	after time.Duration
	began time.Time
}

// waited looks for the same instance of another day.
func (c *kase) waited(jobs []twstools.Job, e twstools.Entity, monitor bool) (first wait, found bool) {
	for i := range jobs {
		j := &jobs[i]
		if !strings.EqualFold(j.StreamWorkstation, e.Workstation) || !sameHour(j.SchedTime.In(c.zone), e.Sched.In(c.zone)) || monitor && j.Name == e.Job {
			continue
		}
		for _, r := range j.Runs {
			if after := r.Start.Sub(j.SchedTime); !r.Start.IsZero() && (!found || after < first.after) {
				first, found = wait{after: after, began: r.Start}, true
			}
		}
	}
	return first, found
}

func sameHour(a, b time.Time) bool { return a.Hour() == b.Hour() && a.Minute() == b.Minute() }

// plansBefore lists the latest archived plans. An engine that keeps none, or cannot be asked, has no past here.
func (c *kase) plansBefore(ctx context.Context) []twstools.Plan {
	if c.past.read {
		return c.past.plans
	}
	c.past.read = true
	all, err := twstools.ArchivedPlans(ctx, twstools.CapabilitiesOf(c.d.o.Engine).Plans)
	if err != nil {
		c.d.o.Logger.DebugContext(ctx, "list archived plans", "error", err)
		return nil
	}
	c.past.plans = all[:min(plansBack, len(all))]
	return c.past.plans
}

// awaited judges a cause that lies outside the plan by the days before: what has not come although it always had by now is proven; what may still
// come is as planned; without a past it is likely at most.
func (c *kase) awaited(ctx context.Context, r *plan.Root) (planned bool) {
	b := &r.Blocker
	if b.Kind != "sched.dep.file" && b.Kind != "sched.dep.startcond" || b.Weak {
		return false
	}
	a := c.arrivalOf(ctx, r.Node, b.Kind == "sched.dep.startcond")
	switch {
	case !a.known:
		b.Weak = true
		c.miss("history:"+c.name(r.Node.Entity()), c.text("no_usual"))
	case a.early:
		params := map[string]string{"entity": c.name(b.Entity), "start": c.instant(a.usual)}
		c.explainAs("planned.not_yet", b.Entity, append(slices.Clone(b.Facts), a.fact), fill(c.text("usual_start"), params))
		return true
	default:
		b.Facts = append(slices.Clone(b.Facts), a.fact)
	}
	return false
}

// nextPlan: a predecessor of the next plan is waited for as planned, as long as this plan has not run out (UG "Managing external follows
// dependencies"). One whose end has passed was not extended, and then nothing of the next plan ever comes.
func (c *kase) nextPlan(ctx context.Context, r plan.Root) bool {
	w, err := twstools.CapabilitiesOf(c.d.o.Engine).Plans.PlanWindow(ctx)
	if err != nil || w.End.IsZero() || w.End.After(c.now) {
		return false
	}
	e := twstools.Entity{Type: twstools.EntityPlan, Name: "current"}
	r.Blocker.Kind, r.Blocker.Entity, r.Blocker.Weak = "plan.not_extended", e, false
	r.Blocker.Facts = append([]plan.Fact{{Source: "plan:current", Name: "plan_end", Value: c.instant(w.End)}}, r.Blocker.Facts...)
	c.blockedAs(r, c.text("plan_ended", c.instant(w.End)))
	return true
}
