package handover_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// night is when the demo's plant is looked at: ten past six, as the morning shift takes over.
var night = time.Date(2026, 3, 17, 6, 10, 0, 0, time.FixedZone("-03", -3*3600))

// noted are acknowledgements in memory.
type noted []tools.Acknowledgement

func (n noted) InForce(context.Context, string) ([]tools.Acknowledgement, error) { return n, nil }

// plant gives the tools over the demo's plant at night.
func plant(t *testing.T, acks noted) toolkit.Caller {
	t.Helper()
	w, err := world.Demo(night)
	if err != nil {
		t.Fatal(err)
	}
	all, err := tools.New(tools.Options{Engine: world.Engine(w, world.Options{}), Name: "default", Mode: "mock", API: "v2", Acks: acks, Clock: func() time.Time { return night }}).All()
	if err != nil {
		t.Fatal(err)
	}
	set, err := toolkit.NewSet(all...)
	if err != nil {
		t.Fatal(err)
	}
	return toolkit.Local(set)
}

// played is a Caller whose answers are made up.
type played func(name string, args map[string]any) (toolkit.Result, error)

func (p played) Tools(context.Context) ([]toolkit.Info, error) { return nil, nil }

func (p played) Call(_ context.Context, name string, args json.RawMessage) (toolkit.Result, error) {
	m := map[string]any{}
	if err := json.Unmarshal(args, &m); err != nil {
		return toolkit.Result{}, err
	}
	return p(name, m)
}

// ok is a result with data.
func ok(t *testing.T, data any) toolkit.Result {
	t.Helper()
	b, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	at := night.Format(time.RFC3339)
	return toolkit.Result{Envelope: &toolkit.Envelope{Data: b, Engine: toolkit.Engine{Name: "prod", Mode: "live", API: "v2"}, Clocks: toolkit.Clocks{FetchedAt: at, MirroredAt: at, PlanNow: at}}}
}

func failed(code, message string) toolkit.Result {
	return toolkit.Result{Error: &toolkit.ErrorBody{Code: code, Message: message}}
}

// golden compares with a file; -update rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; go test -update shows how:\n%s", name, got)
	}
}
