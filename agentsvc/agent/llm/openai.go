package llm

import (
	"encoding/json"
	"net/http"
	"strings"
)

// codec is how one kind of server is spoken to.
type codec interface {
	url(s Settings) string
	header(h http.Header, key string)
	body(m *Model, r Request) any
	// event takes one event of the answer.
	event(d *draft, b []byte) error
}

func codecOf(provider string) codec {
	switch provider {
	case OpenAI:
		return openAI{}
	case Anthropic:
		return anthropic{}
	case Gemini:
		return gemini{}
	case Ollama:
		return ollama{}
	}
	return nil
}

// openAI speaks chat completions.
type openAI struct{}

func (openAI) url(s Settings) string {
	return strings.TrimSuffix(strings.TrimRight(s.Endpoint, "/"), "/chat/completions") + "/chat/completions"
}

func (openAI) header(h http.Header, key string) {
	if key != "" {
		h.Set("Authorization", "Bearer "+key)
	}
}

type object = map[string]any

func (openAI) body(m *Model, r Request) any {
	q := m.quirks.get()
	b := object{"model": m.s.Model, "messages": openAIMessages(r), "stream": true}
	if !q.noUsage {
		b["stream_options"] = object{"include_usage": true}
	}
	// The reasoning models of OpenAI refuse the older name, and most other servers do not know the newer one.
	if q.completionTokens {
		b["max_completion_tokens"] = m.mostTokens(r)
	} else {
		b["max_tokens"] = m.mostTokens(r)
	}
	if !q.noTemperature {
		b["temperature"] = m.s.Temperature
	}
	if len(r.Tools) > 0 {
		b["tools"] = functions(r.Tools)
	}
	return b
}

// functions are tools as OpenAI and Ollama take them.
func functions(tools []Tool) []any {
	out := make([]any, 0, len(tools))
	for _, t := range tools {
		out = append(out, object{"type": "function", "function": object{"name": t.Name, "description": t.Description, "parameters": t.Schema}})
	}
	return out
}

func openAIMessages(r Request) []any {
	out := []any{object{"role": "system", "content": r.System}}
	for _, msg := range r.Messages {
		switch msg.Role {
		case Results:
			for _, x := range msg.Results {
				out = append(out, object{"role": "tool", "tool_call_id": x.ID, "content": x.Output})
			}
		default:
			one := object{"role": msg.Role, "content": msg.Text}
			var calls []any
			for _, c := range msg.Calls {
				calls = append(calls, object{"id": c.ID, "type": "function", "function": object{"name": c.Name, "arguments": string(c.Args)}})
			}
			if calls != nil {
				one["tool_calls"] = calls
				if msg.Text == "" {
					one["content"] = nil
				}
			}
			out = append(out, one)
		}
	}
	return out
}

// openAIMessage is a delta, or the message of an answer in one piece.
type openAIMessage struct {
	Content          content `json:"content"`
	Refusal          string  `json:"refusal"`
	Reasoning        piece   `json:"reasoning"`
	ReasoningContent piece   `json:"reasoning_content"`
	ToolCalls        []struct {
		Index    *int `json:"index"`
		ID       word `json:"id"`
		Function struct {
			Name      string `json:"name"`
			Arguments piece  `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

// content is text, or a list of parts with text.
type content string

// UnmarshalJSON implements json.Unmarshaler.
func (c *content) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*c = content(text)
		return nil
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	for _, p := range parts {
		if p.Type == "" || p.Type == "text" {
			*c += content(p.Text)
		}
	}
	return nil
}

type openAIEvent struct {
	Choices []struct {
		Delta        openAIMessage  `json:"delta"`
		Message      *openAIMessage `json:"message"`
		FinishReason word           `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		Prompt     int     `json:"prompt_tokens"`
		Completion int     `json:"completion_tokens"`
		Cost       float64 `json:"cost"`
		Details    struct {
			Cached int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

func (openAI) event(d *draft, b []byte) error {
	if string(b) == "[DONE]" {
		d.ended = true
		return nil
	}
	var e openAIEvent
	if err := json.Unmarshal(b, &e); err != nil {
		return failed(NoModel, "an event of another form: %w", err)
	}
	if isError(e.Error) {
		return inStream(e.Error)
	}
	if u := e.Usage; u != nil && u.Prompt+u.Completion > 0 {
		d.usage, d.told = Usage{Input: u.Prompt, Output: u.Completion, Cached: min(u.Details.Cached, u.Prompt), CostUSD: u.Cost}, true
	}
	for _, c := range e.Choices[:min(1, len(e.Choices))] { // one answer was asked for
		msg := c.Delta
		if c.Message != nil {
			msg = *c.Message
		}
		if err := msg.into(d); err != nil {
			return err
		}
		if c.FinishReason == "error" { // OpenRouter, when the server behind it broke off
			return failed(Broken, "the server ended the answer with an error")
		}
		if c.FinishReason != "" {
			d.end(string(c.FinishReason))
		} else if c.Message != nil {
			d.end("stop") // in one piece, and the server does not say why it ended
		}
	}
	return nil
}

func (msg openAIMessage) into(d *draft) error {
	for _, t := range []string{string(msg.Reasoning), string(msg.ReasoningContent)} {
		if err := d.thought(t); err != nil {
			return err
		}
	}
	if msg.Content != "" {
		if err := d.write(string(msg.Content)); err != nil {
			return err
		}
	}
	if msg.Refusal != "" {
		return failed(Filtered, "a refusal")
	}
	for i, c := range msg.ToolCalls {
		index := i
		if c.Index != nil {
			index = *c.Index
		}
		if _, err := d.call(index, string(c.ID), c.Function.Name, string(c.Function.Arguments)); err != nil {
			return err
		}
	}
	return nil
}

// end notes why the answer ended, in the words of any of the servers.
func (d *draft) end(reason string) {
	d.ended = true
	switch strings.ToLower(reason) {
	case "length", "max_tokens", "model_context_window_exceeded":
		d.finish = finishLength
	case "content_filter", "refusal", "safety", "recitation", "blocklist", "prohibited_content", "spii", "language":
		d.finish = finishFiltered
	case "malformed_function_call", "unexpected_tool_call":
		d.finish = finishMalformed
	default:
		d.finish = finishStop
	}
}

func isError(raw json.RawMessage) bool {
	return len(raw) > 0 && string(raw) != "null" && string(raw) != `""` && string(raw) != "{}"
}

// inStream is an error that came with status 200.
func inStream(raw json.RawMessage) *Failure {
	var e struct {
		Type    word `json:"type"`
		Code    word `json:"code"`
		Message word `json:"message"`
	}
	f := &Failure{Kind: Broken, Told: string(raw)}
	if json.Unmarshal(raw, &e) == nil && e.Message != "" {
		f.Told = string(e.Message)
	}
	switch {
	case e.Type == "overloaded_error", e.Type == "rate_limit_error", e.Code == "429", e.Code == "503", e.Code == "rate_limit_exceeded":
		f.Kind = Busy
	case e.Code == "401", e.Code == "403", e.Type == "authentication_error", e.Type == "permission_error":
		f.Kind = Denied
	}
	return f
}
