package tools_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/tools"
)

func TestFindJobStreams(t *testing.T) {
	s, _ := demo(t)
	all, r := call[tools.FindJobStreamsOut](t, s, "find_job_streams", `{"page_size":9}`)
	if r.Error != nil || len(all.JobStreams) != 9 || all.Total == nil || *all.Total < 60 || all.NextCursor == "" {
		t.Fatalf("%d streams, total %v, cursor %q, %+v", len(all.JobStreams), all.Total, all.NextCursor, r.Error)
	}
	sum := 0
	for _, n := range all.ByStatus {
		sum += n
	}
	if sum != *all.Total {
		t.Errorf("counts by status sum up to %d, total is %d", sum, *all.Total)
	}
	next, _ := call[tools.FindJobStreamsOut](t, s, "find_job_streams", `{"page_size":9,"cursor":"`+all.NextCursor+`"}`)
	if len(next.JobStreams) != 9 || next.JobStreams[0].ID == all.JobStreams[0].ID {
		t.Errorf("the second page begins with %v, like the first", next.JobStreams[0].Entity)
	}
	if _, r := call[tools.FindJobStreamsOut](t, s, "find_job_streams", `{"name":"X@","cursor":"`+all.NextCursor+`"}`); r.Error == nil || r.Error.Code != "invalid" {
		t.Errorf("a cursor of another filter gave %+v", r.Error)
	}
	// a cursor of one list does not open another
	if _, r := call[tools.FindJobsOut](t, s, "find_jobs", `{"cursor":"`+all.NextCursor+`"}`); r.Error == nil || r.Error.Code != "invalid" {
		t.Errorf("a cursor of another tool gave %+v", r.Error)
	}
	stuck, r := call[tools.FindJobStreamsOut](t, s, "find_job_streams", `{"status":["STUCK"]}`)
	if len(stuck.JobStreams) == 0 || !strings.Contains(r.Text, stuck.JobStreams[0].Entity) {
		t.Errorf("stuck streams %+v, text %q", stuck.JobStreams, r.Text)
	}
	for _, row := range stuck.JobStreams {
		if row.Status != "STUCK" {
			t.Errorf("%s is %s", row.Entity, row.Status)
		}
	}
	typed, _ := call[tools.FindJobStreamsOut](t, s, "find_job_streams", `{"oql":"name = 'CLMEOD' ORDER BY schedTime"}`)
	if len(typed.JobStreams) == 0 || typed.JobStreams[0].Name != "CLMEOD" {
		t.Errorf("OQL gave %+v", typed.JobStreams)
	}
	if _, r := call[tools.FindJobStreamsOut](t, s, "find_job_streams", `{"oql":"nam = 'X'"}`); r.Error == nil || !strings.Contains(r.Error.Hint, "name") {
		t.Errorf("a field that is unknown gave %+v", r.Error)
	}
	due, _ := call[tools.FindJobStreamsOut](t, s, "find_job_streams", `{"starts_from":"2026-03-17T06:10:00Z","starts_before":"2026-03-17T08:10:00Z"}`)
	if len(due.JobStreams) == 0 {
		t.Error("nothing is due in the next two hours")
	}
	for _, row := range due.JobStreams {
		if row.Start != "" || row.Status == "SUCC" {
			t.Errorf("%s has started (%s), it is not due", row.Entity, row.Status)
		}
	}
}

func TestFindJobsByTimeAndCode(t *testing.T) {
	s, _ := demo(t)
	failed, _ := call[tools.FindJobsOut](t, s, "find_jobs", `{"return_code":"!=0","page_size":100}`)
	if len(failed.Jobs) == 0 {
		t.Fatal("no job ended with another code than 0")
	}
	for _, j := range failed.Jobs {
		if j.ReturnCode == nil || *j.ReturnCode == 0 {
			t.Errorf("%s ended with %v", j.Entity, j.ReturnCode)
		}
	}
	if _, r := call[tools.FindJobsOut](t, s, "find_jobs", `{"return_code":"bad"}`); r.Error == nil || r.Error.Code != "invalid" || r.Error.Hint == "" {
		t.Errorf("return_code=bad gave %+v", r.Error)
	}
	due, _ := call[tools.FindJobsOut](t, s, "find_jobs", `{"starts_before":"2026-03-17T09:10:00Z","page_size":100}`)
	for _, j := range due.Jobs {
		if j.Start != "" && j.Name != "ARL_SHIP" { // which repeats, and waits for its next turn
			t.Errorf("%s has started", j.Entity)
		}
	}
	late, _ := call[tools.FindJobsOut](t, s, "find_jobs", `{"late":true}`)
	for _, j := range late.Jobs {
		if j.Late == "" {
			t.Errorf("%s does not say why it is late", j.Entity)
		}
	}
	critical, r := call[tools.FindJobsOut](t, s, "find_jobs", `{"critical":true}`)
	forecast := slices.ContainsFunc(critical.Jobs, func(j tools.JobRow) bool { return j.Forecast != nil && j.Forecast.Risk == "HIGH_RISK" })
	if r.Error != nil || len(critical.Jobs) == 0 || !forecast {
		t.Errorf("critical jobs %+v: want one with the forecast HIGH_RISK", critical.Jobs)
	}
	ran, _ := call[tools.FindJobsOut](t, s, "find_jobs", `{"actual_workstation":"FRLETL@","since":"2026-03-17T03:00:00Z","until":"2026-03-17T05:00:00Z","page_size":100}`)
	if len(ran.Jobs) == 0 {
		t.Error("nothing ran on the pool's members in the night")
	}
	for _, j := range ran.Jobs {
		if !strings.HasPrefix(j.Workstation, "FRLETL") && !strings.HasPrefix(j.RanOn, "FRLETL") {
			t.Errorf("%s ran on %s %s", j.Entity, j.Workstation, j.RanOn)
		}
		if j.End != "" && j.End < "2026-03-17T00:00:00-03:00" {
			t.Errorf("%s had ended before: %s", j.Entity, j.End)
		}
	}
}

