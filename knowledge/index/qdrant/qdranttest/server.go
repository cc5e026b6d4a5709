package qdranttest

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"path"
	"sync"
	"testing"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// version is what the server says of itself.
const version = "1.17.1"

// Options shape a server. The zero value is an open one without TLS, as Qdrant starts by default.
type Options struct {
	APIKey      string // may do everything; empty with ReadOnlyKey: nobody is asked for a key
	ReadOnlyKey string // may read
	TLS         *tls.Config
}

// Server is a running server.
type Server struct {
	opts Options
	addr string

	mu          sync.RWMutex // all data
	collections map[string]*collection
	aliases     map[string]string // to collection
	lagging     bool
	ops         uint64 // changes so far

	faults faults

	run     sync.Mutex // what follows
	grpc    *grpc.Server
	conns   *connections
	ended   chan struct{} // closed when nothing is served any more
	kick    chan struct{}
	halt    chan struct{}
	settled chan struct{}
}

// Start starts a server and stops it at the end of the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{opts: o, collections: map[string]*collection{}, aliases: map[string]string{}, kick: make(chan struct{}, 1), halt: make(chan struct{}), settled: make(chan struct{})}
	s.faults.calls = map[string]int{}
	go s.settle()
	if err := s.listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop()
		close(s.halt)
		<-s.settled
	})
	return s
}

// Addr is host and port.
func (s *Server) Addr() string { return s.addr }

// URL is the address as it stands in QDRANT_URL.
func (s *Server) URL() string {
	if s.opts.TLS != nil {
		return "https://" + s.addr
	}
	return "http://" + s.addr
}

// Client connects Qdrant's client to the server with the key, and closes it at the end of the test.
func (s *Server) Client(t testing.TB, key string) *qdrant.Client {
	t.Helper()
	at, err := netip.ParseAddrPort(s.addr)
	if err != nil {
		t.Fatal(err)
	}
	c, err := qdrant.NewClient(&qdrant.Config{Host: at.Addr().String(), Port: int(at.Port()), APIKey: key, SkipCompatibilityCheck: true, PoolSize: 1, KeepAliveTime: -1,
		GrpcOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage))}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// maxMessage is what client and server take; Qdrant itself sets no bound on what it receives over gRPC.
const maxMessage = 1 << 30

func (s *Server) listen(addr string) error {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	s.run.Lock()
	defer s.run.Unlock()
	s.addr = l.Addr().String()
	s.conns = &connections{Listener: l, open: map[net.Conn]bool{}}
	opts := []grpc.ServerOption{grpc.UnaryInterceptor(s.intercept), grpc.MaxRecvMsgSize(maxMessage), grpc.WaitForHandlers(true),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true})} // Qdrant's client pings every ten seconds
	if s.opts.TLS != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(s.opts.TLS)))
	}
	g := grpc.NewServer(opts...)
	qdrant.RegisterQdrantServer(g, health{})
	qdrant.RegisterCollectionsServer(g, collectionsAPI{s: s})
	qdrant.RegisterPointsServer(g, pointsAPI{s: s})
	s.grpc, s.ended = g, make(chan struct{})
	go func(l net.Listener, ended chan struct{}) {
		defer close(ended)
		_ = g.Serve(l) // says that it was stopped
	}(s.conns, s.ended)
	return nil
}

// Stop closes all connections and the port, as a killed server does; the data stay. A second Stop does nothing.
func (s *Server) Stop() {
	s.run.Lock()
	defer s.run.Unlock()
	if s.grpc == nil {
		return
	}
	s.grpc.Stop()
	<-s.ended
	s.grpc = nil
}

// Restart starts a stopped server again, on the same port and with the data it had.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Stop()
	if err := s.listen(s.addr); err != nil {
		t.Fatal(err)
	}
}

// CloseConnections cuts every connection in the middle of whatever it carries.
func (s *Server) CloseConnections() {
	s.run.Lock()
	defer s.run.Unlock()
	s.conns.cut()
}

// intercept is what every call passes: the key, the count, the faults.
func (s *Server) intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	name := path.Base(info.FullMethod)
	if err := s.admit(ctx, name); err != nil {
		return nil, err
	}
	return s.faults.serve(&Call{Method: name, Request: req, ctx: ctx, server: s, next: func() (any, error) { return next(ctx, req) }})
}

// reading are the calls that a read-only key may make.
var reading = map[string]bool{"Get": true, "List": true, "CollectionExists": true, "ListAliases": true, "ListCollectionAliases": true,
	"Scroll": true, "Count": true, "Query": true, "QueryBatch": true}

func (s *Server) admit(ctx context.Context, name string) error {
	if s.opts.APIKey == "" && s.opts.ReadOnlyKey == "" || name == "HealthCheck" {
		return nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	keys := md.Get("api-key")
	switch {
	case len(keys) == 0:
		return status.Error(codes.Unauthenticated, "Must provide an API key or an Authorization bearer token")
	case keys[0] == s.opts.APIKey && s.opts.APIKey != "":
		return nil
	case keys[0] != s.opts.ReadOnlyKey || s.opts.ReadOnlyKey == "":
		return status.Error(codes.Unauthenticated, "Invalid API key or JWT")
	case !reading[name]:
		return status.Error(codes.PermissionDenied, "Forbidden: Global manage access is required")
	}
	return nil
}

type health struct {
	qdrant.UnimplementedQdrantServer
}

func (health) HealthCheck(context.Context, *qdrant.HealthCheckRequest) (*qdrant.HealthCheckReply, error) {
	return &qdrant.HealthCheckReply{Title: "qdrant - vector search engine", Version: version}, nil
}

// connections is a listener that knows its open connections, to cut them.
type connections struct {
	net.Listener
	mu   sync.Mutex
	open map[net.Conn]bool
}

func (l *connections) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[c] = true
	return &connection{Conn: c, of: l}, nil
}

func (l *connections) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		_ = c.Close()
	}
	clear(l.open)
}

type connection struct {
	net.Conn
	of *connections
}

func (c *connection) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c.Conn)
	c.of.mu.Unlock()
	return c.Conn.Close()
}
