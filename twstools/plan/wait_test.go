package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/world"
)

// plant is a small plan: one job stream with its jobs, on workstations as given.
func plant(s twstools.JobStream, ws []twstools.Workstation, jobs ...twstools.Job) *world.World {
	w := &world.World{AsOf: now, Info: twstools.Info{TimeZone: "UTC"}, Logs: map[string]world.JobLog{}, Workstations: ws}
	s.Ref, s.Name, s.Workstation, s.DependenciesKnown = ref("s"), "S", "W", true
	if s.SchedTime.IsZero() {
		s.SchedTime = now.Add(-time.Hour)
	}
	w.JobStreams = []twstools.JobStream{s}
	for _, j := range jobs {
		j.Ref, j.StreamRef, j.Stream, j.StreamWorkstation, j.SchedTime, j.DependenciesKnown = ref("j"+j.Name), s.Ref, s.Name, s.Workstation, s.SchedTime, true
		if j.Workstation == "" {
			j.Workstation = "W"
		}
		w.Jobs = append(w.Jobs, j)
	}
	return w
}

func ref(id string) twstools.Ref {
	return twstools.Ref{Engine: "default", Dialect: world.Dialect, ID: id}
}

// explained gives what the job waits for: the kinds of the ends, each with its entity, and a star where the rule is not sure.
func explained(t *testing.T, w *world.World, job string) []string {
	t.Helper()
	g, err := plan.Fetch(t.Context(), world.Engine(w, world.Options{}), now, time.UTC, []plan.Start{{Ref: ref("j" + job)}}, plan.Budget{})
	if err != nil {
		t.Fatal(err)
	}
	n, _ := g.Node(plan.JobID(ref("j" + job)))
	var out []string
	for _, r := range g.Explain(n).Roots {
		what := string(r.Kind)
		if r.Blocker.Kind != "" {
			what = r.Blocker.Kind + " " + r.Blocker.Entity.String(nil)
			if i := strings.Index(what, "[("); i >= 0 {
				what = what[:i] + what[strings.Index(what, ")]")+2:]
			}
		}
		if r.Blocker.Weak {
			what += " *"
		}
		out = append(out, what)
	}
	return out
}

func number(n int) *int { return &n }

func truth(b bool) *bool { return &b }

var (
	hold  = twstools.Status{Internal: "HOLD", Common: "WAITING"}
	ready = twstools.Status{Internal: "READY", Common: "READY"}
	exec  = twstools.Status{Internal: "EXEC", Common: "RUNNING"}
	succ  = twstools.Status{Internal: "SUCC", Common: "SUCCESSFUL"}
	abend = twstools.Status{Internal: "ABEND", Common: "ERROR"}
	up    = []string{"LINKED", "RUNNING", "JOBMAN_UP"}
)

func agent(name string, limit, fence int) twstools.Workstation {
	return twstools.Workstation{Name: name, Type: "FTA", StatesKnown: true, ActiveStates: up, Limit: &limit, Fence: &fence}
}

