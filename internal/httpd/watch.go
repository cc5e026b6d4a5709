package httpd

import (
	"context"
	"net/http"
)

// Outcome is how a request ended.
type Outcome struct {
	Status  int  // as the access log has it: 499 for a caller who left before the answer
	Limited bool // RateLimit refused it
}

// Watch is a guard that tells begin of each request, and what begin gives of its outcome. The request goes on as begin gives it. Put it around
// Guards.
func Watch(begin func(r *http.Request) (*http.Request, func(Outcome))) Guard {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r, end := begin(r)
			rec := record(w)
			r, e := withEntry(r)
			defer func() { end(Outcome{Status: rec.outcome(r, e), Limited: e.limited}) }()
			next.ServeHTTP(rec, r)
		})
	}
}

// withEntry gives the request its entry; guards around each other share one.
func withEntry(r *http.Request) (*http.Request, *entry) {
	if e, ok := r.Context().Value(entryKey{}).(*entry); ok {
		return r, e
	}
	e := &entry{}
	return r.WithContext(context.WithValue(r.Context(), entryKey{}, e)), e
}

// outcome is the status that is told of a request.
func (r *recorder) outcome(req *http.Request, e *entry) int {
	if e.gone || r.status == 0 && req.Context().Err() != nil {
		return StatusClientGone
	}
	return r.sent()
}
