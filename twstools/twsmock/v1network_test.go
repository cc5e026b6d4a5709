package twsmock_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/twsmock"
)

// idOf asks for a job's row and gives its id as a path takes it.
func idOf(t *testing.T, s *twsmock.Server, job, status string) string {
	t.Helper()
	got := rows(t, s, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobName":"`+job+`","statusList":["`+status+`"]}}}`, "How-Many", "5")
	if len(got) != 1 {
		t.Fatalf("%s in %s: %d rows", job, status, len(got))
	}
	return url.PathEscape(str(got[0], "id"))
}

func nodeNames(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, n := range list {
		out = append(out, str(n, "key", "name"))
	}
	return out
}

func array(t *testing.T, s *twsmock.Server, path string) []any {
	t.Helper()
	res, raw := call(t, s, http.MethodGet, path, "")
	out, ok := decode(t, raw).([]any)
	if res.StatusCode != http.StatusOK || !ok {
		t.Fatalf("GET %s = %d %.200s", path, res.StatusCode, raw)
	}
	return out
}

func TestV1Predecessors(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	id := idOf(t, s, "CLM_EXPORT", "WAITING")
	got := array(t, s, "/plan/current/job/"+id+"/predecessors?How-Many=10")
	if fmt.Sprint(nodeNames(got)) != "[CLM_IBNR]" || at(got[0], "isInternal") != true || at(got[0], "isJob") != true {
		t.Errorf("predecessors = %v", got)
	}
	streams := rows(t, s, "/plan/current/jobstream/query", `{"filters":{"jobStreamInPlanFilter":{"jobStreamName":"BOARDBOOK"}}}`)
	first := rows(t, s, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobStreamName":"BOARDBOOK","jobName":"BRD_PAGES"}}}`)
	if len(streams) != 1 || len(first) != 1 {
		t.Fatal("the demo has changed")
	}
	if got := array(t, s, "/plan/current/job/"+url.PathEscape(str(first[0], "id"))+"/predecessors"); len(got) != 0 {
		t.Errorf("what a stream waits for counts as its job's predecessor: %v", nodeNames(got))
	}
	other := startV1(t, twsmock.V1Options{PredecessorsAsNode: true})
	node := object(t, other, "/plan/current/job/"+id+"/predecessors?How-Many=10")
	preds, _ := node["predecessors"].([]any)
	if str(node, "key", "name") != "CLM_EXPORT" || len(preds) != 1 || preds[0] != at(got[0], "id") {
		t.Errorf("as a node: %v", node)
	}
}

func TestV1Successors(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	id := idOf(t, s, "CLM_RESERVE", "ERROR")
	got := object(t, s, "/plan/current/job/"+id+"/jobsuccessors/preview")
	values, inside := nodeNames(got["values"]), nodeNames(got["sublist"])
	for _, want := range []string{"CLM_IBNR", "CLM_EXPORT", "CLMREPORT"} {
		if !slices.Contains(values, want) {
			t.Errorf("the successors %v lack %s", values, want)
		}
	}
	if fmt.Sprint(inside) != "[CLM_IBNR CLM_EXPORT]" || got["allAllowed"] != false || got["question"] != "" {
		t.Errorf("inside the stream: %v", inside)
	}
	critical := object(t, s, "/plan/current/job/"+id+"/critical_successors")
	if fmt.Sprint(nodeNames(critical["values"])) != "[CLM_EXPORT]" {
		t.Errorf("critical successors: %v", critical)
	}
}

func TestV1CriticalJobs(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	for body, want := range map[string][3]float64{`{}`: {1, 0, 1}, `{"filters":{"criticalJobInPlanFilter":{"jobName":"CLM@"}}}`: {0, 0, 1}} {
		res, raw := call(t, s, http.MethodPost, "/plan/current/criticaljob/summary_info", body)
		var sum map[string]any
		if err := json.Unmarshal(raw, &sum); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("summary_info = %d %s", res.StatusCode, raw)
		}
		got := [3]any{sum["numberOfCriticalJobsNoRisk"], sum["numberOfCriticalJobsPotentialRisk"], sum["numberOfCriticalJobsHighRisk"]}
		if fmt.Sprint(got) != fmt.Sprint(want) || sum["lastCritPathRecalculation"] == "" {
			t.Errorf("summary of %s = %v, want %v", body, sum, want)
		}
	}
	jobs := rows(t, s, "/plan/current/criticaljob/query", `{}`, "How-Many", "10")
	if len(jobs) != 2 || str(jobs[0], "criticalNetworkInfo", "criticalJobInfo", "alertLevel") != "HIGH_RISK" || at(jobs[0], "criticalNetworkInfo", "criticalJobInfo", "confidenceFactor") != 0.87 {
		t.Errorf("critical jobs: %v", jobs)
	}
}

func TestV1ChainOfPredecessors(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	id := idOf(t, s, "CLM_EXPORT", "WAITING")
	first := "/plan/current/criticaljob/" + id + "/query_predecessors_chain"
	whole := rows(t, s, first, `{"option":"ALL","filter":{}}`, "How-Many", "0")
	if len(whole) < 5 || str(whole[0], "key", "name") != "CLM_IBNR" || str(whole[1], "key", "name") != "CLM_RESERVE" {
		t.Fatalf("the chain begins %v, %v", str(whole[0], "key", "name"), str(whole[1], "key", "name"))
	}
	res, _ := call(t, s, http.MethodPost, first, `{}`, "How-Many", "2")
	next := rows(t, s, "/plan/current/criticaljob/query_next_predecessors_chain", `{"option":"ALL","filter":{}}`, "How-Many", "0", "Last-Object", res.Header.Get("Last-Object"))
	if len(next) != len(whole)-2 || str(next[0], "key", "name") != str(whole[2], "key", "name") {
		t.Errorf("%d follow the first two of %d", len(next), len(whole))
	}
	bad := rows(t, s, first, `{"filter":{"filters":{"jobInPlanOnCriticalPathFilter":{"internalStatusList":["ABEND"]}}}}`, "How-Many", "0")
	if len(bad) != 1 || str(bad[0], "key", "name") != "CLM_RESERVE" {
		t.Errorf("what has ended badly in the chain: %v", bad)
	}
	if res, raw := call(t, s, http.MethodPost, "/plan/current/criticaljob/query_next_predecessors_chain", `{}`, "How-Many", "2"); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a continuation of nothing = %d %s", res.StatusCode, raw)
	}
}

