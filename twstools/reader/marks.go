package reader

import (
	"context"
	"sync"
	"time"
)

// Marks collect how old the answers are that a Reader gave within one context: a tool call makes one with WithMarks, reads, and then puts
// what it collected into its envelope. Safe for concurrent use.
type Marks struct {
	mu     sync.Mutex
	oldest time.Time
	stale  bool
	cause  error
}

type marksKey struct{}

// WithMarks returns a context in which a Reader notes the age of each answer, and the collector. What an engine says of itself and the
// logs of runs that have ended do not age, so they are noted only when stale.
func WithMarks(ctx context.Context) (context.Context, *Marks) {
	m := &Marks{}
	return context.WithValue(ctx, marksKey{}, m), m
}

// FetchedAt is when the oldest answer was read from the engine, on our clock; zero when nothing was read through a Reader.
func (m *Marks) FetchedAt() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.oldest
}

// Stale reports whether some answer was served in place of an engine that did not answer, and that engine's error.
func (m *Marks) Stale() (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stale, m.cause
}

// note adds one answer to the context's collector, if it has one.
func note(ctx context.Context, e *entry, stale error) {
	m, ok := ctx.Value(marksKey{}).(*Marks)
	if !ok || stale == nil && e.age.ageless {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.oldest.IsZero() || e.fetched.Before(m.oldest) {
		m.oldest = e.fetched
	}
	if stale != nil {
		m.stale, m.cause = true, stale
	}
}
