package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/firebase/genkit/go/ai"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/offline"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/agentsvc/verify"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

// turn is one question while it is being answered. Tools run concurrently, so everything that changes stands behind mu; events are sent
// one at a time behind sending.
type turn struct {
	agent   *Agent
	asked   understand.Understanding
	text    string
	history []conversations.Turn
	started time.Time
	convID  string
	msgID   string
	offered []toolkit.Info
	voice   voice

	sending sync.Mutex
	emit    func(agentsvc.Event) // nil: nobody listens, or not any more

	mu     sync.Mutex
	slots  []conversations.Call // by number; done says which have ended
	done   []bool
	engine string         // configured name, of several; empty: the first
	refs   map[string]int // Genkit's reference of a requested call: its slot
	guests map[string]int // calls made of each further MCP server
	errs   []answer.Error
	tokens answer.Usage

	built   *answer.Answer // of the state builtAt: how many calls, how many errors
	checker *verify.Checker
	builtAt [2]int
}

type turnKey struct{}

func turnOf(ctx context.Context) (*turn, error) {
	t, ok := ctx.Value(turnKey{}).(*turn)
	if !ok {
		return nil, errors.New("no turn in the context")
	}
	return t, nil
}

func (a *Agent) newTurn(q agentsvc.Question, s *conversations.Session, emit func(agentsvc.Event)) *turn {
	at := a.o.Now()
	conv := s.Conversation()
	uc := understand.Context{Now: at, Location: a.planZone(), Language: q.Language}
	engine := q.Engine
	if last, ok := conv.Last(); ok {
		engine = cmp.Or(engine, last.Asked.Engine)
		uc.LastEntity, uc.LastIntent, uc.LastLanguage = last.Asked.Entity, understand.Intent(last.Asked.Intent), last.Language
	}
	t := &turn{agent: a, text: q.Text, asked: a.o.Understander.Parse(q.Text, uc), history: conv.Turns, started: at, convID: conv.ID,
		msgID: conversations.NewID("m", at), emit: emit, refs: map[string]int{}, guests: map[string]int{}, engine: engine}
	t.voice.model = a.model.label
	return t
}

// run brings the turn to the point where prose and diagnosis are there. Its only error is that the asker has gone.
func (t *turn) run(ctx context.Context) error {
	work, cancel := context.WithTimeout(ctx, t.agent.o.Timeout)
	defer cancel()
	t.listTools(work)
	if err := t.generate(work); err != nil {
		if ctx.Err() != nil {
			return fault.Wrap(fault.Timeout, ctx.Err(), "The question was given up before its answer was ready.")
		}
		t.agent.o.Logger.Warn("model failed", "model", t.agent.model.label, "error", t.agent.o.Provider.told(err))
		t.fail(t.agent.model.failure(err))
	}
	t.complete(work)
	if ctx.Err() != nil {
		return fault.Wrap(fault.Timeout, ctx.Err(), "The question was given up before its answer was ready.")
	}
	t.settleProse()
	return nil
}

func (t *turn) listTools(ctx context.Context) {
	infos, err := t.agent.tools(ctx)
	if err != nil {
		t.agent.o.Logger.Warn("list tools", "error", err)
		if len(infos) == 0 {
			t.errs = append(t.errs, unreachable("tools"))
		}
	}
	t.offered = t.usable(infos)
}

func unreachable(source string) answer.Error {
	return answer.Error{Code: string(fault.UpstreamUnavailable), Message: "The tool server cannot be reached.", Hint: "Check that it runs and that its address is right.", Source: source}
}

func (t *turn) offers(name string) bool {
	return slices.ContainsFunc(t.offered, func(i toolkit.Info) bool { return i.Name == name })
}

// complete makes the calls that the answer needs and no model made.
func (t *turn) complete(ctx context.Context) {
	for range offline.MaxCalls {
		step := offline.Next(t.state(maxModelCalls + offline.MaxCalls))
		if len(step.Calls) == 0 || ctx.Err() != nil {
			return
		}
		var wg sync.WaitGroup
		for _, c := range step.Calls {
			ref := fmt.Sprintf("needed %s %s", c.Name, c.JSON())
			t.slot(ref)
			wg.Go(func() { t.call(ctx, ref, c.Name, c.JSON()) })
		}
		wg.Wait()
	}
}

