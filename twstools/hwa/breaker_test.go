package hwa_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// A breaker opens after most calls failed, says since when, lets one call through after its rest, and closes when that one is answered.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ill atomic.Bool
		s := named("MASTER")
		s.handle = func(w http.ResponseWriter, _ *http.Request) bool {
			if ill.Load() {
				w.WriteHeader(http.StatusBadGateway)
			}
			return ill.Load()
		}
		var logged bytes.Buffer
		c := alone(t, s, func(o *hwa.Options) { o.Logger = slog.New(slog.NewTextHandler(&logged, nil)) })
		if _, err := who(t, c); err != nil {
			t.Fatal(err)
		}
		ill.Store(true)
		began := time.Now()
		var before int
		for range 60 {
			before = len(s.requests())
			_, err := who(t, c)
			e := wantCode(t, err, fault.UpstreamUnavailable)
			if len(s.requests()) == before {
				if want := fmt.Sprintf("failing since %s", began.UTC().Format("2006-01-02T15:04")); !strings.Contains(e.Message, want) || !strings.Contains(e.Message, "HTTP 502") || e.Hint == "" {
					t.Errorf("message %q, hint %q; want %q and the last answer in it", e.Message, e.Hint, want)
				}
				break
			}
		}
		if before > 30 || len(s.requests()) != before {
			t.Fatalf("%d requests reached a server that fails all the time", len(s.requests()))
		}
		if state := c.Hosts()[0]; state.Failing.Before(began) || !state.NotBefore.After(time.Now()) {
			t.Errorf("state = %+v", state)
		}
		time.Sleep(11 * time.Second)
		if _, err := who(t, c); err == nil || len(s.requests()) != before+1 {
			t.Errorf("half open: %d requests, want one probe (%v)", len(s.requests())-before, err)
		}
		if _, err := who(t, c); err == nil || len(s.requests()) != before+1 {
			t.Errorf("%d requests after a failed probe", len(s.requests())-before)
		}
		ill.Store(false)
		time.Sleep(11 * time.Second)
		for range 3 {
			if _, err := who(t, c); err != nil {
				t.Errorf("after recovery: %v", err)
			}
		}
		if state := c.Hosts()[0]; !state.Failing.IsZero() || !state.NotBefore.IsZero() {
			t.Errorf("state after recovery = %+v", state)
		}
	})
}

// While half open, one call goes and the others are told at once.
func TestOneProbeAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var probing atomic.Bool
		s := named("MASTER")
		s.handle = func(w http.ResponseWriter, _ *http.Request) bool {
			if probing.Load() {
				<-gate
				return false
			}
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		c := alone(t, s)
		for range 40 {
			_, _ = who(t, c)
		}
		time.Sleep(11 * time.Second)
		probing.Store(true)
		before := len(s.requests())
		answers := make(chan error, 4)
		for range 4 {
			go func() { _, err := who(t, c); answers <- err }()
		}
		synctest.Wait()
		if n := len(s.requests()) - before; n != 1 || len(answers) != 3 {
			t.Errorf("%d requests under way and %d calls told, want 1 and 3", n, len(answers))
		}
		close(gate)
		good := 0
		for range 4 {
			if err := <-answers; err == nil {
				good++
			}
		}
		if good != 1 {
			t.Errorf("%d calls were answered, want the probe", good)
		}
	})
}

// A server that says how long it wants to be left alone is left alone.
func TestRetryAfterIsHonoured(t *testing.T) {
	for name, head := range map[string]func() string{
		"seconds": func() string { return "20" },
		"date":    func() string { return time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var busy atomic.Bool
				busy.Store(true)
				s := named("MASTER")
				s.handle = func(w http.ResponseWriter, _ *http.Request) bool {
					if busy.Load() {
						w.Header().Set("Retry-After", head())
						w.WriteHeader(http.StatusServiceUnavailable)
					}
					return busy.Load()
				}
				c := alone(t, s)
				for range 3 {
					_, err := who(t, c)
					wantCode(t, err, fault.UpstreamUnavailable)
				}
				if n := len(s.requests()); n != 1 {
					t.Errorf("%d requests within the time that the server asked for, want 1", n)
				}
				busy.Store(false)
				time.Sleep(21 * time.Second)
				if _, err := who(t, c); err != nil {
					t.Errorf("after that time: %v", err)
				}
			})
		})
	}
}

// An engine whose hosts answer, but which refuses our credentials, turns readers away or lacks its database, is spared too; one that refuses single
// objects is not ill.
func TestEngineBreaker(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		code   fault.Code
		spared bool
	}{
		"credentials": {401, "<html>", fault.UpstreamDenied, true},
		"too-many":    {429, "", fault.UpstreamUnavailable, true},
		"database":    {500, `{"messages":["AWSJDB801E down"]}`, fault.UpstreamUnavailable, true},
		"no-right":    {403, `{"messages":["AWSJDB817E no"]}`, fault.UpstreamDenied, false},
		"one-object":  {500, `{"messages":["AWSJSY404E AWSBIN076E"]}`, fault.UpstreamUnavailable, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
					w.WriteHeader(tc.status)
					_, _ = w.Write([]byte(tc.body))
					return true
				}}
				c := alone(t, s)
				for range 40 {
					_, err := c.Info(t.Context())
					wantCode(t, err, tc.code)
				}
				before := len(s.requests())
				_, err := c.Info(t.Context())
				wantCode(t, err, tc.code)
				if spared := len(s.requests()) == before; spared != tc.spared {
					t.Errorf("spared after %d requests: %v, want %v", before, spared, tc.spared)
				}
				time.Sleep(6 * time.Second)
				if tc.status == http.StatusUnauthorized { // kept back for longer, lest the account be locked
					time.Sleep(time.Minute)
				}
				if _, err := c.Info(t.Context()); err == nil || len(s.requests()) == before {
					t.Error("not asked again after the rest")
				}
			})
		})
	}
}

// An engine is left alone when half of at least twenty calls failed, not before and not much later.
func TestEngineBreakerOpensAtHalf(t *testing.T) {
	for _, good := range []int{0, 5, 30} {
		t.Run(fmt.Sprintf("after-%d", good), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ill atomic.Bool
				s := &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
					if ill.Load() {
						w.WriteHeader(http.StatusTooManyRequests)
					}
					return ill.Load()
				}}
				c := alone(t, s)
				for range good {
					if _, err := c.Info(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				ill.Store(true)
				well := len(s.requests())
				before := -1
				for range 200 {
					_, _ = c.Info(t.Context())
					if n := len(s.requests()); n == before {
						break
					}
					before = len(s.requests())
				}
				want := max(20-well, well)
				if failed := before - well; failed < want || failed > want+2 {
					t.Errorf("left alone after %d failures on %d good answers, want %d", failed, well, want)
				}
			})
		})
	}
}
