package qdranttest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

type collectionsAPI struct {
	qdrant.UnimplementedCollectionsServer
	s *Server
}

// named finds a collection by its name or an alias. The caller holds the lock.
func (s *Server) named(name string) (*collection, error) {
	if to, ok := s.aliases[name]; ok {
		name = to
	}
	if c := s.collections[name]; c != nil {
		return c, nil
	}
	return nil, status.Errorf(codes.NotFound, "Not found: Collection `%s` doesn't exist!", name)
}

func done() *qdrant.CollectionOperationResponse {
	return &qdrant.CollectionOperationResponse{Result: true}
}

// Create makes a collection.
func (a collectionsAPI) Create(_ context.Context, r *qdrant.CreateCollection) (*qdrant.CollectionOperationResponse, error) {
	name := r.GetCollectionName()
	if name == "" || len(name) > 255 || strings.ContainsAny(name, "<>:\"/\\|?*\x00\x1f") {
		return nil, status.Errorf(codes.InvalidArgument, "Validation error in body: [collection_name: %q cannot be a name]", name)
	}
	dense, err := denseParams(r.GetVectorsConfig())
	if err != nil {
		return nil, err
	}
	sparse := r.GetSparseVectorsConfig().GetMap()
	for n := range sparse {
		if dense[n] != nil {
			return nil, invalid("Dense and sparse vector names must be unique - duplicate: %s", n)
		}
	}
	one := uint32(1)
	config := &qdrant.CollectionConfig{Metadata: r.GetMetadata(), Params: &qdrant.CollectionParams{ShardNumber: max(1, r.GetShardNumber()), VectorsConfig: r.GetVectorsConfig(),
		SparseVectorsConfig: r.GetSparseVectorsConfig(), OnDiskPayload: r.GetOnDiskPayload(), ReplicationFactor: &one, WriteConsistencyFactor: &one}}
	if r.ReplicationFactor != nil {
		config.Params.ReplicationFactor = r.ReplicationFactor
	}
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	if a.s.collections[name] != nil {
		return nil, status.Errorf(codes.AlreadyExists, "Wrong input: Collection `%s` already exists!", name)
	}
	if _, is := a.s.aliases[name]; is {
		return nil, invalid("Can't create collection with name %s. Alias with the same name already exists", name)
	}
	a.s.collections[name] = newCollection(proto.Clone(config).(*qdrant.CollectionConfig), dense, sparse) //nolint:forcetypeassert // a clone has its type
	return done(), nil
}

func denseParams(config *qdrant.VectorsConfig) (map[string]*qdrant.VectorParams, error) {
	dense := map[string]*qdrant.VectorParams{}
	switch v := config.GetConfig().(type) {
	case *qdrant.VectorsConfig_Params:
		dense[""] = v.Params
	case *qdrant.VectorsConfig_ParamsMap:
		dense = v.ParamsMap.GetMap()
	}
	for _, p := range dense {
		switch {
		case p.GetSize() < 1 || p.GetSize() > 65536:
			return nil, status.Errorf(codes.InvalidArgument, "Validation error in body: [size: value %d invalid, must be from 1 to 65536]", p.GetSize())
		case p.GetDistance() == qdrant.Distance_UnknownDistance:
			return nil, status.Error(codes.InvalidArgument, "Malformed VectorParams, distance is required")
		case p.GetMultivectorConfig() != nil:
			return nil, unsupported("multivectors")
		}
	}
	return dense, nil
}

