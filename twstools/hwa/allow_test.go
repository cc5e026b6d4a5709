package hwa

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestTableReadsOnly holds the table itself to what reading means; a new row has to pass it.
func TestTableReadsOnly(t *testing.T) {
	for _, op := range Operations() {
		if op.Method != http.MethodGet {
			t.Errorf("%s %s: method is not GET", op.Method, op.Path)
		}
		for _, word := range []string{"action", "submit", "issues", "licenseServerAccessToken", "login"} {
			if strings.Contains(op.Path, word) {
				t.Errorf("%s: holds %q", op.Path, word)
			}
		}
		for _, q := range op.Query {
			if q == "lock" || q == "follow" || q == "force" || q == "unlock" {
				t.Errorf("%s: takes the parameter %q", op.Path, q)
			}
		}
	}
}

func TestIDsThatNameOtherOperationsAreRefused(t *testing.T) {
	for _, id := range []string{"", ".", "..", "issues", "Count", "joblog", "run", "x/action/health-status", "a/../b", "/", "x\\..\\y", "a/issues", strings.Repeat("x", 2000)} {
		if _, err := newRequest(planJob, id, nil); err == nil {
			t.Errorf("newRequest(%.30q) was made, want a refusal", id)
		}
	}
	for _, id := range []string{"MDM;0AAAA;JOB", "/PROD/LX1", "a b#c?d%e", "ção", "6d19eaf1-c9da-3799-96ed-131f07832a01", "countess"} {
		if _, err := newRequest(planJob, id, nil); err != nil {
			t.Errorf("newRequest(%q): %v", id, err)
		}
	}
}

// FuzzRequest tries to build a request outside the table, and to get one past the guard.
func FuzzRequest(f *testing.F) {
	for _, id := range []string{"x", "../engine/info", "a/b;c#d?lock=true", "%2e%2e", "x?follow=true&", "job/action/cancel", "\x00", "é", "a&b=c"} {
		f.Add(int(planJob), id, "oql", "name = 'x'&lock=true")
		f.Add(int(planRunLog), id, "from_line", "1&follow=true")
	}
	f.Add(int(planJobs), "", "oql", "x' OR '1'='1")
	f.Add(int(planJobs), "", "lock", "true")
	f.Add(99, "", "limit", "-1")
	base, err := url.Parse("https://mdm:31116" + apiRoot)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, ep int, id, name, value string) {
		r, err := newRequest(endpoint(ep), id, map[param]string{param(name): value})
		if err != nil {
			return
		}
		c := &Client{base: base}
		hr, err := c.build(t.Context(), r)
		if err != nil {
			return
		}
		u := hr.URL
		reparsed, err := url.Parse(u.String())
		if err != nil {
			t.Fatalf("%q does not parse: %v", u, err)
		}
		if hr.Method != http.MethodGet || reparsed.Host != base.Host || reparsed.Scheme != "https" || reparsed.Fragment != "" {
			t.Fatalf("built %s %s", hr.Method, reparsed)
		}
		got, ok := permitted(hr.Method, reparsed, apiRoot)
		if !ok || got != endpoint(ep) {
			t.Fatalf("built %s, which is not row %d of the table", reparsed, ep)
		}
		if strings.Count(reparsed.EscapedPath(), "/") != strings.Count(apiRoot+allowed[ep].Path, "/") {
			t.Fatalf("the id %q became more than one segment: %s", id, reparsed.EscapedPath())
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

// FuzzGuard hands the guard arbitrary URLs; what it lets pass must be in the table by an independent reading.
func FuzzGuard(f *testing.F) {
	for _, s := range []string{"/plan/job", "/plan/job/x", "/plan/job/issues", "/plan/job/x/action/cancel", "/plan/job?lock=true", "/plan/job/%2e%2e/x", "/engine/info?x=1",
		"/plan/workstation/x%2Faction%2Fhealth-status", "/plan/job/run/1/joblog?follow=true", "/plan/job?oql=a&oql=b", "/plan/job/x/", "//engine/info"} {
		f.Add("GET", s)
		f.Add("PUT", s)
	}
	f.Fuzz(func(t *testing.T, method, rest string) {
		u, err := url.Parse("https://mdm:31116" + apiRoot + rest)
		if err != nil {
			return
		}
		ep, ok := permitted(method, u, apiRoot)
		if !ok {
			return
		}
		low := strings.ToLower(u.Path)
		if method != http.MethodGet || strings.Contains(low, "/action/") || strings.HasSuffix(low, "/issues") || strings.Contains(low, "/../") ||
			u.Query().Has("lock") || u.Query().Has("follow") {
			t.Fatalf("let pass %s %s as %s", method, u, allowed[ep].Path)
		}
	})
}
