package reader_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/cache"
	"github.com/resync-hwa/resync/internal/cache/cachetest"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
)

// shelf is a Store in memory whose bytes a test can look at and spoil.
type shelf struct {
	mu     sync.Mutex
	held   map[string][]byte
	leased string
	down   bool
	put    chan struct{}
}

func newShelf() *shelf {
	return &shelf{held: map[string][]byte{}, put: make(chan struct{}, 10_000)}
}

func (s *shelf) Get(_ context.Context, key string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.held[key]
	return v, ok && !s.down
}

func (s *shelf) Put(_ context.Context, key string, value []byte, _ time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.down {
		s.held[key] = value
	}
	s.put <- struct{}{}
}

func (s *shelf) Lease(_ context.Context, _, holder string, _ time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leased == "" {
		s.leased = holder
	}
	return s.down || s.leased == holder
}

var ofS = twstools.ListQuery{Where: query.Is("jobStreamName", "S")}

// TestProcessesShareAnswers: what one has read the other does not read again, and its age travels along.
func TestProcessesShareAnswers(t *testing.T) {
	e, c, s := newEngine(t, night, clock), &moving{}, newShelf()
	one := open(t, reader.Options{Engine: e, Clock: c.now, Store: s, Identity: "host a"})
	two := open(t, reader.Options{Engine: e, Clock: c.now, Store: s, Identity: "host a"})
	stranger := open(t, reader.Options{Engine: e, Clock: c.now, Store: s, Identity: "host b"})
	first, err := one.Jobs(t.Context(), ofS)
	if err != nil {
		t.Fatal(err)
	}
	<-s.put
	c.move(5 * time.Second)
	ctx, marks := reader.WithMarks(t.Context())
	got, err := two.Jobs(ctx, ofS)
	if err != nil || len(got.Items) != len(first.Items) || got.Items[0].Runs[0].ID != first.Items[0].Runs[0].ID || e.total() != 1 || !marks.FetchedAt().Equal(clock) {
		t.Errorf("the second process: %d jobs, %v, %d calls, fetched %v", len(got.Items), err, e.total(), marks.FetchedAt())
	}
	if _, err := two.Jobs(t.Context(), twstools.ListQuery{Where: ofS.Where, Limit: 1}); err != nil || e.total() != 1 {
		t.Errorf("a page of the shared list: %v, %d calls", err, e.total())
	}
	if _, err := stranger.Jobs(t.Context(), ofS); err != nil || e.total() != 2 {
		t.Errorf("another engine of the same name was given what is not its own: %v, %d calls", err, e.total())
	}
	c.move(time.Minute)
	if _, err := two.Jobs(t.Context(), ofS); err != nil || e.total() != 3 {
		t.Errorf("an old answer: %v, %d calls, want it read anew", err, e.total())
	}
	for _, r := range []*reader.Reader{one, two, stranger} {
		if err := r.Close(); err != nil { // waits for what is being written
			t.Fatal(err)
		}
	}
	for key, v := range s.held {
		if strings.Contains(key, "jobStreamName") || strings.Contains(key, "host a") {
			t.Errorf("key %q shows what was asked, or of whom", key)
		}
		if len(v) == 0 {
			t.Errorf("nothing under %q", key)
		}
	}
}

// TestForeignBytesArePassedOver: whatever else lies under a key, the engine is asked and the answer is right.
func TestForeignBytesArePassedOver(t *testing.T) {
	e, c := newEngine(t, night, clock), &moving{}
	good := newShelf()
	if _, err := open(t, reader.Options{Engine: e, Clock: c.now, Store: good}).Jobs(t.Context(), ofS); err != nil {
		t.Fatal(err)
	}
	<-good.put
	other := newShelf()
	if _, err := open(t, reader.Options{Engine: e, Clock: c.now, Store: other}).Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "BAD")}); err != nil {
		t.Fatal(err)
	}
	<-other.put
	var key string
	var value, foreign []byte
	for key, value = range good.held {
	}
	for _, foreign = range other.held {
	}
	for name, held := range map[string][]byte{"nothing": {}, "a word": []byte("poison"), "half": value[:len(value)/2], "JSON": []byte("j{}"), "wrong JSON": []byte(`j{"schema":1,"value":7}`),
		"no gzip": []byte("zzzz"), "of another filter": foreign, "of another engine": said(t, value, "engine", "elsewhere"), "of another plan": said(t, value, "plan", "43"),
		"of another kind": said(t, value, "kind", "job_streams"), "of another version": said(t, value, "schema", 0), "without a time": said(t, value, "fetched", time.Time{})} {
		s := newShelf()
		s.held[key] = held
		calls := e.total()
		l, err := open(t, reader.Options{Engine: e, Clock: c.now, Store: s}).Jobs(t.Context(), ofS)
		if err != nil || len(l.Items) != 3 || e.total() != calls+1 {
			t.Errorf("%s: %d jobs, %v, %d calls", name, len(l.Items), err, e.total()-calls)
		}
	}
	s := newShelf() // the proof that the bytes themselves are found, in the form that the changes above were made in
	s.held[key] = said(t, value, "schema", 1)
	calls := e.total()
	if l, err := open(t, reader.Options{Engine: e, Clock: c.now, Store: s}).Jobs(t.Context(), ofS); err != nil || len(l.Items) != 3 || e.total() != calls {
		t.Errorf("the right bytes: %d jobs, %v, %d calls", len(l.Items), err, e.total()-calls)
	}
}

