package twsmock_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/twsmock"
)

// allJobs counts the rows of the plan: one for each run, and one for each job that has not run.
func allJobs(t *testing.T) int {
	t.Helper()
	n := 0
	for _, j := range v1World(t).Jobs {
		n += max(len(j.Runs), 1)
	}
	return n
}

func TestV1PagesByHowManyAndLastObject(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	want := allJobs(t)
	res, raw := call(t, s, http.MethodPost, "/plan/current/job/query", `{"sorters":{"jobInPlanSorter":{"jobName":{"descending":true,"priority":1}}}}`,
		"How-Many", "100", "Context-ObjectCount", "1")
	if res.Header.Get("Context-ObjectCount") != strconv.Itoa(want) || res.Header.Get("How-Many-Returned") != "100" {
		t.Fatalf("%v rows of %d: %v", res.Header.Get("How-Many-Returned"), want, res.Header)
	}
	var got []string
	for len(raw) > 3 {
		var page []map[string]any
		for _, x := range decode(t, raw).([]any) { //nolint:forcetypeassert // an array, or the test ends here
			page = append(page, x.(map[string]any)) //nolint:forcetypeassert // the same
		}
		got = append(got, names(page)...)
		if returned := res.Header.Get("How-Many-Returned"); returned != strconv.Itoa(len(page)) {
			t.Fatalf("How-Many-Returned = %s of %d", returned, len(page))
		}
		res, raw = call(t, s, http.MethodPost, "/plan/current/job/query_next", `{}`, "How-Many", "100", "Last-Object", res.Header.Get("Last-Object"))
		if res.StatusCode != http.StatusOK {
			t.Fatalf("query_next = %d %s", res.StatusCode, raw)
		}
	}
	if len(got) != want || !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("the pages hold %d of %d rows, in the order of the first query: %v", len(got), want, slices.IsSorted(got))
	}
	if res.Header.Get("How-Many-Returned") != "0" || res.Header.Get("Last-Object") != "" {
		t.Errorf("behind the end: %v", res.Header)
	}
}

func TestV1ContinuationTakesItsOwnFilters(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	filters := `{"jobInPlanFilter":{"jobStreamName":"CLMEOD"}}`
	res, _ := call(t, s, http.MethodPost, "/plan/current/job/query", `{"filters":`+filters+`}`, "How-Many", "5")
	last := res.Header.Get("Last-Object")
	if n := len(rows(t, s, "/plan/current/job/query_next", filters, "How-Many", "0", "Last-Object", last)); n != 7 {
		t.Errorf("with the filters again %d rows follow, want 7", n)
	}
	if n := len(rows(t, s, "/plan/current/job/query_next", `{}`, "How-Many", "0", "Last-Object", last)); n != allJobs(t)-5 {
		t.Errorf("without them %d rows follow: a client that forgets them is not found out", n)
	}
	complexly := `{"complexFilters":{"operator":"OR","jobInPlanComplexFilter":[{"filter":{"jobName":"CLM_CLOSE"}},{"filter":{"jobName":"CLM_INTAKE"}}]}}`
	res, _ = call(t, s, http.MethodPost, "/plan/current/job/query", complexly, "How-Many", "1")
	if n := len(rows(t, s, "/plan/current/job/query_next", `{}`, "How-Many", "0", "Last-Object", res.Header.Get("Last-Object"))); n != 3 {
		t.Errorf("after the first of four by complex filters %d rows follow, want 3", n)
	}
}

func TestV1HowManyZeroIsEverythingAndPagesAreOffsets(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	all := rows(t, s, "/plan/current/job/query", `{}`, "How-Many", "0")
	if len(all) != allJobs(t) {
		t.Fatalf("How-Many 0 gives %d of %d", len(all), allJobs(t))
	}
	if plain := rows(t, s, "/plan/current/job/query", ``); len(plain) != len(all) {
		t.Errorf("without any header %d rows come", len(plain))
	}
	page := rows(t, s, "/plan/current/job/query", `{}`, "Query-PageSize", "7", "Query-PageNumber", "20")
	if fmt.Sprint(names(page)) != fmt.Sprint(names(all[20:27])) {
		t.Errorf("7 from 20 on are %v, want %v", names(page), names(all[20:27]))
	}
	res, _ := call(t, s, http.MethodPost, "/plan/current/job/query", `{}`, "Query-PageSize", "7")
	if res.Header.Get("Context-ObjectCount") != "" || res.Header.Get("Context-DatabasePlan") != "1" {
		t.Errorf("headers = %v: a total comes only when asked for", res.Header)
	}
}

