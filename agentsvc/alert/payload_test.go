package alert_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/resync-hwa/resync/agentsvc/alert"
	"github.com/resync-hwa/resync/twstools/answer"
)

func night() alert.Message {
	at := "2026-03-17T03:10:00-03:00"
	prompt := alert.Finding{ID: "razjnpacnw5q", Source: alert.FromRadar, Kind: "prompt_asked", Severity: alert.High, Entity: "PAYLIMIT", Ref: answer.Ref{Engine: "prod", Type: "prompt", Folder: "/", Name: "PAYLIMIT"},
		Since: "2026-03-17T00:12:00-03:00", Contact: "treasury@farol.example", Evidence: "prompt:PAYLIMIT",
		Statement: map[string]string{"en": "Prompt PAYLIMIT has been waiting for an answer since 2026-03-17T00:12:00-03:00.", "pt": "O prompt PAYLIMIT espera resposta desde 2026-03-17T00:12:00-03:00."}, Act: map[string]string{"en": "Ask whoever owns PAYLIMIT to decide.", "pt": "Pedir a decisão a quem responde por PAYLIMIT."}}
	late := alert.Finding{ID: "t7klolh754ui", Source: alert.FromLate, Kind: "late", Severity: alert.Critical, Entity: "LXGL01#GLPOST[(0300 03/17/26)]", Ref: answer.Ref{Engine: "prod", Type: "job_stream", JobStreamID: "0AAAAAAAAAAAC3Q7"},
		Deadline: "2026-03-17T04:00:00-03:00", ActBy: "2026-03-17T03:20:00-03:00", Evidence: "plan:LXGL01#GLPOST[(0300 03/17/26)]",
		Statement: map[string]string{"en": "LXGL01#GLPOST[(0300 03/17/26)] will be late, deadline 2026-03-17T04:00:00-03:00.", "pt": "LXGL01#GLPOST[(0300 03/17/26)] vai atrasar, prazo 2026-03-17T04:00:00-03:00."}}
	over := alert.Finding{ID: "zafe4ccgoaln", Source: alert.FromAbend, Kind: "abend", Severity: alert.High, Entity: "LX1#PAY[(0100 03/17/26)].LOAD", Ref: answer.Ref{Engine: "prod", Type: "job", JobStreamID: "0AAAAAAAAAAAC3Q8", Job: "LOAD"}, Since: "2026-03-16T23:40:00-03:00",
		Evidence: "plan:LX1#PAY[(0100 03/17/26)].LOAD", Statement: map[string]string{"en": "LX1#PAY[(0100 03/17/26)].LOAD ended badly: ABEND rc 8.", "pt": "LX1#PAY[(0100 03/17/26)].LOAD terminou mal: ABEND rc 8."}}
	return alert.Message{ID: "a_EXAMPLE", Engine: "prod", Mode: "live", At: at, More: 3, Events: []alert.Event{
		{What: alert.Worse, Finding: late, Before: alert.High, First: "2026-03-17T05:00:00Z"}, {What: alert.Appeared, Finding: prompt, First: "2026-03-17T06:10:00Z"}, {What: alert.Ended, Finding: over, First: "2026-03-17T02:41:00Z"}}}
}

// The three forms, in both languages, as receivers get them.
func TestPayloads(t *testing.T) {
	for _, kind := range []string{alert.Generic, alert.Teams, alert.Slack} {
		for _, lang := range []string{"en", "pt"} {
			body, err := alert.Body(kind, lang, "ops", night())
			if err != nil {
				t.Fatal(err)
			}
			golden(t, kind+"_"+lang+".json", body)
		}
	}
	if _, err := alert.Body("pager", "en", "ops", night()); err == nil {
		t.Error("an unknown kind is taken")
	}
}

// Texts of a plant call nobody, link nowhere and format nothing: in Slack they are plain_text with control characters escaped, in Teams TextRuns.
func TestHostileTexts(t *testing.T) {
	for _, evil := range []string{"<!here> <!channel> <@U123>", "<http://evil.example|click>", "@channel @everyone", "*bold* _it_ ~s~ `c`", "[click](http://evil.example)", "![x](http://evil.example/x.png)",
		"<at>Everyone</at>", "{{DATE(2026-03-17T00:00:00Z)}}", "${system.now}", "\"},{\"type\":\"image\"", "line\nfeed\r\n# head", "\u202Egnp.exe\u200b", "\x1b[31mred", strings.Repeat("é", 5000), "&amp;lt;", "a\xffb"} {
		m := night()
		m.Engine, m.Mode = evil, evil
		for i := range m.Events {
			f := &m.Events[i].Finding
			f.Entity, f.Contact, f.Evidence, f.ID, f.Kind = evil, evil, evil, evil, evil
			f.Statement, f.Act = map[string]string{"en": evil}, map[string]string{"en": evil}
		}
		for _, kind := range []string{alert.Teams, alert.Slack, alert.Generic} {
			body, err := alert.Body(kind, "en", "ops", m)
			if err != nil {
				t.Fatal(err)
			}
			if kind != alert.Generic && len(body) > 25<<10 {
				t.Errorf("%s: %d bytes", kind, len(body))
			}
			var v any
			if err := json.Unmarshal(body, &v); err != nil {
				t.Fatal(err)
			}
			if kind != alert.Generic {
				walk(t, kind, "", v)
			}
		}
	}
}

// walk looks at every text of a payload for people.
func walk(t *testing.T, kind, key string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if typ, ok := v["type"].(string); ok {
			allowed := map[string]string{alert.Slack: "header section context plain_text", alert.Teams: "message AdaptiveCard RichTextBlock TextRun"}[kind]
			if !strings.Contains(" "+allowed+" ", " "+typ+" ") {
				t.Errorf("%s: a part of type %q", kind, typ)
			}
		}
		if kind == alert.Slack && key == "" && v["mrkdwn"] != false {
			t.Error("slack: mark-up is on")
		}
		for k, one := range v {
			walk(t, kind, k, one)
		}
	case []any:
		for _, one := range v {
			walk(t, kind, key, one)
		}
	case string:
		if key != "text" {
			return
		}
		if kind == alert.Slack && strings.ContainsAny(v, "<>") {
			t.Errorf("slack: %q holds a control character", v)
		}
		if kind == alert.Teams && strings.Contains(v, "{{") {
			t.Errorf("teams: %q holds a function", v)
		}
		if strings.ContainsAny(v, "\n\r\x1b\u202E\u200b") || !utf8.ValidString(v) || utf8.RuneCountInString(v) > 2900 {
			t.Errorf("%s: %.80q (%d characters)", kind, v, utf8.RuneCountInString(v))
		}
	}
}

// A storm is told by its worst and its size.
func TestStormIsShort(t *testing.T) {
	m := night()
	for i := range 97 {
		m.Events = append(m.Events, alert.Event{What: alert.Appeared, Finding: finding(fmt.Sprint("x", i), alert.High), First: monday.Format(time.RFC3339)})
	}
	for kind, blocks := range map[string]int{alert.Slack: 50, alert.Teams: 50} {
		body, err := alert.Body(kind, "en", "ops", m)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(body), `"section"`) + strings.Count(string(body), `"RichTextBlock"`); n > blocks/2 || !strings.Contains(string(body), "93 more") {
			t.Errorf("%s: %d blocks\n%s", kind, n, body)
		}
	}
}
