package knowledge_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/knowledge"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// catalogue stands for the message catalogue that cmd hands over.
type catalogue struct{ language string }

func (c *catalogue) Decode(text, language string) []knowledge.Decoded {
	c.language = language
	if !strings.Contains(text, "AWSBDW009E") {
		return nil
	}
	return []knowledge.Decoded{{ID: "AWSBDW009E", Component: "jobman", Severity: "error", Meaning: "No such user.", Action: "Create it."}}
}

func tool(t testing.TB, base *knowledge.Base, m knowledge.Messages) toolkit.Tool {
	t.Helper()
	tools, err := knowledge.Tools(base, m)
	if err != nil {
		t.Fatal(err)
	}
	if len(tools) != 1 || tools[0].Info().Name != "search_knowledge" {
		t.Fatalf("tools %+v", tools)
	}
	return tools[0]
}

func call(t *testing.T, tl toolkit.Tool, args string) (toolkit.Result, knowledge.SearchOut) {
	t.Helper()
	r := tl.Call(t.Context(), json.RawMessage(args))
	var out knowledge.SearchOut
	if r.Envelope != nil {
		if err := json.Unmarshal(r.Envelope.Data, &out); err != nil {
			t.Fatal(err)
		}
	}
	return r, out
}

func TestToolAnswers(t *testing.T) {
	m := &catalogue{}
	tl := tool(t, open(t, knowledge.Options{}), m)
	r, out := call(t, tl, `{"query":"AWSBDW009E job não subiu, o que fazer","limit":3}`)
	if r.Error != nil {
		t.Fatalf("error %+v", r.Error)
	}
	if len(out.Results) != 3 || out.Results[0].Document != "runbooks/job-que-nao-foi-lancado.md" || out.Band != "strong" {
		t.Errorf("results %+v", out)
	}
	if m.language != "pt" || len(out.Messages) != 1 || out.Messages[0].ID != "AWSBDW009E" {
		t.Errorf("messages %+v in %q", out.Messages, m.language)
	}
	// One source per passage, and each quote stands in the lines of its source.
	if len(r.Envelope.Sources) != len(out.Results) {
		t.Fatalf("%d sources for %d results", len(r.Envelope.Sources), len(out.Results))
	}
	for i, p := range out.Results {
		src := r.Envelope.Sources[i]
		if want := "knowledge:" + p.Document + "#" + p.Section; src.Source != want {
			t.Errorf("source %s, want %s", src.Source, want)
		}
		var lines []string
		for _, l := range src.Lines {
			if l.N < p.StartLine || l.N > p.EndLine {
				t.Errorf("line %d lies outside of %d-%d", l.N, p.StartLine, p.EndLine)
			}
			lines = append(lines, l.Text)
		}
		if got := strings.Join(strings.Fields(strings.Join(lines, " ")), " "); got != p.Quote {
			t.Errorf("the lines give %q, the quote is %q", got, p.Quote)
		}
	}
	for _, want := range []string{"AWSBDW009E", "knowledge:runbooks/job-que-nao-foi-lancado.md#", "band strong"} {
		if !strings.Contains(r.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, r.Text)
		}
	}
}

func TestToolRefuses(t *testing.T) {
	tl := tool(t, open(t, knowledge.Options{}), nil)
	for name, args := range map[string]string{
		"no-query": `{}`, "empty-query": `{"query":""}`, "blank-query": `{"query":"   "}`, "limit": `{"query":"x","limit":99}`, "language": `{"query":"x","language":"fr"}`,
		"unknown-argument": `{"query":"x","top":3}`,
	} {
		r, _ := call(t, tl, args)
		if r.Error == nil || r.Error.Code != "invalid" || r.Error.Message == "" {
			t.Errorf("%s: %+v, want invalid", name, r.Error)
		}
	}
	r, out := call(t, tl, `{"query":"how do I bake bread"}`)
	if r.Error != nil || out.Band != "weak" || out.Messages == nil {
		t.Errorf("a foreign question gives %+v, %+v", r.Error, out)
	}
	if _, err := knowledge.Tools(nil, nil); err == nil {
		t.Error("Tools takes no base")
	}
}

// What a document holds leaves the tool masked and without anything that cannot be seen.
func TestToolCleans(t *testing.T) {
	base := open(t, knowledge.Options{FS: fstest.MapFS{"a.md": {Data: []byte("# Otter \x1b[31mred\u202e\n\nThe otter has password=hunter2 and a \x1b[1mbold\x1b[0m\u200b tail.\n")}}})
	r, out := call(t, tool(t, base, nil), `{"query":"otter tail"}`)
	all, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"hunter2", "\x1b", `\u001b`, "\u202e", "\u200b"} {
		if strings.Contains(string(all), bad) {
			t.Errorf("%q left the tool: %s", bad, all)
		}
	}
	if len(out.Results) != 1 || !strings.Contains(out.Results[0].Quote, "bold tail") {
		t.Errorf("results %+v", out.Results)
	}
}

// The tool's schema is a file under review; run with -update to rewrite it.
func TestToolSchema(t *testing.T) {
	info := tool(t, open(t, knowledge.Options{}), nil).Info()
	raw, err := json.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	const file = "testdata/schema/search_knowledge.json"
	if *update {
		if err := os.MkdirAll("testdata/schema", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the schema differs from %s:\n%s", file, got.Bytes())
	}
	if n := len(info.Name) + len(info.Description) + len(info.InputSchema); n > 2000 {
		t.Errorf("name, description and input schema have %d bytes, want at most 2000", n)
	}
}
