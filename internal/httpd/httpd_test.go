package httpd_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "hunter2"

type logs struct{ bytes.Buffer }

func (l *logs) options() httpd.Options {
	return httpd.Options{Logger: slog.New(slog.NewJSONHandler(&l.Buffer, nil)), Hosts: []string{"resync.example", "Alt.example:8443"}}
}

// request makes one as if it came over loopback to localhost:8000.
func request(t *testing.T, method, target, body string, header ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

type problem struct {
	Type, Title, Detail, Code, Hint, Source string
	Status                                  int
	Candidates                              []string
	CorrelationID                           string `json:"correlation_id"`
}

func problemOf(t *testing.T, w *httptest.ResponseRecorder) problem {
	t.Helper()
	var p problem
	if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
		t.Fatalf("content type is %q, body %s", ct, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != w.Code || p.CorrelationID != w.Header().Get("X-Request-ID") || p.Type != "about:blank" {
		t.Errorf("document %+v does not fit status %d and id %s", p, w.Code, w.Header().Get("X-Request-ID"))
	}
	return p
}

func TestProblems(t *testing.T) {
	tests := []struct {
		err  error
		want int
		code string
	}{
		{fault.New(fault.Invalid, "m"), 400, "invalid"},
		{fault.New(fault.Unauthorized, "m"), 401, "unauthorized"},
		{fault.New(fault.Forbidden, "m"), 403, "forbidden"},
		{fault.New(fault.NotFound, "m").WithCandidates("a"), 404, "not_found"},
		{fault.New(fault.Ambiguous, "m"), 409, "ambiguous"},
		{fault.New(fault.Conflict, "m"), 409, "conflict"},
		{fault.New(fault.Limited, "m"), 429, "limited"},
		{fault.New(fault.Internal, "m"), 500, "internal"},
		{fault.New(fault.Unsupported, "m"), 501, "unsupported"},
		{fault.New(fault.UpstreamDenied, "m"), 502, "upstream_denied"},
		{fault.New(fault.UpstreamUnavailable, "m"), 503, "upstream_unavailable"},
		{fault.New(fault.Timeout, "m"), 504, "timeout"},
		{fmt.Errorf("wrapped: %w", context.DeadlineExceeded), 504, "timeout"},
		{fmt.Errorf("%s: %w", secret, &http.MaxBytesError{Limit: 1}), 413, "limited"},
		{errors.New(secret), 500, "internal"},
		{fault.Wrap(fault.Invalid, errors.New(secret), "m").WithHint("h").WithSource("engine:x"), 400, "invalid"},
	}
	for _, tt := range tests {
		var l logs
		h := httpd.Chain(httpd.Handler(func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Length", "7") // of the answer that did not come about
			return tt.err
		}), httpd.Guards(l.options()))
		w := serve(h, request(t, http.MethodGet, "http://localhost:8000/x?token="+secret, "", "X-Request-ID", "abcd-1234"))
		p := problemOf(t, w)
		if w.Code != tt.want || p.Code != tt.code || w.Header().Get("Content-Length") == "7" {
			t.Errorf("%v: %d %+v", tt.err, w.Code, p)
		}
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("%v: shows %s", tt.err, w.Body)
		}
		if w.Header().Get("X-Request-ID") != "abcd-1234" || !strings.Contains(l.String(), `"correlation_id":"abcd-1234"`) {
			t.Errorf("id is not kept: %s", l.String())
		}
		if strings.Contains(l.String(), "token") || !strings.Contains(l.String(), `"error":`) {
			t.Errorf("log line: %s", l.String())
		}
		if got := strings.Contains(l.String(), `"level":"ERROR"`); got != (tt.want >= 500) {
			t.Errorf("%v: level in %s", tt.err, l.String())
		}
	}
}

