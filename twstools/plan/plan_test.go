package plan_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/world"
)

var now = time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC)

func TestPhaseOf(t *testing.T) {
	for _, c := range []struct {
		status twstools.Status
		want   plan.Phase
	}{
		{twstools.Status{Internal: "ABEND", Common: "ERROR"}, plan.Bad},
		{twstools.Status{Common: "ERROR"}, plan.Bad},
		{twstools.Status{Internal: "EXEC+"}, plan.Running},
		{twstools.Status{Internal: "hold"}, plan.Waiting},
		{twstools.Status{Internal: "SOMETHING_NEW", Common: "SUCCESSFUL"}, plan.Done},
		{twstools.Status{Internal: "SOMETHING_NEW"}, plan.Unknown},
		{twstools.Status{Internal: "HOLD", Canceled: true}, plan.Cancelled},
		{twstools.Status{}, plan.Unknown},
	} {
		if got := plan.PhaseOf(c.status); got != c.want {
			t.Errorf("PhaseOf(%+v) = %s, want %s", c.status, got, c.want)
		}
	}
}

func TestLinkState(t *testing.T) {
	for _, c := range []struct {
		name string
		ws   twstools.Workstation
		want plan.Link
	}{
		{"linked-agent", twstools.Workstation{Type: "FTA", StatesKnown: true, ActiveStates: []string{"LINKED", "JOBMAN_UP"}}, plan.LinkUp},
		{"unlinked-by-word", twstools.Workstation{Type: "FTA", StatesKnown: true, ActiveStates: []string{"UNLINKED", "RUNNING"}}, plan.LinkDown},
		{"unlinked-by-absence", twstools.Workstation{Type: "AGENT", StatesKnown: true, ActiveStates: []string{"IS_INITED"}}, plan.LinkDown},
		{"blank-state", twstools.Workstation{Type: "FTA", StatesKnown: true}, plan.LinkDown},
		{"states-not-sent", twstools.Workstation{Type: "FTA"}, plan.LinkUnknown},
		{"master-shows-no-link", twstools.Workstation{Type: "MANAGER", StatesKnown: true, ActiveStates: []string{"RUNNING"}}, plan.LinkUp},
		{"ignored", twstools.Workstation{Type: "FTA", Ignored: true}, plan.LinkIgnored},
		{"linked-without-job-manager", twstools.Workstation{Type: "FTA", StatesKnown: true, ActiveStates: []string{"LINKED", "MONMAN"}}, plan.LinkStopped},
		{"not-applicable", twstools.Workstation{Type: "POOL", StatesKnown: true, ActiveStates: []string{"NOT_APPLICABLE"}}, plan.LinkUnknown},
	} {
		if got, _ := plan.LinkState(c.ws); got != c.want {
			t.Errorf("%s: LinkState = %s, want %s", c.name, got, c.want)
		}
	}
}

func TestPace(t *testing.T) {
	run := func(start time.Duration, estimate time.Duration) *twstools.Job {
		return &twstools.Job{Definition: twstools.JobDefinition{EstimatedDuration: estimate}, Runs: []twstools.Run{{Start: now.Add(-start)}}}
	}
	for _, c := range []struct {
		name string
		job  *twstools.Job
		slow bool
	}{
		{"within-twice", run(50*time.Minute, 30*time.Minute), false},
		{"beyond-twice", run(90*time.Minute, 30*time.Minute), true},
		{"short-jobs-vary", run(5*time.Minute, time.Minute), false},
		{"no-estimate", run(20*time.Hour, 0), false},
		{"clock-behind", run(-time.Hour, time.Minute), false},
		{"never-ran", &twstools.Job{}, false},
	} {
		if got := plan.PaceAt(c.job, now); got.Slow != c.slow || got.Elapsed < 0 {
			t.Errorf("%s: %+v, want slow=%v", c.name, got, c.slow)
		}
	}
}

// chain makes a plan in which each job waits for the one before it and the first has failed.
func chain(n int) *world.World {
	w := &world.World{AsOf: now, Info: twstools.Info{TimeZone: "UTC"}, Logs: map[string]world.JobLog{}}
	for i := range n {
		sid := fmt.Sprintf("s%d", i)
		job := twstools.Job{Ref: twstools.Ref{Engine: "default", Dialect: world.Dialect, ID: fmt.Sprintf("j%d", i)}, Name: fmt.Sprintf("J%d", i), Workstation: "W", Stream: "S" + sid, StreamWorkstation: "W",
			StreamRef: twstools.Ref{Engine: "default", Dialect: world.Dialect, ID: sid}, SchedTime: now.Add(-time.Hour), Status: twstools.Status{Internal: "HOLD", Common: "WAITING"}, DependenciesKnown: true}
		stream := twstools.JobStream{Ref: job.StreamRef, Name: job.Stream, Workstation: "W", SchedTime: job.SchedTime, InternalID: fmt.Sprintf("0AAAAAAAAAAA%04d", i), Status: twstools.Status{Internal: "READY", Common: "READY"}, DependenciesKnown: true}
		if i == 0 {
			job.Status = twstools.Status{Internal: "ABEND", Common: "ERROR"}
			stream.Status = twstools.Status{Internal: "STUCK", Common: "BLOCKED"}
		} else {
			before := w.Jobs[i-1]
			job.Dependencies = []twstools.Dependency{{Type: twstools.DepExternalJob, State: "UNSATISFIED", JobRef: before.Ref, Job: before.Name, StreamRef: before.StreamRef, Stream: before.Stream, StreamWorkstation: "W"}}
		}
		w.Jobs, w.JobStreams = append(w.Jobs, job), append(w.JobStreams, stream)
	}
	return w
}

