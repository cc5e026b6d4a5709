package history_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

// feed is a reader's: it fails when it is told to, and notes what it was asked.
type feed struct {
	mu      sync.Mutex
	all     []twstools.Change
	fail    bool
	asked   []uint64
	counted int
}

func (f *feed) Changes(_ context.Context, since uint64) ([]twstools.Change, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, since)
	if f.fail {
		return nil, errors.New("no")
	}
	return f.all[since:], nil
}

func (f *feed) Counts(context.Context, twstools.CountQuery) (twstools.Counts, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counted++
	return twstools.Counts{Total: 3, Groups: map[string]int{"SUCC": 3}}, nil
}

func TestFollow(t *testing.T) {
	db := storetest.SQLite.Open(t, history.Room())
	c := &clock{t: monday}
	h := open(t, db, func(o *history.Options) { o.Now = c.now })
	f := &feed{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ticks := make(chan time.Time)
	done := make(chan struct{})
	go func() { defer close(done); h.Follow(ctx, f, f, ticks) }()
	tick := func() { ticks <- c.now() } // unbuffered: the second of two waits for the first one's work
	add := func(name string, n int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for d := range n {
			change := ended(job(name, monday.AddDate(0, 0, d)), monday.AddDate(0, 0, d), monday.AddDate(0, 0, d).Add(time.Hour), succ)
			change.Seq = uint64(len(f.all) + 1)
			f.all = append(f.all, change)
		}
	}
	add("A", 3)
	tick()
	tick()
	f.mu.Lock()
	f.fail = true
	f.mu.Unlock()
	add("B", 2)
	c.advance(time.Minute)
	tick()
	tick()
	f.mu.Lock()
	f.fail = false
	f.mu.Unlock()
	tick()
	tick()
	cancel()
	<-done
	for name, want := range map[string]int{"A": 3, "B": 2} {
		if d, err := h.Digest(t.Context(), job(name, monday)); err != nil || d.Ended != want {
			t.Errorf("%s: %+v, %v, want %d runs", name, d, err, want)
		}
	}
	if f.counted != 2 {
		t.Errorf("counted %d times in two minutes", f.counted)
	}
	if got, err := h.CountsBetween(t.Context(), monday, monday.Add(time.Hour)); err != nil || len(got) != 2 || got[0].Total != 3 {
		t.Errorf("counts = %+v, %v", got, err)
	}
	if last := f.asked[len(f.asked)-1]; last != 5 {
		t.Errorf("asked for what comes after %d, want 5: %v", last, f.asked)
	}
}

// TestFollowKeepsItsPlaceWhenTheDatabaseFails: what could not be kept is taken again.
func TestFollowKeepsItsPlaceWhenTheDatabaseFails(t *testing.T) {
	db := storetest.SQLite.Open(t, history.Room())
	h := open(t, db, nil)
	f := &feed{}
	change := ended(job("A", monday), monday, monday.Add(time.Hour), succ)
	change.Seq = 1
	f.all = append(f.all, change)
	if _, err := db.Read().ExecContext(t.Context(), "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	ticks := make(chan time.Time, 2)
	ticks <- monday
	ticks <- monday
	close(ticks)
	h.Follow(t.Context(), f, nil, ticks)
	if len(f.asked) != 2 || f.asked[1] != 0 {
		t.Errorf("asked after %v, want 0 both times", f.asked)
	}
}
