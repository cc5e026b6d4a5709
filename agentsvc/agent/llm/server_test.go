package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/agentsvc/agent/llm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server plays a model's server: each request takes the next reply, the last one stays.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	replies []http.HandlerFunc
	seen    []map[string]any
	headers []http.Header
	paths   []string
}

func serve(t *testing.T, replies ...http.HandlerFunc) *server {
	t.Helper()
	s := &server{replies: replies}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		var body map[string]any
		if err := json.Unmarshal(b, &body); err != nil {
			http.Error(w, "no JSON", http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		s.seen, s.headers, s.paths = append(s.seen, body), append(s.headers, r.Header.Clone()), append(s.paths, r.URL.String())
		reply := s.replies[0]
		if len(s.replies) > 1 {
			s.replies = s.replies[1:]
		}
		s.mu.Unlock()
		reply(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) requests() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]map[string]any(nil), s.seen...)
}

// body answers with a text as it is.
func body(kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, text)
	}
}

func status(code int, text string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text)
	}
}

// sse answers with events, and with [DONE] where done is set.
func sse(done bool, events ...string) http.HandlerFunc {
	var b strings.Builder
	for _, e := range events {
		b.WriteString("data: " + e + "\n\n")
	}
	if done {
		b.WriteString("data: [DONE]\n\n")
	}
	return body("text/event-stream", b.String())
}

// hangs sends a text and then nothing, until the client goes.
func hangs(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, text)
		if http.NewResponseController(w).Flush() == nil {
			<-r.Context().Done()
		}
	}
}

type call struct{ id, name, args string }

// said is a whole answer in the form of each provider, in two pieces where it streams.
func said(provider, text string, calls ...call) http.HandlerFunc {
	half := len(text) / 2
	quote := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	var events []string
	add := func(format string, args ...any) { events = append(events, fmt.Sprintf(format, args...)) }
	switch provider {
	case llm.OpenAI:
		for _, p := range []string{text[:half], text[half:]} {
			add(`{"choices":[{"index":0,"delta":{"role":"assistant","content":%s},"finish_reason":null}]}`, quote(p))
		}
		for i, c := range calls {
			add(`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":%d,"id":%s,"type":"function","function":{"name":%s,"arguments":""}}]}}]}`, i, quote(c.id), quote(c.name))
			for _, p := range []string{c.args[:len(c.args)/2], c.args[len(c.args)/2:]} {
				add(`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":%d,"function":{"arguments":%s}}]}}]}`, i, quote(p))
			}
		}
		add(`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`)
		add(`{"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":300},"cost":0.25}}`)
		return sse(true, events...)
	case llm.Anthropic:
		add(`{"type":"message_start","message":{"id":"m","usage":{"input_tokens":600,"cache_read_input_tokens":300,"cache_creation_input_tokens":100,"output_tokens":1}}}`)
		add(`{"type":"ping"}`)
		add(`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`)
		for _, p := range []string{text[:half], text[half:]} {
			add(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":%s}}`, quote(p))
		}
		add(`{"type":"content_block_stop","index":0}`)
		for i, c := range calls {
			add(`{"type":"content_block_start","index":%d,"content_block":{"type":"tool_use","id":%s,"name":%s,"input":{}}}`, i+1, quote(c.id), quote(c.name))
			for _, p := range []string{c.args[:len(c.args)/2], c.args[len(c.args)/2:]} {
				add(`{"type":"content_block_delta","index":%d,"delta":{"type":"input_json_delta","partial_json":%s}}`, i+1, quote(p))
			}
		}
		add(`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":20}}`)
		add(`{"type":"message_stop"}`)
		return sse(false, events...)
	case llm.Gemini:
		for _, p := range []string{text[:half], text[half:]} {
			add(`{"candidates":[{"content":{"role":"model","parts":[{"text":%s}]}}],"usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":300,"candidatesTokenCount":5}}`, quote(p))
		}
		for _, c := range calls {
			args := c.args
			if args == "" {
				args = "{}"
			}
			add(`{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":%s,"args":%s},"thoughtSignature":"sig-1"}]}}]}`, quote(c.name), args)
		}
		add(`{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":300,"candidatesTokenCount":15,"thoughtsTokenCount":5}}`)
		return sse(false, events...)
	case llm.Ollama:
		for _, p := range []string{text[:half], text[half:]} {
			add(`{"model":"m","message":{"role":"assistant","content":%s},"done":false}`, quote(p))
		}
		for _, c := range calls {
			args := c.args
			if args == "" {
				args = "{}"
			}
			add(`{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":%s,"arguments":%s}}]},"done":false}`, quote(c.name), args)
		}
		add(`{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":1000,"eval_count":20}`)
		return body("application/x-ndjson", strings.Join(events, "\n")+"\n")
	}
	panic(provider)
}

// ear keeps what it hears.
type ear struct {
	mu       sync.Mutex
	text     string
	restarts int
	heard    func(string)
}

func (e *ear) Hear(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.text += text
	if e.heard != nil {
		e.heard(text)
	}
}

func (e *ear) Restart() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.text = ""
	e.restarts++
}

// tried keeps what a Talk tells.
type tried []llm.Try

func (t tried) kinds() string {
	var out []string
	for _, x := range t {
		kind := "ok"
		if x.Failure != nil {
			kind = string(x.Failure.Kind)
		}
		out = append(out, x.Model.Name()+":"+kind)
	}
	return strings.Join(out, " ")
}

func settings(provider string, s *server) llm.Settings {
	return llm.Settings{Name: provider, Provider: provider, Endpoint: s.URL, APIKey: "sk-secret-key", Model: "org/m:7b", Timeout: 5 * time.Second}
}

func chain(t *testing.T, all ...llm.Settings) *llm.Chain {
	t.Helper()
	c, err := llm.New(llm.Options{Wait: func(context.Context, time.Duration) error { return nil }}, all...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

var lookUp = llm.Tool{Name: "look_up", Description: "Looks a thing up. It is quick.", Schema: map[string]any{"type": "object", "properties": map[string]any{"name": map[string]any{"type": "string", "description": "what"}}}}

func asking(text string) llm.Request {
	return llm.Request{System: "You help.", Messages: []llm.Message{{Role: llm.User, Text: text}}, Tools: []llm.Tool{lookUp}}
}

// once asks one question of a chain.
func once(t *testing.T, c *llm.Chain, r llm.Request) (llm.Response, *ear, tried, error) {
	t.Helper()
	e := &ear{}
	var all tried
	resp, err := c.Begin("", e, func(x llm.Try) { all = append(all, x) }).Generate(t.Context(), r)
	if err != nil && !errors.Is(err, llm.ErrNone) {
		t.Fatalf("err = %v", err)
	}
	return resp, e, all, err
}
