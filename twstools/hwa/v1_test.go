package hwa_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/query"
)

// v1Row is a job as programs in use take it apart, and nothing else.
func v1Row(id, name, common, internal string, more m) m {
	o := m{"id": id, "name": name, "status": m{"commonStatus": common, "internalStatus": internal},
		"jobDefinition":   m{"jobDefinitionInPlanKey": m{"name": name, "workstationInPlanKey": m{"name": "LX1"}}},
		"jobStreamInPlan": m{"name": "NIGHT", "startTime": "2026-03-17T02:00:00", "workstationKey": m{"name": "MDM"}}, "jobStreamId": "S1"}
	for k, v := range more {
		o[k] = v
	}
	return o
}

func v1Rows(n int) []m {
	var out []m
	for i := range n {
		out = append(out, v1Row(fmt.Sprintf("MDM;0AAA;J%05d", i), fmt.Sprintf("J%05d", i), "SUCCESSFUL", "SUCC", nil))
	}
	return out
}

func inV1(o *hwa.Options) { o.API = "v1" }

func TestReadsTheFormThatIsKnown(t *testing.T) {
	s := &old{rows: map[string][]m{"job": {v1Row("MDM;0AAA;PAY", "PAY", "ERROR", "FAILED", m{"jobNumber": "77", "priority": "HI", "timeInfo": "none", "dependencies": 5,
		"timeRestriction": m{"untilTime": 5, "deadlineTime": "2026-03-17T06:00:00"}})}, "workstation": {{"id": "1", "key": m{"name": "LX1", "folderKey": m{"name": "/PROD"}},
		"linkStatus": "UNLINKED", "jobmanUp": true, "type": "XA", "autoLink": "true", "limit": 0}}}}
	c := open(t, s, inV1)
	l, err := c.Jobs(t.Context(), twstools.ListQuery{})
	if err != nil || len(l.Items) != 1 {
		t.Fatalf("Jobs = %+v, %v", l, err)
	}
	j := l.Items[0]
	if j.Name != "PAY" || j.Stream != "NIGHT" || j.Workstation != "LX1" || j.StreamWorkstation != "MDM" || j.Status.Common != "ERROR" || j.Status.Internal != "FAIL" || j.Ref.Dialect != "v1" ||
		*j.Priority != 100 || !j.SchedTime.Equal(time.Date(2026, 3, 17, 2, 0, 0, 0, time.UTC)) || j.Times.Deadline.Hour() != 6 || j.DependenciesKnown {
		t.Errorf("job = %+v", j)
	}
	if len(j.Runs) != 1 || j.Runs[0].JobNumber != 77 || j.Runs[0].ID != "MDM;0AAA;PAY" {
		t.Errorf("runs = %+v", j.Runs)
	}
	ws, err := c.Workstations(t.Context(), twstools.ListQuery{})
	if err != nil || len(ws.Items) != 1 {
		t.Fatal(err)
	}
	w := ws.Items[0]
	if w.Name != "/PROD/LX1" || w.Type != "X-AGENT" || !slices.Equal(w.ActiveStates, []string{"UNLINKED", "JOBMAN_UP"}) || !slices.Equal(w.ActiveFlags, []string{"AUTO_LINK"}) || *w.Limit != 0 {
		t.Errorf("workstation = %+v", w)
	}
}

// However a server pages, each job is found once and the total is only told when it is true.
func TestV1Paging(t *testing.T) {
	for name, s := range map[string]*old{"as described": {}, "no count": {noCount: true}, "no cursor": {noCursor: true, noCount: true}, "everything at once": {ignoreMany: true, noCount: true}, "small pages": {rowCap: 7}} {
		t.Run(name, func(t *testing.T) {
			s.rows = map[string][]m{"job": v1Rows(53)}
			c := open(t, s, inV1)
			seen := map[string]bool{}
			for offset := 0; offset < 60; offset += 10 {
				l, err := c.Jobs(t.Context(), twstools.ListQuery{Limit: 10, Offset: offset})
				if err != nil || l.Total != -1 && l.Total != 53 {
					t.Fatalf("offset %d = %d of %d, %v", offset, len(l.Items), l.Total, err)
				}
				for _, j := range l.Items {
					if seen[j.Ref.ID] {
						t.Errorf("%s is on two pages", j.Name)
					}
					seen[j.Ref.ID] = true
				}
			}
			if len(seen) != 53 {
				t.Errorf("found %d jobs, want 53", len(seen))
			}
			if n := s.calls("many=0"); n != 0 {
				t.Errorf("everything was asked for at once, %d times", n)
			}
		})
	}
}

