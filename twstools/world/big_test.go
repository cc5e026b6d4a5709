package world_test

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// bigJobs is the size of the plan that the measurements use: RESYNC_BIG, 500000 to see the promised numbers, else few enough for every test run.
func bigJobs(t testing.TB) int {
	t.Helper()
	s := os.Getenv("RESYNC_BIG")
	if s == "" {
		return 20_000
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("RESYNC_BIG=%s is no number of jobs", s)
	}
	return n
}

func TestBigIsAPlausiblePlan(t *testing.T) {
	w := world.Big(6000, night)
	if len(w.Jobs) != 6000 || len(w.JobStreams) < 400 || len(w.Workstations) < 10 || len(w.Logs) < 20 {
		t.Errorf("%d jobs, %d streams, %d workstations, %d logs", len(w.Jobs), len(w.JobStreams), len(w.Workstations), len(w.Logs))
	}
	if err := w.Validate(); err != nil {
		t.Error(err)
	}
	states, kinds, folders := map[string]int{}, map[twstools.DependencyType]int{}, map[string]bool{}
	for _, j := range w.Jobs {
		states[j.Status.Internal]++
		folders[j.Folder] = true
		for _, d := range j.Dependencies {
			kinds[d.Type]++
		}
		if len(j.Name) > 40 || len(j.Stream) > 16 || len(j.Workstation) > 22 {
			t.Errorf("%s#%s.%s is longer than names may be", j.Workstation, j.Stream, j.Name)
		}
	}
	for _, s := range w.JobStreams {
		for _, d := range s.Dependencies {
			kinds[d.Type]++
		}
	}
	for _, state := range []string{"SUCC", "HOLD", "EXEC", "ABEND", "READY", "CANCL"} {
		if states[state] == 0 {
			t.Errorf("no job is %s among %v", state, states)
		}
	}
	for _, kind := range []twstools.DependencyType{twstools.DepInternal, twstools.DepExternalJob, twstools.DepResource, twstools.DepPrompt, twstools.DepFile} {
		if kinds[kind] == 0 {
			t.Errorf("no dependency is of type %s among %v", kind, kinds)
		}
	}
	if states["SUCC"] < 2500 || len(folders) < 3 {
		t.Errorf("states %v, folders %v", states, folders)
	}
}

// In a big plan as in any other: nothing has run before what it waits for, nor after now; a stream's counts are its jobs'.
func TestBigObeysTime(t *testing.T) {
	w := world.Big(6000, night)
	end, jobs := map[string]time.Time{}, map[string]int{}
	for _, j := range w.Jobs {
		jobs[j.StreamRef.ID]++
		for _, r := range j.Runs {
			if r.Start.After(w.AsOf) || r.End.After(w.AsOf) || r.Start.Before(j.SchedTime) || !r.End.IsZero() && r.End.Before(r.Start) {
				t.Fatalf("%s.%s runs from %s to %s, scheduled %s, now %s", j.Stream, j.Name, r.Start, r.End, j.SchedTime, w.AsOf)
			}
			end[j.Ref.ID] = r.End
		}
		for _, d := range j.Dependencies {
			if open, _ := d.Open(); len(j.Runs) > 0 && (open || j.Runs[0].Start.Before(end[d.JobRef.ID])) {
				t.Fatalf("%s.%s has run though it follows %s", j.Stream, j.Name, d.Job)
			}
		}
	}
	for _, s := range w.JobStreams {
		if *s.Stats.Total != jobs[s.Ref.ID] || *s.Stats.Total != *s.Stats.Successful+*s.Stats.Abended+*s.Stats.Failed+*s.Stats.Executing+*s.Stats.NotRunning+*s.Stats.Undecided {
			t.Fatalf("%s says %d jobs and has %d", s.Name, *s.Stats.Total, jobs[s.Ref.ID])
		}
	}
	for _, r := range w.Resources {
		held := 0
		for _, h := range r.Holders {
			held += *h.Quantity
		}
		if held != *r.InUse || *r.Quantity-held != *r.Available || len(r.Holders) > 32 {
			t.Errorf("%s has %d units, %d in use, %d available, %d held", r.Name, *r.Quantity, *r.InUse, *r.Available, held)
		}
	}
}

