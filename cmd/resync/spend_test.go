package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestBudgetsOfOneAndOfAll asks a server whose settings leave models a token a day: of each person, or of all together. Whoever has used it up is answered
// all the same, without a model, and told so.
func TestBudgetsOfOneAndOfAll(t *testing.T) {
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant",
			"content":"CLM_RESERVE ended with ABEND because the database refused its account."}}],"usage":{"prompt_tokens":3000,"completion_tokens":20}}`)
	}))
	defer model.Close()
	const ask = `http 200 POST /api/chat Content-Type=application/json "Authorization=Bearer `
	for setting, lines := range map[string][]string{
		"APP_LLM__BUDGET_PER_USER_DAY_TOKENS": {
			ask + `$ANA" question`, `body '"model":"m"'`, `body '"input_tokens":3000'`,
			ask + `$ANA" another`, `body '"model":"offline"'`, `body 'Your budget for language models is used up for today'`, `body 'ORA-28001'`,
			ask + `$BOB" another`, `body '"model":"m"'`, `body '"input_tokens":3000'`, // nobody's answer to it is kept, since ana's had no model
		},
		"APP_LLM__BUDGET_PER_DAY_TOKENS": {
			ask + `$ANA" question`, `body '"model":"m"'`,
			ask + `$BOB" another`, `body '"model":"offline"'`, `body 'The budget of all for language models is used up for today'`,
		},
	} {
		t.Run(setting, func(t *testing.T) {
			s := newScript(t, "testdata/script/serve.txtar")
			s.env["LLM_ENDPOINT"], s.env["APP_LLM_MODEL"], s.env[setting] = model.URL+"/v1", "m", "1"
			s.files["password"] = "correct horse battery\n"
			s.files["question"] = `{"question":"why did CLM_RESERVE abend?","language":"en"}`
			s.files["another"] = `{"question":"why did CLM_RESERVE fail today?","language":"en"}`
			s.lines = []string{
				"stdin password", "resync user add ana --role operator", "stdin password", "resync user add bob --role operator",
				"resync user key ana --scope ask", `capture ANA '(rsk_\S+)'`, "resync user key bob --scope ask", `capture BOB '(rsk_\S+)'`,
				"start serve --listen 127.0.0.1:0",
			}
			s.lines = append(append(s.lines, lines...), "stop")
			s.run()
		})
	}
}
