package mcpserver_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// A token with other rights is another owner, though the person is the same: what one asked for, the other may not be allowed to read.
func TestSessionBelongsToItsRights(t *testing.T) {
	s, _ := fixture(t)
	e := s.Handler(mcpserver.HTTPOptions{Sessions: true, MaxPerCaller: 2})
	eve := func(role auth.Role, scopes ...string) auth.Caller {
		return auth.Caller{ID: "oidc:1", Role: role, Via: "oidc", Foreign: true, Scopes: scopes}
	}
	tokens := known{"broad": eve(auth.Operator, "mcp", "engine:a"), "refreshed": eve(auth.Operator, "engine:a", "mcp", "mcp"),
		"narrow": eve(auth.Operator, "mcp:plan", "engine:a"), "elsewhere": eve(auth.Operator, "mcp", "engine:b"), "demoted": eve(auth.Viewer, "mcp", "engine:a")}
	srv := httptest.NewServer(httpd.Chain(e, httpd.Bearer(tokens, httpd.Resource{}, auth.ScopeMCP, httpd.RateLimit(1000, time.Minute))))
	t.Cleanup(func() {
		_ = e.Close()
		srv.Close()
	})
	id := join(t, srv.URL, "broad")
	for _, token := range []string{"narrow", "elsewhere", "demoted"} {
		for method, body := range map[string]string{http.MethodPost: list, http.MethodGet: "", http.MethodDelete: ""} {
			h := headers(token, id)
			h["Last-Event-ID"] = "1"
			if a := do(t, method, srv.URL, body, h); a.status != http.StatusNotFound {
				t.Errorf("%s by the %s token: %d %s", method, token, a.status, a.body)
			}
		}
	}
	if a := do(t, http.MethodPost, srv.URL, list, headers("refreshed", id)); a.status != http.StatusOK {
		t.Errorf("a new token with the same rights: %d %s", a.status, a.body)
	}
	join(t, srv.URL, "narrow")
	if a := do(t, http.MethodPost, srv.URL, hello, headers("demoted", "")); a.status != http.StatusTooManyRequests {
		t.Errorf("a person with several tokens has more sessions than others: %d", a.status)
	}
}

// A handshake that is answered with an error makes no session.
func TestFailedHandshakeHoldsNoPlace(t *testing.T) {
	s, _ := fixture(t)
	url, e := serveSessions(t, s, mcpserver.HTTPOptions{})
	a := do(t, http.MethodPost, url, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":"x"}`, map[string]string{"Authorization": "Bearer u1"})
	if a.rpc.Error == nil || a.header.Get("Mcp-Session-Id") != "" {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	if n := e.Sessions(); n != 0 {
		t.Errorf("%d sessions are open", n)
	}
}
