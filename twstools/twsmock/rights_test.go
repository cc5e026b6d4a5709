package twsmock_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// jobOf finds a job of the world by name, the last instance of it.
func jobOf(t *testing.T, w *world.World, name string) twstools.Job {
	t.Helper()
	var out twstools.Job
	for _, j := range w.Jobs {
		if j.Name == name {
			out = j
		}
	}
	if out.Name == "" {
		t.Fatalf("there is no job %s", name)
	}
	return out
}

func TestWhatMayNotBeListedIsMissingInSilence(t *testing.T) {
	w := demoWorld(t)
	all := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	s := start(t, twsmock.Options{World: twsmock.Fixed(w), Rights: &twsmock.Rights{List: []twsmock.Rule{
		{Kind: twsmock.KindJob, Stream: "CLM@"}, {Kind: twsmock.KindJobStream, Name: "CLM@"}, {Kind: twsmock.KindWorkstation, Name: "FRLCLM@"}, {Kind: twsmock.KindResource, Workstation: "NONE"},
	}}})
	for path, want := range map[string]func(map[string]any) bool{
		"/plan/job":         func(o map[string]any) bool { return strings.HasPrefix(fmt.Sprint(o["jobStreamName"]), "CLM") },
		"/plan/jobstream":   func(o map[string]any) bool { return strings.HasPrefix(fmt.Sprint(o["name"]), "CLM") },
		"/plan/workstation": func(o map[string]any) bool { return o["name"] == "FRLCLM01" },
	} {
		p, whole := list(t, s, path), list(t, all, path)
		if p.Count == 0 || p.Count != len(p.Results) || p.Count >= whole.Count {
			t.Errorf("%s lists %d of %d, of %d without rights", path, len(p.Results), p.Count, whole.Count)
		}
		for _, o := range p.Results {
			if !want(o) {
				t.Errorf("%s lists %v", path, o["name"])
			}
		}
	}
	for _, path := range []string{"/plan/resource", "/plan/prompt"} {
		if p := list(t, s, path); p.Count != 0 || len(p.Results) != 0 {
			t.Errorf("%s lists %d", path, p.Count)
		}
	}
	_, counted := get(t, s, "/plan/job/count?plan_filter=%2F%40%2F%40%23%2F%40%2F%40.%40")
	if want := fmt.Sprintf(`"count":%d,`, list(t, s, "/plan/job").Count); !strings.Contains(string(counted), want) {
		t.Errorf("counted %s, want %s", counted, want)
	}
	// CLMREPORT's first job follows CLM_EXPORT; what follows the ledger is hidden.
	export := jobOf(t, w, "CLM_EXPORT")
	before, after := list(t, all, "/plan/job/"+export.Ref.ID+"/successors", "depth", "5"), list(t, s, "/plan/job/"+export.Ref.ID+"/successors", "depth", "5")
	for _, o := range after.Results {
		if name := fmt.Sprint(o["name"], o["jobStreamName"]); !strings.Contains(name, "CLM") {
			t.Errorf("the neighbour %s is not hidden", name)
		}
	}
	if after.Count > before.Count || after.Count != len(after.Results) {
		t.Errorf("%d neighbours, %d without rights", after.Count, before.Count)
	}
	if res, _ := get(t, s, "/plan/job/"+jobOf(t, w, "GL_POST").Ref.ID); res.StatusCode != http.StatusOK {
		t.Errorf("a job that may be displayed though not listed = %d", res.StatusCode)
	}
	_, metrics := do(t, http.MethodGet, s.URL()+"/metrics", "")
	if strings.Contains(string(metrics), `workstation="FRLWIN02"`) {
		t.Error("the metrics name a workstation that may not be listed")
	}
}

func TestWhatMayNotBeDisplayedIsRefused(t *testing.T) {
	w := demoWorld(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w), Rights: &twsmock.Rights{Display: []twsmock.Rule{{Workstation: "FRLCLM@"}}}})
	seen, hidden := jobOf(t, w, "CLM_RESERVE"), jobOf(t, w, "REN_CALC")
	var elsewhere twstools.Workstation
	for _, x := range w.Workstations {
		if x.Name == "FRLWIN02" {
			elsewhere = x
		}
	}
	for path, want := range map[string]int{
		"/plan/job/" + seen.Ref.ID: 200, "/plan/job/" + hidden.Ref.ID: 403, "/plan/job/run/" + seen.Runs[0].ID + "/joblog": 200, "/plan/job/run/" + hidden.Runs[0].ID + "/joblog": 403,
		"/plan/jobstream/" + seen.StreamRef.ID: 200, "/plan/jobstream/" + hidden.StreamRef.ID: 403, "/plan/job/" + hidden.Ref.ID + "/model/description": 403,
		"/plan/jobstream/" + hidden.StreamRef.ID + "/model/description": 403, "/plan/workstation/" + elsewhere.Ref.ID: 403, "/plan/job/none": 404, "/plan/resource/" + w.Resources[0].Ref.ID: 403,
	} {
		res, body := get(t, s, path)
		if res.StatusCode != want || want == 403 && !strings.Contains(string(body), "AWSJDB817E") || want == 403 && strings.Contains(string(body), "REN_CALC") {
			t.Errorf("GET %s = %d %s, want %d", path, res.StatusCode, body, want)
		}
	}
	if p := list(t, s, "/plan/job"); p.Count != len(w.Jobs) {
		t.Errorf("%d jobs are listed, want all", p.Count)
	}
}

// An account without any right sees an empty plan, not an error.
func TestNoRightAtAll(t *testing.T) {
	s := start(t, twsmock.Options{World: twsmock.Fixed(demoWorld(t)), Rights: &twsmock.Rights{List: []twsmock.Rule{}}})
	for _, path := range []string{"/plan/job", "/plan/jobstream", "/plan/workstation", "/plan/resource", "/plan/prompt", "/model/workstation"} {
		if p := list(t, s, path); p.Count != 0 {
			t.Errorf("%s lists %d", path, p.Count)
		}
	}
}

// An account may see a job and not its logs, in both interfaces.
func TestLogsMayBeForbiddenAlone(t *testing.T) {
	w := demoWorld(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w), Rights: &twsmock.Rights{Logs: []twsmock.Rule{{Stream: "COMMISSION"}}}})
	forbidden, open := jobOf(t, w, "CLM_RESERVE"), jobOf(t, w, "COM_COMPUTE")
	for path, want := range map[string]int{
		"/plan/job/" + forbidden.Ref.ID: 200, "/plan/job/run/" + forbidden.Runs[0].ID + "/joblog": 403, "/plan/job/run/" + open.Runs[0].ID + "/joblog": 200,
	} {
		if res, body := get(t, s, path); res.StatusCode != want {
			t.Errorf("%s = %d %.200s, want %d", path, res.StatusCode, body, want)
		}
	}
	for name, want := range map[string]int{"CLM_RESERVE": 403, "COM_COMPUTE": 200} {
		id := idOf(t, s, name, map[int]string{403: "ERROR", 200: "SUCCESSFUL"}[want])
		if res, body := call(t, s, http.MethodGet, "/plan/current/job/"+id, ""); res.StatusCode != 200 {
			t.Errorf("%s = %d %.200s", name, res.StatusCode, body)
		}
		if res, body := call(t, s, http.MethodGet, "/plan/current/job/"+id+"/joblog", ""); res.StatusCode != want {
			t.Errorf("the log of %s = %d %.200s, want %d", name, res.StatusCode, body, want)
		}
	}
}
