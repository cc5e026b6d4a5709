package edge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/edge"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "a-token-of-some-length"

// plan is a feed that the test tells what happens.
type plan struct {
	mu    sync.Mutex
	first uint64
	rows  []tools.EventRow
	wake  chan struct{}
}

func newPlan(first uint64) *plan { return &plan{first: first, wake: make(chan struct{})} }

func (p *plan) happens(kind string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows = append(p.rows, tools.EventRow{Seq: p.first + uint64(len(p.rows)) + 1, Kind: kind, Engine: "north", Object: "job", At: "2026-03-17T06:10:00Z"})
	close(p.wake)
	p.wake = make(chan struct{})
}

// Last implements data.Feed.
func (p *plan) Last(context.Context, string) (uint64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.first + uint64(len(p.rows)), nil
}

// After implements data.Feed.
func (p *plan) After(ctx context.Context, _ string, since uint64) (data.Changes, error) {
	for {
		p.mu.Lock()
		c, wake := data.Changes{Next: since}, p.wake
		if since < p.first {
			c.Gap, c.Next = true, p.first
		}
		for _, r := range p.rows {
			if r.Seq > since {
				c.Events, c.Next = append(c.Events, r), r.Seq
			}
		}
		p.mu.Unlock()
		if c.Gap || len(c.Events) > 0 {
			return c, nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return c, fault.New(fault.Timeout, "nothing")
		}
	}
}

// toolServer serves the data operations of engines, to the person whom the request is signed for.
type toolServer struct {
	*httptest.Server
	feed    atomic.Pointer[plan]
	streams atomic.Int64
	asked   sync.Map // name of the person → true
	set     *toolkit.Set
}

// Last implements data.Feed.
func (s *toolServer) Last(ctx context.Context, e string) (uint64, error) {
	return s.feed.Load().Last(ctx, e)
}

// After implements data.Feed.
func (s *toolServer) After(ctx context.Context, e string, since uint64) (data.Changes, error) {
	return s.feed.Load().After(ctx, e, since)
}

// Tools implements toolkit.Caller.
func (s *toolServer) Tools(ctx context.Context) ([]toolkit.Info, error) {
	return s.set.Offered(ctx), nil
}

// Call implements toolkit.Caller.
func (s *toolServer) Call(ctx context.Context, name string, args json.RawMessage) (toolkit.Result, error) {
	return s.set.Call(ctx, name, args), nil
}

type findIn struct {
	Name     string `json:"name,omitempty" doc:"a name"`
	PageSize int    `json:"page_size,omitempty" doc:"rows" default:"20" min:"1" max:"100"`
}

type findOut struct {
	Said string `json:"said"`
}

func newToolServer(t *testing.T, engines ...string) *toolServer {
	t.Helper()
	s := &toolServer{}
	s.feed.Store(newPlan(1000))
	var choices []toolkit.Choice
	var listed []data.ConfiguredEngine
	for _, name := range engines {
		choices = append(choices, toolkit.Choice{Name: name, Tools: []toolkit.Tool{toolkit.MustDefine(toolkit.Spec{Name: "find_jobs", Title: "t", Description: "d"},
			func(ctx context.Context, in findIn) (toolkit.Reply[findOut], error) {
				c, _ := auth.CallerFrom(ctx)
				if in.Name == "LOST" {
					return toolkit.Reply[findOut]{}, fault.New(fault.NotFound, "There is no job.").WithHint("Look.").WithCandidates("A", "B")
				}
				return toolkit.Reply[findOut]{Data: findOut{fmt.Sprint(name, " for ", c.Name, " ", in.Name, in.PageSize)}, Engine: toolkit.Engine{Name: name, Mode: "mock"}}, nil
			})}})
		listed = append(listed, data.ConfiguredEngine{Name: name, Mode: "mock"})
	}
	all, err := toolkit.Choose("engine", "which", choices...)
	if err != nil {
		t.Fatal(err)
	}
	if s.set, err = toolkit.NewSet(all...); err != nil {
		t.Fatal(err)
	}
	a, err := data.New(data.Options{Tools: s.set, Feed: s, Heartbeat: 50 * time.Millisecond, Now: time.Now, Engines: func(context.Context) []data.ConfiguredEngine { return listed }})
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	a.Register(operation.New(r, operation.Options{Title: "t", Version: "1"}))
	program := auth.Caller{ID: "key:1", Name: "edge", Role: auth.Operator, Via: "api_key", Scopes: []string{auth.ScopeMCP, auth.ScopeRead, auth.ScopeDelegate}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		who, err := httpd.Spoken(req, program, strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "), time.Now())
		if err != nil {
			httpd.Problem(w, req, err)
			return
		}
		s.asked.Store(who.Name, true)
		if strings.HasPrefix(req.URL.Path, "/api/events") {
			s.streams.Add(1)
			defer s.streams.Add(-1)
		}
		r.ServeHTTP(w, req.WithContext(auth.WithCaller(req.Context(), who)))
	}))
	t.Cleanup(s.Server.Close)
	return s
}

