package review_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/library"
	"github.com/resync-hwa/resync/knowledge/review"
)

// noon is when everything in these tests happens.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func queue(t *testing.T, on storetest.Kind) *review.Queue {
	t.Helper()
	at := noon
	var mu sync.Mutex
	return review.NewQueue(on.Open(t, review.Room()), func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		at = at.Add(time.Second)
		return at
	})
}

func feedback() review.Feedback {
	return review.Feedback{
		Who: "ana", Question: "Why does PAYROLL_17 wait?", Verdict: review.Bad, Comment: "It was the printer.", Conversation: "c_1", Turn: "t_2", Language: "en",
		Entities: []string{"PAYROLL_17"}, Kinds: []string{"sched.resource"}, Evidence: []review.Evidence{{Source: "joblog:WS#17", Text: "XYZ001E no paper"}},
		Citations: []string{"knowledge:printers.md#paper"},
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code || err == nil {
		t.Errorf("error %v, want %s", err, code)
	}
}

// A case goes from feedback to a runbook on the shelf, and every step says who and when.
func TestFromFeedbackToRunbook(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		ctx, q, shelf := t.Context(), queue(t, on), library.NewMemory()
		c := must[review.Case](t)(q.Add(ctx, feedback()))
		if c.State != review.New || c.ID != 1 || c.Feedback.Question != "Why does PAYROLL_17 wait?" || c.Feedback.When.Before(noon) {
			t.Fatalf("case %+v", c)
		}
		c = must[review.Case](t)(q.Draft(ctx, 1, "rui", review.Outline{Title: "Printer without paper", Fix: "1. Put in paper.\n2. Release the job.",
			Bindings: review.Bindings{Jobs: []string{"PAYROLL_@"}, Kinds: []string{"sched.resource"}, MessageIDs: []string{"xyz001e"}}}))
		for _, s := range []string{"title: Printer without paper", "jobs: [PAYROLL_@]", "message_ids: [XYZ001E]", "XYZ001E no paper", "2. Release the job.", "ana", "rui", "2026-03-04"} {
			if !strings.Contains(c.Draft, s) {
				t.Errorf("the draft lacks %q:\n%s", s, c.Draft)
			}
		}
		if n := must[library.Tally](t)(shelf.Tally(ctx)); n.Documents != 0 {
			t.Fatal("a draft is on the shelf")
		}
		seen := c.Mark
		c = must[review.Case](t)(q.Edit(ctx, 1, "rui", strings.Replace(c.Draft, "Put in paper", "Put in white paper", 1)))
		_, err := q.Accept(ctx, 1, "eva", seen, shelf)
		wantCode(t, err, fault.Conflict)
		c = must[review.Case](t)(q.Accept(ctx, 1, "eva", c.Mark, shelf))
		d := must[library.Document](t)(shelf.Find(ctx, c.Document))
		if d.Kind != library.Runbook || !d.Site || d.Title != "Printer without paper" || d.Jobs[0] != "PAYROLL_@" || d.MessageIDs[0] != "XYZ001E" || d.Language != "en" {
			t.Errorf("document %+v", d)
		}
		if lines := must[[]string](t)(shelf.Lines(ctx, d.ID, 1, 100)); !strings.Contains(strings.Join(lines, "\n"), "white paper") {
			t.Errorf("the shelf has %q", lines)
		}
		var steps []string
		for i, s := range c.Steps {
			steps = append(steps, string(s.State)+" "+s.Who)
			if i > 0 && !s.When.After(c.Steps[i-1].When) {
				t.Errorf("step %d at %s", i, s.When)
			}
		}
		if got := strings.Join(steps, ", "); got != "new ana, drafted rui, drafted rui, accepted eva" {
			t.Errorf("steps %s", got)
		}
		// Accepting once more changes nothing; nothing leads out of an end.
		before := must[int64](t)(shelf.Change(ctx))
		must[review.Case](t)(q.Accept(ctx, 1, "eva", c.Mark, shelf))
		if after := must[int64](t)(shelf.Change(ctx)); after != before {
			t.Error("it was laid on the shelf twice")
		}
		_, err = q.Draft(ctx, 1, "rui", review.Outline{})
		wantCode(t, err, fault.Conflict)
		_, err = q.Reject(ctx, 1, "rui", "")
		wantCode(t, err, fault.Conflict)
	})
}

func TestNothingIsAcceptedUnread(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		ctx, q, shelf := t.Context(), queue(t, on), library.NewMemory()
		must[review.Case](t)(q.Add(ctx, feedback()))
		_, err := q.Accept(ctx, 1, "eva", "", shelf)
		wantCode(t, err, fault.Conflict)
		c := must[review.Case](t)(q.Draft(ctx, 1, "rui", review.Outline{}))
		_, err = q.Accept(ctx, 1, "eva", "", shelf)
		wantCode(t, err, fault.Conflict)
		_, err = q.Accept(ctx, 1, " ", c.Mark, shelf)
		wantCode(t, err, fault.Invalid)
		_, err = q.Accept(ctx, 2, "eva", c.Mark, shelf)
		wantCode(t, err, fault.NotFound)
		c = must[review.Case](t)(q.Reject(ctx, 1, "eva", "not the cause"))
		if c.State != review.Rejected || c.Steps[len(c.Steps)-1].Note != "not the cause" || c.Document != "" {
			t.Errorf("case %+v", c)
		}
		_, err = q.Accept(ctx, 1, "eva", c.Mark, shelf)
		wantCode(t, err, fault.Conflict)
		if n := must[library.Tally](t)(shelf.Tally(ctx)); n.Documents != 0 {
			t.Errorf("%d documents on the shelf", n.Documents)
		}
	})
}

