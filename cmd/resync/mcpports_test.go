package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// demoMCP is the MCP server over the demo engine, over HTTP.
type demoMCP struct {
	t    *testing.T
	url  string
	site *site
}

func newDemoMCP(t *testing.T) demoMCP {
	t.Helper()
	p := &program{environ: []string{"APP_DATA_DIR=" + t.TempDir()}, dir: t.TempDir(), out: io.Discard, err: io.Discard, clock: time.Now}
	s, err := p.quietly(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	srv := httptest.NewServer(localCaller(s.mcp.Handler(mcpserver.HTTPOptions{})))
	t.Cleanup(srv.Close)
	return demoMCP{t, srv.URL, s}
}

// ask sends one request of the revision before sessions went away and decodes its result.
func (d demoMCP) ask(method string, params any, result any) (failure string) {
	d.t.Helper()
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	if err != nil {
		d.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.url, strings.NewReader(string(body)))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("MCP-Protocol-Version", "2025-11-25")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Result json.RawMessage
		Error  *struct {
			Code    int
			Message string
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		d.t.Fatal(err)
	}
	if answer.Error != nil {
		return strconv.Itoa(answer.Error.Code) + " " + answer.Error.Message
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		d.t.Fatalf("%s: %v", method, err)
	}
	return ""
}

type mcpContents struct {
	Contents []struct{ URI, MIMEType, Text string }
}

type mcpValues struct {
	Completion struct {
		Values []string
		Total  int
	}
}

// inputs are the arguments of a tool, as models see them.
type inputs struct {
	Properties map[string]struct {
		Type string
		Enum []string
	}
	Required []string
}

var (
	namedCall = regexp.MustCompile("`([a-z_]+)\\(([^`]*)\\)`")
	namedPair = regexp.MustCompile(`^([a-z_]+)=(.+)$`)
)

// TestPromptsNameRealTools: a model that follows a prompt must not run into an argument that is not there.
func TestPromptsNameRealTools(t *testing.T) {
	d := newDemoMCP(t)
	var tools struct {
		Tools []struct {
			Name        string
			InputSchema inputs
		}
	}
	d.ask("tools/list", map[string]any{}, &tools)
	known := map[string]inputs{}
	for _, tool := range tools.Tools {
		known[tool.Name] = tool.InputSchema
	}
	var prompts struct {
		Prompts []struct {
			Name      string
			Arguments []struct {
				Name     string
				Required bool
			}
		}
	}
	d.ask("prompts/list", map[string]any{}, &prompts)
	if len(prompts.Prompts) != 5 || len(known) != 16 {
		t.Fatalf("%d prompts, %d tools", len(prompts.Prompts), len(known))
	}
	checked := 0
	for _, p := range prompts.Prompts {
		for _, variant := range []string{"en", "pt", "en whole", "pt whole"} {
			args := map[string]string{"language": variant[:2]}
			for _, a := range p.Arguments {
				if a.Name == "engine" {
					t.Errorf("%s asks which engine where there is one", p.Name)
				}
				switch {
				case a.Name == "language":
				case a.Name == "hours":
					args[a.Name] = "4"
				case a.Required || strings.HasSuffix(variant, "whole"):
					args[a.Name] = "CLM_RESERVE"
				}
			}
			var got struct {
				Messages []struct{ Content struct{ Text string } }
			}
			if failure := d.ask("prompts/get", map[string]any{"name": p.Name, "arguments": args}, &got); failure != "" {
				t.Fatalf("%s: %s", p.Name, failure)
			}
			for _, call := range namedCall.FindAllStringSubmatch(got.Messages[0].Content.Text, -1) {
				checked++
				holdCall(t, p.Name+" in "+variant, known, call[1], call[2])
			}
		}
	}
	if checked < 80 {
		t.Errorf("only %d calls were looked at", checked)
	}
}

// holdCall holds a call as a prompt writes it against the tool's schema.
func holdCall(t *testing.T, where string, known map[string]inputs, tool, args string) {
	t.Helper()
	schema, ok := known[tool]
	if !ok {
		t.Errorf("%s names %s, which is no tool", where, tool)
		return
	}
	var given []string
	for pair := range strings.SplitSeq(args, ", ") {
		if pair == "" {
			continue
		}
		m := namedPair.FindStringSubmatch(pair)
		if m == nil {
			t.Errorf("%s: %s(%s) is not written as arguments", where, tool, args)
			continue
		}
		given = append(given, m[1])
		member, ok := schema.Properties[m[1]]
		if !ok {
			t.Errorf("%s: %s has no argument %s", where, tool, m[1])
		}
		if text, err := strconv.Unquote(m[2]); err == nil && len(member.Enum) > 0 && !slices.Contains(member.Enum, text) {
			t.Errorf("%s: %s of %s is one of %q, not %q", where, m[1], tool, member.Enum, text)
		}
		if _, err := strconv.Atoi(m[2]); err == nil && member.Type != "integer" {
			t.Errorf("%s: %s of %s is a %s", where, m[1], tool, member.Type)
		}
		if (m[2] == "true" || m[2] == "false") && member.Type != "boolean" {
			t.Errorf("%s: %s of %s is a %s", where, m[1], tool, member.Type)
		}
	}
	for _, name := range schema.Required {
		if !slices.Contains(given, name) {
			t.Errorf("%s: %s is called without %s", where, tool, name)
		}
	}
}

// TestResourcesOfTheDemo: whatever is listed or completed can be read.
func TestResourcesOfTheDemo(t *testing.T) {
	d := newDemoMCP(t)
	var list struct {
		Resources []struct{ URI, Name, MIMEType string }
	}
	d.ask("resources/list", map[string]any{}, &list)
	if len(list.Resources) < 20 || list.Resources[0].URI != "tws://default/plan" {
		t.Fatalf("%+v", list)
	}
	read := func(uri string) mcpContents {
		t.Helper()
		var c mcpContents
		if failure := d.ask("resources/read", map[string]string{"uri": uri}, &c); failure != "" {
			t.Errorf("%s: %s", uri, failure)
			return c
		}
		var envelope toolkit.Envelope
		if len(c.Contents) != 2 || strings.TrimSpace(c.Contents[0].Text) == "" || json.Unmarshal([]byte(c.Contents[1].Text), &envelope) != nil || len(envelope.Sources) == 0 {
			t.Errorf("%s: %+v", uri, c)
		}
		return c
	}
	for _, r := range list.Resources {
		if c := read(r.URI); len(c.Contents) > 0 && c.Contents[0].MIMEType != r.MIMEType {
			t.Errorf("%s is listed as %s and is %s", r.URI, r.MIMEType, c.Contents[0].MIMEType)
		}
	}
	complete := func(template, argument, typed string, given map[string]string) []string {
		t.Helper()
		var v mcpValues
		if failure := d.ask("completion/complete", map[string]any{"ref": map[string]string{"type": "ref/resource", "uri": template}, "argument": map[string]string{"name": argument, "value": typed}, "context": map[string]any{"arguments": given}}, &v); failure != "" {
			t.Errorf("%s: %s", template, failure)
		}
		if len(v.Completion.Values) == 0 {
			t.Errorf("nothing completes %q of %s", typed, template)
		}
		return v.Completion.Values
	}
	at := map[string]string{"engine": "default"}
	for _, key := range complete("tws://{engine}/job/{key}", "key", "clm_res", at)[:1] {
		uri := "tws://default/job/" + url.PathEscape(key)
		if c := read(uri); !strings.Contains(c.Contents[0].Text, "CLM_RESERVE") {
			t.Errorf("%s gives %s", uri, c.Contents[0].Text)
		}
		read(uri + "/log")
	}
	for _, name := range complete("tws://{engine}/workstation/{name}", "name", "", at) {
		read("tws://default/workstation/" + url.PathEscape(name))
	}
	document := complete("knowledge://{document}{#section}", "document", "conta-do-banco", nil)[0]
	for _, section := range complete("knowledge://{document}{#section}", "section", "", map[string]string{"document": document}) {
		c := read("knowledge://" + url.PathEscape(document) + "#" + url.PathEscape(section))
		if len(c.Contents) > 0 && !strings.HasPrefix(c.Contents[0].Text, "#") && section != "section" {
			t.Errorf("%s#%s begins with %.80s", document, section, c.Contents[0].Text)
		}
	}
}

var taughtTool = regexp.MustCompile(`[a-z]+(?:_[a-z]+)+|\bradar\b`)

// TestInstructionsOfTheProduct: the model is taught all sixteen tools and nothing that is not there, in few words.
func TestInstructionsOfTheProduct(t *testing.T) {
	d := newDemoMCP(t)
	var hello struct{ Instructions string }
	d.ask("initialize", map[string]any{"protocolVersion": "2025-11-25", "capabilities": map[string]any{}, "clientInfo": map[string]string{"name": "t", "version": "1"}}, &hello)
	named := taughtTool.FindAllString(hello.Instructions, -1)
	var tools []string
	for _, tool := range d.site.set.Tools() {
		tools = append(tools, tool.Info().Name)
	}
	for _, name := range named {
		if !slices.Contains(tools, name) && name != "not_found" && name != "next_cursor" {
			t.Errorf("there is no tool %s", name)
		}
	}
	for _, name := range tools {
		if !slices.Contains(named, name) && name != "find_job_streams" {
			t.Errorf("nothing is taught of %s", name)
		}
	}
	if len(hello.Instructions) > 1800 {
		t.Errorf("%d bytes", len(hello.Instructions))
	}
}
