// Package conversationstest holds every conversations.Store to one behaviour: the one in memory, the one in SQLite and the one in
// PostgreSQL pass the same tests. Start at Run.
package conversationstest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Open makes an empty place for conversations, bounded, and gives what a node opens there: each call is another node.
type Open func(t *testing.T, b conversations.Bounds) (node func() conversations.Store)

// Run holds the stores that open makes to the port.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, Open)
	}{
		{"round-trip", roundTrip}, {"owners", owners}, {"before", before}, {"replaced", replaced}, {"bounds", bounds}, {"pages", pages}, {"search", search},
		{"shared", shared}, {"feedback", feedback}, {"leases", leases}, {"stop", stop}, {"writers", writers}, {"sweep", sweep},
		{"hostile", hostile}, {"cancelled", cancelled}, {"random", random},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

// start is when the tests begin: a fixed time, so that nothing depends on the machine's.
var start = time.Date(2026, 3, 17, 8, 0, 0, 0, time.UTC)

// one opens an unbounded place for one node.
func one(t *testing.T, open Open) conversations.Store {
	t.Helper()
	return open(t, conversations.Bounds{})()
}

// TurnOf is a turn as the agent makes them: a diagnosis with evidence, citations, a ledger of two calls.
func TurnOf(id, question, prose string, at time.Time) conversations.Turn {
	return conversations.Turn{
		ID: id, Question: question, Language: "en", At: at,
		Asked: conversations.Asked{Intent: "diagnose", Target: "PAY_LOAD", TargetKind: "job", Entity: "LXPAY01#PAYEXT[(0200 03/17/26)].PAY_LOAD", Engine: "default"},
		Answer: answer.Answer{ConversationID: "c", MessageID: id, Question: question, Language: "en", Answer: prose,
			Diagnosis: &answer.Diagnosis{Verdict: answer.Problem, ConfidenceClass: answer.Confirmed, Causes: []answer.Cause{{
				Entity: "LXPAY01#PAYEXT[(0200 03/17/26)].PAY_LOAD", Kind: "app.db.auth", Statement: "The account is locked.", Class: answer.Confirmed, Confidence: 0.9,
				Evidence: []answer.Evidence{{Source: "joblog:LXPAY01#881204", RunID: "r1", Line: 41, Quote: "ORA-28000: the account is locked"}},
			}}},
			Citations: []answer.Citation{{Source: "knowledge:runbooks/oracle-account.md#unlock", Title: "Unlock", Quote: "Ask the owner of the account."}},
			ToolCalls: []answer.ToolCall{{ID: "t1", Name: "diagnose_job", Arguments: map[string]any{"job": "PAY_LOAD"}, DurationMS: 12, ResultBytes: 2048}},
			Clocks:    answer.Clocks{FetchedAt: "2026-03-17T08:40:00Z", MirroredAt: "unknown", PlanNow: "2026-03-17T05:40:00-03:00"}, Model: "offline",
		},
		Ledger: conversations.Ledger{
			{ID: "t1", Name: "diagnose_job", Args: json.RawMessage(`{"job":"PAY_LOAD"}`), Duration: 12 * time.Millisecond, ResultBytes: 2048, Result: toolkit.Result{
				Envelope: &toolkit.Envelope{Data: json.RawMessage(`{"rows":[1,2,3]}`), Sources: []toolkit.Source{{Source: "joblog:LXPAY01#881204", RunID: "r1",
					Lines: []toolkit.Line{{N: 41, Text: "ORA-28000: the account is locked"}}}}, UpstreamCalls: 3}, Text: "text"}},
			{ID: "t2", Name: "get_job_log", Args: json.RawMessage(`{"job":`), Dropped: true, Result: toolkit.Result{
				Error: &toolkit.ErrorBody{Code: "timeout", Message: "Too late.", Candidates: []string{"A", "B"}}, Text: "Too late."}},
		},
	}
}

const me = "writer" // holder of conversations that one test alone writes to

// create makes a conversation that me holds for an hour from start on.
func create(t *testing.T, s conversations.Store, owner, id string, at time.Time) {
	t.Helper()
	err := s.Create(t.Context(), conversations.Conversation{ID: id, Owner: owner, Created: at, Updated: at}, conversations.Lease{Holder: me, Until: at.Add(time.Hour)})
	if err != nil {
		t.Fatalf("create %s: %v", id, err)
	}
}

func appended(t *testing.T, s conversations.Store, owner, id string, turn conversations.Turn) {
	t.Helper()
	if err := s.Append(t.Context(), owner, id, me, turn); err != nil {
		t.Fatalf("append %s: %v", turn.ID, err)
	}
}

func got(t *testing.T, s conversations.Store, owner, id string) conversations.Conversation {
	t.Helper()
	c, err := s.Get(t.Context(), owner, id)
	if err != nil {
		t.Fatalf("get %s: %v", id, err)
	}
	return c
}

func listed(t *testing.T, s conversations.Store, owner string, q conversations.Query) conversations.Page {
	t.Helper()
	p, err := s.List(t.Context(), owner, q)
	if err != nil {
		t.Fatalf("list %+v: %v", q, err)
	}
	return p
}

// ids gives the message ids of turns, with a mark for each earlier version.
func ids(turns []conversations.Turn) (out []string) {
	for _, t := range turns {
		id := t.ID
		for _, e := range t.Earlier {
			id += "<" + e
		}
		out = append(out, id)
	}
	return out
}

func names(p conversations.Page) (out []string) {
	for _, s := range p.Items {
		out = append(out, s.ID)
	}
	return out
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %s\nwant %s", what, shown(got), shown(want))
	}
}

func shown(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%+v", v)
	}
	return string(raw)
}

func coded(t *testing.T, what string, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}