// TestLimitAndFence: UG "limit cpu" (HI and GO jobs, and every job of a HI or GO stream, start under a limit of 0), "limit" (a stream's limit of 0 lets
// nothing start), "fence" (the job's own priority, and equal is not enough).
func TestLimitAndFence(t *testing.T) {
	for _, c := range []struct {
		name             string
		limit, fence     int
		stream, job      int
		streamLimit      *int
		want             []string
		runningElsewhere int
	}{
		{"ordinary-job-under-limit-zero", 0, 0, 10, 10, nil, []string{"sched.limit.workstation W"}, 0},
		{"hi-job-under-limit-zero", 0, 0, 10, 100, nil, []string{"unknown"}, 0},
		{"go-job-under-limit-zero", 0, 0, 10, 101, nil, []string{"unknown"}, 0},
		{"job-of-a-go-stream-under-limit-zero", 0, 0, 101, 10, nil, []string{"unknown"}, 0},
		{"go-job-of-a-stream-with-limit-zero", 9, 0, 10, 101, number(0), []string{"sched.limit.stream W#S"}, 0},
		{"priority-equal-to-the-fence", 9, 40, 10, 40, nil, []string{"sched.fence W"}, 0},
		{"priority-above-the-fence", 9, 40, 10, 41, nil, []string{"unknown"}, 0},
		{"a-go-stream-does-not-lift-its-job-over-the-fence", 9, 40, 101, 10, nil, []string{"sched.fence W"}, 0},
		{"limit-reached", 2, 0, 10, 10, nil, []string{"sched.limit.workstation W"}, 2},
		{"limit-reached-and-a-go-job", 2, 0, 10, 101, nil, []string{"unknown"}, 2},
		{"limit-not-reached", 3, 0, 10, 10, nil, []string{"unknown"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			jobs := []twstools.Job{{Name: "J", Status: ready, Priority: number(c.job)}}
			for i := range c.runningElsewhere {
				jobs = append(jobs, twstools.Job{Name: fmt.Sprintf("R%d", i), Status: exec, Runs: []twstools.Run{{Status: exec, Start: now}}})
			}
			w := plant(twstools.JobStream{Status: ready, Priority: number(c.stream), Limit: c.streamLimit}, []twstools.Workstation{agent("W", c.limit, c.fence)}, jobs...)
			if got := explained(t, w, "J"); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestUntilAndJsuntil: UG "Setting time constraints": a stream's until counts on after its start, jsuntil is judged once, when the stream becomes READY
// (then the engine calls it met). AD localopts, bm check until: it may be noticed 300 s late. Instants are compared, whatever zone they were told in.
func TestUntilAndJsuntil(t *testing.T) {
	zone := time.FixedZone("east", 9*3600)
	at := func(d time.Duration, action string, met *bool) twstools.TimeRestrictions {
		return twstools.TimeRestrictions{LatestStart: now.Add(d).In(zone), LatestStartAction: action, LatestStartSatisfied: met}
	}
	for _, c := range []struct {
		name        string
		stream, job twstools.TimeRestrictions
		status      twstools.Status
		want        []string
	}{
		{"until-of-a-stream-that-has-started", at(-time.Hour, "doNotRun", nil), twstools.TimeRestrictions{}, exec, []string{"sched.time.until W#S *"}},
		{"jsuntil-that-was-met", at(-time.Hour, "doNotRun", truth(true)), twstools.TimeRestrictions{}, exec, []string{"unknown"}},
		{"until-told-as-not-met", at(-time.Hour, "doNotRun", truth(false)), twstools.TimeRestrictions{}, exec, []string{"sched.time.until W#S *"}},
		{"until-that-lets-it-go-on", at(-time.Hour, "continue", nil), twstools.TimeRestrictions{}, exec, []string{"unknown"}},
		{"within-the-grace-time", at(-200*time.Second, "doNotRun", nil), twstools.TimeRestrictions{}, exec, []string{"unknown"}},
		{"until-of-the-job", twstools.TimeRestrictions{}, at(-time.Hour, "doNotRun", nil), exec, []string{"sched.time.until W#S.J *"}},
		{"start-time-told-in-another-zone", twstools.TimeRestrictions{}, twstools.TimeRestrictions{EarliestStart: now.Add(time.Hour).In(zone)}, exec, []string{"planned.not_yet W#S.J"}},
		{"start-time-passed-in-another-zone", twstools.TimeRestrictions{}, twstools.TimeRestrictions{EarliestStart: now.Add(-time.Minute).In(zone)}, exec, []string{"unknown"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := plant(twstools.JobStream{Status: c.status, Times: c.stream}, []twstools.Workstation{agent("W", 9, 0)}, twstools.Job{Name: "J", Status: hold, Priority: number(10), Times: c.job})
			if got := explained(t, w, "J"); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestHolders: UG "needs", comments: at most 32 holders, so units may be free and still not to be had.
func TestHolders(t *testing.T) {
	for _, holders := range []int{31, 32} {
		var jobs []twstools.Job
		r := twstools.Resource{Ref: ref("r"), Name: "OVEN", Workstation: "W", Quantity: number(100), Available: number(100 - holders)}
		for i := range holders {
			name := fmt.Sprintf("H%d", i)
			jobs = append(jobs, twstools.Job{Name: name, Status: exec, Runs: []twstools.Run{{Status: exec, Start: now.Add(-time.Minute)}}})
			r.Holders = append(r.Holders, twstools.Holder{Job: name, JobRef: ref("j" + name), Quantity: number(1)})
		}
		jobs = append(jobs, twstools.Job{Name: "J", Status: ready, Priority: number(10), Dependencies: []twstools.Dependency{{Type: twstools.DepResource, State: "UNSATISFIED", Resource: "OVEN", Workstation: "W", Units: 1}}})
		w := plant(twstools.JobStream{Status: exec}, []twstools.Workstation{agent("W", 200, 0)}, jobs...)
		w.Resources = []twstools.Resource{r}
		want := []string{"sched.dep.resource_holders W#OVEN"}
		if holders < 32 {
			want = []string{"unknown"}
		}
		if got := explained(t, w, "J"); !slices.Equal(got, want) {
			t.Errorf("%d holders: %q, want %q", holders, got, want)
		}
	}
}

// TestBadPredecessor: UG "recovery", Table 30, and "Conditional dependencies": where the engine does not tell the state of a dependency, the recovery option,
// the recovery job's end and the conditions do.
func TestBadPredecessor(t *testing.T) {
	runs := func(types ...string) (out []twstools.Run) {
		for _, typ := range types {
			status := abend
			if typ == "RECOVERY" {
				status = succ
			}
			out = append(out, twstools.Run{RerunType: typ, Status: status, Start: now.Add(-time.Hour)})
		}
		return out
	}
	on := func(d twstools.Dependency) []twstools.Dependency {
		d.Type, d.JobRef, d.Job = twstools.DepInternal, ref("jP"), "P"
		return []twstools.Dependency{d}
	}
	for _, c := range []struct {
		name   string
		option string
		runs   []twstools.Run
		deps   []twstools.Dependency
		want   []string
	}{
		{"stop", "STOP", runs("REGULAR"), on(twstools.Dependency{}), []string{"failed"}},
		{"continue", "CONTINUE", runs("REGULAR"), on(twstools.Dependency{}), []string{"unknown"}},
		{"continue-and-the-engine-says-open", "CONTINUE", runs("REGULAR"), on(twstools.Dependency{State: "UNSATISFIED"}), []string{"failed"}},
		{"stop-with-a-recovery-job-that-ended-well", "STOP", runs("REGULAR", "RECOVERY"), on(twstools.Dependency{}), []string{"unknown"}},
		{"rerun-that-failed-again", "RERUN", runs("REGULAR", "RERUN"), on(twstools.Dependency{}), []string{"failed"}},
		{"the-abend-is-what-is-waited-for", "STOP", runs("REGULAR"), on(twstools.Dependency{Conditional: true, StatusConditions: []string{"ABEND"}}), []string{"unknown"}},
		{"satisfied", "STOP", runs("REGULAR"), on(twstools.Dependency{State: "SATISFIED"}), []string{"unknown"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := plant(twstools.JobStream{Status: exec}, []twstools.Workstation{agent("W", 9, 0)}, twstools.Job{Name: "P", Status: abend, Runs: c.runs, Definition: twstools.JobDefinition{RecoveryOption: c.option}},
				twstools.Job{Name: "J", Status: hold, Priority: number(10), Dependencies: c.deps})
			if got := explained(t, w, "J"); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestAgentOutOfReach: UG "showcpus", STATE; "ignore"; the broker serves dynamic agents and pools, and the host an extended agent.
func TestAgentOutOfReach(t *testing.T) {
	broker := func(states ...string) twstools.Workstation {
		return twstools.Workstation{Name: "BRK", Type: "WORKLOAD_BROKER", StatesKnown: true, ActiveStates: states}
	}
	dynamic := twstools.Workstation{Name: "W", Type: "AGENT", Host: "BRK", StatesKnown: true, ActiveStates: []string{"IS_INITED"}, Limit: number(9)}
	ignored := agent("W", 9, 0)
	ignored.Ignored = true
	extended := twstools.Workstation{Name: "W", Type: "X-AGENT", Host: "HOST", Limit: number(9)}
	far := agent("HOST", 9, 0)
	far.ActiveStates = []string{"UNLINKED"}
	for _, c := range []struct {
		name string
		ws   []twstools.Workstation
		want []string
	}{
		{"ignored", []twstools.Workstation{ignored}, []string{"sched.agent.ignored W"}},
		{"unlinked-with-its-broker-up", []twstools.Workstation{dynamic, broker(up...)}, []string{"sched.agent.unlinked W"}},
		{"unlinked-because-the-broker-is-down", []twstools.Workstation{dynamic, broker("UNLINKED")}, []string{"sched.agent.broker_down BRK *"}},
		{"extended-agent-whose-host-is-unlinked", []twstools.Workstation{extended, far}, []string{"sched.agent.unlinked HOST *"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := plant(twstools.JobStream{Status: ready}, c.ws, twstools.Job{Name: "J", Status: ready, Priority: number(10)})
			if got := explained(t, w, "J"); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestInternetwork: UG "Internetwork dependencies"; showjobs, EXTRN and ERROR. What another network keeps is never sure here.
func TestInternetwork(t *testing.T) {
	for status, want := range map[string]string{
		"EXTRN": "sched.dep.external_not_found service:NETA::FAR.JOB *",
		"ERROR": "sched.dep.external_unreachable service:NETA::FAR.JOB *",
		"ABEND": "sched.dep.external_failed service:NETA::FAR.JOB *",
		"EXEC":  "sched.dep.predecessor service:NETA::FAR.JOB *",
	} {
		w := plant(twstools.JobStream{Status: ready}, []twstools.Workstation{agent("W", 9, 0)}, twstools.Job{Name: "J", Status: hold, Priority: number(10),
			Dependencies: []twstools.Dependency{{Type: twstools.DepInternetwork, State: "UNSATISFIED", NetworkAgent: "NETA", Remote: "FAR.JOB", RemoteStatus: twstools.Status{Internal: status}}}})
		if got := explained(t, w, "J"); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, want %q", status, got, want)
		}
	}
}

// TestCircleQuotesEveryEdge: a circle is told with all its members, and each edge is quoted from the one who waits.
func TestCircleQuotesEveryEdge(t *testing.T) {
	on := func(name string) []twstools.Dependency {
		return []twstools.Dependency{{Type: twstools.DepInternal, State: "UNSATISFIED", JobRef: ref("j" + name), Job: name}}
	}
	w := plant(twstools.JobStream{Status: exec}, []twstools.Workstation{agent("W", 9, 0)}, twstools.Job{Name: "A", Status: hold, Dependencies: on("B")},
		twstools.Job{Name: "B", Status: hold, Dependencies: on("C")}, twstools.Job{Name: "C", Status: hold, Dependencies: on("A")})
	g, err := plan.Fetch(t.Context(), world.Engine(w, world.Options{}), now, time.UTC, []plan.Start{{Ref: ref("jA")}}, plan.Budget{})
	if err != nil {
		t.Fatal(err)
	}
	n, _ := g.Node(plan.JobID(ref("jA")))
	x := g.Explain(n)
	if len(x.Cycle) != 3 || len(x.Roots) != 1 || x.Roots[0].Blocker.Kind != "sched.dep.cycle" {
		t.Fatalf("members %v, roots %+v", x.Cycle, x.Roots)
	}
	for _, edge := range [][2]string{{"A", "B"}, {"B", "C"}, {"C", "A"}} {
		if !slices.ContainsFunc(x.Roots[0].Blocker.Facts, func(f plan.Fact) bool {
			return strings.HasSuffix(f.Source, "."+edge[0]) && strings.Contains(f.Value, "."+edge[1]+" ")
		}) {
			t.Errorf("no fact tells that %s waits for %s", edge[0], edge[1])
		}
	}
}
