package mcpserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// known are the callers of these tests, by token.
type known map[string]auth.Caller

// Bearer implements httpd.Bearers.
func (k known) Bearer(_ context.Context, token string) (auth.Caller, error) {
	if c, ok := k[token]; ok {
		return c, nil
	}
	return auth.Caller{}, fault.New(fault.Unauthorized, "You are not logged in.")
}

var callers = known{
	"all":      {ID: "u1", Name: "ann", Role: auth.Operator, Via: "token"},
	"plan":     {ID: "key:1", Name: "plan", Role: auth.Operator, Via: "api_key", Scopes: []string{"mcp:plan", "engine:a"}},
	"edge":     {ID: "key:2", Name: "edge", Role: auth.Operator, Via: "api_key", Scopes: []string{"mcp", "delegate"}},
	"edgeplan": {ID: "key:3", Name: "edge", Role: auth.Operator, Via: "api_key", Scopes: []string{"mcp:plan", "delegate"}},
	"nothing":  {ID: "oidc:1", Name: "eve", Role: auth.Admin, Via: "oidc", Foreign: true},
	"history":  {ID: "oidc:2", Name: "eve", Role: auth.Viewer, Via: "oidc", Foreign: true, Scopes: []string{"mcp:history"}},
}

type whoOut struct {
	ID     string   `json:"id"`
	By     string   `json:"by"`
	Name   string   `json:"name"`
	Role   string   `json:"role"`
	Scopes []string `json:"scopes"`
}

// guardedServer offers a tool of each of two toolsets and one of none, all of which say who called; clock is the server's.
func guardedServer(t *testing.T, clock *atomic.Int64, perMinute int) (*httptest.Server, *[]toolkit.AuditRecord) {
	t.Helper()
	var tools []toolkit.Tool
	for name, set := range map[string]string{"plan_status": "plan", "what_changed": "history", "version": ""} {
		tools = append(tools, toolkit.MustDefine(toolkit.Spec{Name: name, Toolset: set, Title: "Who", Description: "Says who called."},
			func(ctx context.Context, _ struct{}) (toolkit.Reply[whoOut], error) {
				c, _ := auth.CallerFrom(ctx)
				return toolkit.Reply[whoOut]{Data: whoOut{ID: c.ID, By: c.By, Name: c.Name, Role: string(c.Role), Scopes: c.Scopes}}, nil
			}))
	}
	set, err := toolkit.NewSet(tools...)
	if err != nil {
		t.Fatal(err)
	}
	audit := &[]toolkit.AuditRecord{}
	s := mcpserver.New(mcpserver.Options{Tools: set.WithAudit(func(_ context.Context, a toolkit.AuditRecord) { *audit = append(*audit, a) }), Name: "t", Version: "1"})
	res := httpd.Resource{Base: "https://resync.example.com", Path: "/mcp"}
	people := httpd.RateLimit(perMinute, time.Minute)
	h := s.Handler(mcpserver.HTTPOptions{Resource: res, People: people, Now: func() time.Time { return time.Unix(clock.Load(), 0) }})
	srv := httptest.NewServer(httpd.Chain(h, httpd.Guards(httpd.Options{}), httpd.Bearer(callers, res, auth.ScopeMCP, httpd.RateLimit(10_000, time.Minute))))
	t.Cleanup(srv.Close)
	return srv, audit
}

func callTool(t *testing.T, url, token, tool, meta string) answer {
	t.Helper()
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":{}%s}}`, tool, meta)
	return do(t, http.MethodPost, url, body, map[string]string{"MCP-Protocol-Version": "2025-11-25", "Authorization": "Bearer " + token})
}

func speaking(t *testing.T, token string, c auth.Caller, at int64) string {
	t.Helper()
	text, err := auth.SignCaller(token, c, time.Unix(at, 0))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`,"_meta":{%q:%q}`, auth.MetaCaller, text)
}

func TestStepUp(t *testing.T) {
	clock := &atomic.Int64{}
	url := must(guardedServer(t, clock, 1000)).URL
	for _, tc := range []struct {
		token, tool string
		status      int
		scope       string // of the challenge
	}{
		{"all", "plan_status", 200, ""},
		{"all", "what_changed", 200, ""},
		{"plan", "plan_status", 200, ""},
		{"plan", "version", 200, ""},
		{"plan", "what_changed", 403, "mcp:plan engine:a mcp:history"},
		{"history", "what_changed", 200, ""},
		{"history", "plan_status", 403, "mcp:history mcp:plan"},
		{"nothing", "version", 403, "mcp"},
		{"forged", "version", 401, "mcp"},
		{"plan", "no_such_tool", 200, ""}, // the protocol's own answer
	} {
		a := callTool(t, url, tc.token, tc.tool, "")
		if a.status != tc.status && (tc.status != 200 || a.status >= 401) {
			t.Errorf("%s calls %s: %d %s", tc.token, tc.tool, a.status, a.body)
		}
		checkChallenge(t, a, tc.scope)
		if tc.status == 403 && !strings.Contains(a.body, `"code":"forbidden"`) {
			t.Errorf("%s calls %s: %s", tc.token, tc.tool, a.body)
		}
	}
	for method, params := range map[string]string{
		"resources/read":      `{"uri":"tws://default/plan"}`,
		"resources/subscribe": `{"uri":"tws://default/plan"}`,
	} {
		a := do(t, http.MethodPost, url, `{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":`+params+`}`, map[string]string{"Authorization": "Bearer history"})
		if checkChallenge(t, a, "mcp:history mcp:plan"); a.status != 403 {
			t.Errorf("%s: %d %s", method, a.status, a.body)
		}
	}
	a := do(t, http.MethodPost, url, `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"knowledge://x#y"}}`, map[string]string{"Authorization": "Bearer plan"})
	if checkChallenge(t, a, "mcp:plan engine:a mcp:knowledge"); a.status != 403 {
		t.Errorf("a document: %d %s", a.status, a.body)
	}
}