func TestV1StreamsThatHoldAStreamBack(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	streams := rows(t, s, "/plan/current/jobstream/query", `{"filters":{"jobStreamInPlanFilter":{"jobStreamName":"BOARDBOOK"}}}`)
	first := "/plan/current/jobstream/" + url.PathEscape(str(streams[0], "id")) + "/action/first_predecessors"
	if res, raw := call(t, s, http.MethodGet, first, ""); res.StatusCode != http.StatusBadRequest || !strings.Contains(string(raw), "How-Many") {
		t.Errorf("without How-Many = %d %s", res.StatusCode, raw)
	}
	var all []string
	for _, x := range array(t, s, first+"?How-Many=0") {
		all = append(all, str(x, "key", "name"))
		if str(x, "status", "commonStatus") == "SUCCESSFUL" {
			t.Errorf("%s holds nothing back any more", str(x, "key", "name"))
		}
	}
	if !slices.Contains(all, "CLMEOD") || slices.Contains(all, "CLMREPORT") || len(all) < 2 {
		t.Errorf("the far ends are %v: CLMREPORT itself waits for CLMEOD", all)
	}
	res, _ := call(t, s, http.MethodGet, first+"?How-Many=1", "")
	next := rows(t, s, "/plan/current/jobstream/action/next_predecessors", `{"howMany":10}`, "How-Many", "0", "Last-Object", res.Header.Get("Last-Object"))
	if len(next) != len(all)-1 || str(next[0], "key", "name") != all[1] {
		t.Errorf("after the first of %v follow %d", all, len(next))
	}
}

