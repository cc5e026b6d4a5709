package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Bounds of connections. There is no write timeout: answers stream for as long as a turn may take.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	drain         = 10 * time.Second
	parting       = 2 * time.Second // for last words, when the drain is over
	maxHeader     = 32 << 10
)

// listenAndServe serves until ctx ends, then lets running requests finish. started is told the bound address.
func (p *program) listenAndServe(ctx context.Context, addr string, h http.Handler, secure *tls.Config, started func(bound string)) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return fault.Wrap(fault.Conflict, err, "Resync cannot listen on %s.", addr).WithHint("Another program may use the port; choose one with --listen.")
	}
	if secure != nil {
		ln = tls.NewListener(ln, secure)
	}
	// Requests end with the server: streams see their context go when the drain is over.
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	srv := &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, BaseContext: func(net.Listener) context.Context { return base }}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	started(ln.Addr().String())
	select {
	case err := <-failed:
		return fault.Wrap(fault.Internal, err, "The server ended.")
	case <-ctx.Done():
	}
	fmt.Fprintf(p.err, "Stopping: requests under way have %d s. Ctrl-C again stops at once.\n", int(drain.Seconds()))
	if err := shutdown(base, srv, drain); err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			return fault.Wrap(fault.Internal, err, "The server did not stop cleanly.")
		}
		stop() // what still runs sees its context go, and may say so to its caller
		if err := shutdown(context.WithoutCancel(ctx), srv, parting); err != nil {
			_ = srv.Close() // whoever does not even hear that is cut off
		}
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fault.Wrap(fault.Internal, err, "The server ended.")
	}
	return nil
}

func shutdown(ctx context.Context, srv *http.Server, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return srv.Shutdown(ctx)
}
