package data_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

// readings says of each address which tool answers it, under which of its arguments the path goes, and a question with its answer.
var readings = []struct {
	path, tool, key string
	view            bool
	without         []string // arguments of the tool that the address has no use for
	ask, has        string
}{
	{path: "/api/jobs", tool: "find_jobs", ask: "/api/jobs?status=ABEND,FAIL&page_size=5", has: `"name":"CLM_RESERVE"`},
	{path: "/api/jobs/{key}", tool: "get_job", key: "job", ask: "/api/jobs/CLM_RESERVE", has: `"status":"ABEND"`},
	{path: "/api/jobs/{key}/log", tool: "get_job_log", key: "job", ask: "/api/jobs/CLM_RESERVE/log?errors_only=true", has: "ORA-28001"},
	{path: "/api/job-streams", tool: "find_job_streams", ask: "/api/job-streams?name=CLM@&page_size=3", has: `"name":"CLMEOD"`},
	{path: "/api/job-streams/{key}", tool: "get_job_stream", key: "job_stream", ask: "/api/job-streams/CLMEOD", has: `"status":"STUCK"`},
	{path: "/api/workstations", tool: "list_workstations", ask: "/api/workstations?problem=true", has: `"name":"FRLWIN02"`},
	{path: "/api/workstations/{name}", tool: "list_workstations", key: "name", without: []string{"cursor", "page_size", "problem", "status"}, ask: "/api/workstations/FRLWIN02", has: `"status":"unlinked"`},
	{path: "/api/resources", tool: "list_resources", ask: "/api/resources?in_use=true", has: `"name":"DWHWRITE"`},
	{path: "/api/prompts", tool: "list_prompts", ask: "/api/prompts?status=ASKED", has: `"name":"PAYLIMIT"`},
	{path: "/api/changes", tool: "what_changed", ask: "/api/changes?since=8h", has: "CLM_RESERVE"},
	{path: "/api/graph", tool: tools.ViewGraph, view: true, ask: "/api/graph?target=CLM_IBNR", has: `"name":"CLM_RESERVE"`},
	{path: "/api/timeline", tool: tools.ViewTimeline, view: true, ask: "/api/timeline?job_stream=CLM@", has: `"planned_start":"`},
}

// Every argument of a tool is a parameter of its address, by the same name, and nothing else is.
func TestParametersAreTheArguments(t *testing.T) {
	d := over(t)
	set, views := toolsOver(t, "north", "south")
	described := d.described(t)
	for _, rd := range readings {
		params := described[rd.path]["query"]
		if rd.key != "" {
			params = append(params, rd.key)
		}
		params = append(params, rd.without...)
		slices.Sort(params)
		from := set
		if rd.view {
			from = views
		}
		if want := argumentsOf(t, from, rd.tool); !slices.Equal(params, want) {
			t.Errorf("%s takes %v, and %s takes %v", rd.path, params, rd.tool, want)
		}
	}
}

// Each reading answers with evidence, with 304 to who has it, and with a problem to who may not or asks wrongly.
func TestReadings(t *testing.T) {
	d := over(t)
	for _, rd := range readings {
		t.Run(strings.ReplaceAll(rd.path, "/", "_"), func(t *testing.T) {
			w := d.get(t, viewer(), rd.ask)
			e, _ := decoded[map[string]any](t, w)
			if !strings.Contains(w.Body.String(), rd.has) || e.Engine.Name != "north" || len(e.Sources) == 0 || e.Clocks.PlanNow == "" {
				t.Fatalf("%s", w.Body)
			}
			tag := w.Header().Get("ETag")
			if !strings.HasPrefix(tag, `W/"`) || w.Header().Get("Cache-Control") != "private, no-cache" {
				t.Errorf("headers %v", w.Header())
			}
			if again := d.get(t, viewer(), rd.ask, "If-None-Match", `"x", `+tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 || again.Header().Get("ETag") != tag {
				t.Errorf("for who has it: %d %q %s", again.Code, again.Header().Get("ETag"), again.Body)
			}
			join := "?"
			if strings.Contains(rd.ask, "?") {
				join = "&"
			}
			for _, c := range []struct {
				name   string
				who    auth.Caller
				target string
				status int
				has    string
			}{
				{"nobody", auth.Caller{}, rd.ask, 401, `"code":"unauthorized"`},
				{"a key for something else", viewer(auth.ScopeAsk), rd.ask, 403, `"code":"forbidden"`},
				{"a key for the other engine", viewer(auth.ScopeRead, auth.EngineScope("south")), rd.ask, 200, `"name":"south"`},
				{"beyond the key's engine", viewer(auth.EngineScope("south")), rd.ask + join + "engine=north", 404, `"candidates":["south"]`},
				{"a key for no engine", viewer(auth.EngineScope("mars")), rd.ask, 403, `"code":"forbidden"`},
				{"the other engine", viewer(), rd.ask + join + "engine=south", 200, `"name":"south"`},
				{"an engine that is none", viewer(), rd.ask + join + "engine=venus", 404, `"code":"not_found"`},
				{"an unknown parameter", viewer(), rd.ask + join + "colour=red", 400, `"code":"invalid"`},
			} {
				w := d.get(t, c.who, c.target)
				if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
					t.Errorf("%s: %d %.300s, want %d with %s", c.name, w.Code, w.Body, c.status, c.has)
				}
				if strings.HasPrefix(c.name, "a key for no") && strings.Contains(w.Body.String(), "north") {
					t.Errorf("%s: an engine is named: %s", c.name, w.Body)
				}
			}
		})
	}
}

