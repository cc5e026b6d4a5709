package hwa_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// serverKinds are the ways in which servers page and filter; every one must give the same answers as long as the plan is small.
func serverKinds() map[string]*stub {
	anything := func(string) bool { return true }
	return map[string]*stub{
		"faithful":                   {},
		"bare-array":                 {bare: true},
		"bare-array-without-limit":   {bare: true, ignoreLimit: true},
		"bare-array-ignores-all":     {bare: true, ignoreLimit: true, ignoreOffset: true, ignoreOQL: true},
		"no-count":                   {noCount: true},
		"no-count-small-pages":       {noCount: true, pageSize: 10},
		"no-count-small-pages-next":  {noCount: true, pageSize: 7, nextHost: "elsewhere.invalid"},
		"count-of-the-page":          {pageCount: true},
		"rows-under-another-key":     {key: "items"},
		"small-pages":                {pageSize: 7},
		"next-names-another-host":    {pageSize: 7, nextHost: "elsewhere.invalid"},
		"limit-ignored":              {ignoreLimit: true},
		"limit-and-offset-ignored":   {ignoreLimit: true, ignoreOffset: true},
		"oql-ignored":                {ignoreOQL: true},
		"oql-ignored-small-pages":    {ignoreOQL: true, pageSize: 10, noCount: true},
		"oql-refused":                {refuseOQL: anything},
		"oql-fails-with-500":         {refuseOQL: anything, refuseStatus: 500},
		"oql-refused-and-no-count":   {refuseOQL: anything, noCount: true},
		"in-refused":                 {refuseOQL: func(q string) bool { return strings.Contains(q, " IN ") }},
		"order-refused":              {refuseOQL: func(q string) bool { return strings.Contains(q, "ORDER") }},
		"order-ignored":              {ignoreOrder: true},
		"like-refused":               {refuseOQL: func(q string) bool { return strings.Contains(q, "LIKE") }},
		"bad-request-behind-the-end": {offsetStatus: 400},
		"not-found-behind-the-end":   {offsetStatus: 404, noCount: true},
	}
}

func TestJobsAgainstEveryKindOfServer(t *testing.T) {
	failed := query.Is("jobruns.commonStatus", "ERROR")
	byName := []query.Order{{Field: "name", Desc: true}}
	cases := []struct {
		name string
		q    twstools.ListQuery
		want []int
		// total is what may be reported; -1 (unknown) is always allowed.
		total int
	}{
		{"first-page", twstools.ListQuery{Limit: 20}, span(0, 20, 1), 60},
		{"second-page", twstools.ListQuery{Limit: 20, Offset: 20}, span(20, 40, 1), 60},
		{"last-page", twstools.ListQuery{Limit: 20, Offset: 50}, span(50, 60, 1), 60},
		{"behind-the-end", twstools.ListQuery{Limit: 20, Offset: 100}, nil, 60},
		{"exactly-all", twstools.ListQuery{Limit: 60}, span(0, 60, 1), 60},
		{"more-than-all", twstools.ListQuery{Limit: 500}, span(0, 60, 1), 60},
		{"failed", twstools.ListQuery{Where: failed}, span(0, 60, 3), 20},
		{"failed-page", twstools.ListQuery{Where: failed, Limit: 5, Offset: 5}, span(15, 30, 3), 20},
		{"workstation", twstools.ListQuery{Where: query.Is("workstation", "LX1")}, span(1, 60, 4), 15},
		{"workstation-as-the-engine-writes", twstools.ListQuery{Where: query.Is("workstation", "/LX1")}, span(1, 60, 4), 15},
		{"pattern", twstools.ListQuery{Where: query.Matches("name", "J0001@")}, span(10, 20, 1), 10},
		{"both", twstools.ListQuery{Where: query.And{failed, query.Matches("name", "J0001@")}}, []int{12, 15, 18}, 3},
		{"nothing", twstools.ListQuery{Where: query.Is("name", "NOPE")}, nil, 0},
		{"ordered", twstools.ListQuery{Order: byName, Limit: 3}, []int{59, 58, 57}, 60},
		{"failed-ordered-page", twstools.ListQuery{Where: failed, Order: byName, Limit: 2, Offset: 2}, []int{51, 48}, 20},
		{"impossible", twstools.ListQuery{Where: query.Or{}}, nil, 0},
	}
	for kind, s := range serverKinds() {
		t.Run(kind, func(t *testing.T) {
			s.rows = map[string][]m{"job": jobs(60)}
			c := open(t, s)
			for range 2 { // the second time the client has learned
				for _, tc := range cases {
					list, err := c.Jobs(t.Context(), tc.q)
					if err != nil {
						t.Fatalf("%s: %v", tc.name, err)
					}
					if got := numbers(list.Items); !slices.Equal(got, tc.want) {
						t.Errorf("%s: jobs = %v, want %v", tc.name, got, tc.want)
					}
					if list.Total != tc.total && list.Total != -1 {
						t.Errorf("%s: total = %d, want %d or unknown", tc.name, list.Total, tc.total)
					}
				}
			}
			for _, r := range s.requests() {
				if r.Method != http.MethodGet || strings.Contains(r.Host, "elsewhere") {
					t.Errorf("sent %s %s to %s", r.Method, r.URL, r.Host)
				}
			}
		})
	}
}

