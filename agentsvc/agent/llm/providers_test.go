package llm_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/agent/llm"
)

// Each provider: the first answer calls two tools, the second is prose; what is sent is what its documentation asks for.
func TestProviders(t *testing.T) {
	for _, provider := range llm.Providers() {
		t.Run(provider, func(t *testing.T) {
			s := serve(t, said(provider, "I look.", call{"c1", "look_up", `{"name":"é"}`}, call{"c2", "look_up", ``}), said(provider, "It is well. All of it."))
			c := chain(t, settings(provider, s))
			e := &ear{}
			var all tried
			talk := c.Begin("", e, func(x llm.Try) { all = append(all, x) })
			r := asking("what?")
			first, err := talk.Generate(t.Context(), r)
			if err != nil {
				t.Fatal(err, all.kinds())
			}
			if len(first.Calls) != 2 || string(first.Calls[0].Args) != `{"name":"é"}` || string(first.Calls[1].Args) != `{}` || first.Text != "I look." || first.Cut {
				t.Fatalf("first = %+v", first)
			}
			for i := range first.Calls {
				if first.Calls[i].ID == "" {
					first.Calls[i].ID = "made_" + string(rune('a'+i))
				}
			}
			r.Messages = append(r.Messages, llm.Message{Role: llm.Assistant, Text: first.Text, Calls: first.Calls},
				llm.Message{Role: llm.Results, Results: []llm.Result{{ID: first.Calls[0].ID, Name: "look_up", Output: `{"call":"t1"}`}, {ID: first.Calls[1].ID, Name: "look_up", Output: `{"call":"t2"}`}}})
			second, err := talk.Generate(t.Context(), r)
			if err != nil || second.Text != "It is well. All of it." || e.text != "I look.It is well. All of it." || second.Model.Label() != "org/m:7b" {
				t.Fatalf("second = %+v, heard %q, %v", second, e.text, err)
			}
			want := llm.Usage{Input: 1000, Cached: 300, Output: 20}
			switch provider {
			case llm.OpenAI:
				want.CostUSD = 0.25
			case llm.Anthropic:
				want.Stored = 100
			case llm.Ollama:
				want.Cached = 0
			}
			if len(all) != 2 || all[1].Usage != want || all[1].Failure != nil || !all[1].Sent {
				t.Errorf("usage = %+v, want %+v", all[1].Usage, want)
			}
			wire(t, provider, s)
		})
	}
}

// wire holds what was sent against what each interface asks for.
func wire(t *testing.T, provider string, s *server) {
	t.Helper()
	b, err := json.Marshal(s.requests()[1])
	if err != nil {
		t.Fatal(err)
	}
	h := s.headers[1]
	for name, want := range map[string]struct {
		path, header, value string
		parts               []string
	}{
		llm.OpenAI: {"/chat/completions", "Authorization", "Bearer sk-secret-key", []string{`"max_tokens":1200`, `"temperature":0`, `"stream":true`, `"include_usage":true`,
			`{"content":"You help.","role":"system"}`, `{"content":"{\"call\":\"t1\"}","role":"tool","tool_call_id":"c1"}`, `"arguments":"{\"name\":\"é\"}"`, `"model":"org/m:7b"`, `{"content":"what?","role":"user"}`}},
		llm.Anthropic: {"/v1/messages", "X-Api-Key", "sk-secret-key", []string{`"max_tokens":1200`, `"temperature":0`, `"stream":true`, `"cache_control":{"type":"ephemeral"}`, `"input_schema":{`,
			`{"id":"c1","input":{"name":"é"},"name":"look_up","type":"tool_use"}`, `{"content":"{\"call\":\"t1\"}","tool_use_id":"c1","type":"tool_result"}`}},
		llm.Gemini: {"/v1beta/models/org%2Fm:7b:streamGenerateContent?alt=sse", "X-Goog-Api-Key", "sk-secret-key", []string{`"maxOutputTokens":1200`, `"temperature":0`, `"systemInstruction":{"parts":[{"text":"You help."}]}`,
			`{"functionCall":{"args":{"name":"é"},"name":"look_up"},"thoughtSignature":"sig-1"}`, `{"functionResponse":{"name":"look_up","response":{"call":"t1"}}}`, `"parametersJsonSchema":{`, `"role":"model"`}},
		llm.Ollama: {"/api/chat", "Authorization", "Bearer sk-secret-key", []string{`"num_ctx":16384`, `"num_predict":1200`, `"temperature":0`, `"stream":true`, `"arguments":{"name":"é"}`, `{"content":"{\"call\":\"t1\"}","role":"tool","tool_name":"look_up"}`}},
	} {
		if name != provider {
			continue
		}
		if s.paths[1] != want.path || h.Get(want.header) != want.value {
			t.Errorf("path = %s, %s = %q", s.paths[1], want.header, h.Get(want.header))
		}
		for _, p := range want.parts {
			if !strings.Contains(string(b), p) {
				t.Errorf("no %s in %s", p, b)
			}
		}
	}
	if provider == llm.Anthropic && h.Get("Anthropic-Version") != "2023-06-01" {
		t.Errorf("headers = %v", h)
	}
}

