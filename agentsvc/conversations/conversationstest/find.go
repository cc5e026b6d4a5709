package conversationstest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
)

// Pages show each conversation once, the latest used first, whatever comes in between.
func pages(t *testing.T, open Open) {
	s := one(t, open)
	add := func(id string, at time.Time) {
		create(t, s, "ana", id, at)
		appended(t, s, "ana", id, TurnOf("m", "q", "a", at))
	}
	for i := range 25 {
		add(fmt.Sprintf("c%02d", i), start.Add(time.Duration(i/3)*time.Second)) // three of each time
	}
	want := names(listed(t, s, "ana", conversations.Query{Limit: 100}))
	if len(want) != 25 || want[0] != "c24" || !slices.IsSortedFunc(want, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("all = %v", want)
	}
	var seen []string
	q := conversations.Query{Limit: 4}
	for i := range 10 {
		p := listed(t, s, "ana", q)
		seen = append(seen, names(p)...)
		if q.After = p.Next; q.After == "" {
			break
		}
		add(fmt.Sprintf("new%d", i), start.Add(time.Hour+time.Duration(i)*time.Second))
		if i == 1 { // one that was shown is used again, and one is that was not
			appended(t, s, "ana", "c24", TurnOf("again", "q", "a", start.Add(2*time.Hour)))
			appended(t, s, "ana", "c03", TurnOf("again", "q", "a", start.Add(2*time.Hour)))
		}
		if i == 2 {
			if err := s.Delete(t.Context(), "ana", "c05"); err != nil {
				t.Fatal(err)
			}
		}
	}
	want = slices.DeleteFunc(want, func(id string) bool { return id == "c03" || id == "c05" }) // c03 moved to the front
	same(t, "seen", seen, want)
	if p := listed(t, s, "ana", conversations.Query{}); len(p.Items) != conversations.DefaultPage || p.Next == "" {
		t.Errorf("a page has %d", len(p.Items))
	}
	if p := listed(t, s, "ana", conversations.Query{Limit: 1000}); len(p.Items) > conversations.MaxPage || len(p.Items) < 25 {
		t.Errorf("a page has %d", len(p.Items))
	}
	next := listed(t, s, "ana", conversations.Query{Limit: 1}).Next
	for _, q := range []conversations.Query{{After: "x"}, {After: "AAAA"}, {After: next, Text: "q"}, {After: next + "\x00"}, {After: "\xff"}} {
		_, err := s.List(t.Context(), "ana", q)
		coded(t, fmt.Sprintf("cursor %+v", q), err, fault.Invalid)
	}
}

