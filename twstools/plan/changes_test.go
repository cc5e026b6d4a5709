package plan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

var lisbon = time.FixedZone("WET", 0)

// job makes a facet from a line: STREAM.JOB@hhmm STATUS minutes [field=value …], on the given day of March.
func job(t *testing.T, day int, line string) plan.Facet {
	t.Helper()
	words := strings.Fields(line)
	name, clock, _ := strings.Cut(words[0], "@")
	stream, jobName, _ := strings.Cut(name, ".")
	var hour, minute int
	if _, err := fmt.Sscanf(clock, "%2d%2d", &hour, &minute); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	at := time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC)
	j := twstools.Job{Name: jobName, Stream: stream, StreamWorkstation: "NODE1", Workstation: "NODE1", SchedTime: at, Status: twstools.Status{Internal: words[1]}, DependenciesKnown: true}
	if len(words) > 2 {
		var minutes int
		if _, err := fmt.Sscanf(words[2], "%d", &minutes); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		j.Runs = []twstools.Run{{Start: at, End: at.Add(time.Duration(minutes) * time.Minute)}}
	}
	for _, w := range words[min(3, len(words)):] {
		field, value, _ := strings.Cut(w, "=")
		switch field {
		case "task":
			j.Definition.Task = value
		case "ws":
			j.Workstation = value
		case "after":
			j.Dependencies = append(j.Dependencies, twstools.Dependency{Type: twstools.DepInternal, Job: value, Stream: stream})
		case "file":
			j.Dependencies = append(j.Dependencies, twstools.Dependency{Type: twstools.DepFile, File: value})
		case "until":
			j.Times.LatestStart = at.Add(3 * time.Hour)
		case "unknown":
			j.DependenciesKnown = false
		default:
			t.Fatalf("%q: what is %q?", line, w)
		}
	}
	return plan.JobFacet(j, lisbon)
}

func told(ds []plan.Difference) []string {
	var out []string
	for _, d := range ds {
		f := d.After
		if f == nil {
			f = d.Before
		}
		s := fmt.Sprintf("%s %s.%s", d.Kind, f.Entity.Stream, f.Entity.Job)
		if d.Field != "" {
			s += fmt.Sprintf(" %s %q %q", d.Field, d.Old, d.New)
		}
		out = append(out, s)
	}
	return out
}

