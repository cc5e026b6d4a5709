package mcpserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// asBearer names the caller after the token, instead of authentication.
func asBearer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Caller{ID: id, Role: auth.Viewer})))
	})
}

// serveSessions is serve with sessions.
func serveSessions(t *testing.T, s *mcpserver.Server, o mcpserver.HTTPOptions) (string, *mcpserver.Endpoint) {
	t.Helper()
	o.Sessions = true
	e := s.Handler(o)
	srv := httptest.NewServer(httpd.Chain(e, httpd.Guards(httpd.Options{}), asBearer))
	t.Cleanup(func() {
		_ = e.Close()
		srv.Close()
	})
	return srv.URL, e
}

// headers are those of a request in a session.
func headers(caller, session string) map[string]string {
	h := map[string]string{"MCP-Protocol-Version": "2025-11-25", "Authorization": "Bearer " + caller}
	if session != "" {
		h["Mcp-Session-Id"] = session
	}
	return h
}

// join opens a session.
func join(t *testing.T, url, caller string) string {
	t.Helper()
	a := do(t, http.MethodPost, url, hello, map[string]string{"Authorization": "Bearer " + caller})
	id := a.header.Get("Mcp-Session-Id")
	if a.status != http.StatusOK || len(id) < 22 {
		t.Fatalf("initialize: %d %s, id %q", a.status, a.body, id)
	}
	if a := do(t, http.MethodPost, url, ready, headers(caller, id)); a.status != http.StatusAccepted {
		t.Fatalf("initialized: %d %s", a.status, a.body)
	}
	return id
}

const list = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`

// Pitfalls 5 and 7: a session is its caller's. To everybody else, and after its end, it does not exist.
func TestSessionBelongsToItsCaller(t *testing.T) {
	s, _ := fixture(t)
	url, _ := serveSessions(t, s, mcpserver.HTTPOptions{})
	mine, theirs := join(t, url, "u1"), join(t, url, "u2")
	if mine == theirs {
		t.Fatal("two sessions have one id")
	}
	post := func(caller, session, body string) int {
		return do(t, http.MethodPost, url, body, headers(caller, session)).status
	}
	get := func(caller, session string) int {
		return do(t, http.MethodGet, url, "", headers(caller, session)).status
	}
	end := func(caller, session string) int {
		return do(t, http.MethodDelete, url, "", headers(caller, session)).status
	}
	for what, got := range map[string][2]int{
		"own POST":              {post("u1", mine, list), 200},
		"no session":            {post("u1", "", list), 400},
		"unknown session":       {post("u1", "AAAAAAAAAAAAAAAAAAAAAAAAAA", list), 404},
		"POST of another":       {post("u2", mine, list), 404},
		"answer of another":     {post("u2", mine, `{"jsonrpc":"2.0","id":1,"result":{"x":1}}`), 404},
		"cancel by another":     {post("u2", mine, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`), 404},
		"POST by nobody":        {post("", mine, list), 404},
		"GET of another":        {get("u2", mine), 404},
		"GET of nothing":        {get("u2", ""), 400},
		"DELETE of another":     {end("u2", mine), 404},
		"DELETE of nothing":     {end("u2", ""), 400},
		"still mine after that": {post("u1", mine, list), 200},
		"not json":              {post("u1", "", `{"id"`), 400},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %d, want %d", what, got[0], got[1])
		}
	}
	a, b := do(t, http.MethodPost, url, list, headers("u2", mine)), do(t, http.MethodPost, url, list, headers("u2", "nonsense"))
	if strip(a) != strip(b) {
		t.Errorf("a foreign session can be told from one that is not there: %s %s", a.body, b.body)
	}
	if got := end("u1", mine); got != http.StatusNoContent {
		t.Errorf("DELETE: %d", got)
	}
	for what, got := range map[string]int{"POST": post("u1", mine, list), "GET": get("u1", mine), "DELETE": end("u1", mine)} {
		if got != http.StatusNotFound {
			t.Errorf("%s after the end: %d", what, got)
		}
	}
	if got := post("u2", theirs, list); got != 200 {
		t.Errorf("the other session ended too: %d", got)
	}
}

// strip is a problem document without its correlation id.
func strip(a answer) string {
	head, _, _ := strings.Cut(a.body, `"correlation_id"`)
	return fmt.Sprint(a.status, head)
}

