package record

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

const (
	// pageSize is one list request; the engine gives 10,000 at most, and a page of 1,000 jobs is some megabytes.
	pageSize = 1000
	// atOnce is how many requests run side by side, as everywhere (DESIGN.md 4.9).
	atOnce = 4
)

// nodes reads job streams and jobs, whole.
func (c *capturer) nodes(ctx context.Context) error {
	if len(c.o.Roots) == 0 {
		return c.wholePlan(ctx)
	}
	seeds, err := c.seeds(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	edge := fresh(seen, seeds)
	for hop := 0; len(edge) > 0 && !c.full; hop++ {
		if err := c.addStreams(ctx, edge); err != nil {
			return err
		}
		if hop >= max(c.o.Depth, 0) {
			break
		}
		next, err := c.beside(ctx, edge)
		if err != nil {
			return err
		}
		edge = fresh(seen, next)
	}
	if c.full {
		c.leftOut("job streams beyond the bound", fmt.Sprintf("The slice was cut at %d jobs; what lies beyond is named by its neighbours only.", c.o.MaxJobs))
	}
	if len(c.w.JobStreams) == 0 && len(c.w.Jobs) == 0 {
		return fault.New(fault.NotFound, "Nothing in the plan fits the roots of the capture.").WithHint("A root is a selection as conman takes it: WORKSTATION#STREAM or WORKSTATION#STREAM.JOB, with @ for any characters.")
	}
	c.order()
	return nil
}

func fresh(seen map[string]bool, refs []twstools.Ref) []twstools.Ref {
	var out []twstools.Ref
	for _, r := range refs {
		if !r.IsZero() && !seen[r.ID] {
			seen[r.ID] = true
			out = append(out, r)
		}
	}
	return out
}

// addStreams reads streams and all their jobs.
func (c *capturer) addStreams(ctx context.Context, refs []twstools.Ref) error {
	rows := make([]twstools.JobStream, len(refs))
	members := make([][]twstools.Job, len(refs))
	errs := make([]error, len(refs))
	each(ctx, len(refs), func(ctx context.Context, i int) {
		l, err := c.t.JobStream(ctx, refs[i])
		if err != nil {
			errs[i] = err
			return
		}
		rows[i] = l
		jobs, _, err := pagesWhere(ctx, query.Is("jobStreamId", refs[i].ID), c.o.MaxJobs, c.t.Jobs)
		members[i], errs[i] = jobs, err
	})
	var jobs []twstools.Job
	for i := range refs {
		if errs[i] != nil {
			c.failed("a job stream or its jobs ("+orUnknown(rows[i].Name)+")", errs[i])
		}
		if rows[i].Ref.IsZero() {
			continue
		}
		if len(c.w.Jobs)+len(jobs)+len(members[i]) > c.o.MaxJobs {
			c.full = true
			continue
		}
		c.streams[rows[i].Ref.ID] = len(c.w.JobStreams)
		c.w.JobStreams = append(c.w.JobStreams, rows[i])
		jobs = append(jobs, members[i]...)
	}
	c.wholeJobs(ctx, jobs)
	return ctx.Err()
}

func orUnknown(name string) string {
	if name == "" {
		return "not read"
	}
	return name
}

// wholeStreams reads each listed stream with its dependencies; one that cannot be read stays as it was listed.
func (c *capturer) wholeStreams(ctx context.Context, listed []twstools.JobStream) {
	errs := make([]error, len(listed))
	c.eachWith(ctx, "job streams", len(listed), func(ctx context.Context, i int) {
		whole, err := c.t.JobStream(ctx, listed[i].Ref)
		if errs[i] = err; err == nil {
			listed[i] = whole
		}
	})
	for i, s := range listed {
		if errs[i] != nil {
			c.failed("the dependencies of job stream "+s.Name, errs[i])
		}
		if _, twice := c.streams[s.Ref.ID]; twice || s.Ref.IsZero() {
			continue
		}
		c.streams[s.Ref.ID] = len(c.w.JobStreams)
		c.w.JobStreams = append(c.w.JobStreams, s)
	}
}

func (c *capturer) wholeJobs(ctx context.Context, listed []twstools.Job) {
	errs := make([]error, len(listed))
	c.eachWith(ctx, "jobs", len(listed), func(ctx context.Context, i int) {
		whole, err := c.t.Job(ctx, listed[i].Ref)
		if errs[i] = err; err == nil {
			listed[i] = whole
		}
	})
	for i, j := range listed {
		if errs[i] != nil {
			c.failed("the dependencies of job "+j.Stream+"."+j.Name, errs[i])
		}
		if _, twice := c.jobs[j.Ref.ID]; twice || j.Ref.IsZero() {
			continue
		}
		c.jobs[j.Ref.ID] = len(c.w.Jobs)
		c.w.Jobs = append(c.w.Jobs, j)
	}
}

// beside gives the streams one hop away from streams just read: what they and their jobs wait for, which is known by now, and what waits for them,
// which is asked.
func (c *capturer) beside(ctx context.Context, edge []twstools.Ref) ([]twstools.Ref, error) {
	at := map[string]bool{}
	for _, r := range edge {
		at[r.ID] = true
	}
	var out []twstools.Ref
	var asks []twstools.NeighbourQuery
	var ds []twstools.Dependency
	for _, s := range c.w.JobStreams {
		if at[s.Ref.ID] {
			asks = append(asks, twstools.NeighbourQuery{Ref: s.Ref, JobStream: true, Direction: twstools.Successors, Depth: 1})
			ds = append(ds, s.Dependencies...)
		}
	}
	for _, j := range c.w.Jobs {
		if at[j.StreamRef.ID] {
			asks = append(asks, twstools.NeighbourQuery{Ref: j.Ref, Direction: twstools.Successors, Depth: 1})
			ds = append(ds, j.Dependencies...)
		}
	}
	found := make([][]twstools.Neighbour, len(asks))
	errs := make([]error, len(asks))
	c.eachWith(ctx, "successors", len(asks), func(ctx context.Context, i int) { found[i], errs[i] = c.t.Neighbours(ctx, asks[i]) })
	for i := range asks {
		if errs[i] != nil {
			c.failed("the successors of an object of the slice", errs[i])
		}
		for _, n := range found[i] {
			switch {
			case n.JobStream != nil:
				out = append(out, n.JobStream.Ref)
			case n.Job != nil:
				out = append(out, n.Job.StreamRef)
			}
		}
	}
	before, err := c.streamsOf(ctx, ds)
	return append(out, before...), err
}

// streamsOf gives the streams that dependencies point at. One that names a job only is looked up.
func (c *capturer) streamsOf(ctx context.Context, ds []twstools.Dependency) ([]twstools.Ref, error) {
	var out []twstools.Ref
	for _, d := range ds {
		inner, err := c.streamsOf(ctx, d.Members)
		if err != nil {
			return nil, err
		}
		out = append(out, inner...)
		if _, known := c.jobs[d.JobRef.ID]; known || d.JobRef.IsZero() && d.StreamRef.IsZero() {
			continue
		}
		if !d.StreamRef.IsZero() {
			out = append(out, d.StreamRef)
			continue
		}
		j, err := c.t.Job(ctx, d.JobRef)
		if err != nil {
			c.failed("a predecessor of an object of the slice", err)
			continue
		}
		out = append(out, j.StreamRef)
	}
	return out, ctx.Err()
}

// mostNames bounds how many objects outside of a slice are listed for their names alone.
const mostNames = 20_000

// neighbourhood lists the names of the whole plan, so that redaction knows them where a log or a message of the slice has one.
func (c *capturer) neighbourhood(ctx context.Context) error {
	if len(c.o.Roots) == 0 || c.o.Redactor == nil {
		return nil
	}
	e := c.t.Engine // these answers are not recorded
	streams, cutS, err := pages(ctx, mostNames, e.JobStreams)
	if err != nil {
		c.failed("the names of other job streams", err)
	}
	jobs, cutJ, err := pages(ctx, mostNames, e.Jobs)
	if err != nil {
		c.failed("the names of other jobs", err)
	}
	ws, cutW, err := pages(ctx, mostNames, e.Workstations)
	if err != nil {
		c.failed("the names of other workstations", err)
	}
	if cutS || cutJ || cutW {
		c.leftOut("names outside of the slice", fmt.Sprintf("Only the first %d were listed; texts of the slice may hold others.", mostNames))
	}
	for _, s := range streams {
		c.elsewhere = append(c.elsewhere, s.Name)
	}
	for _, j := range jobs {
		c.elsewhere = append(append(c.elsewhere, j.Name), j.Definition.UserLogins...)
	}
	for _, w := range ws {
		c.elsewhere = append(c.elsewhere, plain(w.Name), w.Node)
	}
	return nil
}

// each does n things, a few at a time. What each gives goes into its own place, so that the order of the result is that of the questions.
func each(ctx context.Context, n int, do func(context.Context, int)) {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error { do(ctx, i); return nil })
	}
	_ = g.Wait() // nothing returns an error: each keeps its own
}

// eachWith is each with progress.
func (c *capturer) eachWith(ctx context.Context, what string, n int, do func(context.Context, int)) {
	var mu sync.Mutex
	done := 0
	each(ctx, n, func(ctx context.Context, i int) {
		do(ctx, i)
		mu.Lock()
		defer mu.Unlock()
		done++
		c.o.Progress(what, done, n)
	})
}
