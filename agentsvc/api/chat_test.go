package api_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

func TestChatJSON(t *testing.T) {
	b := setup(t)
	operator := b.as(t, auth.Operator, "session")
	long := strings.Repeat("ç", 4000)
	for _, tc := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"asked", `{"question":" why did PAY_LOAD abend? ","language":"pt-BR","conversation_id":"c-1","agent":"status"}`, 200, `"question":"why did PAY_LOAD abend?","language":"pt"`},
		{"caller-in-context", `{"question":"x","agent":"auto"}`, 200, `"model":"operator-user"`},
		{"empty-ids", `{"question":"x","conversation_id":"","language":"","agent":""}`, 200, `"question":"x"`},
		{"longest", `{"question":"` + long + `"}`, 200, "çç"},
		{"too-long", `{"question":"` + long + `ç"}`, 400, "4000"},
		{"blank", `{"question":" \n "}`, 400, "from 1"},
		{"no-question", `{}`, 400, "the field question"},
		{"unknown-field", `{"question":"x","model":"y"}`, 400, `\"model\"`},
		{"unknown-language", `{"question":"x","language":"de"}`, 400, "language"},
		{"unknown-agent", `{"question":"x","agent":"root"}`, 400, "agent"},
		{"odd-conversation", `{"question":"x","conversation_id":"../../etc"}`, 400, "conversation_id"},
		{"list", `[]`, 400, "JSON object"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := b.do(t, "POST", "/api/chat", tc.body, operator, jsonBody)
			if r.StatusCode != tc.status || !strings.Contains(r.text, tc.want) {
				t.Errorf("= %d %s", r.StatusCode, r.text)
			}
		})
	}
}

func TestChatErrors(t *testing.T) {
	for _, tc := range []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"coded", fault.New(fault.Forbidden, "That conversation is somebody else's."), 403, "forbidden"},
		{"foreign", errors.New("dial 10.1.2.3: hush"), 500, "internal"},
		{"timeout", context.DeadlineExceeded, 504, "timeout"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o, b := options(t)
			o.Asker = asker(func(context.Context, agentsvc.Question, func(agentsvc.Event)) (answer.Answer, error) {
				return answer.Answer{}, tc.err
			})
			b.start(t, o)
			operator := b.as(t, auth.Operator, "token")
			r := b.do(t, "POST", "/api/chat", `{"question":"x"}`, operator, jsonBody)
			if r.StatusCode != tc.status || r.json(t)["code"] != tc.code || strings.Contains(r.text, "hush") {
				t.Errorf("JSON = %d %s", r.StatusCode, r.text)
			}
			r = b.do(t, "POST", "/api/chat", `{"question":"x"}`, operator, jsonBody, header("Accept", "text/event-stream"))
			if r.StatusCode != 200 || !strings.Contains(r.text, "event: error\ndata: {\"code\":\""+tc.code+`"`) || strings.Contains(r.text, "hush") || strings.Contains(r.text, "event: done") {
				t.Errorf("stream = %d %s", r.StatusCode, r.text)
			}
		})
	}
}

// eventsOf gives "type data" of each event of a stream.
func eventsOf(text string) (out []string) {
	for block := range strings.SplitSeq(text, "\n\n") {
		name, data, ok := strings.Cut(block, "\ndata: ")
		if ok {
			out = append(out, strings.TrimPrefix(name, "event: ")+" "+data)
		}
	}
	return out
}

func TestChatStreamsInOrder(t *testing.T) {
	for _, emitsDone := range []bool{true, false} {
		o, b := options(t)
		o.Asker = asker(func(_ context.Context, q agentsvc.Question, emit func(agentsvc.Event)) (answer.Answer, error) {
			a := answer.Answer{Question: q.Text}
			emit(agentsvc.Event{Type: agentsvc.EventToolCall, Data: agentsvc.ToolEvent{ID: "1", Name: "diagnose_job"}})
			emit(agentsvc.Event{Type: agentsvc.EventDelta, Data: agentsvc.Delta{Text: "line\nbreak </script>\u2028"}})
			emit(agentsvc.Event{Type: agentsvc.EventReset})
			if emitsDone {
				emit(agentsvc.Event{Type: agentsvc.EventDone, Data: a})
				emit(agentsvc.Event{Type: agentsvc.EventDelta, Data: agentsvc.Delta{Text: "too late"}})
			}
			return a, nil
		})
		b.start(t, o)
		r := b.do(t, "POST", "/api/chat", `{"question":"why?"}`, b.as(t, auth.Operator, "session"), jsonBody, header("Accept", "application/json;q=0.5, text/event-stream"))
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != "text/event-stream" || r.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("stream = %d %v", r.StatusCode, r.Header)
		}
		got := eventsOf(r.text)
		if len(got) != 4 {
			t.Fatalf("events = %q", got)
		}
		want := []string{`tool_call {"id":"1","name":"diagnose_job"}`, `delta {"text":"line\nbreak \u003c/script\u003e\u2028"}`, `reset {}`}
		if !slices.Equal(got[:3], want) || !strings.HasPrefix(got[3], "done {") || !strings.Contains(got[3], `"question":"why?"`) {
			t.Errorf("events = %q", got)
		}
	}
}

