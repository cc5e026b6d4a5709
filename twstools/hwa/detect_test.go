package hwa_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

func auto(o *hwa.Options) { o.API = "auto" }

// level is a server of some level: what its two introductions answer.
func level(v2, v1 http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/twsd/api/v2/engine/info":
			v2(w, r)
		case "/twsd/engine/info":
			v1(w, r)
		case "/twsd/api/v2/plan/job":
			writeJSON(w, m{"count": 1, "results": []m{{"id": "new", "name": "NEW"}}})
		case "/twsd/plan/current/job/query":
			writeJSON(w, []m{{"id": "old", "name": "OLD"}})
		default:
			http.NotFound(w, r)
		}
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func body(code int, typ, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", typ)
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text)
	}
}

var (
	newInfo = body(200, "application/json", `{"displayVersion":"10.2.8.00","timezone":"UTC"}`)
	oldInfo = body(200, "application/json", `{"version":"9.5.0.06","planTimezone":"Europe/Rome","timezone":"UTC","rdbmsUrl":"jdbc:db2://secret-db:50000/TWS","rdbmsUser":"secret-user"}`)
	page404 = body(404, "text/html", "<html>Error 404: SRVE0190E</html>")
	page200 = body(200, "text/html", "<html>Welcome</html>")
)

func TestDetects(t *testing.T) {
	for name, tc := range map[string]struct {
		v2, v1 http.HandlerFunc
		want   string // the job that its list has; "" for an error
		code   fault.Code
		says   string
	}{
		"both":                     {newInfo, oldInfo, "NEW", "", ""},
		"V2 alone":                 {newInfo, status(404), "NEW", "", ""},
		"V1 alone, 404":            {status(404), oldInfo, "OLD", "", ""},
		"V1 alone, 405":            {status(405), oldInfo, "OLD", "", ""},
		"V1 alone, a page":         {page404, oldInfo, "OLD", "", ""},
		"V1 alone, a welcome page": {page200, oldInfo, "OLD", "", ""},
		"V1 alone, an error body":  {body(404, "application/json", `{"messages":["nothing here"]}`), oldInfo, "OLD", "", ""},
		"V2 that denies its info":  {status(403), oldInfo, "NEW", "", ""},
		"V2 whose info fails":      {status(500), status(500), "NEW", "", ""},
		"neither":                  {status(404), status(404), "", fault.UpstreamUnavailable, "neither the V2 nor the V1"},
		"a portal":                 {page200, page200, "", fault.UpstreamUnavailable, "not the HWA API"},
		"some JSON for everything": {status(404), body(200, "application/json", `{"hello":"world"}`), "", fault.UpstreamUnavailable, "neither"},
		"wrong credentials":        {status(401), oldInfo, "", fault.UpstreamDenied, "refused the credentials"},
		"wrong credentials in V1":  {status(404), status(401), "", fault.UpstreamDenied, "refused the credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, level(tc.v2, tc.v1), auto)
			l, err := c.Jobs(t.Context(), twstools.ListQuery{})
			if tc.want == "" {
				if e := wantCode(t, err, tc.code); !strings.Contains(e.Message, tc.says) {
					t.Errorf("message = %q, want %q in it", e.Message, tc.says)
				}
				return
			}
			if err != nil || len(l.Items) != 1 || l.Items[0].Name != tc.want {
				t.Errorf("Jobs = %+v, %v, want %s", l.Items, err, tc.want)
			}
		})
	}
}

// The plan's zone is V1's, where it says one; and nothing of the database is told.
func TestInfoInEitherDialect(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{"v2": level(newInfo, oldInfo), "v1": level(status(404), oldInfo)} {
		c := open(t, h, auto)
		for range 2 {
			i, err := c.Info(t.Context())
			if err != nil || i.Dialect != name || i.TimeZone != "Europe/Rome" {
				t.Errorf("Info in %s = %+v, %v", name, i, err)
			}
		}
	}
	c := open(t, level(newInfo, status(404)), auto)
	if i, err := c.Info(t.Context()); err != nil || i.TimeZone != "UTC" {
		t.Errorf("Info without V1 = %+v, %v", i, err)
	}
}

func TestConcurrentFirstCallsAskOnce(t *testing.T) {
	var asked atomic.Int32
	c := open(t, level(status(404), func(w http.ResponseWriter, r *http.Request) { asked.Add(1); oldInfo(w, r) }), auto)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := c.Jobs(t.Context(), twstools.ListQuery{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("the engine was asked %d times what it is", n)
	}
}

// A caller who leaves while another asks does not wait for the answer.
func TestWaitingForTheAnswerKeepsTheDeadline(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	c := open(t, level(func(w http.ResponseWriter, r *http.Request) { close(asked); <-answer; newInfo(w, r) }, oldInfo), auto)
	done := make(chan error)
	go func() { _, err := c.Jobs(context.WithoutCancel(t.Context()), twstools.ListQuery{}); done <- err }()
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Jobs(ctx, twstools.ListQuery{})
	wantCode(t, err, fault.Timeout)
	close(answer)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// An engine that comes back after a loss may be another level; while it is away it is not asked without end.
func TestAsksAgainAfterALoss(t *testing.T) {
	var now atomic.Int64
	now.Store(time.Date(2026, 3, 17, 5, 0, 0, 0, time.UTC).UnixNano())
	var upgraded, away atomic.Bool
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v2 := status(404)
		if upgraded.Load() {
			v2 = newInfo
		}
		if strings.HasSuffix(r.URL.Path, "/engine/info") {
			asked.Add(1)
		}
		level(v2, oldInfo)(w, r)
	}))
	defer srv.Close()
	wire := http.DefaultTransport.(*http.Transport).Clone()
	defer wire.CloseIdleConnections()
	c, err := hwa.Open(hwa.Options{BaseURL: srv.URL, Clock: func() time.Time { return time.Unix(0, now.Load()) }, Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		if away.Load() {
			return nil, errors.New("no route")
		}
		return wire.RoundTrip(r)
	})})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	first := func() string {
		l, err := c.Jobs(t.Context(), twstools.ListQuery{})
		if err != nil || len(l.Items) != 1 {
			return ""
		}
		return l.Items[0].Name
	}
	if got := first(); got != "OLD" {
		t.Fatalf("before: %q", got)
	}
	away.Store(true)
	for range 20 {
		now.Add(int64(10 * time.Second))
		_ = first()
	}
	away.Store(false)
	upgraded.Store(true)
	asked.Store(0)
	for range 10 { // breakers and their rests included
		now.Add(int64(time.Minute))
		if first() == "NEW" {
			break
		}
	}
	if got := first(); got != "NEW" {
		t.Errorf("after the upgrade: %q", got)
	}
	if n := asked.Load(); n > 3 {
		t.Errorf("asked %d times what it is", n)
	}
	for range 5 {
		now.Add(int64(time.Hour))
		_ = first()
	}
	if n := asked.Load(); n > 3 {
		t.Errorf("asked %d times what it is, although it was never lost again", n)
	}
}

func TestSetDialectIsNotAskedAbout(t *testing.T) {
	for api, want := range map[string]string{"v1": "OLD", "v2": "NEW"} {
		c := open(t, level(status(500), status(500)), func(o *hwa.Options) { o.API = api })
		l, err := c.Jobs(t.Context(), twstools.ListQuery{})
		if err != nil || l.Items[0].Name != want {
			t.Errorf("%s: Jobs = %+v, %v", api, l.Items, err)
		}
	}
	if _, err := hwa.Open(hwa.Options{Host: "mdm", API: "v3"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("API v3 = %v", err)
	}
}
