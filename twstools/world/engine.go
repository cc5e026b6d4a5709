package world

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// Options for Engine.
type Options struct {
	// Name is the engine's configured name, put into every Ref; "default" when empty.
	Name string
}

// Engine serves the world through the port, in memory. It answers as a server of the V2 interface does: lists leave dependencies out, a
// filter with an unknown field is fault.Invalid, a page holds 10,000 objects at most. Everything it gives out is a copy.
// It also implements twstools.Clocked, where the plan's now is the world's AsOf, and twstools.Capable, with every optional port.
func Engine(w *World, opts Options) twstools.Engine {
	e := &engine{w: w, name: orElse(opts.Name, "default"), jobs: map[string]int{}, streams: map[string]int{}, runs: map[string]runAt{}}
	for i, j := range w.Jobs {
		e.jobs[j.Ref.ID] = i
		for n, r := range j.Runs {
			e.runs[r.ID] = runAt{i, n}
		}
	}
	for i, s := range w.JobStreams {
		e.streams[s.Ref.ID] = i
	}
	e.graph()
	e.files = sync.OnceValue(func() []twstools.FileWait { return filesOf(w) })
	e.planDefinitions = sync.OnceValue(func() []twstools.JobDefinition { return definitionsInPlan(w) })
	return e
}

type runAt struct{ job, run int }

type engine struct {
	w       *World
	name    string
	jobs    map[string]int // by id
	streams map[string]int
	runs    map[string]runAt
	after   map[node][]node // successors, in the plan's order
	before  map[node][]node

	// Gathered from the whole plan when they are first asked for.
	files           func() []twstools.FileWait
	planDefinitions func() []twstools.JobDefinition
}

var _ twstools.Clocked = (*engine)(nil)

// PlanNow implements twstools.Clocked.
func (e *engine) PlanNow() (time.Time, bool) { return e.w.AsOf, false }

// Info implements twstools.Engine.
func (e *engine) Info(ctx context.Context) (twstools.Info, error) {
	info := e.w.Info
	info.Engine = e.name
	return info, ctx.Err()
}

// Jobs implements twstools.Engine.
func (e *engine) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return page(ctx, e.w.Jobs, q, twstools.JobFields(), twstools.JobRow, func(j twstools.Job) twstools.Job {
		j.DependencyCounts = twstools.CountDependencies(j.Dependencies)
		j.Dependencies, j.DependenciesKnown = nil, false
		return e.copyJob(j)
	})
}

// Job implements twstools.Engine.
func (e *engine) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	i, ok := e.jobs[ref.ID]
	if !ok {
		return twstools.Job{}, fault.New(fault.NotFound, "No job with the id %q is in the plan.", ref.ID)
	}
	return e.copyJob(e.w.Jobs[i]), ctx.Err()
}

// JobStreams implements twstools.Engine.
func (e *engine) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return page(ctx, e.w.JobStreams, q, twstools.JobStreamFields(), twstools.JobStreamRow, func(s twstools.JobStream) twstools.JobStream {
		s.DependencyCounts = twstools.CountDependencies(s.Dependencies)
		s.Dependencies, s.DependenciesKnown = nil, false
		return e.copyStream(s)
	})
}

// JobStream implements twstools.Engine.
func (e *engine) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	i, ok := e.streams[ref.ID]
	if !ok {
		return twstools.JobStream{}, fault.New(fault.NotFound, "No job stream with the id %q is in the plan.", ref.ID)
	}
	return e.copyStream(e.w.JobStreams[i]), ctx.Err()
}

// Workstations implements twstools.Engine.
func (e *engine) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	return page(ctx, e.w.Workstations, q, twstools.WorkstationFields(), twstools.WorkstationRow, e.copyWorkstation)
}

// Resources implements twstools.Engine.
func (e *engine) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	return page(ctx, e.w.Resources, q, twstools.ResourceFields(), twstools.ResourceRow, e.copyResource)
}

// Prompts implements twstools.Engine.
func (e *engine) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	return page(ctx, e.w.Prompts, q, twstools.PromptFields(), twstools.PromptRow, e.copyPrompt)
}

// Counts implements twstools.Engine. The pattern is matched with the job stream's workstation, as conman's selection does.
func (e *engine) Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	out := twstools.Counts{Groups: map[string]int{}}
	for _, g := range q.GroupBy {
		if !slices.Contains([]string{"status", "workstation", "folder"}, g) {
			return out, fault.New(fault.Invalid, "Jobs cannot be counted by %q.", g).WithHint("Valid groups: status, workstation, folder.")
		}
	}
	add := func(streamWorkstation string, group map[string]string) {
		if q.Workstation != "" && !query.Match(strings.TrimPrefix(q.Workstation, "/"), strings.TrimPrefix(streamWorkstation, "/")) {
			return
		}
		out.Total++
		if len(q.GroupBy) == 0 {
			return
		}
		parts := make([]string, len(q.GroupBy))
		for i, g := range q.GroupBy {
			parts[i] = group[g]
		}
		out.Groups[strings.Join(parts, "/")]++
	}
	if q.JobStreams {
		for _, s := range e.w.JobStreams {
			add(s.Workstation, map[string]string{"status": s.Status.Common, "workstation": s.Workstation, "folder": s.Folder})
		}
		return out, ctx.Err()
	}
	for _, j := range e.w.Jobs {
		add(j.StreamWorkstation, map[string]string{"status": j.Status.Common, "workstation": j.Workstation, "folder": j.Folder})
	}
	return out, ctx.Err()
}

// maxPage is what the engine gives at most in one answer.
const maxPage = 10_000

// page filters, orders and cuts one kind of object.
func page[T any](ctx context.Context, all []T, q twstools.ListQuery, valid []string, row func(T) query.Row, give func(T) T) (twstools.List[T], error) {
	var out twstools.List[T]
	if err := ctx.Err(); err != nil {
		return out, fault.Wrap(fault.Timeout, err, "The plan could not be read in time.")
	}
	if q.Limit < 0 || q.Offset < 0 {
		return out, fault.New(fault.Invalid, "Limit and offset must not be negative.")
	}
	order := slices.Clone(q.Order)
	for i := range order {
		if order[i].Field == "key.name" { // the engine orders by it, though it refuses to filter by it
			order[i].Field = "name"
		}
	}
	if err := query.CheckFields(query.Query{Where: q.Where, Order: order}, valid); err != nil {
		return out, err
	}
	found := make([]T, 0, min(len(all), 64))
	for _, item := range all {
		if query.Eval(q.Where, row(item)) {
			found = append(found, item)
		}
	}
	query.Sort(found, row, order)
	out.Total = len(found)
	limit := q.Limit
	if limit == 0 {
		limit = 500
	}
	found = found[min(q.Offset, len(found)):]
	found = found[:min(limit, maxPage, len(found))]
	out.Items = make([]T, len(found))
	for i, item := range found {
		out.Items[i] = give(item)
	}
	return out, nil
}
