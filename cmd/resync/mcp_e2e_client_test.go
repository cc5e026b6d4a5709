package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// enginePlant is a mock engine with the demo's plan, and a clock that it shares with the program that reads it. The clock moves when it is told to, so
// what two programs answer at the same step is the same to the last byte.
type enginePlant struct {
	engine *twsmock.Server
	clock  *tower
	env    map[string]string
}

// tower is a clock that stands until it is moved.
type tower struct{ unix atomic.Int64 }

func (c *tower) now() time.Time          { return time.Unix(c.unix.Load(), 0).UTC() }
func (c *tower) forward(d time.Duration) { c.unix.Add(int64(d / time.Second)) }

const plantPassword = "hush-hush-7"

func newPlant(t *testing.T, fault func(*http.Request) *twsmock.Fault) *enginePlant {
	t.Helper()
	start := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	w, err := world.Demo(start)
	if err != nil {
		t.Fatal(err)
	}
	p := &enginePlant{clock: &tower{}}
	p.clock.unix.Store(start.Unix())
	p.engine, err = twsmock.Start(t.Context(), twsmock.Options{World: twsmock.Fixed(w), User: "ana", Password: plantPassword, Clock: p.clock.now, Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.engine.Close() })
	u, err := url.Parse(p.engine.URL())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p.env = map[string]string{"HOME": dir, "APP_DATA_DIR": filepath.Join(dir, "data"), "APP_LOG__LEVEL": "error", "TWS_HOST": u.Hostname(), "TWS_PORT": u.Port(),
		"TWS_USER": "ana", "TWS_PASSWORD": plantPassword, "APP_TWS_SCHEME": "http"}
	return p
}

func (p *enginePlant) program(in io.Reader, out, errs io.Writer, args ...string) *program {
	pr := &program{args: append([]string{"resync"}, args...), dir: p.env["HOME"], in: in, out: out, err: errs, clock: p.clock.now}
	for _, name := range slices.Sorted(maps.Keys(p.env)) {
		pr.environ = append(pr.environ, name+"="+p.env[name])
	}
	return pr
}

// say runs a command that ends by itself and gives its standard output.
func (p *enginePlant) say(t *testing.T, in string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), p.program(strings.NewReader(in), &out, &errs, args...)); code != 0 {
		t.Fatalf("resync %v: exit status %d\n%s", args, code, errs.String())
	}
	return out.String()
}

// listen runs a command that serves until the test ends, and gives its address.
func (p *enginePlant) listen(t *testing.T, args ...string) string {
	t.Helper()
	var errs buffer
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	pr := p.program(strings.NewReader(""), io.Discard, &errs, args...)
	go func() { ended <- run(ctx, pr) }()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("resync %v: exit status %d\n%s", args, code, errs.String())
		}
		if strings.Contains(errs.String(), plantPassword) {
			t.Errorf("the password of the engine is in the log:\n%s", errs.String())
		}
	})
	for {
		text, more := errs.next()
		if m := answersAt.FindStringSubmatch(text); m != nil {
			return m[1]
		}
		select {
		case <-more:
		case code := <-ended:
			ended <- code
			t.Fatalf("resync %v ended with status %d\n%s", args, code, errs.String())
		}
	}
}

// answersAt finds the address in what a server says once it listens.
var answersAt = regexp.MustCompile(`answers at (http://[^/\s]+)`)

// Revisions of the protocol: the last one with a handshake, and the first without.
const (
	legacy = "2025-11-25"
	modern = "2026-07-28"
)

// door is one way into the server, in one revision.
type door struct {
	transport, era string
	// send delivers one message and gives the answer to it; nothing when the message has no id.
	send func(ctx context.Context, m rpcMessage) (json.RawMessage, error)
	ids  atomic.Int64
}

func (d *door) String() string { return d.transport + " " + d.era }

// rpcMessage is a JSON-RPC request, or a notification when it has no id.
type rpcMessage struct {
	JSONRPC string         `json:"jsonrpc"`
	ID      int64          `json:"id,omitempty"`
	Method  string         `json:"method"`
	Params  map[string]any `json:"params,omitempty"`
}

// request sends a request in the door's revision and decodes its result.
func (d *door) request(ctx context.Context, method string, params map[string]any, result any) error {
	params = maps.Clone(params)
	if params == nil {
		params = map[string]any{}
	}
	if d.era == modern {
		const p = "io.modelcontextprotocol/"
		params["_meta"] = map[string]any{p + "protocolVersion": modern, p + "clientCapabilities": map[string]any{}, p + "clientInfo": map[string]any{"name": "e2e", "version": "1"}}
	}
	raw, err := d.send(ctx, rpcMessage{"2.0", d.ids.Add(1), method, params})
	if err != nil {
		return err
	}
	var a struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Code    int
			Message string
		} `json:"error"`
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return fmt.Errorf("%w: %.300s", err, raw)
	}
	if a.Error != nil {
		return fmt.Errorf("%s: error %d: %s", method, a.Error.Code, a.Error.Message)
	}
	return json.Unmarshal(a.Result, result)
}

