package world_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

var night = time.Date(2026, 3, 17, 6, 10, 42, 0, time.UTC)

func demo(t *testing.T, now time.Time) *world.World {
	t.Helper()
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestEngineKeepsThePort(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, w *world.World) twstools.Engine { return world.Engine(w, world.Options{}) })
}

func TestDemoIsAPlantOfTheSizePromised(t *testing.T) {
	w := demo(t, night)
	if len(w.Workstations) < 12 || len(w.JobStreams) < 60 || len(w.Jobs) < 400 || len(w.Logs) < 250 {
		t.Errorf("the demo has %d workstations, %d job streams, %d jobs, %d logs", len(w.Workstations), len(w.JobStreams), len(w.Jobs), len(w.Logs))
	}
	types, states, kinds := map[string]bool{}, map[string]int{}, map[twstools.DependencyType]bool{}
	for _, x := range w.Workstations {
		types[x.Type] = true
	}
	for _, j := range w.Jobs {
		states[j.Status.Common]++
		if len(j.Definition.Description) < 12 {
			t.Errorf("the job %s has no description that tells anything", j.Name)
		}
		for _, d := range j.Dependencies {
			kinds[d.Type] = true
		}
	}
	for _, s := range w.JobStreams {
		for _, d := range s.Dependencies {
			kinds[d.Type] = true
		}
	}
	for _, k := range []twstools.DependencyType{twstools.DepInternal, twstools.DepExternalJob, twstools.DepExternalJobStream, twstools.DepJoin, twstools.DepFile,
		twstools.DepResource, twstools.DepInternetwork, twstools.DepPrompt} {
		if !kinds[k] {
			t.Errorf("no dependency of type %s is in the demo", k)
		}
	}
	if len(types) < 6 {
		t.Errorf("workstation types: %v", types)
	}
	if states["SUCCESSFUL"] < len(w.Jobs)/2 || states["WAITING"] < 60 || states["ERROR"] != 1 {
		t.Errorf("job states %v do not look like a night", states)
	}
}

// The clock moves, the story does not: whatever the hour, the same plan is told.
func TestDemoIsTheSameNightAtAnyHour(t *testing.T) {
	a, b := demo(t, night), demo(t, night.Add(9*time.Hour+13*time.Minute))
	for i := range a.Jobs {
		x, y := a.Jobs[i], b.Jobs[i]
		if x.Ref != y.Ref || x.Status != y.Status || len(x.Runs) != len(y.Runs) || y.SchedTime.Sub(x.SchedTime) != 9*time.Hour+13*time.Minute {
			t.Fatalf("%s differs between two hours", x.Name)
		}
	}
}

func TestDemoObeysTime(t *testing.T) {
	w := demo(t, night)
	ends := map[twstools.Ref]time.Time{}
	for _, j := range w.Jobs {
		for _, r := range j.Runs {
			if r.Start.After(w.AsOf) || r.End.After(w.AsOf) || !r.End.IsZero() && r.End.Before(r.Start) {
				t.Errorf("%s runs %s to %s, now is %s", j.Name, r.Start, r.End, w.AsOf)
			}
			if r.Status.Internal == "EXEC" && !r.End.IsZero() {
				t.Errorf("%s runs and has ended", j.Name)
			}
			ends[j.Ref] = r.End
		}
	}
	for _, j := range w.Jobs {
		if len(j.Runs) == 0 || j.Every {
			continue
		}
		for _, d := range j.Dependencies {
			if open, _ := d.Open(); open {
				t.Errorf("%s has run though its %s dependency is open", j.Name, d.Type)
			}
			if !d.JobRef.IsZero() && ends[d.JobRef].After(j.Runs[0].Start) {
				t.Errorf("%s starts at %s before %s has ended at %s", j.Name, j.Runs[0].Start, d.Job, ends[d.JobRef])
			}
		}
	}
}

