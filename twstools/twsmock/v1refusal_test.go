package twsmock_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

func TestV1WritesAreRefusedAndCountedWithV2s(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	id := idOf(t, s, "CLM_RESERVE", "ERROR")
	writes := []struct{ method, path string }{
		{"PUT", "/plan/current/job/" + id}, {"PUT", "/plan/current/job/" + id + "/action/rerun"}, {"PUT", "/plan/current/job/" + id + "/action/confirm_succ"},
		{"PUT", "/plan/current/job/" + id + "/action/run_command"}, {"PUT", "/plan/current/job/" + id + "/jobsuccessors/action/rerun"},
		{"PUT", "/plan/current/job/" + id + "/jobsuccessors/list/action/rerun"}, {"POST", "/plan/current/job/action/submit_ad_hoc_job"}, {"POST", "/plan/current/job/action/make"},
		{"POST", "/plan/current/jobstream/action/submit_jobstream"}, {"POST", "/plan/current/jobstream/x/action/submit_job"}, {"POST", "/plan/current/jobstream/x/action/make_jobstream"},
		{"PUT", "/plan/current/jobstream/action/cancel"}, {"PUT", "/plan/current/prompt/PAYLIMIT/action/reply"}, {"PUT", "/plan/current/resource/x"},
		{"PUT", "/plan/current/user/x/action/set_windows_user_password"}, {"PUT", "/plan/current/workstation/x/action/update_limit"},
		{"PUT", "/plan/current/domain/x/action/switch_domain_manager"}, {"POST", "/plan/create_plan"}, {"POST", "/plan/create_trial_plan_extension"},
		{"PUT", "/model/workstation/x"}, {"POST", "/model/jobdefinition"}, {"DELETE", "/model/jobstream/x"}, {"PATCH", "/plan/current/job/" + id},
		{"PUT", "/eventrule/deployment/rule_builder/start"}, {"POST", "/eventrule/engine/action_run/action/run"}, {"PUT", "/somewhere/else"},
		{"PUT", "/api/v2/plan/job/x/action/cancel"},
	}
	for i, c := range writes {
		res, raw := call(t, s, c.method, c.path, `{}`)
		if res.StatusCode != http.StatusForbidden || !strings.Contains(string(raw), "AWSJDB817E") || s.Writes() != i+1 {
			t.Errorf("%s %s = %d %s, counted %d of %d", c.method, c.path, res.StatusCode, raw, s.Writes(), i+1)
		}
	}
	n := s.Requests()
	if n["PUT /twsd/plan/{planId}/job/{jobId}"] != 1 || n["POST /twsd/plan/{planId}/job/query"] != 1 || n["PUT unknown"] != 1 || n["PUT /plan/{object}/{id}/action/{action}"] != 1 || n["PUT /twsd/plan/{planId}/{object}/{id}/action/{action}"] != 7 {
		t.Errorf("counted as %v", n)
	}
	if got := s.Violations(); len(got) != len(writes) || got[0] != "PUT /twsd/plan/current/job/"+id {
		t.Errorf("violations: %v", got)
	}
}

func TestV1ReadsDoNotCountAsWrites(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	for _, p := range []string{"/plan/query", "/plan/current/job/query", "/plan/current/job/count", "/plan/current/criticaljob/summary_info", "/model/jobstream/header/query",
		"/plan/current/jobstream/action/next_predecessors", "/eventrule/engine/audit_record/header/query", "/nothing/at/all"} {
		call(t, s, http.MethodPost, p, `{}`, "How-Many", "1")
	}
	if s.Writes() != 0 || len(s.Violations()) != 0 {
		t.Errorf("%d reads count as writes: %v, %v", s.Writes(), s.Requests(), s.Violations())
	}
	for i, p := range []string{"/plan/current/workstation/x/action/health_status", "/plan/current/workstation/x/action/monitoring_configuration", "/model/jobstream/x?lock=true"} {
		if call(t, s, http.MethodGet, p, ""); len(s.Violations()) != i+1 || s.Writes() != 0 {
			t.Errorf("GET %s: violations %v, %d writes", p, s.Violations(), s.Writes())
		}
	}
}