func TestLongChainLeadsToItsRoot(t *testing.T) {
	w := chain(50)
	e := world.Engine(w, world.Options{})
	last := w.Jobs[len(w.Jobs)-1].Ref
	g, err := plan.Fetch(t.Context(), e, now, time.UTC, []plan.Start{{Ref: last}}, plan.Budget{Reads: 120})
	if err != nil {
		t.Fatal(err)
	}
	n, _ := g.Node(plan.JobID(last))
	x := g.Explain(n)
	if len(x.Roots) != 1 || x.Roots[0].Kind != plan.RootFailed || x.Roots[0].Node.Job.Name != "J0" {
		t.Fatalf("roots = %+v, want the failed J0", x.Roots)
	}
	if len(x.Hops) != 49 || g.Truncated {
		t.Errorf("%d hops, truncated %v; want 49 and no", len(x.Hops), g.Truncated)
	}
}

// slowEngine counts the reads of an engine, each of which would take a while: what they cost together is told without waiting for it.
type slowEngine struct {
	twstools.Engine
	reads int
}

func (s *slowEngine) Job(ctx context.Context, r twstools.Ref) (twstools.Job, error) {
	s.reads++
	return s.Engine.Job(ctx, r)
}

func (s *slowEngine) JobStream(ctx context.Context, r twstools.Ref) (twstools.JobStream, error) {
	s.reads++
	return s.Engine.JobStream(ctx, r)
}

func (s *slowEngine) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	s.reads++
	return s.Engine.Jobs(ctx, q)
}

func (s *slowEngine) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	s.reads++
	return s.Engine.JobStreams(ctx, q)
}

func (s *slowEngine) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	s.reads++
	return s.Engine.Neighbours(ctx, q)
}

func (s *slowEngine) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	s.reads++
	return s.Engine.Workstations(ctx, q)
}

// TestFiftyHopsInSixtyReads holds DESIGN.md 7: 50 hops in 60 calls, and in 1.5 s where a call takes 10 ms (reads follow one another). Jobs may follow
// jobs, and streams whole streams.
func TestFiftyHopsInSixtyReads(t *testing.T) {
	big := world.Big(3000, now)
	end := slices.IndexFunc(big.JobStreams, func(s twstools.JobStream) bool { return s.Name == "CHAIN00049" })
	inStream := slices.IndexFunc(big.Jobs, func(j twstools.Job) bool { return j.StreamRef == big.JobStreams[end].Ref })
	line := chain(50)
	for _, c := range []struct {
		name  string
		w     *world.World
		start plan.Start
		root  string
	}{
		{"jobs-follow-jobs", line, plan.Start{Ref: line.Jobs[49].Ref}, "J0"},
		{"streams-follow-streams", big, plan.Start{Ref: big.JobStreams[end].Ref, JobStream: true}, ""},
		{"a-job-of-the-last-stream", big, plan.Start{Ref: big.Jobs[inStream].Ref}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &slowEngine{Engine: world.Engine(c.w, world.Options{})}
			g, err := plan.Fetch(t.Context(), e, now, time.UTC, []plan.Start{c.start}, plan.Budget{})
			if err != nil {
				t.Fatal(err)
			}
			id := plan.JobID(c.start.Ref)
			if c.start.JobStream {
				id = plan.StreamID(c.start.Ref)
			}
			n, _ := g.Node(id)
			x := g.Explain(n)
			if len(x.Roots) != 1 || x.Roots[0].Kind != plan.RootFailed || c.root != "" && x.Roots[0].Node.Job.Name != c.root {
				t.Errorf("roots = %+v, want the one that failed", x.Roots)
			}
			if took := time.Duration(e.reads) * 10 * time.Millisecond; e.reads > 60 || e.reads != g.Reads || took > 1500*time.Millisecond {
				t.Errorf("%d reads, %d counted, %s at 10 ms each; want 60 at most in 1.5 s", e.reads, g.Reads, took)
			}
			if len(x.Hops) < 49 {
				t.Errorf("%d hops, want 49 and more", len(x.Hops))
			}
			t.Logf("%d hops in %d reads, truncated %v", len(x.Hops), e.reads, g.Truncated)
		})
	}
}

func TestBudgetEndsTheSearchAndSaysSo(t *testing.T) {
	w := chain(50)
	last := w.Jobs[len(w.Jobs)-1].Ref
	g, err := plan.Fetch(t.Context(), world.Engine(w, world.Options{}), now, time.UTC, []plan.Start{{Ref: last}}, plan.Budget{Reads: 10})
	if err != nil {
		t.Fatal(err)
	}
	if !g.Truncated || g.Reads > 10 {
		t.Errorf("truncated %v after %d reads, want yes and 10 at most", g.Truncated, g.Reads)
	}
	n, _ := g.Node(plan.JobID(last))
	for _, r := range g.Explain(n).Roots {
		if r.Kind == plan.RootFailed {
			t.Error("a root was named that was never read")
		}
	}
}

