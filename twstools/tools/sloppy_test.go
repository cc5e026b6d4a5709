package tools_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

// TestSloppyCalls: every tool, called as a careless model would, answers what the careful call answers.
func TestSloppyCalls(t *testing.T) {
	s, _ := demo(t)
	for _, tt := range []struct{ tool, careful, sloppy string }{
		{"plan_status", `{}`, `{"arguments":{"workstation":""}}`},
		{"plan_status", `{"workstation":"FRL@"}`, `{"workstation":[" frl@ "]}`},
		{"find_jobs", `{"status":["ABEND","FAIL"],"page_size":5}`, `{"input":{"status":"abend, fail","page_size":"5","late":"null","cursor":null}}`},
		{"find_jobs", `{"status":["FAIL"]}`, `{"status":"[\"Failed\"]","text":""}`},
		{"find_jobs", `{"name":"GL_POST","late":false}`, `{"name":" gl_post ","late":"False","critical":"no"}`},
		{"find_jobs", `{"since":"2026-03-17T00:10:00-03:00","page_size":3}`, `{"since":"3h","page_size":3.0}`},
		{"find_jobs", `{"since":"2026-03-17T00:10:00-03:00","page_size":3}`, `{"since":"2026-03-17 00:10","page_size":"3"}`},
		{"find_jobs", `{"since":"2026-03-17T00:10:00-03:00","page_size":3}`, `{"since":"2026-03-17T00:10:00","page_size":"3"}`},
		{"find_jobs", `{"starts_before":"2026-03-17T09:10:00-03:00","page_size":3}`, `{"starts_before":"in 6 hours","page_size":3}`},
		{"find_jobs", `{"starts_from":"2026-03-17T22:00:00-03:00","page_size":3}`, `{"starts_from":"22:00","page_size":3}`},
		{"find_jobs", `{"starts_from":"2026-03-18T02:00:00-03:00","page_size":3}`, `{"starts_from":"02:00","page_size":3}`},
		{"find_jobs", `{"starts_from":"2026-03-18T02:00:00-03:00","page_size":3}`, `{"starts_from":"amanhã 02:00","page_size":3}`},
		{"find_jobs", `{"return_code":">4"}`, `{"return_code":" > 4 "}`},
		{"find_job_streams", `{"status":["STUCK"]}`, `{"status":"stuck","since":"","oql":" "}`},
		{"get_job", `{"job":"GL_POST"}`, `{"job":["gl_post"],"at":null}`},
		{"get_job", `{"job":"GL_POST","at":"today"}`, `{"job":"GL_POST","at":"Hoje"}`},
		{"get_job_stream", `{"job_stream":"GLPOST"}`, `{"params":{"job_stream":" GLPOST "}}`},
		{"get_job_log", `{"job":"CLM_RESERVE","tail":5}`, `{"job":"CLM_RESERVE","tail":"5","errors_only":"não","run_id":""}`},
		{"get_job_log", `{"job":"CLM_RESERVE","errors_only":true}`, `{"job":"CLM_RESERVE","errors_only":1,"tail":null}`},
		{"list_workstations", `{"status":"unlinked"}`, `{"status":" UNLINKED ","problem":"false"}`},
		{"list_workstations", `{"problem":true}`, `{"problem":"yes"}`},
		{"list_resources", `{"in_use":true}`, `{"in_use":"sim","name":null}`},
		{"list_prompts", `{"status":["ASKED"]}`, `{"status":"asked"}`},
		{"list_prompts", `{"status":["ASKED","ANSWERED_NO"]}`, `{"status":"asked, answered-no"}`},
		{"diagnose_job", `{"target":"CLM_RESERVE","language":"pt"}`, `{"target":"clm_reserve","language":"pt-BR","also":"","premise":"null"}`},
		{"diagnose_job", `{"target":"GL_POST","premise":"not_started"}`, `{"target":"GL_POST","premise":"Not started","also":[""]}`},
		{"diagnose_job", `{"target":"GL_POST","also":["CLM_RESERVE","PAY_LOAD"]}`, `{"target":"GL_POST","also":"CLM_RESERVE, PAY_LOAD"}`},
		{"diagnose_job", `{}`, `{"target":"","target_kind":""}`},
		{"explain_wait", `{"target":"GL_POST","target_kind":"job"}`, `{"target":"GL_POST","target_kind":"Job"}`},
		{"impact_of", `{"target":"GL_POST","if":"release_dependency"}`, `{"target":"GL_POST","if":"releaseDependency","page_size":"20"}`},
		{"late_risk", `{"within_hours":12}`, `{"within_hours":"12","target":" "}`},
		{"radar", `{"min_severity":"high","rules":["agent_unlinked"]}`, `{"min_severity":"HIGH","rules":"agent_unlinked"}`},
		{"what_changed", `{"since":"2h"}`, `{"since":"2 hours ago","target":"","against":null}`},
		{"what_changed", `{"since":"2026-03-16"}`, `{"since":"ontem","until":"now"}`},
	} {
		t.Run(tt.tool+" "+tt.sloppy, func(t *testing.T) {
			want, got := s.Call(t.Context(), tt.tool, json.RawMessage(tt.careful)), s.Call(t.Context(), tt.tool, json.RawMessage(tt.sloppy))
			if want.Error != nil || got.Error != nil {
				t.Fatalf("careful: %s\nsloppy: %s", errorText(want), errorText(got))
			}
			if a, b := bare(t, want), bare(t, got); a != b {
				t.Errorf("careful:\n%s\nsloppy:\n%s", a, b)
			}
		})
	}
}

