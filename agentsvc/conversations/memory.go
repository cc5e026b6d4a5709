package conversations

import (
	"cmp"
	"container/list"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// MemoryOptions bound a Memory store.
type MemoryOptions struct {
	Bounds

	All int // conversations of all owners; 0 means 1,000; beyond, the one longest unused goes
}

// Memory is a Store in memory, for processes that keep nothing.
type Memory struct {
	o     MemoryOptions
	mu    sync.Mutex
	order *list.List // of *kept, the latest used in front
	byID  map[string]*list.Element
}

// kept is a conversation with what only the store needs of it.
type kept struct {
	Conversation

	lease  Lease
	stop   bool
	shared string          // message id of the last turn behind the link
	old    map[string]Turn // earlier versions
}

var _ Store = (*Memory)(nil)

// NewMemory makes an empty store.
func NewMemory(o MemoryOptions) *Memory {
	o.Bounds = o.WithDefaults()
	if o.All <= 0 {
		o.All = 1000
	}
	return &Memory{o: o, order: list.New(), byID: map[string]*list.Element{}}
}

// Create implements Store.
func (m *Memory) Create(_ context.Context, c Conversation, l Lease) error {
	if err := SoundNames(c.Owner, c.ID); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byID[c.ID] != nil {
		return fault.New(fault.Conflict, "There is a conversation %s already.", c.ID)
	}
	c.Title, c.Turns, c.Share = TitleOf(c.Title), nil, nil
	c.Created, c.Updated = millis(c.Created), millis(c.Updated)
	m.byID[c.ID] = m.order.PushFront(&kept{Conversation: c, lease: l, old: map[string]Turn{}})
	for e := m.order.Back(); e != nil && m.order.Len() > m.o.All; {
		before := e.Prev()
		if !held(e).heldAt(c.Created) {
			m.remove(e)
		}
		e = before
	}
	m.dropUnused(c)
	return nil
}

// dropUnused removes what the new conversation's owner has too many of.
func (m *Memory) dropUnused(c Conversation) {
	var all []*kept
	for e := m.order.Front(); e != nil; e = e.Next() {
		if k := held(e); k.Owner == c.Owner {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b *kept) int { return compare(a.Updated, a.ID, b.Updated, b.ID) })
	for _, k := range all[min(len(all), m.o.Conversations):] {
		if k.ID != c.ID && !k.heldAt(c.Created) {
			m.remove(m.byID[k.ID])
		}
	}
}

func (k *kept) heldAt(now time.Time) bool { return k.lease.Holder != "" && k.lease.Until.After(now) }

func (m *Memory) remove(e *list.Element) {
	m.order.Remove(e)
	delete(m.byID, held(e).ID)
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, owner, id string) (Conversation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, err := m.use(owner, id)
	if err != nil {
		return Conversation{}, err
	}
	return k.read(), nil
}

// read gives the conversation without ledgers.
func (k *kept) read() Conversation {
	c := k.Conversation
	c.Turns = slices.Clone(c.Turns)
	for i := range c.Turns {
		c.Turns[i].Ledger, c.Turns[i].Feedback = nil, slices.Clone(c.Turns[i].Feedback)
	}
	return c
}

// Turn implements Store.
func (m *Memory) Turn(_ context.Context, owner, id, message string) (Turn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, err := m.use(owner, id)
	if err != nil {
		return Turn{}, err
	}
	if t, ok := k.old[message]; ok {
		return t, nil
	}
	if t, ok := k.Conversation.Turn(message); ok {
		t.Feedback = slices.Clone(t.Feedback)
		return t, nil
	}
	return Turn{}, NoTurn(message)
}

// Before implements Store.
func (m *Memory) Before(_ context.Context, owner, id, message string, most int) ([]Turn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, err := m.use(owner, id)
	if err != nil {
		return nil, err
	}
	turns, ok := k.Before(message)
	if !ok {
		return nil, NoTurn(message)
	}
	turns = slices.Clone(turns[max(0, len(turns)-most):])
	for i := range turns {
		turns[i].Feedback, turns[i].Earlier = nil, nil
		if i < len(turns)-1 {
			turns[i].Ledger = nil
		}
	}
	return turns, nil
}

// Append implements Store.
func (m *Memory) Append(ctx context.Context, owner, id, holder string, t Turn) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	k, err := m.use(owner, id)
	if err == nil {
		err = SoundTurn(t)
	}
	if err != nil {
		return err
	}
	if k.lease.Holder != holder {
		return Lost()
	}
	if _, taken := k.Conversation.Turn(t.ID); taken || k.old[t.ID].ID != "" {
		return fault.New(fault.Conflict, "The conversation has an answer %s already.", t.ID)
	}
	t.At, t.Feedback, t.Earlier = millis(t.At), nil, nil
	if t.Replaces != "" {
		before, ok := k.Conversation.Turn(t.Replaces)
		if !ok {
			return NoTurn(t.Replaces)
		}
		before.Earlier = nil
		k.old[before.ID] = before
		if k.shared == before.ID {
			k.shared = t.ID // the link shows the place of a turn, in its present version
		}
	}
	k.Turns = replaced(k.Turns, t)
	if extra := len(k.Turns) - m.o.Turns; extra > 0 {
		k.Turns = slices.Delete(k.Turns, 0, extra)
	}
	k.forget()
	if k.Title == "" {
		k.Title = TitleOf(t.Question)
	}
	k.Updated = t.At
	return nil
}

