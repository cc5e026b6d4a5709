package toolkit_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

func inSet(t *testing.T, name, toolset string) toolkit.Tool {
	t.Helper()
	return toolkit.MustDefine(toolkit.Spec{Name: name, Title: "Say", Description: "Says it.", Toolset: toolset}, func(_ context.Context, in sayIn) (toolkit.Reply[sayOut], error) {
		return toolkit.Reply[sayOut]{Data: sayOut{in.Word}}, nil
	})
}

func threeSets(t *testing.T) *toolkit.Set {
	t.Helper()
	set, err := toolkit.NewSet(inSet(t, "status", "plan"), inSet(t, "find", "plan"), inSet(t, "why", "diagnose"), inSet(t, "changed", "history"), inSet(t, "help", ""))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func as(ctx context.Context, scopes ...string) context.Context {
	return auth.WithCaller(ctx, auth.Caller{ID: "key", Role: auth.Viewer, Via: "api_key", Scopes: scopes})
}

// TestSelection: what is listed is what can be called, under every mix of what a door offers and what the caller's scopes open.
func TestSelection(t *testing.T) {
	t.Parallel()
	set := threeSets(t)
	plan, both := toolkit.Selection{Toolsets: []string{"plan"}, How: "name it"}, toolkit.Selection{Toolsets: []string{"diagnose", "plan"}, How: "name it"}
	for _, tt := range []struct {
		name string
		ctx  context.Context
		want string
		code fault.Code // of a call of changed; empty: it answers
	}{
		{"within the process", t.Context(), "changed find help status why", ""},
		{"within the process, with a key for questions", as(t.Context(), auth.ScopeAsk), "changed find help status why", ""},
		{"one set", toolkit.WithSelection(t.Context(), plan), "find help status", fault.NotFound},
		{"two sets", toolkit.WithSelection(t.Context(), both), "find help status why", fault.NotFound},
		{"no set", toolkit.WithSelection(t.Context(), toolkit.Selection{}), "help", fault.NotFound},
		{"a key for one set", toolkit.WithSelection(as(t.Context(), auth.ToolsetScope("diagnose")), both), "help why", fault.NotFound},
		{"a key for a set that is not offered", toolkit.WithSelection(as(t.Context(), auth.ToolsetScope("history")), both), "help", fault.NotFound},
		{"a key that may not", toolkit.WithSelection(as(t.Context(), auth.ToolsetScope("plan")), toolkit.Selection{Toolsets: []string{"history", "plan"}}), "find help status", fault.Forbidden},
		{"a key for all", toolkit.WithSelection(as(t.Context(), auth.ScopeMCP), both), "find help status why", fault.NotFound},
		{"a key for something else", toolkit.WithSelection(as(t.Context(), auth.ScopeAsk), both), "", fault.NotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var names []string
			for _, i := range set.Offered(tt.ctx) {
				names = append(names, i.Name)
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("offered %q, want %q", got, tt.want)
			}
			for _, tool := range set.Tools() {
				name := tool.Info().Name
				r := set.Call(tt.ctx, name, json.RawMessage(`{}`))
				if open := r.Error == nil; open != slices.Contains(names, name) {
					t.Errorf("%s answers %q, listed %v", name, r.Text, !open)
				}
				if open := toolkit.Selected(tt.ctx, tool.Info().Toolset); open != slices.Contains(names, name) {
					t.Errorf("Selected(%s) = %v", tool.Info().Toolset, open)
				}
			}
			if r := set.Call(tt.ctx, "changed", nil); tt.code != "" && (r.Error == nil || r.Error.Code != string(tt.code) || !strings.Contains(r.Text, "toolset history")) {
				t.Errorf("changed: %s", r.Text)
			}
		})
	}
	if r := set.Call(toolkit.WithSelection(t.Context(), plan), "why", nil); r.Error.Hint != "Selected: plan. To have it, name it." {
		t.Errorf("the hint is %q", r.Error.Hint)
	}
}

func TestSelectReadsNames(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]string{"": "", " , ": "", "plan": "plan", "plan, Diagnose": "diagnose plan", "history,plan,plan": "history plan", "all": "diagnose history plan", "plan,ALL": "diagnose history plan"} {
		got, err := threeSets(t).Select(names)
		if err != nil || strings.Join(got, " ") != want || (want == "") != (got == nil) {
			t.Errorf("Select(%q) = %q, %v, want %q", names, got, err, want)
		}
	}
	_, err := threeSets(t).Select("plan", "plans")
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid || strings.Join(f.Candidates, " ") != "diagnose history plan" {
		t.Errorf("an unknown name: %v", err)
	}
}

