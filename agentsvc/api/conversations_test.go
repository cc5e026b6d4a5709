package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/conversations/conversationstest"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// reviewed takes in feedback, or fails.
type reviewed struct {
	reports []conversations.Report
	err     error
}

func (r *reviewed) Review(_ context.Context, report conversations.Report) error {
	if r.err == nil {
		r.reports = append(r.reports, report)
	}
	return r.err
}

// talked is a server with a conversation of the operator's, which has three turns.
func talked(t *testing.T, ask asker) (b *bundle, turns *conversations.Conversations, id string, desk *reviewed) {
	t.Helper()
	o, b := options(t)
	desk = &reviewed{}
	turns = conversations.New(conversations.Options{Now: b.clock.now, Reviewer: desk})
	o.Turns = turns
	if ask != nil {
		o.Asker = ask
	}
	b.start(t, o)
	s, err := turns.Open(t.Context(), b.user(t, auth.Operator).ID, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, turn := range []conversations.Turn{
		conversationstest.TurnOf("m_1", "Por que o PAY_LOAD parou?", "A conta está **bloqueada**. <b>x</b> [y](https://evil.example)", b.clock.now()),
		conversationstest.TurnOf("m_2", "e agora?", "Espere.", b.clock.now()),
	} {
		turn.Language = "pt"
		turn.Asked.Agent = "diagnostics"
		if err := s.Append(t.Context(), turn); err != nil {
			t.Fatal(err)
		}
	}
	return b, turns, s.ID(), desk
}

func TestConversations(t *testing.T) {
	b, _, id, _ := talked(t, nil)
	mine, other := b.as(t, auth.Operator, "session"), b.as(t, auth.Viewer, "session")
	at := "/api/conversations/" + id
	for _, tc := range []struct {
		name, method, path, body string
		as                       http.Header
		status                   int
		want                     string
	}{
		{"list", "GET", "/api/conversations", "", mine, 200, `"total":1`},
		{"list of another", "GET", "/api/conversations", "", other, 200, `{"items":[],"total":0}`},
		{"search", "GET", "/api/conversations?q=BLOQUEADA", "", mine, 200, `"match":{"message_id":"m_1"`},
		{"search for nothing", "GET", "/api/conversations?q=zzz", "", mine, 200, `"items":[]`},
		{"a cursor of nothing", "GET", "/api/conversations?cursor=x", "", mine, 400, "cursor"},
		{"get", "GET", at, "", mine, 200, `"message_id":"m_2","question":"e agora?","language":"pt"`},
		{"get tells who answered", "GET", at, "", mine, 200, `"agent":"diagnostics"`},
		{"get of another", "GET", at, "", other, 404, "not_found"},
		{"turn", "GET", at + "/turns/m_1", "", mine, 200, `"earlier":[]`},
		{"turn of another", "GET", at + "/turns/m_1", "", other, 404, "not_found"},
		{"no turn", "GET", at + "/turns/m_9", "", mine, 404, "not_found"},
		{"rename", "PATCH", at, `{"title":"Noite  ruim"}`, mine, 204, ""},
		{"renamed", "GET", at, "", mine, 200, `"title":"Noite ruim"`},
		{"rename to nothing", "PATCH", at, `{"title":"  "}`, mine, 400, "title"},
		{"rename of another", "PATCH", at, `{"title":"x"}`, other, 404, "not_found"},
		{"stop of nothing", "POST", at + "/stop", "", mine, 200, `{"stopped":false}`},
		{"stop of another", "POST", at + "/stop", "", other, 404, "not_found"},
		{"share of another", "POST", at + "/share", "", other, 404, "not_found"},
		{"share for ever", "POST", at + "/share?days=91", "", mine, 400, "days"},
		{"no share", "GET", "/api/shared/abc", "", mine, 404, "not_found"},
		{"delete of another", "DELETE", at, "", other, 404, "not_found"},
		{"an odd id", "GET", "/api/conversations/%2e%2e", "", mine, 400, "conversation_id"},
		{"wrong method", "PUT", at, "", mine, 405, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := b.do(t, tc.method, tc.path, tc.body, tc.as, jsonBody)
			if r.StatusCode != tc.status || !strings.Contains(r.text, tc.want) {
				t.Errorf("%d %s, want %d %q", r.StatusCode, r.text, tc.status, tc.want)
			}
			if strings.Contains(r.text, `"Ledger"`) || strings.Contains(r.text, "diagnose_job.rows") {
				t.Errorf("a ledger went out: %s", r.text)
			}
		})
	}
	r := b.do(t, "GET", at+"/export", "", mine)
	if r.Header.Get("Content-Type") != "text/markdown; charset=utf-8" || r.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(r.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("headers = %v", r.Header)
	}
	if !strings.HasPrefix(r.text, "# Noite ruim\n") || !strings.Contains(r.text, "## Pergunta 1") || strings.Contains(r.text, "<b>") || !strings.Contains(r.text, "`[y](https://evil.example)`") {
		t.Errorf("export = %s", r.text)
	}
	if r := b.do(t, "DELETE", at, "", mine); r.StatusCode != 204 {
		t.Errorf("delete = %d %s", r.StatusCode, r.text)
	}
	if r := b.do(t, "GET", at, "", mine); r.StatusCode != 404 {
		t.Errorf("after delete = %d", r.StatusCode)
	}
}

