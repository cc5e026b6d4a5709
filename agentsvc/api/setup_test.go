package api_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/api"
	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct horse battery"

// clock is moved by tests.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// asker does what a test tells it to.
type asker func(ctx context.Context, q agentsvc.Question, emit func(agentsvc.Event)) (answer.Answer, error)

func (a asker) Ask(ctx context.Context, q agentsvc.Question, emit func(agentsvc.Event)) (answer.Answer, error) {
	return a(ctx, q, emit)
}

func echo(ctx context.Context, q agentsvc.Question, _ func(agentsvc.Event)) (answer.Answer, error) {
	c, _ := auth.CallerFrom(ctx)
	return answer.Answer{Question: q.Text, Language: q.Language, ConversationID: q.ConversationID, Model: c.Name}, nil
}

type bundle struct {
	*httptest.Server
	auth  *auth.Service
	clock *clock
	log   *safeBuffer
	users map[auth.Role]auth.User
}

type safeBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *safeBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

// options are the ones of most tests.
func options(t testing.TB) (api.Options, *bundle) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Rooms: []store.Room{auth.Room()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b := &bundle{clock: &clock{t: time.Now()}, log: &safeBuffer{}, users: map[auth.Role]auth.User{}}
	b.auth, err = auth.New(auth.Options{DB: db, Key: secret.New("q7Zk2Pw9vXc4Rt8Ym1Lb6Nd3Hs5Jf0Ga"), Now: b.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	type none struct {
		Engine string `json:"engine,omitempty" doc:"Name of the engine."`
	}
	type counts struct {
		Jobs int `json:"jobs" doc:"How many jobs."`
	}
	tool := toolkit.MustDefine(toolkit.Spec{Name: "plan_status", Title: "Plan status", Description: "How the plan is."},
		func(_ context.Context, in none) (toolkit.Reply[counts], error) {
			return toolkit.Reply[counts]{Data: counts{400}, Engine: toolkit.Engine{Name: in.Engine, Mode: "mock", API: "v2"}}, nil
		})
	tools, err := toolkit.NewSet(tool)
	if err != nil {
		t.Fatal(err)
	}
	said := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
	}
	return api.Options{
		Auth: b.auth, Asker: asker(echo), Tools: tools, Clock: b.clock.now, Logger: slog.New(slog.NewJSONHandler(b.log, nil)),
		Model: "offline",
		Health: func(context.Context) []data.EngineHealth {
			return []data.EngineHealth{{Engine: "default", Status: data.OK}}
		},
		Metrics: said("resync_up 1\n"), MCP: said("tools"),
		Web: fstest.MapFS{
			"index.html":         {Data: []byte("<!doctype html><title>Resync</title>")},
			"assets/app-1234.js": {Data: []byte("plain()")}, "assets/app-1234.js.gz": {Data: []byte("squeezed")},
			"login.css": {Data: []byte("body{}")}, "favicon.svg": {Data: []byte("<svg/>")},
			"secret.txt": {Data: []byte("not an asset")},
		},
	}, b
}

func (b *bundle) start(t *testing.T, o api.Options) *bundle {
	t.Helper()
	h, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	b.Server = httptest.NewServer(h)
	t.Cleanup(b.Close)
	b.Client().Transport.(*http.Transport).DisableCompression = true // tests look at the bytes
	return b
}

func setup(t *testing.T) *bundle {
	t.Helper()
	o, b := options(t)
	return b.start(t, o)
}

// user gives the user of a role, made when first asked for.
func (b *bundle) user(t testing.TB, role auth.Role) auth.User {
	t.Helper()
	if u, ok := b.users[role]; ok {
		return u
	}
	u, err := b.auth.CreateUser(t.Context(), string(role)+"-user", secret.New(password), role)
	if err != nil {
		t.Fatal(err)
	}
	b.users[role] = u
	return u
}

// as gives the header that makes a request one of the role, by "session", "token" or "api_key"; role "" is a guest.
func (b *bundle) as(t testing.TB, role auth.Role, via string, scopes ...string) http.Header {
	t.Helper()
	h := http.Header{}
	if role == "" {
		return h
	}
	u := b.user(t, role)
	switch via {
	case "session":
		s, err := b.auth.StartSession(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		h.Set("Cookie", "resync="+s.Value.Reveal())
	case "token":
		tokens, err := b.auth.IssueTokens(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		h.Set("Authorization", "Bearer "+tokens.Access.Reveal())
	case "api_key":
		key, _, err := b.auth.CreateAPIKey(t.Context(), auth.NewAPIKey{UserID: u.ID, Name: "test", Role: role, Scopes: scopes})
		if err != nil {
			t.Fatal(err)
		}
		h.Set("Authorization", "bearer "+key.Reveal())
	}
	return h
}

type reply struct {
	*http.Response
	text string
}

func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(r.text), &v); err != nil {
		t.Fatalf("body %q: %v", r.text, err)
	}
	return v
}

// do sends a request with the client of a browser without cookies that follows no redirect.
func (b *bundle) do(t *testing.T, method, path, body string, headers ...http.Header) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		for k, v := range h {
			req.Header[k] = v
		}
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	return b.send(t, b.Client(), req)
}

func (b *bundle) send(t *testing.T, c *http.Client, req *http.Request) reply {
	t.Helper()
	client := *c
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res, string(text)}
}

// browser keeps cookies and posts forms.
func (b *bundle) browser(t *testing.T) func(method, path string, form url.Values) reply {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: b.Client().Transport, Jar: jar}
	return func(method, path string, form url.Values) reply {
		req, err := http.NewRequestWithContext(t.Context(), method, b.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if form != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", b.URL)
			req.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		return b.send(t, client, req)
	}
}

func header(kv ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(kv); i += 2 {
		h.Set(kv[i], kv[i+1])
	}
	return h
}

var (
	jsonBody = header("Content-Type", "application/json")
	formBody = header("Content-Type", "application/x-www-form-urlencoded")
)
