package qdranttest_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/resync-hwa/resync/knowledge/index/qdrant/qdranttest"
)

func TestCollections(t *testing.T) {
	s := qdranttest.Start(t, qdranttest.Options{})
	c := s.Client(t, "")
	ctx := t.Context()
	_, err := c.GetCollectionInfo(ctx, name)
	wantCode(t, "none yet", err, codes.NotFound)
	_, err = c.Query(ctx, &qdrant.QueryPoints{CollectionName: name})
	wantCode(t, "query of none", err, codes.NotFound)
	collection(t, c)
	wantCode(t, "twice", c.CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: name}), codes.AlreadyExists)
	wantCode(t, "no name", c.CreateCollection(ctx, &qdrant.CreateCollection{}), codes.InvalidArgument)
	wantCode(t, "no size", c.CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: "x", VectorsConfig: qdrant.NewVectorsConfig(&qdrant.VectorParams{Distance: qdrant.Distance_Dot})}), codes.InvalidArgument)
	put(t, c, 1, map[string]any{"doc": int64(1)}, vectors{"dense": qdrant.NewVectorDense([]float32{1, 0})})
	if _, err := c.CreateFieldIndex(ctx, &qdrant.CreateFieldIndexCollection{CollectionName: name, FieldName: "doc", FieldType: qdrant.FieldType_FieldTypeInteger.Enum(), Wait: qdrant.PtrOf(true)}); err != nil {
		t.Fatal(err)
	}
	if err := c.UpdateCollection(ctx, &qdrant.UpdateCollection{CollectionName: name, Metadata: qdrant.NewValueMap(map[string]any{"a": "b"})}); err != nil {
		t.Fatal(err)
	}
	info, err := c.GetCollectionInfo(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.GetPayloadSchema()["doc"]; got.GetDataType() != qdrant.PayloadSchemaType_Integer || got.GetPoints() != 1 {
		t.Errorf("schema %v", got)
	}
	if info.GetPointsCount() != 1 || info.GetConfig().GetMetadata()["a"].GetStringValue() != "b" || info.GetConfig().GetParams().GetVectorsConfig().GetParamsMap().GetMap()["dense"].GetSize() != 2 ||
		info.GetConfig().GetParams().GetSparseVectorsConfig().GetMap()["idf"].GetModifier() != qdrant.Modifier_Idf {
		t.Errorf("info %v", info)
	}
	if err := c.CreateAlias(ctx, "other", name); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Count(ctx, &qdrant.CountPoints{CollectionName: "other"}); err != nil || n != 1 {
		t.Errorf("by its alias: %d, %v", n, err)
	}
	restore := s.Snapshot(name)
	if err := c.DeleteCollection(ctx, name); err != nil {
		t.Fatal(err)
	}
	if ok, err := c.CollectionExists(ctx, name); ok || err != nil {
		t.Errorf("exists after it was deleted: %v, %v", ok, err)
	}
	restore()
	if n := count(t, c, nil); n != 1 {
		t.Errorf("%d points restored, want 1", n)
	}
	if r, err := c.HealthCheck(ctx); err != nil || r.GetVersion() == "" {
		t.Errorf("health %v, %v", r, err)
	}
}

func TestKeys(t *testing.T) {
	s := qdranttest.Start(t, qdranttest.Options{APIKey: "rw", ReadOnlyKey: "ro"})
	collection(t, s.Client(t, "rw"))
	ro := s.Client(t, "ro")
	if n := count(t, ro, nil); n != 0 {
		t.Error(n)
	}
	_, err := ro.Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: name})
	wantCode(t, "write with the reader's key", err, codes.PermissionDenied)
	_, err = s.Client(t, "guess").ListCollections(t.Context())
	wantCode(t, "wrong key", err, codes.Unauthenticated)
	none := s.Client(t, "")
	_, err = none.ListCollections(t.Context())
	wantCode(t, "no key", err, codes.Unauthenticated)
	if _, err := none.HealthCheck(t.Context()); err != nil {
		t.Errorf("health needs no key: %v", err)
	}
}