// Requests of 2026-07-28 know no session, also where there are some.
func TestModernIsStateless(t *testing.T) {
	s, _ := fixture(t)
	url, _ := serveSessions(t, s, mcpserver.HTTPOptions{})
	a := modernRequest(t, url, 1, "tools/call", "echo", `{"name":"echo","arguments":{"text":"x"}}`)
	if a.status != 200 || a.rpc.Result.IsError || a.header.Get("Mcp-Session-Id") != "" {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	id := join(t, url, "u1")
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		h := headers("u1", id)
		h["MCP-Protocol-Version"] = "2026-07-28"
		if a := do(t, method, url, "", h); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != http.MethodPost {
			t.Errorf("%s: %d", method, a.status)
		}
	}
	if a := do(t, http.MethodPut, url, "", headers("u1", id)); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != "GET, POST, DELETE" {
		t.Errorf("PUT: %d, Allow %q", a.status, a.header.Get("Allow"))
	}
}

// A message that says a thing twice would be read in two ways: by the checks, and by the library.
func TestSaidTwice(t *testing.T) {
	s, _ := fixture(t)
	url, _ := serveSessions(t, s, mcpserver.HTTPOptions{})
	id := join(t, url, "u1")
	version := `"io.modelcontextprotocol/protocolVersion":"2026-07-28"`
	for _, body := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/list"}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/list","Method":"tools/list"}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"_meta":{` + version + `}},"params":{"requestId":7}}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"_meta":{` + version + `}},"paramſ":{"requestId":7}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","name":"fail","arguments":{}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a","text":"b"}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"arguments":{"text":"a","text":"b"}}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{` + version + `,` + version + `}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/list",` + many(200) + `}`,
	} {
		if a := do(t, http.MethodPost, url, body, headers("u1", id)); a.status != http.StatusBadRequest {
			t.Errorf("%.80s: %d %s", body, a.status, a.body)
		}
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"m%d":1`, i)
	}
	return b.String()[1:]
}

// recorded asks the handler without a connection, which a clock that is not the machine's cannot wait for.
func recorded(t *testing.T, h http.Handler, method, body string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost/mcp", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	httpd.Chain(h, httpd.Guards(httpd.Options{}), asBearer).ServeHTTP(w, r)
	return w
}

func TestSessionEndsWhenIdle(t *testing.T) {
	s, _ := fixture(t)
	synctest.Test(t, func(t *testing.T) {
		e := s.Handler(mcpserver.HTTPOptions{Sessions: true, Idle: 30 * time.Minute, MaxSessions: 5, MaxPerCaller: 3})
		defer e.Close() //nolint:errcheck // it never fails
		open := func(caller string, want int) string {
			w := recorded(t, e, http.MethodPost, hello, map[string]string{"Authorization": "Bearer " + caller})
			if w.Code != want {
				t.Errorf("a session for %s: %d %s", caller, w.Code, w.Body)
			}
			return w.Header().Get("Mcp-Session-Id")
		}
		use := func(id string, want int) {
			if w := recorded(t, e, http.MethodPost, list, headers("u1", id)); w.Code != want {
				t.Errorf("after %v: %d, want %d", time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), w.Code, want)
			}
		}
		used, idle := open("u1", 200), open("u1", 200)
		open("u1", 200)
		if w := recorded(t, e, http.MethodPost, hello, map[string]string{"Authorization": "Bearer u1"}); w.Code != 429 || !strings.Contains(w.Body.String(), `"limited"`) {
			t.Errorf("one session more than allowed: %d %s", w.Code, w.Body)
		}
		open("u2", 200)
		open("u2", 200)
		open("u3", 429) // more than there may be in all
		time.Sleep(20 * time.Minute)
		use(used, 200)
		time.Sleep(10*time.Minute - time.Second)
		use(idle, 200) // just in time
		time.Sleep(20*time.Minute + 2*time.Second)
		use(used, 404)
		use(idle, 200)
		time.Sleep(31 * time.Minute)
		use(idle, 404)
		time.Sleep(10 * time.Minute) // those that nobody asked for are swept
		for range 3 {
			open("u1", 200)
		}
		open("u3", 200)
		// A handshake that fails leaves nothing behind.
		bad := recorded(t, e, http.MethodPost, hello, map[string]string{"Authorization": "Bearer u4", "Content-Type": "text/plain"})
		if bad.Code != 400 || bad.Header().Get("Mcp-Session-Id") != "" {
			t.Errorf("a handshake of the wrong type: %d", bad.Code)
		}
		open("u4", 200)
	})
}

// Pitfall 7: what a session holds is given back when it ends, in whichever way.
func TestSessionsDoNotGrow(t *testing.T) {
	s, _ := fixture(t)
	synctest.Test(t, func(t *testing.T) {
		e := s.Handler(mcpserver.HTTPOptions{Sessions: true, Idle: time.Minute})
		defer e.Close() //nolint:errcheck // it never fails
		round := func(end func(id string)) {
			for i := range 200 {
				caller := fmt.Sprint("u", i)
				w := recorded(t, e, http.MethodPost, hello, map[string]string{"Authorization": "Bearer " + caller})
				id := w.Header().Get("Mcp-Session-Id")
				if w.Code != 200 || recorded(t, e, http.MethodPost, list, headers(caller, id)).Code != 200 {
					t.Fatalf("no session: %d %s", w.Code, w.Body)
				}
				if want := map[bool]int{true: 1, false: i + 1}[end != nil]; e.Sessions() != want {
					t.Fatalf("%d sessions are open, want %d", e.Sessions(), want)
				}
				if end != nil {
					if w := recorded(t, e, http.MethodDelete, "", headers(caller, id)); w.Code != http.StatusNoContent {
						t.Fatalf("DELETE: %d %s", w.Code, w.Body)
					}
				}
			}
			if end == nil {
				time.Sleep(2 * time.Minute)
				synctest.Wait()
			}
			if n := e.Sessions(); n != 0 {
				t.Fatalf("%d sessions are open after all have ended", n)
			}
		}
		ended := func(string) {}
		round(ended)
		before := heap()
		for range 5 {
			round(ended)
			round(nil)
		}
		if after := heap(); after > before+3<<20 { // 2000 sessions of 10 KB would be 20 MB
			t.Errorf("the heap grew from %d to %d KB over 2000 sessions that ended", before>>10, after>>10)
		}
	})
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Closing ends the streams that listen and lets nobody in any more; what needs no session goes on.
func TestClose(t *testing.T) {
	s, _ := fixture(t)
	url, e := serveSessions(t, s, mcpserver.HTTPOptions{})
	id := join(t, url, "u1")
	stream := listen(t, t.Context(), url, headers("u1", id))
	_ = e.Close()
	if line, ok := <-stream; ok {
		t.Errorf("the stream goes on with %q", line)
	}
	_ = e.Close() // once more does nothing
	if a := do(t, http.MethodPost, url, hello, nil); a.status != http.StatusServiceUnavailable {
		t.Errorf("a new session: %d %s", a.status, a.body)
	}
	if a := do(t, http.MethodPost, url, list, headers("u1", id)); a.status != http.StatusNotFound {
		t.Errorf("the old session: %d", a.status)
	}
	if a := modernRequest(t, url, 1, "tools/list", "", `{}`); a.status != http.StatusOK {
		t.Errorf("without a session: %d", a.status)
	}
}

// A session with a stream is alive however long nothing is said on it.
func TestListeningKeepsTheSession(t *testing.T) {
	s, _ := fixture(t)
	synctest.Test(t, func(t *testing.T) {
		e := s.Handler(mcpserver.HTTPOptions{Sessions: true, Idle: time.Minute})
		id := recorded(t, e, http.MethodPost, hello, map[string]string{"Authorization": "Bearer u1"}).Header().Get("Mcp-Session-Id")
		ctx, hangUp := context.WithCancel(t.Context())
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/mcp", nil)
		for k, v := range headers("u1", id) {
			r.Header.Set(k, v)
		}
		done := make(chan struct{})
		w := httptest.NewRecorder()
		go func() {
			defer close(done)
			httpd.Chain(e, httpd.Guards(httpd.Options{}), asBearer).ServeHTTP(w, r)
		}()
		time.Sleep(time.Hour)
		if got := recorded(t, e, http.MethodPost, list, headers("u1", id)); got.Code != 200 {
			t.Errorf("with a stream: %d", got.Code)
		}
		hangUp()
		<-done
		if n := strings.Count(w.Body.String(), `"method":"ping"`); n < 100 {
			t.Errorf("%d pings in an hour", n)
		}
		time.Sleep(2 * time.Minute)
		if got := recorded(t, e, http.MethodPost, list, headers("u1", id)); got.Code != 404 {
			t.Errorf("without it: %d", got.Code)
		}
		_ = e.Close()
	})
}
