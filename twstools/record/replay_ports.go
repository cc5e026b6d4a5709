package record

import (
	"context"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// Capabilities gives the optional ports of which a capture records answers; the others are lacking.
func (s *strict) Capabilities() twstools.Capabilities {
	p := strictPorts{s}
	return twstools.Capabilities{Plans: p, CriticalJobs: p, Mailbox: p, Events: p, Audit: p, Definitions: p}
}

// strictPorts answers the optional ports from the transcript.
type strictPorts struct{ s *strict }

func (p strictPorts) PlanWindow(ctx context.Context) (twstools.PlanWindow, error) {
	return answered[twstools.PlanWindow](ctx, p.s, OpPlanWindow, Args{}, true)
}

func (p strictPorts) Plans(ctx context.Context, typ twstools.PlanType) ([]twstools.Plan, error) {
	return answered[[]twstools.Plan](ctx, p.s, OpPlans, Args{Kind: string(typ)}, true)
}

func (p strictPorts) ArchivedJobs(_ context.Context, plan twstools.Plan, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	a, _ := listArgs(q) // for the message alone
	a.Name = plan.ID
	return twstools.List[twstools.Job]{}, miss("ArchivedJobs", a)
}

func (p strictPorts) CriticalJobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.CriticalJob], error) {
	a, ok := listArgs(q)
	return answered[twstools.List[twstools.CriticalJob]](ctx, p.s, OpCriticalJobs, a, ok)
}

func (p strictPorts) CriticalSummary(context.Context) (twstools.CriticalSummary, error) {
	return twstools.CriticalSummary{}, fault.Wrap(fault.Unsupported, ErrMiss, "MOCK_MISS: a capture does not ask for the summary of critical jobs.")
}

func (p strictPorts) MailboxFill(ctx context.Context, name string) (int, error) {
	return answered[int](ctx, p.s, OpMailboxFill, Args{Name: name}, true)
}

func (p strictPorts) Events(ctx context.Context, q twstools.RecordQuery) ([]twstools.EventRecord, error) {
	return answered[[]twstools.EventRecord](ctx, p.s, OpEvents, recordArgs(q), true)
}

func (p strictPorts) Audit(ctx context.Context, q twstools.RecordQuery) ([]twstools.AuditRecord, error) {
	return answered[[]twstools.AuditRecord](ctx, p.s, OpAudit, recordArgs(q), true)
}

func (p strictPorts) JobDefinitions(ctx context.Context, pattern string, limit int) ([]twstools.JobDefinition, error) {
	return answered[[]twstools.JobDefinition](ctx, p.s, OpJobDefinitions, Args{Pattern: pattern, Limit: limit}, true)
}

func (p strictPorts) JobStreamDefinitions(ctx context.Context, pattern string, limit int) ([]twstools.JobStreamDefinition, error) {
	return answered[[]twstools.JobStreamDefinition](ctx, p.s, OpStreamDefinitions, Args{Pattern: pattern, Limit: limit}, true)
}
