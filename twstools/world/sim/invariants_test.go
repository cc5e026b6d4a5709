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

// anyPlant makes random definitions: every kind of dependency, restriction and recovery, with FINAL.
func anyPlant(r *rand.Rand) sim.Definitions {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	tod := func(from, to int) sim.TimeOfDay {
		return sim.TimeOfDay{Set: true, Minutes: 60*from + r.IntN(60*(to-from))}
	}
	num := func(n int) *int { return &n }
	d := sim.Definitions{Plan: sim.Plan{Master: "MDM", CarryForward: pick("", "all", "yes"), CheckDeadline: time.Duration(r.IntN(2)) * 5 * time.Minute, Audit: true}}
	d.Workstations = []sim.Workstation{{Name: "MDM", Type: "MANAGER"}, {Name: "W1", Limit: num(1 + r.IntN(3))}, {Name: "W2", Fence: r.IntN(15)}, {Name: "W3", Limit: num(0)},
		{Name: "D1", Type: "AGENT", Limit: num(1)}, {Name: "D2", Type: "AGENT", TimeZone: "America/Sao_Paulo"}, {Name: "P", Type: "POOL", Members: []string{"D1", "D2"}}}
	places := []string{"W1", "W2", "W3", "D1", "D2", "P", "W1", "W2"}
	d.Resources = []sim.Resource{{Name: "R1", On: "W1", Quantity: 1 + r.IntN(3)}, {Name: "R2", On: "MDM", Quantity: 40}}
	d.Prompts = []sim.Prompt{{Name: "ASKS", Text: "Go?"}, {Name: "SAYS", Text: ": going"}}
	d.Arrivals = []sim.Arrival{{File: "/in/a", On: "W1", At: tod(0, 20), Later: time.Hour}}
	for i := range 6 + r.IntN(8) {
		st := sim.Stream{Name: fmt.Sprintf("S%d", i), On: pick(places...), Unchained: r.IntN(3) > 0, CarryForward: r.IntN(2) == 0, Overlap: pick("", "", "", "enqueue", "donotstart")}
		if r.IntN(2) == 0 {
			st.At = tod(0, 20)
		}
		switch r.IntN(8) {
		case 0:
			st.Until, st.OnUntil = tod(1, 23), pick("", "cont", "canc")
		case 1:
			st.StartUntil, st.OnUntil = tod(1, 23), pick("", "cont", "canc")
		case 2:
			st.Limit = num(r.IntN(3))
		case 3:
			st.Priority = num([]int{0, 5, 50, 100}[r.IntN(4)])
		case 4:
			st.Run = []sim.RunCycle{{Times: sim.Times{At: tod(0, 10)}, Repeat: 3 * time.Hour, RepeatEnds: tod(12, 20)}}
		case 5:
			st.StartWhen = &sim.StartWhen{File: "/in/a", On: "W1", Rerun: r.IntN(4) == 0, Interval: time.Hour}
		}
		for k := range 1 + r.IntN(6) {
			j := sim.Job{Name: fmt.Sprintf("J%d", k), On: pick(places...), Takes: time.Duration(1+r.IntN(90)) * time.Minute, Varies: 0.3, Fails: []float64{0, 0, 0.3}[r.IntN(3)],
				Recovery: pick("", "", "continue", "rerun"), Nop: r.IntN(20) == 0, Confirmed: r.IntN(20) == 0, Critical: r.IntN(10) == 0,
				Conditions: []sim.Condition{{Name: "OK", When: "RC=0", Success: true}, {Name: "ERR1", When: "RC=1"}}}
			switch r.IntN(12) {
			case 0:
				j.Until, j.OnUntil = tod(1, 23), pick("", "cont", "canc")
			case 1:
				j.At = tod(0, 23)
			case 2:
				j.Every, j.Takes = 2*time.Hour, 10*time.Minute
			case 3:
				j.Priority = num([]int{0, 1, 99, 100, 101}[r.IntN(5)])
			case 4:
				j.MaxDuration, j.OnMax = 20*time.Minute, pick("", "kill")
			case 5:
				j.RecoveryJob, j.RecoveryRC = "FIX", r.IntN(2)
			case 6:
				j.AbendPrompt, j.Fails = "Again?", 0.7
			case 7:
				j.Attempts, j.RepeatEvery, j.Recovery = 2, 5*time.Minute, "rerun"
			case 8:
				j.Outcomes = []sim.Outcome{{Fail: true}}
			case 9:
				j.Deadline, j.OnLate = tod(1, 23), pick("", "kill")
			case 10:
				j.MinDuration, j.OnMin = time.Hour, pick("", "abend", "confirm")
			}
			for range r.IntN(3) {
				j.Needs = append(j.Needs, anyNeed(r, i, k))
			}
			st.Jobs = append(st.Jobs, j)
		}
		if i > 0 && r.IntN(3) == 0 {
			st.Needs = []sim.Need{anyNeed(r, i, 0)}
		}
		d.Streams = append(d.Streams, st)
	}
	d.Streams = append(d.Streams, finalStreams()...)
	return d
}

