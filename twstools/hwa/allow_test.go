package hwa

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const (
	testBase = "https://mdm:31116" + apiRoot
	jobQuery = `{"filters":{"jobInPlanFilter":{"jobName":"A@","priorityRange":{"from":1,"to":5},"statusList":["READY"]}},"sorters":{"jobInPlanSorter":{"jobName":{"descending":false,"priority":1}}}}`
)

// TestTableReadsOnly holds the table itself to what reading means; a new row has to pass it.
func TestTableReadsOnly(t *testing.T) {
	for i, op := range Operations() {
		// In V1 a POST reads when it asks for a list; every other method than GET and that one changes something.
		asks := op.Dialect == dialectV1 && op.Method == http.MethodPost
		last := op.Path[strings.LastIndexByte(op.Path, '/')+1:]
		if op.Method != http.MethodGet && !(asks && slices.Contains([]string{"query", "query_next", "count", "summary_info"}, last)) {
			t.Errorf("%s %s: is not known to read", op.Method, op.Path)
		}
		if asks != (allowed[i].Body.kind != bodyNone) {
			t.Errorf("%s %s: a body belongs to a POST of V1 and to nothing else", op.Method, op.Path)
		}
		for _, word := range []string{"submit", "issues", "licenseServerAccessToken", "login", "make", "create", "health", "monitoring_configuration", "rerun", "confirm"} {
			if strings.Contains(op.Path, word) {
				t.Errorf("%s: holds %q", op.Path, word)
			}
		}
		if strings.Contains(op.Path, "action") && last != "first_predecessors" && last != "next_predecessors" {
			t.Errorf("%s: is an action", op.Path)
		}
		for _, q := range op.Query {
			if slices.Contains([]string{"lock", "follow", "force", "unlock", "isLocked"}, q) {
				t.Errorf("%s: takes the parameter %q", op.Path, q)
			}
		}
		for _, h := range op.Headers {
			if slices.Contains([]string{"Context-Session", "Answer", "Context-CheckResync"}, h) {
				t.Errorf("%s: sends the header %q", op.Path, h)
			}
		}
	}
}

func TestIDsThatNameOtherOperationsAreRefused(t *testing.T) {
	for _, id := range []string{"", ".", "..", "issues", "Count", "joblog", "run", "query", "query_next", "x/action/health-status", "a/../b", "/", "x\\..\\y", "a/issues", strings.Repeat("x", 2000)} {
		for _, ep := range []endpoint{planJob, v1Job, v1JobLog} {
			if _, err := newRequest(ep, id, nil); err == nil {
				t.Errorf("newRequest(%.30q) was made, want a refusal", id)
			}
		}
	}
	for _, id := range []string{"MDM;0AAAA;JOB", "/PROD/LX1", "a b#c?d%e", "ção", "6d19eaf1-c9da-3799-96ed-131f07832a01", "countess", "L01ETTswQUFBQTtKT0I+/w=="} {
		if _, err := newRequest(planJob, id, nil); err != nil {
			t.Errorf("newRequest(%q): %v", id, err)
		}
	}
}

