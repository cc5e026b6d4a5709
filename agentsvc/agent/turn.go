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

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/offline"
	"github.com/resync-hwa/resync/agentsvc/roster"
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
	who     *roster.Agent // answers this question
	chosen  bool          // by auto
	asked   understand.Understanding
	before  understand.Context // what the conversation knew
	text    string
	history []conversations.Turn
	started time.Time
	convID  string
	msgID   string
	listed  []toolkit.Info // all tools at hand
	offered []toolkit.Info // those of the agent
	barred  []string       // tools at hand that this agent may not call
	atOnce  chan struct{}  // holds one for each call that runs
	voice   voice
	owner   string
	real    bool // a configured model writes the prose; else the offline one
	talk    *llm.Talk
	stopped bool    // its user gave it up
	account Account // nil: nobody counts
	recalls recalled

	// calling is the context of all calls; stopCalls ends it.
	calling   context.Context //nolint:containedctx // a turn is one request
	stopCalls context.CancelFunc

	sending sync.Mutex
	emit    func(agentsvc.Event) // nil: nobody listens, or not any more

	mu     sync.Mutex
	slots  []*slot
	over   bool             // no call begins any more
	engine string           // configured name, of several; empty: the first
	refs   map[string]*slot // Genkit's reference of a requested call: its slot
	guests map[string]int   // calls made of each further MCP server
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

func (a *Agent) newTurn(q agentsvc.Question, conv conversations.Conversation, emit func(agentsvc.Event)) *turn {
	at := a.o.Now()
	uc := understand.Context{Now: at, Language: q.Language}
	engine := q.Engine
	if last, ok := conv.Last(); ok {
		engine = cmp.Or(engine, last.Asked.Engine)
		uc.LastEntity, uc.LastIntent, uc.LastLanguage = last.Asked.Entity, understand.Intent(last.Asked.Intent), last.Language
		uc.LastQuestion, uc.Offered = last.Question, compose.Offered(last.Asked, last.Ledger, last.Answer)
	}
	uc.Location, _ = a.planZone(engine)
	t := &turn{agent: a, text: q.Text, asked: a.o.Understander.Parse(q.Text, uc), before: uc, history: conv.Turns, started: at, convID: conv.ID,
		msgID: conversations.NewID("m", at), emit: emit, refs: map[string]*slot{}, guests: map[string]int{}, engine: engine}
	t.owner, t.voice.model = conv.Owner, offlineLabel
	t.who, _ = a.o.Roster.For(q.Agent, t.asked, q.Text) // Ask has seen that there is one
	t.chosen = (q.Agent == "" || q.Agent == roster.Auto) && t.who.ID != roster.Auto
	if t.who.Language != "" && q.Language == "" {
		t.asked.Language = t.who.Language
	}
	t.atOnce = make(chan struct{}, t.who.Limits.ToolsAtOnce)
	return t
}

// run brings the turn to the point where prose and diagnosis are there. Its only error is that the asker has gone.
func (t *turn) run(ctx context.Context) error {
	work, cancel := context.WithTimeout(ctx, t.timeout())
	defer cancel()
	t.calling, t.stopCalls = context.WithCancel(work)
	defer t.endCalls()
	t.send(agentsvc.EventAgent, agentsvc.AgentEvent{ID: t.who.ID, Name: t.who.Name.In(t.asked.AnswerLanguage()), Chosen: t.chosen})
	t.chooseModel()
	t.listTools(work)
	t.placeWindow(work)
	if t.recall(work) {
		if ctx.Err() != nil {
			return t.givenUp(ctx)
		}
		t.settleProse()
		return nil
	}
	if t.recalls.early > 0 {
		t.tellDiagnosis() // a model may take a minute for its words, or never find any: who waits has this at once
	}
	t.openAccount(work)
	defer t.closeAccount(ctx)
	if err := t.generate(work); err != nil {
		if ctx.Err() != nil {
			return t.givenUp(ctx)
		}
		t.modelFailed(err)
	}
	t.complete(work)
	t.endCalls()
	if ctx.Err() != nil {
		return t.givenUp(ctx)
	}
	t.settleProse()
	t.remember()
	return nil
}