// TestRandomPlans holds, over plans made at random, what must be true of every explanation: it ends, each hop begins where the asked
// node or another hop led, every failed root ended badly and is an ancestor, and nothing depends on names.
func TestRandomPlans(t *testing.T) {
	failed := 0
	for seed := range uint64(300) {
		w := random(rand.New(rand.NewPCG(seed, 7)))
		e := world.Engine(w, world.Options{})
		asked := w.Jobs[len(w.Jobs)-1].Ref
		g, err := plan.Fetch(t.Context(), e, now, time.UTC, []plan.Start{{Ref: asked}}, plan.Budget{Reads: 500})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		n, _ := g.Node(plan.JobID(asked))
		x := g.Explain(n)
		if len(x.Roots) == 0 {
			t.Fatalf("seed %d: no root at all", seed)
		}
		reached := map[string]bool{g.Name(n.Entity()): true}
		for _, h := range x.Hops {
			if !reached[g.Name(h.Node.Entity())] {
				t.Errorf("seed %d: the hop at %s hangs in the air", seed, g.Name(h.Node.Entity()))
			}
			reached[g.Name(h.BlockedBy)] = true
		}
		for _, r := range x.Roots {
			if r.Kind != plan.RootFailed {
				continue
			}
			failed++
			if plan.PhaseOf(r.Node.Job.Status) != plan.Bad || !reached[g.Name(r.Node.Entity())] {
				t.Errorf("seed %d: root %s did not end badly, or no hop leads to it", seed, r.Node.Job.Name)
			}
		}
		if got, want := signature(renamed(t, w)), signature(x); got != want {
			t.Errorf("seed %d: after renaming %q, before %q", seed, got, want)
		}
	}
	if failed == 0 {
		t.Error("no plan had a failed root")
	}
}

// signature is an explanation without names.
func signature(x plan.Explanation) string {
	var b strings.Builder
	for _, r := range x.Roots {
		fmt.Fprintf(&b, "%s/%s/%d ", r.Kind, r.Blocker.Kind, r.Depth)
	}
	fmt.Fprintf(&b, "%d hops", len(x.Hops))
	return b.String()
}

// renamed explains the same plan under other names.
func renamed(t *testing.T, w *world.World) plan.Explanation {
	t.Helper()
	other := *w
	other.Jobs, other.JobStreams = nil, nil
	for _, j := range w.Jobs {
		j.Name, j.Stream = "x-"+strings.ToLower(j.Name)+"_ERROR", "Status."+j.Stream
		deps := make([]twstools.Dependency, len(j.Dependencies))
		for i, d := range j.Dependencies {
			d.Job, d.Stream = "x-"+strings.ToLower(d.Job)+"_ERROR", "Status."+d.Stream
			deps[i] = d
		}
		j.Dependencies = deps
		other.Jobs = append(other.Jobs, j)
	}
	for _, s := range w.JobStreams {
		s.Name = "Status." + s.Name
		other.JobStreams = append(other.JobStreams, s)
	}
	asked := other.Jobs[len(other.Jobs)-1].Ref
	g, err := plan.Fetch(t.Context(), world.Engine(&other, world.Options{}), now, time.UTC, []plan.Start{{Ref: asked}}, plan.Budget{Reads: 500})
	if err != nil {
		t.Fatal(err)
	}
	n, _ := g.Node(plan.JobID(asked))
	return g.Explain(n)
}

// random makes a plan of some streams whose jobs follow earlier ones, with states that may contradict each other: engines lie.
func random(r *rand.Rand) *world.World {
	w := chain(6 + r.IntN(20))
	internal := []string{"HOLD", "HOLD", "HOLD", "READY", "SUCC", "ABEND", "EXEC", "FAIL", "CANCL", "SUPPR", "PEND", "ODD"}
	for i := range w.Jobs {
		j := &w.Jobs[i]
		if i < len(w.Jobs)-1 {
			j.Status = twstools.Status{Internal: internal[r.IntN(len(internal))]}
		}
		for range r.IntN(3) {
			p := w.Jobs[r.IntN(len(w.Jobs))]
			d := twstools.Dependency{Type: twstools.DepExternalJob, State: []string{"UNSATISFIED", "SATISFIED", "", "UNDECIDED"}[r.IntN(4)], JobRef: p.Ref, Job: p.Name, StreamRef: p.StreamRef, Stream: p.Stream, StreamWorkstation: "W", Pending: r.IntN(9) == 0, Orphan: r.IntN(9) == 0}
			if p.Ref != j.Ref {
				j.Dependencies = append(j.Dependencies, d)
			}
		}
		w.JobStreams[i].Status = twstools.Status{Internal: []string{"HOLD", "READY", "EXEC", "STUCK", "SUCC"}[r.IntN(5)]}
	}
	return w
}
