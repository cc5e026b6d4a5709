package mcpserver_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// taught gives the instructions as each era hears them.
func taught(t *testing.T, url string) string {
	t.Helper()
	old := legacyRequest(t, url, 1, "initialize", "", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}`).rpc.Result.Instructions
	modern := modernRequest(t, url, 2, "server/discover", "", `{}`).rpc.Result.Instructions
	if old != modern || old == "" {
		t.Errorf("the eras are taught differently:\n%s\n%s", old, modern)
	}
	return old
}

var word = regexp.MustCompile(`[a-z]+(?:_[a-z]+)+|\bradar\b`)

// notTools are words of the instructions that look like tools and are members of results, codes and so on.
var notTools = []string{"not_found", "next_cursor"}

func TestInstructions(t *testing.T) {
	url := shop(t, &plant{})
	for _, tt := range []struct {
		scopes      string
		names, lack []string
	}{
		{"", []string{"plan_status", "diagnose_job", "what_changed", "search_knowledge", "There are several engines: PROD, São Paulo.", "PROD answers when it is absent"}, nil},
		{"?scope=mcp:plan&scope=engine:PROD", []string{"plan_status", "tws://ENGINE/plan"}, []string{"diagnose_job", "what_changed", "search_knowledge", "São Paulo", "several engines"}},
		{"?scope=mcp:knowledge", []string{"search_knowledge"}, []string{"plan_status", "tws://", "diagnose_job"}},
	} {
		text := taught(t, url+tt.scopes)
		if alone, _, _ := strings.Cut(text, "\nThere are several engines"); len(alone) > 1800 {
			t.Errorf("%d bytes:\n%s", len(alone), alone)
		}
		var offered []string
		for _, tool := range legacyRequest(t, url, 3, "tools/list", "", `{}`).rpc.Result.Tools {
			offered = append(offered, tool["name"].(string))
		}
		for _, name := range word.FindAllString(text, -1) {
			if !slices.Contains(offered, name) && !slices.Contains(notTools, name) {
				t.Errorf("%s: no tool %s is offered", tt.scopes, name)
			}
		}
		for _, want := range append(tt.names, "It only reads", "stale", "truncated", "missing", "English or Portuguese", "next_cursor") {
			if !strings.Contains(text, want) {
				t.Errorf("%s: nothing of %q in\n%s", tt.scopes, want, text)
			}
		}
		for _, lack := range tt.lack {
			if strings.Contains(text, lack) {
				t.Errorf("%s: names %s, which is not open:\n%s", tt.scopes, lack, text)
			}
		}
	}
}

// A server with other tools is taught nothing of ours, and one with words of its own has those.
func TestInstructionsOfOthers(t *testing.T) {
	s, _ := longWorker(t)
	if text := taught(t, serve(t, s).URL); word.MatchString(strings.NewReplacer("not_found", "", "next_cursor", "").Replace(text)) {
		t.Errorf("names tools that are not there:\n%s", text)
	}
	own, _ := fixture(t)
	if text := taught(t, serve(t, own).URL); text != "Start with plan_status." {
		t.Errorf("%s", text)
	}
}
