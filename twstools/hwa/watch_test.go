package hwa_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// Who watches is told each call by its template, never by what it asks for, and gets its end; the request carries the context that they gave.
func TestWatch(t *testing.T) {
	var mu sync.Mutex
	var told []string
	type key struct{}
	var carried []any
	s := &stub{rows: map[string][]m{"job": jobs(2)}}
	c := open(t, s, func(o *hwa.Options) {
		next := http.DefaultTransport
		o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
			carried = append(carried, r.Context().Value(key{}))
			return next.RoundTrip(r)
		})
		o.Watch = func(ctx context.Context, method, template string) (context.Context, func(int64, fault.Code)) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, method+" "+template)
			return context.WithValue(ctx, key{}, len(told)), func(bytes int64, code fault.Code) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, "ended "+string(code))
				if bytes == 0 {
					t.Error("no bytes were read")
				}
			}
		}
	})
	if _, err := c.Job(t.Context(), twstools.Ref{ID: "nobody-knows-this"}); fault.CodeOf(err) != fault.NotFound {
		t.Fatalf("%v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if i := slices.Index(told, "GET /plan/job/{id}"); i < 0 || !slices.Contains(told[i:], "ended not_found") || strings.Contains(strings.Join(told, " "), "nobody") {
		t.Errorf("told %q", told)
	}
	if len(carried) == 0 || slices.Contains(carried, nil) {
		t.Errorf("the requests carry %v", carried)
	}
}
