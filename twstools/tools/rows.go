package tools

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/diagnose"
)

// jobRow shows a job in a list.
func (c *call) jobRow(j twstools.Job) JobRow {
	r := JobRow{Entity: untrusted.Normalize(j.Entity().String(c.zone)), Ref: diagnose.JobRef(c.t.o.Name, j), Name: untrusted.Normalize(j.Name), JobStream: untrusted.Normalize(j.Stream),
		Workstation: untrusted.Normalize(j.Workstation), Status: untrusted.Normalize(j.Status.Internal), CommonStatus: untrusted.Normalize(j.Status.Common), Description: untrusted.Normalize(j.Definition.Description),
		SchedTime: c.instant(j.SchedTime), Priority: j.Priority}
	if n := len(j.Runs); n > 0 {
		run := j.Runs[n-1]
		r.Start, r.End, r.ReturnCode, r.JobNumber = c.instant(run.Start), c.instant(run.End), run.ReturnCode, run.JobNumber
	}
	return r
}

// rowSource is the evidence of a row: the fields that a sentence about it quotes.
func rowSource(r JobRow) toolkit.Source {
	fields := []toolkit.Field{{Name: "status", Value: r.Status}}
	if r.ReturnCode != nil {
		fields = append(fields, toolkit.Field{Name: "return_code", Value: strconv.Itoa(*r.ReturnCode)})
	}
	if r.Start != "" {
		fields = append(fields, toolkit.Field{Name: "start", Value: r.Start})
	}
	return toolkit.Source{Source: "plan:" + r.Entity, Fields: fields}
}

// one finds exactly one job, or says why not: nothing, or several with their states.
func (c *call) one(ctx context.Context, target, at string, troubled bool) (twstools.Job, error) {
	when, err := diagnose.ParseMoment(diagnose.Absolute(at, c.zone, c.now), c.zone)
	if err != nil {
		return twstools.Job{}, err
	}
	found, err := c.t.finder.Find(ctx, target, "job", "")
	if err != nil {
		return twstools.Job{}, err
	}
	if found.By != "description" {
		found.Jobs = diagnose.Meant(found.Jobs, when, troubled, c.zone, c.now)
	}
	switch len(found.Jobs) {
	case 0:
		return twstools.Job{}, fault.New(fault.NotFound, "No job in the plan is called %s.", target).WithHint("Use WORKSTATION#STREAM.JOB, or find_jobs with text.")
	case 1:
		return c.t.o.Engine.Job(ctx, found.Jobs[0].Ref)
	}
	var names []string
	for _, j := range found.Jobs[:min(12, len(found.Jobs))] {
		e := j.Entity()
		if e.JobStreamID == "" {
			e.JobStreamID = j.StreamRef.ID
		}
		names = append(names, e.String(c.zone)+" "+j.Status.Display())
	}
	return twstools.Job{}, fault.New(fault.Ambiguous, "%d jobs fit %s.", len(found.Jobs), target).WithHint("Name one of them.").WithCandidates(names...)
}

