package hwa_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/query"
)

// answers gives a handler that always answers the same.
func answers(status int, contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

func TestErrorsSayWhatToLookAt(t *testing.T) {
	const js, html = "application/json", "text/html"
	login := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://sso.invalid/login?from=x", http.StatusFound)
	})
	elsewhere := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://other.invalid/twsd/api/v2/plan/job", http.StatusTemporaryRedirect)
	})
	half := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		_, _ = w.Write([]byte(`{"count":1,"results":[{"id":"a`))
	})
	info := func(c *hwa.Client) error { _, err := c.Info(t.Context()); return err }
	list := func(c *hwa.Client) error { _, err := c.Jobs(t.Context(), twstools.ListQuery{}); return err }
	one := func(c *hwa.Client) error { _, err := c.Job(t.Context(), twstools.Ref{ID: "x"}); return err }
	prompts := func(c *hwa.Client) error { _, err := c.Prompts(t.Context(), twstools.ListQuery{}); return err }
	cases := []struct {
		name   string
		server http.Handler
		do     func(*hwa.Client) error
		code   fault.Code
		want   string // in message or hint
	}{
		{"wrong-password", answers(401, html, "<html>s3cret-pw"), list, fault.UpstreamDenied, "TWS_PASSWORD"},
		{"no-right", answers(403, js, `{"messages":["AWSJDB817E User is not authorized."]}`), list, fault.UpstreamDenied, "LIST"},
		{"no-right-as-500", answers(500, js, `{"messages":["AWSJSY404E","AWSJDB817E not authorized s3cret-pw"]}`), list, fault.UpstreamDenied, "may not read"},
		{"no-such-object", answers(500, js, `{"message":"AWSJDB101E gone"}`), one, fault.NotFound, "AWSJDB101E"},
		{"no-info", answers(404, js, ""), info, fault.UpstreamUnavailable, "does not offer the V2 interface"},
		{"no-jobs", answers(404, html, "<html>"), list, fault.UpstreamUnavailable, "does not offer the V2 interface"},
		{"html-page", answers(200, html, "<html><form>"), list, fault.UpstreamUnavailable, "not the HWA API"},
		{"html-without-type", answers(200, js, "  <!DOCTYPE html>"), list, fault.UpstreamUnavailable, "not the HWA API"},
		{"no-prompts-404", answers(404, js, ""), prompts, fault.Unsupported, "10.2"},
		{"no-prompts-405", answers(405, js, ""), prompts, fault.Unsupported, "10.2"},
		{"no-prompts-501", answers(501, js, ""), prompts, fault.Unsupported, "10.2"},
		{"business-error", answers(500, js, `{"messages":["AWSJSY404E The operation failed: AWSBIN091E"]}`), list, fault.UpstreamUnavailable, "AWSJSY404E"},
		{"database", answers(500, js, `{"messages":["AWSJDB801E An error"]}`), list, fault.UpstreamUnavailable, "database"},
		{"error-in-a-good-answer", answers(200, js, `{"messages":["AWSJCS011E internal"]}`), list, fault.UpstreamUnavailable, "AWSJCS011E"},
		{"plain-text-error", answers(500, "text/plain", "something \x1b[31mbroke"), list, fault.UpstreamUnavailable, "something"},
		{"half-json", answers(200, js, `{"count":1,"results":[{"id":"a"`), list, fault.UpstreamUnavailable, "not whole JSON"},
		{"no-json", answers(200, js, `hello`), list, fault.UpstreamUnavailable, "not whole JSON"},
		{"nothing", answers(200, js, ``), list, fault.UpstreamUnavailable, "nothing"},
		{"cut-off", half, list, fault.UpstreamUnavailable, "broke off"},
		{"redirect-to-login", login, list, fault.UpstreamDenied, "login page"},
		{"redirect-elsewhere", elsewhere, list, fault.UpstreamUnavailable, "another address"},
		{"too-many", answers(429, js, ""), list, fault.Limited, "minute"},
		{"proxy", answers(407, html, ""), list, fault.UpstreamDenied, "proxy"},
		{"https-wanted", answers(400, "text/plain", "Client sent an HTTP request to an HTTPS server."), list, fault.UpstreamUnavailable, "APP_TWS_SCHEME=https"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.do(open(t, tc.server))
			e := wantCode(t, err, tc.code)
			if !strings.Contains(e.Message+" "+e.Hint, tc.want) {
				t.Errorf("message %q, hint %q: want %q in them", e.Message, e.Hint, tc.want)
			}
			if strings.Contains(err.Error()+e.Hint, "s3cret-pw") {
				t.Errorf("the password is in the error: %v", err)
			}
			if strings.ContainsRune(e.Message, '\x1b') {
				t.Errorf("control characters in the message: %q", e.Message)
			}
			if e.Source != "engine:plant" {
				t.Errorf("source = %q, want engine:plant", e.Source)
			}
		})
	}
}

