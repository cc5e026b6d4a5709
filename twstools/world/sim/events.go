package sim

import (
	"container/heap"
	"time"
)

// event is something that happens at an instant. Events of one instant happen in the order in which they were planned.
type event struct {
	at  time.Time
	seq uint64
	do  func()
}

type events []event

// Len, Less, Swap, Push and Pop make events a heap, the earliest first.
func (e events) Len() int { return len(e) }

func (e events) Less(i, j int) bool {
	if !e[i].at.Equal(e[j].at) {
		return e[i].at.Before(e[j].at)
	}
	return e[i].seq < e[j].seq
}

func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push adds one.
func (e *events) Push(x any) { *e = append(*e, x.(event)) }

// Pop takes the last one.
func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	old[len(old)-1] = event{}
	*e = old[:len(old)-1]
	return last
}

// when plans that something happens at t, or at once where t has passed.
func (s *Sim) when(t time.Time, do func()) {
	if t.Before(s.now) {
		t = s.now
	}
	s.seq++
	heap.Push(&s.events, event{at: t, seq: s.seq, do: do})
}
