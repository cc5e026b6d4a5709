package compose_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// TestPhrases compares the two languages: the same keys, the same places.
func TestPhrases(t *testing.T) {
	b, err := os.ReadFile("prose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string]string
	if err := yaml.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`\{[a-z]+\}`)
	for key, en := range all["en"] {
		pt, ok := all["pt"][key]
		if !ok {
			t.Errorf("pt lacks %s", key)
			continue
		}
		a, b := place.FindAllString(en, -1), place.FindAllString(pt, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: places %v and %v", key, a, b)
		}
	}
	if len(all["en"]) != len(all["pt"]) || len(all["en"]) < 100 {
		t.Errorf("phrases: %d and %d", len(all["en"]), len(all["pt"]))
	}
}

func abend(t *testing.T, change func(*tools.DiagnoseOut)) conversations.Call {
	t.Helper()
	out, src := composetest.Abend("en")
	if change != nil {
		change(&out)
	}
	return composetest.Entry("t1", "diagnose_job", map[string]any{"target": "INV_LOAD", "language": "en"}, composetest.OK(out, src...))
}

func TestBuild(t *testing.T) {
	in := compose.Input{Question: "why?", ConversationID: "c_1", MessageID: "m_1", Asked: understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD", Language: "en"},
		Ledger: conversations.Ledger{abend(t, nil)}, Model: "offline", Defaults: answer.EngineInfo{Name: "x", Mode: "mock", API: "v1"}}
	a := compose.Build(in)
	if a.Engine != (answer.EngineInfo{Name: "default", Mode: "live", API: "v2"}) || a.Clocks.PlanNow != composetest.Now || a.DataAsOf != "2026-03-17T05:24:58-03:00" {
		t.Errorf("engine = %+v, clocks = %+v, as of %s", a.Engine, a.Clocks, a.DataAsOf)
	}
	if len(a.ToolCalls) != 1 || a.ToolCalls[0].ID != "t1" || a.ToolCalls[0].Arguments["target"] != "INV_LOAD" || a.Usage.UpstreamCalls != 4 {
		t.Errorf("calls = %+v, usage = %+v", a.ToolCalls, a.Usage)
	}
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "null") {
		t.Errorf("a list is null: %s", b)
	}
	if compose.FatalUpstream(a) {
		t.Error("fatal")
	}
}

func TestKnowledgeLeavesDiagnosisNull(t *testing.T) {
	out, src := composetest.Knowledge()
	a := compose.Build(compose.Input{Asked: understand.Understanding{Intent: understand.Knowledge}, Defaults: answer.EngineInfo{Name: "x"},
		Ledger: conversations.Ledger{composetest.Entry("t1", "search_knowledge", map[string]any{"query": "q"}, composetest.OK(out, src...))}})
	if a.Diagnosis != nil || len(a.Citations) != 1 || a.Citations[0].Source != "knowledge:runbooks/db-login.md#account-refused" {
		t.Errorf("diagnosis = %+v, citations = %+v", a.Diagnosis, a.Citations)
	}
}

func TestTheAskedObjectDecides(t *testing.T) {
	other, src := composetest.Waiting("en")
	in := compose.Input{Asked: understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD"}, Ledger: conversations.Ledger{
		abend(t, nil), composetest.Entry("t2", "diagnose_job", map[string]any{"target": "LED_POST"}, composetest.OK(other, src...))}}
	if a := compose.Build(in); a.Diagnosis == nil || len(a.Diagnosis.Chain) != 0 {
		t.Errorf("diagnosis = %+v", a.Diagnosis)
	}
}

func TestOnlyUnderstandRefuses(t *testing.T) {
	in := compose.Input{Asked: understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD"},
		Ledger: conversations.Ledger{abend(t, func(o *tools.DiagnoseOut) { o.Diagnosis.Verdict = answer.Refused })}}
	if a := compose.Build(in); a.Diagnosis.Verdict != answer.Problem {
		t.Errorf("verdict = %s", a.Diagnosis.Verdict)
	}
	in.Asked.Intent, in.Asked.Action = understand.Write, "rerun"
	a := compose.Build(in)
	if a.Diagnosis.Verdict != answer.Refused || len(a.Diagnosis.Causes) != 0 || len(a.Diagnosis.Actions) != 2 {
		t.Errorf("diagnosis = %+v", a.Diagnosis)
	}
}

