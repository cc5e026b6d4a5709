package tools

import (
	"context"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/plan"
)

// jobRow shows a job in a list.
func (c *call) jobRow(j twstools.Job) JobRow {
	r := JobRow{Entity: untrusted.Normalize(j.Entity().String(c.zone)), Ref: diagnose.JobRef(c.t.o.Name, j), Name: untrusted.Normalize(j.Name), JobStream: untrusted.Normalize(j.Stream),
		Workstation: untrusted.Normalize(j.Workstation), Status: untrusted.Normalize(j.Status.Internal), CommonStatus: untrusted.Normalize(j.Status.Common), Description: untrusted.Normalize(j.Definition.Description),
		SchedTime: c.instant(j.SchedTime), Priority: j.Priority}
	if n := len(j.Runs); n > 0 {
		run := j.Runs[n-1]
		r.Start, r.End, r.ReturnCode, r.JobNumber = c.instant(run.Start), c.instant(run.End), run.ReturnCode, run.JobNumber
		if run.ActualWorkstation != j.Workstation {
			r.RanOn = untrusted.Normalize(run.ActualWorkstation)
		}
	}
	if due := plannedStart(plan.PhaseOf(j.Status), j.SchedTime, j.Times); !due.Equal(j.SchedTime) {
		r.Due = c.instant(due)
	}
	r.Late, r.Critical = c.lateWhy(jobTiming(&j)), j.Critical
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
	if r.Late != "" {
		fields = append(fields, toolkit.Field{Name: "late", Value: r.Late})
	}
	return toolkit.Source{Source: "plan:" + r.Entity, Fields: fields}
}

// one finds exactly one job, or says why not: nothing, or several with their states.
func (c *call) one(ctx context.Context, target, at string, troubled bool) (twstools.Job, error) {
	when, err := diagnose.ParseMoment(at, c.zone, c.now)
	if err != nil {
		return twstools.Job{}, err
	}
	found, err := c.t.finder.Find(ctx, target, "job", "")
	if err != nil {
		return twstools.Job{}, err
	}
	all := found.Jobs
	if meant := diagnose.Meant(all, when, troubled, c.zone, c.now); found.By != "description" || len(meant) == 0 {
		found.Jobs = meant
	}
	if len(found.Jobs) == 0 && len(all) > 0 {
		return twstools.Job{}, diagnose.Without(target, at, c.instances(all))
	}
	switch len(found.Jobs) {
	case 0:
		return twstools.Job{}, fault.New(fault.NotFound, "No job in the plan is called %s.", target).WithHint("Use WORKSTATION#STREAM.JOB, or find_jobs with text.")
	case 1:
		return c.t.o.Engine.Job(ctx, found.Jobs[0].Ref)
	}
	return twstools.Job{}, fault.New(fault.Ambiguous, "%d jobs fit %s.", len(found.Jobs), target).WithHint("Name one of them.").WithCandidates(c.instances(found.Jobs)...)
}

// instances names the first of those that were found, each with its status.
func (c *call) instances(jobs []twstools.Job) []string {
	var names []string
	for _, j := range jobs[:min(12, len(jobs))] {
		e := j.Entity()
		if e.JobStreamID == "" {
			e.JobStreamID = j.StreamRef.ID
		}
		names = append(names, e.String(c.zone)+" "+j.Status.Display())
	}
	return names
}

func (c *call) runs(j twstools.Job) []RunRow {
	out := []RunRow{}
	for _, r := range j.Runs {
		elapsed := r.Elapsed
		if elapsed == 0 && !r.Start.IsZero() && !r.End.IsZero() {
			elapsed = r.End.Sub(r.Start)
		}
		out = append(out, RunRow{RunID: r.ID, JobNumber: r.JobNumber, Workstation: untrusted.Normalize(r.ActualWorkstation), Status: r.Status.Display(), ReturnCode: r.ReturnCode,
			Kind: r.RerunType, Attempt: r.Attempt, Name: untrusted.Normalize(r.Name), Start: c.instant(r.Start), End: c.instant(r.End), Seconds: int64(elapsed.Seconds()), Confirmed: r.Confirmed,
			Step: untrusted.Normalize(r.Step), Conditions: conditionsOf(r)})
	}
	return out
}

// conditionsOf writes the output conditions of a run: how the engine came to its verdict.
func conditionsOf(r twstools.Run) []string {
	var out []string
	for _, o := range r.OutputConditions {
		said := "unknown"
		if o.Satisfied != nil {
			said = strconv.FormatBool(*o.Satisfied)
		}
		out = append(out, untrusted.Normalize(strings.TrimSpace(o.Name+" "+o.Expression)+": "+said))
	}
	return out
}

// dependencyRow shows a dependency of of with its state in the engine's words.
func (c *call) dependencyRow(of twstools.Entity, d twstools.Dependency) DependencyRow {
	r := DependencyRow{Type: string(d.Type), State: d.State}
	if open, known := d.Open(); known {
		r.Open = &open
	}
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
			names = append(names, c.dependencyRow(of, m).On)
		}
		r.On, r.Detail = d.JoinName, strings.Join(names, ", ")
	case twstools.DepInternetwork:
		r.On = strings.Trim(d.NetworkAgent+"::"+d.Remote, ":")
	default:
		e := twstools.Entity{Type: twstools.EntityJob, Folder: d.StreamFolder, Workstation: d.StreamWorkstation, Stream: d.Stream, Sched: d.StreamSched, Job: d.Job}
		if d.Stream == "" { // inside its own stream a predecessor is named by its job alone
			of.Type, of.Job = twstools.EntityJob, d.Job
			e = of
		}
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
