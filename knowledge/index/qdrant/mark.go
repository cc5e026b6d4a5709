package qdrant

import (
	"context"
	"crypto/rand"
	"encoding/json"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/resync-hwa/resync/knowledge/index"
)

// mark is what the collection says of itself. It is comparable.
type mark struct {
	Epoch    string       `json:"epoch"` // of the last Reset: changes begun before it must not move the mark
	Layout   index.Layout `json:"layout"`
	Upto     int64        `json:"upto"`
	Vectors  int64        `json:"vectors"`
	Average  float64      `json:"average"`
	Passages int          `json:"passages"`         // how many there were when a batch ended
	Begun    bool         `json:"begun,omitempty"`  // a batch is under way, or broke off
	Broken   bool         `json:"broken,omitempty"` // the count was wrong for too long
}

// markID is the mark's point: a UUID, because passages have numbers.
const markID = "72657379-6e63-4b62-8d61-726b00000001"

// Payload fields.
const (
	fieldMark     = "mark" // JSON; with epoch and upto beside it, for conditions
	fieldEpoch    = "epoch"
	fieldUpto     = "upto"
	fieldDocument = "document"
	fieldChange   = "change"
	fieldAccess   = "access"
	fieldLanguage = "language"
	fieldRecord   = "record"
)

func epoch() string { return rand.Text() }

func majority() *qdrant.ReadConsistency {
	return qdrant.NewReadConsistencyType(qdrant.ReadConsistencyType_Majority)
}

func ordering() *qdrant.WriteOrdering {
	return &qdrant.WriteOrdering{Type: qdrant.WriteOrderingType_Medium} // through one replica: two nodes' changes come in one order everywhere
}

// readMark gives the mark, or nil where there is none: no collection, or one that was never filled.
func (x *Index) readMark(ctx context.Context) (*mark, error) {
	points, err := read(ctx, x, func(ctx context.Context) ([]*qdrant.RetrievedPoint, error) {
		p, err := x.client.Get(ctx, &qdrant.GetPoints{CollectionName: x.opts.Collection, Ids: []*qdrant.PointId{qdrant.NewIDUUID(markID)}, WithPayload: qdrant.NewWithPayload(true), ReadConsistency: majority()})
		if is(err, codes.NotFound) {
			return nil, nil
		}
		return p, err
	})
	if err != nil {
		return nil, err
	}
	var m *mark
	for _, p := range points {
		if p.GetId().GetUuid() != markID {
			continue
		}
		m = new(mark)
		if json.Unmarshal([]byte(p.GetPayload()[fieldMark].GetStringValue()), m) != nil || m.Epoch == "" {
			m = nil // what cannot be read marks nothing
		}
	}
	x.mu.Lock()
	x.last = m
	x.mu.Unlock()
	return m, nil
}

// writeMark puts the mark in, or replaces one that fits the condition. A server older than 1.16 does not know conditions and replaces any;
// Apply looks at what stands there afterwards in either case.
func (x *Index) writeMark(ctx context.Context, m mark, only *qdrant.Filter) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return x.apply(ctx, func(ctx context.Context) (*qdrant.UpdateResult, error) {
		return x.client.Upsert(ctx, &qdrant.UpsertPoints{CollectionName: x.opts.Collection, Wait: qdrant.PtrOf(true), Ordering: ordering(), UpdateFilter: only,
			Points: []*qdrant.PointStruct{{Id: qdrant.NewIDUUID(markID), Vectors: qdrant.NewVectorsMap(map[string]*qdrant.Vector{}),
				Payload: map[string]*qdrant.Value{fieldMark: qdrant.NewValueString(string(b)), fieldEpoch: qdrant.NewValueString(m.Epoch), fieldUpto: qdrant.NewValueInt(m.Upto)}}}})
	})
}

// ofEpoch is a mark of the same Reset, not beyond a change.
func ofEpoch(m mark, upto int64) *qdrant.Filter {
	return &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchKeyword(fieldEpoch, m.Epoch), qdrant.NewRange(fieldUpto, &qdrant.Range{Lte: qdrant.PtrOf(float64(upto))})}}
}

// passages is everything but the mark.
func passages() *qdrant.Filter {
	return &qdrant.Filter{MustNot: []*qdrant.Condition{qdrant.NewHasID(qdrant.NewIDUUID(markID))}}
}

// strangers are points that are neither passages nor the mark.
func strangers() *qdrant.Filter {
	return &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewIsEmpty(fieldRecord)}, MustNot: []*qdrant.Condition{qdrant.NewHasID(qdrant.NewIDUUID(markID))}}
}
