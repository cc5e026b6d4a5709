package sim_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// nine is a Tuesday's start of the bank's production day: six in the morning there.
var nine = time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC)

func bank(t testing.TB) *sim.Sim {
	t.Helper()
	d, err := sim.Bank()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(d, sim.Options{Seed: 3, Start: nine})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBank holds that the bank's days go well: every night ends with the plan's turn, at every hour something happens soon, and what fails by
// chance is repaired or to be seen.
func TestBank(t *testing.T) {
	s := bank(t)
	jobs := 0
	for _, d := range s.World().StreamDefinitions {
		jobs += len(d.Jobs)
	}
	if jobs < 60 || jobs > 120 {
		t.Errorf("the bank has %d jobs, want 60 to 120", jobs)
	}
	v := &watcher{t: t, seen: map[string]int{}, state: map[string]bool{}, limits: map[string]int{"ANCCOR01": 12, "ANCWIN01": 6, "ANCGL01": 8}}
	for end := nine.AddDate(0, 0, 1); ; {
		next, ok := s.Next()
		if !ok || next.After(end) {
			break
		}
		s.Advance(next)
		v.look(s.World())
	}
	bad := 0
	for day := range 12 {
		s.Advance(nine.AddDate(0, 0, 3+day))
		w := s.World()
		if got, want := *w.Window.RunNumber, 208+3+day; got != want {
			t.Errorf("on day %d the plan's run number is %d, want %d", day, got, want)
		}
		if w.Window.End.Sub(w.Window.Start) != 24*time.Hour || w.AsOf.After(w.Window.End) {
			t.Errorf("on day %d the plan runs from %v to %v", day, w.Window.Start, w.Window.End)
		}
		for _, j := range w.Archived[len(w.Archived)-1].Jobs {
			for _, r := range j.Runs {
				if r.Status.Common == "ERROR" {
					bad++
				}
			}
		}
	}
	w := s.World()
	if len(w.Archived) != 7 || len(s.Refused()) > 0 {
		t.Errorf("%d archived plans, want 7; refused: %v", len(w.Archived), s.Refused())
	}
	if bad == 0 || bad > 60 {
		t.Errorf("%d runs went wrong in twelve days: a demo shows a few", bad)
	}
}

// TestBankIsNeverDull holds that whoever looks at the living demo sees something happen within the hour.
func TestBankIsNeverDull(t *testing.T) {
	s := bank(t)
	ended := func() int {
		n := 0
		for _, j := range s.World().Jobs {
			for _, r := range j.Runs {
				if !r.End.IsZero() {
					n++
				}
			}
		}
		return n
	}
	before := 0
	for at := nine.Add(time.Hour); at.Before(nine.Add(22 * time.Hour)); at = at.Add(time.Hour) {
		s.Advance(at)
		if n := ended(); n <= before {
			t.Errorf("nothing has ended in the hour before %v", at)
		} else {
			before = n
		}
	}
}

// TestForecast holds that a critical job that cannot make its deadline any more is foretold, and one that can is not.
func TestForecast(t *testing.T) {
	d := parse(t, base)
	d.Streams = parse(t, `
streams:
  - {name: S, on: A, jobs: [{name: LONG, takes: 2h}, {name: END, takes: 30m, critical: true, deadline: "02:45"}]}
  - {name: T, on: A, at: "01:00", needs: [{stream: S}], jobs: [{name: LAST, takes: 30m, critical: true, deadline: "02:50"}]}
`).Streams
	exact(&d)
	s, err := sim.New(d, sim.Options{Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	s.Advance(monday.Add(time.Hour))
	got := map[string]string{}
	for _, c := range s.World().CriticalJobs {
		for _, j := range s.World().Jobs {
			if j.Ref == c.Job.Ref {
				got[j.Name] = c.Alert + " " + c.EstimatedEnd.Format("15:04") + " " + c.CriticalStart.Format("15:04")
			}
		}
	}
	if got["END"] != "ON_TRACK 02:30 02:15" || got["LAST"] != "HIGH_RISK 03:00 02:20" {
		t.Errorf("forecasts: %v", got)
	}
	s.Advance(monday.Add(4 * time.Hour))
	if n := len(s.World().CriticalJobs); n != 0 {
		t.Errorf("%d critical jobs are foretold when all is over", n)
	}
}

// TestLostEnd holds that a job whose end nobody heard of shows EXEC while its log is complete, and that an agent out of reach gives no log.
func TestLostEnd(t *testing.T) {
	d := parse(t, base)
	d.Streams = parse(t, `streams: [{name: S, on: A, jobs: [{name: J, takes: 10m}, {name: K}]}]`).Streams
	s, err := sim.New(d, sim.Options{Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	s.At(monday.Add(time.Minute), func(s *sim.Sim) error { return s.LoseEnd("S.J") })
	s.Advance(monday.Add(time.Hour))
	w := s.World()
	j, _ := jobOf(w, "S.J")
	if k, _ := jobOf(w, "S.K"); j.Status.Internal != "EXEC" || k.Status.Internal != "HOLD" || !strings.Contains(w.Logs[j.Runs[0].ID].Trailer, "Exit Status           : 0") {
		t.Errorf("J is %s, K is %s, J's log is %+v", j.Status.Internal, k.Status.Internal, w.Logs[j.Runs[0].ID])
	}
	if err := s.Unlink("A"); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.World().Logs[j.Runs[0].ID]; ok {
		t.Error("an agent that is not linked gave a log")
	}
	s.SetMailbox("Mailbox.msg", 87)
	if got := s.World().Mailboxes["Mailbox.msg"]; got != 87 {
		t.Errorf("the mailbox is %d percent full", got)
	}
}

func stationOf(w *world.World, name string) twstools.Workstation {
	for _, x := range w.Workstations {
		if x.Name == name {
			return x
		}
	}
	return twstools.Workstation{}
}

// TestEngine holds that a simulated plant can be read through the port like any other: every job, its log, and its neighbours.
func TestEngine(t *testing.T) {
	s := bank(t)
	s.Advance(nine.Add(17 * time.Hour))
	w := s.World()
	e := world.Engine(w, world.Options{})
	ctx := context.Background()
	logs, arrows := 0, 0
	for _, want := range w.Jobs {
		got, err := e.Job(ctx, want.Ref)
		if err != nil || got.Name != want.Name || !got.DependenciesKnown {
			t.Fatalf("%s.%s: %v", want.Stream, want.Name, err)
		}
		before, err := e.Neighbours(ctx, twstools.NeighbourQuery{Ref: want.Ref, Direction: twstools.Predecessors})
		if err != nil {
			t.Fatal(err)
		}
		arrows += len(before)
		for _, r := range want.Runs {
			if l, err := e.Logs(ctx, twstools.LogQuery{RunID: r.ID}); err != nil || l.Total < 7 {
				t.Errorf("%s.%s: a log of %d lines: %v", want.Stream, want.Name, l.Total, err)
			}
			logs++
		}
	}
	if logs < 40 || arrows < 40 {
		t.Errorf("%d logs and %d arrows were read", logs, arrows)
	}
}

// TestSmall holds that the small plant does what its name says.
func TestSmall(t *testing.T) {
	d, err := sim.Small()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.Since(d, sim.Options{Seed: 1, Start: monday.Add(50 * time.Hour)}, 50*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w := s.World()
	if j, ok := jobOf(w, "REPORT.SEND"); !ok || j.Status.Internal != "HOLD" {
		t.Errorf("SEND is %s: it waits for a prompt", j.Status.Internal)
	}
	if len(w.Archived) != 2 {
		t.Errorf("%d archived plans after two days", len(w.Archived))
	}
}

// TestUnverified holds that doubtful words appear only when they are asked for.
func TestUnverified(t *testing.T) {
	const plant = `
workstations: [{name: A}]
prompts: [{name: P, text: "Go?"}]
streams: [{name: S, on: A, unchained: true, jobs: [{name: HELD, priority: 0}, {name: ASKS, needs: [{prompt: P}]}]}]
`
	for _, on := range []bool{false, true} {
		s, err := sim.New(parse(t, plant), sim.Options{Start: monday, Unverified: on})
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, j := range s.World().Jobs {
			got = append(got, j.Status.Common+" "+j.Status.Substatus)
		}
		want := []string{"WAITING ", "WAITING "}
		if on {
			want = []string{"HELD HOLD_PRIORITY_ZERO", "WAITING HOLD_WAITING_FOR_PROMPT"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("unverified %v: %q, want %q", on, got, want)
		}
	}
}

// TestAudit holds that who did what is known only where the plant keeps audit records.
func TestAudit(t *testing.T) {
	for _, on := range []bool{false, true} {
		d := parse(t, base)
		d.Plan.Audit = on
		s, err := sim.New(d, sim.Options{Start: monday})
		if err != nil {
			t.Fatal(err)
		}
		s.At(monday.Add(time.Hour), func(s *sim.Sim) error { return s.SetLimit("A", 0) })
		s.At(monday.Add(time.Hour), func(s *sim.Sim) error { return s.SetLimit("NOWHERE", 0) })
		s.Advance(monday.Add(2 * time.Hour))
		w := s.World()
		if n := len(w.Audit); (n == 1) != on || on && (w.Audit[0].Object != "A" || !w.Audit[0].At.Equal(monday.Add(time.Hour))) {
			t.Errorf("audit %v: %+v", on, w.Audit)
		}
		if r := s.Refused(); len(r) != 1 || !fault.Is(r[0], fault.NotFound) {
			t.Errorf("refused: %v", r)
		}
	}
}

// TestRedefine holds that a changed definition shows in the next plan, and that a pending predecessor which is not planned after all becomes
// an orphan.
func TestRedefine(t *testing.T) {
	d := parse(t, base)
	d.Streams = append(finalStreams(), parse(t, `
streams:
  - {name: P, on: A, at: "02:00", run: [{every: dates, dates: ["2026-03-17"]}], jobs: [{name: J}]}
  - {name: S, on: A, at: "23:00", run: [{every: dates, dates: ["2026-03-16"]}], needs: [{stream: P, match: interval, to: 6h}], jobs: [{name: J, takes: 5m}]}
`).Streams...)
	s, err := sim.New(d, sim.Options{Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Redefine("P", func(p *sim.Stream) { p.On = "NOWHERE" }); !fault.Is(err, fault.Invalid) {
		t.Errorf("a definition on no workstation: %v", err)
	}
	if err := s.Redefine("P", func(p *sim.Stream) { p.Draft = true }); err != nil {
		t.Fatal(err)
	}
	if st, _ := streamOf(s.World(), "S"); !st.PendingPredecessor {
		t.Error("the predecessor of S is in the next plan, and S does not say so")
	}
	s.Advance(monday.Add(27 * time.Hour))
	st, _ := streamOf(s.World(), "S")
	if st.PendingPredecessor || !st.Dependencies[0].Orphan || st.Dependencies[0].Stream != "P" || st.Status.Internal != "HOLD" {
		t.Errorf("S is %s with %+v", st.Status.Internal, st.Dependencies)
	}
	if err := s.Release("S"); err != nil {
		t.Fatal(err)
	}
	s.Advance(monday.Add(28 * time.Hour))
	if st, _ := streamOf(s.World(), "S"); st.Status.Internal != "SUCC" {
		t.Errorf("a released S is %s", st.Status.Internal)
	}
}
