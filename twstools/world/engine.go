package world

import (
	"context"
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
// It also implements twstools.Clocked, where the plan's now is the world's AsOf, twstools.Capable, with every optional port, and Tallier.
//
// Filters and orders go over columns that are built when they are first asked for; over a plan of more than 100,000 jobs those that nearly every
// question needs are built at once, which takes seconds.
func Engine(w *World, opts Options) twstools.Engine {
	e := &engine{w: w, name: orElse(opts.Name, "default"), jobs: make(map[string]int, len(w.Jobs)), streams: make(map[string]int, len(w.JobStreams))}
	for i := range w.Jobs {
		e.jobs[w.Jobs[i].Ref.ID] = i
	}
	for i := range w.JobStreams {
		e.streams[w.JobStreams[i].Ref.ID] = i
	}
	e.tables()
	e.runs = sync.OnceValue(func() map[string]int32 { return runsOf(w) })
	e.graph = sync.OnceValue(func() graph { return newGraph(e) })
	e.files = sync.OnceValue(func() *table[twstools.FileWait] {
		return newTable(filesOf(w), fileFields, func(f twstools.FileWait) query.Row { return fileRow{f} })
	})
	e.planDefinitions = sync.OnceValue(func() []twstools.JobDefinition { return definitionsInPlan(w) })
	if len(w.Jobs) >= manyRows {
		e.warm()
	}
	return e
}

type engine struct {
	w       *World
	name    string
	jobs    map[string]int // by id
	streams map[string]int

	jobTable         *table[twstools.Job]
	streamTable      *table[twstools.JobStream]
	workstationTable *table[twstools.Workstation]
	resourceTable    *table[twstools.Resource]
	promptTable      *table[twstools.Prompt]

	// Gathered from the whole plan when they are first asked for.
	runs            func() map[string]int32 // place of the job by id of the run
	graph           func() graph
	files           func() *table[twstools.FileWait]
	planDefinitions func() []twstools.JobDefinition
}

func runsOf(w *World) map[string]int32 {
	out := make(map[string]int32, len(w.Jobs))
	for i := range w.Jobs {
		for n := range w.Jobs[i].Runs {
			out[w.Jobs[i].Runs[n].ID] = int32(i) //nolint:gosec // a plan has fewer than 2^31 jobs
		}
	}
	return out
}

// frequentFields are those of jobs that have a column however many jobs there are.
var frequentFields = []string{"name", "folder", "workstation", "jobStreamName", "jobStreamId", "jobStreamWorkstation", "priority", "schedTime",
	"jobruns.commonStatus", "jobruns.compositeStatus.status", "jobruns.actualWorkstation", "jobruns.returnCode", "jobruns.jobNumber", "jobruns.rerunType",
	"jobruns.timeInfo.actualStartTime", "jobruns.timeInfo.actualEndTime", "jobOptions.critical", "jobOptions.every", "jobOptions.noOperation",
	"timeRestrictions.deadlineTime", "timeRestrictions.untilTime", "timeRestrictions.startTime", "dependencies.jobId", "dependencies.jobStreamId"}

func (e *engine) tables() {
	w := e.w
	e.jobTable = newTable(w.Jobs, twstools.JobFields(), twstools.JobRow, frequentFields...)
	e.jobTable.unique, e.jobTable.field = e.jobs, twstools.JobField
	e.streamTable = newTable(w.JobStreams, twstools.JobStreamFields(), twstools.JobStreamRow, "name", "folder", "workstation", "commonStatus", "compositeStatus.status", "schedTime", "key")
	e.streamTable.unique, e.streamTable.field = e.streams, twstools.JobStreamField
	e.workstationTable = newTable(w.Workstations, twstools.WorkstationFields(), twstools.WorkstationRow)
	e.resourceTable = newTable(w.Resources, twstools.ResourceFields(), twstools.ResourceRow)
	e.promptTable = newTable(w.Prompts, twstools.PromptFields(), twstools.PromptRow)
}

// warm builds ahead what a first question would wait for in a plan of hundreds of thousands of jobs.
func (e *engine) warm() {
	for _, field := range []string{"name", "jobStreamName", "workstation", "jobStreamWorkstation", "folder", "jobruns.commonStatus", "jobruns.compositeStatus.status", "schedTime", "priority", "jobOptions.critical"} {
		e.jobTable.column(field)
	}
	for _, field := range []string{"name", "workstation", "folder", "commonStatus", "compositeStatus.status", "schedTime"} {
		e.streamTable.column(field)
	}
	e.jobTable.sorting("name")
	e.jobTable.sorting("schedTime")
	for g := range jobGroups {
		e.jobTable.derived("#"+g, jobGroups[g])
	}
	for g := range streamGroups {
		e.streamTable.derived("#"+g, streamGroups[g])
	}
	e.graph()
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
	return e.jobTable.page(ctx, q, e.listedJob)
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
	return e.streamTable.page(ctx, q, e.listedStream)
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
	return e.workstationTable.page(ctx, q, e.copyWorkstation)
}

// Resources implements twstools.Engine.
func (e *engine) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	return e.resourceTable.page(ctx, q, e.copyResource)
}

// Prompts implements twstools.Engine.
func (e *engine) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	return e.promptTable.page(ctx, q, e.copyPrompt)
}

// listedJob is a job as lists give it: its dependencies are counted and left out.
func (e *engine) listedJob(j twstools.Job) twstools.Job {
	j.DependencyCounts = twstools.CountDependencies(j.Dependencies)
	j.Dependencies, j.DependenciesKnown = nil, false
	return e.copyJob(j)
}

func (e *engine) listedStream(s twstools.JobStream) twstools.JobStream {
	s.DependencyCounts = twstools.CountDependencies(s.Dependencies)
	s.Dependencies, s.DependenciesKnown = nil, false
	return e.copyStream(s)
}

// maxPage is what the engine gives at most in one answer.
const maxPage = 10_000

// page pages through what has no table of its own.
func page[T any](ctx context.Context, all []T, q twstools.ListQuery, valid []string, row func(T) query.Row, give func(T) T) (twstools.List[T], error) {
	return newTable(all, valid, row).page(ctx, q, give)
}
