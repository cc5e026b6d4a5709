package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

type toolArgs = map[string]any

// toolCase asks a tool something about the demo's night that has one right answer.
type toolCase struct {
	ask  toolArgs
	want []string // words that stand in the data
	said []string // words that stand in the text
	// offline tools need no engine.
	offline bool
	// wrong is a call that must fail, as code.
	wrong toolArgs
	code  string
}

// toolCases has a case for each tool. A tool without one fails the test.
var toolCases = map[string]toolCase{
	"plan_status": {ask: toolArgs{}, want: []string{`"jobs_total":411`, `"entity":"PAYLIMIT"`, `"batchman":"LIVES"`}, said: []string{"411", "PAYLIMIT"},
		wrong: toolArgs{"workstatio": "X"}, code: "invalid"},
	"find_jobs": {ask: toolArgs{"status": []string{"ABEND"}}, want: []string{`"name":"CLM_RESERVE"`, `"total":1`, `"return_code":1`}, said: []string{"CLM_RESERVE", "ABEND"},
		wrong: toolArgs{"page_size": 5, "cursor": "zzz"}, code: "invalid"},
	"find_job_streams": {ask: toolArgs{"name": "CLM@", "page_size": 3}, want: []string{`"name":"CLMEOD"`, `"status":"STUCK"`, `"next_cursor"`}, said: []string{"STUCK"},
		wrong: toolArgs{"page_size": 3, "cursor": "zzz"}, code: "invalid"},
	"get_job": {ask: toolArgs{"job": "CLM_RESERVE"}, want: []string{`"status":"ABEND"`, `"runs":[`, `"logon"`}, said: []string{"CLM_RESERVE"},
		wrong: toolArgs{"job": "NO_SUCH_JOB_1"}, code: "not_found"},
	"get_job_stream": {ask: toolArgs{"job_stream": "CLMEOD"}, want: []string{`"status":"STUCK"`, `"name":"CLM_EXPORT"`}, said: []string{"CLMEOD"},
		wrong: toolArgs{"job_stream": "NO_SUCH_STREAM_1"}, code: "not_found"},
	"get_job_log": {ask: toolArgs{"job": "CLM_RESERVE", "errors_only": true}, want: []string{"ORA-28001", `"total_lines"`}, said: []string{"ORA-28001"},
		wrong: toolArgs{"job": "NO_SUCH_JOB_1"}, code: "not_found"},
	"list_workstations": {ask: toolArgs{"problem": true}, want: []string{`"name":"FRLWIN02"`, `"status":"unlinked"`, `"total":1`}, said: []string{"FRLWIN02"},
		wrong: toolArgs{"state": "asleep"}, code: "invalid"},
	"list_resources": {ask: toolArgs{"in_use": true}, want: []string{`"name":"DWHWRITE"`, `"holders":[{`}, said: []string{"DWHWRITE"},
		wrong: toolArgs{"cursor": "zzz"}, code: "invalid"},
	"list_prompts": {ask: toolArgs{"status": []string{"ASKED"}}, want: []string{`"name":"PAYLIMIT"`, `"waiting":[{`}, said: []string{"PAYLIMIT"},
		wrong: toolArgs{"status": []string{"SHOUTED"}}, code: "invalid"},
	"diagnose_job": {ask: toolArgs{"target": "CLM_RESERVE"}, want: []string{`"kind":"app.db.auth"`, `"confidence_class":"confirmed"`, "ORA-28001", "database-account-locked"}, said: []string{"ORA-28001"},
		wrong: toolArgs{"target": "NO_SUCH_JOB_1"}, code: "not_found"},
	"explain_wait": {ask: toolArgs{"target": "CLM_IBNR"}, want: []string{`"why":"sched.dep.predecessor"`, "CLM_RESERVE"}, said: []string{"CLM_RESERVE"},
		wrong: toolArgs{"target": "NO_SUCH_JOB_1"}, code: "not_found"},
	"impact_of": {ask: toolArgs{"target": "CLM_RESERVE", "if": "rerun"}, want: []string{`"entity":"FRLCLM01#CLMEOD`, "CLM_EXPORT", `"service":"Claims"`}, said: []string{"CLM_IBNR"},
		wrong: toolArgs{"target": "NO_SUCH_JOB_1"}, code: "not_found"},
	"late_risk": {ask: toolArgs{"page_size": 3}, want: []string{`"risk"`, `"arithmetic"`, "REN_CALC"}, said: []string{"RENLETTER"},
		wrong: toolArgs{"target": "NO_SUCH_JOB_1"}, code: "not_found"},
	"radar": {ask: toolArgs{}, want: []string{`"rule":"agent_unlinked"`, `"rule":"prompt_asked"`}, said: []string{"PAYLIMIT"},
		wrong: toolArgs{"min_severity": "worst"}, code: "invalid"},
	"what_changed": {ask: toolArgs{"since": "8h"}, want: []string{`"kind":"failed"`, "CLM_RESERVE"}, said: []string{"CLM_RESERVE"},
		wrong: toolArgs{"against": "yesteryear"}, code: "invalid"},
	"search_knowledge": {ask: toolArgs{"query": "ORA-28001 password expired"}, want: []string{`"band":"strong"`, "database-account-locked.md"}, said: []string{"ORA-28001"}, offline: true,
		wrong: toolArgs{}, code: "invalid"},
}