func TestGetJobStream(t *testing.T) {
	s, _ := demo(t)
	out, r := call[tools.GetJobStreamOut](t, s, "get_job_stream", `{"job_stream":"FRLCLM01#CLMEOD"}`)
	if r.Error != nil || out.JobStream.Name != "CLMEOD" || len(out.Jobs) == 0 || out.JobsTotal != len(out.Jobs) {
		t.Fatalf("%+v, %+v", out, r.Error)
	}
	if !slices.ContainsFunc(out.Jobs, func(j tools.StreamJobRow) bool { return j.Name == "CLM_RESERVE" && j.Status == "ABEND" }) {
		t.Errorf("its jobs do not show CLM_RESERVE abended: %+v", out.Jobs)
	}
	// the sources quote each job under the name that other tools use
	if !slices.ContainsFunc(r.Envelope.Sources[1:], func(src toolkitSource) bool { return strings.HasSuffix(src.Source, ".CLM_RESERVE") }) {
		t.Errorf("sources %+v", r.Envelope.Sources)
	}
	if _, r := call[tools.GetJobStreamOut](t, s, "get_job_stream", `{"job_stream":"CLMEOF"}`); r.Error == nil || r.Error.Code != "not_found" || len(r.Error.Candidates) == 0 {
		t.Errorf("a name nearby gave %+v, want candidates", r.Error)
	}
}

func TestListsOfThePlant(t *testing.T) {
	s, server := demo(t)
	bad, r := call[tools.ListWorkstationsOut](t, s, "list_workstations", `{"problem":true}`)
	if r.Error != nil || len(bad.Workstations) == 0 || bad.Workstations[0].Problem == "" || bad.Workstations[0].Waiting == nil {
		t.Fatalf("workstations with a problem: %+v, %+v", bad.Workstations, r.Error)
	}
	one, _ := call[tools.ListWorkstationsOut](t, s, "list_workstations", `{"name":"frlwin02"}`)
	if len(one.Workstations) != 1 || one.Workstations[0].Status != "unlinked" || len(one.Workstations[0].Next) == 0 {
		t.Errorf("FRLWIN02 = %+v, want it unlinked with the jobs that wait there", one.Workstations)
	}
	if _, r := call[tools.ListWorkstationsOut](t, s, "list_workstations", `{"state":"dead"}`); r.Error == nil || len(r.Error.Candidates) == 0 {
		t.Errorf("state=dead gave %+v, want the valid words", r.Error)
	}
	resources, r := call[tools.ListResourcesOut](t, s, "list_resources", `{"name":"DWHWRITE"}`)
	if r.Error != nil || len(resources.Resources) != 1 || len(resources.Resources[0].Holders) == 0 || resources.Resources[0].Waiting == 0 {
		t.Errorf("DWHWRITE = %+v, %+v: want a holder and who waits", resources.Resources, r.Error)
	}
	prompts, r := call[tools.ListPromptsOut](t, s, "list_prompts", `{"status":["ASKED"]}`)
	if r.Error != nil || len(prompts.Prompts) != 1 || prompts.Prompts[0].AskedAt == "" || prompts.Prompts[0].Waiting == 0 {
		t.Errorf("asked prompts %+v, %+v: want one since when, and who waits", prompts.Prompts, r.Error)
	}
	for tool, source := range map[string]string{"list_workstations": "workstation:FRLWIN02", "list_resources": "resource:FRLETLP#DWHWRITE", "list_prompts": "prompt:PAYLIMIT"} {
		r := s.Call(t.Context(), tool, json.RawMessage(`{}`))
		if r.Error != nil || !slices.ContainsFunc(r.Envelope.Sources, func(src toolkitSource) bool { return src.Source == source }) {
			t.Errorf("%s cites no %s", tool, source)
		}
	}
	if n := server.Writes(); n != 0 {
		t.Errorf("%d writes reached the engine", n)
	}
}

// The plan's own window stands on its page.
func TestPlanStatusTellsTheWindow(t *testing.T) {
	s, _ := demo(t)
	out, _ := call[tools.PlanStatusOut](t, s, "plan_status", `{}`)
	if p := out.Plan; p == nil || p.RunNumber == nil || *p.RunNumber != 412 || p.Batchman != "LIVES" || p.End == "" || p.Problem != "" {
		t.Errorf("plan %+v", out.Plan)
	}
}
