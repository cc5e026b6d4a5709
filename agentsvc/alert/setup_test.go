package alert_test

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/agentsvc/alert"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/twstools/answer"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// monday is a Monday at nine in the evening at the plant.
var monday = time.Date(2026, 3, 16, 21, 0, 0, 0, time.FixedZone("-03", -3*3600))

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

const settle = 5 * time.Minute

func book(t *testing.T, db *store.DB, c *clock) *alert.Book {
	t.Helper()
	b, err := alert.NewBook(db, settle, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// everywhere are all sources.
var everywhere = []string{alert.FromRadar, alert.FromAbend, alert.FromLate, alert.FromEngine}

func finding(id string, sev alert.Severity) alert.Finding {
	return alert.Finding{ID: id, Source: alert.FromAbend, Kind: "abend", Severity: sev, Entity: "WS#STREAM." + id, Ref: answer.Ref{Type: "job", Job: id}, Evidence: "plan:WS#STREAM." + id,
		Statement: map[string]string{"en": id + " ended badly", "pt": id + " terminou mal"}, Act: map[string]string{"en": "look"}}
}

func seen(c *clock, findings ...alert.Finding) alert.Sighting {
	return alert.Sighting{Engine: "default", Name: "default", Mode: "live", At: c.now(), PlanNow: c.now(), Findings: findings, Seen: everywhere}
}

// told writes events as one line.
func told(events []alert.Event) string {
	var out []string
	for _, e := range events {
		s := e.What + " " + e.Finding.ID
		if e.Why != "" {
			s += " " + e.Why
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// receiver is a real HTTP server on loopback that keeps what it gets.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	got  []delivery
	says func(n int, w http.ResponseWriter, r *http.Request) // nil: 200
	came chan struct{}
}

type delivery struct {
	header http.Header
	body   []byte
}

func receive(t *testing.T, says func(n int, w http.ResponseWriter, r *http.Request)) *receiver {
	t.Helper()
	x := &receiver{says: says, came: make(chan struct{}, 1000)}
	x.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			t.Error(err)
		}
		x.mu.Lock()
		x.got = append(x.got, delivery{r.Header.Clone(), body})
		n := len(x.got)
		x.mu.Unlock()
		x.came <- struct{}{}
		if x.says != nil {
			x.says(n, w, r)
		}
	}))
	t.Cleanup(x.Close)
	return x
}

func (x *receiver) deliveries() []delivery {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.got)
}

// hook is a webhook to a receiver that wants everything.
func hook(name, url string) alert.Webhook {
	return alert.Webhook{Rule: alert.Rule{Name: name, MinSeverity: alert.Low}, Kind: alert.Generic, URL: secret.New(url), Language: "en"}
}

// events reads what a delivery in the generic form told.
func events(t *testing.T, d delivery) string {
	t.Helper()
	var p struct {
		Events []struct{ Event, ID, Why string }
	}
	if err := json.Unmarshal(d.body, &p); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range p.Events {
		out = append(out, strings.TrimSpace(e.Event+" "+e.ID+" "+e.Why))
	}
	return strings.Join(out, ", ")
}

// all reads what all deliveries told, one after the other.
func all(t *testing.T, list []delivery) string {
	t.Helper()
	var out []string
	for _, d := range list {
		out = append(out, events(t, d))
	}
	return strings.Join(out, " | ")
}

func watch(t *testing.T, b *alert.Book, c *clock, hooks ...alert.Webhook) *alert.Watch {
	t.Helper()
	w, err := alert.NewWatch(alert.Options{Engines: []alert.Engine{{Key: "default", Name: "default"}}, Webhooks: hooks, Book: b, Now: c.now, Timeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func rules(hooks ...alert.Webhook) []alert.Rule {
	var out []alert.Rule
	for _, h := range hooks {
		out = append(out, h.Rule)
	}
	return out
}

func observe(t *testing.T, b *alert.Book, s alert.Sighting, hooks ...alert.Webhook) {
	t.Helper()
	if _, err := b.Observe(t.Context(), s, rules(hooks...)); err != nil {
		t.Fatal(err)
	}
}

func flush(t *testing.T, w *alert.Watch) int {
	t.Helper()
	n, err := w.Flush(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	var pretty any
	if err := json.Unmarshal(got, &pretty); err != nil {
		t.Fatal(err)
	}
	text := indented(t, got)
	if *update {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(text) {
		t.Errorf("%s differs; go test -update shows how:\n%s", name, text)
	}
}

func indented(t *testing.T, raw []byte) []byte {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(json.RawMessage(raw)); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}