// The budgets of one result: DESIGN.md section 3.
const (
	mostText      = 24 << 10
	mostStructure = 96 << 10
)

// told is what a tool answered through one door.
type told struct {
	text      string
	structure any
	failed    toolkit.ErrorBody
}

// TestMCPTools calls every tool through both transports in both revisions, each time on a program and an engine of their own.
func TestMCPTools(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	answers := map[string]map[string]told{}
	t.Run("doors", func(t *testing.T) {
		for _, transport := range []string{"stdio", "http"} {
			for _, era := range []string{legacy, modern} {
				t.Run(transport+" "+era, func(t *testing.T) {
					t.Parallel()
					p := newPlant(t, nil)
					d := p.door(t, transport, era)
					got := callAll(t, p, d)
					mu.Lock()
					defer mu.Unlock()
					answers[d.String()] = got
				})
			}
		}
	})
	if t.Failed() {
		return
	}
	first := slices.Sorted(maps.Keys(answers))[0]
	for name, got := range answers {
		for tool, a := range got {
			b := answers[first][tool]
			if a.text != b.text {
				t.Errorf("%s: the text over %s is\n%s\nand over %s\n%s", tool, name, a.text, first, b.text)
			}
			if where := differ("", a.structure, b.structure); where != "" {
				t.Errorf("%s: over %s and over %s: %s", tool, name, first, where)
			}
			a.failed.CorrelationID, b.failed.CorrelationID = "", ""
			if !reflect.DeepEqual(a.failed, b.failed) {
				t.Errorf("%s: fails over %s with\n%v\nand over %s with\n%v", tool, name, a.failed, first, b.failed)
			}
		}
	}
}

// differ tells where two answers are not the same, but for what is told of the reading itself: over HTTP the program follows the plan all the time, so it
// may have read something already.
func differ(at string, a, b any) string {
	x, ok := a.(map[string]any)
	y, too := b.(map[string]any)
	if !ok || !too {
		if reflect.DeepEqual(a, b) || strings.HasPrefix(at, "/clocks/") || at == "/upstream_calls" {
			return ""
		}
		return fmt.Sprintf("%s: %.300v and %.300v", at, a, b)
	}
	if !slices.Equal(slices.Sorted(maps.Keys(x)), slices.Sorted(maps.Keys(y))) {
		return fmt.Sprintf("%s: %v and %v", at, slices.Sorted(maps.Keys(x)), slices.Sorted(maps.Keys(y)))
	}
	for name := range x {
		if where := differ(at+"/"+name, x[name], y[name]); where != "" {
			return where
		}
	}
	return ""
}

