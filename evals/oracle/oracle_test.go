package oracle_test

import (
	"os"
	"slices"
	"testing"

	"github.com/resync-hwa/resync/evals/oracle"
	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/world"
)

// cases gives the oracle's answer to every question of the suite.
func cases(t *testing.T) []oracle.Case {
	t.Helper()
	s, err := suite.Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	plants := map[string]*plant.Plant{}
	var out []oracle.Case
	for _, sc := range s.Scenarios {
		key := sc.World.AsOf.String()
		if plants[key] == nil {
			w, err := world.Demo(sc.World.AsOf)
			if err != nil {
				t.Fatal(err)
			}
			if plants[key], err = plant.New(w); err != nil {
				t.Fatal(err)
			}
		}
		if problems := score.LintGold(sc.Gold, plants[key]); len(problems) > 0 {
			t.Errorf("%s: %v", sc.ID, problems)
		}
		for _, q := range sc.Ask {
			a, err := oracle.Answer(sc.Gold, q, plants[key])
			if err != nil {
				t.Fatalf("%s/%s: %v", sc.ID, q.ID, err)
			}
			out = append(out, oracle.Case{Gold: sc.Gold, Question: q, Plant: plants[key], Answer: a, Requests: 3})
		}
	}
	return out
}

func TestTheOraclePassesEveryQuestion(t *testing.T) {
	for _, c := range cases(t) {
		r, err := score.Score(c.Input())
		if err != nil {
			t.Fatal(err)
		}
		if !r.Pass || r.ConfirmedWrong {
			t.Errorf("%s/%s: %v, confirmed wrong %v; the right answer must pass", c.Gold.ID, c.Question.ID, r.Failed(), r.ConfirmedWrong)
		}
	}
}

func TestEveryMutantFailsForItsReason(t *testing.T) {
	all := cases(t)
	for _, m := range oracle.Mutants() {
		t.Run(m.Name, func(t *testing.T) {
			n := 0
			for _, c := range all {
				spoilt, ok := m.Spoil(c)
				if !ok {
					continue
				}
				n++
				r, err := score.Score(spoilt.Input())
				if err != nil {
					t.Fatal(err)
				}
				caught := slices.ContainsFunc(r.Failed(), func(f score.Criterion) bool { return slices.Contains(m.Caught, f.Name) && f.Reason != "" })
				if r.Pass || !caught {
					t.Errorf("%s/%s: pass %v, failed %v; want one of %v to fail", c.Gold.ID, c.Question.ID, r.Pass, r.Failed(), m.Caught)
				}
				if r.ConfirmedWrong != m.Confirmed {
					t.Errorf("%s/%s: confirmed wrong %v, want %v", c.Gold.ID, c.Question.ID, r.ConfirmedWrong, m.Confirmed)
				}
			}
			if n == 0 {
				t.Error("it applies to no question, so it tests nothing")
			}
		})
	}
	if n := len(oracle.Mutants()); n < 12 {
		t.Errorf("%d kinds of wrong answers; at least 12 are wanted", n)
	}
}

func TestEveryProblemHasManyWaysToBeWrong(t *testing.T) {
	for _, c := range cases(t) {
		n := 0
		for _, m := range oracle.Mutants() {
			if _, ok := m.Spoil(c); ok {
				n++
			}
		}
		if want := 12; n < want {
			t.Errorf("%s/%s: %d mutants apply, want %d", c.Gold.ID, c.Question.ID, n, want)
		}
	}
}

// What an answer may do and still be right: the judge must not fail it for that.
func TestHarmlessDifferencesPass(t *testing.T) {
	for _, c := range cases(t) {
		if len(c.Gold.Causes) == 0 {
			continue
		}
		x := &c.Answer.Diagnosis.Causes[0]
		x.Class, c.Answer.Diagnosis.ConfidenceClass = "likely", "likely"
		x.Ref.RunID, x.Ref.Engine = "17", "prod"
		x.Evidence[0].Quote = "  " + x.Evidence[0].Quote + "\t"
		slices.Reverse(c.Answer.Diagnosis.Affected)
		r, err := score.Score(c.Input())
		if err != nil {
			t.Fatal(err)
		}
		if !r.Pass {
			t.Errorf("%s/%s: %v", c.Gold.ID, c.Question.ID, r.Failed())
		}
	}
}
