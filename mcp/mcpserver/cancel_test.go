package mcpserver_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

// Pitfall 1: the cancellation of one client must not end the call of another that has the same number.
func TestCancelOfAStranger(t *testing.T) {
	s, g := fixture(t)
	url := serve(t, s).URL
	for _, e := range eras {
		t.Run(e.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := hold(ctx, t, url, e)
			<-g.entered
			for _, method := range []string{"notifications/cancelled", `notifications\/\u0063ancelled`} {
				a := do(t, http.MethodPost, url, `{"jsonrpc":"2.0","method":"`+method+`","params":{"requestId":7,"reason":"x"}}`,
					map[string]string{"MCP-Protocol-Version": "2025-11-25", "Authorization": "Bearer u2"})
				if a.status != http.StatusAccepted {
					t.Errorf("cancellation: %d %s", a.status, a.body)
				}
			}
			e.request(t, url, 8, "tools/list", "", `{}`) // time for a call to end
			select {
			case err := <-g.ended:
				t.Fatalf("a stranger cancelled the call: %v", err)
			default:
			}
			cancel() // closing the connection is the way to cancel
			<-done
			if err := <-g.ended; err == nil {
				t.Error("closing the connection did not cancel the call")
			}
		})
	}
}

// Nor must a cancellation from a client in this process, which the library would not tie to that client.
func TestCancelFromWithin(t *testing.T) {
	s, g := fixture(t)
	url := serve(t, s).URL
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := hold(ctx, t, url, eras[0])
	<-g.entered
	n := mcp.JSONRPCNotification{JSONRPC: mcp.JSONRPC_VERSION}
	n.Method = "notifications/cancelled"
	n.Params.AdditionalFields = map[string]any{"requestId": 7}
	if err := s.Transport().SendNotification(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	legacyRequest(t, url, 8, "tools/list", "", `{}`) // time for a call to end
	select {
	case err := <-g.ended:
		t.Fatalf("a stranger cancelled the call: %v", err)
	default:
	}
	cancel()
	<-done
	<-g.ended
}

// The tools never change, so a subscription has nothing to wait for: one that stayed open would keep the server from shutting down.
func TestSubscriptionEnds(t *testing.T) {
	s, _ := fixture(t)
	a := modernRequest(t, serve(t, s).URL, 1, "subscriptions/listen", "", `{"notifications":{"toolsListChanged":true}}`)
	if a.status != http.StatusOK || !strings.Contains(a.body, `"id":1`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// hold starts a call with number 7 that waits.
func hold(ctx context.Context, t *testing.T, url string, e era) <-chan struct{} {
	t.Helper()
	body := `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"wait","arguments":{}}}`
	header := map[string]string{"MCP-Protocol-Version": e.name}
	if e.name == "2026-07-28" {
		body = strings.Replace(body, `{}}`, `{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}`, 1)
		header["Mcp-Method"], header["Mcp-Name"] = "tools/call", "wait"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		if resp, err := client.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	return done
}
