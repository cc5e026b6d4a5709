package mcpclient_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpclient"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// programs are the callers that the server knows, by token.
type programs map[string]auth.Caller

// Bearer implements httpd.Bearers.
func (p programs) Bearer(_ context.Context, token string) (auth.Caller, error) {
	if c, ok := p[token]; ok {
		return c, nil
	}
	return auth.Caller{}, fault.New(fault.Unauthorized, "You are not logged in.")
}

// TestDelegate goes the whole way: the caller of a context at the edge is the caller of the tool at the server.
func TestDelegate(t *testing.T) {
	who := toolkit.MustDefine(toolkit.Spec{Name: "who", Toolset: "plan", Title: "Who", Description: "Says who called."},
		func(ctx context.Context, _ struct{}) (toolkit.Reply[map[string]string], error) {
			c, _ := auth.CallerFrom(ctx)
			return toolkit.Reply[map[string]string]{Data: map[string]string{"id": c.ID, "by": c.By, "role": string(c.Role), "name": c.Name}}, nil
		})
	set, err := toolkit.NewSet(who)
	if err != nil {
		t.Fatal(err)
	}
	s := mcpserver.New(mcpserver.Options{Tools: set, Name: "t", Version: "1"})
	known := programs{
		"edge":  {ID: "key:EDGE", Role: auth.Operator, Via: "api_key", Scopes: []string{"mcp", "delegate"}},
		"plain": {ID: "key:PLAIN", Role: auth.Operator, Via: "api_key", Scopes: []string{"mcp"}},
	}
	srv := httptest.NewServer(httpd.Chain(s.Handler(mcpserver.HTTPOptions{}), httpd.Guards(httpd.Options{}), httpd.Bearer(known, httpd.Resource{}, auth.ScopeMCP, httpd.RateLimit(1000, time.Minute))))
	t.Cleanup(srv.Close)
	ana := auth.WithCaller(t.Context(), auth.Caller{ID: "u7", Name: "Ana", Role: auth.Viewer, Via: "session"})
	late := func() time.Time { return time.Now().Add(-5 * time.Minute) }
	for _, version := range []string{"", "2025-11-25"} {
		for _, tc := range []struct {
			name, token string
			o           mcpclient.HTTPOptions
			ctx         context.Context
			want        string // in the data
			code        fault.Code
		}{
			{"a person", "edge", mcpclient.HTTPOptions{Delegate: true}, ana, `{"by":"key:EDGE","id":"key:EDGE/u7","name":"Ana","role":"viewer"}`, ""},
			{"nobody in the context", "edge", mcpclient.HTTPOptions{Delegate: true}, t.Context(), `"id":"key:EDGE"`, ""},
			{"not asked to", "edge", mcpclient.HTTPOptions{}, ana, `"id":"key:EDGE"`, ""},
			{"a token that may not", "plain", mcpclient.HTTPOptions{Delegate: true}, ana, "", fault.Forbidden},
			{"a clock that is wrong", "edge", mcpclient.HTTPOptions{Delegate: true, Now: late}, ana, "", fault.Unauthorized},
		} {
			transport := &http.Transport{}
			tc.o.Transport, tc.o.Version = transport, version
			c, closer, err := mcpclient.HTTP(t.Context(), srv.URL, tc.token, tc.o)
			if err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			r, err := c.Call(tc.ctx, "who", nil)
			if fault.CodeOf(err) != tc.code {
				t.Errorf("%s: %v", tc.name, err)
			}
			if tc.code == "" && (r.Envelope == nil || !strings.Contains(string(r.Envelope.Data), tc.want)) {
				t.Errorf("%s: %+v", tc.name, r)
			}
			if err := closer.Close(); err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
			transport.CloseIdleConnections()
		}
	}
	if _, _, err := mcpclient.HTTP(t.Context(), srv.URL, "", mcpclient.HTTPOptions{Delegate: true}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("without a token: %v", err)
	}
}
