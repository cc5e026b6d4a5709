package chat

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// change is who may change their own conversations.
var change = operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeAsk}

// kept are the codes of operations on a conversation.
var kept = []fault.Code{fault.NotFound, fault.Unsupported}

// registerConversations adds the operations on questions and answers that are kept. Each is about the caller's own; those of others are not found.
func (a *API) registerConversations(s *operation.Set) {
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/conversations", ID: "listConversations", Tag: "conversations", Summary: "List your conversations", Gives: "Conversations, the latest used first",
		Description: "With q, those in which one turn (its question, its answer and the objects that it names) or the title has all of the words, in any case and with or without accents; match says where. " +
			"One that is written to meanwhile moves to the front and is on no later page; none is on two.",
		Fails: []fault.Code{fault.Unsupported},
	}, a.list)
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/conversations/{id}", ID: "getConversation", Tag: "conversations", Summary: "Read a conversation", Gives: "The conversation with its turns, oldest first",
		Description: "Its turns have the answers as they were given; of one that was made anew the latest stands here, and earlier names those before it.", Fails: kept,
	}, a.get)
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/conversations/{id}/turns/{message}", ID: "getTurn", Tag: "conversations", Summary: "Read one turn", Gives: "The turn",
		Description: "Also an earlier version of an answer that was made anew, by its message id.", Fails: kept,
	}, a.turn)
	operation.Register(s, operation.Operation{
		Rule: change, Method: http.MethodPatch, Path: "/api/conversations/{id}", ID: "renameConversation", Tag: "conversations", Summary: "Rename a conversation", Gives: "It has the title", Status: http.StatusNoContent,
		Description: "The title is for lists; nothing else changes.", Fails: kept,
	}, a.rename)
	operation.Register(s, operation.Operation{
		Rule: change, Method: http.MethodDelete, Path: "/api/conversations/{id}", ID: "deleteConversation", Tag: "conversations", Summary: "Delete a conversation", Gives: "It is gone, with its turns, its link and its feedback", Status: http.StatusNoContent,
		Description: "At once and for good: nothing brings it back.", Fails: kept,
	}, a.remove)
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/conversations/{id}/export", ID: "exportConversation", Tag: "conversations", Summary: "Export a conversation as Markdown", Gives: "Markdown",
		Description: "Questions, answers, causes with their evidence, advice with its commands, sources. Headings are in the language of the first question; times carry their zone. Text of others is text: there is no HTML, no picture and no link in it.",
		Fails:       kept, Shape: operation.GivesText("text/markdown"),
	}, a.export)
	a.registerShares(s)
	operation.Register(s, operation.Operation{
		Rule: change, Method: http.MethodPost, Path: "/api/conversations/{id}/stop", ID: "stopTurn", Tag: "conversations", Summary: "Stop the answer that is being made", Gives: "Whether one was being made",
		Description: "The turn ends with what stood by then, and is kept, marked. At another node it ends within seconds.", Fails: kept,
	}, a.stop)
	operation.RegisterEvents(s, operation.Operation{
		Rule:   operation.Rule{Access: operation.Known, Role: auth.Operator, Scope: auth.ScopeAsk},
		Method: http.MethodPost, Path: "/api/conversations/{id}/regenerate", ID: "regenerate", Tag: "conversations", Summary: "Have an answer made anew", Gives: "The whole answer, or events while it is being made",
		Description: "The same question, after what stood before it, answered from what is so now. The new answer takes the place of the old one, which stays as an earlier version: people may have acted on it. " +
			"Answers and streams like POST /api/chat.",
		Fails: []fault.Code{fault.NotFound, fault.Conflict, fault.Unsupported, fault.UpstreamUnavailable, fault.UpstreamDenied, fault.Timeout},
	}, events, a.regenerate)
	operation.Register(s, operation.Operation{
		Rule: change, Method: http.MethodPost, Path: "/api/feedback", ID: "giveFeedback", Tag: "conversations", Summary: "Say what you think of an answer", Gives: "It is kept", Status: http.StatusNoContent,
		Description: "One opinion of each person on each answer; a later one takes the place of the earlier. What comes with words also goes to those who make runbooks of it (resync kb review).",
		Fails:       kept,
	}, a.feedback)
}