func TestV1Errors(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	id := idOf(t, s, "CLM_RESERVE", "ERROR")
	for _, c := range []struct {
		method, path, body string
		headers            []string
		status             int
		want               string
	}{
		{"GET", "/plan/current/job/query", "", nil, 405, "GET"},
		{"POST", "/engine/info", `{}`, nil, 405, "POST"},
		{"POST", "/plan/current/job/" + id, `{}`, nil, 405, "POST"},
		{"OPTIONS", "/engine/info", "", nil, 405, "OPTIONS"},
		{"POST", "/eventrule/deployment/rule_builder/start", `{}`, nil, 405, "POST"},
		{"GET", "/plan/current/job/none", "", nil, 404, "AWSJDB101E"},
		{"GET", "/plan/current/jobstream/" + id, "", nil, 404, "AWSJDB101E"},
		{"GET", "/plan/current/workstation/none", "", nil, 404, "none"},
		{"GET", "/plan/current/criticaljob/none", "", nil, 404, "address"},
		{"POST", "/plan/current/colour/query", `{}`, nil, 404, "address"},
		{"POST", "/nothing", `{}`, nil, 404, "address"},
		{"GET", "/engine/mailbox_fill_percentage?mailboxName=none", "", nil, 404, "none"},
		{"POST", "/plan/current/job/query", `{}`, []string{"Content-Type", "text/plain"}, 415, "application/json"},
		{"POST", "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobName":"` + strings.Repeat("A", 1<<20) + `"}}}`, nil, 400, "body"},
		{"GET", "/plan/current/workstation/x/action/health_status", "", nil, 403, "AWSJDB817E"},
		{"GET", "/plan/current/workstation/x/action/monitoring_configuration", "", nil, 500, "AWSBIN091E"},
		{"GET", "/model/jobstream/x?lock=true", "", nil, 403, "AWSJDB817E"},
		{"GET", "/engine/info?%zz", "", nil, 400, "query"},
		{"GET", "/plan/current/job/" + id + "/predecessors?How-Many=many", "", nil, 400, "How-Many"},
	} {
		res, raw := call(t, s, c.method, c.path, c.body, c.headers...)
		if res.StatusCode != c.status || !strings.Contains(string(raw), c.want) || str(decode(t, raw), "exceptionName") == "" {
			t.Errorf("%s %s = %d %.200s, want %d and %s", c.method, c.path, res.StatusCode, raw, c.status, c.want)
		}
		if messages, _ := at(decode(t, raw), "messages").([]any); len(messages) != 1 {
			t.Errorf("%s %s tells %s", c.method, c.path, raw)
		}
	}
	if s.Writes() != 0 {
		t.Errorf("%d errors count as writes", s.Writes())
	}
}

func TestV1CredentialsAreDemanded(t *testing.T) {
	s := start(t, twsmock.Options{User: "viewer", Password: "s3cret", Token: "jwt-1"})
	basic := func(u, p string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(u+":"+p)) }
	for auth, want := range map[string]int{"": 401, basic("viewer", "wrong"): 401, "Bearer x": 401, basic("viewer", "s3cret"): 200, "Bearer jwt-1": 200} {
		res, raw := call(t, s, http.MethodGet, "/engine/info", "", "Authorization", auth)
		if res.StatusCode != want || want == 401 && (!strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || !strings.Contains(string(raw), "<html>")) {
			t.Errorf("with %q: %d %s %.60s", auth, res.StatusCode, res.Header.Get("Content-Type"), raw)
		}
	}
}

func TestDialects(t *testing.T) {
	for name, c := range map[string]struct {
		dialects   twsmock.Dialects
		newer, old int
	}{"both": {twsmock.BothDialects, 200, 200}, "9.5": {twsmock.OnlyV1, 404, 200}, "V2 alone": {twsmock.OnlyV2, 200, 404}} {
		s := start(t, twsmock.Options{Dialects: c.dialects})
		for path, want := range map[string]int{"/api/v2/engine/info": c.newer, "/engine/info": c.old, "/api/v2": 404} {
			if res, raw := call(t, s, http.MethodGet, path, ""); res.StatusCode != want {
				t.Errorf("%s: GET %s = %d %s, want %d", name, path, res.StatusCode, raw, want)
			}
		}
		if res, _ := call(t, s, http.MethodGet, "/api/v2/engine/info", ""); c.newer == 404 && !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: what is not installed answers %s, not the application server's page", name, res.Header.Get("Content-Type"))
		}
		if res, _ := call(t, s, http.MethodPost, "/plan/current/job/action/submit_ad_hoc_job", `{}`); res.StatusCode != http.StatusForbidden || s.Writes() != 1 {
			t.Errorf("%s: a write is %d, counted %d", name, res.StatusCode, s.Writes())
		}
	}
}

func TestV1DateIsTheEnginesClockAndHeadersTellThePlan(t *testing.T) {
	w := v1World(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	res, _ := call(t, s, http.MethodPost, "/plan/current/job/query", `{}`, "How-Many", "1", "Context-StatusScope", "1")
	for k, want := range map[string]string{"Date": night.Format(http.TimeFormat), "Context-PlanId": w.PlanID, "Context-Locale": "en_US", "Context-StatusScope": "1", "Context-DatabasePlan": "1"} {
		if got := res.Header.Get(k); got != want {
			t.Errorf("%s = %q, want %q", k, got, want)
		}
	}
}

// FuzzV1 holds that nothing that can be sent makes the mock fail inside.
func FuzzV1(f *testing.F) {
	for _, c := range [][3]string{
		{"/twsd/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobName":"A@"}}}`, ""}, {"/twsd/plan/current/job/query_next", `{}`, "eyJsIjoiam9iQGN1cnJlbnQiLCJvIjotMX0="},
		{"/twsd/plan/current/job/%2e%2e;;/joblog?lines=1&pageNumber=9", ``, ""}, {"/twsd/plan/current/criticaljob/a%3Bb%3Bc/query_predecessors_chain", `{"filter":1}`, "bnVsbA=="},
		{"/twsd/eventrule/engine/audit_record/header/query_next", `{"objectsKeys":["x"],"howMany":-3}`, ""}, {"/twsd//", `[`, ""},
		{"/twsd/plan/current/jobstream/query", `{"complexFilters":{"operator":"NOT","complexFilters":[{}]}}`, ""},
	} {
		f.Add(c[0], c[1], c[2])
	}
	w, err := world.Demo(night)
	if err != nil {
		f.Fatal(err)
	}
	h, err := twsmock.New(twsmock.Options{World: twsmock.Fixed(w)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, body, last string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || !strings.HasPrefix(path, "/") || strings.Contains(path, "monitoring_configuration") {
			return
		}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			req := httptest.NewRequest(method, "/", strings.NewReader(body))
			req.URL = u
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("How-Many", "3")
			req.Header.Set("Last-Object", last)
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, req)
			if rec.Code >= 500 {
				t.Fatalf("%s %q %q = %d %s", method, path, body, rec.Code, rec.Body)
			}
		}
	})
}
