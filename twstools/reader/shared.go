package reader

import (
	"context"
	"errors"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// entry is what is kept of one read: the last good answer, and the error that came after it, if one did. Entries are never changed, only
// replaced.
type entry struct {
	value   any // nil: there is only an error
	fetched time.Time
	age     age
	whole   bool // a list that holds all matches, so that any page of it can be cut out
	size    int64
	// shareable: it can be written for other processes without loss.
	shareable bool
	borrowed  bool // it came from another process
	gen       uint64
	views     *views // made of value

	err   error
	errAt time.Time
}

// ask is one read: its keys, how it is made, and how its answer is handed out.
type ask[T any] struct {
	kind  kind
	keys  []string // where an answer may be found, the best first; the last is the read's own. Empty: the read cannot be kept
	call  func(context.Context) (T, error)
	hand  func(v T, whole bool) T // a copy; of a list that is whole, the page that was asked for
	age   func(T) age             // nil: that of the kind
	place func(T) (string, bool)  // under which key to keep the answer, and whether it is whole; nil: the own key
	see   func(T)                 // looks at a fresh answer in passing; may be nil
	look  func(*entry)            // looks at what is kept instead of taking a copy, and nothing is handed out; nil: hand does
	mode  mode
}

// own is the key under which the read itself is kept; the read must have keys.
func (a ask[T]) own() string { return a.keys[len(a.keys)-1] }

// mode says how much a read may take from memory.
type mode int

const (
	asNeeded mode = iota // whatever is fresh
	renew                // nothing of this process; what another one has just read will do
	anew                 // from the engine
)

// watching marks the refresher's own reads: they are nobody's use of the Reader.
type watching struct{}

// flight is one read of the engine that several callers may wait for.
type flight struct {
	done chan struct{}
	e    *entry
	err  error

	// Under Reader.mu:
	waiting int                // callers who wait for it
	wanted  bool               // by the cache too: nobody waits for it, or who did may ask again soon
	cancel  context.CancelFunc // nil when it has ended already
}

// serve answers one read: from memory while that is fresh, else from the engine, together with whoever asks the same at this moment; when the
// engine is away, from memory with a mark.
func serve[T any](ctx context.Context, r *Reader, a ask[T]) (T, error) {
	var none T
	if ctx.Err() != nil {
		return none, left(ctx)
	}
	if len(a.keys) == 0 {
		return a.call(ctx)
	}
	if ctx.Value(watching{}) == nil {
		r.touch()
	}
	now := r.o.Clock()
	e := r.find(a.keys)
	old := e.within(now, r.generation())
	if a.mode == asNeeded {
		switch fresh := e.state(now); {
		case fresh == isError:
			return orStale(ctx, r, a, old, e.err)
		case fresh == isFresh:
			r.hits.Add(1)
			return handOut(ctx, a, e, nil), nil
		case fresh == isBehind:
			r.hits.Add(1)
			join(ctx, r, a, e, false)
			return handOut(ctx, a, e, nil), nil
		}
	}
	if err := r.refusal(now); err != nil {
		return none, err
	}
	r.misses.Add(1)
	f, ok := join(ctx, r, a, e, true)
	if !ok {
		return none, errClosed()
	}
	return await(ctx, r, a, f, old)
}

// await waits for a flight, for the caller's end, and, where an older answer is at hand, for the end of patience.
func await[T any](ctx context.Context, r *Reader, a ask[T], f *flight, old *entry) (T, error) {
	var none T
	var patience <-chan time.Time
	if old != nil && a.mode == asNeeded {
		t := time.NewTimer(r.o.Patience)
		defer t.Stop()
		patience = t.C
	}
	select {
	case <-f.done:
		if f.err != nil {
			return orStale(ctx, r, a, old, f.err)
		}
		return handOut(ctx, a, f.e, nil), nil
	case <-patience:
		r.leave(a.own(), f, true)
		return orStale(ctx, r, a, old, fault.New(fault.Timeout, "The engine has not answered within %s.", r.o.Patience).WithSource("engine:"+r.o.Name))
	case <-ctx.Done():
		// Whoever ran out of time may ask again, and then the answer should be there. Whoever cancelled has gone.
		r.leave(a.own(), f, !errors.Is(ctx.Err(), context.Canceled))
		return none, left(ctx)
	}
}

// leave takes a caller off a flight. When the last one has gone and nobody wants the answer, the engine is spared the rest of it.
func (r *Reader) leave(own string, f *flight, wanted bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f.waiting--
	f.wanted = f.wanted || wanted
	if f.waiting > 0 || f.wanted || f.cancel == nil {
		return
	}
	r.land(own, f) // who asks now must not board what is being called back
	f.cancel()
}

// land takes a flight off the board, unless another one has its place already. r.mu is held.
func (r *Reader) land(own string, f *flight) {
	if r.flights[own] == f {
		delete(r.flights, own)
	}
}

// orStale hands out the older answer, marked, where the error means that the engine is away; else the error.
func orStale[T any](ctx context.Context, r *Reader, a ask[T], old *entry, err error) (T, error) {
	if old == nil || a.mode != asNeeded || !away(err) || old.gen != r.generation() {
		var none T
		return none, err
	}
	r.staleHits.Add(1)
	return handOut(ctx, a, old, err), nil
}

func handOut[T any](ctx context.Context, a ask[T], e *entry, stale error) T {
	note(ctx, e, stale)
	if a.look != nil {
		a.look(e)
		var none T
		return none
	}
	return a.hand(e.value.(T), e.whole) //nolint:forcetypeassert // keys hold the kind, and a kind has one type
}

// left is the error of a caller who did not stay.
func left(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fault.Wrap(fault.Timeout, context.Canceled, "The reading was cancelled.")
	}
	return fault.Wrap(fault.Timeout, ctx.Err(), "There was not enough time left to read the engine.")
}

