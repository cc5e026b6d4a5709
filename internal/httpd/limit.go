package httpd

import (
	"io"
	"net"
	"net/http"
	"time"

	"github.com/go-chi/httprate"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// BodyLimit refuses requests that carry more than most bytes, at once when they say so, while being read otherwise, and gives up on
// bodies that have not come after some time: whoever sends a byte a minute would hold a connection for ever. The limits are the
// request's: a file that is sent in may be larger than a question.
func BodyLimit(limits func(*http.Request) (most int64, within time.Duration)) Guard {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			most, within := limits(r)
			if r.ContentLength > most {
				w.Header().Set("Connection", "close") // what is still under way is not worth reading
				Problem(w, r, &http.MaxBytesError{Limit: most})
				return
			}
			if r.ContentLength != 0 {
				control := http.NewResponseController(unwrapped(w))
				// A connection without deadlines has no slow bodies either: it is one within the process.
				if err := control.SetReadDeadline(time.Now().Add(within)); err == nil {
					r.Body = &timed{ReadCloser: r.Body, done: func() { _ = control.SetReadDeadline(time.Time{}) }}
				}
			}
			r.Body = http.MaxBytesReader(unwrapped(w), r.Body, most)
			next.ServeHTTP(w, r)
		})
	}
}

// timed lifts the deadline when the body has come, because it would end a long answer too.
type timed struct {
	io.ReadCloser
	done func()
}

// Read implements io.Reader.
func (t *timed) Read(b []byte) (int, error) {
	n, err := t.ReadCloser.Read(b)
	if err == io.EOF { //nolint:errorlint // readers give it bare
		t.done()
	}
	return n, err
}

// unwrapped lets http.MaxBytesReader close the connection: it looks for the server's own writer.
func unwrapped(w http.ResponseWriter) http.ResponseWriter {
	if rec, ok := w.(*recorder); ok {
		return rec.ResponseWriter
	}
	return w
}

// RateLimit allows so many requests per window to each caller, or to each address while nobody is known. Put it behind
// authentication, and a second one before whatever checks passwords.
func RateLimit(requests int, window time.Duration) Guard {
	limit := httprate.LimitBy(requests, window, rateKey, httprate.WithLimitHandler(func(w http.ResponseWriter, r *http.Request) {
		entryOf(r).limited = true
		Problem(w, r, fault.New(fault.Limited, "There were too many requests.").WithHint("Try again after the seconds that Retry-After names."))
	}))
	return func(next http.Handler) http.Handler {
		limited := limit(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			noteCaller(r)
			limited.ServeHTTP(w, r)
		})
	}
}

func rateKey(r *http.Request) (string, error) {
	if c, ok := auth.CallerFrom(r.Context()); ok {
		return "caller:" + c.ID, nil
	}
	return "ip:" + httprate.CanonicalizeIP(RemoteIP(r)), nil
}

// RemoteIP is the other end of the connection; behind a declared proxy the router has put the client's there. Headers that claim another one
// are not believed here.
func RemoteIP(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}