// slot gives the call's number, reserving the next one for a reference not seen before.
func (t *turn) slot(ref string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	i, ok := t.refs[ref]
	if !ok {
		i = len(t.slots)
		t.refs[ref] = i
		t.slots = append(t.slots, conversations.Call{ID: fmt.Sprintf("t%d", i+1)})
		t.done = append(t.done, false)
	}
	return i
}

// reserve numbers the requested calls in the order in which the model named them, though they run at once.
func (t *turn) reserve(resp *ai.ModelResponse) {
	for i, part := range resp.ToolRequests() {
		r := part.ToolRequest
		made := t.reserved()
		if r.Ref == "" || t.taken(r.Ref) {
			r.Ref = fmt.Sprintf("%s-%d-%d", r.Name, made, i)
		}
		if r.Name != invalidTool && made < maxModelCalls {
			t.slot(r.Ref)
		}
	}
}

func (t *turn) taken(ref string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.refs[ref]
	return ok
}

func (t *turn) reserved() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.slots)
}

// call makes one tool call, tells of it and writes it to the ledger. False when the call has no slot: too many were made.
func (t *turn) call(ctx context.Context, ref, name string, args json.RawMessage) (conversations.Call, bool) {
	if !t.taken(ref) {
		return conversations.Call{}, false
	}
	i := t.slot(ref)
	args = t.atEngine(name, args)
	c := conversations.Call{ID: fmt.Sprintf("t%d", i+1), Name: name, Args: args}
	t.send(agentsvc.EventToolCall, agentsvc.ToolEvent{ID: c.ID, Name: name, Arguments: c.Arguments()})
	start := t.agent.o.Now()
	c.Result = t.result(ctx, name, args)
	c.Duration = t.agent.o.Now().Sub(start)
	c.ResultBytes = size(c.Result)
	ev := agentsvc.ToolEvent{ID: c.ID, Name: name, DurationMS: c.Duration.Milliseconds(), ResultBytes: c.ResultBytes}
	if c.Result.Error != nil {
		ev.Error = c.Result.Error.Code
	}
	if env := c.Result.Envelope; env != nil {
		t.agent.sawClock(env.Clocks.PlanNow)
	}
	t.mu.Lock()
	t.slots[i], t.done[i] = c, true
	t.mu.Unlock()
	t.send(agentsvc.EventToolResult, ev)
	return c, true
}

// result calls the tool. Whatever goes wrong becomes a coded error of the call.
func (t *turn) result(ctx context.Context, name string, args json.RawMessage) (r toolkit.Result) {
	failed := func(code fault.Code, message string) toolkit.Result {
		return toolkit.Result{Text: message, Error: &toolkit.ErrorBody{Code: string(code), Message: message, Source: "tool:" + name}}
	}
	defer func() {
		if v := recover(); v != nil {
			t.agent.o.Logger.Error("tool panicked", "tool", name, "panic", fmt.Sprint(v))
			r = failed(fault.Internal, "The tool failed inside.")
		}
	}()
	r, err := t.agent.o.Caller.Call(ctx, name, args)
	switch {
	case err != nil && ctx.Err() != nil:
		return failed(fault.Timeout, "The tool did not answer in time.")
	case err != nil:
		t.agent.o.Logger.Warn("call tool", "tool", name, "error", err)
		return failed(fault.UpstreamUnavailable, "The tool server cannot be reached.")
	case r.Error == nil && r.Envelope == nil:
		return failed(fault.UpstreamUnavailable, "The tool server gave no result.")
	case r.Error != nil:
		r.Envelope = nil
	}
	return r
}

func size(r toolkit.Result) int {
	if r.Envelope == nil {
		return len(r.Text)
	}
	b, err := json.Marshal(r.Envelope)
	if err != nil {
		return len(r.Text)
	}
	return len(b)
}