// fields lists what the engine says of a job in the tool's own field names.
func (c *call) fields(j twstools.Job) []FieldRow {
	var out []FieldRow
	add := func(name, value string) {
		if value = untrusted.Normalize(value); value != "" {
			out = append(out, FieldRow{Name: name, Value: value})
		}
	}
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	truth := func(b bool) string {
		if b {
			return "true"
		}
		return ""
	}
	add("status", j.Status.Internal)
	add("common_status", j.Status.Common)
	add("substatus", j.Status.Substatus)
	add("cancelled", truth(j.Status.Canceled))
	add("cancel_pending", truth(j.Status.CancelPending))
	add("priority", number(j.Priority))
	add("workstation", j.Workstation)
	add("sched_time", c.instant(j.SchedTime))
	add("time_zone", j.TimeZone)
	add("start_time", c.instant(j.Times.EarliestStart))
	add("until", c.instant(j.Times.LatestStart))
	add("deadline", c.instant(j.Times.Deadline))
	add("max_duration", duration(j.Times.MaxDuration))
	add("min_duration", duration(j.Times.MinDuration))
	add("estimated_duration", duration(j.Definition.EstimatedDuration))
	add("late", truth(j.Late))
	add("until_passed", truth(j.UntilPassed))
	add("deadline_passed", truth(j.DeadlinePassed))
	add("recovery_prompt_pending", truth(j.NeedsMessage))
	add("no_operation", truth(j.NoOperation))
	add("critical", truth(j.Critical))
	add("requires_confirmation", truth(j.RequiresConfirmation))
	add("repeats", truth(j.Every))
	add("definition", j.Definition.Name)
	add("description", j.Definition.Description)
	add("task", j.Definition.Task)
	add("logon", strings.Join(j.Definition.UserLogins, ", "))
	add("recovery_option", j.Definition.RecoveryOption)
	add("recovery_job", j.Definition.RecoveryJob)
	return out
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func (c *call) runs(j twstools.Job) []RunRow {
	out := []RunRow{}
	for _, r := range j.Runs {
		elapsed := r.Elapsed
		if elapsed == 0 && !r.Start.IsZero() && !r.End.IsZero() {
			elapsed = r.End.Sub(r.Start)
		}
		out = append(out, RunRow{RunID: r.ID, JobNumber: r.JobNumber, Workstation: untrusted.Normalize(r.ActualWorkstation), Status: r.Status.Display(), ReturnCode: r.ReturnCode,
			Kind: r.RerunType, Start: c.instant(r.Start), End: c.instant(r.End), Seconds: int64(elapsed.Seconds())})
	}
	return out
}

// dependencyRow shows a dependency with its state in the engine's words.
func (c *call) dependencyRow(d twstools.Dependency) DependencyRow {
	r := DependencyRow{Type: string(d.Type), State: d.State}
	if r.State == "" && d.Satisfied != nil {
		r.State = "satisfied=" + strconv.FormatBool(*d.Satisfied)
	}
	switch d.Type {
	case twstools.DepFile:
		r.On = twstools.Entity{Type: twstools.EntityFile, Workstation: d.Workstation, Name: d.File}.String(c.zone)
		r.Detail = strings.TrimSpace(d.FileState + " " + d.FileQualifier)
	case twstools.DepResource:
		r.On = twstools.Entity{Type: twstools.EntityResource, Workstation: d.Workstation, Name: d.Resource}.String(c.zone)
		r.Detail = "units " + strconv.Itoa(d.Units)
		if d.UnitsAvailable != nil {
			r.Detail += ", available " + strconv.Itoa(*d.UnitsAvailable)
		}
	case twstools.DepPrompt:
		r.On = twstools.PromptEntity("", d.Prompt, d.PromptNumber).String(nil)
		r.Detail = strings.TrimSpace(d.PromptStatus + " " + d.PromptText)
	case twstools.DepJoin:
		var names []string
		for _, m := range d.Members {
			names = append(names, c.dependencyRow(m).On)
		}
		r.On, r.Detail = d.JoinName, strings.Join(names, ", ")
	case twstools.DepInternetwork:
		r.On = strings.Trim(d.NetworkAgent+"::"+d.Remote, ":")
	default:
		e := twstools.Entity{Type: twstools.EntityJob, Folder: d.StreamFolder, Workstation: d.StreamWorkstation, Stream: d.Stream, Sched: d.StreamSched, Job: d.Job}
		if d.Job == "" {
			e.Type = twstools.EntityJobStream
		}
		r.On, r.Detail = e.String(c.zone), d.PredecessorStatus.Internal
		if d.Pending {
			r.Detail += " pending"
		}
		if d.Orphan {
			r.Detail += " orphaned"
		}
	}
	r.On, r.Detail = untrusted.Normalize(r.On), untrusted.Normalize(r.Detail)
	return r
}
