package reader

import (
	"context"
	"sync"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Batch is what Changes gives.
type Batch struct {
	Changes []twstools.Change // oldest first; their Job and Run are shared and read only
	// Next is what to pass as since the next time.
	Next uint64
	// Gap: changes after since are lost, because they were more than the ring holds, because the engine could not be watched for a while, or
	// because since is of another process. Whoever keeps a picture of the plan must read it anew; Changes go on from the oldest that is held.
	Gap bool
}

// maxBatch bounds one Batch.
const maxBatch = 1000

// Changes gives what changed after since, the Next of the Batch before, and waits for it where nothing has. since 0 stands for all that is
// held. Waiting keeps the refresher running; a caller who takes long between calls loses nothing but what has left the ring, and holds
// up nobody. When ctx ends first, the error is that of a read that was given up (fault.Timeout), and since stays good.
//
// What can be seen: starts and ends of runs exactly, with the engine's own times; statuses of jobs and job streams that are running or have
// ended badly, at the refresh that saw them; workstations' limit, fence, link and job manager, resources' units, prompts' states; the turn of the
// plan. A job that goes from waiting to ready is not seen.
func (r *Reader) Changes(ctx context.Context, since uint64) (Batch, error) {
	r.watch.waiting.Add(1)
	defer r.watch.waiting.Add(-1)
	for {
		b, wake, ok := r.watch.ring.after(since)
		switch {
		case !ok:
			return Batch{Next: since}, errClosed()
		case len(b.Changes) > 0 || b.Gap:
			return b, nil
		case ctx.Err() != nil:
			return b, left(ctx)
		}
		r.watchNow()
		select {
		case <-wake:
		case <-ctx.Done():
		}
	}
}

// LastSeq is the number of the latest change: whoever wants only what comes passes it as since.
func (r *Reader) LastSeq() uint64 { return r.watch.ring.last() }

// ring holds the latest changes. Numbers begin at the moment of the start in milliseconds, so that those of an earlier process lie before
// the oldest one held and are known for a gap.
type ring struct {
	mu     sync.Mutex
	held   []twstools.Change
	size   int
	oldest uint64 // number of the oldest change that is held, or would be
	next   uint64
	wake   chan struct{}
	closed bool
}

func newRing(size int, at time.Time) *ring {
	first := uint64(max(at.UnixMilli(), 1)) // #nosec G115 -- positive
	return &ring{size: size, oldest: first, next: first, wake: make(chan struct{})}
}

// add numbers the changes and wakes who waits. lost says that others before them could not be seen.
func (g *ring) add(changes []twstools.Change, lost bool) {
	if len(changes) == 0 && !lost {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if lost { // a number that nobody gets: whoever waits for it learns of the gap
		g.held = nil
		g.next++
		g.oldest = g.next
	}
	for _, c := range changes {
		c.Seq = g.next
		g.next++
		g.held = append(g.held, c)
	}
	if n := len(g.held) - g.size; n > 0 {
		g.held = append([]twstools.Change(nil), g.held[n:]...)
		g.oldest += uint64(n) // #nosec G115 -- positive
	}
	close(g.wake)
	g.wake = make(chan struct{})
}

// after gives the changes after since, and what wakes when there are more; ok is false after close.
func (g *ring) after(since uint64) (b Batch, wake <-chan struct{}, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b.Next = since
	from := uint64(0) // place in held
	switch {
	case since == 0:
		b.Next = g.oldest - 1
	case since+1 < g.oldest || since >= g.next:
		b.Gap, b.Next = true, g.oldest-1
	default:
		from = since + 1 - g.oldest
	}
	rest := g.held[min(from, uint64(len(g.held))):]
	b.Changes = append(b.Changes, rest[:min(maxBatch, len(rest))]...)
	if n := len(b.Changes); n > 0 {
		b.Next = b.Changes[n-1].Seq
	}
	return b, g.wake, !g.closed
}

func (g *ring) last() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.next - 1
}

func (g *ring) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.closed = true
		close(g.wake)
		g.wake = make(chan struct{})
	}
}
