package httpd

import (
	"net"
	"net/http"
	"time"

	"github.com/go-chi/httprate"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// BodyLimit refuses requests that carry more than most bytes: at once when they say so, while being read otherwise.
func BodyLimit(most int64) Guard {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > most {
				w.Header().Set("Connection", "close") // what is still under way is not worth reading
				Problem(w, r, &http.MaxBytesError{Limit: most})
				return
			}
			r.Body = http.MaxBytesReader(unwrapped(w), r.Body, most)
			next.ServeHTTP(w, r)
		})
	}
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
	return "ip:" + httprate.CanonicalizeIP(remoteIP(r)), nil
}

// remoteIP is the other end of the connection. Headers that claim another one are not believed.
func remoteIP(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}
