package plan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/world"
)

const night = `
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: N1, type: FTA, limit: 10, fence: 0, states: [LINKED, RUNNING, JOBMAN_UP]}]
resources: [{name: CRANE, workstation: N1, quantity: 1, holders: [{job: LOAD.PULL, quantity: 1}]}]
streams:
  - {name: LIFT, workstation: N1, sched: "05:00", state: READY, jobs: [{name: UP, state: READY, takes: 10m, needs: [{resource: N1#CRANE, quantity: 1}]}]}
  - {name: LOAD, workstation: N1, sched: "04:00", state: EXEC, start: "05:40", jobs: [{name: PULL, state: EXEC, start: "05:40", takes: 50m, confidence: PT20M}, {name: PUT, state: HOLD, takes: 10m}]}
  - {name: SLOW, workstation: N1, sched: "04:00", state: EXEC, start: "04:00", jobs: [{name: CRAWL, state: EXEC, start: "04:00", takes: 30m}]}
  - {name: SIDE, workstation: N1, sched: "05:00", state: READY, jobs: [{name: SHORT, state: HOLD, takes: 5m, at: "06:20"}]}
  - {name: REPORT, workstation: N1, sched: "05:00", state: HOLD, deadline: "07:30", needs: [{job: LOAD.PUT}, {job: SIDE.SHORT}], jobs: [{name: SUM, state: HOLD, takes: 20m}, {name: MAIL, state: HOLD, takes: 5m}]}
  - {name: STUCKED, workstation: N1, sched: "05:00", state: STUCK, jobs: [{name: BROKE, state: ABEND, rc: 1, start: "05:00", ran: 2m, takes: 15m}, {name: AFTER, state: HOLD, takes: 10m}]}
  - {name: TIMED, workstation: N1, sched: "05:00", state: READY, jobs: [{name: WAKE, state: HOLD, takes: 10m, at: "07:00"}, {name: REST, state: HOLD, takes: 5m}]}
  - {name: BEHIND, workstation: N1, sched: "05:00", state: HOLD, needs: [{job: SLOW.CRAWL}], jobs: [{name: LAST, state: HOLD, takes: 10m}]}
  - {name: TOMORROW, workstation: N1, sched: "22:00+1d", state: HOLD, jobs: [{name: EVE, state: HOLD, takes: 10m}]}
  - {name: GATE, workstation: N1, sched: "05:00", state: HOLD, needs: [{file: /in/a.dat, on: N1, file_state: Unavailable}], jobs: [{name: IN, state: HOLD, takes: 10m}]}
  - {name: HAPPY, workstation: N1, sched: "03:00", state: SUCC, jobs: [{name: DONE, start: "03:00", ran: 5m}]}
`

// arithmetic writes a path as its arithmetic.
func arithmetic(p plan.Path) string {
	var b strings.Builder
	for _, x := range p.Parts {
		if x.Wait > 0 {
			fmt.Fprintf(&b, "wait %s ", x.Wait)
		}
		fmt.Fprintf(&b, "%s %s %s, ", short(x.Node), x.State, x.Length)
	}
	fmt.Fprintf(&b, "ends %s", p.End.Format("15:04"))
	if p.Guess {
		b.WriteString(" at the earliest")
	}
	return b.String()
}

