package llm_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/internal/fault"
)

func delta(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return `{"choices":[{"index":0,"delta":{"content":` + string(b) + `}}]}`
}

const (
	stop    = `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	twoHalf = `{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"look_up","arguments":"{\"name\":"}}]}}]}`
)

// toolCall is one event with one call.
func toolCall(index, id, args string) string {
	return `{"choices":[{"index":0,"delta":{"tool_calls":[{` + index + id + `"type":"function","function":{"name":"look_up","arguments":` + args + `}}]}}]}`
}

// varied is text that does not repeat itself.
func varied(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%d and %d make %d; ", i*7919, i*104729, i*112648)
	}
	return b.String()
}

// Answers that are none, each with what it is taken for. The names are those of the list of misbehaviours (agent.TestEveryMisbehaviour).
func TestFaults(t *testing.T) {
	cases := map[string]struct {
		provider string
		reply    http.HandlerFunc
		want     llm.Kind
		code     fault.Code
	}{
		"empty-answer":           {llm.OpenAI, sse(true, delta(""), stop), llm.Empty, fault.UpstreamUnavailable},
		"empty-anthropic":        {llm.Anthropic, sse(false, `{"type":"message_start","message":{}}`, `{"type":"message_delta","delta":{"stop_reason":"end_turn"}}`, `{"type":"message_stop"}`), llm.Empty, fault.UpstreamUnavailable},
		"empty-gemini":           {llm.Gemini, sse(false, `{"candidates":[{"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":9,"thoughtsTokenCount":1200}}`), llm.Empty, fault.UpstreamUnavailable},
		"empty-ollama":           {llm.Ollama, body("application/x-ndjson", `{"message":{"content":""},"done":true,"done_reason":"stop"}`), llm.Empty, fault.UpstreamUnavailable},
		"only-thought":           {llm.OpenAI, sse(true, delta("<thi"), delta("nk>hm</think>"), stop), llm.Empty, fault.UpstreamUnavailable},
		"cut-stream":             {llm.OpenAI, sse(false, delta("It is"), `{"model":"","choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]}`), llm.CutOff, fault.UpstreamUnavailable},
		"cut-at-once":            {llm.OpenAI, body("text/event-stream", ""), llm.CutOff, fault.UpstreamUnavailable},
		"cut-anthropic":          {llm.Anthropic, sse(false, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"It is"}}`), llm.CutOff, fault.UpstreamUnavailable},
		"cut-gemini":             {llm.Gemini, sse(false, `{"candidates":[{"content":{"parts":[{"text":"It is"}]}}]}`), llm.CutOff, fault.UpstreamUnavailable},
		"cut-ollama":             {llm.Ollama, body("application/x-ndjson", `{"message":{"content":"It is"},"done":false}`+"\n"), llm.CutOff, fault.UpstreamUnavailable},
		"cut-within-an-event":    {llm.Ollama, body("application/x-ndjson", `{"message":{"content":"It is"},"done":false}`+"\n"+`{"message":{"con`), llm.CutOff, fault.UpstreamUnavailable},
		"cut-call":               {llm.OpenAI, sse(true, twoHalf, stop), llm.Malformed, fault.UpstreamUnavailable},
		"malformed-call":         {llm.OpenAI, sse(true, toolCall(`"index":0,`, `"id":"a",`, `"{name: x"`), stop), llm.Malformed, fault.UpstreamUnavailable},
		"malformed-call-gemini":  {llm.Gemini, sse(false, `{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}`), llm.Malformed, fault.UpstreamUnavailable},
		"megabyte-of-arguments":  {llm.Ollama, body("application/x-ndjson", `{"message":{"tool_calls":[{"function":{"name":"look_up","arguments":{"name":"`+varied(900<<10)+`"}}}]},"done":true}`), llm.Malformed, fault.UpstreamUnavailable},
		"in-stream-error":        {llm.OpenAI, sse(false, delta("It is"), `{"error":{"message":"CUDA out of memory","code":500}}`), llm.Broken, fault.UpstreamUnavailable},
		"in-stream-error-finish": {llm.OpenAI, sse(false, delta("It is"), `{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}`), llm.Broken, fault.UpstreamUnavailable},
		"in-stream-overloaded":   {llm.Anthropic, sse(false, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`), llm.Busy, fault.Limited},
		"in-stream-error-ollama": {llm.Ollama, body("application/x-ndjson", `{"error":"an error was encountered while running the model"}`), llm.Broken, fault.UpstreamUnavailable},
		"filtered":               {llm.OpenAI, sse(true, delta("I can"), `{"choices":[{"index":0,"delta":{},"finish_reason":"content_filter"}]}`), llm.Filtered, fault.UpstreamUnavailable},
		"filtered-prompt":        {llm.Gemini, sse(false, `{"promptFeedback":{"blockReason":"SAFETY"}}`), llm.Filtered, fault.UpstreamUnavailable},
		"refusal":                {llm.Anthropic, sse(false, `{"type":"message_delta","delta":{"stop_reason":"refusal"}}`, `{"type":"message_stop"}`), llm.Filtered, fault.UpstreamUnavailable},
		"html-with-200":          {llm.OpenAI, body("text/html", "<!DOCTYPE html><html>log in</html>"), llm.NoModel, fault.UpstreamUnavailable},
		"text-with-200":          {llm.Anthropic, body("text/plain", "OK"), llm.NoModel, fault.UpstreamUnavailable},
		"sse-nonsense":           {llm.OpenAI, body("text/event-stream", "data: {{{\n\n"), llm.NoModel, fault.UpstreamUnavailable},
		"endless-line":           {llm.OpenAI, body("text/event-stream", "data: \""+strings.Repeat("x", 2<<20)), llm.NoModel, fault.UpstreamUnavailable},
		"unread-compression": {llm.OpenAI, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = w.Write([]byte{0x8b, 0x02, 0x80, 0x03})
		}, llm.NoModel, fault.UpstreamUnavailable},
		"503-busy":                 {llm.Ollama, status(503, `{"error":"server busy, please try again.  maximum pending requests exceeded"}`), llm.Busy, fault.Limited},
		"429":                      {llm.Gemini, status(429, `[{"error":{"code":429,"message":"quota"}}]`), llm.Busy, fault.Limited},
		"529":                      {llm.Anthropic, status(529, `{"type":"error","error":{"type":"overloaded_error"}}`), llm.Busy, fault.Limited},
		"401":                      {llm.OpenAI, status(401, `{"error":{"message":"Incorrect API key provided: sk-secret-key"}}`), llm.Denied, fault.UpstreamDenied},
		"403":                      {llm.Gemini, status(403, `{}`), llm.Denied, fault.UpstreamDenied},
		"404-unknown-model":        {llm.Ollama, status(404, `{"error":"model 'm' not found"}`), llm.Unknown, fault.UpstreamUnavailable},
		"400":                      {llm.OpenAI, status(400, `unexpected EOF`), llm.Refused, fault.UpstreamUnavailable},
		"500":                      {llm.OpenAI, status(500, `oops`), llm.Broken, fault.UpstreamUnavailable},
		"504":                      {llm.OpenAI, status(504, ``), llm.Slow, fault.Timeout},
		"context-length-exceeded":  {llm.OpenAI, status(400, `{"error":{"code":"context_length_exceeded","message":"This model's maximum context length is 4096 tokens."}}`), llm.Overflow, fault.Limited},
		"repeats":                  {llm.OpenAI, sse(true, append(repeated(delta("and so on, "), 400), stop)...), llm.Repeats, fault.UpstreamUnavailable},
		"repeats-in-thought":       {llm.Ollama, body("application/x-ndjson", strings.Repeat(`{"message":{"thinking":"Wait, let me check again. "},"done":false}`+"\n", 400)), llm.Repeats, fault.UpstreamUnavailable},
		"redirect-to-another-host": {llm.OpenAI, status(307, "", "Location", "http://127.0.0.2:1/v1/chat/completions"), llm.Redirected, fault.UpstreamUnavailable},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.reply)
			ch := chain(t, settings(c.provider, s))
			_, _, all, err := once(t, ch, asking("what?"))
			last := all[len(all)-1]
			if err == nil || last.Failure == nil || last.Failure.Kind != c.want || !last.Last {
				t.Fatalf("%s, err = %v", all.kinds(), err)
			}
			f := last.Model.Fault(last.Failure)
			if f.Code != c.code || f.Source != "model:org/m:7b" || !strings.Contains(f.Message, c.provider) || f.Hint == "" {
				t.Errorf("fault = %+v", f)
			}
			for _, told := range []string{last.Failure.Error(), f.Message + f.Hint} {
				if strings.Contains(told, "sk-secret-key") {
					t.Errorf("the key is told: %s", told)
				}
			}
			if strings.Contains(f.Message, "Overloaded") || strings.Contains(f.Message, "CUDA") {
				t.Errorf("the server's words are told: %s", f.Message)
			}
		})
	}
}

func repeated(event string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = event
	}
	return out
}

// Answers that are odd and all the same answers.
func TestOddities(t *testing.T) {
	zipped := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, "data: "+delta("It is well.")+"\n\ndata: "+stop+"\n\n")
		_ = z.Close()
	}
	long := varied(200 << 10)
	cases := map[string]struct {
		reply http.HandlerFunc
		text  string
		calls string
	}{
		"gzip":                     {zipped, "It is well.", ""},
		"wrong-content-type":       {body("text/plain", "data: "+delta("It is well.")+"\n\ndata: "+stop+"\n\n"), "It is well.", ""},
		"no-blank-lines":           {body("text/event-stream", "data: "+delta("It is")+"\ndata: "+delta(" well.")+"\ndata: "+stop+"\n"), "It is well.", ""},
		"comments":                 {body("text/event-stream", ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: "+delta("It is well.")+"\r\n\r\ndata: "+stop+"\n\n"), "It is well.", ""},
		"no-done":                  {sse(false, delta("It is well."), stop), "It is well.", ""},
		"no-stream":                {body("application/json", `{"choices":[{"message":{"role":"assistant","content":"It is well."},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}`), "It is well.", ""},
		"content-in-parts":         {sse(true, `{"choices":[{"delta":{"content":[{"type":"text","text":"It is well."}]}}]}`, stop), "It is well.", ""},
		"think-marks":              {sse(true, delta("<thi"), delta("nk>Hm, not well.</th"), delta("ink>It is"), delta(" well."), stop), "It is well.", ""},
		"think-mark-closed-only":   {sse(true, delta("Hm. Not well."), delta("</think>It is well."), stop), "It is well.", ""},
		"reasoning":                {sse(true, `{"choices":[{"delta":{"role":"assistant","content":"","reasoning":"Hm."}}]}`, `{"choices":[{"delta":{"reasoning_content":"Hm."}}]}`, delta("It is well."), stop), "It is well.", ""},
		"nul-characters":           {sse(true, `{"choices":[{"delta":{"content":"It \u0000is\u0007 well."}}]}`, stop), "It is well.", ""},
		"arguments-as-object":      {sse(true, toolCall(`"index":0,`, `"id":"a",`, `{"name":"x"}`), stop), "", `look_up {"name":"x"}`},
		"arguments-twice-quoted":   {sse(true, toolCall(`"index":0,`, `"id":"a",`, `"\"{\\\"name\\\":\\\"x\\\"}\""`), stop), "", `look_up {"name":"x"}`},
		"arguments-empty":          {sse(true, toolCall(`"index":0,`, `"id":"a",`, `""`), stop), "", `look_up {}`},
		"arguments-null":           {sse(true, toolCall(`"index":0,`, `"id":"a",`, `null`), stop), "", `look_up {}`},
		"arguments-nul":            {sse(true, toolCall(`"index":0,`, `"id":"a",`, `"{\"name\":\"a\\u0000b\"}"`), stop), "", `look_up {"name":"ab"}`},
		"no-id":                    {sse(true, toolCall(`"index":0,`, ``, `"{}"`), stop), "", `look_up {}`},
		"no-index":                 {sse(true, toolCall(``, `"id":"a",`, `"{\"name\":1}"`), toolCall(``, `"id":"b",`, `"{\"name\":2}"`), stop), "", `look_up {"name":1} look_up {"name":2}`},
		"one-id-for-several":       {sse(true, toolCall(`"index":0,`, `"id":"a",`, `"{\"name\":1}"`), toolCall(`"index":1,`, `"id":"a",`, `"{\"name\":2}"`), stop), "", `look_up {"name":1} look_up {"name":2}`},
		"one-index-for-several":    {sse(true, toolCall(`"index":0,`, `"id":"a",`, `"{\"name\":1}"`), toolCall(`"index":0,`, `"id":"b",`, `"{\"name\":2}"`), stop), "", `look_up {"name":1} look_up {"name":2}`},
		"text-before-call":         {sse(true, delta("I look."), toolCall(`"index":0,`, `"id":"a",`, `"{}"`), stop), "I look.", `look_up {}`},
		"call-as-text":             {sse(true, delta(`<tool_`), delta(`call>{"name": "look_up", "arguments": {"name": "x"}}</tool_call>`), stop), "", `look_up {"name":"x"}`},
		"call-as-json":             {sse(true, delta(`{"name": "look_up", "parame`), delta(`ters": {"name": "x"}}`), stop), "", `look_up {"name":"x"}`},
		"call-as-block":            {sse(true, delta("```json\n{\"name\": \"look_up\", \"arguments\": \"{\\\"name\\\": \\\"x\\\"}\"}\n```"), stop), "", `look_up {"name":"x"}`},
		"call-as-mistral":          {sse(true, delta(`[TOOL_CALLS][{"name":"look_up","arguments":{"name":"x"}}]`), stop), "", `look_up {"name":"x"}`},
		"call-as-function":         {sse(true, delta(`<function=look_up>{"name":"x"}</function>`), stop), "", `look_up {"name":"x"}`},
		"text-that-looks-like-one": {sse(true, delta(`{"name": "somebody_else", "arguments": {}} is what the log says.`), stop), `{"name": "somebody_else", "arguments": {}} is what the log says.`, ""},
		"mark-and-no-call":         {sse(true, delta("The log has <tool_call> in it."), stop), "The log has <tool_call> in it.", ""},
		"backticks-first":          {sse(true, delta("`X` is well."), stop), "`X` is well.", ""},
		"endless-stream":           {sse(false, delta(long[:100<<10]), delta(long[100<<10:])), "", ""},
		"counts-after-the-end":     {hangs("data: " + delta("It is well.") + "\n\ndata: " + stop + "\n\n"), "It is well.", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.reply)
			resp, e, all, err := once(t, chain(t, settings(llm.OpenAI, s)), asking("what?"))
			if err != nil {
				t.Fatal(all.kinds(), all[0].Failure)
			}
			if name == "endless-stream" {
				if !resp.Cut || len(resp.Text) > 130<<10 {
					t.Errorf("%d bytes, cut = %v", len(resp.Text), resp.Cut)
				}
				return
			}
			var calls []string
			for _, x := range resp.Calls {
				var v any
				if err := json.Unmarshal(x.Args, &v); err != nil {
					t.Fatal(err)
				}
				b, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				calls = append(calls, x.Name+" "+string(b))
			}
			if got := strings.Join(calls, " "); got != c.calls || resp.Text != c.text || len(calls) == 0 && e.text != c.text {
				t.Errorf("calls %q, text %q, heard %q", got, resp.Text, e.text)
			}
			if strings.HasPrefix(name, "call-as") && e.text != "" {
				t.Errorf("a call was heard: %q", e.text)
			}
		})
	}
}

// Time: nothing at all, the beginning alone, drop by drop, and all of it too slowly.
func TestDeadlines(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, ": still here\n\n"); err != nil || http.NewResponseController(w).Flush() != nil {
				return
			}
			select {
			case <-time.After(20 * time.Millisecond):
			case <-r.Context().Done():
			}
		}
	}
	cases := map[string]struct {
		reply http.HandlerFunc
		want  llm.Kind
	}{
		"no-first-byte":   {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, llm.Slow},
		"headers-only":    {hangs(""), llm.Slow},
		"no-next-chunk":   {hangs("data: " + delta("It is") + "\n\n"), llm.Stalled},
		"half-an-event":   {hangs("data: " + delta("It is") + "\n\ndata: {\"cho"), llm.Stalled},
		"slowloris":       {drip, llm.TimedOut},
		"slowloris-bytes": {hangs("d"), llm.Slow},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.reply)
			set := settings(llm.OpenAI, s)
			set.Timeout, set.FirstByte, set.Between = 400*time.Millisecond, 150*time.Millisecond, 150*time.Millisecond
			start := time.Now()
			_, _, all, err := once(t, chain(t, set), asking("what?"))
			if err == nil || all[len(all)-1].Failure.Kind != c.want {
				t.Errorf("%s", all.kinds())
			}
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("it took %s", d)
			}
			if f := all[0].Model.Fault(all[0].Failure); f.Code != fault.Timeout {
				t.Errorf("fault = %+v", f)
			}
		})
	}
}
