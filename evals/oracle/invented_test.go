package oracle_test

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals/oracle"
	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/world"
)

// invented are questions about the demo world with gold of the forms that the written scenarios do not have.
func invented(t *testing.T) []oracle.Case {
	t.Helper()
	w, err := world.Demo(time.Date(2026, 3, 17, 6, 10, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plant.New(w)
	if err != nil {
		t.Fatal(err)
	}
	expired := suite.Cause{Entity: "job:CLMEOD.CLM_RESERVE", Kinds: []string{"app.db.auth", "app.db"},
		Evidence: []suite.Group{{Any: []suite.Piece{{Of: "joblog:CLMEOD.CLM_RESERVE", Quote: "ORA-28001: the password has expired"}}}}}
	asked := suite.Cause{Entity: "prompt:PAYLIMIT", Kinds: []string{"sched.dep.prompt"}, Evidence: []suite.Group{{Any: []suite.Piece{{Of: "prompt:PAYLIMIT", Value: "ASKED"}}}}}
	golds := []suite.Gold{
		{ID: "unsure", Verdict: []answer.Verdict{answer.Problem, answer.InsufficientEvidence}, Unsure: true, Causes: []suite.Cause{expired}, Reads: [][]string{{"joblog:CLMEOD.CLM_RESERVE", "jobs"}},
			Denied: []suite.Claim{{About: "workstation:FRLCLM01", Says: "agent_down"}, {About: "job:CLMEOD.CLM_RESERVE", Says: "app.fs.space", Must: true}}, Canary: "the password has expired and ever"},
		{ID: "several", Verdict: []answer.Verdict{answer.Problem}, Causes: []suite.Cause{expired, asked}, Affected: []string{"job:CLMEOD.CLM_IBNR", "job:PAYOUT.PAY_SEND"},
			Claims: []suite.Claim{{About: "job:PAYOUT.PAY_SEND", Says: "waits_on", Must: true}}},
		{ID: "unknown", Verdict: []answer.Verdict{answer.InsufficientEvidence}, Names: []string{"job:CLMEOD.CLM_RESERVE"}, Missing: []string{"joblog:CLMEOD.CLM_RESERVE | host", "audit"},
			Claims: []suite.Claim{{About: "job:CLMEOD.CLM_EXPORT", Says: "waits_on", Must: true}}},
		{ID: "ambiguous", Verdict: []answer.Verdict{answer.NeedsClarification}, Candidates: []string{"job:CLMEOD(0100 03/17/26).CLM_RESERVE", "job:CLMEOD(0100 03/16/26).CLM_RESERVE"}},
		{ID: "lists", Verdict: []answer.Verdict{answer.NoProblem, answer.Problem}, Items: []string{"job:CLMEOD.CLM_RESERVE", "job:CLMEOD.CLM_IBNR"}, Figures: []int{17}},
		{ID: "planned", Verdict: []answer.Verdict{answer.NoProblem}, Names: []string{"stream:PAYOUT"}, Explanations: []string{"planned.not_yet"}, Denied: []suite.Claim{{About: "stream:PAYOUT", Says: "sched.held"}}},
		{ID: "refused", Verdict: []answer.Verdict{answer.Refused}, Actions: suite.Actions{Advised: &suite.Advised{Codes: []string{"answer_prompt"}, Target: "prompt:PAYLIMIT"}, Forbid: []string{"release_dependency"}}},
		{ID: "outside", Verdict: []answer.Verdict{answer.OutOfScope}, Actions: suite.Actions{Forbid: []string{"rerun"}}},
		{ID: "plan", Verdict: []answer.Verdict{answer.Problem}, Causes: []suite.Cause{{Entity: "plan:current", Aliases: []string{"job:CLMEOD.CLM_RESERVE"}, Kinds: []string{"plan.mirror"},
			Evidence: []suite.Group{{Any: []suite.Piece{{Of: "joblog:CLMEOD.CLM_RESERVE", Quote: "ORA-28001: the password has expired"}}}}}}},
	}
	var out []oracle.Case
	for _, g := range golds {
		for _, lang := range []string{"en", "pt"} {
			c, err := oracle.NewCase(g, suite.Question{ID: lang, Lang: lang, Text: "?"}, p)
			if err != nil {
				t.Fatalf("%s: %v", g.ID, err)
			}
			out = append(out, c)
		}
	}
	return out
}
