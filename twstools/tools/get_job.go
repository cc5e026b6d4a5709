package tools

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// GetJob shows one job whole. Where the engine does not tell the dependencies with the job, its predecessors are read.
func (t *Tools) GetJob(ctx context.Context, in GetJobIn) (toolkit.Reply[GetJobOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[GetJobOut]{}, err
	}
	j, err := c.one(ctx, in.Job, in.At, false)
	if err != nil {
		return toolkit.Reply[GetJobOut]{}, err
	}
	out := c.wholeJob(ctx, j)
	source := toolkit.Source{Source: "plan:" + out.Job.Entity}
	for _, f := range out.Fields {
		source.Fields = append(source.Fields, toolkit.Field{Name: f.Name, Value: f.Value})
	}
	rep := reply(c, out, []toolkit.Source{source}, noTime)
	rep.Text = jobText(out)
	return rep, nil
}

// wholeJob shows all that the engine says of a job that was read by itself, with its job stream, and what could not be read.
func (c *call) wholeJob(ctx context.Context, j twstools.Job) GetJobOut {
	out := GetJobOut{Depends: []DependencyRow{}}
	if s, err := c.t.o.Engine.JobStream(ctx, j.StreamRef); err == nil {
		j.JobStreamID = s.InternalID
		out.JobStream, out.StreamState = s.Entity().String(c.zone), s.Status.Display()
	} else if !j.StreamRef.IsZero() {
		out.Missing = append(out.Missing, "plan:"+j.Stream+": "+fault.Public(err).Message)
	}
	if !j.DependenciesKnown {
		rows, err := c.neighbours(ctx, j.Ref, false)
		if err != nil {
			out.Missing = append(out.Missing, "plan:"+j.Entity().String(c.zone)+": "+fault.Public(err).Message)
		}
		j.DependenciesKnown = err == nil
		out.Depends = append(out.Depends, rows...)
	}
	for _, d := range j.Dependencies {
		out.Depends = append(out.Depends, c.dependencyRow(j.Entity(), d))
	}
	out.DepsKnown = j.DependenciesKnown
	out.Job, out.Fields, out.Runs = c.jobRow(j), c.fields(j), c.runs(j)
	c.reruns(ctx, j, &out)
	if j.Critical {
		forecasts, missing := c.forecasts(ctx)
		out.Job.Forecast, out.Missing = forecasts[forecastKey(j)], append(out.Missing, missing...)
	}
	return out
}

// reruns says who had the job run again, where somebody may have and the plant keeps audit records. A repetition is nobody's order.
func (c *call) reruns(ctx context.Context, j twstools.Job, out *GetJobOut) {
	again := func(r twstools.Run) bool {
		return strings.HasPrefix(r.RerunType, "RERUN") && r.RerunType != "RERUN_EVERY"
	}
	if len(j.Runs) < 2 || !slices.ContainsFunc(j.Runs[1:], again) {
		return
	}
	first := j.Runs[1].Start.Add(-askedBefore)
	records, err := twstools.CapabilitiesOf(c.t.o.Engine).Audit.Audit(ctx, twstools.RecordQuery{From: first, Object: j.Name})
	if err != nil {
		out.Missing = append(out.Missing, "audit:"+untrusted.Normalize(j.Name)+": "+fault.Public(err).Message)
		return
	}
	for i := range j.Runs[1:] {
		if run := j.Runs[i+1]; again(run) {
			out.Runs[i+1].By = startedBy(records, j.Name, run)
		}
	}
}

func jobText(o GetJobOut) string {
	var b strings.Builder
	b.WriteString("job: " + o.Job.Entity + " " + o.Job.Status + "\n")
	if o.JobStream != "" {
		b.WriteString("job stream: " + o.JobStream + " " + o.StreamState + "\n")
	}
	writeFields(&b, o.Fields)
	var rows [][]string
	for _, r := range o.Runs {
		number, took := "", ""
		if r.JobNumber != 0 {
			number = "#J" + strconv.FormatInt(r.JobNumber, 10)
		}
		if r.Seconds > 0 {
			took = twstools.Span(time.Duration(r.Seconds) * time.Second)
		}
		rows = append(rows, []string{r.RunID, r.Kind, r.Name, r.Status, figure(r.ReturnCode), r.Workstation, r.Start, r.End, took, number, r.By, strings.Join(r.Conditions, "; ")})
	}
	b.WriteString("runs: " + strconv.Itoa(len(rows)) + "\n")
	if len(rows) > 0 {
		textTable(&b, []string{"run", "kind", "name", "status", "rc", "workstation", "start", "end", "elapsed", "number", "by", "conditions"}, rows)
	}
	writeDependencies(&b, o.Depends, o.DepsKnown)
	writeMissing(&b, o.Missing)
	return b.String()
}
