package tools

import (
	"context"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
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
	out := GetJobOut{Depends: []DependencyRow{}}
	if s, err := t.o.Engine.JobStream(ctx, j.StreamRef); err == nil {
		j.JobStreamID = s.InternalID
		out.JobStream, out.StreamState = s.Entity().String(c.zone), s.Status.Display()
	} else if !j.StreamRef.IsZero() {
		out.Missing = append(out.Missing, "plan:"+j.Stream+": "+fault.Public(err).Message)
	}
	if !j.DependenciesKnown {
		c.predecessors(ctx, &j, &out)
	}
	for _, d := range j.Dependencies {
		out.Depends = append(out.Depends, c.dependencyRow(d))
	}
	out.DepsKnown = j.DependenciesKnown
	out.Job, out.Fields, out.Runs = c.jobRow(j), c.fields(j), c.runs(j)
	source := toolkit.Source{Source: "plan:" + out.Job.Entity}
	for _, f := range out.Fields {
		source.Fields = append(source.Fields, toolkit.Field{Name: f.Name, Value: f.Value})
	}
	return reply(c, out, []toolkit.Source{source}, noTime), nil
}

// predecessors reads the neighbours of a job whose dependency list was not told.
func (c *call) predecessors(ctx context.Context, j *twstools.Job, out *GetJobOut) {
	found, err := c.t.o.Engine.Neighbours(ctx, twstools.NeighbourQuery{Ref: j.Ref, Direction: twstools.Predecessors})
	if err != nil {
		out.Missing = append(out.Missing, "plan:"+j.Entity().String(c.zone)+": "+fault.Public(err).Message)
		return
	}
	for _, n := range found {
		row := DependencyRow{}
		switch {
		case n.Job != nil:
			row = DependencyRow{Type: string(twstools.DepExternalJob), On: n.Job.Entity().String(c.zone), State: string(plan.PhaseOf(n.Job.Status)), Detail: n.Job.Status.Internal}
		case n.JobStream != nil:
			row = DependencyRow{Type: string(twstools.DepExternalJobStream), On: n.JobStream.Entity().String(c.zone), State: string(plan.PhaseOf(n.JobStream.Status)), Detail: n.JobStream.Status.Internal}
		}
		out.Depends = append(out.Depends, row)
	}
	j.DependenciesKnown = true
}