// mine gives the conversations and whose they are.
func (a *API) mine(ctx context.Context) (*conversations.Conversations, auth.Caller, error) {
	if a.o.Turns == nil {
		return nil, auth.Caller{}, fault.New(fault.Unsupported, "This server keeps no conversations.")
	}
	who, ok := auth.CallerFrom(ctx)
	if !ok {
		return nil, auth.Caller{}, fault.New(fault.Unauthorized, "Nobody is logged in.")
	}
	return a.o.Turns, who, nil
}

type listInput struct {
	operation.Request
	operation.Paged

	Q string `query:"q" maxLength:"200" example:"payroll locked" doc:"Words to search for."`
}

// list answers GET /api/conversations.
func (a *API) list(ctx context.Context, in *listInput) (*operation.List[conversations.Summary], error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	page, err := c.Store().List(ctx, who.ID, conversations.Query{Text: in.Q, After: in.Cursor, Limit: in.PageSize})
	if err != nil {
		return nil, err
	}
	return operation.ListOf(&in.Request, page.Items, page.Total, page.Next), nil
}

// OfConversation is embedded in the input of operations on one conversation. It is exported since huma sees no other.
type OfConversation struct {
	ID string `path:"id" pattern:"^[A-Za-z0-9_-]{1,64}$" patternDescription:"the conversation_id of an answer" example:"c_01J9ZK" doc:"The conversation_id of an answer."`
}

