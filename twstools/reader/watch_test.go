package reader_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
)

// TestCostDoesNotGrowWithReaders: one reader or a thousand, the engine is asked equally often, and at most 12 times for a refresh.
func TestCostDoesNotGrowWithReaders(t *testing.T) {
	cost := func(readers int) (perInterval []int) {
		synctest.Test(t, func(t *testing.T) {
			e := newEngine(t, night, time.Now())
			r, err := reader.Open(reader.Options{Engine: e, Name: "default"})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close() }()
			ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute+time.Second)
			defer stop()
			var wg sync.WaitGroup
			wg.Go(func() { _, _ = r.Changes(ctx, r.LastSeq()) })
			<-time.After(time.Second) // the refresher's beat and that of the readers do not meet
			for i := range readers {
				wg.Go(func() { // each looks at a page every five seconds; some wait for changes as well
					for ctx.Err() == nil {
						_, _ = r.Counts(ctx, twstools.CountQuery{GroupBy: []string{"status"}})
						_, _ = r.Jobs(ctx, twstools.ListQuery{Where: query.AnyOf("jobruns.commonStatus", "ERROR", "RUNNING"), Limit: 1000})
						_, _ = r.Workstations(ctx, twstools.ListQuery{Limit: 10_000})
						_, _ = r.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobStreamName", "S")})
						select {
						case <-time.After(5 * time.Second):
						case <-ctx.Done():
						}
					}
				})
				if i%10 == 0 {
					wg.Go(func() { _, _ = r.Changes(ctx, r.LastSeq()) })
				}
			}
			<-time.After(7 * time.Second)
			before := e.total()
			for range 7 {
				<-time.After(15 * time.Second)
				synctest.Wait()
				n := e.total()
				perInterval = append(perInterval, n-before)
				before = n
			}
			wg.Wait()
			if n := r.Stats().RefreshCalls; n == 0 || n > 12 {
				t.Errorf("a refresh made %d reads, want 1 to 12", n)
			}
		})
		return perInterval
	}
	one, thousand := cost(1), cost(1000)
	if !slices.Equal(one, thousand) || one[len(one)-1] == 0 {
		t.Errorf("calls per interval: with one reader %v, with a thousand %v", one, thousand)
	}
	t.Logf("calls per interval %v", one)
}

// TestRefresherRestsWhenNobodyReads: a single question starts no refresh at once, and none at all after a while.
func TestRefresherRestsWhenNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, night, time.Now())
		r, err := reader.Open(reader.Options{Engine: e, Name: "default"})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		if _, err := r.Info(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-time.After(14 * time.Second)
		if n := e.total(); n != 1 {
			t.Errorf("one question cost %d calls", n)
		}
		<-time.After(10 * time.Minute)
		calls := e.total()
		<-time.After(10 * time.Minute)
		if n := e.total(); n != calls || calls > 30 || r.Stats().RefresherRunning {
			t.Errorf("%d calls in the first ten minutes, %d in the next, though nobody reads", calls, n-calls)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // waiting for changes is use
		defer cancel()
		_, _ = r.Changes(ctx, r.LastSeq())
		if n := e.total() - calls; n < 40*8 {
			t.Errorf("%d calls in ten minutes of waiting, want a refresh each 15 s", n)
		}
	})
}