func TestV1PagingRefusals(t *testing.T) {
	s, unmirrored := startV1(t, twsmock.V1Options{}), startV1(t, twsmock.V1Options{NoMirror: true})
	res, _ := call(t, s, http.MethodPost, "/plan/current/workstation/query", `{}`, "How-Many", "2")
	other := res.Header.Get("Last-Object")
	for _, c := range []struct {
		of      *twsmock.Server
		path    string
		headers []string
		want    string
	}{
		{s, "job/query", []string{"How-Many", "10", "Query-PageSize", "10"}, "excludes"},
		{s, "job/query", []string{"How-Many", "10", "Query-PageNumber", "0"}, "excludes"},
		{s, "job/query", []string{"How-Many", "10001"}, "How-Many"},
		{s, "job/query", []string{"How-Many", "-1"}, "How-Many"},
		{s, "job/query", []string{"How-Many", "all"}, "How-Many"},
		{s, "job/query", []string{"Query-PageSize", "10001"}, "Query-PageSize"},
		{s, "job/query", []string{"Query-PageNumber", "x"}, "Query-PageNumber"},
		{s, "job/query_next", []string{"How-Many", "10"}, "Last-Object"},
		{s, "job/query_next", []string{"How-Many", "10", "Last-Object", "%%%"}, "Last-Object"},
		{s, "job/query_next", []string{"How-Many", "10", "Last-Object", other}, "another query"},
		{s, "job/query_next", []string{"Query-PageSize", "10", "Last-Object", other}, "excludes"},
		{s, "job/query", []string{"Id-Encoding", "2"}, "Id-Encoding"},
		{unmirrored, "job/query", []string{"Query-PageSize", "10"}, "database"},
	} {
		res, raw := call(t, c.of, http.MethodPost, "/plan/current/"+c.path, `{}`, c.headers...)
		if res.StatusCode != http.StatusBadRequest || !strings.Contains(str(decode(t, raw), "messages")+string(raw), c.want) || str(decode(t, raw), "exceptionName") == "" {
			t.Errorf("%s %v = %d %s, want 400 and %q", c.path, c.headers, res.StatusCode, raw, c.want)
		}
	}
	if res, raw := call(t, s, http.MethodPost, "/plan/202603161500/job/query", `{}`, "Query-PageSize", "5"); res.StatusCode != http.StatusBadRequest {
		t.Errorf("pages of an archived plan = %d %s", res.StatusCode, raw)
	}
}

func TestV1DependenciesOnlyWhenAskedFor(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	body := `{"filters":{"jobInPlanFilter":{"jobName":"CLM_EXPORT","statusList":["WAITING"]}}}`
	for header, want := range map[string]bool{"": false, "0": false, "1": true} {
		got := rows(t, s, "/plan/current/job/query", body, "Context-PlanDependenciesScope", header)
		if len(got) != 1 || (got[0]["dependencies"] != nil) != want {
			t.Errorf("Context-PlanDependenciesScope %q: %d rows, dependencies %v", header, len(got), got[0]["dependencies"])
		}
		if stats := at(got[0], "dependenciesStats", "numberOfDependencies"); stats != 1.0 {
			t.Errorf("the count of dependencies is %v, want 1 in any case", stats)
		}
	}
}

