package agent_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

// hanging is an agent whose tools do not answer before the turn is given up.
func hanging(t *testing.T) (*agent.Agent, *conversations.Conversations, chan struct{}) {
	t.Helper()
	started := make(chan struct{}, 8)
	c := &composetest.Caller{Play: func(ctx context.Context, _ string, _ map[string]any) (toolkit.Result, error) {
		started <- struct{}{}
		<-ctx.Done()
		return toolkit.Result{}, ctx.Err()
	}}
	turns := conversations.New(conversations.Options{})
	a, err := agent.New(t.Context(), agent.Options{Caller: c, Understander: reader{}, Conversations: turns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a, turns, started
}

// A turn that its user stops ends with an answer that says so, and is stored, marked. The first event names what is to be stopped.
func TestStoppedByItsUser(t *testing.T) {
	a, turns, started := hanging(t)
	named := make(chan agentsvc.TurnEvent, 1)
	go func() {
		turn := <-named
		<-started
		if running, err := turns.Stop(context.Background(), "ana", turn.ConversationID); err != nil || !running {
			t.Errorf("stop: %v, %v", running, err)
		}
	}()
	var kinds []agentsvc.EventType
	begun := time.Now()
	ans, err := a.Ask(ctxOf(t), agentsvc.Question{Text: "diagnose X_1"}, func(e agentsvc.Event) {
		kinds = append(kinds, e.Type)
		if turn, ok := e.Data.(agentsvc.TurnEvent); ok {
			named <- turn
		}
	})
	if err != nil || len(ans.Errors) == 0 || ans.Answer == "" {
		t.Fatalf("answer = %+v, %v", ans, err)
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	if last := kinds[len(kinds)-1]; kinds[0] != agentsvc.EventTurn || last != agentsvc.EventDone {
		t.Errorf("events = %v", kinds)
	}
	if !slices.ContainsFunc(ans.Errors, func(e answer.Error) bool {
		return e.Message == "The question was stopped by whoever asked it."
	}) {
		t.Errorf("errors = %+v", ans.Errors)
	}
	turn, err := turns.Store().Turn(t.Context(), "ana", ans.ConversationID, ans.MessageID)
	if err != nil || !turn.Stopped || turn.Question != "diagnose X_1" || turn.Answer.Answer != ans.Answer {
		t.Errorf("turn = %+v, %v", turn, err)
	}
}

// Whoever goes away finds the question, with what was found, when they come back.
func TestTheTurnOfOneWhoLeftIsStored(t *testing.T) {
	a, turns, started := hanging(t)
	ctx, cancel := context.WithCancel(ctxOf(t))
	go func() { <-started; cancel() }()
	if _, err := a.Ask(ctx, agentsvc.Question{Text: "diagnose X_1"}, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	page, err := turns.Store().List(t.Context(), "ana", conversations.Query{})
	if err != nil || len(page.Items) != 1 || page.Items[0].Turns != 1 {
		t.Fatalf("list = %+v, %v", page, err)
	}
	conv, err := turns.Store().Get(t.Context(), "ana", page.Items[0].ID)
	if last, ok := conv.Last(); err != nil || !ok || !last.Stopped || last.Question != "diagnose X_1" {
		t.Errorf("turn = %+v, %v", last, err)
	}
}

// heeding is a store that, like a database, does nothing for somebody who has gone.
type heeding struct{ conversations.Store }

// Append implements conversations.Store.
func (h heeding) Append(ctx context.Context, owner, id, holder string, turn conversations.Turn) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return h.Store.Append(ctx, owner, id, holder, turn)
}

// Whoever goes away, at whatever moment, finds the turn when they come back.
func TestTheTurnIsStoredWheneverItsReaderGoes(t *testing.T) {
	for _, at := range []agentsvc.EventType{agentsvc.EventAgent, agentsvc.EventToolCall, agentsvc.EventToolResult, agentsvc.EventDiagnosis, agentsvc.EventDelta} {
		t.Run(string(at), func(t *testing.T) {
			turns := conversations.New(conversations.Options{Store: heeding{conversations.NewMemory(conversations.MemoryOptions{})}})
			denied := newLLM(t, reply{status: 401})
			a, err := agent.New(t.Context(), agent.Options{Caller: plant(), Understander: reader{}, Conversations: turns, Models: []llm.Settings{named("denied", denied)}})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close() //nolint:errcheck // it gives none
			ctx, cancel := context.WithCancel(ctxOf(t))
			defer cancel()
			_, _ = a.Ask(ctx, agentsvc.Question{Text: "diagnose INV_LOAD abended"}, func(e agentsvc.Event) { // an answer or not, as far as it had come
				if e.Type == at {
					cancel()
				}
			})
			page, err := turns.Store().List(t.Context(), "ana", conversations.Query{})
			if err != nil || len(page.Items) != 1 || page.Items[0].Turns != 1 || ctx.Err() == nil {
				t.Errorf("list = %+v, %v", page, err)
			}
		})
	}
}

// An answer that is made anew stands in the place of the old one and is made of what stood before it: what was asked later does not count.
func TestMadeAnew(t *testing.T) {
	turns := conversations.New(conversations.Options{})
	a, err := agent.New(t.Context(), agent.Options{Caller: plant(), Understander: reader{}, Conversations: turns})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	first, _ := ask(t, a, "diagnose INV_LOAD abended")
	second, err := a.Ask(ctxOf(t), question("diagnose it", first.ConversationID), nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.Ask(ctxOf(t), agentsvc.Question{Text: "diagnose INV_LOAD abended", ConversationID: first.ConversationID, Replaces: first.MessageID}, nil)
	if err != nil {
		t.Fatal(err)
	}
	conv, err := turns.Store().Get(t.Context(), "ana", first.ConversationID)
	if err != nil || len(conv.Turns) != 2 || conv.Turns[0].ID != again.MessageID || conv.Turns[1].ID != second.MessageID || conv.Turns[0].Replaces != first.MessageID {
		t.Errorf("turns = %+v, %v", conv.Turns, err)
	}
	_, err = a.Ask(ctxOf(t), agentsvc.Question{Text: "x", ConversationID: first.ConversationID, Replaces: first.MessageID}, nil)
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("in the place of an earlier version: %v", err)
	}
}
