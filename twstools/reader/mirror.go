package reader

import (
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

// freshWindow is how recent a change must be to prove that the engine's copy of the plan is kept up. A CHECKSYNC that succeeded proves that the
// copy was whole when it ended, and no more: what stops arriving hours later does not undo it. It tells so for the plan that it belongs to, which
// lasts a day (DESIGN.md 4.6; diagnose/fresh.go has the same rule).
const (
	freshWindow = 10 * time.Minute
	planLasts   = 36 * time.Hour
)

// checkSync is the job of FINALPOSTREPORTS that watches the copying of the plan into the database (UG "Monitoring the replication of plan data
// in the database").
const checkSync = "CHECKSYNC"

// Mirror says what proves that the copy of the plan that the engine's interface shows is kept up.
type Mirror struct {
	// At is the instant as of which the copy is proven, on the engine's clock; zero: nothing proves it.
	At time.Time
	// By is what proved it: "change", a start or end that the copy shows, which proves that it is kept up now; or "checksync", which proves that
	// it was whole at At and nothing of what came later.
	By string
	// Failed: CHECKSYNC ended badly in this plan, so every status may lag, whatever else was seen.
	Failed bool
}

// Mirrored gives what the refresher has seen of the copy, without asking anything. It is empty until the first refresh, and when
// the proof has grown old. A rule that must know at once looks for itself.
func (r *Reader) Mirrored() Mirror {
	r.watch.mu.Lock()
	m := r.watch.mirror
	r.watch.mu.Unlock()
	now, _ := r.PlanNow()
	switch age := now.Sub(m.At); {
	case m.Failed:
		return Mirror{Failed: true} // every status is in doubt, whatever else was seen
	case m.By == "change" && age > freshWindow, m.By == "checksync" && age > planLasts:
		return Mirror{}
	}
	return m
}

// proof takes what an observation shows into the mirror's state. A CHECKSYNC that failed stands until one succeeds or the plan turns.
func (s *sighting) proof(o *observation, m Mirror) Mirror {
	if o.turned {
		m = Mirror{}
	}
	for _, list := range [][]twstools.Job{o.jobs.items, o.started.items, o.ended.items, o.again.items} {
		for i := range list {
			j := &list[i]
			if j.Name != checkSync || len(j.Runs) == 0 {
				continue
			}
			switch end := j.Runs[len(j.Runs)-1].End; plan.PhaseOf(j.Status) {
			case plan.Bad:
				m.Failed = true
			case plan.Done:
				m.Failed = false
				if end.After(m.At) && o.now.Sub(end) <= planLasts {
					m.At, m.By = end, "checksync"
				}
			}
		}
	}
	if t := newestRun(o.now, o.jobs.items, o.started.items, o.ended.items); o.now.Sub(t) <= freshWindow && t.After(m.At) {
		m.At, m.By = t, "change"
	}
	return m
}
