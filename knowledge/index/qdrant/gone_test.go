package qdrant_test

import (
	"testing"
	"time"

	client "github.com/qdrant/go-client/qdrant"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/qdrant"
	"github.com/resync-hwa/resync/knowledge/index/qdrant/qdranttest"
)

// A server that has lost everything, or a part, or was put back to an earlier day, is found out.
func TestDataGone(t *testing.T) {
	t.Run("dropped", func(t *testing.T) {
		s := filled(t, qdrant.Options{})
		s.Drop("resync")
		_, err := s.x.Find(t.Context(), s.question())
		wantCode(t, "question", err, fault.UpstreamUnavailable)
		wantCode(t, "batch", s.x.Apply(t.Context(), s.c.Batch(s.c.Change(1, 1))), fault.UpstreamUnavailable)
		if got, err := s.x.State(t.Context()); err != nil || got != (index.State{}) {
			t.Errorf("state %+v, %v: want nothing", got, err)
		}
		must(t, s.x.Reset(t.Context(), layout))
		must(t, s.o.Reset(t.Context(), layout))
		s.apply(t, s.c.Batch(s.c.Change(1, 3)))
		s.same(t, s.x)
	})
	t.Run("a part", func(t *testing.T) {
		s := filled(t, qdrant.Options{Settle: 50 * time.Millisecond})
		s.Edit("resync", func(id *client.PointId, _ map[string]*client.Value) bool { return id.GetNum()%10 != 1 })
		x := open(t, qdrant.Options{URL: s.URL(), Clock: s.clock.now, Settle: time.Minute})
		defer func() { _ = x.Close() }()
		if got, err := x.State(t.Context()); err != nil || got.Layout != layout {
			t.Errorf("at the first look it may be another node's batch: %+v, %v", got, err)
		}
		s.clock.move(2 * time.Minute)
		if got, err := x.State(t.Context()); err != nil || got.Layout != (index.Layout{}) || got.Upto != 0 {
			t.Errorf("at the second it is broken: %+v, %v", got, err)
		}
	})
	t.Run("a part, and a batch comes first", func(t *testing.T) {
		s := filled(t, qdrant.Options{})
		s.Edit("resync", func(id *client.PointId, _ map[string]*client.Value) bool { return id.GetNum() != 2 })
		x := open(t, qdrant.Options{URL: s.URL(), Settle: 50 * time.Millisecond})
		defer func() { _ = x.Close() }()
		wantCode(t, "batch", x.Apply(t.Context(), s.c.Batch(s.c.Change(1, 1))), fault.Conflict)
		if got, err := x.State(t.Context()); err != nil || got.Upto != 0 || got.Layout != (index.Layout{}) {
			t.Errorf("state %+v, %v: want none", got, err)
		}
	})
	t.Run("restored", func(t *testing.T) {
		s := filled(t, qdrant.Options{})
		restore := s.Snapshot("resync")
		old, err := s.x.State(t.Context())
		must(t, err)
		s.apply(t, s.c.Batch(s.c.Change(1, 5), s.c.Change(2, 0)))
		restore()
		wantCode(t, "a batch that goes on from what is gone", s.x.Apply(t.Context(), s.c.Batch(s.c.Change(3, 2))), fault.Conflict)
		if got, err := s.x.State(t.Context()); err != nil || got != old {
			t.Errorf("state %+v, %v: want that of the restored day, %+v", got, err, old)
		}
	})
	t.Run("made anew by another node", func(t *testing.T) {
		s := filled(t, qdrant.Options{})
		other := open(t, qdrant.Options{URL: s.URL()})
		defer func() { _ = other.Close() }()
		must(t, other.Reset(t.Context(), layout))
		wantCode(t, "a batch for the index before", s.x.Apply(t.Context(), s.c.Batch(s.c.Change(3, 2))), fault.Conflict)
		if got, err := other.State(t.Context()); err != nil || got.Upto != 0 || got.Passages != 0 {
			t.Errorf("the new index holds something of the batch: %+v, %v", got, err)
		}
		l := index.Layout{Analysis: 1, Model: "larger", Dimensions: 12}
		must(t, other.Reset(t.Context(), l))
		_, err := s.x.Find(t.Context(), s.question())
		wantCode(t, "a vector of the other model", err, fault.Conflict)
		if got, err := s.x.State(t.Context()); err != nil || got.Layout != l || got.Upto != 0 {
			t.Errorf("state %+v, %v", got, err)
		}
	})
}

