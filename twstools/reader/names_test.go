package reader_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
)

// large is an engine with as many jobs as asked for, made when they are listed: a plan too large to stand in a test's memory.
type large struct {
	*engine
	jobs int
	page chan int // the offset of a page, before it is given; the test takes it
	mu   sync.Mutex
	got  int
}

func (e *large) job(i int) twstools.Job {
	j := twstools.Job{Ref: twstools.Ref{Engine: "default", Dialect: "world", ID: fmt.Sprintf("00000000-0000-3000-8000-%012d", i)}, Name: fmt.Sprintf("JB%06d", i), Stream: fmt.Sprintf("ST%05d", i/10),
		StreamWorkstation: "M1", Workstation: "M1", StreamFolder: "/", SchedTime: clock}
	j.StreamRef = twstools.Ref{Engine: "default", Dialect: "world", ID: fmt.Sprintf("10000000-0000-3000-8000-%012d", i/10)}
	j.Definition.Description = fmt.Sprintf("Moves the %s of region %d", []string{"orders", "invoices", "stock levels", "payments", "returns"}[i%5], i%100)
	if i == e.jobs-1 {
		j.Name, j.Definition.Description = "LASTONE", "Calibrates the spectrometer"
	}
	return j
}

func (e *large) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	out := twstools.List[twstools.Job]{Total: e.jobs}
	switch w := q.Where.(type) {
	case nil:
		if e.page != nil {
			select {
			case e.page <- q.Offset:
			case <-ctx.Done():
				return out, ctx.Err()
			}
		}
		e.mu.Lock()
		e.got++
		e.mu.Unlock()
		for i := q.Offset; i < min(q.Offset+q.Limit, e.jobs); i++ {
			out.Items = append(out.Items, e.job(i))
		}
	case query.Term:
		if w.Field == "id" {
			for _, v := range w.Values {
				var i int
				if _, err := fmt.Sscanf(strings.TrimLeft(v.(string)[24:], "0")+" ", "%d", &i); err == nil {
					out.Items = append(out.Items, e.job(i))
				}
			}
		}
		out.Total = len(out.Items)
	}
	return out, ctx.Err()
}

func (e *large) Counts(context.Context, twstools.CountQuery) (twstools.Counts, error) {
	return twstools.Counts{Total: e.jobs}, nil
}

func over(r twstools.Engine, now func() time.Time) *reader.Finder {
	return reader.NewFinder(r, func(context.Context) *time.Location { return time.UTC }, now)
}

// TestLargeIndexIsReadInTheBackground: the first question waits for the first rows only, is told that they are not all, and a later one finds the
// last job.
func TestLargeIndexIsReadInTheBackground(t *testing.T) {
	e := &large{engine: newEngine(t, night, clock), jobs: 65_000, page: make(chan int)}
	at := &moving{}
	r := open(t, reader.Options{Engine: e, Clock: at.now})
	f := over(r, at.now)
	answered := make(chan error)
	go func() {
		_, err := f.Find(t.Context(), "calibrates the spectrometer", "", "")
		answered <- err
	}()
	for _, want := range []int{0, 10_000} {
		if got := <-e.page; got != want {
			t.Errorf("page from %d, want %d", got, want)
		}
	}
	err := <-answered
	var miss *fault.Error
	if !fault.Is(err, fault.NotFound) || !errors.As(err, &miss) || !strings.Contains(miss.Hint, "20") {
		t.Fatalf("while it is being read: %v", err)
	}
	if s := r.Stats(); s.NamesComplete || s.Names < 20_000 {
		t.Errorf("%d names, complete %v", s.Names, s.NamesComplete)
	}
	for range 5 {
		<-e.page
	}
	wait(t, func() bool { return r.Stats().NamesComplete }, "the index is never whole", func() string { return fmt.Sprint(r.Stats().Names) })
	found, err := f.Find(t.Context(), "calibrates the spectrometer", "", "")
	if err != nil || len(found.Jobs) != 1 || found.Jobs[0].Name != "LASTONE" {
		t.Errorf("afterwards: %+v, %v", found, err)
	}
	if _, err := f.Find(t.Context(), "LASTONE2", "", ""); !fault.Is(err, fault.NotFound) || !errors.As(err, &miss) || len(miss.Candidates) == 0 || !strings.Contains(miss.Candidates[0], "LASTONE") {
		t.Errorf("the nearest name: %v", err)
	}
	if e.got != 7 {
		t.Errorf("%d pages for 65,000 jobs, want 7", e.got)
	}
}

