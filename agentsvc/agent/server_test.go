package agent_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// modelServer is a fake server of chat completions: each request takes the next reply.
type modelServer struct {
	*httptest.Server
	mu      sync.Mutex
	replies []reply
	seen    []request
	auth    []string
}

// reply is one scripted response.
type reply struct {
	status int
	text   []string // pieces of the answer
	calls  []call
	cut    bool   // the stream just ends
	finish string // "" means stop or tool_calls
	body   string // sent as it is, with kind
	kind   string
	hang   bool // after the text, until the client goes
}

type call struct {
	name string
	args []string // pieces of the arguments
}

type request struct {
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	Tools []struct {
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	} `json:"tools"`
	MaxTokens   *int     `json:"max_tokens"`
	Temperature *float64 `json:"temperature"`
	Model       string   `json:"model"`
	Stream      bool     `json:"stream"`
}

func newLLM(t *testing.T, replies ...reply) *modelServer {
	t.Helper()
	l := &modelServer{replies: replies}
	l.Server = httptest.NewServer(http.HandlerFunc(l.serve))
	t.Cleanup(l.Close)
	return l
}

func (l *modelServer) serve(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var req request
	if json.Unmarshal(b, &req) != nil {
		http.Error(w, "bad", http.StatusBadRequest)
		return
	}
	l.mu.Lock()
	l.seen = append(l.seen, req)
	l.auth = append(l.auth, r.Header.Get("Authorization"))
	nth := len(l.seen)
	rep := reply{status: http.StatusInternalServerError}
	if len(l.replies) > 0 {
		rep = l.replies[0]
		if len(l.replies) > 1 {
			l.replies = l.replies[1:]
		}
	}
	l.mu.Unlock()
	if rep.kind != "" {
		w.Header().Set("Content-Type", rep.kind)
		_, _ = io.WriteString(w, rep.body)
		return
	}
	if rep.status != 0 {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(rep.status)
		_, _ = io.WriteString(w, `{"error":{"message":"secret inner words","type":"x"}}`)
		return
	}
	l.stream(w, rep, nth)
	if rep.hang {
		if err := http.NewResponseController(w).Flush(); err == nil {
			<-r.Context().Done()
		}
	}
}

func (l *modelServer) stream(w http.ResponseWriter, rep reply, nth int) {
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(delta map[string]any, finish any) {
		b, err := json.Marshal(map[string]any{"id": "x", "object": "chat.completion.chunk", "model": "m", "choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}}})
		if err == nil {
			fmt.Fprintf(w, "data: %s\n\n", b)
		}
	}
	for _, p := range rep.text {
		send(map[string]any{"role": "assistant", "content": p}, nil)
	}
	for i, c := range rep.calls {
		send(map[string]any{"tool_calls": []any{map[string]any{"index": i, "id": fmt.Sprintf("call_%d_%d", i, nth), "type": "function", "function": map[string]any{"name": c.name, "arguments": ""}}}}, nil)
		for _, a := range c.args {
			send(map[string]any{"tool_calls": []any{map[string]any{"index": i, "function": map[string]any{"arguments": a}}}}, nil)
		}
	}
	if rep.cut || rep.hang {
		return
	}
	finish := rep.finish
	if finish == "" && len(rep.calls) > 0 {
		finish = "tool_calls"
	} else if finish == "" {
		finish = "stop"
	}
	send(map[string]any{}, finish)
	fmt.Fprint(w, `data: {"id":"x","object":"chat.completion.chunk","model":"m","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}}`+"\n\ndata: [DONE]\n\n")
}

func (l *modelServer) requests() []request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]request(nil), l.seen...)
}

func (l *modelServer) sent() string {
	b, err := json.Marshal(l.requests())
	if err != nil {
		return ""
	}
	return string(b)
}
