package oracle_test

import (
	"slices"
	"testing"

	"github.com/resync-hwa/resync/evals/score"
)

// TestAListNeedsNoDiagnosis: what asks for a list or a number may be answered without a diagnosis, and nothing else may.
func TestAListNeedsNoDiagnosis(t *testing.T) {
	for _, id := range []string{"lists", "planned", "several"} {
		for _, lang := range []string{"en", "pt"} {
			c := named(t, invented(t), id, lang)
			c.Answer.Diagnosis = nil
			if r := judged(t, c); r.Pass != (id == "lists") {
				t.Errorf("%s/%s: passes %v: %v", id, lang, r.Pass, r.Failed())
			}
		}
	}
}

// TestCausesThatAreApartHaveNoOrder: either may stand first where the gold says so, an innocent never, and elsewhere the first cause is the gold's.
func TestCausesThatAreApartHaveNoOrder(t *testing.T) {
	c := named(t, invented(t), "several", "en")
	d := c.Answer.Diagnosis
	slices.Reverse(d.Causes)
	d.ConfidenceClass = d.Causes[0].Class
	if r := judged(t, c); r.Pass {
		t.Error("the second cause stands first, and it passes")
	}
	c.Gold.AnyFirst = true
	if r := judged(t, c); !r.Pass {
		t.Errorf("either may stand first: %v", r.Failed())
	}
	d.Causes[0].Kind = "app.fs.space"
	if r := judged(t, c); !slices.ContainsFunc(r.Failed(), func(f score.Criterion) bool { return f.Name == score.CauseKind }) {
		t.Errorf("the first cause has the other one's kind: %v", r.Failed())
	}
}
