package indextest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/resync-hwa/resync/knowledge/index"
)

// Place is where an index is kept.
type Place struct {
	// Open opens the index that is kept there; the suite closes it. Every call opens the same one, after the one before was closed.
	Open func(t *testing.T) index.Index
	// Volatile says that nothing outlives Close.
	Volatile bool
	// Sums says that the engine orders by the sum of a unit's words and not by the best one; then only the first half of an exact
	// engine's list is asked of it where units have several words.
	Sums bool
}

// layout is what every test begins with.
var layout = index.Layout{Analysis: 1, Model: "made up", Dimensions: Dimensions}

// Run holds an index to the contract of index.Index and to Oracle's candidates. place gives a new, empty place for each test.
func Run(t *testing.T, place func(t *testing.T) Place) {
	for _, test := range []struct {
		name string
		do   func(t *testing.T, p Place)
	}{
		{"empty", empty}, {"candidates", candidates}, {"access", access}, {"changes", changes}, {"mark", marks}, {"strange questions", strange},
		{"without vectors", withoutVectors}, {"vectors later", vectorsLater}, {"reset", reset}, {"reopen", reopen}, {"cancelled", cancelled}, {"reading while writing", concurrent},
	} {
		t.Run(test.name, func(t *testing.T) { test.do(t, place(t)) })
	}
}

// open opens a place and empties it.
func open(t *testing.T, p Place) index.Index {
	t.Helper()
	x := p.Open(t)
	must(t, x.Reset(t.Context(), layout))
	return x
}

func shut(t *testing.T, x index.Index) {
	t.Helper()
	must(t, x.Close())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func empty(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	c := NewCorpus(1)
	q := c.Query(3, 2)
	q.Vector = c.Vector()
	b.same(t, "nothing in it", q, index.Query{All: true}, index.Query{})
}

func candidates(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	c := NewCorpus(2)
	b.apply(t, c.Fill(160)...)
	for _, shape := range []struct{ units, words, limit int }{{1, 1, 0}, {3, 1, 0}, {8, 1, 20}, {8, 1, 0}, {2, 4, 0}, {12, 3, 50}, {5, 2, 10000}, {64, 1, 0}, {64, 3, 0}} {
		for i := range 6 {
			q := c.Query(shape.units, shape.words)
			q.Limit = shape.limit
			if i%3 > 0 {
				q.Vector = c.Vector()
			}
			if i%3 > 1 {
				q.Units = nil
			}
			b.same(t, fmt.Sprintf("%+v", shape), q)
		}
	}
}

func access(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	c := NewCorpus(3)
	b.apply(t, c.Fill(40)...)
	for _, labels := range [][]string{nil, {"ops"}, {"ops", "dba"}, {"nobody"}, {"", "*"}, {"op", "ops "}} {
		q := c.Query(4, 1)
		q.All, q.Access, q.Vector = false, labels, c.Vector()
		few := q
		few.Limit = 5 // what may not be seen takes no place
		b.same(t, fmt.Sprintf("who may see %q", labels), q, few)
		found, err := b.Find(t.Context(), q)
		must(t, err)
		for _, f := range found {
			if a := b.o.passages[f.ID].passage.Access; !may(q, a) {
				t.Fatalf("%q was shown to one who may see %q", a, labels)
			}
		}
	}
}

// changes: documents are replaced and removed and come again; of two changes in one batch the later holds.
func changes(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	c := NewCorpus(4)
	b.apply(t, c.Fill(30)...)
	questions := []index.Query{c.Query(6, 1), c.Query(3, 1)}
	questions[1].Vector = c.Vector()
	step := func(what string, changes ...index.Change) index.Batch {
		t.Helper()
		batch := c.Batch(changes...)
		b.apply(t, batch)
		b.same(t, what, questions...)
		return batch
	}
	step("replaced", c.Change(3, 5), c.Change(9, 1))
	step("removed", c.Change(4, 0))
	step("removed again", c.Change(4, 0), c.Change(777, 0))
	step("came again", c.Change(4, 2))
	last := step("twice in a batch", c.Change(5, 7), c.Change(6, 2), c.Change(5, 2), c.Change(6, 0))
	b.apply(t, last)
	b.same(t, "applied again", questions...)
	large := step("a large document", c.Change(8, 700))
	b.apply(t, large, large)
	b.same(t, "a large document, applied three times", questions...)
	var all []index.Change
	for d := range 30 {
		all = append(all, c.Change(int64(d+1), 0))
	}
	step("all but one removed", all...)
}

func marks(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	c := NewCorpus(5)
	b.apply(t, c.Batch(c.Change(1, 2)))
	b.same(t, "first")
	c.Next()
	b.apply(t, index.Batch{Upto: c.Next(), Average: Average})
	b.same(t, "a batch of no changes")
	old := c.Batch(c.Change(2, 1))
	b.apply(t, old, old)
	b.same(t, "the same batch again")
}

func strange(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	c := NewCorpus(6)
	b.apply(t, c.Fill(20)...)
	known := c.Query(1, 1).Units[0]
	unknown := index.Unit{Weight: 1, Any: []index.Term{{Hash: index.Hash("en:never"), IDF: 9}}}
	b.same(t, "strange", index.Query{All: true}, index.Query{All: true, Units: []index.Unit{unknown}}, index.Query{All: true, Units: []index.Unit{unknown, known, {Weight: 1}}},
		index.Query{All: true, Units: []index.Unit{known, known}}, index.Query{All: true, Limit: 1, Units: []index.Unit{known}})
}

// withoutVectors: a layout without a model takes passages that have none, and questions that have one all the same.
func withoutVectors(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	l := index.Layout{Analysis: 3}
	must(t, b.Reset(t.Context(), l))
	must(t, b.o.Reset(t.Context(), l))
	c := NewCorpus(7)
	batches := c.Fill(10)
	for i := range batches {
		for j := range batches[i].Changes {
			for k := range batches[i].Changes[j].Passages {
				batches[i].Changes[j].Passages[k].Vector = nil
			}
		}
	}
	b.apply(t, batches...)
	q := c.Query(3, 1)
	q.Vector = c.Vector()
	b.same(t, "no vectors", q, c.Query(2, 1))
}

// vectorsLater: changes that came without their vectors come again, and the index knows how far back that reaches, whoever applied what in between.
func vectorsLater(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	c := NewCorpus(12)
	q := c.Query(3, 1)
	q.Vector = c.Vector()
	var last index.Batch
	step := func(name string, want int64, batch index.Batch) {
		t.Helper()
		b.apply(t, batch)
		s, err := b.State(t.Context())
		if err != nil || s.Vectors != want || s.Upto != batch.Upto {
			t.Fatalf("%s: %+v, %v, want vectors up to %d of %d", name, s, err, want, batch.Upto)
		}
		b.same(t, name, q)
		last = batch
	}
	bare := func(after int64, changes ...index.Change) index.Batch {
		for _, x := range changes {
			for i := range x.Passages {
				x.Passages[i].Vector = nil
			}
		}
		out := c.Batch(changes...)
		out.After, out.Bare = after, true
		return out
	}
	step("all have theirs", 2, c.Batch(c.Change(1, 4), c.Change(2, 4)))
	lacking := c.Change(3, 4)
	step("some lack theirs", 2, bare(2, lacking))
	next := c.Batch(c.Change(4, 4))
	next.After = 3
	step("more with theirs", 2, next)
	for i := range lacking.Passages {
		lacking.Passages[i].Vector = c.Vector()
	}
	again := index.Batch{After: 2, Upto: 4, Average: Average, Changes: []index.Change{lacking}}
	step("they come", 3, again)
	step("the rest comes again", 4, index.Batch{After: 3, Upto: 4, Average: Average, Changes: next.Changes})
	step("applied again without", 2, index.Batch{After: 2, Upto: 4, Average: Average, Changes: last.Changes, Bare: true})
	must(t, b.Reset(t.Context(), layout))
	if s, err := b.State(t.Context()); err != nil || s.Vectors != 0 {
		t.Errorf("emptied: %+v, %v", s, err)
	}
}

func reset(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	c := NewCorpus(8)
	b.apply(t, c.Fill(10)...)
	for _, l := range []index.Layout{{Analysis: 2, Model: "another", Dimensions: Dimensions}, layout} {
		must(t, b.Reset(t.Context(), l))
		must(t, b.o.Reset(t.Context(), l))
		q := c.Query(3, 1)
		q.Vector = c.Vector()
		b.same(t, "emptied", q)
	}
	c = NewCorpus(9) // numbers begin again, as they do for a new shelf
	b.apply(t, c.Fill(12)...)
	b.same(t, "filled again", c.Query(3, 1))
}

func reopen(t *testing.T, p Place) {
	if p.Volatile {
		t.Skip("nothing outlives Close here")
	}
	b := paired(t, p)
	c := NewCorpus(10)
	q := []index.Query{c.Query(3, 1), c.Query(9, 1)}
	q[1].Vector = c.Vector()
	for _, batch := range c.Fill(90) {
		b.apply(t, batch)
		shut(t, b)
		b.Index = p.Open(t)
		b.same(t, "opened again", q...)
	}
	b.apply(t, c.Batch(c.Change(5, 3), c.Change(7, 0)))
	shut(t, b)
	b.Index = p.Open(t)
	defer shut(t, b)
	b.same(t, "opened at last", q...)
}

func cancelled(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	c := NewCorpus(11)
	b.apply(t, c.Fill(10)...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q := c.Query(3, 1)
	_, found := b.Find(ctx, q)
	for what, err := range map[string]error{"Find": found, "Apply": b.Apply(ctx, c.Batch(c.Change(1, 1)))} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the context's error", what, err)
		}
	}
	b.same(t, "after what was cancelled", q)
}

