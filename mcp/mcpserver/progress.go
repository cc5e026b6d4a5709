package mcpserver

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// How often progress is told. A call that is done at once tells none.
const (
	firstTold = 300 * time.Millisecond
	thenTold  = 500 * time.Millisecond
	// settled is how long before its result a call told its last progress, at least. The library hands notifications and results to the wire by
	// different hands; what is told right before the result gets lost, or comes behind it.
	settled = 20 * time.Millisecond
)

// clock is the time as progress needs it.
type clock struct {
	now   func() time.Time
	after func(time.Duration, func()) (stop func() bool)
}

func systemClock() clock {
	return clock{time.Now, func(d time.Duration, fn func()) func() bool { return time.AfterFunc(d, fn).Stop }}
}

// progress tells a client how far its call has come: what was reported last, at most every half second, and never less than before. Safe for
// concurrent use.
type progress struct {
	clock clock
	send  func(toolkit.Progress)

	mu     sync.Mutex
	start  time.Time
	sent   time.Time // zero: nothing yet
	told   int       // Done of what was sent last
	latest toolkit.Progress
	stop   func() bool // of the timer that sends latest; nil: none runs
	over   bool
}

func newProgress(c clock, send func(toolkit.Progress)) *progress {
	return &progress{clock: c, send: send, start: c.now()}
}

// report takes note of how far the call is and sends it when it is time.
func (p *progress) report(at toolkit.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || at.Done <= p.told || at.Done <= p.latest.Done {
		return
	}
	p.latest = at
	if p.stop != nil {
		return
	}
	due := p.start.Add(firstTold)
	if !p.sent.IsZero() {
		due = p.sent.Add(thenTold)
	}
	p.stop = p.clock.after(max(0, due.Sub(p.clock.now())), p.tell)
}

// tell sends what was reported last.
func (p *progress) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop = nil
	if p.over {
		return
	}
	p.told, p.sent = p.latest.Done, p.clock.now()
	p.send(p.latest)
}

// end stops telling. It gives how long the result should wait, so that what was told last is not overtaken by it.
func (p *progress) end() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if p.stop != nil {
		p.stop()
	}
	if p.sent.IsZero() {
		return 0
	}
	return max(0, settled-p.clock.now().Sub(p.sent))
}

// withProgress makes a context under which tools tell the client how far they are, if it asked for that. done must be called before the
// result is given.
func (s *Server) withProgress(ctx context.Context, req mcp.CallToolRequest) (_ context.Context, done func()) {
	token, ok := tokenOf(req)
	if !ok {
		return ctx, func() {}
	}
	caller := ctx
	p := newProgress(systemClock(), func(at toolkit.Progress) {
		params := map[string]any{"progressToken": token, "progress": at.Done}
		if at.Total > 0 {
			params["total"] = at.Total
		}
		if at.Message != "" {
			params["message"] = at.Message
		}
		_ = s.core.SendNotificationToClient(caller, string(mcp.MethodNotificationProgress), params) // a client that cannot be told has its result all the same
	})
	return toolkit.WithProgress(ctx, p.report), func() {
		wait := p.end()
		if wait == 0 {
			return
		}
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
}

// tokenOf gives the token under which a client wants to hear of progress. One that takes no event stream would get one for an answer, so it hears nothing.
func tokenOf(req mcp.CallToolRequest) (token any, ok bool) {
	if req.Params.Meta == nil {
		return nil, false
	}
	if accept := req.Header.Values("Accept"); len(accept) > 0 {
		all := strings.ToLower(strings.Join(accept, ","))
		if !strings.Contains(all, "text/event-stream") && !strings.Contains(all, "*/*") {
			return nil, false
		}
	}
	switch token := req.Params.Meta.ProgressToken.(type) {
	case string, float64:
		return token, true
	}
	return nil, false
}