// A faithful server pays nothing for the distrust but the proofs that are asked once.
func TestFaithfulServerIsNotAskedTwice(t *testing.T) {
	s := &stub{rows: map[string][]m{"job": jobs(60)}}
	c := open(t, s)
	for range 5 {
		if _, err := c.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "ERROR")}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.requests()); n != 5 {
		t.Errorf("requests = %d, want 5", n)
	}
	list, err := c.Jobs(t.Context(), twstools.ListQuery{Limit: 1})
	if err != nil || list.Total != 60 {
		t.Errorf("total = %d (%v), want 60", list.Total, err)
	}
}

func TestRefusedFilterIsRemembered(t *testing.T) {
	s := &stub{rows: map[string][]m{"job": jobs(60)}, refuseOQL: func(string) bool { return true }}
	c := open(t, s)
	ask := func(name string) {
		t.Helper()
		list, err := c.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", name)})
		if err != nil || len(list.Items) != 1 {
			t.Fatalf("%d jobs (%v), want 1", len(list.Items), err)
		}
	}
	ask("J00001")
	before := len(s.requests())
	ask("J00002")
	if n := len(s.requests()) - before; n != 1 {
		t.Errorf("requests of the second reading = %d, want 1", n)
	}
}

// A row that lacks the filtered field is kept when the server filters, and dropped when it does not.
func TestMissingFieldUnderFilter(t *testing.T) {
	strip := func(o m) m {
		out := m{}
		for k, v := range o {
			if k != "jobruns" && k != "lastRunCommonStatus" && k != "lastRunCompositeStatus" {
				out[k] = v
			}
		}
		return out
	}
	failed := twstools.ListQuery{Where: query.And{query.Is("jobruns.commonStatus", "ERROR"), query.Matches("name", "J@")}}

	filters := &stub{}
	filters.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Query().Get("oql"), "jobruns") {
			writeJSON(w, m{"count": 2, "results": []m{strip(jobs(4)[0]), strip(jobs(4)[3])}})
		} else {
			writeJSON(w, m{"count": 0, "results": []m{}})
		}
		return true
	}
	list, err := open(t, filters).Jobs(t.Context(), failed)
	if err != nil || len(list.Items) != 2 {
		t.Errorf("server that filters: %d jobs (%v), want 2", len(list.Items), err)
	}

	var all []m
	for _, j := range jobs(6) {
		all = append(all, strip(j))
	}
	_, err = open(t, &stub{rows: map[string][]m{"job": all}, ignoreOQL: true}).Jobs(t.Context(), failed)
	wantCode(t, err, fault.Unsupported)

	all[3] = jobs(6)[3]
	list, err = open(t, &stub{rows: map[string][]m{"job": all}, ignoreOQL: true}).Jobs(t.Context(), failed)
	if err != nil || !slices.Equal(numbers(list.Items), []int{3}) {
		t.Errorf("server that does not filter: %v (%v), want [3]", numbers(list.Items), err)
	}
}

func TestUnknownFieldIsInvalidWithTheValidOnes(t *testing.T) {
	s := &stub{rows: map[string][]m{"job": jobs(6)}, refuseOQL: func(q string) bool { return strings.Contains(q, "flavour") }}
	_, err := open(t, s).Jobs(t.Context(), twstools.ListQuery{Where: query.Is("flavour", "x")})
	e := wantCode(t, err, fault.Invalid)
	if !strings.Contains(e.Hint, "jobStreamName") {
		t.Errorf("hint = %q, want the valid fields", e.Hint)
	}
}

// A server with small pages that ignores the offset can give its first page only, and that is said.
func TestSmallPagesWithoutOffset(t *testing.T) {
	c := open(t, &stub{rows: map[string][]m{"job": jobs(60)}, pageSize: 10, ignoreOffset: true})
	for range 2 {
		list, err := c.Jobs(t.Context(), twstools.ListQuery{Limit: 5, Offset: 5})
		if err != nil || !slices.Equal(numbers(list.Items), span(5, 10, 1)) {
			t.Errorf("second half of the first page = %v (%v)", numbers(list.Items), err)
		}
		list, err = c.Jobs(t.Context(), twstools.ListQuery{Limit: 5, Offset: 20})
		if err != nil || len(list.Items) != 0 || !list.Incomplete {
			t.Errorf("behind it: %v, incomplete %v (%v), want none and incomplete", numbers(list.Items), list.Incomplete, err)
		}
	}
}