// concurrent: whoever reads while documents are replaced sees each of them in one version, and nothing twice.
func concurrent(t *testing.T, p Place) {
	b := paired(t, p)
	defer shut(t, b)
	c := NewCorpus(12)
	b.apply(t, c.Fill(20)...)
	var wg sync.WaitGroup
	done := make(chan struct{})
	end := sync.OnceFunc(func() { close(done); wg.Wait() })
	defer end()
	for r := range 3 {
		q := NewCorpus(uint64(100 + r))
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				ask := q.Query(6, 1)
				if n%2 == 0 {
					ask.Vector = q.Vector()
				}
				found, err := b.Find(t.Context(), ask)
				if err != nil {
					t.Errorf("while writing: %v", err)
					return
				}
				if err := oneVersion(found); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 15 {
		b.apply(t, c.Batch(c.Change(int64(1+i%20), 1+i%7), c.Change(int64(1+(i+7)%20), 3)))
	}
	end()
	b.same(t, "afterwards", c.Query(6, 1), c.Query(2, 1))
}

// oneVersion reports a passage that comes twice, and a document that comes in two versions.
func oneVersion(found []index.Candidate) error {
	version, seen := map[int64]int{}, map[uint64]bool{}
	for _, c := range found {
		if seen[c.ID] {
			return fmt.Errorf("passage %d came twice", c.ID)
		}
		seen[c.ID] = true
		r, err := c.Record.Unpack()
		if err != nil {
			return err
		}
		if v, ok := version[c.Document]; ok && v != r.Section {
			return fmt.Errorf("document %d came as of changes %d and %d", c.Document, v, r.Section)
		}
		version[c.Document] = r.Section
	}
	return nil
}
