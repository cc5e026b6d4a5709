package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// taken is a receiver of webhooks on loopback.
type taken struct {
	*httptest.Server
	mu     sync.Mutex
	bodies [][]byte
	came   chan struct{}
}

func takes(t *testing.T) *taken {
	t.Helper()
	x := &taken{came: make(chan struct{}, 100)}
	x.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		x.mu.Lock()
		x.bodies = append(x.bodies, body)
		x.mu.Unlock()
		x.came <- struct{}{}
	}))
	t.Cleanup(x.Close)
	return x
}

func (x *taken) count() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.bodies)
}

func (x *taken) last() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return string(x.bodies[len(x.bodies)-1])
}

// told counts what the deliveries told, by event and finding.
func (x *taken) told(t *testing.T) map[string]int {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	out := map[string]int{}
	for _, body := range x.bodies {
		var m struct{ Events []struct{ Event, ID string } }
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		for _, e := range m.Events {
			out[e.Event+" "+e.ID]++
		}
	}
	return out
}

// shell starts commands in one data folder with one webhook.
type shell struct {
	dir     string
	environ []string
}

func shellTo(t *testing.T, url string) shell {
	t.Helper()
	dir := t.TempDir()
	return shell{dir, []string{"APP_DATA_DIR=" + dir, "APP_WEBHOOKS__OPS__URL=" + url, "APP_WEBHOOKS__OPS__MIN_SEVERITY=medium", "APP_WEBHOOKS__OPS__SECRET=the key of both"}}
}

func (s shell) run(ctx context.Context, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(ctx, &program{args: append([]string{"resync"}, args...), dir: s.dir, environ: s.environ, in: strings.NewReader(""), out: &o, err: &e, clock: time.Now})
	return code, o.String(), e.String()
}

// What a terminal prints at every start, a webhook is told once: the next start and the server send it nothing that it knows.
func TestWatchTellsWebhooksOnce(t *testing.T) {
	t.Parallel()
	x := takes(t)
	sh := shellTo(t, x.URL+"/SECRETPATH")
	code, out, errs := sh.run(t.Context(), "watch", "--once")
	if code != 0 || !strings.Contains(out, "CLM_RESERVE") || !strings.Contains(out, "ended badly") || x.count() != 1 {
		t.Fatalf("status %d, %d deliveries\n%s%s", code, x.count(), out, errs)
	}
	var p struct {
		Version int
		Type    string
		Mode    string
		Events  []struct{ Event, Severity, Entity string }
	}
	if err := json.Unmarshal([]byte(x.last()), &p); err != nil || p.Version != 1 || p.Type != "findings" || p.Mode != "mock" || len(p.Events) < 4 {
		t.Errorf("payload %+v, %v", p, err)
	}
	code, again, _ := sh.run(t.Context(), "watch", "--once", "-o", "json", "--min", "high")
	if code != 0 || x.count() != 1 || strings.Count(again, `"event":"appeared"`) < 3 || strings.Contains(again, `"severity":"medium"`) {
		t.Errorf("again: status %d, %d deliveries\n%s", code, x.count(), again)
	}
	for line := range strings.Lines(again) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no line of JSON: %s", line)
		}
	}
	if code, out, _ = sh.run(t.Context(), "watch", "--once", "--min", "critical", "--language", "pt", "--print-only"); code != 0 || !strings.Contains(out, "Nada dessa gravidade") {
		t.Errorf("nothing critical: status %d\n%s", code, out)
	}
	if strings.Contains(out+errs+again, "SECRETPATH") {
		t.Error("the address is shown")
	}
}