// ledger gives the calls that have ended, in order.
func (t *turn) ledger() conversations.Ledger {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make(conversations.Ledger, 0, len(t.slots))
	for i, c := range t.slots {
		if t.done[i] {
			out = append(out, c)
		}
	}
	return out
}

func (t *turn) fail(e answer.Error) {
	t.mu.Lock()
	t.errs = append(t.errs, e)
	t.mu.Unlock()
	t.voice.fallBack = true
}

func (t *turn) count(u *ai.GenerationUsage) {
	if u == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokens.InputTokens += u.InputTokens
	t.tokens.OutputTokens += u.OutputTokens
	t.tokens.CostUSD += u.Custom["cost"]
}

func (t *turn) input() compose.Input {
	ledger := t.ledger()
	t.mu.Lock()
	defer t.mu.Unlock()
	defaults := t.agent.o.Engine
	defaults.Name = cmp.Or(t.engine, t.firstEngine(), defaults.Name)
	return compose.Input{Question: t.text, ConversationID: t.convID, MessageID: t.msgID, Asked: t.asked, Ledger: ledger, Defaults: defaults,
		Errors: slices.Clone(t.errs), Model: t.voice.model, Tokens: t.tokens, Elapsed: t.agent.o.Now().Sub(t.started)}
}

func (t *turn) state(budget int) offline.Turn {
	names := make([]string, 0, len(t.offered))
	for _, i := range t.offered {
		names = append(names, i.Name)
	}
	return offline.Turn{Input: t.input(), Offered: names, Budget: budget, Answer: func() answer.Answer { a, _ := t.checked(); return a }}
}

// checked gives the answer as it stands, verified, without prose; made anew only when a call or an error has been added.
func (t *turn) checked() (answer.Answer, *verify.Checker) {
	in := t.input()
	if at := [2]int{len(in.Ledger), len(in.Errors)}; t.built == nil || t.builtAt != at {
		a, c, report := compose.Checked(in)
		for _, s := range report.Strikes {
			t.agent.o.Logger.Warn("struck", "what", s.What, "why", s.Why, "message", t.msgID)
		}
		t.built, t.checker, t.builtAt = &a, c, at
	}
	return *t.built, t.checker
}

// finish makes the whole answer.
func (t *turn) finish() answer.Answer {
	in := t.input()
	a, _ := t.checked()
	a.Model, a.Answer = in.Model, t.voice.said(a.Language)
	calls := a.Usage.UpstreamCalls
	a.Usage = in.Tokens
	a.Usage.UpstreamCalls, a.Usage.DurationMS = calls, in.Elapsed.Milliseconds()
	return a
}

// record is the turn as its conversation keeps it.
func (t *turn) record(a answer.Answer) conversations.Turn {
	ledger := t.ledger()
	return conversations.Turn{ID: a.MessageID, Question: t.text, Language: a.Language, Answer: a, Ledger: ledger, At: t.started.UTC(),
		Asked: conversations.Asked{Intent: string(t.asked.Intent), Target: t.asked.Target, TargetKind: t.asked.TargetKind, Entity: t.entity(a, ledger), Engine: t.engine}}
}

// entity names what the turn was about, for the next turn's "it": as the plan named it, else what an unfruitful turn carries on.
func (t *turn) entity(a answer.Answer, ledger conversations.Ledger) string {
	if e := compose.EntityOf(t.asked, ledger, a); e != "" {
		return e
	}
	if t.asked.Target == "" && len(t.history) > 0 {
		return t.history[len(t.history)-1].Asked.Entity
	}
	return t.asked.Target
}

func (t *turn) send(kind agentsvc.EventType, data any) {
	t.sending.Lock()
	defer t.sending.Unlock()
	if t.emit != nil {
		t.emit(agentsvc.Event{Type: kind, Data: data})
	}
}

// hush ends the events: a tool that outlives its turn may not speak into a closed stream.
func (t *turn) hush() {
	t.sending.Lock()
	defer t.sending.Unlock()
	t.emit = nil
}