// Get describes a collection, with exact counts.
func (a collectionsAPI) Get(_ context.Context, r *qdrant.GetCollectionInfoRequest) (*qdrant.GetCollectionInfoResponse, error) {
	a.s.mu.RLock()
	defer a.s.mu.RUnlock()
	c, err := a.s.named(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	n, vectors := uint64(len(c.points)), uint64(0)
	for _, p := range c.points {
		vectors += uint64(len(p.dense) + len(p.sparse))
	}
	schema := map[string]*qdrant.PayloadSchemaInfo{}
	for key, info := range c.schema {
		having := uint64(0)
		for _, p := range c.points {
			if !isEmpty(values(p.payload, key)) {
				having++
			}
		}
		schema[key] = &qdrant.PayloadSchemaInfo{DataType: info.GetDataType(), Points: &having}
	}
	return &qdrant.GetCollectionInfoResponse{Result: &qdrant.CollectionInfo{Status: qdrant.CollectionStatus_Green, OptimizerStatus: &qdrant.OptimizerStatus{Ok: true},
		SegmentsCount: 1, Config: proto.Clone(c.config).(*qdrant.CollectionConfig), PayloadSchema: schema, PointsCount: &n, IndexedVectorsCount: &vectors}}, nil //nolint:forcetypeassert // a clone has its type
}

// CollectionExists tells whether there is a collection or alias of that name.
func (a collectionsAPI) CollectionExists(_ context.Context, r *qdrant.CollectionExistsRequest) (*qdrant.CollectionExistsResponse, error) {
	a.s.mu.RLock()
	defer a.s.mu.RUnlock()
	_, err := a.s.named(r.GetCollectionName())
	return &qdrant.CollectionExistsResponse{Result: &qdrant.CollectionExists{Exists: err == nil}}, nil
}

// List names the collections.
func (a collectionsAPI) List(context.Context, *qdrant.ListCollectionsRequest) (*qdrant.ListCollectionsResponse, error) {
	a.s.mu.RLock()
	defer a.s.mu.RUnlock()
	out := &qdrant.ListCollectionsResponse{}
	for _, name := range slices.Sorted(maps.Keys(a.s.collections)) {
		out.Collections = append(out.Collections, &qdrant.CollectionDescription{Name: name})
	}
	return out, nil
}

// Update merges metadata and takes a replication factor; other settings change nothing that could be seen here.
func (a collectionsAPI) Update(_ context.Context, r *qdrant.UpdateCollection) (*qdrant.CollectionOperationResponse, error) {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	c, err := a.s.named(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	config := proto.Clone(c.config).(*qdrant.CollectionConfig) //nolint:forcetypeassert // a clone has its type
	if config.Metadata == nil {
		config.Metadata = map[string]*qdrant.Value{}
	}
	maps.Copy(config.Metadata, r.GetMetadata())
	if p := r.GetParams(); p != nil && p.ReplicationFactor != nil {
		config.Params.ReplicationFactor = p.ReplicationFactor
	}
	c.config = config
	return done(), nil
}

// Delete removes a collection and its aliases; the result says whether there was one.
func (a collectionsAPI) Delete(_ context.Context, r *qdrant.DeleteCollection) (*qdrant.CollectionOperationResponse, error) {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	name := r.GetCollectionName()
	if a.s.collections[name] == nil {
		return &qdrant.CollectionOperationResponse{}, nil
	}
	delete(a.s.collections, name)
	maps.DeleteFunc(a.s.aliases, func(_, to string) bool { return to == name })
	return done(), nil
}

// UpdateAliases makes, renames and removes aliases: all of them or none.
func (a collectionsAPI) UpdateAliases(_ context.Context, r *qdrant.ChangeAliases) (*qdrant.CollectionOperationResponse, error) {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	next := maps.Clone(a.s.aliases)
	for _, action := range r.GetActions() {
		switch v := action.GetAction().(type) {
		case *qdrant.AliasOperations_CreateAlias:
			to, alias := v.CreateAlias.GetCollectionName(), v.CreateAlias.GetAliasName()
			if a.s.collections[to] == nil {
				return nil, status.Errorf(codes.NotFound, "Not found: Collection `%s` doesn't exist!", to)
			}
			if a.s.collections[alias] != nil {
				return nil, status.Errorf(codes.AlreadyExists, "Wrong input: Collection `%s` already exists!", alias)
			}
			next[alias] = to
		case *qdrant.AliasOperations_DeleteAlias:
			delete(next, v.DeleteAlias.GetAliasName())
		case *qdrant.AliasOperations_RenameAlias:
			to, is := next[v.RenameAlias.GetOldAliasName()]
			if !is {
				return nil, status.Errorf(codes.NotFound, "Not found: Alias %s does not exists!", v.RenameAlias.GetOldAliasName())
			}
			delete(next, v.RenameAlias.GetOldAliasName())
			next[v.RenameAlias.GetNewAliasName()] = to
		}
	}
	a.s.aliases = next
	return done(), nil
}

// ListAliases lists all aliases.
func (a collectionsAPI) ListAliases(context.Context, *qdrant.ListAliasesRequest) (*qdrant.ListAliasesResponse, error) {
	return a.s.listAliases(""), nil
}

// ListCollectionAliases lists the aliases of a collection.
func (a collectionsAPI) ListCollectionAliases(_ context.Context, r *qdrant.ListCollectionAliasesRequest) (*qdrant.ListAliasesResponse, error) {
	return a.s.listAliases(r.GetCollectionName()), nil
}

func (s *Server) listAliases(of string) *qdrant.ListAliasesResponse {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := &qdrant.ListAliasesResponse{}
	for _, alias := range slices.Sorted(maps.Keys(s.aliases)) {
		if to := s.aliases[alias]; of == "" || of == to {
			out.Aliases = append(out.Aliases, &qdrant.AliasDescription{AliasName: alias, CollectionName: to})
		}
	}
	return out
}
