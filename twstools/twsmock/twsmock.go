// Package twsmock is a mock HWA engine: it speaks the reads of the V2 interface (base /twsd/api/v2) and of the older V1 (base /twsd) over real
// HTTP, both from one world.World. It is faithful where facts are known: names and spellings of fields, absolute `next` links, dependencies left out of lists,
// OQL with its errors, plan_filter, job logs as text with the agents' banner, 401 as an HTML page, the Date header as the engine's clock.
//
// It refuses every write with 403 and AWSJDB817E and counts it, so that a test can prove that nothing was written, and it refuses and counts reads that
// take a lock, never end, probe the plant or hand out a token (Violations). Rights hide what an account may not list, Habits choose where engines differ, and
// faults spoil answers by request, alone or by plan (Every, FirstOf, Plan). GET /metrics, beside the interface, is the OpenMetrics page.
//
// Pages are streamed and counts go over the world's columns: a plan of 500,000 jobs (world.Big) is answered within milliseconds.
//
// A handler is safe for concurrent use. Start at New for a handler, Start for a server.
package twsmock

import (
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
)

// Base is where the V2 interface lives.
const Base = "/twsd/api/v2"

// Options for New and Start.
type Options struct {
	// World gives the plan to serve; it is called for each request and must be fast. See Fixed and Demo. nil means Demo. A server whose copy of the
	// plan is late is one whose World is older than its Clock.
	World func() *world.World
	// Late asks World for nothing before the first request.
	Late bool
	// User and Password are demanded by Basic, Token by Bearer; with none of them set every request is let in.
	User, Password, Token string
	// Clock is the engine's clock, sent as the Date header; time.Now when nil.
	Clock func() time.Time
	// Addr is where Start listens; 127.0.0.1:0 when empty.
	Addr string
	// Logger hears of each request at debug level; nothing when nil.
	Logger *slog.Logger
	// Dialects are the generations of the interface to speak; both when zero, as engines from 10.1 on do.
	Dialects Dialects
	// V1 decides what is not known of the older one.
	V1 V1Options
	// Fault may spoil the answer to a request; nil or a nil result leaves it whole. See Every for plans of faults.
	Fault func(*http.Request) *Fault
	// Rights are what the account may list and display; nil is everything.
	Rights *Rights
	// Habits is how this engine answers where engines differ.
	Habits Habits
}

// Fixed serves the same world always.
func Fixed(w *world.World) func() *world.World { return func() *world.World { return w } }

// demoLasts is for how long the demo is told from one starting point. Within that time names and times stand still, as they must for
// whoever refers to them; after it the night is told anew, so that a mock left running does not grow stale.
const demoLasts = 2 * time.Hour

// Demo serves the demo plant, told anew every two hours of the given clock (time.Now when nil).
func Demo(clock func() time.Time) (func() *world.World, error) {
	if clock == nil {
		clock = time.Now
	}
	w, err := world.Demo(clock())
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	return func() *world.World {
		mu.Lock()
		defer mu.Unlock()
		if now := clock(); now.Sub(w.AsOf) >= demoLasts {
			if next, err := world.Demo(now); err == nil { // the same files have loaded before; only the hour differs
				w = next
			}
		}
		return w
	}, nil
}

// Handler is the mock's door and its ledger.
type Handler struct {
	opts   Options
	mu     sync.Mutex
	counts map[string]int
	writes int
	wrongs []string // see Violations
	seen   []string // see Seen
	view   *view
	v1     v1State
	stale  *view // of the world that the last fault served instead
}

// New makes the handler, ready to answer about the world that there is now unless it is Late. It fails only when the demo, asked for by leaving World out, cannot be told.
func New(opts Options) (*Handler, error) {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.World == nil {
		demo, err := Demo(opts.Clock)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "The demo plant cannot be told.")
		}
		opts.World = demo
	}
	h := &Handler{opts: opts, counts: map[string]int{}}
	if !opts.Late {
		h.current() // over a very large plan this takes seconds, which no request is to wait for
	}
	return h, nil
}

// Writes is how many writing requests were refused so far.
func (h *Handler) Writes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.writes
}

// Requests counts the requests so far by method and path template, for example "GET /plan/job/{job_id}"; templates
// of the older interface begin with its base: "POST /twsd/plan/{planId}/job/query".
// What fits no template is counted under "METHOD unknown".
func (h *Handler) Requests() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.counts)
}

// Violations lists the requests that a client which only reads does not send, as "METHOD path": writes, and reads that take a lock, never end,
// probe the plant or hand out a token. After a thousand it keeps no more.
func (h *Handler) Violations() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.wrongs)
}

// maxSeen bounds what Seen keeps: some hundred times what one question reads.
const maxSeen = 20_000

// Seen lists the requests so far in the order in which they came, as "METHOD path": the path as it was sent, without the query. It holds the
// first 20,000 and no more.
func (h *Handler) Seen() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.seen)
}

func (h *Handler) count(r *http.Request, template string, write bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[r.Method+" "+template]++
	if len(h.seen) < maxSeen {
		h.seen = append(h.seen, r.Method+" "+r.URL.EscapedPath())
	}
	if write {
		h.writes++
	}
}

// violated keeps a request that a reader does not send.
func (h *Handler) violated(r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.wrongs) < 1000 {
		h.wrongs = append(h.wrongs, r.Method+" "+r.URL.RequestURI())
	}
}

// current gives the view of the world to serve now; a view is kept as long as its world is.
func (h *Handler) current() *view {
	w := h.opts.World()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.view == nil || h.view.from != w {
		h.view = newView(w, h.opts.Rights)
	}
	return h.view
}

// viewOf gives the view of another world than the current one.
func (h *Handler) viewOf(w *world.World) *view {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stale == nil || h.stale.from != w {
		h.stale = newView(w, h.opts.Rights)
	}
	return h.stale
}