// TestRemaining holds the paths that are left. Sources: interface, JobInPlanV2 estimatedDuration and confidenceInterval; UG "at", "follows";
// our own choice that a failed job counts as run again now and an overrun as ending now, both as lower bounds.
func TestRemaining(t *testing.T) {
	for _, c := range []struct {
		says, of string
		q        plan.Quantile
		want     string
	}{
		{"what runs counts with what is left of it, what waits behind it whole", "REPORT.SUM", plan.P50, "LOAD.PULL runs 30m0s, LOAD.PUT waits 10m0s, REPORT.SUM waits 20m0s, ends 07:00"},
		{"on a slow day with the engine's confidence interval", "REPORT.SUM", plan.P90, "LOAD.PULL runs 50m0s, LOAD.PUT waits 10m0s, REPORT.SUM waits 20m0s, ends 07:20"},
		{"a stream is done with the last of its jobs", "REPORT", plan.P50, "LOAD.PULL runs 30m0s, LOAD.PUT waits 10m0s, REPORT.SUM waits 20m0s, REPORT.MAIL waits 5m0s, ends 07:05"},
		{"a failed job counts as run again now", "STUCKED.AFTER", plan.P50, "STUCKED.BROKE failed 15m0s, STUCKED.AFTER waits 10m0s, ends 06:25 at the earliest"},
		{"its own start time is waited for", "TIMED.REST", plan.P50, "wait 1h0m0s TIMED.WAKE waits 10m0s, TIMED.REST waits 5m0s, ends 07:15"},
		{"what has overrun may end at any moment, and not before now", "BEHIND.LAST", plan.P50, "SLOW.CRAWL overrun 0s, BEHIND.LAST waits 10m0s, ends 06:10 at the earliest"},
		{"a stream of tonight starts tonight", "TOMORROW.EVE", plan.P50, "wait 16h0m0s TOMORROW waits 0s, TOMORROW.EVE waits 10m0s, ends 22:10"},
		{"units come free when their holder ends", "LIFT.UP", plan.P50, "LOAD.PULL runs 30m0s, LIFT.UP waits 10m0s, ends 06:40"},
		{"what is done has no path", "HAPPY.DONE", plan.P50, "ends 06:00"},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, e, g, n := ground(t, night, c.of)
			if !plan.Ahead(t.Context(), e, g, []*plan.Node{n}, plan.Budget{Reads: 100}) {
				t.Error("the budget ended it")
			}
			if got := arithmetic(g.Remaining(n, nil, c.q)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestRemainingOfARow: a node that was taken from a list before it was read whole has the same path as one that was taken afterwards.
func TestRemainingOfARow(t *testing.T) {
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(night)}}, now)
	if err != nil {
		t.Fatal(err)
	}
	e := world.Engine(w, world.Options{})
	// Two reads are the workstations and the jobs of both streams: of the jobs no more is known than their rows.
	g, err := plan.Fetch(t.Context(), e, now, time.UTC, []plan.Start{find(t, w, "REPORT"), find(t, w, "LOAD")}, plan.Budget{Reads: 2})
	n, ok := g.Node(plan.JobID(find(t, w, "REPORT.MAIL").Ref))
	if !ok || n.Whole {
		t.Fatalf("REPORT.MAIL was read: %v, whole: %v, %v", ok, ok && n.Whole, err)
	}
	if !plan.Ahead(t.Context(), e, g, []*plan.Node{n}, plan.Budget{Reads: 100}) {
		t.Error("the budget ended it")
	}
	if got, want := arithmetic(g.Remaining(n, nil, plan.P50)), "LOAD.PULL runs 30m0s, LOAD.PUT waits 10m0s, REPORT.SUM waits 20m0s, REPORT.MAIL waits 5m0s, ends 07:05"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMeasuredDurationsGoBeforeTheEngines(t *testing.T) {
	w, _, g, n := ground(t, night, "REPORT.SUM")
	pull := plan.JobID(find(t, w, "LOAD.PULL").Ref)
	e := plan.Estimates{pull: {P50: 90 * time.Minute, P90: 2 * time.Hour, From: plan.FromOwnHistory, Runs: 14}}
	p := g.Remaining(n, e, plan.P50)
	if got := arithmetic(p); got != "LOAD.PULL runs 1h10m0s, LOAD.PUT waits 10m0s, REPORT.SUM waits 20m0s, ends 07:40" {
		t.Error(got)
	}
	if x, ok := p.Eater(); !ok || short(x.Node) != "LOAD.PULL" || x.Estimate.From != plan.FromOwnHistory {
		t.Errorf("eater = %+v", x)
	}
}

// TestUntimed: what no clock can tell is named, and the end is a lower bound (UG "opens", "prompt").
func TestUntimed(t *testing.T) {
	_, _, g, n := ground(t, night, "GATE.IN")
	p := g.Remaining(n, nil, plan.P50)
	if !p.Guess || len(p.Untimed) != 1 || p.Untimed[0].Kind != "sched.dep.file" || p.Untimed[0].Entity.Name != "/in/a.dat" {
		t.Errorf("%s, untimed %+v", arithmetic(p), p.Untimed)
	}
}

// TestEater: a failed job before one that runs too long, that before the longest.
func TestEater(t *testing.T) {
	for of, want := range map[string]string{"STUCKED.AFTER": "STUCKED.BROKE", "BEHIND.LAST": "SLOW.CRAWL", "REPORT.SUM": "LOAD.PULL", "TIMED.REST": "TIMED.WAKE"} {
		_, _, g, n := ground(t, night, of)
		if x, ok := g.Remaining(n, nil, plan.P50).Eater(); !ok || short(x.Node) != want {
			t.Errorf("of %s: %s, want %s", of, short(x.Node), want)
		}
	}
}

// TestStartNow: what waits for its time alone saves that wait when it is started at once; what waits for another job saves nothing.
func TestStartNow(t *testing.T) {
	for of, want := range map[string]string{"TIMED.REST": "TIMED.WAKE 1h0m0s", "REPORT.SUM": "", "TOMORROW.EVE": "TOMORROW 16h0m0s"} {
		_, _, g, n := ground(t, night, of)
		got := ""
		if part, saves := g.StartNow(n, nil, plan.P50); saves > 0 {
			got = short(part.Node) + " " + saves.String()
		}
		if got != want {
			t.Errorf("of %s: %q, want %q", of, got, want)
		}
	}
}

// TestPathsAddUp holds over plans made at random: a path's end is now and the sum of its parts, a slow day is never faster, no part's length
// is negative, and what must be waited for besides never makes an end earlier.
func TestPathsAddUp(t *testing.T) {
	long := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 21))
		w := random(r)
		for i := range w.Jobs {
			j := &w.Jobs[i]
			j.Definition.EstimatedDuration = time.Duration(r.IntN(60)) * time.Minute
			j.ConfidenceInterval = []string{"", "PT5M", "0.07"}[r.IntN(3)]
			if r.IntN(4) == 0 {
				j.Times.EarliestStart = now.Add(time.Duration(r.IntN(300)-60) * time.Minute)
			}
			if plan.PhaseOf(j.Status) == plan.Running {
				j.Runs = []twstools.Run{{ID: "r", Status: j.Status, Start: now.Add(-time.Duration(r.IntN(90)) * time.Minute)}}
			}
		}
		asked := w.Jobs[len(w.Jobs)-1].Ref
		end := func() time.Time {
			g, err := plan.Fetch(t.Context(), world.Engine(w, world.Options{}), now, time.UTC, []plan.Start{{Ref: asked}}, plan.Budget{Reads: 1000})
			if err != nil {
				t.Fatal(err)
			}
			n, _ := g.Node(plan.JobID(asked))
			usual, slow := g.Remaining(n, nil, plan.P50), g.Remaining(n, nil, plan.P90)
			for _, p := range []plan.Path{usual, slow} {
				if !p.End.Equal(p.Now.Add(p.Length())) || !p.Now.Equal(now) {
					t.Errorf("seed %d: %s is not the sum of its parts", seed, arithmetic(p))
				}
				for _, x := range p.Parts {
					if x.Length < 0 || x.Wait < 0 {
						t.Errorf("seed %d: %s", seed, arithmetic(p))
					}
				}
			}
			if slow.End.Before(usual.End) {
				t.Errorf("seed %d: a slow day ends at %s, a usual one at %s", seed, slow.End, usual.End)
			}
			if _, saves := g.StartNow(n, nil, plan.P50); saves < 0 || saves > usual.Length() {
				t.Errorf("seed %d: %s saved of %s", seed, saves, usual.Length())
			}
			if len(usual.Parts) > 2 {
				long++
			}
			return usual.End
		}
		before := end()
		last := &w.Jobs[len(w.Jobs)-1]
		p := w.Jobs[r.IntN(len(w.Jobs)-1)]
		last.Dependencies = append(last.Dependencies, twstools.Dependency{Type: twstools.DepExternalJob, State: "UNSATISFIED", JobRef: p.Ref, Job: p.Name, StreamRef: p.StreamRef, Stream: p.Stream, StreamWorkstation: "W"})
		if after := end(); after.Before(before) && !circle(w) {
			t.Errorf("seed %d: with one thing more to wait for it ends at %s instead of %s", seed, after, before)
		}
	}
	if long == 0 {
		t.Error("no path had more than two parts")
	}
}

// circle reports whether jobs of the world wait for each other in a circle: such a path has no length.
func circle(w *world.World) bool {
	deps := map[string][]string{}
	for _, j := range w.Jobs {
		for _, d := range j.Dependencies {
			deps[j.Ref.ID] = append(deps[j.Ref.ID], d.JobRef.ID)
		}
	}
	state := map[string]int{}
	var visit func(string) bool
	visit = func(id string) bool {
		switch state[id] {
		case 1:
			return true
		case 2:
			return false
		}
		state[id] = 1
		for _, next := range deps[id] {
			if visit(next) {
				return true
			}
		}
		state[id] = 2
		return false
	}
	for id := range deps {
		if visit(id) {
			return true
		}
	}
	return false
}
