package twsmock_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"net/http/httptest"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// faulty starts a server whose next answer the returned function spoils.
func faulty(t *testing.T, w *world.World) (*twsmock.Server, func(*twsmock.Fault)) {
	t.Helper()
	next := make(chan *twsmock.Fault, 1)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w), Fault: func(*http.Request) *twsmock.Fault {
		select {
		case f := <-next:
			return f
		default:
			return nil
		}
	}})
	return s, func(f *twsmock.Fault) { next <- f }
}

func TestFaultsInWhatIsSaid(t *testing.T) {
	s, spoil := faulty(t, demoWorld(t))
	for _, c := range []struct {
		name   string
		f      *twsmock.Fault
		status int
		kind   string
		want   string
	}{
		{"an error of its own", &twsmock.Fault{Status: 500, Body: `{"messages":["AWSJSY404E"]}`}, 500, "application/json", "AWSJSY404E"},
		{"a page in HTML", &twsmock.Fault{ContentType: "text/html", Body: "<html>login</html>"}, 200, "text/html", "login"},
		{"401 by the application server", twsmock.Unauthorized(), 401, "text/html", "Error 401"},
		{"an object in no state for it", twsmock.BusinessError(), 500, "application/json", "AWSBIN076E"},
		{"a log that is gone", twsmock.MissingLog(), 404, "application/json", "AWSJDB101E"},
	} {
		spoil(c.f)
		if res, body := get(t, s, "/plan/job"); res.StatusCode != c.status || !strings.HasPrefix(res.Header.Get("Content-Type"), c.kind) || !strings.Contains(string(body), c.want) {
			t.Errorf("%s = %d %s %s", c.name, res.StatusCode, res.Header.Get("Content-Type"), body)
		}
	}
	if res, _ := get(t, s, "/plan/job"); res.StatusCode != 200 {
		t.Errorf("without a fault = %d", res.StatusCode)
	}
}

func TestFaultsInFields(t *testing.T) {
	s, spoil := faulty(t, demoWorld(t))
	spoil(&twsmock.Fault{DropFields: []string{"jobruns", "status"}})
	if _, body := get(t, s, "/plan/job?limit=3"); strings.Contains(string(body), `"jobruns"`) || strings.Contains(string(body), `"status"`) || !strings.Contains(string(body), `"lastRunCommonStatus"`) {
		t.Errorf("dropped fields = %s", body)
	}
	_, whole := get(t, s, "/plan/job?limit=50")
	bodies := map[string]bool{}
	for _, seed := range []uint64{1, 1, 2} {
		spoil(&twsmock.Fault{DropOptional: 300, Seed: seed})
		_, body := get(t, s, "/plan/job?limit=50")
		bodies[string(body)] = true
		p, _ := decode(t, body).(map[string]any)
		results, _ := p["results"].([]any)
		missing := map[string]int{}
		for _, r := range results {
			j, _ := r.(map[string]any)
			if j["id"] == nil || j["flowNodeType"] != "JOB" {
				t.Fatalf("a job without its id or type: %v", j)
			}
			for _, field := range []string{"name", "workstation", "jobruns", "lastRunCommonStatus", "schedTime"} {
				if j[field] == nil {
					missing[field]++
				}
			}
		}
		if len(results) != 50 || len(missing) != 5 || missing["name"] < 5 || missing["name"] > 30 {
			t.Errorf("of 50 jobs %d are there; missing %v", len(results), missing)
		}
	}
	spoil(&twsmock.Fault{DropOptional: 1000, Keep: []string{"name"}})
	_, body := get(t, s, "/plan/job?limit=50")
	if n := strings.Count(string(body), `"name"`); n < 50 || strings.Contains(string(body), `"status"`) {
		t.Errorf("what is to be kept is there %d times: %s", n, body)
	}
	if len(bodies) != 2 || bodies[string(whole)] {
		t.Errorf("three answers with two seeds are %d different ones", len(bodies))
	}
}

func TestFaultsOfTheConnection(t *testing.T) {
	s, spoil := faulty(t, demoWorld(t))
	spoil(&twsmock.Fault{CloseEarly: true})
	res, err := http.Get(s.URL() + twsmock.Base + "/plan/job") //nolint:noctx // the test's server answers
	if err == nil {
		_, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an answer that is cut = %v", err)
	}
	spoil(&twsmock.Fault{Reset: true})
	if res, err := http.Get(s.URL() + twsmock.Base + "/plan/job"); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) { //nolint:noctx // the same
		if err == nil {
			_ = res.Body.Close()
		}
		t.Errorf("a connection that is reset = %v", err)
	}
	spoil(&twsmock.Fault{Half: true})
	if res, body := get(t, s, "/plan/job"); res.StatusCode != 200 || json.Valid(body) || len(body) < 1000 {
		t.Errorf("half of the JSON = %d, %d bytes, valid %v", res.StatusCode, len(body), json.Valid(body))
	}
	spoil(&twsmock.Fault{Half: true})
	run := "/plan/job/joblog?oql=" + url.QueryEscape("jobruns.compositeStatus.status = 'ABEND' AND name = 'CLM_RESERVE'")
	_, half := get(t, s, run)
	if _, whole := get(t, s, run); len(half) == 0 || len(half) > len(whole)/2 || !strings.HasPrefix(string(whole), string(half)) {
		t.Errorf("a truncated log has %d of %d bytes", len(half), len(whole))
	}
}

