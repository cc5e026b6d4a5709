package httpd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// StatusClientGone is logged, never sent, when the caller left before the answer.
const StatusClientGone = 499

var requestID = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

// RequestID gives every request the id under which its log lines and errors are found: the caller's X-Request-ID if it
// is harmless, else a new one. It is echoed, and travels in the context as toolkit.Correlation.
func RequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-ID")
		if !requestID.MatchString(id) {
			id = toolkit.NewCorrelation()
		}
		w.Header().Set("X-Request-ID", id)
		next.ServeHTTP(w, r.WithContext(toolkit.WithCorrelation(r.Context(), id)))
	})
}

// entry is what inner handlers tell the access log. It is written and read by the goroutine of its request only.
type entry struct {
	caller  string
	err     error
	gone    bool
	limited bool
}

type entryKey struct{}

func entryOf(r *http.Request) *entry {
	if e, ok := r.Context().Value(entryKey{}).(*entry); ok {
		return e
	}
	return &entry{} // no access log: what is told is forgotten
}

// noteCaller tells the access log who the caller is, once authentication has run.
func noteCaller(r *http.Request) {
	if c, ok := auth.CallerFrom(r.Context()); ok {
		entryOf(r).caller = c.ID
	}
}

// AccessLog writes one line per request: never its query, headers or body, which may hold secrets. Errors that inner
// handlers gave to Problem are in the same line with their cause.
func AccessLog(logger *slog.Logger, now func() time.Time) Guard {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := now()
			rec := record(w)
			r, e := withEntry(r)
			defer func() {
				logRequest(logger, r, rec, e, now().Sub(start))
			}()
			next.ServeHTTP(rec, r)
		})
	}
}

// tokenPart is a part of an address that may be a secret: 256 random bits in base64, as the links to shared conversations have them.
var tokenPart = regexp.MustCompile(`/[A-Za-z0-9_-]{43}(/|$)`)

// loggedPath is the address without what only its holder may know.
func loggedPath(path string) string { return tokenPart.ReplaceAllString(path, "/…$1") }

func logRequest(logger *slog.Logger, r *http.Request, rec *recorder, e *entry, took time.Duration) {
	status := rec.outcome(r, e)
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", loggedPath(r.URL.Path)), slog.Int("status", status),
		slog.Int64("bytes", rec.bytes), slog.Duration("took", took), slog.String("remote", RemoteIP(r)),
		slog.String("correlation_id", toolkit.Correlation(r.Context())),
	}
	if e.caller != "" {
		attrs = append(attrs, slog.String("caller", e.caller))
	}
	if e.err != nil {
		attrs = append(attrs, slog.String("error", e.err.Error()))
		if status >= 500 {
			level = slog.LevelError
		}
	}
	logger.LogAttrs(context.WithoutCancel(r.Context()), level, "request", attrs...)
}

// Recover answers 500 for a panic instead of cutting the connection. The log gets the stack, the caller the id.
func Recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := record(w)
		defer func() {
			p := recover()
			switch {
			case p == nil:
			case p == http.ErrAbortHandler: //nolint:errorlint // net/http documents this identity
				panic(p)
			default:
				Problem(rec, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

// Handler adapts an endpoint that returns its error. An error before the first byte becomes a problem document; one
// after it is only logged; after the caller has gone it is logged as such.
func Handler(fn func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := record(w)
		noteCaller(r)
		err := fn(rec, r)
		if err == nil {
			return
		}
		// Who has gone needs no answer, but a connection that is only slow or half closed looks the same, and silence would be a 200.
		entryOf(r).gone = errors.Is(r.Context().Err(), context.Canceled)
		Problem(rec, r, err)
	})
}