// Administration is named before what a tool advised, and what must be done first stays the same act.
func TestOrderOfActionsBehindAdministration(t *testing.T) {
	in := compose.Input{Asked: understand.Understanding{Intent: understand.Write, Target: "INV_LOAD", Action: "extend_plan"}, Ledger: conversations.Ledger{abend(t, nil)}}
	acts := compose.Build(in).Diagnosis.Actions
	if len(acts) != 3 || acts[0].Code != "extend_plan" || acts[0].Command != "" || acts[0].After != -1 {
		t.Fatalf("actions = %+v", acts)
	}
	if acts[1].Code != "rerun" || acts[2].Code != "fix_credentials" || acts[1].After != 2 || acts[2].After != -1 {
		t.Errorf("actions = %+v", acts)
	}
}

// An answer is as old as the oldest of its readings, whichever was read last.
func TestAnAnswerIsAsOldAsItsOldestReading(t *testing.T) {
	for _, stale := range []int{0, 1} {
		ledger := conversations.Ledger{abend(t, nil), abend(t, nil)}
		ledger[1].ID = "t2"
		old := *ledger[stale].Result.Envelope
		old.Stale, old.Clocks.FetchedAt = true, "2026-03-17T04:24:58-03:00"
		ledger[stale].Result.Envelope = &old
		a, _, _ := compose.Checked(compose.Input{Asked: understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD"}, Ledger: ledger})
		if !a.Stale || a.DataAsOf != old.Clocks.FetchedAt || a.Diagnosis.ConfidenceClass != answer.Likely {
			t.Errorf("reading %d is old: stale %v, as of %s, %s", stale+1, a.Stale, a.DataAsOf, a.Diagnosis.ConfidenceClass)
		}
	}
}

// What a further MCP server says of engines, clocks and age is its own: the answer's are those of our tools.
func TestAnotherServerMakesNothingOld(t *testing.T) {
	foreign := composetest.OK(map[string]any{"text": "x"})
	foreign.Envelope.Engine, foreign.Envelope.Stale = toolkit.Engine{Name: "theirs", Mode: "mock"}, true
	foreign.Envelope.Clocks = toolkit.Clocks{FetchedAt: "2020-01-01T00:00:00Z", PlanNow: "2020-01-01T00:00:00Z"}
	for name, c := range map[string]struct {
		ledger conversations.Ledger
		engine string
	}{
		"beside ours": {conversations.Ledger{composetest.Entry("t2", toolkit.ForeignName("wiki", "plan_status"), nil, foreign), abend(t, nil)}, "default"},
		"alone":       {conversations.Ledger{composetest.Entry("t2", toolkit.ForeignName("wiki", "plan_status"), nil, foreign)}, "ours"},
	} {
		a := compose.Build(compose.Input{Asked: understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD"}, Ledger: c.ledger, Defaults: answer.EngineInfo{Name: "ours"}})
		if a.Engine.Name != c.engine || a.Stale || strings.HasPrefix(a.DataAsOf, "2020") || strings.HasPrefix(a.Clocks.PlanNow, "2020") || len(a.ToolCalls) != len(c.ledger) {
			t.Errorf("%s: %+v, stale %v, as of %s, %+v", name, a.Engine, a.Stale, a.DataAsOf, a.Clocks)
		}
	}
}

func TestAbsenceIsNamedByItsCall(t *testing.T) {
	in := compose.Input{Asked: understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD"}, Ledger: conversations.Ledger{abend(t, func(o *tools.DiagnoseOut) {
		o.Diagnosis.Causes[0].Evidence = append(o.Diagnosis.Causes[0].Evidence, answer.Evidence{Source: "absence:", Quote: "status=EXEC total=0"})
	})}}
	if a := compose.Build(in); a.Diagnosis.Causes[0].Evidence[2].Source != "absence:t1" {
		t.Errorf("evidence = %+v", a.Diagnosis.Causes[0].Evidence)
	}
}

func TestOneFailedReadIsNotFatal(t *testing.T) {
	in := compose.Input{Asked: understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD"}, Ledger: conversations.Ledger{abend(t, func(o *tools.DiagnoseOut) {
		o.Failures = []answer.Error{{Code: "timeout", Message: "The log was not read in time.", Source: composetest.LoadLog}}
		o.Diagnosis.Missing = []string{composetest.LoadLog + ": not read in time"}
	})}}
	a := compose.Build(in)
	if compose.FatalUpstream(a) || len(a.Errors) != 1 || a.Diagnosis.Verdict != answer.Problem {
		t.Errorf("answer = %+v", a)
	}
}