func TestRequestID(t *testing.T) {
	h := httpd.RequestID(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, toolkit.Correlation(r.Context()))
	}))
	for given, kept := range map[string]bool{"abcdefgh": true, "A-1-b-2-c": true, "short": false, "with space!": false, "new\nline-123": false, strings.Repeat("a", 65): false, "": false} {
		w := serve(h, request(t, http.MethodGet, "/", "", "X-Request-ID", given))
		id := w.Header().Get("X-Request-ID")
		if (id == given) != kept || len(id) < 8 || w.Body.String() != id {
			t.Errorf("given %q got %q", given, id)
		}
	}
}

func TestRecover(t *testing.T) {
	var l logs
	h := httpd.Chain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(secret) }), httpd.Guards(l.options()))
	w := serve(h, request(t, http.MethodGet, "http://localhost/", ""))
	if p := problemOf(t, w); w.Code != 500 || p.Code != "internal" || strings.Contains(w.Body.String(), secret) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(l.String(), secret) || !strings.Contains(l.String(), "httpd_test.go") {
		t.Errorf("the log lacks the panic: %s", l.String())
	}
	late := httpd.Chain(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "begun")
		panic(secret)
	}), httpd.Guards(l.options()))
	if w := serve(late, request(t, http.MethodGet, "http://localhost/", "")); w.Body.String() != "begun" || w.Code != 200 {
		t.Errorf("a panic after the answer began gave %d %s", w.Code, w.Body)
	}
	abort := httpd.Chain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), httpd.Guards(l.options()))
	defer func() {
		if p := recover(); p != http.ErrAbortHandler { //nolint:errorlint // the identity is the point
			t.Errorf("abort became %v", p)
		}
	}()
	serve(abort, request(t, http.MethodGet, "http://localhost/", ""))
}

func TestSecurityHeaders(t *testing.T) {
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	w := serve(httpd.Chain(httpd.NoStore(ok), httpd.Guards(httpd.Options{})), request(t, http.MethodGet, "http://localhost/", ""))
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'",
		"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		"Cache-Control": "no-store", "Strict-Transport-Security": "",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	w = serve(httpd.Chain(ok, httpd.Guards(httpd.Options{HTTPS: true})), request(t, http.MethodGet, "http://localhost/", ""))
	tls := serve(httpd.Chain(ok, httpd.Guards(httpd.Options{})), request(t, http.MethodGet, "https://localhost/", ""))
	if w.Header().Get("Strict-Transport-Security") == "" || tls.Header().Get("Strict-Transport-Security") == "" {
		t.Error("no strict transport security under TLS")
	}
}

func TestBodyLimit(t *testing.T) {
	read := 0
	h := httpd.Chain(httpd.Handler(func(_ http.ResponseWriter, r *http.Request) error {
		b, err := io.ReadAll(r.Body)
		read = len(b)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The body cannot be read.")
		}
		return nil
	}), httpd.Guards(httpd.Options{MaxBody: 10}))
	for _, tt := range []struct {
		body   string
		unsaid bool
		want   int
		read   int
	}{{"0123456789", false, 200, 10}, {"0123456789", true, 200, 10}, {"01234567890", false, 413, 0}, {strings.Repeat("x", 5000), true, 413, 10}} {
		read = 0
		r := request(t, "POST", "http://localhost/", tt.body)
		if tt.unsaid {
			r.ContentLength = -1
		}
		if w := serve(h, r); w.Code != tt.want || read != tt.read {
			t.Errorf("%d bytes, unsaid %v: %d after %d bytes", len(tt.body), tt.unsaid, w.Code, read)
		}
	}
}

func TestMethodNotAllowed(t *testing.T) {
	h := httpd.Chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { httpd.MethodNotAllowed(w, r, "GET", "HEAD") }), httpd.Guards(httpd.Options{}))
	w := serve(h, request(t, "PUT", "http://localhost/", ""))
	if p := problemOf(t, w); w.Code != 405 || p.Status != 405 || p.Title != "Method Not Allowed" || p.Code != "invalid" || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("%d %v %+v", w.Code, w.Header(), p)
	}
}

