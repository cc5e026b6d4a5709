package httpd_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// Who watches is told what the caller got, whatever happens inside, and what they put into the context is there.
func TestWatch(t *testing.T) {
	type key struct{}
	tests := map[string]struct {
		handle http.HandlerFunc
		gone   bool
		want   []httpd.Outcome
	}{
		"said nothing": {func(http.ResponseWriter, *http.Request) {}, false, []httpd.Outcome{{Status: 200}, {Status: 200}, {Status: 429, Limited: true}}},
		"a problem": {httpd.Handler(func(http.ResponseWriter, *http.Request) error { return fault.New(fault.NotFound, "No.") }).ServeHTTP, false,
			[]httpd.Outcome{{Status: 404}, {Status: 404}, {Status: 429, Limited: true}}},
		"limited by itself": {httpd.Handler(func(http.ResponseWriter, *http.Request) error { return fault.New(fault.Limited, "Busy.") }).ServeHTTP, false,
			[]httpd.Outcome{{Status: 429}, {Status: 429}, {Status: 429, Limited: true}}},
		"a panic":     {func(http.ResponseWriter, *http.Request) { panic("oh") }, false, []httpd.Outcome{{Status: 500}, {Status: 500}, {Status: 429, Limited: true}}},
		"caller gone": {func(http.ResponseWriter, *http.Request) {}, true, []httpd.Outcome{{Status: 499}, {Status: 499}, {Status: 429, Limited: true}}},
		"streamed": {func(w http.ResponseWriter, r *http.Request) {
			if f, ok := w.(http.Flusher); !ok || r.Context().Value(key{}) != "begun" {
				t.Error("no stream, or another context")
			} else {
				f.Flush()
			}
			w.WriteHeader(http.StatusTeapot) // too late
		}, false, []httpd.Outcome{{Status: 200}, {Status: 200}, {Status: 429, Limited: true}}},
	}
	for name, tt := range tests {
		var got []httpd.Outcome
		watch := httpd.Watch(func(r *http.Request) (*http.Request, func(httpd.Outcome)) {
			return r.WithContext(context.WithValue(r.Context(), key{}, "begun")), func(o httpd.Outcome) { got = append(got, o) }
		})
		h := httpd.Chain(tt.handle, watch, httpd.Guards(httpd.Options{}), httpd.RateLimit(2, time.Hour))
		for range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			if tt.gone {
				cancel()
			}
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/x", nil))
			cancel()
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}
