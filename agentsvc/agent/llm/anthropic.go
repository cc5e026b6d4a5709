package llm

import (
	"encoding/json"
	"net/http"
	"strings"
)

// anthropic speaks Anthropic's messages.
type anthropic struct{}

// anthropicVersion is the revision of the interface, a header that the server demands.
const anthropicVersion = "2023-06-01"

func (anthropic) url(s Settings) string {
	base := strings.TrimRight(s.Endpoint, "/")
	return strings.TrimSuffix(strings.TrimSuffix(base, "/messages"), "/v1") + "/v1/messages"
}

func (anthropic) header(h http.Header, key string) {
	h.Set("Anthropic-Version", anthropicVersion)
	if key != "" {
		h.Set("X-Api-Key", key)
	}
}

func (anthropic) body(m *Model, r Request) any {
	// What comes before the mark is kept by the server for the next questions: tools and system prompt are the same for all of one language and intent.
	b := object{"model": m.s.Model, "max_tokens": m.mostTokens(r), "stream": true, "messages": anthropicMessages(r),
		"system": []any{object{"type": "text", "text": r.System, "cache_control": object{"type": "ephemeral"}}}}
	if !m.quirks.get().noTemperature {
		b["temperature"] = min(m.s.Temperature, 1) // its scale ends there
	}
	var tools []any
	for _, t := range r.Tools {
		tools = append(tools, object{"name": t.Name, "description": t.Description, "input_schema": t.Schema})
	}
	if tools != nil {
		b["tools"] = tools
	}
	return b
}

// anthropicMessages are turns that alternate; results of tools are the user's.
func anthropicMessages(r Request) []any {
	var out []object
	add := func(role string, blocks ...any) {
		if len(blocks) == 0 {
			return
		}
		if n := len(out); n > 0 && out[n-1]["role"] == role {
			before, _ := out[n-1]["content"].([]any)
			out[n-1]["content"] = append(before, blocks...)
			return
		}
		out = append(out, object{"role": role, "content": blocks})
	}
	for _, msg := range r.Messages {
		var blocks []any
		if strings.TrimSpace(msg.Text) != "" { // the server refuses empty text
			blocks = append(blocks, object{"type": "text", "text": msg.Text})
		}
		for _, c := range msg.Calls {
			blocks = append(blocks, object{"type": "tool_use", "id": c.ID, "name": c.Name, "input": asObject(c.Args)})
		}
		for _, x := range msg.Results {
			blocks = append(blocks, object{"type": "tool_result", "tool_use_id": x.ID, "content": x.Output})
		}
		role := msg.Role
		if role == Results {
			role = User
		}
		add(role, blocks...)
	}
	list := make([]any, len(out))
	for i, o := range out {
		list[i] = o
	}
	return list
}

// asObject gives arguments as the object that servers demand.
func asObject(args json.RawMessage) any {
	var m map[string]json.RawMessage
	if json.Unmarshal(args, &m) != nil || m == nil {
		return object{}
	}
	return m
}

type anthropicUsage struct {
	Input  int `json:"input_tokens"`
	Output int `json:"output_tokens"`
	Read   int `json:"cache_read_input_tokens"`
	Stored int `json:"cache_creation_input_tokens"`
}

type anthropicBlock struct {
	Type     string `json:"type"`
	ID       string `json:"id"`
	Name     string `json:"name"`
	Text     string `json:"text"`
	Thinking string `json:"thinking"`
	Input    piece  `json:"input"`
}

type anthropicEvent struct {
	Type    string `json:"type"`
	Index   int    `json:"index"`
	Message struct {
		Usage anthropicUsage `json:"usage"`
	} `json:"message"`
	Block anthropicBlock `json:"content_block"`
	Delta struct {
		Type       string `json:"type"`
		Text       string `json:"text"`
		Thinking   string `json:"thinking"`
		Partial    string `json:"partial_json"`
		StopReason string `json:"stop_reason"`
	} `json:"delta"`
	Usage *anthropicUsage `json:"usage"`
	Error json.RawMessage `json:"error"`
	// An answer in one piece.
	Content    []anthropicBlock `json:"content"`
	StopReason string           `json:"stop_reason"`
}

func (anthropic) event(d *draft, b []byte) error {
	var e anthropicEvent
	if err := json.Unmarshal(b, &e); err != nil {
		return failed(NoModel, "an event of another form: %w", err)
	}
	if isError(e.Error) {
		return inStream(e.Error)
	}
	if e.Type == "message_start" {
		e.Message.Usage.into(d)
	}
	if e.Usage != nil {
		e.Usage.into(d)
	}
	switch e.Type {
	case "content_block_start":
		return e.Block.into(d, e.Index, false)
	case "content_block_delta":
		switch e.Delta.Type {
		case "text_delta":
			return d.write(e.Delta.Text)
		case "thinking_delta":
			return d.thought(e.Delta.Thinking)
		case "input_json_delta":
			_, err := d.call(e.Index, "", "", e.Delta.Partial)
			return err
		}
	case "message_delta":
		if e.Delta.StopReason != "" {
			d.end(e.Delta.StopReason)
		}
	case "message_stop":
		d.ended = true
	case "message":
		for i, block := range e.Content {
			if err := block.into(d, i, true); err != nil {
				return err
			}
		}
		d.end(e.StopReason)
	}
	return nil
}

// into takes the beginning of a block, or a whole one. The input of a call that begins is an empty object; its arguments follow.
func (b anthropicBlock) into(d *draft, index int, whole bool) error {
	switch b.Type {
	case "text":
		if b.Text != "" {
			return d.write(b.Text)
		}
	case "thinking":
		return d.thought(b.Thinking)
	case "tool_use":
		args := ""
		if whole || len(b.Input) > 2 {
			args = string(b.Input)
		}
		_, err := d.call(index, b.ID, b.Name, args)
		return err
	}
	return nil
}

// into adds what an event tells: the input comes with the first one, the output with the last.
func (u anthropicUsage) into(d *draft) {
	if n := u.Input + u.Read + u.Stored; n > 0 {
		d.usage.Input, d.usage.Cached, d.usage.Stored, d.told = n, u.Read, u.Stored, true
	}
	if u.Output > 0 {
		d.usage.Output, d.told = u.Output, true
	}
}
