package diagnose_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/world"
)

// blind lists the plan and shows nothing of it in detail.
type blind struct{ twstools.Engine }

func (blind) Job(context.Context, twstools.Ref) (twstools.Job, error) {
	return twstools.Job{}, fault.New(fault.UpstreamUnavailable, "The engine failed to read the job.")
}

func (blind) JobStream(context.Context, twstools.Ref) (twstools.JobStream, error) {
	return twstools.JobStream{}, fault.New(fault.UpstreamUnavailable, "The engine failed to read the job stream.")
}

// streamless shows jobs and no job streams.
type streamless struct{ twstools.Engine }

func (streamless) JobStreams(context.Context, twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return twstools.List[twstools.JobStream]{}, fault.New(fault.UpstreamUnavailable, "The engine failed to read the list of job streams.")
}

// A plan whose job streams could not be listed is not called well, even when no job of it looks bad.
func TestWholePlanIsNotWellWhenAListCannotBeRead(t *testing.T) {
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(`
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: NODE1, type: FTA, states: [LINKED, RUNNING]}]
streams: [{name: DAY, workstation: NODE1, sched: "05:50", state: SUCC, jobs: [{name: A, start: "05:55", ran: 1m}]}]
`)}}, caseClock)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		e    twstools.Engine
		want answer.Verdict
	}{{world.Engine(w, world.Options{}), answer.NoProblem}, {streamless{world.Engine(w, world.Options{})}, answer.InsufficientEvidence}} {
		r, err := over(c.e, w).Diagnose(t.Context(), diagnose.Request{})
		if err != nil || r.Diagnosis.Verdict != c.want {
			t.Errorf("verdict %s, %v; want %s", r.Diagnosis.Verdict, err, c.want)
		}
	}
}

// A list that shows jobs in error is no healthy plan because the jobs themselves could not be read.
func TestWholePlanIsNotWellWhenWhatLooksBadCannotBeRead(t *testing.T) {
	w, err := world.Demo(caseClock)
	if err != nil {
		t.Fatal(err)
	}
	r, err := over(blind{world.Engine(w, world.Options{})}, w).Diagnose(t.Context(), diagnose.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Diagnosis.Verdict == answer.NoProblem || len(r.Failures) == 0 || len(r.Diagnosis.Missing) == 0 {
		t.Errorf("verdict %s, %d failures, missing %q", r.Diagnosis.Verdict, len(r.Failures), r.Diagnosis.Missing)
	}
}
