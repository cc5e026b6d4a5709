package history_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

// script is a feed that gives one prepared answer a call, and then waits for its caller to leave.
type script struct {
	answers []func() (history.Batch, error)
	asked   []uint64
	spent   chan struct{}
}

func (s *script) feed(ctx context.Context, since uint64) (history.Batch, error) {
	s.asked = append(s.asked, since)
	if len(s.answers) == 0 {
		close(s.spent)
		<-ctx.Done()
		return history.Batch{Next: since}, fault.Wrap(fault.Timeout, ctx.Err(), "left")
	}
	a := s.answers[0]
	s.answers = s.answers[1:]
	return a()
}

func (s *script) run(t *testing.T, h *history.History) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.spent = make(chan struct{})
	done := make(chan struct{})
	go func() { defer close(done); h.Follow(ctx, s.feed) }()
	<-s.spent
	cancel()
	<-done
}

func daysOf(name string, n int) []twstools.Change {
	var out []twstools.Change
	for d := range n {
		sched := monday.AddDate(0, 0, d)
		out = append(out, ended(job(name, sched), sched, sched.Add(time.Hour), succ))
	}
	return out
}

func TestFollowGoesOnWhereItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		h := open(t, on.Open(t, history.Room()), func(o *history.Options) { o.Retry = time.Millisecond })
		lost := twstools.Key{Engine: "default"}
		s := &script{answers: []func() (history.Batch, error){
			func() (history.Batch, error) { return history.Batch{Changes: daysOf("A", 3), Next: 7}, nil },
			func() (history.Batch, error) {
				return history.Batch{}, fault.New(fault.UpstreamUnavailable, "no answer")
			},
			func() (history.Batch, error) {
				return history.Batch{Changes: daysOf("B", 2), Next: 20, Gap: true}, nil
			},
		}}
		s.run(t, h)
		if want := []uint64{0, 7, 7, 20}; !slices.Equal(s.asked, want) {
			t.Errorf("asked after %v, want %v", s.asked, want)
		}
		for name, want := range map[string]int{"A": 3, "B": 2} {
			if d, err := h.Digest(t.Context(), job(name, monday)); err != nil || d.Ended != want {
				t.Errorf("%s: %+v, %v, want %d runs", name, d, err, want)
			}
		}
		got, err := h.Happened(t.Context(), h.Now().Add(-time.Hour), h.Now().Add(time.Hour))
		if err != nil || len(got.Events) != 1 || got.Events[0].Kind != history.Lost || got.Events[0].Key != lost {
			t.Errorf("a gap must be remembered: %+v, %v", got.Events, err)
		}
	})
}

// TestFollowKeepsItsPlaceWhenTheDatabaseFails: what could not be kept is taken again.
func TestFollowKeepsItsPlaceWhenTheDatabaseFails(t *testing.T) {
	db := storetest.SQLite.Open(t, history.Room())
	h := open(t, db, func(o *history.Options) { o.Retry = time.Millisecond })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	give := func() (history.Batch, error) { return history.Batch{Changes: daysOf("A", 1), Next: 5}, nil }
	s := &script{answers: []func() (history.Batch, error){give, give}}
	s.run(t, h)
	if want := []uint64{0, 0, 0}; !slices.Equal(s.asked, want) {
		t.Errorf("asked after %v, want %v", s.asked, want)
	}
}

// counter fails at its second call.
type counter struct {
	mu    sync.Mutex
	calls int
}

func (c *counter) Counts(_ context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls++; c.calls == 2 || len(q.GroupBy) != 1 {
		return twstools.Counts{}, errors.New("no")
	}
	return twstools.Counts{Total: c.calls, Groups: map[string]int{"SUCC": c.calls}}, nil
}

func TestFollowCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		c := &clock{t: monday}
		h := open(t, on.Open(t, history.Room()), func(o *history.Options) { o.Now = c.now })
		ticks := make(chan time.Time)
		done := make(chan struct{})
		counts := &counter{}
		go func() { defer close(done); h.FollowCounts(t.Context(), counts, ticks) }()
		for range 3 {
			ticks <- c.now()
			ticks <- c.now() // taken when the one before has been worked off
			c.advance(time.Minute)
		}
		close(ticks)
		<-done
		got, err := h.CountsBetween(t.Context(), monday, monday.Add(time.Hour))
		if err != nil || len(got) < 3 || counts.calls != 6 {
			t.Fatalf("counts = %+v after %d calls, %v", got, counts.calls, err)
		}
		if got[0].ByStatus["SUCC"] != got[0].Total {
			t.Errorf("counts = %+v", got[0])
		}
	})
}
