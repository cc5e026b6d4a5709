// Package indextest holds every index to the same rules, and has an index so plain that it can be believed: Oracle.
package indextest

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/resync-hwa/resync/knowledge/index"
)

// Oracle is an index that looks at every passage for every question: slow, exact, in memory. It is what engines are compared
// with in tests; no product code uses it.
type Oracle struct {
	mu       sync.RWMutex
	layout   index.Layout
	upto     int64
	vectors  int64
	average  float64
	passages map[uint64]kept
}

type kept struct {
	document, number int64
	passage          index.Passage
}

var _ index.Index = (*Oracle)(nil)

// NewOracle makes an empty one.
func NewOracle() *Oracle { return &Oracle{passages: map[uint64]kept{}} }

// Apply implements index.Index.
func (o *Oracle) Apply(ctx context.Context, b index.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range b.Changes {
		for id, k := range o.passages {
			if k.document == c.Document {
				delete(o.passages, id)
			}
		}
		for _, p := range c.Passages {
			o.passages[p.ID] = kept{c.Document, c.Number, p}
		}
	}
	o.upto, o.average, o.vectors = max(o.upto, b.Upto), b.Average, b.Vectors(o.vectors)
	return nil
}

// State implements index.Index.
func (o *Oracle) State(ctx context.Context) (index.State, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return index.State{Layout: o.layout, Upto: o.upto, Vectors: o.vectors, Passages: len(o.passages)}, ctx.Err()
}

// Reset implements index.Index.
func (o *Oracle) Reset(ctx context.Context, l index.Layout) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.layout, o.upto, o.vectors, o.passages = l, 0, 0, map[uint64]kept{}
	return ctx.Err()
}

// Close implements index.Index.
func (o *Oracle) Close() error { return nil }

// Find implements index.Index.
func (o *Oracle) Find(ctx context.Context, q index.Query) ([]index.Candidate, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	limit := q.Limit
	if limit == 0 {
		limit = index.Candidates
	}
	lexical, dense := o.lists(q)
	found := map[uint64]index.Candidate{}
	for _, s := range lexical[:min(limit, len(lexical))] {
		k := o.passages[s.id]
		found[s.id] = index.Candidate{ID: s.id, Document: k.document, Record: k.passage.Record.Pack()}
	}
	for _, s := range dense[:min(limit, len(dense))] {
		k := o.passages[s.id]
		found[s.id] = index.Candidate{ID: s.id, Document: k.document, Record: k.passage.Record.Pack(), Dense: s.score, ByVector: true}
	}
	out := make([]index.Candidate, 0, len(found))
	for _, c := range found {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b index.Candidate) int { return cmp.Compare(a.ID, b.ID) })
	return out, ctx.Err()
}

// lists gives all passages that fit a question, best first: by words and by vector. The caller holds the lock.
func (o *Oracle) lists(q index.Query) (lexical, dense []scored) {
	for id, k := range o.passages {
		if !may(q, k.passage.Access) {
			continue
		}
		if s := Score(q, &k.passage.Record, o.average); s > 0 {
			lexical = append(lexical, scored{id, s})
		}
		if q.Vector != nil && k.passage.Vector != nil {
			dense = append(dense, scored{id, dot(q.Vector, k.passage.Vector)})
		}
	}
	return top(lexical, len(lexical)), top(dense, len(dense))
}

// may reports whether the asker may see a passage of that label.
func may(q index.Query, access string) bool {
	return q.All || access == "" || slices.Contains(q.Access, access)
}

// Score is by what an exact engine orders its candidates: each unit gives its best alternative, weighed.
func Score(q index.Query, r *index.Record, average float64) float64 {
	sum := 0.0
	for _, u := range q.Units {
		best := 0.0
		for _, t := range u.Any {
			i, ok := slices.BinarySearchFunc(r.Entries, t.Hash, func(e index.Entry, h uint32) int { return cmp.Compare(e.Hash, h) })
			if ok {
				best = max(best, t.IDF*index.Saturate(r.Entries[i].Frequency(r.Length, average)))
			}
		}
		sum += u.Weight * best
	}
	return sum
}

type scored struct {
	id    uint64
	score float64
}

// top sorts by score, the earlier passage first among equals, and keeps n.
func top(list []scored, n int) []scored {
	slices.SortFunc(list, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id))
	})
	return list[:min(n, len(list))]
}

func dot(a, b []float32) float64 {
	s := 0.0
	for i := range min(len(a), len(b)) {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}
