package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

// TestNames: what is completed can be asked for.
func TestNames(t *testing.T) {
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	engine := world.Engine(w, world.Options{})
	x := tools.New(tools.Options{Engine: engine, Name: "default", Clock: func() time.Time { return now }})
	s := set(t, engine)
	for _, kind := range []string{"job", "job_stream", "workstation"} {
		names, total, err := x.Names(t.Context(), reader.Wanted{Kind: kind, Limit: 5})
		if err != nil || len(names) != 5 || total < 5 {
			t.Errorf("%s: %q of %d, %v", kind, names, total, err)
		}
		tool, argument := "get_job", "job"
		switch kind {
		case "job_stream":
			tool, argument = "get_job_stream", "job_stream"
		case "workstation":
			tool, argument = "list_workstations", "name"
		}
		for _, name := range names {
			args, _ := json.Marshal(map[string]string{argument: name})
			if r := s.Call(t.Context(), tool, args); r.Error != nil && r.Error.Code != "ambiguous" {
				t.Errorf("%s of %s: %+v", tool, name, r.Error)
			}
		}
	}
}

// gone is an engine that does not answer; it counts who asks.
type gone struct {
	twstools.Engine
	asked int
}

func (g *gone) Jobs(context.Context, twstools.ListQuery) (twstools.List[twstools.Job], error) {
	g.asked++
	return twstools.List[twstools.Job]{}, errors.New("gone")
}

// TestNamesOfAnEngineThatIsAway: it is not asked at every key.
func TestNamesOfAnEngineThatIsAway(t *testing.T) {
	engine, at := &gone{}, now
	x := tools.New(tools.Options{Engine: engine, Name: "default", Clock: func() time.Time { return at }})
	for range 10 {
		if _, _, err := x.Names(t.Context(), reader.Wanted{Kind: "job", Typed: "P", Limit: 5}); err == nil {
			t.Error("names of an engine that is away")
		}
	}
	at = at.Add(6 * time.Second)
	_, _, _ = x.Names(t.Context(), reader.Wanted{Kind: "job", Typed: "P", Limit: 5})
	if engine.asked != 2 {
		t.Errorf("asked %d times", engine.asked)
	}
}

// TestReadsAreReported: whoever wants to know hears how many reads there were, never fewer than before.
func TestReadsAreReported(t *testing.T) {
	s, _ := demo(t)
	var mu sync.Mutex
	var told []toolkit.Progress
	ctx := toolkit.WithProgress(t.Context(), func(p toolkit.Progress) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, p)
	})
	r := s.Call(ctx, "diagnose_job", json.RawMessage(`{"target":"CLM_RESERVE"}`))
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) != r.Envelope.UpstreamCalls || len(told) < 3 {
		t.Fatalf("%d reports of %d calls", len(told), r.Envelope.UpstreamCalls)
	}
	highest := 0
	for _, p := range told {
		highest = max(highest, p.Done)
		if p.Total != 0 || !strings.HasSuffix(p.Message, " of the engine") {
			t.Errorf("%+v", p)
		}
	}
	if highest != len(told) || told[0].Message != "1 read of the engine" {
		t.Errorf("ends at %d, begins with %q", highest, told[0].Message)
	}
}