func errorText(r toolkit.Result) string {
	if r.Error == nil {
		return "fine"
	}
	return r.Text
}

// bare is the data without what may differ between two calls that mean the same: a cursor names its filter as it was written, and how much the
// radar's budget of reads reached depends on which read came first.
func bare(t *testing.T, r toolkit.Result) string {
	t.Helper()
	var data map[string]any
	if err := json.Unmarshal(r.Envelope.Data, &data); err != nil {
		t.Fatal(err)
	}
	if data["next_cursor"] != nil {
		data["next_cursor"] = "there"
	}
	if data["clear"] != nil {
		delete(data, "missing")
	}
	raw, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestSloppyCallsThatMeanNothing are answered with what there is, and with the nearest of it.
func TestSloppyCallsThatMeanNothing(t *testing.T) {
	s, _ := demo(t)
	for _, tt := range []struct{ tool, args, says string }{
		{"find_jobs", `{"pageSize":5}`, "Did you mean page_size?"},
		{"find_jobs", `{"page-size":5}`, "Did you mean page_size?"},
		{"find_jobs", `{"jobStream":"X"}`, "Did you mean job_stream?"},
		{"find_jobs", `{"statuses":["ABEND"]}`, "Did you mean status?"},
		{"find_jobs", `{"status":["ABENDED"]}`, "Did you mean ABEND?"},
		{"find_jobs", `{"status":["BROKEN"]}`, "Usual ones: ABEND, FAIL, ERROR"},
		{"find_jobs", `{"status":"abortado"}`, `"ABORTADO" is no status`},
		{"find_job_streams", `{"status":"STUK"}`, "Did you mean STUCK?"},
		{"find_jobs", `{"since":"a while ago"}`, "yesterday, 02:00, or how long ago"},
		{"find_jobs", `{"starts_before":"soon"}`, "tomorrow, 02:00, or how long from now"},
		{"find_jobs", `{"since":"1h","until":"2h"}`, "is empty"},
		{"find_jobs", `{"since":"2026-03-18"}`, "starts_from asks for what is planned"},
		{"find_jobs", `{"return_code":"bad"}`, "Write 8, !=0, >4 or <=16."},
		{"find_jobs", `{"page_size":101}`, "from 1 to 100"},
		{"get_job", `{}`, `"job" is required`},
		{"get_job", `{"job":" "}`, `"job" is required`},
		{"get_job", `{"name":"X"}`, "Valid arguments: job, at."},
		{"get_job", `{"job":"GL_POST","at":"some day"}`, "is no time"},
		{"get_job_stream", `{"stream":"GLPOST"}`, "Did you mean job_stream?"},
		{"get_job_log", `{"job":"CLM_RESERVE","tail":5000}`, "from 1 to 500"},
		{"get_job_log", `{"job":"CLM_RESERVE","from_line":9,"to_line":3}`, "from_line 9 is after to_line 3"},
		{"list_workstations", `{"state":"linked"}`, "Valid arguments: name, status, problem"},
		{"list_workstations", `{"status":"desligado"}`, "Valid values: linked, unlinked"},
		{"list_prompts", `{"status":["OPEN"]}`, "Valid values: NOT_ASKED, ASKED"},
		{"diagnose_job", `{"job":"GL_POST"}`, "Valid arguments: target"},
		{"diagnose_job", `{"target":"GL_POST","language":"fr"}`, "Valid values: en, pt."},
		{"diagnose_job", `{"target":"GL_POST","premise":"atrasado"}`, "Valid values: abended, not_started"},
		{"diagnose_job", `{"target":"GL_POST","action":"re_run"}`, "Did you mean rerun?"},
		{"diagnose_job", `{"target":"GL_POST","action":"explode"}`, `"explode" is no action code`},
		{"explain_wait", `{"target":"GL_POST","target_kind":"stream"}`, "Did you mean job_stream?"},
		{"impact_of", `{"target":"GL_POST","if":"delete"}`, "Valid values: rerun, cancel"},
		{"radar", `{"rules":["unlinked_agent"]}`, "The radar has no rule"},
		{"radar", `{"min_severity":"severe"}`, "Valid values: critical, high"},
		{"late_risk", `{"within_hours":"tomorrow"}`, "must be a whole number"},
		{"what_changed", `{"against":"yesterday"}`, "Use previous_run"},
		{"what_changed", `{"since":"-2h"}`, "is no instant"},
	} {
		r := s.Call(t.Context(), tt.tool, json.RawMessage(tt.args))
		if r.Error == nil || r.Error.Code != "invalid" || !strings.Contains(r.Text, tt.says) {
			t.Errorf("%s %s: %s, want %q", tt.tool, tt.args, errorText(r), tt.says)
		}
	}
}

// TestMoments: what has been is read backwards from the engine's now, 03:10 in the plan's zone.
func TestMoments(t *testing.T) {
	s, _ := demo(t)
	for since, want := range map[string]string{
		"2026-03-17T02:00:00-03:00": "2026-03-17T02:00:00-03:00", "2026-03-17T05:00:00Z": "2026-03-17T02:00:00-03:00", "2026-03-17 05:00:00Z": "2026-03-17T02:00:00-03:00",
		"2026-03-17T02:00": "2026-03-17T02:00:00-03:00", "2026-03-17 02:00:30": "2026-03-17T02:00:30-03:00", "2026-03-16": "2026-03-16T00:00:00-03:00",
		"02:00": "2026-03-17T02:00:00-03:00", "22:15": "2026-03-16T22:15:00-03:00", "today": "2026-03-17T00:00:00-03:00", "ontem": "2026-03-16T00:00:00-03:00",
		"yesterday 21:30": "2026-03-16T21:30:00-03:00", "90m": "2026-03-17T01:40:00-03:00", "2h": "2026-03-17T01:10:00-03:00", "1h30m": "2026-03-17T01:40:00-03:00",
		"3d": "2026-03-14T03:10:00-03:00", "2 hours ago": "2026-03-17T01:10:00-03:00", "1 week": "2026-03-10T03:10:00-03:00",
	} {
		out, r := call[tools.WhatChangedOut](t, s, "what_changed", fmt.Sprintf(`{"since":%q,"page_size":1}`, since))
		if r.Error != nil || out.From != want {
			t.Errorf("%s: from %s, %s; want %s", since, out.From, errorText(r), want)
		}
	}
}
