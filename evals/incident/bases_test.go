package incident_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

const basesDir = "../bases"

// nights says, by base, from when to when after the start of the production day its people would speak of the night: at each hour of it
// something is done, something runs, and something waits.
var nights = map[string][2]int{"harbour": {15, 23}, "varejo": {16, 23}, "grid": {1, 7}}

// days are workdays of three seasons, none of them at a change of the clocks.
var days = []string{"2026-02-12", "2026-06-17", "2026-10-06"}

func load(t *testing.T, name string) sim.Definitions {
	t.Helper()
	d, err := sim.Load(os.DirFS(filepath.Join(basesDir, name)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// begin is when the production day of that date begins.
func begin(t *testing.T, d sim.Definitions, date string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation(d.Engine.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.ParseInLocation(time.DateOnly, date, zone)
	if err != nil {
		t.Fatal(err)
	}
	return day.Add(time.Duration(d.Plan.StartOfDay.Minutes) * time.Minute)
}

// since gives the base two minutes into a production day, when the plan has turned, three days after the simulation began.
func since(t *testing.T, name, date string, seed uint64) (*sim.Sim, time.Time) {
	t.Helper()
	d := load(t, name)
	from := begin(t, d, date).Add(2 * time.Minute)
	s, err := sim.Since(d, sim.Options{Seed: seed, Start: from}, 72*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return s, from
}

func bases(t *testing.T, each func(t *testing.T, name string)) {
	t.Helper()
	entries, err := os.ReadDir(basesDir)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range entries {
		if e.IsDir() {
			found++
			t.Run(e.Name(), func(t *testing.T) { each(t, e.Name()) })
		}
	}
	if found != len(nights) {
		t.Errorf("%d bases were found, %d have a night", found, len(nights))
	}
}

// TestBasesAreOfTheRightSize holds that a plant is large enough to hide an incident and has every feature that families ask for.
func TestBasesAreOfTheRightSize(t *testing.T) {
	bases(t, func(t *testing.T, name string) {
		d := load(t, name)
		n := map[string]int{}
		for _, st := range d.Streams {
			n["streams"]++
			if st.Service != "" && st.Contact != "" {
				n["service"]++
			}
			if st.Limit != nil {
				n["limit"]++
			}
			for _, r := range st.Run {
				n[r.Every]++
				if r.Repeat > 0 {
					n["repeat"]++
				}
			}
			count(n, st.Needs)
			if st.Description == "" {
				t.Errorf("%s has no description", st.Name)
			}
			for _, j := range st.Jobs {
				n["jobs"]++
				if j.Fails != 0 || len(j.Outcomes) > 0 || st.Fails != 0 {
					t.Errorf("%s.%s may fail by itself", st.Name, j.Name)
				}
				if j.Does == "" || j.Log == "" && st.Log == "" {
					t.Errorf("%s.%s does not say what it does, or writes nothing", st.Name, j.Name)
				}
				count(n, j.Needs)
				for feature, has := range map[string]bool{"every": j.Every > 0, "rccondsucc": j.Success != "", "rerun": j.Recovery == "rerun", "critical": j.Critical && j.Deadline.Set} {
					if has {
						n[feature]++
					}
				}
			}
		}
		for _, w := range d.Workstations {
			n["type "+w.Type]++
			n["os "+w.OS]++
		}
		n["workstations"], n["logs"], n["resources"], n["prompts"], n["arrivals"] = len(d.Workstations), len(d.Logs), len(d.Resources), len(d.Prompts), len(d.Arrivals)
		t.Log(n)
		for feature, bounds := range map[string][2]int{"jobs": {90, 160}, "streams": {22, 40}, "workstations": {7, 12}, "logs": {9, 20}, "resources": {4, 8}, "prompts": {2, 4},
			"arrivals": {2, 8}, "service": {20, 40}, "limit": {1, 5}, "repeat": {2, 6}, "weekly": {1, 4}, "monthly": {1, 3}, "every": {1, 4}, "rccondsucc": {3, 12}, "rerun": {3, 12},
			"critical": {4, 12}, "file": {2, 8}, "resource": {8, 40}, "prompt": {2, 5}, "join": {1, 4}, "external": {15, 80}, "type AGENT": {3, 3}, "type POOL": {1, 1}, "type MANAGER": {1, 1},
			"os LINUX": {4, 10}, "os AIX": {1, 3}, "os WINDOWS": {1, 4}} {
			if n[feature] < bounds[0] || n[feature] > bounds[1] {
				t.Errorf("%d %s, not %d to %d", n[feature], feature, bounds[0], bounds[1])
			}
		}
	})
}

func count(n map[string]int, needs []sim.Need) {
	for _, x := range needs {
		for kind, has := range map[string]bool{"file": x.File != "", "resource": x.Resource != "", "prompt": x.Prompt != "", "join": x.Join != "", "external": x.Stream != "" || x.Job != ""} {
			if has {
				n[kind]++
			}
		}
		count(n, x.Of)
	}
}

// nightsLooked is how many nights of each date are looked at: fewer where the race detector, which looks for other things, makes each ten times as long.
var nightsLooked = map[bool]uint64{true: 1, false: 5}[raced]

// TestHealthyNights holds that nothing ever goes wrong in a base: whatever a family finds wrong, it has done itself.
func TestHealthyNights(t *testing.T) {
	bases(t, func(t *testing.T, name string) {
		for _, date := range days {
			for seed := range nightsLooked {
				s, from := since(t, name, date, seed)
				for hour := range 24 {
					s.Advance(from.Add(time.Duration(hour)*time.Hour - 2*time.Minute))
					w := s.World()
					healthy(t, w)
					if night := nights[name]; hour >= night[0] && hour <= night[1] {
						alive(t, w)
					}
				}
				s.Advance(from.Add(24*time.Hour - 4*time.Minute)) // just before the plan turns
				healthy(t, s.World())
				complete(t, s.World())
				if t.Failed() {
					t.Fatalf("so it is on %s with seed %d", date, seed)
				}
			}
		}
	})
}

func healthy(t *testing.T, w *world.World) {
	t.Helper()
	bad := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s: %s", w.AsOf.Format(time.RFC3339), fmt.Sprintf(format, args...))
	}
	if err := w.Validate(); err != nil {
		bad("%v", err)
	}
	for _, st := range w.JobStreams {
		if !slices.Contains([]string{"HOLD", "READY", "EXEC", "SUCC"}, st.Status.Internal) || st.Late {
			bad("stream %s is %s, late %v", st.Name, st.Status.Internal, st.Late)
		}
		if st.CarriedForward && !strings.HasPrefix(st.Name, "FINAL") {
			bad("stream %s was not done when the plan turned", st.Name)
		}
		tied(bad, st.Name, st.Dependencies)
	}
	for _, j := range w.Jobs {
		full := j.Stream + "." + j.Name
		if !slices.Contains([]string{"HOLD", "READY", "INTRO", "EXEC", "SUCC"}, j.Status.Internal) || j.Late || j.DeadlinePassed || j.UntilPassed || j.NeedsMessage {
			bad("%s is %s, late %v, deadline passed %v, until passed %v", full, j.Status.Internal, j.Late, j.DeadlinePassed, j.UntilPassed)
		}
		tied(bad, full, j.Dependencies)
		for _, r := range j.Runs {
			writes(bad, full, r, w.Logs[r.ID])
		}
	}
	for _, p := range w.Prompts {
		if p.Status == "ASKED" {
			bad("prompt %s waits for a person", p.Name)
		}
	}
	for _, c := range w.CriticalJobs {
		if c.Alert != "ON_TRACK" {
			bad("critical job %s is at risk: %s", c.Job.Name, c.Alert)
		}
	}
	for _, ws := range w.Workstations {
		if !slices.Contains(ws.ActiveStates, "LINKED") {
			bad("%s is not linked", ws.Name)
		}
	}
}

// tied holds that nobody waits for what is not there: with a predecessor scheduled after its follower, the night before would be meant.
func tied(bad func(string, ...any), owner string, deps []twstools.Dependency) {
	for _, d := range deps {
		if d.Pending || d.Orphan {
			bad("%s waits for %s.%s, which is not in the plan", owner, d.Stream, d.Job)
		}
	}
}

// writes holds that a run's log and the plan tell the same, and that nothing in the log is left unfilled.
func writes(bad func(string, ...any), full string, r twstools.Run, l world.JobLog) {
	switch {
	case l.Header == "" || l.Body == "":
		bad("%s has a run without a log", full)
	case strings.Contains(l.Text(), "${"):
		bad("the log of %s has a hole: %s", full, l.Text())
	case r.End.IsZero() != (l.Trailer == ""):
		bad("the log of %s ends with %q, its run at %v", full, l.Trailer, r.End)
	case r.ReturnCode != nil && !strings.Contains(strings.ReplaceAll(l.Trailer, "\r", ""), fmt.Sprintf("= Exit Status           : %d\n", *r.ReturnCode)):
		bad("the log of %s ends with %q, its run with %d", full, l.Trailer, *r.ReturnCode)
	}
}

func alive(t *testing.T, w *world.World) {
	t.Helper()
	n := map[string]int{}
	for _, j := range w.Jobs {
		n[j.Status.Internal]++
	}
	if n["EXEC"]+n["INTRO"] == 0 || n["HOLD"] == 0 || n["SUCC"] == 0 {
		t.Errorf("%s: %v: nothing runs, nothing waits, or nothing is done", w.AsOf.Format(time.RFC3339), n)
	}
}

// complete holds that the night's work is done when the plan turns.
func complete(t *testing.T, w *world.World) {
	t.Helper()
	for _, j := range w.Jobs {
		if j.Status.Internal != "SUCC" && !strings.HasPrefix(j.Stream, "FINAL") {
			t.Errorf("%s: %s.%s is still %s", w.AsOf.Format(time.RFC3339), j.Stream, j.Name, j.Status.Internal)
		}
	}
}
