package mcpclient_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/mcp/foreign/foreigntest"
	"github.com/resync-hwa/resync/mcp/mcpclient"
)

// program is this test binary in a role.
func program(t *testing.T, role string) mcpclient.Program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return mcpclient.Program{Command: self, Env: foreigntest.Command(role)}
}

func start(t *testing.T, p mcpclient.Program) *mcpclient.Connection {
	t.Helper()
	c, err := mcpclient.Stdio(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func textOf(a mcpclient.Answer) string {
	var out []string
	for _, c := range a.Content {
		out = append(out, c.Kind+":"+c.Text)
	}
	return strings.Join(out, "|")
}

// A program that was made with the library, in another process, is listed and called; so is the same server over HTTP.
func TestStranger(t *testing.T) {
	srv := httptest.NewServer(foreigntest.Handler())
	defer srv.Close()
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	over, err := mcpclient.Streamable(t.Context(), srv.URL, "", mcpclient.HTTPOptions{Transport: tr})
	if err != nil {
		t.Fatal(err)
	}
	defer over.Close()
	for name, c := range map[string]*mcpclient.Connection{"stdio": start(t, program(t, foreigntest.Honest)), "http": over} {
		list, err := c.List(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		at := slices.IndexFunc(list, func(o mcpclient.Offered) bool { return o.Name == "search" })
		if at < 0 || list[at].ReadOnly == nil || !*list[at].ReadOnly || !strings.Contains(string(list[at].InputSchema), `"query":{"`) {
			t.Fatalf("%s: tools = %+v", name, list)
		}
		a, err := c.Call(t.Context(), "search", []byte(`{"query":"locks"}`))
		if err != nil || a.Failed || !strings.Contains(textOf(a), "Page 17 about locks") || !strings.Contains(string(a.Structured), `"page":17`) {
			t.Errorf("%s: %+v %v", name, a, err)
		}
		if a, err = c.Call(t.Context(), "fail", nil); err != nil || !a.Failed {
			t.Errorf("%s: %+v %v", name, a, err)
		}
		a, err = c.Call(t.Context(), "pictures", nil)
		var kinds []string
		for _, piece := range a.Content {
			kinds = append(kinds, piece.Kind)
		}
		if err != nil || !slices.Equal(kinds, []string{"text", "image", "link", "resource"}) || a.Content[1].Bytes != 4096 {
			t.Errorf("%s: %+v %v", name, a, err)
		}
		if _, err = c.Call(t.Context(), "nope", nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: an unknown tool: %v", name, err)
		}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				q := "q" + strconv.Itoa(i)
				if a, err := c.Call(t.Context(), "search", []byte(`{"query":"`+q+`"}`)); err != nil || !strings.Contains(textOf(a), "about "+q+"\n") {
					t.Errorf("%s: %s: %+v %v", name, q, a, err)
				}
			})
		}
		wg.Wait()
	}
}

