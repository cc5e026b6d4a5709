package mcpclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/foreign/foreigntest"
	"github.com/resync-hwa/resync/mcp/mcpclient"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

func TestMain(m *testing.M) {
	foreigntest.Main()
	goleak.VerifyTestMain(m)
}

type in struct {
	Zeta  string `json:"zeta" doc:"First in order, last in the alphabet."`
	Alpha int64  `json:"alpha,omitempty" doc:"A number."`
}

type out struct {
	Zeta   string   `json:"zeta"`
	Alpha  int64    `json:"alpha"`
	Caller string   `json:"caller"`
	ID     string   `json:"id"`
	None   []string `json:"none"`
}

func tools(t testing.TB) (*toolkit.Set, chan struct{}) {
	t.Helper()
	echo := toolkit.MustDefine(toolkit.Spec{Name: "echo", Title: "Echo", Description: "Says it again."},
		func(ctx context.Context, in in) (toolkit.Reply[out], error) {
			if in.Zeta == "fail" {
				return toolkit.Reply[out]{}, fault.New(fault.Ambiguous, "Two jobs <are> named %q.", "é").WithHint("Choose.").
					WithSource("engine:default").WithCandidates("A & B", "C")
			}
			c, _ := auth.CallerFrom(ctx)
			return toolkit.Reply[out]{Data: out{Zeta: in.Zeta, Alpha: in.Alpha, Caller: c.ID, ID: toolkit.Correlation(ctx)},
				Sources: []toolkit.Source{{Source: "joblog:A#1", RunID: "7", Lines: []toolkit.Line{{N: 3, Text: "a <b> & \u2028 \x7f é"}}}},
				Engine:  toolkit.Engine{Name: "default", Mode: "mock", API: "v2"}, Stale: true, UpstreamCalls: 3}, nil
		})
	entered := make(chan struct{}, 8)
	wait := toolkit.MustDefine(toolkit.Spec{Name: "wait", Title: "Wait", Description: "Waits until cancelled.", Timeout: 20 * time.Second},
		func(ctx context.Context, _ struct{}) (toolkit.Reply[out], error) {
			entered <- struct{}{}
			<-ctx.Done()
			return toolkit.Reply[out]{}, ctx.Err()
		})
	set, err := toolkit.NewSet(echo, wait)
	if err != nil {
		t.Fatal(err)
	}
	return set, entered
}

func newServer(set *toolkit.Set) *mcpserver.Server {
	return mcpserver.New(mcpserver.Options{Tools: set, Name: "resync", Version: "0.1"})
}

func inProcess(t testing.TB, set *toolkit.Set) toolkit.Caller {
	t.Helper()
	c, closer, err := mcpclient.InProcess(t.Context(), newServer(set))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

const token = "token-of-u1"

func overHTTP(t testing.TB, set *toolkit.Set, version string) toolkit.Caller {
	t.Helper()
	authenticate := func(next http.Handler) http.Handler {
		return httpd.Handler(func(w http.ResponseWriter, r *http.Request) error {
			if r.Header.Get("Authorization") != "Bearer "+token {
				return fault.New(fault.Unauthorized, "No.")
			}
			next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Caller{ID: "u1", Role: auth.Viewer})))
			return nil
		})
	}
	srv := httptest.NewServer(httpd.Chain(newServer(set).Handler(mcpserver.HTTPOptions{}), httpd.Guards(httpd.Options{}), authenticate))
	tr := &http.Transport{}
	c, closer, err := mcpclient.HTTP(t.Context(), srv.URL+"/mcp", token, mcpclient.HTTPOptions{Version: version, Transport: tr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
		tr.CloseIdleConnections()
		srv.Close()
	})
	return c
}

