package history_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

// TestTheEmbeddedDatabaseStaysBelowItsBound writes several times what fits, with names of random length, bad ends, properties and
// counts: the file never outgrows the bound, and what is newest is there.
func TestTheEmbeddedDatabaseStaysBelowItsBound(t *testing.T) {
	const bound = 4 << 20
	o := store.Options{Dir: t.TempDir(), File: "history", Rooms: []store.Room{history.Room()}}
	db := storetest.Open(t, o)
	c := &clock{t: monday}
	h := open(t, db, func(o *history.Options) { o.MaxBytes, o.Now = bound, c.now })
	other := open(t, db, func(o *history.Options) { o.MaxBytes, o.Now, o.Engine = bound, c.now, "second" })
	rng := rand.New(rand.NewPCG(7, 7))
	var newest twstools.Key
	var written int64
	largest := int64(0)
	for round := range 20 {
		now := monday.Add(time.Duration(round) * time.Hour)
		c.advance(time.Hour)
		var changes []twstools.Change
		for i := range 300 {
			k := job(fmt.Sprintf("J%05d%0*d", rng.IntN(8000), 1+rng.IntN(30), i), now)
			k.Engine = ""
			status := succ
			if rng.IntN(5) == 0 {
				status = abend
			}
			change := ended(k, now.Add(time.Duration(i)*time.Second), now.Add(time.Duration(i+60)*time.Second), status)
			change.Run.ID = fmt.Sprintf("%08x-%04x-4000-8000-%012x", rng.Uint32(), rng.Uint32()&0xffff, rng.Uint64()&0xffffffffffff)
			changes = append(changes, change)
			if i == 299 {
				newest = k
			}
		}
		counts := history.Counts{At: now, Total: 300, ByStatus: map[string]int{"SUCC": 200, "ABEND": 20}}
		for _, to := range []*history.History{h, other} {
			if err := to.Observe(t.Context(), changes, &counts); err != nil {
				t.Fatal(err)
			}
			written += int64(len(changes))
			info, err := os.Stat(filepath.Join(o.Dir, "history.db"))
			if err != nil {
				t.Fatal(err)
			}
			if largest = max(largest, info.Size()); largest > bound {
				t.Fatalf("after %d runs the file has %d bytes, the bound is %d", written, info.Size(), bound)
			}
		}
	}
	t.Logf("%d runs of as many jobs written, the file grew to %d of %d bytes", written, largest, bound)
	if largest < bound/2 {
		t.Errorf("the file grew to %d bytes alone: the test proves nothing", largest)
	}
	for _, from := range []*history.History{h, other} {
		if got, err := from.Runs(t.Context(), newest, 0); err != nil || len(got) != 1 {
			t.Errorf("the newest run is gone: %v, %v", got, err)
		}
	}
	if got, err := h.Abnormal(t.Context(), monday, monday.Add(time.Hour)); err != nil || len(got) != 0 {
		t.Errorf("the oldest must go first: %d events, %v", len(got), err)
	}
}

func TestWhatIsOldGoes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		c := &clock{t: monday}
		h := open(t, on.Open(t, history.Room()), func(o *history.Options) { o.Now, o.Keep = c.now, 30*24*time.Hour })
		days(t, h, "OLD", monday, 1, 0, time.Hour)
		observe(t, h, ended(job("OLD", monday), monday, monday.Add(time.Hour), abend), ended(job("NEW", monday), monday, monday.Add(time.Hour), succ))
		if err := h.Observe(t.Context(), nil, &history.Counts{At: monday, Total: 1}); err != nil {
			t.Fatal(err)
		}
		c.advance(31 * 24 * time.Hour)
		days(t, h, "NEW", c.now(), 1, 0, time.Hour)
		if got, err := h.Runs(t.Context(), job("OLD", monday), 0); err != nil || len(got) != 0 {
			t.Errorf("old runs = %v, %v", got, err)
		}
		if got, err := h.Runs(t.Context(), job("NEW", monday), 100); err != nil || len(got) == 0 || !got[0].Sched.Equal(c.now()) {
			t.Errorf("runs of a job that still runs = %v, %v", got, err)
		}
		if got, err := h.Happened(t.Context(), monday, monday.AddDate(0, 0, 1)); err != nil || len(got.Events) != 0 || got.First != nil {
			t.Errorf("old events = %+v, %v", got, err)
		}
	})
}

// What was read of one engine's archived plans stays known when another engine's history is cleared of what is old.
func TestOldThingsOfOneEngineGoAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, history.Room())
		c := &clock{t: monday}
		plans := &archived{plans: 9}
		second := func() *history.History {
			return open(t, db, func(o *history.Options) { o.Engine, o.Now, o.Plans = "second", c.now, plans })
		}
		key := job("A", monday)
		key.Engine = "second"
		ask := func(want int64) {
			t.Helper()
			if _, source, err := second().Usual(t.Context(), key); err != nil || source != history.SourceArchive || plans.jobs.Load() != want {
				t.Errorf("usual from %q, %v, %d archived plans were read, want %d", source, err, plans.jobs.Load(), want)
			}
		}
		ask(7)
		c.advance(31 * 24 * time.Hour)
		first := open(t, db, func(o *history.Options) { o.Now, o.Keep = c.now, 30*24*time.Hour })
		days(t, first, "B", c.now(), 1, 0, time.Hour)
		ask(7)
	})
}
