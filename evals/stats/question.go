// Package stats says what a run of the evals proves: rates with intervals, what changed between two runs, what dumb answerers reach on the same
// questions. It is arithmetic over trials, with no clock, no files and no randomness but a bootstrap whose seed is fixed, so that two readers of
// the same results print the same numbers. All functions are pure and safe for concurrent use.
//
// The unit is the question, not the trial: a question asked k times counts once, with the share of its judged trials that were right. Trials that
// could not be judged (faults) are in no numerator and no denominator; they are counted apart. Questions of one family are not independent (twins,
// paraphrases and seeds of one incident stand or fall together), so every rate has two intervals; see Rate. Start at Of.
package stats

import (
	"encoding/json"
	"slices"

	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Question is one question with all its trials.
type Question struct {
	Name     string // scenario/question
	Scenario string
	Family   string // the cluster; the scenario where the trials name no family
	Slice    string
	Lang     string
	Style    string
	Base     string
	Set      string
	Wants    []string // verdicts that are right
	Core     bool

	Right  int // trials that passed
	Judged int // trials that passed or were wrong
	Faults int // trials that could not be judged

	trials []judged
}

// judged is a trial that has an answer, read once.
type judged struct {
	trial.Trial
	read answer.Answer
}

// Questions gathers trials by question, in the order of each question's first trial.
func Questions(trials []trial.Trial) []Question {
	var out []Question
	at := map[string]int{}
	for _, t := range trials {
		i, ok := at[t.Name()]
		if !ok {
			i = len(out)
			at[t.Name()] = i
			out = append(out, Question{Name: t.Name(), Scenario: t.Scenario, Family: family(t), Slice: t.Slice, Lang: t.Lang, Style: t.Style,
				Base: t.Base, Set: t.Set, Wants: t.Wants, Core: t.Core})
		}
		out[i].add(t)
	}
	return out
}

func family(t trial.Trial) string {
	if t.Family == "" {
		return t.Scenario
	}
	return t.Family
}

func (q *Question) add(t trial.Trial) {
	switch t.Status {
	case trial.Pass:
		q.Right++
	case trial.Wrong:
	default:
		q.Faults++
		return
	}
	q.Judged++
	j := judged{Trial: t}
	_ = json.Unmarshal(t.Answer, &j.read) // an answer that is none says no verdict, and counts as such
	q.trials = append(q.trials, j)
}

// Share is the part of the judged trials that were right; 0 where none was judged.
func (q Question) Share() float64 {
	if q.Judged == 0 {
		return 0
	}
	return float64(q.Right) / float64(q.Judged)
}

// Always reports whether the question was judged at least once and was right each time.
func (q Question) Always() bool { return q.Judged > 0 && q.Right == q.Judged }

// Flaky are the names of the questions that were right at one time and wrong at another.
func Flaky(qs []Question) []string {
	var out []string
	for _, q := range qs {
		if q.Right > 0 && q.Right < q.Judged {
			out = append(out, q.Name)
		}
	}
	return out
}

// onlyJudged leaves out questions of which no trial could be judged.
func onlyJudged(qs []Question) []Question {
	return slices.DeleteFunc(slices.Clone(qs), func(q Question) bool { return q.Judged == 0 })
}
