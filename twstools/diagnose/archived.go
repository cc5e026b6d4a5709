package diagnose

import (
	"context"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// outside reports whether the asker means an instance that the plan does not hold: of a time that has passed, and that fits none of the
// instances that were found.
func (c *kase) outside(when Moment, ps []pick) bool {
	if when.none() || !when.past(c.now) {
		return false
	}
	for _, p := range ps {
		if p.job == nil && p.stream == nil {
			return false // workstations and the like have no instances
		}
	}
	_, fits := when.narrow(ps)
	return !fits
}

// archived answers about an instance of an earlier plan: what the archived plan of that day still shows of it, where one is kept. Why it
// ended badly stood in its log, which no interface gives for an archived plan; so a bad end stays unexplained, and an instance of today's
// plan is never taken for it.
func (c *kase) archived(ctx context.Context, when Moment, ps []pick) Report {
	e := ps[0].entity()
	e.Sched, e.JobStreamID = time.Time{}, ""
	source := "plan:" + c.name(e)
	day := when.from.In(c.zone).Format(time.DateOnly)
	for _, p := range ps[:min(maxCauses, len(ps))] {
		c.out.Candidates = append(c.out.Candidates, answer.Candidate{Entity: c.name(p.entity()), Ref: c.pickRef(p), Why: c.state(p)})
	}
	job, err := c.archivedJob(ctx, when, e)
	switch {
	case err != nil:
		p := fault.Public(err)
		if p.Code != fault.Unsupported {
			c.failures = append(c.failures, p.WithSource(source))
		}
		c.miss(source, c.text("not_in_plan", day)+" ("+string(p.Code)+")")
	case job == nil:
		c.miss(source, c.text("not_in_plan", day))
	default:
		facts := []plan.Fact{{Source: "plan:" + c.name(job.Entity()), Name: "status", Value: job.Status.Display()}}
		if run := lastRun(job); run != nil && run.ReturnCode != nil {
			facts = append(facts, plan.Fact{Source: facts[0].Source, Name: "return_code", Value: rcOf(run)})
		}
		c.ev.fields(facts)
		c.out.Candidates = append([]answer.Candidate{{Entity: c.name(job.Entity()), Ref: JobRef(c.d.o.Name, *job), Why: job.Status.Display()}}, c.out.Candidates...)
		c.miss("joblog:"+c.name(job.Entity()), c.text("archived_log", job.Status.Display()))
	}
	c.out.WouldChange = append(c.out.WouldChange, c.text("wc_archive", c.name(e), day))
	return c.report(ctx, nil)
}

// archivedJob finds the job in the archived plan of the moment; nil where none is kept.
func (c *kase) archivedJob(ctx context.Context, when Moment, e twstools.Entity) (*twstools.Job, error) {
	if e.Job == "" {
		return nil, nil
	}
	reader := twstools.CapabilitiesOf(c.d.o.Engine).Plans
	plans, err := twstools.ArchivedPlans(ctx, reader)
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		if p.ValidFrom.IsZero() || p.ValidTo.IsZero() || !p.ValidFrom.Before(when.to) || !p.ValidTo.After(when.from) {
			continue
		}
		page, err := reader.ArchivedJobs(ctx, p, twstools.ListQuery{Where: query.Is("name", e.Job), Limit: 50})
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if j := &page.Items[i]; j.Name == e.Job && (e.Stream == "" || j.Stream == e.Stream) && when.fits(j.SchedTime, j.Runs) != fitsNot {
				return j, nil
			}
		}
	}
	return nil, nil
}
