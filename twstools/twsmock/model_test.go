package twsmock_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/twsmock"
)

func TestDefinitionsInTheirWrappers(t *testing.T) {
	s := start(t, twsmock.Options{World: twsmock.Fixed(demoWorld(t))})
	for _, c := range []struct {
		kind   string
		params []string
		keys   []string
	}{
		{"jobstream", []string{"oql", "name = 'CLMEOD'"}, []string{"JobStream /FRLCLM01#/CLMEOD"}},
		{"jobstream", []string{"model_filter", "FRLFIN01#YEAR@"}, []string{"JobStream /FRLFIN01#/YEARTAX"}},
		{"jobstream", []string{"oql", "name LIKE 'CLM@' AND workstation = '/FRLCLM01' ORDER BY name DESC", "limit", "2"}, []string{"JobStream /FRLCLM01#/CLMWORKSHOP", "JobStream /FRLCLM01#/CLMSALVAGE"}},
		{"jobdefinition", []string{"oql", "name IN ['CLM_RESERVE', 'PAY_SEND']"}, []string{"JobDefinition /FRLCLM01#/CLM_RESERVE", "JobDefinition /FRLMFT01#/PAY_SEND"}},
		{"workstation", []string{"model_filter", "FRLWIN@"}, []string{"Workstation /FRLWIN01", "Workstation /FRLWIN02"}},
		{"resource", []string{"oql", "name = 'SAPDIA'"}, []string{"Resource /FRLSAP#/SAPDIA"}},
		{"prompt", []string{"oql", "name = 'PURGEOK'"}, []string{"Prompt /PURGEOK"}},
		{"domain", nil, []string{"Domain MASTERDM"}},
		{"calendar", nil, nil}, {"variabletable", nil, nil}, {"folder", nil, nil},
	} {
		var keys []string
		for _, m := range list(t, s, "/model/"+c.kind, c.params...).Results {
			keys = append(keys, fmt.Sprint(m["kind"], " ", m["key"]))
		}
		if !slices.Equal(keys, c.keys) {
			t.Errorf("/model/%s %v = %v, want %v", c.kind, c.params, keys, c.keys)
		}
	}
	draft := list(t, s, "/model/jobstream", "oql", "name = 'CLMNEXT'").Results[0]
	def, _ := draft["def"].(map[string]any)
	if options := fmt.Sprint(def["options"]); options != "[draft]" || def["description"] == "" {
		t.Errorf("the draft is %v", draft)
	}
	if res, body := get(t, s, "/model/jobstream/"+fmt.Sprint(def["id"])); res.StatusCode != 200 || !strings.Contains(string(body), `"CLMNEXT"`) {
		t.Errorf("by its id = %d %s", res.StatusCode, body)
	}
	for path, want := range map[string]int{"/model/workspace": 404, "/model/workspace/x": 404, "/model/jobstream/none": 404, "/model/calendar/none": 404,
		"/model/jobstream?oql=" + url.QueryEscape("colour = 'red'"): 400, "/model/jobstream?oql=" + url.QueryEscape("name =="): 400} {
		if res, body := get(t, s, path); res.StatusCode != want {
			t.Errorf("GET %s = %d %s, want %d", path, res.StatusCode, body, want)
		}
	}
}

// A job's definition has one id, in the plan and in the database.
func TestDefinitionsOfThePlanAndOfTheDatabaseMeet(t *testing.T) {
	w := demoWorld(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	job := list(t, s, "/plan/job", "oql", "name = 'CLM_RESERVE'").Results[0]
	inPlan, _ := job["jobDefinition"].(map[string]any)
	if res, body := get(t, s, "/model/jobdefinition/"+fmt.Sprint(inPlan["id"])); res.StatusCode != http.StatusOK || !strings.Contains(string(body), `"name":"CLM_RESERVE"`) {
		t.Errorf("the definition of CLM_RESERVE = %d %s", res.StatusCode, body)
	}
}

// The list of prompts is known from newer levels than the interface's description at hand, so its objects are held to what is known by hand.
func TestPromptsByHand(t *testing.T) {
	s := start(t, twsmock.Options{World: twsmock.Fixed(demoWorld(t))})
	known := []string{"folder", "id", "jobId", "jobKey", "jobStreamId", "jobStreamKey", "key", "name", "number", "status", "text", "timeAsked", "timeRespond", "type", "workstation"}
	p := list(t, s, "/plan/prompt")
	if len(p.Results) != 4 || p.Count != 4 {
		t.Fatalf("%d prompts of %d", len(p.Results), p.Count)
	}
	for _, x := range p.Results {
		for _, k := range slices.Sorted(maps.Keys(x)) {
			if !slices.Contains(known, k) {
				t.Errorf("the prompt %v has the unknown field %s", x["name"], k)
			}
		}
		if !slices.Contains([]any{"NOT_ASKED", "ASKED", "ANSWERED_YES", "ANSWERED_NO"}, x["status"]) || !slices.Contains([]any{"Ad Hoc Prompt", "Predefined Prompt", "Restart Prompt"}, x["type"]) {
			t.Errorf("the prompt %v is %v and %v", x["name"], x["status"], x["type"])
		}
	}
}

// Neighbours come nearest first, each once, as deep as asked.
func TestNeighboursByDepth(t *testing.T) {
	w := demoWorld(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	reserve := jobOf(t, w, "CLM_RESERVE")
	for _, j := range w.Jobs {
		if j.Name == "CLM_RESERVE" && j.Status.Internal == "ABEND" {
			reserve = j
		}
	}
	names := func(depth string) (out []string) {
		for _, o := range list(t, s, "/plan/job/"+reserve.Ref.ID+"/predecessors", "depth", depth).Results {
			out = append(out, fmt.Sprint(o["name"]))
		}
		return out
	}
	for depth, want := range map[string]string{"": "CLM_FRAUD", "1": "CLM_FRAUD", "2": "CLM_FRAUD CLM_INTAKE", "9": "CLM_FRAUD CLM_INTAKE CLM_CLOSE"} {
		if got := strings.Join(names(depth), " "); got != want {
			t.Errorf("depth %q: %s, want %s", depth, got, want)
		}
	}
}
