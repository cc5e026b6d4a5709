package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/world"
)

// ground loads a small world and reads one of its jobs or streams, as `STREAM.JOB` or `STREAM`, with what holds it back.
func ground(t *testing.T, text, of string) (*world.World, twstools.Engine, *plan.Graph, *plan.Node) {
	t.Helper()
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(text)}}, now)
	if err != nil {
		t.Fatal(err)
	}
	e := world.Engine(w, world.Options{})
	start := find(t, w, of)
	g, err := plan.Fetch(t.Context(), e, now, time.UTC, []plan.Start{start}, plan.Budget{Reads: 200})
	if err != nil {
		t.Fatal(err)
	}
	id := plan.JobID(start.Ref)
	if start.JobStream {
		id = plan.StreamID(start.Ref)
	}
	n, ok := g.Node(id)
	if !ok {
		t.Fatalf("%s was not read", of)
	}
	return w, e, g, n
}

func find(t *testing.T, w *world.World, of string) plan.Start {
	t.Helper()
	for _, j := range w.Jobs {
		if j.Stream+"."+j.Name == of {
			return plan.Start{Ref: j.Ref}
		}
	}
	for _, s := range w.JobStreams {
		if s.Name == of {
			return plan.Start{Ref: s.Ref, JobStream: true}
		}
	}
	t.Fatalf("there is no %s in this world", of)
	return plan.Start{}
}

func short(n *plan.Node) string {
	if n.Job != nil {
		return n.Job.Stream + "." + n.Job.Name
	}
	return n.Stream.Name
}

const yard = `
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: N1, type: FTA, limit: 10, fence: 0, states: [LINKED, RUNNING, JOBMAN_UP]}, {name: N2, type: FTA, limit: 0, fence: 0, states: [LINKED, RUNNING, JOBMAN_UP]}]
streams:
  - {name: MILL, workstation: N1, sched: "04:00", state: STUCK, start: "04:00", jobs: [{name: TURN, state: ABEND, rc: 5, start: "04:06", ran: 2m}]}
  - {name: PACK, workstation: N1, sched: "05:00", state: HOLD, needs: [{job: MILL.TURN}], jobs: [{name: BOX, state: HOLD, takes: 10m}, {name: SHIP, state: HOLD, takes: 5m}]}
  - {name: BOTH, workstation: N1, sched: "05:00", state: READY, jobs: [{name: WED, state: HOLD, needs: [{job: MILL.TURN}, {job: OTHER.LONG}]}]}
  - {name: OTHER, workstation: N1, sched: "05:00", state: EXEC, jobs: [{name: LONG, state: EXEC, start: "05:50", takes: 30m}]}
  - {name: SHUT, workstation: N2, sched: "05:00", state: READY, jobs: [{name: IN, state: HOLD, needs: [{job: MILL.TURN}]}]}
  - {name: ODD, workstation: N1, sched: "05:00", state: READY, unchained: true, jobs: [{name: IFBAD, state: HOLD, needs: [{job: MILL.TURN, conditions: [RC5]}]}, {name: IFGOOD, state: HOLD, needs: [{job: MILL.TURN, if: [SUCC]}]}]}
  - {name: TAIL, workstation: N1, sched: "05:00", state: HOLD, needs: [{stream: MILL}], jobs: [{name: END, state: HOLD}]}
  - {name: NEXT, workstation: N1, sched: "05:00", state: READY, jobs: [{name: FREE, state: HOLD, needs: [{job: MILL.TURN}], at: "07:00"}]}
`

// TestWouldStart holds what acts let go. Sources: UG "cancel job", "cancel sched", "Evaluating and processing a conditional dependency
// flow", "confirm", "release job", "limit cpu".
func TestWouldStart(t *testing.T) {
	for _, c := range []struct {
		says string
		of   string
		act  plan.Act
		want []string
	}{
		{"cancel lets ordinary successors go, and of them only those start that nothing else holds", "MILL.TURN", plan.Cancel, []string{
			"BOTH.WED still_waits", "NEXT.FREE still_waits", "ODD.IFBAD not_released", "ODD.IFGOOD not_released", "PACK now", "PACK.BOX now", "SHUT.IN still_waits", "TAIL now", "TAIL.END now"}},
		{"a confirmed good end also lets those go that wait for a good end", "MILL.TURN", plan.Confirm, []string{
			"BOTH.WED still_waits", "NEXT.FREE still_waits", "ODD.IFBAD not_released", "ODD.IFGOOD now", "PACK now", "PACK.BOX now", "SHUT.IN still_waits", "TAIL now", "TAIL.END now"}},
		{"a rerun starts the job, and its successors when it has ended well", "MILL.TURN", plan.Rerun, []string{
			"BOTH.WED still_waits", "MILL.TURN now", "NEXT.FREE still_waits", "ODD.IFBAD not_released", "ODD.IFGOOD later", "PACK later", "PACK.BOX later", "SHUT.IN still_waits", "TAIL later", "TAIL.END later"}},
		{"a cancelled stream lets go what follows it and its jobs", "MILL", plan.Cancel, []string{
			"BOTH.WED still_waits", "NEXT.FREE still_waits", "ODD.IFBAD not_released", "ODD.IFGOOD not_released", "PACK now", "PACK.BOX now", "SHUT.IN still_waits", "TAIL now", "TAIL.END now"}},
		{"release lets a job go whatever it waited for", "BOTH.WED", plan.Release, []string{"BOTH.WED now"}},
		{"release does not lift a limit of 0", "SHUT.IN", plan.Release, []string{"SHUT.IN still_waits"}},
		{"release does not lift a condition", "ODD.IFBAD", plan.Release, []string{"ODD.IFBAD still_waits"}},
		{"a released stream starts with its first job", "PACK", plan.Release, []string{"PACK now", "PACK.BOX now"}},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, e, g, n := ground(t, yard, c.of)
			if !plan.Consider(t.Context(), e, g, n, plan.Budget{Reads: 200}) {
				t.Error("the budget ended it")
			}
			var got []string
			for _, o := range g.WouldStart(n, c.act) {
				got = append(got, short(o.Node)+" "+string(o.When))
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestMoreEdgesNeverFewerAffected: whatever is added to what waits, nobody who suffered before suffers no longer.
func TestMoreEdgesNeverFewerAffected(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 11))
		w := random(r)
		before := reached(t, w, 0)
		for range 1 + r.IntN(4) {
			i, k := r.IntN(len(w.Jobs)), r.IntN(len(w.Jobs))
			if i == k {
				continue
			}
			p, j := w.Jobs[k], &w.Jobs[i]
			// one that stands there already, satisfied, is no new edge but another word about the old one
			if slices.ContainsFunc(j.Dependencies, func(d twstools.Dependency) bool { return d.JobRef == p.Ref }) {
				continue
			}
			j.Dependencies = append(slices.Clone(j.Dependencies), twstools.Dependency{Type: twstools.DepExternalJob, State: "UNSATISFIED", JobRef: p.Ref, Job: p.Name, StreamRef: p.StreamRef, Stream: p.Stream, StreamWorkstation: "W"})
		}
		after := reached(t, w, 0)
		for _, name := range before {
			if !slices.Contains(after, name) {
				t.Fatalf("seed %d: %s suffered before edges were added, and does not now", seed, name)
			}
		}
	}
}

