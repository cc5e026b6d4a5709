package hwa_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/query"
)

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
	n := 0
	for _, r := range s.requests() {
		if strings.HasPrefix(r.URL.Path, "/twsd/api/v2/") { // the plan's zone is asked for elsewhere
			n++
		}
	}
	if n != 3 {
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
		{"503-with-a-second", func(w http.ResponseWriter) { w.Header().Set("Retry-After", "1"); w.WriteHeader(503) }, 2, false},
		{"429-with-a-second", func(w http.ResponseWriter) { w.Header().Set("Retry-After", "1"); w.WriteHeader(429) }, 2, false},
		{"503-with-long-wait", func(w http.ResponseWriter) { w.Header().Set("Retry-After", "30"); w.WriteHeader(503) }, 1, true},
		{"500", func(w http.ResponseWriter) { w.WriteHeader(500) }, 1, true},
		{"401", func(w http.ResponseWriter) { w.WriteHeader(401) }, 1, true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int32
				s := &stub{rows: map[string][]m{"job": jobs(2)}}
				s.handle = func(w http.ResponseWriter, _ *http.Request) bool {
					if calls.Add(1) == 1 {
						tc.first(w)
						return true
					}
					return false
				}
				c := alone(t, s)
				ctx, counted := twstools.WithCallCounter(t.Context(), nil)
				_, err := c.Jobs(ctx, twstools.ListQuery{})
				if (err != nil) != tc.failed || calls.Load() != tc.calls || counted.Load() != int64(tc.calls) {
					t.Errorf("calls %d, counted %d, error %v; want %d, failed %v", calls.Load(), counted.Load(), err, tc.calls, tc.failed)
				}
			})
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

// A stream that breaks off over HTTP/2 is a connection that breaks off.
func TestBrokenHTTP2StreamIsTriedAgain(t *testing.T) {
	var calls atomic.Int32
	s := named("MASTER")
	s.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if calls.Add(1) > 1 {
			return false
		}
		if r.ProtoMajor != 2 {
			t.Errorf("spoken: %s", r.Proto)
		}
		cutShort(w)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	srv := httptest.NewUnstartedServer(s)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c, err := hwa.Open(hwa.Options{BaseURL: srv.URL, InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if got, err := who(t, c); err != nil || got != "MASTER" || calls.Load() != 2 {
		t.Errorf("%q, %v after %d calls; want the second answer", got, err, calls.Load())
	}
}

func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{handle: func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }}
		c := alone(t, s, func(o *hwa.Options) { o.Timeout = 8 * time.Second })
		began := time.Now()
		_, err := c.Info(t.Context())
		e := wantCode(t, err, fault.Timeout)
		if took := time.Since(began); took != time.Second || !strings.Contains(e.Message, "within 1s") {
			t.Errorf("%s waited, message %q; want the eighth of the deadline that a first contact gets", took, e.Message)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = c.Info(ctx)
		wantCode(t, err, fault.Timeout)
	})
}

// A server that drips an answer byte by byte does not hold the caller beyond the call's deadline.
func TestSlowDrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := alone(t, &stub{handle: drip})
		began := time.Now()
		_, err := c.Jobs(t.Context(), twstools.ListQuery{})
		wantCode(t, err, fault.Timeout)
		if took := time.Since(began); took != 6*time.Second {
			t.Errorf("%s, want the 6 s of a first contact", took)
		}
	})
}

// drip sends a byte a second and never ends.
func drip(w http.ResponseWriter, r *http.Request) bool {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	_, _ = w.Write([]byte(`{"results":[`))
	for {
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return true
		case <-tick.C:
			_, _ = w.Write([]byte(" "))
		}
	}
}

func TestFourCallsAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		gate := make(chan struct{})
		s := &stub{handle: func(http.ResponseWriter, *http.Request) bool {
			most.Store(max(most.Load(), now.Add(1)))
			<-gate
			now.Add(-1)
			return false
		}}
		c := alone(t, s)
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				if _, err := c.Info(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if now.Load() != 4 {
			t.Errorf("%d calls under way, want 4", now.Load())
		}
		// The wait for a place is within the caller's deadline, and costs the engine nothing.
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := c.Info(short)
		wantCode(t, err, fault.Timeout)
		if took := time.Since(began); took != time.Second || len(s.requests()) != 4 {
			t.Errorf("waited %s with %d requests sent, want 1s and 4", took, len(s.requests()))
		}
		close(gate)
		wg.Wait()
		if most.Load() != 4 {
			t.Errorf("calls at a time = %d, want 4", most.Load())
		}
	})
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
	_, _ = c.Prompts(t.Context(), twstools.ListQuery{})
	calls := c.Ledger()
	if len(calls) != 3 || calls[0].Template != "/plan/job" || calls[0].Count != 1 || calls[0].Bytes == 0 || calls[1].Template != "/plan/job/{id}" || calls[1].Failed != 1 ||
		calls[1].Errors[fault.NotFound] != 1 || calls[2].Errors[fault.Unsupported] != 1 || calls[2].Answers != 1 {
		t.Errorf("ledger = %+v", calls)
	}
	calls[1].Errors[fault.NotFound] = 9 // a copy
	if c.Ledger()[1].Errors[fault.NotFound] != 1 {
		t.Error("the ledger hands out its own map")
	}
	if text := logged.String(); !strings.Contains(text, "/plan/job/{id}") || strings.Contains(text, "s3cret") || strings.Contains(text, "Basic") {
		t.Errorf("log = %s", text)
	}
}

// Latency is measured by the clock that the client was given, to the last byte; retries are requests, not answers.
func TestLedgerMeasures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		waits := []time.Duration{0, 3 * time.Millisecond, 30 * time.Millisecond, 700 * time.Millisecond, 2 * time.Second}
		s := named("MASTER")
		s.handle = func(w http.ResponseWriter, _ *http.Request) bool {
			i := int(n.Add(1)) - 1
			if i == len(waits) {
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
			time.Sleep(waits[i%len(waits)])
			return false
		}
		c := alone(t, s)
		for range len(waits) + 1 {
			if _, err := who(t, c); err != nil {
				t.Fatal(err)
			}
		}
		row := c.Ledger()[0]
		if row.Count != 7 || row.Answers != 7 || row.Failed != 1 || row.Errors[fault.UpstreamUnavailable] != 1 || row.Slowest != 2*time.Second || row.Latency < 2733*time.Millisecond || row.Bytes == 0 {
			t.Errorf("row = %+v", row)
		}
		bounds := hwa.LatencyBounds()
		if len(row.Buckets) != len(bounds) || !slices.IsSorted(row.Buckets) || !slices.IsSorted(bounds) || row.Buckets[len(bounds)-1] != row.Answers {
			t.Errorf("buckets = %v of %v", row.Buckets, bounds)
		}
		for i, bound := range bounds { // 0 and 3 ms; 0 again and the 503 at once
			if want := map[time.Duration]int64{5 * time.Millisecond: row.Answers - 3, 50 * time.Millisecond: row.Answers - 2, time.Second: row.Answers - 1}[bound]; want > 0 && row.Buckets[i] != want {
				t.Errorf("%d answers within %s, want %d", row.Buckets[i], bound, want)
			}
		}
	})
}

// Requests that the HTTP client makes by itself, such as following a redirect to the same place, are in the ledger too.
func TestLedgerCountsRedirects(t *testing.T) {
	s := named("MASTER")
	s.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if _, err := r.Cookie("seen"); err != nil {
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "x", Path: "/"})
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
			return true
		}
		return false
	}
	c := open(t, s)
	if _, err := who(t, c); err != nil {
		t.Fatal(err)
	}
	if row := c.Ledger()[0]; row.Count != 2 || row.Answers != 1 || len(s.requests()) != 2 {
		t.Errorf("%d requests arrived, row %+v", len(s.requests()), row)
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
