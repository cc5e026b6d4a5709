package llm

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// gemini speaks Google's generateContent.
type gemini struct{}

func (gemini) url(s Settings) string {
	base := strings.TrimRight(s.Endpoint, "/")
	if !strings.HasSuffix(base, "/v1beta") && !strings.HasSuffix(base, "/v1") {
		base += "/v1beta"
	}
	return base + "/models/" + url.PathEscape(strings.TrimPrefix(s.Model, "models/")) + ":streamGenerateContent?alt=sse"
}

// The key goes in a header, never in the address, where proxies would log it.
func (gemini) header(h http.Header, key string) {
	if key != "" {
		h.Set("X-Goog-Api-Key", key)
	}
}

func (gemini) body(m *Model, r Request) any {
	config := object{"maxOutputTokens": m.mostTokens(r)}
	if !m.quirks.get().noTemperature {
		config["temperature"] = m.s.Temperature
	}
	b := object{"contents": geminiContents(m, r), "generationConfig": config, "systemInstruction": object{"parts": []any{object{"text": r.System}}}}
	var tools []any
	for _, t := range r.Tools {
		tools = append(tools, object{"name": t.Name, "description": t.Description, "parametersJsonSchema": t.Schema})
	}
	if tools != nil {
		b["tools"] = []any{object{"functionDeclarations": tools}}
	}
	return b
}

func geminiContents(m *Model, r Request) []any {
	var out []any
	for _, msg := range r.Messages {
		var parts []any
		if msg.Text != "" {
			parts = append(parts, object{"text": msg.Text})
		}
		for _, c := range msg.Calls {
			part := object{"functionCall": object{"name": c.Name, "args": asObject(c.Args)}}
			if c.Signature != "" && c.By == m.Label() { // another model's would be refused
				part["thoughtSignature"] = c.Signature
			}
			parts = append(parts, part)
		}
		for _, x := range msg.Results {
			parts = append(parts, object{"functionResponse": object{"name": x.Name, "response": asObject(json.RawMessage(x.Output))}})
		}
		if parts == nil {
			continue
		}
		role := "user"
		if msg.Role == Assistant {
			role = "model"
		}
		out = append(out, object{"role": role, "parts": parts})
	}
	return out
}

type geminiEvent struct {
	Candidates []struct {
		Content struct {
			Parts []struct {
				Text         string `json:"text"`
				Thought      bool   `json:"thought"`
				Signature    string `json:"thoughtSignature"`
				FunctionCall *struct {
					ID   string `json:"id"`
					Name string `json:"name"`
					Args piece  `json:"args"`
				} `json:"functionCall"`
			} `json:"parts"`
		} `json:"content"`
		FinishReason string `json:"finishReason"`
	} `json:"candidates"`
	Usage *struct {
		Prompt   int `json:"promptTokenCount"`
		Cached   int `json:"cachedContentTokenCount"`
		Answer   int `json:"candidatesTokenCount"`
		Thoughts int `json:"thoughtsTokenCount"`
	} `json:"usageMetadata"`
	Feedback struct {
		BlockReason string `json:"blockReason"`
	} `json:"promptFeedback"`
	Error json.RawMessage `json:"error"`
}

func (gemini) event(d *draft, b []byte) error {
	if string(b) == "[DONE]" {
		return nil
	}
	var e geminiEvent
	if err := json.Unmarshal(b, &e); err != nil {
		return failed(NoModel, "an event of another form: %w", err)
	}
	if isError(e.Error) {
		return inStream(e.Error)
	}
	if e.Feedback.BlockReason != "" {
		return failed(Filtered, "the server says so")
	}
	if u := e.Usage; u != nil && u.Prompt+u.Answer+u.Thoughts > 0 { // each event has the counts so far
		d.usage, d.told = Usage{Input: u.Prompt, Cached: min(u.Cached, u.Prompt), Output: u.Answer + u.Thoughts}, true
	}
	if len(e.Candidates) == 0 {
		return nil
	}
	for _, p := range e.Candidates[0].Content.Parts {
		switch {
		case p.FunctionCall != nil: // calls come whole
			c, err := d.call(len(d.calls), p.FunctionCall.ID, p.FunctionCall.Name, string(p.FunctionCall.Args))
			if err != nil {
				return err
			}
			c.signature = p.Signature
		case p.Thought:
			if err := d.thought(p.Text); err != nil {
				return err
			}
		case p.Text != "":
			if err := d.write(p.Text); err != nil {
				return err
			}
		}
	}
	if r := e.Candidates[0].FinishReason; r != "" && r != "FINISH_REASON_UNSPECIFIED" {
		d.end(r)
	}
	return nil
}
