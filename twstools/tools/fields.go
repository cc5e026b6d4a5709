package tools

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

// fieldRows are fields in the making: what the engine did not say is left out.
type fieldRows []FieldRow

func (f *fieldRows) add(name, value string) {
	if value = untrusted.Normalize(value); value != "" {
		*f = append(*f, FieldRow{Name: name, Value: value})
	}
}

func (f *fieldRows) truth(name string, b bool) {
	if b {
		f.add(name, "true")
	}
}

func (f *fieldRows) number(name string, n *int) { f.add(name, figure(n)) }

// times adds the restrictions: at, until, deadline and durations, with what happens when they pass.
func (f *fieldRows) times(c *call, t twstools.TimeRestrictions) {
	f.add("start_time", c.instant(t.EarliestStart))
	f.add("until", c.instant(t.LatestStart))
	f.add("until_action", t.LatestStartAction)
	f.add("deadline", c.instant(t.Deadline))
	f.add("deadline_action", t.DeadlineAction)
	f.add("max_duration", duration(t.MaxDuration))
	f.add("max_duration_action", t.MaxDurationAction)
	f.add("min_duration", duration(t.MinDuration))
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// fields lists what the engine says of a job in the tool's own field names.
func (c *call) fields(j twstools.Job) []FieldRow {
	var f fieldRows
	f.add("status", j.Status.Internal)
	f.add("common_status", j.Status.Common)
	f.add("substatus", j.Status.Substatus)
	f.truth("cancelled", j.Status.Canceled)
	f.truth("cancel_pending", j.Status.CancelPending)
	f.number("priority", j.Priority)
	f.add("workstation", j.Workstation)
	f.add("sched_time", c.instant(j.SchedTime))
	f.add("time_zone", j.TimeZone)
	f.times(c, j.Times)
	f.add("estimated_duration", duration(j.Definition.EstimatedDuration))
	f.add("confidence_interval", j.ConfidenceInterval)
	f.add("estimated_end", c.instant(j.EstimatedEnd))
	f.add("critical_start", c.instant(j.CriticalStart))
	f.truth("late", j.Late)
	f.truth("until_passed", j.UntilPassed)
	f.truth("deadline_passed", j.DeadlinePassed)
	f.truth("recovery_prompt_pending", j.NeedsMessage)
	f.truth("no_operation", j.NoOperation)
	f.truth("critical", j.Critical)
	f.truth("requires_confirmation", j.RequiresConfirmation)
	f.truth("repeats", j.Every)
	f.number("open_dependencies", j.UnresolvedCount)
	f.add("definition", j.Definition.Name)
	f.add("description", j.Definition.Description)
	f.add("task", j.Definition.Task)
	f.add("logon", strings.Join(j.Definition.UserLogins, ", "))
	f.add("recovery_option", j.Definition.RecoveryOption)
	f.add("recovery_job", j.Definition.RecoveryJob)
	f.add("recovery_prompt", j.Definition.AbendPrompt)
	return f
}

// neighbours reads the predecessors of a job or job stream whose dependency list was not told.
func (c *call) neighbours(ctx context.Context, ref twstools.Ref, stream bool) ([]DependencyRow, error) {
	found, err := c.t.o.Engine.Neighbours(ctx, twstools.NeighbourQuery{Ref: ref, JobStream: stream, Direction: twstools.Predecessors})
	if err != nil {
		return nil, err
	}
	var out []DependencyRow
	for _, n := range found {
		row := DependencyRow{}
		switch {
		case n.Job != nil:
			row = DependencyRow{Type: string(twstools.DepExternalJob), On: n.Job.Entity().String(c.zone), State: string(plan.PhaseOf(n.Job.Status)), Detail: n.Job.Status.Internal}
		case n.JobStream != nil:
			row = DependencyRow{Type: string(twstools.DepExternalJobStream), On: n.JobStream.Entity().String(c.zone), State: string(plan.PhaseOf(n.JobStream.Status)), Detail: n.JobStream.Status.Internal}
		}
		row.On, row.Detail = untrusted.Normalize(row.On), untrusted.Normalize(row.Detail)
		out = append(out, row)
	}
	return out, nil
}

// writeFields writes fields, a few to a line.
func writeFields(b *strings.Builder, fields []FieldRow) {
	const wide = 140
	line := ""
	for _, f := range fields {
		part := f.Name + "=" + strings.Join(strings.Fields(f.Value), " ")
		if line != "" && len(line)+len(part) > wide {
			b.WriteString("  " + line + "\n")
			line = ""
		}
		line = strings.TrimSpace(line + "  " + part)
	}
	if line != "" {
		b.WriteString("  " + line + "\n")
	}
}

func writeDependencies(b *strings.Builder, all []DependencyRow, known bool) {
	switch {
	case !known:
		b.WriteString("dependencies: not told by the engine\n")
	case len(all) == 0:
		b.WriteString("dependencies: none\n")
	default:
		b.WriteString("dependencies: " + strconv.Itoa(len(all)) + "\n")
		var rows [][]string
		for _, d := range all {
			rows = append(rows, []string{d.Type, d.On, d.State, d.Detail})
		}
		textTable(b, []string{"type", "on", "state", "detail"}, rows)
	}
}

// reruns orders words of audit that say who had a job run again.
var reruns = []string{"RERUN", "RESTART", "SUBMIT"}

// startedBy looks in the plan's audit for who had a run started again: the last such record before its start. "" where the plant keeps no audit, or
// nothing fits.
func startedBy(records []twstools.AuditRecord, job string, run twstools.Run) string {
	best := twstools.AuditRecord{}
	for _, r := range records {
		again := slices.ContainsFunc(reruns, func(w string) bool { return strings.Contains(strings.ToUpper(r.Action), w) })
		if again && strings.Contains(strings.ToUpper(r.Object+" "+r.Message), strings.ToUpper(job)) && !r.At.After(run.Start) && run.Start.Sub(r.At) < askedBefore && r.At.After(best.At) {
			best = r
		}
	}
	return untrusted.Normalize(best.User)
}

// askedBefore is how long before a run its order may have been given (our own choice: dependencies of a rerun are released already).
const askedBefore = 15 * time.Minute
