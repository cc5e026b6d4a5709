package toolkit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/toolkit"
)

type sayIn struct {
	Word string `json:"word,omitempty" doc:"what to say"`
}

type sayOut struct {
	Said string `json:"said"`
}

func sayer(t *testing.T, who, name string) toolkit.Tool {
	t.Helper()
	tool, err := toolkit.Define(toolkit.Spec{Name: name, Title: "Say", Description: "Says it."}, func(_ context.Context, in sayIn) (toolkit.Reply[sayOut], error) {
		return toolkit.Reply[sayOut]{Data: sayOut{who + ":" + in.Word}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tool
}

func TestChoose(t *testing.T) {
	t.Parallel()
	two, err := toolkit.Choose("engine", "which engine to ask", toolkit.Choice{Name: "prod", Tools: []toolkit.Tool{sayer(t, "P", "say")}},
		toolkit.Choice{Name: "test", Tools: []toolkit.Tool{sayer(t, "T", "say")}})
	if err != nil {
		t.Fatal(err)
	}
	one, err := toolkit.Choose("engine", "which engine to ask", toolkit.Choice{Name: "prod", Tools: []toolkit.Tool{sayer(t, "P", "say")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		tools []toolkit.Tool
		args  string
		want  string // said, or the error's code
	}{
		{"first by default", two, `{"word":"a"}`, "P:a"},
		{"no arguments", two, ``, "P:"},
		{"named", two, `{"word":"a","engine":"test"}`, "T:a"},
		{"empty", two, `{"engine":""}`, "P:"},
		{"null", two, `{"engine":null}`, "P:"},
		{"as text", two, `"{\"engine\":\"test\",\"word\":\"b\"}"`, "T:b"},
		{"unknown", two, `{"engine":"mars"}`, "not_found"},
		{"no text", two, `{"engine":7}`, "invalid"},
		{"no object", two, `[1]`, "invalid"},
		{"other arguments are checked still", two, `{"engine":"test","wort":"a"}`, "invalid"},
		{"single, named", one, `{"engine":"prod","word":"a"}`, "P:a"},
		{"single, another", one, `{"engine":"test"}`, "not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.tools[0].Call(t.Context(), json.RawMessage(c.args))
			got := ""
			if r.Error != nil {
				got = r.Error.Code
			} else {
				var out sayOut
				if err := json.Unmarshal(r.Envelope.Data, &out); err != nil {
					t.Fatal(err)
				}
				got = out.Said
			}
			if got != c.want {
				t.Errorf("call(%s) = %q, want %q", c.args, got, c.want)
			}
		})
	}
	var schema struct {
		Properties map[string]struct {
			Type, Description, Default string
			Enum                       []string
		}
		Required []string
	}
	if err := json.Unmarshal(two[0].Info().InputSchema, &schema); err != nil {
		t.Fatal(err)
	}
	p := schema.Properties["engine"]
	if p.Type != "string" || strings.Join(p.Enum, " ") != "prod test" || p.Default != "prod" || p.Description == "" || len(schema.Required) != 0 || schema.Properties["word"].Type != "string" {
		t.Errorf("schema of several: %s", two[0].Info().InputSchema)
	}
	if strings.Contains(string(one[0].Info().InputSchema), "engine") {
		t.Errorf("schema of one: %s", one[0].Info().InputSchema)
	}
}

func TestChooseRefusesWhatIsNotAlike(t *testing.T) {
	t.Parallel()
	say, other := sayer(t, "x", "say"), sayer(t, "x", "other")
	for name, choices := range map[string][]toolkit.Choice{
		"none":           nil,
		"twice":          {{Name: "a", Tools: []toolkit.Tool{say}}, {Name: "a", Tools: []toolkit.Tool{say}}},
		"second lacks":   {{Name: "a", Tools: []toolkit.Tool{say, other}}, {Name: "b", Tools: []toolkit.Tool{say}}},
		"first lacks":    {{Name: "a", Tools: []toolkit.Tool{say}}, {Name: "b", Tools: []toolkit.Tool{say, other}}},
		"argument taken": {{Name: "a", Tools: []toolkit.Tool{say}}, {Name: "b", Tools: []toolkit.Tool{say}}},
	} {
		argument := "engine"
		if name == "argument taken" {
			argument = "word"
		}
		if _, err := toolkit.Choose(argument, "which", choices...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestChooseFromMany: where the names are long, one tool of each toolset lists them, the others refer to it and take them all the same. A caller
// who may read few of the engines sees their names everywhere.
func TestChooseFromMany(t *testing.T) {
	t.Parallel()
	tool := func(engine, name, set string) toolkit.Tool {
		return toolkit.MustDefine(toolkit.Spec{Name: name, Title: "Say", Description: "Says it.", Toolset: set}, func(context.Context, sayIn) (toolkit.Reply[sayOut], error) {
			return toolkit.Reply[sayOut]{Data: sayOut{engine}}, nil
		})
	}
	var choices []toolkit.Choice
	var names []string
	for i := range 10 {
		name := fmt.Sprintf("engine_of_plant_%04d", i)
		names = append(names, name)
		choices = append(choices, toolkit.Choice{Name: name, Tools: []toolkit.Tool{tool(name, "find", "plan"), tool(name, "get", "plan"), tool(name, "why", "diagnose"), tool(name, "who", "diagnose")}})
	}
	joined, err := toolkit.Choose("engine", "engine to ask", choices...)
	if err != nil {
		t.Fatal(err)
	}
	set, err := toolkit.NewSet(joined...)
	if err != nil {
		t.Fatal(err)
	}
	chosen := toolkit.WithSelection(t.Context(), toolkit.Selection{Toolsets: []string{"plan", "diagnose"}})
	few := auth.WithCaller(chosen, auth.Caller{ID: "u", Role: auth.Viewer, Scopes: []string{auth.ScopeMCP, auth.EngineScope(names[3]), auth.EngineScope(names[7])}})
	for _, c := range []struct {
		name    string
		ctx     context.Context
		engines []string
		refer   map[string]string // tool that lists none: the one it refers to
	}{
		{"all", chosen, names, map[string]string{"get": "find", "who": "why"}},
		{"two of them", few, []string{names[3], names[7]}, nil},
	} {
		offered := set.Offered(c.ctx)
		if len(offered) != 4 {
			t.Errorf("%s: %d tools", c.name, len(offered))
		}
		for _, i := range offered {
			var schema struct {
				Properties map[string]struct {
					Type, Description, Default string
					Enum                       []string
				}
			}
			if err := json.Unmarshal(i.InputSchema, &schema); err != nil {
				t.Fatal(err)
			}
			p := schema.Properties["engine"]
			if to := c.refer[i.Name]; to != "" {
				if p.Type != "string" || p.Description != "engine to ask, see "+to || p.Enum != nil || p.Default != "" {
					t.Errorf("%s: %s has %+v", c.name, i.Name, p)
				}
			} else if !slices.Equal(p.Enum, c.engines) || p.Default != c.engines[0] || p.Description != "engine to ask" {
				t.Errorf("%s: %s has %+v", c.name, i.Name, p)
			}
			last := c.engines[len(c.engines)-1]
			if r := set.Call(c.ctx, i.Name, json.RawMessage(`{"engine":"`+last+`"}`)); r.Error != nil || !strings.Contains(string(r.Envelope.Data), last) {
				t.Errorf("%s: %s of %s: %+v", c.name, i.Name, last, r)
			}
		}
	}
}
