package oracle_test

import (
	"slices"
	"testing"

	"github.com/resync-hwa/resync/evals/oracle"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/twstools/answer"
)

func fails(t *testing.T, c oracle.Case, criterion string) bool {
	t.Helper()
	return slices.ContainsFunc(judged(t, c).Failed(), func(f score.Criterion) bool { return f.Name == criterion })
}

// TestAnotherInstanceIsTold: the right name of another instance is told apart from all else that is wrong.
func TestAnotherInstanceIsTold(t *testing.T) {
	swept(t)
	n := 0
	for _, c := range cases(t) {
		if r := judged(t, c); r.WrongInstance {
			t.Errorf("%s: the right answer is said to blame another instance", c.Gold.ID)
		}
		for _, m := range oracle.Mutants() {
			if x, ok := m.Spoil(c); ok && m.Name == "another instance is blamed" {
				if n++; !judged(t, x).WrongInstance {
					t.Errorf("%s: another instance is blamed and not told: %s", c.Gold.ID, x.Answer.Diagnosis.Causes[0].Entity)
				}
			} else if ok && m.Name == "another object is blamed" && judged(t, x).WrongInstance {
				t.Errorf("%s: another object is no other instance: %s", c.Gold.ID, x.Answer.Diagnosis.Causes[0].Entity)
			}
		}
	}
	if n == 0 {
		t.Error("no other instance was blamed")
	}
}

// TestLanguageOfTables: words of which no language can be told are in the one that the answer names; another language never passes.
func TestLanguageOfTables(t *testing.T) {
	swept(t)
	for _, x := range []struct {
		says, prose string
		fails       bool
	}{
		{"en", "CLM_RESERVE: ABEND, ORA-28001", false},
		{"en", "**No job matches (EXEC).**", false},
		{"pt", "CLM_RESERVE: ABEND, ORA-28001", true},
		{"en", "O CLM_RESERVE falhou porque a senha da conta expirou.", true},
	} {
		c := named(t, cases(t), "s-4c1e", "en")
		c.Answer.Language, c.Answer.Answer = x.says, x.prose
		if got := fails(t, c, score.Language); got != x.fails {
			t.Errorf("%q in %s fails: %v", x.prose, x.says, got)
		}
	}
}

// TestExplanationsFitTheState: what has ended neither waits for its time nor is left out, and what is explained is what was asked about.
func TestExplanationsFitTheState(t *testing.T) {
	all := cases(t)
	for _, x := range []struct {
		scenario, kind, entity string
		fails                  bool
	}{
		{"s-4c1e", "planned.not_yet", "FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE", true},
		{"s-4c1e", "planned.suppressed_branch", "FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE", true},
		{"s-4c1e", "planned.in_progress", "FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE", true},
		{"s-4c1e", "planned.not_yet", "FRLCLM01#CLMREPORT[(0200 03/17/26)]", false},
		{"s-4c1e", "planned.not_yet", "FRLCLM01#NOSUCH[(0200 03/17/26)]", true},
		{"planned", "planned.not_yet", "FRLCLM01#CLMREPORT[(0200 03/17/26)]", true},
	} {
		c := named(t, all, x.scenario, "en")
		c.Answer.Diagnosis.Explanations = []answer.Explanation{{Entity: x.entity, Kind: x.kind, Statement: "it is as planned"}}
		if got := fails(t, c, score.Explained); got != x.fails {
			t.Errorf("%s: %s of %s fails: %v", x.scenario, x.kind, x.entity, got)
		}
	}
}
