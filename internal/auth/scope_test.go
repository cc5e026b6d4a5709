package auth_test

import (
	"testing"

	"github.com/resync-hwa/resync/internal/auth"
)

func TestScopes(t *testing.T) {
	for _, tc := range []struct {
		name    string
		caller  auth.Caller
		scope   map[string]bool
		toolset map[string]bool
		engine  map[string]bool
	}{
		{"a person", auth.Caller{}, map[string]bool{"ask": true, "mcp": true}, map[string]bool{"plan": true, "": true}, map[string]bool{"a": true}},
		{"a key for one function", auth.Caller{Scopes: []string{"ask"}}, map[string]bool{"ask": true, "mcp": false}, map[string]bool{"plan": false, "": false}, map[string]bool{"a": true}},
		{"a key for MCP", auth.Caller{Scopes: []string{"mcp"}}, map[string]bool{"ask": false, "mcp": true}, map[string]bool{"plan": true, "": true}, map[string]bool{"a": true}},
		{"a key for a toolset", auth.Caller{Scopes: []string{"mcp:plan"}}, map[string]bool{"ask": false, "mcp": true}, map[string]bool{"plan": true, "history": false, "": true}, map[string]bool{"a": true}},
		{"a key for an engine", auth.Caller{Scopes: []string{"engine:a"}}, map[string]bool{"ask": true, "mcp": true}, map[string]bool{"plan": true}, map[string]bool{"a": true, "b": false}},
		{"a key for a toolset on two engines", auth.Caller{Scopes: []string{"mcp:plan", "engine:a", "engine:b"}}, map[string]bool{"ask": false, "mcp": true}, map[string]bool{"plan": true, "history": false}, map[string]bool{"a": true, "b": true, "c": false}},
		{"a foreign token for nothing", auth.Caller{Foreign: true}, map[string]bool{"ask": false, "mcp": false}, map[string]bool{"plan": false, "": false}, map[string]bool{"a": true}},
		{"a foreign token for an engine", auth.Caller{Foreign: true, Scopes: []string{"engine:a"}}, map[string]bool{"ask": false, "mcp": false}, map[string]bool{"plan": false}, map[string]bool{"a": true, "b": false}},
		{"a foreign token for a toolset", auth.Caller{Foreign: true, Scopes: []string{"mcp:plan"}}, map[string]bool{"mcp": true}, map[string]bool{"plan": true, "history": false}, map[string]bool{"a": true}},
	} {
		for what, want := range tc.scope {
			if got := tc.caller.HasScope(what); got != want {
				t.Errorf("%s: scope %s is %v", tc.name, what, got)
			}
		}
		for what, want := range tc.toolset {
			if got := tc.caller.MayToolset(what); got != want {
				t.Errorf("%s: toolset %q is %v", tc.name, what, got)
			}
		}
		for what, want := range tc.engine {
			if got := tc.caller.MayEngine(what); got != want {
				t.Errorf("%s: engine %s is %v", tc.name, what, got)
			}
		}
	}
	for scope, want := range map[string]bool{"mcp": true, "delegate": true, "mcp:plan": true, "engine:PROD": true, "mcp:": false, "engine:": false, "mcp:a b": false, "write": false, "": false} {
		if got := auth.IsScope(scope); got != want {
			t.Errorf("IsScope(%q) is %v", scope, got)
		}
	}
}
