package agent_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

func named(name string, server *modelServer) llm.Settings {
	return llm.Settings{Name: name, Provider: llm.OpenAI, Endpoint: server.URL + "/v1", Model: "model-" + name}
}

// A model that breaks off after its first sentences: these are taken back, the next one writes, and the answer says so.
func TestTheNextModelWrites(t *testing.T) {
	first := newLLM(t, asksTool, reply{text: []string{"INV_LOAD ended ABEND: the database refused the login. ", "LED_POST waits"}, cut: true})
	second := newLLM(t, good)
	a := newAgent(t, plant(), named("small", first), named("big", second))
	ans, h := ask(t, a, "diagnose INV_LOAD abended")
	if ans.Model != "model-big" || !strings.HasPrefix(ans.Answer, "INV_LOAD ended ABEND") || h.text() != ans.Answer || strings.Count(ans.Answer, "INV_LOAD") != 1 {
		t.Errorf("model = %s, answer = %q, streamed %q", ans.Model, ans.Answer, h.text())
	}
	if len(ans.Errors) != 1 || ans.Errors[0].Source != "model:model-small" || ans.Errors[0].Code != "upstream_unavailable" || !strings.Contains(ans.Errors[0].Message, "small broke off") {
		t.Errorf("errors = %+v", ans.Errors)
	}
	if !strings.Contains(h.types(), "delta reset") {
		t.Errorf("events = %s", h.types())
	}
	if ans.Diagnosis.Verdict != answer.Problem || ans.Diagnosis.ConfidenceClass != answer.Confirmed || len(ans.ToolCalls) != 2 {
		t.Errorf("diagnosis = %+v, calls = %+v", ans.Diagnosis, ans.ToolCalls)
	}
	// The call of the first one stands before the second one with its result, under one id.
	sent := second.sent()
	if !strings.Contains(sent, `"role":"tool"`) || ans.Usage.InputTokens < 300 || ans.Usage.OutputTokens < 60 {
		t.Errorf("usage = %+v, sent %s", ans.Usage, sent)
	}
}

