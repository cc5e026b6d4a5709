package conversations_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOwners(t *testing.T) {
	c := conversations.New(conversations.Options{})
	s, err := c.Open(t.Context(), "ana", "")
	if err != nil {
		t.Fatal(err)
	}
	id := s.ID()
	if err := s.Append(t.Context(), conversations.Turn{ID: "m1", Question: "why?"}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s.Close()
	if _, err := c.Open(t.Context(), "bob", id); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger's Open: %v", err)
	}
	if _, err := c.Open(t.Context(), "", ""); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("nobody's Open: %v", err)
	}
	if err := c.Store().Delete(t.Context(), "bob", id); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger's Delete: %v", err)
	}
	page, err := c.Store().List(t.Context(), "bob", conversations.Query{})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("a stranger's List: %v %v", page, err)
	}
	s, err = c.Open(t.Context(), "ana", id)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if past, err := s.Before(t.Context(), "", 1); err != nil || len(past.Turns) != 1 || past.Turns[0].Question != "why?" {
		t.Errorf("past = %+v %v", past, err)
	}
	if page, err := c.Store().List(t.Context(), "ana", conversations.Query{Limit: 1}); err != nil || len(page.Items) != 1 || page.Items[0].Title != "why?" || page.Items[0].Turns != 1 {
		t.Errorf("List = %+v %v", page, err)
	}
}

