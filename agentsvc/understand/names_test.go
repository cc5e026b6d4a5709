package understand_test

import (
	"os"
	"slices"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/agentsvc/understand"
)

// TestNames wants intent, target, premise, kind and statuses right for names that are words, acronyms within words, and questions
// about one name that sound like questions about the plan.
func TestNames(t *testing.T) {
	u := newUnderstander(t)
	for _, file := range []string{"testdata/held_out_names_en.yaml", "testdata/held_out_names_pt.yaml"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all []utterance
		if err := yaml.Unmarshal(b, &all); err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			got := u.Parse(c.Q, understand.Context{Now: now, Location: zone})
			ok := slices.Contains(c.Intents, string(got.Intent)) && c.Targets.holds(got.Target) && (c.Premises == nil || c.Premises.holds(got.Premise)) &&
				(c.Kind == nil || got.TargetKind == *c.Kind) && (c.Statuses == nil || slices.Equal(got.Statuses, c.Statuses))
			if !ok {
				t.Errorf("%q: %s of %q, kind %q, premise %q, statuses %v, hint %q", c.Q, got.Intent, got.Target, got.TargetKind, got.Premise, got.Statuses, got.Hint)
			}
		}
	}
}
