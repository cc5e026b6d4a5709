package offline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/offline"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

type play func(ctx context.Context, name string, args map[string]any) (toolkit.Result, error)

// run plays a whole turn: steps until sentences come.
func run(t *testing.T, u understand.Understanding, question string, p play) (offline.Turn, answer.Answer, string) {
	t.Helper()
	turn := offline.Turn{Input: compose.Input{Question: question, Asked: u}}
	for _, i := range composetest.Infos() {
		turn.Offered = append(turn.Offered, i.Name)
	}
	for _, v := range views {
		turn.Offered = append(turn.Offered, compose.ToolOf(v))
	}
	for range 10 {
		s := offline.Next(turn)
		if len(s.Calls) == 0 {
			a, _, _ := compose.Checked(turn.Input)
			return turn, a, strings.Join(s.Sentences, "")
		}
		for _, c := range s.Calls {
			r, err := p(t.Context(), c.Name, c.Args)
			if err != nil {
				t.Fatal(err)
			}
			turn.Input.Ledger = append(turn.Input.Ledger, composetest.Entry(fmt.Sprintf("t%d", len(turn.Input.Ledger)+1), c.Name, c.Args, r))
		}
	}
	t.Fatal("the turn does not end")
	return turn, answer.Answer{}, ""
}

func names(turn offline.Turn) []string {
	var out []string
	for _, c := range turn.Input.Ledger {
		out = append(out, c.Name)
	}
	return out
}

