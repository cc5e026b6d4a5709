package diagnose_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

// at makes a diagnoser over the demo plant whose engine believes that it is later than the plan shows.
func at(t *testing.T, later time.Duration) *diagnose.Diagnoser {
	t.Helper()
	w, err := world.Demo(caseClock)
	if err != nil {
		t.Fatal(err)
	}
	e := world.Engine(w, world.Options{})
	zone := func(context.Context) *time.Location { return time.UTC }
	now := func() time.Time { return w.AsOf.Add(later) }
	return diagnose.New(diagnose.Options{Engine: e, Finder: reader.NewFinder(e, zone, now), Name: "default", Zone: zone, PlanNow: func() (time.Time, bool) { return now(), false }})
}

// TestAClockThatIsMonthsAheadMakesNothingSlow: a plan in which nothing has moved for months is judged as of its last change, and says so.
func TestAClockThatIsMonthsAheadMakesNothingSlow(t *testing.T) {
	healthy := firstRunning(t)
	for _, later := range []time.Duration{0, 5000 * time.Hour} {
		d := at(t, later)
		r, err := d.Diagnose(t.Context(), diagnose.Request{Target: "POLRENEW.REN_CALC"})
		if err != nil {
			t.Fatal(err)
		}
		if got := causes(r.Diagnosis); len(got) != 1 || !strings.HasPrefix(got[0], "perf.slow") {
			t.Errorf("%s later: causes %q, want the slow job", later, got)
		}
		said := strings.Contains(strings.Join(r.Diagnosis.Missing, " "), "nothing in the plan has moved")
		if said != (later > 0) {
			t.Errorf("%s later: doubt about the clock said: %v", later, said)
		}
		if later > 0 && r.Diagnosis.ConfidenceClass == answer.Confirmed {
			t.Error("a cause is confirmed by statuses that nothing proves to be current")
		}
		r, err = d.Diagnose(t.Context(), diagnose.Request{Target: healthy})
		if err != nil {
			t.Fatal(err)
		}
		if r.Diagnosis.Verdict != answer.NoProblem {
			t.Errorf("%s later: %s is %s (%q), and it runs within its usual time", later, healthy, r.Diagnosis.Verdict, causes(r.Diagnosis))
		}
	}
}

// firstRunning names a job of the demo that runs within its estimate.
func firstRunning(t *testing.T) string {
	t.Helper()
	w, err := world.Demo(caseClock)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range w.Jobs {
		if n := len(j.Runs); j.Status.Internal == "EXEC" && n == 1 && !plan.PaceAt(&j, w.AsOf).Slow && j.Definition.EstimatedDuration > 0 {
			return j.Entity().String(time.UTC)
		}
	}
	t.Fatal("the demo has no job that runs within its time")
	return ""
}
