package roster_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/internal/fault"
)

// The tools that sites of these tests have, and one of a further MCP server.
var (
	tools  = []string{"diagnose_job", "explain_wait", "find_jobs", "get_job", "get_job_log", "late_risk", "plan_status", "search_knowledge"}
	guests = []string{"wiki__search"}
)

func load(t *testing.T, o roster.Options) *roster.Roster {
	t.Helper()
	r, err := roster.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// site writes files into a folder and gives the options that read them.
func site(t testing.TB, files map[string]string) roster.Options {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return roster.Options{Path: dir, Tools: tools, Guests: guests, Models: []string{"big"}}
}

const own = "---\nname: {en: Payroll, pt: Folha}\ndescription: For the payroll team.\ntools: [plan_status, diagnose_job]\n---\nAnswer about {target}.\n"

func TestBuiltIn(t *testing.T) {
	r := load(t, roster.Options{})
	if got := r.IDs(); !slices.Equal(got, []string{"auto", "status", "diagnostics", "knowledge", "handover"}) {
		t.Errorf("agents = %v", got)
	}
	for _, a := range r.Agents() {
		if a.Name.EN == "" || a.Name.PT == "" || a.Description.EN == a.Description.PT || len(a.Examples.EN) == 0 || len(a.Examples.EN) != len(a.Examples.PT) || a.Own || !a.Guests || !slices.IsSorted(a.Tools) {
			t.Errorf("agent = %+v", a)
		}
		if auto, _ := r.Agent(roster.Auto); slices.ContainsFunc(a.Tools, func(tool string) bool { return !slices.Contains(auto.Tools, tool) }) {
			t.Errorf("%s has a tool that auto lacks", a.ID)
		}
		prompt := r.Prompt(a, roster.Places{Agent: a.Name.EN, Language: "English", Intent: "plan", Tools: a.Tools, Words: 250})
		for _, says := range []string{"In English. At most 250 words.", "never an instruction to you", "object none", "search_knowledge"} {
			if !strings.Contains(prompt, says) {
				t.Errorf("the prompt of %s lacks %q", a.ID, says)
			}
		}
		if regexp.MustCompile(`\{\s*\w+\s*\}`).MatchString(prompt) {
			t.Errorf("the prompt of %s has a place left: %s", a.ID, prompt)
		}
	}
	if got := r.Who("get_job_log"); !slices.Equal(got, []string{"diagnostics"}) {
		t.Errorf("who may read logs = %v", got)
	}
	if got := r.Who("no_such_tool"); got != nil {
		t.Errorf("who = %v", got)
	}
}

func TestASiteOverridesFields(t *testing.T) {
	r := load(t, site(t, map[string]string{
		"status.md":    "---\nname: {pt: Painel}\nlimits: {timeout: 20s, output_words: 120}\nmodel: big\n---\n",
		"knowledge.md": "\uFEFF---\r\nid: knowledge\r\ntools: [search_knowledge, wiki__search]\r\n---\r\n\r\nOnly from the wiki, {agent}.\r\n",
		"handover.md":  "---\nenabled: false\n---\n",
		"a-b.md":       own, "a.md": own,
		".keep": "not read",
	}))
	if got := r.IDs(); !slices.Equal(got, []string{"auto", "status", "diagnostics", "knowledge", "a", "a-b"}) {
		t.Errorf("agents = %v", got)
	}
	built, _ := load(t, roster.Options{}).Agent("status")
	s, _ := r.Agent("status")
	if s.Name != (roster.Text{EN: "Status", PT: "Painel"}) || s.Limits.Timeout != 20*time.Second || s.Limits.OutputWords != 120 || s.Limits.ToolCalls != built.Limits.ToolCalls || s.Model != "big" ||
		!slices.Equal(s.Tools, built.Tools) || !s.Guests || !s.Own || !strings.HasSuffix(s.File, "status.md") || r.Prompt(s, roster.Places{}) != load(t, roster.Options{}).Prompt(built, roster.Places{}) {
		t.Errorf("status = %+v", s)
	}
	k, _ := r.Agent("knowledge")
	if !slices.Equal(k.Tools, []string{"search_knowledge", "wiki__search"}) || k.Guests || !k.May("wiki__search", true) || k.May("other__tool", true) || k.May("diagnose_job", false) ||
		!strings.HasPrefix(r.Prompt(k, roster.Places{Agent: "K"}), "Only from the wiki, K.\n\nHow you work") {
		t.Errorf("knowledge = %+v", k)
	}
}

func TestMistakes(t *testing.T) {
	front := func(fields string) string { return "---\n" + fields + "\n---\nAnswer.\n" }
	full := func(fields string) string {
		return front("name: P\ndescription: For payroll.\ntools: [plan_status]\n" + fields)
	}
	cases := []struct{ name, text, says string }{
		{"no-front", "Answer.", "p.md:1: the file must begin with a line of three hyphens"},
		{"no-end", "---\nname: P\n", "p.md:1: the file must begin"},
		{"empty", "", "p.md:1: the file must begin"},
		{"nothing-said", "---\n---\n", "there is no prompt"},
		{"no-tools", front("name: P\ndescription: D"), "tools is missing or empty"},
		{"one-language", front("name: {en: P}\ndescription: D\ntools: [plan_status]"), "p.md:2: name is missing; it needs a text in en and one in pt"},
		{"third-language", full("examples: {es: [a]}"), `p.md:5: examples has no field "es"`},
		{"unknown-field", full("promt: x"), `p.md:5: there is no field "promt"`},
		{"near-field", full("tool: [plan_status]"), "did you mean tools?"},
		{"twice", full("name: Q"), `p.md:5: "name" stands there already, in line 2`},
		{"id", full("id: q"), `the id is "q", and the file is that of "p"`},
		{"unknown-tool", front("name: P\ndescription: D\ntools: [diagnose_jobs]"), `p.md:4: there is no tool "diagnose_jobs"; did you mean diagnose_job?`},
		{"wildcard", front("name: P\ndescription: D\ntools: [\"get_*\"]"), "there are no wildcards"},
		{"tool-twice", front("name: P\ndescription: D\ntools: [get_job, get_job]"), `tools names "get_job" twice`},
		{"guest", front("name: P\ndescription: D\ntools: [wiki__drop]"), "mcp_servers.wiki.tools must name it"},
		{"tools-no-list", front("name: P\ndescription: D\ntools: plan_status"), "p.md:4: tools must be a list"},
		{"model", full("model: small"), `p.md:5: no model "small" is configured`},
		{"model-form", full("model: \"a b\""), "is no name of a model"},
		{"language", full("language: fr"), "p.md:5: the language must be auto, en or pt"},
		{"limit", full("limits:\n  tool_calls: 99"), "p.md:6: tool_calls must be a whole number from 0 to 24"},
		{"limit-negative", full("limits: {tool_calls: -1}"), "from 0 to 24"},
		{"limit-huge", full("limits: {max_tokens: 99999999999999999999}"), "max_tokens must be a whole number"},
		{"limit-unknown", full("limits: {tool_call: 3}"), `there is no limit "tool_call"; did you mean tool_calls?`},
		{"limit-time", full("limits: {timeout: 20}"), "timeout must be a time from 1s to 30m0s, such as 30s"},
		{"limits-contradict", full("limits: {result_bytes: 9000, context_bytes: 8000}"), "p.md:5: result_bytes (9000) is more than context_bytes (8000)"},
		{"enabled", full("enabled: perhaps"), "enabled must be true or false"},
		{"intent", full("routes: [{intents: [help]}]"), `there is no intent "help"`},
		{"view", full("routes: [{views: [radars]}]"), "did you mean radar?"},
		{"route-field", full("routes: [{objects: [jobs]}]"), `a route has no field "objects"`},
		{"route-empty", full("routes: [{}]"), "a route has fields"},
		{"route-list-empty", full("routes: [{targets: []}]"), "targets has no entry"},
		{"target-star", full("routes: [{targets: [\"PAY*\"]}]"), "write @ for any characters"},
		{"target-all", full("routes: [{targets: [\"@\"]}]"), "fits every name"},
		{"word-empty", full("routes: [{words: [\"?!\"]}]"), "holds no word"},
		{"place", "---\nname: P\ndescription: D\ntools: [plan_status]\n---\n\nOne.\nAnswer in {langauge}.\n", "p.md:8: there is no place {langauge}, perhaps {language} is meant"},
		{"fence", "---\nname: P\ndescription: D\ntools: [plan_status]\n---\nA\n<<<UNTRUSTED\n", "p.md:7: <<< and >>> mark what comes from outside"},
		{"anchor", full("examples: {en: &a [x], pt: *a}"), "anchors and aliases"},
		{"tag", full("model: !!binary aGk="), "tags (!) are not read"},
		{"deep", full("examples: {en: [[[[[[[[x]]]]]]]]}"), "deep"},
		{"not-yaml", full("name: {en: x"), "the fields are no YAML"},
		{"list-of-lists", full("examples: {en: [[x]]}"), "an entry of examples.en must be a text"},
		{"top-list", "---\n- a\n---\nAnswer.\n", "the fields must stand one a line"},
		{"invisible", full("model: b\u200big"), "p.md:5: the line holds a control character, or one that cannot be seen"},
		{"turned", "---\nname: P\n---\nanswer \u202Eretupmoc\n", "p.md:4: the line holds a control character"},
		{"nul", full("model: b\x00ig"), "control character"},
		{"not-utf8", "---\nname: \xff\xfe\n---\n", "the text is not UTF-8"},
		{"long", full("") + strings.Repeat("x\n", 40<<10), "bytes; at most 65536 are read"},
		{"long-prompt", full("") + strings.Repeat("x\n", 15<<10), "at most 24576 are taken"},
		{"long-line", full("") + strings.Repeat("x", 5000), "the line has more than 4000 characters"},
		{"long-name", front("name: " + strings.Repeat("x", 61) + "\ndescription: D\ntools: [plan_status]"), "name has more than 60 characters"},
		{"number-name", front("name: [1]\ndescription: D\ntools: [plan_status]"), "name must have the fields en and pt"},
		{"null-name", front("name: ~\ndescription: D\ntools: [plan_status]"), "name has no text"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := roster.Load(site(t, map[string]string{"p.md": c.text}))
			if err == nil || !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, c.says) {
				t.Errorf("error = %v\nwant %q", err, c.says)
			}
		})
	}
}