func TestChatStreamRefusesBeforeItBegins(t *testing.T) {
	b := setup(t)
	r := b.do(t, "POST", "/api/chat", `{"question":""}`, b.as(t, auth.Operator, "session"), jsonBody, header("Accept", "text/event-stream"))
	if r.StatusCode != 400 || r.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("= %d %v", r.StatusCode, r.Header)
	}
	r = b.do(t, "POST", "/api/chat", `{"question":"x"}`, header("Accept", "text/event-stream"), jsonBody)
	if r.StatusCode != 401 {
		t.Errorf("guest = %d", r.StatusCode)
	}
}

func TestChatSurvivesAPanic(t *testing.T) {
	o, b := options(t)
	o.Asker = asker(func(context.Context, agentsvc.Question, func(agentsvc.Event)) (answer.Answer, error) { panic("hush") })
	b.start(t, o)
	operator := b.as(t, auth.Operator, "session")
	for accept, status := range map[string]int{"text/event-stream": 200, "application/json": 500} {
		r := b.do(t, "POST", "/api/chat", `{"question":"x"}`, operator, jsonBody, header("Accept", accept))
		if r.StatusCode != status || !strings.Contains(r.text, `"code":"internal"`) || strings.Contains(r.text, "hush") {
			t.Errorf("%s = %d %s", accept, r.StatusCode, r.text)
		}
	}
}