func (s *toolServer) server(name string) edge.Server {
	return edge.Server{Name: name, Base: s.URL, Token: token, Tools: s}
}

func open(t *testing.T, servers ...edge.Server) *edge.Edge {
	t.Helper()
	e, err := edge.Open(edge.Options{Servers: servers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func ana(ctx context.Context, scopes ...string) context.Context {
	return auth.WithCaller(ctx, auth.Caller{ID: "u1", Name: "ana", Role: auth.Viewer, Via: "session", Scopes: scopes})
}

// Where a call goes is the engine's, for whom it is made arrives, and what is wrong keeps its code.
func TestCalls(t *testing.T) {
	one, two := newToolServer(t, "north"), newToolServer(t, "south", "east")
	e := open(t, one.server("one"), two.server("two"))
	for _, c := range []struct{ args, scope, has, code string }{
		{`{}`, "", "north for ana 20", ""},
		{`{"engine":"east","name":"X","page_size":7}`, "", "east for ana X7", ""},
		{`{}`, "engine:south", "south for ana 20", ""},
		{`{"engine":"north"}`, "engine:south", "", "not_found"},
		{`{"engine":"venus"}`, "", "", "not_found"},
		{`{}`, "engine:mars", "", "forbidden"},
		{`{"engine":"south","name":"LOST"}`, "", "", "not_found"},
		{`{"engine":"south","page_size":1000}`, "", "", "invalid"},
	} {
		ctx := ana(t.Context())
		if c.scope != "" {
			ctx = ana(t.Context(), c.scope, auth.ScopeRead, auth.ScopeAsk)
		}
		over, err := e.Call(ctx, "find_jobs", json.RawMessage(c.args))
		if err != nil {
			t.Fatal(err)
		}
		for way, r := range map[string]toolkit.Result{"MCP": over, "REST": e.Data().Call(ctx, "find_jobs", json.RawMessage(c.args))} {
			switch {
			case c.code != "" && (r.Error == nil || r.Error.Code != c.code):
				t.Errorf("%s over %s: %+v", c.args, way, r)
			case c.code == "" && (r.Envelope == nil || !strings.Contains(string(r.Envelope.Data), c.has)):
				t.Errorf("%s over %s: %+v", c.args, way, r)
			}
			if strings.Contains(c.args, "LOST") && r.Error != nil && (r.Error.Hint != "Look." || len(r.Error.Candidates) != 2) {
				t.Errorf("over %s the problem arrives as %+v", way, r.Error)
			}
		}
	}
	infos, err := e.Tools(ana(t.Context()))
	if err != nil || len(infos) != 1 || !strings.Contains(string(infos[0].InputSchema), `"enum":["north","south","east"]`) || strings.Count(string(infos[0].InputSchema), `"engine"`) != 1 {
		t.Errorf("%v %v", infos, err)
	}
}

// One engine has a name too.
func TestOneEngineIsNamed(t *testing.T) {
	e := open(t, newToolServer(t, "north").server("one"))
	infos, err := e.Tools(t.Context())
	if err != nil || len(infos) != 1 || !strings.Contains(string(infos[0].InputSchema), `"enum":["north"]`) {
		t.Errorf("%v %v", infos, err)
	}
}

// Sixty-four who listen are one stream of the tool server; what is lost is said.
func TestFollowing(t *testing.T) {
	s := newToolServer(t, "north")
	e := open(t, s.server("one"))
	last, err := e.Last(t.Context(), "north")
	if err != nil || last != 1000 {
		t.Fatalf("%d %v", last, err)
	}
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			since, seen := last, 0
			for seen < 3 {
				c, err := e.After(t.Context(), "north", since)
				if err != nil || c.Gap {
					t.Errorf("%+v %v", c, err)
					return
				}
				seen, since = seen+len(c.Events), c.Next
			}
			if seen != 3 || since != 1003 {
				t.Errorf("%d events, up to %d", seen, since)
			}
		})
	}
	for _, kind := range []string{"run_started", "status", "run_ended"} {
		s.feed.Load().happens(kind)
	}
	all.Wait()
	if n := s.streams.Load(); n != 1 {
		t.Errorf("%d streams at the tool server", n)
	}
	// A listener may come with a place that was never here: of before, or of a server that has begun to count anew.
	for _, since := range []uint64{7, last + 100_000} {
		if c, err := e.After(t.Context(), "north", since); err != nil || !c.Gap {
			t.Errorf("since %d: %+v, %v", since, c, err)
		}
	}
	// The tool server begins anew, with other numbers: whoever listens hears of a gap, and what comes then.
	s.feed.Store(newPlan(9000))
	s.CloseClientConnections()
	c, err := e.After(t.Context(), "north", 1003)
	if err != nil || !c.Gap || c.Next < 9000 {
		t.Fatalf("after a new start: %+v %v", c, err)
	}
	s.feed.Load().happens("status")
	if c, err = e.After(t.Context(), "north", c.Next); err != nil || len(c.Events) != 1 || c.Events[0].Seq != 9001 {
		t.Errorf("%+v %v", c, err)
	}
}

