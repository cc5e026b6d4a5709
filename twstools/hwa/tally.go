package hwa

import "time"

// tallySlots is into how many slices the span of a tally is cut: the oldest tenth is forgotten at a time.
const tallySlots = 10

// tally counts two kinds of events over the latest span of time. Not safe for concurrent use; its owner locks.
type tally struct {
	span  time.Duration
	slots [tallySlots]tallySlot
}

type tallySlot struct {
	index int64 // of the slice of time since 1970
	n     [2]int
}

func (t *tally) index(now time.Time) int64 { return now.UnixNano() / int64(t.span/tallySlots) }

func (t *tally) add(now time.Time, kind int) {
	i := t.index(now)
	s := &t.slots[((i%tallySlots)+tallySlots)%tallySlots]
	if s.index != i {
		*s = tallySlot{index: i}
	}
	s.n[kind]++
}

// sum gives both counts. Slices that a clock set back has left in the future count for nothing.
func (t *tally) sum(now time.Time) (n [2]int) {
	i := t.index(now)
	for _, s := range t.slots {
		if s.index > i-tallySlots && s.index <= i {
			n[0] += s.n[0]
			n[1] += s.n[1]
		}
	}
	return n
}
