package sim

import (
	"sync"
	"time"

	"github.com/resync-hwa/resync/twstools/world"
)

// Live gives the plant as it is by a clock: each call lets the simulation catch up with clock and returns a world. Calls may come from several
// goroutines; within one second they get the same world. The Sim must not be used beside it, but through With.
func Live(s *Sim, clock func() time.Time) *Living { return &Living{sim: s, clock: clock} }

// Frozen gives one world for ever: the plant as it is now.
func Frozen(s *Sim) func() *world.World {
	w := s.World()
	return func() *world.World { return w }
}

// Living is a Sim that follows a clock. It is safe for concurrent use.
type Living struct {
	mu    sync.Mutex
	sim   *Sim
	clock func() time.Time
	last  *world.World
	stale bool
}

// World gives the plant as it is now by the clock. A clock that goes back gives the world it has been to.
func (l *Living) World() *world.World {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock().UTC().Truncate(time.Second)
	if l.last != nil && !l.stale && !now.After(l.last.AsOf) {
		return l.last
	}
	l.sim.Advance(now)
	l.last, l.stale = l.sim.World(), false
	return l.last
}

// With lets an intervention happen at the clock's now.
func (l *Living) With(action func(*Sim) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sim.Advance(l.clock().UTC().Truncate(time.Second))
	l.stale = true
	return action(l.sim)
}
