package reader

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// read makes one read: from the second level where that has a fresh answer, else from the engine, and keeps what comes back.
func read[T any](ctx context.Context, r *Reader, a ask[T], gen uint64) (*entry, error) {
	own := a.own()
	var shared *entry
	if a.mode != anew {
		if shared = borrow(ctx, r, a, own, gen); shared.state(r.o.Clock()) == isFresh {
			r.storeHits.Add(1)
			return shared, nil
		}
	}
	v, err := call(ctx, a)
	if errors.Is(ctx.Err(), context.Canceled) && err != nil {
		return nil, err // called back: it says nothing about the engine
	}
	now := r.o.Clock()
	r.learn(a.kind, err, now)
	if err != nil {
		if old := shared.within(now, gen); old != nil && away(err) {
			r.storeHits.Add(1)
			return shared, nil // of another process, and not yet too old; its time travels with it
		}
		r.keepError(own, err, now, gen)
		return nil, err
	}
	if a.see != nil {
		a.see(v)
	}
	return keep(r, a, v, now, gen), nil
}

// call asks the engine. A panic below must not end the process: the read runs in a goroutine that no handler guards.
func call[T any](ctx context.Context, a ask[T]) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Wrap(fault.Internal, fmt.Errorf("panic: %v\n%s", p, debug.Stack()), "The reading of the engine broke off inside Resync.")
		}
	}()
	return a.call(ctx)
}

// keep puts an answer into the cache, unless it is of a plan that has turned since, or too large for it.
func keep[T any](r *Reader, a ask[T], v T, fetched time.Time, gen uint64) *entry {
	e := &entry{value: v, fetched: fetched, age: r.ageOf(a.kind), gen: gen, views: &views{}}
	if a.age != nil {
		e.age = a.age(v)
	}
	key := a.own()
	if a.place != nil {
		key, e.whole = a.place(v)
	}
	e.size, e.shareable = measure(v)
	r.put(key, e)
	return e
}

// put stores an entry of the current plan. One that would push out a large part of all others is only handed out.
func (r *Reader) put(key string, e *entry) {
	if e.size > r.o.Bytes/2 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.gen == r.gen && !r.closed {
		r.cache.Set(key, e)
	}
}

// keepError keeps an error for as long as its code deserves. The older answer stays beside the error of an engine that is away.
func (r *Reader) keepError(key string, err error, now time.Time, gen uint64) {
	if errorAge(fault.CodeOf(err)) == 0 {
		return
	}
	e := &entry{err: err, errAt: now, gen: gen}
	if old, ok := r.cache.GetIfPresent(key); ok && away(err) && old.gen == gen {
		c := *old
		c.err, c.errAt = err, now
		e = &c
	}
	r.put(key, e)
}

// learn keeps what an answer says of the engine as a whole: that it is away, that it refuses the account, that all is well.
func (r *Reader) learn(k kind, err error, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.down, r.denied, r.denials, r.unnamed = until{}, until{}, 0, false
	case fault.Is(err, fault.UpstreamDenied):
		// Single objects are refused for want of a right; what the engine says of itself only to those that it does not let in at all.
		r.unnamed = r.unnamed || k == kindInfo
		if r.denials++; r.unnamed && r.denials >= maxDenials {
			r.denied = until{err, now.Add(errorAge(fault.UpstreamDenied))}
		}
	case away(err):
		r.down = until{err, now.Add(r.o.Interval)}
	default:
		r.denials, r.unnamed = 0, false // it answered, so the account was let in
	}
}

// void drops everything that was read: the plan has turned, and references into the old one mean nothing.
func (r *Reader) void(mark string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gen++
	r.mark, r.marked = mark, true
	r.cache.InvalidateAll()
}