// A link lets others read what was there, until it expires or is revoked; it gives them nothing else.
func TestShared(t *testing.T) {
	b, turns, id, _ := talked(t, nil)
	mine, other := b.as(t, auth.Operator, "session"), b.as(t, auth.Viewer, "session")
	at := "/api/conversations/" + id
	made := b.do(t, "POST", at+"/share?days=2", "", mine)
	token, _ := made.json(t)["token"].(string)
	if made.StatusCode != 201 || len(token) != 43 {
		t.Fatalf("share = %d %s", made.StatusCode, made.text)
	}
	s, err := turns.Open(t.Context(), b.user(t, auth.Operator).ID, id)
	if err != nil {
		t.Fatal(err)
	}
	later := conversationstest.TurnOf("m_3", "private", "", b.clock.now())
	if err := s.Append(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	s.Close()
	read := func(h http.Header) reply { return b.do(t, "GET", "/api/shared/"+token, "", h) }
	r := read(other)
	if r.StatusCode != 200 || !strings.Contains(r.text, "e agora?") || strings.Contains(r.text, "private") || strings.Contains(r.text, token) || strings.Contains(r.text, b.user(t, auth.Operator).ID) {
		t.Errorf("shared = %d %s", r.StatusCode, r.text)
	}
	if r := read(nil); r.StatusCode != 401 {
		t.Errorf("a guest = %d", r.StatusCode)
	}
	if r := b.do(t, "GET", at, "", mine); strings.Contains(r.text, token) || !strings.Contains(r.text, `"share":{"created"`) {
		t.Errorf("the conversation = %s", r.text)
	}
	if r := read(b.as(t, auth.Operator, "api_key", auth.ScopeRead, "engine:north")); r.StatusCode != 403 { // the questions were asked of another one
		t.Errorf("a key for one engine = %d", r.StatusCode)
	}
	if strings.Contains(b.log.String(), token) {
		t.Error("the token stands in the log")
	}
	for _, path := range []string{"/api/conversations/" + token, at, at + "/export", at + "/ledger?message=m_1"} {
		if r := b.do(t, "GET", path, "", other); r.StatusCode != 404 && r.StatusCode != 403 {
			t.Errorf("%s = %d", path, r.StatusCode)
		}
	}
	b.clock.advance(48*time.Hour + time.Second)
	other, mine = b.as(t, auth.Viewer, "session"), b.as(t, auth.Operator, "session")
	if r := read(other); r.StatusCode != 404 {
		t.Errorf("expired = %d", r.StatusCode)
	}
	token, _ = b.do(t, "POST", at+"/share", "", mine).json(t)["token"].(string)
	if r := read(other); r.StatusCode != 200 {
		t.Errorf("anew = %d", r.StatusCode)
	}
	if r := b.do(t, "DELETE", at+"/share", "", mine); r.StatusCode != 204 {
		t.Errorf("revoke = %d", r.StatusCode)
	}
	if r := read(other); r.StatusCode != 404 {
		t.Errorf("revoked = %d", r.StatusCode)
	}
}

// Who may read only some engines gets no conversation that tells of another one, by whichever detour its name came into the answer.
func TestSharedKeepsToEngines(t *testing.T) {
	b, turns, _, _ := talked(t, nil)
	mine := b.as(t, auth.Operator, "session")
	north, both := b.as(t, auth.Operator, "api_key", auth.ScopeRead, "engine:north"), b.as(t, auth.Operator, "api_key", auth.ScopeRead, "engine:north", "engine:south")
	for name, change := range map[string]func(*conversations.Turn){
		"answered from": func(t *conversations.Turn) { t.Answer.Engine.Name = "south" },
		"asked of":      func(t *conversations.Turn) { t.Asked.Engine = "south" },
		"a tool's": func(t *conversations.Turn) {
			t.Answer.ToolCalls = []answer.ToolCall{{Arguments: map[string]any{"engine": "south"}}}
		},
		"compared with": func(t *conversations.Turn) {
			t.Answer.ToolCalls = []answer.ToolCall{{Arguments: map[string]any{"engine": "north", "against": " engine  SOUTH"}}}
		},
		"a cause's": func(t *conversations.Turn) {
			t.Answer.Diagnosis = &answer.Diagnosis{Causes: []answer.Cause{{Ref: answer.Ref{Engine: "south"}}}}
		},
		"a candidate's": func(t *conversations.Turn) {
			t.Answer.Diagnosis = &answer.Diagnosis{Candidates: []answer.Candidate{{Ref: answer.Ref{Engine: "south"}}}}
		},
		"north's own": func(t *conversations.Turn) { t.Answer.Engine.Name = "north" },
		"an earlier day": func(t *conversations.Turn) {
			t.Answer.ToolCalls = []answer.ToolCall{{Arguments: map[string]any{"against": "plan 2026-03-16"}}}
		},
	} {
		s, err := turns.Open(t.Context(), b.user(t, auth.Operator).ID, "")
		if err != nil {
			t.Fatal(err)
		}
		turn := conversationstest.TurnOf("m_1", "what changed?", "Nothing.", b.clock.now())
		turn.Answer.Engine.Name, turn.Asked.Engine, turn.Answer.ToolCalls, turn.Answer.Diagnosis = "north", "", nil, nil
		change(&turn)
		if err := s.Append(t.Context(), turn); err != nil {
			t.Fatal(err)
		}
		s.Close()
		token, _ := b.do(t, "POST", "/api/conversations/"+s.ID()+"/share", "", mine).json(t)["token"].(string)
		want := map[bool]int{true: 403, false: 200}[name != "north's own" && name != "an earlier day"]
		if r := b.do(t, "GET", "/api/shared/"+token, "", north); r.StatusCode != want || want == 403 && strings.Contains(r.text, "what changed") {
			t.Errorf("%s: a key for north gets %d %s", name, r.StatusCode, r.text)
		}
		if r := b.do(t, "GET", "/api/shared/"+token, "", both); r.StatusCode != 200 {
			t.Errorf("%s: a key for both gets %d", name, r.StatusCode)
		}
	}
}

// Feedback is kept once a person and answer; new words reach the reviewers once.
func TestFeedback(t *testing.T) {
	b, _, id, desk := talked(t, nil)
	mine := b.as(t, auth.Operator, "session")
	say := func(opinion, words, message string) reply {
		return b.do(t, "POST", "/api/feedback", `{"conversation_id":"`+id+`","message_id":"`+message+`","opinion":"`+opinion+`","words":"`+words+`"}`, mine, jsonBody)
	}
	shows := func(want string) {
		t.Helper()
		if r := b.do(t, "GET", "/api/conversations/"+id+"/turns/m_1", "", mine); !strings.Contains(r.text, want) {
			t.Errorf("turn = %s, want %s", r.text, want)
		}
	}
	for _, tc := range []struct {
		opinion, words, message string
		status, reports         int
	}{
		{"up", "", "m_1", 204, 0}, {"down", "wrong job", "m_1", 204, 1}, {"down", "wrong job", "m_1", 204, 1}, {"down", "wrong stream", "m_1", 204, 2},
		{"sideways", "", "m_1", 400, 2}, {"", "words alone", "m_1", 400, 2}, {"up", strings.Repeat("x", 2001), "m_1", 400, 2}, {"up", "", "m_9", 404, 2},
	} {
		if r := say(tc.opinion, tc.words, tc.message); r.StatusCode != tc.status || len(desk.reports) != tc.reports {
			t.Errorf("%s %.20s: %d %s, %d reports", tc.opinion, tc.words, r.StatusCode, r.text, len(desk.reports))
		}
	}
	shows(`"feedback":{"opinion":"down","words":"wrong stream"`)
	if r := desk.reports[0]; r.Turn.Question != "Por que o PAY_LOAD parou?" || r.Feedback.Name != "operator-user" || r.Turn.Ledger != nil || r.Conversation != id {
		t.Errorf("report = %+v", r)
	}
	desk.err = fault.New(fault.UpstreamUnavailable, "no")
	if r := say("down", "a third", "m_1"); r.StatusCode < 500 || !strings.Contains(r.text, "Send it again") {
		t.Errorf("reviewers away: %d %s", r.StatusCode, r.text)
	}
	shows(`"words":"a third"`)
	desk.err = nil
	if r := say("down", "a third", "m_1"); r.StatusCode != 204 || len(desk.reports) != 3 {
		t.Errorf("sent again: %d, %d reports", r.StatusCode, len(desk.reports))
	}
	if r := say("", "", "m_1"); r.StatusCode != 204 {
		t.Errorf("taken back: %d %s", r.StatusCode, r.text)
	}
	if r := b.do(t, "GET", "/api/conversations/"+id+"/turns/m_1", "", mine); strings.Contains(r.text, "feedback") {
		t.Errorf("after that = %s", r.text)
	}
	theirs := `{"conversation_id":"` + id + `","message_id":"m_1","opinion":"up"}`
	if r := b.do(t, "POST", "/api/feedback", theirs, b.as(t, auth.Viewer, "session"), jsonBody); r.StatusCode != 404 {
		t.Errorf("of a stranger: %d", r.StatusCode)
	}
}

// The same question goes to the same agent and engine, and names the answer to replace; a stop reaches a turn that is being answered.
func TestAgainAndStop(t *testing.T) {
	asked := make(chan agentsvc.Question, 1)
	var turns *conversations.Conversations
	ask := asker(func(ctx context.Context, q agentsvc.Question, emit func(agentsvc.Event)) (answer.Answer, error) {
		who, _ := auth.CallerFrom(ctx)
		s, err := turns.Open(ctx, who.ID, q.ConversationID)
		if err != nil {
			return answer.Answer{}, err
		}
		defer s.Close()
		work, done := s.Context(ctx)
		defer done()
		asked <- q
		<-work.Done()
		return answer.Answer{Answer: context.Cause(work).Error()}, nil
	})
	b, made, id, _ := talked(t, ask)
	turns = made
	mine := b.as(t, auth.Operator, "session")
	at := "/api/conversations/" + id
	for _, accept := range []string{"application/json", "text/event-stream"} {
		done := make(chan reply)
		go func() {
			done <- b.do(t, "POST", at+"/regenerate", `{"message_id":"m_1"}`, mine, jsonBody, header("Accept", accept))
		}()
		var q agentsvc.Question
		select {
		case q = <-asked:
		case r := <-done:
			t.Fatalf("nobody was asked: %d %s", r.StatusCode, r.text)
		}
		if want := (agentsvc.Question{Text: "Por que o PAY_LOAD parou?", ConversationID: id, Language: "pt", Agent: "diagnostics", Engine: "default", Replaces: "m_1"}); q != want {
			t.Errorf("question = %+v, want %+v", q, want)
		}
		if r := b.do(t, "POST", at+"/stop", "", b.as(t, auth.Viewer, "session")); r.StatusCode != 404 {
			t.Errorf("a stranger's stop = %d", r.StatusCode)
		}
		if r := b.do(t, "POST", at+"/stop", "", mine); r.text != `{"stopped":true}`+"\n" {
			t.Errorf("stop = %d %s", r.StatusCode, r.text)
		}
		if r := <-done; r.StatusCode != 200 || !strings.Contains(r.text, conversations.ErrStopped.Error()) {
			t.Errorf("answer = %d %s", r.StatusCode, r.text)
		}
	}
	if r := b.do(t, "POST", at+"/regenerate", `{"message_id":"m_9"}`, mine, jsonBody); r.StatusCode != 404 {
		t.Errorf("of nothing = %d %s", r.StatusCode, r.text)
	}
}
