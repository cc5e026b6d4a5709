package qdranttest

import (
	"context"
	"maps"
	"slices"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// update is a change of points: checked when it arrives, done in its turn.
type update func(*collection)

// Upsert puts points in, whole: what a point had before is gone.
func (a pointsAPI) Upsert(_ context.Context, r *qdrant.UpsertPoints) (*qdrant.PointsOperationResponse, error) {
	var do update
	return a.change(r.GetCollectionName(), r.GetWait(), func(c *collection) (err error) {
		do, err = c.upsert(r.GetPoints(), r.GetUpdateFilter(), r.GetUpdateMode())
		return err
	}, func(c *collection) { do(c) })
}

// upsert replaces, where there is a filter, only the points that fit it; new points are always put in unless the mode says otherwise.
func (c *collection) upsert(in []*qdrant.PointStruct, only *qdrant.Filter, mode qdrant.UpdateMode) (update, error) {
	fits, err := filter(only)
	if err != nil {
		return nil, err
	}
	points := make([]*point, 0, len(in))
	for _, v := range in {
		id, err := readID(v.GetId())
		if err != nil {
			return nil, err
		}
		if v.GetVectors().GetVectorsOptions() == nil { // an empty set of named ones is enough
			return nil, status.Error(codes.InvalidArgument, "Expected some vectors")
		}
		p := &point{id: id, payload: v.GetPayload(), dense: map[string][]float32{}, sparse: map[string]*qdrant.SparseVector{}}
		if err := c.setVectors(p, v.GetVectors()); err != nil {
			return nil, err
		}
		points = append(points, p)
	}
	return func(c *collection) {
		for _, p := range points {
			old := c.points[p.id]
			if old != nil && (mode == qdrant.UpdateMode_InsertOnly || !fits(old)) || old == nil && mode == qdrant.UpdateMode_UpdateOnly {
				continue
			}
			c.put(p)
		}
	}, nil
}

// Delete takes points out, by their ids or by a filter.
func (a pointsAPI) Delete(_ context.Context, r *qdrant.DeletePoints) (*qdrant.PointsOperationResponse, error) {
	do, err := remove(r.GetPoints())
	if err != nil {
		return nil, err
	}
	return a.change(r.GetCollectionName(), r.GetWait(), nil, do)
}

func remove(which *qdrant.PointsSelector) (update, error) {
	return each(which, func(c *collection, p *point) {
		c.remove(p.id)
		c.order = nil
	})
}

// each does something with every chosen point.
func each(which *qdrant.PointsSelector, do func(*collection, *point)) (update, error) {
	switch v := which.GetPointsSelectorOneOf().(type) {
	case *qdrant.PointsSelector_Points:
		ids, err := readIDs(v.Points.GetIds())
		return func(c *collection) {
			for _, id := range ids {
				if p := c.points[id]; p != nil {
					do(c, p)
				}
			}
		}, err
	case *qdrant.PointsSelector_Filter:
		fits, err := filter(v.Filter)
		return func(c *collection) {
			for _, p := range slices.Collect(maps.Values(c.points)) {
				if fits(p) {
					do(c, p)
				}
			}
		}, err
	}
	return nil, invalid("PointsSelector is expected")
}

// payload changes the payload of the chosen points.
func payload(which *qdrant.PointsSelector, change func(map[string]*qdrant.Value)) (update, error) {
	return each(which, func(c *collection, p *point) {
		next := p.clone()
		if next.payload == nil {
			next.payload = map[string]*qdrant.Value{}
		}
		change(next.payload)
		c.put(next)
	})
}

func (a pointsAPI) payload(name string, wait bool, which *qdrant.PointsSelector, change func(map[string]*qdrant.Value)) (*qdrant.PointsOperationResponse, error) {
	do, err := payload(which, change)
	if err != nil {
		return nil, err
	}
	return a.change(name, wait, nil, do)
}

// SetPayload sets fields and leaves the others.
func (a pointsAPI) SetPayload(_ context.Context, r *qdrant.SetPayloadPoints) (*qdrant.PointsOperationResponse, error) {
	if r.GetKey() != "" {
		return nil, unsupported("payload by path")
	}
	return a.payload(r.GetCollectionName(), r.GetWait(), r.GetPointsSelector(), func(old map[string]*qdrant.Value) { maps.Copy(old, r.GetPayload()) })
}

// OverwritePayload sets fields and removes the others.
func (a pointsAPI) OverwritePayload(_ context.Context, r *qdrant.SetPayloadPoints) (*qdrant.PointsOperationResponse, error) {
	return a.payload(r.GetCollectionName(), r.GetWait(), r.GetPointsSelector(), func(old map[string]*qdrant.Value) {
		clear(old)
		maps.Copy(old, r.GetPayload())
	})
}

// DeletePayload removes fields.
func (a pointsAPI) DeletePayload(_ context.Context, r *qdrant.DeletePayloadPoints) (*qdrant.PointsOperationResponse, error) {
	return a.payload(r.GetCollectionName(), r.GetWait(), r.GetPointsSelector(), func(old map[string]*qdrant.Value) {
		maps.DeleteFunc(old, func(k string, _ *qdrant.Value) bool { return slices.Contains(r.GetKeys(), k) })
	})
}

// ClearPayload removes all fields.
func (a pointsAPI) ClearPayload(_ context.Context, r *qdrant.ClearPayloadPoints) (*qdrant.PointsOperationResponse, error) {
	return a.payload(r.GetCollectionName(), r.GetWait(), r.GetPoints(), func(old map[string]*qdrant.Value) { clear(old) })
}

// UpdateBatch does several changes of one collection in their order. What is refused keeps those after it from being done, not those before.
func (a pointsAPI) UpdateBatch(_ context.Context, r *qdrant.UpdateBatchPoints) (*qdrant.UpdateBatchResponse, error) {
	out := &qdrant.UpdateBatchResponse{}
	for _, op := range r.GetOperations() {
		var do update
		done, err := a.s.write(r.GetCollectionName(), r.GetWait(), func(c *collection) (err error) {
			switch v := op.GetOperation().(type) {
			case *qdrant.PointsUpdateOperation_Upsert:
				do, err = c.upsert(v.Upsert.GetPoints(), v.Upsert.GetUpdateFilter(), v.Upsert.GetUpdateMode())
			case *qdrant.PointsUpdateOperation_DeletePoints_:
				do, err = remove(v.DeletePoints.GetPoints())
			case *qdrant.PointsUpdateOperation_SetPayload_:
				do, err = payload(v.SetPayload.GetPointsSelector(), func(old map[string]*qdrant.Value) { maps.Copy(old, v.SetPayload.GetPayload()) })
			default:
				err = unsupported("such operation in a batch")
			}
			return err
		}, func(c *collection) { do(c) })
		if err != nil {
			return nil, err
		}
		out.Result = append(out.Result, done)
	}
	return out, nil
}
