package tools_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

var now = time.Date(2026, 3, 17, 6, 10, 0, 0, time.UTC)

// demo gives the tools over the demo plant, through the real client and a mock over HTTP.
func demo(t *testing.T) (*toolkit.Set, *twsmock.Server) {
	t.Helper()
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return now }
	server, err := twsmock.Start(t.Context(), twsmock.Options{World: twsmock.Fixed(w), User: "u", Password: "p", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	client, err := hwa.Open(hwa.Options{BaseURL: server.URL(), User: "u", Password: "p", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return set(t, client), server
}

func set(t *testing.T, e twstools.Engine) *toolkit.Set {
	t.Helper()
	all, err := tools.New(tools.Options{Engine: e, Name: "default", Mode: "mock", API: "v2", Clock: func() time.Time { return now }}).All()
	if err != nil {
		t.Fatal(err)
	}
	s, err := toolkit.NewSet(all...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func call[Out any](t *testing.T, s *toolkit.Set, tool, args string) (Out, toolkit.Result) {
	t.Helper()
	var out Out
	r := s.Call(t.Context(), tool, json.RawMessage(args))
	if r.Envelope != nil {
		if err := json.Unmarshal(r.Envelope.Data, &out); err != nil {
			t.Fatal(err)
		}
	}
	return out, r
}

func TestPlanStatus(t *testing.T) {
	s, _ := demo(t)
	out, r := call[tools.PlanStatusOut](t, s, "plan_status", `{}`)
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	if out.JobsTotal < 400 || out.JobStreamsTotal < 60 || len(out.Workstations) < 12 {
		t.Errorf("%d jobs, %d streams, %d workstations", out.JobsTotal, out.JobStreamsTotal, len(out.Workstations))
	}
	sum := 0
	for _, n := range out.JobsByStatus {
		sum += n
	}
	if sum != out.JobsTotal {
		t.Errorf("counts by status sum up to %d, total is %d", sum, out.JobsTotal)
	}
	kinds := map[string]int{}
	for _, a := range out.NeedsPerson {
		kinds[a.Kind+" "+a.Status]++
	}
	for _, want := range []string{"job ABEND", "job EXEC", "workstation unlinked", "prompt ASKED"} {
		if kinds[want] == 0 {
			t.Errorf("needs_person has no %q: %v", want, kinds)
		}
	}
	if r.Envelope.Clocks.PlanNow == "" || r.Envelope.Clocks.MirroredAt != "unknown" || r.Envelope.UpstreamCalls == 0 {
		t.Errorf("envelope %+v, calls %d", r.Envelope.Clocks, r.Envelope.UpstreamCalls)
	}
}

func TestFindJobs(t *testing.T) {
	s, _ := demo(t)
	all, _ := call[tools.FindJobsOut](t, s, "find_jobs", `{"page_size":7}`)
	if len(all.Jobs) != 7 || all.Total == nil || *all.Total < 400 || all.NextCursor == "" {
		t.Fatalf("%d jobs, total %v, cursor %q", len(all.Jobs), all.Total, all.NextCursor)
	}
	next, _ := call[tools.FindJobsOut](t, s, "find_jobs", `{"page_size":7,"cursor":"`+all.NextCursor+`"}`)
	if len(next.Jobs) != 7 || next.Jobs[0].Entity == all.Jobs[0].Entity {
		t.Errorf("the second page begins with %v, like the first", next.Jobs[0].Entity)
	}
	if _, r := call[tools.FindJobsOut](t, s, "find_jobs", `{"status":["EXEC"],"cursor":"`+all.NextCursor+`"}`); r.Error == nil || r.Error.Code != "invalid" {
		t.Errorf("a cursor of another filter gave %+v", r.Error)
	}
	bad, _ := call[tools.FindJobsOut](t, s, "find_jobs", `{"status":["ABEND"]}`)
	for _, j := range bad.Jobs {
		if j.Status != "ABEND" {
			t.Errorf("%s is %s, not ABEND: only the present status counts", j.Entity, j.Status)
		}
	}
	if len(bad.Jobs) == 0 || *bad.Total != len(bad.Jobs) {
		t.Errorf("%d abended jobs, total %v", len(bad.Jobs), bad.Total)
	}
	none, r := call[tools.FindJobsOut](t, s, "find_jobs", `{"name":"NO@SUCH?"}`)
	if r.Error != nil || len(none.Jobs) != 0 || *none.Total != 0 {
		t.Errorf("an empty list is no error: %+v %+v", none, r.Error)
	}
}

func TestGetJobAndLog(t *testing.T) {
	s, _ := demo(t)
	bad, _ := call[tools.FindJobsOut](t, s, "find_jobs", `{"status":["ABEND"],"page_size":1}`)
	name := bad.Jobs[0].Entity
	job, r := call[tools.GetJobOut](t, s, "get_job", `{"job":"`+name+`"}`)
	if r.Error != nil || job.Job.Entity != name || len(job.Runs) == 0 || !job.DepsKnown {
		t.Fatalf("get_job %s = %+v, %+v", name, job, r.Error)
	}
	if job.Job.Ref.JobStreamID == "" || len(job.Job.Ref.JobStreamID) != 16 {
		t.Errorf("ref %+v has no 16-character stream id", job.Job.Ref)
	}
	log, r := call[tools.GetJobLogOut](t, s, "get_job_log", `{"job":"`+name+`","errors_only":true}`)
	if r.Error != nil || len(log.Lines) == 0 {
		t.Fatalf("get_job_log = %+v, %+v", log, r.Error)
	}
	tail, _ := call[tools.GetJobLogOut](t, s, "get_job_log", `{"job":"`+name+`","tail":3}`)
	if len(tail.Lines) != 3 || tail.Lines[2].N != tail.Lines[0].N+2 {
		t.Errorf("tail = %+v", tail.Lines)
	}
	window, _ := call[tools.GetJobLogOut](t, s, "get_job_log", `{"job":"`+name+`","from_line":2,"to_line":4}`)
	if len(window.Lines) != 3 || window.Lines[0].N != 2 {
		t.Errorf("window = %+v", window.Lines)
	}
	if _, r := call[tools.GetJobLogOut](t, s, "get_job_log", `{"job":"`+name+`","run_id":"nope"}`); r.Error == nil || r.Error.Code != "not_found" || len(r.Error.Candidates) == 0 {
		t.Errorf("an unknown run gave %+v", r.Error)
	}
	if _, r := call[tools.GetJobOut](t, s, "get_job", `{"job":"NOT_THERE_9"}`); r.Error == nil || r.Error.Code != "not_found" {
		t.Errorf("an unknown job gave %+v", r.Error)
	}
}

// TestDiagnosisCost holds what a diagnosis asks of the engine, and that nothing is ever written.
func TestDiagnosisCost(t *testing.T) {
	s, server := demo(t)
	// Bounds against runaway reading; the median of 25 that the analysis aims at comes with its own issue.
	for _, target := range []string{"CLM_RESERVE", "GL_POST", "DWHLOAD", "PAYOUT", "ACT_RESULT", "REN_CALC", ""} {
		args, err := json.Marshal(tools.DiagnoseIn{Target: target})
		if err != nil {
			t.Fatal(err)
		}
		_, r := call[tools.DiagnoseOut](t, s, "diagnose_job", string(args))
		if r.Error != nil {
			t.Fatalf("%s: %+v", target, r.Error)
		}
		t.Logf("%q: %d engine calls", target, r.Envelope.UpstreamCalls)
		if most := 130; r.Envelope.UpstreamCalls > most {
			t.Errorf("%q cost %d engine calls, %d at most", target, r.Envelope.UpstreamCalls, most)
		}
	}
	if n := server.Writes(); n != 0 {
		t.Errorf("%d writes reached the engine", n)
	}
}

// away is an engine that cannot be reached.
type away struct{ twstools.Engine }

func TestEngineAway(t *testing.T) {
	client, err := hwa.Open(hwa.Options{BaseURL: "http://127.0.0.1:1", User: "u", Password: "s3cret-word"})
	if err != nil {
		t.Fatal(err)
	}
	s := set(t, away{client})
	for _, tool := range []string{"plan_status", "find_jobs", "diagnose_job", "explain_wait"} {
		r := s.Call(context.WithoutCancel(t.Context()), tool, json.RawMessage(`{}`))
		if r.Error == nil || r.Error.Code != "upstream_unavailable" || r.Error.Hint == "" {
			t.Errorf("%s = %+v, want upstream_unavailable with a hint", tool, r.Error)
		}
		if strings.Contains(r.Text, "s3cret-word") {
			t.Errorf("%s shows the password", tool)
		}
	}
}
