package reader_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// BenchmarkNames reads the names of 500,000 jobs, reports what they keep in memory, and asks in words. RESYNC_ROWS changes the number.
func BenchmarkNames(b *testing.B) {
	rows := 500_000
	if s := os.Getenv("RESYNC_ROWS"); s != "" {
		if _, err := fmt.Sscan(s, &rows); err != nil {
			b.Fatal(err)
		}
	}
	e, at := &large{engine: newEngine(b, night, clock), jobs: rows}, &moving{}
	r := open(b, reader.Options{Engine: e, Clock: at.now})
	f := over(r, at.now)
	before := inUse()
	start := time.Now()
	_, _ = f.Find(b.Context(), "some words that fit nothing", "", "")
	first := time.Since(start)
	for tick := time.NewTicker(10 * time.Millisecond); !r.Stats().NamesComplete; {
		<-tick.C
	}
	whole := time.Since(start)
	kept := inUse() - before
	for b.Loop() {
		if found, err := f.Find(b.Context(), "calibrates the spectrometer", "", ""); err != nil || len(found.Jobs) != 1 {
			b.Fatal(found, err)
		}
	}
	b.ReportMetric(float64(kept)/(1<<20), "MB")
	b.ReportMetric(first.Seconds(), "s-to-first")
	b.ReportMetric(whole.Seconds(), "s-to-whole")
	b.ReportMetric(float64(e.got), "pages")
	runtime.KeepAlive(r)
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// grow adds jobs to a world: most have ended long ago, some run, a few ended badly.
func grow(w *world.World, jobs int) {
	stream, done, runs, bad := w.JobStreams[0], w.Jobs[0], w.Jobs[1], w.Jobs[4]
	for i := range jobs {
		if i%10 == 0 {
			s := stream
			s.Ref.ID, s.Name, s.InternalID = fmt.Sprintf("20000000-0000-3000-8000-%012d", i), fmt.Sprintf("GROWN%06d", i), fmt.Sprintf("0AAAAAAAAA%06d", i/10)
			s.Status.Common, s.Status.Internal = "SUCCESSFUL", "SUCC"
			w.JobStreams = append(w.JobStreams, s)
		}
		j := done
		switch {
		case i%500 == 1:
			j = runs
		case i%1000 == 2:
			j = bad
		}
		s := w.JobStreams[len(w.JobStreams)-1]
		j.Ref.ID, j.StreamRef, j.Stream, j.Name = fmt.Sprintf("30000000-0000-3000-8000-%012d", i), s.Ref, s.Name, fmt.Sprintf("JOB%06d", i)
		j.Runs = slices.Clone(j.Runs)
		for n := range j.Runs {
			j.Runs[n].ID = fmt.Sprintf("40000000-0000-3000-8000-%012d", i)
		}
		w.Jobs = append(w.Jobs, j)
	}
}

// TestRefreshOfALargePlanOverHTTP counts the requests at the mock engine: at most 12 a refresh, however many jobs and whoever reads besides.
func TestRefreshOfALargePlanOverHTTP(t *testing.T) {
	rows := 12_000
	if s := os.Getenv("RESYNC_ROWS"); s != "" {
		if _, err := fmt.Sscan(s, &rows); err != nil {
			t.Fatal(err)
		}
	}
	w := load(t, night, clock)
	grow(w, rows)
	srv, err := twsmock.Start(t.Context(), twsmock.Options{World: twsmock.Fixed(w), Clock: func() time.Time { return w.AsOf }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = srv.Close() }()
	c, err := hwa.Open(hwa.Options{Name: "default", BaseURL: srv.URL(), Timeout: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	at := &moving{}
	r := open(t, reader.Options{Engine: c, Clock: at.now, Interval: time.Hour}) // the test refreshes, not the clock
	requests := func() (n int) {
		for _, m := range srv.Requests() {
			n += m
		}
		return n
	}
	refresh(t, r) // the client learns what this server can
	for range 3 {
		before := requests()
		at.move(15 * time.Second)
		start := time.Now()
		refresh(t, r)
		t.Logf("%d requests in %v", requests()-before, time.Since(start))
		if n := requests() - before; n > 12 || n == 0 {
			t.Errorf("%d requests for a refresh of %d jobs, want at most 12: %v", n, rows, srv.Requests())
		}
		before = requests() // what the status page asks for costs nothing more
		page := func() {
			counts, err := r.Counts(t.Context(), twstools.CountQuery{GroupBy: []string{"status"}})
			bad, err2 := r.Jobs(t.Context(), twstools.ListQuery{Where: query.AnyOf("jobruns.commonStatus", "ERROR", "RUNNING"), Limit: 1000})
			_, err3 := r.Workstations(t.Context(), twstools.ListQuery{Limit: 10_000})
			if err := errors.Join(err, err2, err3); err != nil || counts.Total != rows+5 || len(bad.Items) < rows/500 {
				t.Fatalf("%+v, %d jobs, %v", counts, len(bad.Items), err)
			}
		}
		took := make([]time.Duration, 200)
		for i := range took {
			start := time.Now()
			page()
			took[i] = time.Since(start)
		}
		slices.Sort(took)
		t.Logf("the page from memory: p50 %v, p99 %v", took[100], took[198])
		if n := requests() - before; n != 0 {
			t.Errorf("the status page cost %d requests more", n)
		}
	}
}