// forget drops the earlier versions that no turn names any more.
func (k *kept) forget() {
	named := map[string]bool{}
	for _, t := range k.Turns {
		for _, id := range t.Earlier {
			named[id] = true
		}
	}
	for id := range k.old {
		if !named[id] {
			delete(k.old, id)
		}
	}
}

// List implements Store.
func (m *Memory) List(_ context.Context, owner string, q Query) (Page, error) {
	after, err := q.Place()
	if err != nil {
		return Page{}, err
	}
	terms := q.Terms()
	m.mu.Lock()
	defer m.mu.Unlock()
	page := Page{Items: []Summary{}}
	for e := m.order.Front(); e != nil; e = e.Next() {
		k := held(e)
		if k.Owner != owner || len(k.Turns) == 0 {
			continue
		}
		s := Summary{ID: k.ID, Title: k.Title, Created: k.Created, Updated: k.Updated, Turns: len(k.Turns)}
		if len(terms) > 0 {
			if s.Match = k.match(terms); s.Match == nil {
				continue
			}
		}
		if page.Total++; after.ID == "" || compare(k.Updated, k.ID, after.Updated, after.ID) > 0 {
			page.Items = append(page.Items, s)
		}
	}
	slices.SortFunc(page.Items, func(a, b Summary) int { return compare(a.Updated, a.ID, b.Updated, b.ID) })
	if size := q.Size(); len(page.Items) > size {
		page.Items = page.Items[:size]
		last := page.Items[size-1]
		page.Next = q.Cursor(Place{Updated: last.Updated, ID: last.ID})
	}
	return page, nil
}

func (k *kept) match(terms []string) *Match {
	for _, t := range slices.Backward(k.Turns) {
		if Has(t.Folded(), terms) {
			return MatchOf(t, terms)
		}
	}
	if Has(FoldedTitle(k.Title), terms) {
		return &Match{Excerpt: k.Title}
	}
	return nil
}

// compare orders a list: the latest used first, and the greater id before the smaller.
func compare(at time.Time, id string, other time.Time, otherID string) int {
	return cmp.Or(other.Compare(at), cmp.Compare(otherID, id))
}

// Rename implements Store.
func (m *Memory) Rename(_ context.Context, owner, id, title string) error {
	return m.change(owner, id, func(k *kept) error { k.Title = TitleOf(title); return nil })
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, owner, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.use(owner, id); err != nil {
		return err
	}
	m.remove(m.byID[id])
	return nil
}

// use finds a conversation and notes that it was used.
func (m *Memory) use(owner, id string) (*kept, error) {
	e := m.byID[id]
	if e == nil || held(e).Owner != owner {
		return nil, Missing(id)
	}
	m.order.MoveToFront(e)
	return held(e), nil
}

func held(e *list.Element) *kept {
	k, _ := e.Value.(*kept)
	return k
}

// millis is how exact times are kept.
func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// replaced gives the turns with t at their end, or in the place of the one that it replaces.
func replaced(turns []Turn, t Turn) []Turn {
	out := append(turns[:0:0], turns...)
	for i, old := range out {
		if t.Replaces != "" && old.ID == t.Replaces {
			t.Earlier = append(old.Earlier[:len(old.Earlier):len(old.Earlier)], old.ID)
			t.Earlier = t.Earlier[max(0, len(t.Earlier)-MaxVersions):]
			out[i] = t
			return out
		}
	}
	return append(out, t)
}
