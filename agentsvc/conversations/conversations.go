// Package conversations keeps what was asked and answered: turns, the evidence ledger of each turn, and whose they are.
//
// A conversation belongs to the caller who opened it; to everyone else it does not exist, unless they have the owner's link, and then they
// read. One writer at a time holds a conversation, so that two tabs cannot interleave their turns, on one node or on two: Open waits for
// the lock of the process and for the lease in the store, Session.Close gives both back. A turn is stopped from anywhere with Stop.
// The package decides nothing about answers. Its store port is declared here; Memory is the bounded implementation in memory, the package
// stored the one in a database.
//
// All types are safe for concurrent use except Session, which belongs to the goroutine that opened it. Start at New and Open.
package conversations

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Options configure Conversations.
type Options struct {
	Store Store            // nil: NewMemory with its defaults
	Now   func() time.Time // nil: time.Now
	// LedgerBytes is what is stored of one turn's ledger; 0: the constant LedgerBytes. Whoever writes ledgers out wants more.
	LedgerBytes int
	Keep        time.Duration // how long an unused conversation is kept by Tend; 0: 90 days
	Reviewer    Reviewer      // takes in feedback that has words; nil: nobody does
	Lease       time.Duration // how long a writer that was killed keeps others out; 0: 20 s
	Beat        time.Duration // how often a lease is renewed, and looked at by others; 0: 2 s
	Logger      *slog.Logger  // nil: nothing is logged
}

// The defaults of Options.
const (
	defaultKeep  = 90 * 24 * time.Hour
	defaultLease = 20 * time.Second
	defaultBeat  = 2 * time.Second
)

// Conversations hands out sessions: one writer per conversation.
type Conversations struct {
	o       Options
	store   Store
	mu      sync.Mutex
	locks   map[key]*writer
	running map[key]*Session
}

// key names a conversation: by its owner too, so that nobody can wait for, or stop, what is not theirs.
type key struct{ owner, id string }

// writer is the lock of one conversation: a channel of one place, so that waiting can be given up. users counts holders and waiters.
type writer struct {
	place chan struct{}
	users int
}

// New makes a Conversations over its store.
func New(o Options) *Conversations {
	if o.Store == nil {
		o.Store = NewMemory(MemoryOptions{})
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.LedgerBytes <= 0 {
		o.LedgerBytes = LedgerBytes
	}
	if o.Keep <= 0 {
		o.Keep = defaultKeep
	}
	if o.Lease <= 0 {
		o.Lease = defaultLease
	}
	if o.Beat <= 0 {
		o.Beat = defaultBeat
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Conversations{o: o, store: o.Store, locks: map[key]*writer{}, running: map[key]*Session{}}
}

// Store gives the store for reading: lists, pages, exports.
func (c *Conversations) Store() Store { return c.store }

// Open gives the owner's conversation to write to, a new one when id is empty. It waits while another turn writes to it, in this process
// or another, and gives up with ctx: conflict when the other turn does not end in time, not_found when there is none of that name for this
// owner. A new conversation that is closed without a turn leaves nothing behind.
func (c *Conversations) Open(ctx context.Context, owner, id string) (*Session, error) {
	if owner == "" {
		return nil, fault.New(fault.Unauthorized, "Nobody is logged in, and a conversation needs an owner.")
	}
	if id == "" {
		return c.create(ctx, owner)
	}
	k := key{owner, id}
	release, err := c.lock(ctx, k)
	if err != nil {
		return nil, err
	}
	s := c.session(k, release)
	if err = c.hold(ctx, s); err != nil {
		release()
		return nil, err
	}
	s.start()
	return s, nil
}

func (c *Conversations) create(ctx context.Context, owner string) (*Session, error) {
	at := c.o.Now().UTC()
	k := key{owner, NewID("c", at)}
	release, err := c.lock(ctx, k)
	if err != nil {
		return nil, err
	}
	s := c.session(k, release)
	s.fresh = true
	if err := c.store.Create(ctx, Conversation{ID: k.id, Owner: owner, Created: at, Updated: at}, s.lease()); err != nil {
		release()
		return nil, err
	}
	s.start()
	return s, nil
}

// hold waits until nobody else writes to the conversation. Of holders in other processes only the store knows, so it is asked again.
func (c *Conversations) hold(ctx context.Context, s *Session) error {
	for {
		_, err := c.store.Hold(ctx, s.key.owner, s.key.id, s.lease(), c.o.Now())
		switch {
		case err != nil && ctx.Err() != nil:
			return Occupied(ctx.Err())
		case !fault.Is(err, fault.Conflict):
			return err
		}
		again := time.NewTimer(c.o.Beat/8 + rand.N(c.o.Beat/8+1)) //nolint:gosec // not for secrets: waiters should not all ask at once
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return Occupied(ctx.Err())
		}
	}
}

// Occupied is the error of a conversation that another turn is being written to.
func Occupied(cause error) error {
	return fault.Wrap(fault.Conflict, cause, "Another question is being answered in this conversation.").
		WithHint("Wait for its answer, or start a new conversation.")
}

func (c *Conversations) lock(ctx context.Context, k key) (release func(), err error) {
	c.mu.Lock()
	w := c.locks[k]
	if w == nil {
		w = &writer{place: make(chan struct{}, 1)}
		c.locks[k] = w
	}
	w.users++
	c.mu.Unlock()
	leave := func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if w.users--; w.users == 0 {
			delete(c.locks, k)
		}
	}
	select {
	case w.place <- struct{}{}:
		var once sync.Once
		return func() { once.Do(func() { <-w.place; leave() }) }, nil
	case <-ctx.Done():
		leave()
		return nil, Occupied(ctx.Err())
	}
}

// ErrStopped is the cause with which the context of a turn ends that its user gave up.
var ErrStopped = errors.New("stopped by its user")

// Stop gives up the turn that is being answered in the owner's conversation, wherever it runs, and reports whether there is one. In this
// process it ends at once; another one reads it from the lease when it renews it. not_found when there is no such conversation.
func (c *Conversations) Stop(ctx context.Context, owner, id string) (running bool, err error) {
	c.mu.Lock()
	s := c.running[key{owner, id}]
	c.mu.Unlock()
	if s != nil {
		s.give(ErrStopped)
		return true, nil
	}
	return c.store.Stop(ctx, owner, id, c.o.Now())
}