// Variables that the makers' own libraries read change nothing: neither where a question goes nor what it carries.
func TestNoVariableOfALibraryCounts(t *testing.T) {
	other := serve(t, said(llm.OpenAI, "stranger"))
	for _, name := range []string{"OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL",
		"GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL", "OLLAMA_HOST", "OLLAMA_API_KEY"} {
		t.Setenv(name, other.URL)
	}
	for _, provider := range llm.Providers() {
		s := serve(t, said(provider, "It is well."))
		set := settings(provider, s)
		set.APIKey = ""
		if _, _, all, err := once(t, chain(t, set), asking("what?")); err != nil {
			t.Fatal(provider, all.kinds())
		}
		for name, values := range s.headers[0] {
			if strings.Contains(strings.Join(values, " "), other.URL) || name == "Authorization" || strings.HasPrefix(name, "Openai") || strings.HasSuffix(name, "-Key") {
				t.Errorf("%s: %s = %v", provider, name, values)
			}
		}
	}
	if len(other.requests()) != 0 {
		t.Error("a stranger was asked")
	}
}

// Endpoints are given in many ways: with the path of the interface, or without, or with a slash behind it.
func TestEndpoints(t *testing.T) {
	for _, c := range []struct{ provider, path, want string }{
		{llm.OpenAI, "/v1", "/v1/chat/completions"}, {llm.OpenAI, "/v1/", "/v1/chat/completions"}, {llm.OpenAI, "/api/v1/chat/completions", "/api/v1/chat/completions"},
		{llm.Anthropic, "", "/v1/messages"}, {llm.Anthropic, "/v1", "/v1/messages"}, {llm.Anthropic, "/proxy/v1/messages", "/proxy/v1/messages"},
		{llm.Gemini, "/v1beta/", "/v1beta/models/org%2Fm:7b:streamGenerateContent?alt=sse"}, {llm.Ollama, "/", "/api/chat"}, {llm.Ollama, "/api", "/api/chat"},
	} {
		s := serve(t, said(c.provider, "It is well."))
		set := settings(c.provider, s)
		set.Endpoint += c.path
		if _, _, all, err := once(t, chain(t, set), asking("what?")); err != nil || s.paths[0] != c.want {
			t.Errorf("%s %s: %v, want %s (%s)", c.provider, c.path, s.paths, c.want, all.kinds())
		}
	}
}

// What a server does not take is left out from then on.
func TestQuirksAreLearntOnce(t *testing.T) {
	no := func(text string) http.HandlerFunc { return status(400, `{"error":{"message":"`+text+`"}}`) }
	s := serve(t, no("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
		no("Unsupported value: 'temperature' does not support 0 with this model."), no("Unrecognized request argument supplied: stream_options"), said(llm.OpenAI, "It is well."))
	c := chain(t, settings(llm.OpenAI, s))
	for range 2 {
		if resp, _, all, err := once(t, c, asking("what?")); err != nil || resp.Text != "It is well." {
			t.Fatal(all.kinds())
		}
	}
	reqs := s.requests()
	last := reqs[len(reqs)-1]
	if len(reqs) != 5 || last["max_completion_tokens"] != 1200.0 || last["max_tokens"] != nil || last["temperature"] != nil || last["stream_options"] != nil {
		t.Errorf("%d requests, last = %v", len(reqs), last)
	}
}

// A model that cannot call tools gets what they return.
func TestAModelWithoutTools(t *testing.T) {
	for _, provider := range []string{llm.OpenAI, llm.Ollama} {
		s := serve(t, status(400, `{"error":"registry.example/m:7b does not support tools"}`), said(provider, "It is well."))
		r := asking("what?")
		r.Facts = func(int) string { return "FACTS OF THE TOOLS" }
		resp, _, all, err := once(t, chain(t, settings(provider, s)), r)
		b, merr := json.Marshal(s.requests()[1])
		if err != nil || merr != nil || resp.Text != "It is well." || !strings.Contains(string(b), "FACTS OF THE TOOLS") || s.requests()[1]["tools"] != nil {
			t.Errorf("%s: %s, sent %s", provider, all.kinds(), b)
		}
	}
}
