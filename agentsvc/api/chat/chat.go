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
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// Agent is one of those who answer.
type Agent struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Model       string `json:"model,omitempty"`
}

// Options are what New needs. Zero numbers mean: 8 questions at once, 2 minutes for each, a heartbeat every 15 s.
type Options struct {
	Asker       agentsvc.Asker
	Turns       conversations.Store // where ledgers are read; nil: nowhere
	Agents      []Agent
	AtOnce      int
	TurnTimeout time.Duration
	Heartbeat   time.Duration
}

// API has the handlers.
type API struct {
	o     Options
	slots chan struct{}
}

const (
	maxQuestion = 4000 // runes
	autoAgent   = "auto"
)

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
	if o.Agents == nil {
		o.Agents = []Agent{}
	}
	return &API{o: o, slots: make(chan struct{}, o.AtOnce)}, nil
}

// agentsOutput is the body of GET /api/agents.
type agentsOutput struct {
	Body struct {
		Agents []Agent `json:"agents" nullable:"false" doc:"Who answers; the one named auto chooses among the others."`
	}
}

// Register adds the operations to the set.
func (a *API) Register(s *operation.Set) {
	operation.Register(s, operation.Operation{
		Rule:   operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead},
		Method: http.MethodGet, Path: "/api/agents", ID: "listAgents", Tag: "chat", Summary: "List who answers questions",
		Description: "The agents of this server. Name one as agent in POST /api/chat, or leave it to auto.",
	}, a.agents)
}

func (a *API) agents(context.Context, *struct{}) (*agentsOutput, error) {
	out := &agentsOutput{}
	out.Body.Agents = a.o.Agents
	return out, nil
}

// request is the body of POST /api/chat.
type request struct {
	Question       string `json:"question"`
	ConversationID string `json:"conversation_id"`
	Language       string `json:"language"`
	Agent          string `json:"agent"`
	Engine         string `json:"engine"`
}

// question checks the body and makes the Asker's question of it.
func (a *API) question(in request) (agentsvc.Question, error) {
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
	if in.Agent != "" && in.Agent != autoAgent {
		if !slices.ContainsFunc(a.o.Agents, func(g Agent) bool { return g.ID == in.Agent }) {
			return q, fault.New(fault.Invalid, "There is no such agent.").WithHint("GET /api/agents lists them; %s chooses.", autoAgent)
		}
		q.Agent = in.Agent
	}
	return q, nil
}

// Ask answers POST /api/chat.
func (a *API) Ask(w http.ResponseWriter, r *http.Request) error {
	var in request
	if err := wire.Read(r, &in); err != nil {
		return err
	}
	q, err := a.question(in)
	if err != nil {
		return err
	}
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	default:
		w.Header().Set("Retry-After", "5")
		return fault.New(fault.Limited, "Too many questions are being worked on.").WithHint("Try again in some seconds.")
	}
	ctx, cancel := context.WithTimeout(r.Context(), a.o.TurnTimeout)
	defer cancel()
	allowTime(w, a.o.TurnTimeout)
	if wantsEvents(r) {
		return a.stream(ctx, cancel, w, q)
	}
	answer, err := a.o.Asker.Ask(ctx, q, nil)
	if err != nil {
		return err
	}
	return wire.Write(w, http.StatusOK, answer)
}

// allowTime lifts the server's write timeout, which is made for short answers, over this turn.
func allowTime(w http.ResponseWriter, d time.Duration) {
	// A writer without deadlines has no timeout to lift either.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d + writeTimeout))
}

// wantsEvents reports whether the caller names the event stream among what it accepts, and does not rule it out.
func wantsEvents(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(name), "text/event-stream") {
				return strings.ReplaceAll(params, " ", "") != "q=0"
			}
		}
	}
	return false
}
