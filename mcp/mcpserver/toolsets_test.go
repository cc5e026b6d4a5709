package mcpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpclient"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// sets serves tools of three toolsets over three engines; offered are the toolsets of the server.
func sets(t *testing.T, offered ...string) *mcpserver.Server {
	t.Helper()
	define := func(engine, name, toolset string) toolkit.Tool {
		return toolkit.MustDefine(toolkit.Spec{Name: name, Title: "T", Description: "D.", Toolset: toolset}, func(context.Context, struct{}) (toolkit.Reply[echoOut], error) {
			return toolkit.Reply[echoOut]{Data: echoOut{Text: engine}}, nil
		})
	}
	var choices []toolkit.Choice
	for _, engine := range []string{"north", "south", "west"} {
		choices = append(choices, toolkit.Choice{Name: engine, Tools: []toolkit.Tool{define(engine, "status", "plan"), define(engine, "why", "diagnose"), define(engine, "changed", "history")}})
	}
	tools, err := toolkit.Choose("engine", "which", choices...)
	if err != nil {
		t.Fatal(err)
	}
	set, err := toolkit.NewSet(tools...)
	if err != nil {
		t.Fatal(err)
	}
	return mcpserver.New(mcpserver.Options{Tools: set, Toolsets: offered, Name: "resync", Version: "0.1"})
}

// keyed serves to a caller whose scopes stand in the Authorization header.
func keyed(t *testing.T, s *mcpserver.Server) string {
	t.Helper()
	authenticate := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c := auth.Caller{ID: "key", Role: auth.Viewer, Scopes: strings.Fields(r.Header.Get("Authorization"))}
			next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), c)))
		})
	}
	srv := httptest.NewServer(httpd.Chain(s.Handler(mcpserver.HTTPOptions{}), httpd.Guards(httpd.Options{}), authenticate))
	t.Cleanup(srv.Close)
	return srv.URL
}

// protocols are the headers and the _meta of both generations of the protocol.
var protocols = map[string]func(method, name string) (header map[string]string, meta string){
	"legacy": func(string, string) (map[string]string, string) {
		return map[string]string{"MCP-Protocol-Version": "2025-11-25"}, "{}"
	},
	"modern": func(method, name string) (map[string]string, string) {
		h := map[string]string{"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
		if name != "" {
			h["Mcp-Name"] = name
		}
		return h, `{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"}}`
	},
}

func TestToolsetsOverHTTP(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name            string
		offered         []string
		header, scopes  string
		listed, engines string
		refused         string // of a call of changed; "" when it answers
	}{
		{"everything", nil, "", "", "changed status why", "north south west", ""},
		{"all, in a word", nil, "all", "", "changed status why", "north south west", ""},
		{"an empty header", nil, " ", "", "changed status why", "north south west", ""},
		{"two by header", nil, "plan, Diagnose", "", "status why", "north south west", "not_found: changed is not offered here: it belongs to the toolset history, which is not selected.\nSelected: diagnose, plan. To have it, name it in the header X-MCP-Toolsets too."},
		{"two by the server", []string{"diagnose", "plan"}, "", "", "status why", "north south west", "not_found: changed is not offered here: it belongs to the toolset history, which is not selected.\nSelected: diagnose, plan. To have it, whoever runs this server adds it"},
		{"all of a server of two", []string{"diagnose", "plan"}, "ALL", "", "status why", "north south west", "not_found"},
		{"narrower than the server", []string{"diagnose", "plan"}, "plan", "", "status", "north south west", "not_found"},
		{"by scope", nil, "", "mcp:plan mcp:history", "changed status", "north south west", ""},
		{"scope and header", nil, "history,diagnose", "mcp:plan mcp:history", "changed", "north south west", ""},
		{"closed by scope", nil, "", "mcp:plan", "status", "north south west", "403 mcp:history"},
		{"engines by scope", nil, "", "mcp engine:south engine:west", "changed status why", "south west", ""},
	} {
		url := keyed(t, sets(t, tt.offered...))
		for name, era := range protocols {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				t.Parallel()
				ask := func(method, tool, params string) answer {
					header, meta := era(method, tool)
					header["Authorization"] = tt.scopes
					if tt.header != "" {
						header["X-MCP-Toolsets"] = tt.header
					}
					return do(t, http.MethodPost, url, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":{%s"_meta":%s}}`, method, params, meta), header)
				}
				var names []string
				for _, tool := range ask("tools/list", "", "").rpc.Result.Tools {
					names = append(names, tool["name"].(string))
					schema, _ := json.Marshal(tool["inputSchema"])
					if got := enumOf(t, schema); got != tt.engines {
						t.Errorf("%s offers the engines %q, want %q", tool["name"], got, tt.engines)
					}
				}
				if got := strings.Join(names, " "); got != tt.listed {
					t.Errorf("listed %q, want %q", got, tt.listed)
				}
				called := ask("tools/call", "changed", `"name":"changed","arguments":{},`)
				if want, ok := strings.CutPrefix(tt.refused, "403 "); ok { // before the library: clients that speak OAuth ask for another token
					if called.status != http.StatusForbidden || !strings.Contains(called.header.Get("WWW-Authenticate"), want) {
						t.Errorf("a call of changed: %d %v", called.status, called.header)
					}
					return
				}
				r := called.rpc
				if r.Error != nil || len(r.Result.Content) != 1 {
					t.Fatalf("a call: %+v", r)
				}
				if text := r.Result.Content[0].Text; r.Result.IsError != (tt.refused != "") || !strings.HasPrefix(text, tt.refused) {
					t.Errorf("a call of changed: %q, want %q", text, tt.refused)
				}
			})
		}
	}
}

