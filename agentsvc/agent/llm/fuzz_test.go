package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/agent/llm"
)

// FuzzAnswers sends anything at all as the answer of each kind of server: it is an answer that can be used, or a failure that can be told.
func FuzzAnswers(f *testing.F) {
	for i := range llm.Providers() {
		for _, seed := range []string{
			"", "{}", "[]", "null", "data: {}\n\n", "data: [DONE]\n\n", "<html>", "[{},{}]", `{"error":"x"}`, `{"error":{"message":7}}`, ": c\n\ndata: " + delta("a") + "\n\ndata: " + stop + "\n\n",
			`{"choices":[{"message":{"content":null,"tool_calls":[{"function":{"name":"look_up","arguments":{"a":"\u0000"}}}]}}]}`,
			`{"type":"message","content":[{"type":"tool_use","name":"look_up","input":[1]}],"stop_reason":"tool_use"}`,
			`[{"candidates":[{"content":{"parts":[{"functionCall":{"name":"look_up"}},{"text":"a"}]},"finishReason":"STOP"}]}]`,
			`{"message":{"content":"<tool_call>{\"name\":\"look_up\"}"},"done":true}` + "\n{\"done\":", "data: \"\\u0000\"\n\n", "data: " + delta("</think><think>") + "\n",
		} {
			f.Add(i, seed)
		}
	}
	var text string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }))
	f.Cleanup(server.Close)
	f.Fuzz(func(t *testing.T, i int, answer string) {
		provider := llm.Providers()[uint(i)%uint(len(llm.Providers()))] //nolint:gosec // any number will do
		text = answer
		c, err := llm.New(llm.Options{Wait: func(context.Context, time.Duration) error { return nil }}, llm.Settings{Provider: provider, Endpoint: server.URL, Model: "m", MaxTokens: 500})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		e := &ear{}
		resp, err := c.Begin("", e, func(x llm.Try) {
			if x.Failure != nil && x.Model.Fault(x.Failure).Hint == "" {
				t.Errorf("%s has no hint", x.Failure.Kind)
			}
			if x.Usage.Input < 0 || x.Usage.Output < 0 {
				t.Errorf("usage = %+v", x.Usage)
			}
		}).Generate(t.Context(), asking("what?"))
		if err != nil {
			if !errors.Is(err, llm.ErrNone) {
				t.Fatal(err)
			}
			return
		}
		if len(resp.Calls) == 0 && (strings.TrimSpace(resp.Text) == "" || e.text != resp.Text) {
			t.Errorf("text = %q, heard %q", resp.Text, e.text)
		}
		if strings.ContainsAny(resp.Text, "\x00\x1b") {
			t.Errorf("text = %q", resp.Text)
		}
		for _, call := range resp.Calls {
			if !json.Valid(call.Args) || strings.Contains(string(call.Args), `\u0000`) && !strings.Contains(string(call.Args), `\\u0000`) {
				t.Errorf("arguments = %s", call.Args)
			}
		}
	})
}
