package hwa_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/enginetest"
)

// validator is a running Prism (Stoplight's validating proxy and mock server), which nobody here wrote.
type validator struct {
	URL string

	mu         sync.Mutex
	violations map[string]bool
}

// startPrism starts Prism over the V2 interface and stops it when the test ends. With an upstream it is a proxy that holds every request and
// every response to the interface; with "" it is a server of its own that answers with random data. The program is named by
// RESYNC_PRISM; without it the test is skipped with that reason, and fails in CI.
func startPrism(t *testing.T, upstream string) *validator {
	t.Helper()
	program := os.Getenv("RESYNC_PRISM")
	if program == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("RESYNC_PRISM must name Prism's program in CI.")
		}
		t.Skip("RESYNC_PRISM is not set: it names the prism program of the npm package @stoplight/prism-cli.")
	}
	spec := filepath.Join(t.TempDir(), "interface.json")
	if err := os.WriteFile(spec, described(t, upstream != ""), 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	args := []string{"mock", spec, "--dynamic"}
	if upstream != "" {
		args = []string{"proxy", spec, upstream, "--errors"}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, program, append(args, "--host", "127.0.0.1", "--port", port, "--verboseLevel", "info")...) //nolint:gosec // whoever runs the tests names the program
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatalf("Prism does not start: %v", err)
	}
	listening, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		var once sync.Once
		for s := bufio.NewScanner(out); s.Scan(); {
			if strings.Contains(s.Text(), "Prism is listening") {
				once.Do(func() { close(listening) })
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		_ = cmd.Wait() // it was interrupted: its status says nothing
	})
	select {
	case <-listening:
	case <-ended:
		t.Fatal("Prism ended before it listened.")
	case <-time.After(2 * time.Minute):
		t.Fatal("Prism did not listen within two minutes.")
	}
	p := &validator{violations: map[string]bool{}}
	p.URL = p.watch(t, &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", port)}, upstream)
	return p
}

// watch stands in front of Prism and notes what it finds wrong, since a client may have another way round a failed request. What is not of V2 passes
// it by: only that has a description.
func (p *validator) watch(t *testing.T, to *url.URL, upstream string) string {
	t.Helper()
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(res *http.Response) error {
			if res.StatusCode < http.StatusBadRequest {
				return nil
			}
			body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
			if err != nil {
				return err
			}
			_ = res.Body.Close()
			res.Body = io.NopCloser(strings.NewReader(string(body)))
			if strings.Contains(string(body), "stoplight.io/prism/errors#") {
				p.mu.Lock()
				p.violations[res.Request.Method+" "+res.Request.URL.Path+"?"+res.Request.URL.RawQuery+" → "+string(body)] = true
				p.mu.Unlock()
			}
			return nil
		},
	}
	var others http.Handler = http.NotFoundHandler()
	if upstream != "" {
		u, err := url.Parse(upstream)
		if err != nil {
			t.Fatal(err)
		}
		others = httputil.NewSingleHostReverseProxy(u)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/twsd/api/v2/") {
			proxy.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// found lists what Prism found wrong so far: the request, and its finding.
func (p *validator) found() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.violations))
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing was written
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// kinds says which word tells the members of the interface's unions apart, which its description leaves out.
var kinds = map[string]struct{ field, word string }{
	"InternalDependencyInPlanV2":          {"dependencyType", "INTERNAL"},
	"ExternalJobDependencyInPlanV2":       {"dependencyType", "EXTERNAL_JOB"},
	"ExternalJobStreamDependencyInPlanV2": {"dependencyType", "EXTERNAL_JOBSTREAM"},
	"JoinDependencyInPlanV2":              {"dependencyType", "JOIN"},
	"FileDependencyInPlanV2":              {"dependencyType", "FILE"},
	"ResourceDependencyInPlanV2":          {"dependencyType", "RESOURCE"},
	"InternetworkDependencyInPlanV2":      {"dependencyType", "INTERNETWORK"},
	"PromptDependencyInPlanV2":            {"dependencyType", "PROMPT"},
	"JobInPlanV2":                         {"flowNodeType", "JOB"},
	"JobStreamInPlanV2":                   {"flowNodeType", "JOBSTREAM"},
}

// described is the interface's description with the list of prompts, which newer levels have, and without credentials, which are the server's
// own affair. For a validator it is sharpened, for a server filled.
func described(t *testing.T, strict bool) []byte {
	t.Helper()
	var d m
	if err := json.Unmarshal(enginetest.Interface(t), &d); err != nil {
		t.Fatal(err)
	}
	schemas := d["components"].(m)["schemas"].(m)
	if strict {
		sharpen(t, schemas)
	} else {
		fill(schemas)
	}
	paths := d["paths"].(m)
	for _, ops := range paths {
		for _, op := range ops.(m) {
			delete(op.(m), "security")
		}
	}
	paths["/twsd/api/v2/plan/prompt"] = listOfPrompts(t, paths["/twsd/api/v2/plan/resource"])
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// fill makes the server put something into its lists and counts, so that there is something to read.
func fill(schemas m) {
	for _, s := range schemas {
		s := s.(m)
		properties, _ := s["properties"].(m)
		if results, ok := properties["results"].(m); ok {
			s["required"] = []string{"results"}
			results["minItems"] = 1
		}
		if groups, ok := properties["groupedCount"].(m); ok {
			natural := m{"type": "integer", "minimum": 0}
			s["required"] = []string{"count", "groupedCount"}
			properties["count"], groups["additionalProperties"], groups["minProperties"] = natural, natural, 1
		}
	}
}

// sharpen tells the members of unions apart by their type, and gives objects no properties but those described.
func sharpen(t *testing.T, schemas m) {
	t.Helper()
	for name, kind := range kinds {
		s, ok := schemas[name].(m)
		if !ok {
			t.Fatalf("the interface has no %s", name)
		}
		s["properties"].(m)[kind.field] = m{"type": "string", "enum": []string{kind.word}}
		s["required"] = []string{kind.field}
	}
	for _, s := range schemas {
		s := s.(m)
		_, closed := s["additionalProperties"]
		_, properties := s["properties"]
		switch {
		case s["oneOf"] != nil || s["anyOf"] != nil:
			delete(s, "properties") // they repeat what the members have
		case properties && !closed:
			s["additionalProperties"] = false
		}
	}
}

// listOfPrompts describes the list of prompts by hand, after another list.
func listOfPrompts(t *testing.T, like any) m {
	t.Helper()
	text, number, instant := m{"type": "string"}, m{"type": "integer"}, m{"type": "string", "format": "date-time"}
	prompt := m{"type": "object", "additionalProperties": false, "properties": m{"id": text, "name": text, "folder": text, "folderId": text, "key": text, "text": text, "number": number,
		"status": m{"type": "string", "enum": []string{"NOT_ASKED", "ASKED", "ANSWERED_YES", "ANSWERED_NO"}}, "type": text, "jobId": text, "jobKey": text, "jobStreamId": text, "jobStreamKey": text,
		"workstation": text, "workstationId": text, "timeAsked": instant, "timeRespond": instant, "planId": text}}
	list := clone(t, like)
	list["get"].(m)["responses"].(m)["200"].(m)["content"] = m{"application/json": m{"schema": m{"type": "object", "properties": m{
		"count": number, "next": text, "previous": text, "results": m{"type": "array", "items": prompt}}}}}
	return list
}

func clone(t *testing.T, v any) m {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out m
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
