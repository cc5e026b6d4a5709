package edge

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/tools"
)

// Bounds of following a plan elsewhere.
const (
	heldEvents  = 4096
	idleFollow  = 2 * time.Minute  // without anybody who listens here
	silence     = 50 * time.Second // three heartbeats of the server
	firstPause  = time.Second
	longPause   = 30 * time.Second
	longestLine = 32 << 10 // many times what an event has; as many as are held fit into memory
)

// Last implements data.Feed.
func (e *Edge) Last(ctx context.Context, engine string) (uint64, error) {
	t, err := e.tap(ctx, engine)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, askedFor)
	defer cancel()
	for {
		last, known, wake := t.position()
		if known {
			return last, nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return 0, fault.Wrap(fault.UpstreamUnavailable, ctx.Err(), "The plan of %s cannot be followed now: its tool server does not answer.", engine).WithSource("engine:" + engine)
		}
	}
}

// After implements data.Feed.
func (e *Edge) After(ctx context.Context, engine string, since uint64) (data.Changes, error) {
	t, err := e.tap(ctx, engine)
	if err != nil {
		return data.Changes{}, err
	}
	for {
		c, wake := t.after(since)
		if len(c.Events) > 0 || c.Gap {
			return c, nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return data.Changes{Next: since}, fault.Wrap(fault.Timeout, ctx.Err(), "Nothing has changed in the time that was waited.")
		}
	}
}

// tap gives the one that follows an engine, started when nobody does.
func (e *Edge) tap(ctx context.Context, engine string) (*tap, error) {
	s, err := e.reach(ctx, engine)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, fault.New(fault.Conflict, "This server is ending.")
	}
	t := e.taps[engine]
	if t == nil {
		t = &tap{wake: make(chan struct{}), now: e.o.Now}
		e.taps[engine] = t
	}
	if t.use() {
		e.work.Go(func() { t.follow(e.base, s, engine) })
	}
	return t, nil
}

// tap follows the events of one engine for all who listen here, and holds the latest.
type tap struct {
	now func() time.Time

	mu      sync.Mutex
	running bool
	used    time.Time
	known   bool // from and last mean something
	from    uint64
	last    uint64 // all between from and last are held
	held    []tools.EventRow
	wake    chan struct{}
}

// use notes that somebody listens, and reports whether the follower is to be started.
func (t *tap) use() (start bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.used = t.now()
	start, t.running = !t.running, true
	return start
}

// idle reports whether the follower may end, and if so takes note that it does: who comes later begins anew.
func (t *tap) idle() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now().Sub(t.used) < idleFollow {
		return false
	}
	t.running, t.known, t.held = false, false, nil
	return true
}

func (t *tap) position() (last uint64, known bool, wake <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last, t.known, t.wake
}

// after gives what is held after since.
func (t *tap) after(since uint64) (data.Changes, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := data.Changes{Next: since}
	switch {
	case !t.known:
		return c, t.wake
	case since < t.from || since > t.last:
		c.Gap, c.Next = true, t.from
		since = t.from
	}
	for _, e := range t.held {
		if e.Seq > since {
			c.Events = append(c.Events, e)
			c.Next = e.Seq
		}
	}
	return c, t.wake
}

// begin notes where the server's stream stands: at a place that follows on what is held, or anew.
func (t *tap) begin(at uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known && at == t.last {
		return
	}
	t.held, t.from, t.last, t.known = nil, at, at, true
	t.woken()
}

func (t *tap) add(e tools.EventRow) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.Seq <= t.last {
		return
	}
	t.held, t.last = append(t.held, e), e.Seq
	if n := len(t.held) - heldEvents; n > 0 {
		t.from = t.held[n-1].Seq
		t.held = append([]tools.EventRow(nil), t.held[n:]...)
	}
	t.woken()
}

func (t *tap) woken() {
	close(t.wake)
	t.wake = make(chan struct{})
}

// follow keeps the stream open until nobody listens any more. A server that is away is tried again, in growing pauses.
func (t *tap) follow(ctx context.Context, s *server, engine string) {
	pause := firstPause
	for ctx.Err() == nil && !t.idle() {
		heard, err := t.stream(ctx, s, engine)
		if errors.Is(err, errIdle) {
			return // it may have been started anew already
		}
		if heard || err == nil {
			pause = firstPause
		}
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
		}
		pause = min(2*pause, longPause)
	}
}

var errIdle = errors.New("nobody listens")

// stream reads one stream to its end. heard says that it brought something.
func (t *tap) stream(ctx context.Context, s *server, engine string) (heard bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := s.request(ctx, "/api/events", url.Values{engineArgument: {engine}})
	if err != nil {
		return false, err
	}
	r.Header.Set("Accept", "text/event-stream")
	if last, known, _ := t.position(); known {
		r.Header.Set("Last-Event-ID", strconv.FormatUint(last, 10))
	}
	watchdog := time.AfterFunc(silence, cancel)
	defer watchdog.Stop()
	resp, err := s.client.Do(r)
	if err != nil {
		return false, s.away(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	if resp.StatusCode != http.StatusOK {
		return false, fault.New(fault.UpstreamUnavailable, "The tool server %s answered with status %d.", s.o.Name, resp.StatusCode)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(make([]byte, 0, 4096), longestLine)
	var id, name, body string
	for lines.Scan() {
		watchdog.Reset(silence)
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			body = value
		case "":
			if name == "" && t.idle() { // a heartbeat
				return heard, errIdle
			}
			if name != "" {
				t.take(engine, id, name, body)
				heard = true
			}
			id, name, body = "", "", ""
		}
	}
	return heard, lines.Err()
}

// take takes in one event. What is no change of the engine, or goes by another name than its own, is left out: it would stand under its name in the
// streams of those who listen here.
func (t *tap) take(engine, id, name, body string) {
	at, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return
	}
	if name == "ready" || name == "gap" {
		t.begin(at)
		return
	}
	var e tools.EventRow
	if json.Unmarshal([]byte(body), &e) == nil && e.Seq == at && e.Kind == name && data.IsChange(name) && e.Engine == engine {
		t.add(e)
	}
}
