package incident_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/incident"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools"
)

func made(t *testing.T, b *incident.Book, family, variant, base string) incident.Made {
	t.Helper()
	m, err := b.Make(suite.Recipe{Family: family, Variant: variant, Base: base, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func carried(m incident.Made) []twstools.JobStream {
	return slices.DeleteFunc(slices.Clone(m.World.JobStreams), func(s twstools.JobStream) bool {
		return !s.CarriedForward || strings.HasPrefix(s.Name, "FINAL")
	})
}

// TestWhatIsOfTheDayAloneLeavesNothingFromTheDaysBefore holds that a change of a definition which is of the day alone did not hold anything up on
// the days before: else an answer would have to tell apart as many instances as days went by.
func TestWhatIsOfTheDayAloneLeavesNothingFromTheDaysBefore(t *testing.T) {
	b := book(t)
	for _, r := range [][2]string{{"prompt", "asked"}, {"arrival", "missing"}, {"cycle", "circle"}, {"branch", "unset"}} {
		for _, base := range []string{"harbour", "varejo"} {
			if raced && r[0] != "prompt" {
				continue // takes long under the race detector, which sees nothing else in the others
			}
			if left := carried(made(t, b, r[0], r[1], base)); len(left) > 0 {
				t.Errorf("%s/%s in %s: %s was carried over from the day before", r[0], r[1], base, left[0].Name)
			}
		}
	}
}

// TestWhatHappensBeforeTheTurnIsThereAfterIt holds that an incident of the plan before has its effect in the plan that is told, and that the gold
// names the instance of that day and not today's.
func TestWhatHappensBeforeTheTurnIsThereAfterIt(t *testing.T) {
	b := book(t)
	m := made(t, b, "carried", "abended", "harbour")
	left := carried(m)
	if len(left) == 0 {
		t.Fatal("nothing was carried over")
	}
	day := left[0].SchedTime.Format("01/02/06")
	if c := m.Scenario.Gold.Causes[0]; !strings.Contains(c.Entity, day+")") {
		t.Errorf("the cause is %s, not an instance of %s", c.Entity, day)
	}
	if left := carried(made(t, b, "carried", "well", "harbour")); len(left) > 0 {
		t.Errorf("in the healthy twin %s was carried over", left[0].Name)
	}
}
