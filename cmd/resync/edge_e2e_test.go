package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram is the variable that makes this test binary be the program itself: processes of their own, without another build.
const asProgram = "RESYNC_TEST_AS_PROGRAM"

// machine is a data folder with its environment, on which the program is run.
type machine struct{ environ []string }

func newMachine(t *testing.T, environ ...string) machine {
	t.Helper()
	dir := t.TempDir()
	return machine{append([]string{"HOME=" + dir, "APP_DATA_DIR=" + filepath.Join(dir, "data"), "APP_LOG__LEVEL=error"}, environ...)}
}

// say runs a command that ends by itself; it must end with the status.
func (m machine) say(t *testing.T, status int, in string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	p := &program{args: append([]string{"resync"}, args...), environ: m.environ, dir: t.TempDir(), in: strings.NewReader(in), out: &out, err: &errs, clock: time.Now}
	if code := run(t.Context(), p); code != status {
		t.Fatalf("resync %v: exit status %d, want %d\n%s", args, code, status, errs.String())
	}
	return strings.TrimSpace(out.String()) + "\n" + errs.String()
}

// key makes a user, unless there is one, and a key.
func (m machine) key(t *testing.T, name string, scopes ...string) string {
	t.Helper()
	if !strings.Contains(m.say(t, 0, "", "user", "list"), name) {
		m.say(t, 0, "correct horse battery\n", "user", "add", name, "--role", "operator")
	}
	args := []string{"user", "key"}
	for _, s := range scopes {
		args = append(args, "--scope", s)
	}
	said := m.say(t, 0, "", append(args, name)...)
	return strings.Fields(said)[0]
}

// process is the program as a process of its own.
type process struct {
	cmd  *exec.Cmd
	url  string
	done chan struct{}
}

func (m machine) start(t *testing.T, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(self, args...), done: make(chan struct{})} //nolint:gosec // this test binary
	p.cmd.Env = append([]string{asProgram + "=1"}, m.environ...)
	p.cmd.Dir = t.TempDir()
	said, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.end(syscall.SIGTERM) })
	found := make(chan string, 1)
	var text bytes.Buffer
	go func() {
		defer close(p.done)
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if a := answersAt.FindStringSubmatch(lines.Text()); a != nil {
				found <- a[1]
			}
			text.WriteString(lines.Text() + "\n")
		}
		_ = p.cmd.Wait()
	}()
	select {
	case p.url = <-found:
	case <-p.done:
		t.Fatalf("resync %v ended:\n%s", args, text.String())
	case <-time.After(patience):
		t.Fatalf("resync %v does not answer", args)
	}
	return p
}