func TestFaults(t *testing.T) {
	s := qdranttest.Start(t, qdranttest.Options{})
	c := s.Client(t, "")
	collection(t, c)
	put(t, c, 1, map[string]any{"a": "b"}, vectors{"dot": qdrant.NewVectorDense([]float32{1, 0})})
	query := func() ([]*qdrant.BatchResult, error) {
		q := &qdrant.QueryPoints{Query: qdrant.NewQueryDense([]float32{1, 0}), Using: qdrant.PtrOf("dot"), WithPayload: qdrant.NewWithPayload(true)}
		return c.QueryBatch(t.Context(), &qdrant.QueryBatchPoints{CollectionName: name, QueryPoints: []*qdrant.QueryPoints{q, q}})
	}
	s.Inject(qdranttest.Fault{Method: "QueryBatch", Skip: 1, Times: 1, Do: qdranttest.Fail(codes.Unavailable)})
	for i, want := range []codes.Code{codes.OK, codes.Unavailable, codes.OK} {
		_, err := query()
		if err == nil != (want == codes.OK) {
			t.Errorf("call %d: %v, want %s", i, err, want)
		}
	}
	if n := s.Calls("QueryBatch"); n != 3 {
		t.Errorf("%d calls counted, want 3", n)
	}
	for what, f := range map[string]struct {
		do   qdranttest.Action
		lies func([]*qdrant.BatchResult) bool
	}{
		"half":     {qdranttest.HalfBatch(), func(b []*qdrant.BatchResult) bool { return len(b) == 1 }},
		"nan":      {qdranttest.NaN(), func(b []*qdrant.BatchResult) bool { return math.IsNaN(float64(b[0].GetResult()[0].GetScore())) }},
		"bare":     {qdranttest.NoPayload(), func(b []*qdrant.BatchResult) bool { return b[1].GetResult()[0].GetPayload() == nil }},
		"stranger": {qdranttest.Strangers(99), func(b []*qdrant.BatchResult) bool { return b[1].GetResult()[0].GetId().GetNum() == 99 }},
	} {
		s.Inject(qdranttest.Fault{Method: "QueryBatch", Times: 1, Do: f.do})
		if b, err := query(); err != nil || !f.lies(b) {
			t.Errorf("%s: %v, %v", what, b, err)
		}
		if b, err := query(); err != nil || len(b) != 2 || f.lies(b) {
			t.Errorf("%s: it goes on: %v, %v", what, b, err)
		}
	}
	s.Inject(qdranttest.Fault{Method: "Upsert", Do: qdranttest.CutAfter()})
	up := &qdrant.UpsertPoints{CollectionName: name, Wait: qdrant.PtrOf(true), Points: []*qdrant.PointStruct{{Id: qdrant.NewIDNum(2), Vectors: qdrant.NewVectorsMap(nil)}}}
	_, err := c.Upsert(t.Context(), up)
	wantCode(t, "cut", err, codes.Unavailable)
	s.Heal()
	if n := count(t, c, nil); n != 2 {
		t.Errorf("%d points: the write was done before the connection broke", n)
	}
	s.Inject(qdranttest.Fault{Method: "Count", Do: qdranttest.Delay(time.Hour)})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = c.Count(ctx, &qdrant.CountPoints{CollectionName: name})
	wantCode(t, "too slow", err, codes.DeadlineExceeded)
	s.Heal()
	s.Lag()
	put(t, c, 3, nil, nil)
	if n := count(t, c, nil); n != 2 {
		t.Errorf("%d points while the server lags, want 2", n)
	}
	s.CatchUp()
	if n := count(t, c, nil); n != 3 {
		t.Errorf("%d points after it caught up, want 3", n)
	}
	s.Stop()
	_, err = c.Count(t.Context(), &qdrant.CountPoints{CollectionName: name})
	wantCode(t, "stopped", err, codes.Unavailable)
	s.Restart(t)
	if n := count(t, s.Client(t, ""), nil); n != 3 {
		t.Errorf("%d points after a restart, want 3", n)
	}
	s.Drop(name)
	_, err = s.Client(t, "").Count(t.Context(), &qdrant.CountPoints{CollectionName: name})
	wantCode(t, "dropped", err, codes.NotFound)
}
