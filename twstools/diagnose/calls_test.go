package diagnose_test

import (
	"context"
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/world"
)

// counted counts the calls that reach the engine.
type counted struct {
	twstools.Engine
	calls map[string]int
}

func (e *counted) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	e.calls["job"]++
	return e.Engine.Job(ctx, ref)
}

func (e *counted) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	e.calls["stream"]++
	return e.Engine.JobStream(ctx, ref)
}

func (e *counted) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	e.calls["jobs"]++
	return e.Engine.Jobs(ctx, q)
}

func (e *counted) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	e.calls["streams"]++
	return e.Engine.JobStreams(ctx, q)
}

func (e *counted) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	e.calls["neighbours"]++
	return e.Engine.Neighbours(ctx, q)
}

func (e *counted) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	e.calls["logs"]++
	return e.Engine.Logs(ctx, q)
}

// TestWholePlanCalls holds down what a question about the whole plan costs the engine.
func TestWholePlanCalls(t *testing.T) {
	w := world.Big(3000, caseClock)
	e := &counted{Engine: world.Engine(w, world.Options{}), calls: map[string]int{}}
	r, err := over(e, w).Diagnose(t.Context(), diagnose.Request{})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, n := range e.calls {
		sum += n
	}
	if sum > 60 || len(r.Diagnosis.Causes) == 0 {
		t.Errorf("%d calls %v for %d causes, want at most 60", sum, e.calls, len(r.Diagnosis.Causes))
	}
}