func TestRefusedCredentialsNameTheSetting(t *testing.T) {
	for want, o := range map[string]hwa.Options{
		"Look at APP_TWS_API_KEY": {Token: "jwt", User: "u"},
		"Look at TWS_USER":        {User: "u", Password: "p"},
		"Set TWS_USER":            {},
	} {
		c := open(t, answers(401, "text/html", "<html>"), func(all *hwa.Options) { all.Token, all.User, all.Password = o.Token, o.User, o.Password })
		_, err := c.Info(t.Context())
		if e := wantCode(t, err, fault.UpstreamDenied); !strings.HasPrefix(e.Hint, want) {
			t.Errorf("hint = %q, want %q", e.Hint, want)
		}
	}
}

func TestNoConnection(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	secured := httptest.NewUnstartedServer(http.NotFoundHandler())
	secured.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secured.StartTLS()
	t.Cleanup(secured.Close)
	refused := transportFunc(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: fmt.Errorf("no route")}
	})
	noName := transportFunc(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "mdm", IsNotFound: true}}
	})
	cases := []struct {
		name string
		o    hwa.Options
		want string
	}{
		{"nothing-listens", hwa.Options{BaseURL: closed.URL}, "Nothing listens"},
		{"unknown-authority", hwa.Options{BaseURL: secured.URL}, "APP_TWS_CA_FILE"},
		{"no-tls", hwa.Options{BaseURL: "https://" + strings.TrimPrefix(plain.URL, "http://")}, "does not speak TLS"},
		{"no-route", hwa.Options{Host: "mdm", Transport: refused}, "cannot be reached"},
		{"no-name", hwa.Options{Host: "mdm", Transport: noName}, "cannot be resolved"},
		{"netman", hwa.Options{Host: "mdm", Port: 31111, Transport: refused}, "31111 is netman; the API listens on 31116"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c, err := hwa.Open(tc.o)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			_, err = c.Info(t.Context())
			e := wantCode(t, err, fault.UpstreamUnavailable)
			if !strings.Contains(e.Message+" "+e.Hint, tc.want) {
				t.Errorf("message %q, hint %q: want %q in them", e.Message, e.Hint, tc.want)
			}
		})
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCAFileIsTrusted(t *testing.T) {
	srv := httptest.NewTLSServer(&stub{})
	t.Cleanup(srv.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]hwa.Options{
		"ca-file":  {BaseURL: srv.URL, CAFile: file},
		"insecure": {BaseURL: srv.URL, InsecureSkipVerify: true},
	} {
		c, err := hwa.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		if i, err := c.Info(t.Context()); err != nil || i.TimeZone != "America/Sao_Paulo" || i.Version != "10.2.8.00" {
			t.Errorf("%s: Info = %+v (%v)", name, i, err)
		}
		_ = c.Close()
	}
	_, err := hwa.Open(hwa.Options{BaseURL: srv.URL, CAFile: filepath.Join(t.TempDir(), "none.pem")})
	wantCode(t, err, fault.Invalid)
}

