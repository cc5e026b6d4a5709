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
	f.At, f.Name, f.Words = millis(f.At), Sanitize(f.Name), Sanitize(f.Words)
	set := func(t *Turn) {
		t.Feedback = slices.DeleteFunc(slices.Clone(t.Feedback), func(o Feedback) bool { return o.Who == f.Who })
		if f.Opinion != None {
			t.Feedback = append(t.Feedback, f)
		}
	}
	return m.change(owner, id, func(k *kept) error {
		if err := SoundPerson(f); err != nil {
			return err
		}
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
				return Occupied(nil)
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
	var due []*kept
	witnessed := c.Witness.IsZero()
	for e := m.order.Front(); e != nil && !witnessed; e = e.Next() {
		k := held(e)
		witnessed = !k.Updated.Before(c.Unused) && k.Updated.Before(c.Witness)
	}
	for e := m.order.Front(); e != nil; e = e.Next() {
		if k := held(e); !k.heldAt(c.Now) && (witnessed && k.Updated.Before(c.Unused) || len(k.Turns) == 0 && k.Created.Before(c.Empty)) {
			due = append(due, k)
		}
	}
	slices.SortFunc(due, func(a, b *kept) int { return compare(b.Updated, b.ID, a.Updated, a.ID) })
	due = due[:min(len(due), c.Limit)]
	for _, k := range due {
		m.remove(m.byID[k.ID])
	}
	for e := m.order.Front(); e != nil; e = e.Next() {
		if k := held(e); k.Share != nil && !k.Share.Expires.After(c.Now) {
			k.Share, k.shared = nil, ""
		}
	}
	return len(due), nil
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

// maxName is how many bytes the id of a conversation, of an answer or of a person may have: databases index them.
const maxName = 256

func named(s string) bool { return s != "" && len(s) <= maxName && Sound(s) }

// SoundNames refuses an owner or an id that no database could keep: empty ones, long ones, and what is no UTF-8.
func SoundNames(owner, id string) error {
	if !named(owner) || !named(id) {
		return fault.New(fault.Invalid, "A conversation needs an owner and an id, of at most %d bytes of UTF-8.", maxName)
	}
	return nil
}

// SoundTurn refuses a turn without an id that a database could keep.
func SoundTurn(t Turn) error {
	if !named(t.ID) || t.Replaces != "" && !named(t.Replaces) {
		return fault.New(fault.Invalid, "A turn needs an id of at most %d bytes of UTF-8.", maxName)
	}
	return nil
}

// SoundPerson refuses feedback of nobody.
func SoundPerson(f Feedback) error {
	if !named(f.Who) {
		return fault.New(fault.Invalid, "Feedback needs the person who gives it.")
	}
	return nil
}
