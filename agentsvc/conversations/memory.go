package conversations

import (
	"container/list"
	"context"
	"slices"
	"sync"

	"github.com/resync-hwa/resync/internal/fault"
)

// MemoryOptions bound a Memory store.
type MemoryOptions struct {
	Conversations int // 0 means 1,000; beyond, the one longest unused goes
	Turns         int // of one conversation; 0 means 50; beyond, the oldest goes
}

// Memory is a Store in memory, for processes that keep nothing: at most so many conversations, at most so many turns of each.
type Memory struct {
	o     MemoryOptions
	mu    sync.Mutex
	order *list.List // of *Conversation, the latest used in front
	byID  map[string]*list.Element
}

// NewMemory makes an empty store.
func NewMemory(o MemoryOptions) *Memory {
	if o.Conversations <= 0 {
		o.Conversations = 1000
	}
	if o.Turns <= 0 {
		o.Turns = 50
	}
	return &Memory{o: o, order: list.New(), byID: map[string]*list.Element{}}
}

// Create implements Store.
func (m *Memory) Create(_ context.Context, c Conversation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byID[c.ID] != nil {
		return fault.New(fault.Conflict, "There is a conversation %s already.", c.ID)
	}
	m.byID[c.ID] = m.order.PushFront(&c)
	for m.order.Len() > m.o.Conversations {
		last := m.order.Back()
		m.order.Remove(last)
		delete(m.byID, held(last).ID)
	}
	return nil
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, owner, id string) (Conversation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, err := m.find(owner, id)
	if err != nil {
		return Conversation{}, err
	}
	m.order.MoveToFront(e)
	c := *held(e)
	c.Turns = slices.Clone(c.Turns)
	return c, nil
}

// Append implements Store.
func (m *Memory) Append(_ context.Context, owner, id string, t Turn) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, err := m.find(owner, id)
	if err != nil {
		return err
	}
	m.order.MoveToFront(e)
	c := held(e)
	c.Turns = append(c.Turns, t)
	if extra := len(c.Turns) - m.o.Turns; extra > 0 {
		c.Turns = slices.Delete(c.Turns, 0, extra)
	}
	if c.Title == "" {
		c.Title = title(t.Question)
	}
	c.Updated = t.At
	return nil
}

// List implements Store.
func (m *Memory) List(_ context.Context, owner string, limit int) ([]Summary, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := []Summary{}
	for e := m.order.Front(); e != nil; e = e.Next() {
		if c := held(e); c.Owner == owner {
			out = append(out, Summary{ID: c.ID, Title: c.Title, Created: c.Created, Updated: c.Updated, Turns: len(c.Turns)})
		}
	}
	slices.SortStableFunc(out, func(a, b Summary) int { return b.Updated.Compare(a.Updated) })
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, owner, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, err := m.find(owner, id)
	if err != nil {
		return err
	}
	m.order.Remove(e)
	delete(m.byID, id)
	return nil
}

func (m *Memory) find(owner, id string) (*list.Element, error) {
	e := m.byID[id]
	if e == nil || held(e).Owner != owner {
		return nil, fault.New(fault.NotFound, "There is no conversation %q.", id).WithHint("Leave the conversation out to start a new one.")
	}
	return e, nil
}

func held(e *list.Element) *Conversation {
	c, _ := e.Value.(*Conversation)
	return c
}

// title is the first question as it stands in a list.
func title(q string) string {
	const most = 80
	r := []rune(q)
	if len(r) <= most {
		return q
	}
	return string(r[:most-1]) + "…"
}