func TestV1RowsAreRuns(t *testing.T) {
	body := `{"filters":{"jobInPlanFilter":{"jobName":"CRD_AUTH"}}}`
	byRun, byJob := startV1(t, twsmock.V1Options{}), startV1(t, twsmock.V1Options{OneRowPerJob: true})
	chain := rows(t, byRun, "/plan/current/job/query", body)
	if len(chain) != 2 || chain[0]["lastInRerunChain"] != false || chain[1]["lastInRerunChain"] != true || chain[0]["id"] == chain[1]["id"] {
		t.Fatalf("the chain is %v", chain)
	}
	if str(chain[0], "status", "internalStatus") != "ABEND" || str(chain[1], "status", "internalStatus") != "SUCC" || str(chain[1], "rerunType") != "RECOVERY_RERUN" ||
		chain[1]["headJobRunId"] != chain[0]["jobRunId"] {
		t.Errorf("the runs are told as %v", chain)
	}
	last := `{"filters":{"jobInPlanFilter":{"jobName":"CRD_AUTH","lastInRerunChain":true}}}`
	for name, got := range map[string][]map[string]any{"the mark": rows(t, byRun, "/plan/current/job/query", last),
		"the header": rows(t, byRun, "/plan/current/job/query", body, "Context-JobHistoryScope", "1"), "the other reading": rows(t, byJob, "/plan/current/job/query", body)} {
		if len(got) != 1 || got[0]["id"] != chain[1]["id"] {
			t.Errorf("by %s the rows are %v", name, got)
		}
	}
	for _, r := range chain {
		one := object(t, byRun, "/plan/current/job/"+url.PathEscape(str(r, "id")))
		if one["jobRunId"] != r["jobRunId"] || one["dependencies"] == nil {
			t.Errorf("the row %v is read again as %v", r["id"], one)
		}
	}
	unrun := rows(t, byRun, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobName":"EU_LOAD"}}}`)
	if len(unrun) != 1 || unrun[0]["lastInRerunChain"] != true || unrun[0]["jobNumber"] != nil || unrun[0]["rerunType"] != "REGULAR" {
		t.Errorf("a job that has not run is %v", unrun)
	}
}

func TestV1IdsInBothLayouts(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	old := "/PROD/EU/LX1;0AAAAAAAAAAAEU01;EU_LOAD"
	encoded := "L1BST0QvRVUvTFgxOzBBQUFBQUFBQUFBQUVVMDE7RVVfTE9BRA=="
	body := `{"filters":{"jobInPlanFilter":{"jobName":"EU_LOAD"}}}`
	for header, want := range map[string]string{"": encoded, "1": encoded, "0": old} {
		if got := rows(t, s, "/plan/current/job/query", body, "Id-Encoding", header); str(got[0], "id") != want {
			t.Errorf("Id-Encoding %q gives %q, want %q", header, got[0]["id"], want)
		}
	}
	for _, c := range []struct {
		id, header string
		status     int
	}{
		{encoded, "", 200}, {encoded, "1", 200}, {old, "0", 200}, {old, "", 200}, {old, "1", 404}, {encoded, "0", 404}, {"nobody;knows;it", "", 404}, {"a", "", 404},
	} {
		res, raw := call(t, s, http.MethodGet, "/plan/current/job/"+url.PathEscape(c.id), "", "Id-Encoding", c.header)
		if res.StatusCode != c.status {
			t.Errorf("GET %s with Id-Encoding %q = %d %s, want %d", c.id, c.header, res.StatusCode, raw, c.status)
		}
		if c.status == 200 && str(decode(t, raw), "name") != "EU_LOAD" {
			t.Errorf("GET %s reads %s", c.id, raw)
		}
	}
}

func TestV1TimesAndNamesInTheOtherReading(t *testing.T) {
	s := startV1(t, twsmock.V1Options{PlainTimes: true, FolderInName: true})
	got := rows(t, s, "/plan/current/jobstream/query", `{"filters":{"jobStreamInPlanFilter":{"jobStreamName":"EUBATCH"}}}`)
	start, name := str(got[0], "key", "startTime"), str(got[0], "key", "workstationKey", "name")
	if len(start) != len("2026-03-17T03:50:00") || name != "/PROD/EU/LX1" || str(got[0], "key", "folderKey", "name") != "/PROD/EU" {
		t.Errorf("start %q on %q", start, name)
	}
}
