package tools_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/tools"
)

// TestNamesAsPeopleWriteThem: a name in another system's wildcards, or in the operator's form, finds what the careful call finds.
func TestNamesAsPeopleWriteThem(t *testing.T) {
	s, _ := demo(t)
	for _, tt := range []struct{ tool, careful, sloppy string }{
		{"find_jobs", `{"name":"@PAY@"}`, `{"name":"*PAY*"}`},
		{"find_jobs", `{"name":"CLM_@"}`, `{"name":"clm_*"}`},
		{"find_jobs", `{"name":"PRL_TIMES","job_stream":"PAYROLL"}`, `{"name":"FRLFIN01#PAYROLL.PRL_TIMES"}`},
		{"find_jobs", `{"name":"PRL_@","job_stream":"PAYROLL"}`, `{"name":"/FRLFIN01#/PAYROLL[(0100 03/17/26)].PRL_*"}`},
		{"find_jobs", `{"job_stream":"PAYROLL"}`, `{"job_stream":"FRLFIN01#PAYROLL"}`},
		{"find_jobs", `{"workstation":"FRL@"}`, `{"workstation":"FRL*"}`},
		{"find_job_streams", `{"name":"PAYROLL"}`, `{"name":"FRLFIN01#PAYROLL"}`},
		{"list_workstations", `{"name":"FRLWIN@"}`, `{"name":"frlwin*"}`},
		{"list_resources", `{"name":"@"}`, `{"name":"*"}`},
	} {
		want, got := s.Call(t.Context(), tt.tool, json.RawMessage(tt.careful)), s.Call(t.Context(), tt.tool, json.RawMessage(tt.sloppy))
		if want.Error != nil || got.Error != nil {
			t.Fatalf("%s: careful %s, sloppy %s", tt.sloppy, errorText(want), errorText(got))
		}
		if a, b := bare(t, want), bare(t, got); a != b || strings.Contains(b, `"total":0`) {
			t.Errorf("%s: careful %.300s\nsloppy %.300s", tt.sloppy, a, b)
		}
	}
}

// TestNamesThatThePlanDoesNotHold: an empty list says which name nothing bears, and what was likely meant.
func TestNamesThatThePlanDoesNotHold(t *testing.T) {
	s, _ := demo(t)
	for _, tt := range []struct{ tool, args, says string }{
		{"find_jobs", `{"name":"CLM_RESERV"}`, "no job is called CLM_RESERV; nearest: FRLCLM01#CLMEOD.CLM_RESERVE"},
		{"find_jobs", `{"name":"FRLFIN01#PAYROLL"}`, "no job is called PAYROLL; nearest: FRLFIN01#PAYROLL"},
		{"find_jobs", `{"workstation":"NOWHERE"}`, "no workstation is called NOWHERE"},
		{"find_jobs", `{"job_stream":"PAYROL"}`, "no job stream is called PAYROL; nearest: "},
		{"find_job_streams", `{"name":"PAYROL"}`, "no job stream is called PAYROL; nearest: "},
		{"list_workstations", `{"name":"FRLWIN"}`, "no workstation is called FRLWIN; nearest: FRLWIN"},
	} {
		r := s.Call(t.Context(), tt.tool, json.RawMessage(tt.args))
		if r.Error != nil || !strings.Contains(r.Text, tt.says) {
			t.Errorf("%s %s: %s, want %q", tt.tool, tt.args, r.Text, tt.says)
		}
	}
	// a name that the plan holds is not doubted where another condition leaves nothing
	for _, args := range []string{`{"name":"CLM_RESERVE","status":["CANCL"]}`, `{"name":"CLM_RESERVE","workstation":"FRLFIN01"}`} {
		if r := s.Call(t.Context(), "find_jobs", json.RawMessage(args)); r.Error != nil || strings.Contains(r.Text, "is called") || !strings.Contains(r.Text, "0 of 0") {
			t.Errorf("%s: %s", args, r.Text)
		}
	}
}

// TestPlanStatusOfOneWorkstation: what is of the workstation and what of the whole plan are told apart; one that is not there is no empty plan.
func TestPlanStatusOfOneWorkstation(t *testing.T) {
	s, _ := demo(t)
	r := s.Call(t.Context(), "plan_status", json.RawMessage(`{"workstation":"frlclm01"}`))
	for _, says := range []string{"\njobs on FRLCLM01: ", "\njob streams on FRLCLM01: ", "\nworkstations (whole plan): ", "\nneeds a person (whole plan): "} {
		if r.Error != nil || !strings.Contains(r.Text, says) {
			t.Errorf("%q is not in %s", says, r.Text)
		}
	}
	if r := s.Call(t.Context(), "plan_status", json.RawMessage(`{}`)); strings.Contains(r.Text, "whole plan") {
		t.Errorf("the whole plan says %s", r.Text)
	}
	r = s.Call(t.Context(), "plan_status", json.RawMessage(`{"workstation":"FRLCLM"}`))
	if r.Error == nil || r.Error.Code != "not_found" || len(r.Error.Candidates) == 0 || r.Error.Candidates[0] != "FRLCLM01" {
		t.Errorf("a workstation that is not there: %s", errorText(r))
	}
}

// TestWordsOfAStream: words that mean a job stream and no job of it give its jobs.
func TestWordsOfAStream(t *testing.T) {
	s, _ := demo(t)
	got, r := call[tools.FindJobsOut](t, s, "find_jobs", `{"text":"folha de pagamento"}`)
	if r.Error != nil || len(got.Jobs) == 0 {
		t.Fatalf("no job: %s", r.Text)
	}
	for _, j := range got.Jobs {
		if j.JobStream != "PAYROLL" {
			t.Errorf("%s is not of PAYROLL", j.Entity)
		}
	}
}

// TestWhatWasCompared: the answer names the object that the target was read as.
func TestWhatWasCompared(t *testing.T) {
	s, _ := demo(t)
	for args, want := range map[string]string{
		`{"target":"clmeod","since":"5h"}`:             "FRLCLM01#CLMEOD",
		`{"target":"CLM_RESERVE","since":"5h"}`:        "FRLCLM01#CLMEOD.CLM_RESERVE",
		`{"target":"CLMEOD","against":"previous_run"}`: "FRLCLM01#CLMEOD",
		`{"since":"5h"}`:                               "",
	} {
		got, r := call[tools.WhatChangedOut](t, s, "what_changed", args)
		first, _, _ := strings.Cut(r.Text, "\n")
		if r.Error != nil || got.Subject != want || want != "" && !strings.Contains(first, " of "+want) {
			t.Errorf("%s: subject %q, %q; want %q", args, got.Subject, first, want)
		}
	}
}
