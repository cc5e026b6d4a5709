package reader_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
)

const night = `
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: M1, type: MANAGER, limit: 9, fence: 0, states: [MASTER, LINKED, RUNNING, JOBMAN_UP]}, {name: A1, type: FTA, limit: 5, states: [LINKED, RUNNING, JOBMAN_UP]}]
resources: [{name: SLOT, workstation: M1, quantity: 3}]
prompts: [{name: GO, text: "Go?", status: NOT_ASKED, number: 3, stream: S}]
streams:
  - {name: S, workstation: M1, sched: "05:00", state: EXEC, log: l, jobs: [
      {name: ONE, state: SUCC, start: "05:00", ran: 10m}, {name: TWO, state: EXEC, start: "05:30", takes: 1h}, {name: THREE, state: HOLD}]}
  - {name: T, workstation: M1, sched: "05:00", state: SUCC, log: l, jobs: [{name: ONE, state: SUCC, start: "05:00", ran: 1m}, {name: BAD, state: ABEND, rc: 4, start: "05:10", ran: 1m}]}
logs:
  l: {text: "starts\nends"}
`

func TestAnswersAreKeptForTheirAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, night, time.Now())
		r, err := reader.Open(reader.Options{Engine: e, Name: "default"})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		two := twstools.ListQuery{Where: query.Is("name", "TWO")}
		var ref twstools.Ref
		for _, step := range []struct {
			after           time.Duration
			lists, wholes   int
			why             string
			listIs, wholeIs time.Duration // age of what is handed out
		}{
			{0, 1, 1, "first", 0, 0},
			{14 * time.Second, 1, 1, "fresh", 14 * time.Second, 14 * time.Second},
			{2 * time.Second, 2, 2, "a list is served and read again behind; one object is read again at once", 16 * time.Second, 0},
			{10 * time.Second, 2, 2, "fresh again", 10 * time.Second, 10 * time.Second},
			{2 * time.Minute, 3, 3, "old", 0, 0},
		} {
			<-time.After(step.after)
			lists, marks := reader.WithMarks(t.Context())
			l, err := r.Jobs(lists, two)
			if err != nil || len(l.Items) != 1 || time.Since(marks.FetchedAt()) != step.listIs {
				t.Fatalf("%s: Jobs = %+v, %v, fetched %v ago; want %v", step.why, l, err, time.Since(marks.FetchedAt()), step.listIs)
			}
			ref = l.Items[0].Ref
			whole, marks := reader.WithMarks(t.Context())
			if j, err := r.Job(whole, ref); err != nil || j.Name != "TWO" || time.Since(marks.FetchedAt()) != step.wholeIs {
				t.Fatalf("%s: Job = %+v, %v, fetched %v ago; want %v", step.why, j.Name, err, time.Since(marks.FetchedAt()), step.wholeIs)
			}
			synctest.Wait()
			if own := e.asked("jobs", two.Where); own != step.lists || e.called("job") != step.wholes {
				t.Errorf("%s: the list was asked for %d times, want %d; the job %d times, want %d", step.why, own, step.lists, e.called("job"), step.wholes)
			}
		}
	})
}

// TestEqualReadsAreOne: a hundred callers cost one call, each gets a copy, and one who leaves takes nobody along.
func TestEqualReadsAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, night, clock)
		r := open(t, reader.Options{Engine: e, Clock: (&moving{}).now})
		release := e.hold()
		ask := func(ctx context.Context) (twstools.List[twstools.Job], error) {
			return r.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobStreamName", "S")})
		}
		first, leave := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := ask(first)
			gone <- err
		}()
		<-e.began // it is the first caller's read that all others join
		var wg sync.WaitGroup
		lists := make([]twstools.List[twstools.Job], 100)
		for i := range lists {
			wg.Go(func() {
				var err error
				if lists[i], err = ask(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait() // all of them have joined
		leave()
		if err := <-gone; !fault.Is(err, fault.Timeout) || !errors.Is(err, context.Canceled) {
			t.Errorf("the caller who left got %v", err)
		}
		release()
		wg.Wait()
		if n := e.total(); n != 1 {
			t.Errorf("%d calls for equal reads, want 1", n)
		}
		lists[0].Items[0].Runs[0].Status.Internal = "SPOILT"
		*lists[0].Items[0].Priority = 99
		again, err := ask(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range append(lists[1:], again) {
			if len(l.Items) != 3 || l.Items[0].Runs[0].Status.Internal != "SUCC" || *l.Items[0].Priority == 99 {
				t.Fatalf("another caller's list is spoilt: %+v", l.Items[0])
			}
		}
	})
}

// TestNobodyWaits: when all who wait for a read have cancelled, the engine is not kept busy with it, and that tells nothing about the engine. Who only ran out of
// time may ask again, so that read goes on.
func TestNobodyWaits(t *testing.T) {
	for _, c := range []struct {
		name  string
		leave func(context.Context) (context.Context, context.CancelFunc)
		asked int // in all, after somebody has asked again
	}{
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, 2},
		{"out of time", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEngine(t, night, time.Now())
				r, err := reader.Open(reader.Options{Engine: e, Name: "default"})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = r.Close() }()
				one := twstools.ListQuery{Where: query.Is("name", "TWO")}
				release := e.hold()
				var both sync.WaitGroup
				for range 2 {
					both.Go(func() {
						ctx, cancel := c.leave(t.Context())
						defer cancel()
						if _, err := r.Jobs(ctx, one); !fault.Is(err, fault.Timeout) {
							t.Errorf("who left got %v", err)
						}
					})
				}
				both.Wait()
				synctest.Wait()
				release()
				synctest.Wait()
				if l, err := r.Jobs(t.Context(), one); err != nil || len(l.Items) != 1 {
					t.Errorf("asked again: %v, %v", l.Items, err)
				}
				if n := e.asked("jobs", one.Where); n != c.asked {
					t.Errorf("%d calls, want %d", n, c.asked)
				}
			})
		})
	}
}