// telling is a tool set with one thing to tell.
type telling struct{ e toolkit.Envelope }

// Call implements data.Caller.
func (t *telling) Call(context.Context, string, json.RawMessage) toolkit.Result {
	e := t.e
	return toolkit.Result{Envelope: &e}
}

// The tag stands for what is told about the plan: it stays when the clocks move or a reading costs more, and changes with all else.
func TestTheTagIsOfWhatIsTold(t *testing.T) {
	for path, moving := range map[string]string{"/api/status": `"plan_now"`, "/api/timeline": `"now"`, "/api/changes": `"to"`, "/api/jobs": ""} {
		whole := func(clock, total string) toolkit.Envelope {
			raw := `{"total":` + total + `}`
			if moving != "" {
				raw = `{` + moving + `:"` + clock + `","total":` + total + `}`
			}
			return toolkit.Envelope{Data: json.RawMessage(raw), Engine: toolkit.Engine{Name: "north"}, Clocks: toolkit.Clocks{PlanNow: clock, FetchedAt: clock}, UpstreamCalls: len(clock)}
		}
		told := &telling{whole("2026-03-17T03:10:00Z", "4")}
		d := open(t, data.Options{Tools: told, Views: told})
		tag := d.get(t, viewer(), path).Header().Get("ETag")
		change := func(do func(*toolkit.Envelope)) toolkit.Envelope {
			e := whole("2026-03-17T03:10:00Z", "4")
			do(&e)
			return e
		}
		for name, c := range map[string]struct {
			e      toolkit.Envelope
			status int
		}{
			"later":          {whole("2026-03-17T03:11:00.5Z", "4"), http.StatusNotModified},
			"one more":       {whole("2026-03-17T03:10:00Z", "5"), http.StatusOK},
			"another engine": {change(func(e *toolkit.Envelope) { e.Engine.Name = "south" }), http.StatusOK},
			"an old reading": {change(func(e *toolkit.Envelope) { e.Stale = true }), http.StatusOK},
			"cut":            {change(func(e *toolkit.Envelope) { e.Truncated = true }), http.StatusOK},
		} {
			told.e = c.e
			if w := d.get(t, viewer(), path, "If-None-Match", tag); w.Code != c.status {
				t.Errorf("%s, %s: %d, want %d", path, name, w.Code, c.status)
			}
		}
	}
}

// Health tells a key for one engine of that one alone, and a key for none of nothing.
func TestHealthOfTheEnginesThatOneMayRead(t *testing.T) {
	d := open(t, data.Options{Health: func(context.Context) []data.EngineHealth {
		return []data.EngineHealth{{Engine: "north", Status: data.OK}, {Engine: "south", Status: data.Down, Code: "timeout"}}
	}})
	for _, c := range []struct {
		who           auth.Caller
		status        int
		has, hasNever string
	}{
		{viewer(), 200, `"status":"degraded"`, "forbidden"},
		{viewer(auth.ScopeRead, auth.EngineScope("north")), 200, `"status":"ok","engines":[{"engine":"north"`, "south"},
		{viewer(auth.ScopeRead, auth.EngineScope("south")), 503, `"status":"down","engines":[{"engine":"south"`, "north"},
		{viewer(auth.ScopeRead, auth.EngineScope("mars")), 403, `"code":"forbidden"`, "north"},
	} {
		w := d.get(t, c.who, "/api/health/tws")
		if got := strings.ReplaceAll(w.Body.String(), " ", ""); w.Code != c.status || !strings.Contains(got, c.has) || strings.Contains(got, c.hasNever) {
			t.Errorf("%v: %d %s", c.who.Scopes, w.Code, got)
		}
	}
}