// The server watches for its webhooks, and ends with everything that it started.
func TestServeWatches(t *testing.T) {
	t.Parallel()
	x := takes(t)
	sh := shellTo(t, x.URL)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		code, _, _ := sh.run(ctx, "serve", "--listen", "127.0.0.1:0")
		ended <- code
	}()
	select {
	case <-x.came:
	case code := <-ended:
		t.Fatalf("serve ended with %d", code)
	case <-time.After(3 * time.Minute): // a machine that runs other tests beside may be slow
		t.Error("nothing was sent")
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("status %d", code)
	}
	// A reading that ran out of time on a busy machine may have left something for the next one to tell, but nothing is told twice.
	code, _, errs := sh.run(t.Context(), "watch", "--once")
	if code != 0 || strings.Contains(errs, "wait for the next watch") {
		t.Errorf("afterwards: status %d: %s", code, errs)
	}
	if told := x.told(t); len(told) < 4 {
		t.Errorf("%d findings were told", len(told))
	} else {
		for what, n := range told {
			if n != 1 {
				t.Errorf("%s was told %d times in %d deliveries", what, n, x.count())
			}
		}
	}
}

// A watch that stays ends without an error when it is told to.
func TestWatchStays(t *testing.T) {
	t.Parallel()
	sh := shell{t.TempDir(), nil}
	ctx, stop := context.WithCancel(t.Context())
	lines := make(chan string, 100)
	out, w := io.Pipe()
	go func() {
		defer close(lines)
		buf := make([]byte, 64<<10)
		for {
			n, err := out.Read(buf)
			if err != nil {
				return
			}
			lines <- string(buf[:n])
		}
	}()
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, &program{args: []string{"resync", "watch", "--interval", "5s"}, dir: sh.dir, environ: []string{"APP_DATA_DIR=" + sh.dir}, in: strings.NewReader(""), out: w, err: io.Discard, clock: time.Now})
		_ = w.Close()
		ended <- code
	}()
	if first := <-lines; !strings.Contains(first, "new") {
		t.Errorf("first line %q", first)
	}
	stop()
	for range lines { // until the pipe is closed
	}
	if code := <-ended; code != 0 {
		t.Errorf("status %d", code)
	}
}

// A script that looks once learns that an engine could not be seen: no line means that nothing is wrong only where the status is 0.
func TestWatchOnceOfAnEngineThatIsAway(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	host, port, _ := strings.Cut(strings.TrimPrefix(gone.URL, "http://"), ":")
	gone.Close()
	dir := t.TempDir()
	sh := shell{dir, []string{"APP_DATA_DIR=" + dir, "TWS_HOST=" + host, "TWS_PORT=" + port, "TWS_USER=u", "TWS_PASSWORD=p", "APP_TWS_SCHEME=http"}}
	for _, args := range [][]string{{"watch", "--once"}, {"watch", "--once", "--language", "pt", "-o", "json"}} {
		code, out, errs := sh.run(t.Context(), args...)
		if code != 4 || out != "" || !strings.Contains(errs, "Nothing could be seen of the engine default.") || strings.Count(errs, "tool:radar") != 1 {
			t.Errorf("%v: status %d: %s%s", args, code, out, errs)
		}
	}
}

// A test message tells whether a webhook takes messages; what cannot be meant is an error that prints nothing.
func TestWatchTestMessageAndUsage(t *testing.T) {
	t.Parallel()
	x := takes(t)
	sh := shellTo(t, x.URL)
	if code, out, _ := sh.run(t.Context(), "watch", "--test", "ops"); code != 0 || x.count() != 1 || !strings.Contains(x.last(), `"type":"test"`) || !strings.Contains(out, "took the test message") {
		t.Errorf("status %d: %s", code, out)
	}
	x.Close()
	if code, out, errs := sh.run(t.Context(), "watch", "--test", "ops"); code != 4 || out != "" || strings.Contains(errs, x.URL) || !strings.Contains(errs, "webhooks.ops.url") {
		t.Errorf("a receiver that is gone: status %d: %s%s", code, out, errs)
	}
	for _, args := range [][]string{{"--test", "nobody"}, {"-o", "yaml"}, {"-o", "csv"}, {"--language", "de"}, {"--min", "bad"}, {"--interval", "1s"}, {"--engine", "north", "--once"}} {
		code, out, errs := sh.run(t.Context(), append([]string{"watch"}, args...)...)
		if code != 2 && code != 3 || out != "" || errs == "" {
			t.Errorf("%v: status %d, %q, %q", args, code, out, errs)
		}
	}
}