// A server that cut the question's beginning off is asked again with less; the answer says what happened, though the model wrote it in the end.
func TestAQuestionThatWasCutIsTold(t *testing.T) {
	cut := reply{kind: "text/event-stream", body: `data: {"choices":[{"index":0,"delta":{"content":"INV_LOAD "},"finish_reason":null}]}` + "\n\n" + `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n" +
		`data: {"choices":[],"usage":{"prompt_tokens":4096,"completion_tokens":4}}` + "\n\ndata: [DONE]\n\n"}
	c := plant()
	c.Play = func(ctx context.Context, name string, args map[string]any) (toolkit.Result, error) {
		r, err := composetest.Plant(ctx, name, args)
		r.Text += strings.Repeat(" and so on", 1000)
		return r, err
	}
	a, server := guarded(t, c, nil, reply{calls: []call{{"find_jobs", []string{`{}`}}, {"plan_status", []string{`{}`}}, {"get_job_log", []string{`{"job":"INV_LOAD"}`}}}}, cut, good)
	ans, _ := ask(t, a, "diagnose INV_LOAD abended")
	if ans.Model != "m" || len(server.requests()) != 3 || len(ans.Errors) != 1 || ans.Errors[0].Source != "model:m" || !strings.Contains(ans.Errors[0].Message, "4096") {
		t.Errorf("model = %s, %d requests, errors = %+v", ans.Model, len(server.requests()), ans.Errors)
	}
}

// When all fail the offline model writes, and every failure is told.
func TestTheEndOfEveryChainIsOffline(t *testing.T) {
	gone := newLLM(t)
	gone.Close()
	a := newAgent(t, plant(), named("gone", gone), named("denied", newLLM(t, reply{status: http.StatusUnauthorized})), named("empty", newLLM(t, asksTool, reply{})))
	ans, h := ask(t, a, "diagnose INV_LOAD abended")
	var told []string
	for _, e := range ans.Errors {
		told = append(told, e.Source+"="+e.Code)
	}
	if got := strings.Join(told, " "); got != "model:model-gone=upstream_unavailable model:model-denied=upstream_denied model:model-empty=upstream_unavailable" {
		t.Errorf("errors = %s", got)
	}
	if ans.Model != "offline" || !strings.Contains(ans.Answer, composetest.Decisve) || h.text() != ans.Answer || ans.Diagnosis.ConfidenceClass != answer.Confirmed {
		t.Errorf("model = %s, answer = %q", ans.Model, ans.Answer)
	}
}

// A model that insists on what it was not offered is given up, after it was told.
func TestAModelThatInsistsIsGivenUp(t *testing.T) {
	first := newLLM(t, reply{calls: []call{{"delete_everything", []string{`{}`}}}})
	a := newAgent(t, plant(), named("a", first), named("b", newLLM(t, asksTool, good)))
	ans, _ := ask(t, a, "diagnose INV_LOAD abended")
	if ans.Model != "model-b" || len(ans.Errors) != 1 || !strings.Contains(ans.Errors[0].Message, "kept calling tools") || len(first.requests()) != 2 {
		t.Errorf("model = %s, errors = %+v, %d requests", ans.Model, ans.Errors, len(first.requests()))
	}
}

// accounts is a budget that knows one owner, and a list of what was spent.
type accounts struct {
	mu     sync.Mutex
	refuse error
	asked  []string
	used   []agent.Use
	ended  int
}

func (a *accounts) Allow(_ context.Context, owner string) (agent.Account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, owner)
	return a, a.refuse
}

func (a *accounts) End(context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended++
}

func (a *accounts) Spent(_ context.Context, u agent.Use) float64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.used = append(a.used, u)
	return 0.5
}

func withAccounts(t *testing.T, acc agent.Accounts, models ...llm.Settings) *agent.Agent {
	t.Helper()
	a, err := agent.New(t.Context(), agent.Options{Caller: plant(), Understander: reader{}, Models: models, Accounts: acc})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestAccounts(t *testing.T) {
	t.Run("spent", func(t *testing.T) {
		acc := &accounts{}
		gone := newLLM(t)
		gone.Close()
		a := withAccounts(t, acc, named("gone", gone), named("a", newLLM(t, reply{text: []string{"Half of it"}, cut: true})), named("b", newLLM(t, asksTool, good)))
		ans, _ := ask(t, a, "diagnose INV_LOAD abended")
		var used []string
		for _, u := range acc.used {
			used = append(used, fmt.Sprintf("%s/%s/%s in=%v out=%v estimated=%v failed=%v", u.Model, u.Name, u.Provider, u.Input > 0, u.Output > 0, u.Estimated, u.Failed))
		}
		want := []string{
			"gone/model-gone/openai in=false out=false estimated=false failed=true",
			"a/model-a/openai in=true out=true estimated=true failed=true", "a/model-a/openai in=true out=true estimated=true failed=true",
			"b/model-b/openai in=true out=true estimated=false failed=false", "b/model-b/openai in=true out=true estimated=false failed=false",
		}
		if got := strings.Join(used, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("used:\n%s", got)
		}
		sum := 0
		for _, u := range acc.used {
			sum += u.Input
		}
		if ans.Usage.CostUSD != 2.5 || ans.Usage.InputTokens != sum || acc.asked[0] != "ana" || len(acc.asked) != 1 || acc.ended != 1 {
			t.Errorf("usage = %+v, asked %v", ans.Usage, acc.asked)
		}
	})
	t.Run("refused", func(t *testing.T) {
		acc := &accounts{refuse: fault.New(fault.Limited, "Today's budget is spent.").WithHint("Tomorrow there is a new one.")}
		server := newLLM(t, asksTool, good)
		ans, h := ask(t, withAccounts(t, acc, named("a", server)), "diagnose INV_LOAD abended")
		if ans.Model != "offline" || len(server.requests()) != 0 || len(ans.Errors) != 1 || ans.Errors[0].Code != "limited" || ans.Errors[0].Hint == "" || ans.Usage.CostUSD != 0 || len(acc.used) != 0 {
			t.Errorf("model = %s, errors = %+v, usage = %+v", ans.Model, ans.Errors, ans.Usage)
		}
		if ans.Diagnosis.Verdict != answer.Problem || h.text() != ans.Answer || strings.Contains(h.types(), "reset") {
			t.Errorf("events = %s", h.types())
		}
	})
	t.Run("offline", func(t *testing.T) {
		acc := &accounts{refuse: io.EOF}
		if ans, _ := ask(t, withAccounts(t, acc), "diagnose INV_LOAD abended"); len(acc.asked) != 0 || len(ans.Errors) != 0 {
			t.Errorf("asked %v, errors = %+v", acc.asked, ans.Errors)
		}
	})
}

// A model that cannot call tools writes all the same: what they return stands in the question. (One without room for them: llm.TestWhatIsSentFits.)
func TestAModelThatCannotCallTools(t *testing.T) {
	server := newLLM(t, good)
	inner := server.Config.Handler
	refused := 0
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil || bytes.Contains(b, []byte(`"tools"`)) {
			refused++
			http.Error(w, `{"error":"m:7b does not support tools"}`, http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(b))
		inner.ServeHTTP(w, r)
	})
	a := newAgent(t, plant(), named("tiny", server))
	for range 2 {
		if ans, h := ask(t, a, "diagnose INV_LOAD abended"); ans.Model != "model-tiny" || len(ans.Errors) != 0 || len(ans.ToolCalls) != 2 || h.text() != ans.Answer {
			t.Errorf("model = %s, errors = %+v, calls = %+v", ans.Model, ans.Errors, ans.ToolCalls)
		}
	}
	if refused != 1 || !strings.Contains(server.sent(), "logon denied") || !strings.Contains(server.sent(), "END OF UNTRUSTED DATA") {
		t.Errorf("%d refused, sent %s", refused, server.sent())
	}
}

// played answers in the form of any provider, slowly enough to be left in every phase: by the number in the path before the first byte, within
// the text, within a call, or with an error that makes the next model answer.
func played(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	phase, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	hang := func(text string) {
		_, _ = io.WriteString(w, text)
		if http.NewResponseController(w).Flush() == nil {
			<-r.Context().Done()
		}
	}
	switch phase {
	case "silent":
		<-r.Context().Done()
	case "text":
		hang("data: {\"choices\":[{\"delta\":{\"content\":\"INV_LOAD ended ABEND. The data\"}}]}\n\n")
	case "call":
		hang("data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"diagnose_job\",\"arguments\":\"{\\\"tar\"}}]}}]}\n\n")
	case "error":
		w.WriteHeader(http.StatusInternalServerError)
	default:
		text := "INV_LOAD ended ABEND because the database refused the login of its account."
		switch {
		case strings.HasSuffix(r.URL.Path, "/messages"):
			fmt.Fprintf(w, "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":%q}}\n\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n", text)
		case strings.HasSuffix(r.URL.Path, "/api/chat"):
			fmt.Fprintf(w, "{\"message\":{\"content\":%q},\"done\":false}\n{\"done\":true,\"done_reason\":\"stop\"}\n", text)
		case strings.Contains(r.URL.Path, "streamGenerateContent"):
			fmt.Fprintf(w, "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":%q}]},\"finishReason\":\"STOP\"}]}\n\n", text)
		default:
			fmt.Fprintf(w, "data: {\"choices\":[{\"delta\":{\"content\":%q},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", text)
		}
	}
}

// 64 questions at once over all providers, some of whose askers go in every phase. What is left is counted by TestMain.
func TestManyStreamsWithCancels(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(played))
	defer server.Close()
	one := func(name, provider, phase string) llm.Settings {
		return llm.Settings{Name: name, Provider: provider, Endpoint: server.URL + "/" + phase, Model: "m-" + name, Timeout: 20 * time.Second}
	}
	agents := map[string]*agent.Agent{}
	for _, provider := range llm.Providers() {
		agents[provider] = newAgent(t, plant(), one("a", provider, "ok"))
		agents["fallback "+provider] = newAgent(t, plant(), one("a", llm.OpenAI, "error"), one("b", provider, "ok"))
	}
	for _, phase := range []string{"silent", "text", "call"} {
		agents["cancel "+phase] = newAgent(t, plant(), one("a", llm.OpenAI, phase), one("b", llm.Ollama, "ok"))
		agents["cancel fallback "+phase] = newAgent(t, plant(), one("a", llm.Anthropic, "error"), one("b", llm.OpenAI, phase))
	}
	names := make([]string, 0, len(agents))
	for name := range agents {
		names = append(names, name)
	}
	var wg sync.WaitGroup
	for i := range 64 {
		name := names[i%len(names)]
		wg.Go(func() {
			ctx, cancel := context.WithCancel(auth.WithCaller(t.Context(), auth.Caller{ID: fmt.Sprintf("u%d", i)}))
			defer cancel()
			leaves := strings.HasPrefix(name, "cancel")
			if leaves {
				timer := time.AfterFunc(time.Duration(50+i*7)*time.Millisecond, cancel)
				defer timer.Stop()
			}
			h := &heard{}
			ans, err := agents[name].Ask(ctx, agentsvc.Question{Text: "diagnose INV_LOAD abended"}, h.emit)
			switch {
			case leaves && err == nil && ans.Model != "offline": // the breaker may have opened before
				t.Errorf("%s: answered by %s", name, ans.Model)
			case !leaves && err != nil:
				t.Errorf("%s: %v", name, err)
			case !leaves && (ans.Model == "offline" || h.text() != ans.Answer || ans.Diagnosis.Verdict != answer.Problem):
				t.Errorf("%s: model %s, errors %+v", name, ans.Model, ans.Errors)
			}
		})
	}
	wg.Wait()
}
