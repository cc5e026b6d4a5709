package hwa

import (
	"fmt"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// When a breaker opens and for how long. A question costs a handful of calls, each tried twice at most, so twenty outcomes are more than one question's bad
// luck; five seconds are well below a refresh of 15 s, so a server that is well again is noticed by the next one.
const (
	breakerSpan  = 30 * time.Second
	breakerLeast = 20 // outcomes within the span before a rate means anything
	breakerRest  = 5 * time.Second
	longestRest  = time.Minute // however long a server asks to be left alone
)

// outcome is what one call says about whoever was called.
type outcome int

const (
	nothing outcome = iota // the caller went away, or the answer was about something else
	served
	broken
)

// breaker keeps calls away from a server that fails most of them: closed while it serves, open for a while after half of the calls failed,
// then half open, which lets one call through to see. The circuit breaker of failsafe-go v0.9.8 would do this too, but its
// clock cannot be set from outside, it does not say since when it is open, and its retry budget looks at the calls under way, of which there are four. Safe for concurrent use; all time is the caller's.
type breaker struct {
	mu      sync.Mutex
	calls   tally
	failing time.Time // the first failure after the last success; zero while well
	opened  time.Time
	until   time.Time // zero while closed
	probing bool      // half open, and the one call is under way
	last    *fault.Error

	proven   bool // the credentials were accepted once
	refusals int  // how often they were refused since
}

// How long credentials are kept back that the engine refuses. Directory servers lock an account after a few wrong passwords within a quarter of an hour or so:
// those that were never accepted are sent three times in any. Those that were accepted before may meet a path with rules of its own, or an engine
// whose directory server is away for a moment, so they get more patience at first; refusals that last end at the same pace.
var (
	neverAccepted = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}
	onceAccepted  = []time.Duration{0, 0, 30 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}
)

// openError stands for a call that was not made because the breaker is open.
type openError struct {
	since, until time.Time
	last         *fault.Error // what the latest call ended with
}

func (e *openError) Error() string {
	return fmt.Sprintf("failing since %s, not called before %s", stamp(e.since), stamp(e.until))
}

// stamp writes an instant for people: UTC, because no plan's zone is known down here.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// admit lets a call through, or says since when the server fails. Whoever is let through reports with note.
func (b *breaker) admit(now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return nil
	case b.resting(now) || b.probing:
		return &openError{since: b.failing, until: b.until, last: b.last}
	}
	b.probing = true
	return nil
}

// resting reports whether the time of rest is not over. A clock that was set back ends it: it says nothing about the server.
func (b *breaker) resting(now time.Time) bool { return now.Before(b.until) && !now.Before(b.opened) }

// note takes the outcome of a call that was let through; err is its error, for those who are kept away later.
func (b *breaker) note(now time.Time, o outcome, err *fault.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls.span = breakerSpan
	switch o {
	case nothing:
		b.probing = false
	case served:
		if err == nil {
			b.proven, b.refusals = true, 0
		}
		if !b.until.IsZero() { // what was counted before belongs to the bad time
			b.calls = tally{span: breakerSpan}
		}
		b.calls.add(now, 0)
		b.failing, b.until, b.probing, b.last = time.Time{}, time.Time{}, false, nil
	case broken:
		b.calls.add(now, 1)
		b.last = err
		if b.failing.IsZero() {
			b.failing = now
		}
		n := b.calls.sum(now)
		if b.probing || n[0]+n[1] >= breakerLeast && n[1] >= n[0] {
			b.open(now, breakerRest)
		}
	}
}

// refused keeps the credentials back because the engine has just refused them.
func (b *breaker) refused(now time.Time, err *fault.Error) {
	b.note(now, broken, err)
	b.mu.Lock()
	defer b.mu.Unlock()
	rests := neverAccepted
	if b.proven {
		rests = onceAccepted
	}
	if d := rests[min(b.refusals, len(rests)-1)]; d > 0 {
		b.open(now, d)
	}
	b.refusals++
}

// rest opens the breaker because the server asked to be left alone.
func (b *breaker) rest(now time.Time, d time.Duration, err *fault.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = err
	if b.failing.IsZero() {
		b.failing = now
	}
	b.open(now, min(d, longestRest))
}

func (b *breaker) open(now time.Time, d time.Duration) {
	b.opened, b.until, b.probing = now, now.Add(d), false
}

// state gives since when calls fail and until when none are made; both are zero while all is well.
func (b *breaker) state(now time.Time) (failing, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.resting(now) {
		until = b.until
	}
	return b.failing, until
}