func TestTurns(t *testing.T) {
	const none = answer.Verdict("")
	cases := []struct {
		name    string
		u       understand.Understanding
		calls   []string
		verdict answer.Verdict
		en, pt  []string // pieces of the prose
		not     []string
	}{
		{"abend", understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD", Premise: "abended"}, []string{"diagnose_job", "search_knowledge"}, answer.Problem,
			[]string{"**The database refused the login of INV_LOAD.** (`" + composetest.Load + "`, ended 02:14 UTC-3, return code 4.)", "Line 37", "`" + composetest.Decisve + "`", "(in 35 min)", "call ledger-duty", "1. Have the account's password checked.", "needs approval"},
			[]string{"**O banco de dados recusou o login de INV_LOAD.** (`" + composetest.Load, "Linha 37", "daqui a 35 min", "1. Peça"}, []string{"I cannot", "LED_POST is"}},
		{"wait", understand.Understanding{Intent: understand.Wait, Target: "LED_POST"}, []string{"explain_wait", "search_knowledge"}, answer.Problem,
			[]string{"**LED_POST is waiting (HOLD) because the database refused the login of INV_LOAD.**"}, []string{"**LED_POST está esperando (HOLD) porque o banco"}, []string{"waits for"}},
		{"impact", understand.Understanding{Intent: understand.Impact, Target: "INV_LOAD"}, []string{"diagnose_job", "search_knowledge"}, answer.Problem, []string{"General ledger"}, []string{"General ledger"}, nil},
		{"false-premise", understand.Understanding{Intent: understand.Diagnose, Target: "N_REPORT", Premise: "abended"}, []string{"diagnose_job"}, answer.NoProblem,
			[]string{"did not end in error: it is waiting (HOLD)"}, []string{"não terminou em erro: está esperando (HOLD)"}, []string{"Most likely"}},
		{"as-planned", understand.Understanding{Intent: understand.Status, Target: "N_REPORT"}, []string{"diagnose_job"}, answer.NoProblem, []string{"Nothing is wrong with"}, []string{"Não há nada de errado"}, nil},
		{"whole-plan", understand.Understanding{Intent: understand.Plan, Premise: "abended"}, []string{"plan_status", "diagnose_job", "search_knowledge"}, answer.Problem,
			[]string{"**One thing needs a person:**", "Begin here: "}, []string{"**Um ponto pede a atenção de uma pessoa:**", "Comece por aqui: "}, []string{"1204 jobs"}},
		{"plan", understand.Understanding{Intent: understand.Plan}, []string{"plan_status"}, none, []string{"1100 SUCC, 101 HOLD, 3 ABEND", "`OK_PAY` (ASKED)", "WIN_B2"}, []string{"1204 jobs"}, []string{"LNX_A1 ("}},
		{"find", understand.Understanding{Intent: understand.Find, Statuses: []string{"ABEND"}}, []string{"find_jobs"}, none, []string{"2 jobs are in ABEND", "INV_CHECK"}, []string{"2 jobs em ABEND"}, nil},
		{"find-prompts", understand.Understanding{Intent: understand.Find, Objects: "prompts"}, []string{"plan_status"}, none, []string{"OK_PAY"}, []string{"OK_PAY"}, []string{"INV_LOAD"}},
		{"job", understand.Understanding{Intent: understand.Job, Target: "INV_LOAD"}, []string{"get_job"}, none, []string{"inv.csv (FILE", "took 3 min"}, []string{"levou 3 min"}, nil},
		{"log", understand.Understanding{Intent: understand.Log, Target: "INV_LOAD"}, []string{"get_job_log"}, none, []string{"37: `" + composetest.Decisve + "`"}, []string{"37: `"}, nil},
		{"knowledge", understand.Understanding{Intent: understand.Knowledge, Query: "login denied"}, []string{"search_knowledge"}, none, []string{"AWSBHT077E", "reset the loader account"}, []string{"Fonte:"}, nil},
		{"write", understand.Understanding{Intent: understand.Write, Target: "INV_LOAD", Action: "rerun"}, []string{"diagnose_job"}, answer.Refused,
			[]string{"I do not change the plan", "`conman rr LNX_A1#0AAAAAAAAAAAB7QX.INV_LOAD;schedid`", "cannot be seen from here: the login works again", "It would start LED_POST"},
			[]string{"Eu não altero o plano", "Isso iniciaria"}, []string{"Act now"}},
		{"write-nothing-named", understand.Understanding{Intent: understand.Write, Action: "cancel"}, nil, answer.Refused, []string{"which object"}, []string{"qual objeto"}, []string{"conman"}},
		{"write-unknown", understand.Understanding{Intent: understand.Write, Target: "NOPE_X", Action: "cancel"}, []string{"diagnose_job"}, answer.Refused, []string{"Nothing in the plan is called `NOPE_X`"}, []string{"Nada no plano se chama"}, []string{"conman"}},
		{"administration", understand.Understanding{Intent: understand.Write, Action: "extend_plan"}, nil, answer.Refused, []string{"plan administrator"}, []string{"administrador do plano"}, []string{"conman", "Command"}},
		{"may-i", understand.Understanding{Intent: understand.Next, Target: "INV_LOAD", Action: "rerun"}, []string{"diagnose_job", "search_knowledge"}, answer.Problem,
			[]string{"Only once a person has checked this, which cannot be seen from here: the login works again."}, []string{"Só depois que uma pessoa verificar"}, nil},
		{"may-i-what-is-not-advised", understand.Understanding{Intent: understand.Next, Target: "INV_LOAD", Action: "cancel"}, []string{"diagnose_job", "search_knowledge"}, answer.Problem,
			[]string{"As things stand I would not"}, []string{"eu não faria"}, nil},
		{"help", understand.Understanding{Intent: understand.Help}, nil, none, []string{"You can ask"}, []string{"Você pode perguntar"}, nil},
		{"out-of-scope", understand.Understanding{Intent: understand.OutOfScope, OutOfScopeWhy: "weather"}, nil, answer.OutOfScope, []string{"outside"}, []string{"fora do que"}, nil},
		{"ambiguous", understand.Understanding{Intent: understand.Diagnose, Target: "TWICE"}, []string{"diagnose_job"}, answer.NeedsClarification, []string{"A1#S1[(0100 03/17/26)].TWICE"}, []string{"Qual deles"}, nil},
		{"misspelt", understand.Understanding{Intent: understand.Diagnose, Target: "INV_LAOD"}, []string{"diagnose_job"}, answer.NeedsClarification, []string{"Did you mean", composetest.Load}, []string{"Seria um destes"}, nil},
		{"unknown", understand.Understanding{Intent: understand.Diagnose, Target: "NOPE_X"}, []string{"diagnose_job"}, answer.InsufficientEvidence, []string{"Nothing in the plan is called `NOPE_X`"}, []string{"Nada no plano se chama `NOPE_X`"}, nil},
		{"reference-to-nothing", understand.Understanding{Intent: understand.Diagnose, Reference: true}, nil, answer.NeedsClarification, []string{"Which job"}, []string{"qual job"}, nil},
	}
	for _, c := range cases {
		for _, lang := range []string{"en", "pt"} {
			t.Run(c.name+"-"+lang, func(t *testing.T) {
				u := c.u
				u.Language = lang
				question := "asked: " + u.Target
				turn, a, text := run(t, u, question, composetest.Plant)
				if got := names(turn); !slices.Equal(got, c.calls) {
					t.Errorf("calls = %v, want %v", got, c.calls)
				}
				got := none
				if a.Diagnosis != nil {
					got = a.Diagnosis.Verdict
				}
				if got != c.verdict {
					t.Errorf("verdict = %q, want %q", got, c.verdict)
				}
				want := c.en
				if lang == "pt" {
					want = c.pt
				}
				for _, w := range want {
					if !strings.Contains(text, w) {
						t.Errorf("prose lacks %q:\n%s", w, text)
					}
				}
				for _, n := range c.not {
					if strings.Contains(text, n) {
						t.Errorf("prose has %q:\n%s", n, text)
					}
				}
				passes(t, turn, text)
			})
		}
	}
}

