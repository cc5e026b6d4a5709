package qdranttest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/resync-hwa/resync/knowledge/index/qdrant/qdranttest"
)

func count(t *testing.T, c *qdrant.Client, f *qdrant.Filter) int {
	t.Helper()
	n, err := c.Count(t.Context(), &qdrant.CountPoints{CollectionName: name, Filter: f, Exact: qdrant.PtrOf(true)})
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func TestFilters(t *testing.T) {
	c := qdranttest.Start(t, qdranttest.Options{}).Client(t, "")
	collection(t, c)
	for id, p := range []map[string]any{
		0: {"k": "a", "n": int64(1), "in": map[string]any{"x": "deep"}},
		1: {"k": "b", "n": int64(5), "tags": []any{"p", "q"}},
		2: {"k": "", "n": 2.5, "tags": []any{}},
		3: {"n": nil, "ok": true},
	} {
		put(t, c, uint64(id), p, vectors{"plain": qdrant.NewVectorSparse([]uint32{1}, []float32{1})})
	}
	put(t, c, 4, nil, nil) // neither payload nor vector
	must := func(cs ...*qdrant.Condition) *qdrant.Filter { return &qdrant.Filter{Must: cs} }
	for _, f := range []struct {
		what string
		f    *qdrant.Filter
		want []uint64
	}{
		{"none", nil, []uint64{0, 1, 2, 3, 4}},
		{"keyword", must(qdrant.NewMatchKeyword("k", "a")), []uint64{0}},
		{"empty keyword", must(qdrant.NewMatchKeyword("k", "")), []uint64{2}},
		{"keywords", must(qdrant.NewMatchKeywords("k", "a", "b", "z")), []uint64{0, 1}},
		{"one of a list", must(qdrant.NewMatchKeyword("tags", "q")), []uint64{1}},
		{"below", must(qdrant.NewMatchKeyword("in.x", "deep")), []uint64{0}},
		{"except needs a value", must(qdrant.NewMatchExceptKeywords("k", "a")), []uint64{1, 2}},
		{"except fits a list with another", must(qdrant.NewMatchExceptKeywords("tags", "q")), []uint64{1}},
		{"integer", must(qdrant.NewMatchInt("n", 5)), []uint64{1}},
		{"integers", must(qdrant.NewMatchInts("n", 1, 5)), []uint64{0, 1}},
		{"except integers", must(qdrant.NewMatchExceptInts("n", 1)), []uint64{1, 2}},
		{"bool", must(qdrant.NewMatchBool("ok", true)), []uint64{3}},
		{"range", must(qdrant.NewRange("n", &qdrant.Range{Gte: qdrant.PtrOf(2.5), Lt: qdrant.PtrOf(5.0)})), []uint64{2}},
		{"empty: absent, null, no element", must(qdrant.NewIsEmpty("n")), []uint64{3, 4}},
		{"empty list", must(qdrant.NewIsEmpty("tags")), []uint64{0, 2, 3, 4}},
		{"null is not absent", must(qdrant.NewIsNull("n")), []uint64{3}},
		{"ids", must(qdrant.NewHasID(qdrant.NewIDNum(3), qdrant.NewIDNum(9))), []uint64{3}},
		{"vector", must(qdrant.NewHasVector("plain")), []uint64{0, 1, 2, 3}},
		{"must not", &qdrant.Filter{MustNot: []*qdrant.Condition{qdrant.NewMatchKeywords("k", "a", "b")}}, []uint64{2, 3, 4}},
		{"should", &qdrant.Filter{Should: []*qdrant.Condition{qdrant.NewMatchKeyword("k", "a"), qdrant.NewMatchBool("ok", true)}}, []uint64{0, 3}},
		{"should and must", &qdrant.Filter{Should: []*qdrant.Condition{qdrant.NewMatchKeyword("k", "a"), qdrant.NewMatchBool("ok", true)}, Must: []*qdrant.Condition{qdrant.NewIsEmpty("k")}}, []uint64{3}},
		{"nested", must(qdrant.NewFilterAsCondition(&qdrant.Filter{MustNot: []*qdrant.Condition{qdrant.NewIsEmpty("k")}}), qdrant.NewMatchInt("n", 1)), []uint64{0}},
		{"two of three", &qdrant.Filter{MinShould: &qdrant.MinShould{MinCount: 2, Conditions: []*qdrant.Condition{qdrant.NewMatchKeyword("k", "a"), qdrant.NewMatchInt("n", 1), qdrant.NewMatchInt("n", 5)}}}, []uint64{0}},
	} {
		got, err := c.Scroll(t.Context(), &qdrant.ScrollPoints{CollectionName: name, Filter: f.f})
		if err != nil {
			t.Fatal(f.what, err)
		}
		var ids []uint64
		for _, p := range got {
			ids = append(ids, p.GetId().GetNum())
		}
		if !slices.Equal(ids, f.want) {
			t.Errorf("%s: %v, want %v", f.what, ids, f.want)
		}
		if n := count(t, c, f.f); n != len(f.want) {
			t.Errorf("%s: counted %d, want %d", f.what, n, len(f.want))
		}
	}
	_, err := c.Count(t.Context(), &qdrant.CountPoints{CollectionName: name, Filter: must(qdrant.NewMatchText("k", "a"))})
	wantCode(t, "what this server has not", err, codes.Unimplemented)
}

// Pages come in the order of ids, numbers before UUIDs, each point once.
func TestScroll(t *testing.T) {
	c := qdranttest.Start(t, qdranttest.Options{}).Client(t, "")
	collection(t, c)
	uuid := "0B34E1E2-0000-4000-8000-000000000001"
	var points []*qdrant.PointStruct
	for i := range 25 {
		points = append(points, &qdrant.PointStruct{Id: qdrant.NewIDNum(uint64(1000 - i)), Vectors: qdrant.NewVectorsMap(nil)})
	}
	points = append(points, &qdrant.PointStruct{Id: qdrant.NewIDUUID(uuid), Vectors: qdrant.NewVectorsMap(nil)})
	if _, err := c.Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: name, Wait: qdrant.PtrOf(true), Points: points}); err != nil {
		t.Fatal(err)
	}
	var seen []string
	var from *qdrant.PointId
	for page := 0; page == 0 || from != nil; page++ {
		got, next, err := c.ScrollAndOffset(t.Context(), &qdrant.ScrollPoints{CollectionName: name, Offset: from, Limit: qdrant.PtrOf(uint32(7))})
		if err != nil || page > 4 {
			t.Fatal(page, err)
		}
		for _, p := range got {
			seen = append(seen, fmt.Sprintf("%05d%s", p.GetId().GetNum(), p.GetId().GetUuid()))
		}
		from = next
	}
	if len(seen) != 26 || seen[0] != "00976" || seen[24] != "01000" || seen[25] != "000000b34e1e2-0000-4000-8000-000000000001" {
		t.Errorf("%d points: %v", len(seen), seen)
	}
	_, err := c.Scroll(t.Context(), &qdrant.ScrollPoints{CollectionName: name, Limit: qdrant.PtrOf(uint32(0))})
	wantCode(t, "limit 0", err, codes.InvalidArgument)
	_, err = c.Get(t.Context(), &qdrant.GetPoints{CollectionName: name, Ids: []*qdrant.PointId{qdrant.NewIDUUID("no uuid")}})
	wantCode(t, "no uuid", err, codes.InvalidArgument)
}

