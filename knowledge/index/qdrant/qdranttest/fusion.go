package qdranttest

import (
	"cmp"
	"math"
	"slices"

	"github.com/qdrant/go-client/qdrant"
)

// hit is a point with its score in one list.
type hit struct {
	p     *point
	score float32
}

// best sorts hits, the highest score first, and cuts them. Equal scores come in the order of ids; a real server leaves that open.
func best(hits []hit, limit int) []hit {
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), a.p.id.compare(b.p.id))
	})
	return hits[:min(limit, len(hits))]
}

const (
	defaultK     = 2
	defaultLimit = 10
)

// fuse joins lists as a fusion query asks for.
func fuse(q *qdrant.Query, lists [][]hit) ([]hit, error) {
	switch v := q.GetVariant().(type) {
	case *qdrant.Query_Fusion:
		if v.Fusion == qdrant.Fusion_DBSF {
			return sum(lists, dbsf), nil
		}
		return sum(lists, rrf(defaultK, nil)), nil
	case *qdrant.Query_Rrf:
		k := float32(defaultK)
		if v.Rrf.K != nil {
			if k = float32(v.Rrf.GetK()); k < 1 {
				return nil, invalid("Validation error in body: [rrf.k: value 0 invalid, must be 1 or larger]")
			}
		}
		w := v.Rrf.GetWeights()
		if len(w) > 0 && len(w) != len(lists) {
			return nil, invalid("Validation failed: Number of weights in RRF should match number of pre-fetches: got %d, expected %d", len(w), len(lists))
		}
		return sum(lists, rrf(k, w)), nil
	}
	return nil, unsupported("such fusion")
}

// sum adds up what each list gives a point.
func sum(lists [][]hit, rate func(list int, hits []hit) []float32) []hit {
	at := map[pointID]int{}
	var out []hit
	for l, hits := range lists {
		for i, s := range rate(l, hits) {
			j, known := at[hits[i].p.id]
			if !known {
				j = len(out)
				at[hits[i].p.id] = j
				out = append(out, hit{p: hits[i].p})
			}
			out[j].score += s
		}
	}
	return out
}

// rrf rates by position alone: 1/((position+1)/weight + k - 1).
func rrf(k float32, weights []float32) func(int, []hit) []float32 {
	return func(list int, hits []hit) []float32 {
		w := float32(1)
		if len(weights) > 0 {
			w = weights[list]
		}
		out := make([]float32, len(hits))
		for i := range hits {
			if w > 0 {
				out[i] = 1 / (float32(i+1)/w + k - 1)
			}
		}
		return out
	}
}

// dbsf rates by the score's place between three standard deviations below and above the mean of its list.
func dbsf(_ int, hits []hit) []float32 {
	out := make([]float32, len(hits))
	var mean, square float64
	for i, h := range hits {
		d := float64(h.score) - mean
		mean += d / float64(i+1)
		square += d * (float64(h.score) - mean)
	}
	var deviation float64
	if len(hits) > 1 {
		deviation = math.Sqrt(square / float64(len(hits)-1))
	}
	for i, h := range hits {
		if deviation == 0 {
			out[i] = 0.5
			continue
		}
		out[i] = float32((float64(h.score) - (mean - 3*deviation)) / (6 * deviation))
	}
	return out
}
