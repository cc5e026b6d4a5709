package reader_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
)

var errGone = fault.New(fault.UpstreamUnavailable, "The engine does not answer.")

// TestEngineAway: the last answer stands in, marked, within its bound; then the error is told. When the engine is back, so is the truth.
func TestEngineAway(t *testing.T) {
	e, c := newEngine(t, night, clock), &moving{}
	r := open(t, reader.Options{Engine: e, Clock: c.now})
	ask := func() (int, *reader.Marks, error) {
		ctx, marks := reader.WithMarks(t.Context())
		l, err := r.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobStreamName", "T")})
		return len(l.Items), marks, err
	}
	if n, m, err := ask(); n != 2 || err != nil || !m.FetchedAt().Equal(clock) {
		t.Fatalf("%d, %v, %v", n, m.FetchedAt(), err)
	}
	e.failWith(errGone)
	c.move(time.Minute)
	for range 5 {
		n, m, err := ask()
		stale, cause := m.Stale()
		if n != 2 || err != nil || !stale || !fault.Is(cause, fault.UpstreamUnavailable) || !m.FetchedAt().Equal(clock) {
			t.Fatalf("away: %d items, %v, stale %v because of %v, fetched %v", n, err, stale, cause, m.FetchedAt())
		}
	}
	if n := e.total(); n != 2 {
		t.Errorf("%d calls, want 2: a dead engine is not asked again by everyone", n)
	}
	if _, err := r.Counts(t.Context(), twstools.CountQuery{}); !fault.Is(err, fault.UpstreamUnavailable) {
		t.Errorf("what was never read = %v", err)
	}
	if s := r.Stats(); s.Unavailable == nil || s.StaleHits != 5 {
		t.Errorf("Stats = %+v", s)
	}
	c.move(15 * time.Minute)
	if n, m, err := ask(); !fault.Is(err, fault.UpstreamUnavailable) || n != 0 || !m.FetchedAt().IsZero() {
		t.Errorf("after a quarter of an hour: %d, %v", n, err)
	}
	c.move(3 * time.Second)
	e.failWith(nil)
	if n, m, err := ask(); n != 2 || err != nil || !m.FetchedAt().Equal(c.now()) {
		t.Errorf("back again: %d, %v, %v", n, err, m.FetchedAt())
	} else if stale, _ := m.Stale(); stale || r.Stats().Unavailable != nil {
		t.Error("a fresh answer is marked stale")
	}
}

// TestSlowEngine: with an answer at hand nobody waits for an engine that drips; without one everybody does.
func TestSlowEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, night, time.Now())
		r, err := reader.Open(reader.Options{Engine: e, Name: "default", Patience: 3 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		q := twstools.CountQuery{GroupBy: []string{"status"}}
		if _, err := r.Counts(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		<-time.After(90 * time.Second) // the refresher has stopped, for nobody asks
		release := e.hold()
		start := time.Now()
		ctx, marks := reader.WithMarks(t.Context())
		n, err := r.Counts(ctx, q)
		if stale, _ := marks.Stale(); err != nil || n.Total != 5 || !stale || time.Since(start) != 3*time.Second {
			t.Errorf("Counts = %+v, %v, stale %v, after %v; want the old answer after 3 s", n, err, stale, time.Since(start))
		}
		release()
		synctest.Wait()
		ctx, marks = reader.WithMarks(t.Context())
		if _, err := r.Counts(ctx, q); err != nil {
			t.Fatal(err)
		}
		if stale, _ := marks.Stale(); stale || time.Since(marks.FetchedAt()) > time.Second {
			t.Errorf("the late answer was lost: fetched %v ago", time.Since(marks.FetchedAt()))
		}
	})
}

// TestErrorsAreKeptAsTheyDeserve counts how often an error is asked for again.
func TestErrorsAreKeptAsTheyDeserve(t *testing.T) {
	for _, c := range []struct {
		code   fault.Code
		served time.Duration // still the same answer
		asked  time.Duration // asked again by then
	}{
		{fault.NotFound, 4 * time.Second, 6 * time.Second},
		{fault.UpstreamDenied, 29 * time.Second, 31 * time.Second},
		{fault.Unsupported, 4 * time.Minute, 6 * time.Minute},
		{fault.Invalid, 14 * time.Second, 16 * time.Second},
		{fault.UpstreamUnavailable, time.Second, 3 * time.Second},
		{fault.Internal, 0, 1},
	} {
		e, now := newEngine(t, night, clock), &moving{}
		r := open(t, reader.Options{Engine: e, Clock: now.now})
		e.failWith(fault.New(c.code, "no"))
		ask := func() {
			t.Helper()
			if _, err := r.Prompts(t.Context(), twstools.ListQuery{}); !fault.Is(err, c.code) {
				t.Fatalf("Prompts = %v, want %s", err, c.code)
			}
		}
		ask()
		now.move(c.served)
		if c.served > 0 {
			ask()
		}
		if n := e.total(); n != 1 {
			t.Errorf("%s after %v: %d calls, want 1", c.code, c.served, n)
		}
		now.move(c.asked - c.served)
		ask()
		if n := e.total(); n != 2 {
			t.Errorf("%s after %v: %d calls, want 2", c.code, c.asked, n)
		}
	}
}

// TestRefusedAccountIsSpared: when the engine refuses even its own description, nothing more is asked for a while: accounts get locked. Single
// objects that an account may not see hold up nothing.
func TestRefusedAccountIsSpared(t *testing.T) {
	e, c := newEngine(t, night, clock), &moving{}
	r := open(t, reader.Options{Engine: e, Clock: c.now})
	e.failWith(fault.New(fault.UpstreamDenied, "401"))
	all := func() (calls int) {
		before := e.total()
		_, _ = r.Info(t.Context())
		_, _ = r.Jobs(t.Context(), twstools.ListQuery{})
		_, _ = r.Counts(t.Context(), twstools.CountQuery{})
		_, _ = r.Resources(t.Context(), twstools.ListQuery{})
		_, err := r.Workstations(t.Context(), twstools.ListQuery{})
		if !fault.Is(err, fault.UpstreamDenied) {
			t.Errorf("Workstations = %v", err)
		}
		return e.total() - before
	}
	if n := all(); n != 3 {
		t.Errorf("%d calls before giving up, want 3", n)
	}
	c.move(20 * time.Second)
	if n := all(); n != 0 {
		t.Errorf("%d calls within the rest, want none", n)
	}
	e.failWith(nil)
	c.move(15 * time.Second)
	if _, err := r.Info(t.Context()); err != nil {
		t.Errorf("after the cure: %v", err)
	}
	e.failWith(fault.New(fault.UpstreamDenied, "403"))
	for _, id := range []string{"a", "b", "c", "d"} {
		_, _ = r.Logs(t.Context(), twstools.LogQuery{RunID: id})
	}
	e.failWith(nil)
	if _, err := r.Workstations(t.Context(), twstools.ListQuery{}); err != nil {
		t.Errorf("four logs that may not be read shut out everything: %v", err)
	}
}
