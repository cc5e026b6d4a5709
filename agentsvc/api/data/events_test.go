package data_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// watched is a plan behind a mock engine and a reader, whose refreshes the test makes.
type watched struct {
	*httptest.Server
	plan   atomic.Pointer[world.World]
	reader *reader.Reader
	tools  *tools.Tools
	client *hwa.Client
	job    string // that runs
}

// Last implements data.Feed.
func (w *watched) Last(context.Context, string) (uint64, error) { return w.reader.LastSeq(), nil }

// After implements data.Feed.
func (w *watched) After(ctx context.Context, _ string, since uint64) (data.Changes, error) {
	b, err := w.reader.Changes(ctx, since)
	return data.Changes{Events: w.tools.EventRows(ctx, b.Changes), Next: b.Next, Gap: b.Gap}, err
}

func (w *watched) calls() (n int) {
	for _, row := range w.client.Ledger() {
		n += int(row.Count)
	}
	return n
}

// refresh looks at the plan, and tells what it cost.
func (w *watched) refresh(t *testing.T) int {
	t.Helper()
	before := w.calls()
	if err := w.reader.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w.calls() - before
}

// ends makes the job that runs end.
func (w *watched) ends(t *testing.T) {
	t.Helper()
	now, err := world.Demo(night)
	if err != nil {
		t.Fatal(err)
	}
	for i := range now.Jobs {
		if j := &now.Jobs[i]; j.Name == w.job {
			j.Status.Common, j.Status.Internal = "SUCCESSFUL", "SUCC"
			j.Runs[len(j.Runs)-1].Status, j.Runs[len(j.Runs)-1].End = j.Status, night.Add(-5*time.Second)
		}
	}
	w.plan.Store(now)
}

// watch serves GET /api/events of a plan to callers whom the header X-Test-Scopes tells.
func watch(t *testing.T, life context.Context, beat time.Duration) *watched {
	t.Helper()
	w := &watched{}
	now, err := world.Demo(night)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range now.Jobs {
		if j.Status.Internal == "EXEC" && len(j.Runs) > 0 {
			w.job = j.Name
		}
	}
	w.plan.Store(now)
	mock, err := twsmock.Start(t.Context(), twsmock.Options{World: w.plan.Load, User: "u", Password: "p", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mock.Close() })
	if w.client, err = hwa.Open(hwa.Options{Name: "north", Mode: "mock", BaseURL: mock.URL(), User: "u", Password: "p", Clock: clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.client.Close() })
	if w.reader, err = reader.Open(reader.Options{Engine: w.client, Name: "north", Clock: clock, Interval: time.Hour}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.reader.Close() })
	w.tools = tools.New(tools.Options{Engine: w.reader, Name: "north", Clock: clock})
	d := open(t, data.Options{Feed: w, Life: life, Heartbeat: beat, Engines: func(context.Context) []data.ConfiguredEngine {
		return []data.ConfiguredEngine{{Name: "north", Mode: "mock"}, {Name: "south", Mode: "mock"}}
	}})
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		c := viewer(strings.Fields(r.Header.Get("X-Test-Scopes"))...)
		c.ID = "u" + r.Header.Get("X-Test-Who")
		d.ServeHTTP(rw, r.WithContext(auth.WithCaller(r.Context(), c)))
	}))
	t.Cleanup(w.Close)
	w.refresh(t) // the first sighting is no news
	return w
}

type event struct{ id, name, data string }

// listen opens a stream; next gives its events, and nothing when it has ended.
func (w *watched) listen(ctx context.Context, t *testing.T, query string, headers ...string) (status int, next func() (event, bool)) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.URL+"/api/events"+query, nil)
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := w.Client().Do(req)
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	return resp.StatusCode, func() (e event, ok bool) {
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if value == "heartbeat" {
					return event{name: value}, true
				}
				if e.name != "" {
					return e, true
				}
			}
		}
		return event{}, false
	}
}

