package hwa_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// graph is a small plan: A → B (job of B names A), A → stream LATER.
func graph() map[string][]m {
	return map[string][]m{
		"job": {
			{"id": "a", "name": "A", "dependencies": []any{m{"dependencyType": "EXTERNAL_JOBSTREAM", "jobStreamId": "s0", "jobStreamName": "EARLY"}}},
			{"id": "b", "name": "B", "dependencies": []any{m{"dependencyType": "INTERNAL", "jobId": "a", "jobName": "A"}}},
			{"id": "c", "name": "C"},
		},
		"jobstream": {
			{"id": "s0", "name": "EARLY", "originalJobStreamName": "EARLY"},
			{"id": "s1", "name": "LATER", "dependencies": []any{m{"dependencyType": "EXTERNAL_JOB", "jobId": "a", "jobName": "A"}}},
		},
	}
}

func names(ns []twstools.Neighbour) string {
	var out []string
	for _, n := range ns {
		if n.Job != nil {
			out = append(out, "job:"+n.Job.Name)
		}
		if n.JobStream != nil {
			out = append(out, "stream:"+n.JobStream.Name)
		}
	}
	return strings.Join(out, " ")
}

func TestNeighboursFromThePath(t *testing.T) {
	s := &stub{handle: func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/plan/job/a/successors") || r.URL.Query().Get("depth") != "2" {
			return false
		}
		writeJSON(w, m{"count": 4, "results": []any{m{"flowNodeType": "JOB", "id": "b", "name": "B"}, m{"flowNodeType": "JOBSTREAM", "id": "s1", "name": "LATER"},
			m{"id": "s2", "name": "GUESSED", "internalIdentifier": "0AAA"}, m{"id": "d", "name": "D", "jobStreamName": "X"}}})
		return true
	}}
	got, err := open(t, s).Neighbours(t.Context(), twstools.NeighbourQuery{Ref: twstools.Ref{ID: "a"}, Direction: twstools.Successors, Depth: 2})
	if err != nil || names(got) != "job:B stream:LATER stream:GUESSED job:D" {
		t.Errorf("neighbours = %q (%v)", names(got), err)
	}
}

// A server without the paths is read through dependencies.
func TestNeighboursAnotherWay(t *testing.T) {
	for _, code := range []int{404, 405, 501} {
		s := &stub{rows: graph()}
		s.handle = func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "cessors") {
				w.WriteHeader(code)
				return true
			}
			return false
		}
		c := open(t, s)
		ask := func(id string, d twstools.Direction) string {
			t.Helper()
			got, err := c.Neighbours(t.Context(), twstools.NeighbourQuery{Ref: twstools.Ref{ID: id}, Direction: d})
			if err != nil {
				t.Fatalf("%d %s of %s: %v", code, d, id, err)
			}
			return names(got)
		}
		if got := ask("a", twstools.Successors); got != "job:B stream:LATER" {
			t.Errorf("%d: successors of A = %q", code, got)
		}
		if got := ask("a", twstools.Predecessors); got != "stream:EARLY" {
			t.Errorf("%d: predecessors of A = %q", code, got)
		}
		if got := ask("b", twstools.Predecessors); got != "job:A" {
			t.Errorf("%d: predecessors of B = %q", code, got)
		}
		// C's dependencies were not sent, so "none" would be a lie.
		_, err := c.Neighbours(t.Context(), twstools.NeighbourQuery{Ref: twstools.Ref{ID: "c"}, Direction: twstools.Predecessors})
		wantCode(t, err, fault.Unsupported)
		_, err = c.Neighbours(t.Context(), twstools.NeighbourQuery{Ref: twstools.Ref{ID: "nope"}, Direction: twstools.Predecessors})
		wantCode(t, err, fault.NotFound)
	}
}

func TestRefsOfOtherEnginesAreRefused(t *testing.T) {
	s := &stub{rows: graph()}
	c := open(t, s)
	for _, ref := range []twstools.Ref{{Engine: "other", ID: "a"}, {Dialect: "v1", ID: "a"}, {}, {ID: "x/action/cancel"}} {
		_, err := c.Job(t.Context(), ref)
		wantCode(t, err, fault.Invalid)
		_, err = c.Neighbours(t.Context(), twstools.NeighbourQuery{Ref: ref, Direction: twstools.Predecessors})
		wantCode(t, err, fault.Invalid)
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("requests = %d, want none", n)
	}
}