// door opens a door into a tool server of its own and says hello.
func (p *enginePlant) door(t *testing.T, transport, era string) *door {
	t.Helper()
	var d *door
	if transport == "stdio" {
		d = overStdio(t, p, era)
	} else {
		line := &http.Transport{}
		address := p.listen(t, "mcp", "--http", "127.0.0.1:0")
		t.Cleanup(line.CloseIdleConnections)
		d = overHTTP(address, era, "", line)
	}
	if err := d.greet(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// tools lists what the server offers, with the schema of each answer.
func (d *door) tools(t *testing.T) map[string]*jsonschema.Resolved {
	t.Helper()
	var list struct {
		Tools []struct {
			Name         string             `json:"name"`
			OutputSchema *jsonschema.Schema `json:"outputSchema"`
		} `json:"tools"`
	}
	if err := d.request(t.Context(), "tools/list", nil, &list); err != nil {
		t.Fatal(err)
	}
	out := map[string]*jsonschema.Resolved{}
	for _, tool := range list.Tools {
		if tool.OutputSchema == nil {
			t.Errorf("%s has no output schema", tool.Name)
			continue
		}
		s, err := tool.OutputSchema.Resolve(nil)
		if err != nil {
			t.Errorf("%s: the output schema: %v", tool.Name, err)
			continue
		}
		out[tool.Name] = s
	}
	if got, want := slices.Sorted(maps.Keys(out)), slices.Sorted(maps.Keys(toolCases)); !slices.Equal(got, want) {
		t.Fatalf("the server has %v, cases are there for %v", got, want)
	}
	return out
}

func callAll(t *testing.T, p *enginePlant, d *door) map[string]told {
	t.Helper()
	schemas := d.tools(t)
	out := map[string]told{}
	if _, err := d.call(t.Context(), "plan_status", nil); err != nil { // the engine has told what it is before the clock moves
		t.Fatal(err)
	}
	for i, name := range slices.Sorted(maps.Keys(toolCases)) {
		c := toolCases[name]
		p.clock.forward(pace(i))
		before := calls(p.engine)
		r, err := d.call(t.Context(), name, c.ask)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		a := checkAnswer(t, name, c, r, schemas[name])
		if asked := calls(p.engine) - before; asked == 0 && !c.offline {
			t.Errorf("%s: the engine was not asked", name)
		}
		if r, err = d.call(t.Context(), name, c.wrong); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		a.failed = checkFailure(t, name, r, c.code)
		out[name] = a
	}
	if v := p.engine.Violations(); len(v) > 0 {
		t.Errorf("the engine was sent %v", v)
	}
	return out
}

// pace is how far the clock moves before the nth tool. Lists are old by then, so that each tool has to ask the engine. What the engine says of itself is
// either still fresh, or too old to be handed out while it is read again: what a tool gets must not depend on when a reading in the background ends.
// The diagnosing tools come first by name, while it is still proven that the plan's copy is not late.
func pace(nth int) time.Duration {
	if nth < 9 {
		return 31 * time.Second
	}
	return 11 * time.Minute
}

// calls counts what the engine was asked.
func calls(s *twsmock.Server) (n int) {
	for _, k := range s.Requests() {
		n += k
	}
	return n
}

func checkAnswer(t *testing.T, name string, c toolCase, r called, schema *jsonschema.Resolved) told {
	t.Helper()
	if r.IsError || len(r.Content) != 1 || r.Content[0].Type != "text" {
		t.Errorf("%s: %.500s", name, r.StructuredContent)
		return told{}
	}
	a := told{text: r.Content[0].Text}
	if err := json.Unmarshal(r.StructuredContent, &a.structure); err != nil {
		t.Errorf("%s: %v", name, err)
		return a
	}
	if err := schema.Validate(a.structure); err != nil {
		t.Errorf("%s: the answer is not what the output schema promises: %v", name, err)
	}
	if len(a.text) == 0 || len(a.text) > mostText || len(r.StructuredContent) > mostStructure {
		t.Errorf("%s: %d bytes of text, %d of structure", name, len(a.text), len(r.StructuredContent))
	}
	var e toolkit.Envelope
	if err := json.Unmarshal(r.StructuredContent, &e); err != nil {
		t.Errorf("%s: %v", name, err)
		return a
	}
	for _, w := range c.want {
		if !strings.Contains(string(e.Data), w) {
			t.Errorf("%s: no %s in %.2000s", name, w, e.Data)
		}
	}
	for _, w := range c.said {
		if !strings.Contains(a.text, w) {
			t.Errorf("%s: no %s in the text\n%s", name, w, a.text)
		}
	}
	if (e.UpstreamCalls > 0) == c.offline {
		t.Errorf("%s: %d calls of the engine", name, e.UpstreamCalls)
	}
	if !c.offline && (e.Engine.Name != "default" || e.Engine.Mode != "live" || e.Clocks.PlanNow == "" || e.Clocks.FetchedAt == "") {
		t.Errorf("%s: of %v at %v", name, e.Engine, e.Clocks)
	}
	checkQuotes(t, name, a.structure.(map[string]any)["data"], e.Sources)
	return a
}

// checkQuotes holds every quote in the data, however deep, against the sources that came with it.
func checkQuotes(t *testing.T, name string, data any, sources []toolkit.Source) {
	t.Helper()
	if len(sources) == 0 {
		t.Errorf("%s: no sources", name)
	}
	switch x := data.(type) {
	case []any:
		for _, v := range x {
			checkQuotes(t, name, v, sources)
		}
	case map[string]any:
		source, _ := x["source"].(string)
		if quote, ok := x["quote"].(string); ok && source != "" && !quoted(sources, source, quote) {
			t.Errorf("%s: %q is not in the source %s", name, quote, source)
		}
		for _, v := range x {
			checkQuotes(t, name, v, sources)
		}
	}
}

func quoted(sources []toolkit.Source, source, quote string) bool {
	return slices.ContainsFunc(sources, func(s toolkit.Source) bool {
		return s.Source == source && (slices.ContainsFunc(s.Fields, func(f toolkit.Field) bool { return f.Name+"="+f.Value == quote }) ||
			slices.ContainsFunc(s.Lines, func(l toolkit.Line) bool { return strings.Contains(l.Text, quote) }))
	})
}

func checkFailure(t *testing.T, name string, r called, codes ...string) toolkit.ErrorBody {
	t.Helper()
	var f struct {
		Error toolkit.ErrorBody `json:"error"`
	}
	if err := json.Unmarshal(r.StructuredContent, &f); err != nil || !r.IsError || !slices.Contains(codes, f.Error.Code) {
		t.Errorf("%s: want one of %v: %v %.500s", name, codes, err, r.StructuredContent)
		return f.Error
	}
	if f.Error.Message == "" || f.Error.Hint == "" || f.Error.CorrelationID == "" {
		t.Errorf("%s: the error lacks something: %+v", name, f.Error)
	}
	if len(r.Content) != 1 || !strings.Contains(r.Content[0].Text, f.Error.Message) {
		t.Errorf("%s: the text does not tell the error: %v", name, r.Content)
	}
	for _, inner := range []string{"dial tcp", "connection refused", "goroutine", plantPassword} {
		if strings.Contains(string(r.StructuredContent)+r.Content[0].Text, inner) {
			t.Errorf("%s: shows inner text: %s", name, r.StructuredContent)
		}
	}
	return f.Error
}
