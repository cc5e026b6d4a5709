package qdrant

import "github.com/qdrant/go-client/qdrant"

// Client gives the client of an index, for a test to look behind it.
func Client(x *Index) *qdrant.Client { return x.client }

// Point is how a passage is stored.
var Point = point
