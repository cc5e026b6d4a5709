package evals

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/resync-hwa/resync/evals/oracle"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// kindsOfWrong is how many kinds of wrong answers must be found wrong for every scenario.
const kindsOfWrong = 15

// Mutants is what a trial of the judge came to.
type Mutants struct {
	Right, Wrong int // answers that were judged
	Fewest       int // kinds of wrong answers of the scenario that has the fewest
	Problems     []string
}

// TryJudge tests the judge itself over every scenario: the right answer to each question must pass, and whatever is made wrong in it, at least
// fifteen ways for each scenario, must fail for its reason. Wrong answers are made of one question of each language.
func TryJudge(ctx context.Context, all []Prepared) (Mutants, error) {
	var mu sync.Mutex
	out := Mutants{Fewest: -1}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, p := range all {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return fault.Wrap(fault.Timeout, err, "The trial of the judge was stopped.")
			}
			one, err := tryScenario(p)
			mu.Lock()
			defer mu.Unlock()
			out.Right, out.Wrong, out.Problems = out.Right+one.Right, out.Wrong+one.Wrong, append(out.Problems, one.Problems...)
			if out.Fewest < 0 || one.Fewest < out.Fewest {
				out.Fewest = one.Fewest
			}
			return err
		})
	}
	err := g.Wait()
	slices.Sort(out.Problems)
	return out, err
}

func tryScenario(p Prepared) (Mutants, error) {
	out := Mutants{Fewest: -1}
	spoken := map[string]bool{}
	for _, q := range p.Scenario.Ask {
		name := p.Scenario.ID + "/" + q.ID
		c, err := oracle.NewCase(p.Scenario.Gold, q, p.Plant)
		if err != nil {
			return out, fault.Wrap(fault.Invalid, err, "No right answer to %s can be written.", name)
		}
		r, err := score.Score(c.Input())
		if err != nil {
			return out, err
		}
		if out.Right++; !r.Pass || r.ConfirmedWrong {
			out.Problems = append(out.Problems, fmt.Sprintf("%s: the right answer fails: %v", name, r.Failed()))
		}
		if spoken[q.Lang] {
			continue
		}
		spoken[q.Lang] = true
		kinds, problems, err := spoil(name, c)
		if err != nil {
			return out, err
		}
		out.Wrong, out.Problems = out.Wrong+kinds, append(out.Problems, problems...)
		if out.Fewest < 0 || kinds < out.Fewest {
			out.Fewest = kinds
		}
	}
	if out.Fewest < kindsOfWrong {
		out.Problems = append(out.Problems, fmt.Sprintf("%s: only %d kinds of wrong answers can be made of the right one, and %d are wanted", p.Scenario.ID, out.Fewest, kindsOfWrong))
	}
	return out, nil
}

// spoil makes every wrong answer that can be made of a right one, and finds those that the judge lets through or fails for no reason of theirs.
func spoil(name string, c oracle.Case) (kinds int, problems []string, err error) {
	sure := c.Answer.Diagnosis != nil && c.Answer.Diagnosis.ConfidenceClass == answer.Confirmed // a right answer that is unsure makes no confirmed wrong one
	for _, m := range oracle.Mutants() {
		wrong, ok := m.Spoil(c)
		if !ok {
			continue
		}
		kinds++
		r, err := score.Score(wrong.Input())
		if err != nil {
			return kinds, problems, err
		}
		caught := slices.ContainsFunc(r.Failed(), func(f score.Criterion) bool { return slices.Contains(m.Caught, f.Name) && f.Reason != "" })
		switch {
		case r.Pass:
			problems = append(problems, fmt.Sprintf("%s: %s passes", name, m.Name))
		case !caught:
			problems = append(problems, fmt.Sprintf("%s: %s fails for another reason: %v", name, m.Name, r.Failed()))
		case m.Confirmed && sure && !r.ConfirmedWrong:
			problems = append(problems, fmt.Sprintf("%s: %s is not counted as wrong and confirmed", name, m.Name))
		}
	}
	return kinds, problems, nil
}