func TestEveryReadFailed(t *testing.T) {
	dead := []answer.Error{{Code: "upstream_denied", Message: "The engine refused the account.", Source: "engine:default"}}
	for name, c := range map[string]conversations.Call{
		"plan_status":  composetest.Entry("t1", "plan_status", nil, composetest.OK(tools.PlanStatusOut{Failures: dead})),
		"diagnose_job": composetest.Entry("t1", "diagnose_job", nil, composetest.OK(tools.DiagnoseOut{Failures: dead, Diagnosis: &answer.Diagnosis{Verdict: answer.InsufficientEvidence}})),
		"error":        composetest.Entry("t1", "find_jobs", nil, toolkit.Result{Error: &toolkit.ErrorBody{Code: "upstream_denied", Message: "The engine refused the account."}}),
	} {
		intent := map[string]understand.Intent{"plan_status": understand.Plan, "diagnose_job": understand.Diagnose, "error": understand.Find}[name]
		a := compose.Build(compose.Input{Asked: understand.Understanding{Intent: intent}, Ledger: conversations.Ledger{c}})
		if !compose.FatalUpstream(a) || a.Diagnosis.Verdict != answer.InsufficientEvidence || len(a.Errors) != 1 || !strings.HasPrefix(a.Diagnosis.Missing[0], "engine:default: ") {
			t.Errorf("%s: %+v %+v", name, a.Diagnosis, a.Errors)
		}
	}
}

func TestCandidatesAreTakenApart(t *testing.T) {
	in := compose.Input{Asked: understand.Understanding{Intent: understand.Log, Target: "X"}, Ledger: conversations.Ledger{composetest.Entry("t1", "get_job_log", map[string]any{"job": "X"},
		composetest.Failed("ambiguous", "2 jobs fit X.", "", "A1#S1[(0100 03/17/26)].X ABEND", "A1#S1[(0100 03/16/26)].X"))}}
	a := compose.Build(in)
	c := a.Diagnosis.Candidates
	if len(c) != 2 || c[0].Entity != "A1#S1[(0100 03/17/26)].X" || c[0].Why != "ABEND" || c[1].Entity != "A1#S1[(0100 03/16/26)].X" || c[1].Why != "same name" {
		t.Errorf("candidates = %+v", c)
	}
}

func TestImpactComesFirstWhereItIsAsked(t *testing.T) {
	in := compose.Input{Asked: understand.Understanding{Intent: understand.Impact, Target: "INV_LOAD"}, Ledger: conversations.Ledger{abend(t, nil)}}
	a, _, _ := compose.Checked(in)
	text := strings.Join(compose.Sentences(in, a), "")
	if i, j := strings.Index(text, "act by"), strings.Index(text, "Line 37"); i < 0 || j < i || strings.Count(text, "act by") != 1 {
		t.Errorf("prose = %s", text)
	}
}

func TestOnlyTheNearestDeadlineIsTold(t *testing.T) {
	in := compose.Input{Asked: understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD"}, Ledger: conversations.Ledger{abend(t, func(o *tools.DiagnoseOut) {
		o.Diagnosis.Urgency = nil
		o.Diagnosis.Impact = []answer.Impact{{Entity: "A#S.LATE_1", Service: "Pay", Deadline: "2026-03-17T09:00:00-03:00"}, {Entity: "A#S.EARLY_1", Service: "Pay", Deadline: "2026-03-17T07:00:00-03:00"},
			{Entity: "A#S.NONE_1", Service: "Tax", Contact: "tax-duty"}, {Entity: "A#S.NONE_2", Service: "Tax"}}
	})}}
	a, _, _ := compose.Checked(in)
	text := strings.Join(compose.Sentences(in, a), "")
	for name, want := range map[string]bool{"EARLY_1": true, "LATE_1": false, "NONE_1": false, "NONE_2": false} {
		if strings.Contains(text, name) != want {
			t.Errorf("%s: %v in %s", name, !want, text)
		}
	}
}
