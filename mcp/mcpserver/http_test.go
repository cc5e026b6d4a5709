package mcpserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// serve puts the handler behind the product's guards and a stand-in for authentication.
func serve(t *testing.T, s *mcpserver.Server) *httptest.Server {
	t.Helper()
	authenticate := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Caller{ID: id, Role: auth.Viewer})))
		})
	}
	srv := httptest.NewServer(httpd.Chain(s.Handler(mcpserver.HTTPOptions{}), httpd.Guards(httpd.Options{}), authenticate))
	t.Cleanup(srv.Close)
	return srv
}

type answer struct {
	status int
	header http.Header
	body   string
	rpc    struct {
		ID     any `json:"id"`
		Result struct {
			ProtocolVersion   string          `json:"protocolVersion"`
			Instructions      string          `json:"instructions"`
			IsError           bool            `json:"isError"`
			StructuredContent json.RawMessage `json:"structuredContent"`
			Content           []struct{ Text string }
			Tools             []map[string]any `json:"tools"`
			SupportedVersions []string         `json:"supportedVersions"`
			Capabilities      map[string]any   `json:"capabilities"`
			NextCursor        string           `json:"nextCursor"`
			Resources         []resource       `json:"resources"`
			ResourceTemplates []resource       `json:"resourceTemplates"`
			Contents          []resource       `json:"contents"`
			Prompts           []prompt         `json:"prompts"`
			Messages          []message        `json:"messages"`
			Completion        completion       `json:"completion"`
		} `json:"result"`
		Error *struct {
			Code    int
			Message string
		} `json:"error"`
	}
}

func do(t *testing.T, method, url, body string, header map[string]string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	for k, v := range header {
		if k == "Host" {
			req.Host = v
		}
		req.Header.Set(k, v)
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(b)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(b, &a.rpc); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
	}
	return a
}

// era makes requests of one revision of the protocol.
type era struct {
	name    string
	request func(t *testing.T, url string, id int, method, name, params string) answer
}

func legacyRequest(t *testing.T, url string, id int, method, _, params string) answer {
	t.Helper()
	return do(t, http.MethodPost, url, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, id, method, params),
		map[string]string{"MCP-Protocol-Version": "2025-11-25", "Authorization": "Bearer u1"})
}

func modernRequest(t *testing.T, url string, id int, method, name, params string) answer {
	t.Helper()
	header := map[string]string{"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method, "Authorization": "Bearer u1"}
	if name != "" {
		header["Mcp-Name"] = name
	}
	meta := `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"}}`
	if params = strings.TrimSuffix(params, "}"); params != "{" {
		meta = "," + meta
	}
	return do(t, http.MethodPost, url, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s%s}}`, id, method, params, meta), header)
}

var eras = []era{{"2025-11-25", legacyRequest}, {"2026-07-28", modernRequest}}

func TestHandshakes(t *testing.T) {
	s, _ := fixture(t)
	url := serve(t, s).URL
	hello := do(t, http.MethodPost, url, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`, nil)
	if hello.status != 200 || hello.rpc.Result.ProtocolVersion != "2025-11-25" || hello.rpc.Result.Instructions == "" {
		t.Errorf("initialize: %d %s", hello.status, hello.body)
	}
	if id := hello.header.Get("Mcp-Session-Id"); id != "" {
		t.Errorf("a stateless server gave the session id %q", id)
	}
	if ready := do(t, http.MethodPost, url, `{"jsonrpc":"2.0","method":"notifications/initialized"}`, nil); ready.status != http.StatusAccepted {
		t.Errorf("initialized: %d %s", ready.status, ready.body)
	}
	if found := modernRequest(t, url, 1, "server/discover", "", `{}`); found.status != 200 || !strings.Contains(found.body, "2026-07-28") {
		t.Errorf("server/discover: %d %s", found.status, found.body)
	}
}

func TestToolsOverHTTP(t *testing.T) {
	s, _ := fixture(t)
	url := serve(t, s).URL
	for _, e := range eras {
		t.Run(e.name, func(t *testing.T) {
			list := e.request(t, url, 1, "tools/list", "", `{}`)
			checkTools(t, list)
			ok := e.request(t, url, 2, "tools/call", "echo", `{"name":"echo","arguments":{"text":"é<b>"}}`)
			want := `"data":{"text":"é\u003cb\u003e","caller":"u1","tags":[]}`
			if ok.status != 200 || ok.rpc.Result.IsError || !strings.Contains(string(ok.rpc.Result.StructuredContent), want) {
				t.Errorf("call: %d %s", ok.status, ok.body)
			}
			if ok.header.Get("Cache-Control") != "no-store" {
				t.Error("the answer may be cached")
			}
			for how, code := range map[string]string{"coded": "not_found", "stranger": "internal", "panic": "internal"} {
				bad := e.request(t, url, 3, "tools/call", "fail", `{"name":"fail","arguments":{"how":"`+how+`"}}`)
				checkFailure(t, bad, code)
			}
			enum := e.request(t, url, 4, "tools/call", "echo", `{"name":"echo","arguments":{"text":"x","status":"NOPE"}}`)
			checkFailure(t, enum, "invalid")
			if !strings.Contains(enum.body, "SUCC, ABEND") || strings.Contains(enum.body, "&{") {
				t.Errorf("wrong enum: %s", enum.body)
			}
			missing := e.request(t, url, 5, "tools/call", "echo", `{"name":"echo","arguments":{"txt":"x"}}`)
			checkFailure(t, missing, "invalid")
			unknown := e.request(t, url, 6, "tools/call", "nope", `{"name":"nope","arguments":{}}`)
			if unknown.rpc.Error == nil || unknown.rpc.Error.Code != -32602 {
				t.Errorf("unknown tool: %s", unknown.body)
			}
		})
	}
}

