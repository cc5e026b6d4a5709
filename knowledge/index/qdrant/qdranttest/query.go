package qdranttest

import (
	"context"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// maxDepth is how deep prefetches may be nested.
const maxDepth = 64

// stage is a query or a prefetch: both have these in common.
type stage struct {
	prefetch  []*qdrant.PrefetchQuery
	query     *qdrant.Query
	using     string
	keep      test
	threshold *float32
	limit     int
	depth     int
}

// Query answers one query.
func (a pointsAPI) Query(_ context.Context, r *qdrant.QueryPoints) (*qdrant.QueryResponse, error) {
	a.s.mu.RLock()
	defer a.s.mu.RUnlock()
	found, err := a.s.query(r.GetCollectionName(), r)
	if err != nil {
		return nil, err
	}
	return &qdrant.QueryResponse{Result: found}, nil
}

// QueryBatch answers several queries of one collection.
func (a pointsAPI) QueryBatch(_ context.Context, r *qdrant.QueryBatchPoints) (*qdrant.QueryBatchResponse, error) {
	a.s.mu.RLock()
	defer a.s.mu.RUnlock()
	out := &qdrant.QueryBatchResponse{}
	for _, q := range r.GetQueryPoints() {
		found, err := a.s.query(r.GetCollectionName(), q)
		if err != nil {
			return nil, err
		}
		out.Result = append(out.Result, &qdrant.BatchResult{Result: found})
	}
	return out, nil
}

func (s *Server) query(name string, r *qdrant.QueryPoints) ([]*qdrant.ScoredPoint, error) {
	c, err := s.named(name)
	if err != nil {
		return nil, err
	}
	if r.GetLookupFrom() != nil {
		return nil, unsupported("lookup in other collections")
	}
	limit, err := limitOf(r.Limit)
	if err != nil {
		return nil, err
	}
	keep, err := filter(r.GetFilter())
	if err != nil {
		return nil, err
	}
	offset := int(r.GetOffset())
	hits, err := c.answer(stage{prefetch: r.GetPrefetch(), query: r.GetQuery(), using: r.GetUsing(), keep: keep, threshold: r.ScoreThreshold, limit: limit + offset})
	if err != nil {
		return nil, err
	}
	var out []*qdrant.ScoredPoint
	for _, h := range hits[min(offset, len(hits)):] {
		out = append(out, &qdrant.ScoredPoint{Id: h.p.id.proto(), Score: h.score, Version: h.p.version,
			Payload: choosePayload(h.p, r.GetWithPayload(), false), Vectors: chooseVectors(h.p, r.GetWithVectors())})
	}
	return out, nil
}

func limitOf(n *uint64) (int, error) {
	if n == nil {
		return defaultLimit, nil
	}
	if *n == 0 {
		return 0, status.Error(codes.InvalidArgument, "Validation error in body: [limit: value 0 invalid, must be 1 or larger]")
	}
	return int(min(*n, 1<<40)), nil
}

// answer runs one stage. The filter of a stage reaches the leaves below it.
func (c *collection) answer(st stage) ([]hit, error) {
	if st.depth > maxDepth {
		return nil, invalid("Validation failed: prefetches depth %d exceeds max depth %d", st.depth, maxDepth)
	}
	if len(st.prefetch) == 0 {
		return c.leaf(st)
	}
	if st.query.GetVariant() == nil {
		return nil, invalid("Validation failed: cannot have prefetches without a query")
	}
	var lists [][]hit
	for _, p := range st.prefetch {
		if p.GetLookupFrom() != nil {
			return nil, unsupported("lookup in other collections")
		}
		limit, err := limitOf(p.Limit)
		if err != nil {
			return nil, err
		}
		keep, err := filter(p.GetFilter())
		if err != nil {
			return nil, err
		}
		hits, err := c.answer(stage{prefetch: p.GetPrefetch(), query: p.GetQuery(), using: p.GetUsing(), keep: all(st.keep, keep), threshold: p.ScoreThreshold, limit: limit, depth: st.depth + 1})
		if err != nil {
			return nil, err
		}
		lists = append(lists, hits)
	}
	if st.query.GetNearest() == nil {
		hits, err := fuse(st.query, lists)
		if err != nil {
			return nil, err
		}
		hits = best(hits, len(hits))
		for i, h := range hits {
			if st.threshold != nil && h.score < *st.threshold {
				hits = hits[:i]
				break
			}
		}
		return hits[:min(st.limit, len(hits))], nil
	}
	found := map[*point]bool{} // scored anew, and nothing else
	for _, hits := range lists {
		for _, h := range hits {
			found[h.p] = true
		}
	}
	st.prefetch, st.keep = nil, func(p *point) bool { return found[p] }
	return c.leaf(st)
}

// leaf asks the points themselves.
func (c *collection) leaf(st stage) ([]hit, error) {
	switch v := st.query.GetVariant().(type) {
	case nil: // the points as they come
		var out []hit
		for _, id := range c.sorted() {
			if p := c.points[id]; st.keep(p) && len(out) < st.limit {
				out = append(out, hit{p: p})
			}
		}
		return out, nil
	case *qdrant.Query_Fusion, *qdrant.Query_Rrf:
		return nil, invalid("Validation failed: cannot apply Fusion without prefetches")
	case *qdrant.Query_Nearest:
		return c.nearest(st, v.Nearest)
	}
	return nil, unsupported("such query")
}

func (c *collection) nearest(st stage, in *qdrant.VectorInput) ([]hit, error) {
	switch v := in.GetVariant().(type) {
	case *qdrant.VectorInput_Id:
		id, err := readID(v.Id)
		if err != nil {
			return nil, err
		}
		p := c.points[id]
		if p == nil {
			return nil, status.Errorf(codes.NotFound, "Not found: No point with id %s found", v.Id)
		}
		keep := st.keep
		st.keep = func(q *point) bool { return q.id != id && keep(q) } // a point is not its own neighbour
		if s := p.sparse[st.using]; s != nil {
			return c.nearestSparse(st, s)
		}
		return c.nearestDense(st, p.dense[st.using])
	case *qdrant.VectorInput_Dense:
		return c.nearestDense(st, v.Dense.GetData())
	case *qdrant.VectorInput_Sparse:
		return c.nearestSparse(st, v.Sparse)
	}
	return nil, unsupported("such query vector")
}

func (c *collection) nearestDense(st stage, v []float32) ([]hit, error) {
	params := c.dense[st.using]
	switch {
	case c.sparse[st.using] != nil:
		return nil, invalid("Conversion between sparse and regular vectors failed")
	case params == nil:
		return nil, unknownVector(st.using)
	case len(v) != int(params.GetSize()):
		return nil, wrongSize(params, v)
	}
	less := smallerIsBetter(params.GetDistance())
	v = prepare(params, v)
	var out []hit
	for _, id := range c.sorted() {
		p := c.points[id]
		kept, has := p.dense[st.using]
		if !has || !st.keep(p) {
			continue
		}
		s := distance(params, v, kept)
		if t := st.threshold; t != nil && (!less && s <= *t || less && s >= *t) { // equal is not enough
			continue
		}
		if less {
			s = -s
		}
		out = append(out, hit{p, s})
	}
	out = best(out, st.limit)
	for i := range out {
		if less {
			out[i].score = -out[i].score
		}
	}
	return out, nil
}

func (c *collection) nearestSparse(st stage, v *qdrant.SparseVector) ([]hit, error) {
	params := c.sparse[st.using]
	if c.dense[st.using] != nil {
		return nil, invalid("Conversion between sparse and regular vectors failed")
	}
	if params == nil {
		return nil, unknownVector(st.using)
	}
	v, err := readSparse(v)
	if err != nil {
		return nil, err
	}
	scores := map[*point]float32{}
	for i, dim := range v.GetIndices() {
		w := v.GetValues()[i]
		have := c.terms[st.using][dim]
		if params.GetModifier() == qdrant.Modifier_Idf {
			w *= idf(c.holders[st.using], len(have))
		}
		for p, x := range have {
			scores[p] += w * x
		}
	}
	var out []hit
	for p, s := range scores {
		if st.keep(p) && (st.threshold == nil || s > *st.threshold) {
			out = append(out, hit{p, s})
		}
	}
	return best(out, st.limit), nil
}