// end sends a signal and waits.
func (p *process) end(s os.Signal) {
	_ = p.cmd.Process.Signal(s)
	select {
	case <-p.done:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// ask sends a request with a key and gives status and body.
func (p *process) ask(t *testing.T, key, path, body string, headers ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// TestEdgeAgent runs two tool servers and an edge agent as processes of their own: one kills and starts a tool server meanwhile.
func TestEdgeAgent(t *testing.T) {
	t.Parallel()
	first, second, edge := newMachine(t, "APP_ENGINES__NORTH__MODE=mock"), newMachine(t, "APP_ENGINES__SOUTH__MODE=mock", "APP_ENGINES__EAST__MODE=mock"), newMachine(t)
	scopes := []string{"mcp", "read", "delegate"}
	k1, k2 := first.key(t, "edge", scopes...), second.key(t, "edge", scopes...)
	ana, south, reads := edge.key(t, "ana"), edge.key(t, "ben", "read", "ask", "engine:south"), edge.key(t, "cleo", "read")
	north := first.start(t, "mcp", "--http", "127.0.0.1:0", "--auth")
	others := second.start(t, "mcp", "--http", "127.0.0.1:0", "--auth")
	edge.environ = append(edge.environ, "APP_TOOL_SERVERS__A__URL="+north.url+"/mcp", "APP_TOOL_SERVERS__A__BEARER="+k1, "APP_TOOL_SERVERS__B__URL="+others.url, "APP_TOOL_SERVERS__B__BEARER="+k2)
	web := edge.start(t, "agent", "--listen", "127.0.0.1:0")

	why := `{"question":"why did CLM_RESERVE abend?"}`
	whySouth := `{"question":"why did CLM_RESERVE abend?","engine":"south"}`
	checks := func(when string, all []edgeCheck) {
		for _, c := range all {
			status, text := web.ask(t, c.key, c.path, c.body, "Accept", c.accept)
			if status != c.status || !strings.Contains(text, c.has) || c.not != "" && strings.Contains(text, c.not) {
				t.Errorf("%s, %s %s: %d %.400s, want %d with %s", when, c.path, c.body, status, text, c.status, c.has)
			}
		}
	}
	checks("at first", []edgeCheck{
		{key: ana, path: "/api/engines", status: 200, has: `{"engines":[{"name":"north","mode":"mock"},{"name":"east","mode":"mock"},{"name":"south","mode":"mock"}]}`},
		{key: south, path: "/api/engines", status: 200, has: `{"engines":[{"name":"south","mode":"mock"}]}`},
		{key: ana, path: "/api/jobs?status=ABEND,FAIL", status: 200, has: `"name":"CLM_RESERVE"`},
		{key: reads, path: "/api/jobs?page_size=1", status: 200, has: `"name":"north"`},
		{key: ana, path: "/api/jobs/" + url.PathEscape("FRLCLM01#CLMEOD.CLM_RESERVE") + "?engine=south", status: 200, has: `"name":"south"`},
		{key: ana, path: "/api/jobs/NO_SUCH_JOB_1?engine=east", status: 404, has: `"code":"not_found"`},
		{key: ana, path: "/api/jobs?engine=venus", status: 404, has: `"candidates":["north","east","south"]`},
		{key: south, path: "/api/jobs?engine=north", status: 404, has: `"candidates":["south"]`, not: "east"},
		{key: south, path: "/api/jobs?page_size=1", status: 200, has: `"name":"south"`},
		{key: ana, path: "/api/status?engine=east", status: 200, has: `"name":"east"`},
		{key: ana, path: "/api/radar?page_size=1", status: 200, has: `"findings":[{`},
		{key: ana, path: "/api/radar/acks", status: 501, has: `"code":"unsupported"`},
		{key: ana, path: "/api/graph?target=CLM_IBNR&engine=south", status: 200, has: `"name":"CLM_RESERVE"`},
		{key: ana, path: "/api/timeline?job_stream=CLM@", status: 200, has: `"planned_start"`},
		{key: ana, path: "/api/changes?since=8h", status: 200, has: "CLM_RESERVE"},
		{key: ana, path: "/api/knowledge/search?query=ORA-28001", status: 200, has: `"band":"strong"`},
		{key: ana, path: "/api/health/tws", status: 200, has: `"status":"ok","engines":[{"engine":"north"`},
		{key: ana, path: "/api/events?engine=south&seconds=1", status: 200, has: "event: ready\ndata: {\"engine\":\"south\""},
		{key: south, path: "/api/events?engine=north&seconds=1", status: 404, has: `"candidates":["south"]`},
		{key: ana, path: "/api/chat", body: why, status: 200, has: "ORA-28001"},
		{key: ana, path: "/api/chat", body: whySouth, accept: "text/event-stream", status: 200, has: "event: done"},
		{key: south, path: "/api/chat", body: why, status: 200, has: `"name":"south"`, not: `"name":"north"`},
	})
	if status, text := north.ask(t, "forged", "/api/jobs", ""); status != 401 {
		t.Errorf("a tool server with a forged key: %d %s", status, text)
	}
	if status, text := north.ask(t, k1, "/api/jobs", "", "X-Resync-Caller", "ana"); status != 401 || !strings.Contains(text, `"code":"unauthorized"`) {
		t.Errorf("a bare name in the header: %d %s", status, text)
	}

	north.end(syscall.SIGKILL)
	checks("while one is away", []edgeCheck{
		{key: ana, path: "/api/jobs?engine=north", status: 503, has: `"code":"upstream_unavailable"`},
		{key: ana, path: "/api/jobs?engine=south&page_size=1", status: 200, has: `"name":"south"`},
		{key: ana, path: "/api/chat", body: whySouth, status: 200, has: "ORA-28001"},
	})
	u, err := url.Parse(north.url)
	if err != nil {
		t.Fatal(err)
	}
	first.start(t, "mcp", "--http", u.Host, "--auth")
	until(t, "the tool server's engine is there again", func() bool {
		status, _ := web.ask(t, ana, "/api/jobs?engine=north&page_size=1", "")
		return status == 200
	})
	checks("when it is back", []edgeCheck{{key: ana, path: "/api/chat", body: `{"question":"why did CLM_RESERVE abend?","engine":"north"}`, status: 200, has: "ORA-28001"}})

	web.end(syscall.SIGTERM)
	others.end(syscall.SIGTERM)
	names := map[string]bool{}
	var trail struct {
		Rows []struct{ Name, Via string }
	}
	if err := json.NewDecoder(strings.NewReader(second.say(t, 0, "", "audit", "list", "-o", "json"))).Decode(&trail); err != nil {
		t.Fatal(err)
	}
	for _, r := range trail.Rows {
		names[r.Name+" "+r.Via] = true
	}
	if !names["ana delegated"] || !names["ben delegated"] {
		t.Errorf("the audit trail of the tool server names %v", names)
	}
}

type edgeCheck struct {
	key, path, body, accept string
	status                  int
	has, not                string
}

// What cannot work is said at the start.
func TestEdgeAgentRefuses(t *testing.T) {
	t.Parallel()
	tool := newMachine(t, "APP_ENGINES__NORTH__MODE=mock")
	good, plain := tool.key(t, "edge", "mcp", "read", "delegate"), tool.key(t, "edge", "mcp", "read")
	server := tool.start(t, "mcp", "--http", "127.0.0.1:0", "--auth")
	m := newMachine(t)
	file := func(token string) string {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		args   []string
		status int
		has    string
	}{
		"no server":        {[]string{"agent"}, 2, "No tool server is named."},
		"no token":         {[]string{"agent", "--mcp", server.url}, 2, "bearer"},
		"a forged token":   {[]string{"agent", "--mcp", server.url, "--token-file", file("forged")}, 1, "does not accept the token"},
		"beyond loopback":  {[]string{"agent", "--mcp", "http://tools.example.com", "--token-file", file(good)}, 2, "https://"},
		"one engine twice": {[]string{"agent", "--mcp", server.url + "," + strings.Replace(server.url, "127.0.0.1", "localhost", 1), "--token-file", file(good)}, 2, "both have an engine named north"},
		"doctor":           {[]string{"doctor", "--mcp", server.url, "--token-file", file(good)}, 0, "engines north; 16 tools"},
		"doctor, away":     {[]string{"doctor", "--mcp", "http://127.0.0.1:1", "--token-file", file(good)}, 4, "could not be reached"},
		"no right":         {[]string{"doctor", "--mcp", server.url, "--token-file", file(plain)}, 4, "may not speak for other people"},
		"no right to be":   {[]string{"agent", "--mcp", server.url, "--token-file", file(plain)}, 1, "may not speak for other people"},
	} {
		t.Run(name, func(t *testing.T) {
			if said := m.say(t, c.status, "", c.args...); !strings.Contains(said, c.has) {
				t.Errorf("it says %s", said)
			}
		})
	}
}