// Conversation is a conversation as it is handed out.
type Conversation struct {
	ID      string    `json:"id"`
	Title   string    `json:"title"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	Share   *Share    `json:"share,omitempty" doc:"The link by which others may read it, if there is one. Its token was shown once."`
	Turns   []Turn    `json:"turns" doc:"Oldest first, each in its present version."`
}

// Turn is one question with its answer.
type Turn struct {
	MessageID string        `json:"message_id"`
	Question  string        `json:"question"`
	Language  string        `json:"language" doc:"en or pt."`
	At        time.Time     `json:"at"`
	Agent     string        `json:"agent,omitempty" doc:"Who answered, of GET /api/agents."`
	Stopped   bool          `json:"stopped" doc:"The turn was given up: the answer is what stood by then."`
	Replaces  string        `json:"replaces,omitempty" doc:"The message id of the answer in whose place this one was made."`
	Earlier   []string      `json:"earlier" doc:"Message ids of the earlier versions that are kept, the oldest first."`
	Feedback  *Feedback     `json:"feedback,omitempty" doc:"What the caller thinks of the answer."`
	Answer    answer.Answer `json:"answer"`
}

// Feedback is what somebody thinks of an answer.
type Feedback struct {
	Opinion string    `json:"opinion" doc:"up or down."`
	Words   string    `json:"words"`
	At      time.Time `json:"at"`
}

func shownTurn(t conversations.Turn, who string) Turn {
	out := Turn{MessageID: t.ID, Question: t.Question, Language: t.Language, At: t.At, Agent: t.Asked.Agent, Stopped: t.Stopped, Replaces: t.Replaces, Earlier: append([]string{}, t.Earlier...), Answer: t.Answer}
	for _, f := range t.Feedback {
		if f.Who == who {
			out.Feedback = &Feedback{Opinion: string(f.Opinion), Words: f.Words, At: f.At}
		}
	}
	return out
}

func shown(c conversations.Conversation, who string) Conversation {
	out := Conversation{ID: c.ID, Title: c.Title, Created: c.Created, Updated: c.Updated, Turns: []Turn{}}
	if c.Share != nil {
		out.Share = &Share{Created: c.Share.Created, Expires: c.Share.Expires}
	}
	for _, t := range c.Turns {
		out.Turns = append(out.Turns, shownTurn(t, who))
	}
	return out
}

type conversationOutput struct{ Body Conversation }

// get answers GET /api/conversations/{id}.
func (a *API) get(ctx context.Context, in *OfConversation) (*conversationOutput, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	conv, err := c.Store().Get(ctx, who.ID, in.ID)
	if err != nil {
		return nil, err
	}
	return &conversationOutput{Body: shown(conv, who.ID)}, nil
}

type turnInput struct {
	OfConversation

	Message string `path:"message" pattern:"^[A-Za-z0-9_-]{1,64}$" patternDescription:"the message_id of an answer" example:"m_01J9ZK" doc:"The message_id of one of the conversation's answers."`
}

type turnOutput struct{ Body Turn }

// turn answers GET /api/conversations/{id}/turns/{message}.
func (a *API) turn(ctx context.Context, in *turnInput) (*turnOutput, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	t, err := c.Store().Turn(ctx, who.ID, in.ID, in.Message)
	if err != nil {
		return nil, err
	}
	return &turnOutput{Body: shownTurn(t, who.ID)}, nil
}

// Title is the body of PATCH /api/conversations/{id}.
type Title struct {
	Title string `json:"title" minLength:"1" maxLength:"200" doc:"What the conversation is to be called; 80 characters of it are kept."`
}

type renameInput struct {
	OfConversation

	Body Title
}

// rename answers PATCH /api/conversations/{id}.
func (a *API) rename(ctx context.Context, in *renameInput) (*struct{}, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	if conversations.TitleOf(in.Body.Title) == "" {
		return nil, fault.New(fault.Invalid, "The title is empty.")
	}
	return nil, c.Store().Rename(ctx, who.ID, in.ID, in.Body.Title)
}

// remove answers DELETE /api/conversations/{id}.
func (a *API) remove(ctx context.Context, in *OfConversation) (*struct{}, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	return nil, c.Store().Delete(ctx, who.ID, in.ID)
}

// export answers GET /api/conversations/{id}/export.
func (a *API) export(ctx context.Context, in *OfConversation) (*operation.Text, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	conv, err := c.Store().Get(ctx, who.ID, in.ID)
	if err != nil {
		return nil, err
	}
	return &operation.Text{ContentType: "text/markdown; charset=utf-8", Disposition: `attachment; filename="` + conv.ID + `.md"`, Body: []byte(conv.Markdown())}, nil
}

type stopOutput struct {
	Body struct {
		Stopped bool `json:"stopped" doc:"False: nothing was being answered."`
	}
}

// stop answers POST /api/conversations/{id}/stop.
func (a *API) stop(ctx context.Context, in *OfConversation) (*stopOutput, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	out := &stopOutput{}
	out.Body.Stopped, err = c.Stop(ctx, who.ID, in.ID)
	return out, err
}

// Again is the body of POST /api/conversations/{id}/regenerate.
type Again struct {
	MessageID string `json:"message_id" pattern:"^[A-Za-z0-9_-]{1,64}$" patternDescription:"the message_id of an answer" doc:"The answer to make anew, in its present version."`
}

type againInput struct {
	operation.Request
	OfConversation

	Body Again
}

// regenerate answers POST /api/conversations/{id}/regenerate.
func (a *API) regenerate(ctx context.Context, in *againInput, open func() (*operation.Sender, error)) (*answer.Answer, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	t, err := c.Store().Turn(ctx, who.ID, in.ID, in.Body.MessageID)
	if err != nil {
		return nil, err
	}
	q := agentsvc.Question{Text: t.Question, ConversationID: in.ID, Language: t.Language, Agent: t.Asked.Agent, Engine: t.Asked.Engine, Replaces: t.ID}
	return a.answered(ctx, &in.Request, q, open)
}

// Said is the body of POST /api/feedback.
type Said struct {
	ConversationID string `json:"conversation_id" pattern:"^[A-Za-z0-9_-]{1,64}$" patternDescription:"the conversation_id of an answer"`
	MessageID      string `json:"message_id" pattern:"^[A-Za-z0-9_-]{1,64}$" patternDescription:"the message_id of an answer"`
	Opinion        string `json:"opinion" example:"down" doc:"up or down; empty takes back what was said before."`
	Words          string `json:"words,omitempty" maxLength:"2000" doc:"What was right or wrong."`
}

type feedbackInput struct{ Body Said }

// feedback answers POST /api/feedback.
func (a *API) feedback(ctx context.Context, in *feedbackInput) (*struct{}, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	f := conversations.Feedback{Who: who.ID, Name: who.Name, Opinion: conversations.Opinion(in.Body.Opinion), Words: strings.TrimSpace(in.Body.Words)}
	return nil, c.SetFeedback(ctx, who.ID, in.Body.ConversationID, in.Body.MessageID, f)
}
