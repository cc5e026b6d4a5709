package chat

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
)

// registerShares adds the operations on links by which others may read a conversation.
func (a *API) registerShares(s *operation.Set) {
	operation.Register(s, operation.Operation{
		Rule: change, Method: http.MethodPost, Path: "/api/conversations/{id}/share", ID: "shareConversation", Tag: "conversations", Summary: "Make a link for others to read", Gives: "The link, whose token is shown this once", Status: http.StatusCreated,
		Description: "Whoever is logged in here and has the link may read the turns that are there now, each in its present version, and nothing else: no turn that comes later, no feedback, no ledger. It takes the place of an earlier link.",
		Fails:       kept,
	}, a.share)
	operation.Register(s, operation.Operation{
		Rule: change, Method: http.MethodDelete, Path: "/api/conversations/{id}/share", ID: "unshareConversation", Tag: "conversations", Summary: "Revoke the link", Gives: "Nobody else reads it any more", Status: http.StatusNoContent,
		Description: "Whoever has the link finds nothing there from then on. A new one can be made.", Fails: kept,
	}, a.unshare)
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/shared/{token}", ID: "readShared", Tag: "conversations", Summary: "Read what somebody shares", Gives: "The conversation",
		Description: "A link that has expired, was revoked or never was is not found.", Fails: kept,
	}, a.shared)
}

// Share is a link to a conversation.
type Share struct {
	Token   string    `json:"token,omitempty" doc:"Only in the answer that makes it."`
	Path    string    `json:"path,omitempty" doc:"Where others read, on this server."`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

type shareInput struct {
	OfConversation

	Days int `query:"days" minimum:"1" maximum:"90" default:"7" doc:"How long the link lives."`
}

type shareOutput struct{ Body Share }

// share answers POST /api/conversations/{id}/share.
func (a *API) share(ctx context.Context, in *shareInput) (*shareOutput, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	token, s, err := c.Share(ctx, who.ID, in.ID, time.Duration(in.Days)*24*time.Hour)
	if err != nil {
		return nil, err
	}
	return &shareOutput{Body: Share{Token: token, Path: "/api/shared/" + token, Created: s.Created, Expires: s.Expires}}, nil
}

// unshare answers DELETE /api/conversations/{id}/share.
func (a *API) unshare(ctx context.Context, in *OfConversation) (*struct{}, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	return nil, c.Store().SetShare(ctx, who.ID, in.ID, nil)
}

type sharedInput struct {
	Token string `path:"token" pattern:"^[A-Za-z0-9_-]{1,64}$" patternDescription:"the token of a link" doc:"The token of the link."`
}

// shared answers GET /api/shared/{token}. A caller who may read only some engines gets no turn about others by a detour.
func (a *API) shared(ctx context.Context, in *sharedInput) (*conversationOutput, error) {
	c, who, err := a.mine(ctx)
	if err != nil {
		return nil, err
	}
	conv, err := c.Shared(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	for _, t := range conv.Turns {
		if slices.ContainsFunc(enginesOf(t), func(engine string) bool { return !who.MayEngine(engine) }) {
			return nil, fault.New(fault.Forbidden, "This conversation is about an engine that you may not read.")
		}
	}
	out := &conversationOutput{Body: shown(conv, "")}
	out.Body.Share = nil
	return out, nil
}

// enginesOf names the engines that a turn tells something of: the one that it was answered from, and those that its tools were asked about, such as
// one that a plan was compared with.
func enginesOf(t conversations.Turn) []string {
	all := []string{t.Answer.Engine.Name, t.Asked.Engine}
	for _, c := range t.Answer.ToolCalls {
		engine, _ := c.Arguments["engine"].(string)
		against, _ := c.Arguments["against"].(string)
		all = append(all, strings.ToLower(engine))
		if kind, name, _ := strings.Cut(strings.TrimSpace(against), " "); kind == "engine" {
			all = append(all, strings.ToLower(strings.TrimSpace(name)))
		}
	}
	if d := t.Answer.Diagnosis; d != nil {
		for _, c := range d.Causes {
			all = append(all, c.Ref.Engine)
		}
		for _, c := range d.Candidates {
			all = append(all, c.Ref.Engine)
		}
	}
	return slices.DeleteFunc(all, func(engine string) bool { return engine == "" })
}