func TestWrites(t *testing.T) {
	c := qdranttest.Start(t, qdranttest.Options{}).Client(t, "")
	collection(t, c)
	for i := range uint64(4) {
		put(t, c, i, map[string]any{"doc": int64(i % 2), "v": int64(1)}, nil)
	}
	is := func(v int64) *qdrant.Filter {
		return &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchInt("v", v)}}
	}
	put(t, c, 0, map[string]any{"v": int64(2)}, nil) // replaced whole
	if n := count(t, c, &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchInt("doc", 0)}}); n != 1 {
		t.Errorf("%d points of document 0, want 1: an upsert leaves nothing of the old point", n)
	}
	// With a filter only what fits it is replaced, but what is new comes in; unless only updates are wanted.
	up := func(mode *qdrant.UpdateMode, ids ...uint64) {
		r := &qdrant.UpsertPoints{CollectionName: name, Wait: qdrant.PtrOf(true), UpdateFilter: is(1), UpdateMode: mode}
		for _, id := range ids {
			r.Points = append(r.Points, &qdrant.PointStruct{Id: qdrant.NewIDNum(id), Payload: qdrant.NewValueMap(map[string]any{"v": int64(3)}), Vectors: qdrant.NewVectorsMap(nil)})
		}
		if _, err := c.Upsert(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	up(nil, 0, 1, 10)
	if n := count(t, c, is(3)); n != 2 {
		t.Errorf("%d points of version 3, want 1 and 10", n)
	}
	up(qdrant.UpdateMode_UpdateOnly.Enum(), 0, 2, 11)
	if n := count(t, c, is(3)); n != 3 {
		t.Errorf("%d points of version 3, want 2 too", n)
	}
	up(qdrant.UpdateMode_InsertOnly.Enum(), 3, 12)
	if n := count(t, c, is(3)); n != 4 {
		t.Errorf("%d points of version 3, want 12 too", n)
	}
	// A batch keeps its order: what it puts in it can take out.
	r, err := c.UpdateBatch(t.Context(), &qdrant.UpdateBatchPoints{CollectionName: name, Wait: qdrant.PtrOf(true), Operations: []*qdrant.PointsUpdateOperation{
		qdrant.NewPointsUpdateUpsert(&qdrant.PointsUpdateOperation_PointStructList{Points: []*qdrant.PointStruct{{Id: qdrant.NewIDNum(20), Payload: qdrant.NewValueMap(map[string]any{"v": int64(9)}), Vectors: qdrant.NewVectorsMap(nil)}}}),
		qdrant.NewPointsUpdateDeletePoints(&qdrant.PointsUpdateOperation_DeletePoints{Points: qdrant.NewPointsSelectorFilter(&qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewRange("v", &qdrant.Range{Gte: qdrant.PtrOf(3.0)})}})}),
	}})
	if err != nil || len(r) != 2 || r[0].GetStatus() != qdrant.UpdateStatus_Completed {
		t.Fatal(r, err)
	}
	if n := count(t, c, nil); n != 2 {
		t.Errorf("%d points left, want 0 and 3", n)
	}
	if _, err := c.Delete(t.Context(), &qdrant.DeletePoints{CollectionName: name, Wait: qdrant.PtrOf(true), Points: qdrant.NewPointsSelector(qdrant.NewIDNum(0), qdrant.NewIDNum(77))}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SetPayload(t.Context(), &qdrant.SetPayloadPoints{CollectionName: name, Wait: qdrant.PtrOf(true), Payload: qdrant.NewValueMap(map[string]any{"x": "y"}), PointsSelector: qdrant.NewPointsSelector(qdrant.NewIDNum(3))}); err != nil {
		t.Fatal(err)
	}
	got, err := c.Scroll(t.Context(), &qdrant.ScrollPoints{CollectionName: name})
	if err != nil || len(got) != 1 || got[0].GetPayload()["x"].GetStringValue() != "y" || got[0].GetPayload()["v"].GetIntegerValue() != 1 {
		t.Errorf("%v %v, want point 3 with the old payload and x", got, err)
	}
	for what, v := range map[string]*qdrant.Vectors{
		"unknown vector":  qdrant.NewVectorsMap(vectors{"other": qdrant.NewVectorDense([]float32{1, 2})}),
		"wrong length":    qdrant.NewVectorsMap(vectors{"dense": qdrant.NewVectorDense([]float32{1})}),
		"none":            nil,
		"no name":         qdrant.NewVectors(1, 2),
		"sparse as dense": qdrant.NewVectorsMap(vectors{"dense": qdrant.NewVectorSparse([]uint32{1}, []float32{1})}),
	} {
		_, err := c.Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: name, Wait: qdrant.PtrOf(true), Points: []*qdrant.PointStruct{{Id: qdrant.NewIDNum(50), Vectors: v}}})
		wantCode(t, what, err, codes.InvalidArgument)
	}
	if n := count(t, c, nil); n != 1 {
		t.Errorf("%d points after what was refused, want 1", n)
	}
}

// What is not waited for is acknowledged and comes later; a write that is waited for comes after it.
func TestWait(t *testing.T) {
	c := qdranttest.Start(t, qdranttest.Options{}).Client(t, "")
	collection(t, c)
	r, err := c.Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: name, Points: []*qdrant.PointStruct{{Id: qdrant.NewIDNum(1), Payload: qdrant.NewValueMap(map[string]any{"v": "old"}), Vectors: qdrant.NewVectorsMap(nil)}}})
	if err != nil || r.GetStatus() != qdrant.UpdateStatus_Acknowledged {
		t.Fatal(r, err)
	}
	put(t, c, 1, map[string]any{"v": "new"}, nil)
	if n := count(t, c, &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchKeyword("v", "new")}}); n != 1 {
		t.Error("the write that was waited for was overtaken by the one before it")
	}
}
