package qdranttest_test

import (
	"math"
	"testing"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/resync-hwa/resync/knowledge/index/qdrant/qdranttest"
)

const name = "things"

// collection makes one with a cosine vector of two dimensions and two sparse ones, one of them with IDF.
func collection(t *testing.T, c *qdrant.Client) {
	t.Helper()
	if err := c.CreateCollection(t.Context(), &qdrant.CreateCollection{CollectionName: name,
		VectorsConfig: qdrant.NewVectorsConfigMap(map[string]*qdrant.VectorParams{
			"dense": {Size: 2, Distance: qdrant.Distance_Cosine}, "dot": {Size: 2, Distance: qdrant.Distance_Dot}, "euclid": {Size: 2, Distance: qdrant.Distance_Euclid}}),
		SparseVectorsConfig: qdrant.NewSparseVectorsConfig(map[string]*qdrant.SparseVectorParams{
			"idf": {Modifier: qdrant.Modifier_Idf.Enum()}, "plain": {}}),
	}); err != nil {
		t.Fatal(err)
	}
}

type vectors map[string]*qdrant.Vector

func put(t *testing.T, c *qdrant.Client, id uint64, payload map[string]any, v vectors) {
	t.Helper()
	if _, err := c.Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: name, Wait: qdrant.PtrOf(true),
		Points: []*qdrant.PointStruct{{Id: qdrant.NewIDNum(id), Payload: qdrant.NewValueMap(payload), Vectors: qdrant.NewVectorsMap(v)}}}); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, c *qdrant.Client, q *qdrant.QueryPoints) []*qdrant.ScoredPoint {
	t.Helper()
	q.CollectionName = name
	got, err := c.Query(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// want holds an answer to ids and scores, in this order.
func want(t *testing.T, what string, got []*qdrant.ScoredPoint, ids []uint64, scores []float64) {
	t.Helper()
	if len(got) != len(ids) {
		t.Fatalf("%s: %d points, want %d: %v", what, len(got), len(ids), got)
	}
	for i, p := range got {
		if p.GetId().GetNum() != ids[i] || math.Abs(float64(p.GetScore())-scores[i]) > 1e-5 {
			t.Errorf("%s: place %d is %d with %v, want %d with %v", what, i, p.GetId().GetNum(), p.GetScore(), ids[i], scores[i])
		}
	}
}

func wantCode(t *testing.T, what string, err error, code codes.Code) {
	t.Helper()
	if status.Code(err) != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestDenseDistances(t *testing.T) {
	c := qdranttest.Start(t, qdranttest.Options{}).Client(t, "")
	collection(t, c)
	for id, v := range map[uint64][]float32{1: {3, 0}, 2: {1, 1}, 3: {0, 5}, 4: {0, 0}} {
		put(t, c, id, nil, vectors{"dense": qdrant.NewVectorDense(v), "dot": qdrant.NewVectorDense(v), "euclid": qdrant.NewVectorDense(v)})
	}
	put(t, c, 5, nil, vectors{"plain": qdrant.NewVectorSparse([]uint32{1}, []float32{1})}) // has none: never found by one
	q := qdrant.NewQueryDense([]float32{2, 0})
	want(t, "cosine", ask(t, c, &qdrant.QueryPoints{Query: q, Using: qdrant.PtrOf("dense")}), []uint64{1, 2, 3, 4}, []float64{1, math.Sqrt2 / 2, 0, 0})
	want(t, "dot", ask(t, c, &qdrant.QueryPoints{Query: q, Using: qdrant.PtrOf("dot")}), []uint64{1, 2, 3, 4}, []float64{6, 2, 0, 0})
	want(t, "euclid", ask(t, c, &qdrant.QueryPoints{Query: q, Using: qdrant.PtrOf("euclid")}), []uint64{1, 2, 4, 3}, []float64{1, math.Sqrt2, 2, math.Sqrt(29)})
	// A threshold must be passed, not met.
	want(t, "threshold", ask(t, c, &qdrant.QueryPoints{Query: q, Using: qdrant.PtrOf("dot"), ScoreThreshold: qdrant.PtrOf(float32(2))}), []uint64{1}, []float64{6})
	want(t, "threshold of a distance", ask(t, c, &qdrant.QueryPoints{Query: q, Using: qdrant.PtrOf("euclid"), ScoreThreshold: qdrant.PtrOf(float32(1.5))}), []uint64{1, 2}, []float64{1, math.Sqrt2})
	want(t, "page", ask(t, c, &qdrant.QueryPoints{Query: q, Using: qdrant.PtrOf("dot"), Limit: qdrant.PtrOf(uint64(1)), Offset: qdrant.PtrOf(uint64(1))}), []uint64{2}, []float64{2})
	want(t, "like point 1, without it", ask(t, c, &qdrant.QueryPoints{Query: qdrant.NewQueryID(qdrant.NewIDNum(1)), Using: qdrant.PtrOf("dense"), Limit: qdrant.PtrOf(uint64(1))}), []uint64{2}, []float64{math.Sqrt2 / 2})
	// What is kept under cosine is of length 1, what is kept under dot as it came.
	got, err := c.Get(t.Context(), &qdrant.GetPoints{CollectionName: name, Ids: []*qdrant.PointId{qdrant.NewIDNum(3)}, WithVectors: qdrant.NewWithVectors(true)})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	kept := got[0].GetVectors().GetVectors().GetVectors()
	if d, o := kept["dense"].GetDense().GetData(), kept["dot"].GetDense().GetData(); d[1] != 1 || o[1] != 5 {
		t.Errorf("kept %v under cosine and %v under dot", d, o)
	}
}

// The IDF of Qdrant: ln(1 + (N - n + 0.5)/(n + 0.5)), N and n over points that have the vector.
func TestSparseIDF(t *testing.T) {
	c := qdranttest.Start(t, qdranttest.Options{}).Client(t, "")
	collection(t, c)
	sparse := func(indices []uint32, values []float32) vectors {
		return vectors{"idf": qdrant.NewVectorSparse(indices, values), "plain": qdrant.NewVectorSparse(indices, values)}
	}
	put(t, c, 1, nil, sparse([]uint32{7, 3}, []float32{2, 1}))
	put(t, c, 2, nil, sparse([]uint32{3}, []float32{4}))
	put(t, c, 3, nil, sparse([]uint32{3, 9}, []float32{1, 1}))
	put(t, c, 4, nil, vectors{"dense": qdrant.NewVectorDense([]float32{1, 0})}) // counts for nothing
	q := qdrant.NewQuerySparse([]uint32{3, 7, 4000000000}, []float32{1, 2, 1})
	idf := func(n float64) float64 { return math.Log(1 + (3-n+0.5)/(n+0.5)) }
	want(t, "plain", ask(t, c, &qdrant.QueryPoints{Query: q, Using: qdrant.PtrOf("plain")}), []uint64{1, 2, 3}, []float64{5, 4, 1})
	want(t, "idf", ask(t, c, &qdrant.QueryPoints{Query: q, Using: qdrant.PtrOf("idf")}), []uint64{1, 2, 3}, []float64{4*idf(1) + idf(3), 4 * idf(3), idf(3)})
	want(t, "no index in common", ask(t, c, &qdrant.QueryPoints{Query: qdrant.NewQuerySparse([]uint32{1}, []float32{1}), Using: qdrant.PtrOf("plain")}), nil, nil)
	put(t, c, 3, nil, sparse([]uint32{9}, []float32{1})) // replaced: 3 stands in two points now
	want(t, "after a change", ask(t, c, &qdrant.QueryPoints{Query: qdrant.NewQuerySparse([]uint32{3}, []float32{1}), Using: qdrant.PtrOf("idf")}), []uint64{2, 1}, []float64{4 * idf(2), idf(2)})
}

// RRF is 1/((position+1)/weight + k - 1) with positions from 0 and k 2 unless given: the 60 of the paper is 61 here.
func TestFusion(t *testing.T) {
	c := qdranttest.Start(t, qdranttest.Options{}).Client(t, "")
	collection(t, c)
	for id, v := range map[uint64]struct {
		dense []float32
		plain float32
	}{1: {[]float32{9, 0}, 1}, 2: {[]float32{5, 0}, 5}, 3: {[]float32{4, 0}, 9}} {
		put(t, c, id, map[string]any{"n": int64(id)}, vectors{"dot": qdrant.NewVectorDense(v.dense), "plain": qdrant.NewVectorSparse([]uint32{1}, []float32{v.plain})})
	}
	two := []*qdrant.PrefetchQuery{
		{Query: qdrant.NewQueryDense([]float32{1, 0}), Using: qdrant.PtrOf("dot")},                                              // 1 2 3, with 9 5 4
		{Query: qdrant.NewQuerySparse([]uint32{1}, []float32{1}), Using: qdrant.PtrOf("plain"), Limit: qdrant.PtrOf(uint64(2))}, // 3 2, with 9 5
	}
	rrf := func(k float64, ranks ...float64) (s float64) {
		for _, r := range ranks {
			s += 1 / (r + k)
		}
		return s
	}
	want(t, "default k", ask(t, c, &qdrant.QueryPoints{Prefetch: two, Query: qdrant.NewQueryFusion(qdrant.Fusion_RRF)}), []uint64{3, 2, 1}, []float64{rrf(2, 2, 0), rrf(2, 1, 1), rrf(2, 0)})
	want(t, "k 61", ask(t, c, &qdrant.QueryPoints{Prefetch: two, Query: qdrant.NewQueryRRF(&qdrant.Rrf{K: qdrant.PtrOf(uint32(61))})}), []uint64{3, 2, 1}, []float64{rrf(61, 2, 0), rrf(61, 1, 1), rrf(61, 0)})
	// With weight 3 the first three places of the first list are worth what a third, two thirds and one place is.
	want(t, "weights", ask(t, c, &qdrant.QueryPoints{Prefetch: two, Query: qdrant.NewQueryRRF(&qdrant.Rrf{Weights: []float32{3, 1}})}), []uint64{3, 2, 1},
		[]float64{1/(1+1.0) + 1/(1+1.0), 1/(2.0/3+1) + 1/(2+1.0), 1 / (1.0/3 + 1)})
	// DBSF: each list's scores between mean ± 3 deviations (of the sample), added up.
	dbsf := func(x float64, list ...float64) float64 {
		mean, dev := 0.0, 0.0
		for _, v := range list {
			mean += v / float64(len(list))
		}
		for _, v := range list {
			dev += (v - mean) * (v - mean)
		}
		dev = math.Sqrt(dev / float64(len(list)-1))
		return (x - mean + 3*dev) / (6 * dev)
	}
	want(t, "dbsf", ask(t, c, &qdrant.QueryPoints{Prefetch: two, Query: qdrant.NewQueryFusion(qdrant.Fusion_DBSF)}), []uint64{3, 2, 1},
		[]float64{dbsf(4, 9, 5, 4) + dbsf(9, 9, 5), dbsf(5, 9, 5, 4) + dbsf(5, 9, 5), dbsf(9, 9, 5, 4)})
	// The filter of the query reaches the prefetches; a vector rescores what they found.
	want(t, "filter", ask(t, c, &qdrant.QueryPoints{Prefetch: two, Query: qdrant.NewQueryFusion(qdrant.Fusion_RRF), Filter: &qdrant.Filter{MustNot: []*qdrant.Condition{qdrant.NewMatchInt("n", 3)}}}),
		[]uint64{1, 2}, []float64{rrf(2, 0, 1), rrf(2, 1, 0)})
	want(t, "rescored", ask(t, c, &qdrant.QueryPoints{Prefetch: two[1:], Query: qdrant.NewQueryDense([]float32{1, 0}), Using: qdrant.PtrOf("dot")}), []uint64{2, 3}, []float64{5, 4})
	for what, q := range map[string]*qdrant.QueryPoints{
		"fusion without prefetch": {Query: qdrant.NewQueryFusion(qdrant.Fusion_RRF)},
		"prefetch without query":  {Prefetch: two},
		"k of 0":                  {Prefetch: two, Query: qdrant.NewQueryRRF(&qdrant.Rrf{K: qdrant.PtrOf(uint32(0))})},
		"a weight too few":        {Prefetch: two, Query: qdrant.NewQueryRRF(&qdrant.Rrf{Weights: []float32{1}})},
		"limit of 0":              {Query: qdrant.NewQueryDense([]float32{1, 0}), Using: qdrant.PtrOf("dot"), Limit: qdrant.PtrOf(uint64(0))},
		"unknown vector":          {Query: qdrant.NewQueryDense([]float32{1, 0}), Using: qdrant.PtrOf("other")},
		"wrong length":            {Query: qdrant.NewQueryDense([]float32{1, 0, 0}), Using: qdrant.PtrOf("dot")},
		"sparse for dense":        {Query: qdrant.NewQuerySparse([]uint32{1}, []float32{1}), Using: qdrant.PtrOf("dot")},
		"an index twice":          {Query: qdrant.NewQuerySparse([]uint32{1, 1}, []float32{1, 1}), Using: qdrant.PtrOf("plain")},
	} {
		q.CollectionName = name
		_, err := c.Query(t.Context(), q)
		wantCode(t, what, err, codes.InvalidArgument)
	}
	batch, err := c.QueryBatch(t.Context(), &qdrant.QueryBatchPoints{CollectionName: name, QueryPoints: []*qdrant.QueryPoints{
		{Query: two[0].GetQuery(), Using: two[0].Using, WithPayload: qdrant.NewWithPayloadInclude("n")}, {Query: two[1].GetQuery(), Using: two[1].Using}}})
	if err != nil || len(batch) != 2 || len(batch[0].GetResult()) != 3 || len(batch[1].GetResult()) != 3 {
		t.Fatal(batch, err)
	}
	if a, b := batch[0].GetResult()[0].GetPayload(), batch[1].GetResult()[0].GetPayload(); a["n"].GetIntegerValue() != 1 || b != nil {
		t.Errorf("payloads %v and %v: the first was asked for, the second was not", a, b)
	}
}
