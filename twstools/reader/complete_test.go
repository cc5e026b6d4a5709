package reader_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

// yard has one name in many places: two workstations, a folder, two instances of one day.
const yard = `
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: LXPAY01, type: FTA, states: [LINKED]}, {name: LXPAY02, type: FTA, states: [LINKED]}, {name: MDM, type: MANAGER, states: [LINKED]}]
streams:
  - {name: PAYROLL, key: P-1, workstation: LXPAY01, sched: "01:00", id: 0AAAAAAAAAAAPAY1, state: SUCC, jobs: [
      {name: CALC_TAX, does: "Calculates the monthly payroll", start: "01:00", ran: 1m}, {name: PAY_LOAD, start: "01:02", ran: 1m}]}
  - {name: PAYROLL, key: P-2, workstation: LXPAY01, sched: "05:00", id: 0AAAAAAAAAAAPAY2, state: SUCC, jobs: [
      {name: CALC_TAX, does: "Calculates the monthly payroll", start: "05:00", ran: 1m}]}
  - {name: LEDGER, workstation: LXPAY02, sched: "02:00", state: SUCC, jobs: [
      {name: PAY_POST, does: "Posts to the general ledger", start: "02:00", ran: 1m}, {name: CAÇAMBA, start: "02:01", ran: 1m}]}
  - {name: TILL, folder: /Stores/North, workstation: MDM, sched: "03:00", state: SUCC, jobs: [{name: SUM_UP, start: "03:00", ran: 1m}]}
`

func TestComplete(t *testing.T) {
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(yard)}}, clock)
	if err != nil {
		t.Fatal(err)
	}
	f := reader.NewFinder(world.Engine(w, world.Options{}), func(context.Context) *time.Location { return time.UTC }, func() time.Time { return clock })
	for _, c := range []struct {
		name  string
		typed reader.Wanted
		want  []string
		total int
	}{
		{"nothing typed", reader.Wanted{Kind: "job_stream", Typed: ""}, []string{"LXPAY01#PAYROLL", "LXPAY02#LEDGER", "MDM#/Stores/North/TILL"}, 3},
		{"the name before the stream before the workstation", reader.Wanted{Kind: "job", Typed: "pay"}, []string{"LXPAY01#PAYROLL.PAY_LOAD", "LXPAY02#LEDGER.PAY_POST", "LXPAY01#PAYROLL.CALC_TAX"}, 3},
		{"the workstation", reader.Wanted{Kind: "job", Typed: "LXPAY02"}, []string{"LXPAY02#LEDGER.CAÇAMBA", "LXPAY02#LEDGER.PAY_POST"}, 2},
		{"behind the workstation", reader.Wanted{Kind: "job", Typed: "lxpay01#pay"}, []string{"LXPAY01#PAYROLL.PAY_LOAD", "LXPAY01#PAYROLL.CALC_TAX"}, 2},
		{"behind the stream", reader.Wanted{Kind: "job", Typed: "LXPAY02#LEDGER.pa"}, []string{"LXPAY02#LEDGER.PAY_POST"}, 1},
		{"stream and job alone", reader.Wanted{Kind: "job", Typed: "ledger.p"}, []string{"LXPAY02#LEDGER.PAY_POST"}, 1},
		{"without accents", reader.Wanted{Kind: "job", Typed: "cacam"}, []string{"LXPAY02#LEDGER.CAÇAMBA"}, 1},
		{"with accents in small letters", reader.Wanted{Kind: "job", Typed: "caça"}, []string{"LXPAY02#LEDGER.CAÇAMBA"}, 1},
		{"in the middle", reader.Wanted{Kind: "job", Typed: "_POST"}, []string{"LXPAY02#LEDGER.PAY_POST"}, 1},
		{"but for its separator", reader.Wanted{Kind: "job", Typed: "paypost"}, []string{"LXPAY02#LEDGER.PAY_POST"}, 1},
		{"in a folder", reader.Wanted{Typed: "MDM#/stores/north/ti"}, []string{"MDM#/Stores/North/TILL", "MDM#/Stores/North/TILL.SUM_UP"}, 2},
		{"two letters swapped", reader.Wanted{Kind: "job", Typed: "PAY_PSOT"}, []string{"LXPAY02#LEDGER.PAY_POST"}, 1},
		{"words of a description", reader.Wanted{Kind: "job", Typed: "general ledger"}, []string{"LXPAY02#LEDGER.PAY_POST"}, 1},
		{"words of it in Portuguese", reader.Wanted{Kind: "job", Typed: "lançamento contábil"}, []string{"LXPAY02#LEDGER.PAY_POST"}, 1},
		{"within a stream", reader.Wanted{Kind: "job", Typed: "pay", Stream: "ledger"}, []string{"LXPAY02#LEDGER.PAY_POST"}, 1},
		{"within a stream in the operator's form", reader.Wanted{Kind: "job", Typed: "", Stream: "MDM#/Stores/North/TILL[(0300 03/17/26)]"}, []string{"MDM#/Stores/North/TILL.SUM_UP"}, 1},
		{"on a workstation", reader.Wanted{Kind: "job", Typed: "pay", Workstation: "lxpay02"}, []string{"LXPAY02#LEDGER.PAY_POST"}, 1},
		{"instances", reader.Wanted{Kind: "job", Typed: "LXPAY01#PAYROLL.CALC"}, []string{"LXPAY01#PAYROLL.CALC_TAX", "LXPAY01#PAYROLL[(0100 03/17/26)].CALC_TAX", "LXPAY01#PAYROLL[(0500 03/17/26)].CALC_TAX"}, 3},
		{"an instance being typed", reader.Wanted{Kind: "job", Typed: "LXPAY01#PAYROLL[(0500 03/17/26)].CALC"}, []string{"LXPAY01#PAYROLL.CALC_TAX", "LXPAY01#PAYROLL[(0100 03/17/26)].CALC_TAX", "LXPAY01#PAYROLL[(0500 03/17/26)].CALC_TAX"}, 3},
		{"no such name", reader.Wanted{Kind: "job", Typed: "zzz"}, nil, 0},
		{"no such workstation", reader.Wanted{Kind: "job", Typed: "NOPE#PAY"}, nil, 0},
		{"only marks", reader.Wanted{Kind: "job", Typed: "#./"}, nil, 0},
		{"workstations by their beginning", reader.Wanted{Kind: "workstation", Typed: "lx"}, []string{"LXPAY01", "LXPAY02"}, 2},
		{"workstations by what they hold", reader.Wanted{Kind: "workstation", Typed: "DM"}, []string{"MDM"}, 1},
		{"a limit", reader.Wanted{Kind: "workstation", Typed: "", Limit: 1}, []string{"LXPAY01"}, 3},
		{"a limit of jobs", reader.Wanted{Kind: "job", Typed: "", Limit: 2}, []string{"LXPAY01#PAYROLL.CALC_TAX", "LXPAY01#PAYROLL.PAY_LOAD"}, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.typed.Limit == 0 {
				c.typed.Limit = 100
			}
			got, total, err := f.Complete(t.Context(), c.typed)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, c.want) || total != c.total {
				t.Errorf("%q gives %q of %d, want %q of %d", c.typed.Typed, got, total, c.want, c.total)
			}
		})
	}
}