// Over every way, list, result and failure are what the set itself gives.
func TestFaithful(t *testing.T) {
	set, _ := tools(t)
	direct := toolkit.Local(set)
	for name, c := range map[string]toolkit.Caller{
		"in process": inProcess(t, set), "http newest": overHTTP(t, set, ""), "http 2025-11-25": overHTTP(t, set, "2025-11-25"),
	} {
		ctx := toolkit.WithCorrelation(auth.WithCaller(t.Context(), auth.Caller{ID: "u1"}), "correlation-1")
		want, _ := direct.Tools(ctx)
		got, err := c.Tools(ctx)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: tools are\n%+v, want\n%+v (%v)", name, got, want, err)
		}
		for _, call := range []struct{ tool, args string }{
			{"echo", `{"zeta":"a <b> & é","alpha":9007199254740993}`},
			{"echo", `{"zeta":"fail"}`}, {"echo", `{"alpha":1}`}, {"echo", ``}, {"echo", `{"zta":"x"}`},
		} {
			want, _ := direct.Call(ctx, call.tool, json.RawMessage(call.args))
			got, err := c.Call(ctx, call.tool, json.RawMessage(call.args))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s gives\n%s want\n%s (%v)", name, call.args, dump(got), dump(want), err)
			}
		}
		unknown, err := c.Call(ctx, "nope", nil)
		if err != nil || unknown.Error == nil || unknown.Error.Code != "not_found" || unknown.Envelope != nil {
			t.Errorf("%s: unknown tool gives %s, %v", name, dump(unknown), err)
		}
	}
}

func dump(r toolkit.Result) string {
	e, _ := json.Marshal(r.Envelope)
	f, _ := json.Marshal(r.Error)
	return string(e) + " " + string(f) + " " + r.Text
}

func TestCancelled(t *testing.T) {
	set, entered := tools(t)
	for name, c := range map[string]toolkit.Caller{"in process": inProcess(t, set), "http": overHTTP(t, set, "")} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-entered
			cancel()
		}()
		r, err := c.Call(ctx, "wait", nil)
		if !errors.Is(err, context.Canceled) || r.Envelope != nil || r.Error != nil {
			t.Errorf("%s: %s, %v", name, dump(r), err)
		}
		if _, err := c.Call(ctx, "echo", json.RawMessage(`{"zeta":"x"}`)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: a call in a context that has ended gave %v", name, err)
		}
		if r, err := c.Call(t.Context(), "echo", json.RawMessage(`{"zeta":"x"}`)); err != nil || r.Envelope == nil {
			t.Errorf("%s: the connection is of no use after a cancellation: %v", name, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name   string
		handle http.HandlerFunc
		want   fault.Code
	}{
		{"401", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, fault.Unauthorized},
		{"403", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, fault.Forbidden},
		{"429", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, fault.Limited},
		{"503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, fault.UpstreamUnavailable},
		{"404", http.NotFound, fault.UpstreamUnavailable},
		{"html", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>hunter2") }, fault.UpstreamUnavailable},
		{"empty json", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "{}")
		}, fault.UpstreamUnavailable},
		{"endless", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for range 64 {
				_, _ = io.WriteString(w, strings.Repeat(" ", 64<<10))
			}
		}, fault.UpstreamUnavailable},
		{"redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, fault.UpstreamUnavailable},
	}
	for _, tt := range tests {
		srv := httptest.NewServer(tt.handle)
		tr := &http.Transport{}
		_, closer, err := mcpclient.HTTP(t.Context(), srv.URL, token, mcpclient.HTTPOptions{Transport: tr})
		if err == nil {
			t.Errorf("%s: connected", tt.name)
			_ = closer.Close()
		} else if p := fault.Public(err); p.Code != tt.want || strings.Contains(p.Message+p.Hint, "hunter2") || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
		tr.CloseIdleConnections()
		srv.Close()
	}
	for _, address := range []string{"", "mcp", "ftp://h/", "http://u:p@h/", "http://"} {
		if _, _, err := mcpclient.HTTP(t.Context(), address, "", mcpclient.HTTPOptions{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, _, err := mcpclient.HTTP(t.Context(), "http://127.0.0.1:1/mcp", "", mcpclient.HTTPOptions{Transport: &http.Transport{}}); !fault.Is(err, fault.UpstreamUnavailable) {
		t.Errorf("nobody there: %v", err)
	}
}

// The tool server dies and comes back; whoever calls it says so meanwhile and goes on afterwards.
func TestRecovery(t *testing.T) {
	set, _ := tools(t)
	for _, version := range []string{"", "2025-11-25"} {
		h := newServer(set).Handler(mcpserver.HTTPOptions{})
		srv := httptest.NewServer(h)
		address := srv.Listener.Addr().String()
		tr := &http.Transport{}
		c, closer, err := mcpclient.HTTP(t.Context(), srv.URL, "", mcpclient.HTTPOptions{Version: version, Transport: tr})
		if err != nil {
			t.Fatal(err)
		}
		srv.Close()
		if r, err := c.Call(t.Context(), "echo", json.RawMessage(`{"zeta":"x"}`)); !fault.Is(err, fault.UpstreamUnavailable) {
			t.Errorf("server gone: %s %v", dump(r), err)
		}
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		again := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}} //nolint:gosec // a test's server
		again.Start()
		if r, err := c.Call(t.Context(), "echo", json.RawMessage(`{"zeta":"x"}`)); err != nil || r.Envelope == nil {
			t.Errorf("server back: %s %v", dump(r), err)
		}
		_ = closer.Close()
		tr.CloseIdleConnections()
		again.Close()
	}
}

func TestTimeout(t *testing.T) {
	set, _ := tools(t)
	srv := httptest.NewServer(newServer(set).Handler(mcpserver.HTTPOptions{}))
	defer srv.Close()
	tr := &http.Transport{DisableKeepAlives: true}
	c, closer, err := mcpclient.HTTP(t.Context(), srv.URL, "", mcpclient.HTTPOptions{Timeout: 300 * time.Millisecond, Transport: tr})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = closer.Close() }()
	if r, err := c.Call(t.Context(), "wait", nil); !fault.Is(err, fault.Timeout) {
		t.Errorf("%s %v", dump(r), err)
	}
}

