package sim_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// watcher sees every instant at which something happens, and holds what must hold.
type watcher struct {
	t      *testing.T
	last   time.Time
	seen   map[string]int  // runs by job
	state  map[string]bool // jobs that had been judged startable, by run
	limits map[string]int
	bads   int
}

func (v *watcher) bad(w *world.World, format string, args ...any) {
	if v.bads++; v.bads < 5 {
		v.t.Errorf("%s: %s", w.AsOf.Format(time.RFC3339), fmt.Sprintf(format, args...))
	}
}

func (v *watcher) look(w *world.World) {
	if w.AsOf.Before(v.last) {
		v.bad(w, "time goes back from %v", v.last)
	}
	v.last = w.AsOf
	if err := w.Validate(); err != nil {
		v.bad(w, "%v", err)
	}
	byStream := map[string][]twstools.Job{}
	running := map[string]int{}
	urgent := map[string]bool{}
	for _, st := range w.JobStreams {
		urgent[st.Ref.ID] = *st.Priority >= 100
	}
	for _, j := range w.Jobs {
		byStream[j.StreamRef.ID] = append(byStream[j.StreamRef.ID], j)
		if busy(j) && *j.Priority < 100 && !urgent[j.StreamRef.ID] {
			running[j.Workstation]++
		}
		v.job(w, j)
	}
	for name, limit := range v.limits {
		if running[name] > limit {
			v.bad(w, "%d jobs run on %s, whose limit is %d", running[name], name, limit)
		}
	}
	for _, st := range w.JobStreams {
		v.stream(w, st, byStream[st.Ref.ID])
	}
	for _, r := range w.Resources {
		held := 0
		for _, h := range r.Holders {
			held += *h.Quantity
		}
		if held != *r.InUse || *r.InUse > *r.Quantity || len(r.Holders) > 32 || *r.Available != *r.Quantity-*r.InUse {
			v.bad(w, "resource %s: %d of %d in use, %d held by %d", r.Name, *r.InUse, *r.Quantity, held, len(r.Holders))
		}
	}
}

func busy(j twstools.Job) bool {
	if j.Status.Internal == "INTRO" {
		return true
	}
	n := len(j.Runs)
	return n > 0 && j.Runs[n-1].End.IsZero()
}

// job holds what must be true of each job at each instant.
func (v *watcher) job(w *world.World, j twstools.Job) {
	name := j.Stream + "." + j.Name
	before := v.seen[j.Ref.ID]
	v.seen[j.Ref.ID] = len(j.Runs)
	if len(j.Runs) < before {
		v.bad(w, "%s has lost a run", name)
	}
	for i, r := range j.Runs {
		if !r.End.IsZero() && !r.Start.Before(r.End) {
			v.bad(w, "%s run %d starts %v and ends %v", name, i, r.Start, r.End)
		}
		if r.Start.After(w.AsOf) || r.End.After(w.AsOf.Add(time.Second)) {
			v.bad(w, "%s run %d lies in the future", name, i)
		}
		if i > 0 && r.Start.Before(j.Runs[i-1].End) {
			v.bad(w, "%s run %d starts before the one before it ends", name, i)
		}
		if log, ok := w.Logs[r.ID]; ok && r.ReturnCode != nil && !strings.Contains(strings.ReplaceAll(log.Trailer, "\r", ""), fmt.Sprintf("= Exit Status           : %d\n", *r.ReturnCode)) {
			v.bad(w, "%s run %d ended with %d, its log says %q", name, i, *r.ReturnCode, log.Trailer)
		}
	}
	if len(j.Runs) > before && (*j.Priority == 0 || j.UntilPassed && j.Status.Internal == "HOLD" && j.Times.LatestStartAction == "doNotRun") {
		v.bad(w, "%s runs though it is held or suppressed", name)
	}
	if v.state[j.Ref.ID] || j.Status.Internal != "INTRO" || before > 0 || j.Stream == "USERJOBS" {
		return
	}
	v.state[j.Ref.ID] = true // launched for the first time: everything it waits for must be met, by what the predecessors show
	if *j.UnresolvedCount != 0 || !j.Times.EarliestStart.IsZero() && w.AsOf.Before(j.Times.EarliestStart) {
		v.bad(w, "%s is launched with %d open dependencies, at %v", name, *j.UnresolvedCount, j.Times.EarliestStart)
	}
	for _, d := range j.Dependencies {
		ordinary := !d.Conditional && (d.Type == twstools.DepInternal || d.Type == twstools.DepExternalJob || d.Type == twstools.DepExternalJobStream)
		if p := d.PredecessorStatus; ordinary && !(p.Common == "SUCCESSFUL" || p.Canceled || p.Common == "SUPPRESS" || p.Internal == "ABEND" || v.rerun(w, d)) {
			v.bad(w, "%s is launched while its predecessor %s.%s is %s", name, d.Stream, d.Job, p.Internal)
		}
		if d.Type == twstools.DepFile && d.FileState != "Exists" || d.Type == twstools.DepPrompt && d.PromptStatus != "ANSWERED_YES" {
			v.bad(w, "%s is launched while %s %s%s is %s", name, d.Type, d.File, d.Prompt, d.State)
		}
	}
}

