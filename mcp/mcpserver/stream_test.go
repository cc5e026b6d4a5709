package mcpserver_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// listen opens a stream and gives the lines with events, ids included, until it ends.
func listen(t *testing.T, ctx context.Context, url string, header map[string]string) <-chan string { //nolint:revive // the stream's context, not the test's
	t.Helper()
	return stream(t, ctx, http.MethodGet, url, "", header)
}

// stream sends a request and gives the lines of its answer that say something.
func stream(t *testing.T, ctx context.Context, method, url, body string, header map[string]string) <-chan string { //nolint:revive // as above
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d", method, resp.StatusCode)
	}
	lines := make(chan string, 1024)
	go func() {
		defer close(lines)
		defer func() { _ = resp.Body.Close() }()
		in := bufio.NewScanner(resp.Body)
		in.Buffer(nil, 4<<20)
		for in.Scan() {
			if text := in.Text(); text != "" && !strings.HasPrefix(text, "event:") {
				lines <- text
			}
		}
	}()
	return lines
}

// ticker is a server with a tool that tells its progress, one step each time it is let.
type ticker struct {
	*mcpserver.Server
	core *server.MCPServer
	step chan string   // the text of a step; an empty one ends the call
	gone chan struct{} // gets one when a call was cancelled
}

func newTicker() *ticker {
	k := &ticker{core: server.NewMCPServer("ticker", "1"), step: make(chan string), gone: make(chan struct{}, 8)}
	k.core.AddTool(mcp.NewTool("tick"), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				k.gone <- struct{}{}
				return nil, ctx.Err()
			case text := <-k.step:
				if text == "" {
					return mcp.NewToolResultText("ticked"), nil
				}
				err := k.core.SendNotificationToClient(ctx, "notifications/progress", map[string]any{"progressToken": req.Params.Meta.ProgressToken, "progress": n, "message": text})
				if err != nil {
					return nil, err
				}
			}
		}
	})
	k.Server = mcpserver.Around(k.core, nil)
	return k
}

