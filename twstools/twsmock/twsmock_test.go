package twsmock_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var night = time.Date(2026, 3, 17, 6, 10, 42, 0, time.UTC)

func demoWorld(t *testing.T) *world.World {
	t.Helper()
	w, err := world.Demo(night)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func start(t *testing.T, opts twsmock.Options) *twsmock.Server {
	t.Helper()
	if opts.Clock == nil {
		opts.Clock = func() time.Time { return night }
	}
	s, err := twsmock.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

func do(t *testing.T, method, url, auth string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // nothing is lost with it
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

func get(t *testing.T, s *twsmock.Server, path string) (*http.Response, []byte) {
	t.Helper()
	return do(t, http.MethodGet, s.URL()+twsmock.Base+path, "")
}

type page struct {
	Count          int
	Next, Previous string
	Results        []map[string]any
}

func list(t *testing.T, s *twsmock.Server, path string, params ...string) page {
	t.Helper()
	q := url.Values{}
	for i := 0; i < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	res, body := get(t, s, path+"?"+q.Encode())
	if res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s %v = %d %s", path, params, res.StatusCode, body)
	}
	m, ok := decode(t, body).(map[string]any)
	if !ok {
		t.Fatalf("GET %s is no object", path)
	}
	p := page{}
	_, _ = fmt.Sscan(fmt.Sprint(m["count"]), &p.Count)
	p.Next, _ = m["next"].(string)
	p.Previous, _ = m["previous"].(string)
	results, ok := m["results"].([]any)
	if !ok {
		t.Fatalf("GET %s has no results: %s", path, body)
	}
	for _, r := range results {
		x, _ := r.(map[string]any)
		p.Results = append(p.Results, x)
	}
	return p
}

func TestPagesLinkToEachOther(t *testing.T) {
	s := start(t, twsmock.Options{})
	first := list(t, s, "/plan/job", "limit", "100", "oql", "name LIKE '@' ORDER BY key.name ASC")
	if first.Count < 400 || len(first.Results) != 100 || first.Previous != "" {
		t.Fatalf("first page: %d of %d, previous %q", len(first.Results), first.Count, first.Previous)
	}
	seen, next := len(first.Results), first.Next
	for next != "" {
		if !strings.HasPrefix(next, s.URL()+twsmock.Base+"/plan/job?") || !strings.Contains(next, "oql=") {
			t.Fatalf("next = %q is not absolute, or forgets the filter", next)
		}
		u, err := url.Parse(next)
		if err != nil {
			t.Fatal(err)
		}
		p := list(t, s, "/plan/job", "limit", u.Query().Get("limit"), "offset", u.Query().Get("offset"), "oql", u.Query().Get("oql"))
		if p.Previous == "" || len(p.Results) == 0 {
			t.Fatalf("page at %s: %d results, previous %q", next, len(p.Results), p.Previous)
		}
		seen, next = seen+len(p.Results), p.Next
	}
	if seen != first.Count {
		t.Errorf("the pages hold %d of %d", seen, first.Count)
	}
	for _, j := range first.Results {
		if _, ok := j["dependencies"]; ok {
			t.Fatal("a list fills dependencies")
		}
	}
}

func TestBadRequests(t *testing.T) {
	s := start(t, twsmock.Options{})
	for path, want := range map[string]string{
		"/plan/job?oql=" + url.QueryEscape("key.name = 'X'"):           "400 OQL_FILTER_SYNTAX_ERROR",
		"/plan/job?oql=" + url.QueryEscape("name == 'X'"):              "400 OQL_FILTER_SYNTAX_ERROR",
		"/plan/job?oql=" + url.QueryEscape("jobstreamName = 'X'"):      "400 jobStreamName",
		"/plan/jobstream?oql=" + url.QueryEscape("jobruns.step = 1"):   "400 OQL_FILTER_SYNTAX_ERROR",
		"/plan/job?plan_filter=" + url.QueryEscape("@#@.@+colour=red"): "400 colour",
		"/plan/job?limit=many": "400 limit",
		"/plan/job?offset=-1":  "400 offset",
		"/plan/job?%zz":        "400 query",
		"/plan/job/count?plan_filter=" + url.QueryEscape("@+colour=red"): "400 colour",
		"/plan/job/count?plan_filter=@&grouping_filters=colour":          "400 colour",
		"/plan/job/joblog": "400 oql",
		"/plan/job/joblog?oql=" + url.QueryEscape("name LIKE 'G@'"):       "400 more than one",
		"/plan/folder/objects-count":                                      "400 oql",
		"/plan/folder/objects-count?oql=" + url.QueryEscape("name = 'X'"): "400 folder",
		"/plan/job/00000000-0000-3000-8000-000000000000":                  "404 AWSJDB101E",
		"/plan/job/a%2Fb%3Bc%23d":                                         "404 a/b;c#d",
		"/plan/job/run/none/joblog":                                       "404 AWSJDB101E",
		"/plan/job?plan_id=202601010000":                                  "404 plan",
		"/plan/job/issues":                                                "403 AWSJDB817E",
		"/plan/workstation/x/action/health-status":                        "403 AWSJDB817E",
		"/plan/workstation/x/action/monitoring-configuration":             "500 AWSBIN091E",
		"/engine/licenseServerAccessToken":                                "403 AWSJDB817E",
		"/plan/job/x/action/cancel":                                       "405 GET",
		"/model/workspace":                                                "404",
		"/login":                                                          "404",
		"/plan/job/x/y/z":                                                 "404",
		"/model/jobstream?lock=true":                                      "403 AWSJDB817E",
		"/plan/job/joblog?follow=true":                                    "403 AWSJDB817E",
	} {
		res, body := get(t, s, path)
		status, text, _ := strings.Cut(want, " ")
		if fmt.Sprint(res.StatusCode) != status || !strings.Contains(string(body), text) {
			t.Errorf("GET %s = %d %s, want %s", path, res.StatusCode, body, want)
		}
		if says := strings.Contains(string(body), "OQL_FILTER_SYNTAX_ERROR"); says && !strings.Contains(path, "oql=") {
			t.Errorf("GET %s = %s: no oql was sent", path, body)
		}
	}
}

func TestPlanFilters(t *testing.T) {
	s := start(t, twsmock.Options{})
	for filter, want := range map[string]int{
		"/FRLCLM01#/@/CLMEOD.@": 12, "FRLCLM01#CLMEOD.CLM_RESERVE": 2, "/@/@#/@/@.@+state=abend": 3, "@#@.CLM_@+state=abend": 1, "@#@.@+priority=0": 0, "/@/@#/@/NOSUCH.@": 0,
	} {
		if p := list(t, s, "/plan/job", "plan_filter", filter); p.Count != want {
			t.Errorf("plan_filter %s finds %d, want %d", filter, p.Count, want)
		}
	}
	both := list(t, s, "/plan/job", "plan_filter", "/@/@#/@/CLMEOD.@", "oql", "jobruns.commonStatus = 'ERROR'")
	if both.Count != 1 || both.Results[0]["name"] != "CLM_RESERVE" {
		t.Errorf("oql and plan_filter together find %+v", both.Results)
	}
	if p := list(t, s, "/plan/workstation", "plan_filter", "/@/FRLW@"); p.Count != 2 {
		t.Errorf("workstations by plan_filter: %d, want 2", p.Count)
	}
	if p := list(t, s, "/plan/prompt", "plan_filter", "/@/@"); p.Count != 4 {
		t.Errorf("prompts by plan_filter: %d, want 4", p.Count)
	}
}

func TestCredentialsAreDemanded(t *testing.T) {
	s := start(t, twsmock.Options{User: "viewer", Password: "s3cret", Token: "jwt-1"})
	basic := func(u, p string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(u+":"+p)) }
	for auth, want := range map[string]int{
		"": 401, basic("viewer", "wrong"): 401, basic("", ""): 401, "Bearer jwt-2": 401, "Bearer ": 401, basic("viewer", "s3cret"): 200, "Bearer jwt-1": 200,
	} {
		res, body := do(t, http.MethodGet, s.URL()+twsmock.Base+"/engine/info", auth)
		if res.StatusCode != want {
			t.Errorf("with %q: %d, want %d", auth, res.StatusCode, want)
		}
		if want == 401 && (!strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || strings.Contains(string(body), "10.2")) {
			t.Errorf("with %q: %s %s, want a page that tells nothing", auth, res.Header.Get("Content-Type"), body)
		}
	}
}

func TestWritesAreRefusedAndCounted(t *testing.T) {
	s := start(t, twsmock.Options{})
	id := demoWorld(t).Jobs[0].Ref.ID
	for i, w := range []struct{ method, path string }{
		{http.MethodPut, "/plan/job/" + id + "/action/cancel"}, {http.MethodPost, "/plan/jobstream/submit"}, {http.MethodPatch, "/plan/job/" + id}, {http.MethodDelete, "/model/jobstream/x"},
		{http.MethodPut, "/plan/prompt/x/action/reply"},
	} {
		res, body := do(t, w.method, s.URL()+twsmock.Base+w.path, "")
		if res.StatusCode != http.StatusForbidden || !strings.Contains(string(body), "AWSJDB817E") || s.Writes() != i+1 {
			t.Errorf("%s %s = %d %s, counted %d", w.method, w.path, res.StatusCode, body, s.Writes())
		}
	}
	get(t, s, "/plan/job/"+id)
	n := s.Requests()
	if s.Writes() != 5 || n["GET /plan/job/{job_id}"] != 1 || n["PATCH /plan/job/{job_id}"] != 1 || n["PUT /plan/{object}/{id}/action/{action}"] != 2 {
		t.Errorf("counted %d writes, %v", s.Writes(), n)
	}
}

func TestLogWindowsAndFrame(t *testing.T) {
	w := demoWorld(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	var job twstools.Job
	for _, j := range w.Jobs {
		if j.Status.Internal == "ABEND" {
			job = j
		}
	}
	path := "/plan/job/run/" + job.Runs[0].ID + "/joblog"
	res, whole := get(t, s, path)
	if res.Header.Get("Content-Type") != "text/plain; charset=utf-8" || string(whole) != w.Logs[job.Runs[0].ID].Text() {
		t.Fatalf("log = %s %s", res.Header.Get("Content-Type"), whole)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	if _, got := get(t, s, path+"?from_line=3&to_line=5"); string(got) != strings.Join(lines[2:5], "") {
		t.Errorf("lines 3 to 5 = %q", got)
	}
	if _, got := get(t, s, path+"?from_line=900"); len(got) != 0 {
		t.Errorf("lines behind the end = %q", got)
	}
	_, content := get(t, s, path+"?contentOnly=true")
	if strings.Contains(string(content), "= JOB ") || strings.Contains(string(content), "= Exit Status") || !strings.Contains(string(content), "ORA-28001") {
		t.Errorf("contentOnly = %s", content)
	}
	if _, by := get(t, s, "/plan/job/joblog?oql="+url.QueryEscape("id = '"+job.Ref.ID+"'")); string(by) != string(whole) {
		t.Errorf("the log by oql = %s", by)
	}
}

func TestDateIsTheEnginesClock(t *testing.T) {
	s := start(t, twsmock.Options{})
	res, _ := get(t, s, "/engine/info")
	if got := res.Header.Get("Date"); got != night.Format(http.TimeFormat) {
		t.Errorf("Date = %q", got)
	}
}

func TestServerEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := twsmock.Start(ctx, twsmock.Options{World: twsmock.Fixed(demoWorld(t))})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Close(); err != nil {
		t.Errorf("Close after the context's end = %v", err)
	}
	if _, err := twsmock.Start(t.Context(), twsmock.Options{Addr: "256.0.0.1:1"}); err == nil {
		t.Error("Start listens where nobody can")
	}
}

func FuzzPath(f *testing.F) {
	for _, p := range []string{"/twsd/api/v2/plan/job/%2e%2e", "/", "/twsd/api/v2/plan/job?oql='", "/twsd/api/v2//", "/twsd/api/v2/plan/job?plan_filter=%2B~"} {
		f.Add(p)
	}
	w, err := world.Demo(night)
	if err != nil {
		f.Fatal(err)
	}
	h, err := twsmock.New(twsmock.Options{World: twsmock.Fixed(w)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, p string) {
		u, err := url.ParseRequestURI(p)
		if err != nil || !strings.HasPrefix(p, "/") {
			return
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, &http.Request{Method: http.MethodGet, URL: u, Host: "h", Header: http.Header{}})
		if rec.Code >= 500 && !strings.Contains(rec.Body.String(), "AWSBIN091E") {
			t.Fatalf("GET %q = %d %s", p, rec.Code, rec.Body)
		}
	})
}
