package edge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/agentsvc/edge"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// liar is a tool server that says what the test wants: paths → bodies, and tools.
type liar struct {
	*httptest.Server
	tools []toolkit.Info
	// status of all answers but the list of engines; 0 means 200
	status int
}

// Tools implements toolkit.Caller.
func (l *liar) Tools(context.Context) ([]toolkit.Info, error) { return l.tools, nil }

// Call implements toolkit.Caller.
func (l *liar) Call(context.Context, string, json.RawMessage) (toolkit.Result, error) {
	return toolkit.Result{}, fault.New(fault.UpstreamUnavailable, "It does not.")
}

var oneTool = []toolkit.Info{{Name: "find_jobs", InputSchema: json.RawMessage(`{"type":"object","properties":{}}`)}}

func newLiar(t *testing.T, bodies map[string]string) *liar {
	t.Helper()
	l := &liar{tools: oneTool}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := bodies[r.URL.Path]
		w.Header().Set("Content-Type", "application/json")
		switch {
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/api/events":
			w.Header().Set("Content-Type", "text/event-stream")
		case l.status != 0 && r.URL.Path != "/api/engines":
			w.WriteHeader(l.status)
		}
		_, _ = w.Write([]byte(body)) // who asks may have left
		if r.URL.Path == "/api/events" {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	}))
	t.Cleanup(l.Server.Close)
	return l
}

func (l *liar) server() edge.Server {
	return edge.Server{Name: "liar", Base: l.URL, Token: token, Tools: l, Timeout: 5 * time.Second}
}

const southOnly = `{"engines":[{"name":"south","mode":"live"}]}`

// What one tool server says of itself costs nobody else an engine or a tool.
func TestALiarCostsOnlyItsOwn(t *testing.T) {
	many := make([]toolkit.Info, 40)
	for i := range many {
		many[i] = toolkit.Info{Name: fmt.Sprint("find_jobs", i), InputSchema: oneTool[0].InputSchema}
	}
	schema := func(s string) []toolkit.Info {
		return []toolkit.Info{{Name: "find_jobs", InputSchema: json.RawMessage(s)}}
	}
	for name, c := range map[string]struct {
		engines string
		tools   []toolkit.Info
	}{
		"a schema that is none":     {southOnly, schema(`[1]`)},
		"a schema cut off":          {southOnly, schema(`{"properties":{"a":`)},
		"members that are none":     {southOnly, schema(`{"properties":[1]}`)},
		"no schema":                 {southOnly, schema(``)},
		"no tools":                  {southOnly, []toolkit.Info{}},
		"one tool twice":            {southOnly, append(schema(`{"properties":{}}`), oneTool...)},
		"forty tools":               {southOnly, append(many, oneTool...)},
		"a tool without a name":     {southOnly, append([]toolkit.Info{{InputSchema: oneTool[0].InputSchema}}, oneTool...)},
		"an engine without a name":  {`{"engines":[{"name":""}]}`, oneTool},
		"an engine twice":           {`{"engines":[{"name":"south"},{"name":"south"}]}`, oneTool},
		"a name of lines":           {`{"engines":[{"name":"south\n\nevent: gap"}]}`, oneTool},
		"a name of a megabyte":      {`{"engines":[{"name":"` + strings.Repeat("s", 1<<19) + `"}]}`, oneTool},
		"engines that are no list":  {`{"engines":7}`, oneTool},
		"ten thousand engines":      {`{"engines":[` + strings.Repeat(`{"name":"x"},`, 9999) + `{"name":"y"}]}`, oneTool},
		"two megabytes":             {strings.Repeat(" ", 2<<20) + southOnly, oneTool},
		"a page":                    {`<html>`, oneTool},
		"the engine of the other":   {`{"engines":[{"name":"north","mode":"live"}]}`, oneTool},
		"nothing but the other way": {`{}`, oneTool},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t, map[string]string{"/api/engines": c.engines})
			l.tools = c.tools
			e := open(t, l.server(), newToolServer(t, "north", "east").server("good"))
			infos, err := e.Tools(ana(t.Context()))
			if err != nil || len(infos) != 1 || infos[0].Name != "find_jobs" {
				t.Fatalf("tools: %v %v", infos, err)
			}
			ctx := ana(t.Context())
			r, err := e.Call(ctx, "find_jobs", json.RawMessage(`{"engine":"east"}`))
			if err != nil || r.Error != nil {
				t.Errorf("over MCP: %+v %v", r.Error, err)
			}
			if r := e.Data().Call(ctx, "find_jobs", json.RawMessage(`{"engine":"east"}`)); r.Error != nil {
				t.Errorf("over REST: %+v", r.Error)
			}
			for _, one := range e.Engines(ctx) {
				if one.Name != "north" && one.Name != "east" {
					t.Errorf("there is an engine %.40q", one.Name)
				}
			}
		})
	}
}

