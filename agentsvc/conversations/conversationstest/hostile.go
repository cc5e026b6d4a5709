package conversationstest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Text of whatever kind can be kept, and does nothing.
func hostile(t *testing.T, open Open) {
	s := one(t, open)
	ctx := t.Context()
	texts := []string{
		"a\x00b", "\xff\xfe", "\xed\xa0\x80", "\u0000", "'; DROP TABLE conversations; --", `\x00 \u0000 \\`, "$1 %s ?", strings.Repeat("\x00", 5000), strings.Repeat("word ", 20_000),
		"\u202e\u2066 right to left", "line\r\n\x1b[31mred\x07", "🚀 ﬁ ß İ", `{"json": "inside"}`, strings.Repeat("é", 9000),
	}
	for i, text := range texts {
		id := fmt.Sprintf("c%d", i)
		create(t, s, "ana", id, start)
		turn := TurnOf("m1", text, text, start)
		turn.Language, turn.Asked = text, conversations.Asked{Intent: text, Target: text, TargetKind: text, Entity: text, Engine: text}
		turn.Answer.Diagnosis.Causes[0].Evidence[0].Quote = text
		turn.Answer.Errors = []answer.Error{{Code: text, Message: text}}
		turn.Ledger[0].Result.Text = text
		turn.Ledger[0].Args = json.RawMessage(text)
		turn.Ledger = append(turn.Ledger, conversations.Call{ID: "t3", Name: text, Result: toolkit.Result{Envelope: &toolkit.Envelope{Data: json.RawMessage("{broken " + text)}}})
		appended(t, s, "ana", id, turn)
		found, err := s.Turn(ctx, "ana", id, "m1")
		if err != nil {
			t.Fatalf("%.20q: %v", text, err)
		}
		if want := conversations.Sanitize(text); conversations.Sanitize(found.Question) != want || conversations.Sanitize(found.Answer.Answer) != want {
			t.Errorf("%.20q became %.20q", text, found.Question)
		}
		if c := got(t, s, "ana", id); !conversations.Sound(c.Title) || len(c.Turns) != 1 {
			t.Errorf("%.20q: title %q", text, c.Title)
		}
		if err := s.Rename(ctx, "ana", id, text); err != nil {
			t.Errorf("rename to %.20q: %v", text, err)
		}
		if err := s.SetFeedback(ctx, "ana", id, "m1", conversations.Feedback{Who: "ana", Name: text, Opinion: conversations.Up, Words: text, At: start}); err != nil {
			t.Errorf("feedback %.20q: %v", text, err)
		}
		if _, err := s.List(ctx, "ana", conversations.Query{Text: text}); err != nil {
			t.Errorf("search %.20q: %v", text, err)
		}
		if _, err := s.List(ctx, text, conversations.Query{}); err != nil {
			t.Errorf("the list of %.20q: %v", text, err)
		}
		// An owner or an id that no database can keep is refused, by code.
		err = s.Create(ctx, conversations.Conversation{ID: "x" + text, Owner: text}, conversations.Lease{})
		if (err == nil) != (conversations.SoundNames(text, text) == nil && len(text) < 256) {
			t.Errorf("create for %.20q: %v", text, err)
		}
	}
	if p := listed(t, s, "ana", conversations.Query{Limit: 100}); len(p.Items) != len(texts) {
		t.Errorf("%d conversations, want %d", len(p.Items), len(texts))
	}
}

// Whatever is done in whatever order, a store says the same as the one in memory.
func random(t *testing.T, open Open) {
	b := conversations.Bounds{Turns: 5, Conversations: 6}
	s, model := open(t, b)(), conversations.NewMemory(conversations.MemoryOptions{Bounds: b})
	r := rand.New(rand.NewPCG(3, 5)) //nolint:gosec // the same steps each time
	ctx := t.Context()
	now := start
	people := []string{"ana", "bob"}
	for step := range 220 {
		now = now.Add(time.Duration(1+r.IntN(90)) * time.Second)
		owner, id := people[r.IntN(2)], fmt.Sprintf("c%d", r.IntN(9))
		message := fmt.Sprintf("m%d", r.IntN(12))
		holder := fmt.Sprintf("h%d", r.IntN(2))
		do := func(s conversations.Store) (any, error) {
			switch k := step % 11; k {
			case 0, 1:
				return nil, s.Create(ctx, conversations.Conversation{ID: id, Owner: owner, Created: now, Updated: now}, conversations.Lease{Holder: holder, Until: now.Add(time.Minute)})
			case 2, 3, 4:
				return nil, s.Append(ctx, owner, id, holder, TurnOf(message, "question "+message, "answer", now))
			case 5:
				turn := TurnOf(fmt.Sprintf("r%d", step), "again", "another answer", now)
				turn.Replaces = message
				return nil, s.Append(ctx, owner, id, holder, turn)
			case 6:
				return s.Hold(ctx, owner, id, conversations.Lease{Holder: holder, Until: now.Add(time.Minute)}, now)
			case 7:
				return nil, s.SetFeedback(ctx, owner, id, message, conversations.Feedback{Who: owner, Opinion: []conversations.Opinion{"", "up", "down"}[step%3], At: now})
			case 8:
				if step%2 == 0 {
					return s.Stop(ctx, owner, id, now)
				}
				return nil, s.SetShare(ctx, owner, id, &conversations.Share{Hash: fmt.Sprintf("s%d", step%60), Created: now, Expires: now.Add(30 * time.Minute)})
			case 9:
				c, err := s.Shared(ctx, fmt.Sprintf("s%d", (step-1)%60), now)
				return c, err
			default:
				switch step % 4 {
				case 0:
					return nil, s.Delete(ctx, owner, id)
				case 1:
					return s.Sweep(ctx, conversations.Cut{Now: now, Unused: now.Add(-time.Hour), Empty: now.Add(-time.Minute), Limit: 2})
				}
				return nil, s.Free(ctx, owner, id, holder)
			}
		}
		want, wantErr := do(model)
		have, err := do(s)
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Fatalf("step %d: %v, in memory %v", step, err, wantErr)
		}
		same(t, fmt.Sprintf("step %d", step), have, want)
		for _, q := range []conversations.Query{{}, {Text: "another"}} {
			same(t, fmt.Sprintf("list after step %d", step), listed(t, s, owner, q), listed(t, model, owner, q))
		}
		c, err := s.Get(ctx, owner, id)
		m, wantErr := model.Get(ctx, owner, id)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("after step %d: %v, in memory %v", step, err, wantErr)
		}
		same(t, fmt.Sprintf("conversation after step %d", step), c, m)
		if t.Failed() {
			return
		}
	}
}