// A latency ends with its caller, and so does a drip.
func TestSlownessEndsWithTheCaller(t *testing.T) {
	s, spoil := faulty(t, demoWorld(t))
	for name, f := range map[string]*twsmock.Fault{"late": {Delay: time.Hour}, "dripping": {DripBytes: 100, DripEvery: time.Hour}} {
		spoil(f)
		ctx, cancel := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+twsmock.Base+"/plan/job", nil)
		if err != nil {
			t.Fatal(err)
		}
		stop := time.AfterFunc(50*time.Millisecond, cancel)
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			first := make([]byte, 10)
			if _, err := io.ReadFull(res.Body, first); err != nil {
				t.Errorf("%s: not even the first bytes come: %v", name, err)
			}
			_, err = bufio.NewReader(res.Body).ReadBytes(0)
			_ = res.Body.Close()
		}
		if !errors.Is(err, context.Canceled) && ctx.Err() == nil {
			t.Errorf("%s: the answer came in time: %v", name, err)
		}
		stop.Stop()
		cancel()
	}
}

// In a bubble the time that a fault takes is exact.
func TestSlownessTakesItsTime(t *testing.T) {
	w := demoWorld(t)
	for name, c := range map[string]struct {
		f    twsmock.Fault
		want time.Duration
	}{"late": {twsmock.Fault{Delay: 3 * time.Second}, 3 * time.Second}, "dripping": {twsmock.Fault{Body: "0123456789", ContentType: "text/plain", DripBytes: 3, DripEvery: time.Second}, 4 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			h, err := twsmock.New(twsmock.Options{World: twsmock.Fixed(w), Fault: func(*http.Request) *twsmock.Fault { return &c.f }})
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, twsmock.Base+"/engine/info", nil))
			if took := time.Since(began); took != c.want || rec.Code != 200 || rec.Body.Len() == 0 {
				t.Errorf("%s took %s, want %s: %d %s", name, took, c.want, rec.Code, rec.Body)
			}
		})
	}
}

func TestWrongClock(t *testing.T) {
	s, spoil := faulty(t, demoWorld(t))
	spoil(&twsmock.Fault{Clock: -7 * time.Hour})
	if res, _ := get(t, s, "/engine/info"); res.Header.Get("Date") != night.Add(-7*time.Hour).Format(http.TimeFormat) {
		t.Errorf("the clock says %s", res.Header.Get("Date"))
	}
}

// A mirror that is late serves what was, under today's date.
func TestLateCopyOfThePlan(t *testing.T) {
	w := demoWorld(t)
	old, err := world.Demo(night)
	if err != nil {
		t.Fatal(err)
	}
	for i := range old.Jobs {
		if old.Jobs[i].Name == "CLM_RESERVE" && old.Jobs[i].Status.Internal == "ABEND" {
			old.Jobs[i].Status = twstools.Status{Internal: "EXEC", Common: "RUNNING"}
			old.Jobs[i].Runs[0].Status = old.Jobs[i].Status
		}
	}
	s, spoil := faulty(t, w)
	ask := func() int {
		return list(t, s, "/plan/job", "oql", "jobruns.commonStatus = 'ERROR' AND name = 'CLM_RESERVE'").Count
	}
	if n := ask(); n != 1 {
		t.Fatalf("%d jobs have failed", n)
	}
	spoil(&twsmock.Fault{World: old})
	if n := ask(); n != 0 {
		t.Errorf("in the late copy %d jobs have failed", n)
	}
	late := start(t, twsmock.Options{World: twsmock.Fixed(old)})
	if res, _ := get(t, late, "/engine/info"); res.Header.Get("Date") != night.Format(http.TimeFormat) {
		t.Errorf("the late server's clock says %s", res.Header.Get("Date"))
	}
}

func TestPlansOfFaults(t *testing.T) {
	broken, away := &twsmock.Fault{Status: 503}, &twsmock.Fault{Status: 502}
	s := start(t, twsmock.Options{Fault: twsmock.Plan(twsmock.Every(3, "/plan/job", broken), twsmock.FirstOf(2, "/plan/workstation", away), twsmock.Every(2, "/plan/job/*", broken))})
	statuses := func(path string, n int) (out []int) {
		for range n {
			res, _ := get(t, s, path)
			out = append(out, res.StatusCode)
		}
		return out
	}
	for _, c := range []struct {
		path string
		want []int
	}{
		{"/plan/job?limit=1", []int{200, 200, 503, 200, 200, 503}}, {"/plan/workstation", []int{502, 502, 200, 200}}, {"/plan/job/none", []int{404, 503, 404, 503}},
		{"/engine/info", []int{200, 200, 200, 200}}, {"/plan/job/none/predecessors", []int{404, 404}},
	} {
		got := statuses(c.path, len(c.want))
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("GET %s = %v, want %v", c.path, got, c.want)
				break
			}
		}
	}
}

