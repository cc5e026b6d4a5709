package spend

import (
	"context"
	"crypto/rand"
	"math"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Turn is the account of one answer. It is safe for concurrent use.
type Turn struct {
	book  *Book
	owner string
	id    string // of the reservation; empty: none was needed

	mu    sync.Mutex
	spent amount
	ended bool
}

// Begin opens the account of an answer for a person, and reserves what it may cost. Its error is coded and says why no model may be used:
// limited when a budget is used up, with the time at which it opens again, or that of the database when budgets cannot be read.
func (b *Book) Begin(ctx context.Context, owner string) (*Turn, error) {
	t := &Turn{book: b, owner: owner}
	if !b.o.Limits.any() {
		return t, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := b.prune(ctx); err != nil {
		b.o.Logger.Warn("remove old accounts", "error", err)
	}
	id := rand.Text()
	why, err := b.reserve(ctx, id, owner, b.estimate())
	if err != nil {
		b.o.Logger.Error("reserve a budget", "error", err)
		return nil, fault.Wrap(fault.CodeOf(err), err, "Whether today's budget for language models is used up cannot be read, so none was asked.").
			WithHint("The answer was put together without a model; look at the database.").WithSource("budget")
	}
	if why != "" {
		return nil, b.usedUp(why)
	}
	t.id = id
	return t, nil
}

// usedUp tells which budget is used up, and when it opens again.
func (b *Book) usedUp(whose string) error {
	opens := b.o.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	return fault.New(fault.Limited, "%s for language models is used up for today, so the answer was put together without one. It opens again at %s.", whose, opens.Format("2006-01-02 15:04 UTC")).
		WithHint("Whoever runs Resync can raise llm.budget_… in its settings.").WithSource("budget")
}

// Spent enters a request and gives what it cost, in US dollars; 0 where no price is known. What cannot be written now is written later.
func (t *Turn) Spent(ctx context.Context, u Use) float64 {
	b := t.book
	for _, n := range []*int{&u.Input, &u.Cached, &u.Stored, &u.Output} {
		*n = min(max(*n, 0), math.MaxInt32)
	}
	usd, priced := b.price(u)
	a := amount{nanos: nanos(usd), input: int64(u.Input), cached: int64(u.Cached), stored: int64(u.Stored), output: int64(u.Output), requests: 1}
	for _, f := range []struct {
		is bool
		n  *int64
	}{{u.Failed, &a.failed}, {!priced, &a.unpriced}, {u.Estimated, &a.guessed}} {
		if f.is {
			*f.n = 1
		}
	}
	t.mu.Lock()
	t.spent = t.spent.plus(a)
	left := t.id
	if t.ended {
		left = ""
	}
	t.mu.Unlock()
	b.o.Count(Counted{Use: u, USD: usd, Priced: priced})
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	b.enter(ctx, left, key{b.day(), t.owner, u.Model}, a)
	return usd
}

// End gives back what is left of the reservation. It may be called more than once.
func (t *Turn) End(ctx context.Context) {
	t.mu.Lock()
	ended, spent := t.ended, t.spent
	t.ended = true
	t.mu.Unlock()
	if ended {
		return
	}
	if spent.requests > 0 {
		t.book.ended(spent)
	}
	if t.id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := t.book.release(ctx, t.id); err != nil {
		t.book.o.Logger.Warn("give back a reservation; it runs out", "error", err)
	}
}
