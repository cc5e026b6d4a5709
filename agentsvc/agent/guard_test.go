package agent_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

// siteOf is a roster over files of a site.
func siteOf(t *testing.T, files map[string]string) *roster.Roster {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := roster.Load(roster.Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// guarded is an agent over a model that says what it is told, tools, and files of a site.
func guarded(t *testing.T, tools *composetest.Caller, files map[string]string, replies ...reply) (*agent.Agent, *modelServer) {
	t.Helper()
	server := newLLM(t, replies...)
	return guardedBy(t, tools, files, llm.Settings{Provider: llm.OpenAI, Endpoint: server.URL + "/v1/", Model: "m", MaxTokens: 8000}), server
}

func guardedBy(t *testing.T, tools *composetest.Caller, files map[string]string, models ...llm.Settings) *agent.Agent {
	t.Helper()
	a, err := agent.New(t.Context(), agent.Options{Caller: tools, Understander: reader{}, Roster: siteOf(t, files), Engine: answer.EngineInfo{Name: "default", Mode: "live", API: "v2"}, Models: models})
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

func made(c *composetest.Caller, name string) int {
	n := 0
	for _, m := range c.Calls() {
		if m.Name == name {
			n++
		}
	}
	return n
}

// results are what the model was told of its calls, of the last request.
func (l *modelServer) results(t *testing.T) []map[string]any {
	t.Helper()
	var out []map[string]any
	reqs := l.requests()
	for _, m := range reqs[len(reqs)-1].Messages {
		if m.Role != "tool" {
			continue
		}
		var text string
		if json.Unmarshal(m.Content, &text) != nil {
			var parts []struct {
				Text string `json:"text"`
			}
			if err := json.Unmarshal(m.Content, &parts); err != nil {
				t.Fatalf("%s: %v", m.Content, err)
			}
			for _, p := range parts {
				text += p.Text
			}
		}
		var v map[string]any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		out = append(out, v)
	}
	return out
}

func TestTheSameCallIsMadeOnce(t *testing.T) {
	one := `{"target":"INV_LOAD","premise":"abended"}`
	c := plant()
	a, server := guarded(t, c, nil,
		reply{calls: []call{{"diagnose_job", []string{one}}, {"diagnose_job", []string{`{ "premise": "abended", "target": "INV_LOAD" }`}}}}, // at once
		reply{calls: []call{{"diagnose_job", []string{one}}, {"plan_status", nil}}},                                                         // and again later
		good)
	ans, h := ask(t, a, "diagnose INV_LOAD abended")
	if n := made(c, "diagnose_job"); n != 1 {
		t.Errorf("the call was made %d times", n)
	}
	var names []string
	for _, tc := range ans.ToolCalls {
		names = append(names, tc.ID+" "+tc.Name)
	}
	if !slices.Equal(names, []string{"t1 diagnose_job", "t2 plan_status", "t3 search_knowledge"}) {
		t.Errorf("calls = %v", names)
	}
	if got := strings.Count(h.types(), "tool_call"); got != 3 {
		t.Errorf("%d calls were told: %s", got, h.types())
	}
	again := 0
	for _, r := range server.results(t) {
		if r["call"] == "t1" && !strings.Contains(fmt.Sprint(r["untrusted_data"]), "ORA-01017") {
			t.Errorf("a repeated call was answered with %v", r)
		}
		if r["repeated"] != nil {
			again++
		}
	}
	if again < 1 || again > 2 || ans.Model != "m" {
		t.Errorf("%d calls were marked as repeated, model = %s, errors = %+v", again, ans.Model, ans.Errors)
	}
}

func TestCallsRunSomeAtATime(t *testing.T) {
	var running, most atomic.Int32
	var second sync.Once
	release := make(chan struct{})
	c := plant()
	c.Play = func(ctx context.Context, name string, args map[string]any) (toolkit.Result, error) {
		n := running.Add(1)
		defer running.Add(-1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		if n == 2 {
			// Two do run beside each other; a third one, which must not, gets its chance before they go on.
			second.Do(func() { time.AfterFunc(100*time.Millisecond, func() { close(release) }) })
		}
		if name == "find_jobs" {
			<-release
		}
		return composetest.Plant(ctx, name, args)
	}
	var calls []call
	for i := range 6 {
		calls = append(calls, call{"find_jobs", []string{fmt.Sprintf(`{"name":"JOB%d"}`, i)}})
	}
	a, _ := guarded(t, c, map[string]string{"diagnostics.md": "---\nlimits: {tools_at_once: 2, tool_calls: 6}\n---\n"}, reply{calls: calls}, good)
	ask(t, a, "diagnose INV_LOAD abended")
	if most.Load() != 2 || made(c, "find_jobs") != 6 {
		t.Errorf("%d at once, %d in all", most.Load(), made(c, "find_jobs"))
	}
}

// stubborn is a plant whose find_jobs ends when release is closed, and not when its context does.
func stubborn() (c *composetest.Caller, release chan struct{}) {
	c, release = plant(), make(chan struct{})
	c.Play = func(ctx context.Context, name string, args map[string]any) (toolkit.Result, error) {
		if name == "find_jobs" {
			<-release
		}
		return composetest.Plant(ctx, name, args)
	}
	return c, release
}

func TestAToolThatIgnoresItsContextIsLeftBehind(t *testing.T) {
	c, release := stubborn()
	a, _ := guarded(t, c, map[string]string{"diagnostics.md": "---\nlimits: {tool_timeout: 1s}\n---\n"}, reply{calls: []call{{"find_jobs", []string{`{}`}}, {"diagnose_job", []string{`{"target":"INV_LOAD","premise":"abended"}`}}}}, good)
	ans, h := ask(t, a, "diagnose INV_LOAD abended")
	close(release)
	if ans.Model != "m" || ans.Diagnosis.Verdict != answer.Problem || ans.ToolCalls[0].Name != "find_jobs" || ans.ToolCalls[0].Error != "timeout" || ans.ToolCalls[0].DurationMS > 8000 {
		t.Errorf("model = %s, calls = %+v", ans.Model, ans.ToolCalls)
	}
	if len(h.events) == 0 || h.events[len(h.events)-1].Type != agentsvc.EventDone {
		t.Errorf("events = %s", h.types())
	}
}

// Calls that nobody waits for any more are bounded over all turns: beyond the bound no tool is called, every question still has its answer, and
// the tools are called again when the others have ended.
func TestToolsThatHangAreBounded(t *testing.T) {
	c, release := stubborn()
	var calls []call
	for i := range 8 {
		calls = append(calls, call{"find_jobs", []string{fmt.Sprintf(`{"name":"JOB%d"}`, i)}})
	}
	a, server := guarded(t, c, map[string]string{"diagnostics.md": "---\nlimits: {tool_timeout: 1s, tools_at_once: 8}\n---\n"}, reply{calls: calls}) // and the same again, as the last reply stays
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			ans, err := a.Ask(ctxOf(t), agentsvc.Question{Text: "diagnose INV_LOAD abended"}, nil)
			if err != nil || ans.Answer == "" {
				t.Errorf("%v, answer %q", err, ans.Answer)
			}
		})
	}
	all.Wait()
	if n := made(c, "find_jobs"); n < 64 || n > 96 {
		t.Errorf("%d calls hang", n)
	}
	before := made(c, "find_jobs")
	ans, _ := ask(t, a, "diagnose INV_LOAD abended")
	if made(c, "find_jobs") != before || ans.ToolCalls[0].Error != "limited" || ans.Answer == "" {
		t.Errorf("%d calls more, %+v", made(c, "find_jobs")-before, ans.ToolCalls)
	}
	close(release)
	server.mu.Lock()
	server.replies = []reply{asksTool, good}
	server.mu.Unlock()
	for range 1000 { // those that hung end one by one
		if ans, _ = ask(t, a, "diagnose INV_LOAD abended"); ans.Diagnosis.Verdict == answer.Problem {
			break
		}
	}
	if ans.Model != "m" || ans.Diagnosis.Verdict != answer.Problem {
		t.Errorf("afterwards: model = %s, calls = %+v", ans.Model, ans.ToolCalls)
	}
}

// noted is a log that tells when something was written to it.
type noted struct {
	slog.Handler

	what string
	once *sync.Once
	seen chan struct{}
}

func (noted) Enabled(context.Context, slog.Level) bool { return true }

func (n noted) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == n.what {
		n.once.Do(func() { close(n.seen) })
	}
	return n.Handler.Handle(ctx, r)
}