// rerun reports whether the predecessor, or a job of it, runs again: what was met once stays met.
func (v *watcher) rerun(w *world.World, d twstools.Dependency) bool {
	for _, j := range w.Jobs {
		if (j.Ref == d.JobRef || j.StreamRef == d.StreamRef && d.Type == twstools.DepExternalJobStream) && (len(j.Runs) > 0 || j.Status.Internal == "HOLD") {
			return true
		}
	}
	return false
}

// stream holds that a stream's status and numbers agree with its jobs.
func (v *watcher) stream(w *world.World, st twstools.JobStream, jobs []twstools.Job) {
	n := st.Stats
	if sum := *n.Successful + *n.Abended + *n.Failed + *n.Executing + *n.NotRunning + *n.Undecided; sum != *n.Total || *n.Total != len(jobs) {
		v.bad(w, "%s counts %d of %d jobs, %d are there", st.Name, sum, *n.Total, len(jobs))
	}
	runs, working, bad := 0, 0, 0
	for _, j := range jobs {
		runs += len(j.Runs)
		if busy(j) {
			working++
		}
		if !j.Status.Canceled && (j.Status.Common == "ERROR") {
			bad++
		}
	}
	wrong := ""
	switch st.Status.Internal {
	case "HOLD":
		if working > 0 {
			wrong = "jobs run"
		}
	case "READY":
		if runs > 0 {
			wrong = "jobs have run"
		}
	case "EXEC":
		if runs == 0 && working == 0 {
			wrong = "nothing has run"
		}
	case "STUCK", "SUCC":
		if working > 0 {
			wrong = "jobs run"
		}
	case "ABEND":
		if working > 0 || bad == 0 {
			wrong = "jobs run, or none ended badly"
		}
	case "CANCL", "SUPPR":
	default:
		wrong = "no such status"
	}
	if wrong != "" {
		v.bad(w, "%s is %s: %s", st.Name, st.Status.Internal, wrong)
	}
}

// TestInvariants plays random plants with random operators and holds the invariants at every instant.
func TestInvariants(t *testing.T) {
	plants := 25
	if testing.Short() {
		plants = 10
	}
	instants, runs := 0, 0
	for seed := range uint64(plants) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			d := anyPlant(r)
			s, err := sim.New(d, sim.Options{Seed: seed, Start: monday})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, st := range d.Streams[:len(d.Streams)-2] {
				for _, j := range st.Jobs {
					names = append(names, st.Name+"."+j.Name)
				}
			}
			meddle(r, s, names)
			v := &watcher{t: t, seen: map[string]int{}, state: map[string]bool{}, limits: map[string]int{}}
			for _, ws := range d.Workstations {
				if ws.Limit != nil {
					v.limits[ws.Name] = *ws.Limit
				}
			}
			for end := monday.Add(30 * time.Hour); ; instants++ {
				next, ok := s.Next()
				if !ok || next.After(end) {
					break
				}
				s.Advance(next)
				v.look(s.World())
			}
			for _, n := range v.seen {
				runs += n
			}
		})
	}
	if instants < 100*plants || runs < 20*plants {
		t.Errorf("%d instants and %d runs were seen: the plants do nothing", instants, runs)
	}
}