func TestV1CountAndIssues(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	filter := `{"filters":{"jobInPlanFilter":{"jobStreamName":"CLMEOD"}}}`
	for _, body := range []string{filter, `{"option":"","filter":` + filter + `}`} {
		if res, raw := call(t, s, http.MethodPost, "/plan/current/job/count", body); res.StatusCode != http.StatusAccepted || strings.TrimSpace(string(raw)) != `"12"` {
			t.Errorf("count %s = %d %s, want 202 and a text", body, res.StatusCode, raw)
		}
	}
	if _, raw := call(t, s, http.MethodPost, "/plan/current/job/count", ``); strings.TrimSpace(string(raw)) != fmt.Sprintf("%q", fmt.Sprint(allJobs(t))) {
		t.Errorf("count of all = %s", raw)
	}
	id := rows(t, s, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobName":"EU_LOAD"}}}`)[0]["id"]
	if res, raw := call(t, s, http.MethodPost, "/plan/current/job/issues", fmt.Sprintf(`{"jobIdList":[%q]}`, id)); res.StatusCode != http.StatusOK || strings.TrimSpace(string(raw)) != "{}" {
		t.Errorf("issues of a job without any = %d %s", res.StatusCode, raw)
	}
	if res, raw := call(t, s, http.MethodPost, "/plan/current/job/issues", `{"jobIdList":["none"]}`); res.StatusCode != http.StatusNotFound {
		t.Errorf("issues of no job = %d %s", res.StatusCode, raw)
	}
}

func TestV1JobLogByPages(t *testing.T) {
	w := v1World(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	job := jobNamed(t, w, "CLM_RESERVE")
	want := w.Logs[job.Runs[0].ID].Text()
	path := "/plan/current/job/" + idOf(t, s, "CLM_RESERVE", "ERROR") + "/joblog"
	whole := object(t, s, path)
	if whole["log"] != want || whole["lastPage"] != true {
		t.Fatalf("the whole log is %v", whole)
	}
	lines := strings.Count(want, "\n")
	got, file := "", ""
	for page := 0; ; page++ {
		one := object(t, s, fmt.Sprintf("%s?lines=4&pageNumber=%d&fileId=%s", path, page, file))
		got, file = got+str(one, "log"), str(one, "fileId")
		if one["pageNumber"] != float64(page) || one["lines"] != 4.0 || file == "" {
			t.Fatalf("page %d is %v", page, one)
		}
		if one["lastPage"] == true {
			if page != (lines+3)/4-1 {
				t.Errorf("page %d is the last of %d lines", page, lines)
			}
			break
		}
		if page == 0 {
			if again := object(t, s, fmt.Sprintf("%s?lines=4&pageNumber=0&fileId=%s", path, file)); again["log"] != one["log"] {
				t.Error("a page that is asked for again is another one")
			}
		}
	}
	if got != want {
		t.Errorf("the pages make %q, want %q", got, want)
	}
	for query, want := range map[string]string{
		"?lines=4": "pageNumber", "?pageNumber=0": "lines", "?lines=0&pageNumber=0": "lines", "?lines=4&pageNumber=1": "fileId", "?lines=4&pageNumber=1&fileId=nothing": "fileId",
		"?lines=5&pageNumber=1&fileId=" + file: "lines", "?lines=4&pageNumber=0&fileId=" + file: "page",
	} {
		if res, raw := call(t, s, http.MethodGet, path+query, ""); res.StatusCode != http.StatusBadRequest || !strings.Contains(string(raw), want) {
			t.Errorf("%s = %d %s, want 400 and %s", query, res.StatusCode, raw, want)
		}
	}
	if res, raw := call(t, s, http.MethodGet, "/plan/current/job/"+idOf(t, s, "CLM_EXPORT", "WAITING")+"/joblog", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("the log of a job that has not run = %d %s", res.StatusCode, raw)
	}
}

func TestV1EveryRunHasItsOwnLog(t *testing.T) {
	w := v1World(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	chain := rows(t, s, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobName":"CRD_AUTH"}}}`)
	for i, r := range jobNamed(t, w, "CRD_AUTH").Runs {
		if got := object(t, s, "/plan/current/job/"+url.PathEscape(str(chain[i], "id"))+"/joblog"); got["log"] != w.Logs[r.ID].Text() {
			t.Errorf("the log of run %d is %.80v", i+1, got["log"])
		}
	}
}
