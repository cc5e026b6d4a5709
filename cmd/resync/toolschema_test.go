package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// words that no schema may use: readers of tools/list have dropped whole lists over them.
var foreignWords = []string{"anyOf", "oneOf", "allOf", "not", "$ref", "$defs", "$schema", "if", "then", "else", "patternProperties", "const", "nullable"}

// known words of the portable subset.
var portableWords = []string{"type", "description", "properties", "required", "additionalProperties", "items", "enum", "default", "examples", "minimum", "maximum",
	"minLength", "maxLength", "minItems", "maxItems", "format"}

var snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// TestToolSchemas walks the schemas of every tool as they are published, with several engines.
func TestToolSchemas(t *testing.T) {
	_, s := threeEngines(t)
	for _, tool := range s.set.Tools() {
		info := tool.Info()
		t.Run(info.Name, func(t *testing.T) {
			if !snake.MatchString(info.Name) || info.Title == "" || len(info.Description) < 60 || info.Toolset == "" {
				t.Errorf("name, title, description or toolset: %q %q %q %q", info.Name, info.Title, info.Description, info.Toolset)
			}
			for side, raw := range map[string]json.RawMessage{"input": info.InputSchema, "output": info.OutputSchema} {
				w := walk{t: t, input: side == "input"}
				var top map[string]any
				if err := json.Unmarshal(raw, &top); err != nil {
					t.Fatal(err)
				}
				if top["type"] != "object" || top["additionalProperties"] != false {
					t.Errorf("%s: the top is %v, additionalProperties %v", side, top["type"], top["additionalProperties"])
				}
				w.schema(side, top)
				var schema jsonschema.Schema
				if err := json.Unmarshal(raw, &schema); err != nil {
					t.Fatal(err)
				}
				if _, err := schema.Resolve(nil); err != nil {
					t.Errorf("%s: %v", side, err)
				}
			}
		})
	}
}

type walk struct {
	t     *testing.T
	input bool
}

func (w walk) schema(path string, s map[string]any) {
	for word := range s {
		if slices.Contains(foreignWords, word) || !slices.Contains(portableWords, word) {
			w.t.Errorf("%s has %s", path, word)
		}
	}
	kind, ok := s["type"].(string)
	if !ok || !slices.Contains([]string{"object", "array", "string", "integer", "number", "boolean"}, kind) {
		w.t.Errorf("%s has the type %v", path, s["type"])
	}
	w.values(path, kind, s)
	props, _ := s["properties"].(map[string]any)
	if w.input && kind == "object" && props == nil {
		w.t.Errorf("%s is an object without properties", path)
	}
	for name, p := range props {
		if !snake.MatchString(name) && (w.input || len(name) > 1) {
			w.t.Errorf("%s.%s is not snake_case", path, name)
		}
		member := p.(map[string]any)
		if d, _ := member["description"].(string); w.input && len(d) < 8 {
			w.t.Errorf("%s.%s is described as %q", path, name, d)
		}
		w.schema(path+"."+name, member)
	}
	if required, ok := s["required"].([]any); ok {
		for _, name := range required {
			if props[name.(string)] == nil {
				w.t.Errorf("%s requires %v, which it has not", path, name)
			}
		}
	} else if s["required"] != nil {
		w.t.Errorf("%s requires %v", path, s["required"])
	}
	items, ok := s["items"].(map[string]any)
	if ok != (kind == "array") {
		w.t.Errorf("%s of type %s has items %v", path, kind, s["items"])
	}
	if ok {
		w.schema(path+"[]", items)
	}
	if more, ok := s["additionalProperties"].(map[string]any); ok {
		w.schema(path+"{}", more)
	}
}

// values holds enum, default and examples against the schema that they stand in.
func (w walk) values(path, kind string, s map[string]any) {
	var own jsonschema.Schema
	raw, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(raw, &own)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	resolved, err := own.Resolve(nil)
	if err != nil {
		w.t.Errorf("%s: %v", path, err)
		return
	}
	fits := func(what string, v any) {
		if err := resolved.Validate(v); err != nil {
			w.t.Errorf("%s: the %s %v is not valid: %v", path, what, v, err)
		}
	}
	if v, ok := s["default"]; ok {
		fits("default", v)
	}
	examples, _ := s["examples"].([]any)
	for _, v := range examples {
		fits("example", v)
	}
	enum, _ := s["enum"].([]any)
	seen := map[string]bool{}
	for _, v := range enum {
		if text, ok := v.(string); !ok || kind != "string" || text == "" || seen[text] {
			w.t.Errorf("%s: the enum value %v of a %s", path, v, kind)
		}
		seen[fmt.Sprint(v)] = true
	}
	free := kind == "string" && enum == nil && s["default"] == nil
	if w.input && free && examples == nil && !strings.HasSuffix(path, ".cursor") && !strings.HasSuffix(path, ".run_id") && !strings.HasSuffix(path, "[]") {
		w.t.Errorf("%s is free text without an example", path)
	}
}
