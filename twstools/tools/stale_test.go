package tools_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

// failing is an engine that can go away.
type failing struct {
	twstools.Engine
	away atomic.Bool
}

func (e *failing) err() error {
	if e.away.Load() {
		return fault.New(fault.UpstreamUnavailable, "The engine does not answer.")
	}
	return nil
}

func (e *failing) Info(ctx context.Context) (twstools.Info, error) {
	if err := e.err(); err != nil {
		return twstools.Info{}, err
	}
	return e.Engine.Info(ctx)
}

func (e *failing) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	if err := e.err(); err != nil {
		return twstools.List[twstools.Job]{}, err
	}
	return e.Engine.Jobs(ctx, q)
}

// TestEnvelopeTellsAge: a tool over a Reader says when the oldest answer was read, and whether it stood in for an engine that is away.
func TestEnvelopeTellsAge(t *testing.T) {
	start := time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC)
	w, err := world.Demo(start)
	if err != nil {
		t.Fatal(err)
	}
	var passed atomic.Int64
	clock := func() time.Time { return start.Add(time.Duration(passed.Load())) }
	e := &failing{Engine: world.Engine(w, world.Options{})}
	r, err := reader.Open(reader.Options{Engine: e, Name: "default", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	all, err := tools.New(tools.Options{Engine: r, Name: "default", Clock: clock}).All()
	if err != nil {
		t.Fatal(err)
	}
	s, err := toolkit.NewSet(all...)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name    string
		passed  time.Duration
		away    bool
		fetched time.Duration
		stale   bool
		code    fault.Code
	}{
		{"first", 0, false, 0, false, ""},
		{"from-memory", 10 * time.Second, false, 0, false, ""},
		{"away", 2 * time.Minute, true, 0, true, ""},
		{"away-for-long", 20 * time.Minute, true, 0, false, fault.UpstreamUnavailable},
		{"back", 21 * time.Minute, false, 21 * time.Minute, false, ""},
	} {
		passed.Store(int64(step.passed))
		e.away.Store(step.away)
		_, res := call[tools.FindJobsOut](t, s, "find_jobs", `{"status":["ABEND"],"page_size":5}`)
		if step.code != "" {
			if res.Error == nil || res.Error.Code != string(step.code) {
				t.Errorf("%s: %+v, want %s", step.name, res.Error, step.code)
			}
			continue
		}
		if res.Error != nil {
			t.Fatalf("%s: %+v", step.name, res.Error)
		}
		at, err := time.Parse(time.RFC3339, res.Envelope.Clocks.FetchedAt)
		if err != nil || !at.Equal(start.Add(step.fetched)) || res.Envelope.Stale != step.stale {
			t.Errorf("%s: fetched at %s, stale %v; want %v after the start, %v", step.name, res.Envelope.Clocks.FetchedAt, res.Envelope.Stale, step.fetched, step.stale)
		}
	}
}
