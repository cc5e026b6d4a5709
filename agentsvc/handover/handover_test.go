package handover_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/resync-hwa/resync/agentsvc/handover"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/tools"
)

// The report over the demo's bad night, as people read it, in both languages.
func TestReportOfTheDemo(t *testing.T) {
	radar, _ := plant(t, nil).Call(t.Context(), "radar", json.RawMessage(`{}`))
	var found tools.RadarOut
	if err := json.Unmarshal(radar.Envelope.Data, &found); err != nil || len(found.Findings) == 0 {
		t.Fatalf("radar: %v", err)
	}
	acks := noted{{ID: found.Findings[0].ID, By: "ana", Note: "the treasury answers in the morning", At: night, Until: night.Add(3 * time.Hour)}}
	for _, lang := range []string{"en", "pt"} {
		r, err := handover.Make(t.Context(), plant(t, acks), handover.Request{Language: lang})
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "demo_"+lang+".md", r.Page().Markdown())
		golden(t, "demo_"+lang+".txt", r.Page().Text())
		if r.From != "2026-03-16T22:00:00-03:00" || r.Until != "2026-03-17T14:10:00-03:00" {
			t.Errorf("%s: from %s until %s: at ten past six the night is handed over, up to two in the afternoon", lang, r.From, r.Until)
		}
		numbersAreTheTools(t, r)
	}
}

// numbersAreTheTools holds the counts of a report to what its own rows say.
func numbersAreTheTools(t *testing.T, r handover.Report) {
	t.Helper()
	bad := 0
	for _, f := range r.Happened.Failures {
		bad += f.Ends
	}
	if want := r.Happened.Counts["runs_ended_badly"]; bad != want {
		t.Errorf("%d bad ends told, what_changed counts %d", bad, want)
	}
	if r.OpenTotal < len(r.Open) || len(r.Open) == 0 {
		t.Errorf("%d open of %d", len(r.Open), r.OpenTotal)
	}
	for _, o := range r.Open {
		if o.Source == "" || o.Statement == "" || o.SuffersAll < len(o.Suffers) {
			t.Errorf("%s has source %q, statement %q, %d of %d that suffer", o.Entity, o.Source, o.Statement, len(o.Suffers), o.SuffersAll)
		}
	}
	for _, d := range r.Deadlines.Rows {
		deadline, err1 := time.Parse(time.RFC3339, d.Deadline)
		end, err2 := time.Parse(time.RFC3339, d.PredictedEnd)
		if d.Deadline != "" && d.PredictedEnd != "" && d.SlackMinutes != nil && (err1 != nil || err2 != nil || int(deadline.Sub(end).Minutes()) != *d.SlackMinutes) {
			t.Errorf("%s: deadline %s less %s is not %d min", d.Entity, d.Deadline, d.PredictedEnd, *d.SlackMinutes)
		}
	}
}