// Two nodes that write do the work twice and harm nothing.
func TestTwoNodes(t *testing.T) {
	s := filled(t, qdrant.Options{})
	other := open(t, qdrant.Options{URL: s.URL()})
	defer func() { _ = other.Close() }()
	_, err := other.State(t.Context())
	must(t, err)
	slow := s.c.Batch(s.c.Change(3, 4), s.c.Change(6, 2))
	fast := s.c.Batch(s.c.Change(3, 1), s.c.Change(6, 0), s.c.Change(8, 3))
	arrived, release := make(chan struct{}, 1), make(chan struct{})
	s.Inject(qdranttest.Fault{Method: "UpdateBatch", Times: 1, Do: qdranttest.Hold(arrived, release)})
	late := make(chan error, 1)
	go func() { late <- other.Apply(t.Context(), slow) }()
	<-arrived
	must(t, s.x.Apply(t.Context(), slow))
	must(t, s.x.Apply(t.Context(), fast))
	close(release)
	wantCode(t, "who was overtaken", <-late, fault.Conflict)
	got, err := other.State(t.Context())
	must(t, err)
	if got.Upto != slow.Upto {
		t.Errorf("the mark is at %d, want %d: what the late one may have undone is done again", got.Upto, slow.Upto)
	}
	must(t, s.o.Apply(t.Context(), slow))
	must(t, other.Apply(t.Context(), fast))
	must(t, s.o.Apply(t.Context(), fast))
	s.same(t, other)
	must(t, other.Apply(t.Context(), slow)) // long since held: left alone
	s.same(t, other)
}

// A batch that was begun before another node made the index anew does not move the mark of the new one.
func TestMadeAnewMeanwhile(t *testing.T) {
	s := filled(t, qdrant.Options{})
	other := open(t, qdrant.Options{URL: s.URL(), Settle: 50 * time.Millisecond})
	defer func() { _ = other.Close() }()
	arrived, release := make(chan struct{}, 1), make(chan struct{})
	s.Inject(qdranttest.Fault{Method: "UpdateBatch", Times: 1, Do: qdranttest.Hold(arrived, release)})
	late := make(chan error, 1)
	go func() { late <- s.x.Apply(t.Context(), s.c.Batch(s.c.Change(3, 4))) }()
	<-arrived
	must(t, other.Reset(t.Context(), layout))
	close(release)
	wantCode(t, "the batch of the index before", <-late, fault.Conflict)
	got, err := other.State(t.Context())
	must(t, err)
	if got.Upto != 0 {
		t.Errorf("the mark of the new index is at %d", got.Upto)
	}
	// What the late one left behind is found out, and the index made anew once more.
	wantCode(t, "the first batch", other.Apply(t.Context(), s.c.Batch(s.c.Change(1, 1))), fault.Conflict)
	must(t, other.Reset(t.Context(), layout))
	must(t, s.o.Reset(t.Context(), layout))
	b := s.c.Batch(s.c.Change(1, 2))
	must(t, other.Apply(t.Context(), b))
	must(t, s.o.Apply(t.Context(), b))
	s.same(t, other)
}

// A change that comes late takes out what was before it, and nothing of the later change of the same document.
func TestLateChangeOfOneDocument(t *testing.T) {
	s := filled(t, qdrant.Options{})
	other := open(t, qdrant.Options{URL: s.URL(), Settle: 50 * time.Millisecond})
	defer func() { _ = other.Close() }()
	first := s.c.Batch(s.c.Change(3, 4))
	newer := s.c.Change(3, 2)
	second := s.c.Batch(newer)
	arrived, release := make(chan struct{}, 1), make(chan struct{})
	s.Inject(qdranttest.Fault{Method: "UpdateBatch", Times: 1, Do: qdranttest.Hold(arrived, release)})
	late := make(chan error, 1)
	go func() { late <- s.x.Apply(t.Context(), first) }()
	<-arrived
	must(t, other.Apply(t.Context(), second))
	close(release)
	wantCode(t, "the late batch", <-late, fault.Conflict)
	q := index.Query{All: true}
	for _, e := range newer.Passages[0].Record.Entries {
		q.Units = append(q.Units, index.Unit{Weight: 1, Any: []index.Term{{Hash: e.Hash, IDF: 1}}})
	}
	found, err := other.Find(t.Context(), q)
	must(t, err)
	there := map[uint64]bool{}
	for _, c := range found {
		there[c.ID] = c.Document == 3
	}
	if !there[newer.Passages[0].ID] {
		t.Error("the late batch took out a passage of the change after it")
	}
}