// A server that is not ours may answer without evidence; that is said, not guessed.
func TestNonsense(t *testing.T) {
	for name, result := range map[string]string{
		"no structure": `{"content":[{"type":"text","text":"hi"}]}`, "no data": `{"content":[],"structuredContent":{"sources":[]}}`,
		"uncoded error": `{"content":[],"isError":true,"structuredContent":{"message":"x"}}`, "no content": `{}`,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var m struct {
				ID     json.RawMessage
				Method string
			}
			_ = json.NewDecoder(r.Body).Decode(&m)
			w.Header().Set("Content-Type", "application/json")
			switch m.Method {
			case "initialize":
				_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"x","version":"1"}}}`, m.ID)
			case "tools/call":
				_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%s}`, m.ID, result)
			default:
				w.WriteHeader(http.StatusAccepted)
			}
		}))
		tr := &http.Transport{}
		c, closer, err := mcpclient.HTTP(t.Context(), srv.URL, "", mcpclient.HTTPOptions{Version: "2025-11-25", Transport: tr})
		if err != nil {
			t.Fatal(err)
		}
		if r, err := c.Call(t.Context(), "echo", nil); !fault.Is(err, fault.UpstreamUnavailable) {
			t.Errorf("%s: %s, %v", name, dump(r), err)
		}
		_ = closer.Close()
		tr.CloseIdleConnections()
		srv.Close()
	}
}

func TestManyCallers(t *testing.T) {
	set, _ := tools(t)
	s := newServer(set)
	shared := overHTTP(t, set, "")
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			own, closer, err := mcpclient.InProcess(t.Context(), s)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = closer.Close() }()
			for _, c := range []toolkit.Caller{own, shared} {
				ctx := auth.WithCaller(t.Context(), auth.Caller{ID: fmt.Sprint("u", i)})
				args := fmt.Sprintf(`{"zeta":"z%d","alpha":%d}`, i, i)
				r, err := c.Call(ctx, "echo", json.RawMessage(args))
				if err != nil || r.Envelope == nil || !strings.HasPrefix(string(r.Envelope.Data), strings.TrimSuffix(args, "}")) {
					t.Errorf("caller %d: %s %v", i, dump(r), err)
				}
				if c == own && !strings.Contains(string(r.Envelope.Data), fmt.Sprintf(`"caller":"u%d"`, i)) {
					t.Errorf("caller %d is not known: %s", i, r.Envelope.Data)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkInProcess(b *testing.B) {
	set, _ := tools(b)
	c := inProcess(b, set)
	b.ReportAllocs()
	for b.Loop() {
		if r, err := c.Call(b.Context(), "echo", json.RawMessage(`{"zeta":"x"}`)); err != nil || r.Envelope == nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHTTP(b *testing.B) {
	set, _ := tools(b)
	c := overHTTP(b, set, "")
	b.ReportAllocs()
	for b.Loop() {
		if r, err := c.Call(b.Context(), "echo", json.RawMessage(`{"zeta":"x"}`)); err != nil || r.Envelope == nil {
			b.Fatal(err)
		}
	}
}
