// Package agent answers questions: it runs a model, real or offline, over the tools, and gives back an answer that compose built and
// verify checked. A real model may also call tools of further MCP servers, where the Caller has some; what they say decides nothing.
// It is the only importer of Genkit. There is one path for every model: a flow calls Generate, Generate calls tools through
// toolkit.Caller, the prose streams sentence by sentence through the verifier. What understand read decides which tools must have been
// called; what a model leaves out, the agent calls itself. Several models stand in a chain (llm), the offline one at its end: a model that
// fails costs its prose, never the answer.
//
// What a caller of New has to know about Genkit: Init catches SIGINT and SIGTERM for good, so the program must handle its own signals before
// and after; the context given to New must be cancelled at the end (Close does it), since a goroutine of Genkit lives as long. A tracer
// provider of the OpenTelemetry SDK must be set before New if traces are wanted (spans carry prompts and data); without one, New sets one that
// samples nothing, because Genkit panics over a noop provider. GENKIT_ENV=dev and GENKIT_TELEMETRY_SERVER are refused: they open a port that
// runs any action, and send plant data away.
//
// An Agent is safe for concurrent use. Start at New and Agent.Ask.
package agent

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/firebase/genkit/go/genkit"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/recall"
	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

// MaxQuestion is the longest question that is taken, in bytes.
const MaxQuestion = 8 << 10

// Understander reads questions; understand.Understander does.
type Understander interface {
	Parse(question string, c understand.Context) understand.Understanding
}

// Options are what an Agent needs.
type Options struct {
	Caller        toolkit.Caller
	Understander  Understander
	Roster        *roster.Roster               // who answers; nil: the built-in agents
	Conversations *conversations.Conversations // nil: in memory
	Models        []llm.Settings               // in the order in which they are asked; none: the offline model alone
	Engine        answer.EngineInfo            // named in answers when no tool could answer
	Timeout       time.Duration                // of one turn; 0 means 120 s
	Now           func() time.Time             // nil: time.Now
	Logger        *slog.Logger                 // nil: nothing is logged
	Accounts      Accounts                     // nil: nothing is counted, everything is allowed
	Recall        *recall.Store                // prose of earlier answers; nil: none is kept
}

// Agent implements agentsvc.Asker.
type Agent struct {
	o      Options
	g      *genkit.Genkit
	flow   *answerFlow
	chain  *llm.Chain
	cancel context.CancelFunc

	abandoned atomic.Int64 // calls that go on though nobody waits for them any more

	mu    sync.Mutex
	infos []toolkit.Info            // of the last successful listing
	until time.Time                 // when they are to be listed again
	zones map[string]*time.Location // the plans', by engine, as last seen
}

var _ agentsvc.Asker = (*Agent)(nil)