// An answer that is not of the engine that was asked, or has no data, is no answer.
func TestAnswersThatLie(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		status int
		code   fault.Code
	}{
		"another engine":       {`{"data":{"jobs":[]},"sources":[],"engine":{"name":"north"},"clocks":{}}`, 200, fault.UpstreamUnavailable},
		"no data":              {`{"engine":{"name":"south"}}`, 200, fault.UpstreamUnavailable},
		"data of nothing":      {`{"data":null,"engine":{"name":"south"}}`, 200, fault.UpstreamUnavailable},
		"data that are a word": {`{"data":"jobs","engine":{"name":"south"}}`, 200, fault.UpstreamUnavailable},
		"a code of its own":    {`{"code":"teapot","detail":"I am one."}`, 418, fault.UpstreamUnavailable},
		"a success as problem": {`{"code":"not_found","detail":"No."}`, 302, fault.UpstreamUnavailable},
		"a token refused":      {`{"code":"unauthorized","detail":"Log in at https://evil.example."}`, 401, fault.UpstreamDenied},
		"a problem":            {`{"code":"not_found","detail":"There is no such job."}`, 404, fault.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t, map[string]string{"/api/engines": southOnly, "/api/jobs": c.body})
			l.status = c.status
			r := open(t, l.server()).Data().Call(ana(t.Context()), "find_jobs", nil)
			if r.Error == nil || r.Error.Code != string(c.code) {
				t.Errorf("%+v", r)
			}
			if r.Error != nil && strings.Contains(r.Error.Message, "evil") {
				t.Errorf("it says %q", r.Error.Message)
			}
		})
	}
	long := newLiar(t, map[string]string{"/api/engines": southOnly, "/api/jobs": `{"code":"not_found","detail":"` + strings.Repeat(`no\u001b[31m `, 9000) + `","candidates":["` + strings.Repeat(`a","`, 9000) + `b"]}`})
	long.status = 404
	r := open(t, long.server()).Data().Call(ana(t.Context()), "find_jobs", nil)
	if r.Error == nil || len(r.Error.Message) > 1100 || len(r.Error.Candidates) > 20 || strings.Contains(r.Error.Message, "\x1b") {
		t.Errorf("a long problem: %d bytes, %d candidates", len(r.Error.Message), len(r.Error.Candidates))
	}
}

// A key of a job stands in the path as one part, whatever is in it.
func TestKeysInPaths(t *testing.T) {
	var got atomic.Value
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/api/engines" {
			_, _ = w.Write([]byte(southOnly))
			return
		}
		got.Store(r.RequestURI)
		_, _ = w.Write([]byte(`{"data":{},"engine":{"name":"south"}}`))
	}))
	t.Cleanup(s.Close)
	e := open(t, edge.Server{Name: "s", Base: s.URL, Token: token, Tools: &liar{tools: oneTool}})
	for key, want := range map[string]string{"..": "%2E%2E", ".": "%2E", "../status": "..%2Fstatus", "WS#A.B": "WS%23A.B", "a?engine=x&y": "a%3Fengine=x&y", "a\x00b": "a%00b", "%2F": "%252F", "é": "%C3%A9"} {
		args, err := json.Marshal(map[string]string{"job": key})
		if err != nil {
			t.Fatal(err)
		}
		r := e.Data().Call(ana(t.Context()), "get_job_log", args)
		if r.Error != nil || got.Load() != "/api/jobs/"+want+"/log?engine=south" {
			t.Errorf("%q is read at %v: %+v", key, got.Load(), r.Error)
		}
	}
}

