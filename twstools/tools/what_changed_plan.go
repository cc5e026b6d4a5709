package tools

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

// previousRun compares the target's latest instance with the one before: both of this plan, else the earlier one of the last archived plan
// that has it.
func (w *changes) previousRun(ctx context.Context) error {
	if w.in.Target == "" {
		return fault.New(fault.Invalid, "Which job stream's runs?").WithHint("Give a target beside previous_run.")
	}
	of, err := w.target(ctx)
	if err != nil {
		return err
	}
	jobs, whole, err := w.jobs(ctx, of, w.c.t.o.Engine.Jobs)
	if err != nil {
		return err
	}
	at := schedules(jobs)
	if len(at) == 0 {
		return fault.New(fault.NotFound, "No run of %s is in the plan.", w.in.Target)
	}
	last := at[len(at)-1]
	for i := len(at) - 1; i > 0 && !begun(instance(jobs, last)); i-- {
		last = at[i-1] // what has not begun yet is no run
	}
	after := w.whole(ctx, instance(jobs, last))
	i := slices.IndexFunc(at, last.Equal)
	w.out.To = w.c.instant(last)
	if i > 0 {
		w.out.Compared, w.out.From = "previous_run", w.c.instant(at[i-1])
		w.differences(facets(w.whole(ctx, instance(jobs, at[i-1])), w.c.zone), facets(after, w.c.zone), whole, whole)
		return nil
	}
	return w.archivedRun(ctx, of, after, last, whole)
}

// archivedRun compares with the last archived plan that has a run of the target before the given one.
func (w *changes) archivedRun(ctx context.Context, of twstools.Entity, after []twstools.Job, before time.Time, whole bool) error {
	plans, err := w.archives(ctx)
	if err != nil {
		return err
	}
	for _, p := range plans[:min(maxArchives, len(plans))] {
		jobs, complete, err := w.jobs(ctx, of, w.archivedJobs(p))
		if err != nil {
			return err
		}
		at := schedules(jobs)
		for i := len(at) - 1; i >= 0; i-- {
			if at[i].Before(before) {
				w.out.Compared, w.out.From = "previous_run, archived plan "+p.ID, w.c.instant(at[i])
				w.differences(facets(instance(jobs, at[i]), w.c.zone), facets(after, w.c.zone), complete, whole)
				return nil
			}
		}
	}
	w.out.Compared = "previous_run"
	w.miss("history:"+w.name(of), "no earlier run is in the plan or in the last archived ones")
	return nil
}

// maxArchives is how many archived plans are searched for an earlier run.
const maxArchives = 7

// maxWhole bounds how many jobs of an instance are read one by one, so that their dependencies can be compared.
const maxWhole = 12

// whole reads few jobs again by themselves: lists do not tell dependencies. What cannot be read stays as the list had it.
func (w *changes) whole(ctx context.Context, jobs []twstools.Job) []twstools.Job {
	if len(jobs) > maxWhole {
		w.miss("plan:current", "the instance has many jobs, so their dependencies were not compared")
		return jobs
	}
	out := slices.Clone(jobs)
	for i, j := range jobs {
		if full, err := w.c.t.o.Engine.Job(ctx, j.Ref); err == nil {
			out[i] = full
		}
	}
	return out
}