// Neither side can order by a field that it does not know; saying nothing would pass disorder off as order.
func TestUnknownOrderIsInvalid(t *testing.T) {
	s := &stub{rows: map[string][]m{"job": jobs(6)}, refuseOQL: func(q string) bool { return strings.Contains(q, "flavour") }}
	_, err := open(t, s).Jobs(t.Context(), twstools.ListQuery{Where: query.Matches("name", "J@"), Order: []query.Order{{Field: "flavour"}}})
	wantCode(t, err, fault.Invalid)
}

// Rows without ids are told apart by what names them, so that a repeated page is noticed all the same.
func TestRepeatedPageWithoutIDs(t *testing.T) {
	s := &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
		writeJSON(w, []m{{"name": "A"}, {"name": "B"}, {}, {}, {}, {}, {}, {}, {}, {}})
		return true
	}}
	list, err := open(t, s).Jobs(t.Context(), twstools.ListQuery{Limit: 500})
	if err != nil || len(list.Items) != 10 || len(s.requests()) != 2 {
		t.Errorf("%d jobs with %d requests (%v), want 10 with 2", len(list.Items), len(s.requests()), err)
	}
}

// Rows that are no objects cost nothing but themselves; a list of nothing else is no list.
func TestForeignRows(t *testing.T) {
	s := &stub{handle: func(w http.ResponseWriter, r *http.Request) bool {
		all := []any{m{"id": "1", "name": "J1"}, "x", nil, m{"id": "2", "name": "J2"}, 7, m{"id": "3", "name": "J3"}}
		var n int
		_, _ = fmt.Sscan(r.URL.Query().Get("offset"), &n)
		writeJSON(w, m{"count": 6, "results": all[min(n, 6):min(n+4, 6)]})
		return true
	}}
	list, err := open(t, s).Jobs(t.Context(), twstools.ListQuery{})
	if err != nil || !slices.Equal(numbers(list.Items), []int{1, 2, 3}) || list.Incomplete {
		t.Errorf("jobs = %v, incomplete %v (%v), want 1 2 3", numbers(list.Items), list.Incomplete, err)
	}
	_, err = open(t, answers(200, "application/json", `["a","b"]`)).Jobs(t.Context(), twstools.ListQuery{})
	wantCode(t, err, fault.UpstreamUnavailable)
}

// A plan larger than the bound on a server without filters: what is found is given, and that more may be missing is said.
func TestScanIsBoundedAndSaysSo(t *testing.T) {
	s := &stub{rows: map[string][]m{"job": jobs(25000)}, ignoreOQL: true}
	c := open(t, s)
	list, err := c.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "J00007")})
	if err != nil || len(list.Items) != 1 || !list.Incomplete || list.Total != -1 {
		t.Fatalf("items %d, incomplete %v, total %d (%v); want 1, true, -1", len(list.Items), list.Incomplete, list.Total, err)
	}
	list, err = c.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "J24000")})
	if err != nil || len(list.Items) != 0 || !list.Incomplete {
		t.Errorf("items %d, incomplete %v (%v); want 0, true", len(list.Items), list.Incomplete, err)
	}
	for _, r := range s.requests() {
		if l := r.URL.Query().Get("limit"); len(l) > 5 || l > "10000" && len(l) == 5 {
			t.Errorf("limit = %s, want at most 10000", l)
		}
	}
}

func TestPageRepeatedForeverStops(t *testing.T) {
	s := &stub{}
	s.handle = func(w http.ResponseWriter, _ *http.Request) bool {
		writeJSON(w, m{"count": 1000, "results": jobs(10), "next": "https://elsewhere.invalid/x"})
		return true
	}
	list, err := open(t, s).Jobs(t.Context(), twstools.ListQuery{Limit: 500})
	if err != nil || len(list.Items) != 10 || !list.Incomplete {
		t.Errorf("items %d, incomplete %v (%v); want 10, true", len(list.Items), list.Incomplete, err)
	}
	if n := len(s.requests()); n > 3 {
		t.Errorf("requests = %d, want at most 3", n)
	}
}

func TestFolderWorkstationIsFoundApart(t *testing.T) {
	s := &stub{rows: map[string][]m{"workstation": {
		{"id": "1", "name": "LX1", "folder": "/PROD", "activeStates": []any{"LINKED", "JOBMAN_UP"}},
		{"id": "2", "name": "LX1", "folder": "/", "activeStates": []any{}},
	}}}
	c := open(t, s)
	for name, want := range map[string]string{"/PROD/LX1": "1", "LX1": "2"} {
		list, err := c.Workstations(t.Context(), twstools.ListQuery{Where: query.Is("name", name)})
		if err != nil || len(list.Items) != 1 || list.Items[0].Ref.ID != want || list.Items[0].Name != name {
			t.Errorf("%s: %+v (%v), want id %s", name, list.Items, err, want)
		}
	}
}

func span(from, to, step int) []int {
	var out []int
	for i := from; i < to; i += step {
		out = append(out, i)
	}
	return out
}

func numbers(js []twstools.Job) []int {
	var out []int
	for _, j := range js {
		var n int
		_, _ = fmt.Sscanf(j.Name, "J%d", &n)
		out = append(out, n)
	}
	return out
}
