package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// pending is how many events may wait for the caller before the Asker waits too.
const pending = 64

// stream answers with events: those of the Asker as they come, then done or error, exactly one of them and last.
func (a *API) stream(ctx context.Context, cancel context.CancelFunc, open func() (*operation.Sender, error), q agentsvc.Question) error {
	s, err := open()
	if err != nil {
		return err
	}
	events := make(chan agentsvc.Event, pending)
	go func() {
		defer close(events)
		// The loop below reads until the channel is closed, also when nobody listens any more, so this cannot block for ever.
		a.run(ctx, q, func(e agentsvc.Event) { events <- e })
	}()
	beat := time.NewTicker(a.o.Heartbeat)
	defer beat.Stop()
	var failed error
	send := func(do func() error) {
		if failed == nil {
			if failed = do(); failed != nil {
				cancel()
			}
		}
	}
	for {
		select {
		case e, open := <-events:
			if !open {
				return failed
			}
			send(func() error { return s.Event("", string(e.Type), e.Data) })
		case <-beat.C:
			send(func() error { return s.Comment("heartbeat") })
		}
	}
}

// run asks, passes events on and sees to it that the last one is done with the whole answer, or error.
func (a *API) run(ctx context.Context, q agentsvc.Question, emit func(agentsvc.Event)) {
	ended := false
	ans, err := a.guarded(ctx, q, func(e agentsvc.Event) {
		if ended {
			return // nothing comes after the end
		}
		ended = e.Type == agentsvc.EventDone || e.Type == agentsvc.EventError
		emit(e)
	})
	switch {
	case ended:
	case err != nil:
		emit(agentsvc.Event{Type: agentsvc.EventError, Data: errorData(err)})
	default:
		emit(agentsvc.Event{Type: agentsvc.EventDone, Data: ans})
	}
}

// guarded turns a panic into an error: it would end the whole process, because it is not in the server's own goroutine.
func (a *API) guarded(ctx context.Context, q agentsvc.Question, emit func(agentsvc.Event)) (ans answer.Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the asker panicked: %v", p)
		}
	}()
	return a.o.Asker.Ask(ctx, q, emit)
}

// errorData shows of an error what may be shown.
func errorData(err error) answer.Error {
	p := fault.Public(err)
	return answer.Error{Code: string(p.Code), Message: p.Message, Hint: p.Hint, Source: p.Source}
}
