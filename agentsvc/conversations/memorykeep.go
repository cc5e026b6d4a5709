package conversations

import (
	"context"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// change does something to a conversation.
func (m *Memory) change(owner, id string, do func(*kept) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, err := m.use(owner, id)
	if err != nil {
		return err
	}
	return do(k)
}

// SetFeedback implements Store.
func (m *Memory) SetFeedback(_ context.Context, owner, id, message string, f Feedback) error {
	f.At = millis(f.At)
	set := func(t *Turn) {
		t.Feedback = slices.DeleteFunc(slices.Clone(t.Feedback), func(o Feedback) bool { return o.Who == f.Who })
		if f.Opinion != None {
			t.Feedback = append(t.Feedback, f)
		}
	}
	return m.change(owner, id, func(k *kept) error {
		if t, ok := k.old[message]; ok {
			set(&t)
			k.old[message] = t
			return nil
		}
		for i := range k.Turns {
			if k.Turns[i].ID == message {
				set(&k.Turns[i])
				return nil
			}
		}
		return NoTurn(message)
	})
}

// SetShare implements Store.
func (m *Memory) SetShare(_ context.Context, owner, id string, s *Share) error {
	return m.change(owner, id, func(k *kept) error {
		k.Share, k.shared = nil, ""
		if s == nil {
			return nil
		}
		same := *s
		same.Created, same.Expires = millis(s.Created), millis(s.Expires)
		k.Share = &same
		if last, ok := k.Last(); ok {
			k.shared = last.ID
		}
		return nil
	})
}

// Shared implements Store.
func (m *Memory) Shared(_ context.Context, hash string, now time.Time) (Conversation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for e := m.order.Front(); e != nil; e = e.Next() {
		k := held(e)
		if k.Share == nil || k.Share.Hash != hash || !k.Share.Expires.After(now) {
			continue
		}
		c := k.read()
		end := slices.IndexFunc(c.Turns, func(t Turn) bool { return t.ID == k.shared })
		c.Turns = c.Turns[:end+1]
		for i := range c.Turns {
			c.Turns[i].Feedback = nil
		}
		return c, nil
	}
	return Conversation{}, NoLink()
}

// Hold implements Store.
func (m *Memory) Hold(_ context.Context, owner, id string, l Lease, now time.Time) (stop bool, err error) {
	err = m.change(owner, id, func(k *kept) error {
		if k.lease.Holder != l.Holder {
			if k.heldAt(now) {
				return occupied(nil)
			}
			k.stop = false
		}
		k.lease, stop = l, k.stop
		return nil
	})
	return stop, err
}

// Free implements Store.
func (m *Memory) Free(_ context.Context, owner, id, holder string) error {
	return m.change(owner, id, func(k *kept) error {
		if k.lease.Holder == holder {
			k.lease, k.stop = Lease{}, false
		}
		return nil
	})
}

// Stop implements Store.
func (m *Memory) Stop(_ context.Context, owner, id string, now time.Time) (running bool, err error) {
	err = m.change(owner, id, func(k *kept) error {
		running = k.heldAt(now)
		k.stop = running
		return nil
	})
	return running, err
}

// Sweep implements Store.
func (m *Memory) Sweep(_ context.Context, c Cut) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for e := m.order.Back(); e != nil && n < c.Limit; {
		k, next := held(e), e.Prev()
		if !k.heldAt(c.Now) && (k.Updated.Before(c.Unused) || len(k.Turns) == 0 && k.Created.Before(c.Empty)) {
			m.remove(e)
			n++
		}
		e = next
	}
	return n, nil
}

// Missing is the error of a conversation that is not there, or not there for the owner.
func Missing(id string) error {
	return fault.New(fault.NotFound, "There is no conversation %q.", shortened(Sanitize(id), 80)).WithHint("Leave the conversation out to start a new one.")
}

// NoTurn is the error of an answer that the conversation does not have.
func NoTurn(message string) error {
	return fault.New(fault.NotFound, "The conversation has no answer %q, or has it no more.", shortened(Sanitize(message), 80))
}

// NoLink is the error of a link that leads nowhere, whatever the reason.
func NoLink() error {
	return fault.New(fault.NotFound, "This link leads to no conversation: it has expired, was revoked, or never was.").WithHint("Ask whoever gave it to you for a new one.")
}

// Lost is the error of a writer whose lease went to another.
func Lost() error {
	return fault.New(fault.Conflict, "Another writer has taken the conversation over.").WithHint("Open it again.")
}

// SoundNames refuses an owner or an id that no database could keep.
func SoundNames(owner, id string) error {
	if owner == "" || id == "" || !Sound(owner) || !Sound(id) {
		return fault.New(fault.Invalid, "A conversation needs an owner and an id, in valid UTF-8.")
	}
	return nil
}
