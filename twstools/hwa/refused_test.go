package hwa_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// locked is an engine that refuses all credentials and counts how often it saw some.
func locked(sent *atomic.Int64, until func() bool, well http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if until() {
			well.ServeHTTP(w, r)
			return
		}
		if r.Header.Get("Authorization") != "" {
			sent.Add(1)
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// A wrong password must not lock the account: whoever asks and however often, the engine sees it three times in a quarter of an hour at most.
func TestRefusedCredentialsAreKeptBack(t *testing.T) {
	for _, api := range []string{"auto", "v2", "v1"} {
		var sent atomic.Int64
		var well atomic.Bool
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		c := open(t, locked(&sent, well.Load, &stub{rows: map[string][]m{"job": jobs(3)}}), func(o *hwa.Options) {
			o.API, o.Clock = api, func() time.Time { return now }
		})
		for range 60 { // a refresh every 15 s
			_, err := c.Jobs(t.Context(), twstools.ListQuery{})
			e := wantCode(t, err, fault.UpstreamDenied)
			if !strings.Contains(e.Hint, "TWS_PASSWORD") {
				t.Fatalf("%s: the hint does not name the setting: %q", api, e.Hint)
			}
			now = now.Add(15 * time.Second)
		}
		if n := sent.Load(); n == 0 || n > 3 {
			t.Errorf("%s: the wrong password was sent %d times within a quarter of an hour, want 1 to 3", api, n)
		}
		well.Store(true)
		now = now.Add(15 * time.Minute)
		if api == "v1" {
			continue // the stub speaks V2
		}
		if _, err := c.Jobs(t.Context(), twstools.ListQuery{}); err != nil {
			t.Errorf("%s: the engine takes the password again, and yet: %v", api, err)
		}
	}
}

// One path with rules of its own must not cut off an engine that serves the others.
func TestARefusalOfOnePathKeepsTheRest(t *testing.T) {
	s := &stub{rows: map[string][]m{"job": jobs(3)}}
	s.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/plan/prompt") {
			return false
		}
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	c := open(t, s)
	for range 10 {
		if _, err := c.Jobs(t.Context(), twstools.ListQuery{}); err != nil {
			t.Fatalf("jobs: %v", err)
		}
		_, err := c.Prompts(t.Context(), twstools.ListQuery{})
		wantCode(t, err, fault.UpstreamDenied)
	}
}

// A list whose rows are no list is a broken answer, not an empty plan; rows that the engine counts and does not send, or sends twice, are told.
func TestListsThatLie(t *testing.T) {
	answer := func(body any) *stub {
		s := &stub{}
		s.handle = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/plan/job") {
				return false
			}
			if f, ok := body.(func(*http.Request) m); ok {
				writeJSON(w, f(r))
			} else {
				writeJSON(w, body)
			}
			return true
		}
		return s
	}
	for _, rows := range []any{"none", 5, m{"name": "J"}, true} {
		_, err := open(t, answer(m{"count": 5, "results": rows})).Jobs(t.Context(), twstools.ListQuery{})
		wantCode(t, err, fault.UpstreamUnavailable)
	}
	list, err := open(t, answer(m{"count": 5, "results": []m{}})).Jobs(t.Context(), twstools.ListQuery{})
	if err != nil || !list.Incomplete {
		t.Errorf("five jobs counted and none sent: Incomplete %v, %v", list.Incomplete, err)
	}
	all := jobs(6)
	list, err = open(t, answer(func(r *http.Request) m {
		if r.URL.Query().Get("offset") == "0" || r.URL.Query().Get("offset") == "" {
			return m{"count": 6, "results": all[:3], "next": "x"}
		}
		return m{"count": 6, "results": []m{all[2], all[4], all[5]}} // a row slipped away between the pages
	})).Jobs(t.Context(), twstools.ListQuery{})
	if err != nil || len(list.Items) != 5 || !list.Incomplete {
		t.Errorf("a page that overlaps: %d rows, Incomplete %v, %v; want 5, true", len(list.Items), list.Incomplete, err)
	}
}
