// Package courtesy lets those go first who wait for an answer: work that may take its time, such as reading manuals in, rests as long as it has
// worked while people ask in the same process. With nobody asking it costs a few nanoseconds.
package courtesy

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// lately is for how long after an answer the next question is expected: people and assistants ask several in a row.
	lately = 250 * time.Millisecond
	// share is how long is rested for the time worked. With 1 half a core is left of each that works.
	share = 1
	// longest rest: a piece that took seconds has not been worked on by the processor all the time.
	longest = 200 * time.Millisecond
	// shortest piece of work after which a rest is worth a switch.
	shortest = time.Millisecond
)

// Clock is the time; it is real where New gets nil.
type Clock interface {
	Now() time.Time
	// Sleep returns early when the context ends.
	Sleep(ctx context.Context, d time.Duration)
}

// Courtesy knows whether somebody asks. It is safe for concurrent use.
type Courtesy struct {
	clock  Clock
	began  time.Time
	asking atomic.Int64
	last   atomic.Int64 // when the last answer was given, since began; 0 is never
}

// New makes one that nobody has asked yet.
func New(clock Clock) *Courtesy {
	if clock == nil {
		clock = system{}
	}
	return &Courtesy{clock: clock, began: clock.Now()}
}

// Asked says that a question has come. Each is followed by one Answered.
func (c *Courtesy) Asked() { c.asking.Add(1) }

// Answered says that it has been answered, or will not be.
func (c *Courtesy) Answered() {
	c.last.Store(max(1, int64(c.clock.Now().Sub(c.began))))
	c.asking.Add(-1)
}

// Busy reports whether somebody asks now or did a moment ago.
func (c *Courtesy) Busy() bool {
	if c.asking.Load() > 0 {
		return true
	}
	last := c.last.Load()
	return last > 0 && c.clock.Now().Sub(c.began)-time.Duration(last) < lately
}

// Begin says that a worker begins. It belongs to one goroutine.
func (c *Courtesy) Begin() *Work { return &Work{c, c.clock.Now()} }

// Work is what one worker does.
type Work struct {
	courtesy *Courtesy
	since    time.Time
}

// Rest is called between pieces of work. It waits as long as the last one took, provided that somebody asks. When the context ends it
// returns at once.
func (w *Work) Rest(ctx context.Context) {
	now := w.courtesy.clock.Now()
	if worked := now.Sub(w.since); w.courtesy.Busy() {
		if worked < shortest {
			return
		}
		w.courtesy.clock.Sleep(ctx, min(share*worked, longest))
		now = w.courtesy.clock.Now()
	}
	w.since = now
}

type system struct{}

func (system) Now() time.Time { return time.Now() }

func (system) Sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