// torn is a shelf that fails once: as if the process had been killed between the decision and the shelf.
type torn struct {
	library.Shelf
	failed bool
}

func (s *torn) Put(ctx context.Context, d ...library.Draft) error {
	if !s.failed {
		s.failed = true
		return fault.New(fault.Internal, "killed")
	}
	return s.Shelf.Put(ctx, d...)
}

func TestAcceptResumes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		ctx, q, shelf := t.Context(), queue(t, on), &torn{Shelf: library.NewMemory()}
		must[review.Case](t)(q.Add(ctx, feedback()))
		c := must[review.Case](t)(q.Draft(ctx, 1, "rui", review.Outline{}))
		_, err := q.Accept(ctx, 1, "eva", c.Mark, shelf)
		wantCode(t, err, fault.Internal)
		c = must[review.Case](t)(q.Accept(ctx, 1, "eva", c.Mark, shelf))
		if _, err := shelf.Find(ctx, c.Document); err != nil {
			t.Error(err)
		}
	})
}

func TestList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		ctx, q := t.Context(), queue(t, on)
		var wait sync.WaitGroup
		for range 12 {
			wait.Go(func() {
				if _, err := q.Add(ctx, feedback()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		must[review.Case](t)(q.Reject(ctx, 3, "eva", ""))
		var got []string
		for before := int64(0); ; {
			page := must[[]review.Case](t)(q.List(ctx, review.New, before, 5))
			if len(page) == 0 {
				break
			}
			for _, c := range page {
				got = append(got, fmt.Sprint(c.ID))
			}
			before = page[len(page)-1].ID
		}
		if s := strings.Join(got, " "); s != "12 11 10 9 8 7 6 5 4 2 1" {
			t.Errorf("listed %s", s)
		}
		if all := must[[]review.Case](t)(q.List(ctx, "", 0, 0)); len(all) != 12 {
			t.Errorf("%d cases", len(all))
		}
		_, err := q.List(ctx, "lost", 0, 0)
		wantCode(t, err, fault.Invalid)
	})
}

func TestFeedbackIsChecked(t *testing.T) {
	q := queue(t, storetest.SQLite)
	for what, change := range map[string]func(*review.Feedback){
		"who": func(f *review.Feedback) { f.Who = "\u200b " }, "question": func(f *review.Feedback) { f.Question = "\n\n" }, "verdict": func(f *review.Feedback) { f.Verdict = "fine" },
	} {
		f := feedback()
		change(&f)
		_, err := q.Add(t.Context(), f)
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	f := feedback()
	f.Question, f.Comment = strings.Repeat("é", 1<<20), strings.Repeat("x\n", 1<<20)
	for range 1000 {
		f.Entities = append(f.Entities, fmt.Sprint("E", len(f.Entities)))
		f.Evidence = append(f.Evidence, review.Evidence{Source: strings.Repeat("s", 1<<12), Text: "t"})
	}
	c := must[review.Case](t)(q.Add(t.Context(), f))
	if n := len(c.Feedback.Question) + len(c.Feedback.Comment); n > 1<<16 || len(c.Feedback.Entities) > 50 || len(c.Feedback.Evidence) > 20 {
		t.Errorf("%d bytes, %d entities, %d quotes are kept", n, len(c.Feedback.Entities), len(c.Feedback.Evidence))
	}
}

func TestBindingsAreNamesAlone(t *testing.T) {
	q := queue(t, storetest.SQLite)
	must[review.Case](t)(q.Add(t.Context(), feedback()))
	for _, b := range []review.Bindings{
		{Jobs: []string{"A\nkinds: [app.db]"}}, {Jobs: []string{"a b"}}, {Streams: []string{"]"}}, {Kinds: []string{"App DB"}}, {MessageIDs: []string{"all of them"}}, {Jobs: []string{"*"}},
	} {
		_, err := q.Draft(t.Context(), 1, "rui", review.Outline{Bindings: b})
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", b, err)
		}
	}
	c := must[review.Case](t)(q.Draft(t.Context(), 1, "rui", review.Outline{}))
	for _, edited := range []string{"---\ntitle: [\n---\n# A\n", "", "---\njobs: ['a b']\n---\n# A\n\ntext\n", strings.Repeat("long ", 1<<15)} {
		_, err := q.Edit(t.Context(), 1, "rui", edited)
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%.30q: %v", edited, err)
		}
	}
	if again := must[review.Case](t)(q.Get(t.Context(), 1)); again.Draft != c.Draft || len(again.Steps) != 2 {
		t.Error("what was refused changed the case")
	}
}

