package qdranttest

import (
	"maps"
	"slices"

	"github.com/qdrant/go-client/qdrant"
)

// collection is a collection's data, under the server's lock.
type collection struct {
	config  *qdrant.CollectionConfig // answers copy it; replaced, never changed
	dense   map[string]*qdrant.VectorParams
	sparse  map[string]*qdrant.SparseVectorParams
	schema  map[string]*qdrant.PayloadSchemaInfo
	points  map[pointID]*point
	order   []pointID                                // ascending; nil when it must be made anew
	terms   map[string]map[uint32]map[*point]float32 // by vector, index, point
	holders map[string]int                           // points that have a sparse vector with at least one term
	ops     uint64
	pending []func() // acknowledged, not applied yet
}

// point is one point. It is replaced, never changed, so that a reader may keep it.
type point struct {
	id      pointID
	version uint64
	payload map[string]*qdrant.Value
	dense   map[string][]float32
	sparse  map[string]*qdrant.SparseVector
}

func (p *point) clone() *point {
	return &point{id: p.id, version: p.version, payload: maps.Clone(p.payload), dense: maps.Clone(p.dense), sparse: maps.Clone(p.sparse)}
}

func (c *collection) put(p *point) {
	if !c.remove(p.id) {
		c.order = nil
	}
	p.version = c.ops
	c.points[p.id] = p
	for name, v := range p.sparse {
		if len(v.GetIndices()) == 0 {
			continue
		}
		c.holders[name]++
		for i, dim := range v.GetIndices() {
			m := c.terms[name][dim]
			if m == nil {
				m = map[*point]float32{}
				c.terms[name][dim] = m
			}
			m[p] = v.GetValues()[i]
		}
	}
}

// remove takes a point out and reports whether it was there. The caller sees to the order.
func (c *collection) remove(id pointID) bool {
	p := c.points[id]
	if p == nil {
		return false
	}
	delete(c.points, id)
	for name, v := range p.sparse {
		if len(v.GetIndices()) == 0 {
			continue
		}
		c.holders[name]--
		for _, dim := range v.GetIndices() {
			if delete(c.terms[name][dim], p); len(c.terms[name][dim]) == 0 {
				delete(c.terms[name], dim)
			}
		}
	}
	return true
}

// sorted gives the ids in ascending order. The caller holds at least the read lock; the order is only made under the write lock (see settleOrder).
func (c *collection) sorted() []pointID {
	if c.order != nil {
		return c.order
	}
	return slices.SortedFunc(maps.Keys(c.points), pointID.compare)
}

func (c *collection) settleOrder() {
	if c.order == nil {
		c.order = c.sorted()
	}
}

// write applies or queues a change of a collection. A change that is waited for is done, with all before it, when write returns,
// unless the server lags: then it only says so.
func (s *Server) write(name string, wait bool, check func(*collection) error, change func(*collection)) (*qdrant.UpdateResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.named(name)
	if err != nil {
		return nil, err
	}
	if err := check(c); err != nil {
		return nil, err
	}
	s.ops++
	op := s.ops
	c.pending = append(c.pending, func() {
		c.ops = op
		change(c)
	})
	r := &qdrant.UpdateResult{OperationId: &op, Status: qdrant.UpdateStatus_Acknowledged}
	if wait {
		r.Status = qdrant.UpdateStatus_Completed
		if !s.lagging {
			c.drain()
		}
		return r, nil
	}
	select {
	case s.kick <- struct{}{}:
	default:
	}
	return r, nil
}

func (c *collection) drain() {
	for _, do := range c.pending {
		do()
	}
	c.pending = nil
	c.settleOrder()
}

// settle applies what was acknowledged, until the server ends.
func (s *Server) settle() {
	defer close(s.settled)
	for {
		select {
		case <-s.halt:
			return
		case <-s.kick:
		}
		s.mu.Lock()
		if !s.lagging {
			s.drainAll()
		}
		s.mu.Unlock()
	}
}

func (s *Server) drainAll() {
	for _, c := range s.collections {
		c.drain()
	}
}

// Lag makes the server answer that writes are done and show them to readers only after CatchUp, as a replica that is behind does.
func (s *Server) Lag() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lagging = true
}

// CatchUp shows all writes and ends the lag.
func (s *Server) CatchUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lagging = false
	s.drainAll()
}

// Drop loses a collection behind the back of whoever uses it.
func (s *Server) Drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.collections, name)
}

// Edit changes the points of a collection behind the back of whoever uses it: keep is asked for each one, in the order of ids.
func (s *Server) Edit(name string, keep func(id *qdrant.PointId, payload map[string]*qdrant.Value) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.collections[name]
	if c == nil {
		return
	}
	for _, id := range c.sorted() {
		if !keep(id.proto(), c.points[id].payload) {
			c.remove(id)
			c.order = nil
		}
	}
	c.settleOrder()
}

// Snapshot remembers a collection and gives a function that puts it back as it was, as a restored backup does.
func (s *Server) Snapshot(name string) (restore func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.collections[name]
	if c == nil {
		return func() { s.Drop(name) }
	}
	held := slices.Collect(maps.Values(c.points))
	config, dense, sparse, schema := c.config, c.dense, c.sparse, maps.Clone(c.schema)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		back := newCollection(config, dense, sparse)
		back.schema = maps.Clone(schema)
		for _, p := range held {
			back.ops = p.version
			back.put(p)
		}
		back.settleOrder()
		s.collections[name] = back
	}
}

func newCollection(config *qdrant.CollectionConfig, dense map[string]*qdrant.VectorParams, sparse map[string]*qdrant.SparseVectorParams) *collection {
	c := &collection{config: config, dense: dense, sparse: sparse, schema: map[string]*qdrant.PayloadSchemaInfo{}, points: map[pointID]*point{},
		order: []pointID{}, terms: map[string]map[uint32]map[*point]float32{}, holders: map[string]int{}}
	for name := range sparse {
		c.terms[name] = map[uint32]map[*point]float32{}
	}
	return c
}
