// Package chat is the part of the REST API where questions are asked: POST /api/chat answers with one JSON object, or with
// a stream of events for those who accept one, GET /api/agents lists who answers, and GET /api/conversations/{id}/ledger shows what the tools
// returned in a turn of the caller's own.
//
// It makes no answer: an agentsvc.Asker does. It checks no right: the router in package api decides who may call what. A
// turn ends when its time is up or the caller leaves, and the handler returns only after the Asker did. Start at New. Safe
// for concurrent use.
package chat

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Options are what New needs. Zero numbers mean: 8 questions at once, 2 minutes for each, a heartbeat every 15 s.
type Options struct {
	Asker       agentsvc.Asker
	Turns       *conversations.Conversations // where the Asker keeps its turns; nil: nowhere
	Roster      *roster.Roster               // who answers; nil: the built-in agents
	Model       string                       // who writes the prose of agents that name no model, as people know it
	AtOnce      int
	TurnTimeout time.Duration
	Heartbeat   time.Duration
}

// API has the handlers.
type API struct {
	o     Options
	slots chan struct{}
}

const maxQuestion = 4000 // runes

var engineName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

var conversationID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// New makes the handlers.
func New(o Options) (*API, error) {
	if o.Asker == nil {
		return nil, errors.New("chat: an asker is needed")
	}
	if o.AtOnce <= 0 {
		o.AtOnce = 8
	}
	if o.TurnTimeout <= 0 {
		o.TurnTimeout = 2 * time.Minute
	}
	if o.Heartbeat <= 0 {
		o.Heartbeat = 15 * time.Second
	}
	if o.Roster == nil {
		built, err := roster.Load(roster.Options{})
		if err != nil {
			return nil, err
		}
		o.Roster = built
	}
	return &API{o: o, slots: make(chan struct{}, o.AtOnce)}, nil
}

// read is who may look: everybody with a role.
var read = operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}

// Register adds the operations to the set.
func (a *API) Register(s *operation.Set) {
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/agents", ID: "listAgents", Tag: "chat", Summary: "List who answers questions", Gives: "The agents",
		Description: "The agents of this server and what each can do, with questions to try. Name one as agent in POST /api/chat, or leave it to auto.",
	}, a.agents)
	operation.RegisterEvents(s, operation.Operation{
		Rule:   operation.Rule{Access: operation.Known, Role: auth.Operator, Scope: auth.ScopeAsk},
		Method: http.MethodPost, Path: "/api/chat", ID: "ask", Tag: "chat", Summary: "Ask a question", Gives: "The whole answer, or events while it is being made",
		Description: "Answers with one JSON object, or, with `Accept: text/event-stream`, with events as they happen: the event `done` carries the same object and wins over all before it. " +
			"An engine that cannot be read is no error of this address: it is an answer that says so. Ending the connection ends the work.",
		Fails: []fault.Code{fault.NotFound, fault.Conflict, fault.UpstreamUnavailable, fault.UpstreamDenied, fault.Timeout},
	}, events, a.ask)
	operation.Register(s, operation.Operation{
		Rule:   operation.Rule{Access: operation.Named, Role: auth.Viewer, Scope: auth.ScopeTrace},
		Method: http.MethodGet, Path: "/api/conversations/{id}/ledger", ID: "getLedger", Tag: "conversations", Summary: "Show what the tools returned in a turn", Gives: "The turn's tool calls with their results",
		Description: "What the tools returned in one turn of the caller's own, as far as it is still kept. A turn of somebody else's is not found, like one that never was.",
		Fails:       []fault.Code{fault.NotFound, fault.Unsupported},
	}, a.ledger)
	a.registerConversations(s)
}

// nothing is the data of an event that says all by its name.
type nothing struct{}