func TestHabits(t *testing.T) {
	w := demoWorld(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w), Habits: twsmock.Habits{ListsWithDependencies: true, NoCount: true, NextHost: "mdm.inside:31116", IgnoreOQL: true, PageCap: 30}})
	p := list(t, s, "/plan/job", "limit", "500", "oql", "name = 'NOSUCH'")
	if len(p.Results) != 30 || p.Count != 0 || !strings.HasPrefix(p.Next, "http://mdm.inside:31116/twsd/api/v2/plan/job?") || !strings.Contains(p.Next, "offset=30") {
		t.Errorf("%d results, count %d, next %s", len(p.Results), p.Count, p.Next)
	}
	with := 0
	for _, j := range p.Results {
		if ds, _ := j["dependencies"].([]any); len(ds) > 0 {
			with++
		}
	}
	if with == 0 {
		t.Error("no job of the list has dependencies")
	}
	if p := list(t, s, "/plan/jobstream"); len(p.Results) != 30 {
		t.Errorf("a page of job streams holds %d", len(p.Results))
	}
}

// One request may be answered with other habits than the rest.
func TestHabitsOfOneRequest(t *testing.T) {
	s, spoil := faulty(t, demoWorld(t))
	spoil(&twsmock.Fault{Habits: &twsmock.Habits{NoCount: true, PageCap: 5}})
	if p := list(t, s, "/plan/job"); len(p.Results) != 5 || p.Count != 0 {
		t.Errorf("%d results, count %d", len(p.Results), p.Count)
	}
	if p := list(t, s, "/plan/job"); len(p.Results) < 400 || p.Count != len(p.Results) {
		t.Errorf("afterwards %d results, count %d", len(p.Results), p.Count)
	}
}

func TestScopeLeavesOut(t *testing.T) {
	w := demoWorld(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w), Habits: twsmock.Habits{ListsWithDependencies: true}})
	for scope, want := range map[string]struct{ definitions, dependencies bool }{
		"": {true, true}, "WHOLE": {true, true}, "WHOLE_NO_JOB_DEFINITIONS": {false, true}, "WHOLE_NO_DEPENDENCIES": {true, false}, "WHOLE_NO_JOB_DEFINITIONS_AND_NO_DEPENDENCIES": {false, false},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+twsmock.Base+"/plan/job?limit=50", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("scope", scope)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || strings.Contains(string(body), `"jobDefinition":`) != want.definitions || strings.Contains(string(body), `"dependencies":`) != want.dependencies {
			t.Errorf("scope %q: definitions %v, dependencies %v, %v", scope, strings.Contains(string(body), `"jobDefinition":`), strings.Contains(string(body), `"dependencies":`), err)
		}
	}
}

func TestDemoIsToldAnewOnlyAfterHours(t *testing.T) {
	now := night
	w, err := twsmock.Demo(func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	first := w()
	now = now.Add(time.Hour)
	if w() != first {
		t.Error("the demo changes within the hour, and with it every schedule time")
	}
	now = now.Add(2 * time.Hour)
	if next := w(); next == first || !next.AsOf.Equal(now) || next.Jobs[0].Ref != first.Jobs[0].Ref {
		t.Error("the demo grows stale, or its ids change")
	}
}

// Whatever the filter, the count of jobs is that of a list with the same filter.
func TestCountsAgreeWithLists(t *testing.T) {
	w := demoWorld(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	for _, filter := range []string{"", "/@/@#/@/@.@", "/FRLCLM01#/@/@.@", "@#CLM@.@+state=succ", "@#@.@~state=succ"} {
		q := url.Values{"grouping_filters": {"status,folder"}}
		if filter != "" {
			q.Set("plan_filter", filter)
		}
		res, body := get(t, s, "/plan/job/count?"+q.Encode())
		if res.StatusCode != 200 {
			t.Fatalf("%s = %d %s", filter, res.StatusCode, body)
		}
		var c struct {
			Count        int
			GroupedCount map[string]int
		}
		if err := json.Unmarshal(body, &c); err != nil {
			t.Fatal(err)
		}
		sum := 0
		for key, n := range c.GroupedCount {
			if !strings.Contains(key, "/") {
				t.Errorf("the group %q is of one part", key)
			}
			sum += n
		}
		if p := list(t, s, "/plan/job", "plan_filter", filter, "limit", "1"); p.Count != c.Count || sum != c.Count || c.Count == 0 {
			t.Errorf("%q: %d counted, %d in groups, %d listed", filter, c.Count, sum, p.Count)
		}
	}
	x, err := query.ParseSelection("@#CLM@.@+state=succ", query.Jobs, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, j := range w.Jobs {
		if query.Eval(x, twstools.JobRow(j)) {
			want++
		}
	}
	if p := list(t, s, "/plan/job", "plan_filter", "@#CLM@.@+state=succ"); p.Count != want {
		t.Errorf("listed %d, want %d", p.Count, want)
	}
}
