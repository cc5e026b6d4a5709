package hwa_test

import (
	"context"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/hwa"
)

// pipes is a network inside the process. In a synctest bubble time moves only while all of its ends wait, so a deadline passes when it should and
// never because a machine is busy.
type pipes struct {
	mu     sync.Mutex
	listen map[string]*pipeListener
}

// serve answers at an address until the test ends.
func (p *pipes) serve(t *testing.T, address string, h http.Handler) {
	t.Helper()
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{}), address: address}
	srv := &http.Server{Handler: h, ErrorLog: log.New(discard{}, "", 0)}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	p.mu.Lock()
	if p.listen == nil {
		p.listen = map[string]*pipeListener{}
	}
	p.listen[address] = l
	p.mu.Unlock()
	t.Cleanup(func() { _ = srv.Close(); <-done })
}

// silence makes an address one of a machine that is switched off.
func (p *pipes) silence(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listen[address] = nil
}

func (p *pipes) dial(ctx context.Context, _, address string) (net.Conn, error) {
	p.mu.Lock()
	l, known := p.listen[address]
	p.mu.Unlock()
	if !known {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	if l == nil {
		select {
		case <-time.After(3 * time.Second): // what the client's own dialer waits
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errDialTime}
		case <-ctx.Done():
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
		}
	}
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// errDialTime is a dialer's own timeout, which package net makes equal to a context's deadline.
var errDialTime error = dialTime{}

type dialTime struct{}

func (dialTime) Error() string     { return "i/o timeout" }
func (dialTime) Timeout() bool     { return true }
func (dialTime) Temporary() bool   { return true }
func (dialTime) Is(err error) bool { return err == context.DeadlineExceeded }

type pipeListener struct {
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
	address string
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error { l.once.Do(func() { close(l.closed) }); return nil }

func (l *pipeListener) Addr() net.Addr { return pipeAddr(l.address) }

type pipeAddr string

func (pipeAddr) Network() string  { return "pipe" }
func (a pipeAddr) String() string { return string(a) }

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// client opens a client of hosts on the network; they are reached without TLS.
func (p *pipes) client(t *testing.T, hosts string, with ...func(*hwa.Options)) *hwa.Client {
	t.Helper()
	o := hwa.Options{API: "v2", Scheme: "http", Hosts: strings.Split(hosts, ","), User: "reader", Password: "s3cret-pw", Transport: &http.Transport{DialContext: p.dial}}
	for _, f := range with {
		f(&o)
	}
	c, err := hwa.Open(o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// alone opens a client of one server.
func alone(t *testing.T, h http.Handler, with ...func(*hwa.Options)) *hwa.Client {
	t.Helper()
	p := &pipes{}
	p.serve(t, "mdm:31116", h)
	return p.client(t, "mdm", with...)
}