// greet does what a client of that revision does first.
func (d *door) greet(ctx context.Context) error {
	var hello struct {
		ProtocolVersion   string   `json:"protocolVersion"`
		SupportedVersions []string `json:"supportedVersions"`
	}
	if d.era == modern {
		err := d.request(ctx, "server/discover", nil, &hello)
		if err == nil && !slices.Contains(hello.SupportedVersions, modern) {
			err = fmt.Errorf("the server supports %v", hello.SupportedVersions)
		}
		return err
	}
	err := d.request(ctx, "initialize", map[string]any{"protocolVersion": legacy, "capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "e2e", "version": "1"}}, &hello)
	if err == nil && hello.ProtocolVersion != legacy {
		err = fmt.Errorf("the server speaks %q", hello.ProtocolVersion)
	}
	if err != nil {
		return err
	}
	_, err = d.send(ctx, rpcMessage{JSONRPC: "2.0", Method: "notifications/initialized"})
	return err
}

// called is the result of tools/call.
type called struct {
	IsError           bool            `json:"isError"`
	StructuredContent json.RawMessage `json:"structuredContent"`
	Content           []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	} `json:"content"`
}

func (d *door) call(ctx context.Context, tool string, args map[string]any) (called, error) {
	var c called
	err := d.request(ctx, "tools/call", map[string]any{"name": tool, "arguments": args}, &c)
	return c, err
}

// overHTTP is a door over a connection of its own. key may be empty.
func overHTTP(address, era, key string, transport *http.Transport) *door {
	d := &door{transport: "http", era: era}
	client := &http.Client{Transport: transport}
	session := ""
	d.send = func(ctx context.Context, m rpcMessage) (json.RawMessage, error) {
		body, err := json.Marshal(m)
		if err != nil {
			return nil, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/mcp", bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		for name, value := range map[string]string{"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": era, "Mcp-Session-Id": session} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		if key != "" {
			req.Header.Set("Authorization", "Bearer "+key)
		}
		if era == modern {
			req.Header.Set("Mcp-Method", m.Method)
			if name, ok := m.Params["name"].(string); ok {
				req.Header.Set("Mcp-Name", name)
			}
		}
		resp, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if m.Method == "initialize" {
			session = resp.Header.Get("Mcp-Session-Id")
		}
		if err == nil && m.ID != 0 && resp.StatusCode != http.StatusOK || m.ID == 0 && resp.StatusCode != http.StatusAccepted {
			err = fmt.Errorf("%s: status %d: %.300s", m.Method, resp.StatusCode, raw)
		}
		if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
			raw = lastEvent(raw)
		}
		return raw, err
	}
	return d
}

// lastEvent is the data of the last event of a stream: the answer ends it.
func lastEvent(stream []byte) (data []byte) {
	for line := range bytes.Lines(stream) {
		if rest, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			data = bytes.TrimSpace(rest)
		}
	}
	return data
}

// overStdio runs the tool server on pipes until the test ends.
func overStdio(t *testing.T, p *enginePlant, era string, args ...string) *door {
	t.Helper()
	in, write := io.Pipe()
	read, out := io.Pipe()
	var errs buffer
	ended := make(chan int, 1)
	pr := p.program(in, out, &errs, append([]string{"mcp"}, args...)...)
	go func() {
		ended <- run(t.Context(), pr)
		_ = out.Close()
	}()
	var mu sync.Mutex
	waiting := map[int64]chan json.RawMessage{}
	var reading sync.WaitGroup
	reading.Go(func() {
		lines := bufio.NewReader(read)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return
			}
			var m struct {
				ID int64 `json:"id"`
			}
			if json.Unmarshal(line, &m) != nil {
				t.Errorf("standard output has %.300q", line)
				continue
			}
			mu.Lock()
			if c := waiting[m.ID]; c != nil {
				c <- line
				delete(waiting, m.ID)
			}
			mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = write.Close() // the end of the input ends the server
		if code := <-ended; code != 0 {
			t.Errorf("resync mcp: exit status %d\n%s", code, errs.String())
		}
		reading.Wait()
	})
	d := &door{transport: "stdio", era: era}
	d.send = func(ctx context.Context, m rpcMessage) (json.RawMessage, error) {
		line, err := json.Marshal(m)
		if err != nil {
			return nil, err
		}
		answer := make(chan json.RawMessage, 1)
		if m.ID != 0 {
			mu.Lock()
			waiting[m.ID] = answer
			mu.Unlock()
		}
		if _, err := write.Write(append(line, '\n')); err != nil || m.ID == 0 {
			return nil, err
		}
		select {
		case raw := <-answer:
			return raw, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return d
}