// A search goes over questions, answers and what the diagnosis names, in any case and accent; all words must stand in one turn or in the title.
func search(t *testing.T, open Open) {
	s := one(t, open)
	add := func(id, question, prose string, more ...string) {
		at := start.Add(time.Duration(len(id)) * time.Second)
		create(t, s, "ana", id, at)
		turn := TurnOf("m1", question, prose, at)
		turn.Answer.Diagnosis, turn.Asked.Entity = nil, ""
		appended(t, s, "ana", id, turn)
		for i, q := range more {
			next := TurnOf(fmt.Sprintf("m%d", i+2), q, "", at)
			next.Answer.Diagnosis, next.Asked.Entity = nil, ""
			appended(t, s, "ana", id, next)
		}
	}
	add("a", "Por que o ESTOQUE não carregou às 3h?", "A conta está bloqueada em **ORA_DB**.", "e o que vem depois?")
	add("bb", "why did PAY_LOAD abend", "disk 100% full \\ in C:\\temp", "which is late")
	add("ccc", "PAYXLOAD", "nothing")
	create(t, s, "ana", "dddd", start.Add(time.Hour))
	appended(t, s, "ana", "dddd", TurnOf("m1", "status", "fine", start.Add(time.Hour))) // its diagnosis names PAY_LOAD and ORA-28000
	if err := s.Rename(t.Context(), "ana", "ccc", "Água e Sal"); err != nil {
		t.Fatal(err)
	}
	create(t, s, "bob", "bobs", start)
	appended(t, s, "bob", "bobs", TurnOf("m1", "estoque PAY_LOAD", "", start))
	for text, want := range map[string][]string{
		"estoque": {"a"}, "ESTOQUÊ NAO": {"a"}, "bloqueada estoque": {"a"}, "depois estoque": nil, "esta bloqueada": {"a"}, "agua SAL": {"ccc"}, "agua nothing": nil,
		"pay_load": {"dddd", "bb"}, "ora-28000": {"dddd"}, "100%": {"bb"}, "%": {"bb"}, `\`: {"bb"}, `c:\temp`: {"bb"}, "_oad": nil, "late": {"bb"},
		"paY": {"dddd", "ccc", "bb"}, "' OR 1=1 --": nil, "app.db.auth": {"dddd"}, "\x00estoque\x00": {"a"}, "\xffestoque": nil,
		"   ": {"dddd", "ccc", "bb", "a"}, strings.Repeat("estoque ", 500): {"a"},
	} {
		if n := names(listed(t, s, "ana", conversations.Query{Text: text})); !slices.Equal(n, want) {
			t.Errorf("search %.40q: %v, want %v", text, n, want)
		}
	}
	p := listed(t, s, "ana", conversations.Query{Text: "pay", Limit: 1})
	next := listed(t, s, "ana", conversations.Query{Text: "pay", Limit: 2, After: p.Next})
	if p.Total != 3 || next.Total != 3 {
		t.Errorf("totals = %d and %d, want 3", p.Total, next.Total)
	}
	same(t, "pages of a search", append(names(p), names(next)...), []string{"dddd", "ccc", "bb"})
	for text, want := range map[string]conversations.Match{
		"BLOQUEADA": {MessageID: "m1", Excerpt: "A conta está bloqueada em **ORA_DB**."}, "agua": {Excerpt: "Água e Sal"}, "late": {MessageID: "m2", Excerpt: "which is late"},
		"28000": {MessageID: "m1", Excerpt: "ORA-28000: the account is locked"},
	} {
		if p := listed(t, s, "ana", conversations.Query{Text: text}); len(p.Items) != 1 || p.Items[0].Match == nil || *p.Items[0].Match != want {
			t.Errorf("match of %q: %s", text, shown(p.Items))
		}
	}
}

// A link shows what was there when it was made, until it expires or is revoked.
func shared(t *testing.T, open Open) {
	s := one(t, open)
	ctx := t.Context()
	create(t, s, "ana", "c1", start)
	appended(t, s, "ana", "c1", TurnOf("m1", "q1", "a1", start))
	appended(t, s, "ana", "c1", TurnOf("m2", "q2", "a2", start))
	if err := s.SetFeedback(ctx, "ana", "c1", "m1", conversations.Feedback{Who: "ana", Opinion: conversations.Down, Words: "no", At: start}); err != nil {
		t.Fatal(err)
	}
	link := conversations.Share{Hash: conversations.TokenHash("token"), Created: start, Expires: start.Add(time.Hour)}
	if err := s.SetShare(ctx, "ana", "c1", &link); err != nil {
		t.Fatal(err)
	}
	appended(t, s, "ana", "c1", TurnOf("m3", "private", "a3", start))
	again := TurnOf("n2", "q2", "better", start)
	again.Replaces = "m2"
	appended(t, s, "ana", "c1", again)
	c, err := s.Shared(ctx, link.Hash, start.Add(time.Hour-1))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "shared", ids(c.Turns), []string{"m1", "n2<m2"})
	if c.Turns[0].Ledger != nil || c.Turns[0].Feedback != nil || c.Title != "q1" {
		t.Errorf("a link shows %+v", c.Turns[0])
	}
	if c := got(t, s, "ana", "c1"); c.Share == nil || *c.Share != link {
		t.Errorf("share = %+v", c.Share)
	}
	gone := func(what, hash string, at time.Time) {
		t.Helper()
		_, err := s.Shared(ctx, hash, at)
		coded(t, what, err, fault.NotFound)
	}
	gone("an expired link", link.Hash, start.Add(time.Hour))
	gone("the token itself", "token", start)
	for _, hash := range []string{"", "%", "\x00", "\xff"} {
		gone("no link", hash, start)
	}
	second := conversations.Share{Hash: conversations.TokenHash("other"), Created: start, Expires: start.Add(time.Hour)}
	if err := s.SetShare(ctx, "ana", "c1", &second); err != nil {
		t.Fatal(err)
	}
	gone("a link with another in its place", link.Hash, start)
	if c, err := s.Shared(ctx, second.Hash, start); err != nil || len(c.Turns) != 3 {
		t.Errorf("the second link: %v %v", ids(c.Turns), err)
	}
	if err := s.SetShare(ctx, "ana", "c1", nil); err != nil {
		t.Fatal(err)
	}
	gone("a revoked link", second.Hash, start)
	if err := s.SetShare(ctx, "ana", "c1", nil); err != nil {
		t.Errorf("revoked twice: %v", err)
	}
	create(t, s, "ana", "c2", start)
	if err := s.SetShare(ctx, "ana", "c2", &link); err != nil {
		t.Fatal(err)
	}
	appended(t, s, "ana", "c2", TurnOf("m1", "later", "a", start))
	if c, err := s.Shared(ctx, link.Hash, start); err != nil || len(c.Turns) != 0 {
		t.Errorf("a link to nothing shows %v, %v", ids(c.Turns), err)
	}
	if err := s.Delete(ctx, "ana", "c2"); err != nil {
		t.Fatal(err)
	}
	gone("the link of a deleted one", link.Hash, start)
}

// One word of each person on each answer, which they can change and take back.
func feedback(t *testing.T, open Open) {
	s := one(t, open)
	ctx := t.Context()
	create(t, s, "ana", "c1", start)
	appended(t, s, "ana", "c1", TurnOf("m1", "q1", "a1", start))
	set := func(message string, f conversations.Feedback) error {
		return s.SetFeedback(ctx, "ana", "c1", message, f)
	}
	up := conversations.Feedback{Who: "ana", Name: "Ana", Opinion: conversations.Up, At: start}
	down := conversations.Feedback{Who: "ana", Name: "Ana", Opinion: conversations.Down, Words: "wrong job, it is Ünï", At: start.Add(time.Minute), Reported: true}
	bob := conversations.Feedback{Who: "bob", Name: "Bob", Opinion: conversations.Up, At: start.Add(2 * time.Minute)}
	for _, f := range []conversations.Feedback{up, down, bob} {
		if err := set("m1", f); err != nil {
			t.Fatal(err)
		}
	}
	want := []conversations.Feedback{down, bob}
	same(t, "feedback", got(t, s, "ana", "c1").Turns[0].Feedback, want)
	turn, err := s.Turn(ctx, "ana", "c1", "m1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "feedback of the turn", turn.Feedback, want)
	again := TurnOf("n1", "q1", "better", start)
	again.Replaces = "m1"
	appended(t, s, "ana", "c1", again)
	if f := got(t, s, "ana", "c1").Turns[0].Feedback; len(f) != 0 {
		t.Errorf("a new answer has the feedback of the old: %v", f)
	}
	if old, err := s.Turn(ctx, "ana", "c1", "m1"); err != nil || len(old.Feedback) != 2 {
		t.Errorf("the old answer lost its feedback: %v, %v", old.Feedback, err)
	}
	if err := set("m1", conversations.Feedback{Who: "ana", At: start}); err != nil {
		t.Fatal(err)
	}
	if old, err := s.Turn(ctx, "ana", "c1", "m1"); err != nil || len(old.Feedback) != 1 {
		t.Errorf("feedback was not taken back: %v, %v", old.Feedback, err)
	}
	coded(t, "on no answer", set("m9", up), fault.NotFound)
	coded(t, "on a broken name", set("m1\x00", up), fault.NotFound)
	coded(t, "of nobody", set("m1", conversations.Feedback{Opinion: conversations.Up}), fault.Invalid)
}
