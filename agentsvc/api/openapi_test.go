package api_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/api"
	"github.com/resync-hwa/resync/internal/auth"
)

var update = flag.Bool("update", false, "write docs/openapi.json")

const openAPIFile = "../../docs/openapi.json"

// The committed description is the one that the server gives: go test ./agentsvc/api -update writes it.
func TestTheDescriptionIsCommitted(t *testing.T) {
	b := setup(t)
	r := b.do(t, "GET", "/api/openapi.json", "", b.as(t, auth.Viewer, "session"))
	if r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s", r.StatusCode, r.text)
	}
	if *update {
		if err := os.WriteFile(openAPIFile, []byte(r.text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(openAPIFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != r.text+"\n" {
		t.Errorf("docs/openapi.json is not what the server says; go test ./agentsvc/api -update writes it")
	}
	again := b.do(t, "GET", "/api/openapi.json", "", b.as(t, auth.Viewer, "session"), header("If-None-Match", r.Header.Get("ETag")))
	if again.StatusCode != 304 || again.text != "" || again.Header.Get("ETag") != r.Header.Get("ETag") || again.Header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("with its tag: %d %v %q", again.StatusCode, again.Header, again.text)
	}
}

type described struct {
	ID       string                     `json:"operationId"`
	Summary  string                     `json:"summary"`
	Role     string                     `json:"x-resync-role"`
	Scope    string                     `json:"x-resync-scope"`
	Security []map[string][]string      `json:"security"`
	Answers  map[string]json.RawMessage `json:"responses"`
}

// What the description says of rights is what the table of rights says, which TestEveryRouteTimesEveryRole holds against the server; and
// every address for programs is described.
func TestTheDescriptionTellsTheRights(t *testing.T) {
	o, b := options(t)
	b.start(t, o)
	var doc struct {
		Paths map[string]map[string]described `json:"paths"`
	}
	if err := json.Unmarshal([]byte(b.do(t, "GET", "/api/openapi.json", "", b.as(t, auth.Viewer, "session")).text), &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			route := strings.ToUpper(method) + " " + strings.Replace(path, "{path}", "*", 1)
			seen[route] = true
			w, ok := rights[route]
			if !ok {
				t.Errorf("%s is described and has no rights", route)
				continue
			}
			least := ""
			switch {
			case w.guest == 200:
			case w.named, len(w.bearer) == 3:
				least = "viewer"
			case len(w.bearer) > 0:
				least = string(w.bearer[0])
			}
			if op.Role != least || op.Scope != w.scope {
				t.Errorf("%s is described for the role %q and the scope %q, the table says %q and %q", route, op.Role, op.Scope, least, w.scope)
			}
			guarded := op.Answers["401"] != nil && op.Answers["403"] != nil && len(op.Security) > 0 && len(op.Security[0]) > 0
			if guarded != (w.guest != 200) {
				t.Errorf("%s: security %v, answers 401 and 403: %v", route, op.Security, guarded)
			}
			if op.ID == "" || op.Summary == "" || op.Answers["400"] == nil && op.Answers["401"] == nil {
				t.Errorf("%s is described too little: %+v", route, op)
			}
		}
	}
	for _, route := range api.RoutesOf(t, o) {
		if _, path, _ := strings.Cut(route, " "); (strings.HasPrefix(path, "/api/") || path == "/token") && !seen[route] {
			t.Errorf("%s is not described", route)
		}
	}
}

// People read the description as a page, under the same policy as all pages, after a log-in that leads back to it.
func TestThePageOfTheDescription(t *testing.T) {
	b := setup(t)
	r := b.do(t, "GET", "/docs/api", "", b.as(t, auth.Viewer, "session"))
	plain := b.do(t, "GET", "/chat", "", b.as(t, auth.Viewer, "session"))
	if r.StatusCode != 200 || r.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(r.text, `id="getOpenAPI"`) {
		t.Errorf("%d %v %.200s", r.StatusCode, r.Header, r.text)
	}
	if policy := r.Header.Get("Content-Security-Policy"); policy == "" || policy != plain.Header.Get("Content-Security-Policy") {
		t.Errorf("the policy is %q", policy)
	}
	if r := b.do(t, "GET", "/docs/api", ""); r.StatusCode != 303 || r.Header.Get("Location") != "/login?next=%2Fdocs%2Fapi" {
		t.Errorf("for a guest: %d %s", r.StatusCode, r.Header.Get("Location"))
	}
	if r := b.do(t, "GET", "/login?next=%2Fdocs%2Fapi", "", b.as(t, auth.Viewer, "session")); r.Header.Get("Location") != "/docs/api" {
		t.Errorf("a log-in leads to %s", r.Header.Get("Location"))
	}
	if r := b.do(t, "GET", "/docs.css", ""); r.StatusCode != 200 || r.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("the style: %d %v", r.StatusCode, r.Header)
	}
}
