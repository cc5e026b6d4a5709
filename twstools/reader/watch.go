package reader

import (
	"context"
	"crypto/rand"
	"sync"
	"sync/atomic"
	"time"
)

// idleIntervals is for how many intervals after the last read the refresher goes on.
const idleIntervals = 2

// watch is the refresher: what it has seen, and whether it runs.
type watch struct {
	ring    *ring
	holder  string       // of the lease
	waiting atomic.Int64 // callers in Changes
	lastUse atomic.Int64 // of the Reader, Unix nanoseconds

	run  sync.Mutex // one refresh at a time
	seen sighting   // guarded by run

	mu        sync.Mutex
	running   bool
	hurry     chan struct{} // a first refresh is wanted at once
	refreshed time.Time
	calls     int
	err       error
	mirror    Mirror
}

func newWatch(o Options) watch {
	return watch{ring: newRing(o.Ring, o.Clock()), holder: rand.Text(), seen: newSighting(), hurry: make(chan struct{}, 1)}
}

func (w *watch) stats(s *Stats) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.Refreshed, s.RefreshCalls, s.RefreshError, s.RefresherRunning = w.refreshed, w.calls, w.err, w.running
}

// touch notes that somebody reads, and starts the refresher, which waits one interval before its first refresh: a command that asks one
// question and ends costs the engine nothing more.
func (r *Reader) touch() {
	r.watch.lastUse.Store(r.o.Clock().UnixNano())
	r.startWatch()
}

// watchNow starts the refresher and asks for a refresh at once where there was none yet, for somebody waits for changes.
func (r *Reader) watchNow() {
	r.watch.lastUse.Store(r.o.Clock().UnixNano())
	r.startWatch()
	r.watch.mu.Lock()
	fresh := !r.watch.refreshed.IsZero() && r.o.Clock().Sub(r.watch.refreshed) < r.o.Interval
	r.watch.mu.Unlock()
	if fresh {
		return
	}
	select {
	case r.watch.hurry <- struct{}{}:
	default:
	}
}

func (r *Reader) startWatch() {
	w := &r.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.running {
		w.running = r.start(r.keepWatch)
	}
}

// keepWatch refreshes until nobody has read or waited for a while.
func (r *Reader) keepWatch() {
	tick := time.NewTicker(r.o.Interval)
	defer tick.Stop()
	for {
		select {
		case <-r.base.Done():
		case <-tick.C:
		case <-r.watch.hurry:
			tick.Reset(r.o.Interval)
		}
		if r.base.Err() != nil || r.idle() {
			return
		}
		if err := r.Refresh(r.base); err != nil && r.base.Err() == nil {
			r.o.Logger.DebugContext(r.base, "refresh", "engine", r.o.Name, "error", err)
		}
	}
}

// idle reports whether the refresher may end, and if so takes note that it does.
func (r *Reader) idle() bool {
	w := &r.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	used := time.Unix(0, w.lastUse.Load())
	if w.waiting.Load() > 0 || r.o.Clock().Sub(used) <= idleIntervals*r.o.Interval {
		return false
	}
	w.running = false
	return true
}

// leads reports whether this process is the one that refreshes from the engine. The others take what it wrote into the store.
func (r *Reader) leads(ctx context.Context) bool {
	if r.o.Store == nil {
		return true
	}
	return r.o.Store.Lease(ctx, r.planKey()+":lease", r.watch.holder, leaseFactor*r.o.Interval)
}
