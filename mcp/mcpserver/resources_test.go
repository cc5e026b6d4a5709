package mcpserver_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func (r resource) at() string {
	if r.URITemplate != "" {
		return r.URITemplate
	}
	return r.URI
}

func addresses(list []resource) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.at())
	}
	return out
}

const (
	fileNote = "knowledge://runbooks%2Fn%C3%A3o%20chegou.md"
	oddNote  = "knowledge://a%23b.md"
	planP    = "tws://PROD/plan"
	planS    = "tws://S%C3%A3o%20Paulo/plan"
)

func TestResourceLists(t *testing.T) {
	url := shop(t, &plant{})
	for _, e := range eras {
		for _, tt := range []struct {
			name, scopes string
			resources    []string
			templates    []string
		}{
			{"everything", "", []string{planP, planS, oddNote, fileNote}, []string{"document", "job", "job log", "plan", "workstation"}},
			{"the plan of one engine", "?scope=mcp:plan&scope=engine:PROD", []string{planP}, []string{"job", "job log", "plan", "workstation"}},
			{"knowledge alone", "?scope=mcp:knowledge", []string{oddNote, fileNote}, []string{"document"}},
			{"another toolset", "?scope=mcp:history", nil, nil},
		} {
			t.Run(e.name+" "+tt.name, func(t *testing.T) {
				list := e.request(t, url+tt.scopes, 1, "resources/list", "", `{}`)
				if got := addresses(list.rpc.Result.Resources); !slices.Equal(got, tt.resources) || !strings.Contains(list.body, `"resources":[`) {
					t.Errorf("resources %q, want %q: %s", got, tt.resources, list.body)
				}
				for _, r := range append(list.rpc.Result.Resources, e.request(t, url+tt.scopes, 2, "resources/templates/list", "", `{}`).rpc.Result.ResourceTemplates...) {
					if r.Name == "" || r.Title == "" || r.MIMEType == "" || r.Annotations.Priority == 0 || len(r.Annotations.Audience) != 2 || r.Description == "" && r.URI != oddNote {
						t.Errorf("%s is told too little about: %+v", r.at(), r)
					}
				}
				var names []string
				for _, r := range e.request(t, url+tt.scopes, 3, "resources/templates/list", "", `{}`).rpc.Result.ResourceTemplates {
					names = append(names, r.Name)
				}
				slices.Sort(names)
				if !slices.Equal(names, tt.templates) {
					t.Errorf("templates %q, want %q", names, tt.templates)
				}
			})
		}
	}
	hello := legacyRequest(t, url, 4, "initialize", "", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}`)
	offered, _ := hello.rpc.Result.Capabilities["resources"].(map[string]any)
	if offered == nil || offered["subscribe"] == true || offered["listChanged"] == true || hello.rpc.Result.Capabilities["prompts"] == nil || hello.rpc.Result.Capabilities["completions"] == nil {
		t.Errorf("capabilities %v", hello.rpc.Result.Capabilities)
	}
}

// Pitfall 21 does not hold here: a last page that is exactly full has no cursor. A cursor outlives a restart and what was before it.
func TestResourcePages(t *testing.T) {
	p := &plant{many: 96} // with the two documents and two plans 100, two full pages
	first, again := shop(t, p), shop(t, p)
	for _, e := range eras {
		one := e.request(t, first, 1, "resources/list", "", `{}`).rpc.Result
		two := e.request(t, again, 2, "resources/list", "", `{"cursor":"`+one.NextCursor+`"}`).rpc.Result
		all := append(addresses(one.Resources), addresses(two.Resources)...)
		distinct := slices.Compact(slices.Sorted(slices.Values(all)))
		if len(one.Resources) != 50 || one.NextCursor == "" || len(two.Resources) != 50 || two.NextCursor != "" || len(distinct) != 100 || all[0] != planP {
			t.Errorf("%s: pages of %d and %d, cursors %q and %q, %d distinct", e.name, len(one.Resources), len(two.Resources), one.NextCursor, two.NextCursor, len(distinct))
		}
	}
	for _, cursor := range []string{"tws://NOPE/plan", "knowledge://zzz", "\xff\x00", ""} {
		a := legacyRequest(t, first, 3, "resources/list", "", `{"cursor":"`+base64.StdEncoding.EncodeToString([]byte(cursor))+`"}`)
		if a.rpc.Error != nil || len(a.rpc.Result.Resources) == 0 && cursor != "knowledge://zzz" {
			t.Errorf("cursor %q: %s", cursor, a.body)
		}
	}
	if a := legacyRequest(t, first, 4, "resources/list", "", `{"cursor":"%%"}`); a.rpc.Error == nil || a.rpc.Error.Code != -32602 {
		t.Errorf("a cursor of nobody's: %s", a.body)
	}
}

func TestReading(t *testing.T) {
	p := &plant{}
	url := shop(t, p)
	for _, e := range eras {
		for _, tt := range []struct{ uri, asked, text, mime string }{
			{planP, `plan_status at PROD job="" name=""`, "plan_status at PROD of ", "text/plain"},
			{planS, `plan_status at São Paulo job="" name=""`, "plan_status at São Paulo of ", "text/plain"},
			{"tws://PROD/job/LX1%23PAY.LOAD", `get_job at PROD job="LX1#PAY.LOAD" name=""`, "get_job at PROD of LX1#PAY.LOAD", "text/plain"},
			{"tws://PROD/job/%23J881204", `get_job at PROD job="#J881204" name=""`, "get_job at PROD of #J881204", "text/plain"},
			{"tws://PROD/job/%2FPROD%2FLX1%23%2FNIGHT%2FPAY%5B%280200%2003%2F17%2F26%29%5D.CA%C3%87AMBA%40X/log", `get_job_log at PROD job="/PROD/LX1#/NIGHT/PAY[(0200 03/17/26)].CAÇAMBA@X" name=""`, "get_job_log at PROD of /PROD/LX1#/NIGHT/PAY[(0200 03/17/26)].CAÇAMBA@X", "text/plain"},
			{"tws://PROD/workstation/LX1", `list_workstations at PROD job="" name="LX1"`, "list_workstations at PROD of LX1", "text/plain"},
			// what people and models write
			{"tws://PROD/job/LX1#PAY.LOAD", `get_job at PROD job="LX1#PAY.LOAD" name=""`, "get_job at PROD of LX1#PAY.LOAD", "text/plain"},
			{"TWS://PROD/job//PROD/LX1#/NIGHT/PAY.LOAD/log", `get_job_log at PROD job="/PROD/LX1#/NIGHT/PAY.LOAD" name=""`, "get_job_log at PROD of /PROD/LX1#/NIGHT/PAY.LOAD", "text/plain"},
			{fileNote, "", "# runbooks/não chegou.md|", "text/markdown"},
			{fileNote + "#a%C3%A7%C3%A3o", "", "# runbooks/não chegou.md|ação", "text/markdown"},
			{oddNote + "#x", "", "# a#b.md|x", "text/markdown"},
			{"knowledge:a%23b.md#x", "", "# a#b.md|x", "text/markdown"},
		} {
			a := e.request(t, url, 1, "resources/read", tt.uri, `{"uri":"`+tt.uri+`"}`)
			c := a.rpc.Result.Contents
			if len(c) != 2 || !strings.HasSuffix(c[0].Text, tt.text) || c[0].MIMEType != tt.mime || c[0].URI != tt.uri || c[1].MIMEType != "application/json" || !json.Valid([]byte(c[1].Text)) {
				t.Errorf("%s: %s: %s", e.name, tt.uri, a.body)
			}
			if got := strings.Join(p.took(), ";"); got != tt.asked {
				t.Errorf("%s: %s asked %s, want %s", e.name, tt.uri, got, tt.asked)
			}
		}
	}
}

// What names nothing, and what the caller may not read, has the code of the revision; nothing of the inside is shown.
func TestReadingNothing(t *testing.T) {
	p := &plant{}
	url := shop(t, p)
	long := "tws://PROD/job/LX1%23" + strings.Repeat("A", 3000)
	for _, e := range eras {
		missing := map[string]int{"2025-11-25": -32002, "2026-07-28": -32602}[e.name]
		for _, tt := range []struct {
			uri, scopes string
			code        int
			says        string
		}{
			{"tws://PROD/job/LX1%23S.NOPE", "", missing, "not_found: There is no job NOPE. Candidates: LX1#S.HOPE"},
			{"tws://PROD/workstation/LX9", "", missing, "There is no workstation LX9."},
			{"tws://PROD/workstation/LX%40", "", missing, "no workstation's name"},
			{"tws://NOPE/plan", "", missing, "There is no engine"},
			{"tws://PROD/job/salary%20payments", "", missing, "no job's key"},
			{"tws://PROD/job/PAY_LOAD", "", missing, "no job's key"},
			{"tws://PROD/job/", "", missing, "There is no such resource"},
			{"tws://PROD/jobs", "", missing, "There is no such resource"},
			{"tws://PROD/job/%zz", "", missing, "There is no such resource"},
			{"tws:///plan", "", missing, "There is no such resource"},
			{"file:///etc/passwd", "", missing, "There is no such resource"},
			{"knowledge://", "", missing, "There is no such resource"},
			{"knowledge://..%2F..%2Fetc%2Fpasswd", "", missing, "There is no document"},
			{long, "", missing, "There is no such resource"},
			{planS, "?scope=mcp&scope=engine:PROD", missing, `There is no engine \"São Paulo\". Candidates: PROD`},
			{"tws://PROD/job/LX1%23S.AWAY", "", -32603, "upstream_unavailable: The engine does not answer."},
			{"tws://PROD/job/LX1%23S.WORSE", "", -32603, "internal: Something went wrong inside Resync."},
			{"knowledge://panic.md", "", -32603, "internal: Something went wrong inside Resync."},
		} {
			a := e.request(t, url+tt.scopes, 1, "resources/read", tt.uri, `{"uri":"`+tt.uri+`"}`)
			noSecret(t, a.body)
			if a.rpc.Error == nil || a.rpc.Error.Code != tt.code || !strings.Contains(a.body, tt.says) || len(a.body) > 1500 {
				t.Errorf("%s: %s: %s", e.name, tt.uri, a.body)
			}
			if id := a.header.Get("X-Request-ID"); a.rpc.Error != nil && !strings.Contains(a.rpc.Error.Message, id) {
				t.Errorf("%s: %s does not name %s", tt.uri, a.rpc.Error.Message, id)
			}
			if strings.Contains(a.body, "handler") || strings.Contains(a.body, "resource not found") || strings.Contains(a.body, "\ue000") {
				t.Errorf("%s: %s: the refusal reads %s", e.name, tt.uri, a.body)
			}
		}
		for uri, scope := range map[string]string{planP: "mcp:knowledge", fileNote: "mcp:plan"} { // before the library: another token would do
			if a := e.request(t, url+"?scope="+scope, 1, "resources/read", uri, `{"uri":"`+uri+`"}`); a.status != 403 || !strings.Contains(a.header.Get("WWW-Authenticate"), "insufficient_scope") {
				t.Errorf("%s: %s with %s: %d %s", e.name, uri, scope, a.status, a.body)
			}
		}
		p.took()
		for uri, scope := range map[string]string{planP: "?scope=mcp:knowledge", fileNote: "?scope=mcp:plan"} {
			if a := e.request(t, url+scope, 2, "resources/read", uri, `{"uri":"`+uri+`"}`); a.status != 403 || a.header.Get("WWW-Authenticate") == "" || len(p.took()) != 0 {
				t.Errorf("%s of somebody who may not: %d %s", uri, a.status, a.body)
			}
		}
	}
}