// A walk through a large list goes on where the page before ended.
func TestV1GoesOnFromTheLastPage(t *testing.T) {
	s := &old{rows: map[string][]m{"job": v1Rows(300)}}
	c := open(t, s, inV1)
	for offset := 0; offset < 300; offset += 50 {
		if _, err := c.Jobs(t.Context(), twstools.ListQuery{Limit: 50, Offset: offset}); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.calls("/job/query"); n > 7 {
		t.Errorf("6 pages cost %d requests", n)
	}
}

// A job whose server sends a row for each run is one job, also where the filter let only an old run through.
func TestV1FoldsReruns(t *testing.T) {
	yes, no := m{"lastInRerunChain": true, "rerunType": "RERUN", "jobNumber": 2, "timeInfo": m{"actualStartTime": "2026-03-17T02:10:00Z"}},
		m{"lastInRerunChain": false, "rerunType": "REGULAR", "jobNumber": 1, "timeInfo": m{"actualStartTime": "2026-03-17T02:00:00Z"}}
	s := &old{rows: map[string][]m{"job": append(v1Rows(30), v1Row("R2", "TWICE", "SUCCESSFUL", "SUCC", yes), v1Row("R1", "TWICE", "ERROR", "ABEND", no))}}
	c := open(t, s, inV1)
	check := func(l twstools.List[twstools.Job], err error) {
		t.Helper()
		i := slices.IndexFunc(l.Items, func(j twstools.Job) bool { return j.Name == "TWICE" })
		if err != nil || i < 0 {
			t.Fatalf("TWICE is not among %d, %v", len(l.Items), err)
		}
		j := l.Items[i]
		if j.Ref.ID != "R2" || j.Status.Internal != "SUCC" || len(j.Runs) != 2 || j.Runs[0].Status.Internal != "ABEND" || j.Runs[0].ID != "R1" || j.Runs[1].Attempt != 2 {
			t.Errorf("TWICE = %+v", j)
		}
	}
	failed, err := c.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "ERROR")})
	check(failed, err)
	if len(failed.Items) != 1 {
		t.Errorf("failed jobs = %d, want 1", len(failed.Items))
	}
	all, err := c.Jobs(t.Context(), twstools.ListQuery{})
	check(all, err)
	if len(all.Items) != 31 || all.Total != 31 {
		t.Errorf("jobs = %d of %d, want 31", len(all.Items), all.Total)
	}
	j, err := c.Job(t.Context(), twstools.Ref{ID: "R1"})
	if err != nil || j.Ref.ID != "R2" || len(j.Runs) != 2 {
		t.Errorf("Job by an old run = %+v, %v", j, err)
	}
}

// A server may mark only the last run of jobs that were rerun. A job that lacks the mark is then no old run of itself.
func TestV1WithoutMarks(t *testing.T) {
	rows := v1Rows(60)
	for _, o := range rows {
		o["lastInRerunChain"], o["rerunType"] = false, "REGULAR"
	}
	rows = append(rows, v1Row("R2", "TWICE", "SUCCESSFUL", "SUCC", m{"lastInRerunChain": true, "rerunType": "RERUN", "jobNumber": 2}))
	c := open(t, &old{rows: map[string][]m{"job": rows}}, inV1)
	l, err := c.Jobs(t.Context(), twstools.ListQuery{})
	if err != nil || len(l.Items) != 61 || l.Incomplete || l.Total != 61 {
		t.Errorf("Jobs = %d of %d, incomplete %v, %v", len(l.Items), l.Total, l.Incomplete, err)
	}
	for range 2 {
		if n, err := c.Counts(t.Context(), twstools.CountQuery{}); err != nil || n.Total != 61 {
			t.Errorf("Counts = %+v, %v", n, err)
		}
	}
}

// Ids may be of the old layout or Base64, with characters that mean something in a path.
func TestV1IDs(t *testing.T) {
	for _, id := range []string{"MDM;0AAAAAAAAAAAFSJI;PAY#1", "/PROD/LX2;0AAA;A/B", base64.StdEncoding.EncodeToString([]byte("MDM;0AAA;PÃO?>~~~"))} {
		s := &old{rows: map[string][]m{"job": {v1Row(id, "PAY", "READY", "READY", nil)}}}
		c := open(t, s, inV1)
		if j, err := c.Job(t.Context(), twstools.Ref{ID: id}); err != nil || j.Name != "PAY" {
			t.Errorf("Job(%q) = %+v, %v", id, j, err)
		}
		if n := s.calls("GET /plan/current/job/"); n != 1 || len(strings.Split(s.seen[0], "/")) != 5 {
			t.Errorf("asked %v, want one segment for %q", s.seen, id)
		}
	}
}

func TestReferencesOfTheOtherDialect(t *testing.T) {
	c := open(t, &old{rows: map[string][]m{"job": v1Rows(1)}}, inV1)
	for _, err := range []error{
		func() error { _, err := c.Job(t.Context(), twstools.Ref{Dialect: "v2", ID: "x"}); return err }(),
		func() error {
			_, err := c.Neighbours(t.Context(), twstools.NeighbourQuery{Ref: twstools.Ref{Dialect: "v2", ID: "x"}, Direction: twstools.Successors})
			return err
		}(),
	} {
		if e := wantCode(t, err, fault.Invalid); !strings.Contains(e.Message, "v2") || e.Hint == "" {
			t.Errorf("error = %+v", e)
		}
	}
}

