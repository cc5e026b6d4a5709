// Package qdranttest is a Qdrant server for tests: the gRPC services of Qdrant on a loopback port, over a small engine that
// really keeps, filters, scores and fuses points. It is built on the server stubs of Qdrant's own Go client, so whatever the
// client can send arrives here as it would there.
//
// It follows Qdrant 1.17 as its sources and documentation describe it, and nothing here was ever compared with a running one:
//
//   - named dense vectors (cosine, kept and given back normalised; dot; Euclid; Manhattan), always searched exactly;
//   - named sparse vectors: dot product over the indices in common; points without one do not come back. With the IDF
//     modifier each weight of a query is multiplied by ln(1 + (N - n + 0.5)/(n + 0.5)), N and n counted over the points that have the vector;
//   - Query and QueryBatch with nested prefetch, RRF (1/((position+1)/weight + k - 1), positions from 0, k 2 by default) and
//     DBSF (mean ± 3 standard deviations become 0 and 1, then the sum);
//   - filters: must, should, must_not, min_should over match, range, is_empty, is_null, has_id, has_vector and nested filters;
//   - Upsert (with update_filter and update_mode), Delete, payload changes, UpdateBatch, Get, Scroll in the order of ids, Count;
//   - collections, aliases, payload indexes, collection metadata, API keys, status codes with Qdrant's own words;
//   - a write that is not waited for is acknowledged first and applied a moment later.
//
// What a real server does otherwise: it keeps data on disk; it searches dense vectors approximately once a segment is indexed;
// it counts deleted points in N and n until its optimiser has run, and counts them per shard; it leaves the order of equal scores open (here the smaller id comes first). What this
// one has not (multivectors, groups, recommendations, geo and text conditions …) it answers with UNIMPLEMENTED.
//
// Faults are ordered by the test (Server.Inject, Lag, Drop, Stop, Restart); nothing fails by chance. All methods of Server are
// safe for concurrent use.
package qdranttest
