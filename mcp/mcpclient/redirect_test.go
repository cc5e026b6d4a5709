package mcpclient_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/mcp/mcpclient"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// A server that sends its callers elsewhere, when they connect or later, hands on neither the token nor what was asked: nothing follows a redirect.
// An answer that calls itself JSON passes for one of the protocol, so it is the client that must not follow.
func TestRedirectIsNotFollowed(t *testing.T) {
	set, _ := tools(t)
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		for _, kind := range []string{"text/html", "application/json"} {
			for _, later := range []bool{false, true} {
				var got atomic.Int64
				other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					got.Add(1)
					body, _ := io.ReadAll(r.Body)
					t.Errorf("%d as %s, later %v: the other server got %s %v %s", status, kind, later, r.Method, r.Header, body)
				}))
				var away atomic.Bool
				var sent atomic.Int64
				h := newServer(set).Handler(mcpserver.HTTPOptions{})
				srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !away.Load() {
						h.ServeHTTP(w, r)
						return
					}
					sent.Add(1)
					w.Header().Set("Location", other.URL+r.URL.Path)
					w.Header().Set("Content-Type", kind)
					w.WriteHeader(status)
				}))
				away.Store(!later)
				tr := &http.Transport{}
				c, closer, err := mcpclient.HTTP(t.Context(), srv.URL+"/mcp", token, mcpclient.HTTPOptions{Transport: tr})
				if later && err == nil {
					away.Store(true)
					_, err = c.Call(t.Context(), "echo", json.RawMessage(`{"zeta":"a secret of the plan"}`))
				}
				if !fault.Is(err, fault.UpstreamUnavailable) || sent.Load() == 0 || got.Load() != 0 {
					t.Errorf("%d as %s, later %v: %v; redirected %d times, followed %d times", status, kind, later, err, sent.Load(), got.Load())
				}
				if closer != nil {
					_ = closer.Close()
				}
				tr.CloseIdleConnections()
				srv.Close()
				other.Close()
			}
		}
	}
}
