package sim_test

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/world/sim"
)

// TestNewsOfPredecessors holds that a predecessor's success is noted when it happens, and not only once the start time of what follows has come:
// else a plan shows a predecessor that is done and a successor that still waits for it.
func TestNewsOfPredecessors(t *testing.T) {
	d, err := sim.Parse([]byte(`
plan: {master: MDM}
workstations: [{name: MDM, type: MANAGER}, {name: A}]
streams:
  - {name: P, on: A, at: "01:00", jobs: [{name: J, takes: 3m}, {name: LONG, takes: 3h}]}
  - {name: S, on: A, at: "03:00", needs: [{job: P.J}], jobs: [{name: K, needs: [{job: P.LONG}]}, {name: L, after: [], needs: [{job: P.J}]}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(d, sim.Options{Seed: 1, Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	s.Advance(monday.Add(2 * time.Hour))
	w := s.World()
	for _, st := range w.JobStreams {
		if st.Name == "S" && (st.Status.Internal != "HOLD" || *st.UnresolvedCount != 0) {
			t.Errorf("the stream is %s and waits for %d", st.Status.Internal, *st.UnresolvedCount)
		}
	}
	for _, j := range w.Jobs {
		if want := map[string]int{"K": 1, "L": 0}; j.Stream == "S" && (j.Status.Internal != "HOLD" || *j.UnresolvedCount != want[j.Name]) {
			t.Errorf("%s is %s and waits for %d", j.Name, j.Status.Internal, *j.UnresolvedCount)
		}
	}
}
