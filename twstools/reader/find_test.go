package reader_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

var clock = time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC)

// plant is a shop whose texts are English; people ask in both languages.
const plant = `
clock: "06:00"
engine: {timezone: America/Sao_Paulo}
workstations: [{name: SHOP1, type: FTA, states: [LINKED, RUNNING]}]
resources: [{name: DOCK, workstation: SHOP1, quantity: 2}]
prompts: [{name: OPENSHOP, text: "Open?", status: ASKED, number: 4, stream: TILL}]
streams:
  - {name: till-close, key: N-1, folder: /Stores/North, workstation: SHOP1, sched: "01:00", state: SUCC, jobs: [{name: sum_Up, state: SUCC, start: "01:00", ran: 1m}]}
  - {name: till-close, key: S-1, folder: /Stores/South, workstation: SHOP1, sched: "01:10", state: SUCC, jobs: [{name: sum_Up, state: SUCC, start: "01:10", ran: 1m}]}
  - {name: TILL, workstation: SHOP1, sched: "05:00", id: 0AAAAAAAAAAATILL, state: HOLD, needs: [{prompt: OPENSHOP}], jobs: [
      {name: TL_COLLECT, does: "Collects the sales of all stores", state: HOLD}, {name: TL_POST, does: "Posts sales to the general ledger", state: HOLD}]}
  - {name: PAY, workstation: SHOP1, sched: "04:00", state: SUCC, jobs: [
      {name: PY_CALC, does: "Calculates the monthly payroll", start: "04:00", ran: 5m}, {name: PY_BANK, does: "Sends salary payments to the bank", start: "04:06", ran: 2m}]}
  - {name: NIGHTBKP, workstation: SHOP1, sched: "03:00", state: SUCC, jobs: [{name: BK_FULL, does: "Full backup of the customer database", start: "03:00", ran: 9m}, {name: load-2024.stock, does: "Loads stock levels", start: "03:20", ran: 1m}]}
  - {name: OTHER, workstation: SHOP1, sched: "02:00", state: SUCC, jobs: [{name: TL_POST, does: "Posts ticket letters", start: "02:00", ran: 1m}]}
`

func finder(t *testing.T) *reader.Finder {
	t.Helper()
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(plant)}}, clock)
	if err != nil {
		t.Fatal(err)
	}
	return reader.NewFinder(world.Engine(w, world.Options{}), func(context.Context) *time.Location { return time.UTC }, func() time.Time { return clock })
}

func names(f reader.Found) []string {
	var out []string
	for _, j := range f.Jobs {
		out = append(out, j.Stream+"."+j.Name)
	}
	for _, s := range f.Streams {
		out = append(out, s.Name)
	}
	for _, w := range f.Workstations {
		out = append(out, w.Name)
	}
	for _, r := range f.Resources {
		out = append(out, r.Name)
	}
	for _, p := range f.Prompts {
		out = append(out, p.Name)
	}
	slices.Sort(out)
	return out
}