func TestDifferences(t *testing.T) {
	tests := []struct {
		name          string
		before, after []string
		want          []string
	}{
		{"the next day is no difference", []string{"MILL.CUT@0400 SUCC 10"}, []string{"MILL.CUT@0400 SUCC 12"}, nil},
		{"new and gone", []string{"MILL.CUT@0400 SUCC 10"}, []string{"MILL.SAW@0400 SUCC 10"}, []string{"gone MILL.CUT", "new MILL.SAW"}},
		{"a stream that is new as a whole", []string{"MILL.CUT@0400 SUCC 10"}, []string{"MILL.CUT@0400 SUCC 10", "GLUE.PRESS@0400 SUCC 10", "GLUE.DRY@0400 SUCC 10"}, []string{`new GLUE. jobs "" "2"`}},
		{"half of a stream is gone", []string{"GLUE.PRESS@0400 SUCC 10", "GLUE.DRY@0400 SUCC 10", "GLUE.SAND@0400 SUCC 10"}, []string{"GLUE.SAND@0400 SUCC 10"}, []string{"gone GLUE.DRY", "gone GLUE.PRESS"}},
		{"slower", []string{"MILL.CUT@0400 SUCC 10"}, []string{"MILL.CUT@0400 SUCC 16"}, []string{`slower MILL.CUT elapsed "10 min" "16 min"`}},
		{"half as long again but short", []string{"MILL.CUT@0400 SUCC 4"}, []string{"MILL.CUT@0400 SUCC 8"}, nil},
		{"five minutes of an hour", []string{"MILL.CUT@0400 SUCC 60"}, []string{"MILL.CUT@0400 SUCC 66"}, nil},
		{"how long a bad run took says nothing", []string{"MILL.CUT@0400 SUCC 10"}, []string{"MILL.CUT@0400 ABEND 90"}, []string{`worse MILL.CUT status "SUCC" "ABEND"`}},
		{"well again", []string{"MILL.CUT@0400 ABEND 10"}, []string{"MILL.CUT@0400 SUCC 10"}, []string{`better MILL.CUT status "ABEND" "SUCC"`}},
		{"moved", []string{"MILL.CUT@0400 SUCC 10"}, []string{"MILL.CUT@0530 SUCC 10"}, []string{`moved MILL.CUT sched_time "04:00" "05:30"`}},
		{"around midnight", []string{"MILL.CUT@2359 SUCC 10"}, []string{"MILL.CUT@0000 SUCC 10"}, nil},
		{"another agent", []string{"MILL.CUT@0400 SUCC 10 ws=NODE1"}, []string{"MILL.CUT@0400 SUCC 10 ws=NODE2"}, []string{`moved MILL.CUT workstation "NODE1" "NODE2"`}},
		{"another script", []string{"MILL.CUT@0400 SUCC 10 task=a.sh"}, []string{"MILL.CUT@0400 SUCC 10 task=b.sh"}, []string{`redefined MILL.CUT task "a.sh" "b.sh"`}},
		{"a script that one reading does not tell", []string{"MILL.CUT@0400 SUCC 10 task=a.sh"}, []string{"MILL.CUT@0400 SUCC 10"}, nil},
		{"one dependency more, one less", []string{"MILL.CUT@0400 SUCC 10 after=A"}, []string{"MILL.CUT@0400 SUCC 10 file=/drop/b"},
			[]string{`redefined MILL.CUT dependency "MILL.A" ""`, `redefined MILL.CUT dependency "" "file /drop/b"`}},
		{"dependencies that were not told", []string{"MILL.CUT@0400 SUCC 10 after=A"}, []string{"MILL.CUT@0400 SUCC 10 unknown"}, nil},
		{"instances are paired in their order", []string{"MILL.CUT@0400 SUCC 10", "MILL.CUT@1600 SUCC 20"}, []string{"MILL.CUT@1600 SUCC 20", "MILL.CUT@0400 SUCC 10", "MILL.CUT@2000 HOLD"}, []string{"new MILL.CUT"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after []plan.Facet
			for _, l := range tt.before {
				before = append(before, job(t, 16, l))
			}
			for _, l := range tt.after {
				after = append(after, job(t, 17, l))
			}
			got := told(plan.Differences(before, after, lisbon))
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// Whatever is compared: nothing differs from itself, and what is new one way is gone the other way.
func TestDifferencesHoldForAnyPlan(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	some := func() []plan.Facet {
		var out []plan.Facet
		for range r.IntN(12) {
			status := []string{"SUCC", "ABEND", "HOLD", "EXEC"}[r.IntN(4)]
			out = append(out, job(t, 16, fmt.Sprintf("S%d.J%d@%02d%02d %s %d ws=N%d", r.IntN(2), r.IntN(4), r.IntN(24), r.IntN(60), status, r.IntN(90), r.IntN(2))))
		}
		return out
	}
	count := func(ds []plan.Difference, k plan.ChangeKind) (n int) {
		for _, d := range ds {
			if d.Kind == k {
				n++
			}
		}
		return n
	}
	for range 300 {
		a, b := some(), some()
		if same := plan.Differences(a, a, lisbon); len(same) > 0 {
			t.Fatalf("a plan differs from itself: %q", told(same))
		}
		there, back := plan.Differences(a, b, lisbon), plan.Differences(b, a, lisbon)
		for one, other := range map[plan.ChangeKind]plan.ChangeKind{plan.ChangeNew: plan.ChangeGone, plan.ChangeSlower: plan.ChangeFaster, plan.ChangeWorse: plan.ChangeBetter, plan.ChangeMoved: plan.ChangeMoved} {
			if count(there, one) != count(back, other) || count(there, other) != count(back, one) {
				t.Fatalf("%s there and %s back differ: %q and %q", one, other, told(there), told(back))
			}
		}
	}
}