// A client must not put words into the mouth of the server: what it sends in _meta is no outcome.
func TestReadingForged(t *testing.T) {
	p := &plant{}
	url := shop(t, p)
	a := legacyRequest(t, url, 1, "resources/read", planP, `{"uri":"`+planP+`","arguments":{"job":"X"},"_meta":{"resync/outcome":{"contents":[{"uri":"x","text":"forged"}]}}}`)
	if strings.Contains(a.body, "forged") || len(a.rpc.Result.Contents) != 2 || fmt.Sprint(p.took()) != `[plan_status at PROD job="" name=""]` {
		t.Errorf("%s", a.body)
	}
}

// What a client leaves out by its header is left out everywhere.
func TestSelectionReachesEverything(t *testing.T) {
	url := shop(t, &plant{})
	ask := func(method, params string) answer {
		return do(t, "POST", url, `{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":`+params+`}`, map[string]string{"X-MCP-Toolsets": "knowledge"})
	}
	if got := addresses(ask("resources/list", `{}`).rpc.Result.Resources); !slices.Equal(got, []string{oddNote, fileNote}) {
		t.Errorf("resources %q", got)
	}
	if got := promptNames(ask("prompts/list", `{}`)); len(got) != 0 {
		t.Errorf("prompts %q", got)
	}
	if a := ask("resources/read", `{"uri":"`+planP+`"}`); a.rpc.Error == nil || a.rpc.Error.Code != -32002 || !strings.Contains(a.body, "plan_status is not offered here: it belongs to the toolset plan") {
		t.Errorf("%s", a.body)
	}
	if a := ask("initialize", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}`); strings.Contains(a.body, "plan_status") || !strings.Contains(a.body, "search_knowledge") {
		t.Errorf("%s", a.body)
	}
}
