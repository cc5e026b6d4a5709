package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/firebase/genkit/go/ai"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

const (
	// noMost is for calls that the program itself needs.
	noMost = 1 << 10
	// maxAbandoned bounds the calls, of all turns, that go on though their time is up; beyond it no tool is called until some have ended.
	maxAbandoned = 64
)

// slot is one tool call of the turn, numbered when it was asked for. Whoever asks for the same tool with the same arguments again gets the
// same slot: the call is made once.
type slot struct {
	index int
	same  string // tool and arguments
	begun bool
	ready chan struct{} // closed when call is whole
	call  conversations.Call
}

// slot gives the slot of a call, a new one where nobody has asked for the same yet; nil when most slots are taken.
func (t *turn) slot(ref, name string, args json.RawMessage, most int) *slot {
	args = t.atEngine(name, args)
	same := name + " " + canonical(args)
	t.mu.Lock()
	defer t.mu.Unlock()
	if s, ok := t.refs[ref]; ok {
		return s
	}
	for _, s := range t.slots {
		if s.same == same {
			t.refs[ref] = s
			return s
		}
	}
	if len(t.slots) >= most {
		return nil
	}
	s := &slot{index: len(t.slots), same: same, ready: make(chan struct{})}
	s.call = conversations.Call{ID: fmt.Sprintf("t%d", s.index+1), Name: name, Args: args}
	t.refs[ref] = s
	t.slots = append(t.slots, s)
	return s
}

// canonical is JSON in one form: members sorted, no white space.
func canonical(args json.RawMessage) string {
	var v any
	if json.Unmarshal(args, &v) != nil {
		return string(args)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return string(args)
	}
	return string(b)
}

// reserve numbers the requested calls in the order in which the model named them, though they run at once, and gives each a reference of its own.
func (t *turn) reserve(resp *ai.ModelResponse) {
	seen := map[string]bool{}
	for i, part := range resp.ToolRequests() {
		r := part.ToolRequest
		if r.Ref == "" || seen[r.Ref] || t.slotOf(r.Ref) != nil {
			r.Ref = fmt.Sprintf("%s-%d-%d", r.Name, t.reserved(), i)
		}
		seen[r.Ref] = true
		if args, err := arguments(r.Input); r.Name != invalidTool && err == nil {
			t.slot(r.Ref, r.Name, args, t.most()+t.recalls.early)
		}
	}
}

func (t *turn) slotOf(ref string) *slot {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refs[ref]
}

func (t *turn) reserved() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.slots)
}

// begin starts the call unless it was started, or the turn makes no more. first says that it was not asked for before.
func (t *turn) begin(s *slot) (first, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case s.begun:
		return false, true
	case t.over:
		return true, false
	}
	s.begun = true
	go t.make(t.calling, s)
	return true, true
}

// call makes the slot's call and waits for it as long as its own time goes; who asks second waits for the same. False: the time is up. A call
// lives as long as the turn, not as long as the model that asked for it: when that one has failed, the answer still rests on it.
func (t *turn) call(ctx context.Context, s *slot) (c conversations.Call, repeated, ok bool) {
	first, ok := t.begin(s)
	if !ok {
		return conversations.Call{}, !first, false
	}
	select {
	case <-s.ready:
		return s.call, !first, true
	case <-ctx.Done():
		return conversations.Call{}, !first, false
	}
}

// make makes the call, tells of it and writes it to the ledger.
func (t *turn) make(ctx context.Context, s *slot) {
	defer close(s.ready)
	t.send(agentsvc.EventToolCall, agentsvc.ToolEvent{ID: s.call.ID, Name: s.call.Name, Arguments: s.call.Arguments()})
	start := t.agent.o.Now()
	c := s.call
	c.Result = t.result(ctx, c.Name, c.Args)
	c.Duration = t.agent.o.Now().Sub(start)
	c.ResultBytes = size(c.Result)
	ev := agentsvc.ToolEvent{ID: c.ID, Name: c.Name, DurationMS: c.Duration.Milliseconds(), ResultBytes: c.ResultBytes}
	if c.Result.Error != nil {
		ev.Error = c.Result.Error.Code
	}
	if env := c.Result.Envelope; env != nil {
		t.agent.sawClock(env.Engine.Name, env.Clocks.PlanNow)
	}
	t.mu.Lock()
	s.call = c
	t.mu.Unlock()
	t.send(agentsvc.EventToolResult, ev)
}

// endCalls ends what still runs and lets nothing begin any more: from here on the ledger stays as it is.
func (t *turn) endCalls() {
	t.mu.Lock()
	t.over = true
	begun := slices.DeleteFunc(slices.Clone(t.slots), func(s *slot) bool { return !s.begun })
	t.mu.Unlock()
	t.stopCalls()
	for _, s := range begun {
		<-s.ready // at once: a call that does not heed its context is left behind
	}
}

// result calls the tool, some at a time. Whatever goes wrong becomes a coded error of the call, and a tool that does not heed the end of its
// time is left behind.
func (t *turn) result(ctx context.Context, name string, args json.RawMessage) toolkit.Result {
	late := func() toolkit.Result { return failed(name, fault.Timeout, "The tool did not answer in time.") }
	select {
	case t.atOnce <- struct{}{}:
		defer func() { <-t.atOnce }()
	case <-ctx.Done():
		return late()
	}
	a := t.agent
	if a.abandoned.Load() >= maxAbandoned {
		return failed(name, fault.Limited, "Too many tools hang; none is called until some of them have ended.")
	}
	ctx, cancel := context.WithTimeout(ctx, t.who.Limits.ToolTimeout)
	defer cancel()
	got := make(chan toolkit.Result, 1)
	var over atomic.Bool // the call has ended, or nobody waits for it: whoever comes second finds it set
	go func() {
		got <- a.called(ctx, name, args)
		if !over.CompareAndSwap(false, true) {
			a.abandoned.Add(-1)
		}
	}()
	select {
	case r := <-got:
		return r
	case <-ctx.Done():
	}
	if over.CompareAndSwap(false, true) {
		a.abandoned.Add(1)
		a.o.Logger.Warn("tool ignores the end of its time", "tool", name)
		return late()
	}
	return <-got
}

func failed(tool string, code fault.Code, message string) toolkit.Result {
	return toolkit.Result{Text: message, Error: &toolkit.ErrorBody{Code: string(code), Message: message, Source: "tool:" + tool}}
}

// called is the call itself. It never panics.
func (a *Agent) called(ctx context.Context, name string, args json.RawMessage) (r toolkit.Result) {
	defer func() {
		if v := recover(); v != nil {
			a.o.Logger.Error("tool panicked", "tool", name, "panic", fmt.Sprint(v))
			r = failed(name, fault.Internal, "The tool failed inside.")
		}
	}()
	r, err := a.o.Caller.Call(ctx, name, args)
	switch {
	case err != nil && ctx.Err() != nil:
		return failed(name, fault.Timeout, "The tool did not answer in time.")
	case err != nil:
		a.o.Logger.Warn("call tool", "tool", name, "error", err)
		return failed(name, fault.UpstreamUnavailable, "The tool server cannot be reached.")
	case r.Error == nil && r.Envelope == nil:
		return failed(name, fault.UpstreamUnavailable, "The tool server gave no result.")
	case r.Error != nil:
		r.Envelope = nil
	}
	return r
}

// ledger gives the calls that have ended, in order.
func (t *turn) ledger() conversations.Ledger {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make(conversations.Ledger, 0, len(t.slots))
	for _, s := range t.slots {
		select {
		case <-s.ready:
			out = append(out, s.call)
		default:
		}
	}
	return out
}
