package mcpserver

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// turned is a clock that somebody turns. Timers run when it is turned past them.
type turned struct {
	mu     sync.Mutex
	at     time.Time
	timers map[int]timer
	n      int
}

type timer struct {
	at time.Time
	fn func()
}

func (c *turned) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *turned) after(d time.Duration, fn func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	n := c.n
	c.timers[n] = timer{c.at.Add(d), fn}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, ran := c.timers[n]
		delete(c.timers, n)
		return ran
	}
}

// turn moves the clock on.
func (c *turned) turn(d time.Duration) {
	c.mu.Lock()
	c.at = c.at.Add(d)
	var due []func()
	for n, t := range c.timers {
		if !t.at.After(c.at) {
			due = append(due, t.fn)
			delete(c.timers, n)
		}
	}
	c.mu.Unlock()
	for _, fn := range due {
		fn()
	}
}

func TestProgressPace(t *testing.T) {
	c := &turned{at: time.Unix(1_800_000_000, 0), timers: map[int]timer{}}
	start := c.at
	var told []string
	p := newProgress(clock{c.now, c.after}, func(at toolkit.Progress) {
		told = append(told, fmt.Sprintf("%d@%d", at.Done, c.at.Sub(start).Milliseconds()))
	})
	ms := func(n int) { c.turn(time.Duration(n) * time.Millisecond) }
	p.report(toolkit.Progress{Done: 1})
	ms(299)
	p.report(toolkit.Progress{Done: 5})
	p.report(toolkit.Progress{Done: 4}) // comes late
	ms(1)                               // the first is told, as far as it is now
	p.report(toolkit.Progress{Done: 5}) // nothing new
	ms(600)
	p.report(toolkit.Progress{Done: 6})
	ms(0) // half a second has gone long ago
	p.report(toolkit.Progress{Done: 7})
	ms(499)
	p.report(toolkit.Progress{Done: 8})
	ms(1)
	p.report(toolkit.Progress{Done: 9})
	ms(5)
	if wait := p.end(); wait != settled-5*time.Millisecond {
		t.Errorf("the result waits %s", wait)
	}
	ms(10_000)
	p.report(toolkit.Progress{Done: 10}) // a read that outlives its call
	ms(10_000)
	if got, want := fmt.Sprint(told), "[5@300 6@900 8@1400]"; got != want {
		t.Errorf("told %s, want %s", got, want)
	}
	if len(c.timers) != 0 {
		t.Errorf("%d timers are left", len(c.timers))
	}
}

// A quick call tells nothing and waits for nothing.
func TestProgressOfAQuickCall(t *testing.T) {
	c := &turned{at: time.Unix(1_800_000_000, 0), timers: map[int]timer{}}
	p := newProgress(clock{c.now, c.after}, func(toolkit.Progress) { t.Error("told") })
	p.report(toolkit.Progress{Done: 1})
	if wait := p.end(); wait != 0 || len(c.timers) != 0 {
		t.Errorf("waits %s, %d timers", wait, len(c.timers))
	}
}

// Whatever the order of the reports, what is told grows.
func TestProgressGrows(t *testing.T) {
	last := 0
	p := newProgress(systemClock(), func(at toolkit.Progress) {
		if at.Done <= last {
			t.Errorf("%d after %d", at.Done, last)
		}
		last = at.Done
	})
	p.start = p.start.Add(-time.Hour)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				p.report(toolkit.Progress{Done: rand.IntN(1000)}) // #nosec G404 -- any order will do
			}
		})
	}
	wg.Wait()
	p.end()
}