// passes holds the offline prose against its own verifier.
func passes(t *testing.T, turn offline.Turn, text string) {
	t.Helper()
	_, checker, report := compose.Checked(turn.Input)
	kept, struck := checker.Prose(text)
	if len(report.Strikes) > 0 || len(struck.Strikes) > 0 {
		t.Errorf("the verifier strikes %+v %+v", report.Strikes, struck.Strikes)
	}
	if kept != strings.TrimSpace(text) {
		t.Errorf("prose changed: %q, was %q", kept, text)
	}
	if strings.Contains(text, "{") || strings.Contains(text, "  ") || strings.Contains(text, "..") {
		t.Errorf("a place is not filled, or blanks or stops are doubled: %s", text)
	}
}

func TestArguments(t *testing.T) {
	at := time.Date(2026, 3, 17, 3, 0, 0, 0, time.UTC)
	cases := []struct {
		name     string
		u        understand.Understanding
		question string
		want     string
	}{
		{"hint", understand.Understanding{Intent: understand.Wait, Target: "seat map", Hint: "sent gates", Premise: "not_started"}, "", `explain_wait {"hint":"sent gates","language":"en","premise":"not_started","target":"seat map"}`},
		{"diagnose", understand.Understanding{Intent: understand.Diagnose, Target: "A#B.C", TargetKind: "job", Premise: "abended", Language: "pt"}, "", `diagnose_job {"language":"pt","premise":"abended","target":"A#B.C","target_kind":"job"}`},
		{"write-carries-its-action", understand.Understanding{Intent: understand.Write, Target: "X", Action: "rerun"}, "", `diagnose_job {"action":"rerun","language":"en","target":"X"}`},
		{"write-carries-its-value", understand.Understanding{Intent: understand.Write, Target: "X", Action: "set_limit", Value: "5"}, "", `diagnose_job {"action":"set_limit","language":"en","target":"X","value":"5"}`},
		{"no-value-to-cancel", understand.Understanding{Intent: understand.Write, Target: "X", Action: "cancel", Value: "5"}, "", `diagnose_job {"action":"cancel","language":"en","target":"X"}`},
		{"no-value-to-ask", understand.Understanding{Intent: understand.Next, Target: "X", Action: "set_limit", Value: "5"}, "", `diagnose_job {"action":"set_limit","language":"en","target":"X"}`},
		{"find-window", understand.Understanding{Intent: understand.Find, Statuses: []string{"ABEND"}, Since: at}, "", `find_jobs {"since":"2026-03-17T03:00:00Z","status":["ABEND"]}`},
		{"find-words", understand.Understanding{Intent: understand.Find, Target: "ledger posting"}, "", `find_jobs {"text":"ledger posting"}`},
		{"find-pattern", understand.Understanding{Intent: understand.Find, Target: "PAY@"}, "", `find_jobs {"name":"PAY@"}`},
		{"find-of-stream", understand.Understanding{Intent: understand.Find, Target: "NIGHT", TargetKind: "job_stream"}, "", `find_jobs {"job_stream":"NIGHT"}`},
		{"find-on-workstation", understand.Understanding{Intent: understand.Find, Target: "WS1", TargetKind: "workstation", Premise: "abended"}, "", `find_jobs {"status":["ABEND","FAIL"],"workstation":"WS1"}`},
		{"late-is-judged", understand.Understanding{Intent: understand.Find, Premise: "late"}, "", `diagnose_job {"language":"en"}`},
		{"log", understand.Understanding{Intent: understand.Log, Target: "X", ErrorsOnly: true, Lines: 9000}, "", `get_job_log {"errors_only":true,"job":"X","tail":500}`},
		{"knowledge-ids-first", understand.Understanding{Intent: understand.Knowledge, MessageIDs: []string{"AWS1E"}, Query: "unlinked"}, "", `search_knowledge {"language":"en","query":"AWS1E unlinked"}`},
		{"knowledge-bare", understand.Understanding{Intent: understand.Knowledge}, "what is a fence", `search_knowledge {"language":"en","query":"what is a fence"}`},
		{"plan-why", understand.Understanding{Intent: understand.Plan}, "o que está errado?", `plan_status {};diagnose_job {"language":"en"}`},
		{"all-well", understand.Understanding{Intent: understand.Plan}, "tudo bem no plano?", `plan_status {};diagnose_job {"language":"en"}`},
		{"plain-plan", understand.Understanding{Intent: understand.Plan}, "show the plan", `plan_status {}`},
		{"status-of-all", understand.Understanding{Intent: understand.Status}, "", `plan_status {}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			turn := offline.Turn{Input: compose.Input{Asked: c.u, Question: c.question}}
			for _, i := range composetest.Infos() {
				turn.Offered = append(turn.Offered, i.Name)
			}
			var got []string
			for _, call := range offline.Next(turn).Calls {
				got = append(got, call.Name+" "+string(call.JSON()))
			}
			if s := strings.Join(got, ";"); s != c.want {
				t.Errorf("calls = %s, want %s", s, c.want)
			}
		})
	}
}

func TestDeadEngine(t *testing.T) {
	dead := func(_ context.Context, name string, _ map[string]any) (toolkit.Result, error) {
		if name == "search_knowledge" {
			out, src := composetest.Knowledge()
			return composetest.OK(out, src...), nil
		}
		r := composetest.Failed("upstream_unavailable", "The engine at h1:31116 does not answer.", "Check host and port.")
		r.Error.Source = "engine:default"
		return r, nil
	}
	for _, u := range []understand.Understanding{{Intent: understand.Diagnose, Target: "X1_Y"}, {Intent: understand.Plan}, {Intent: understand.Find, Statuses: []string{"ABEND"}},
		{Intent: understand.Job, Target: "X1_Y"}, {Intent: understand.Log, Target: "X1_Y", Language: "pt"}, {Intent: understand.Wait, Target: "X1_Y", Language: "pt"}} {
		t.Run(string(u.Intent)+u.Language, func(t *testing.T) {
			turn, a, text := run(t, u, "X1_Y?", dead)
			if a.Diagnosis == nil || a.Diagnosis.Verdict != answer.InsufficientEvidence {
				t.Fatalf("diagnosis = %+v", a.Diagnosis)
			}
			if len(a.Diagnosis.Missing) == 0 || !strings.HasPrefix(a.Diagnosis.Missing[0], "engine:default: ") {
				t.Errorf("missing = %v", a.Diagnosis.Missing)
			}
			if len(a.Errors) != 1 || a.Errors[0].Code != "upstream_unavailable" {
				t.Errorf("errors = %+v", a.Errors)
			}
			if !compose.FatalUpstream(a) {
				t.Error("not fatal")
			}
			if !strings.Contains(text, "could not be read") && !strings.Contains(text, "não foi possível ler") {
				t.Errorf("prose = %s", text)
			}
			passes(t, turn, text)
		})
	}
}

func TestNeededAfterAModel(t *testing.T) {
	u := understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD", Premise: "abended", Language: "pt"}
	entry := func(args map[string]any) int {
		r, err := composetest.Plant(t.Context(), "diagnose_job", args)
		if err != nil {
			t.Fatal(err)
		}
		in := compose.Input{Asked: u, Question: "?"}
		in.Ledger = append(in.Ledger, composetest.Entry("t1", "diagnose_job", args, r))
		return len(offline.Needed(offline.Turn{Input: in, Offered: []string{"diagnose_job"}}))
	}
	for _, c := range []struct {
		name string
		args map[string]any
		want int
	}{
		{"same", map[string]any{"target": "INV_LOAD", "premise": "abended", "language": "pt"}, 0},
		{"found-by-full-name", map[string]any{"target": composetest.Load, "premise": "abended", "language": "pt"}, 0},
		{"other-object", map[string]any{"target": "LED_POST", "premise": "abended", "language": "pt"}, 1},
		{"other-language", map[string]any{"target": "INV_LOAD", "premise": "abended"}, 1},
		{"premise-left-out", map[string]any{"target": "INV_LOAD", "language": "pt"}, 1},
	} {
		if got := entry(c.args); got != c.want {
			t.Errorf("%s: needed = %d, want %d", c.name, got, c.want)
		}
	}
}

func TestNeverMoreThanSixCalls(t *testing.T) {
	in := compose.Input{Asked: understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD"}}
	for i := range offline.MaxCalls {
		in.Ledger = append(in.Ledger, composetest.Entry(fmt.Sprint("t", i+1), "find_jobs", map[string]any{"name": fmt.Sprint("N", i)}, composetest.OK(composetest.Found())))
	}
	s := offline.Next(offline.Turn{Input: in, Offered: []string{"diagnose_job", "find_jobs"}})
	if len(s.Calls) != 0 || len(s.Sentences) == 0 {
		t.Errorf("step = %+v", s)
	}
}

func TestNothingOffered(t *testing.T) {
	in := compose.Input{Asked: understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD"}, Question: "INV_LOAD?",
		Errors: []answer.Error{{Code: "upstream_unavailable", Message: "The tool server cannot be reached.", Source: "tools"}}}
	turn := offline.Turn{Input: in}
	s := offline.Next(turn)
	a, _, _ := compose.Checked(in)
	if !compose.FatalUpstream(a) || a.Diagnosis.Missing[0] != "tools: The tool server cannot be reached." {
		t.Errorf("answer = %+v", a.Diagnosis)
	}
	passes(t, turn, strings.Join(s.Sentences, ""))
}

var errNotPlayed = errors.New("not played")

func TestJunkResult(t *testing.T) {
	turn, a, text := run(t, understand.Understanding{Intent: understand.Diagnose, Target: "X1_Y"}, "X1_Y?", func(_ context.Context, name string, _ map[string]any) (toolkit.Result, error) {
		if name != "diagnose_job" {
			return toolkit.Result{}, errNotPlayed
		}
		return composetest.OK([]int{1, 2}), nil
	})
	if a.Diagnosis.Verdict != answer.InsufficientEvidence || compose.FatalUpstream(a) {
		t.Errorf("diagnosis = %+v", a.Diagnosis)
	}
	passes(t, turn, text)
}