func TestOpenChecksTheAddress(t *testing.T) {
	for _, o := range []hwa.Options{{}, {BaseURL: "mdm:31116"}, {BaseURL: "ftp://mdm"}, {BaseURL: "https://u:s3cret-pw@%zz/"}, {Host: "a b\x7f"}} {
		_, err := hwa.Open(o)
		e := wantCode(t, err, fault.Invalid)
		if strings.Contains(err.Error()+e.Hint, "s3cret-pw") {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}

func TestAddressForms(t *testing.T) {
	cases := map[string]hwa.Options{
		"https://mdm:31116/twsd/api/v2/engine/info":    {Host: "mdm"},
		"http://mdm:8080/twsd/api/v2/engine/info":      {Host: "mdm", Port: 8080, Scheme: "http"},
		"https://mdm:1/twsd/api/v2/engine/info":        {Host: "mdm:1"},
		"https://[::1]:31116/twsd/api/v2/engine/info":  {Host: "::1"},
		"https://mdm:2/twsd/api/v2/engine/info":        {BaseURL: "https://mdm:2/"},
		"https://mdm:3/twsd/api/v2/engine/info":        {BaseURL: "https://mdm:3/twsd"},
		"https://mdm:4/twsd/api/v2/engine/info":        {BaseURL: "https://mdm:4/twsd/api/v2/"},
		"https://gate/hwa/twsd/api/v2/engine/info":     {BaseURL: "https://gate/hwa"},
		"https://mdm:31116/twsd/api/v2/engine/info?":   {Host: "mdm "},
		"https://mdm:5/twsd/api/v2/engine/info#u:p":    {Host: "https://u:p@mdm:5"},
		"https://mdm:6/twsd/api/v2/engine/info#bearer": {BaseURL: "https://mdm:6", Token: "jwt", User: "u", Password: "p"},
	}
	for want, o := range cases {
		var got *http.Request
		o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
			got = r
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody}, nil
		})
		c, err := hwa.Open(o)
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		_, _ = c.Info(t.Context())
		url, cred, _ := strings.Cut(strings.TrimSuffix(want, "?"), "#")
		if got == nil || got.URL.String() != url {
			t.Errorf("asked %v, want %s", got, url)
			continue
		}
		auth := map[string]string{"": "", "u:p": "Basic " + base64.StdEncoding.EncodeToString([]byte("u:p")), "bearer": "Bearer jwt"}[cred]
		if got.Header.Get("Authorization") != auth {
			t.Errorf("%s: Authorization = %q, want %q", want, got.Header.Get("Authorization"), auth)
		}
	}
}

// A redirect may set a cookie and lead to the same place; no other is followed, and credentials go nowhere else.
func TestRedirects(t *testing.T) {
	var strangers atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	t.Cleanup(other.Close)
	s := &stub{}
	s.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if _, err := r.Cookie("LtpaToken2"); err != nil {
			http.SetCookie(w, &http.Cookie{Name: "LtpaToken2", Value: "x", Path: "/"})
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
			return true
		}
		return false
	}
	c := open(t, s)
	for range 2 {
		if _, err := c.Info(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.requests()); n != 3 {
		t.Errorf("requests = %d, want 3: the cookie is kept", n)
	}
	for _, to := range []string{other.URL + "/twsd/api/v2/engine/info", "/twsd/api/v2/plan/job/x/action/cancel", "/login"} {
		s.handle = func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, to, http.StatusFound)
			return true
		}
		before := len(s.requests())
		if _, err := c.Info(t.Context()); err == nil {
			t.Errorf("redirect to %s: no error", to)
		}
		if n := len(s.requests()) - before; n != 1 || strangers.Load() != 0 {
			t.Errorf("redirect to %s was followed", to)
		}
	}
}

func TestRetryOnceAndOnlyWhereItMayHelp(t *testing.T) {
	cases := []struct {
		name   string
		first  func(w http.ResponseWriter)
		calls  int32
		failed bool
	}{
		{"reset", func(w http.ResponseWriter) { reset(t, w) }, 2, false},
		{"503", func(w http.ResponseWriter) { w.WriteHeader(503) }, 2, false},
		{"503-with-short-wait", func(w http.ResponseWriter) { w.Header().Set("Retry-After", "0"); w.WriteHeader(503) }, 2, false},
		{"503-with-long-wait", func(w http.ResponseWriter) { w.Header().Set("Retry-After", "30"); w.WriteHeader(503) }, 1, true},
		{"500", func(w http.ResponseWriter) { w.WriteHeader(500) }, 1, true},
		{"401", func(w http.ResponseWriter) { w.WriteHeader(401) }, 1, true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			var calls atomic.Int32
			s := &stub{rows: map[string][]m{"job": jobs(2)}}
			s.handle = func(w http.ResponseWriter, _ *http.Request) bool {
				if calls.Add(1) == 1 {
					tc.first(w)
					return true
				}
				return false
			}
			c := open(t, s)
			ctx, counted := twstools.WithCallCounter(t.Context())
			_, err := c.Jobs(ctx, twstools.ListQuery{})
			if (err != nil) != tc.failed || calls.Load() != tc.calls || counted.Load() != int64(tc.calls) {
				t.Errorf("calls %d, counted %d, error %v; want %d, failed %v", calls.Load(), counted.Load(), err, tc.calls, tc.failed)
			}
		})
	}
}