func TestBigIsTheSameEachTime(t *testing.T) {
	if a, b := world.Big(1500, night), world.Big(1500, night); !reflect.DeepEqual(a, b) {
		t.Error("two plans of the same size and hour differ")
	}
}

func TestBigHasAChainOfFifty(t *testing.T) {
	w := world.Big(3000, night)
	e := world.Engine(w, world.Options{})
	name, hops := "CHAIN00049", 0
	for name != "CHAIN00000" && hops < 60 {
		l, err := e.JobStreams(t.Context(), twstools.ListQuery{Where: query.Is("name", name)})
		if err != nil || len(l.Items) != 1 {
			t.Fatalf("%s = %+v, %v", name, l, err)
		}
		before, err := e.Neighbours(t.Context(), twstools.NeighbourQuery{Ref: l.Items[0].Ref, JobStream: true, Direction: twstools.Predecessors})
		if err != nil || len(before) != 1 || before[0].Job == nil || before[0].Job.Status.Common == "SUCCESSFUL" {
			t.Fatalf("what %s follows = %+v, %v", name, before, err)
		}
		name = before[0].Job.Stream
		hops++
	}
	if hops != 49 {
		t.Errorf("the chain has %d hops and ends at %s", hops, name)
	}
	root, err := e.Jobs(t.Context(), twstools.ListQuery{Where: query.And{query.Is("jobStreamName", "CHAIN00000"), query.Is("jobruns.commonStatus", "ERROR")}})
	if err != nil || len(root.Items) != 1 {
		t.Errorf("the chain's root = %+v, %v", root, err)
	}
}

// asks are what people and pages ask a plan: %s are a job, a stream and a workstation of it.
var asks = []string{
	"name = '%[1]s'", "name LIKE '%[4]s@'", "name LIKE '@CALC@'", "name LIKE '@A@0?@'", "name != '%[1]s' AND jobStreamName = '%[2]s'", "jobStreamName = '%[2]s'", "jobStreamName LIKE '%[4]s@'",
	"workstation = '%[3]s'", "workstation = '%[3]s' AND jobruns.commonStatus = 'ERROR'", "workstation LIKE '/LX@'", "jobruns.commonStatus = 'ERROR'", "jobruns.commonStatus IN ['ERROR', 'RUNNING']",
	"jobruns.compositeStatus.status = 'ABEND' OR jobruns.compositeStatus.status = 'FAIL'", "jobruns.commonStatus = 'SUCCESSFUL'", "jobruns.commonStatus NOT IN ['SUCCESSFUL', 'WAITING']",
	"folder = '/PAY2' AND name LIKE '@POST@'", "schedTime >= '2026-03-17T04:00:00.000Z' AND schedTime < '2026-03-17T05:00:00.000Z'", "priority = 0", "",
	"jobOptions.critical = true AND jobruns.commonStatus = 'WAITING'", "jobruns.timeInfo.actualStartTime >= '2026-03-17T05:00:00.000Z'",
}

var orders = []string{"", " ORDER BY name ASC", " ORDER BY name DESC", " ORDER BY schedTime DESC", " ORDER BY jobStreamName ASC, name DESC", " ORDER BY schedTime ASC, name ASC"}

// bigQuestions crosses asks, orders and offsets, deep ones too.
func bigQuestions(t testing.TB, w *world.World) []twstools.ListQuery {
	t.Helper()
	var out []twstools.ListQuery
	for i, ask := range asks {
		for k, order := range orders {
			j := w.Jobs[(i*7919+k*104729)%len(w.Jobs)]
			text := ask
			if strings.Contains(ask, "%") {
				text = fmt.Sprintf(ask+"%.0[1]s%.0[2]s%.0[3]s%.0[4]s", j.Name, j.Stream, j.Workstation, j.Name[:3])
			}
			q, err := query.ParseOQL(text + order)
			if err != nil {
				t.Fatal(err)
			}
			for _, offset := range []int{0, 20, len(w.Jobs) / 20, len(w.Jobs) - 40} {
				out = append(out, twstools.ListQuery{Where: q.Where, Order: q.Order, Limit: 20, Offset: offset})
			}
		}
	}
	return out
}

// gcPercent is what a process that holds a big plan sets, and is measured with.
const gcPercent = 20

