package alert_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/alert"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// sender is a Watch over one webhook, with a log that can be read.
func sender(t *testing.T, c *clock, h alert.Webhook) (*alert.Book, *alert.Watch, *bytes.Buffer) {
	t.Helper()
	b := book(t, storetest.Open(t, storetest.Kind{}.Options(t, alert.Room())), c)
	var log bytes.Buffer
	w, err := alert.NewWatch(alert.Options{Engines: []alert.Engine{{Key: "default", Name: "default"}}, Webhooks: []alert.Webhook{h}, Book: b, Now: c.now, Timeout: 300 * time.Millisecond,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	return b, w, &log
}

// Receivers that are busy, broken, slow or gone are asked again: not before they said, not too often, and not for ever.
func TestReceiversInTrouble(t *testing.T) {
	stall := make(chan struct{})
	for _, tt := range []struct {
		name string
		says func(n int, w http.ResponseWriter, r *http.Request)
		// after each wait, how many deliveries there were
		waits []time.Duration
		tries []int
		left  int
		log   string
	}{
		{"429 with seconds", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", "120")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, []time.Duration{0, 119 * time.Second, time.Second}, []int{1, 1, 2}, 0, "it answered 429"},
		{"429 with a date", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", monday.Add(time.Minute).UTC().Format(http.TimeFormat))
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, []time.Duration{0, 59 * time.Second, time.Second}, []int{1, 1, 2}, 0, "it answered 429"},
		{"429 for a year", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", "31536000")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, []time.Duration{0, 59 * time.Minute, time.Minute}, []int{1, 1, 2}, 0, "wait=1h0m0s"},
		{"429 with a date in a year", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", monday.AddDate(1, 0, 0).UTC().Format(http.TimeFormat))
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, []time.Duration{0, 59 * time.Minute, time.Minute}, []int{1, 1, 2}, 0, "wait=1h0m0s"},
		{"500 twice", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n < 3 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}, []time.Duration{0, 4 * time.Second, time.Second, 9 * time.Second, time.Second}, []int{1, 1, 2, 2, 3}, 0, "it answered 500"},
		{"stalls", func(n int, _ http.ResponseWriter, r *http.Request) {
			if n == 1 {
				select {
				case <-r.Context().Done():
				case <-stall:
				}
			}
		}, []time.Duration{0, 5 * time.Second}, []int{1, 2}, 0, "did not answer in time"},
		{"hangs up", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				panic(http.ErrAbortHandler)
			}
		}, []time.Duration{0, 5 * time.Second}, []int{1, 2}, 0, "could not be reached"},
		{"404", func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, []time.Duration{0, time.Hour}, []int{1, 1}, 0, "given up"},
		{"redirects", func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, []time.Duration{0, time.Hour}, []int{1, 1}, 0, "redirects are not followed"},
		{"talks without end", func(_ int, w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
					return
				}
			}
		}, []time.Duration{0, time.Hour}, []int{1, 1}, 0, "message sent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &clock{t: monday}
			x := receive(t, tt.says)
			h := hook("ops", x.URL+"/T0SECRETPATH")
			b, w, log := sender(t, c, h)
			observe(t, b, seen(c, finding("a", alert.High)), h)
			for i, wait := range tt.waits {
				c.advance(wait)
				if _, err := w.Send(t.Context(), h); err != nil {
					t.Fatal(err)
				}
				if got := len(x.deliveries()); got != tt.tries[i] {
					t.Errorf("after %s: %d deliveries, want %d", wait, got, tt.tries[i])
				}
			}
			if n := flush(t, w); n != tt.left {
				t.Errorf("%d wait, want %d", n, tt.left)
			}
			if !strings.Contains(log.String(), tt.log) {
				t.Errorf("the log does not say %q:\n%s", tt.log, log)
			}
			if strings.Contains(log.String(), "T0SECRETPATH") || strings.Contains(log.String(), "127.0.0.1") {
				t.Errorf("the log names the address:\n%s", log)
			}
		})
	}
	close(stall)
}