// reset breaks the connection.
func reset(t *testing.T, w http.ResponseWriter) {
	t.Helper()
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Errorf("hijack: %v", err)
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func TestDeadlines(t *testing.T) {
	release := make(chan struct{})
	s := &stub{handle: func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-release:
		case <-r.Context().Done():
		}
		return true
	}}
	c := open(t, s, func(o *hwa.Options) { o.Timeout = 50 * time.Millisecond })
	_, err := c.Info(t.Context())
	e := wantCode(t, err, fault.Timeout)
	if !strings.Contains(e.Message, "50ms") {
		t.Errorf("message = %q, want the time that was waited", e.Message)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Info(ctx)
	wantCode(t, err, fault.Timeout)
	close(release)
}

// A server that drips an answer byte by byte does not hold the caller beyond the call's deadline.
func TestSlowDrip(t *testing.T) {
	s := &stub{handle: func(w http.ResponseWriter, r *http.Request) bool {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		_, _ = w.Write([]byte(`{"results":[`))
		for {
			select {
			case <-r.Context().Done():
				return true
			case <-tick.C:
				_, _ = w.Write([]byte(" "))
				_ = http.NewResponseController(w).Flush()
			}
		}
	}}
	c := open(t, s, func(o *hwa.Options) { o.Timeout = 80 * time.Millisecond })
	_, err := c.Jobs(t.Context(), twstools.ListQuery{})
	wantCode(t, err, fault.Timeout)
}

func TestFourCallsAtATime(t *testing.T) {
	var now, most atomic.Int32
	gate, arrived := make(chan struct{}), make(chan struct{}, 12)
	s := &stub{rows: map[string][]m{"job": jobs(1)}}
	s.handle = func(http.ResponseWriter, *http.Request) bool {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			old := most.Load()
			if n <= old || most.CompareAndSwap(old, n) {
				break
			}
		}
		arrived <- struct{}{}
		<-gate
		return false
	}
	c := open(t, s)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if _, err := c.Info(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for range 4 {
		<-arrived
	}
	close(gate)
	wg.Wait()
	if most.Load() != 4 {
		t.Errorf("calls at a time = %d, want 4", most.Load())
	}
}

func TestPlanNowFollowsTheEngine(t *testing.T) {
	clock := time.Date(2026, 3, 17, 2, 0, 0, 0, time.UTC)
	engine := time.Date(2026, 3, 17, 5, 30, 0, 0, time.UTC)
	withDate := true
	s := &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header()["Date"] = nil
		if withDate {
			w.Header().Set("Date", engine.Format(http.TimeFormat))
		}
		return false
	}}
	c := open(t, s, func(o *hwa.Options) { o.Clock = func() time.Time { return clock } })
	if now, ours := c.PlanNow(); !ours || !now.Equal(clock) {
		t.Errorf("before any answer: %v ours %v, want our own clock", now, ours)
	}
	if _, err := c.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(90 * time.Second)
	if now, ours := c.PlanNow(); ours || !now.Equal(engine.Add(90*time.Second)) {
		t.Errorf("PlanNow = %v ours %v, want %v of the engine", now, ours, engine.Add(90*time.Second))
	}
	withDate = false
	if _, err := c.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now, ours := c.PlanNow(); ours || !now.Equal(engine.Add(90*time.Second)) {
		t.Errorf("after an answer without Date: %v ours %v, want the last one moved on", now, ours)
	}
}

func TestLedgerAndLogCarryNoSecret(t *testing.T) {
	var logged bytes.Buffer
	s := &stub{rows: map[string][]m{"job": jobs(3)}}
	c := open(t, s, func(o *hwa.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	if _, err := c.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "J00001")}); err != nil {
		t.Fatal(err)
	}
	_, _ = c.Job(t.Context(), twstools.Ref{ID: "nope"})
	calls := c.Ledger()
	if len(calls) != 2 || calls[0].Template != "/plan/job" || calls[0].Count != 1 || calls[0].Bytes == 0 || calls[1].Template != "/plan/job/{id}" || calls[1].Failed != 1 {
		t.Errorf("ledger = %+v", calls)
	}
	if text := logged.String(); !strings.Contains(text, "/plan/job/{id}") || strings.Contains(text, "s3cret") || strings.Contains(text, "Basic") {
		t.Errorf("log = %s", text)
	}
}

// The client speaks to servers that know nothing but TLS 1.2, and to no older.
func TestOldTLSIsRefused(t *testing.T) {
	srv := httptest.NewUnstartedServer(&stub{})
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10} // #nosec G402 -- the test's point
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c, err := hwa.Open(hwa.Options{BaseURL: srv.URL, InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_, err = c.Info(t.Context())
	wantCode(t, err, fault.UpstreamUnavailable)
}
