package sim

import (
	"slices"

	"github.com/resync-hwa/resync/twstools"
)

// takeUnits takes all units that are needed, or none. A resource has at most 32 holders, so that some wait though units are
// free (UG "needs > Comments"). Units are taken when everything else is met: the status is READY only once all dependencies are resolved, and a
// READY job may then wait for the workstation's limit (UG "Resource definition").
func (s *Sim) takeUnits(w *waits) bool {
	for i, d := range w.deps {
		if d.kind == twstools.DepResource && !d.met && !d.waived && !d.resource.has(d.units(), w.deps[:i]) {
			for _, d := range w.deps {
				if d.kind == twstools.DepResource && !slices.Contains(d.resource.waiting, d) {
					d.resource.waiting = append(d.resource.waiting, d)
				}
			}
			return false
		}
	}
	for _, d := range w.deps {
		if d.kind != twstools.DepResource || d.met || d.waived {
			continue
		}
		d.met = true
		d.resource.used += d.units()
		d.resource.holders = append(d.resource.holders, d)
		d.resource.waiting = slices.DeleteFunc(d.resource.waiting, func(x *dep) bool { return x == d })
		s.touch(d.resource)
	}
	return true
}

// inHolders is how many holders so many units make: each holds 32 at most (UG "needs > Comments").
func inHolders(units int) int { return (units + unitsOfHolder - 1) / unitsOfHolder }

func (d *dep) units() int { return max(d.need.Quantity, 1) }

// has reports whether units are free beside those that the same owner is about to take by the needs before this one.
func (r *resource) has(units int, before []*dep) bool {
	holders := inHolders(units)
	for _, d := range r.holders {
		holders += inHolders(d.units())
	}
	for _, d := range before {
		if d.resource == r && !d.met && !d.waived {
			units += d.units()
			holders += inHolders(d.units())
		}
	}
	return holders <= maxHolders && r.used+units <= r.total
}

// giveBack returns all units that a job or stream holds, whether it ended well or not. Who waits is served by priority (UG "Resource
// definition"), among equals in the order of asking (modelled).
func (s *Sim) giveBack(w *waits) {
	for _, d := range w.deps {
		if d.kind != twstools.DepResource || !d.met {
			continue
		}
		i := slices.Index(d.resource.holders, d)
		if i < 0 {
			continue
		}
		d.resource.holders = slices.Delete(d.resource.holders, i, i+1)
		d.resource.used -= d.units()
		s.offer(d.resource)
		w.stale()
	}
}

// touch says that a resource is different; snapshots see it by its age.
func (s *Sim) touch(r *resource) {
	s.changes++
	r.changed = s.changes
}

func (s *Sim) offer(r *resource) {
	s.touch(r)
	slices.SortStableFunc(r.waiting, func(a, b *dep) int { return b.of.priority - a.of.priority })
	for _, d := range r.waiting {
		s.look(d.of)
	}
}