// Sixty-four who listen all hear what happens, and the engine is asked as often as for one.
func TestManyListen(t *testing.T) {
	w := watch(t, t.Context(), time.Minute)
	const many = 64
	var ready, done sync.WaitGroup
	ready.Add(many)
	for i := range many {
		done.Go(func() {
			status, next := w.listen(t.Context(), t, "", "X-Test-Who", fmt.Sprint(i))
			first, _ := next()
			ready.Done()
			if status != http.StatusOK || first.name != "ready" || !strings.Contains(first.data, `"engine":"north"`) {
				t.Errorf("%d %+v", status, first)
				return
			}
			for {
				e, ok := next()
				if !ok {
					t.Error("the stream has ended")
					return
				}
				var row tools.EventRow
				if err := json.Unmarshal([]byte(e.data), &row); err != nil || row.Kind != e.name || fmt.Sprint(row.Seq) != e.id {
					t.Errorf("%+v: %v", e, err)
				}
				if e.name == "run_ended" && row.Name == w.job && row.Exact && strings.Contains(row.Entity, "."+w.job) {
					return
				}
			}
		})
	}
	ready.Wait()
	// The least of three: what a stream asks for once when it begins may fall into one of them.
	n := min(w.refresh(t), w.refresh(t), w.refresh(t))
	if n < 1 || n > 12 {
		t.Errorf("a refresh made %d calls, want 1 to 12", n)
	}
	w.ends(t)
	w.refresh(t)
	done.Wait()
}

// Whoever comes again goes on where they were; who stayed away too long, or comes from another process, hears that something is missing.
func TestGoingOn(t *testing.T) {
	w := watch(t, t.Context(), time.Minute)
	_, next := w.listen(t.Context(), t, "")
	first, _ := next()
	w.ends(t)
	w.refresh(t)
	want, _ := next()
	_, again := w.listen(t.Context(), t, "?engine=north", "Last-Event-ID", first.id)
	if e, _ := again(); e.name != "ready" || e.id != first.id {
		t.Errorf("%+v", e)
	}
	if e, _ := again(); e != want {
		t.Errorf("%+v, want %+v", e, want)
	}
	_, lost := w.listen(t.Context(), t, "", "Last-Event-ID", "7")
	_, _ = lost()
	if e, _ := lost(); e.name != "gap" {
		t.Errorf("%+v", e)
	}
	if e, _ := lost(); e != want {
		t.Errorf("after the gap %+v, want %+v", e, want)
	}
}

func TestListening(t *testing.T) {
	life, end := context.WithCancel(t.Context())
	w := watch(t, life, 20*time.Millisecond)
	for _, c := range []struct {
		query, scopes, last string
		status              int
	}{
		{"", "engine:south", "", 200},
		{"?engine=north", "engine:south", "", 404},
		{"?engine=venus", "", "", 404},
		{"", "engine:mars", "", 403},
		{"", "ask", "", 403},
		{"", "", "yesterday", 400},
		{"?colour=red", "", "", 400},
	} {
		ctx, leave := context.WithCancel(t.Context())
		status, next := w.listen(ctx, t, c.query, "X-Test-Scopes", c.scopes, "Last-Event-ID", c.last)
		if status != c.status {
			t.Errorf("%+v: %d", c, status)
		}
		if e, _ := next(); c.status == 200 && !strings.Contains(e.data, `"south"`) {
			t.Errorf("%+v", e)
		}
		leave()
	}
	_, next := w.listen(t.Context(), t, "")
	for _, want := range []string{"ready", "heartbeat", "heartbeat"} {
		if e, _ := next(); e.name != want {
			t.Errorf("%+v, want %s", e, want)
		}
	}
	end() // the server ends, and does not wait for who listens
	for {
		if _, ok := next(); !ok {
			break
		}
	}
}

// One caller may not take all streams.
func TestTooManyStreams(t *testing.T) {
	w := watch(t, t.Context(), time.Minute)
	for i := range 21 {
		status, next := w.listen(t.Context(), t, "")
		if want := map[bool]int{true: 200, false: 429}[i < 20]; status != want {
			t.Fatalf("stream %d: %d", i, status)
		}
		_, _ = next()
	}
	if status, _ := w.listen(t.Context(), t, "", "X-Test-Who", "other"); status != 200 {
		t.Errorf("another caller: %d", status)
	}
}
