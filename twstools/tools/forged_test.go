package tools_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/resync-hwa/resync/twstools/tools"
)

// A cursor that somebody wrote by hand is refused where no list can reach, whatever the tool: nothing overflows behind it.
func TestForgedCursorIsRefused(t *testing.T) {
	s, _ := demo(t)
	for tool, args := range map[string]string{
		"find_jobs": ``, "find_job_streams": ``, "list_workstations": ``, "list_resources": ``, "list_prompts": ``, "late_risk": ``, "radar": ``, "impact_of": `"target":"CLM_RESERVE",`,
	} {
		first, r := call[struct {
			NextCursor string `json:"next_cursor"`
		}](t, s, tool, `{`+args+`"page_size":1}`)
		if r.Error != nil || first.NextCursor == "" {
			t.Fatalf("%s: %+v, cursor %q", tool, r.Error, first.NextCursor)
		}
		var c map[string]any
		if raw, err := base64.RawURLEncoding.DecodeString(first.NextCursor); err != nil || json.Unmarshal(raw, &c) != nil {
			t.Fatalf("%s: cursor %q", tool, first.NextCursor)
		}
		for _, offset := range []int64{-1, 1 << 40, 1<<63 - 1, 1<<63 - 1001} {
			c["o"] = offset
			raw, _ := json.Marshal(c)
			if _, r := call[map[string]any](t, s, tool, `{`+args+`"page_size":1,"cursor":"`+base64.RawURLEncoding.EncodeToString(raw)+`"}`); r.Error == nil || r.Error.Code != "invalid" {
				t.Errorf("%s from %d on gave %+v", tool, offset, r.Error)
			}
		}
	}
}

// A tail of less than one line is no tail, and no window begins before line 1.
func TestLogWindowsOutOfRange(t *testing.T) {
	s, _ := demo(t)
	for _, args := range []string{`"tail":-1`, `"tail":-9223372036854775808`, `"from_line":-1`, `"to_line":-1`, `"from_line":9,"to_line":2`} {
		if _, r := call[tools.GetJobLogOut](t, s, "get_job_log", `{"job":"CLM_RESERVE",`+args+`}`); r.Error == nil || r.Error.Code != "invalid" {
			t.Errorf("%s gave %+v", args, r.Error)
		}
	}
	if _, r := call[tools.GetJobLogOut](t, s, "get_job_log", `{"job":"CLM_RESERVE","from_line":9223372036854775807}`); r.Error != nil && r.Error.Code == "internal" {
		t.Errorf("a window behind the end gave %+v", r.Error)
	}
}
