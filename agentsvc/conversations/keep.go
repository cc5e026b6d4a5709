package conversations

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
)

// How long a link to a conversation lives when nothing else is said, and at most.
const (
	DefaultShare = 7 * 24 * time.Hour
	MaxShare     = 90 * 24 * time.Hour
)

// Share makes a link to the owner's conversation, in the place of an earlier one, and gives its token, which is shown this once and kept
// only as a hash. It lives as long as said, DefaultShare for 0, MaxShare at most.
func (c *Conversations) Share(ctx context.Context, owner, id string, life time.Duration) (token string, s Share, err error) {
	if life == 0 {
		life = DefaultShare
	}
	if life < 0 || life > MaxShare {
		return "", s, fault.New(fault.Invalid, "A link lives for at most %d days.", MaxShare/(24*time.Hour))
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	token = base64.RawURLEncoding.EncodeToString(raw)
	at := c.o.Now().UTC().Truncate(time.Millisecond)
	s = Share{Hash: TokenHash(token), Created: at, Expires: at.Add(life)}
	if err := c.store.SetShare(ctx, owner, id, &s); err != nil {
		return "", Share{}, err
	}
	return token, s, nil
}

// Shared reads the conversation behind a token, for anybody who is logged in: without its ledgers and feedback, and without its owner.
func (c *Conversations) Shared(ctx context.Context, token string) (Conversation, error) {
	conv, err := c.store.Shared(ctx, TokenHash(token), c.o.Now())
	conv.Owner = ""
	return conv, err
}

// TokenHash is how a store knows the token of a link. The token has 256 random bits, so that a plain sum suffices.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Reviewer takes in what people say of answers, where it comes with words: nothing is learned from it that no person has reviewed.
type Reviewer interface {
	Review(ctx context.Context, r Report) error
}

// Report is feedback with the turn that it is about.
type Report struct {
	Conversation string
	Turn         Turn // without its ledger
	Feedback     Feedback
}

// SetFeedback keeps what somebody thinks of an answer of theirs, in the place of what they thought before. New words go to the Reviewer;
// when that fails the feedback is kept, the error says so, and sending it again hands it over.
func (c *Conversations) SetFeedback(ctx context.Context, owner, id, message string, f Feedback) error {
	f.Words = Sanitize(f.Words)
	switch {
	case f.Opinion != Up && f.Opinion != Down && f.Opinion != None:
		return fault.New(fault.Invalid, "An opinion is up or down, or empty to take it back.")
	case f.Opinion == None && f.Words != "":
		return fault.New(fault.Invalid, "Words need an opinion: up or down.")
	case utf8.RuneCountInString(f.Words) > MaxWords:
		return fault.New(fault.Invalid, "The words have more than %d characters.", MaxWords)
	}
	t, err := c.store.Turn(ctx, owner, id, message)
	if err != nil {
		return err
	}
	f.At = c.o.Now().UTC().Truncate(time.Millisecond)
	f.Reported = false
	for _, old := range t.Feedback {
		if old.Who == f.Who && old.Words == f.Words && old.Opinion == f.Opinion {
			f.Reported = old.Reported
		}
	}
	if err := c.store.SetFeedback(ctx, owner, id, message, f); err != nil {
		return err
	}
	if f.Words == "" || f.Reported || c.o.Reviewer == nil {
		return nil
	}
	t.Ledger = nil
	if err := c.o.Reviewer.Review(ctx, Report{Conversation: id, Turn: t, Feedback: f}); err != nil {
		return fault.Wrap(fault.CodeOf(err), err, "Your feedback is kept, but it could not be handed to those who review it.").WithHint("Send it again.")
	}
	f.Reported = true
	return c.store.SetFeedback(ctx, owner, id, message, f)
}

// The sweep.
const (
	sweepEvery = time.Hour
	sweepFirst = time.Minute // a process that has just started has better things to do
	sweepBatch = 200
	sweepMost  = 50 // batches in one go
	keepEmpty  = time.Hour

	// What a node whose clock has jumped ahead stores itself is no witness that the time has passed: within a day somebody sees to the clock.
	witnessAge = 24 * time.Hour
	sweepsSure = 24
	sweepSlack = 5 * time.Minute
)

// Tend removes what has had its time, until ctx ends: soon after the start and then every hour, in batches.
func (c *Conversations) Tend(ctx context.Context) {
	wait, waits := time.NewTimer(sweepFirst), sweepFirst
	defer wait.Stop()
	steady := 0 // hours in a row in which the clock went as the timer did
	for began := c.o.Now().Round(0); ; began = c.o.Now().Round(0) {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		if passed := c.o.Now().Round(0).Sub(began); (passed - waits).Abs() > sweepSlack {
			steady = 0
		} else if waits == sweepEvery {
			steady++
		}
		if n, err := c.sweep(ctx, steady >= sweepsSure); err != nil && ctx.Err() == nil {
			c.o.Logger.Warn("remove old conversations", "error", err)
		} else if n > 0 {
			c.o.Logger.Info("removed conversations that have had their time", "conversations", n)
		}
		waits = sweepEvery
		wait.Reset(waits)
	}
}

// Sweep removes the conversations that nobody has written to for as long as they are kept, and tells how many. It is bounded: what is left
// is removed the next time. It does not trust the clock alone: where nothing was stored in all that time but for the last day, the clock may have
// jumped, and nothing is removed. Tend removes it after it has seen the clock go well for a day.
func (c *Conversations) Sweep(ctx context.Context) (int, error) { return c.sweep(ctx, false) }

func (c *Conversations) sweep(ctx context.Context, sure bool) (int, error) {
	total := 0
	for range sweepMost {
		now := c.o.Now()
		cut := Cut{Now: now, Unused: now.Add(-c.o.Keep), Empty: now.Add(-keepEmpty), Limit: sweepBatch}
		if !sure {
			cut.Witness = now.Add(-min(witnessAge, c.o.Keep/8))
		}
		n, err := c.store.Sweep(ctx, cut)
		if total += n; err != nil || n < sweepBatch {
			return total, err
		}
	}
	return total, nil
}
