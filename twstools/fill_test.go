package twstools_test

import (
	"context"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// What a read alone leaves out is taken from the row that told it; what it told is never changed (our own choice; the interface's description
// demands hardly any field).
func TestFill(t *testing.T) {
	five, ten, rc, other := 5, 10, 3, 4
	start := time.Date(2026, 3, 17, 2, 0, 0, 0, time.UTC)
	row := twstools.Job{Status: twstools.Status{Internal: "ABEND", Common: "ERROR"}, Priority: &ten, SchedTime: start, Definition: twstools.JobDefinition{EstimatedDuration: time.Minute},
		Runs: []twstools.Run{{ID: "a", JobNumber: 7, ReturnCode: &rc}, {ID: "b", JobNumber: 8, ReturnCode: &rc, Start: start}}}
	whole := twstools.Job{Status: twstools.Status{Common: "ERROR"}, Priority: &five, Runs: []twstools.Run{{ID: "b", ReturnCode: &other}}}
	shared := whole.Runs
	whole.Fill(&row)
	if whole.Status.Internal != "ABEND" || *whole.Priority != 5 || !whole.SchedTime.Equal(start) || whole.Definition.EstimatedDuration != time.Minute {
		t.Errorf("job = %+v", whole)
	}
	if r := whole.Runs[0]; len(whole.Runs) != 1 || r.JobNumber != 8 || *r.ReturnCode != 4 || !r.Start.Equal(start) {
		t.Errorf("runs = %+v", whole.Runs)
	}
	if shared[0].JobNumber != 0 {
		t.Error("a run that others hold was changed")
	}
	moved := twstools.Job{Status: twstools.Status{Common: "SUCCESSFUL"}}
	if moved.Fill(&row); moved.Status.Internal != "" {
		t.Errorf("a job that has moved on shows %s of before", moved.Status.Internal)
	}
	stream := twstools.JobStream{Status: twstools.Status{Internal: "HOLD"}}
	if stream.Fill(&twstools.JobStream{Limit: &five, Start: start}); *stream.Limit != 5 || !stream.Start.Equal(start) || stream.Status.Internal != "HOLD" {
		t.Errorf("job stream = %+v", stream)
	}
	stream.Fill(nil)
}

// Archived plans come newest first; plans of other types, and entries that nothing can be read of, are left out.
func TestArchivedPlans(t *testing.T) {
	got, err := twstools.ArchivedPlans(t.Context(), kept{{ID: "202603150000"}, {ID: "current", Type: twstools.PlanCurrent}, {Type: twstools.PlanArchived}, {ID: "202603160000", Type: twstools.PlanArchived}})
	if err != nil || len(got) != 2 || got[0].ID != "202603160000" || got[1].ID != "202603150000" {
		t.Errorf("ArchivedPlans = %+v, %v", got, err)
	}
}

type kept []twstools.Plan

func (k kept) Plans(context.Context, twstools.PlanType) ([]twstools.Plan, error) { return k, nil }

func (kept) PlanWindow(context.Context) (w twstools.PlanWindow, err error) { return w, nil }

func (kept) ArchivedJobs(context.Context, twstools.Plan, twstools.ListQuery) (l twstools.List[twstools.Job], err error) {
	return l, nil
}