// placeWindow reads the question anew where it names times of day and was read before its engine's zone was known: "between 22:00 and 02:00" is said in
// the time of the plan that is asked about. The state of that plan tells the zone.
func (t *turn) placeWindow(ctx context.Context) {
	if t.asked.Since.IsZero() && t.asked.Until.IsZero() {
		return
	}
	zone, known := t.agent.planZone(cmp.Or(t.engine, t.firstEngine(), t.agent.o.Engine.Name))
	if !known {
		if t.asked.Intent != understand.Find || !t.offers(compose.PlanStatus) {
			return
		}
		call := offline.Call{Name: compose.PlanStatus}
		if c, _, ok := t.call(ctx, t.slot("needed zone", call.Name, call.JSON(), noMost)); ok && c.OK() {
			zone, known = t.agent.planZone(c.Result.Envelope.Engine.Name)
		}
	}
	if !known || zone == t.before.Location {
		return
	}
	t.before.Location, t.before.Language = zone, t.asked.Language
	t.asked = t.agent.o.Understander.Parse(t.text, t.before)
}

func (t *turn) listTools(ctx context.Context) {
	infos, err := t.agent.tools(ctx)
	if err != nil {
		t.agent.o.Logger.Warn("list tools", "error", err)
		if len(infos) == 0 {
			t.errs = append(t.errs, unreachable("tools"))
		}
	}
	t.listed = t.usable(infos)
	t.offered, t.barred = t.allowed(t.listed)
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
		step := offline.Next(t.state(t.most() + offline.MaxCalls))
		if len(step.Calls) == 0 || ctx.Err() != nil {
			return
		}
		var wg sync.WaitGroup
		for _, c := range step.Calls {
			s := t.slot(fmt.Sprintf("needed %s %s", c.Name, c.JSON()), c.Name, c.JSON(), noMost)
			wg.Go(func() { t.call(ctx, s) })
		}
		wg.Wait()
	}
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

// fail notes an error that takes the model's words with it.
func (t *turn) fail(e answer.Error) {
	t.note(e)
	t.voice.fallBack = true
}

func (t *turn) note(e answer.Error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errs = append(t.errs, e)
}

func (t *turn) input() compose.Input {
	ledger := t.ledger()
	t.mu.Lock()
	defer t.mu.Unlock()
	defaults := t.agent.o.Engine
	defaults.Name = cmp.Or(t.engine, t.firstEngine(), defaults.Name)
	in := compose.Input{Question: t.text, ConversationID: t.convID, MessageID: t.msgID, Asked: t.asked, Ledger: ledger, Defaults: defaults,
		Errors: slices.Clone(t.errs), Model: t.voice.model, Tokens: t.tokens, Elapsed: t.agent.o.Now().Sub(t.started)}
	in.Agent = t.who.ID
	for _, tool := range offline.Barred(offline.Turn{Input: in, Offered: t.toolNames(), Withheld: t.barred}) {
		in.Barred = append(in.Barred, compose.Barred{Tool: tool, Agents: t.whoElse(tool)})
	}
	return in
}

func (t *turn) state(budget int) offline.Turn {
	return offline.Turn{Input: t.input(), Offered: t.toolNames(), Budget: budget, Answer: func() answer.Answer { a, _ := t.checked(); return a }}
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
	a, checker := t.checked()
	note := t.further(&a, checker) + t.suspicious(a.Language)
	a.Model, a.Answer = in.Model, t.voice.said(a.Language)+note
	calls := a.Usage.UpstreamCalls
	a.Usage = in.Tokens
	a.Usage.UpstreamCalls, a.Usage.DurationMS = calls, in.Elapsed.Milliseconds()
	return a
}

// record is the turn as its conversation keeps it.
func (t *turn) record(a answer.Answer) conversations.Turn {
	ledger := t.ledger()
	return conversations.Turn{ID: a.MessageID, Question: t.text, Language: a.Language, Answer: a, Ledger: ledger, At: t.started.UTC(),
		Asked: conversations.Asked{Intent: string(t.asked.Intent), Target: t.asked.Target, TargetKind: t.asked.TargetKind, Entity: t.entity(a, ledger), Engine: t.engine, Agent: t.who.ID}}
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
	if t.emit == nil {
		return
	}
	// A listener that panics is not spoken to again; the answer is made all the same.
	defer func() {
		if v := recover(); v != nil {
			t.agent.o.Logger.Error("event handler panicked", "event", kind, "panic", fmt.Sprint(v))
			t.emit = nil
		}
	}()
	t.emit(agentsvc.Event{Type: kind, Data: data})
}

// hush ends the events: a tool that outlives its turn may not speak into a closed stream.
func (t *turn) hush() {
	t.sending.Lock()
	defer t.sending.Unlock()
	t.emit = nil
}
