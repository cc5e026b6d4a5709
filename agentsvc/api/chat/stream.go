package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

const (
	// writeTimeout is how long one event may take to leave; a caller who stopped reading is gone.
	writeTimeout = 15 * time.Second
	// pending is how many events may wait for the caller before the Asker waits too.
	pending = 64
)

// stream answers with events: those of the Asker as they come, then done or error, exactly one of them and last.
func (a *API) stream(ctx context.Context, cancel context.CancelFunc, w http.ResponseWriter, q agentsvc.Question) error {
	s := &sender{w: w, control: http.NewResponseController(w)}
	if err := s.start(); err != nil {
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
			send(func() error { return s.event(e) })
		case <-beat.C:
			send(func() error { return s.comment("heartbeat") })
		}
	}
}

// run asks, passes events on and sees to it that the last one is done with the whole answer, or error.
func (a *API) run(ctx context.Context, q agentsvc.Question, emit func(agentsvc.Event)) {
	ended := false
	ans, err := a.ask(ctx, q, func(e agentsvc.Event) {
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

// ask turns a panic into an error: it would end the whole process, because it is not in the server's own goroutine.
func (a *API) ask(ctx context.Context, q agentsvc.Question, emit func(agentsvc.Event)) (ans answer.Answer, err error) {
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

// sender writes events in the form of server-sent events.
type sender struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (s *sender) start() error {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies must not collect events
	s.w.WriteHeader(http.StatusOK)
	return s.comment("ready")
}

// event writes one event. JSON has no line breaks, so one data line is enough.
func (s *sender) event(e agentsvc.Event) error {
	data := e.Data
	if data == nil {
		data = struct{}{}
	}
	b, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode event %s: %w", e.Type, err)
	}
	return s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", e.Type, b))
}

func (s *sender) comment(text string) error { return s.write(": " + text + "\n\n") }

func (s *sender) write(text string) error {
	err := s.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("write event: %w", err)
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	if err := s.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("write event: %w", err)
	}
	return nil
}
