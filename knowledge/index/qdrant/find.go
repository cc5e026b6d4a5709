package qdrant

import (
	"cmp"
	"context"
	"encoding/base64"
	"math"
	"slices"

	"github.com/qdrant/go-client/qdrant"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/index"
)

// Where units have several words, Qdrant orders by the sum of them, which is never less than the best of them; so what the right
// order wants may be further down, and more is asked for. The words of a unit mostly stand for each other, as the stems of two
// languages do, and a passage has one of them; so beside the sum the first words of all units are asked for alone, and the second ones.
const (
	spare    = 2
	floor    = spare * index.Candidates
	readings = 2
)

// Find implements index.Index: one round trip with a query for the words and one for the vector. The vector is left out where the index has
// none. Points that no index could have written are left out and told to the log; when nothing else came, the error is upstream_unavailable.
func (x *Index) Find(ctx context.Context, q index.Query) ([]index.Candidate, error) {
	found, err := x.find(ctx, q)
	if fault.Is(err, fault.Conflict) { // another node has given the index another form
		x.mu.Lock()
		x.last = nil
		x.mu.Unlock()
		return x.find(ctx, q)
	}
	return found, err
}

func (x *Index) find(ctx context.Context, q index.Query) ([]index.Candidate, error) {
	x.mu.Lock()
	m := x.last
	x.mu.Unlock()
	if m == nil {
		var err error
		if m, err = x.readMark(ctx); err != nil {
			return nil, err
		}
		if m == nil {
			return nil, gone(nil)
		}
	}
	limit := q.Limit
	if limit <= 0 {
		limit = index.Candidates
	}
	var queries []*qdrant.QueryPoints
	lexical := func(from, to, n int) {
		if dims, weights := words(q, from, to); len(dims) > 0 {
			queries = append(queries, x.query(q, wordsVector, qdrant.NewQuerySparse(dims, weights), n))
		}
	}
	if most := most(q); most < 2 {
		lexical(0, most, limit)
	} else {
		lexical(0, most, max(spare*limit, floor))
		for i := range min(most, readings) {
			lexical(i, i+1, limit)
		}
	}
	byWords := len(queries)
	byVector := len(q.Vector) > 0 && m.Layout.Dimensions > 0
	if byVector {
		if len(q.Vector) != m.Layout.Dimensions {
			return nil, fault.New(fault.Conflict, "The question's vector has %d numbers and those of the index have %d.", len(q.Vector), m.Layout.Dimensions).WithHint("Another model made the index; it is made anew when its layout is next compared.")
		}
		queries = append(queries, x.query(q, textVector, qdrant.NewQueryDense(q.Vector), limit))
	}
	if len(queries) == 0 {
		return nil, ctx.Err()
	}
	lists, err := read(ctx, x, func(ctx context.Context) ([]*qdrant.BatchResult, error) {
		return x.client.QueryBatch(ctx, &qdrant.QueryBatchPoints{CollectionName: x.opts.Collection, QueryPoints: queries})
	})
	if err != nil {
		return nil, err
	}
	if len(lists) != len(queries) {
		return nil, fault.New(fault.UpstreamUnavailable, "Qdrant answered %d of %d questions.", len(lists), len(queries))
	}
	g := gathering{q: q, newest: map[int64]int64{}}
	for i, l := range lists {
		g.add(l.GetResult(), i >= byWords)
	}
	if g.bad > 0 {
		x.opts.Logger.WarnContext(ctx, "points in Qdrant that are no passages, or not the caller's", "points", g.bad)
		if len(g.words)+len(g.near) == 0 {
			return nil, fault.New(fault.UpstreamUnavailable, "What Qdrant answers cannot be used.")
		}
	}
	return g.candidates(limit, m.Average), nil
}

// most is how many words the unit with the most of them has.
func most(q index.Query) int {
	n := 0
	for _, u := range q.Units {
		n = max(n, len(u.Any))
	}
	return n
}

// words gives the query vector of a question: each word with what it weighs, of the words from one place in their unit to another.
// A unit that has no word there gives its first.
func words(q index.Query, from, to int) (dims []uint32, weights []float32) {
	sum := map[uint32]float64{}
	for _, u := range q.Units {
		some := u.Any[min(from, len(u.Any)):min(to, len(u.Any))]
		if len(some) == 0 {
			some = u.Any[:min(1, len(u.Any))]
		}
		for _, t := range some {
			if w := u.Weight * t.IDF; w > 0 && !math.IsInf(w, 0) {
				sum[t.Hash] += w
			}
		}
	}
	for h, w := range sum {
		dims, weights = append(dims, h), append(weights, float32(w))
	}
	return dims, weights
}