// events are what a streamed answer is made of, in the order in which they may come.
var events = []operation.Event{
	{Name: string(agentsvc.EventTurn), Data: agentsvc.TurnEvent{}, Doc: "What the conversation and the answer will be called; POST /api/conversations/{id}/stop takes the first."},
	{Name: string(agentsvc.EventAgent), Data: agentsvc.AgentEvent{}, Doc: "Who answers."},
	{Name: string(agentsvc.EventToolCall), Data: agentsvc.ToolEvent{}, Doc: "A tool is called."},
	{Name: string(agentsvc.EventToolResult), Data: agentsvc.ToolEvent{}, Doc: "A tool has answered."},
	{Name: string(agentsvc.EventDiagnosis), Data: answer.Diagnosis{}, Doc: "What the tools found, before any prose."},
	{Name: string(agentsvc.EventDelta), Data: agentsvc.Delta{}, Doc: "A piece of checked prose; put the pieces one behind the other."},
	{Name: string(agentsvc.EventReset), Data: nothing{}, Doc: "The prose begins again: forget the pieces."},
	{Name: string(agentsvc.EventDone), Data: answer.Answer{}, Doc: "The last event: the whole answer."},
	{Name: string(agentsvc.EventError), Data: answer.Error{}, Doc: "The last event instead of done: no answer could be made at all."},
}

// Question is the body of POST /api/chat.
type Question struct {
	Question       string `json:"question" maxLength:"4000" example:"Why did PAY_LOAD abend?" doc:"What is asked, in English or Portuguese."`
	ConversationID string `json:"conversation_id,omitempty" doc:"Of an answer before, to go on from there; a new conversation begins without one."`
	Language       string `json:"language,omitempty" example:"en" doc:"The language of the answer, en or pt (pt-BR is taken too); without one, the question's own."`
	Agent          string `json:"agent,omitempty" example:"auto" doc:"Who answers, of GET /api/agents; auto chooses."`
	Engine         string `json:"engine,omitempty" doc:"Name of one of several engines, of GET /api/health/tws; without one, the conversation's last or the first that is configured."`
}

type askInput struct {
	operation.Request

	Body Question
}

// question checks the body and makes the Asker's question of it.
func (a *API) question(in Question) (agentsvc.Question, error) {
	q := agentsvc.Question{Text: strings.TrimSpace(in.Question), ConversationID: in.ConversationID}
	if n := utf8.RuneCountInString(q.Text); n < 1 || n > maxQuestion {
		return q, fault.New(fault.Invalid, "The question must have from 1 to %d characters.", maxQuestion)
	}
	if in.ConversationID != "" && !conversationID.MatchString(in.ConversationID) {
		return q, fault.New(fault.Invalid, "The conversation_id is not one of this server.")
	}
	if in.Engine != "" && !engineName.MatchString(in.Engine) {
		return q, fault.New(fault.Invalid, "The engine is not one of this server.").WithHint("GET /api/health/tws lists them.")
	}
	q.Engine = in.Engine
	switch in.Language {
	case "", "en", "pt":
		q.Language = in.Language
	case "pt-BR":
		q.Language = "pt"
	default:
		return q, fault.New(fault.Invalid, "The language must be en or pt, or absent.")
	}
	if in.Agent != "" && in.Agent != roster.Auto {
		if _, ok := a.o.Roster.Agent(in.Agent); !ok {
			return q, fault.New(fault.Invalid, "There is no such agent.").WithHint("GET /api/agents lists them; %s chooses.", roster.Auto)
		}
		q.Agent = in.Agent
	}
	return q, nil
}

// ask answers POST /api/chat.
func (a *API) ask(ctx context.Context, in *askInput, open func() (*operation.Sender, error)) (*answer.Answer, error) {
	q, err := a.question(in.Body)
	if err != nil {
		return nil, err
	}
	return a.answered(ctx, &in.Request, q, open)
}

// answered has the question answered, with JSON or with events, as the request wants it.
func (a *API) answered(ctx context.Context, in *operation.Request, q agentsvc.Question, open func() (*operation.Sender, error)) (*answer.Answer, error) {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	default:
		return nil, operation.After(fault.New(fault.Limited, "Too many questions are being worked on.").WithHint("Try again in some seconds."), 5)
	}
	ctx, cancel := context.WithTimeout(ctx, a.o.TurnTimeout)
	defer cancel()
	operation.AllowTime(in, a.o.TurnTimeout)
	if operation.WantsEvents(in.HTTP()) {
		return nil, a.stream(ctx, cancel, open, q)
	}
	out, err := a.o.Asker.Ask(ctx, q, nil)
	if err != nil {
		return nil, err
	}
	return &out, nil
}