// TestSameSeedSameWorld holds that worlds depend on definitions, seed and interventions alone, not on the steps in which time passes.
func TestSameSeedSameWorld(t *testing.T) {
	for seed := range uint64(5) {
		end := monday.Add(49 * time.Hour)
		build := func(chance uint64) *sim.Sim {
			r := rand.New(rand.NewPCG(seed, 2))
			d := anyPlant(r)
			s, err := sim.New(d, sim.Options{Seed: chance, Start: monday})
			if err != nil {
				t.Fatal(err)
			}
			meddle(rand.New(rand.NewPCG(seed, 3)), s, []string{"S0.J0", "S1.J0", "S2.J0"})
			return s
		}
		once, steps, other := build(seed), build(seed), build(seed+1000)
		once.Advance(end)
		for at := monday; at.Before(end); at = at.Add(617 * time.Second) {
			steps.Advance(at)
			steps.World() // looking changes nothing
		}
		steps.Advance(end)
		other.Advance(end)
		a, b, c := bytesOf(t, once.World()), bytesOf(t, steps.World()), bytesOf(t, other.World())
		if a != b {
			t.Errorf("seed %d: one step and many give different worlds: %s", seed, difference(a, b))
		}
		if a == c {
			t.Errorf("seed %d: another seed gives the same world", seed)
		}
	}
}

func bytesOf(t *testing.T, w *world.World) string {
	t.Helper()
	raw, err := json.MarshalIndent(w, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d: %s | %s\n%s", i, x[i], y[i], strings.Join(x[max(0, i-8):i], "\n"))
		}
	}
	return "one is longer"
}

// TestTurnLosesNothing holds that with carry forward for all no job of an unfinished stream leaves the plan at its turn, and that its runs and
// dependencies stay.
func TestTurnLosesNothing(t *testing.T) {
	carried := 0
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 4))
		d := anyPlant(r)
		d.Plan.CarryForward = "all"
		s, err := sim.New(d, sim.Options{Seed: seed, Start: monday})
		if err != nil {
			t.Fatal(err)
		}
		var before *world.World
		for {
			next, ok := s.Next()
			if !ok || next.After(monday.Add(25*time.Hour)) {
				t.Fatalf("seed %d: the plan did not turn", seed)
			}
			before = s.World()
			if s.Advance(next); *s.World().Window.RunNumber > *before.Window.RunNumber {
				break
			}
		}
		after := map[string]twstools.Job{}
		for _, j := range s.World().Jobs {
			after[j.Ref.ID] = j
		}
		state := map[string]string{}
		for _, st := range before.JobStreams {
			state[st.Ref.ID] = st.Status.Internal
		}
		for _, j := range before.Jobs {
			if slices.Contains([]string{"SUCC", "CANCL", "SUPPR"}, state[j.StreamRef.ID]) {
				continue
			}
			now, ok := after[j.Ref.ID]
			if carried++; !ok || len(now.Runs) < len(j.Runs) {
				t.Errorf("seed %d: %s.%s (%s, stream %s) is lost at the turn", seed, j.Stream, j.Name, j.Status.Internal, state[j.StreamRef.ID])
			}
		}
		if n := len(s.World().Archived); n != 1 || len(s.World().Archived[0].Jobs) == 0 {
			t.Errorf("seed %d: %d plans are archived", seed, n)
		}
	}
	if carried < 100 {
		t.Errorf("%d jobs were carried: the test holds over nothing", carried)
	}
}
