package llm

import (
	"sync"
	"time"
)

// When a server is left alone, and for how long. Five failures in a row are more than one question's bad luck (a question makes at most two of
// them on one server); half a minute is short beside a restart of a model server. A longer rest that the server itself asks for counts too.
const (
	mostFailures = 5
	rest         = 30 * time.Second
	longestRest  = 10 * time.Minute
)

// breaker keeps requests away from a server that fails: closed while it serves; open for a while after failures in a row, or while the server wants to be
// left alone; then one request goes through to see. (twstools/hwa has one that counts rates, because a question makes many calls there; here
// it makes one or two.) Safe for concurrent use; the time is the caller's.
type breaker struct {
	mu      sync.Mutex
	row     int // failures since the last success
	until   time.Time
	opened  time.Time
	probing bool
}

// admit lets a request through, or says until when the server rests.
func (b *breaker) admit(now time.Time) (until time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.IsZero() {
		return time.Time{}, true
	}
	// A clock that was set back ends a rest: it says nothing about the server.
	if now.Before(b.until) && !now.Before(b.opened) || b.probing {
		return b.until, false
	}
	b.probing = true
	return time.Time{}, true
}

// served notes that the server answered, whatever the answer was worth.
func (b *breaker) served() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row, b.until, b.probing = 0, time.Time{}, false
}

// failed notes a failure of the server.
func (b *breaker) failed(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row++
	if b.row >= mostFailures || b.probing {
		b.open(now, rest)
	}
}

// asked notes that the server wants to be left alone for d.
func (b *breaker) asked(now time.Time, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open(now, min(d, longestRest))
}

// gone notes that the asker went away, which says nothing.
func (b *breaker) gone() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}

func (b *breaker) open(now time.Time, d time.Duration) {
	b.opened, b.until, b.probing = now, now.Add(d), false
}

// The retry budget: one repeated request for ten first ones, five in reserve, and one more each minute, so that a quiet installation is
// not without. (The measure that gRPC and Finagle use.)
const (
	perFirst  = 0.1
	reserve   = 5.0
	perMinute = 1.0
)

// budget bounds repeated requests. Safe for concurrent use.
type budget struct {
	mu     sync.Mutex
	tokens float64
	seen   time.Time
}

// first notes a request that repeats none.
func (b *budget) first(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill(now, perFirst)
}

// take reports whether a request may be repeated, and notes it.
func (b *budget) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill(now, 0)
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// back gives a token back that was taken and not used.
func (b *budget) back() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(reserve, b.tokens+1)
}

func (b *budget) fill(now time.Time, more float64) {
	if b.seen.IsZero() {
		b.tokens = reserve
	} else if d := now.Sub(b.seen); d > 0 {
		more += d.Minutes() * perMinute
	}
	b.seen = now
	b.tokens = min(reserve, b.tokens+more)
}