// schedules gives the schedule times among jobs, oldest first.
func schedules(jobs []twstools.Job) []time.Time {
	var out []time.Time
	for _, j := range jobs {
		if !j.SchedTime.IsZero() && !slices.ContainsFunc(out, j.SchedTime.Equal) {
			out = append(out, j.SchedTime)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

func instance(jobs []twstools.Job, at time.Time) (out []twstools.Job) {
	for _, j := range jobs {
		if j.SchedTime.Equal(at) {
			out = append(out, j)
		}
	}
	return out
}

func begun(jobs []twstools.Job) bool {
	return slices.ContainsFunc(jobs, func(j twstools.Job) bool {
		p := plan.PhaseOf(j.Status)
		return p != plan.Waiting && p != plan.Ready && p != plan.Unknown
	})
}

// archives lists the archived plans, newest first.
func (w *changes) archives(ctx context.Context) ([]twstools.Plan, error) {
	return twstools.ArchivedPlans(ctx, twstools.CapabilitiesOf(w.c.t.o.Engine).Plans)
}

func (w *changes) archivedJobs(p twstools.Plan) func(context.Context, twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return func(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
		return twstools.CapabilitiesOf(w.c.t.o.Engine).Plans.ArchivedJobs(ctx, p, q)
	}
}

// otherPlan compares the current plan with an archived one: that of a date, or the last.
func (w *changes) otherPlan(ctx context.Context, date string) error {
	of, err := w.target(ctx)
	if err != nil {
		return err
	}
	plans, err := w.archives(ctx)
	if err != nil {
		return err
	}
	p, err := w.pickPlan(plans, date)
	if err != nil {
		return err
	}
	before, beforeWhole, err := w.jobs(ctx, of, w.archivedJobs(p))
	if err != nil {
		return err
	}
	after, afterWhole, err := w.jobs(ctx, of, w.c.t.o.Engine.Jobs)
	if err != nil {
		return err
	}
	w.out.Compared, w.out.From, w.out.To = "plan "+untrusted.Normalize(p.ID), w.c.instant(p.ValidFrom), w.c.instant(p.ValidTo)
	w.differences(facets(before, w.c.zone), facets(after, w.c.zone), beforeWhole, afterWhole)
	return nil
}

// pickPlan takes the plan of a date, by its id or as the one that covers most of that day in the plan's zone: a plan begins at the start
// of the production day, which is rarely midnight.
func (w *changes) pickPlan(plans []twstools.Plan, date string) (twstools.Plan, error) {
	if len(plans) == 0 {
		return twstools.Plan{}, fault.New(fault.NotFound, "The engine keeps no archived plan that this account may see.")
	}
	if date == "" {
		return plans[0], nil
	}
	var ids []string
	var best twstools.Plan
	var most time.Duration
	day, dateErr := time.ParseInLocation(time.DateOnly, strings.TrimSpace(date), w.c.zone)
	for _, p := range plans {
		if p.ID == date {
			return p, nil
		}
		if covers := overlap(p.ValidFrom, p.ValidTo, day, day.AddDate(0, 0, 1)); dateErr == nil && covers > most {
			best, most = p, covers
		}
		ids = append(ids, untrusted.Normalize(p.ID))
	}
	if most > 0 {
		return best, nil
	}
	return twstools.Plan{}, fault.New(fault.NotFound, "There is no archived plan of %s.", date).WithHint("These are kept; a date is written 2026-03-16.").WithCandidates(ids[:min(12, len(ids))]...)
}

// overlap is how long two times have in common; nothing when one of them has no end.
func overlap(from, to, otherFrom, otherTo time.Time) time.Duration {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	if otherFrom.After(from) {
		from = otherFrom
	}
	if otherTo.Before(to) {
		to = otherTo
	}
	return to.Sub(from)
}

// otherEngine compares this engine's plan with that of another configured one: what is new is only here, what is gone only there.
func (w *changes) otherEngine(ctx context.Context, name string) error {
	if w.c.t.o.Others == nil {
		return fault.New(fault.NotFound, "There is no other engine %q.", name).WithHint("Only one engine is configured.")
	}
	other, err := w.c.t.o.Others(ctx, name)
	if err != nil {
		return err
	}
	of, err := w.target(ctx)
	if err != nil {
		return err
	}
	before, beforeWhole, err := w.jobs(ctx, of, other.Jobs)
	if err != nil {
		return fault.Wrap(fault.CodeOf(err), err, "The engine %s cannot be read.", name).WithSource("engine:" + name)
	}
	after, afterWhole, err := w.jobs(ctx, of, w.c.t.o.Engine.Jobs)
	if err != nil {
		return err
	}
	w.out.Compared = "engine " + name
	// Two engines hold other runs of the same definitions: how a job ended here and there is no change.
	w.differences(facets(unrun(before), w.c.zone), facets(unrun(after), w.c.zone), beforeWhole, afterWhole)
	return nil
}

// unrun leaves of jobs what they are, without how they went.
func unrun(jobs []twstools.Job) []twstools.Job {
	out := slices.Clone(jobs)
	for i := range out {
		out[i].Status, out[i].Runs = twstools.Status{}, nil
	}
	return out
}
