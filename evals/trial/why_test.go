package trial_test

import (
	"testing"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/trial"
)

func TestFirstNamesTheGravest(t *testing.T) {
	failed := []score.Criterion{{Name: "form", Pass: true}, {Name: "language", Reason: "it is pt"}, {Name: "no_write", Reason: "it wrote"}}
	for name, c := range map[string]struct {
		t          trial.Trial
		first, why string
	}{
		"pass":      {trial.Trial{Status: trial.Pass, Criteria: failed[:1]}, "", ""},
		"wrong":     {trial.Trial{Status: trial.Wrong, Criteria: failed}, "language", "language: it is pt | no_write: it wrote"},
		"gate":      {trial.Trial{Status: trial.Wrong, Criteria: failed, Gates: []string{"no_write"}}, "no_write", "language: it is pt | no_write: it wrote"},
		"confirmed": {trial.Trial{Status: trial.Wrong, Criteria: failed, Gates: []string{"no_write"}, ConfirmedWrong: true}, trial.WrongAndConfirmed, "language: it is pt | no_write: it wrote"},
		"fault":     {trial.Trial{Status: trial.Fault, Fault: &trial.FaultTold{Kind: "timeout", Reason: "60 s"}}, "timeout", "timeout: 60 s"},
		"untold":    {trial.Trial{Status: trial.Fault}, "unknown", "unknown: the row does not say what kept the question from being judged"},
	} {
		if c.t.First() != c.first || c.t.Why() != c.why {
			t.Errorf("%s: %q, %q; want %q, %q", name, c.t.First(), c.t.Why(), c.first, c.why)
		}
	}
}
