package agent

import (
	"context"
	"errors"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// givenUp ends the work of a turn that was given up. One that its user stopped has an answer: what stood by then, which says so. It gives an error where
// whoever asked has gone.
func (t *turn) givenUp(ctx context.Context) error {
	gone := fault.Wrap(fault.Timeout, ctx.Err(), "The question was given up before its answer was ready.")
	if !errors.Is(context.Cause(ctx), conversations.ErrStopped) {
		return gone
	}
	t.stopped = true
	t.mu.Lock()
	t.errs = append(t.errs, answer.Error{Code: string(fault.Timeout), Source: "conversation:" + t.convID,
		Message: "The question was stopped by whoever asked it.", Hint: "What stands here had been found by then. Ask again, or have the answer made anew."})
	t.mu.Unlock()
	t.settleProse()
	return nil
}

// keepGivenUp stores the turn of somebody who has gone, with what stood by then: when they come back, the question is still there.
func (a *Agent) keepGivenUp(ctx context.Context, session *conversations.Session, t *turn, q agentsvc.Question) {
	t.hush()
	t.settleProse()
	kept := t.record(t.finish())
	kept.Replaces, kept.Stopped = q.Replaces, true
	if err := session.Append(context.WithoutCancel(ctx), kept); err != nil {
		a.o.Logger.Error("store turn", "conversation", t.convID, "error", err)
	}
}