// The promise is for 500,000 jobs (RESYNC_BIG=500000): built within a minute, 50 ms at the 99th percentile, 1.5 GB resident. With fewer jobs the bound
// is generous, for busy machines and the race detector, and catches what goes over all rows many times.
func TestBigPlanIsAnsweredFast(t *testing.T) {
	n := bigJobs(t)
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	began := time.Now()
	w := world.Big(n, night)
	e := world.Engine(w, world.Options{})
	built := time.Since(began)
	ctx := context.Background()
	var took, anew []time.Duration // anew: filters that were not asked just before
	var worst string
	hits := 0
	for round := range 2 { // the first round builds the columns that only some questions need
		took, anew = took[:0], anew[:0]
		for _, q := range bigQuestions(t, w) {
			began := time.Now()
			l, err := e.Jobs(ctx, q)
			d := time.Since(began)
			if err != nil {
				t.Fatalf("%+v: %v", q, err)
			}
			if took = append(took, d); d >= slices.Max(took) {
				worst = fmt.Sprintf("%+v", q)
			}
			if q.Offset == 0 {
				anew = append(anew, d)
			}
			hits += len(l.Items)
		}
		for _, by := range [][]string{{"status"}, {"workstation"}, {"folder"}, {"status", "workstation"}, {"workstation", "status", "folder"}} {
			for _, ws := range []string{"", "BIG@", "@/DA@"} {
				began := time.Now()
				if _, err := e.Counts(ctx, twstools.CountQuery{Workstation: ws, GroupBy: by}); err != nil {
					t.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
		}
		slices.Sort(took)
		slices.Sort(anew)
		t.Logf("round %d: %d questions, p50 %s, p99 %s, worst %s; first pages only: %d, p50 %s, p99 %s", round+1, len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1],
			len(anew), anew[len(anew)/2], anew[len(anew)*99/100])
	}
	t.Logf("%d jobs in %d streams: built in %s, %d MB resident at the most; slowest: %s", n, len(w.JobStreams), built, peakMB(t), worst)
	bound := 250 * time.Millisecond
	if n >= 500_000 {
		bound = 50 * time.Millisecond
	}
	if p99 := took[len(took)*99/100]; p99 > bound {
		t.Errorf("the 99th percentile is %s, want %s at the most", p99, bound)
	}
	if built > time.Minute {
		t.Errorf("built in %s, want a minute at the most", built)
	}
	if mb := peakMB(t); n >= 500_000 && mb > 1500 {
		t.Errorf("%d MB resident, want 1500 at the most", mb)
	}
	if hits < len(took) {
		t.Errorf("%d questions found %d rows: they ask for nothing", len(took), hits)
	}
	runtime.KeepAlive(w)
}

// peakMB is the most memory that this process has had resident so far; 0 where the system does not tell.
func peakMB(t testing.TB) int {
	t.Helper()
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(raw), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kb / 1000
		}
	}
	return 0
}

func BenchmarkBig(b *testing.B) {
	w := world.Big(bigJobs(b), night)
	e := world.Engine(w, world.Options{})
	questions := bigQuestions(b, w)
	b.Run("jobs", func(b *testing.B) {
		for i := range b.N {
			if _, err := e.Jobs(b.Context(), questions[i%len(questions)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("counts", func(b *testing.B) {
		for b.Loop() {
			if _, err := e.Counts(b.Context(), twstools.CountQuery{GroupBy: []string{"status", "workstation"}}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Columns, orders and remembered filters are made by whoever asks first, while others ask.
func TestManyAskAtOnce(t *testing.T) {
	w := world.Big(1500, night)
	e := world.Engine(w, world.Options{})
	questions := bigQuestions(t, w)
	want := make([]int, len(questions))
	for i, q := range questions {
		l, err := world.Engine(w, world.Options{}).Jobs(t.Context(), twstools.ListQuery{Where: q.Where, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		want[i] = l.Total
		if i == 60 {
			break // each of these engines builds its columns anew
		}
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for k := range 61 {
				i := (k*7 + n*13) % 61
				l, err := e.Jobs(t.Context(), questions[i])
				if err != nil || l.Total != want[i] {
					t.Errorf("%+v = %d, %v, want %d", questions[i], l.Total, err, want[i])
				}
				if _, err := e.Counts(t.Context(), twstools.CountQuery{GroupBy: []string{"status", "folder"}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