// What a request may carry in V1 is a filter of its own kind of object, and never a wish for everything at once.
func TestBodiesAndHeadersOutsideTheTableAreRefused(t *testing.T) {
	good := parts{body: jobQuery, headers: map[header]string{hHowMany: "500", hObjectCount: "1"}}
	if _, err := makeRequest(v1Jobs, good); err != nil {
		t.Fatalf("a filter is refused: %v", err)
	}
	for _, body := range []string{
		"", "null", "[]", `"x"`, `{"filters":{"jobStreamInPlanFilter":{}}}`, `{"filters":{"jobInPlanFilter":{"a":"b"}},"jobIdList":["x"]}`, `{"filters":null}`,
		`{"filters":{"jobInPlanFilter":{}},"filters":{"jobInPlanFilter":{}}}`, `{"filters":{"jobInPlanFilter":{"a":{"b":{"c":{"d":{"e":1}}}}}}}`, jobQuery + "{}",
		`{"sorters":{"jobInPlanSorter":{"jobName":{"then":"x"}}}}`, `{"complexFilters":{"operator":"XOR"}}`, `{"justification":{"description":"x"}}`, `{"filters":{"jobInPlanFilter":{"a b":1}}}`,
	} {
		if _, err := makeRequest(v1Jobs, parts{body: body}); err == nil {
			t.Errorf("the body %s is taken", body)
		}
	}
	for _, h := range []parts{
		{body: jobQuery, headers: map[header]string{hHowMany: "0"}}, {body: jobQuery, headers: map[header]string{hHowMany: "10001"}}, {body: jobQuery, headers: map[header]string{hHowMany: "+5"}},
		{body: jobQuery, headers: map[header]string{hLastObject: "x"}}, {body: jobQuery, headers: map[header]string{"Context-Session": "x"}},
		{body: jobQuery, plan: "trial"}, {body: jobQuery, plan: "../x"}, {body: jobQuery, id: "x"}, {body: jobQuery, query: map[param]string{"lock": "true"}},
	} {
		if _, err := makeRequest(v1Jobs, h); err == nil {
			t.Errorf("%+v is taken", h)
		}
	}
	if _, err := makeRequest(v1JobsNext, parts{body: `{"jobInPlanFilter":{}}`, headers: map[header]string{hHowMany: "5", hLastObject: "a\r\nX: y"}}); err == nil {
		t.Error("a cursor that breaks its line is taken")
	}
}

// writes are the operations that change something, as the interfaces name them. None may pass, whatever it carries.
var writes = []string{
	"POST /twsd/plan/create_plan", "POST /twsd/plan/create_trial_plan_extension", "PUT /twsd/plan/current/job/X", "POST /twsd/plan/current/job/action/submit_ad_hoc_job",
	"POST /twsd/plan/current/job/action/make", "POST /twsd/plan/current/job/issues", "PUT /twsd/plan/current/job/X/jobsuccessors/action/rerun", "PUT /twsd/plan/current/job/X/jobsuccessors/list/action/rerun",
	"POST /twsd/plan/current/jobstream/action/submit_jobstream", "POST /twsd/plan/current/jobstream/X/action/submit_jobstream", "POST /twsd/plan/current/jobstream/X/action/make_jobstream",
	"POST /twsd/plan/current/jobstream/X/action/submit_job", "PUT /twsd/plan/current/jobstream/action/cancel", "PUT /twsd/plan/current/prompt/X/action/reply", "PUT /twsd/plan/current/resource/X",
	"PUT /twsd/plan/current/user/X/action/set_windows_user_password", "GET /twsd/plan/current/workstation/X/action/health_status", "GET /twsd/plan/current/workstation/X/action/monitoring_configuration",
	"PUT /twsd/eventrule/deployment/rule_builder/start", "PUT /twsd/eventrule/deployment/rule_builder/stop", "POST /twsd/eventrule/engine/action_run/action/run", "PUT /twsd/model/workstation/X",
	"POST /twsd/model/jobdefinition", "DELETE /twsd/model/jobdefinition/X", "GET /twsd/api/v2/engine/licenseServerAccessToken", "GET /twsd/api/v2/plan/job/issues", "POST /twsd/api/v2/plan/job/submit",
	"POST /twsd/api/v2/plan/jobstream/X/submit", "PATCH /twsd/api/v2/plan/job/X", "PUT /twsd/api/v2/engine/configuration", "PUT /twsd/api/v2/plan/prompt/X/action/reply", "POST /twsd/api/v2/plan/job",
}

func everyWrite() []string {
	out := slices.Clone(writes)
	for kind, actions := range map[string]string{
		"job":         "add_dependencies cancel cancelpending confirm_abend confirm_succ hold kill rerun release release_dependencies release_all_dependencies remove_dependencies run_command",
		"jobstream":   "add_dependencies cancel release release_all_dependencies release_dependencies remove_dependencies hold",
		"domain":      "link_domain_workstation unlink_domain_workstation start_domain_workstation stop_domain_workstation switch_domain_workstation",
		"workstation": "connect_to_host_cpu link unlink start stop start_event_monitoring stop_event_monitoring start_event_processor stop_event_processor switch_event_processor update_fence update_limit upgrade_workstation",
	} {
		for _, a := range strings.Fields(actions) {
			out = append(out, "PUT /twsd/plan/current/"+kind+"/X/action/"+a, "POST /twsd/plan/current/"+kind+"/X/action/"+a)
		}
	}
	return out
}