// said gives stored bytes with one of their fields changed.
func said(t *testing.T, raw []byte, field string, value any) []byte {
	t.Helper()
	from := io.Reader(bytes.NewReader(raw[1:]))
	if raw[0] == 'z' {
		z, err := gzip.NewReader(from)
		if err != nil {
			t.Fatal(err)
		}
		from = z
	}
	var all map[string]any
	if err := json.NewDecoder(from).Decode(&all); err != nil || all[field] == nil {
		t.Fatalf("no %s in what is stored: %v", field, err)
	}
	all[field] = value
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{'j'}, out...)
}

// TestOneProcessRefreshes: of two processes one has the lease; the other takes what it wrote, and both tell the same changes.
func TestOneProcessRefreshes(t *testing.T) {
	e, c, s := newEngine(t, tell(), clock), &moving{}, newShelf()
	one := open(t, reader.Options{Engine: e, Clock: c.now, Store: s})
	two := open(t, reader.Options{Engine: e, Clock: c.now, Store: s})
	round := func() (byOne, byTwo int) {
		n := e.total()
		refresh(t, one)
		byOne = e.total() - n
		for range byOne {
			<-s.put
		}
		refresh(t, two)
		return byOne, e.total() - n - byOne
	}
	if a, b := round(); a == 0 || b != 0 {
		t.Errorf("first round: %d calls by the holder of the lease, %d by the other", a, b)
	}
	sinceOne, sinceTwo := one.LastSeq(), two.LastSeq()
	e.show(t, tell("LIMIT", "7"), clock)
	c.move(15 * time.Second)
	if a, b := round(); a == 0 || b != 0 {
		t.Errorf("second round: %d calls by the holder of the lease, %d by the other", a, b)
	}
	for name, got := range map[string]func() (reader.Batch, error){
		"holder": func() (reader.Batch, error) { return one.Changes(t.Context(), sinceOne) },
		"other":  func() (reader.Batch, error) { return two.Changes(t.Context(), sinceTwo) },
	} {
		if b, err := got(); err != nil || len(b.Changes) != 1 || line(b.Changes[0]) != "property A1 limit 5>7" {
			t.Errorf("%s: %q, %v", name, lines(b.Changes), err)
		}
	}
}

// TestRedis is the same over a real Redis, which then dies: slower, never wrong, and no error to anybody.
func TestRedis(t *testing.T) {
	redis, c := cachetest.Start(t), &moving{}
	store := func() *cache.Store {
		s, err := cache.Open(t.Context(), cache.Options{URL: secret.New(redis.URL), Key: secret.New("0123456789abcdef0123456789abcdef"), Clock: c.now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	e := newEngine(t, night, clock)
	one, s := reader.Options{Engine: e, Name: "default", Clock: c.now, Store: store()}, store()
	first, err := reader.Open(one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Jobs(t.Context(), ofS); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil { // waits for what is being written
		t.Fatal(err)
	}
	two := open(t, reader.Options{Engine: e, Clock: c.now, Store: s})
	if l, err := two.Jobs(t.Context(), ofS); err != nil || len(l.Items) != 3 || e.total() != 1 || two.Stats().StoreHits != 1 {
		t.Errorf("the second process: %d jobs, %v, %d calls", len(l.Items), err, e.total())
	}
	redis.Stop(t)
	if l, err := two.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "BAD")}); err != nil || len(l.Items) != 1 || s.Health().Up {
		t.Errorf("without Redis: %d jobs, %v, %+v", len(l.Items), err, s.Health())
	}
	refresh(t, two)
	redis.Run(t)
	c.move(10 * time.Second)
	if l, err := two.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "TWO")}); err != nil || len(l.Items) != 1 {
		t.Errorf("with Redis again: %d jobs, %v", len(l.Items), err)
	}
	if !s.Health().Up {
		t.Errorf("Redis is back and Health is %+v", s.Health())
	}
}
