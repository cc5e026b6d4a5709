package record

import (
	"context"
	"sync"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// tap is an Engine that writes down what passes. A question asked twice is kept as it was answered last.
type tap struct {
	twstools.Engine
	caps  twstools.Capabilities
	mu    sync.Mutex
	calls map[string]call
	asked int
	limit int
	lost  int // questions that no transcript can hold
}

func newTap(e twstools.Engine, limit int) *tap {
	return &tap{Engine: e, caps: twstools.CapabilitiesOf(e), calls: map[string]call{}, limit: limit}
}

// note writes a call down and gives its answer on.
func note[T any](t *tap, op Op, a Args, where query.Expr, answer T, err error) (T, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked++
	t.calls[key(op, a)] = call{op: op, args: a, where: where, answer: answer, err: err}
	return answer, err
}

func noteList[T any](t *tap, op Op, q twstools.ListQuery, answer twstools.List[T], err error) (twstools.List[T], error) {
	a, ok := listArgs(q)
	if !ok {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.asked++
		t.lost++
		return answer, err
	}
	return note(t, op, a, q.Where, answer, err)
}

// PlanNow implements twstools.Clocked.
func (t *tap) PlanNow() (time.Time, bool) {
	if c, ok := t.Engine.(twstools.Clocked); ok {
		return c.PlanNow()
	}
	return time.Time{}, true
}

func (t *tap) Info(ctx context.Context) (twstools.Info, error) {
	x, err := t.Engine.Info(ctx)
	return note(t, OpInfo, Args{}, nil, x, err)
}

func (t *tap) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	x, err := t.Engine.Jobs(ctx, q)
	return noteList(t, OpJobs, q, x, err)
}

func (t *tap) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	x, err := t.Engine.Job(ctx, ref)
	return note(t, OpJob, Args{Ref: ref.ID}, nil, x, err)
}

func (t *tap) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	x, err := t.Engine.JobStreams(ctx, q)
	return noteList(t, OpJobStreams, q, x, err)
}

func (t *tap) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	x, err := t.Engine.JobStream(ctx, ref)
	return note(t, OpJobStream, Args{Ref: ref.ID}, nil, x, err)
}

func (t *tap) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	x, err := t.Engine.Neighbours(ctx, q)
	return note(t, OpNeighbours, neighbourArgs(q), nil, x, err)
}

func (t *tap) Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	x, err := t.Engine.Counts(ctx, q)
	return note(t, OpCounts, countArgs(q), nil, x, err)
}

func (t *tap) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	x, err := t.Engine.Workstations(ctx, q)
	return noteList(t, OpWorkstations, q, x, err)
}

func (t *tap) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	x, err := t.Engine.Resources(ctx, q)
	return noteList(t, OpResources, q, x, err)
}

func (t *tap) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	x, err := t.Engine.Prompts(ctx, q)
	return noteList(t, OpPrompts, q, x, err)
}

// Logs keeps what the policy on logs leaves of the answer, so that neither the transcript holds more than the world nor the world more than it.
func (t *tap) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	x, err := t.Engine.Logs(ctx, q)
	if err == nil {
		x = bounded(x, t.limit)
	}
	return note(t, OpLogs, logArgs(q), nil, x, err)
}

func (t *tap) planWindow(ctx context.Context) (twstools.PlanWindow, error) {
	x, err := t.caps.Plans.PlanWindow(ctx)
	return note(t, OpPlanWindow, Args{}, nil, x, err)
}

func (t *tap) plans(ctx context.Context) ([]twstools.Plan, error) {
	x, err := t.caps.Plans.Plans(ctx, "")
	return note(t, OpPlans, Args{}, nil, x, err)
}

func (t *tap) criticalJobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.CriticalJob], error) {
	x, err := t.caps.CriticalJobs.CriticalJobs(ctx, q)
	return noteList(t, OpCriticalJobs, q, x, err)
}

func (t *tap) mailbox(ctx context.Context) (int, error) {
	x, err := t.caps.Mailbox.MailboxFill(ctx, "")
	return note(t, OpMailboxFill, Args{}, nil, x, err)
}

func (t *tap) events(ctx context.Context, q twstools.RecordQuery) ([]twstools.EventRecord, error) {
	x, err := t.caps.Events.Events(ctx, q)
	return note(t, OpEvents, recordArgs(q), nil, x, err)
}

func (t *tap) audit(ctx context.Context, q twstools.RecordQuery) ([]twstools.AuditRecord, error) {
	x, err := t.caps.Audit.Audit(ctx, q)
	return note(t, OpAudit, recordArgs(q), nil, x, err)
}

func (t *tap) streamDefinitions(ctx context.Context, pattern string, limit int) ([]twstools.JobStreamDefinition, error) {
	x, err := t.caps.Definitions.JobStreamDefinitions(ctx, pattern, limit)
	return note(t, OpStreamDefinitions, Args{Pattern: pattern, Limit: limit}, nil, x, err)
}

func (t *tap) jobDefinitions(ctx context.Context, pattern string, limit int) ([]twstools.JobDefinition, error) {
	x, err := t.caps.Definitions.JobDefinitions(ctx, pattern, limit)
	return note(t, OpJobDefinitions, Args{Pattern: pattern, Limit: limit}, nil, x, err)
}
