package diagnose_test

import (
	"context"
	"testing"

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
