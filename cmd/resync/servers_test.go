package main

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/answer"
)

// scripted is a model server that gives one reply after the other, the last one again and again.
type scripted struct {
	mu      sync.Mutex
	replies []string // messages
	heard   []string // requests
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, string(b))
	message := s.replies[min(len(s.heard), len(s.replies))-1]
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop","message":`+message+`}],"usage":{}}`)
}

// From the command line to the answer: the model of one Resync asks a tool of another one, over real HTTP, and the answer's evidence is
// still its own.
func TestAskWithAnotherServer(t *testing.T) {
	t.Parallel()
	model := &scripted{replies: []string{
		`{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"other__find_jobs","arguments":"{\"status\":[\"ABEND\"]}"}},{"id":"c2","type":"function","function":{"name":"diagnose_job","arguments":"{\"target\":\"CLM_RESERVE\",\"premise\":\"abended\",\"language\":\"en\"}"}}]}`,
		`{"role":"assistant","content":"CLM_RESERVE ended ABEND because the database refused the login of its account. Tool ` + "`other__find_jobs`" + ` was asked too."}`}}
	llm := httptest.NewServer(model)
	defer llm.Close()
	work := t.TempDir()
	env := map[string]string{"HOME": work, "APP_DATA_DIR": work + "/data"}
	start := func(ctx context.Context, out io.Writer, errs io.Writer, args ...string) int {
		p := &program{args: append([]string{"resync"}, args...), dir: work, in: strings.NewReader(""), out: out, err: errs, clock: time.Now}
		for _, name := range slices.Sorted(maps.Keys(env)) {
			p.environ = append(p.environ, name+"="+env[name])
		}
		return run(ctx, p)
	}
	ctx, stop := context.WithCancel(t.Context())
	var other buffer
	ended := make(chan int, 1)
	go func() { ended <- start(ctx, io.Discard, &other, "mcp", "--http", "127.0.0.1:0") }()
	defer func() { stop(); <-ended }()
	for {
		text, more := other.next()
		if m := listening.FindStringSubmatch(text); m != nil {
			env["APP_MCP_SERVERS__OTHER__URL"] = "http" + m[1] + m[2] + "/mcp"
			break
		}
		select {
		case <-more:
		case code := <-ended:
			ended <- code
			t.Fatalf("the other Resync ended with %d: %s", code, text)
		}
	}
	env["APP_MCP_SERVERS__OTHER__TOOLS"] = "find_jobs"
	env["LLM_ENDPOINT"], env["APP_LLM_MODEL"] = llm.URL+"/v1", "m"
	var out, errs buffer
	if code := start(t.Context(), &out, &errs, "ask", "--json", "why did CLM_RESERVE abend?"); code != 0 {
		t.Fatalf("exit status %d: %s", code, errs.String())
	}
	var a answer.Answer
	if err := json.Unmarshal([]byte(out.String()), &a); err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(a.ToolCalls, func(c answer.ToolCall) bool { return c.Name == "other__find_jobs" })
	if a.Model != "m" || at < 0 || a.ToolCalls[at].Error != "" || !strings.Contains(a.Answer, "other__find_jobs") || a.Diagnosis == nil || a.Diagnosis.Verdict != answer.Problem {
		t.Errorf("model = %s, calls = %+v, answer = %q, errors = %+v", a.Model, a.ToolCalls, a.Answer, a.Errors)
	}
	for _, c := range a.Diagnosis.Causes {
		for _, e := range c.Evidence {
			if strings.HasPrefix(e.Source, "mcp:") {
				t.Errorf("evidence = %+v", e)
			}
		}
	}
	model.mu.Lock()
	first := model.heard[0]
	model.mu.Unlock()
	if !strings.Contains(first, `"other__find_jobs"`) || !strings.Contains(first, "not part of Resync") || strings.Contains(first, `"other__plan_status"`) {
		t.Error("the model was offered something else")
	}
	if _, err := os.Stat(work + "/data/mcp-servers/other.json"); err != nil {
		t.Error(err)
	}
}
