package llm_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/agent/llm"
)

// counted answers with a number of prompt tokens.
func counted(tokens int) http.HandlerFunc {
	return sse(true, delta("It is well."), stop, fmt.Sprintf(`{"choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":4}}`, tokens))
}

// honest counts as many tokens as there may be.
func honest(w http.ResponseWriter, r *http.Request) { counted(int(r.ContentLength/4)+1)(w, r) }

// long is a question with earlier turns, tools, calls and long results.
func long(turns, results, bytes int) llm.Request {
	r := llm.Request{System: "You help.", Facts: func(n int) string { return "FACTS" + strings.Repeat(" fact", max(n-5, 0)/5) }}
	for i := range turns {
		r.Messages = append(r.Messages, llm.Message{Role: llm.User, Text: fmt.Sprintf("earlier question %d %s", i, varied(300))}, llm.Message{Role: llm.Assistant, Text: varied(500)})
	}
	r.Messages = append(r.Messages, llm.Message{Role: llm.User, Text: "THE QUESTION"})
	for i := range results {
		id := fmt.Sprintf("c%d", i)
		r.Messages = append(r.Messages, llm.Message{Role: llm.Assistant, Calls: []llm.Call{{ID: id, Name: "look_up", Args: json.RawMessage("{}")}}},
			llm.Message{Role: llm.Results, Results: []llm.Result{{ID: id, Name: "look_up", Output: `{"data":"` + varied(bytes) + `"}`,
				Shorter: func(n int) string { return `{"data":"` + strings.Repeat("x", max(n-11, 0)) + `"}` }}}})
	}
	for i := range 12 {
		tool := lookUp
		tool.Name = fmt.Sprintf("look_up_%d", i)
		tool.Description = "Looks a thing up. " + varied(400)
		r.Tools = append(r.Tools, tool)
	}
	r.Tools = append(r.Tools, lookUp)
	return r
}

// paired reports calls without a result right behind them, and results without a call.
func paired(t *testing.T, body map[string]any) {
	t.Helper()
	open := map[string]bool{}
	messages, _ := body["messages"].([]any)
	for _, m := range messages {
		one, _ := m.(map[string]any)
		if one["role"] == "tool" {
			id, _ := one["tool_call_id"].(string)
			if !open[id] {
				t.Errorf("result %s has no call", id)
			}
			delete(open, id)
			continue
		}
		if len(open) > 0 {
			t.Errorf("calls without results: %v", open)
		}
		calls, _ := one["tool_calls"].([]any)
		for _, c := range calls {
			call, _ := c.(map[string]any)
			id, _ := call["id"].(string)
			open[id] = true
		}
	}
	if len(open) > 0 {
		t.Errorf("calls without results: %v", open)
	}
}

// Whatever is asked, what is sent fits into the model, holds the question, and keeps calls and results together.
func TestWhatIsSentFits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	for range 60 {
		window := 2500 + r.IntN(30_000)
		q := long(r.IntN(7), r.IntN(5), 500+r.IntN(30_000))
		s := serve(t, honest)
		set := settings(llm.OpenAI, s)
		set.ContextTokens, set.MaxTokens = window, 1000
		if _, _, all, err := once(t, chain(t, set), q); err != nil {
			t.Fatalf("window %d: %s %v", window, all.kinds(), all[0].Failure)
		}
		sent := s.requests()[0]
		b, err := json.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		if most := float64(window-1000) * 3.5; float64(len(b)) > most {
			t.Errorf("window %d: %d bytes, at most %.0f", window, len(b), most)
		}
		if !strings.Contains(string(b), "THE QUESTION") || !strings.Contains(string(b), "You help.") {
			t.Errorf("window %d: the question is lost", window)
		}
		if sent["tools"] == nil && !strings.Contains(string(b), "FACTS fact") {
			t.Errorf("window %d: neither tools nor what they return", window)
		}
		paired(t, sent)
		s.Close()
	}
}

func TestWhatCannotFitIsNotSent(t *testing.T) {
	s := serve(t, said(llm.OpenAI, "It is well."))
	set := settings(llm.OpenAI, s)
	set.ContextTokens = 2000
	q := asking(varied(20_000))
	_, _, all, _ := once(t, chain(t, set), q)
	if all.kinds() != "openai:overflow" || all[0].Sent || len(s.requests()) != 0 {
		t.Errorf("%s, %d requests", all.kinds(), len(s.requests()))
	}
}

