package twsmock

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Server is a mock that listens.
type Server struct {
	*Handler
	url  string
	http *http.Server
	done chan struct{}
	stop func() bool
}

// Start serves the mock until Close, or until ctx ends.
func Start(ctx context.Context, opts Options) (*Server, error) {
	h, err := New(opts)
	if err != nil {
		return nil, err
	}
	addr := opts.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fault.Wrap(fault.Conflict, err, "The mock engine cannot listen on %s.", addr).WithHint("Choose another address, or stop what listens there.")
	}
	s := &Server{Handler: h, url: "http://" + l.Addr().String(), done: make(chan struct{}),
		http: &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(h.opts.Logger.Handler(), slog.LevelDebug)}}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			h.opts.Logger.Error("the mock engine has stopped", "error", err)
		}
	}()
	s.stop = context.AfterFunc(ctx, func() { _ = s.http.Close() }) // an error here means that it was closed already
	return s, nil
}

// URL is the server's address without the interface's base: http://127.0.0.1:PORT.
func (s *Server) URL() string { return s.url }

// Close stops the server at once and waits until it has stopped.
func (s *Server) Close() error {
	s.stop()
	err := s.http.Close()
	<-s.done
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The mock engine did not close cleanly.")
	}
	return nil
}
