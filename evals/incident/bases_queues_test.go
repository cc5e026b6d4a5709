package incident_test

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// What a healthy plant may let its jobs wait: for units that others hold, and, once READY, for room on a workstation or in a stream that takes
// two jobs at a time. An incident that makes a queue makes a longer one.
const (
	longestForUnits = 40 * time.Minute
	longestReady    = 35 * time.Minute
)

// TestQueuesAreShort looks every five minutes of a day.
func TestQueuesAreShort(t *testing.T) {
	const every = 5 * time.Minute
	bases(t, func(t *testing.T, name string) {
		s, from := since(t, name, days[1], 3)
		waits, units, ready := map[string]time.Duration{}, time.Duration(0), time.Duration(0)
		for at := from; at.Before(from.Add(24*time.Hour - 4*time.Minute)); at = at.Add(every) {
			s.Advance(at)
			w := s.World()
			started := map[string]bool{}
			for _, st := range w.JobStreams {
				started[st.Ref.ID] = st.Status.Internal == "READY" || st.Status.Internal == "EXEC"
			}
			for _, j := range w.Jobs {
				id := j.Ref.ID
				switch {
				case j.Status.Internal == "READY":
					waits[id] += every
					if ready = max(ready, waits[id]); waits[id] > longestReady && !t.Failed() {
						t.Errorf("%s: %s.%s has been READY for %s", at, j.Stream, j.Name, waits[id])
					}
				case j.Status.Internal == "HOLD" && started[j.StreamRef.ID] && unitsOnly(j):
					waits[id] += every
					if units = max(units, waits[id]); waits[id] > longestForUnits && !t.Failed() {
						t.Errorf("%s: %s.%s has waited for units for %s", at, j.Stream, j.Name, waits[id])
					}
				default:
					delete(waits, id)
				}
			}
		}
		t.Logf("the longest wait for units lasts %s, the longest in READY %s", units, ready)
		if units == 0 {
			t.Error("nobody ever waits for units: the resources hold nobody back")
		}
	})
}

// unitsOnly reports whether a job of a stream that has started waits for units and nothing else.
func unitsOnly(j twstools.Job) bool {
	units := false
	for _, d := range j.Dependencies {
		if d.Satisfied != nil && *d.Satisfied {
			continue
		}
		if d.Type != twstools.DepResource {
			return false
		}
		units = true
	}
	return units
}