func enumOf(t *testing.T, schema []byte) string {
	t.Helper()
	var s struct {
		Properties map[string]struct{ Enum []string }
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatal(err)
	}
	return strings.Join(s.Properties["engine"].Enum, " ")
}

// TestToolsetsHeaderThatCannotBeMet is a plain 400: the client asked for what it will not get.
func TestToolsetsHeaderThatCannotBeMet(t *testing.T) {
	t.Parallel()
	url := keyed(t, sets(t, "plan", "diagnose"))
	for header, want := range map[string]string{
		"plans":        `"detail":"There is no toolset \"plans\"."`,
		"plan,history": `"detail":"This server does not offer the toolset history."`,
		"*":            `"detail":"There is no toolset \"*\"."`,
	} {
		a := do(t, http.MethodPost, url, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, map[string]string{"X-MCP-Toolsets": header})
		if a.status != http.StatusBadRequest || !strings.Contains(a.body, want) || !strings.Contains(a.body, `"candidates":["`) {
			t.Errorf("%s: %d %s", header, a.status, a.body)
		}
	}
}

// TestToolsetsOverStdio: who starts the program chooses; there is no header.
func TestToolsetsOverStdio(t *testing.T) {
	t.Parallel()
	in := strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"changed"}}
`)
	var out bytes.Buffer
	if err := sets(t, "plan").ServeStdio(t.Context(), in, &out); err != nil {
		t.Fatal(err)
	}
	said := out.String()
	if !strings.Contains(said, `"name":"status"`) || strings.Contains(said, `"name":"why"`) || strings.Contains(said, `"name":"changed"`) || !strings.Contains(said, "adds it to mcp.toolsets") {
		t.Errorf("said %s", said)
	}
}

// TestTheClientWithinHasAll: what is offered to the outside, and scopes of MCP, do not bind the agent; scopes of engines do.
func TestTheClientWithinHasAll(t *testing.T) {
	t.Parallel()
	caller, closer, err := mcpclient.InProcess(t.Context(), sets(t, "plan"))
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close() //nolint:errcheck // nothing depends on it any more
	ctx := auth.WithCaller(t.Context(), auth.Caller{ID: "key", Role: auth.Operator, Scopes: []string{auth.ScopeAsk, auth.EngineScope("west")}})
	infos, err := caller.Tools(ctx)
	if err != nil || len(infos) != 3 {
		t.Fatalf("%d tools, %v", len(infos), err)
	}
	if got := enumOf(t, infos[0].InputSchema); got != "west" {
		t.Errorf("engines %q", got)
	}
	for args, want := range map[string]string{`{}`: "west", `{"engine":"north"}`: "not_found"} {
		r, err := caller.Call(ctx, "changed", json.RawMessage(args))
		if err != nil || !strings.Contains(r.Text, want) || strings.Contains(r.Text, "south") {
			t.Errorf("%s: %+v, %v", args, r, err)
		}
	}
}

// TestDescriptions: every tool carries the picture and the name of its toolset, small and without anything to fetch.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	a := do(t, http.MethodPost, keyed(t, sets(t)), `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, nil)
	if len(a.rpc.Result.Tools) != 3 {
		t.Fatal(a.body)
	}
	seen := map[string]bool{}
	for _, tool := range a.rpc.Result.Tools {
		raw, _ := json.Marshal(tool)
		var d struct {
			Icons []struct {
				Src, MIMEType string
				Sizes         []string
			}
			Meta map[string]string `json:"_meta"`
		}
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		if len(d.Icons) != 1 || len(d.Icons[0].Src) > 300 || !strings.HasPrefix(d.Icons[0].Src, "data:image/svg+xml,") || d.Icons[0].MIMEType != "image/svg+xml" || seen[d.Icons[0].Src] {
			t.Errorf("%s has the icons %+v", tool["name"], d.Icons)
			continue
		}
		seen[d.Icons[0].Src] = true
		if d.Meta["io.resync/toolset"] == "" {
			t.Errorf("%s has _meta %v", tool["name"], d.Meta)
		}
	}
}