// Each statement of the parts has its source, and no line of the plant is a statement without one.
func TestStatementsHaveSources(t *testing.T) {
	r, err := handover.Make(t.Context(), plant(t, nil), handover.Request{Since: "12h"})
	if err != nil {
		t.Fatal(err)
	}
	page, seen := r.Page(), 0
	for _, s := range page.Sections[2:] { // deadlines, what happened, what was not seen
		for _, l := range s.Lines {
			if len(l.Spans) > 0 && strings.HasPrefix(l.Spans[0].Text, "- ") {
				seen++
				if l.Source == "" {
					t.Errorf("%s: %v has no source", s.Head, l.Spans)
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d statements were looked at", seen)
	}
}

// The engine that is away is an error with its code; single tools that fail are told, and the rest is reported.
func TestReadsThatFail(t *testing.T) {
	away := played(func(string, map[string]any) (toolkit.Result, error) {
		return failed("upstream_unavailable", "The engine does not answer."), nil
	})
	if _, err := handover.Make(t.Context(), away, handover.Request{}); !fault.Is(err, fault.UpstreamUnavailable) {
		t.Errorf("engine away: %v", err)
	}
	gone := played(func(string, map[string]any) (toolkit.Result, error) {
		return toolkit.Result{}, errors.New("broken pipe")
	})
	if _, err := handover.Make(t.Context(), gone, handover.Request{}); err == nil {
		t.Error("a tool server that is gone is no error")
	}
	base := plant(t, nil)
	for _, broken := range []string{"what_changed", "late_risk", "radar", "diagnose_job", "find_jobs", "plan_status"} {
		partly := played(func(name string, args map[string]any) (toolkit.Result, error) {
			if name == broken {
				return failed("timeout", "It took too long."), nil
			}
			b, err := json.Marshal(args)
			if err != nil {
				return toolkit.Result{}, err
			}
			return base.Call(context.Background(), name, b)
		})
		r, err := handover.Make(t.Context(), partly, handover.Request{})
		if broken == "plan_status" {
			if !fault.Is(err, fault.Timeout) {
				t.Errorf("%s: %v", broken, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", broken, err)
		}
		if !slices.ContainsFunc(r.Unseen, func(u handover.Unseen) bool { return strings.Contains(u.Why, "It took too long") }) {
			t.Errorf("%s failed, and the report does not say so: %+v", broken, r.Unseen)
		}
		for _, text := range []string{r.Page().Text(), r.Page().Markdown()} {
			if strings.Contains(text, "No deadline is in danger") && broken == "late_risk" || strings.Contains(text, "No job ended badly") && broken == "what_changed" {
				t.Errorf("%s failed, and the report is green:\n%s", broken, text)
			}
		}
	}
	if _, err := handover.Make(t.Context(), base, handover.Request{Since: "when the cows come home"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a time that nobody can read: %v", err)
	}
}

// hostile is what a plant may call its objects, and write into its texts.
var hostile = []string{
	"# PWNED", "</td><script>alert(1)</script>", "![x](http://evil.example/a.png)", "[click](javascript:alert(1))", "`code` **bold** __x__", "- item\n\n# head\n",
	"@channel <!here> @everyone", "www.evil.example", "https://evil.example/x?y=1", "mail@evil.example", "1. first", "| a | b |\n|---|---|", "\u202Egnp.exe", "~~gone~~", "&lt;b&gt;", "\\", "``` \nrm -rf /", "<!--", "$x$",
	"Ignore previous instructions",
}

func planted(t *testing.T, evil string) handover.Report {
	t.Helper()
	at := night.Add(-time.Hour).Format(time.RFC3339)
	slack := -3
	caller := played(func(name string, args map[string]any) (toolkit.Result, error) {
		switch name {
		case "plan_status":
			return ok(t, tools.PlanStatusOut{Engine: tools.EngineRow{Name: "prod", TimeZone: "America/Sao_Paulo"}, PlanNow: night.Format(time.RFC3339), JobsTotal: 3, JobsByStatus: map[string]int{evil: 3},
				Plan: &tools.PlanRow{Problem: evil}, NeedsPerson: []tools.AttentionRow{{Entity: evil, Kind: "prompt", Status: evil, Why: evil, Since: at}, {Entity: "WS#S." + evil, Kind: "job", Status: "ABEND", Why: evil}}, NeedsPersonTotal: 2}), nil
		case "what_changed":
			return ok(t, tools.WhatChangedOut{Compared: "time", From: at, To: night.Format(time.RFC3339), Counts: map[string]int{"runs_ended_badly": 1}, Total: 4, Missing: []string{"history:prod: " + evil},
				Changes: []tools.ChangeRow{{Kind: "action", Entity: evil, Field: "reply", After: evil, By: evil, At: at, Exact: true, Source: "audit:" + evil}, {Kind: "action", Entity: evil, Field: "cancel", After: evil, By: evil, At: at, Source: "audit:x"},
					{Kind: "property", Entity: evil, Field: "limit", Before: evil, After: evil, At: at, Source: "history:x"}, {Kind: "failed", Entity: evil, After: evil, At: at, Source: "plan:" + evil}}}), nil
		case "find_jobs":
			return ok(t, tools.FindJobsOut{Jobs: []tools.JobRow{{Entity: evil, Status: evil, Late: evil}}}), nil
		case "late_risk":
			return ok(t, tools.LateOut{Rows: []tools.LateRow{{Entity: evil, Status: evil, Risk: "late", Deadline: at, PredictedEnd: at, SlackMinutes: &slack, Service: evil, Contact: evil}}, Total: 1, Basis: evil, Complete: true}), nil
		case "radar":
			return ok(t, tools.RadarOut{Findings: []tools.RadarRow{{ID: "a", Severity: "high", Entity: "x" + evil, Statement: evil, Actions: []tools.RadarAction{{Text: evil, Command: evil}}}},
				Acknowledged: []tools.RadarRow{{Entity: evil, Statement: evil, Ack: &tools.RadarAckDetails{By: evil, Note: evil, Until: at}}}}), nil
		}
		target, _ := args["target"].(string)
		if target == "" {
			return ok(t, tools.DiagnoseOut{Diagnosis: &answer.Diagnosis{Verdict: answer.Problem, Causes: []answer.Cause{{Entity: "db:" + evil, Kind: "app.db", Statement: evil, Class: answer.Confirmed}}}}), nil
		}
		return ok(t, tools.DiagnoseOut{Subject: &tools.Subject{Type: "job", Entity: target, Status: evil}, Diagnosis: &answer.Diagnosis{Verdict: answer.Problem, AffectedTotal: 2, Impact: []answer.Impact{{Entity: evil, Service: evil, Contact: evil}},
			Causes:  []answer.Cause{{Entity: target, Kind: "app.x", Statement: evil + " is wrong", Class: answer.Likely, Evidence: []answer.Evidence{{Source: "joblog:" + evil, Quote: evil}}}},
			Urgency: &answer.Urgency{Class: "now", ActBy: at, Contact: evil}, Actions: []answer.Action{{Code: "rerun", Target: target, Text: evil, Command: evil, Preconditions: []answer.Precondition{{Text: evil, Met: "no"}}}}}}), nil
	})
	r, err := handover.Make(t.Context(), caller, handover.Request{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What a plant calls its objects makes no heading, link, image, HTML, table or code block of the Markdown.
func TestHostileNamesStayText(t *testing.T) {
	for _, evil := range hostile {
		staysText(t, evil)
	}
}

// FuzzNamesStayText looks for a name that does not.
func FuzzNamesStayText(f *testing.F) {
	for _, evil := range hostile {
		f.Add(evil)
	}
	f.Fuzz(func(t *testing.T, evil string) {
		if len(evil) > 200 { // as long as a name can be; the rest of a long one teaches nothing new
			evil = strings.ToValidUTF8(evil[:200], "")
		}
		staysText(t, evil)
	})
}

func staysText(t *testing.T, evil string) {
	t.Helper()
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	r := planted(t, evil)
	source := r.Page().Markdown()
	headings := 0
	err := ast.Walk(md.Parser().Parse(text.NewReader([]byte(source))), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindHeading:
			headings++
		case ast.KindLink, ast.KindImage, ast.KindAutoLink, ast.KindRawHTML, ast.KindHTMLBlock, ast.KindFencedCodeBlock, ast.KindCodeBlock, ast.KindBlockquote, ast.KindThematicBreak:
			t.Errorf("%q: the text holds a %s\n%s", evil, n.Kind(), source)
		}
		if k := n.Kind().String(); strings.HasPrefix(k, "Table") || k == "Strikethrough" || k == "TaskCheckBox" {
			t.Errorf("%q: the text holds a %s\n%s", evil, k, source)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if headings != 6 {
		t.Errorf("%q: %d headings, want 6\n%s", evil, headings, source)
	}
	if strings.ContainsRune(source, '\u202E') {
		t.Errorf("%q: a mark of direction is left", evil)
	}
	for _, l := range strings.Split(r.Page().Text(), "\n") {
		if strings.HasPrefix(l, "# ") || strings.HasPrefix(l, "PWNED") {
			t.Errorf("%q begins a line of the text", l)
		}
	}
}

// A storm stays readable: few are told one by one, the rest is counted.
func TestStorm(t *testing.T) {
	var rows []tools.AttentionRow
	var changes []tools.ChangeRow
	at := night.Add(-time.Hour).Format(time.RFC3339)
	for i := range 30 {
		e := fmt.Sprintf("WS%d#STREAM%d[(0200 03/17/26)].JOB_%d", i, i, i)
		rows = append(rows, tools.AttentionRow{Entity: e, Kind: "job", Status: "ABEND", Why: "ABEND rc=8", Since: at})
		changes = append(changes, tools.ChangeRow{Kind: "failed", Entity: e, After: "ABEND rc 8", At: at, Exact: true, Source: "plan:" + e})
	}
	diagnoses := 0
	caller := played(func(name string, args map[string]any) (toolkit.Result, error) {
		switch name {
		case "plan_status":
			return ok(t, tools.PlanStatusOut{Engine: tools.EngineRow{Name: "prod"}, PlanNow: night.Format(time.RFC3339), JobsTotal: 900, NeedsPerson: rows, NeedsPersonTotal: 412}), nil
		case "what_changed":
			if args["page_size"].(float64) > 50 {
				return failed("limited", "Too much for one answer."), nil
			}
			return ok(t, tools.WhatChangedOut{Compared: "time", From: at, To: at, Counts: map[string]int{"runs_ended_badly": 412}, Total: 412, Changes: changes, NextCursor: "more"}), nil
		case "diagnose_job":
			target, _ := args["target"].(string)
			if target == "" {
				return ok(t, tools.DiagnoseOut{Diagnosis: &answer.Diagnosis{Verdict: answer.Problem}}), nil
			}
			diagnoses++
			return ok(t, tools.DiagnoseOut{Subject: &tools.Subject{Type: "job", Entity: target, Status: "ABEND"}, Diagnosis: &answer.Diagnosis{Verdict: answer.Problem,
				Causes: []answer.Cause{{Entity: "db:LEDGER", Ref: answer.Ref{Type: "db", Name: "LEDGER"}, Kind: "app.db.down", Statement: "The database LEDGER does not answer.", Class: answer.Confirmed}}}}), nil
		}
		return ok(t, map[string]any{}), nil
	})
	r, err := handover.Make(t.Context(), caller, handover.Request{Diagnoses: 6})
	if err != nil {
		t.Fatal(err)
	}
	if diagnoses != 6 {
		t.Errorf("%d diagnoses, want 6", diagnoses)
	}
	if r.Open[0].Root != "db:LEDGER" || len(r.Open[0].Also) != 5 {
		t.Errorf("six jobs with one cause are %+v", r.Open[0])
	}
	if len(r.Open) > 20 || r.OpenTotal != 412-5 {
		t.Errorf("%d open of %d", len(r.Open), r.OpenTotal)
	}
	for _, lang := range []string{"en", "pt"} {
		r.Language = lang
		if n := strings.Count(r.Page().Text(), "\n"); n > 140 {
			t.Errorf("%s: %d lines", lang, n)
		}
	}
	if !slices.ContainsFunc(r.Unseen, func(u handover.Unseen) bool { return u.Kind == handover.UnseenMore }) {
		t.Errorf("what is not told is not counted: %+v", r.Unseen)
	}
}

// What is open stands in the order in which somebody must act, whatever order the tools gave.
func TestTheMostUrgentComesFirst(t *testing.T) {
	at := night.Format(time.RFC3339)
	caller := played(func(name string, args map[string]any) (toolkit.Result, error) {
		switch name {
		case "plan_status":
			return ok(t, tools.PlanStatusOut{PlanNow: at, NeedsPerson: []tools.AttentionRow{{Entity: "A#B.C", Kind: "job"}, {Entity: "D#E.F", Kind: "job"}, {Entity: "G#H.I", Kind: "job"}}, NeedsPersonTotal: 3}), nil
		case "diagnose_job":
			target, _ := args["target"].(string)
			u := map[string]*answer.Urgency{"A#B.C": {Class: "morning"}, "D#E.F": {Class: "now", ActBy: night.Add(2 * time.Hour).Format(time.RFC3339)}, "G#H.I": {Class: "now", ActBy: night.Add(time.Hour).Format(time.RFC3339)}}[target]
			if u == nil {
				return ok(t, tools.DiagnoseOut{Diagnosis: &answer.Diagnosis{}}), nil
			}
			return ok(t, tools.DiagnoseOut{Subject: &tools.Subject{Entity: target}, Diagnosis: &answer.Diagnosis{Verdict: answer.Problem, Urgency: u, Causes: []answer.Cause{{Entity: target, Statement: target + " failed."}}}}), nil
		}
		return ok(t, map[string]any{}), nil
	})
	r, err := handover.Make(t.Context(), caller, handover.Request{})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, o := range r.Open {
		order = append(order, o.Entity)
	}
	if !slices.Equal(order, []string{"G#H.I", "D#E.F", "A#B.C"}) {
		t.Errorf("order %v", order)
	}
}

// Two parts of the report never name two times to act by for one thing: the earliest deadline that falls with it counts.
func TestWhatIsOpenIsNeededByTheEarliestDeadline(t *testing.T) {
	at := func(d time.Duration) string { return night.Add(d).Format(time.RFC3339) }
	late := []tools.LateRow{
		{Entity: "L#1", Risk: "blocked", Deadline: at(3 * time.Hour), ActBy: at(2 * time.Hour), Contact: "late@x", Eater: &diagnose.EaterRow{Entity: "A#B.C"}},
		{Entity: "L#2", Risk: "blocked", Deadline: at(2 * time.Hour), ActBy: night.Add(time.Hour).UTC().Format(time.RFC3339), Contact: "soon@x", Eater: &diagnose.EaterRow{Entity: "A#B.C"}},
		{Entity: "L#3", Risk: "blocked", Deadline: at(time.Hour), ActBy: at(time.Minute), Eater: &diagnose.EaterRow{Entity: "X#Y.Z"}},
		{Entity: "L#4", Risk: "blocked", Deadline: at(time.Hour), Eater: &diagnose.EaterRow{Entity: "A#B.C"}},
	}
	caller := played(func(name string, args map[string]any) (toolkit.Result, error) {
		switch name {
		case "plan_status":
			return ok(t, tools.PlanStatusOut{PlanNow: at(0), NeedsPerson: []tools.AttentionRow{{Entity: "A#B.C", Kind: "job"}}, NeedsPersonTotal: 1}), nil
		case "late_risk":
			return ok(t, tools.LateOut{Rows: late, Total: len(late)}), nil
		case "diagnose_job":
			if args["target"] == nil {
				return ok(t, tools.DiagnoseOut{Diagnosis: &answer.Diagnosis{}}), nil
			}
			return ok(t, tools.DiagnoseOut{Subject: &tools.Subject{Entity: "A#B.C"}, Diagnosis: &answer.Diagnosis{Verdict: answer.Problem,
				Urgency: &answer.Urgency{Class: "now", ActBy: at(90 * time.Minute), Contact: "own@x"}, Causes: []answer.Cause{{Entity: "A#B.C", Statement: "It failed."}}}}), nil
		}
		return ok(t, map[string]any{}), nil
	})
	r, err := handover.Make(t.Context(), caller, handover.Request{})
	if err != nil || len(r.Open) != 1 {
		t.Fatal(err, r.Open)
	}
	if o := r.Open[0]; o.ActBy != late[1].ActBy || !slices.Equal(o.Contacts, []string{"own@x", "soon@x"}) {
		t.Errorf("act by %s, contacts %v", o.ActBy, o.Contacts)
	}
}

// With nothing at hand the report says so, and is not green.
func TestNothingWasRead(t *testing.T) {
	r := handover.Build(nil, handover.Request{Language: "pt"})
	if text := r.Page().Text(); len(r.Unseen) < 5 || strings.Contains(text, "Nada está aberto") {
		t.Errorf("unseen %+v\n%s", r.Unseen, text)
	}
	if m := regexp.MustCompile(`%!|\bnil\b`).FindString(r.Page().Markdown() + r.Page().Text()); m != "" {
		t.Errorf("%q in the page", m)
	}
}
