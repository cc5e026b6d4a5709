package twsmock_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// document is the part of an OpenAPI file that the check needs.
type document struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Required bool
		}
		Responses map[string]struct {
			Content map[string]struct{ Schema schema }
		}
	}
	Components struct{ Schemas map[string]schema }
}

// schema is the subset of JSON Schema that the interface's file uses.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Format     string            `json:"format"`
	Enum       []string          `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	Additional *schema           `json:"additionalProperties"`
	OneOf      []schema          `json:"oneOf"`
	AnyOf      []schema          `json:"anyOf"`
}

// spec reads the vendor's interface, which is not part of the project.
func spec(t *testing.T) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(enginetest.Interface(t), &d); err != nil || len(d.Paths) == 0 {
		t.Fatalf("the file is not the description of the interface: %v", err)
	}
	return d
}

// byType says which schema stands behind the members of a union.
var byType = map[string]string{
	"INTERNAL": "InternalDependencyInPlanV2", "EXTERNAL_JOB": "ExternalJobDependencyInPlanV2", "EXTERNAL_JOBSTREAM": "ExternalJobStreamDependencyInPlanV2",
	"JOIN": "JoinDependencyInPlanV2", "FILE": "FileDependencyInPlanV2", "RESOURCE": "ResourceDependencyInPlanV2", "INTERNETWORK": "InternetworkDependencyInPlanV2",
	"PROMPT": "PromptDependencyInPlanV2", "JOB": "JobInPlanV2", "JOBSTREAM": "JobStreamInPlanV2",
}

// check gives every way in which v breaks s, and notes in seen which properties it met.
func (d document) check(s schema, v any, at string, seen map[string]bool) []string {
	if s.Ref != "" {
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		return d.check(d.Components.Schemas[name], v, at+"<"+name+">", seen)
	}
	if m, ok := v.(map[string]any); ok && len(s.OneOf)+len(s.AnyOf) > 0 {
		kind, _ := m["dependencyType"].(string)
		if kind == "" {
			kind, _ = m["flowNodeType"].(string)
		}
		name, known := byType[kind]
		if !known {
			return []string{fmt.Sprintf("%s is of the unknown type %q", at, kind)}
		}
		return d.check(schema{Ref: "#/" + name}, v, at, seen)
	}
	switch v := v.(type) {
	case nil:
		return []string{at + " is null"}
	case bool:
		return mismatch(s, at, "boolean")
	case json.Number:
		if s.Type == "integer" && strings.ContainsAny(v.String(), ".eE") {
			return []string{fmt.Sprintf("%s is no integer: %s", at, v)}
		}
		return mismatch(s, at, "integer", "number")
	case string:
		return append(mismatch(s, at, "string"), text(s, at, v)...)
	case []any:
		bad := mismatch(s, at, "array")
		for i, x := range v {
			if s.Items != nil {
				bad = append(bad, d.check(*s.Items, x, fmt.Sprintf("%s[%d]", at, i), seen)...)
			}
		}
		return bad
	case map[string]any:
		return append(mismatch(s, at, "object"), d.object(s, v, at, seen)...)
	}
	return []string{at + " is of no JSON type"}
}

func (d document) object(s schema, v map[string]any, at string, seen map[string]bool) []string {
	var bad []string
	for _, r := range s.Required {
		if _, ok := v[r]; !ok {
			bad = append(bad, at+" lacks "+r)
		}
	}
	for k, x := range v {
		p, known := s.Properties[k]
		switch {
		case known:
			seen[k] = true
			bad = append(bad, d.check(p, x, at+"."+k, seen)...)
		case s.Additional != nil:
			bad = append(bad, d.check(*s.Additional, x, at+"."+k, seen)...)
		case len(s.Properties) > 0:
			bad = append(bad, fmt.Sprintf("%s has the unknown property %q", at, k))
		}
	}
	return bad
}

func mismatch(s schema, at string, got ...string) []string {
	if s.Type != "" && !slices.Contains(got, s.Type) {
		return []string{fmt.Sprintf("%s is %s, want %s", at, got[0], s.Type)}
	}
	return nil
}

func text(s schema, at, v string) []string {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		return []string{fmt.Sprintf("%s is %q, which is none of %v", at, v, s.Enum)}
	}
	ok := true
	switch s.Format {
	case "date-time":
		t, err := time.Parse(time.RFC3339, v)
		ok = err == nil && t.Location() == time.UTC
	case "duration":
		_, ok = query.ParseDuration(v)
	case "date":
		_, err := time.Parse(time.DateOnly, v)
		ok = err == nil
	}
	if !ok {
		return []string{fmt.Sprintf("%s is %q, which is no %s", at, v, s.Format)}
	}
	return nil
}

// The checker itself must see what is wrong, or the contract below proves nothing.
func TestCheckerSeesMistakes(t *testing.T) {
	d := spec(t)
	for name, body := range map[string]string{
		"unknown property":                       `{"count":1,"results":[{"flowNodeType":"JOB","nmae":"X"}]}`,
		"unknown property below":                 `{"results":[{"jobOptions":{"noop":true}}]}`,
		"wrong type":                             `{"results":[{"priority":"10"}]}`,
		"wrong enum":                             `{"results":[{"lastRunCommonStatus":"SLEEPING"}]}`,
		"wrong instant":                          `{"results":[{"schedTime":"yesterday"}]}`,
		"local instant":                          `{"results":[{"schedTime":"2026-03-17T02:00:00-03:00"}]}`,
		"wrong duration":                         `{"results":[{"cpuTime":"1h"}]}`,
		"property of another type of dependency": `{"results":[{"dependencies":[{"dependencyType":"FILE","jobId":"1"}]}]}`,
		"no type of dependency":                  `{"results":[{"dependencies":[{"id":"1"}]}]}`,
		"null":                                   `{"results":[{"name":null}]}`,
	} {
		if bad := d.check(d.get(t, "/plan/job"), decode(t, []byte(body)), "", map[string]bool{}); len(bad) != 1 {
			t.Errorf("%s: the checker finds %v, want one mistake", name, bad)
		}
	}
	good := `{"count":1,"results":[{"flowNodeType":"JOB","schedTime":"2026-03-17T02:00:00Z","dependencies":[{"dependencyType":"FILE","file":{"status":"Not Checked"}}]}]}`
	if bad := d.check(d.get(t, "/plan/job"), decode(t, []byte(good)), "", map[string]bool{}); len(bad) != 0 {
		t.Errorf("the checker finds %v in a good answer", bad)
	}
}

func (d document) get(t *testing.T, template string) schema {
	t.Helper()
	op, ok := d.Paths[twsmock.Base+template]["get"]
	if !ok {
		t.Fatalf("the interface has no GET %s", template)
	}
	return op.Responses["200"].Content["application/json"].Schema
}

func decode(t *testing.T, raw []byte) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %.200s", err, raw)
	}
	return v
}

// params are what an operation cannot do without.
var params = map[string]string{
	"/plan/job/count":            "plan_filter=" + url.QueryEscape("/@/@#/@/@.@") + "&grouping_filters=status,workstation",
	"/plan/jobstream/count":      "plan_filter=" + url.QueryEscape("/@/@#/@/@") + "&grouping_filters=folder",
	"/plan/folder/objects-count": "object_type=JOBSTREAM_IN_PLAN&oql=",
}

// Every read of the interface is asked of the mock, every job and stream whole, and every answer checked: over the demo, over the
// plan of the engine suite, which holds the rarer things, and over one as it is made to be large.
func TestAnswersKeepTheInterface(t *testing.T) {
	d := spec(t)
	seen := map[string]bool{}
	for name, w := range map[string]*world.World{"demo": demoWorld(t), "suite": enginetest.World(t), "big": world.Big(150, night)} {
		t.Run(name, func(t *testing.T) { d.ask(t, w, seen) })
	}
	for _, must := range []string{"jobruns", "dependencies", "holders", "activeStates", "internalIdentifier", "groupedCount", "members", "file", "promptStatus", "networkAgent", "description", "serviceName",
		"deadlineTime", "statusConditions", "pending", "outputConditions", "latestStartTime", "criticalStart", "timeLastChecked", "def", "runCycles", "options"} {
		if !seen[must] {
			t.Errorf("no answer of the mock holds %s, so it was not checked", must)
		}
	}
}

// idsOf gives what the variable parts of the plan's paths stand for.
func idsOf(w *world.World) map[string][]string {
	ids := map[string][]string{}
	add := func(name, id string) { ids[name] = append(ids[name], id) }
	for _, j := range w.Jobs {
		add("{job_id}", j.Ref.ID)
		for _, r := range j.Runs {
			if _, ok := w.Logs[r.ID]; ok {
				add("{run_id}", r.ID)
			}
		}
	}
	for _, x := range w.JobStreams {
		add("{jobstream_id}", x.Ref.ID)
	}
	for _, x := range w.Workstations {
		add("{workstation_id}", x.Ref.ID)
	}
	for _, x := range w.Resources {
		add("{resource_id}", x.Ref.ID)
	}
	return ids
}

func (d document) ask(t *testing.T, w *world.World, seen map[string]bool) {
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	ids := idsOf(w)
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		template := strings.TrimPrefix(path, twsmock.Base)
		if strings.Contains(template, "{") && !strings.HasPrefix(template, "/plan/") {
			if res, _ := get(t, s, strings.NewReplacer("{", "", "}", "").Replace(template)); res.StatusCode != http.StatusNotFound {
				t.Errorf("GET %s = %d, want 404: nothing has this id", template, res.StatusCode)
			}
			d.definitions(t, s, path, template, seen)
			continue
		}
		asks := []string{template}
		for name, all := range ids {
			if strings.Contains(template, name) {
				asks = nil
				for _, id := range all {
					asks = append(asks, strings.Replace(template, name, id, 1))
				}
			}
		}
		for _, ask := range asks {
			if template == "/plan/job/joblog" {
				ask += "?oql=" + url.QueryEscape("id = '"+withLog(t, w)+"'")
			}
			if bad := d.one(t, s, path, ask, seen); bad != "" {
				t.Errorf("GET %s: %s", ask, bad)
			}
		}
	}
}

// withLog is the id of a job whose last run has a log.
func withLog(t *testing.T, w *world.World) string {
	t.Helper()
	for _, j := range w.Jobs {
		if len(j.Runs) > 0 && w.Logs[j.Runs[len(j.Runs)-1].ID].Body != "" {
			return j.Ref.ID
		}
	}
	t.Fatal("no job has a log")
	return ""
}

// definitions asks for every definition that a list under /model holds by its id.
func (d document) definitions(t *testing.T, s *twsmock.Server, path, template string, seen map[string]bool) {
	t.Helper()
	kind, _, ok := strings.Cut(strings.TrimPrefix(template, "/model/"), "/{")
	if !ok || !strings.HasPrefix(template, "/model/") {
		return
	}
	for _, m := range list(t, s, "/model/"+kind).Results {
		def, _ := m["def"].(map[string]any)
		id, _ := def["id"].(string)
		if bad := d.one(t, s, path, "/model/"+kind+"/"+id, seen); bad != "" {
			t.Errorf("GET /model/%s/%s: %s", kind, id, bad)
		}
	}
}

// one asks once and says what is wrong with the answer.
func (d document) one(t *testing.T, s *twsmock.Server, path, ask string, seen map[string]bool) string {
	template := strings.TrimPrefix(path, twsmock.Base)
	if p := params[template]; p != "" {
		ask += "?" + p
	}
	res, body := get(t, s, ask)
	if res.StatusCode != http.StatusOK {
		return fmt.Sprintf("%d %.200s", res.StatusCode, body)
	}
	content := d.Paths[path]["get"].Responses["200"].Content
	got := res.Header.Get("Content-Type")
	if _, ok := content[got]; !ok {
		return fmt.Sprintf("%s, want one of %v", got, slices.Sorted(maps.Keys(content)))
	}
	if got != "application/json" {
		return ""
	}
	bad := d.check(content[got].Schema, decode(t, body), template, seen)
	return strings.Join(bad[:min(5, len(bad))], "; ")
}
