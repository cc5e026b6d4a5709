package history_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

// TestReadOnlyKeepsNothing: a History that may not write answers from what is kept, joins archived plans to it, and leaves no trace.
func TestReadOnlyKeepsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, history.Room())
		days(t, open(t, db, nil), "A", monday, 2, 0, time.Hour)
		plans := &archived{plans: 9}
		h := open(t, db, func(o *history.Options) { o.Plans, o.ReadOnly = plans, true })
		for range 2 {
			u, source, err := h.Usual(t.Context(), job("A", monday))
			if err != nil || source != history.SourceArchive || u.Runs != 9 || u.Duration.Median != 20*time.Minute {
				t.Errorf("usual = %+v from %q, %v", u, source, err)
			}
		}
		if lists, jobs := plans.lists.Load(), plans.jobs.Load(); lists != 1 || jobs != 7 {
			t.Errorf("%d lists and %d plans were read, want 1 and 7", lists, jobs)
		}
		if err := h.Observe(t.Context(), []twstools.Change{ended(job("A", monday), monday, monday.Add(time.Hour), succ)}, nil); err == nil {
			t.Error("it kept a change")
		}
		if runs, err := open(t, db, nil).Runs(t.Context(), job("A", monday), 0); err != nil || len(runs) != 2 {
			t.Errorf("%d runs are kept, %v; want the 2 of before", len(runs), err)
		}
	})
}

// TestWithoutADatabase: the first command on a new machine has archived plans alone.
func TestWithoutADatabase(t *testing.T) {
	h, err := history.Open(t.Context(), history.Options{Engine: "default", Now: func() time.Time { return monday }, ReadOnly: true, Plans: &archived{plans: 9}})
	if err != nil {
		t.Fatal(err)
	}
	u, source, err := h.Usual(t.Context(), job("A", monday))
	if err != nil || source != history.SourceArchive || u.Runs != 7 {
		t.Errorf("usual = %+v from %q, %v", u, source, err)
	}
	if _, known, err := h.Before(t.Context(), job("A", monday), monday); known || err != nil {
		t.Errorf("known %v, %v", known, err)
	}
	if got, err := h.Happened(t.Context(), monday, monday.Add(time.Hour)); err != nil || len(got.Events) != 0 || len(got.Gaps) != 1 {
		t.Errorf("happened = %+v, %v; want nothing, and that nobody watched", got, err)
	}
	if _, err := history.Open(context.Background(), history.Options{Engine: "default", Now: time.Now}); err == nil {
		t.Error("a history that shall keep things needs a database")
	}
	gone := &archived{plans: 3, err: errors.New("away")}
	h, err = history.Open(t.Context(), history.Options{Engine: "default", Now: func() time.Time { return monday }, ReadOnly: true, Plans: gone})
	if err != nil {
		t.Fatal(err)
	}
	if u, source, err := h.Usual(t.Context(), job("A", monday)); err != nil || source != history.SourceNone || u.Unread == nil {
		t.Errorf("usual = %+v from %q, %v; want silence, and why", u, source, err)
	}
}