// New makes an Agent. Nothing is dialled: an endpoint that does not answer shows in the answers.
func New(ctx context.Context, o Options) (*Agent, error) {
	if o.Caller == nil || o.Understander == nil {
		return nil, errors.New("agent: a Caller and an Understander are needed")
	}
	if os.Getenv("GENKIT_ENV") == "dev" || os.Getenv("GENKIT_TELEMETRY_SERVER") != "" {
		return nil, fault.New(fault.Invalid, "GENKIT_ENV=dev and GENKIT_TELEMETRY_SERVER open this process to others, so Resync does not start with them.").
			WithHint("Unset them.")
	}
	if o.Conversations == nil {
		o.Conversations = conversations.New(conversations.Options{Now: o.Now})
	}
	if o.Roster == nil {
		built, err := roster.Load(roster.Options{})
		if err != nil {
			return nil, err
		}
		o.Roster = built
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Timeout <= 0 {
		o.Timeout = 120 * time.Second
	}
	ctx, cancel := context.WithCancel(ctx)
	a := &Agent{o: o, cancel: cancel, zones: map[string]*time.Location{}}
	if err := a.start(ctx); err != nil {
		cancel()
		return nil, err
	}
	return a, nil
}

// Close ends Genkit's goroutine and idle connections. Turns under way are not waited for: their callers' contexts end them.
func (a *Agent) Close() error {
	a.cancel()
	a.chain.Close()
	return nil
}

// Ask answers one question. It gives an error only where there can be no answer at all: nobody asks, the question is empty or too long, the
// conversation is not the caller's or is being written to, or the caller has gone. Everything else is an answer.
func (a *Agent) Ask(ctx context.Context, q agentsvc.Question, emit func(agentsvc.Event)) (answer.Answer, error) {
	who, ok := auth.CallerFrom(ctx)
	if !ok {
		return answer.Answer{}, fault.New(fault.Unauthorized, "Nobody is logged in.")
	}
	if err := checkQuestion(q); err != nil {
		return answer.Answer{}, err
	}
	if _, ok := a.o.Roster.For(q.Agent, understand.Understanding{}, ""); !ok {
		return answer.Answer{}, fault.New(fault.Invalid, "There is no agent %q.", q.Agent).WithHint("These answer; auto chooses among the others.").WithCandidates(a.o.Roster.IDs()...)
	}
	if err := a.checkEngine(ctx, q.Engine); err != nil {
		return answer.Answer{}, err
	}
	session, err := a.o.Conversations.Open(ctx, who.ID, q.ConversationID)
	if err != nil {
		return answer.Answer{}, err
	}
	defer session.Close()
	conv, err := session.Before(ctx, q.Replaces, a.pastTurns())
	if err != nil {
		return answer.Answer{}, err
	}
	work, done := session.Context(ctx)
	defer done()
	t := a.newTurn(q, conv, emit)
	defer t.hush()
	t.send(agentsvc.EventTurn, agentsvc.TurnEvent{ConversationID: t.convID, MessageID: t.msgID})
	if err := t.run(work); err != nil {
		a.keepGivenUp(ctx, session, t, q)
		return answer.Answer{}, err
	}
	ans := t.finish()
	kept := t.record(ans)
	kept.Replaces, kept.Stopped = q.Replaces, t.stopped
	// The answer was made: it is kept even when its reader has gone.
	if err := session.Append(context.WithoutCancel(ctx), kept); err != nil {
		a.o.Logger.Error("store turn", "conversation", ans.ConversationID, "error", err)
		ans.Errors = append(ans.Errors, answer.Error{Code: string(fault.CodeOf(err)), Source: "conversation:" + ans.ConversationID,
			Message: "This answer could not be stored with its conversation."})
	}
	t.send(agentsvc.EventDone, ans)
	return ans, nil
}

func checkQuestion(q agentsvc.Question) error {
	switch {
	case strings.TrimSpace(q.Text) == "":
		return fault.New(fault.Invalid, "The question is empty.").WithHint("Ask, for example: which jobs failed tonight?")
	case len(q.Text) > MaxQuestion:
		return fault.New(fault.Invalid, "The question is longer than %d bytes.", MaxQuestion).WithHint("Ask about one object at a time; logs are read by the tools.")
	case q.Language != "" && q.Language != "en" && q.Language != "pt":
		return fault.New(fault.Invalid, "The language %q is not known.", q.Language).WithHint("Use en or pt.")
	}
	return nil
}

// toolsEvery is how long a listing of tools is good for.
const toolsEvery = time.Minute

// tools lists the tools at hand. An old listing serves while the tool server cannot be reached. Who has scopes may see others than the next
// person, so what they see is not kept.
func (a *Agent) tools(ctx context.Context) ([]toolkit.Info, error) {
	if c, ok := auth.CallerFrom(ctx); ok && len(c.Scopes) > 0 {
		return a.o.Caller.Tools(ctx)
	}
	a.mu.Lock()
	infos, fresh := a.infos, a.o.Now().Before(a.until)
	a.mu.Unlock()
	if fresh {
		return infos, nil
	}
	listed, err := a.o.Caller.Tools(ctx)
	if err != nil {
		return infos, err
	}
	a.mu.Lock()
	a.infos, a.until = listed, a.o.Now().Add(toolsEvery)
	a.mu.Unlock()
	return listed, nil
}

// planZone gives the zone of an engine's plan as the last reading showed it: windows of time in a question are meant in it. UTC and false where none has
// shown it. No name means the only engine that was ever read.
func (a *Agent) planZone(engine string) (zone *time.Location, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if zone, known = a.zones[engine]; known {
		return zone, true
	}
	if engine == "" && len(a.zones) == 1 {
		for _, only := range a.zones {
			return only, true
		}
	}
	return time.UTC, false
}

func (a *Agent) sawClock(engine, planNow string) {
	if at, err := time.Parse(time.RFC3339, planNow); err == nil {
		a.mu.Lock()
		a.zones[engine] = at.Location()
		a.mu.Unlock()
	}
}
