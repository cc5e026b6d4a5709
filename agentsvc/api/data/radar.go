package data

import (
	"context"
	"net/http"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/tools"
)

// Ack is a finding of the radar that somebody took for normal here.
type Ack struct {
	Engine string    `json:"engine"`
	ID     string    `json:"id" doc:"Of the finding."`
	Rule   string    `json:"rule"`
	Entity string    `json:"entity" doc:"As it was named then."`
	Note   string    `json:"note"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
}

// Acks keeps acknowledgements. Who gives or withdraws one is the caller of the context. engine "" is the one that answers by default.
type Acks interface {
	List(ctx context.Context, engine string) ([]Ack, error)
	// Acknowledge takes a finding that the radar shows now for normal; not_found when it shows none of that id.
	Acknowledge(ctx context.Context, engine, id string, until time.Time, note string) (Ack, error)
	// Withdraw ends one; not_found when there is none.
	Withdraw(ctx context.Context, engine, id string) error
}

// registerRadar adds the operations on what is wrong though nothing is red.
func (a *API) registerRadar(s *operation.Set) {
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/radar", ID: "getRadar", Tag: "radar", Summary: "Show what is wrong though nothing is red", Gives: "Findings, worst first",
		Description: "What the tool radar says, less what is acknowledged as normal here; that is listed apart.",
		Fails:       engineFails,
	}, a.radar)
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/radar/acks", ID: "listAcks", Tag: "radar", Summary: "List what is acknowledged as normal here", Gives: "The acknowledgements",
		Description: "Who took what for normal here, why, and until when.",
		Fails:       []fault.Code{fault.NotFound, fault.Unsupported},
	}, a.listAcks)
	change := operation.Rule{Access: operation.Known, Role: auth.Operator}
	operation.Register(s, operation.Operation{
		Rule: change, Method: http.MethodPost, Path: "/api/radar/acks", ID: "acknowledge", Tag: "radar", Summary: "Take a finding for normal here", Gives: "The acknowledgement", Status: http.StatusCreated,
		Description: "What the radar shows under the id is normal here until the given instant. It changes nothing in the plan.",
		Fails:       []fault.Code{fault.NotFound, fault.Unsupported, fault.UpstreamUnavailable, fault.UpstreamDenied, fault.Timeout},
	}, a.acknowledge)
	operation.Register(s, operation.Operation{
		Rule: change, Method: http.MethodDelete, Path: "/api/radar/acks", ID: "withdrawAck", Tag: "radar", Summary: "Withdraw an acknowledgement", Gives: "It is withdrawn", Status: http.StatusNoContent,
		Description: "The radar shows the finding again, if it is still there.",
		Fails:       []fault.Code{fault.NotFound, fault.Unsupported},
	}, a.withdraw)
}

type radarInput struct {
	Engine        string   `query:"engine" maxLength:"64" doc:"Name of one of several engines; without one, the first that is configured."`
	MinSeverity   string   `query:"min_severity" example:"high" doc:"The least severity to show: critical, high, medium or low."`
	Rules         []string `query:"rule,explode" doc:"Only findings of these rules; may stand several times."`
	PromptMinutes int      `query:"prompt_minutes" doc:"From how many minutes on an unanswered prompt counts."`
	Language      string   `query:"language" example:"en" doc:"Language of statements and actions, en or pt."`
	PageSize      int      `query:"page_size" example:"20" doc:"How many findings at most."`
	Cursor        string   `query:"cursor" doc:"The next_cursor of the page before, all else alike."`
}

// radar answers GET /api/radar with the envelope of the tool radar; its query parameters are the tool's arguments.
func (a *API) radar(ctx context.Context, in *radarInput) (*envelope[tools.RadarOut], error) {
	args := map[string]any{}
	put(args, "engine", in.Engine)
	put(args, "min_severity", in.MinSeverity)
	put(args, "prompt_minutes", in.PromptMinutes)
	put(args, "language", in.Language)
	put(args, "page_size", in.PageSize)
	put(args, "cursor", in.Cursor)
	if in.Rules != nil {
		args["rules"] = in.Rules
	}
	return answer[tools.RadarOut](ctx, a, "radar", args)
}

func (a *API) acks() (Acks, error) {
	if a.o.Acks == nil {
		return nil, fault.New(fault.Unsupported, "This server keeps no acknowledgements.")
	}
	return a.o.Acks, nil
}

type acksInput struct {
	Engine string `query:"engine" maxLength:"64" doc:"Name of one of several engines; without one, the first that is configured."`
}

type acksOutput struct {
	Body struct {
		Acks []Ack `json:"acks"`
	}
}

// listAcks answers GET /api/radar/acks.
func (a *API) listAcks(ctx context.Context, in *acksInput) (*acksOutput, error) {
	keeper, err := a.acks()
	if err != nil {
		return nil, err
	}
	all, err := keeper.List(ctx, in.Engine)
	if err != nil {
		return nil, err
	}
	if all == nil {
		all = []Ack{}
	}
	out := &acksOutput{}
	out.Body.Acks = all
	return out, nil
}

// NewAck is the body of POST /api/radar/acks.
type NewAck struct {
	Engine string    `json:"engine,omitempty" maxLength:"64" doc:"Name of one of several engines; without one, the first that is configured."`
	ID     string    `json:"id" minLength:"1" maxLength:"400" example:"limit_zero:7f3c" doc:"Of a finding that the radar shows now."`
	Note   string    `json:"note" example:"Closed for the year-end until Monday." doc:"Why it is normal here, for others to read."`
	Until  time.Time `json:"until" example:"2026-12-01T08:00:00Z" doc:"When it is no longer taken for normal."`
}

type ackInput struct{ Body NewAck }

type ackOutput struct{ Body Ack }

// acknowledge answers POST /api/radar/acks.
func (a *API) acknowledge(ctx context.Context, in *ackInput) (*ackOutput, error) {
	keeper, err := a.acks()
	if err != nil {
		return nil, err
	}
	done, err := keeper.Acknowledge(ctx, in.Body.Engine, in.Body.ID, in.Body.Until, in.Body.Note)
	if err != nil {
		return nil, err
	}
	return &ackOutput{Body: done}, nil
}

type withdrawInput struct {
	ID     string `query:"id" required:"true" maxLength:"400" example:"limit_zero:7f3c" doc:"Of the finding."`
	Engine string `query:"engine" maxLength:"64" doc:"Name of one of several engines; without one, the first that is configured."`
}

// withdraw answers DELETE /api/radar/acks?id=ID.
func (a *API) withdraw(ctx context.Context, in *withdrawInput) (*struct{}, error) {
	keeper, err := a.acks()
	if err != nil {
		return nil, err
	}
	return nil, keeper.Withdraw(ctx, in.Engine, in.ID)
}