// A model's time is not that of the call that it asked for: the answer rests on the call.
func TestACallOutlivesItsModel(t *testing.T) {
	log := noted{Handler: slog.DiscardHandler, what: "model failed", once: &sync.Once{}, seen: make(chan struct{})}
	c := plant()
	c.Play = func(ctx context.Context, name string, args map[string]any) (toolkit.Result, error) {
		if name == "diagnose_job" {
			select {
			case <-log.seen:
			case <-ctx.Done():
				return toolkit.Result{}, ctx.Err()
			}
		}
		return composetest.Plant(ctx, name, args)
	}
	server := newLLM(t, asksTool, good)
	// A quarter of the turn's time is left when the models' is up.
	a, err := agent.New(t.Context(), agent.Options{Caller: c, Understander: reader{}, Logger: slog.New(log), Timeout: 4 * time.Second,
		Models: []llm.Settings{{Provider: llm.OpenAI, Endpoint: server.URL + "/v1", Model: "m"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close() //nolint:errcheck // it gives none
	ans, _ := ask(t, a, "diagnose INV_LOAD abended")
	if ans.Model != "offline" || ans.Diagnosis.Verdict != answer.Problem || made(c, "diagnose_job") != 1 || ans.ToolCalls[0].Error != "" || len(ans.Errors) != 1 || ans.Errors[0].Code != "timeout" {
		t.Errorf("model = %s, calls = %+v, errors = %+v", ans.Model, ans.ToolCalls, ans.Errors)
	}
}

func TestTheLastAnswerIsForced(t *testing.T) {
	stubborn := reply{text: good.text, calls: []call{{"plan_status", nil}}}
	cases := map[string]struct {
		last  reply
		model string
	}{
		"it still calls, beside an answer": {stubborn, "m"},
		"it calls and says nothing":        {reply{calls: []call{{"plan_status", nil}}}, "offline"},
		"it calls what nobody offered":     {reply{text: good.text, calls: []call{{"drop_tables", nil}, {"invalid_tool", nil}}}, "m"},
	}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			a, server := guarded(t, plant(), map[string]string{"diagnostics.md": "---\nlimits: {model_calls: 2}\n---\n"}, asksTool, x.last)
			ans, _ := ask(t, a, "diagnose INV_LOAD abended")
			reqs := server.requests()
			if ans.Model != x.model || ans.Diagnosis.Verdict != answer.Problem || len(reqs[1].Tools) != 0 {
				t.Errorf("model = %s, errors = %+v, tools in the last request = %d", ans.Model, ans.Errors, len(reqs[1].Tools))
			}
			if x.model == "m" && (len(reqs) != 2 || len(ans.Errors) != 0) {
				t.Errorf("%d requests, errors = %+v", len(reqs), ans.Errors)
			}
		})
	}
}

func TestAFloodOfCallsIsBounded(t *testing.T) {
	var flood []call
	for i := range 500 {
		flood = append(flood, call{"find_jobs", []string{fmt.Sprintf(`{"name":"JOB%d"}`, i)}})
	}
	c := plant()
	a, server := guarded(t, c, nil, reply{calls: flood}, good)
	ans, _ := ask(t, a, "diagnose INV_LOAD abended")
	if n := made(c, "find_jobs"); n != 8 {
		t.Errorf("%d calls were made", n)
	}
	if n := len(server.results(t)); n > 40 || ans.Model != "m" {
		t.Errorf("%d results went back, model = %s, errors = %+v", n, ans.Model, ans.Errors)
	}
}

func TestLongArgumentsAreRefused(t *testing.T) {
	c := plant()
	var long strings.Builder
	for i := 0; long.Len() < 40<<10; i++ {
		fmt.Fprintf(&long, "A%d", i*i)
	}
	a, server := guarded(t, c, nil, reply{calls: []call{{"find_jobs", []string{`{"name":"` + long.String() + `"}`}}}}, good)
	ans, _ := ask(t, a, "diagnose INV_LOAD abended")
	if made(c, "find_jobs") != 0 || !strings.Contains(server.sent(), "no JSON object of a fair size") || ans.Model != "m" {
		t.Errorf("calls = %+v, model = %s", c.Calls(), ans.Model)
	}
}

func TestAListenerThatPanics(t *testing.T) {
	a := newAgent(t, plant())
	n := 0
	ans, err := a.Ask(ctxOf(t), agentsvc.Question{Text: "diagnose INV_LOAD abended"}, func(agentsvc.Event) {
		if n++; n == 2 {
			panic("the stream is gone")
		}
	})
	if err != nil || ans.Diagnosis == nil || ans.Diagnosis.Verdict != answer.Problem || n != 2 {
		t.Errorf("answer = %+v, error = %v, events = %d", ans, err, n)
	}
}

func TestResultsAreShownWithinTheBudget(t *testing.T) {
	long := strings.Repeat("word ", 20_000)
	c := plant()
	c.Play = func(ctx context.Context, name string, args map[string]any) (toolkit.Result, error) {
		r, err := composetest.Plant(ctx, name, args)
		if name == "find_jobs" {
			r.Text = long
			for range 1000 * (len(fmt.Sprint(args)) % 3) {
				runtime.Gosched() // in whatever order they end
			}
		}
		return r, err
	}
	var calls []call
	for i := range 5 {
		calls = append(calls, call{"find_jobs", []string{fmt.Sprintf(`{"name":%q}`, strings.Repeat("J", i+1))}})
	}
	a, server := guarded(t, c, map[string]string{"diagnostics.md": "---\nlimits: {result_bytes: 4096, context_bytes: 10000}\n---\n"}, reply{calls: calls}, good)
	ask(t, a, "diagnose INV_LOAD abended")
	var sizes []int
	for _, r := range server.results(t) {
		if r["trimmed"] == nil {
			t.Errorf("nothing says that %v was trimmed", r["call"])
		}
		sizes = append(sizes, len(fmt.Sprint(r["untrusted_data"]))/1000)
	}
	if !slices.Equal(sizes, []int{4, 4, 1, 1, 1}) {
		t.Errorf("kilobytes shown = %v", sizes)
	}
}
