// Package qdrant keeps the index in a Qdrant server, for several nodes of Resync and for more documents than one machine
// should search. It was never run against a real server: see qdranttest for what it is tested with.
//
// One collection holds everything. A passage is a point whose number is the passage's: a sparse vector of its words (each
// with its saturated, length-normalised BM25 part), a dense one where there is a model, and a payload of document, change
// number, access label and the packed record, so that the scorer ranks without asking anybody else. How rare a word is comes
// with the question, counted exactly on the shelf; so the sparse vector has no IDF modifier: Qdrant would count per shard and
// with deleted points.
//
// Beside the passages stands one point without vectors, the mark (mark.go): layout, change number, how many passages there should be.
// It stands with the data because it must be lost and restored with them. A batch marks itself as begun, puts in the new points of
// a document before it takes out the old ones, and moves the mark when the server shows that all are there; so whoever is killed
// in between leaves a mark that is too low, and the same batch is applied again. A reader who sees two versions of a document takes the newer.
//
// Qdrant adds up what the words of a question give a passage, while a unit counts by its best word only (index.Unit). Where
// a unit has several, more passages are asked for and cut by the right sum, so that candidates differ from an exact
// engine's at the far end of the list at most.
package qdrant

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/metadata"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/loopback"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/knowledge/index"
)

// Options say where the server is. URL is required.
type Options struct {
	URL        string        // its gRPC port: http://HOST:6334 or https://HOST:6334, the port may be left out
	APIKey     secret.String // absent where the server asks for none
	Collection string        // "resync" if empty
	TLS        *tls.Config   // for https; nil for the system's certificates and TLS 1.3
	Logger     *slog.Logger  // nil for none
	Timeout    time.Duration // of one read; 5 s if 0. A write may take twelve times as long
	Settle     time.Duration // how long counts must disagree before the index is taken for broken; 10 s if 0
	Clock      func() time.Time
}

// What is asked of the server at a time.
const (
	defaultTimeout = 5 * time.Second
	writeShare     = 12 // a write is waited for until all its points are applied
	defaultSettle  = 10 * time.Second
	maxAnswer      = 64 << 20 // bytes: 400 records of the largest kind are a few
)

// Index is index.Index over a server.
type Index struct {
	opts   Options
	client *qdrant.Client

	writing sync.Mutex // one batch of this process at a time

	mu       sync.Mutex
	last     *mark     // as it was last read or written
	heard    int64     // how far the caller was told that the index is true
	agreed   mark      // the mark whose count was right
	checked  time.Time // when
	doubt    mark      // the mark whose count was wrong
	doubted  int       // the count then
	doubting time.Time // since when
}

var _ index.Index = (*Index)(nil)

// Open prepares the connection; it asks the server nothing, so that a server that is away does not keep the program from starting.
// The error is "invalid" for an address that cannot be one.
func Open(ctx context.Context, o Options) (*Index, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" {
		return nil, fault.New(fault.Invalid, "The address of Qdrant is not one.").WithHint("QDRANT_URL is like http://127.0.0.1:6334 or https://HOST:6334; the key is QDRANT_API_KEY.")
	}
	port := 6334
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return nil, fault.New(fault.Invalid, "The port of Qdrant is not one.")
		}
	}
	if o.Collection == "" {
		o.Collection = "resync"
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Settle <= 0 {
		o.Settle = defaultSettle
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if !o.APIKey.IsZero() && u.Scheme == "http" && !loopback.Host(u.Hostname()) {
		o.Logger.WarnContext(ctx, "the key of Qdrant travels in plain text: QDRANT_URL is http and not of this machine")
	}
	quick := backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 3 * time.Second} // a server that is back is found within seconds
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // the client puts the port behind it as it is
	}
	c, err := qdrant.NewClient(&qdrant.Config{Host: host, Port: port, UseTLS: u.Scheme == "https", TLSConfig: o.TLS, SkipCompatibilityCheck: true, PoolSize: 2,
		GrpcOptions: []grpc.DialOption{
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
			grpc.WithChainUnaryInterceptor(withKey(o.APIKey)),
			grpc.WithConnectParams(grpc.ConnectParams{Backoff: quick, MinConnectTimeout: o.Timeout}),
		}})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "Qdrant cannot be reached at this address.")
	}
	return &Index{opts: o, client: c}, nil
}

// withKey sends the key with every call. The client would do so too, and warn of plain text at every connection, loopback or not.
func withKey(key secret.String) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if !key.IsZero() {
			ctx = metadata.AppendToOutgoingContext(ctx, "api-key", key.Reveal())
		}
		return next(ctx, method, req, reply, cc, opts...)
	}
}

// Close ends the connection.
func (x *Index) Close() error { return x.client.Close() }