func TestRateLimit(t *testing.T) {
	h := httpd.Chain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), httpd.RequestID, httpd.RateLimit(2, time.Hour))
	as := func(ip, caller string) *httptest.ResponseRecorder {
		r := request(t, "GET", "http://localhost/", "", "X-Forwarded-For", "9.9.9.9", "X-Real-IP", "9.9.9.9")
		r.RemoteAddr = ip + ":1234"
		if caller != "" {
			r = r.WithContext(auth.WithCaller(r.Context(), auth.Caller{ID: caller}))
		}
		return serve(h, r)
	}
	for i, tt := range []struct {
		ip, caller string
		want       int
	}{
		{"192.0.2.1", "", 200}, {"192.0.2.1", "", 200}, {"192.0.2.1", "", 429}, {"192.0.2.2", "", 200},
		{"192.0.2.1", "u1", 200}, {"192.0.2.2", "u1", 200}, {"192.0.2.3", "u1", 429}, {"192.0.2.3", "u2", 200},
	} {
		w := as(tt.ip, tt.caller)
		if w.Code != tt.want {
			t.Errorf("request %d %v: %d", i, tt, w.Code)
		}
		if w.Code == 429 && (problemOf(t, w).Code != "limited" || w.Header().Get("Retry-After") == "") {
			t.Errorf("429 without a document or Retry-After: %v %s", w.Header(), w.Body)
		}
	}
}

// Pitfall 17: behind all guards a handler still finds a Flusher, and what it flushes arrives while it goes on.
func TestStreaming(t *testing.T) {
	next := make(chan struct{})
	h := httpd.Chain(httpd.Handler(func(w http.ResponseWriter, _ *http.Request) error {
		f, ok := w.(http.Flusher)
		if !ok {
			return errors.New("no flusher")
		}
		_, _ = io.WriteString(w, "one\n")
		f.Flush()
		<-next
		_, _ = io.WriteString(w, "two\n")
		return http.NewResponseController(w).Flush()
	}), httpd.Guards(httpd.Options{}), httpd.RateLimit(10, time.Minute), httpd.NoStore)
	srv := httptest.NewServer(h)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || lines.Text() != "one" {
		t.Fatalf("first line %q", lines.Text())
	}
	close(next)
	if !lines.Scan() || lines.Text() != "two" {
		t.Errorf("second line %q", lines.Text())
	}
}

func TestClientGone(t *testing.T) {
	var l logs
	ctx, cancel := context.WithCancel(t.Context())
	h := httpd.Chain(httpd.Handler(func(_ http.ResponseWriter, r *http.Request) error {
		cancel()
		return r.Context().Err()
	}), httpd.Guards(l.options()))
	w := serve(h, request(t, "GET", "http://localhost/", "").WithContext(ctx))
	if w.Code == http.StatusOK || !strings.Contains(l.String(), `"status":499`) {
		t.Errorf("body %q, log %s", w.Body, l.String())
	}
}

func TestAccessLogKnowsTheCaller(t *testing.T) {
	var l logs
	authenticate := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Caller{ID: "u7"})))
		})
	}
	h := httpd.Chain(httpd.Handler(func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusCreated)
		_, err := io.WriteString(w, "12345")
		return err
	}), httpd.Guards(l.options()), authenticate)
	serve(h, request(t, "POST", "http://localhost/a?password="+secret, "", "Authorization", "Bearer "+secret))
	for _, want := range []string{`"caller":"u7"`, `"status":201`, `"bytes":5`, `"path":"/a"`, `"method":"POST"`, `"level":"INFO"`} {
		if !strings.Contains(l.String(), want) {
			t.Errorf("no %s in %s", want, l.String())
		}
	}
	if strings.Contains(l.String(), secret) {
		t.Errorf("the log has a secret: %s", l.String())
	}
}
