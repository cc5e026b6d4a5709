package hwa_test

import (
	"slices"
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// TestWaitingJobsWithoutRuns holds the client to the jobs that wait, on servers that show no run of a job before it has run.
func TestWaitingJobsWithoutRuns(t *testing.T) {
	waiting := query.AnyOf("jobruns.commonStatus", "WAITING", "READY")
	hold := query.Is("jobruns.compositeStatus.status", "HOLD")
	cases := []struct {
		name string
		q    twstools.ListQuery
		want []int
	}{
		{"waiting", twstools.ListQuery{Where: waiting}, span(1, 60, 3)},
		{"page", twstools.ListQuery{Where: waiting, Limit: 4, Offset: 2}, span(7, 19, 3)},
		{"internal", twstools.ListQuery{Where: hold}, span(1, 60, 3)},
		{"in-part", twstools.ListQuery{Where: query.And{waiting, query.Matches("name", "J0001@")}}, []int{10, 13, 16, 19}},
		{"or", twstools.ListQuery{Where: query.Or{hold, query.Is("jobruns.commonStatus", "WAITING")}}, span(1, 60, 3)},
		{"failed", twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "ERROR")}, span(0, 60, 3)},
		{"none-ready", twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "READY")}, nil},
	}
	for kind, s := range serverKinds() {
		t.Run(kind, func(t *testing.T) {
			rows := jobs(60)
			for i := 1; i < len(rows); i += 3 {
				rows[i]["lastRunCommonStatus"], rows[i]["lastRunCompositeStatus"], rows[i]["jobruns"] = "WAITING", m{"status": "HOLD"}, []any{}
			}
			s.rows = map[string][]m{"job": rows}
			c := open(t, s)
			for range 2 { // the second time the client has learned
				for _, tc := range cases {
					list, err := c.Jobs(t.Context(), tc.q)
					if err != nil {
						t.Fatalf("%s: %v", tc.name, err)
					}
					var want, got []string
					for _, i := range tc.want {
						want = append(want, rows[i]["name"].(string))
					}
					for _, j := range list.Items {
						got = append(got, j.Name)
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s: %v, want %v", tc.name, got, want)
					}
				}
			}
		})
	}
}

// TestNobodyWaits holds the client to few questions: a plan in which nothing waits is not read whole time and again.
func TestNobodyWaits(t *testing.T) {
	rows := jobs(60)
	rows[1]["jobruns"].([]any)[0].(m)["commonStatus"] = "WAITING"
	s := &stub{rows: map[string][]m{"job": rows}}
	c := open(t, s)
	ask := func() int {
		before := len(s.requests())
		list, err := c.Jobs(t.Context(), twstools.ListQuery{Where: query.And{query.Is("jobruns.commonStatus", "WAITING"), query.Is("name", "J00002")}})
		if err != nil || len(list.Items) != 0 {
			t.Fatalf("%d jobs, %v, want none", len(list.Items), err)
		}
		return len(s.requests()) - before
	}
	if first, second := ask(), ask(); first > 3 || second != 1 {
		t.Errorf("%d requests, then %d, want at most 3, then 1", first, second)
	}
}