// Pitfalls 12 and 13: schemas as the kernel made them, all four annotations, order by name.
func checkTools(t *testing.T, list answer) {
	t.Helper()
	var names []string
	for _, tool := range list.rpc.Result.Tools {
		names = append(names, fmt.Sprint(tool["name"]))
		hints, _ := tool["annotations"].(map[string]any)
		if hints["readOnlyHint"] != true || hints["destructiveHint"] != false || hints["idempotentHint"] != true || hints["openWorldHint"] != false {
			t.Errorf("%s: annotations %v", tool["name"], hints)
		}
		for _, which := range []string{"inputSchema", "outputSchema"} {
			schema, _ := tool[which].(map[string]any)
			if schema["type"] != "object" || schema["additionalProperties"] != false {
				t.Errorf("%s: %s is %v", tool["name"], which, schema)
			}
		}
		if tool["title"] == "" || tool["description"] == "" {
			t.Errorf("%s has no title or description", tool["name"])
		}
	}
	if fmt.Sprint(names) != "[echo fail slow wait]" {
		t.Errorf("tools are %v", names)
	}
}

// Pitfalls 8 and 9: a failure is a result with a code, and shows nothing of its inside.
func checkFailure(t *testing.T, a answer, code string) {
	t.Helper()
	noSecret(t, a.body)
	var content struct {
		Error struct {
			Code, Message string
			ID            string `json:"correlation_id"`
		}
	}
	if err := json.Unmarshal(a.rpc.Result.StructuredContent, &content); err != nil || !a.rpc.Result.IsError || content.Error.Code != code {
		t.Errorf("want a failed result with %s, got %s", code, a.body)
		return
	}
	if content.Error.ID == "" || content.Error.ID != a.header.Get("X-Request-ID") {
		t.Errorf("correlation id %q, header %q", content.Error.ID, a.header.Get("X-Request-ID"))
	}
	if len(a.rpc.Result.Content) != 1 || !strings.HasPrefix(a.rpc.Result.Content[0].Text, code+": ") {
		t.Errorf("text is %v", a.rpc.Result.Content)
	}
}

// Pitfalls 2 and 18: no stream to listen on, and no method but POST.
func TestOnlyPost(t *testing.T) {
	s, _ := fixture(t)
	url := serve(t, s).URL
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodPut, http.MethodOptions} {
		a := do(t, method, url, "", map[string]string{"Accept": "text/event-stream"})
		if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != http.MethodPost || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d, Allow %q", method, a.status, a.header.Get("Allow"))
		}
	}
}

// Pitfall 15: the guards stand before the protocol.
func TestGuarded(t *testing.T) {
	s, _ := fixture(t)
	url := serve(t, s).URL
	call := `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	for _, tt := range []struct {
		name, body string
		header     map[string]string
		want       int
		code       int // of the JSON-RPC error; 0: there is none
	}{
		{"plain", call, nil, 200, 0},
		{"evil origin", call, map[string]string{"Origin": "https://evil.example"}, 403, 0},
		{"null origin", call, map[string]string{"Origin": "null"}, 403, 0},
		{"rebound name", call, map[string]string{"Host": "evil.example"}, 403, 0},
		{"not json", `{`, nil, 400, -32700},
		{"batch", `[` + call + `]`, nil, 400, -32700},
	} {
		a := do(t, http.MethodPost, url, tt.body, tt.header)
		code := 0
		if a.rpc.Error != nil {
			code = a.rpc.Error.Code
		}
		if a.status != tt.want || code != tt.code || (len(a.rpc.Result.Tools) > 0) != (tt.want == 200) {
			t.Errorf("%s: %d, code %d: %s", tt.name, a.status, code, a.body)
		}
	}
}

// Pitfall 16.
func TestLargeBody(t *testing.T) {
	s, _ := fixture(t)
	h := httpd.Chain(s.Handler(mcpserver.HTTPOptions{}), httpd.Guards(httpd.Options{}))
	body := `{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("x", 2<<20) + `"}`
	for name, length := range map[string]int64{"said": int64(len(body)), "not said": -1} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/mcp", strings.NewReader(body))
		req.ContentLength = length
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		if w.Code != http.StatusRequestEntityTooLarge || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", name, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestManyClients(t *testing.T) {
	s, _ := fixture(t)
	url := serve(t, s).URL
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			e := eras[i%2]
			for j := range 4 {
				text := fmt.Sprintf("c%d-%d", i, j)
				a := e.request(t, url, 7, "tools/call", "echo", `{"name":"echo","arguments":{"text":"`+text+`"}}`)
				if !strings.Contains(string(a.rpc.Result.StructuredContent), `"text":"`+text+`"`) {
					t.Errorf("client %d got %s", i, a.body)
				}
			}
		})
	}
	wg.Wait()
}
