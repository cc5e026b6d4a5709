package httpd_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// bearers knows these tokens.
type bearers struct{}

// Bearer implements httpd.Bearers.
func (bearers) Bearer(_ context.Context, token string) (auth.Caller, error) {
	switch token {
	case "good":
		return auth.Caller{ID: "u1", Role: auth.Viewer, Via: "api_key", Scopes: []string{"mcp:plan"}}, nil
	case "edge":
		return auth.Caller{ID: "u3", Role: auth.Viewer, Via: "api_key", Scopes: []string{"mcp", "delegate"}}, nil
	case "narrow":
		return auth.Caller{ID: "u2", Role: auth.Viewer, Via: "api_key", Scopes: []string{"ask"}}, nil
	case "nothing":
		return auth.Caller{ID: "u4", Role: auth.Viewer, Via: "api_key", Foreign: true, Scopes: []string{"engine:dr"}}, nil
	case "away":
		return auth.Caller{}, fault.New(fault.UpstreamUnavailable, "The identity provider cannot be asked.")
	}
	return auth.Caller{}, fault.New(fault.Unauthorized, "You are not logged in.")
}

func TestBearer(t *testing.T) {
	res := httpd.Resource{Base: "https://resync.example.com/", Path: "/mcp"}
	const where = `resource_metadata="https://resync.example.com/.well-known/oauth-protected-resource/mcp"`
	h := httpd.Chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _ := auth.CallerFrom(r.Context())
		_, _ = io.WriteString(w, c.ID)
	}), httpd.Guards(httpd.Options{}), httpd.Bearer(bearers{}, res, auth.ScopeMCP, httpd.RateLimit(1000, time.Minute)))
	for _, tc := range []struct {
		name      string
		header    []string
		status    int
		challenge string
	}{
		{"nothing", nil, 401, `Bearer realm="resync", scope="mcp", ` + where},
		{"good", []string{"Bearer good"}, 200, ""},
		{"in any case of letters", []string{"bEARER  good "}, 200, ""},
		{"unknown", []string{"Bearer bad"}, 401, `Bearer realm="resync", error="invalid_token", scope="mcp", ` + where},
		{"another scheme", []string{"Basic Z29vZDo="}, 401, `Bearer realm="resync", error="invalid_token", scope="mcp", ` + where},
		{"no token", []string{"Bearer "}, 401, `Bearer realm="resync", error="invalid_token", scope="mcp", ` + where},
		{"two headers", []string{"Bearer good", "Bearer good"}, 401, `Bearer realm="resync", error="invalid_token", scope="mcp", ` + where},
		{"another scope", []string{"Bearer narrow"}, 403, `Bearer realm="resync", error="insufficient_scope", scope="ask mcp", ` + where},
		{"one engine, and nothing that may be done", []string{"Bearer nothing"}, 403, `Bearer realm="resync", error="insufficient_scope", scope="engine:dr mcp", ` + where},
		{"nobody can tell now", []string{"Bearer away"}, 503, ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/mcp", strings.NewReader("{}"))
		r.Header["Authorization"] = tc.header
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tc.status || w.Header().Get("WWW-Authenticate") != tc.challenge {
			t.Errorf("%s: %d %s", tc.name, w.Code, w.Header().Get("WWW-Authenticate"))
		}
		if tc.status == 200 != (w.Body.String() == "u1") {
			t.Errorf("%s: %s", tc.name, w.Body)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/mcp?access_token=good", nil)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 401 {
		t.Errorf("a token in the address: %d", w.Code)
	}
}

// Callers are counted each, and strangers by their address, whatever they bring.
func TestBearerCounts(t *testing.T) {
	h := httpd.Chain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), httpd.Bearer(bearers{}, httpd.Resource{}, auth.ScopeMCP, httpd.RateLimit(2, time.Minute)))
	last := func(tokens ...string) (status int) {
		for _, token := range tokens {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, request(t, "POST", "/mcp", "{}", "Authorization", "Bearer "+token))
			status = w.Code
		}
		return status
	}
	if got := last("good", "good", "good"); got != 429 {
		t.Errorf("a caller's third request: %d", got)
	}
	if got := last("guess1", "guess2"); got != 401 {
		t.Errorf("two guesses: %d", got)
	}
	if got := last("guess3"); got != 429 {
		t.Errorf("the third guess: %d", got)
	}
	if got := last("edge", "edge", "edge", "edge"); got != 200 {
		t.Errorf("one who speaks for many: %d", got)
	}
}

func TestResourceMetadata(t *testing.T) {
	full := httpd.Resource{Base: "https://resync.example.com", Path: "/mcp", Name: "Resync", Issuers: []string{"https://idp.example.com"}, Scopes: []string{"mcp", "mcp:plan"}}
	for name, tc := range map[string]struct {
		res  httpd.Resource
		want string
	}{
		"all of it":  {full, `{"resource":"https://resync.example.com/mcp","resource_name":"Resync","authorization_servers":["https://idp.example.com"],"scopes_supported":["mcp","mcp:plan"],"bearer_methods_supported":["header"]}`},
		"as asked":   {httpd.Resource{Path: "/mcp"}, `{"resource":"http://localhost:8001/mcp","bearer_methods_supported":["header"]}`},
		"behind TLS": {httpd.Resource{Path: "/mcp", Secure: true}, `{"resource":"https://localhost:8001/mcp","bearer_methods_supported":["header"]}`},
	} {
		w := httptest.NewRecorder()
		tc.res.Metadata().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:8001"+httpd.MetadataPath, nil))
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Body.String() != tc.want || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	full.Metadata().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost"+httpd.MetadataPath, nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestAChallengeEndsNoQuote(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/mcp", nil)
	httpd.Resource{}.Challenge(w, r, fault.New(fault.Forbidden, "No."), `mcp", x="`, "a\r\nb")
	if got := w.Header().Get("WWW-Authenticate"); got != `Bearer realm="resync", error="insufficient_scope", scope="mcp, x= ab"` {
		t.Errorf("%s", got)
	}
}
