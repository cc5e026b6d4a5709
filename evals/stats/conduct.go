package stats

import (
	"slices"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Conduct is how answers go wrong. Each rate is over the questions to which it can apply, so that none can be lowered by asking more of others.
type Conduct struct {
	// WrongInstance: the right name of another instance is blamed, of questions that want a cause. Of is 0 where the judge does not tell.
	WrongInstance Rate
	// OverRefused: refused or called out of scope, of questions that want neither.
	OverRefused Rate
	// OverAbstained: "cannot tell" or a question back, of questions that want neither.
	OverAbstained Rate
	// Asserted: a cause, or health, of questions whose right answer is that it cannot be told or that must be asked back.
	Asserted Rate
	// Blamed: a cause where the right answer has none: nothing wrong, unknown, to be asked back, refused, out of scope.
	Blamed Rate

	Outcome Outcome
	Trust   Trust
}

// Outcome is what became of the questions, as sums of shares. An abstention is an answer that is not right and asserts nothing: neither causes
// nor that all is well.
type Outcome struct{ Right, Wrong, Abstained float64 }

// wrongCosts is the price of a wrong answer in right ones: a wrong diagnosis at three in the morning costs more than "cannot tell".
const wrongCosts = 2

// Utility is (right - 2·wrong) of all, between -2 and 1.
func (o Outcome) Utility() float64 {
	all := o.Right + o.Wrong + o.Abstained
	if all == 0 {
		return 0
	}
	return (o.Right - wrongCosts*o.Wrong) / all
}

// Trust is whether the stated confidence of the first cause is worth something. It counts answers (trials), not questions.
type Trust struct {
	// Brier is the mean of (confidence - right)²: 0 is perfect, 0.25 is what saying 0.5 always gives.
	Brier  float64
	Causes int
	// By class: how many first causes were called so, and how many of them were right.
	Classes []Class
	// By level: of the causes stated with so much confidence or more, how many were right. Whoever acts only from a level on reads there what
	// that is worth, and how often it happens.
	Levels []Level
}

// Class is one class of confidence.
type Class struct {
	Name      answer.Class
	Right, Of int
}

// Level is a confidence and what is stated with at least that.
type Level struct {
	AtLeast   float64
	Right, Of int
}

// levels of confidence that are told.
var levels = []float64{0.9, 0.7, 0.5, 0}

// ConductOf reads how the answers went wrong.
func ConductOf(qs []Question) Conduct {
	return Conduct{
		WrongInstance: of(qs, func(t judged) (bool, bool) {
			return t.WrongInstance != nil && *t.WrongInstance, t.WrongInstance != nil && wants(t, answer.Problem)
		}),
		OverRefused:   of(qs, says(answer.Refused, answer.OutOfScope)),
		OverAbstained: of(qs, says(answer.InsufficientEvidence, answer.NeedsClarification)),
		Asserted: of(qs, func(t judged) (bool, bool) {
			unknowable := !wants(t, answer.Problem, answer.NoProblem) && wants(t, answer.InsufficientEvidence, answer.NeedsClarification)
			return asserts(t), unknowable
		}),
		Blamed:  of(qs, func(t judged) (bool, bool) { return len(causes(t)) > 0, !wants(t, answer.Problem) }),
		Outcome: outcomeOf(qs),
		Trust:   trustOf(qs),
	}
}

// of makes a rate of what is said of each trial: whether it did so, and whether it could.
func of(qs []Question, did func(judged) (hit, applies bool)) Rate {
	return rate(qs, func(q Question) (float64, bool) {
		hits, n := 0, 0
		for _, t := range q.trials {
			if hit, applies := did(t); applies {
				n++
				if hit {
					hits++
				}
			}
		}
		if n == 0 {
			return 0, false
		}
		return float64(hits) / float64(n), true
	})
}

// says is whether an answer has one of the verdicts, of questions that want none of them.
func says(verdicts ...answer.Verdict) func(judged) (bool, bool) {
	return func(t judged) (bool, bool) { return slices.Contains(verdicts, verdict(t)), !wants(t, verdicts...) }
}

func wants(t judged, verdicts ...answer.Verdict) bool {
	return slices.ContainsFunc(verdicts, func(v answer.Verdict) bool { return slices.Contains(t.Wants, string(v)) })
}

func verdict(t judged) answer.Verdict {
	if t.read.Diagnosis == nil {
		return ""
	}
	return t.read.Diagnosis.Verdict
}

func causes(t judged) []answer.Cause {
	if t.read.Diagnosis == nil {
		return nil
	}
	return t.read.Diagnosis.Causes
}

func asserts(t judged) bool {
	return len(causes(t)) > 0 || verdict(t) == answer.Problem || verdict(t) == answer.NoProblem
}

func outcomeOf(qs []Question) Outcome {
	var o Outcome
	for _, q := range onlyJudged(qs) {
		o.Right += q.Share()
		for _, t := range q.trials {
			switch {
			case t.Status == trial.Pass:
			case asserts(t):
				o.Wrong += 1 / float64(q.Judged)
			default:
				o.Abstained += 1 / float64(q.Judged)
			}
		}
	}
	return o
}

// trustOf takes a first cause for right when the question wants a cause, and entity and kind were found right.
func trustOf(qs []Question) Trust {
	t := Trust{Levels: make([]Level, len(levels))}
	for i, at := range levels {
		t.Levels[i].AtLeast = at
	}
	classes := map[answer.Class]*Class{}
	for _, q := range qs {
		for _, x := range q.trials {
			list := causes(x)
			if len(list) == 0 {
				continue
			}
			first := list[0]
			if classes[first.Class] == nil {
				classes[first.Class] = &Class{Name: first.Class}
			}
			classes[first.Class].Of++
			t.Causes++
			truth := 0.0
			if rightCause(x) {
				truth = 1
				classes[first.Class].Right++
			}
			for i := range t.Levels {
				if first.Confidence >= t.Levels[i].AtLeast {
					t.Levels[i].Of++
					t.Levels[i].Right += int(truth)
				}
			}
			t.Brier += (first.Confidence - truth) * (first.Confidence - truth)
		}
	}
	if t.Causes > 0 {
		t.Brier /= float64(t.Causes)
	}
	for _, name := range []answer.Class{answer.Confirmed, answer.Likely} {
		if classes[name] != nil {
			t.Classes = append(t.Classes, *classes[name])
		}
	}
	return t
}

func rightCause(t judged) bool {
	if !wants(t, answer.Problem) {
		return false
	}
	return !slices.ContainsFunc(t.Failed(), func(c score.Criterion) bool { return c.Name == score.CauseEntity || c.Name == score.CauseKind })
}