// The program gets what is configured, PATH and HOME, and nothing else.
func TestProgramEnvironment(t *testing.T) {
	t.Setenv("RESYNC_SECRET_KEY_FOR_TEST", "hunter2")
	p := program(t, foreigntest.Honest)
	p.Env = append(p.Env, "WIKI=yes")
	a, err := start(t, p).Call(t.Context(), "printEnv", nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(strings.TrimPrefix(textOf(a), "text:")) {
		name, _, _ := strings.Cut(line, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	names = slices.DeleteFunc(names, func(n string) bool { return n == "HOME" }) // not every machine sets it
	if !slices.Equal(names, []string{foreigntest.Variable, "GORACE", "PATH", "WIKI"}) {
		t.Errorf("environment = %v", names)
	}
}

func TestHostilePrograms(t *testing.T) {
	t.Run("asks", func(t *testing.T) {
		t.Parallel()
		a, err := start(t, program(t, foreigntest.Asks)).Call(t.Context(), "search", nil)
		if err != nil || strings.Count(textOf(a), "-32601") != 3 || !strings.HasSuffix(textOf(a), "ping={}") {
			t.Errorf("it was told %s, %v", textOf(a), err)
		}
	})
	t.Run("garbage", func(t *testing.T) {
		t.Parallel()
		if list, err := start(t, program(t, foreigntest.Garbage)).List(t.Context()); err != nil || len(list) != 1 {
			t.Errorf("%+v %v", list, err)
		}
	})
	for role, code := range map[string]fault.Code{foreigntest.Huge: fault.UpstreamUnavailable, foreigntest.Dies: fault.UpstreamUnavailable} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			c := start(t, program(t, role))
			if a, err := c.Call(t.Context(), "search", nil); !fault.Is(err, code) {
				t.Errorf("%.100s %v", textOf(a), err)
			}
			<-c.Gone()
			if _, err := c.Call(t.Context(), "search", nil); !fault.Is(err, code) {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
	for _, role := range []string{foreigntest.Chatter, foreigntest.Endless, foreigntest.Many} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			if list, err := start(t, program(t, role)).List(t.Context()); !fault.Is(err, fault.UpstreamUnavailable) {
				t.Errorf("%d tools, %v", len(list), err)
			}
		})
	}
	t.Run("deaf", func(t *testing.T) {
		t.Parallel()
		c := start(t, program(t, foreigntest.Deaf))
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if _, err := c.List(ctx); !fault.Is(err, fault.Timeout) {
			t.Errorf("%v", err)
		}
		// It does not read either: what it is sent fills the pipe, and then the connection is over.
		big := []byte(`{"query":"` + strings.Repeat("x", 1<<20) + `"}`)
		ctx, cancel = context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := c.Call(ctx, "search", big); err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := c.Call(ctx, "search", nil); !fault.Is(err, fault.UpstreamUnavailable) {
			t.Errorf("%v", err)
		}
		select {
		case <-c.Gone():
		case <-ctx.Done():
			t.Error("the connection is kept")
		}
	})
	t.Run("sudden", func(t *testing.T) {
		t.Parallel()
		if c, err := mcpclient.Stdio(t.Context(), program(t, foreigntest.Sudden)); !fault.Is(err, fault.UpstreamUnavailable) {
			t.Errorf("%v %v", c, err)
		}
	})
	t.Run("not-there", func(t *testing.T) {
		t.Parallel()
		p := mcpclient.Program{Command: filepath.Join(t.TempDir(), "none")}
		if _, err := mcpclient.Stdio(t.Context(), p); !fault.Is(err, fault.UpstreamUnavailable) || !fault.Is(p.Check(), fault.Invalid) {
			t.Errorf("%v", err)
		}
	})
}

// Close ends the children of the program, also one that holds its pipes.
func TestCloseEndsChildren(t *testing.T) {
	if _, err := exec.LookPath("sleep"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("there is no sleep here")
	}
	c, err := mcpclient.Stdio(t.Context(), program(t, foreigntest.Parent))
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.List(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	child, err := strconv.Atoi(list[0].Title)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	// The signal was sent; the kernel takes its moment. Until somebody waits for the child it is still there, and dead.
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for range 500 {
		raw, err := os.ReadFile("/proc/" + strconv.Itoa(child) + "/stat")
		if err == nil && strings.Contains(string(raw), ") Z ") || syscall.Kill(child, 0) != nil {
			return
		}
		<-look.C
	}
	t.Error("the child lives")
}

// What a program says on standard error is logged: cleaned, without its secrets, and not all of it.
func TestProgramSays(t *testing.T) {
	var log lockedBuffer
	p := program(t, foreigntest.Loud)
	p.Env, p.Logger = append(p.Env, "STRANGER_KEY=tr0ub4dor"), slog.New(slog.NewTextHandler(&log, nil))
	c, err := mcpclient.Stdio(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	text := log.String()
	if !strings.Contains(text, `text="line 9"`) || !strings.Contains(text, "my key is *** and password=***") {
		t.Errorf("log = %.2000s", text)
	}
	if strings.Contains(text, "tr0ub4dor") || strings.Contains(text, "hunter2") || strings.Count(text, "\n") > 62 || len(text) > 16<<10 {
		t.Errorf("log of %d lines, %d bytes", strings.Count(text, "\n"), len(text))
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }
