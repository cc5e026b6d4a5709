package mcpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// What is refused reads the same on every transport: the reason alone, without the library's words for what does not exist.
func TestRefusalsReadWell(t *testing.T) {
	s := shopServer(t, &plant{})
	asked := []struct{ method, params, says string }{
		{"prompts/get", `{"name":"shift_handover","arguments":{"hours":"49"}}`, "invalid: The argument hours must be a whole number from 1 to 48. (id "},
		{"prompts/get", `{"name":"triage_abend","arguments":{"job":"X","\ue000' not found: prompt not found":"x"}}`, "invalid: The prompt has no argument "},
		{"resources/read", `{"uri":"tws://nope/plan"}`, `not_found: There is no engine "nope". `},
		{"resources/read", `{"uri":"tws://\ue000' not found/plan"}`, `not_found: There is no engine `},
	}
	right := func(how, message string, i int) {
		t.Helper()
		if want := asked[i].says; !strings.HasPrefix(message, want) || !strings.HasSuffix(message, ")") || strings.Contains(message, "\ue000") {
			t.Errorf("%s: %s %s: %q, want %q", how, asked[i].method, asked[i].params, message, want)
		}
	}

	in := []string{hello, ready}
	for i, a := range asked {
		in = append(in, `{"jsonrpc":"2.0","id":`+string(rune('2'+i))+`,"method":"`+a.method+`","params":`+a.params+`}`)
	}
	var out bytes.Buffer
	if err := s.ServeStdio(t.Context(), strings.NewReader(strings.Join(in, "\n")), &out); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(out.String()) {
		var m struct {
			ID    int `json:"id"`
			Error struct {
				Message string `json:"message"`
			} `json:"error"`
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if m.ID >= 2 {
			seen++
			right("stdio", m.Error.Message, m.ID-2)
		}
	}
	if seen != len(asked) {
		t.Errorf("%d answers over stdio", seen)
	}

	inside := s.Transport()
	if err := inside.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer inside.Close() //nolint:errcheck // nothing is left
	for i, a := range asked {
		r, err := inside.SendRequest(t.Context(), transport.JSONRPCRequest{JSONRPC: "2.0", ID: mcp.NewRequestId(int64(i)), Method: a.method, Params: json.RawMessage(a.params)})
		if err != nil || r.Error == nil {
			t.Fatalf("%v %v", r, err)
		}
		right("in the process", r.Error.Message, i)
	}
}
