package twsmock_test

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/world/sim"
)

// What a simulated plant comes to by itself keeps the interface as what was written down does: a bank in its night, at the plan's turn and by day,
// on which an operator closes a workstation and kills what runs.
func TestAnswersOverASimulatedPlantKeepTheInterface(t *testing.T) {
	d, seen, states := spec(t), map[string]bool{}, map[string]bool{}
	bank, err := sim.Bank()
	if err != nil {
		t.Fatal(err)
	}
	midnight := night.Truncate(24 * time.Hour)
	s, err := sim.Since(bank, sim.Options{Seed: 3, Start: midnight}, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, hour := range []int{2, 6, 13, 21, 27} {
		at := midnight.Add(time.Duration(hour) * time.Hour)
		s.Advance(at)
		w := s.World()
		killed := false
		for _, j := range w.Jobs {
			states[j.Status.Internal] = true
			if j.Status.Internal == "EXEC" && !killed {
				if err := s.Kill(j.Stream + "." + j.Name); err != nil {
					t.Fatal(err)
				}
				if err := s.SetLimit(j.Workstation, 0); err != nil {
					t.Fatal(err)
				}
				killed = true
			}
		}
		t.Run(at.Format("02T15h"), func(t *testing.T) { d.ask(t, w, seen) })
	}
	for _, must := range []string{"HOLD", "READY", "EXEC", "SUCC", "ABEND"} {
		if !states[must] {
			t.Errorf("no job was %s at any of the hours, so how it is answered was not checked: %v", must, states)
		}
	}
}