func TestDemoTellsItsSixCauses(t *testing.T) {
	w := demo(t, night)
	e := world.Engine(w, world.Options{})
	job := func(name string) twstools.Job {
		t.Helper()
		l, err := e.Jobs(context.Background(), twstools.ListQuery{Where: query.Is("name", name), Order: []query.Order{{Field: "schedTime", Desc: true}}})
		if err != nil || len(l.Items) == 0 {
			t.Fatalf("Jobs(%s) = %v, %v", name, l.Items, err)
		}
		j, err := e.Job(context.Background(), l.Items[0].Ref)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	open := func(ds []twstools.Dependency, kind twstools.DependencyType) bool {
		return slices.ContainsFunc(ds, func(d twstools.Dependency) bool { o, _ := d.Open(); return o && d.Type == kind })
	}
	if j := job("CLM_RESERVE"); j.Status.Internal != "ABEND" || *j.Runs[0].ReturnCode != 1 || !strings.Contains(w.Logs[j.Runs[0].ID].Body, "the password has expired") {
		t.Errorf("application error: %+v", j)
	}
	s, err := e.JobStream(context.Background(), job("BNK_IMPORT").StreamRef)
	if err != nil || !open(s.Dependencies, twstools.DepFile) || s.Dependencies[0].FileState != "Unavailable" {
		t.Errorf("missing file: %+v, %v", s, err)
	}
	if j := job("GL_POST"); !strings.Contains(j.Definition.Description, "general ledger") || j.Times.Deadline.IsZero() {
		t.Errorf("ledger posting: %+v", j)
	}
	if j := job("DWL_FACT_PREMIUM"); !open(j.Dependencies, twstools.DepResource) || *j.Dependencies[1].UnitsAvailable != 0 {
		t.Errorf("held resource: %+v", j.Dependencies)
	}
	if s, _ := e.JobStream(context.Background(), job("PAY_SELECT").StreamRef); !open(s.Dependencies, twstools.DepPrompt) || s.Dependencies[0].PromptStatus != "ASKED" {
		t.Errorf("unanswered prompt: %+v", s.Dependencies)
	}
	l, err := e.Workstations(context.Background(), twstools.ListQuery{Where: query.And{query.Is("activeStates", "UNLINKED"), query.Is("ignore", false)}})
	if j := job("ACT_MORTALITY"); err != nil || len(l.Items) != 1 || j.Workstation != l.Items[0].Name || j.Status.Internal != "READY" || *j.UnresolvedCount != 0 {
		t.Errorf("unlinked agent: %+v, %+v, %v", l.Items, j, err)
	}
	if j := job("REN_CALC"); j.Status.Internal != "EXEC" || w.AsOf.Sub(j.Runs[0].Start) < 3*j.Definition.EstimatedDuration {
		t.Errorf("slow job: %+v", j)
	}
	if j := job("LET_HANDOVER"); !j.Critical || j.Times.Deadline.Sub(w.AsOf) > time.Hour || j.Times.Deadline.Before(w.AsOf) {
		t.Errorf("endangered deadline: %+v", j.Times)
	}
}

const small = `
engine: {timezone: UTC}
clock: "03:00"
workstations: [{name: WS1}, {name: WS2, type: AGENT}]
streams:
  - name: A
    workstation: WS1
    sched: "02:00"
    state: SUCC
    log: plain
    jobs: [{name: A1, does: first, takes: 10m, ran: 9m}, {name: A2, takes: 5m, ran: 4m, on: WS2}]
  - {name: B, workstation: WS1, sched: "-2h10m", state: HOLD, needs: [{stream: A}], jobs: [{name: B1, at: "+45m"}]}
logs: {plain: {text: "${t} ${job} ${n:7-7:x} ${=x} ${rc}"}}
`

func TestLoadTellsTimesRelativeToTheClock(t *testing.T) {
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(small)}}, night)
	if err != nil {
		t.Fatal(err)
	}
	base := night.Truncate(time.Minute)
	if got := w.JobStreams[0].SchedTime; !got.Equal(base.Add(-time.Hour)) {
		t.Errorf("02:00 at 03:00 = %s", got)
	}
	if got := w.JobStreams[1].SchedTime; !got.Equal(night.Add(-130 * time.Minute)) {
		t.Errorf("-2h10m = %s", got)
	}
	if got := w.Jobs[2].Times.EarliestStart; !got.Equal(night.Add(45 * time.Minute)) {
		t.Errorf("+45m = %s", got)
	}
	first, second := w.Jobs[0].Runs[0], w.Jobs[1].Runs[0]
	if first.Elapsed != 9*time.Minute || second.Start.Before(first.End) || second.Start.Sub(first.End) > 20*time.Second {
		t.Errorf("runs %+v, %+v do not follow each other", first, second)
	}
	log := w.Logs[first.ID].Text()
	if !strings.Contains(log, "A1 7 7 0\n") || !strings.Contains(log, "= Exit Status           : 0") || !strings.Contains(log, "WS1#A[(") {
		t.Errorf("log = %s", log)
	}
	if d := w.JobStreams[1].Dependencies[0]; d.State != "SATISFIED" || d.Type != twstools.DepExternalJobStream {
		t.Errorf("dependency = %+v", d)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"an unknown key", "state: HOLD", "status: HOLD", "status"},
		{"an unknown stream", "stream: A", "stream: NONE", `no job stream "NONE"`},
		{"an unknown workstation", "on: WS2", "on: WS9", `no workstation "WS9"`},
		{"a bad time", `"-2h10m"`, `"yesterday"`, "is no time"},
		{"a bad hour", `"02:00"`, `"25:00"`, "time of day"},
		{"an unknown state", "state: HOLD", "state: SLEEPING", "SLEEPING"},
		{"an unknown log", "log: plain", "log: fancy", `"fancy"`},
		{"a run in the future", "ran: 9m", "ran: 9h", "after the world's own now"},
		{"a need of two kinds", "{stream: A}", "{stream: A, file: /x}", "exactly one"},
		{"a job twice", "name: A2", "name: A1", "twice"},
		{"an unfilled hole", "${rc}", "${moon}", "nothing fills"},
		{"an unknown zone", "timezone: UTC", "timezone: Mars/Base", "Mars/Base"},
		{"a resource that is not there", "{stream: A}", `{resource: "WS1#NONE"}`, `no resource`},
		{"a circle", "{name: A1,", "{name: A1, after: [A2],", "circle"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(small, c.old) {
				t.Fatalf("the test's own text has no %q", c.old)
			}
			_, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(strings.Replace(small, c.old, c.new, 1))}}, night)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, c.want) {
				t.Errorf("Load = %v, want invalid with %q", err, c.want)
			}
		})
	}
	if _, err := world.Load(fstest.MapFS{}, night); !fault.Is(err, fault.Invalid) {
		t.Errorf("Load of an empty folder = %v", err)
	}
	if _, err := world.Load(fstest.MapFS{"a.yaml": {Data: []byte(small)}, "b.yaml": {Data: []byte("clock: \"01:00\"")}}, night); !fault.Is(err, fault.Invalid) {
		t.Errorf("Load with two clocks = %v", err)
	}
	if _, err := world.Load(fstest.MapFS{"x.yaml": {Mode: fs.ModeDir}}, night); !fault.Is(err, fault.Invalid) {
		t.Errorf("Load of a folder named like a file = %v", err)
	}
}

