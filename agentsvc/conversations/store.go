package conversations

import (
	"context"
	"time"
)

// Store holds conversations. Implementations bound what they keep, and what they have acknowledged they keep. A conversation of another
// owner is not_found, like one that never was, in every method. The conformance suite is conversationstest.
type Store interface {
	// Create stores an empty conversation that l holds. The owner's longest unused ones go when there are too many.
	Create(ctx context.Context, c Conversation, l Lease) error
	// Get reads a conversation with its turns, these without ledgers; the caller may not change what it points to.
	Get(ctx context.Context, owner, id string) (Conversation, error)
	// Turn reads one turn with its ledger, also an earlier version.
	Turn(ctx context.Context, owner, id, message string) (Turn, error)
	// Before reads the turns before the answer with the message id in its present version, all for an empty id: the latest most of them, oldest
	// first, without feedback and earlier versions, the last one with its ledger. not_found when there is no such answer.
	Before(ctx context.Context, owner, id, message string, most int) ([]Turn, error)
	// List gives the owner's conversations that have turns, the latest used first.
	List(ctx context.Context, owner string, q Query) (Page, error)
	// Append adds a turn, or puts it in the place of the one that it replaces, in one transaction. conflict when holder does not hold the
	// conversation any more, not_found when what it replaces is not there. The oldest turn goes when there are too many.
	Append(ctx context.Context, owner, id, holder string, t Turn) error
	// Rename gives the conversation another title.
	Rename(ctx context.Context, owner, id, title string) error
	// Delete removes a conversation with all its turns, its link and its feedback.
	Delete(ctx context.Context, owner, id string) error
	// SetFeedback keeps what f.Who thinks of an answer, in the place of what they thought before; None takes it back.
	SetFeedback(ctx context.Context, owner, id, message string, f Feedback) error
	// SetShare makes a link to the turns that are there now, in the place of an earlier one; nil revokes it.
	SetShare(ctx context.Context, owner, id string, s *Share) error
	// Shared reads the conversation behind a link that has not expired at now: the turns that were there when it was made, in their present
	// version, without ledgers and feedback. not_found for any other.
	Shared(ctx context.Context, hash string, now time.Time) (Conversation, error)

	// Hold takes or renews the right to write. conflict while another holder's has not run out at now. stop reports that somebody wants the
	// holder's turn stopped.
	Hold(ctx context.Context, owner, id string, l Lease, now time.Time) (stop bool, err error)
	// Free gives the right back; nothing happens when holder has it no more.
	Free(ctx context.Context, owner, id, holder string) error
	// Stop asks the holder to stop, and reports whether there is one at now.
	Stop(ctx context.Context, owner, id string, now time.Time) (running bool, err error)

	// Sweep removes what has had its time, at most c.Limit conversations, and tells how many; nothing that is held at c.Now. Links that
	// have expired go too.
	Sweep(ctx context.Context, c Cut) (int, error)
}

// Lease is the right of one writer to a conversation, until it runs out. A writer that was killed loses it by time alone. The clocks of
// nodes may differ: no two holders ever interleave, since Append asks who holds; time only decides who waits how long.
type Lease struct {
	Holder string
	Until  time.Time
}

// Query asks for a page of a list.
type Query struct {
	// Text searches for conversations in which one turn (its question, its answer and the objects that it names) or the title has all
	// of the words, in any case and with or without accents; pieces of words count. At most MaxTerms words are looked at. Empty: all.
	Text  string
	After string // Page.Next of the page before; empty: the first
	Limit int    // 1 to MaxPage; 0 means DefaultPage
}

// The sizes of a page, and how many words of a search count.
const (
	DefaultPage = 20
	MaxPage     = 100
	MaxTerms    = 8
)

// Page is a part of a list. A conversation that is written to meanwhile moves to the front; later pages show it no more, and show
// none twice.
type Page struct {
	Items []Summary
	Total int    // on all pages together
	Next  string // empty: this is the last page
}

// Share is a link by which others may read a conversation.
type Share struct {
	Hash    string // of the token, see TokenHash; the token itself is kept nowhere
	Created time.Time
	Expires time.Time
}

// Cut says what Sweep removes.
type Cut struct {
	Now    time.Time
	Unused time.Time // conversations not written to since
	// Witness keeps a clock that jumped ahead from emptying the store: conversations go as unused only where some other was written to from Unused
	// until then. Zero: they go without.
	Witness time.Time
	Empty   time.Time // conversations without turns made before
	Limit   int
}

// Bounds are what a store keeps at most. Zero means the default.
type Bounds struct {
	Turns         int // of one conversation; 100; beyond, the oldest goes
	Conversations int // of one owner; 500; beyond, the one longest unused goes
}

// WithDefaults gives the bounds with the defaults set.
func (b Bounds) WithDefaults() Bounds {
	if b.Turns <= 0 {
		b.Turns = 100
	}
	if b.Conversations <= 0 {
		b.Conversations = 500
	}
	return b
}
