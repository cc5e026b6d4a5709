package diagnose_test

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

// refusesStreams is an engine that may refuse to show job streams.
type refusesStreams struct {
	twstools.Engine
	refuses bool
}

func (s refusesStreams) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	if s.refuses {
		return twstools.JobStream{}, fault.New(fault.UpstreamDenied, "The engine refuses this account.")
	}
	return s.Engine.JobStream(ctx, ref)
}

func (s refusesStreams) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	if s.refuses {
		return twstools.List[twstools.JobStream]{}, fault.New(fault.UpstreamDenied, "The engine refuses this account.")
	}
	return s.Engine.JobStreams(ctx, q)
}

const unknownLengths = `
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: N1, type: FTA, limit: 10, states: [LINKED, RUNNING, JOBMAN_UP]}]
streams:
  - {name: NIGHT, workstation: N1, sched: "05:00", state: HOLD, needs: [{file: /in/a.dat, on: N1, file_state: Unavailable}], jobs: [{name: SEAL, state: HOLD, takes: 10m, deadline: "09:00"}]}
  - {name: DARK, workstation: N1, sched: "05:00", state: READY, jobs: [{name: FIRST, state: READY}, {name: SECOND, state: HOLD, takes: 10m, deadline: "09:00"}]}
`

// TestLateWithoutAllOfIt: what was not read, or has no known length, leaves no time to act by, and nothing on time. Our own choice.
func TestLateWithoutAllOfIt(t *testing.T) {
	for _, c := range []struct {
		says, target string
		refused      bool
		want         string
		complete     bool
		waits        []string
	}{
		{"its stream was not read", "NIGHT.SEAL", true, "unknown NIGHT.SEAL sum 06:00 + 10 min SEAL = 06:10 at the earliest; eats NIGHT.SEAL longest 10", false, []string{"not_read N1#NIGHT[(0500 03/17/26)]"}},
		{"a part has no known length", "DARK.SECOND", false, "unknown DARK.SECOND slack 170 sum 06:00 + ? min FIRST + 10 min SECOND = 06:10 at the earliest; eats DARK.SECOND longest 10", true, nil},
	} {
		t.Run(c.says, func(t *testing.T) {
			w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(unknownLengths)}}, caseClock)
			if err != nil {
				t.Fatal(err)
			}
			for i := range w.Jobs {
				if w.Jobs[i].Name == "FIRST" {
					w.Jobs[i].Definition.EstimatedDuration = 0
				}
			}
			e := refusesStreams{world.Engine(w, world.Options{}), c.refused}
			zone := func(context.Context) *time.Location { return time.UTC }
			d := diagnose.New(diagnose.Options{Engine: e, Finder: reader.NewFinder(e, zone, func() time.Time { return w.AsOf }), Name: "default", Zone: zone,
				PlanNow: func() (time.Time, bool) { return w.AsOf, false }})
			r, err := d.Late(t.Context(), diagnose.LateRequest{Target: c.target})
			if err != nil || len(r.Rows) != 1 {
				t.Fatalf("%d rows, %v", len(r.Rows), err)
			}
			if got := lateRow(r.Rows[0]); got != c.want || r.Complete != c.complete {
				t.Errorf("got  %s, complete %v\nwant %s", got, r.Complete, c.want)
			}
			if got := r.Rows[0].AlsoWaitsFor; !slices.Equal(got, c.waits) {
				t.Errorf("waits for %q, want %q", got, c.waits)
			}
			addsUp(t, caseClock, r.Rows[0])
		})
	}
}
