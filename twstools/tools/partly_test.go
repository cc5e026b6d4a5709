package tools_test

import (
	"context"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

// partial is an engine that cannot give all jobs.
type partial struct{ twstools.Engine }

func (p partial) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	list, err := p.Engine.Jobs(ctx, q)
	list.Items, list.Incomplete = nil, true
	return list, err
}

// A plan of which not all jobs could be read is not told as one in which nothing is wrong.
func TestPlanStatusTellsThatJobsAreMissing(t *testing.T) {
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		engine twstools.Engine
		told   bool
	}{{world.Engine(w, world.Options{}), false}, {partial{world.Engine(w, world.Options{})}, true}} {
		out, r := call[tools.PlanStatusOut](t, set(t, tc.engine), "plan_status", `{}`)
		if r.Error != nil {
			t.Fatal(r.Error)
		}
		if told := strings.Contains(strings.Join(out.Missing, "\n"), "not give all jobs"); told != tc.told {
			t.Errorf("told %v, want %v: %q", told, tc.told, out.Missing)
		}
	}
}
