package sim_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
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

// TestLogsGrow holds that a running job's log only grows, and that only an ended run has a trailer.
func TestLogsGrow(t *testing.T) {
	s := bank(t)
	last := map[string]string{}
	grown := 0
	for at := nine; at.Before(nine.Add(20 * time.Hour)); at = at.Add(3 * time.Minute) {
		s.Advance(at)
		w := s.World()
		for _, j := range w.Jobs {
			for _, r := range j.Runs {
				l := w.Logs[r.ID]
				if (l.Trailer != "") == r.End.IsZero() {
					t.Fatalf("%s.%s: ended %v, trailer %q", j.Stream, j.Name, r.End, l.Trailer)
				}
				if text := l.Header + l.Body; !strings.HasPrefix(text, last[r.ID]) {
					t.Fatalf("%s.%s has changed what it wrote:\n%s\n---\n%s", j.Stream, j.Name, last[r.ID], text)
				} else if last[r.ID] != "" && text != last[r.ID] {
					grown++
				}
				last[r.ID] = l.Header + l.Body
			}
		}
	}
	if grown < 100 {
		t.Errorf("logs grew %d times only", grown)
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

// TestSnapshotsStay holds that a world that was taken does not change afterwards.
func TestSnapshotsStay(t *testing.T) {
	s := bank(t)
	s.Advance(nine.Add(15 * time.Hour))
	w := s.World()
	before := bytesOf(t, w)
	s.Advance(nine.Add(26 * time.Hour))
	s.World()
	if after := bytesOf(t, w); after != before {
		t.Errorf("a snapshot changed: %s", difference(before, after))
	}
}

// TestLive holds that many readers of a living plant see one world a second, moving with the clock and never back.
func TestLive(t *testing.T) {
	var mu sync.Mutex
	now := nine
	l := sim.Live(bank(t), func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	})
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			var last time.Time
			for range 200 {
				w := l.World()
				if w.AsOf.Before(last) {
					t.Errorf("the plant went back to %v", w.AsOf)
				}
				last = w.AsOf
				mu.Lock()
				now = now.Add(7 * time.Second)
				mu.Unlock()
			}
		})
	}
	readers.Wait()
	if w := l.World(); w != l.World() || !w.AsOf.After(nine.Add(time.Hour)) {
		t.Errorf("the clock stands at %v, the plant at %v", now, w.AsOf)
	}
	was := l.World()
	if err := l.With(func(s *sim.Sim) error { return s.Unlink("ANCCOR01") }); err != nil {
		t.Fatal(err)
	}
	if w := l.World(); w == was || slices.Contains(stationOf(w, "ANCCOR01").ActiveStates, "LINKED") {
		t.Error("an intervention does not show")
	}
	now = nine
	if w := l.World(); w.AsOf.Before(was.AsOf) {
		t.Errorf("with the clock put back the plant is at %v, was at %v", w.AsOf, was.AsOf)
	}
	f := sim.Frozen(bank(t))
	if first := f(); first != f() {
		t.Error("a frozen plant gives two worlds")
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

// TestWrongDefinitions holds that everything wrong is said, and what it is.
func TestWrongDefinitions(t *testing.T) {
	const head = "workstations: [{name: A}]\nresources: [{name: R, on: A, quantity: 2}]\nstreams: [{name: S, on: A, jobs: [{name: J}, {name: K}]}]\n"
	for name, c := range map[string]struct{ plant, want string }{
		"no-workstation":   {"streams: [{name: S, on: B, jobs: [{name: J}]}]", `workstation "B"`},
		"twice":            {"workstations: [{name: A}]\nstreams: [{name: S, on: A}, {name: S, on: A}]", `"S" has no name or is there twice`},
		"no-predecessor":   {"workstations: [{name: A}]\nstreams: [{name: S, on: A, jobs: [{name: J, needs: [{job: X.Y}]}]}]", `"X.Y"`},
		"circle":           {"workstations: [{name: A}]\nstreams: [{name: S, on: A, jobs: [{name: J, after: [K]}, {name: K, after: [J]}]}]", "circle"},
		"many-units":       {head + "prompts: []\ncalendars: {C: [x]}", `"x" is no date`},
		"units":            {strings.Replace(head, "{name: K}", `{name: K, needs: [{resource: "A#R", quantity: 33}]}`, 1), "1 to 32 units"},
		"condition":        {strings.Replace(head, "{name: K}", `{name: K, rccondsucc: "RC=<4"}`, 1), "no condition on a return code"},
		"two-untils":       {strings.Replace(head, "on: A, jobs", `on: A, until: "10:00", jsuntil: "11:00", jobs`, 1), "until and jsuntil"},
		"two-kinds":        {strings.Replace(head, "{name: K}", `{name: K, needs: [{resource: "A#R", file: /x, on: A}]}`, 1), "exactly one of"},
		"zone":             {"engine: {timezone: Mars/Base}", "Mars/Base"},
		"half-a-day":       {"plan: {length: 5h}", "whole number of days"},
		"log":              {strings.Replace(head, "{name: K}", `{name: K, log: nothing}`, 1), `log pattern "nothing"`},
		"priority":         {strings.Replace(head, "{name: K}", `{name: K, priority: 102}`, 1), "between 0 and 101"},
		"run-cycle":        {strings.Replace(head, "on: A, jobs", "on: A, run: [{every: fortnight}], jobs", 1), `"fortnight"`},
		"member-of-a-join": {strings.Replace(head, "{name: K}", `{name: K, needs: [{join: X, of: [{resource: "A#R"}]}]}`, 1), "no member of a join"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sim.New(parse(t, c.plant), sim.Options{Start: monday})
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want invalid with %q", err, c.want)
			}
		})
	}
	for name, text := range map[string]string{"key": "streams: [{nome: S}]", "time": `streams: [{name: S, at: "25:00"}]`, "yaml": "a: [", "duration": "streams: [{name: S, jobs: [{name: J, takes: long}]}]"} {
		if _, err := sim.Parse([]byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sim.Load(fstest.MapFS{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := sim.Load(fstest.MapFS{"a.yaml": {Data: []byte("nothing: 1")}}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "a.yaml") {
		t.Errorf("an unknown key: %v", err)
	}
}

// FuzzParse holds that no text makes the loader or a day of its plant fail in any other way than with a coded error.
func FuzzParse(f *testing.F) {
	f.Add(base)
	f.Add("streams: [{name: S, on: A, run: [{every: monthly, days: [\"-1\"]}], jobs: [{name: J, rccondsucc: \"NOT (RC>4 AND RC<8)\"}]}]")
	f.Add("workstations: [{name: A}]\nstreams: [{name: S, on: A, jobs: [{name: J, every: 1h, until: \"05:00\"}, {name: K, needs: [{join: X, quantity: 1, of: [{job: J, if: [ABEND]}]}]}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := sim.Parse([]byte(text))
		if err == nil {
			var s *sim.Sim
			if s, err = sim.New(d, sim.Options{Start: monday}); err == nil {
				for range 500 {
					next, ok := s.Next()
					if !ok || next.After(monday.Add(24*time.Hour)) {
						break
					}
					s.Advance(next)
				}
				err = s.World().Validate()
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("an error of another kind: %v", err)
		}
	})
}

// large makes definitions of n jobs in streams of ten, each stream following one that starts an hour before.
func large(n int) sim.Definitions {
	d := sim.Definitions{Resources: []sim.Resource{{Name: "R", On: "W00", Quantity: 20}}}
	for w := range 40 {
		limit := 60
		d.Workstations = append(d.Workstations, sim.Workstation{Name: fmt.Sprintf("W%02d", w), Limit: &limit})
	}
	for i := range n / 10 {
		hour := i % 23
		st := sim.Stream{Name: fmt.Sprintf("S%05d", i), On: fmt.Sprintf("W%02d", i%40), Times: sim.Times{At: sim.TimeOfDay{Set: true, Minutes: hour*60 + i%60}}}
		if hour > 0 {
			st.Needs = []sim.Need{{Stream: fmt.Sprintf("S%05d", i-1)}}
		}
		for k := range 10 {
			j := sim.Job{Name: fmt.Sprintf("J%d", k), Takes: 5 * time.Minute, Fails: 0.002, Recovery: "rerun", Attempts: 2}
			if k == 5 {
				j.Needs = []sim.Need{{Resource: "W00#R"}}
			}
			st.Jobs = append(st.Jobs, j)
		}
		d.Streams = append(d.Streams, st)
	}
	return d
}

// BenchmarkDay simulates 24 hours of 10,000 jobs.
func BenchmarkDay(b *testing.B) {
	for b.Loop() {
		s, err := sim.New(large(10_000), sim.Options{Seed: 1, Start: monday})
		if err != nil {
			b.Fatal(err)
		}
		s.Advance(monday.Add(24 * time.Hour))
		runs := 0
		for _, j := range s.World().Jobs {
			runs += len(j.Runs)
		}
		b.ReportMetric(float64(runs), "runs")
	}
}

// BenchmarkWorld takes a snapshot of 5,000 jobs each second of a living plant at noon.
func BenchmarkWorld(b *testing.B) {
	s, err := sim.New(large(5_000), sim.Options{Seed: 1, Start: monday})
	if err != nil {
		b.Fatal(err)
	}
	at := monday.Add(12 * time.Hour)
	s.Advance(at)
	s.World()
	for b.Loop() {
		at = at.Add(time.Second)
		s.Advance(at)
		s.World()
	}
}
