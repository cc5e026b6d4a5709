package mcpserver_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

type typing struct {
	ref, argument, value string
	given                map[string]string
}

func complete(t *testing.T, url string, e era, c typing) completion {
	t.Helper()
	ref := map[string]any{"type": "ref/prompt", "name": c.ref}
	if len(c.ref) > 4 && (c.ref[:4] == "tws:" || c.ref[:4] == "know") {
		ref = map[string]any{"type": "ref/resource", "uri": c.ref}
	}
	params, err := json.Marshal(map[string]any{"ref": ref, "argument": map[string]string{"name": c.argument, "value": c.value}, "context": map[string]any{"arguments": c.given}})
	if err != nil {
		t.Fatal(err)
	}
	a := e.request(t, url, 1, "completion/complete", "", string(params))
	noSecret(t, a.body)
	if a.rpc.Error != nil || a.rpc.Result.Completion.Values == nil {
		t.Errorf("%+v: %s", c, a.body)
	}
	return a.rpc.Result.Completion
}

func TestCompletion(t *testing.T) {
	p := &plant{}
	url := shop(t, p)
	const job, log, place, note = "tws://{engine}/job/{key}", "tws://{engine}/job/{key}/log", "tws://{engine}/workstation/{name}", "knowledge://{document}{#section}"
	in := func(pairs ...string) map[string]string {
		out := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = pairs[i+1]
		}
		return out
	}
	for _, e := range eras {
		for _, tt := range []struct {
			typing
			scopes string
			want   []string
			wanted string // what the plan was asked for
		}{
			{typing{"triage_abend", "job", "pa", nil}, "", []string{"LX1#S.PAY"}, `PROD|job|pa||`},
			{typing{"triage_abend", "job", "pa", in("engine", "São Paulo")}, "", []string{"LX1#S.PAY"}, `São Paulo|job|pa||`},
			{typing{"why_waiting", "target", "pa", nil}, "", []string{"LX1#S.PAY"}, `PROD||pa||`},
			{typing{"late_tonight", "stream", "pa", nil}, "", []string{"LX1#S.PAY"}, `PROD|job_stream|pa||`},
			{typing{job, "key", "pa", in("engine", "PROD", "stream", "S", "workstation", "LX1")}, "", []string{"LX1#S.PAY"}, `PROD|job|pa|S|LX1`},
			{typing{log, "key", "", in("engine", "PROD")}, "", []string{"LX1#S.PAY"}, `PROD|job|||`},
			{typing{place, "name", "l", in("engine", "PROD")}, "", []string{"LX1#S.PAY"}, `PROD|workstation|l||`},
			{typing{"triage_abend", "language", "", nil}, "", []string{"en", "pt"}, ""},
			{typing{"triage_abend", "language", "P", nil}, "", []string{"pt"}, ""},
			{typing{"triage_abend", "engine", "", nil}, "", []string{"PROD", "São Paulo"}, ""},
			{typing{job, "engine", "sao", nil}, "", []string{"São Paulo"}, ""},
			{typing{note, "document", "NAO", nil}, "", []string{"runbooks/não chegou.md"}, ""},
			{typing{note, "section", "", in("document", "runbooks/não chegou.md")}, "", []string{"o-que-fazer", "ação"}, ""},
			{typing{"knowledge://runbooks%2Fn%C3%A3o%20chegou.md", "section", "acao", nil}, "", []string{"ação"}, ""},
			{typing{note, "section", "", nil}, "", nil, ""},
			// nothing to tell, and no error
			{typing{"triage_abend", "job", "away", nil}, "", nil, `PROD|job|away||`},
			{typing{"triage_abend", "job", "panic", nil}, "", nil, `PROD|job|panic||`},
			{typing{"triage_abend", "hours", "1", nil}, "", nil, ""},
			{typing{"shift_handover", "hours", "1", nil}, "", nil, ""},
			{typing{"no_such_prompt", "job", "pa", nil}, "", nil, ""},
			{typing{"tws://{engine}/nope/{key}", "key", "pa", nil}, "", nil, ""},
			{typing{job, "key", "pa", in("engine", "NOPE")}, "", nil, ""},
			// scopes
			{typing{"triage_abend", "engine", "", nil}, "?scope=mcp&scope=engine:PROD", []string{"PROD"}, ""},
			{typing{job, "key", "pa", in("engine", "São Paulo")}, "?scope=mcp&scope=engine:PROD", nil, ""},
			{typing{"triage_abend", "job", "pa", nil}, "?scope=mcp&scope=engine:S%C3%A3o%20Paulo", []string{"LX1#S.PAY"}, `São Paulo|job|pa||`},
			{typing{job, "key", "pa", nil}, "?scope=mcp:knowledge", nil, ""},
			{typing{"triage_abend", "job", "pa", nil}, "?scope=mcp:diagnose", nil, ""},
			{typing{note, "document", "", nil}, "?scope=mcp:plan", nil, ""},
		} {
			got := complete(t, url+tt.scopes, e, tt.typing)
			if !slices.Equal(got.Values, tt.want) && len(got.Values)+len(tt.want) > 0 {
				t.Errorf("%s: %+v gives %q, want %q", e.name, tt.typing, got.Values, tt.want)
			}
			if asked := p.wishes(); asked != tt.wanted {
				t.Errorf("%s: %+v asked for %q, want %q", e.name, tt.typing, asked, tt.wanted)
			}
		}
		if got := complete(t, url, e, typing{"triage_abend", "job", "many", nil}); len(got.Values) != 100 || got.Total != 150 || !got.HasMore {
			t.Errorf("%s: %d values of %d, more: %v", e.name, len(got.Values), got.Total, got.HasMore)
		}
		if got := complete(t, url, e, typing{"triage_abend", "job", "uncounted", nil}); len(got.Values) != 1 || got.Total != 0 || !got.HasMore {
			t.Errorf("%s: uncounted: %+v", e.name, got)
		}
		p.wishes()
	}
	if got := complete(t, url, eras[0], typing{"triage_abend", "job", "slow", nil}); len(got.Values) != 0 {
		t.Errorf("an engine that is slow gives %q", got.Values)
	}
}

// wishes tells what was wanted since it was last asked.
func (p *plant) wishes() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := ""
	for _, w := range p.wanted {
		if w.Limit != 100 {
			out += fmt.Sprint("limit ", w.Limit)
		}
		out += fmt.Sprintf("%s|%s|%s|%s|%s", w.Engine, w.Kind, w.Typed, w.Stream, w.Workstation)
	}
	p.wanted = nil
	return out
}

// Without ports there is nothing to complete and nothing to read, and still no error.
func TestCompletionWithoutPorts(t *testing.T) {
	s, _ := fixture(t)
	url := serve(t, s).URL
	for _, e := range eras {
		for _, c := range []typing{{"triage_abend", "job", "x", nil}, {"tws://{engine}/job/{key}", "key", "x", nil}, {"knowledge://{document}{#section}", "document", "x", nil}} {
			if got := complete(t, url, e, c); len(got.Values) != 0 {
				t.Errorf("%+v gives %q", c, got.Values)
			}
		}
		if list := e.request(t, url, 1, "resources/list", "", `{}`); len(list.rpc.Result.Resources) != 0 {
			t.Errorf("%s", list.body)
		}
	}
}
