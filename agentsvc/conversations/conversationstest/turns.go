package conversationstest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
)

// What is appended is read again, whole, also by another node; a conversation without the ledgers, a turn with its own.
func roundTrip(t *testing.T, open Open) {
	node := open(t, conversations.Bounds{})
	s, other := node(), node()
	create(t, s, "ana", "c1", start)
	first := TurnOf("m1", "  Why did\nPAY_LOAD abend?  "+strings.Repeat("x", 100), "The account is locked.", start.Add(time.Minute))
	second := TurnOf("m2", "e agora?", "Nada.", start.Add(2*time.Minute+123456*time.Microsecond))
	second.Stopped, second.Language, second.Answer.Diagnosis, second.Ledger = true, "pt", nil, conversations.Ledger{}
	appended(t, s, "ana", "c1", first)
	appended(t, s, "ana", "c1", second)
	second.At = second.At.Truncate(time.Millisecond)
	c := got(t, other, "ana", "c1")
	plain := []conversations.Turn{first, second}
	plain[0].Ledger, plain[1].Ledger = nil, nil
	same(t, "turns", c.Turns, plain)
	title := "Why did PAY_LOAD abend? " + strings.Repeat("x", 55) + "…"
	if c.ID != "c1" || c.Owner != "ana" || c.Title != title || !c.Created.Equal(start) || !c.Updated.Equal(second.At) || c.Share != nil {
		t.Errorf("conversation = %+v", c)
	}
	for _, want := range []conversations.Turn{first, second} {
		turn, err := other.Turn(t.Context(), "ana", "c1", want.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, want.ID, turn, want)
	}
	_, err := s.Turn(t.Context(), "ana", "c1", "m3")
	coded(t, "a turn that is not there", err, fault.NotFound)
	same(t, "list", listed(t, other, "ana", conversations.Query{}), conversations.Page{Total: 1, Items: []conversations.Summary{{ID: "c1", Title: title, Created: start, Updated: second.At, Turns: 2}}})

	coded(t, "the same conversation twice", s.Create(t.Context(), conversations.Conversation{ID: "c1", Owner: "ana"}, conversations.Lease{}), fault.Conflict)
	coded(t, "the same conversation of another", s.Create(t.Context(), conversations.Conversation{ID: "c1", Owner: "bob"}, conversations.Lease{}), fault.Conflict)
	coded(t, "the same turn twice", s.Append(t.Context(), "ana", "c1", me, first), fault.Conflict)
	coded(t, "nobody's", s.Create(t.Context(), conversations.Conversation{ID: "c2"}, conversations.Lease{}), fault.Invalid)
	if c := got(t, s, "ana", "c1"); len(c.Turns) != 2 {
		t.Errorf("turns after refusals = %v", ids(c.Turns))
	}
	if err := s.Rename(t.Context(), "ana", "c1", " the\nnight \x00of "+strings.Repeat("é", 100)); err != nil {
		t.Fatal(err)
	}
	renamed := "the night of " + strings.Repeat("é", 66) + "…"
	appended(t, s, "ana", "c1", TurnOf("m3", "And now?", "x", start.Add(3*time.Minute)))
	if c := got(t, other, "ana", "c1"); c.Title != renamed {
		t.Errorf("title = %q, want %q", c.Title, renamed)
	}
	create(t, s, "ana", "empty", start)
	if p := listed(t, s, "ana", conversations.Query{}); len(p.Items) != 1 {
		t.Errorf("a conversation without turns is listed: %v", names(p))
	}
	if err := s.Delete(t.Context(), "ana", "c1"); err != nil {
		t.Fatal(err)
	}
	_, err = other.Get(t.Context(), "ana", "c1")
	coded(t, "a deleted one", err, fault.NotFound)
	_, err = other.Turn(t.Context(), "ana", "c1", "m1")
	coded(t, "its turn", err, fault.NotFound)
}

