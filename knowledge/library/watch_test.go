package library_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/library"
)

// round is what a watcher told.
type round struct {
	library.Report
	err error
}

// watched is a folder under a watcher whose rounds a test begins one by one, in a bubble that shows when a round is over.
type watched struct {
	t     *testing.T
	dir   string
	ticks chan time.Time
	told  []round
	mu    sync.Mutex
	now   time.Time
}

// watch starts a watcher of paths, and waits for its first round.
func watch(t *testing.T, shelf library.Shelf, paths ...string) *watched {
	w := &watched{t: t, dir: paths[0], ticks: make(chan time.Time), now: time.Now()}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	o := library.IngestOptions{Paths: paths, Prune: true, Now: func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.now
	}}
	go func() {
		defer close(done)
		library.Watch(ctx, shelf, o, w.ticks, func(r library.Report, err error) { w.told = append(w.told, round{r, err}) })
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	synctest.Wait()
	return w
}

// round has the watcher look once, and gives what was told since it was last asked.
func (w *watched) round() []round {
	w.ticks <- time.Time{}
	return w.first()
}

// first gives what was told so far.
func (w *watched) first() []round {
	synctest.Wait()
	told := w.told
	w.told = nil
	return told
}

func (w *watched) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// put writes a file with a time beside the watcher's clock.
func (w *watched) put(name, text string, age time.Duration) {
	w.t.Helper()
	file := filepath.Join(w.dir, name)
	write(w.t, file, text)
	w.mu.Lock()
	at := w.now.Add(-age)
	w.mu.Unlock()
	if err := os.Chtimes(file, at, at); err != nil {
		w.t.Fatal(err)
	}
}

// TestWatch: what comes, changes and goes below a watched folder does so on the shelf; a quiet folder tells and writes nothing.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, other := t.TempDir(), filepath.Join(t.TempDir(), "later")
		write(t, filepath.Join(dir, "a.md"), "# A\n\nalpha\n")
		shelf := library.NewMemory()
		w := watch(t, shelf, dir, other)
		if told := w.first(); len(told) != 1 || told[0].Added != 1 || !fault.Is(told[0].err, fault.Invalid) {
			t.Fatalf("at the start: %+v", told)
		}
		turn, _ := shelf.Turn(t.Context())
		for range 3 {
			if told := w.round(); len(told) != 0 {
				t.Errorf("a quiet round tells %+v", told)
			}
		}
		if now, _ := shelf.Turn(t.Context()); now != turn {
			t.Errorf("a quiet round writes: %+v, before %+v", now, turn)
		}
		w.put("b.md", "# B\n\nbeta\n", time.Minute)
		w.put("bad.md", "# B\n\x00\n", time.Minute)
		if told := w.round(); len(told) != 1 || told[0].Added != 1 || len(told[0].Problems) != 1 {
			t.Errorf("a new file: %+v", told)
		}
		if err := os.Remove(filepath.Join(dir, "a.md")); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(other, "c.md"), "# C\n\ngamma\n")
		if told := w.round(); len(told) != 1 || told[0].Removed != 1 || told[0].Added != 1 || told[0].err != nil {
			t.Errorf("one is gone, and another folder has come: %+v", told)
		}
		if err := os.RemoveAll(other); err != nil {
			t.Fatal(err)
		}
		told := w.round()
		if got := names(t, shelf); len(told) != 1 || told[0].err == nil || !slices.Equal(got, []string{"b.md", "c.md"}) {
			t.Errorf("a folder that cannot be reached takes its documents with it: %v, %+v", got, told)
		}
	})
}

// TestWatchWaits: a file that somebody is still writing is read when it has been left alone.
func TestWatchWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a.md"), "# A\n\nalpha\n")
		shelf := library.NewMemory()
		w := watch(t, shelf, dir)
		w.first()
		w.put("young.md", "# Young\n\nhalf", time.Second)
		w.put("a.md", "# A\n\nalpha is being", time.Second)
		if told := w.round(); len(told) != 0 || len(names(t, shelf)) != 1 || find(t, shelf, "a.md").Size != 11 {
			t.Errorf("files that are a second old were read: %+v", told)
		}
		w.advance(2 * time.Second)
		if told := w.round(); len(told) != 1 || told[0].Added != 1 || told[0].Changed != 1 {
			t.Errorf("when they had been left alone: %+v", told)
		}
		// One that grows with an old time, as with a copy that keeps times.
		for i := range 3 {
			w.put("a.md", "# A\n\n"+strings.Repeat("more\n", i+1), time.Hour)
			if told := w.round(); len(told) != 0 {
				t.Errorf("a file that changes from round to round was read: %+v", told)
			}
		}
		if told := w.round(); len(told) != 1 || told[0].Changed != 1 || find(t, shelf, "a.md").Lines != 5 {
			t.Errorf("when it had stopped growing: %+v", told)
		}
	})
}

// TestWatchEnds: it ends with its context and with its ticks, also while it ingests.
func TestWatchEnds(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.md"), "# A\n\nalpha\n")
	ticks := make(chan time.Time)
	close(ticks)
	rounds := 0
	library.Watch(t.Context(), library.NewMemory(), library.IngestOptions{Paths: []string{dir}}, ticks, func(library.Report, error) { rounds++ })
	if rounds != 1 {
		t.Errorf("%d rounds were told, want the first", rounds)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	library.Watch(ctx, library.NewMemory(), library.IngestOptions{Paths: []string{dir}}, nil, func(r library.Report, err error) { t.Errorf("told after the end: %+v, %v", r, err) })
}
