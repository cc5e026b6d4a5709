package hwa

import (
	"context"
	"sync"
)

// slotsByName lets one holder at a time in per name.
type slotsByName struct {
	mu   sync.Mutex
	held map[string]*nameSlot
}

type nameSlot struct {
	ch    chan struct{}
	users int
}

// acquire waits for the name's slot and returns its release.
func (s *slotsByName) acquire(ctx context.Context, name string) (func(), error) {
	s.mu.Lock()
	if s.held == nil {
		s.held = map[string]*nameSlot{}
	}
	slot := s.held[name]
	if slot == nil {
		slot = &nameSlot{ch: make(chan struct{}, 1)}
		s.held[name] = slot
	}
	slot.users++
	s.mu.Unlock()
	leave := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if slot.users--; slot.users == 0 {
			delete(s.held, name)
		}
	}
	select {
	case slot.ch <- struct{}{}:
		return func() { <-slot.ch; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
