package oracle

import (
	"slices"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/twstools/answer"
)

// wrongMissing are ways of saying what was not seen that say nothing.
func wrongMissing() []Mutant {
	unknown := func(change func(*Case)) func(*Case) bool {
		return func(c *Case) bool {
			if !slices.Contains(c.Gold.Verdict, answer.InsufficientEvidence) || c.Answer.Diagnosis.Verdict != answer.InsufficientEvidence {
				return false
			}
			change(c)
			return true
		}
	}
	return []Mutant{
		{"every source is called unseen", []string{score.Missing}, false, unknown(func(c *Case) {
			d := c.Answer.Diagnosis
			for _, kind := range []string{"plan", "joblog", "history", "audit", "host", "event", "definition"} {
				d.Missing = append(d.Missing, kind+": not seen")
			}
		})},
	}
}
