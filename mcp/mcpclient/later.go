package mcpclient

import (
	"context"
	"encoding/json"
	"io"
	"sync"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// Later connects now or, when the server cannot be reached, at the first call that succeeds in it: a tool server that is away gives coded
// errors until it is there. An address or a token that will never do is an error at once. Close what it gives.
func Later(ctx context.Context, connect func(context.Context) (toolkit.Caller, io.Closer, error)) (toolkit.Caller, io.Closer, error) {
	l := &later{connect: connect}
	if _, err := l.ready(ctx); err != nil && !fault.Upstream(fault.CodeOf(err)) {
		return nil, nil, err
	}
	return l, l, nil
}

// later is a connection that may not be there yet.
type later struct {
	connect func(context.Context) (toolkit.Caller, io.Closer, error)
	mu      sync.Mutex // held while connecting: one attempt at a time
	caller  toolkit.Caller
	closer  io.Closer
}

func (l *later) ready(ctx context.Context) (toolkit.Caller, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.caller != nil {
		return l.caller, nil
	}
	c, closer, err := l.connect(ctx)
	if err != nil {
		return nil, err
	}
	l.caller, l.closer = c, closer
	return c, nil
}

// Tools implements toolkit.Caller.
func (l *later) Tools(ctx context.Context) ([]toolkit.Info, error) {
	c, err := l.ready(ctx)
	if err != nil {
		return nil, err
	}
	return c.Tools(ctx)
}

// Call implements toolkit.Caller.
func (l *later) Call(ctx context.Context, name string, args json.RawMessage) (toolkit.Result, error) {
	c, err := l.ready(ctx)
	if err != nil {
		return toolkit.Result{}, err
	}
	return c.Call(ctx, name, args)
}

// Close ends the connection, where there is one.
func (l *later) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closer == nil {
		return nil
	}
	return l.closer.Close()
}
