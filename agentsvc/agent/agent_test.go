package agent_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reader reads questions of one form: "intent target [premise|action]"; a leading "pt" makes them Portuguese, "it" is the last object.
type reader struct{}

func (reader) Parse(q string, c understand.Context) understand.Understanding {
	u := understand.Understanding{Language: "en"}
	words := strings.Fields(q)
	if words[0] == "pt" {
		u.Language, words = "pt", words[1:]
	}
	u.Intent = understand.Intent(words[0])
	for _, w := range words[1:] {
		switch {
		case w == "it":
			u.Reference, u.Target = true, c.LastEntity
		case u.Target == "":
			u.Target = w
		case u.Intent == understand.Write:
			u.Action = w
		default:
			u.Premise = w
		}
	}
	return u
}

func ctxOf(t *testing.T) context.Context {
	t.Helper()
	return auth.WithCaller(t.Context(), auth.Caller{ID: "ana", Role: auth.Operator})
}

func newAgent(t *testing.T, caller toolkit.Caller, models ...llm.Settings) *agent.Agent {
	t.Helper()
	a, err := agent.New(t.Context(), agent.Options{Caller: caller, Understander: reader{}, Models: models, Engine: answer.EngineInfo{Name: "default", Mode: "live", API: "v2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func plant() *composetest.Caller { return &composetest.Caller{Play: composetest.Plant} }

// heard collects events.
type heard struct{ events []agentsvc.Event }

func (h *heard) emit(e agentsvc.Event) { h.events = append(h.events, e) }

func (h *heard) types() string {
	var out []string
	for _, e := range h.events {
		if n := len(out); n > 0 && e.Type == agentsvc.EventDelta && out[n-1] == "delta" {
			continue
		}
		out = append(out, string(e.Type))
	}
	return strings.Join(out, " ")
}

// text is the prose as a reader of the stream has it at the end.
func (h *heard) text() string {
	var b strings.Builder
	for _, e := range h.events {
		switch d := e.Data.(type) {
		case agentsvc.Delta:
			b.WriteString(d.Text)
		case struct{}:
			b.Reset()
		}
	}
	return strings.TrimSpace(b.String())
}

func ask(t *testing.T, a *agent.Agent, q string) (answer.Answer, *heard) {
	t.Helper()
	h := &heard{}
	ans, err := a.Ask(ctxOf(t), agentsvc.Question{Text: q}, h.emit)
	if err != nil {
		t.Fatal(err)
	}
	return ans, h
}

func TestOffline(t *testing.T) {
	a := newAgent(t, plant())
	ans, h := ask(t, a, "diagnose INV_LOAD abended")
	if got := h.types(); got != "turn agent tool_call tool_result tool_call tool_result diagnosis delta done" {
		t.Errorf("events = %s", got)
	}
	if ans.Diagnosis == nil || ans.Diagnosis.Verdict != answer.Problem || ans.Diagnosis.ConfidenceClass != answer.Confirmed || ans.Model != "offline" {
		t.Errorf("answer = %+v", ans)
	}
	if h.text() != ans.Answer || !strings.Contains(ans.Answer, composetest.Decisve) {
		t.Errorf("prose = %q, streamed %q", ans.Answer, h.text())
	}
	if len(ans.ToolCalls) != 2 || ans.ToolCalls[0].ID != "t1" || ans.ToolCalls[1].ID != "t2" || len(ans.Errors) != 0 || len(ans.Citations) != 1 {
		t.Errorf("calls = %+v, errors = %+v, citations = %+v", ans.ToolCalls, ans.Errors, ans.Citations)
	}
	done, ok := h.events[len(h.events)-1].Data.(answer.Answer)
	if !ok || done.Answer != ans.Answer {
		t.Errorf("done = %+v", h.events[len(h.events)-1])
	}
}

func TestOfflineParallelCallsKeepTheirOrder(t *testing.T) {
	a := newAgent(t, plant())
	for range 20 {
		ans, _ := ask(t, a, "pt plan problemas")
		var names []string
		for _, tc := range ans.ToolCalls {
			names = append(names, tc.ID+tc.Name)
		}
		if !slices.Equal(names, []string{"t1plan_status", "t2diagnose_job", "t3search_knowledge"}) {
			t.Fatalf("calls = %v", names)
		}
	}
}

func TestFollowUp(t *testing.T) {
	a := newAgent(t, plant())
	first, _ := ask(t, a, "diagnose INV_LOAD abended")
	ans, err := a.Ask(ctxOf(t), agentsvc.Question{Text: "impact it", ConversationID: first.ConversationID}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if ans.ConversationID != first.ConversationID || ans.MessageID == first.MessageID || ans.ToolCalls[0].Arguments["target"] != composetest.Load {
		t.Errorf("answer = %+v", ans)
	}
	if _, err := a.Ask(auth.WithCaller(t.Context(), auth.Caller{ID: "bob"}), agentsvc.Question{Text: "help", ConversationID: first.ConversationID}, nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
}

func TestRefusedQuestions(t *testing.T) {
	a := newAgent(t, plant())
	for name, c := range map[string]struct {
		q    agentsvc.Question
		ctx  context.Context
		code fault.Code
	}{
		"nobody":   {agentsvc.Question{Text: "help"}, t.Context(), fault.Unauthorized},
		"empty":    {agentsvc.Question{Text: " \n"}, ctxOf(t), fault.Invalid},
		"long":     {agentsvc.Question{Text: strings.Repeat("x", agent.MaxQuestion+1)}, ctxOf(t), fault.Invalid},
		"language": {agentsvc.Question{Text: "help", Language: "xx"}, ctxOf(t), fault.Invalid},
		"foreign":  {agentsvc.Question{Text: "help", ConversationID: "c_none"}, ctxOf(t), fault.NotFound},
	} {
		if _, err := a.Ask(c.ctx, c.q, nil); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestToolServerGone(t *testing.T) {
	gone := errors.New("dial tcp 10.1.2.3: refused")
	listed := &composetest.Caller{Play: func(context.Context, string, map[string]any) (toolkit.Result, error) { return toolkit.Result{}, gone }}
	for name, c := range map[string]toolkit.Caller{"no-list": &composetest.Caller{ListErr: gone, Play: composetest.Plant}, "no-call": listed} {
		for _, lang := range []string{"", "pt "} {
			t.Run(name+lang, func(t *testing.T) {
				ans, h := ask(t, newAgent(t, c), lang+"diagnose INV_LOAD abended")
				if ans.Diagnosis.Verdict != answer.InsufficientEvidence || !compose.FatalUpstream(ans) || len(ans.Errors) == 0 || ans.Errors[0].Code != "upstream_unavailable" {
					t.Errorf("answer = %+v %+v", ans.Diagnosis, ans.Errors)
				}
				if len(ans.Diagnosis.Missing) == 0 || ans.Engine.Name != "default" || ans.Answer == "" || h.text() != ans.Answer {
					t.Errorf("missing = %v, answer = %q", ans.Diagnosis.Missing, ans.Answer)
				}
				if strings.Contains(fmt.Sprint(ans), "10.1.2.3") {
					t.Error("inner text is shown")
				}
			})
		}
	}
}

func TestToolPanics(t *testing.T) {
	c := &composetest.Caller{Play: func(_ context.Context, name string, _ map[string]any) (toolkit.Result, error) { panic("boom " + name) }}
	ans, _ := ask(t, newAgent(t, c), "diagnose INV_LOAD")
	if ans.Diagnosis.Verdict != answer.InsufficientEvidence || ans.ToolCalls[0].Error != "internal" || strings.Contains(fmt.Sprint(ans), "boom") {
		t.Errorf("answer = %+v", ans)
	}
}

func TestCancel(t *testing.T) {
	started := make(chan struct{})
	c := &composetest.Caller{Play: func(ctx context.Context, _ string, _ map[string]any) (toolkit.Result, error) {
		close(started)
		<-ctx.Done()
		return toolkit.Result{}, ctx.Err()
	}}
	a := newAgent(t, c)
	ctx, cancel := context.WithCancel(ctxOf(t))
	go func() { <-started; cancel() }()
	if _, err := a.Ask(ctx, agentsvc.Question{Text: "diagnose X_1"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

func TestSlowToolsStillAnswer(t *testing.T) {
	c := &composetest.Caller{Play: func(ctx context.Context, _ string, _ map[string]any) (toolkit.Result, error) {
		<-ctx.Done()
		return toolkit.Result{}, ctx.Err()
	}}
	a, err := agent.New(t.Context(), agent.Options{Caller: c, Understander: reader{}, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ans, _ := ask(t, a, "diagnose X_1")
	if ans.Diagnosis.Verdict != answer.InsufficientEvidence || ans.ToolCalls[0].Error != "timeout" || !compose.FatalUpstream(ans) {
		t.Errorf("answer = %+v", ans)
	}
}

func TestConcurrentTurns(t *testing.T) {
	server := newLLM(t, reply{text: []string{"INV_LOAD ended ABEND because the database ", "refused the login of its account."}})
	agents := []*agent.Agent{newAgent(t, plant()), newAgent(t, plant(), llm.Settings{Provider: llm.OpenAI, Endpoint: server.URL + "/v1", Model: "m:7b"})}
	first, _ := ask(t, agents[0], "diagnose INV_LOAD abended")
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			q := agentsvc.Question{Text: []string{"diagnose INV_LOAD abended", "pt wait LED_POST", "plan", "write INV_LOAD rerun"}[i%4]}
			if i%8 == 0 {
				q.ConversationID = first.ConversationID
			}
			h := &heard{}
			ans, err := agents[i%2].Ask(ctxOf(t), q, h.emit)
			if err != nil {
				t.Error(err)
				return
			}
			if ans.Answer == "" || !strings.HasPrefix(ans.Answer, h.text()) {
				t.Errorf("answer = %q, streamed %q", ans.Answer, h.text())
			}
		})
	}
	wg.Wait()
}

func TestTheTurnIsStored(t *testing.T) {
	store := conversations.NewMemory(conversations.MemoryOptions{})
	a, err := agent.New(t.Context(), agent.Options{Caller: plant(), Understander: reader{}, Conversations: conversations.New(conversations.Options{Store: store})})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ans, _ := ask(t, a, "diagnose INV_LOAD abended")
	last, err := store.Turn(t.Context(), "ana", ans.ConversationID, ans.MessageID)
	if err != nil {
		t.Fatal(err)
	}
	if last.ID != ans.MessageID || len(last.Ledger) != 2 || last.Ledger[0].Result.Envelope == nil || last.Asked.Entity != composetest.Load {
		t.Errorf("turn = %+v", last)
	}
}

func TestNewRefuses(t *testing.T) {
	good := agent.Options{Caller: plant(), Understander: reader{}}
	for name, p := range map[string]llm.Settings{
		"kind": {Provider: "oracle"}, "endpoint": {Provider: llm.OpenAI, Model: "m"}, "scheme": {Provider: llm.OpenAI, Model: "m", Endpoint: "ftp://x/v1"},
		"model": {Provider: llm.OpenAI, Endpoint: "http://x/v1"}, "temperature": {Provider: llm.OpenAI, Endpoint: "http://x/v1", Model: "m", Temperature: 3},
	} {
		o := good
		o.Models = []llm.Settings{p}
		if _, err := agent.New(t.Context(), o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv("GENKIT_ENV", "dev")
	if _, err := agent.New(t.Context(), good); !fault.Is(err, fault.Invalid) {
		t.Errorf("dev: %v", err)
	}
}

func question(text, conversation string) agentsvc.Question {
	return agentsvc.Question{Text: text, ConversationID: conversation}
}
