package reader_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// moving is our clock, moved by hand.
type moving struct{ n atomic.Int64 }

func (c *moving) now() time.Time       { return clock.Add(time.Duration(c.n.Load())) }
func (c *moving) move(d time.Duration) { c.n.Add(int64(d)) }

// engine is a world that can be exchanged for the next one, counts its calls, and can be made to fail or to wait.
type engine struct {
	mu    sync.Mutex
	e     twstools.Engine
	fail  error
	calls map[string]int
	lists map[string]int // by filter
	gate  chan struct{}  // a call waits for it when it is set
	began chan struct{}
}

func newEngine(t testing.TB, yaml string, at time.Time) *engine {
	e := &engine{calls: map[string]int{}, lists: map[string]int{}, began: make(chan struct{}, 10_000)}
	e.show(t, yaml, at)
	return e
}

// show puts another world in place.
func (e *engine) show(t testing.TB, yaml string, at time.Time) {
	t.Helper()
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(yaml)}}, at)
	if err != nil {
		t.Fatal(err)
	}
	e.serve(w)
}

func (e *engine) serve(w *world.World) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.e = world.Engine(w, world.Options{Name: "default"})
}

func (e *engine) failWith(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fail = err
}

// hold makes calls wait until the returned function is called.
func (e *engine) hold() (release func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	gate := make(chan struct{})
	e.gate = gate
	return sync.OnceFunc(func() {
		e.mu.Lock()
		e.gate = nil
		e.mu.Unlock()
		close(gate)
	})
}

func (e *engine) total() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, c := range e.calls {
		n += c
	}
	return n
}

func (e *engine) called(what string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls[what]
}

// asked is how often a list was asked for with that filter.
func (e *engine) asked(what string, where query.Expr) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.lists[fmt.Sprint(what, where)]
}

func through[T any](ctx context.Context, e *engine, what string, call func(twstools.Engine) (T, error)) (T, error) {
	twstools.CountCall(ctx)
	e.mu.Lock()
	e.calls[what]++
	inner, fail, gate := e.e, e.fail, e.gate
	e.mu.Unlock()
	var none T
	if gate != nil {
		e.began <- struct{}{}
		select {
		case <-gate:
		case <-ctx.Done():
			return none, context.Cause(ctx)
		}
	}
	if fail != nil {
		return none, fail
	}
	return call(inner)
}

func (e *engine) Info(ctx context.Context) (twstools.Info, error) {
	return through(ctx, e, "info", func(x twstools.Engine) (twstools.Info, error) { return x.Info(ctx) })
}
func (e *engine) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	e.mu.Lock()
	e.lists[fmt.Sprint("jobs", q.Where)]++
	e.mu.Unlock()
	return through(ctx, e, "jobs", func(x twstools.Engine) (twstools.List[twstools.Job], error) { return x.Jobs(ctx, q) })
}
func (e *engine) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	return through(ctx, e, "job", func(x twstools.Engine) (twstools.Job, error) { return x.Job(ctx, ref) })
}
func (e *engine) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return through(ctx, e, "streams", func(x twstools.Engine) (twstools.List[twstools.JobStream], error) { return x.JobStreams(ctx, q) })
}
func (e *engine) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	return through(ctx, e, "stream", func(x twstools.Engine) (twstools.JobStream, error) { return x.JobStream(ctx, ref) })
}
func (e *engine) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	return through(ctx, e, "neighbours", func(x twstools.Engine) ([]twstools.Neighbour, error) { return x.Neighbours(ctx, q) })
}
func (e *engine) Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	return through(ctx, e, "counts", func(x twstools.Engine) (twstools.Counts, error) { return x.Counts(ctx, q) })
}
func (e *engine) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	return through(ctx, e, "workstations", func(x twstools.Engine) (twstools.List[twstools.Workstation], error) { return x.Workstations(ctx, q) })
}
func (e *engine) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	return through(ctx, e, "resources", func(x twstools.Engine) (twstools.List[twstools.Resource], error) { return x.Resources(ctx, q) })
}
func (e *engine) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	return through(ctx, e, "prompts", func(x twstools.Engine) (twstools.List[twstools.Prompt], error) { return x.Prompts(ctx, q) })
}
func (e *engine) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	return through(ctx, e, "logs", func(x twstools.Engine) (twstools.Log, error) { return x.Logs(ctx, q) })
}

// PlanNow is the world's instant.
func (e *engine) PlanNow() (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.e.(twstools.Clocked).PlanNow()
}

// open makes a Reader that the test closes.
func open(t testing.TB, o reader.Options) *reader.Reader {
	t.Helper()
	if o.Name == "" {
		o.Name = "default"
	}
	r, err := reader.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// wait waits for what another goroutine is about to do.
func wait(t *testing.T, done func() bool, what string, have func() string) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(5 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s; have %s", what, have())
		}
	}
}
