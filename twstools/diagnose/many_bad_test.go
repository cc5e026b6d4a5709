package diagnose_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// TestWholePlanPassesNoFailureOver: of a plan with more failures than are looked into, each is named or counted, and the answer says how many were looked into.
func TestWholePlanPassesNoFailureOver(t *testing.T) {
	const lookedInto = 12
	for _, jobs := range []int{300, 12000, 60000} {
		t.Run(fmt.Sprint(jobs), func(t *testing.T) {
			w := world.Big(jobs, caseClock)
			engine := world.Engine(w, world.Options{})
			page, err := engine.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "ERROR"), Limit: jobs})
			if err != nil {
				t.Fatal(err)
			}
			bad := slices.DeleteFunc(page.Items, func(j twstools.Job) bool { return plan.PhaseOf(j.Status) != plan.Bad })
			r, err := over(engine, w).Diagnose(t.Context(), diagnose.Request{})
			if err != nil {
				t.Fatal(err)
			}
			d := r.Diagnosis
			named := 0
			for i := range bad {
				entity := bad[i].Entity().String(time.UTC)
				if slices.ContainsFunc(d.Causes, func(c answer.Cause) bool { return c.Entity == entity }) ||
					slices.ContainsFunc(d.Candidates, func(c answer.Candidate) bool { return c.Entity == entity }) {
					named++
				}
			}
			if told := named + r.Unlisted; told < len(bad)-lookedInto || told > len(bad) {
				t.Errorf("%d failed, %d are named and %d are counted", len(bad), named, r.Unlisted)
			}
			said := slices.ContainsFunc(d.Missing, func(m string) bool {
				return strings.Contains(m, fmt.Sprintf("%d of the %d jobs", lookedInto, len(bad)))
			})
			if few := len(bad) <= lookedInto; said == few {
				t.Errorf("%d failed; missing: %q", len(bad), d.Missing)
			}
			t.Logf("%d failed: %d causes, %d candidates, %d unlisted", len(bad), len(d.Causes), len(d.Candidates), r.Unlisted)
		})
	}
}

// recovered answers the list of failed runs with jobs that have all come good, and says that there are more.
type recovered struct{ twstools.Engine }

func (e recovered) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	if fmt.Sprint(q.Where) != fmt.Sprint(query.Is("jobruns.commonStatus", "ERROR")) {
		return twstools.List[twstools.Job]{}, nil
	}
	page, err := e.Engine.Jobs(ctx, q)
	page.Items = slices.DeleteFunc(page.Items, func(j twstools.Job) bool { return plan.PhaseOf(j.Status) == plan.Bad })
	page.Total = 5000
	return page, err
}

func (e recovered) JobStreams(context.Context, twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return twstools.List[twstools.JobStream]{}, nil
}

// TestWholePlanIsNotWellBehindAFullPage: where the engine counts more failed runs than were read, nothing says that none of them stands.
func TestWholePlanIsNotWellBehindAFullPage(t *testing.T) {
	w := world.Big(3000, caseClock)
	r, err := over(recovered{world.Engine(w, world.Options{})}, w).Diagnose(t.Context(), diagnose.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Diagnosis.Verdict == answer.NoProblem || len(r.Diagnosis.Missing) == 0 {
		t.Errorf("verdict %s, missing %q", r.Diagnosis.Verdict, r.Diagnosis.Missing)
	}
}

// fallen shows every job with a failed run as failed still.
type fallen struct{ twstools.Engine }

func (e fallen) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	page, err := e.Engine.Jobs(ctx, q)
	if fmt.Sprint(q.Where) == fmt.Sprint(query.Is("jobruns.commonStatus", "ERROR")) {
		for i := range page.Items {
			page.Items[i].Status = twstools.Status{Common: "ERROR", Internal: "ABEND"}
		}
	}
	return page, err
}

// TestWholePlanCountsWhatItDoesNotName: beyond what an answer has room for, failures are counted.
func TestWholePlanCountsWhatItDoesNotName(t *testing.T) {
	const lookedInto, named = 12, 50
	w := world.Big(12000, caseClock)
	engine := fallen{world.Engine(w, world.Options{})}
	bad, err := engine.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "ERROR"), Limit: 12000})
	if err != nil {
		t.Fatal(err)
	}
	r, err := over(engine, w).Diagnose(t.Context(), diagnose.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if want := len(bad.Items) - lookedInto - named; want < 5 || r.Unlisted != want {
		t.Errorf("%d failed, %d are unlisted, want %d", len(bad.Items), r.Unlisted, want)
	}
}
