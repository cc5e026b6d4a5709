package compose

import (
	"slices"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// maxOffered is how many objects of an answer the next question can point at: as many as its prose shows.
const maxOffered = 8

// Offered gives the objects that an answer listed, in its order, for a next question that points at one of them ("the second one"): what it
// asked back about, else the jobs that were found, else the causes. Empty where it named fewer than two.
func Offered(asked conversations.Asked, ledger conversations.Ledger, a answer.Answer) []string {
	var out []string
	add := func(entity string) {
		if entity != "" && !slices.Contains(out, entity) && len(out) < maxOffered {
			out = append(out, entity)
		}
	}
	d := a.Diagnosis
	switch {
	case d != nil && d.Verdict == answer.NeedsClarification:
		for _, c := range d.Candidates {
			add(c.Entity)
		}
	case asked.Intent == string(understand.Find):
		for _, c := range slices.Backward(ledger) {
			if c.Name != FindJobs || !c.OK() {
				continue
			}
			if found := decode[tools.FindJobsOut](c); found != nil {
				for _, j := range found.Jobs {
					add(j.Entity)
				}
			}
			break
		}
	case d != nil:
		for _, c := range d.Causes {
			add(c.Entity)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}
