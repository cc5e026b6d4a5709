package chat

import (
	"context"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

type ledgerInput struct {
	ID      string `path:"id" pattern:"^[A-Za-z0-9_-]{1,64}$" patternDescription:"the conversation_id of an answer" example:"c_01J9ZK" doc:"The conversation_id of an answer."`
	Message string `query:"message" required:"true" pattern:"^[A-Za-z0-9_-]{1,64}$" patternDescription:"the message_id of an answer" example:"m_01J9ZK" doc:"The message_id of one of the conversation's answers."`
}

type ledgerOutput struct{ Body conversations.Trace }

// ledger answers GET /api/conversations/{id}/ledger?message=ID.
func (a *API) ledger(ctx context.Context, in *ledgerInput) (*ledgerOutput, error) {
	if a.o.Turns == nil {
		return nil, fault.New(fault.Unsupported, "This server keeps no conversations.")
	}
	who, ok := auth.CallerFrom(ctx)
	if !ok {
		return nil, fault.New(fault.Unauthorized, "Nobody is logged in.")
	}
	t, err := a.o.Turns.Store().Turn(ctx, who.ID, in.ID, in.Message)
	if err != nil {
		return nil, err
	}
	return &ledgerOutput{Body: t.Trace(in.ID)}, nil
}
