package hwa_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

// spoiling puts a mock of the suite's world behind a fault that can be changed.
func spoiling(t *testing.T, f func(*http.Request) *twsmock.Fault) *hwa.Client {
	t.Helper()
	w := enginetest.World(t)
	h, err := twsmock.New(twsmock.Options{World: twsmock.Fixed(w), Fault: f})
	if err != nil {
		t.Fatal(err)
	}
	return open(t, h)
}

// fieldNames gathers every field name that the mock sends in lists and objects.
func fieldNames(t *testing.T) []string {
	t.Helper()
	h, err := twsmock.New(twsmock.Options{World: twsmock.Fixed(enginetest.World(t))})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case m:
			for k, e := range v {
				found[k] = true
				collect(e)
			}
		case []any:
			for _, e := range v {
				collect(e)
			}
		}
	}
	for _, path := range []string{"job", "jobstream", "workstation", "resource", "prompt"} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/twsd/api/v2/plan/"+path, nil))
		var v any
		if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		collect(v)
	}
	if len(found) < 60 {
		t.Fatalf("only %d field names found", len(found))
	}
	return slices.Sorted(maps.Keys(found))
}

// Every field is optional: whichever one is missing, the others still make an answer.
func TestAnyFieldMayBeMissing(t *testing.T) {
	for _, field := range fieldNames(t) {
		if field == "results" {
			continue // without rows there is no list
		}
		c := spoiling(t, func(*http.Request) *twsmock.Fault { return &twsmock.Fault{DropFields: []string{field}} })
		list, err := c.Jobs(t.Context(), twstools.ListQuery{})
		if err != nil || len(list.Items) < 20 {
			t.Errorf("without %s: %d jobs, %v", field, len(list.Items), err)
		}
		list, err = c.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("jobStreamName", "DAY")})
		if err != nil || len(list.Items) != 8 {
			t.Errorf("without %s: %d jobs of DAY (%v), want 8: the mock filters, so a missing field drops nothing", field, len(list.Items), err)
		}
		for what, read := range map[string]func() (int, error){
			"job streams": func() (int, error) {
				l, err := c.JobStreams(t.Context(), twstools.ListQuery{})
				return len(l.Items), err
			},
			"workstations": func() (int, error) {
				l, err := c.Workstations(t.Context(), twstools.ListQuery{})
				return len(l.Items), err
			},
			"resources": func() (int, error) {
				l, err := c.Resources(t.Context(), twstools.ListQuery{})
				return len(l.Items), err
			},
			"prompts": func() (int, error) { l, err := c.Prompts(t.Context(), twstools.ListQuery{}); return len(l.Items), err },
		} {
			if n, err := read(); err != nil || n == 0 {
				t.Errorf("without %s: %d %s, %v", field, n, what, err)
			}
		}
	}
}

func TestSpoiltAnswersAreCoded(t *testing.T) {
	for name, f := range map[string]twsmock.Fault{
		"cut":  {CloseEarly: true},
		"500":  {Status: 500, Body: `{"messages":["AWSJCS011E"]}`, ContentType: "application/json"},
		"html": {Status: 200, Body: "<html>", ContentType: "text/html"},
		"half": {Status: 200, Body: `{"results":[{"id":`, ContentType: "application/json"},
	} {
		c := spoiling(t, func(*http.Request) *twsmock.Fault { return &f })
		_, err := c.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "D1")})
		if !fault.Is(err, fault.UpstreamUnavailable) {
			t.Errorf("%s: %v, want upstream_unavailable", name, err)
		}
	}
}

// One broken answer is forgotten: the next reading is whole again.
func TestRecoveryUnaided(t *testing.T) {
	var mu sync.Mutex
	broken := true
	c := spoiling(t, func(*http.Request) *twsmock.Fault {
		mu.Lock()
		defer mu.Unlock()
		if broken {
			return &twsmock.Fault{Status: 500, Body: `{"messages":["AWSJDB801E"]}`, ContentType: "application/json"}
		}
		return nil
	})
	failed := twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "RUNNING")}
	if _, err := c.Jobs(t.Context(), failed); err == nil {
		t.Fatal("no error from a broken engine")
	}
	mu.Lock()
	broken = false
	mu.Unlock()
	list, err := c.Jobs(t.Context(), failed)
	if err != nil || len(list.Items) != 1 || list.Incomplete || list.Total != 1 {
		t.Errorf("after recovery: %+v (%v)", list, err)
	}
	for _, call := range c.Ledger() {
		if call.Template == "/plan/job" && call.Count > 2 {
			t.Errorf("%d requests, want 2: a broken engine is not hammered", call.Count)
		}
	}
}