// tick is a call with a number and a progress token.
func tick(id int, token string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"tick","_meta":{"progressToken":%q}}}`, id, token)
}

// next gives the next line that holds a text; lines with ids are passed over.
func next(t *testing.T, lines <-chan string) string {
	t.Helper()
	for line := range lines {
		if strings.HasPrefix(line, "data:") || strings.HasPrefix(line, "{") {
			return line
		}
	}
	t.Fatal("the stream ended")
	return ""
}

// Pitfalls 2 and 17: progress arrives while the call runs, through all guards, on the stream of its call; a stranger who listens, with another session,
// or asks at the same time with the same number, hears nothing of it.
func TestProgressStaysHome(t *testing.T) {
	for _, profile := range []string{"sessions", "stateless"} {
		t.Run(profile, func(t *testing.T) {
			k := newTicker()
			var url, mine, theirs string
			var heard <-chan string
			if profile == "sessions" {
				url, _ = serveSessions(t, k.Server, mcpserver.HTTPOptions{})
				mine, theirs = join(t, url, "u1"), join(t, url, "u2")
				ctx, hangUp := context.WithCancel(t.Context())
				defer hangUp()
				heard = listen(t, ctx, url, headers("u2", theirs))
			} else {
				url = serve(t, k.Server).URL
			}
			first := make(chan (<-chan string))
			go func() { first <- stream(t, t.Context(), http.MethodPost, url, tick(7, "token"), headers("u1", mine)) }()
			k.step <- "one"
			lines := <-first // the answer has begun, though the call runs
			if got := next(t, lines); !strings.Contains(got, `"message":"one"`) {
				t.Errorf("first event: %s", got)
			}
			if a := do(t, http.MethodPost, url, `{"jsonrpc":"2.0","id":7,"method":"tools/list"}`, headers("u2", theirs)); a.status != 200 || strings.Contains(a.body, "notifications/") {
				t.Errorf("a stranger's request: %d %s", a.status, a.body)
			}
			k.step <- "two"
			if got := next(t, lines); !strings.Contains(got, `"message":"two"`) {
				t.Errorf("second event: %s", got)
			}
			k.step <- ""
			if got := next(t, lines); !strings.Contains(got, "ticked") || !strings.Contains(got, `"id":7`) {
				t.Errorf("result: %s", got)
			}
			if heard == nil {
				return
			}
			if err := k.core.SendNotificationToSpecificClient(theirs, "notifications/message", map[string]any{"data": "for you"}); err != nil {
				t.Fatal(err)
			}
			if got := next(t, heard); !strings.Contains(got, "for you") {
				t.Errorf("a stranger heard %s", got)
			}
		})
	}
}

// Pitfall 3: within one session two calls share a channel, so an event may come on the stream of the other call. It reaches the same client with its
// token, and the results are right.
func TestProgressWithinASession(t *testing.T) {
	core := server.NewMCPServer("counter", "1")
	core.AddTool(mcp.NewTool("tick"), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for n := range 40 {
			if err := core.SendNotificationToClient(ctx, "notifications/progress", map[string]any{"progressToken": req.Params.Meta.ProgressToken, "progress": n}); err != nil {
				return nil, err
			}
		}
		return mcp.NewToolResultText("done " + fmt.Sprint(req.Params.Meta.ProgressToken)), nil
	})
	url, _ := serveSessions(t, mcpserver.Around(core, nil), mcpserver.HTTPOptions{})
	id := join(t, url, "u1")
	var mu sync.Mutex
	var wg sync.WaitGroup
	all := ""
	for i, token := range []string{"ann", "bob"} {
		wg.Go(func() {
			a := do(t, http.MethodPost, url, tick(i, token), headers("u1", id))
			mu.Lock()
			defer mu.Unlock()
			all += a.body
			if !strings.Contains(a.body, "done "+token) {
				t.Errorf("the result of %s: %s", token, a.body)
			}
		})
	}
	wg.Wait()
	for _, token := range []string{"ann", "bob"} {
		if n := strings.Count(all, `"progressToken":"`+token+`"`); n != 40 {
			t.Errorf("%d of 40 events of %s arrived", n, token)
		}
	}
}

// Pitfall 1, with sessions: one's own session is the only place where cancelling works.
func TestCancelWithSessions(t *testing.T) {
	s, g := fixture(t)
	url, _ := serveSessions(t, s, mcpserver.HTTPOptions{})
	mine, other, theirs := join(t, url, "u1"), join(t, url, "u1"), join(t, url, "u2")
	held := make(chan answer, 1)
	go func() { held <- do(t, http.MethodPost, url, waiting, headers("u1", mine)) }()
	<-g.entered
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	modern := hold(ctx, t, url, eras[1])
	<-g.entered
	version := `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}`
	for _, c := range []struct {
		caller, session, more string
		want                  int
	}{
		{"u2", mine, "", 404}, {"u2", theirs, "", 202}, {"u1", other, "", 202}, {"u1", "", "", 400},
		{"u2", theirs, version + ",", 202}, {"u1", mine, version + ",", 202},
	} {
		body := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{` + c.more + `"requestId":7}}`
		if a := do(t, http.MethodPost, url, body, headers(c.caller, c.session)); a.status != c.want {
			t.Errorf("%+v: %d %s", c, a.status, a.body)
		}
	}
	do(t, http.MethodPost, url, list, headers("u1", mine)) // time for a call to end
	select {
	case err := <-g.ended:
		t.Fatalf("a stranger cancelled a call: %v", err)
	default:
	}
	if a := do(t, http.MethodPost, url, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"enough"}}`, headers("u1", mine)); a.status != 202 {
		t.Errorf("one's own cancellation: %d %s", a.status, a.body)
	}
	<-g.ended
	if a := <-held; a.status != 200 {
		t.Errorf("the cancelled call: %d %s", a.status, a.body)
	}
	select {
	case err := <-g.ended:
		t.Fatalf("cancelling in a session ended a call without one: %v", err)
	default:
	}
	hangUp()
	<-modern
	<-g.ended
}

// A client whose connection broke fetches what it missed, the result included; nobody else can.
func TestResume(t *testing.T) {
	k := newTicker()
	url, _ := serveSessions(t, k.Server, mcpserver.HTTPOptions{})
	mine, theirs := join(t, url, "u1"), join(t, url, "u2")
	last := k.breakOff(t, url, mine)
	for _, c := range []struct {
		caller, session, last string
		want                  int
	}{{"u2", mine, last, 404}, {"u2", theirs, last, 400}, {"u1", mine, "nonsense", 400}} {
		h := headers(c.caller, c.session)
		h["Last-Event-ID"] = c.last
		if a := do(t, http.MethodGet, url, "", h); a.status != c.want {
			t.Errorf("%+v: %d %s", c, a.status, a.body)
		}
	}
	k.step <- "two" // to nobody
	h := headers("u1", mine)
	h["Last-Event-ID"] = last
	rest := stream(t, t.Context(), http.MethodGet, url, "", h)
	k.step <- "three"
	for _, want := range []string{`"message":"two"`, `"message":"three"`} {
		if got := next(t, rest); !strings.Contains(got, want) {
			t.Errorf("no %s: %s", want, got)
		}
	}
	k.step <- ""
	if got := next(t, rest); !strings.Contains(got, "ticked") {
		t.Errorf("the rest ends with %s", got)
	}
	if line, ok := <-rest; ok {
		t.Errorf("after the result comes %s", line)
	}
}

// What goes on for a client that may come back ends with its session.
func TestEndOfSessionEndsTheRest(t *testing.T) {
	k := newTicker()
	url, e := serveSessions(t, k.Server, mcpserver.HTTPOptions{})
	for _, end := range []func(id string){
		func(id string) { do(t, http.MethodDelete, url, "", headers("u1", id)) },
		func(string) { _ = e.Close() },
	} {
		id := join(t, url, "u1")
		k.breakOff(t, url, id)
		end(id)
		<-k.gone
	}
}

// breakOff begins a call in a session and breaks its connection after the first event, whose id it gives.
func (k *ticker) breakOff(t *testing.T, url, session string) string {
	t.Helper()
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	first := make(chan (<-chan string))
	go func() { first <- stream(t, ctx, http.MethodPost, url, tick(7, "token"), headers("u1", session)) }()
	k.step <- "one"
	for line := range <-first {
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			return id
		}
	}
	t.Fatal("no event has an id")
	return ""
}
