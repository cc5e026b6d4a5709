package embedded_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
)

// same fails unless both indexes give the same candidates, cosines and records included.
func same(t *testing.T, what string, got, want []index.Candidate) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d candidates, want %d", what, len(got), len(want))
	}
	for i := range want {
		g, w := got[i], want[i]
		if g.ID != w.ID || g.Document != w.Document || g.ByVector != w.ByVector || math.Abs(g.Dense-w.Dense) > 1e-12 {
			t.Fatalf("%s: candidate %d is %d of %d (%v %v), want %d of %d (%v %v)", what, i, g.ID, g.Document, g.ByVector, g.Dense, w.ID, w.Document, w.ByVector, w.Dense)
		}
		if !bytes.Equal(g.Record, w.Record) {
			t.Fatalf("%s: candidate %d has another record", what, g.ID)
		}
	}
}

// Whatever is added, replaced, removed, merged and opened again: the candidates are those of an index that looks at everything.
func TestLikeTheOracle(t *testing.T) {
	for _, files := range []bool{false, true} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("files=%v/%d", files, seed), func(t *testing.T) { likeTheOracle(t, files, seed) })
		}
	}
}

func likeTheOracle(t *testing.T, files bool, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 3))
	dims := []int{0, 16, 70}[seed%3]
	m, oracle, dir := newMaker(seed, 3000, dims), indextest.NewOracle(), t.TempDir()
	x := embedded.Memory()
	if files {
		x = reopen(t, dir)
	}
	layout := index.Layout{Analysis: 3, Model: "m", Dimensions: dims}
	for _, i := range []index.Index{x, oracle} {
		if err := i.Reset(t.Context(), layout); err != nil {
			t.Fatal(err)
		}
	}
	number := int64(0)
	for round := range 30 {
		b := index.Batch{Average: 60 + 80*r.Float64()}
		for range 1 + r.IntN(12) {
			number++
			c := index.Change{Number: number, Document: r.Int64N(40) - 5}
			for range r.IntN(12) {
				c.Passages = append(c.Passages, m.passage(5+r.IntN(60)))
				if n := len(c.Passages); n > 1 && r.IntN(4) == 0 { // the same text once more
					c.Passages[n-1].Record = c.Passages[n-2].Record
				}
			}
			b.Changes = append(b.Changes, c)
		}
		b.Upto = number
		apply(t, x, b)
		apply(t, oracle, b)
		if files && r.IntN(5) == 0 {
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			x = reopen(t, dir)
		}
		got, want := state(t, x), state(t, oracle)
		if got.Layout != want.Layout || got.Upto != want.Upto || got.Passages != want.Passages {
			t.Fatalf("round %d: state %+v, want %+v", round, got, want)
		}
		for n := range 8 {
			q := m.question(1+r.IntN(20), 3, max(1, got.Passages))
			q.Limit = []int{0, 1, 5, 30}[n%4]
			same(t, fmt.Sprintf("round %d question %d", round, n), find(t, x, q), find(t, oracle, q))
		}
	}
}

// The lists stay the oracle's where there are many windows and most of the lists are jumped over.
func TestLikeTheOracleOverManyWindows(t *testing.T) {
	m, oracle, x := newMaker(7, 20000, 0), indextest.NewOracle(), embedded.Memory()
	fill(t, m, 15_000, 40, 5_000, x, oracle)
	// The average moves on, so that the bounds in the segments are of another one.
	for n, average := range []float64{20, 200} {
		b := index.Batch{Upto: int64(100_000 + n), Average: average}
		apply(t, x, b)
		apply(t, oracle, b)
		for n := range 12 {
			q := m.question([]int{1, 3, 8, 40}[n%4], 3, 15_000)
			q.Limit = []int{10, 200}[n%2]
			same(t, fmt.Sprint("question ", n, " average ", average), find(t, x, q), find(t, oracle, q))
		}
	}
}

// fill applies n passages of so many terms, ten a document, in batches, to every index.
func fill(t testing.TB, m *maker, n, terms, batch int, to ...index.Index) {
	t.Helper()
	number := int64(0)
	for done := 0; done < n; {
		b := index.Batch{Average: float64(terms) * 1.3}
		for range batch / 10 {
			number++
			c := index.Change{Number: number, Document: number}
			for range 10 {
				c.Passages = append(c.Passages, m.passage(terms))
			}
			b.Changes = append(b.Changes, c)
			if done += 10; done >= n {
				break
			}
		}
		b.Upto = number
		for _, x := range to {
			apply(t, x, b)
		}
	}
}