func must(s *httptest.Server, _ *[]toolkit.AuditRecord) *httptest.Server { return s }

// checkChallenge holds the header to the form that OAuth clients read; no scope means no challenge.
func checkChallenge(t *testing.T, a answer, scope string) {
	t.Helper()
	got := a.header.Get("WWW-Authenticate")
	want := ""
	if scope != "" {
		code := map[int]string{401: "invalid_token", 403: "insufficient_scope"}[a.status]
		want = fmt.Sprintf(`Bearer realm="resync", error=%q, scope=%q, resource_metadata="https://resync.example.com/.well-known/oauth-protected-resource/mcp"`, code, scope)
	}
	if got != want {
		t.Errorf("WWW-Authenticate is %s, want %s", got, want)
	}
}

// The library takes members in capitals too.
func TestCapitalsLeadAroundNothing(t *testing.T) {
	url := must(guardedServer(t, &atomic.Int64{}, 1000)).URL
	a := do(t, http.MethodPost, url, `{"jsonrpc":"2.0","id":1,"method":"tools/call","Params":{"NAME":"what_changed","arguments":{}}}`, map[string]string{"Authorization": "Bearer plan"})
	if a.status != 403 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestSpeakingForOthers(t *testing.T) {
	clock := &atomic.Int64{}
	clock.Store(1_800_000_000)
	srv, audit := guardedServer(t, clock, 1000)
	ana := auth.Caller{ID: "u7", Name: "Ana", Role: auth.Viewer, Via: "session"}
	a := callTool(t, srv.URL, "edge", "plan_status", speaking(t, "edge", ana, clock.Load()))
	if want := `"data":{"id":"key:2/u7","by":"key:2","name":"Ana","role":"viewer","scopes":["mcp"]}`; !strings.Contains(string(a.rpc.Result.StructuredContent), want) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if len(*audit) != 1 || (*audit)[0].CallerID != "key:2/u7" || (*audit)[0].By != "key:2" {
		t.Errorf("audit: %+v", *audit)
	}
	a = callTool(t, srv.URL, "edge", "plan_status", "")
	if !strings.Contains(string(a.rpc.Result.StructuredContent), `"id":"key:2"`) {
		t.Errorf("for itself: %d %s", a.status, a.body)
	}
	// The person of the step-up is the one who is spoken for. No other token of the program would give them more, so it is led to none.
	planner := auth.Caller{ID: "k", Role: auth.Viewer, Scopes: []string{"mcp:plan"}}
	for what, a := range map[string]answer{
		"program's": callTool(t, srv.URL, "edgeplan", "what_changed", speaking(t, "edgeplan", ana, clock.Load())),
		"person's":  callTool(t, srv.URL, "edge", "what_changed", speaking(t, "edge", planner, clock.Load())),
	} {
		if checkChallenge(t, a, ""); a.status != 403 || !strings.Contains(a.body, "mcp:history") {
			t.Errorf("beyond the %s toolset: %d %s", what, a.status, a.body)
		}
	}
	if last := (*audit)[len(*audit)-1]; last.Tool != "what_changed" || last.CallerID != "key:2/k" || last.By != "key:2" || last.ErrorCode != "forbidden" {
		t.Errorf("audit of what is beyond the person: %+v", last)
	}
	for name, tc := range map[string]struct {
		token, meta string
		status      int
	}{
		"old":                     {"edge", speaking(t, "edge", ana, clock.Load()-120), 401},
		"of another token":        {"edge", speaking(t, "edgeplan", ana, clock.Load()), 401},
		"no text":                 {"edge", `,"_meta":{"io.resync/caller":{"sub":"u7"}}`, 401},
		"a bare name":             {"edge", `,"_meta":{"io.resync/caller":"u7"}`, 401},
		"a key without the right": {"plan", speaking(t, "plan", ana, clock.Load()), 403},
		"a person":                {"all", speaking(t, "all", ana, clock.Load()), 403},
	} {
		before := len(*audit)
		a := callTool(t, srv.URL, tc.token, "plan_status", tc.meta)
		if a.status != tc.status || !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") || strings.Contains(a.body, "token is") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		code := map[int]string{401: "unauthorized", 403: "forbidden"}[tc.status]
		if told := (*audit)[before:]; len(told) != 1 || told[0].CallerID != callers[tc.token].ID || told[0].By != "" || told[0].Tool != "plan_status" || told[0].ErrorCode != code {
			t.Errorf("%s: audit: %+v", name, told)
		}
	}
}

// Who tries what is not theirs leaves the same trace as who does what is.
func TestRefusedCallsAreAudited(t *testing.T) {
	srv, audit := guardedServer(t, &atomic.Int64{}, 1000)
	for _, tc := range []struct{ token, method, params, tool, args string }{
		{"plan", "tools/call", `{"name":"what_changed","arguments":{"since":"2h"}}`, "what_changed", `{"since":"2h"}`},
		{"history", "resources/read", `{"uri":"tws://default/plan"}`, "plan_status", `{"engine":"default"}`},
		{"history", "resources/read", `{"uri":"tws:my own words"}`, "", `{"engine":""}`},
		{"plan", "resources/read", `{"uri":"knowledge://x#y"}`, "", `{"engine":""}`},
		{"plan", "tools/call", `{"name":"my own words","arguments":{},"_meta":{"io.resync/caller":"x"}}`, "", ""},
	} {
		before := len(*audit)
		a := do(t, http.MethodPost, srv.URL, `{"jsonrpc":"2.0","id":1,"method":"`+tc.method+`","params":`+tc.params+`}`, map[string]string{"Authorization": "Bearer " + tc.token})
		told := (*audit)[before:]
		if a.status != 403 || len(told) != 1 || told[0].Tool != tc.tool || told[0].CallerID != callers[tc.token].ID || told[0].ErrorCode != "forbidden" || told[0].ArgsHash != toolkit.ArgsHash(json.RawMessage(tc.args)) {
			t.Errorf("%s %s: %d, audit: %+v", tc.method, tc.params, a.status, told)
			continue
		}
		if !strings.Contains(a.body, told[0].CorrelationID) {
			t.Errorf("%s: the answer does not name %s: %s", tc.method, told[0].CorrelationID, a.body)
		}
	}
	p := &plant{}
	do(t, http.MethodPost, shop(t, p)+"?scope=mcp:plan", `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"knowledge://a%23b.md#c"}}`, nil)
	if got := fmt.Sprint(p.refused); got != "[a#b.md|c forbidden]" {
		t.Errorf("documents were told %s", got)
	}
	before := len(*audit)
	do(t, http.MethodPost, srv.URL, `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.resync/caller":"x"}}}`, map[string]string{"Authorization": "Bearer plan"})
	if told := (*audit)[before:]; len(told) != 0 {
		t.Errorf("a list is no call: %+v", told)
	}
}

// Each person has their own share, and so has the program for itself and for what it gets wrong.
func TestPeopleAreCountedEach(t *testing.T) {
	clock := &atomic.Int64{}
	clock.Store(1_800_000_000)
	url := must(guardedServer(t, clock, 3)).URL
	statuses := func(n int, meta func() string) (out []int) {
		for range n {
			out = append(out, callTool(t, url, "edge", "plan_status", meta()).status)
		}
		return out
	}
	as := func(id string) func() string {
		return func() string { return speaking(t, "edge", auth.Caller{ID: id, Role: auth.Viewer}, clock.Load()) }
	}
	for name, tc := range map[string]struct {
		meta func() string
		want string
	}{
		"one":                              {as("u1"), "[200 200 200 429 429]"},
		"another":                          {as("u2"), "[200 200 200 429 429]"},
		"itself, three times wrong before": {func() string { return `,"_meta":{"io.resync/caller":"x"}` }, "[401 401 401 429 429]"},
	} {
		if got := fmt.Sprint(statuses(5, tc.meta)); got != tc.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// What ends before a person is known counts for the program.
func TestProgramsAreCountedForWhatGoesWrong(t *testing.T) {
	s, _ := fixture(t)
	for _, tc := range []struct {
		name, method, body string
		sessions           bool
		want               string
	}{
		{"said twice", http.MethodPost, `{"id":1,"id":1}`, false, "[400 400 400 429 429]"},
		{"another method", http.MethodGet, "", false, "[405 405 405 429 429]"},
		{"POST without a session", http.MethodPost, list, true, "[400 400 400 429 429]"},
		{"GET without a session", http.MethodGet, "", true, "[400 400 400 429 429]"},
		{"DELETE without a session", http.MethodDelete, "", true, "[400 400 400 429 429]"},
		{"one that goes well counts once", http.MethodPost, hello, true, "[200 200 200 429 429]"},
	} {
		e := s.Handler(mcpserver.HTTPOptions{Sessions: tc.sessions, People: httpd.RateLimit(3, time.Minute)})
		srv := httptest.NewServer(httpd.Chain(e, httpd.Bearer(callers, httpd.Resource{}, auth.ScopeMCP, httpd.RateLimit(1, time.Minute))))
		var got []int
		for range 5 {
			got = append(got, do(t, tc.method, srv.URL, tc.body, headers("edge", "")).status)
		}
		if fmt.Sprint(got) != tc.want {
			t.Errorf("%s: %v, want %s", tc.name, got, tc.want)
		}
		_ = e.Close()
		srv.Close()
	}
}