// Another owner's conversation is not found, by no method, and nothing of it changes.
func owners(t *testing.T, open Open) {
	s := one(t, open)
	create(t, s, "ana", "c1", start)
	appended(t, s, "ana", "c1", TurnOf("m1", "why?", "so", start))
	ctx := t.Context()
	link := &conversations.Share{Hash: "h", Created: start, Expires: start.Add(time.Hour)}
	for _, who := range []struct{ owner, id string }{{"bob", "c1"}, {"ana", "c2"}, {"", "c1"}, {"ana\x00", "c1"}, {"ana", "c1\x00"}, {"ana\xff", "c1"}, {"ana", ""}, {"ANA", "c1"}, {"ana", "C1"}, {"%", "c1"}} {
		_, get := s.Get(ctx, who.owner, who.id)
		_, turn := s.Turn(ctx, who.owner, who.id, "m1")
		_, hold := s.Hold(ctx, who.owner, who.id, conversations.Lease{Holder: "x", Until: start.Add(9 * time.Hour)}, start.Add(8*time.Hour))
		_, stopped := s.Stop(ctx, who.owner, who.id, start)
		for name, err := range map[string]error{
			"Get": get, "Turn": turn, "Hold": hold, "Stop": stopped,
			"Append":      s.Append(ctx, who.owner, who.id, me, TurnOf("m2", "q", "a", start)),
			"Rename":      s.Rename(ctx, who.owner, who.id, "mine"),
			"Delete":      s.Delete(ctx, who.owner, who.id),
			"SetFeedback": s.SetFeedback(ctx, who.owner, who.id, "m1", conversations.Feedback{Who: who.owner + "x", Opinion: conversations.Up, At: start}),
			"SetShare":    s.SetShare(ctx, who.owner, who.id, link),
			"revoke":      s.SetShare(ctx, who.owner, who.id, nil),
			"Free":        s.Free(ctx, who.owner, who.id, me),
		} {
			coded(t, fmt.Sprintf("%s of %q %q", name, who.owner, who.id), err, fault.NotFound)
		}
		if who.owner != "ana" {
			if p := listed(t, s, who.owner, conversations.Query{Text: "why"}); len(p.Items) != 0 {
				t.Errorf("%q sees %v", who.owner, names(p))
			}
		}
	}
	c := got(t, s, "ana", "c1")
	if c.Title != "why?" || len(c.Turns) != 1 || c.Share != nil || len(c.Turns[0].Feedback) != 0 {
		t.Errorf("conversation = %+v", c)
	}
	appended(t, s, "ana", "c1", TurnOf("m2", "q", "a", start)) // me holds it still
}

// A turn that is answered anew stands where the old one stood, and MaxVersions earlier answers are kept.
func replaced(t *testing.T, open Open) {
	s := one(t, open)
	create(t, s, "ana", "c1", start)
	for i := range 3 {
		appended(t, s, "ana", "c1", TurnOf(fmt.Sprintf("m%d", i), fmt.Sprintf("question %d", i), fmt.Sprintf("oldest%d", i), start.Add(time.Duration(i)*time.Second)))
	}
	last := "m1"
	for i := range conversations.MaxVersions + 2 {
		next := TurnOf(fmt.Sprintf("n%d", i), "question 1", fmt.Sprintf("version%d", i), start.Add(time.Minute))
		next.Replaces = last
		appended(t, s, "ana", "c1", next)
		last = next.ID
	}
	c := got(t, s, "ana", "c1")
	same(t, "turns", ids(c.Turns), []string{"m0", "n4<n1<n2<n3", "m2"})
	if c.Turns[1].Replaces != "n3" {
		t.Errorf("replaces %q", c.Turns[1].Replaces)
	}
	for id, there := range map[string]bool{"m1": false, "n0": false, "n1": true, "n3": true, "n4": true} {
		turn, err := s.Turn(t.Context(), "ana", "c1", id)
		if (err == nil) != there || there && len(turn.Ledger) != 2 {
			t.Errorf("version %s: %v", id, err)
		}
	}
	if p := listed(t, s, "ana", conversations.Query{}); p.Items[0].Turns != 3 {
		t.Errorf("turns = %d", p.Items[0].Turns)
	}
	for _, old := range []string{"n3", "m9", "m1\x00"} {
		next := TurnOf("z"+old[:1], "q", "a", start)
		next.Replaces = old
		err := s.Append(t.Context(), "ana", "c1", me, next)
		if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Invalid) {
			t.Errorf("in the place of %q: %v", old, err)
		}
	}
	same(t, "turns after refusals", ids(got(t, s, "ana", "c1").Turns), []string{"m0", "n4<n1<n2<n3", "m2"})
	if p := listed(t, s, "ana", conversations.Query{Text: "version3"}); len(p.Items) != 0 {
		t.Error("an earlier version is found")
	}
}

// The oldest turns and the conversations longest unused go; what is held stays.
func bounds(t *testing.T, open Open) {
	s := open(t, conversations.Bounds{Turns: 4, Conversations: 3})()
	create(t, s, "ana", "c1", start)
	for i := range 7 {
		turn := TurnOf(fmt.Sprintf("m%d", i), "q", "a", start.Add(time.Duration(i)*time.Second))
		if i == 4 {
			turn.Replaces = "m3"
		}
		appended(t, s, "ana", "c1", turn)
	}
	same(t, "turns", ids(got(t, s, "ana", "c1").Turns), []string{"m2", "m4<m3", "m5", "m6"})
	if p := listed(t, s, "ana", conversations.Query{}); p.Items[0].Turns != 4 {
		t.Errorf("turns = %d", p.Items[0].Turns)
	}
	create(t, s, "bob", "b1", start)
	appended(t, s, "bob", "b1", TurnOf("m", "q", "a", start))
	for i := range 6 {
		at := start.Add(time.Duration(i+1) * 10 * time.Minute)
		id := fmt.Sprintf("d%d", i)
		create(t, s, "ana", id, at)
		appended(t, s, "ana", id, TurnOf("m", "q", "a", at))
		if i != 1 { // d1 is being written to
			if err := s.Free(t.Context(), "ana", id, me); err != nil {
				t.Fatal(err)
			}
		}
		if i == 0 {
			if err := s.Free(t.Context(), "ana", "c1", me); err != nil {
				t.Fatal(err)
			}
		}
	}
	p := listed(t, s, "ana", conversations.Query{})
	if n := names(p); len(n) > 4 || n[0] != "d5" || n[1] != "d4" || n[len(n)-1] != "d1" {
		t.Errorf("kept = %v", n)
	}
	if p := listed(t, s, "bob", conversations.Query{}); len(p.Items) != 1 {
		t.Error("another owner's conversation went")
	}
}