// state of an entry at a moment.
type state int

const (
	isGone state = iota
	isBehind
	isFresh
	isError
)

func (e *entry) state(now time.Time) state {
	switch {
	case e == nil:
		return isGone
	case e.err != nil && now.Sub(e.errAt) < errorAge(fault.CodeOf(e.err)):
		return isError
	case e.value == nil:
		return isGone
	case now.Sub(e.fetched) < e.age.fresh:
		return isFresh
	case now.Sub(e.fetched) < e.age.behind && e.err == nil:
		return isBehind
	}
	return isGone
}

// within gives the entry when it may stand in for an engine that is away.
func (e *entry) within(now time.Time, gen uint64) *entry {
	if e == nil || e.value == nil || e.gen != gen || now.Sub(e.fetched) >= e.age.stale {
		return nil
	}
	return e
}

// find gives the newest entry under the keys. An error of the read itself counts beside the older answer of a whole list.
func (r *Reader) find(keys []string) *entry {
	own, _ := r.cache.GetIfPresent(keys[len(keys)-1])
	best := own
	for _, k := range keys[:len(keys)-1] {
		if e, ok := r.cache.GetIfPresent(k); ok && e.whole && (best == nil || e.fetched.After(best.fetched)) {
			best = e
		}
	}
	if own == nil || own == best || own.err == nil || !own.errAt.After(best.fetched) {
		return best
	}
	if !away(own.err) {
		return own
	}
	c := *best
	c.err, c.errAt = own.err, own.errAt
	return &c
}

func (r *Reader) generation() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gen
}

// refusal is the engine's refusal of the account while it stands.
func (r *Reader) refusal(now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.denied.at(now)
}

// landed gives the flight that has ended between the caller's look into the cache, which found old, and now.
func landed[T any](r *Reader, a ask[T], old *entry) *flight {
	if a.mode != asNeeded {
		return nil
	}
	e := r.find(a.keys)
	if e == nil || old != nil && !e.fetched.After(old.fetched) && !e.errAt.After(old.errAt) {
		return nil
	}
	f := &flight{done: make(chan struct{}), e: e}
	close(f.done)
	switch e.state(r.o.Clock()) {
	case isFresh:
		return f
	case isError:
		f.e, f.err = nil, e.err
		return f
	}
	return nil
}

// join gives the read's flight, and starts it when nobody has; false means that the Reader is closed. old is what the caller found before. Who waits for
// the flight must leave it if it does not end first.
func join[T any](ctx context.Context, r *Reader, a ask[T], old *entry, waits bool) (*flight, bool) {
	own := a.own()
	r.mu.Lock()
	defer r.mu.Unlock()
	if f, ok := r.flights[own]; ok {
		f.board(waits)
		return f, true
	}
	if r.closed {
		return nil, false
	}
	if f := landed(r, a, old); f != nil {
		return f, true
	}
	f := &flight{done: make(chan struct{})}
	f.board(waits)
	r.flights[own] = f
	gen := r.gen
	// The flight is nobody's own: it keeps the first caller's values (the counter of calls among them) and not its end.
	fctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.o.Deadline)
	f.cancel = cancel
	stop := context.AfterFunc(r.base, cancel)
	r.work.Go(func() {
		defer cancel()
		defer stop()
		f.e, f.err = read(fctx, r, a, gen)
		r.mu.Lock()
		r.land(own, f)
		r.mu.Unlock()
		close(f.done)
		if f.err == nil && f.e.shareable && !f.e.borrowed {
			r.share(fctx, a.kind, own, f.e)
		}
	})
	return f, true
}

// board counts a caller who waits, or notes that the answer is wanted without one. Reader.mu is held.
func (f *flight) board(waits bool) {
	if waits {
		f.waiting++
		return
	}
	f.wanted = true
}