// The count is documented as a text under 202; others answer a number, or have none.
func TestV1Counts(t *testing.T) {
	for name, answer := range map[string]string{"text": `"9"`, "number": "9", "plain": "9", "object": `{"count":9}`, "none": ""} {
		s := &old{rows: map[string][]m{"job": v1Rows(9)}}
		s.handle = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if !strings.HasSuffix(r.URL.Path, "/job/count") || answer == "" {
				return false
			}
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, answer)
			return true
		}
		c := open(t, s, inV1)
		n, err := c.Counts(t.Context(), twstools.CountQuery{})
		if err != nil || n.Total != 9 {
			t.Errorf("%s: Counts = %+v, %v", name, n, err)
		}
		by, err := c.Counts(t.Context(), twstools.CountQuery{GroupBy: []string{"status"}})
		if err != nil || by.Groups["SUCCESSFUL"] != 9 {
			t.Errorf("%s: Counts by status = %+v, %v", name, by, err)
		}
	}
}

// A plan too large to be read for its counts is asked for the count of each status; a server that does not know the mark of the last run is asked without.
func TestV1CountsOfALargePlan(t *testing.T) {
	for _, marks := range []bool{true, false} {
		s := &old{rows: map[string][]m{"job": v1Rows(3)}}
		s.handle = func(w http.ResponseWriter, r *http.Request, body string) bool {
			if !strings.HasSuffix(r.URL.Path, "/job/count") {
				return false
			}
			n := 300_000
			switch {
			case strings.Contains(body, "lastInRerunChain") && !marks:
				n = 0
			case strings.Contains(body, `"statusList":["ERROR"]`):
				n = 17
			case strings.Contains(body, `"statusList":["SUCCESSFUL"]`):
				n = 299_980
			case strings.Contains(body, "statusList"):
				n = 0
			}
			w.WriteHeader(http.StatusAccepted)
			writeJSON(w, strconv.Itoa(n))
			return true
		}
		c := open(t, s, inV1)
		by, err := c.Counts(t.Context(), twstools.CountQuery{GroupBy: []string{"status"}})
		if err != nil || by.Total != 300_000 || by.Groups["ERROR"] != 17 || by.Groups["SUCCESSFUL"] != 299_980 || by.Groups["?"] != 3 {
			t.Errorf("marks %v: Counts = %+v, %v", marks, by, err)
		}
		if n := s.calls("/job/query"); n != 0 {
			t.Errorf("the plan was read, with %d requests", n)
		}
	}
}

// A log comes in pages that follow each other; a server may ignore them, or lose the thread.
func TestV1Logs(t *testing.T) {
	var text []string
	for i := 1; i <= 12000; i++ {
		text = append(text, fmt.Sprintf("line %d", i))
	}
	paged := func(mode string) func(w http.ResponseWriter, r *http.Request, _ string) bool {
		return func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if !strings.HasSuffix(r.URL.Path, "/joblog") {
				return false
			}
			q := r.URL.Query()
			lines, _ := strconv.Atoi(q.Get("lines"))
			n, _ := strconv.Atoi(q.Get("pageNumber"))
			if n > 0 && q.Get("fileId") != "f1" {
				w.WriteHeader(http.StatusBadRequest)
				return true
			}
			switch mode {
			case "whole":
				writeJSON(w, m{"log": strings.Join(text, "\n"), "lastPage": true, "jobId": "X"})
				return true
			case "stuck":
				n = 0
			case "plain":
				_, _ = io.WriteString(w, strings.Join(text, "\r\n"))
				return true
			}
			from, to := min(n*lines, len(text)), min((n+1)*lines, len(text))
			writeJSON(w, m{"log": strings.Join(text[from:to], "\n"), "lines": lines, "pageNumber": n, "lastPage": to == len(text), "fileId": "f1"})
			return true
		}
	}
	for _, mode := range []string{"paged", "whole", "plain"} {
		c := open(t, &old{handle: paged(mode)}, inV1)
		all, err := c.Logs(t.Context(), twstools.LogQuery{RunID: "X"})
		if err != nil || all.Total != 12000 || all.Lines[0].Text != "line 1" || all.Lines[len(all.Lines)-1] != (twstools.LogLine{N: 12000, Text: "line 12000"}) {
			t.Errorf("%s: %d lines of %d, %v", mode, len(all.Lines), all.Total, err)
		}
		part, err := c.Logs(t.Context(), twstools.LogQuery{RunID: "X", From: 7001, To: 7003})
		if err != nil || len(part.Lines) != 3 || part.Lines[0] != (twstools.LogLine{N: 7001, Text: "line 7001"}) || !part.Truncated {
			t.Errorf("%s: window = %+v, %v", mode, part.Lines, err)
		}
	}
	c := open(t, &old{handle: paged("stuck")}, inV1)
	l, err := c.Logs(t.Context(), twstools.LogQuery{RunID: "X"})
	if err != nil || !l.Truncated || l.Total != 0 {
		t.Errorf("a server that sends its first page again: total %d, truncated %v, %v", l.Total, l.Truncated, err)
	}
	c = open(t, &old{}, inV1)
	_, err = c.Logs(t.Context(), twstools.LogQuery{RunID: "X"})
	wantCode(t, err, fault.NotFound)
}
