package offline

import (
	"slices"

	"github.com/resync-hwa/resync/agentsvc/compose"
)

// Barred gives the tools that the answer would rest on and that are at hand, but not for the agent who answers (Turn.Withheld), in the order in
// which they would be called.
func Barred(t Turn) []string {
	if len(t.Withheld) == 0 {
		return nil
	}
	all := t
	all.Offered = slices.Concat(t.Offered, t.Withheld)
	var out []string
	add := func(calls []Call) {
		for _, c := range calls {
			if slices.Contains(t.Withheld, c.Name) && !slices.Contains(t.Offered, c.Name) && !slices.Contains(out, c.Name) {
				out = append(out, c.Name)
			}
		}
	}
	add(served(t, wanted(all)))
	if slices.Contains(t.Withheld, compose.SearchKnowledge) {
		add(follow(t))
	}
	return out
}

// served lets diagnose_job do the work of explain_wait where only the former is at hand. The other way round it would assume a premise.
func served(t Turn, calls []Call) []Call {
	if slices.Contains(t.Offered, compose.ExplainWait) || !slices.Contains(t.Offered, compose.DiagnoseJob) {
		return calls
	}
	for i, c := range calls {
		if c.Name != compose.ExplainWait {
			continue
		}
		calls[i].Name = compose.DiagnoseJob
		if c.Args["premise"] == nil {
			c.Args["premise"] = "waiting"
		}
	}
	return calls
}