func TestEngineGivesCopiesOnly(t *testing.T) {
	w := demo(t, night)
	before, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	e, ctx := world.Engine(w, world.Options{Name: "prod"}), context.Background()
	l, err := e.Jobs(ctx, twstools.ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range l.Items {
		full, err := e.Job(ctx, j.Ref)
		if err != nil || full.Ref.Engine != "prod" {
			t.Fatalf("Job = %+v, %v", full.Ref, err)
		}
		*full.Priority = 99
		for i := range full.Dependencies {
			full.Dependencies[i].State = "X"
		}
		for i := range full.Runs {
			full.Runs[i].ID = "X"
			*full.Runs[i].LastInRerunChain = false
		}
		for i := range full.Definition.UserLogins {
			full.Definition.UserLogins[i] = "X"
		}
	}
	ws, err := e.Workstations(ctx, twstools.ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range ws.Items {
		for i := range x.ActiveStates {
			x.ActiveStates[i] = "X"
		}
	}
	after, err := json.Marshal(w)
	if err != nil || string(before) != string(after) {
		t.Errorf("a caller changed the world (%v)", err)
	}
}

func TestValidate(t *testing.T) {
	for name, spoil := range map[string]func(*world.World){
		"no instant":                  func(w *world.World) { w.AsOf = time.Time{} },
		"a job without its stream":    func(w *world.World) { w.Jobs[0].StreamRef.ID = "none" },
		"two jobs of one id":          func(w *world.World) { w.Jobs[1].Ref = w.Jobs[0].Ref },
		"no id":                       func(w *world.World) { w.Resources[0].Ref = twstools.Ref{} },
		"a workstation of nowhere":    func(w *world.World) { w.JobStreams[3].Workstation = "GONE" },
		"a log of no run":             func(w *world.World) { w.Logs["none"] = world.JobLog{} },
		"a dependency on nothing":     func(w *world.World) { w.Jobs[1].Dependencies[0].JobRef.ID = "none" },
		"a holder that is a stranger": func(w *world.World) { w.Resources[0].Holders[0].JobRef.ID = "none" },
		"two runs of one id":          func(w *world.World) { w.Jobs[1].Runs[0].ID = w.Jobs[0].Runs[0].ID },
	} {
		w := demo(t, night)
		if err := w.Validate(); err != nil {
			t.Fatal(err)
		}
		spoil(w)
		if err := w.Validate(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: Validate = %v, want invalid", name, err)
		}
	}
}

func TestFolderIDs(t *testing.T) {
	if got := world.FolderID("/"); got != "742ba6a6-31aa-3051-b810-3ced4fc624b4" {
		t.Errorf("the root folder's id = %s", got)
	}
	if a, b := world.FolderID("/A"), world.FolderID("/B"); a == b || len(a) != 36 || a[14] != '3' {
		t.Errorf("folder ids = %s, %s, want two name-based UUIDs", a, b)
	}
}

// Whatever a file holds, loading it ends with a world or a coded error.
func FuzzLoad(f *testing.F) {
	f.Add(small)
	f.Add("streams: [{name: A}]")
	f.Add("resources: [{name: R, workstation: W, holders: [{job: A.B}]}]")
	f.Add("logs: {x: {text: \"${n:9-1} ${hex:99} ${=q}\"}}")
	f.Fuzz(func(t *testing.T, text string) {
		w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(text)}}, night)
		if (w == nil) == (err == nil) || err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("Load = %v, %v", w, err)
		}
	})
}
