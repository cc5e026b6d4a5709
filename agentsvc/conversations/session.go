package conversations

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Session is the right to write to one conversation, until Close.
type Session struct {
	c       *Conversations
	key     key
	holder  string
	release func() // of the lock of this process
	fresh   bool   // made by this session, and without a turn as yet

	stopped context.Context // ends when the turn is given up
	give    context.CancelCauseFunc
	quiet   chan struct{} // closed when the lease is renewed no more
	beats   sync.WaitGroup
	once    sync.Once
}

func (c *Conversations) session(k key, release func()) *Session {
	s := &Session{c: c, key: k, holder: rand.Text(), release: release, quiet: make(chan struct{})}
	s.stopped, s.give = context.WithCancelCause(context.Background())
	return s
}

func (s *Session) lease() Lease {
	return Lease{Holder: s.holder, Until: s.c.o.Now().Add(s.c.o.Lease)}
}

// start lets others stop the session, and keeps its lease.
func (s *Session) start() {
	s.c.mu.Lock()
	s.c.running[s.key] = s
	s.c.mu.Unlock()
	s.beats.Go(s.beat)
}

// beat renews the lease until the session ends. A renewal that fails is tried again: Append asks for itself who holds the conversation.
func (s *Session) beat() {
	tick := time.NewTicker(s.c.o.Beat)
	defer tick.Stop()
	for {
		select {
		case <-s.quiet:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), s.c.o.Lease)
		stop, err := s.c.store.Hold(ctx, s.key.owner, s.key.id, s.lease(), s.c.o.Now())
		cancel()
		switch {
		case fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound):
			return // another one has it, or it was deleted
		case err != nil:
			s.c.o.Logger.Warn("renew the lease of a conversation", "conversation", s.key.id, "error", err)
		case stop:
			s.give(ErrStopped)
		}
	}
}

// ID is the conversation's.
func (s *Session) ID() string { return s.key.id }

// Before gives the conversation's latest turns as they stood before the answer with the message id, which is what that one was made of; before the
// next one for an empty id. Of long conversations only most turns are read, which is what a question needs. The last one has its ledger, since
// the next question may be about what was listed there. not_found when there is no such answer.
func (s *Session) Before(ctx context.Context, message string, most int) (Conversation, error) {
	conv := Conversation{ID: s.key.id, Owner: s.key.owner}
	if s.fresh && message == "" {
		return conv, nil
	}
	var err error
	conv.Turns, err = s.c.store.Before(ctx, s.key.owner, s.key.id, message, most)
	return conv, err
}

// Context gives a context for the work on a turn: it ends with the cause ErrStopped when Stop is called, else with ctx.
func (s *Session) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(s.stopped, func() { cancel(context.Cause(s.stopped)) })
	return ctx, func() { unhook(); cancel(nil) }
}

// Append stores a turn, or puts it in the place of the one that it replaces. The ledger is bounded first, and the turn stamped when it has
// no time. A turn of a session that lost its lease is refused as a conflict.
func (s *Session) Append(ctx context.Context, t Turn) error {
	if t.At.IsZero() {
		t.At = s.c.o.Now()
	}
	t.At = t.At.UTC()
	t.Question, t.Language = Sanitize(t.Question), Sanitize(t.Language)
	t.Ledger = t.Ledger.Bounded(s.c.o.LedgerBytes)
	if err := s.c.store.Append(ctx, s.key.owner, s.key.id, s.holder, t); err != nil {
		return err
	}
	s.fresh = false
	return nil
}

// freeing is how long giving the lease back may take; beyond, it runs out by itself.
const freeing = 5 * time.Second

// Close lets the next writer in. It may be called more than once.
func (s *Session) Close() {
	s.once.Do(func() {
		close(s.quiet)
		s.beats.Wait()
		s.c.mu.Lock()
		delete(s.c.running, s.key)
		s.c.mu.Unlock()
		s.give(nil)
		s.free()
		s.release()
	})
}

// free gives the lease back; a conversation in which nothing was said goes with it.
func (s *Session) free() {
	ctx, cancel := context.WithTimeout(context.Background(), freeing)
	defer cancel()
	var err error
	if s.fresh {
		err = s.c.store.Delete(ctx, s.key.owner, s.key.id)
	} else {
		err = s.c.store.Free(ctx, s.key.owner, s.key.id, s.holder)
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		s.c.o.Logger.Warn("give a conversation back", "conversation", s.key.id, "error", err)
	}
}