func reached(t *testing.T, w *world.World, from int) []string {
	t.Helper()
	e := world.Engine(w, world.Options{})
	g, err := plan.Fetch(t.Context(), e, now, time.UTC, []plan.Start{{Ref: w.Jobs[from].Ref}}, plan.Budget{Reads: 1000})
	if err != nil {
		t.Fatal(err)
	}
	n, _ := g.Node(plan.JobID(w.Jobs[from].Ref))
	found, complete := plan.Downstream(t.Context(), e, g, []plan.From{{Node: n}}, now, plan.Budget{Reads: 1000})
	if !complete {
		t.Fatal("the budget ended it")
	}
	var names []string
	for _, a := range found {
		names = append(names, short(a.Node))
	}
	return names
}

// TestCancelStartsOrdinarySuccessorsAlone holds it over plans made at random: what a cancel starts has no open dependency left, and none
// on the cancelled job that is conditional.
func TestCancelStartsOrdinarySuccessorsAlone(t *testing.T) {
	started := 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 12))
		w := random(r)
		for i := range w.Jobs {
			for k := range w.Jobs[i].Dependencies {
				w.Jobs[i].Dependencies[k].Conditional = r.IntN(3) == 0
			}
		}
		e := world.Engine(w, world.Options{})
		g, err := plan.Fetch(t.Context(), e, now, time.UTC, []plan.Start{{Ref: w.Jobs[0].Ref}}, plan.Budget{Reads: 1000})
		if err != nil {
			t.Fatal(err)
		}
		n, _ := g.Node(plan.JobID(w.Jobs[0].Ref))
		plan.Consider(t.Context(), e, g, n, plan.Budget{Reads: 1000})
		for _, o := range g.WouldStart(n, plan.Cancel) {
			if o.When != plan.StartsNow || o.Node.Job == nil {
				continue
			}
			started++
			for _, d := range o.Node.Job.Dependencies {
				if open, _ := d.Open(); open && d.JobRef == n.Job.Ref && d.Conditional {
					t.Errorf("seed %d: %s starts although it depends on a condition", seed, short(o.Node))
				}
			}
		}
	}
	if started == 0 {
		t.Error("nothing was ever started")
	}
}

// TestWaitersForUnitsSuffer: who waits for units that a job holds is behind it without being its successor (UG "needs").
func TestWaitersForUnitsSuffer(t *testing.T) {
	w, _, g, _ := ground(t, night, "LIFT.UP")
	holder, ok := g.Node(plan.JobID(find(t, w, "LOAD.PULL").Ref))
	if !ok {
		t.Fatal("the holder was not read")
	}
	if found := g.Behind([]plan.From{{Node: holder}}, now, nil); len(found) != 1 || short(found[0].Node) != "LIFT.UP" {
		t.Errorf("found %+v", found)
	}
}

// TestHopsAndWays: each of those affected names the node before it, one hop nearer.
func TestHopsAndWays(t *testing.T) {
	_, e, g, n := ground(t, yard, "MILL.TURN")
	if !plan.Spread(t.Context(), e, g, []plan.From{{Node: n}}, plan.Budget{Reads: 100}, true) {
		t.Fatal("the budget ended it")
	}
	found := g.Behind([]plan.From{{Node: n}}, now, nil)
	hops := map[plan.NodeID]int{n.ID: 0}
	var got []string
	for _, a := range found {
		hops[a.Node.ID] = a.Hops
		got = append(got, fmt.Sprintf("%s %d %s", short(a.Node), a.Hops, a.Earliest.Sub(now)))
	}
	for _, a := range found {
		if hops[a.Via] != a.Hops-1 {
			t.Errorf("%s stands %d hops away, behind one of %d", short(a.Node), a.Hops, hops[a.Via])
		}
	}
	for _, want := range []string{"PACK 1 15m0s", "PACK.BOX 2 10m0s", "PACK.SHIP 2 15m0s", "TAIL 1 3m0s", "NEXT.FREE 1 1h3m0s"} {
		if !slices.Contains(got, want) {
			t.Errorf("got %q, want %q among them", got, want)
		}
	}
}
