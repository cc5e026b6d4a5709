// Package httpd is what every HTTP surface of Resync shares, the API and MCP alike: guards in the shape
// func(http.Handler) http.Handler, and one place where errors become problem documents (RFC 9457).
//
// It authenticates nobody: that is done between Guards and RateLimit by whoever mounts the handlers. Its writers keep
// http.Flusher, because event streams detect it by type. Everything is safe for concurrent use and starts no goroutine.
//
// Start at Guards for a server, at Handler for an endpoint.
package httpd

import (
	"log/slog"
	"net/http"
	"time"
)

// Guard wraps a handler.
type Guard func(http.Handler) http.Handler

// Chain puts the guards around h; the first one is the outermost.
func Chain(h http.Handler, guards ...Guard) http.Handler {
	for i := len(guards) - 1; i >= 0; i-- {
		h = guards[i](h)
	}
	return h
}

// Options says what the guards of one server need to know.
type Options struct {
	// Hosts are the public names under which people reach this server, as "name" or "name:port". Loopback names and
	// the address that a connection came in on are always allowed.
	Hosts []string
	// HTTPS says that browsers see TLS though this server does not: a declared proxy ends it.
	HTTPS bool
	// MaxBody is the most bytes that a request may carry; 0 means 1 MiB.
	MaxBody int64
	// BodyTime is how long a body may take to come; 0 means 20 s.
	BodyTime time.Duration
	// Files tells requests that send in a file: they may carry MaxFile bytes, for which they have FileTime. Nil means none.
	Files    func(*http.Request) bool
	MaxFile  int64
	FileTime time.Duration
	// Logger gets one line per request. Nil discards.
	Logger *slog.Logger
	// Now is the clock for durations; nil means time.Now.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	if o.MaxBody == 0 {
		o.MaxBody = 1 << 20
	}
	if o.BodyTime <= 0 {
		o.BodyTime = 20 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// body gives what a request may carry, and how long that may take.
func (o Options) body(r *http.Request) (most int64, within time.Duration) {
	if o.Files != nil && o.Files(r) {
		return o.MaxFile, o.FileTime
	}
	return o.MaxBody, o.BodyTime
}

// Guards is the chain that every request passes before anything looks at it: id, log, recovery, headers, host and origin,
// body limit. Put it around the whole mux, authentication and RateLimit inside it.
func Guards(o Options) Guard {
	o = o.withDefaults()
	return func(h http.Handler) http.Handler {
		return Chain(h, RequestID, AccessLog(o.Logger, o.Now), Recover, SecurityHeaders(o.HTTPS), Origins(o.Hosts), BodyLimit(o.body))
	}
}