// TestSharedReadHasItsOwnDeadline: an engine that hangs holds nobody for longer.
func TestSharedReadHasItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, night, clock)
		r, err := reader.Open(reader.Options{Engine: e, Name: "default", Deadline: 20 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		release := e.hold()
		defer release()
		start := time.Now()
		_, err = r.Info(t.Context())
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != 20*time.Second {
			t.Errorf("Info of a hanging engine = %v after %v, want its own deadline of 20 s", err, took)
		}
	})
}

// TestWholeListServesItsPages: a list that holds all matches answers every page of them.
func TestWholeListServesItsPages(t *testing.T) {
	e := newEngine(t, night, clock)
	r := open(t, reader.Options{Engine: e, Clock: (&moving{}).now})
	order := []query.Order{{Field: "name"}}
	all, err := r.Jobs(t.Context(), twstools.ListQuery{Order: order, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []struct{ offset, limit int }{{0, 2}, {2, 2}, {4, 2}, {9, 2}, {0, 500}, {1, 9999}} {
		l, err := r.Jobs(t.Context(), twstools.ListQuery{Order: order, Limit: page.limit, Offset: page.offset})
		want := all.Items[min(page.offset, 5):min(page.offset+page.limit, 5)]
		if err != nil || l.Total != 5 || len(l.Items) != len(want) || len(want) > 0 && !reflect.DeepEqual(l.Items, want) {
			t.Errorf("page %+v = %d items of %d, %v; want %d of 5", page, len(l.Items), l.Total, err, len(want))
		}
	}
	if n := e.total(); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
	// A page that is not all says nothing about the others.
	if l, err := r.Workstations(t.Context(), twstools.ListQuery{Limit: 1}); err != nil || len(l.Items) != 1 {
		t.Fatal(l, err)
	}
	if l, err := r.Workstations(t.Context(), twstools.ListQuery{Limit: 1, Offset: 1}); err != nil || len(l.Items) != 1 || l.Items[0].Name != "A1" {
		t.Errorf("the second page = %+v, %v", l, err)
	}
}

// TestReaderAnswersAsTheEngine: whatever is asked, in whatever order, the answer is the engine's own: no two reads share a key.
func TestReaderAnswersAsTheEngine(t *testing.T) {
	e := newEngine(t, night, clock)
	r := open(t, reader.Options{Engine: e, Clock: (&moving{}).now})
	at := func(h int) time.Time { return time.Date(2026, 3, 17, h, 0, 0, 0, time.UTC) }
	exprs := []query.Expr{nil, query.And{}, query.Is("name", "ONE"), query.Is("name", "TWO"), query.Matches("name", "T@"), query.Matches("name", "@O"),
		query.AnyOf("name", "ONE", "TWO"), query.AnyOf("name", "ONETWO"), query.And{query.Is("name", "ONE"), query.Is("jobStreamName", "S")},
		query.Or{query.Is("name", "ONE"), query.Is("jobStreamName", "S")}, query.Not{X: query.Is("name", "ONE")}, query.Term{Field: "name", Op: query.Ne, Values: []query.Value{"TWO"}},
		query.Is("priority", int64(10)), query.Is("priority", int64(0)), query.Is("priority", 10.0), query.Is("jobOptions.critical", true), query.Is("jobOptions.critical", false),
		query.Term{Field: "schedTime", Op: query.Ge, Values: []query.Value{at(5)}}, query.Term{Field: "schedTime", Op: query.Gt, Values: []query.Value{at(5)}},
		query.Term{Field: "jobruns.estimatedDuration", Op: query.Ge, Values: []query.Value{time.Hour}}, query.Is("returnCode", nil), query.Or{}}
	for range 2 {
		for i, x := range exprs {
			for _, order := range [][]query.Order{nil, {{Field: "name"}}, {{Field: "name", Desc: true}}} {
				for _, limit := range []int{0, 1, 3} {
					for _, offset := range []int{0, 1} {
						q := twstools.ListQuery{Where: x, Order: order, Limit: limit, Offset: offset}
						want, werr := e.Jobs(t.Context(), q)
						got, gerr := r.Jobs(t.Context(), q)
						if fault.CodeOf(werr) != fault.CodeOf(gerr) || got.Total != want.Total || !slices.EqualFunc(got.Items, want.Items, func(a, b twstools.Job) bool { return a.Ref == b.Ref }) {
							t.Fatalf("%d %+v: got %d of %d, %v; want %d of %d, %v", i, q, len(got.Items), got.Total, gerr, len(want.Items), want.Total, werr)
						}
					}
				}
			}
		}
	}
}

// TestLogs: that of a run that has ended is read once, that of a running one again soon.
func TestLogs(t *testing.T) {
	e, c := newEngine(t, night, clock), &moving{}
	r := open(t, reader.Options{Engine: e, Clock: c.now})
	l, err := r.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("jobStreamName", "S"), Order: []query.Order{{Field: "schedTime"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		job   string
		calls int
	}{{"ONE", 1}, {"TWO", 3}} {
		i := slices.IndexFunc(l.Items, func(j twstools.Job) bool { return j.Name == want.job })
		before := e.total()
		for range 3 {
			got, err := r.Logs(t.Context(), twstools.LogQuery{RunID: l.Items[i].Runs[0].ID, Workstation: "M1"})
			if err != nil || len(got.Lines) < 2 {
				t.Fatalf("Logs = %+v, %v", got, err)
			}
			got.Lines[0].Text = "SPOILT"
			c.move(10 * time.Second)
		}
		if n := e.total() - before; n != want.calls {
			t.Errorf("%s: %d calls, want %d", want.job, n, want.calls)
		}
	}
}

// TestCacheStaysWithinItsBytes fills the cache far beyond its bound.
func TestCacheStaysWithinItsBytes(t *testing.T) {
	e := newEngine(t, night, clock)
	const bound = 256 << 10
	r := open(t, reader.Options{Engine: e, Clock: (&moving{}).now, Bytes: bound})
	for i := range 1000 {
		if _, err := r.Jobs(t.Context(), twstools.ListQuery{Limit: 5 + i%2, Offset: i / 2 % 5, Where: query.Term{Field: "priority", Op: query.Ge, Values: []query.Value{int64(-i)}}}); err != nil {
			t.Fatal(err)
		}
	}
	if s := r.Stats(); s.Bytes > bound || s.Bytes < bound/4 || s.Entries == 0 {
		t.Errorf("%d bytes in %d entries, want at most %d and not nearly nothing", s.Bytes, s.Entries, bound)
	}
}

// An answer that would push out a large part of all others is handed out and not kept.
func TestAnAnswerTooLargeToKeepPushesNothingOut(t *testing.T) {
	e := newEngine(t, night, clock)
	w := load(t, night, clock)
	grow(w, 200)
	e.serve(w)
	few, many := twstools.ListQuery{Where: query.Is("name", "BAD"), Limit: 1}, twstools.ListQuery{Limit: 200}
	read := func(r *reader.Reader, q twstools.ListQuery) {
		if l, err := r.Jobs(t.Context(), q); err != nil || len(l.Items) != q.Limit {
			t.Fatalf("%d jobs, %v", len(l.Items), err)
		}
	}
	roomy := open(t, reader.Options{Engine: e, Clock: (&moving{}).now})
	read(roomy, many)
	size := roomy.Stats().Bytes
	r := open(t, reader.Options{Engine: e, Clock: (&moving{}).now, Bytes: size + size/2}) // it would fit
	read(r, few)
	kept := r.Stats()
	read(r, many)
	if s := r.Stats(); s.Entries != kept.Entries || s.Bytes != kept.Bytes {
		t.Errorf("%d entries of %d bytes, want %d of %d as before", s.Entries, s.Bytes, kept.Entries, kept.Bytes)
	}
}

func TestClose(t *testing.T) {
	e := newEngine(t, night, clock)
	r := open(t, reader.Options{Engine: e, Clock: (&moving{}).now})
	release := e.hold()
	defer release()
	got := make(chan error, 2)
	go func() { _, err := r.Info(t.Context()); got <- err }()
	<-e.began
	waiting := make(chan struct{})
	go func() { close(waiting); _, err := r.Changes(t.Context(), r.LastSeq()); got <- err }()
	<-waiting
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := <-got; err == nil {
			t.Error("a read that Close broke off gives no error")
		}
	}
	if _, err := r.Info(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := r.Changes(t.Context(), 0); !fault.Is(err, fault.Conflict) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := reader.Open(reader.Options{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("Open of nothing = %v", err)
	}
}
