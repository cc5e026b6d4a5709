package tools_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestTimeOutsideThePlan: an instance of another day is never taken for the one that was asked about.
func TestTimeOutsideThePlan(t *testing.T) {
	s, _ := demo(t)
	for _, tt := range []struct{ tool, args, candidate string }{
		{"get_job", `{"job":"CLM_RESERVE","at":"2026-01-01"}`, "CLM_RESERVE ABEND"},
		{"get_job", `{"job":"CLM_RESERVE","at":"2030-01-01T02:00"}`, "CLM_RESERVE ABEND"},
		{"get_job_stream", `{"job_stream":"CLMEOD","at":"2026-01-01"}`, "CLMEOD"},
		{"get_job_stream", `{"job_stream":"CLM_RESERVE","at":"2026-01-01"}`, "CLM"},
		{"impact_of", `{"target":"CLM_RESERVE","at":"2026-01-01"}`, "CLM_RESERVE ABEND"},
		{"late_risk", `{"target":"CLM_RESERVE","at":"2026-01-01"}`, "CLM_RESERVE ABEND"},
	} {
		r := s.Call(t.Context(), tt.tool, json.RawMessage(tt.args))
		if r.Error == nil || r.Error.Code != "not_found" || !strings.Contains(strings.Join(r.Error.Candidates, "\n"), tt.candidate) {
			t.Errorf("%s %s: %s", tt.tool, tt.args, errorText(r))
		}
	}
	// a time that fits, or that is said roughly, still answers
	for _, tt := range []struct{ tool, args string }{
		{"get_job", `{"job":"CLM_RESERVE","at":"2026-03-17"}`},
		{"get_job", `{"job":"CLM_RESERVE","at":"02:59"}`},
		{"get_job_stream", `{"job_stream":"CLM_RESERVE","at":"2026-03-17"}`},
		{"impact_of", `{"target":"FRLCLM01","target_kind":"workstation","at":"2026-01-01"}`},
		{"impact_of", `{"target":"CLM_RESERVE","at":"today"}`},
	} {
		if r := s.Call(t.Context(), tt.tool, json.RawMessage(tt.args)); r.Error != nil {
			t.Errorf("%s %s: %s", tt.tool, tt.args, errorText(r))
		}
	}
}