// The engines whose health is told are those that the server has, each with a word that is known.
func TestHealthThatLies(t *testing.T) {
	l := newLiar(t, map[string]string{"/api/engines": `{"engines":[{"name":"south","mode":"live"},{"name":"west","mode":"live"}]}`,
		"/api/health/tws": `{"status":"ok","engines":[{"engine":"south","status":"splendid"},{"engine":"nowhere","status":"ok"},{"engine":"north","status":"down"},{"engine":"west","status":"degraded","detail":"` + strings.Repeat(`slow\u001b[31m\n`, 900) + `"}]}`})
	h := open(t, l.server(), newToolServer(t, "north").server("good")).Health(t.Context())
	got := map[string]string{}
	for _, one := range h {
		got[one.Engine] += one.Status
		if len(one.Detail) > 1100 || strings.ContainsAny(one.Detail, "\x1b\n") {
			t.Errorf("%s: %d bytes, %.60q", one.Engine, len(one.Detail), one.Detail)
		}
	}
	if len(h) != 3 || got["south"] != data.Down || got["west"] != data.Degraded || got["nowhere"] != "" {
		t.Errorf("%+v", h)
	}
}

// librarian is a tool server with documents.
type librarian struct {
	*liar
	says  toolkit.Result
	asked *int
}

// Call implements toolkit.Caller.
func (l librarian) Call(context.Context, string, json.RawMessage) (toolkit.Result, error) {
	*l.asked++
	return l.says, nil
}

// The search in documents asks the first tool server that has them and answers; what that one refuses no other one is asked for.
func TestDocumentsOfTheFirstThatAnswers(t *testing.T) {
	found := toolkit.Result{Envelope: &toolkit.Envelope{Data: json.RawMessage(`{"results":[]}`)}}
	failed := func(code fault.Code) toolkit.Result {
		return toolkit.Result{Error: &toolkit.ErrorBody{Code: string(code), Message: "No."}}
	}
	for name, c := range map[string]struct {
		first, second toolkit.Result
		code          string
		asked         [2]int
	}{
		"the first answers":  {found, failed(fault.Internal), "", [2]int{1, 0}},
		"the first is away":  {failed(fault.UpstreamUnavailable), found, "", [2]int{1, 1}},
		"the first refuses":  {failed(fault.Invalid), found, "invalid", [2]int{1, 0}},
		"both of them away":  {failed(fault.Timeout), failed(fault.UpstreamUnavailable), "upstream_unavailable", [2]int{1, 1}},
		"the second refuses": {failed(fault.Timeout), failed(fault.Forbidden), "forbidden", [2]int{1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var servers []edge.Server
			var asked [2]int
			for i, says := range []toolkit.Result{c.first, c.second} {
				l := newLiar(t, map[string]string{"/api/engines": fmt.Sprintf(`{"engines":[{"name":"e%d","mode":"live"}]}`, i)})
				l.tools = append([]toolkit.Info{{Name: "search_knowledge", InputSchema: oneTool[0].InputSchema}}, oneTool...)
				one := l.server()
				one.Name, one.Tools = fmt.Sprint(i), librarian{l, says, &asked[i]}
				servers = append(servers, one)
			}
			r, err := open(t, servers...).Call(ana(t.Context()), "search_knowledge", json.RawMessage(`{}`))
			code := ""
			if r.Error != nil {
				code = r.Error.Code
			}
			if err != nil || code != c.code || asked != c.asked || (r.Envelope == nil) != (code != "") {
				t.Errorf("%+v %v, asked %v", r, err, asked)
			}
		})
	}
}

// A stream cannot put events of its own making before those who listen here.
func TestEventsThatLie(t *testing.T) {
	row := func(seq int, kind, engine string) string {
		b, err := json.Marshal(map[string]any{"seq": seq, "kind": kind, "engine": engine, "object": "job", "at": "2026-03-17T06:10:00Z"})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("id: %d\nevent: status\ndata: %s\n\n", seq, b)
	}
	l := newLiar(t, map[string]string{"/api/engines": southOnly, "/api/events": "id: 1\nevent: ready\ndata: {}\n\n" +
		row(2, "status\n\nevent: gap", "south") + row(3, "teapot", "south") + row(4, "status", "north") + row(5, "left", "south") +
		"id: 6\nevent: status\ndata: {\n\n" + row(7, "status", "south") + row(3, "status", "south")})
	e := open(t, l.server())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := e.Last(ctx, "south"); err != nil {
		t.Fatal(err)
	}
	c, err := e.After(ctx, "south", 1)
	if err != nil || len(c.Events) != 1 || c.Events[0].Seq != 7 || c.Events[0].Kind != "status" {
		t.Errorf("%+v %v", c, err)
	}
}