// A server that takes requests and answers none holds up nobody but those who ask for its engines.
func TestSilence(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(silent.Close)
	good := newToolServer(t, "north")
	refused := edge.Server{Name: "away", Base: "http://127.0.0.1:1", Token: token, Tools: good}
	e := open(t, good.server("one"), refused)
	r := e.Data().Call(ana(t.Context()), "find_jobs", json.RawMessage(`{"engine":"south"}`))
	if r.Error == nil || r.Error.Code != string(fault.UpstreamUnavailable) {
		t.Errorf("an engine that may be the away one's: %+v", r)
	}
	if r := e.Data().Call(ana(t.Context()), "find_jobs", json.RawMessage(`{}`)); r.Error != nil {
		t.Errorf("%+v", r.Error)
	}
	h := e.Health(t.Context())
	if len(h) != 2 || h[1].Engine != "away" || h[1].Status != data.Down {
		t.Errorf("%+v", h)
	}
	slow := edge.Server{Name: "slow", Base: silent.URL, Token: token, Timeout: 50 * time.Millisecond, Tools: good}
	alone := open(t, slow)
	if r := alone.Data().Call(ana(t.Context()), "find_jobs", nil); r.Error == nil || r.Error.Code != string(fault.Timeout) {
		t.Errorf("%+v", r)
	}
}

func TestRefusals(t *testing.T) {
	one := newToolServer(t, "north")
	if _, err := edge.Open(edge.Options{}); err == nil {
		t.Error("no server")
	}
	if _, err := edge.Open(edge.Options{Servers: []edge.Server{{Name: "x", Base: one.URL}}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no token: %v", err)
	}
	e := open(t, one.server("one"), newToolServer(t, "north").server("two"))
	if _, err := e.Check(t.Context()); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "both have an engine named north") {
		t.Errorf("one name twice: %v", err)
	}
	moved := httptest.NewServer(http.RedirectHandler(one.URL, http.StatusTemporaryRedirect))
	t.Cleanup(moved.Close)
	away, err := open(t, edge.Server{Name: "moved", Base: moved.URL, Token: token, Tools: one}).Check(t.Context())
	if err != nil || len(away) != 1 || !strings.Contains(away[0], "status 307") {
		t.Errorf("a redirect: %v %v", away, err)
	}
}
