package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/auth/issuertest"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
)

const resource = "https://resync.example.com/mcp"

// withProvider starts a front that takes tokens of a provider as well.
func withProvider(t *testing.T) (*bundle, func(claims map[string]any) http.Header, *issuertest.Issuer) {
	t.Helper()
	o, b := options(t)
	issuer := issuertest.New(t)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	provider, err := auth.NewOIDC(auth.OIDCOptions{Issuer: issuer.URL, Audience: resource, RoleClaim: "roles", Now: b.clock.now, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Rooms: []store.Room{auth.Room()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if b.auth, err = auth.New(auth.Options{DB: db, Key: secret.New("q7Zk2Pw9vXc4Rt8Ym1Lb6Nd3Hs5Jf0Ga"), Now: b.clock.now, OIDC: provider}); err != nil {
		t.Fatal(err)
	}
	o.Auth = b.auth
	o.Resource = httpd.Resource{Base: "https://resync.example.com", Name: "Resync", Issuers: []string{issuer.URL}, Scopes: []string{"mcp"}}
	b.start(t, o)
	return b, func(claims map[string]any) http.Header {
		all := map[string]any{"sub": "u-1", "aud": resource, "exp": b.clock.now().Add(time.Hour).Unix()}
		for k, v := range claims {
			all[k] = v
		}
		return header("Authorization", "Bearer "+issuer.Token(t, all, nil))
	}, issuer
}

func TestAProvidersTokens(t *testing.T) {
	b, token, issuer := withProvider(t)
	const where = `resource_metadata="https://resync.example.com/.well-known/oauth-protected-resource/mcp"`
	for _, tc := range []struct {
		name, method, path string
		header             http.Header
		status             int
		challenge          string
	}{
		{"MCP with the scope", "POST", "/mcp", token(map[string]any{"scope": "mcp"}), 200, ""},
		{"MCP for a toolset", "POST", "/mcp", token(map[string]any{"scope": "mcp:plan"}), 200, ""},
		{"MCP without a scope", "POST", "/mcp", token(map[string]any{"roles": "admin"}), 403, `Bearer realm="resync", error="insufficient_scope", scope="mcp", ` + where},
		{"MCP for an engine alone", "POST", "/mcp", token(map[string]any{"scope": "engine:default"}), 403, `Bearer realm="resync", error="insufficient_scope", scope="engine:default mcp", ` + where},
		{"MCP for another server", "POST", "/mcp", token(map[string]any{"scope": "mcp", "aud": "https://other.example.com/mcp"}), 401, `Bearer realm="resync", error="invalid_token", scope="mcp", ` + where},
		{"MCP without a token", "POST", "/mcp", nil, 401, `Bearer realm="resync", scope="mcp", ` + where},
		{"MCP with a cookie", "POST", "/mcp", b.as(t, auth.Admin, "session"), 401, `Bearer realm="resync", scope="mcp", ` + where},
		{"REST with the scope", "GET", "/api/status", token(map[string]any{"scope": "read"}), 200, ""},
		{"REST without", "GET", "/api/status", token(map[string]any{"scope": "mcp"}), 403, ""},
		{"questions of a viewer", "POST", "/api/chat", token(map[string]any{"scope": "ask"}), 403, ""},
		{"what no program may", "DELETE", "/api/session", token(map[string]any{"scope": "read ask mcp", "roles": "admin"}), 403, ""},
		{"a ledger", "GET", "/api/conversations/x/ledger", token(map[string]any{"scope": "trace", "roles": "admin"}), 403, ""},
		{"a page", "GET", "/", token(map[string]any{"scope": "read ask mcp", "roles": "admin"}), 403, ""},
	} {
		r := b.do(t, tc.method, tc.path, "", tc.header)
		if r.StatusCode != tc.status || r.Header.Get("WWW-Authenticate") != tc.challenge {
			t.Errorf("%s: %d %s\n%s", tc.name, r.StatusCode, r.Header.Get("WWW-Authenticate"), r.text)
		}
	}
	r := b.do(t, "POST", "/api/chat", `{"question":"x"}`, jsonBody, token(map[string]any{"scope": "ask", "roles": []string{"operator"}, "name": "Ana"}))
	if r.StatusCode != 200 || !strings.Contains(r.text, `"Ana"`) {
		t.Errorf("a question: %d %s", r.StatusCode, r.text)
	}
	for _, path := range []string{"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"} {
		r := b.do(t, "GET", path, "")
		if m := r.json(t); m["resource"] != resource || len(m["authorization_servers"].([]any)) != 1 || m["authorization_servers"].([]any)[0] != issuer.URL {
			t.Errorf("%s: %s", path, r.text)
		}
	}
	if log := b.log.String(); strings.Contains(log, "eyJ") || !strings.Contains(log, `"caller":"oidc:`) {
		t.Error("the log must name the caller and hold no token")
	}
}

// Programs that speak for people are counted over MCP by the person, and like everybody elsewhere.
func TestWhoSpeaksForOthersIsCountedByMCP(t *testing.T) {
	o, b := options(t)
	o.Limits.RequestsPerMinute = 2
	b.start(t, o)
	edge := b.as(t, auth.Operator, "api_key", "mcp", "read", "delegate")
	alone := b.as(t, auth.Operator, "api_key", "mcp", "read")
	last := func(path string, h http.Header) (status int) {
		for range 4 {
			status = b.do(t, "GET", path, "", h).StatusCode
		}
		return status
	}
	for name, tc := range map[string]struct {
		path   string
		header http.Header
		want   int
	}{"MCP": {"/mcp", edge, 200}, "MCP with a slash": {"/mcp/", edge, 200}, "REST": {"/api/agents", edge, 429}, "MCP without the right": {"/mcp", alone, 429}} {
		if got := last(tc.path, tc.header); got != tc.want {
			t.Errorf("%s: %d", name, got)
		}
	}
}