// TestIndexIsKeptUpByTheRefresher: as long as the engine counts as many jobs as were read, or the new ones have been sighted, nothing is read
// again; a job that was submitted is found.
func TestIndexIsKeptUpByTheRefresher(t *testing.T) {
	at := &moving{}
	e := newEngine(t, tell(), clock)
	r := open(t, reader.Options{Engine: e, Clock: at.now})
	f := over(r, at.now)
	find := func(name, want string) {
		t.Helper()
		found, err := f.Find(t.Context(), name, "job", "") // not as the plan writes it, nor in capitals: only the index knows
		if want == "" && !fault.Is(err, fault.NotFound) || want != "" && (err != nil || len(found.Jobs) != 1 || found.Jobs[0].Name != want || found.Jobs[0].Status.Internal == "") {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	all := func() int { return e.asked("jobs", nil) }
	find("bAD_oNE", "")
	refresh(t, r)
	for range 20 {
		at.move(15 * time.Second)
		refresh(t, r)
		find("bAD_oNE", "")
	}
	if n := all(); n != 1 {
		t.Errorf("%d readings of all names in five minutes, want 1", n)
	}
	e.show(t, tell("MORE", `, {name: Bad_One, state: EXEC, start: "05:59:50", takes: 5m}`), clock)
	at.move(15 * time.Second)
	refresh(t, r)
	find("bAD_oNE", "Bad_One")
	at.move(2 * time.Minute)
	refresh(t, r)
	find("bAD_oNE", "Bad_One")
	if n := all(); n != 1 {
		t.Errorf("%d readings of all names after a submission that was sighted, want 1", n)
	}
	e.show(t, tell("MORE", `, {name: Bad_One, state: EXEC, start: "05:59:50", takes: 5m}, {name: Late_One, state: HOLD}`), clock)
	at.move(2 * time.Minute)
	refresh(t, r) // sees nothing of a job that waits, but one more is counted
	find("lATE_oNE", "Late_One")
	if n := all(); n != 2 {
		t.Errorf("%d readings of all names after one that was not, want 2", n)
	}
}

// TestIndexWithoutAnEngine: an engine that cannot be read is its own error, and one whose job streams cannot be listed still has jobs.
func TestIndexWithoutAnEngine(t *testing.T) {
	e, at := newEngine(t, night, clock), &moving{}
	r := open(t, reader.Options{Engine: e, Clock: at.now})
	e.failWith(errGone)
	if _, err := over(r, at.now).Find(t.Context(), "some words", "", ""); !fault.Is(err, fault.UpstreamUnavailable) {
		t.Errorf("Find = %v", err)
	}
	if _, err := over(r, at.now).Empty(t.Context()); !fault.Is(err, fault.UpstreamUnavailable) {
		t.Errorf("Empty = %v", err)
	}
	e.failWith(nil)
	at.move(time.Minute)
	if empty, err := over(r, at.now).Empty(t.Context()); err != nil || empty {
		t.Errorf("Empty = %v, %v", empty, err)
	}
}

// TestMirrored: a change within ten minutes proves the copy, CHECKSYNC proves it as of its end and no later, and its failure disproves it.
func TestMirrored(t *testing.T) {
	at := func(h, m int) time.Time { return time.Date(2026, 3, 17, h, m, 0, 0, time.UTC) }
	sync := func(job string) string {
		return `
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: M1, type: MANAGER, states: [MASTER, LINKED, RUNNING]}]
streams: [{name: FINALPOSTREPORTS, workstation: M1, sched: "00:00", state: EXEC, jobs: [` + job + `]}]
`
	}
	for _, c := range []struct {
		name, job string
		want      reader.Mirror
	}{
		{"nothing-moves", `{name: X, state: EXEC, start: "03:00", takes: 9h}`, reader.Mirror{}},
		{"a-start", `{name: X, state: EXEC, start: "05:53", takes: 9h}`, reader.Mirror{At: at(5, 53), By: "change"}},
		{"an-end", `{name: X, state: SUCC, start: "03:00", ran: 2h58m}`, reader.Mirror{At: at(5, 58), By: "change"}},
		{"checksync-failed", `{name: CHECKSYNC, state: ABEND, rc: 1, start: "05:53", ran: 1m}`, reader.Mirror{Failed: true}},
		{"checksync-ended", `{name: CHECKSYNC, state: SUCC, start: "05:51", ran: 1m}`, reader.Mirror{At: at(5, 52), By: "checksync"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := open(t, reader.Options{Engine: newEngine(t, sync(c.job), clock), Clock: (&moving{}).now})
			if m := r.Mirrored(); m != (reader.Mirror{}) {
				t.Errorf("before any refresh: %+v", m)
			}
			refresh(t, r)
			if m := r.Mirrored(); m != c.want {
				t.Errorf("Mirrored = %+v, want %+v", m, c.want)
			}
		})
	}
	e := newEngine(t, sync(`{name: X, state: EXEC, start: "05:53", takes: 9h}`), clock)
	r := open(t, reader.Options{Engine: e, Clock: (&moving{}).now})
	refresh(t, r)
	e.show(t, sync(`{name: X, state: EXEC, start: "05:53", takes: 9h}`), clock.Add(8*time.Minute))
	if m := r.Mirrored(); m != (reader.Mirror{}) {
		t.Errorf("fifteen minutes after the change: %+v", m)
	}
	e = newEngine(t, sync(`{name: CHECKSYNC, state: SUCC, start: "05:51", ran: 1m}`), clock)
	r = open(t, reader.Options{Engine: e, Clock: (&moving{}).now})
	refresh(t, r)
	e.show(t, sync(`{name: CHECKSYNC, state: SUCC, start: "05:51", ran: 1m}`), clock.Add(3*time.Hour))
	if m, want := r.Mirrored(), (reader.Mirror{At: at(5, 52), By: "checksync"}); m != want {
		t.Errorf("three hours after CHECKSYNC the copy is proven as of %+v, want %+v", m, want)
	}
}