// A server that cuts the question off is found out by its own count, asked again with less, and told of.
func TestSilentTruncation(t *testing.T) {
	q := long(4, 2, 9000)
	for name, c := range map[string]struct {
		counts  []int
		context int
		want    string
	}{
		"its-context-exactly": {[]int{6000, 4000}, 6000, "openai:ok"}, // what was sent had been made to fit
		"power-of-two":        {[]int{2048, 1500}, 0, "openai:truncated openai:ok"},
		"fewer-than-can-be":   {[]int{1300, 1200}, 0, "openai:truncated openai:ok"},
		"again-and-again":     {[]int{2048, 1024, 512}, 0, "openai:truncated openai:truncated"},
		"plausible":           {[]int{8001}, 0, "openai:ok"},
		"no-count-at-all":     {[]int{7}, 0, "openai:ok"},
	} {
		t.Run(name, func(t *testing.T) {
			var replies []http.HandlerFunc
			for _, n := range c.counts {
				replies = append(replies, counted(n))
			}
			s := serve(t, replies...)
			set := settings(llm.OpenAI, s)
			set.ContextTokens = c.context
			_, e, all, _ := once(t, chain(t, set), q)
			if all.kinds() != c.want {
				t.Fatal(all.kinds())
			}
			if !strings.Contains(c.want, "truncated openai:ok") {
				return
			}
			reqs := s.requests()
			a, _ := json.Marshal(reqs[0]) //nolint:errchkjson // it was JSON
			b, _ := json.Marshal(reqs[1]) //nolint:errchkjson // it was JSON
			if len(b) >= len(a) || e.restarts != 1 || e.text != "It is well." {
				t.Errorf("%d bytes after %d, %d restarts, heard %q", len(b), len(a), e.restarts, e.text)
			}
			if f := all[0].Model.Fault(all[0].Failure); !strings.Contains(f.Message, fmt.Sprint(c.counts[0])) || !strings.Contains(f.Hint, "num_ctx") {
				t.Errorf("fault = %+v", f)
			}
			paired(t, reqs[1])
		})
	}
}

// A server that says that the question is too long is asked again with less.
func TestTooLongIsAskedAgainWithLess(t *testing.T) {
	s := serve(t, status(400, `{"error":{"message":"This model's maximum context length is 4096 tokens. However, you requested 9000 tokens."}}`), honest)
	_, _, all, err := once(t, chain(t, settings(llm.OpenAI, s)), long(4, 2, 9000))
	if err != nil || all.kinds() != "openai:overflow openai:ok" {
		t.Error(all.kinds(), err)
	}
}

// A model that turns out to know no tools in the middle of a question, because the one before it has failed, is sent none of the calls that were made, only
// what they returned.
func TestCallsAreNotSentToAModelWithoutTools(t *testing.T) {
	s := serve(t, status(400, `{"error":{"message":"registry/m:7b does not support tools"}}`), honest)
	if _, _, all, err := once(t, chain(t, settings(llm.OpenAI, s)), long(2, 2, 900)); err != nil {
		t.Fatal(all.kinds(), err)
	}
	reqs := s.requests()
	b, err := json.Marshal(reqs[len(reqs)-1])
	if err != nil {
		t.Fatal(err)
	}
	for text, there := range map[string]bool{"THE QUESTION": true, "FACTS fact": true, "earlier question 0": true, `"tool_calls"`: false, `"role":"tool"`: false, `"tools"`: false} {
		if strings.Contains(string(b), text) != there {
			t.Errorf("%s: %v", text, !there)
		}
	}
}

// The estimate follows what a server reports, whatever its tokenizer.
func TestTheEstimateLearns(t *testing.T) {
	for _, ratio := range []float64{2, 3, 4.5} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) { counted(0)(w, r) })
		s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n := float64(r.ContentLength) / ratio
			counted(int(n)+1)(w, r)
		})
		c := chain(t, settings(llm.OpenAI, s))
		for range 12 {
			if _, _, all, err := once(t, c, long(2, 1, 3000)); err != nil {
				t.Fatal(all.kinds())
			}
		}
		s.Config.Handler = http.HandlerFunc(sse(false, delta("It is"), stop).ServeHTTP) // tells no counts
		_, _, all, _ := once(t, c, long(2, 1, 3000))
		u := all[0].Usage
		b := 2*(300+500) + 3000 // at least
		if !u.Estimated || float64(u.Input) < float64(b)/ratio || float64(u.Input) > 4*float64(b)/ratio {
			t.Errorf("ratio %.1f: usage = %+v for more than %d bytes", ratio, u, b)
		}
	}
}
