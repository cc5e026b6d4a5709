// Package conversations keeps what was asked and answered: turns, the evidence ledger of each turn, and whose they are.
//
// A conversation belongs to the caller who opened it; to everyone else it does not exist. One writer at a time holds a
// conversation, so that two tabs cannot interleave their turns: Open waits for the lock, Session.Close gives it back.
// The package decides nothing about answers. Its store port is declared here; Memory is the bounded implementation in memory.
//
// All types are safe for concurrent use except Session, which belongs to the goroutine that opened it. Start at New and Open.
package conversations

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Turn is one question with its answer and the ledger the answer rests on.
type Turn struct {
	ID       string // the answer's message id
	Question string
	Language string
	Asked    Asked
	Answer   answer.Answer
	Ledger   Ledger
	At       time.Time
}

// Asked is what the turn was about, as far as the next turn's references need it.
type Asked struct {
	Intent     string
	Target     string // as the question named it
	TargetKind string
	Entity     string // as the plan named it; empty when nothing was found
	Engine     string // as the question chose it; empty: the first configured
	Agent      string // who answered
}

// Conversation is a list of turns with an owner. Turns are the latest ones, oldest first.
type Conversation struct {
	ID      string
	Owner   string
	Title   string // the first question, shortened
	Created time.Time
	Updated time.Time
	Turns   []Turn
}

// Turn gives the turn whose answer has the message id, and false when there is none, or none any more.
func (c Conversation) Turn(message string) (Turn, bool) {
	i := slices.IndexFunc(c.Turns, func(t Turn) bool { return t.ID == message })
	if i < 0 {
		return Turn{}, false
	}
	return c.Turns[i], true
}

// Last gives the latest turn, and false for a conversation without any.
func (c Conversation) Last() (Turn, bool) {
	if len(c.Turns) == 0 {
		return Turn{}, false
	}
	return c.Turns[len(c.Turns)-1], true
}

// Summary is a conversation in a list.
type Summary struct {
	ID      string    `json:"id"`
	Title   string    `json:"title"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	Turns   int       `json:"turns"`
}

// Store holds conversations. Implementations bound what they keep. A conversation of another owner is not_found, like one that
// never was.
type Store interface {
	// Create stores an empty conversation.
	Create(ctx context.Context, c Conversation) error
	// Get reads a conversation with its turns; the caller may not change what it points to.
	Get(ctx context.Context, owner, id string) (Conversation, error)
	// Append adds a turn in one transaction.
	Append(ctx context.Context, owner, id string, t Turn) error
	// List gives the owner's conversations, the latest first, at most limit.
	List(ctx context.Context, owner string, limit int) ([]Summary, error)
	// Delete removes a conversation with all its turns.
	Delete(ctx context.Context, owner, id string) error
}

// Options configure Conversations.
type Options struct {
	Store Store            // nil: NewMemory with its defaults
	Now   func() time.Time // nil: time.Now
	// LedgerBytes is what is stored of one turn's ledger; 0: the constant LedgerBytes. Whoever writes ledgers out wants more.
	LedgerBytes int
}

// Conversations hands out sessions: one writer per conversation.
type Conversations struct {
	store Store
	now   func() time.Time
	most  int // of a turn's ledger, in bytes
	mu    sync.Mutex
	locks map[string]*writer
}

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
	return &Conversations{store: o.Store, now: o.Now, most: o.LedgerBytes, locks: map[string]*writer{}}
}

// Store gives the store for reading: lists, pages, exports.
func (c *Conversations) Store() Store { return c.store }

// Open gives the owner's conversation to write to, a new one when id is empty. It waits while another turn writes to it and gives
// up with ctx: conflict when the other turn does not end in time, not_found when there is none of that name for this owner.
func (c *Conversations) Open(ctx context.Context, owner, id string) (*Session, error) {
	if owner == "" {
		return nil, fault.New(fault.Unauthorized, "Nobody is logged in, and a conversation needs an owner.")
	}
	if id == "" {
		return c.create(ctx, owner)
	}
	release, err := c.lock(ctx, id)
	if err != nil {
		return nil, err
	}
	conv, err := c.store.Get(ctx, owner, id)
	if err != nil {
		release()
		return nil, err
	}
	return &Session{store: c.store, now: c.now, most: c.most, conv: conv, release: release}, nil
}

func (c *Conversations) create(ctx context.Context, owner string) (*Session, error) {
	at := c.now().UTC()
	conv := Conversation{ID: NewID("c", at), Owner: owner, Created: at, Updated: at}
	release, err := c.lock(ctx, conv.ID)
	if err != nil {
		return nil, err
	}
	if err := c.store.Create(ctx, conv); err != nil {
		release()
		return nil, err
	}
	return &Session{store: c.store, now: c.now, most: c.most, conv: conv, release: release}, nil
}

func (c *Conversations) lock(ctx context.Context, id string) (release func(), err error) {
	c.mu.Lock()
	w := c.locks[id]
	if w == nil {
		w = &writer{place: make(chan struct{}, 1)}
		c.locks[id] = w
	}
	w.users++
	c.mu.Unlock()
	leave := func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if w.users--; w.users == 0 {
			delete(c.locks, id)
		}
	}
	select {
	case w.place <- struct{}{}:
		var once sync.Once
		return func() { once.Do(func() { <-w.place; leave() }) }, nil
	case <-ctx.Done():
		leave()
		return nil, fault.Wrap(fault.Conflict, ctx.Err(), "Another question is being answered in this conversation.").
			WithHint("Wait for its answer, or start a new conversation.")
	}
}

// Session is the right to write to one conversation, until Close.
type Session struct {
	store   Store
	now     func() time.Time
	most    int
	conv    Conversation
	release func()
}

// Conversation gives what was there when the session was opened, plus what it appended.
func (s *Session) Conversation() Conversation { return s.conv }

// Append stores a turn. The ledger is bounded first, and the turn stamped when it has no time.
func (s *Session) Append(ctx context.Context, t Turn) error {
	if t.At.IsZero() {
		t.At = s.now().UTC()
	}
	t.Ledger = t.Ledger.Bounded(s.most)
	if err := s.store.Append(ctx, s.conv.Owner, s.conv.ID, t); err != nil {
		return err
	}
	s.conv.Turns = append(s.conv.Turns[:len(s.conv.Turns):len(s.conv.Turns)], t)
	return nil
}

// Close lets the next writer in. It may be called more than once.
func (s *Session) Close() { s.release() }