func TestKeysAsPeopleWriteThem(t *testing.T) {
	d := over(t, "default")
	_, one := decoded[tools.GetJobOut](t, d.get(t, viewer(), "/api/jobs/CLM_RESERVE"))
	for _, form := range []string{one.Job.Entity, fmt.Sprintf("#J%d", one.Job.JobNumber), "CLMEOD.CLM_RESERVE"} {
		_, same := decoded[tools.GetJobOut](t, d.get(t, viewer(), "/api/jobs/"+key(form)))
		if same.Job.Entity != one.Job.Entity {
			t.Errorf("%s is read as %s", form, same.Job.Entity)
		}
		if w := d.get(t, viewer(), "/api/jobs/"+key(form)+"/log?tail=3"); w.Code != http.StatusOK {
			t.Errorf("log of %s: %d %s", form, w.Code, w.Body)
		}
	}
	_, stream := decoded[tools.GetJobStreamOut](t, d.get(t, viewer(), "/api/job-streams/CLMEOD"))
	if w := d.get(t, viewer(), "/api/job-streams/"+key(stream.JobStream.Entity)); w.Code != http.StatusOK {
		t.Errorf("%s: %d %s", stream.JobStream.Entity, w.Code, w.Body)
	}
	for target, want := range map[string]string{
		"/api/jobs/CLM_RESERV":           `"candidates":[`,
		"/api/jobs?page_size=101":        `parameter \"page_size\"`,
		"/api/jobs?cursor=zzz":           "cursor",
		"/api/jobs?return_code=lots":     `"code":"invalid"`,
		"/api/jobs?late=perhaps":         `parameter \"late\"`,
		"/api/workstations/FRL%40":       "pattern",
		"/api/workstations/NOWHERE":      `"code":"not_found"`,
		"/api/workstations?status=happy": `parameter \"status\"`,
		"/api/jobs/CLM_RESERVE/log?tail": `parameter \"tail\"`,
		"/api/job-streams/NO_SUCH":       `"code":"not_found"`,
	} {
		w := d.get(t, viewer(), target)
		if w.Code < 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", target, w.Code, w.Body, want)
		}
	}
}

// Pages follow each other without a gap and without a row twice.
func TestPages(t *testing.T) {
	d := over(t)
	seen, cursor, total := map[string]bool{}, "", 0
	for range 10 {
		_, p := decoded[tools.FindJobsOut](t, d.get(t, viewer(), "/api/jobs?page_size=100&cursor="+cursor))
		for _, j := range p.Jobs {
			if seen[j.Entity+j.SchedTime] {
				t.Errorf("%s stands on two pages", j.Entity)
			}
			seen[j.Entity+j.SchedTime] = true
		}
		if total = *p.Total; p.NextCursor == "" {
			break
		}
		cursor = p.NextCursor
	}
	if len(seen) != total || total < 400 {
		t.Errorf("%d jobs on all pages, and %d in all", len(seen), total)
	}
}

func TestEngines(t *testing.T) {
	d := over(t)
	for _, c := range []struct {
		who  auth.Caller
		want string
	}{
		{viewer(), `{"engines":[{"name":"north","mode":"mock"},{"name":"south","mode":"mock"}]}`},
		{viewer(auth.EngineScope("south")), `{"engines":[{"name":"south","mode":"mock"}]}`},
		{viewer(auth.EngineScope("mars")), `{"engines":[]}`},
	} {
		if w := d.get(t, c.who, "/api/engines"); strings.TrimSpace(w.Body.String()) != c.want {
			t.Errorf("%v: %d %s", c.who.Scopes, w.Code, w.Body)
		}
	}
}

// The table of addresses, by which an edge agent asks, says what is registered.
func TestAddresses(t *testing.T) {
	d := over(t)
	described := d.described(t)
	byPath := map[string]string{}
	for _, rd := range readings {
		byPath[rd.path] = rd.tool
	}
	byPath["/api/status"] = "plan_status"
	for _, tool := range data.Addressed() {
		a, ok := data.AddressOf(tool)
		if _, registered := described[a.Path]; !ok || !registered || byPath[a.Path] != tool {
			t.Errorf("%s is at %s, which is registered: %v, for %s", tool, a.Path, registered, byPath[a.Path])
		}
	}
	for _, rd := range readings {
		a, _ := data.AddressOf(rd.tool)
		if a.Key != rd.key && len(rd.without) == 0 {
			t.Errorf("%s has the key %q, and %s takes %q", rd.tool, a.Key, rd.path, rd.key)
		}
	}
	if _, ok := data.AddressOf("search_knowledge"); ok {
		t.Error("search_knowledge has an address of a reading")
	}
}