func (x *Index) query(q index.Query, using string, what *qdrant.Query, limit int) *qdrant.QueryPoints {
	r := &qdrant.QueryPoints{CollectionName: x.opts.Collection, Query: what, Using: &using, Limit: qdrant.PtrOf(uint64(limit)),
		WithPayload: qdrant.NewWithPayloadInclude(fieldDocument, fieldChange, fieldAccess, fieldRecord)}
	if !q.All {
		labels := []string{everybody}
		for _, a := range q.Access {
			labels = append(labels, label(a))
		}
		r.Filter = &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchKeywords(fieldAccess, labels...)}}
	}
	return r
}

// gathering makes candidates out of what the server says, which is not trusted.
type gathering struct {
	q      index.Query
	words  []found
	near   []found
	newest map[int64]int64 // by document, the change
	bad    int
}

type found struct {
	index.Candidate
	change int64
	score  float64
}

func (g *gathering) add(points []*qdrant.ScoredPoint, near bool) {
	for _, p := range points {
		f, ok := g.passage(p)
		if !ok {
			g.bad++
			continue
		}
		g.newest[f.Document] = max(g.newest[f.Document], f.change)
		if near {
			f.Dense, f.ByVector = min(1, max(-1, float64(p.GetScore()))), true
			g.near = append(g.near, f)
		} else {
			g.words = append(g.words, f)
		}
	}
}

func (g *gathering) passage(p *qdrant.ScoredPoint) (found, bool) {
	id, ok := p.GetId().GetPointIdOptions().(*qdrant.PointId_Num)
	payload := p.GetPayload()
	document, ok2 := payload[fieldDocument].GetKind().(*qdrant.Value_IntegerValue)
	record, err := base64.StdEncoding.DecodeString(payload[fieldRecord].GetStringValue())
	score := float64(p.GetScore())
	if !ok || !ok2 || err != nil || math.IsNaN(score) || math.IsInf(score, 0) || !g.may(payload[fieldAccess].GetStringValue()) || !whole(record) {
		return found{}, false
	}
	return found{Candidate: index.Candidate{ID: id.Num, Document: document.IntegerValue, Record: record}, change: payload[fieldChange].GetIntegerValue()}, true
}

// may repeats on this side what the filter asked of the server.
func (g *gathering) may(access string) bool {
	return g.q.All || access == everybody || slices.ContainsFunc(g.q.Access, func(a string) bool { return access == label(a) })
}

func whole(record index.Packed) bool {
	return record.Scan(func(index.Header) {}, func(*index.Entry) bool { return true }) == nil
}

// candidates orders and cuts both lists and joins them. Of a document that is just being replaced only the new passages count.
func (g *gathering) candidates(limit int, average float64) []index.Candidate {
	stale := func(f found) bool { return f.change < g.newest[f.Document] }
	g.words = slices.DeleteFunc(g.words, stale)
	g.near = slices.DeleteFunc(g.near, stale)
	for i := range g.words {
		g.words[i].score = score(&g.q, g.words[i].Record, average)
	}
	g.words = slices.DeleteFunc(g.words, func(f found) bool { return f.score <= 0 })
	slices.SortFunc(g.words, func(a, b found) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.ID, b.ID)) })
	g.words = slices.CompactFunc(g.words, func(a, b found) bool { return a.ID == b.ID }) // one passage in several lists
	out := map[uint64]index.Candidate{}
	for _, f := range g.words[:min(limit, len(g.words))] {
		out[f.ID] = f.Candidate
	}
	for _, f := range g.near[:min(limit, len(g.near))] {
		out[f.ID] = f.Candidate
	}
	list := make([]index.Candidate, 0, len(out))
	for _, c := range out {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b index.Candidate) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// score is by what words order candidates: each unit gives its best word, weighed.
func score(q *index.Query, record index.Packed, average float64) float64 {
	length := 0
	has := map[uint32]float64{} // what each word of the question gives
	for _, u := range q.Units {
		for _, t := range u.Any {
			has[t.Hash] = 0
		}
	}
	_ = record.Scan(func(h index.Header) { length = h.Length }, func(e *index.Entry) bool { // it was read whole before
		if _, asked := has[e.Hash]; asked {
			has[e.Hash] = index.Saturate(e.Frequency(length, average))
		}
		return true
	})
	sum := 0.0
	for _, u := range q.Units {
		best := 0.0
		for _, t := range u.Any {
			best = max(best, t.IDF*has[t.Hash])
		}
		sum += u.Weight * best
	}
	return sum
}
