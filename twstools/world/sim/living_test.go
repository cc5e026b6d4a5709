package sim_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/world/sim"
)

// TestLogsGrow holds that a running job's log only grows, and that only an ended run has a trailer.
func TestLogsGrow(t *testing.T) {
	s := bank(t)
	last := map[string]string{}
	grown := 0
	for at := nine; at.Before(nine.Add(20 * time.Hour)); at = at.Add(3 * time.Minute) {
		s.Advance(at)
		w := s.World()
		for _, j := range w.Jobs {
			for _, r := range j.Runs {
				l := w.Logs[r.ID]
				if (l.Trailer != "") == r.End.IsZero() {
					t.Fatalf("%s.%s: ended %v, trailer %q", j.Stream, j.Name, r.End, l.Trailer)
				}
				if text := l.Header + l.Body; !strings.HasPrefix(text, last[r.ID]) {
					t.Fatalf("%s.%s has changed what it wrote:\n%s\n---\n%s", j.Stream, j.Name, last[r.ID], text)
				} else if last[r.ID] != "" && text != last[r.ID] {
					grown++
				}
				last[r.ID] = l.Header + l.Body
			}
		}
	}
	if grown < 100 {
		t.Errorf("logs grew %d times only", grown)
	}
}

// TestSnapshotsStay holds that a world that was taken does not change afterwards.
func TestSnapshotsStay(t *testing.T) {
	s := bank(t)
	s.Advance(nine.Add(15 * time.Hour))
	w := s.World()
	before := bytesOf(t, w)
	s.Advance(nine.Add(26 * time.Hour))
	s.World()
	if after := bytesOf(t, w); after != before {
		t.Errorf("a snapshot changed: %s", difference(before, after))
	}
}

// TestLive holds that many readers of a living plant see one world a second, moving with the clock and never back.
func TestLive(t *testing.T) {
	var mu sync.Mutex
	now := nine
	l := sim.Live(bank(t), func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	})
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			var last time.Time
			for range 200 {
				w := l.World()
				if w.AsOf.Before(last) {
					t.Errorf("the plant went back to %v", w.AsOf)
				}
				last = w.AsOf
				mu.Lock()
				now = now.Add(7 * time.Second)
				mu.Unlock()
			}
		})
	}
	readers.Wait()
	if w := l.World(); w != l.World() || !w.AsOf.After(nine.Add(time.Hour)) {
		t.Errorf("the clock stands at %v, the plant at %v", now, w.AsOf)
	}
	was := l.World()
	if err := l.With(func(s *sim.Sim) error { return s.Unlink("ANCCOR01") }); err != nil {
		t.Fatal(err)
	}
	if w := l.World(); w == was || slices.Contains(stationOf(w, "ANCCOR01").ActiveStates, "LINKED") {
		t.Error("an intervention does not show")
	}
	now = nine
	if w := l.World(); w.AsOf.Before(was.AsOf) {
		t.Errorf("with the clock put back the plant is at %v, was at %v", w.AsOf, was.AsOf)
	}
	f := sim.Frozen(bank(t))
	if first := f(); first != f() {
		t.Error("a frozen plant gives two worlds")
	}
}