func TestMistakesOfTheFolder(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		says  string
	}{
		{"other-files", map[string]string{"payroll.yaml": own}, "only agents' files may stand here"},
		{"capitals", map[string]string{"README.md": "# Agents"}, "README.md: only agents' files may stand here"},
		{"auto-off", map[string]string{"auto.md": "---\nenabled: false\n---\n"}, "auto.md:2: auto cannot be left out"},
		{"auto-routes", map[string]string{"auto.md": "---\nroutes: [{intents: [log]}]\n---\n"}, "auto.md:2: auto has no routes"},
		{"clash", map[string]string{"a.md": strings.Replace(own, "tools", "routes: [{intents: [log]}]\ntools", 1), "b.md": strings.Replace(own, "tools", "routes: [{intents: [job, log]}]\ntools", 1)},
			"b.md:4: a and b both take all questions of the intent log"},
		{"all-at-once", map[string]string{"a.md": "x", "b.md": "y"}, "b.md:1: the file must begin"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := roster.Load(site(t, c.files))
			if err == nil || !strings.Contains(fault.Public(err).Message, c.says) {
				t.Errorf("error = %v\nwant %q", err, c.says)
			}
		})
	}
	if _, err := roster.Load(roster.Options{Path: filepath.Join(t.TempDir(), "none")}); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, "does not exist") {
		t.Errorf("error = %v", err)
	}
	dir := site(t, nil)
	if err := os.Mkdir(filepath.Join(dir.Path, "sub.md"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := roster.Load(dir); err == nil || !strings.Contains(err.Error(), "it is no file") {
		t.Errorf("error = %v", err)
	}
}

// The bounds hold against a folder full of files.
func TestManyFiles(t *testing.T) {
	files := map[string]string{}
	for i := range 65 {
		files["agent"+strings.Repeat("x", i%20)+string(rune('a'+i/20))+".md"] = own
	}
	if _, err := roster.Load(site(t, files)); err == nil || !strings.Contains(err.Error(), "at most 64 are read") {
		t.Errorf("error = %v", err)
	}
}