// A receiver that is down for good gets twelve attempts, then the next message has its turn.
func TestGivenUp(t *testing.T) {
	c := &clock{t: monday}
	x := receive(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	h := hook("ops", x.URL)
	b, w, log := sender(t, c, h)
	observe(t, b, seen(c, finding("a", alert.High)), h)
	for range 40 {
		if _, err := w.Send(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		c.advance(31 * time.Minute)
	}
	if n := len(x.deliveries()); n != 12 || flush(t, w) != 0 || !strings.Contains(log.String(), "attempts=12") {
		t.Errorf("%d attempts\n%s", n, log)
	}
}

// The signature is what the documents say, over the bytes as they were sent.
func TestSignature(t *testing.T) {
	c := &clock{t: monday}
	x := receive(t, nil)
	h := hook("ops", x.URL)
	h.Secret = secret.New("the key of both")
	b, w, _ := sender(t, c, h)
	observe(t, b, seen(c, finding("a", alert.High)), h)
	flush(t, w)
	d := x.deliveries()[0]
	at, err := strconv.ParseInt(d.header.Get(alert.TimestampHeader), 10, 64)
	if err != nil || at != monday.Unix() {
		t.Errorf("timestamp %q", d.header.Get(alert.TimestampHeader))
	}
	if got := d.header.Get(alert.SignatureHeader); got != alert.Sign(h.Secret, at, d.body) || !strings.HasPrefix(got, "v1=") || len(got) != 3+64 {
		t.Errorf("signature %q", got)
	}
	if got := alert.Sign(secret.New("key"), 1700000000, []byte(`{"a":1}`)); got != "v1=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03" {
		t.Errorf("a known signature is %s", got)
	}
	if d.header.Get("Content-Type") != "application/json; charset=utf-8" || d.header.Get("User-Agent") != "Resync" {
		t.Errorf("headers %v", d.header)
	}
}

func TestCheckURL(t *testing.T) {
	for address, fine := range map[string]bool{
		"https://hooks.example.com/services/T0/B0/x": true, "http://127.0.0.1:9000/x": true, "http://localhost/x": true, "https://10.0.0.7/x": true,
		"http://hooks.example.com/x": false, "http://10.0.0.7/x": false, "ftp://x/y": false, "https://user:pass@x/y": false, "hooks.example.com": false, "": false, "https://": false,
	} {
		if err := alert.CheckURL(address); (err == nil) != fine || err != nil && strings.Contains(err.Error(), "example") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// A test message is marked as one, in each form, and a failure names the webhook but not its address.
func TestTestMessage(t *testing.T) {
	for _, kind := range []string{alert.Generic, alert.Teams, alert.Slack} {
		x := receive(t, nil)
		h := hook("ops", x.URL)
		h.Kind, h.Language = kind, "pt"
		if err := alert.Test(t.Context(), h, (&clock{t: monday}).now, time.Second); err != nil {
			t.Fatal(err)
		}
		if got := string(x.deliveries()[0].body); !strings.Contains(got, map[string]string{alert.Generic: `"type":"test"`, alert.Teams: "mensagem de teste", alert.Slack: "mensagem de teste"}[kind]) {
			t.Errorf("%s: %s", kind, got)
		}
	}
	x := receive(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	err := alert.Test(t.Context(), hook("ops", x.URL+"/SECRET"), time.Now, time.Second)
	if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), "SECRET") || !strings.Contains(err.Error(), "403") {
		t.Errorf("error %v", err)
	}
}

// A receiver that stalls holds up neither the reading nor another receiver, and a watch that ends leaves nothing behind.
func TestStallingReceiverBlocksNobody(t *testing.T) {
	c := &clock{t: monday}
	release := make(chan struct{})
	bad := receive(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	good := receive(t, nil)
	b := book(t, storetest.Open(t, storetest.Kind{}.Options(t, alert.Room())), c)
	looks := make(chan time.Time)
	var mu sync.Mutex
	reads := 0
	caller := callerFunc(func(name string) toolkit.Result {
		mu.Lock()
		defer mu.Unlock()
		if name == "radar" {
			reads++
		}
		return plantOf(t, c, name, reads)
	})
	w, err := alert.NewWatch(alert.Options{Engines: []alert.Engine{{Key: "default", Name: "default", Caller: caller}}, Webhooks: []alert.Webhook{hook("bad", bad.URL), hook("good", good.URL)}, Book: b, Now: c.now,
		Timeout: 30 * time.Second, Interval: time.Minute, Ticks: func(every time.Duration) (<-chan time.Time, func()) {
			if every == time.Minute {
				return looks, func() {}
			}
			return nil, func() {} // queues are looked at when something comes
		}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	<-bad.came // it stalls now
	<-good.came
	for range 3 {
		looks <- time.Now()
		<-good.came
	}
	stop()
	<-done
	close(release)
	if n := len(bad.deliveries()); n != 1 {
		t.Errorf("the one that stalls got %d", n)
	}
	if got := all(t, good.deliveries()); got != "appeared f1 | appeared f2 | appeared f3 | appeared f4" {
		t.Errorf("the other was told %s", got)
	}
}