// TestChatEndsWhenTheCallerLeaves leaves in the middle; the Asker must be told, and nothing may be left running (goleak).
func TestChatEndsWhenTheCallerLeaves(t *testing.T) {
	for _, accept := range []string{"text/event-stream", "application/json"} {
		t.Run(accept, func(t *testing.T) {
			begun, told := make(chan struct{}), make(chan struct{})
			o, b := options(t)
			o.Limits.Heartbeat = time.Millisecond
			o.Asker = asker(func(ctx context.Context, _ agentsvc.Question, emit func(agentsvc.Event)) (answer.Answer, error) {
				close(begun)
				<-ctx.Done()
				if emit != nil {
					for range 1000 { // more than may be pending: must not block
						emit(agentsvc.Event{Type: agentsvc.EventDelta, Data: agentsvc.Delta{Text: "x"}})
					}
				}
				close(told)
				return answer.Answer{}, ctx.Err()
			})
			b.start(t, o)
			ctx, leave := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, "POST", b.URL+"/api/chat", strings.NewReader(`{"question":"x"}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = b.as(t, auth.Operator, "session")
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Accept", accept)
			go func() {
				<-begun
				if accept == "application/json" {
					leave()
				}
			}()
			res, err := b.Client().Do(req)
			if err == nil {
				lines := bufio.NewScanner(res.Body)
				for lines.Scan() && lines.Text() != ": heartbeat" {
					continue
				}
				<-begun
				leave()
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
			<-told
		})
	}
}

func TestChatTurnsAreBounded(t *testing.T) {
	o, b := options(t)
	o.Limits.ChatsAtOnce = 1
	inside, leave := make(chan struct{}), make(chan struct{})
	o.Asker = asker(func(_ context.Context, q agentsvc.Question, _ func(agentsvc.Event)) (answer.Answer, error) {
		close(inside)
		<-leave
		return answer.Answer{Question: q.Text}, nil
	})
	b.start(t, o)
	operator := b.as(t, auth.Operator, "session")
	first := make(chan int)
	go func() { first <- b.do(t, "POST", "/api/chat", `{"question":"x"}`, operator, jsonBody).StatusCode }()
	<-inside
	r := b.do(t, "POST", "/api/chat", `{"question":"y"}`, operator, jsonBody)
	if r.StatusCode != 429 || r.Header.Get("Retry-After") != "5" {
		t.Errorf("second at once = %d %v", r.StatusCode, r.Header)
	}
	close(leave)
	if got := <-first; got != 200 {
		t.Errorf("first = %d", got)
	}
}

func TestChatTurnHasATimeLimit(t *testing.T) {
	o, b := options(t)
	o.Limits.TurnTimeout = time.Millisecond
	o.Asker = asker(func(ctx context.Context, _ agentsvc.Question, _ func(agentsvc.Event)) (answer.Answer, error) {
		<-ctx.Done()
		return answer.Answer{}, ctx.Err()
	})
	b.start(t, o)
	operator := b.as(t, auth.Operator, "session")
	if r := b.do(t, "POST", "/api/chat", `{"question":"x"}`, operator, jsonBody); r.StatusCode != 504 {
		t.Errorf("JSON = %d %s", r.StatusCode, r.text)
	}
	r := b.do(t, "POST", "/api/chat", `{"question":"x"}`, operator, jsonBody, header("Accept", "text/event-stream"))
	if got := eventsOf(r.text); len(got) != 1 || !strings.Contains(got[0], `error {"code":"timeout"`) {
		t.Errorf("stream = %q", r.text)
	}
}

func TestStatusIsTheToolItself(t *testing.T) {
	b := setup(t)
	viewer := b.as(t, auth.Viewer, "session")
	v := b.do(t, "GET", "/api/status?engine=prod", "", viewer).json(t)
	if v["engine"].(map[string]any)["name"] != "prod" || v["data"].(map[string]any)["jobs"] != 400.0 {
		t.Errorf("status = %v", v)
	}
	for _, query := range []string{"?engin=x", "?engine=a&engine=b"} {
		if r := b.do(t, "GET", "/api/status"+query, "", viewer); r.StatusCode != 400 {
			t.Errorf("%s = %d", query, r.StatusCode)
		}
	}
	o, b := options(t)
	o.Tools, o.Health = nil, nil
	b.start(t, o)
	viewer = b.as(t, auth.Viewer, "session")
	for _, path := range []string{"/api/status", "/api/health/tws"} {
		if r := b.do(t, "GET", path, "", viewer); r.StatusCode != 501 {
			t.Errorf("%s of an edge agent = %d %s", path, r.StatusCode, r.text)
		}
	}
}

func TestEngineHealthIsCached(t *testing.T) {
	o, b := options(t)
	asked, status := 0, data.OK
	o.Health = func(context.Context) []data.EngineHealth {
		asked++
		return []data.EngineHealth{{Engine: "default", Status: status}, {Engine: "dr", Status: data.Down, Code: "timeout"}}
	}
	b.start(t, o)
	viewer := b.as(t, auth.Viewer, "session")
	get := func() reply { return b.do(t, "GET", "/api/health/tws", "", viewer) }
	for range 5 {
		if r := get(); r.StatusCode != 200 || r.json(t)["status"] != "degraded" {
			t.Fatalf("health = %d %s", r.StatusCode, r.text)
		}
	}
	if asked != 1 {
		t.Errorf("five requests asked the engines %d times", asked)
	}
	status = data.Down
	b.clock.advance(5 * time.Second)
	if r := get(); r.StatusCode != 503 || r.json(t)["status"] != "down" || asked != 2 {
		t.Errorf("later = %d %s, asked %d", r.StatusCode, r.text, asked)
	}
}

func TestLedgerBelongsToItsKey(t *testing.T) {
	o, b := options(t)
	turns := conversations.New(conversations.Options{})
	o.Turns = turns
	b.start(t, o)
	mine, other := b.as(t, auth.Operator, "api_key", auth.ScopeTrace), b.as(t, auth.Operator, "api_key", auth.ScopeTrace)
	who, err := b.auth.Bearer(t.Context(), strings.TrimPrefix(mine.Get("Authorization"), "bearer "))
	if err != nil {
		t.Fatal(err)
	}
	s, err := turns.Open(t.Context(), who.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Append(t.Context(), conversations.Turn{ID: "m_1", Ledger: conversations.Ledger{{ID: "t1", Name: "get_job"}}}); err != nil {
		t.Fatal(err)
	}
	address := "/api/conversations/" + s.ID() + "/ledger"
	for _, tc := range []struct {
		name, address string
		as            http.Header
		status        int
		want          string
	}{
		{"own", address + "?message=m_1", mine, 200, `"calls":[{"id":"t1","name":"get_job"`},
		{"a key of the same person", address + "?message=m_1", other, 404, "not_found"},
		{"another turn", address + "?message=m_2", mine, 404, "not_found"},
		{"another conversation", "/api/conversations/c_0/ledger?message=m_1", mine, 404, "not_found"},
		{"no turn", address, mine, 400, "message"},
		{"a parameter too much", address + "?message=m_1&x=1", mine, 400, "message"},
		{"odd", address + "?message=%2e%2e%2f", mine, 400, "invalid"},
		{"every scope but this one", address + "?message=m_1", b.as(t, auth.Admin, "api_key", auth.ScopeAsk, auth.ScopeRead, auth.ScopeMCP, auth.ScopeMetrics), 403, "trace"},
		{"a key without scopes", address + "?message=m_1", b.as(t, auth.Admin, "api_key"), 403, "trace"},
		{"a session", address + "?message=m_1", b.as(t, auth.Admin, "session"), 403, "trace"},
	} {
		if r := b.do(t, "GET", tc.address, "", tc.as); r.StatusCode != tc.status || !strings.Contains(r.text, tc.want) {
			t.Errorf("%s: %d %s", tc.name, r.StatusCode, r.text)
		}
	}
}
