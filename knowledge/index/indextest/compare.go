package indextest

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/resync-hwa/resync/knowledge/index"
)

// pair is an index and the oracle that got the same.
type pair struct {
	index.Index
	o *Oracle
	p Place
}

// both applies batches to both.
func (b pair) apply(t *testing.T, batches ...index.Batch) {
	t.Helper()
	for _, batch := range batches {
		must(t, b.Apply(t.Context(), batch))
		must(t, b.o.Apply(t.Context(), batch))
	}
}

func paired(t *testing.T, p Place) pair {
	t.Helper()
	o := NewOracle()
	must(t, o.Reset(t.Context(), layout))
	return pair{open(t, p), o, p}
}

// same holds the state, and the candidates of a question, to the oracle's.
func (b pair) same(t *testing.T, what string, queries ...index.Query) {
	t.Helper()
	got, err := b.State(t.Context())
	must(t, err)
	want, err := b.o.State(t.Context())
	must(t, err)
	if got.Bytes = 0; got != want {
		t.Fatalf("%s: state %+v, want %+v", what, got, want)
	}
	for i, q := range queries {
		found, err := b.Find(t.Context(), q)
		must(t, err)
		b.o.compare(t, fmt.Sprintf("%s, question %d", what, i), q, found, b.p.Sums)
	}
}

// tolerance is what 32-bit floats may cost.
const tolerance = 1e-5

// compare holds candidates to the exact lists. Where scores are equal at the cut either passage will do.
func (o *Oracle) compare(t *testing.T, what string, q index.Query, found []index.Candidate, sums bool) {
	t.Helper()
	o.mu.RLock()
	defer o.mu.RUnlock()
	lexical, dense := o.lists(q)
	limit := q.Limit
	if limit == 0 {
		limit = index.Candidates
	}
	got := map[uint64]index.Candidate{}
	byVector := 0
	for _, c := range found {
		if _, twice := got[c.ID]; twice {
			t.Fatalf("%s: passage %d twice", what, c.ID)
		}
		got[c.ID] = c
		if c.ByVector {
			byVector++
		}
		k, ok := o.passages[c.ID]
		if !ok || k.document != c.Document || !bytes.Equal(c.Record, k.passage.Record.Pack()) {
			t.Fatalf("%s: passage %d of document %d is not what was put in", what, c.ID, c.Document)
		}
	}
	several := false
	for _, u := range q.Units {
		several = several || len(u.Any) > 1
	}
	asked := min(limit, len(lexical))
	if sums && several && asked == limit {
		asked = limit / 2
	}
	need := func(list []scored, n int, kind string, has func(scored) bool) {
		if n == 0 {
			return
		}
		cut := list[n-1].score
		for _, s := range list[:n] {
			if s.score > cut+tolerance*math.Abs(cut) && !has(s) {
				t.Fatalf("%s: passage %d is missing %s, with %v where the cut is %v", what, s.id, kind, s.score, cut)
			}
		}
	}
	need(lexical, asked, "by words", func(s scored) bool { _, ok := got[s.id]; return ok })
	n := min(limit, len(dense))
	if byVector != n {
		t.Fatalf("%s: %d by vector, want %d", what, byVector, n)
	}
	need(dense, n, "by vector", func(s scored) bool {
		c, ok := got[s.id]
		return ok && c.ByVector && math.Abs(c.Dense-s.score) <= tolerance
	})
	// Nothing beyond the two lists: what is not by vector is among the best by words.
	words, cut := len(found)-byVector, 0.0
	if len(lexical) > limit {
		cut = lexical[limit-1].score
	}
	for _, s := range lexical {
		c, ok := got[s.id]
		switch {
		case !ok || c.ByVector:
		default:
			words--
			if s.score < cut*(1-tolerance) && !(sums && several) {
				t.Fatalf("%s: passage %d has %v, and the cut by words is %v", what, s.id, s.score, cut)
			}
		}
	}
	if words != 0 || len(found)-byVector > limit {
		t.Fatalf("%s: %d candidates, %d of them by vector: some are in neither list", what, len(found), byVector)
	}
}