func TestOneWriter(t *testing.T) {
	c := conversations.New(conversations.Options{Store: conversations.NewMemory(conversations.MemoryOptions{Bounds: conversations.Bounds{Turns: 50}})})
	first, err := c.Open(t.Context(), "ana", "")
	if err != nil {
		t.Fatal(err)
	}
	id := first.ID()
	if err := first.Append(t.Context(), conversations.Turn{ID: "first"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Open(ctx, "ana", id); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second writer: %v", err)
	}
	first.Close()
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			s, err := c.Open(t.Context(), "ana", id)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			// Two turns of one writer stand beside each other.
			for j := range 2 {
				if err := s.Append(t.Context(), conversations.Turn{ID: fmt.Sprintf("%d.%d", i, j)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	conv, err := c.Store().Get(t.Context(), "ana", id)
	if err != nil {
		t.Fatal(err)
	}
	if len(conv.Turns) != 50 {
		t.Fatalf("turns = %d, want 50", len(conv.Turns))
	}
	for i := 0; i < len(conv.Turns); i += 2 {
		a, _, _ := strings.Cut(conv.Turns[i].ID, ".")
		b, _, _ := strings.Cut(conv.Turns[i+1].ID, ".")
		if a != b {
			t.Fatalf("turns interleave: %s, %s", conv.Turns[i].ID, conv.Turns[i+1].ID)
		}
	}
}

func TestMemoryForgetsTheLongestUnused(t *testing.T) {
	m := conversations.NewMemory(conversations.MemoryOptions{All: 2, Bounds: conversations.Bounds{Turns: 3}})
	for _, id := range []string{"a", "b"} {
		if err := m.Create(t.Context(), conversations.Conversation{ID: id, Owner: "o"}, conversations.Lease{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Get(t.Context(), "o", "a"); err != nil {
		t.Fatal(err)
	}
	if err := m.Create(t.Context(), conversations.Conversation{ID: "c", Owner: "o"}, conversations.Lease{}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Get(t.Context(), "o", "b"); !fault.Is(err, fault.NotFound) {
		t.Errorf("b: %v", err)
	}
	for i := range 5 {
		if err := m.Append(t.Context(), "o", "a", "", conversations.Turn{ID: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	conv, err := m.Get(t.Context(), "o", "a")
	if err != nil || len(conv.Turns) != 3 || conv.Turns[0].ID != "2" {
		t.Errorf("turns = %+v, %v", conv.Turns, err)
	}
	if err := m.Create(t.Context(), conversations.Conversation{ID: "a", Owner: "o"}, conversations.Lease{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
}

// What a killed process left empty is kept for an hour, since a question may be on its way; a new conversation has no answer to make anew; and a
// link lives for a time that lies ahead.
func TestEdges(t *testing.T) {
	now := time.Date(2026, 3, 17, 5, 40, 0, 0, time.UTC)
	c := conversations.New(conversations.Options{Now: func() time.Time { return now }})
	err := c.Store().Create(t.Context(), conversations.Conversation{ID: "left", Owner: "ana", Created: now, Updated: now}, conversations.Lease{Holder: "killed", Until: now.Add(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		wait  time.Duration
		swept int
	}{{59 * time.Minute, 0}, {2 * time.Minute, 1}} {
		now = now.Add(tt.wait)
		if n, err := c.Sweep(t.Context()); err != nil || n != tt.swept {
			t.Errorf("%s later: %d swept, %v", tt.wait, n, err)
		}
	}
	s, err := c.Open(t.Context(), "ana", "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Before(t.Context(), "m1", 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("before an answer that is not there: %v", err)
	}
	if err := s.Append(t.Context(), conversations.Turn{ID: "m1", Question: "why?"}); err != nil {
		t.Fatal(err)
	}
	for _, life := range []time.Duration{-time.Second, conversations.MaxShare + time.Second} {
		if _, _, err := c.Share(t.Context(), "ana", s.ID(), life); !fault.Is(err, fault.Invalid) {
			t.Errorf("a link for %s: %v", life, err)
		}
	}
}

// reviewer counts what is reported to it.
type reviewer []conversations.Report

func (r *reviewer) Review(_ context.Context, report conversations.Report) error {
	*r = append(*r, report)
	return nil
}

// Two people may say the same of an answer: each word reaches those who review, once.
func TestTheSameWordsOfTwoPeople(t *testing.T) {
	var desk reviewer
	c := conversations.New(conversations.Options{Reviewer: &desk})
	s, err := c.Open(t.Context(), "ana", "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Append(t.Context(), conversations.Turn{ID: "m1", Question: "why?"}); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"ana", "bob", "ana", "bob"} {
		if err := c.SetFeedback(t.Context(), "ana", s.ID(), "m1", conversations.Feedback{Who: who, Opinion: conversations.Down, Words: "wrong job"}); err != nil {
			t.Fatal(err)
		}
	}
	if len(desk) != 2 || desk[0].Feedback.Who == desk[1].Feedback.Who {
		t.Errorf("reported: %+v", desk)
	}
}

func TestLedgerIsBounded(t *testing.T) {
	big := json.RawMessage(`"` + strings.Repeat("x", 200<<10) + `"`)
	l := conversations.Ledger{
		{ID: "t1", Name: "a", Result: toolkit.Result{Envelope: &toolkit.Envelope{Data: big, Sources: []toolkit.Source{{Source: "s"}}}}},
		{ID: "t2", Name: "b", Result: toolkit.Result{Envelope: &toolkit.Envelope{Data: json.RawMessage(`{"a":1}`)}}},
		{ID: "t3", Name: "c", Result: toolkit.Result{Envelope: &toolkit.Envelope{Data: big}}},
	}
	b := l.Bounded(256 << 10)
	if !b[0].Dropped || b[1].Dropped || b[2].Dropped || len(b[0].Result.Envelope.Sources) != 1 {
		t.Errorf("dropped = %v %v %v", b[0].Dropped, b[1].Dropped, b[2].Dropped)
	}
	if len(l[0].Result.Envelope.Data) == 0 {
		t.Error("the turn's own ledger was changed")
	}
	if b = l.Bounded(0); len(b) != 3 {
		t.Errorf("calls = %d", len(b))
	}
}

func TestIDsSortByTime(t *testing.T) {
	at := time.Date(2026, 3, 17, 0, 0, 0, 0, time.UTC)
	var ids []string
	for i := range 50 {
		ids = append(ids, conversations.NewID("c", at.Add(time.Duration(i)*time.Millisecond)))
	}
	if !slices.IsSorted(ids) || len(ids[0]) != 28 || !strings.HasPrefix(ids[0], "c_0") {
		t.Errorf("ids = %v", ids[:3])
	}
}

// A trace shows of each call what it gave or why it failed; what the store's bound took away is told.
func TestTrace(t *testing.T) {
	c := conversations.New(conversations.Options{LedgerBytes: 100})
	s, err := c.Open(t.Context(), "ana", "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Append(t.Context(), conversations.Turn{ID: "m1", Ledger: conversations.Ledger{
		{ID: "t1", Name: "a", Args: json.RawMessage(`{"x":1}`), Result: toolkit.Result{Envelope: &toolkit.Envelope{Data: json.RawMessage(`"` + strings.Repeat("x", 200) + `"`),
			Sources: []toolkit.Source{{Source: "s", Lines: []toolkit.Line{{N: 3, Text: "l"}}}}}}},
		{ID: "t2", Name: "b", Args: json.RawMessage(`{"x":`), Result: toolkit.Result{Error: &toolkit.ErrorBody{Code: "timeout", Message: "No."}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	turn, err := c.Store().Turn(t.Context(), "ana", s.ID(), "m1")
	if _, other := c.Store().Turn(t.Context(), "ana", s.ID(), "m2"); err != nil || !fault.Is(other, fault.NotFound) {
		t.Fatalf("m1 %v, m2 %v", err, other)
	}
	raw, err := json.Marshal(turn.Trace("c1"))
	want := `{"message_id":"m1","conversation_id":"c1","calls":[{"id":"t1","name":"a","arguments":{"x":1},"result":{"data":null,` +
		`"sources":[{"source":"s","lines":[{"n":3,"text":"l"}]}],"engine":{"name":"","mode":"","api":""},"clocks":{"fetched_at":"","mirrored_at":"","plan_now":""},` +
		`"stale":false,"truncated":false,"upstream_calls":0},"dropped":true},{"id":"t2","name":"b","arguments":{},"error":{"code":"timeout","message":"No."}}]}`
	if err != nil || string(raw) != want {
		t.Errorf("trace\n%s\nwant\n%s\n%v", raw, want, err)
	}
	if raw, err := json.Marshal(conversations.Turn{}.Trace("c")); err != nil || !strings.Contains(string(raw), `"calls":[]`) {
		t.Errorf("no calls: %s %v", raw, err)
	}
}