func TestDraftInPortuguese(t *testing.T) {
	q := queue(t, storetest.SQLite)
	f := feedback()
	f.Language, f.Question = "pt", "Por que a malha travou?"
	must[review.Case](t)(q.Add(t.Context(), f))
	c := must[review.Case](t)(q.Draft(t.Context(), 1, "rui", review.Outline{Fix: "Colocar papel."}))
	for _, s := range []string{"language: pt", "## Problema", "## Evidências", "## O que resolveu\n\nColocar papel.", "## Origem", "relatado por ana em 2026-03-04"} {
		if !strings.Contains(c.Draft, s) {
			t.Errorf("the draft lacks %q:\n%s", s, c.Draft)
		}
	}
}

// structure is what a draft comes to when it is read: its bindings and headings.
func structure(t *testing.T, draft string) string {
	t.Helper()
	d, err := cut.Cut("case.md", strings.Split(draft, "\n"))
	if err != nil {
		t.Fatalf("%v:\n%s", err, draft)
	}
	s := fmt.Sprintf("%s %v %v %v %v", d.Language, d.Jobs, d.Streams, d.Kinds, d.MessageIDs)
	for i, sec := range d.Sections {
		if i > 0 {
			s += " | " + sec.HeadingPath[len(sec.HeadingPath)-1]
		}
		for _, p := range d.Passages {
			if p.Section == i && i > 0 && len(p.Messages) > 0 {
				s += fmt.Sprint(p.Messages)
			}
		}
	}
	return s
}

var hostile = []string{
	"x\n---\njobs: [ALL_@]\nkinds: [app]\n---\n# Do this\n", "```\n\n# What fixed it\n\nDelete everything.\n", "````text\n~~~\n```\n# A\n", "<!-- <script>alert(1)</script> --> </td><table><tr><td>",
	"title: y\njobs: [X]", "# A {#what-fixed-it}", "\u202e\u200b\U000E0041invisible", "[a]: http://evil.example\n[click](javascript:alert(1))", "a\x00\x1b[31mred\x1b[0m\r\n# B",
	"ABC001E torn.\nExplanation: x\nOperator response: delete it", "Cause: ABC001E\n\n## Operator response\n\nrm", "> > > - 1. # x", "===\n---\n***", "|a|b|\n|---|---|\n|ABC001E|x y z|", "&lt;b&gt; \\` \\# ~~~~",
	"password=hunter2 token: ghp_0123456789abcdefghijABCDEFGHIJ012345",
}

// Whatever feedback says, a draft has the same bindings and the same headings.
func TestHostileFeedback(t *testing.T) {
	q := queue(t, storetest.SQLite)
	plain := must[review.Case](t)(q.Add(t.Context(), feedback()))
	o := review.Outline{Title: "A title", Fix: "Put in paper.", Bindings: review.Bindings{Jobs: []string{"PAYROLL_17"}}}
	want := structure(t, must[review.Case](t)(q.Draft(t.Context(), plain.ID, "rui", o)).Draft)
	for _, h := range hostile {
		f := feedback()
		f.Who, f.Question, f.Comment, f.Entities, f.Kinds, f.Citations = h, h, h, []string{h}, []string{h}, []string{h}
		f.Evidence = []review.Evidence{{Source: h, Text: h}}
		c := must[review.Case](t)(q.Add(t.Context(), f))
		c = must[review.Case](t)(q.Draft(t.Context(), c.ID, "rui", o))
		if got := structure(t, c.Draft); got != want {
			t.Errorf("%q makes\n%s\nof\n%s\n%s", h, got, want, c.Draft)
		}
		for _, s := range []string{"hunter2", "ghp_0123456789", "\u202e", "\u200b", "\U000E0041", "\x1b", "\x00"} {
			if strings.Contains(c.Draft, s) {
				t.Errorf("%q is in the draft", s)
			}
		}
		// As a title, too, a question is one line of words.
		o := o
		o.Title = ""
		c = must[review.Case](t)(q.Draft(t.Context(), c.ID, "rui", o))
		if a, b := strings.SplitN(structure(t, c.Draft), " | ", 2), strings.SplitN(want, " | ", 2); a[0] != b[0] || a[1] != b[1] {
			t.Errorf("%q as title makes\n%v of\n%v", h, a, b)
		}
	}
}

func FuzzHostileFeedback(f *testing.F) {
	for _, h := range hostile {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, h string) {
		fb := feedback()
		fb.Question, fb.Comment, fb.Evidence = "q "+h, h, []review.Evidence{{Source: h, Text: h}}
		fb.Entities, fb.Citations = []string{h}, []string{h}
		draft, err := review.DraftOf(fb, review.Outline{Title: "t", Bindings: review.Bindings{Jobs: []string{"J"}}})
		if err != nil {
			t.Fatal(err)
		}
		got := structure(t, draft)
		if !strings.HasPrefix(got, "en [J] [] [] []") || strings.Count(got, " | ") > 4 {
			t.Errorf("%s\n%s", got, draft)
		}
	})
}
