package qdranttest

import (
	"context"
	"maps"
	"slices"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type pointsAPI struct {
	qdrant.UnimplementedPointsServer
	s *Server
}

// Get gives the points of the ids that exist, in the order of the request.
func (a pointsAPI) Get(_ context.Context, r *qdrant.GetPoints) (*qdrant.GetResponse, error) {
	ids, err := readIDs(r.GetIds())
	if err != nil {
		return nil, err
	}
	a.s.mu.RLock()
	defer a.s.mu.RUnlock()
	c, err := a.s.named(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	out := &qdrant.GetResponse{}
	for _, id := range ids {
		if p := c.points[id]; p != nil {
			out.Result = append(out.Result, retrieved(p, r.GetWithPayload(), r.GetWithVectors()))
		}
	}
	return out, nil
}

// Scroll gives a page of points, the smallest id first, and the id that the next page starts with.
func (a pointsAPI) Scroll(_ context.Context, r *qdrant.ScrollPoints) (*qdrant.ScrollResponse, error) {
	if r.GetOrderBy() != nil {
		return nil, unsupported("order by payload")
	}
	limit := uint64(defaultLimit)
	if r.Limit != nil {
		limit = uint64(r.GetLimit())
	}
	n, err := limitOf(&limit)
	if err != nil {
		return nil, err
	}
	keep, err := filter(r.GetFilter())
	if err != nil {
		return nil, err
	}
	a.s.mu.RLock()
	defer a.s.mu.RUnlock()
	c, err := a.s.named(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	order := c.sorted()
	if r.GetOffset() != nil {
		from, err := readID(r.GetOffset())
		if err != nil {
			return nil, err
		}
		at, _ := slices.BinarySearchFunc(order, from, pointID.compare)
		order = order[at:]
	}
	out := &qdrant.ScrollResponse{}
	for _, id := range order {
		p := c.points[id]
		if !keep(p) {
			continue
		}
		if len(out.Result) == n {
			out.NextPageOffset = id.proto()
			break
		}
		out.Result = append(out.Result, retrieved(p, r.GetWithPayload(), r.GetWithVectors()))
	}
	return out, nil
}

// Count counts the points that fit; always exactly.
func (a pointsAPI) Count(_ context.Context, r *qdrant.CountPoints) (*qdrant.CountResponse, error) {
	keep, err := filter(r.GetFilter())
	if err != nil {
		return nil, err
	}
	a.s.mu.RLock()
	defer a.s.mu.RUnlock()
	c, err := a.s.named(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	n := uint64(0)
	for _, p := range c.points {
		if keep(p) {
			n++
		}
	}
	return &qdrant.CountResponse{Result: &qdrant.CountResult{Count: n}}, nil
}

// CreateFieldIndex remembers that a field of the payload is indexed. Filters work with and without.
func (a pointsAPI) CreateFieldIndex(_ context.Context, r *qdrant.CreateFieldIndexCollection) (*qdrant.PointsOperationResponse, error) {
	if r.GetFieldName() == "" {
		return nil, status.Error(codes.InvalidArgument, "Validation error in body: [field_name: length 0 invalid]")
	}
	if r.FieldType == nil {
		return nil, invalid("Unable to infer type for the field '%s'. Please specify `field_type`", r.GetFieldName())
	}
	kind := qdrant.PayloadSchemaType(int32(r.GetFieldType()) + 1) // the two lists differ by the unknown type
	return a.change(r.GetCollectionName(), r.GetWait(), nil, func(c *collection) {
		c.schema[r.GetFieldName()] = &qdrant.PayloadSchemaInfo{DataType: kind}
	})
}

// DeleteFieldIndex forgets an index.
func (a pointsAPI) DeleteFieldIndex(_ context.Context, r *qdrant.DeleteFieldIndexCollection) (*qdrant.PointsOperationResponse, error) {
	return a.change(r.GetCollectionName(), r.GetWait(), nil, func(c *collection) { delete(c.schema, r.GetFieldName()) })
}

func (a pointsAPI) change(name string, wait bool, check func(*collection) error, do func(*collection)) (*qdrant.PointsOperationResponse, error) {
	if check == nil {
		check = func(*collection) error { return nil }
	}
	r, err := a.s.write(name, wait, check, do)
	if err != nil {
		return nil, err
	}
	return &qdrant.PointsOperationResponse{Result: r}, nil
}

func retrieved(p *point, with *qdrant.WithPayloadSelector, vectors *qdrant.WithVectorsSelector) *qdrant.RetrievedPoint {
	return &qdrant.RetrievedPoint{Id: p.id.proto(), Payload: choosePayload(p, with, true), Vectors: chooseVectors(p, vectors)}
}

// choosePayload gives what was asked for of a payload, or of all of it what comes unasked.
func choosePayload(p *point, with *qdrant.WithPayloadSelector, unasked bool) map[string]*qdrant.Value {
	out := maps.Clone(p.payload)
	switch v := with.GetSelectorOptions().(type) {
	case nil:
		if !unasked {
			return nil
		}
	case *qdrant.WithPayloadSelector_Enable:
		if !v.Enable {
			return nil
		}
	case *qdrant.WithPayloadSelector_Include:
		maps.DeleteFunc(out, func(k string, _ *qdrant.Value) bool { return !slices.Contains(v.Include.GetFields(), k) })
	case *qdrant.WithPayloadSelector_Exclude:
		maps.DeleteFunc(out, func(k string, _ *qdrant.Value) bool { return slices.Contains(v.Exclude.GetFields(), k) })
	}
	return out
}

func chooseVectors(p *point, with *qdrant.WithVectorsSelector) *qdrant.VectorsOutput {
	wanted := func(string) bool { return with.GetEnable() }
	if list := with.GetInclude(); list != nil {
		wanted = func(name string) bool { return slices.Contains(list.GetNames(), name) }
	}
	named := map[string]*qdrant.VectorOutput{}
	for name, v := range p.dense {
		if wanted(name) {
			named[name] = &qdrant.VectorOutput{Vector: &qdrant.VectorOutput_Dense{Dense: &qdrant.DenseVector{Data: v}}}
		}
	}
	for name, v := range p.sparse {
		if wanted(name) {
			named[name] = &qdrant.VectorOutput{Vector: &qdrant.VectorOutput_Sparse{Sparse: v}}
		}
	}
	switch only := named[""]; {
	case len(named) == 0:
		return nil
	case len(named) == 1 && only != nil:
		return &qdrant.VectorsOutput{VectorsOptions: &qdrant.VectorsOutput_Vector{Vector: only}}
	}
	return &qdrant.VectorsOutput{VectorsOptions: &qdrant.VectorsOutput_Vectors{Vectors: &qdrant.NamedVectorsOutput{Vectors: named}}}
}