// State implements index.Index. It is one small read; how many passages there are is counted once a minute and when the mark has
// changed. A server that was emptied, or holds less or more than the mark says for longer than Options.Settle, gives the zero Layout and
// Upto, so that the index is made anew.
func (x *Index) State(ctx context.Context) (index.State, error) {
	m, err := x.readMark(ctx)
	if err != nil || m == nil || m.Broken {
		x.tell(0)
		return index.State{}, err
	}
	n, sound, err := x.verify(ctx, *m)
	if err != nil {
		return index.State{}, err
	}
	if !sound {
		x.tell(0)
		x.opts.Logger.WarnContext(ctx, "the index in Qdrant does not hold what it should and is made anew", "passages", n, "expected", m.Passages)
		return index.State{Passages: n}, nil
	}
	x.tell(m.Upto)
	return index.State{Layout: m.Layout, Upto: m.Upto, Vectors: m.Vectors, Passages: n}, nil
}

// recount is how often a mark that was right is checked again.
const recount = time.Minute

// verify tells how many passages there are, and whether that has been wrong for too long. A batch under way, of this
// process or another, makes it wrong for a moment.
func (x *Index) verify(ctx context.Context, m mark) (n int, sound bool, err error) {
	now := x.opts.Clock()
	x.mu.Lock()
	right := x.agreed == m && now.Sub(x.checked) < recount && !now.Before(x.checked)
	x.mu.Unlock()
	if right {
		return m.Passages, true, nil
	}
	if n, err = x.count(ctx, passages()); err != nil || m.Begun {
		return n, true, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case n == m.Passages:
		x.agreed, x.checked, x.doubt = m, now, mark{}
	case x.doubt != m || x.doubted != n || now.Before(x.doubting):
		x.doubt, x.doubted, x.doubting = m, n, now
	default:
		return n, now.Sub(x.doubting) < x.opts.Settle, nil
	}
	return n, true, nil
}

// tell remembers what the caller goes on from.
func (x *Index) tell(upto int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.heard = upto
}

// Reset implements index.Index: the collection is removed and made anew. A collection that holds points of somebody else is left
// alone, and the error is "conflict".
func (x *Index) Reset(ctx context.Context, l index.Layout) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	name := x.opts.Collection
	exists, err := read(ctx, x, func(ctx context.Context) (bool, error) { return x.client.CollectionExists(ctx, name) })
	if err != nil {
		return err
	}
	if exists {
		foreign, err := x.count(ctx, strangers())
		if err != nil {
			return err
		}
		if foreign > 0 {
			return fault.New(fault.Conflict, "The collection %q in Qdrant holds %d points that are not Resync's.", name, foreign).WithHint("Choose another name for knowledge.collection; nothing was changed.")
		}
		if _, err := write(ctx, x, func(ctx context.Context) (bool, error) {
			// The result only says whether it was there: another node may have been faster.
			r, err := x.client.GetCollectionsClient().Delete(ctx, &qdrant.DeleteCollection{CollectionName: name})
			return r.GetResult(), err
		}); err != nil {
			return err
		}
	}
	if err := x.create(ctx, l); err != nil {
		return err
	}
	m := mark{Epoch: epoch(), Layout: l}
	if err := x.writeMark(ctx, m, nil); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.last, x.heard = &m, 0
	return nil
}

// create makes the collection. One that another node has made meanwhile serves as well if it has the same vectors, which the
// first batch will show.
func (x *Index) create(ctx context.Context, l index.Layout) error {
	r := &qdrant.CreateCollection{CollectionName: x.opts.Collection, SparseVectorsConfig: qdrant.NewSparseVectorsConfig(map[string]*qdrant.SparseVectorParams{wordsVector: {}})}
	if l.Dimensions > 0 {
		r.VectorsConfig = qdrant.NewVectorsConfigMap(map[string]*qdrant.VectorParams{textVector: {Size: uint64(l.Dimensions), Distance: qdrant.Distance_Cosine}})
	}
	if _, err := write(ctx, x, func(ctx context.Context) (struct{}, error) {
		err := x.client.CreateCollection(ctx, r)
		if alreadyThere(err) {
			err = nil
		}
		return struct{}{}, err
	}); err != nil {
		return err
	}
	for field, kind := range map[string]qdrant.FieldType{fieldDocument: qdrant.FieldType_FieldTypeInteger, fieldChange: qdrant.FieldType_FieldTypeInteger, fieldAccess: qdrant.FieldType_FieldTypeKeyword} {
		if err := x.apply(ctx, func(ctx context.Context) (*qdrant.UpdateResult, error) {
			return x.client.CreateFieldIndex(ctx, &qdrant.CreateFieldIndexCollection{CollectionName: x.opts.Collection, FieldName: field, FieldType: kind.Enum(), Wait: qdrant.PtrOf(true)})
		}); err != nil {
			return fmt.Errorf("index %s: %w", field, err)
		}
	}
	return nil
}

// count counts points exactly, as most replicas have them.
func (x *Index) count(ctx context.Context, f *qdrant.Filter) (int, error) {
	n, err := read(ctx, x, func(ctx context.Context) (uint64, error) {
		return x.client.Count(ctx, &qdrant.CountPoints{CollectionName: x.opts.Collection, Filter: f, Exact: qdrant.PtrOf(true), ReadConsistency: majority()})
	})
	return int(n), err
}
