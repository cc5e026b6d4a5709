package stats

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/resync-hwa/resync/evals/trial"
)

// Baseline is what a dumb answerer reaches on the questions of a run.
type Baseline struct {
	Name      string
	Right     Rate
	Outcome   Outcome
	Slices    []Slice
	Bound     float64 // it must stay under this in every slice that is bound; 0 is no bound
	questions []Question
}

// BaselinesOf counts the baselines on the questions that the run asked, by name. A question that could not be judged in the run still counts
// here: the bounds are about the suite.
func BaselinesOf(run trial.Run) []Baseline {
	asked := map[string]bool{}
	for _, t := range run.Trials {
		asked[t.Name()] = true
	}
	var out []Baseline
	for name, trials := range run.Baselines {
		qs := Questions(slices.DeleteFunc(slices.Clone(trials), func(t trial.Trial) bool { return !asked[t.Name()] }))
		out = append(out, Baseline{Name: name, Right: RightOf(qs), Outcome: outcomeOf(qs), Slices: Slices(qs), Bound: bounds[name], questions: qs})
	}
	slices.SortFunc(out, func(a, b Baseline) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// bounds are the shares under which the baselines must stay in every slice, or the questions are too easy to tell anything: B0 to B4 look at
// next to nothing; B5 reads job logs well and reasons over nothing. B6, a model without tools, has none: what it knows is not ours to choose.
var bounds = map[string]float64{"B0": 0.15, "B1": 0.15, "B2": 0.15, "B3": 0.15, "B4": 0.15, "B5": 0.60}

// leastBound is the number of questions from which a slice is bound. One right answer of fewer than 8 is already near 15 %, and says nothing.
const leastBound = 8

// bound reports whether the bounds hold for a slice: the suite's slices, languages and styles of at least 8 judged questions. Families, bases
// and verdicts are told and not bound: a single family may well be within a baseline's reach, and one verdict is all that B0 ever says.
func (s Slice) bound() bool {
	return s.Right.Of >= leastBound && slices.Contains([]string{"slice", "language", "style"}, s.By)
}

// Refused says why the suite is too easy to be believed: every baseline that reaches its bound as a whole or in a slice. A suite that is not
// refused gives nothing.
func Refused(baselines []Baseline) []string {
	var out []string
	for _, b := range baselines {
		if b.Bound == 0 {
			continue
		}
		parts := []Slice{{By: "whole", Name: "suite", Right: b.Right}}
		for _, s := range b.Slices {
			if s.bound() {
				parts = append(parts, s)
			}
		}
		for _, s := range parts {
			if s.Right.Of >= leastBound && round(s.Right.Share()) >= b.Bound {
				out = append(out, fmt.Sprintf("%s is right in %.0f %% of %s (%g of %d); it must stay under %.0f %%",
					b.Name, 100*s.Right.Share(), s.Title(), round(s.Right.Hits), s.Right.Of, 100*b.Bound))
			}
		}
	}
	return out
}

// Lift is how much better the run is than the best of the baselines.
type Lift struct {
	Over     string
	Delta    float64
	Interval Interval
}

// LiftOf compares with the baseline that is right most often, on the questions that both were judged on; nil where there is no baseline.
func LiftOf(qs []Question, baselines []Baseline) *Lift {
	var best *Baseline
	for i, b := range baselines {
		if best == nil || b.Right.Share() > best.Right.Share() {
			best = &baselines[i]
		}
	}
	if best == nil {
		return nil
	}
	c := Compare(best.questions, qs)
	return &Lift{Over: best.Name, Delta: c.Delta, Interval: c.Interval}
}
