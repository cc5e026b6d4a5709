package alert_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/alert"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

// A restart repeats nothing, and forgets nothing that is still to be sent; on both databases.
func TestRestart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, alert.Room())
		c := &clock{t: monday}
		x := receive(t, nil)
		h := hook("ops", x.URL)
		first := book(t, db, c)
		observe(t, first, seen(c, finding("a", alert.High), finding("b", alert.High)), h)
		c.advance(time.Minute)

		again := book(t, db, c) // the process came back, with the message unsent
		observe(t, again, seen(c, finding("a", alert.Critical), finding("b", alert.High)), h)
		if n := flush(t, watch(t, again, c, h)); n != 0 {
			t.Errorf("%d still wait", n)
		}
		c.advance(time.Minute)
		third := book(t, db, c)
		observe(t, third, seen(c, finding("a", alert.Critical)), h)
		c.advance(settle)
		observe(t, third, seen(c, finding("a", alert.Critical)), h)
		flush(t, watch(t, third, c, h))
		if got := all(t, x.deliveries()); got != "appeared a, appeared b | worse a | ended b" {
			t.Errorf("told: %s", got)
		}
		ids := map[string]bool{}
		for _, d := range x.deliveries() {
			ids[d.header.Get(alert.DeliveryHeader)] = true
		}
		if len(ids) != 3 {
			t.Errorf("ids of deliveries: %v", ids)
		}
	})
}

// Two processes that see the same at the same moment tell it once, and only one of them sends.
func TestTwoProcesses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, alert.Room())
		c := &clock{t: monday}
		x := receive(t, nil)
		h := hook("ops", x.URL)
		var nodes sync.WaitGroup
		for range 4 {
			nodes.Go(func() {
				b := book(t, db, c)
				w := watch(t, b, c, h)
				for i := range 6 {
					if _, err := b.Observe(t.Context(), seen(c, finding(fmt.Sprint("f", i), alert.High)), rules(h)); err != nil {
						t.Error(err)
						return
					}
					for {
						more, err := w.Send(t.Context(), h)
						if err != nil {
							t.Error(err)
						}
						if !more {
							break
						}
					}
				}
				if _, err := w.Flush(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		nodes.Wait()
		flush(t, watch(t, book(t, db, c), c, h))
		seenIDs, deliveries := map[string]int{}, x.deliveries()
		for _, d := range deliveries {
			seenIDs[events(t, d)]++
		}
		if len(deliveries) != 6 || len(seenIDs) != 6 {
			t.Errorf("four processes told six findings as %v", seenIDs)
		}
	})
}

// A receiver that does not take messages is told nothing new while its queue is full, and everything that still stands afterwards. Nothing blocks.
func TestFullQueue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, alert.Room())
		c := &clock{t: monday}
		x := receive(t, nil)
		h := hook("ops", x.URL)
		b := book(t, db, c)
		var fs []alert.Finding
		full := 0
		for i := range 103 {
			fs = append(fs, finding(fmt.Sprintf("f%03d", i), alert.High))
			names, err := b.Observe(t.Context(), seen(c, fs...), rules(h))
			if err != nil {
				t.Fatal(err)
			}
			full += len(names)
		}
		if n, err := b.Waiting(t.Context(), "ops"); n != 100 || err != nil || full != 3 {
			t.Errorf("%d wait (%v), said full %d times", n, err, full)
		}
		flush(t, watch(t, b, c, h))
		observe(t, b, seen(c, fs...), h)
		flush(t, watch(t, b, c, h))
		got := x.deliveries()
		if last := events(t, got[len(got)-1]); last != "appeared f100, appeared f101, appeared f102" {
			t.Errorf("afterwards: %s", last)
		}
	})
}

// A message that nobody took for a day is not sent any more; webhooks are told apart.
func TestOldMessages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, alert.Room())
		c := &clock{t: monday}
		x := receive(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
		y := receive(t, nil)
		down, up := hook("down", x.URL), hook("up", y.URL)
		up.MinSeverity = alert.Critical
		b := book(t, db, c)
		observe(t, b, seen(c, finding("a", alert.High), finding("k", alert.Critical)), down, up)
		w := watch(t, b, c, down, up)
		if n := flush(t, w); n != 1 {
			t.Errorf("%d wait, want that of the one that is down", n)
		}
		if got := all(t, y.deliveries()); got != "appeared k" {
			t.Errorf("the one that is up was told %s", got)
		}
		c.advance(25 * time.Hour)
		if n := flush(t, watch(t, b, c, down)); n != 0 || len(x.deliveries()) != 1 {
			t.Errorf("after a day %d wait, %d were tried", n, len(x.deliveries()))
		}
	})
}