func TestFind(t *testing.T) {
	f := finder(t)
	for _, c := range []struct {
		name, target, kind, hint string
		want                     []string
	}{
		{"full-form", "SHOP1#TILL.TL_POST", "", "", []string{"TILL.TL_POST"}},
		{"with-time", "SHOP1#TILL[(0500 03/17/26)].TL_POST", "", "", []string{"TILL.TL_POST"}},
		{"conmans-input-form", "SHOP1#TILL(0500 03/17/26).TL_POST", "", "", []string{"TILL.TL_POST"}},
		{"stream-and-job", "OTHER.TL_POST", "", "", []string{"OTHER.TL_POST"}},
		{"folder-in-small-letters", "SHOP1#/Stores/North/till-close.sum_Up", "", "", []string{"till-close.sum_Up"}},
		{"folder-with-a-files-kind", "SHOP1#/Stores/South/till-close", "", "", []string{"till-close"}},
		{"other-case", "Sum_up", "", "", []string{"till-close.sum_Up", "till-close.sum_Up"}},
		{"capitals-for-small-letters", "SHOP1#TILL-CLOSE.SUM_UP", "", "", []string{"till-close.sum_Up", "till-close.sum_Up"}},
		{"bare-job", "PY_CALC", "", "", []string{"PAY.PY_CALC"}},
		{"small-letters", "py_calc", "", "", []string{"PAY.PY_CALC"}},
		{"job-in-two-streams", "TL_POST", "", "", []string{"OTHER.TL_POST", "TILL.TL_POST"}},
		{"bare-stream", "TILL", "", "", []string{"TILL"}},
		{"stream-by-id", "SHOP1#0AAAAAAAAAAATILL.TL_POST;schedid", "", "", []string{"TILL.TL_POST"}},
		{"workstation", "SHOP1", "", "", []string{"SHOP1"}},
		{"resource", "DOCK", "", "", []string{"DOCK"}},
		{"prompt", "OPENSHOP", "", "", []string{"OPENSHOP"}},
		{"wildcard", "PY_@", "job", "", []string{"PAY.PY_BANK", "PAY.PY_CALC"}},
		{"words", "monthly payroll", "", "", []string{"PAY.PY_CALC"}},
		{"portuguese-words", "folha de pagamento mensal", "", "", []string{"PAY.PY_CALC"}},
		{"portuguese-ledger", "lançamento contábil", "", "", []string{"TILL.TL_POST"}},
		{"typing-error", "custommer database backup", "", "", []string{"NIGHTBKP.BK_FULL"}},
		{"hint-chooses", "payments", "", "sent to the bank", []string{"PAY.PY_BANK"}},
		{"dot-in-a-name", "load-2024.stock", "", "", []string{"NIGHTBKP.load-2024.stock"}},
		{"kind-narrows", "TILL", "job_stream", "", []string{"TILL"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := f.Find(t.Context(), c.target, c.kind, c.hint)
			if err != nil {
				t.Fatal(err)
			}
			if got := names(found); !slices.Equal(got, c.want) {
				t.Errorf("Find(%q) = %q, want %q", c.target, got, c.want)
			}
		})
	}
}

func TestFindNothing(t *testing.T) {
	f := finder(t)
	for _, c := range []struct{ name, target, near string }{
		{"typo-in-a-name", "PY_CALX", "PY_CALC"},
		{"unknown-number", "#J99999999", ""},
		{"unrelated-words", "the weather on mars", ""},
		{"hostile", "'; DROP TABLE job; --", ""},
		{"empty-words", "the of and", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := f.Find(t.Context(), c.target, "", "")
			if !fault.Is(err, fault.NotFound) {
				t.Fatalf("Find(%q) = %q, %v; want not_found", c.target, names(found), err)
			}
			var e *fault.Error
			if c.near != "" && (!errors.As(err, &e) || !strings.Contains(strings.Join(e.Candidates, " "), c.near)) {
				t.Errorf("candidates of %q = %q, want one with %s", c.target, e.Candidates, c.near)
			}
		})
	}
}

// counting counts list reads.
type counting struct {
	twstools.Engine
	jobs int
}

func (c *counting) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	if q.Where == nil {
		c.jobs++
	}
	return c.Engine.Jobs(ctx, q)
}

// TestIndexIsReadOncePerMinute: ten questions in words cost one reading of all names.
func TestIndexIsReadOncePerMinute(t *testing.T) {
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(plant)}}, clock)
	if err != nil {
		t.Fatal(err)
	}
	e, now := &counting{Engine: world.Engine(w, world.Options{})}, clock
	f := reader.NewFinder(e, func(context.Context) *time.Location { return time.UTC }, func() time.Time { return now })
	ask := func() {
		t.Helper()
		if _, err := f.Find(t.Context(), "monthly payroll", "", ""); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		ask()
	}
	if e.jobs != 1 {
		t.Errorf("%d readings of all jobs, want 1", e.jobs)
	}
	now = now.Add(2 * time.Minute)
	ask()
	if e.jobs != 2 {
		t.Errorf("after two minutes %d readings, want 2", e.jobs)
	}
}