// TestEngineScopes: a caller reaches, and hears of, the engines that their scopes name; the first of them answers by default.
func TestEngineScopes(t *testing.T) {
	t.Parallel()
	var choices []toolkit.Choice
	for _, name := range []string{"north", "south", "west"} {
		choices = append(choices, toolkit.Choice{Name: name, Tools: []toolkit.Tool{sayer(t, name, "say")}})
	}
	tools, err := toolkit.Choose("engine", "which", choices...)
	if err != nil {
		t.Fatal(err)
	}
	set, err := toolkit.NewSet(tools...)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, scopes, args string
		enum               string // in the schema of that caller
		want               string // who said it, or code and candidates
	}{
		{"no scopes", "", `{}`, "north south west", "north:"},
		{"scopes of no engine", "mcp", `{"engine":"west"}`, "north south west", "west:"},
		{"the first allowed", "engine:south engine:west", `{}`, "south west", "south:"},
		{"one allowed", "mcp engine:west", `{}`, "west", "west:"},
		{"an allowed one", "engine:south engine:west", `{"engine":"west"}`, "south west", "west:"},
		{"its name in capitals, with spaces", "engine:south engine:west", `{"engine":" WEST "}`, "south west", "west:"},
		{"wrapped", "engine:south engine:west", `{"arguments":{"engine":"west","word":"x"}}`, "south west", "west:x"},
		{"null", "engine:south", `{"engine":null}`, "south", "south:"},
		{"the word null", "engine:south", `{"engine":"null"}`, "south", "south:"},
		{"a forbidden one", "engine:south engine:west", `{"engine":"north"}`, "south west", "not_found south west"},
		{"one that is not there", "engine:south engine:west", `{"engine":"mars"}`, "south west", "not_found south west"},
		{"none of these", "engine:mars", `{}`, "", "forbidden"},
		{"none of these, named", "engine:mars", `{"engine":"north"}`, "", "forbidden"},
		{"the argument misspelt", "", `{"Engine":"north"}`, "north south west", "invalid engine"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := as(t.Context(), strings.Fields(tt.scopes)...)
			infos, err := toolkit.Local(set).Tools(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var schema struct {
				Properties struct {
					Engine struct {
						Enum    []string
						Default string
					}
				}
			}
			if err := json.Unmarshal(infos[0].InputSchema, &schema); err != nil {
				t.Fatal(err)
			}
			enum := schema.Properties.Engine.Enum
			if strings.Join(enum, " ") != tt.enum || len(enum) > 0 && schema.Properties.Engine.Default != enum[0] {
				t.Errorf("the schema is %s, want engines %s", infos[0].InputSchema, tt.enum)
			}
			r := set.Call(ctx, "say", json.RawMessage(tt.args))
			got := ""
			if r.Error != nil {
				got = strings.TrimSpace(r.Error.Code + " " + strings.Join(r.Error.Candidates, " "))
			} else {
				var out sayOut
				if err := json.Unmarshal(r.Envelope.Data, &out); err != nil {
					t.Fatal(err)
				}
				got = out.Said
			}
			if got != tt.want {
				t.Errorf("said %q, want %q", got, tt.want)
			}
			for _, name := range []string{"north", "south", "west"} {
				if tt.scopes != "" && !strings.Contains(tt.enum, name) && strings.Contains(strings.ReplaceAll(r.Text, `"`+name+`"`, ""), name) {
					t.Errorf("%s is named to somebody who may not read it: %s", name, r.Text)
				}
			}
		})
	}
}

// TestArgumentsKeepTheirOrder: the engine stands behind the tool's own arguments, in the order in which these were written.
func TestArgumentsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	tools, err := toolkit.Choose("engine", "which", toolkit.Choice{Name: "a", Tools: []toolkit.Tool{form(t)}}, toolkit.Choice{Name: "b", Tools: []toolkit.Tool{form(t)}})
	if err != nil {
		t.Fatal(err)
	}
	schema, at := string(tools[0].Info().InputSchema), 0
	for _, name := range []string{"target", "words", "status", "premise", "language", "late", "page_size", "engine"} {
		i := strings.Index(schema, `"`+name+`":`)
		if i < at {
			t.Errorf("%s is out of order in %s", name, schema)
		}
		at = i
	}
}
