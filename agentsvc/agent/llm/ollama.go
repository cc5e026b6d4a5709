package llm

import (
	"encoding/json"
	"net/http"
	"strings"
)

// ollama speaks Ollama's own interface, which takes the size of the context with each request; its /v1 does not.
type ollama struct{}

// defaultContext is num_ctx where nothing is configured: Ollama's own default (2,048 to 4,096 by version) is less than our tools alone.
const defaultContext = 16 << 10

func (ollama) url(s Settings) string {
	base := strings.TrimSuffix(strings.TrimRight(s.Endpoint, "/"), "/api/chat")
	return strings.TrimSuffix(base, "/api") + "/api/chat"
}

func (ollama) header(h http.Header, key string) {
	if key != "" {
		h.Set("Authorization", "Bearer "+key) // a proxy in front may want one
	}
}

func (ollama) body(m *Model, r Request) any {
	b := object{"model": m.s.Model, "messages": ollamaMessages(r), "stream": true,
		"options": object{"num_ctx": m.s.ContextTokens, "num_predict": m.mostTokens(r), "temperature": m.s.Temperature}}
	if m.s.KeepAlive != "" {
		b["keep_alive"] = m.keepAlive()
	}
	if len(r.Tools) > 0 {
		b["tools"] = functions(r.Tools)
	}
	return b
}

// keepAlive is a number of seconds or a duration; the server takes "-1" as a number only.
func (m *Model) keepAlive() any {
	var n json.Number
	if json.Unmarshal([]byte(m.s.KeepAlive), &n) == nil {
		return n
	}
	return m.s.KeepAlive
}

func ollamaMessages(r Request) []any {
	out := []any{object{"role": "system", "content": r.System}}
	for _, msg := range r.Messages {
		if msg.Role == Results {
			for _, x := range msg.Results {
				out = append(out, object{"role": "tool", "tool_name": x.Name, "content": x.Output})
			}
			continue
		}
		one := object{"role": msg.Role, "content": msg.Text}
		var calls []any
		for _, c := range msg.Calls {
			calls = append(calls, object{"function": object{"name": c.Name, "arguments": asObject(c.Args)}})
		}
		if calls != nil {
			one["tool_calls"] = calls
		}
		out = append(out, one)
	}
	return out
}

type ollamaEvent struct {
	Message struct {
		Content  string `json:"content"`
		Thinking string `json:"thinking"`
		Calls    []struct {
			ID       string `json:"id"`
			Function struct {
				Name      string `json:"name"`
				Arguments piece  `json:"arguments"`
			} `json:"function"`
		} `json:"tool_calls"`
	} `json:"message"`
	Done   bool            `json:"done"`
	Reason string          `json:"done_reason"`
	Input  int             `json:"prompt_eval_count"`
	Output int             `json:"eval_count"`
	Error  json.RawMessage `json:"error"`
}

func (ollama) event(d *draft, b []byte) error {
	var e ollamaEvent
	if err := json.Unmarshal(b, &e); err != nil {
		return failed(NoModel, "an event of another form: %w", err)
	}
	if isError(e.Error) {
		return inStream(e.Error)
	}
	if err := d.thought(e.Message.Thinking); err != nil {
		return err
	}
	if e.Message.Content != "" {
		if err := d.write(e.Message.Content); err != nil {
			return err
		}
	}
	for _, c := range e.Message.Calls { // calls come whole
		if _, err := d.call(len(d.calls), c.ID, c.Function.Name, string(c.Function.Arguments)); err != nil {
			return err
		}
	}
	if e.Done {
		d.end(e.Reason)
		if e.Input > 0 || e.Output > 0 {
			d.usage, d.told = Usage{Input: e.Input, Output: e.Output}, true
		}
	}
	return nil
}
