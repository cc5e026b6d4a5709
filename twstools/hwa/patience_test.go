package hwa_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// An engine that has never answered is waited for twice, not once per read; after a while it is asked again.
func TestSilentEngineIsNotWaitedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{handle: func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }}
		c := alone(t, s)
		_, err := c.Info(t.Context())
		wantCode(t, err, fault.Timeout)
		for range 3 {
			_, err = c.Jobs(t.Context(), twstools.ListQuery{})
			wantCode(t, err, fault.Timeout)
		}
		if n := len(s.requests()); n != 2 {
			t.Errorf("%d calls reached the engine, want 2: itself and one list", n)
		}
		time.Sleep(time.Minute)
		_, err = c.Info(t.Context())
		wantCode(t, err, fault.Timeout)
		if n := len(s.requests()); n != 3 {
			t.Errorf("%d calls after a minute, want 3", n)
		}
	})
}

// A side read that stalls costs its share of the time once; the other reads go on.
func TestStalledSideReadIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		s := &stub{rows: map[string][]m{"job": {{"id": "j1", "name": "PAY"}}}, handle: func(_ http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/resource") {
				return false
			}
			calls.Add(1)
			<-r.Context().Done()
			return true
		}}
		c := alone(t, s)
		if _, err := c.Jobs(t.Context(), twstools.ListQuery{}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			_, err := c.Resources(t.Context(), twstools.ListQuery{})
			wantCode(t, err, fault.Timeout)
			if list, err := c.Jobs(t.Context(), twstools.ListQuery{}); err != nil || len(list.Items) != 1 {
				t.Errorf("jobs beside a stalled read: %d, %v", len(list.Items), err)
			}
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("%d calls of the read that stalls, want 1", n)
		}
	})
}

// What came of a log before it stalled is kept, and marked as not whole.
func TestStalledLogKeepsItsLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{handle: func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/joblog") {
				return false
			}
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "one\ntwo\n")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			return true
		}}
		log, err := alone(t, s).Logs(t.Context(), twstools.LogQuery{RunID: "r1"})
		if err != nil || len(log.Lines) != 2 || !log.Truncated || log.Lines[1] != (twstools.LogLine{N: 2, Text: "two"}) {
			t.Errorf("log = %+v, %v; want two lines, truncated", log, err)
		}
	})
}

// A good status with an answer of no known form is no empty plan.
func TestListsOfAnotherForm(t *testing.T) {
	for _, body := range []string{"null", `{"foo":1}`, `{"results":"no"}`, `{}`} {
		c := open(t, &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
			return true
		}})
		_, err := c.Jobs(t.Context(), twstools.ListQuery{})
		if e := wantCode(t, err, fault.UpstreamUnavailable); !strings.Contains(e.Message, "form") {
			t.Errorf("%s: message %q", body, e.Message)
		}
	}
}

// An engine that takes long to say what it is, is given more time at each try, until it can be read.
func TestSlowEngineIsReadInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := named("SLOW")
		s.handle = func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/engine/info") {
				select {
				case <-time.After(20 * time.Second): // of the thirty that a call may take
				case <-r.Context().Done():
					return true
				}
			}
			return false
		}
		c := alone(t, s)
		var err error
		tries := 0
		for tries = 1; tries <= 6; tries++ {
			if _, err = c.Info(t.Context()); err == nil {
				break
			}
			wantCode(t, err, fault.Timeout)
			time.Sleep(25 * time.Second)
		}
		if err != nil || tries != 4 {
			t.Errorf("read at try %d: %v, want the fourth, with the whole deadline", tries, err)
		}
	})
}
