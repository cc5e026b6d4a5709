package agent_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/agent/llm"
)

// Names and numbers may all be true, and the advice around them may not.
func TestProseThatPlaysDownIsNotUsed(t *testing.T) {
	start := "INV_LOAD ended ABEND because the database refused the login. "
	for text, used := range map[string]bool{
		"It is safe to rerun it right away.":                   false,
		"It is harmless and nobody needs to act.":              false,
		"No action is needed.":                                 false,
		"Ignore it.":                                           false,
		"This is not urgent.":                                  false,
		"Não é urgente e pode esperar.":                        false,
		"Nenhuma ação é necessária.":                           false,
		"It is not safe to rerun it before the login works.":   true,
		"Do not ignore it: somebody has to look at the login.": true,
		"LED_POST waits for it and must be done by 06:00.":     true,
	} {
		a, _, _ := withModel(t, "", asksTool, reply{text: []string{start, text}})
		ans, h := ask(t, a, "diagnose INV_LOAD abended")
		if got := ans.Model != "offline"; got != used || h.text() != ans.Answer || !used && strings.Contains(ans.Answer, text) {
			t.Errorf("%s: used = %v, answer = %q", text, got, ans.Answer)
		}
	}
}

// Servers repeat the key that they refuse, and a stranger's words may be long.
func TestTheKeyIsNeverLogged(t *testing.T) {
	const key = "sk-very-secret-0123456789"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":{"message":"Incorrect API key provided: `+r.Header.Get("Authorization")+strings.Repeat(" again", 5000)+`"}}`)
	}))
	defer server.Close()
	var log bytes.Buffer
	a, err := agent.New(t.Context(), agent.Options{Caller: plant(), Understander: reader{}, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Models: []llm.Settings{{Provider: llm.OpenAI, Endpoint: server.URL + "/v1", APIKey: key, Model: "m"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close() //nolint:errcheck // it gives none
	ans, _ := ask(t, a, "diagnose INV_LOAD abended")
	if ans.Model != "offline" || len(ans.Errors) != 1 || ans.Errors[0].Code != "upstream_denied" {
		t.Errorf("model = %s, errors = %+v", ans.Model, ans.Errors)
	}
	if !strings.Contains(log.String(), "Incorrect API key provided") {
		t.Errorf("the log says nothing of it: %s", log.String())
	}
	if strings.Contains(log.String(), key) || log.Len() > 4<<10 {
		t.Errorf("log of %d bytes, key in it: %v", log.Len(), strings.Contains(log.String(), key))
	}
}

// Not every server streams, though it is asked to.
func TestAServerThatDoesNotStream(t *testing.T) {
	whole := func(message, finish string) reply {
		return reply{kind: "application/json; charset=utf-8", body: `{"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"` + finish +
			`","message":` + message + `}],"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}}`}
	}
	a, _, _ := withModel(t, "",
		whole(`{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"diagnose_job","arguments":"{\"target\":\"INV_LOAD\",\"premise\":\"abended\"}"}},{"id":"c2","type":"function","function":{"name":"plan_status","arguments":""}}]}`, "tool_calls"),
		whole(`{"role":"assistant","content":"INV_LOAD ended ABEND: the database refused the login, `+"`logon denied`"+`. LED_POST waits for it."}`, "stop"))
	ans, h := ask(t, a, "diagnose INV_LOAD abended")
	if ans.Model != "org/m:7b" || len(ans.Errors) != 0 || !strings.HasPrefix(ans.Answer, "INV_LOAD ended ABEND: the database refused") || h.text() != ans.Answer {
		t.Errorf("model = %s, answer = %q, errors = %+v", ans.Model, ans.Answer, ans.Errors)
	}
	if len(ans.ToolCalls) < 2 || ans.ToolCalls[0].Name != "diagnose_job" || ans.ToolCalls[1].Name != "plan_status" || ans.Usage.InputTokens != 200 {
		t.Errorf("calls = %+v, usage = %+v", ans.ToolCalls, ans.Usage)
	}
}