func finalStreams() []sim.Stream {
	at := sim.Times{At: sim.TimeOfDay{Set: true, Minutes: 23*60 + 59}}
	return []sim.Stream{
		{Name: "FINAL", On: "MDM", Times: at, CarryForward: true, Jobs: []sim.Job{{Name: "MAKEPLAN", Takes: 5 * time.Second, Effect: "makeplan"}, {Name: "SWITCHPLAN", Takes: 5 * time.Second, Effect: "switchplan"}}},
		{Name: "FINALPOSTREPORTS", On: "MDM", Times: at, CarryForward: true, Needs: []sim.Need{{Job: "FINAL.SWITCHPLAN"}},
			Jobs: []sim.Job{{Name: "CHECKSYNC", Effect: "checksync"}, {Name: "UPDATESTATS", Effect: "updatestats"}}},
	}
}

func anyNeed(r *rand.Rand, stream, job int) sim.Need {
	follow := func() sim.Need {
		n := sim.Need{Match: []string{"", "", "sameday", "interval"}[r.IntN(4)], From: -6 * time.Hour, To: 6 * time.Hour}
		switch {
		case job > 0 && r.IntN(2) == 0:
			n.Job, n.Match = fmt.Sprintf("J%d", r.IntN(job)), ""
		case stream == 0:
			return sim.Need{Prompt: "SAYS"}
		case r.IntN(2) == 0:
			n.Job = fmt.Sprintf("S%d.J0", r.IntN(stream))
		default:
			n.Stream = fmt.Sprintf("S%d", r.IntN(stream))
		}
		if r.IntN(3) == 0 {
			if n.If = []string{[]string{"SUCC", "ABEND", "SUPPR"}[r.IntN(3)]}; n.Job != "" && r.IntN(2) == 0 {
				n.If, n.Conditions = nil, []string{[]string{"OK", "ERR1"}[r.IntN(2)]}
			}
		}
		return n
	}
	switch r.IntN(8) {
	case 0:
		return sim.Need{Resource: "W1#R1", Quantity: r.IntN(3)}
	case 1:
		return sim.Need{Resource: "MDM#R2"}
	case 2:
		return sim.Need{File: "/in/a", On: "W1"}
	case 3:
		return sim.Need{Prompt: []string{"ASKS", "SAYS"}[r.IntN(2)]}
	case 4:
		return sim.Need{Join: "J", Quantity: r.IntN(2), Of: []sim.Need{follow(), follow()}}
	}
	return follow()
}

// meddle plans random actions of operators. Most are refused by the state of things, which is as it should be.
func meddle(r *rand.Rand, s *sim.Sim, jobs []string) {
	for range 30 {
		name, n := jobs[r.IntN(len(jobs))], r.IntN(12)
		stream, _, _ := strings.Cut(name, ".")
		ws := []string{"W1", "W2", "D1", "D2"}[r.IntN(4)]
		s.At(monday.Add(time.Duration(r.IntN(30*3600))*time.Second), func(s *sim.Sim) error {
			switch n {
			case 0:
				return s.Reply("ASKS", true)
			case 1:
				return s.Cancel(name, r.IntN(2) == 0)
			case 2:
				return s.Cancel(stream, false)
			case 3:
				return s.Rerun(name)
			case 4:
				return s.Confirm(name, true)
			case 5:
				return s.Unlink(ws)
			case 6:
				return s.StopAgent(ws)
			case 7, 8:
				_ = s.StartAgent(ws)
				return s.Link(ws)
			case 9:
				return s.Kill(name)
			case 10:
				return s.Reply(name, r.IntN(2) == 0)
			}
			return s.PutFile("W1", "/in/a", true)
		})
	}
}

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