// away is an engine that does not answer.
type away struct{ twstools.Engine }

func (away) Jobs(context.Context, twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return twstools.List[twstools.Job]{}, errors.New("gone")
}

func (away) Workstations(context.Context, twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	return twstools.List[twstools.Workstation]{}, errors.New("gone")
}

func TestCompleteOfAnEngineThatIsAway(t *testing.T) {
	f := reader.NewFinder(away{}, func(context.Context) *time.Location { return time.UTC }, func() time.Time { return clock })
	for _, kind := range []string{"job", "workstation"} {
		if names, total, err := f.Complete(t.Context(), reader.Wanted{Kind: kind, Typed: "X", Limit: 5}); err == nil || names != nil || total != 0 {
			t.Errorf("%s: %q of %d, %v", kind, names, total, err)
		}
	}
}

// TestCompleteReadsOnce: whoever types must not make the engine work at every key.
func TestCompleteReadsOnce(t *testing.T) {
	e := &counting{Engine: newEngine(t, night, clock)}
	r := open(t, reader.Options{Engine: e, Clock: func() time.Time { return clock }})
	f := over(r, func() time.Time { return clock })
	typed := "CLM_RESERVE"
	for i := range len(typed) {
		if _, _, err := f.Complete(t.Context(), reader.Wanted{Kind: "job", Typed: typed[:i], Limit: 100}); err != nil {
			t.Fatal(err)
		}
	}
	if e.jobs > 1 {
		t.Errorf("%d reads of all jobs for %d keys", e.jobs, len(typed))
	}
}

// BenchmarkComplete is one key stroke in a plan of 500,000 jobs.
func BenchmarkComplete(b *testing.B) {
	e, at := &large{engine: newEngine(b, night, clock), jobs: 500_000}, &moving{}
	r := open(b, reader.Options{Engine: e, Clock: at.now})
	f := over(r, at.now)
	if _, err := f.Empty(b.Context()); err != nil {
		b.Fatal(err)
	}
	for tick := time.NewTicker(10 * time.Millisecond); !r.Stats().NamesComplete; {
		<-tick.C
	}
	for _, typed := range []string{"", "J", "JOB0123", "zzz"} {
		b.Run(fmt.Sprintf("%q", typed), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := f.Complete(b.Context(), reader.Wanted{Kind: "job", Typed: typed, Limit: 100}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