// An Append that is given up, at whatever moment, leaves a whole turn or none.
func cancelled(t *testing.T, open Open) {
	s := one(t, open)
	create(t, s, "ana", "c1", start)
	big := TurnOf("", "q", strings.Repeat("prose ", 2000), start)
	kept := 0
	acknowledged := map[string]bool{}
	for i := range 40 {
		turn := big
		turn.ID = fmt.Sprintf("m%d", i)
		after := time.Duration(rand.IntN(15_000)) * time.Microsecond //nolint:gosec // any moment
		ctx, cancel := context.WithTimeout(t.Context(), after)
		if i%8 == 0 {
			cancel()
		}
		if s.Append(ctx, "ana", "c1", me, turn) == nil {
			acknowledged[turn.ID] = true
			kept++
		}
		cancel()
	}
	appended(t, s, "ana", "c1", TurnOf("after", "q", "a", start))
	// A commit that was given up may have been done all the same: then all of it.
	c := got(t, s, "ana", "c1")
	for _, turn := range c.Turns[:len(c.Turns)-1] {
		want := big
		want.ID = turn.ID
		found, err := s.Turn(t.Context(), "ana", "c1", turn.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, turn.ID, found, want)
		delete(acknowledged, turn.ID)
	}
	if len(acknowledged) > 0 {
		t.Errorf("acknowledged and not there: %v", acknowledged)
	}
	if p := listed(t, s, "ana", conversations.Query{}); p.Items[0].Turns != len(c.Turns) {
		t.Errorf("the list says %d turns, there are %d", p.Items[0].Turns, len(c.Turns))
	}
	t.Logf("%d of 40 were kept", kept)
}

// What a question needs of a long conversation is its latest turns, the last one with its ledger: before the next answer, or before one that is made
// anew. An answer that was replaced, one that is not there, and others' conversations are not found.
func before(t *testing.T, open Open) {
	node := open(t, conversations.Bounds{Turns: 10})
	s, other := node(), node()
	create(t, s, "ana", "c1", start)
	create(t, s, "ana", "c2", start)
	appended(t, s, "ana", "c2", TurnOf("other", "q", "a", start))
	if turns, err := other.Before(t.Context(), "ana", "c1", "", 5); err != nil || len(turns) != 0 {
		t.Errorf("of an empty conversation: %v %v", ids(turns), err)
	}
	for n := range 12 {
		appended(t, s, "ana", "c1", TurnOf(fmt.Sprintf("m%02d", n), "why?", "because", start.Add(time.Duration(n)*time.Minute)))
	}
	again := TurnOf("new05", "why?", "otherwise", start.Add(time.Hour))
	again.Replaces = "m05"
	appended(t, s, "ana", "c1", again)
	if err := s.SetFeedback(t.Context(), "ana", "c1", "m11", conversations.Feedback{Who: "ana", Opinion: conversations.Up, At: start}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		message string
		most    int
		want    string
	}{
		{"", 1, "m11"}, {"", 3, "m09 m10 m11"}, {"", 50, "m02 m03 m04 new05 m06 m07 m08 m09 m10 m11"}, {"m07", 2, "new05 m06"},
		{"new05", 1, "m04"}, {"new05", 9, "m02 m03 m04"}, {"m02", 5, ""},
	} {
		turns, err := other.Before(t.Context(), "ana", "c1", tt.message, tt.most)
		if got := strings.Join(ids(turns), " "); err != nil || got != tt.want {
			t.Errorf("before %q, %d at most: %q %v, want %q", tt.message, tt.most, got, err, tt.want)
		}
		for i, turn := range turns {
			if len(turn.Ledger) > 0 != (i == len(turns)-1) || turn.Feedback != nil || turn.Earlier != nil || turn.Answer.Answer == "" {
				t.Errorf("before %q: turn %d of %d is %+v", tt.message, i, len(turns), turn)
			}
		}
	}
	for _, tt := range []struct{ owner, id, message string }{
		{"bob", "c1", ""}, {"ana", "c3", ""}, {"bob", "c1", "m07"}, {"ana", "c1", "m05"}, {"ana", "c1", "m00"}, {"ana", "c1", "other"}, {"ana", "c1", "m\x00"}, {"ana\xff", "c1", ""},
	} {
		_, err := other.Before(t.Context(), tt.owner, tt.id, tt.message, 5)
		coded(t, fmt.Sprintf("%q", tt), err, fault.NotFound)
	}
}
