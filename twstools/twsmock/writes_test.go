package twsmock_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/twsmock"
)

// Every write that the interface has, and every odd method, is refused and counted.
func TestEveryWriteIsRefused(t *testing.T) {
	s := start(t, twsmock.Options{})
	n := 0
	ask := func(method, path, contentType, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+twsmock.Base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if contentType != "" {
			req.Header.Set("Content-Type", contentType)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() //nolint:errcheck // nothing is lost with it
		var b bytes.Buffer
		if _, err := b.ReadFrom(res.Body); err != nil {
			t.Fatal(err)
		}
		n++
		if s.Writes() != n || len(s.Violations()) != n || !strings.HasPrefix(s.Violations()[n-1], method+" "+twsmock.Base+path) {
			t.Errorf("%s %s: %d writes and %d violations are counted, want %d; the last is %v", method, path, s.Writes(), len(s.Violations()), n, s.Violations())
		}
		return res.StatusCode, b.String()
	}
	for _, action := range []string{"add-dependencies", "cancel", "cancel-pending", "confirm-abend", "confirm-succ", "hold", "kill", "release", "release-all-dependencies", "release-dependencies",
		"remove-dependencies", "update-priority"} {
		for _, path := range []string{"/plan/job/x/action/" + action, "/plan/job/action/" + action, "/plan/jobstream/x/action/" + action} {
			if status, body := ask(http.MethodPut, path, "application/json", "{}"); status != http.StatusForbidden || !strings.Contains(body, "AWSJDB817E") {
				t.Errorf("PUT %s = %d %s", path, status, body)
			}
			if status, _ := ask(http.MethodPost, path, "application/json", "{}"); status != http.StatusMethodNotAllowed {
				t.Errorf("POST %s = %d, want 405", path, status)
			}
			if status, _ := ask(http.MethodPut, path, "", "{}"); status != http.StatusUnsupportedMediaType {
				t.Errorf("PUT %s without a type = %d, want 415", path, status)
			}
		}
	}
	for _, w := range [][2]string{
		{"PUT", "/plan/job/run/r/action/rerun"}, {"PUT", "/plan/job/run/r/action/run-command"}, {"PATCH", "/plan/job/x"}, {"PATCH", "/plan/job"}, {"PATCH", "/plan/jobstream/x"}, {"PATCH", "/plan/workstation/x"},
		{"PATCH", "/plan/resource/x"}, {"POST", "/plan/job/submit"}, {"POST", "/plan/job/submit-ad-hoc-job"}, {"POST", "/plan/job/x/submit"}, {"POST", "/plan/job/async/x"}, {"POST", "/plan/jobstream/submit"},
		{"POST", "/plan/jobstream/x/submit"}, {"PUT", "/plan/prompt/x/action/reply"}, {"PUT", "/plan/prompt/action/reply"}, {"PUT", "/plan/resource/x/action/update-quantity"}, {"PUT", "/plan/workstation/x/action/link"},
		{"PUT", "/plan/workstation/x/action/update-limit"}, {"PUT", "/plan/workstation/collect-agent-logs"}, {"PUT", "/engine/run-component-command"}, {"PUT", "/engine/run-executor-command"}, {"PUT", "/engine/configuration"},
		{"POST", "/engine/configuration"}, {"POST", "/model/jobstream"}, {"PUT", "/model/jobstream/x"}, {"DELETE", "/model/jobstream/x"}, {"PUT", "/model/jobstream/x/lock"}, {"PUT", "/model/jobstream/x/unlock"},
		{"POST", "/model/common/convert"}, {"DELETE", "/plan/job/x"}, {"PUT", "/plan/job"}, {"POST", "/plan/job"}, {"DELETE", "/engine/info"}, {"POST", "/nowhere/at/all"},
	} {
		if status, body := ask(w[0], w[1], "application/json", "{}"); status != http.StatusForbidden || !strings.Contains(body, "AWSJDB817E") {
			t.Errorf("%s %s = %d %s", w[0], w[1], status, body)
		}
	}
	if status, _ := ask("PROPFIND", "/plan/job", "", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("PROPFIND = %d, want 405", status)
	}
}

func TestReadsThatAReaderDoesNotSend(t *testing.T) {
	s := start(t, twsmock.Options{})
	for i, c := range []struct {
		path   string
		status int
	}{
		{"/model/jobstream?lock=true", 403}, {"/model/workstation/x?lock=true&x=1", 403}, {"/plan/job/run/r/joblog?follow=true", 403}, {"/plan/job?limit=1&lock=false&lock=TRUE", 403}, {"/plan/job/issues", 403},
		{"/plan/workstation/x/action/health-status", 403}, {"/plan/workstation/action/health-status", 403}, {"/plan/workstation/x/action/monitoring-configuration", 500},
		{"/engine/licenseServerAccessToken", 403},
	} {
		res, body := get(t, s, c.path)
		if v := s.Violations(); res.StatusCode != c.status || len(v) != i+1 || v[i] != "GET "+twsmock.Base+c.path {
			t.Errorf("GET %s = %d %s; violations %v", c.path, res.StatusCode, body, v)
		}
	}
	for _, path := range []string{"/plan/job?lock=false", "/engine/info", "/plan/workstation"} {
		get(t, s, path)
	}
	if s.Writes() != 0 || len(s.Violations()) != 9 {
		t.Errorf("%d writes, violations %v", s.Writes(), s.Violations())
	}
	if res, _ := do(t, http.MethodOptions, s.URL()+twsmock.Base+"/plan/job", ""); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("OPTIONS = %d", res.StatusCode)
	}
}

func TestMetricsPage(t *testing.T) {
	w := demoWorld(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w), User: "viewer", Password: "s3cret"})
	if res, _ := do(t, http.MethodGet, s.URL()+"/metrics", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("without credentials = %d", res.StatusCode)
	}
	res, body := do(t, http.MethodGet, s.URL()+"/metrics", "Basic dmlld2VyOnMzY3JldA==")
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") {
		t.Fatalf("GET /metrics = %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	for _, line := range []string{
		`application_wa_JobsInPlanCount_jobs{status="ERROR"} 1`, `application_wa_workstation_linked{workstation="FRLWIN02"} 0`, `application_wa_workstation_running{workstation="FRLMDM1"} 1`,
		`application_wa_msgFileFill_percent{file="Mailbox.msg"} 3`, `application_wa_DB_connected 1`, `application_wa_JobsByWorkstation_jobs{workstation="FRLCLM01",status="ERROR"} 1`,
		`# TYPE application_wa_JobsByFolder_jobs gauge`,
	} {
		if !strings.Contains(string(body), line+"\n") {
			t.Errorf("the page has no line %s", line)
		}
	}
	if res, _ := do(t, http.MethodPost, s.URL()+"/metrics", "Basic dmlld2VyOnMzY3JldA=="); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /metrics = %d", res.StatusCode)
	}
}
