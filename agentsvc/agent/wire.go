package agent

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// maxResponse bounds what is read of one response of a model server.
const maxResponse = 8 << 20

// wire stands between the client library and the model server. It sends no key where none is configured, makes empty tool arguments "{}" (the
// library fails over them), turns a stream that just ends into an error (the library takes it for a whole answer), and one piece into a stream.
type wire struct {
	base    http.RoundTripper
	withKey bool
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if !w.withKey {
		req.Header.Del("Authorization")
	}
	// The library takes these from its environment.
	req.Header.Del("OpenAI-Organization")
	req.Header.Del("OpenAI-Project")
	resp, err := w.base.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if resp, err = streamed(resp); err != nil {
			return nil, err
		}
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		resp.Body = &stream{body: resp.Body, in: bufio.NewReaderSize(io.LimitReader(resp.Body, maxResponse), 32<<10), calls: map[int]bool{}}
	}
	return resp, nil
}

// whole is what matters of a response that came in one piece.
type whole struct {
	ID      string `json:"id"`
	Model   string `json:"model"`
	Choices []struct {
		Message      map[string]any `json:"message"`
		FinishReason string         `json:"finish_reason"`
	} `json:"choices"`
	Usage json.RawMessage `json:"usage"`
}

// streamed gives a response that came in one piece as the stream that was asked for: some servers cannot stream.
func streamed(resp *http.Response) (*http.Response, error) {
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if err != nil {
		return nil, err
	}
	var w whole
	if json.Unmarshal(b, &w) == nil && len(w.Choices) > 0 && w.Choices[0].Message != nil {
		b = w.events()
		resp.Header.Set("Content-Type", "text/event-stream")
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	resp.ContentLength = int64(len(b))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// events are the message as one event, its end and its cost as two more.
func (w whole) events() []byte {
	message, finish := w.Choices[0].Message, w.Choices[0].FinishReason
	calls, _ := message["tool_calls"].([]any)
	for i, c := range calls {
		if m, ok := c.(map[string]any); ok {
			m["index"] = i
		}
	}
	if finish == "" {
		finish = "stop"
	}
	var out bytes.Buffer
	send := func(choices []any, usage json.RawMessage) {
		event := map[string]any{"id": w.ID, "model": w.Model, "object": "chat.completion.chunk", "choices": choices}
		if len(usage) > 0 {
			event["usage"] = usage
		}
		if b, err := json.Marshal(event); err == nil { // it was JSON when it came
			fmt.Fprintf(&out, "data: %s\n\n", b)
		}
	}
	send([]any{map[string]any{"index": 0, "delta": message}}, nil)
	send([]any{map[string]any{"index": 0, "delta": map[string]any{}, "finish_reason": finish}}, nil)
	if len(w.Usage) > 0 {
		send([]any{}, w.Usage)
	}
	out.WriteString("data: [DONE]\n\n")
	return out.Bytes()
}

// stream reads server-sent events line by line and passes them on.
type stream struct {
	body  io.Closer
	in    *bufio.Reader
	out   bytes.Buffer
	calls map[int]bool // index of each tool call: whether arguments came
	ended bool         // a finish reason or [DONE] came
	err   error
}

// chunk is the part of an event that matters here.
type chunk struct {
	ID      string `json:"id"`
	Model   string `json:"model"`
	Choices []struct {
		Index int `json:"index"`
		Delta struct {
			ToolCalls []struct {
				Index    int `json:"index"`
				Function struct {
					Arguments string `json:"arguments"`
				} `json:"function"`
			} `json:"tool_calls"`
		} `json:"delta"`
		FinishReason *string `json:"finish_reason"`
	} `json:"choices"`
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	for s.out.Len() == 0 {
		if s.err != nil {
			return 0, s.err
		}
		text, err := s.in.ReadString('\n')
		s.out.WriteString(text)
		if data, ok := strings.CutPrefix(text, "data:"); ok {
			s.event(strings.TrimSpace(data))
		}
		if s.err = err; err == io.EOF && !s.ended { //nolint:errorlint // bufio gives it bare
			s.err = io.ErrUnexpectedEOF
		}
	}
	return s.out.Read(p)
}

// Close implements io.Closer.
func (s *stream) Close() error { return s.body.Close() }

func (s *stream) event(data string) {
	if data == "[DONE]" {
		s.ended = true
		return
	}
	var c chunk
	if json.Unmarshal([]byte(data), &c) != nil || len(c.Choices) == 0 {
		return
	}
	for _, call := range c.Choices[0].Delta.ToolCalls {
		s.calls[call.Index] = s.calls[call.Index] || call.Function.Arguments != ""
	}
	if reason := c.Choices[0].FinishReason; reason != nil && *reason != "" {
		s.ended = true
		s.fill(c, *reason)
	}
}

// fill adds an event with "{}" for each call that came without arguments.
func (s *stream) fill(c chunk, reason string) {
	var calls []any
	for _, i := range slices.Sorted(maps.Keys(s.calls)) {
		if !s.calls[i] {
			calls = append(calls, map[string]any{"index": i, "function": map[string]any{"arguments": "{}"}})
		}
	}
	if calls == nil {
		return
	}
	b, err := json.Marshal(map[string]any{"id": c.ID, "model": c.Model, "object": "chat.completion.chunk",
		"choices": []any{map[string]any{"index": 0, "delta": map[string]any{"tool_calls": calls}, "finish_reason": reason}}})
	if err == nil {
		s.out.WriteString("\ndata: " + string(b) + "\n")
	}
	clear(s.calls)
}
