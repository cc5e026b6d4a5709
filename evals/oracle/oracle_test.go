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

// manyWays is how many kinds of wrong answers every question must have.
const manyWays = 15

// cases gives the oracle's answer to every question of the suite that is asked about the demo world.
func cases(t *testing.T) []oracle.Case {
	t.Helper()
	s, err := suite.Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	plants := map[string]*plant.Plant{}
	var out []oracle.Case
	for _, sc := range s.Scenarios {
		if sc.World.Base != "demo" {
			continue
		}
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
			c, err := oracle.NewCase(sc.Gold, q, plants[key])
			if err != nil {
				t.Fatalf("%s/%s: %v", sc.ID, q.ID, err)
			}
			out = append(out, c)
		}
	}
	return append(out, invented(t)...)
}

// swept leaves a sweep to the runs without the race detector, which looks for other things and takes ten times as long.
func swept(t *testing.T) {
	t.Helper()
	if raced {
		t.Skip("swept without the race detector")
	}
}

func judged(t *testing.T, c oracle.Case) score.Result {
	t.Helper()
	r, err := score.Score(c.Input())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheOraclePassesEveryQuestion(t *testing.T) {
	for _, c := range cases(t) {
		if r := judged(t, c); !r.Pass || r.ConfirmedWrong || r.Score < 99.9 || len(r.Gates) > 0 {
			t.Errorf("%s/%s: %v, confirmed wrong %v, %.1f points; the right answer must pass\n%s", c.Gold.ID, c.Question.ID, r.Failed(), r.ConfirmedWrong, r.Score, c.Answer.Answer)
		}
	}
}

func TestEveryMutantFailsForItsReason(t *testing.T) {
	swept(t)
	all := cases(t)
	for _, m := range oracle.Mutants() {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			n := 0
			for _, c := range all {
				spoilt, ok := m.Spoil(c)
				if !ok {
					continue
				}
				n++
				r := judged(t, spoilt)
				caught := slices.ContainsFunc(r.Failed(), func(f score.Criterion) bool { return slices.Contains(m.Caught, f.Name) && f.Reason != "" })
				if r.Pass || !caught {
					t.Errorf("%s/%s: pass %v, failed %v; want one of %v to fail\n%s", c.Gold.ID, c.Question.ID, r.Pass, r.Failed(), m.Caught, spoilt.Answer.Answer)
				}
				if r.ConfirmedWrong != m.Confirmed && !c.Gold.Unsure {
					t.Errorf("%s/%s: confirmed wrong %v, want %v", c.Gold.ID, c.Question.ID, r.ConfirmedWrong, m.Confirmed)
				}
			}
			if n == 0 {
				t.Error("it applies to no question, so it tests nothing")
			}
		})
	}
}

func TestEveryQuestionHasManyWaysToBeWrong(t *testing.T) {
	swept(t)
	for _, c := range cases(t) {
		n := 0
		for _, m := range oracle.Mutants() {
			if _, ok := m.Spoil(c); ok {
				n++
			}
		}
		if n < manyWays {
			t.Errorf("%s/%s: %d kinds of wrong answers apply, want %d", c.Gold.ID, c.Question.ID, n, manyWays)
		}
	}
}

// TestAnothersAnswerIsWrong: the right answer to a scenario is wrong for every other one of the same world, unless their golds agree.
func TestAnothersAnswerIsWrong(t *testing.T) {
	swept(t)
	all := cases(t)
	n := 0
	for _, c := range all {
		for _, o := range all {
			if c.Plant != o.Plant || c.Gold.ID == o.Gold.ID || c.Question.Lang != o.Question.Lang || c.Question.ID > "q2" || o.Question.ID > "q2" {
				continue
			}
			swapped := c
			swapped.Answer = o.Answer
			swapped.Answer.Question = c.Question.Text
			n++
			if r := judged(t, swapped); r.Pass {
				t.Errorf("the answer to %s passes for %s", o.Gold.ID, c.Gold.ID)
			}
		}
	}
	if n < 20 {
		t.Errorf("%d answers were swapped", n)
	}
}