func TestByIDIsLearned(t *testing.T) {
	s := &stub{rows: graph(), byIDStatus: 404}
	c := open(t, s)
	for range 3 {
		if j, err := c.Job(t.Context(), twstools.Ref{ID: "b"}); err != nil || j.Name != "B" {
			t.Fatalf("Job = %+v (%v)", j, err)
		}
	}
	if n := len(s.requests()); n != 4 {
		t.Errorf("requests = %d, want 4: the missing path is asked once", n)
	}
	_, err := c.Job(t.Context(), twstools.Ref{ID: "nope"})
	wantCode(t, err, fault.NotFound)

	faithful := &stub{rows: graph()}
	c = open(t, faithful)
	_, err = c.Job(t.Context(), twstools.Ref{ID: "nope"})
	wantCode(t, err, fault.NotFound)
	if n := len(faithful.requests()); n != 1 {
		t.Errorf("requests for an unknown object = %d, want 1", n)
	}
}

func TestCounts(t *testing.T) {
	count := func(body string) *stub {
		return &stub{rows: map[string][]m{"job": jobs(9)}, handle: func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/count") {
				return false
			}
			if body == "" {
				w.WriteHeader(404)
			} else {
				_, _ = w.Write([]byte(body))
			}
			return true
		}}
	}
	byStatus, byWS := twstools.CountQuery{GroupBy: []string{"status"}}, twstools.CountQuery{GroupBy: []string{"workstation"}}
	cases := []struct {
		name, body string
		q          twstools.CountQuery
		total      int
		groups     map[string]int
	}{
		{"as-documented", `{"count":9,"groupedCount":{"ERROR":3,"SUCCESSFUL":"6"}}`, byStatus, 9, map[string]int{"ERROR": 3, "SUCCESSFUL": 6}},
		{"nested", `{"count":"9","groupedCount":{"status":{"ERROR":3,"SUCCESSFUL":6}}}`, byStatus, 9, map[string]int{"ERROR": 3, "SUCCESSFUL": 6}},
		{"workstations", `{"count":9,"groupedCount":{"/LX0":3,"/PROD/LX1":6}}`, byWS, 9, map[string]int{"LX0": 3, "/PROD/LX1": 6}},
		{"two-groups", `{"count":9,"groupedCount":{"LX0":{"ERROR":3},"LX1":{"ERROR":6}}}`, twstools.CountQuery{GroupBy: []string{"workstation", "status"}}, 9, map[string]int{"LX0/ERROR": 3, "LX1/ERROR": 6}},
		{"plain", `{"count":9}`, twstools.CountQuery{}, 9, map[string]int{}},
		{"groups-left-out", `{"count":9}`, byStatus, 9, map[string]int{"ERROR": 3, "SUCCESSFUL": 6}},
		{"no-such-path", ``, byStatus, 9, map[string]int{"ERROR": 3, "SUCCESSFUL": 6}},
		{"no-such-path-other-workstation", ``, twstools.CountQuery{Workstation: "LX1"}, 0, map[string]int{}},
		{"no-such-path-workstation", ``, twstools.CountQuery{Workstation: "MD@"}, 9, map[string]int{}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			got, err := open(t, count(tc.body)).Counts(t.Context(), tc.q)
			if err != nil || got.Total != tc.total || len(got.Groups) != len(tc.groups) {
				t.Fatalf("counts = %+v (%v), want %d %v", got, err, tc.total, tc.groups)
			}
			for k, n := range tc.groups {
				if got.Groups[k] != n {
					t.Errorf("%s = %d, want %d", k, got.Groups[k], n)
				}
			}
		})
	}
	_, err := open(t, count("")).Counts(t.Context(), twstools.CountQuery{GroupBy: []string{"colour"}})
	wantCode(t, err, fault.Invalid)

	big := count("")
	big.rows["job"] = jobs(21000)
	_, err = open(t, big).Counts(t.Context(), byStatus)
	wantCode(t, err, fault.Unsupported)
	if got, err := open(t, big).Counts(t.Context(), twstools.CountQuery{}); err != nil || got.Total != 21000 {
		t.Errorf("plain count of a large plan = %+v (%v), want the list's own total", got, err)
	}
}