func asked(method, rawURL, body string, headers ...string) (*http.Request, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	r := &http.Request{Method: method, URL: u, Header: http.Header{}}
	if body != "" {
		r.Body = io.NopCloser(strings.NewReader(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r, nil
}

// carried are things that a request might carry to get past the guard.
var carried = []string{"", "{}", jobQuery, `{"jobInPlanFilter":{}}`, `{"jobIdList":["X"]}`, `{"filters":{}}`}

func TestNoWritePassesTheGuard(t *testing.T) {
	for _, w := range everyWrite() {
		method, path, _ := strings.Cut(w, " ")
		for _, body := range carried {
			r, err := asked(method, "https://mdm:31116"+path, body)
			if err != nil {
				t.Fatal(err)
			}
			if ep, ok := permitted(r, body, apiRoot); ok {
				t.Errorf("%s with %q passes as %s", w, body, allowed[ep].Path)
			}
		}
	}
	for _, h := range []string{"X-HTTP-Method-Override", "X-Http-Method", "Context-Session", "Answer", "How-Many", "Justification-Description"} {
		r, err := asked(http.MethodGet, "https://mdm:31116/twsd/plan/current/job/X", "", h, "1")
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := permitted(r, "", apiRoot); ok {
			t.Errorf("the header %s passes", h)
		}
	}
}

// wireOf records what reaches the network.
type wireOf func(*http.Request) (*http.Response, error)

func (f wireOf) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The guard reads the body itself, and refuses one that it cannot read twice.
func TestGuardReadsTheBody(t *testing.T) {
	base, err := url.Parse(testBase)
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	g := guard{base: base, sent: func(context.Context, endpoint) {}, next: wireOf(func(*http.Request) (*http.Response, error) {
		sent++
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	})}
	try := func(body string, twice bool) {
		r, err := asked(http.MethodPost, "https://mdm:31116/twsd/plan/current/job/query", body)
		if err != nil {
			t.Fatal(err)
		}
		if !twice {
			r.GetBody = nil
		}
		if resp, err := g.RoundTrip(r); err == nil {
			_ = resp.Body.Close()
		}
	}
	try(jobQuery, true)
	if sent != 1 {
		t.Fatal("a filter of the table does not pass")
	}
	try(jobQuery, false)
	try(`{"filters":{"jobInPlanFilter":{}},"action":"cancel"}`, true)
	try("", true)
	if sent != 1 {
		t.Errorf("%d requests passed that are in no row", sent-1)
	}
}

// FuzzRequest tries to build a request outside the table, and to get one past the guard.
func FuzzRequest(f *testing.F) {
	for _, id := range []string{"x", "../engine/info", "a/b;c#d?lock=true", "%2e%2e", "x?follow=true&", "job/action/cancel", "\x00", "é", "a&b=c"} {
		f.Add(int(planJob), id, "oql", "name = 'x'&lock=true", "", "", "")
		f.Add(int(planRunLog), id, "from_line", "1&follow=true", "", "", "")
		f.Add(int(v1Job), id, "lock", "true", "current", "", "1")
		f.Add(int(v1JobLog), id, "fileId", "a&b=c", "202603170000", "", "")
	}
	f.Add(int(planJobs), "", "oql", "x' OR '1'='1", "", "", "")
	f.Add(int(planJobs), "", "lock", "true", "", "", "")
	f.Add(99, "", "limit", "-1", "", "", "")
	f.Add(int(v1Jobs), "", "", "", "current", jobQuery, "500")
	f.Add(int(v1Jobs), "", "", "", "../../api", `{"filters":{}}`, "0")
	f.Add(int(v1CriticalSummary), "", "", "", "", "{}", "")
	base, err := url.Parse(testBase)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, ep int, id, name, value, plan, body, many string) {
		in := parts{id: id, plan: plan, body: body}
		if name != "" {
			in.query = map[param]string{param(name): value}
		}
		if many != "" {
			in.headers = map[header]string{hHowMany: many}
		}
		r, err := makeRequest(endpoint(ep), in)
		if err != nil {
			return
		}
		c := &Client{base: base}
		hr, err := c.build(t.Context(), r)
		if err != nil {
			return
		}
		op := allowed[ep]
		root := op.Root.under(apiRoot)
		reparsed, err := url.Parse(hr.URL.String())
		if err != nil {
			t.Fatalf("%q does not parse: %v", hr.URL, err)
		}
		hr.URL = reparsed
		if hr.Method != op.Method || reparsed.Host != base.Host || reparsed.Scheme != "https" || reparsed.Fragment != "" {
			t.Fatalf("built %s %s", hr.Method, reparsed)
		}
		got, ok := permitted(hr, body, apiRoot)
		if !ok || got != endpoint(ep) {
			t.Fatalf("built %s, which is not row %d of the table", reparsed, ep)
		}
		if strings.Count(reparsed.EscapedPath(), "/") != strings.Count(root+op.Path, "/") {
			t.Fatalf("the id %q became more than one segment: %s", id, reparsed.EscapedPath())
		}
		if hr.Header.Get("How-Many") == "0" {
			t.Fatal("asked for everything at once")
		}
		q := reparsed.Query()
		if q.Has("lock") || q.Has("follow") || len(q) > 1 {
			t.Fatalf("built the query %q", reparsed.RawQuery)
		}
		for k, vs := range q {
			if k != name || len(vs) != 1 || vs[0] != value {
				t.Fatalf("the parameter %q=%q became %q=%q", name, value, k, vs)
			}
		}
	})
}

// FuzzGuard hands the guard arbitrary requests; what it lets pass must be a read by an independent reading.
func FuzzGuard(f *testing.F) {
	for _, s := range []string{"/plan/job", "/plan/job/x", "/plan/job/issues", "/plan/job/x/action/cancel", "/plan/job?lock=true", "/plan/job/%2e%2e/x", "/engine/info?x=1",
		"/plan/workstation/x%2Faction%2Fhealth-status", "/plan/job/run/1/joblog?follow=true", "/plan/job?oql=a&oql=b", "/plan/job/x/", "//engine/info"} {
		f.Add("GET", "/twsd/api/v2"+s, "")
		f.Add("PUT", "/twsd/api/v2"+s, "{}")
	}
	for _, w := range everyWrite() {
		method, path, _ := strings.Cut(w, " ")
		for _, body := range carried {
			f.Add(method, path, body)
		}
	}
	for _, op := range allowed {
		f.Add(op.Method, op.Root.under(apiRoot)+strings.NewReplacer("{plan}", "current", "{id}", "X").Replace(op.Path), jobQuery)
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r, err := asked(method, "https://mdm:31116"+path, body)
		if err != nil {
			return
		}
		ep, ok := permitted(r, body, apiRoot)
		if !ok {
			return
		}
		low := strings.ToLower(r.URL.Path)
		last := low[strings.LastIndexByte(low, '/')+1:]
		action := strings.Contains(low, "/action/") && last != "first_predecessors" && last != "next_predecessors"
		asks := method == http.MethodPost && slices.Contains([]string{"query", "query_next", "count", "summary_info"}, last) && strings.HasPrefix(body, "{")
		if method != http.MethodGet && !asks || method == http.MethodGet && body != "" || action || strings.HasSuffix(low, "/issues") || strings.Contains(low, "/../") ||
			strings.Contains(low, "/submit") || strings.Contains(low, "create_") || r.URL.Query().Has("lock") || r.URL.Query().Has("follow") {
			t.Fatalf("let pass %s %s with %q as %s", method, r.URL, body, allowed[ep].Path)
		}
	})
}
