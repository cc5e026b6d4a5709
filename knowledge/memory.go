package knowledge

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/resync-hwa/resync/knowledge/index"
)

// memory is an index without files, for the texts that come with the program: postings in a map.
type memory struct {
	mu       sync.RWMutex
	layout   index.Layout
	upto     int64
	average  float64
	passages []index.Candidate // by ordinal; those that are gone have no record
	length   []int32
	access   []string
	vectors  [][]float32
	postings map[uint32][]posting
	of       map[int64][]int32 // ordinals of a document
	alive    int
}

type posting struct {
	passage int32
	counts  [index.Fields]uint8
}

var _ index.Index = (*memory)(nil)

func newMemory() *memory {
	return &memory{postings: map[uint32][]posting{}, of: map[int64][]int32{}}
}

func (m *memory) Apply(ctx context.Context, b index.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range b.Changes {
		for _, o := range m.of[c.Document] {
			m.passages[o].Record = nil
			m.alive--
		}
		m.of[c.Document] = nil
		for _, p := range c.Passages {
			o := int32(len(m.passages))
			m.passages = append(m.passages, index.Candidate{ID: p.ID, Document: c.Document, Record: p.Record.Pack()})
			m.length, m.access, m.vectors = append(m.length, int32(p.Record.Length)), append(m.access, p.Access), append(m.vectors, p.Vector)
			for _, e := range p.Record.Entries {
				m.postings[e.Hash] = append(m.postings[e.Hash], posting{o, e.Counts})
			}
			m.of[c.Document] = append(m.of[c.Document], o)
			m.alive++
		}
	}
	m.upto, m.average = max(m.upto, b.Upto), b.Average
	return ctx.Err()
}

func (m *memory) State(ctx context.Context) (index.State, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return index.State{Layout: m.layout, Upto: m.upto, Passages: m.alive}, ctx.Err()
}

func (m *memory) Reset(ctx context.Context, l index.Layout) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.layout, m.upto, m.alive = l, 0, 0
	m.passages, m.length, m.access, m.vectors = nil, nil, nil, nil
	m.postings, m.of = map[uint32][]posting{}, map[int64][]int32{}
	return ctx.Err()
}

func (m *memory) Close() error { return nil }

type reached struct {
	passage int32
	score   float64
}

func (m *memory) Find(ctx context.Context, q index.Query) ([]index.Candidate, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	limit := cmp.Or(q.Limit, index.Candidates)
	seen := func(o int32) bool {
		return m.passages[o].Record != nil && (q.All || m.access[o] == "" || slices.Contains(q.Access, m.access[o]))
	}
	sum, best := make([]float64, len(m.passages)), make([]float64, len(m.passages))
	var touched, here []int32
	for _, u := range q.Units {
		here = here[:0]
		for _, t := range u.Any {
			for _, p := range m.postings[t.Hash] {
				e := index.Entry{Counts: p.counts}
				if best[p.passage] == 0 {
					here = append(here, p.passage)
				}
				best[p.passage] = max(best[p.passage], t.IDF*index.Saturate(e.Frequency(int(m.length[p.passage]), m.average)))
			}
		}
		for _, o := range here {
			if sum[o] == 0 {
				touched = append(touched, o)
			}
			sum[o] += u.Weight * best[o]
			best[o] = 0
		}
	}
	var byWords, byVector []reached
	for _, o := range touched {
		if seen(o) {
			byWords = append(byWords, reached{o, sum[o]})
		}
	}
	for o, v := range m.vectors {
		if q.Vector != nil && v != nil && seen(int32(o)) {
			byVector = append(byVector, reached{int32(o), dot(q.Vector, v)})
		}
	}
	at := map[int32]int{}
	var out []index.Candidate
	for _, r := range nearest(byWords, limit) {
		at[r.passage] = len(out)
		out = append(out, m.passages[r.passage])
	}
	for _, r := range nearest(byVector, limit) {
		i, there := at[r.passage]
		if !there {
			i, out = len(out), append(out, m.passages[r.passage])
		}
		out[i].ByVector, out[i].Dense = true, r.score
	}
	return out, ctx.Err()
}

func nearest(list []reached, n int) []reached {
	slices.SortFunc(list, func(a, b reached) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.passage, b.passage))
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
