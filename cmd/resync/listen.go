package main

import (
	"context"
	"crypto/tls"
	"errors"
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
	end, cancel := context.WithTimeout(base, drain)
	defer cancel()
	if err := srv.Shutdown(end); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(fault.Internal, err, "The server did not stop cleanly.")
	}
	stop()
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fault.Wrap(fault.Internal, err, "The server ended.")
	}
	return nil
}
