package foreign

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The bounds of an input schema.
const (
	maxSchema      = 32 << 10 // bytes, as it came
	maxPortable    = 8 << 10  // bytes, as it is offered
	maxDepth       = 8
	maxNodes       = 300
	maxEnum        = 100
	maxWord        = 100 // characters of an enum's word or a default
	maxMemberWords = 300 // characters of a member's description
)

var (
	memberName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,63}$`)
	formatName = regexp.MustCompile(`^[a-z][a-z-]{1,30}$`)
	typeNames  = []string{"object", "array", "string", "number", "integer", "boolean"}
	copied     = []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems"}
)

// portable gives a schema in the subset that all model servers take: an object at the top, one type each, no references, no texts but
// cleaned and bounded ones. Constraints that it cannot say are left out, since the server checks its arguments itself; a shape that it
// cannot say is an error.
func portable(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) > maxSchema {
		return nil, fmt.Errorf("it has more than %d KB", maxSchema>>10)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var root map[string]any
	if err := dec.Decode(&root); err != nil || root == nil {
		return nil, errors.New("it is no object")
	}
	if root["type"] != "object" {
		return nil, errors.New(`its type is not "object"`)
	}
	c := &converter{root: root}
	out, err := c.node(root, 0)
	if err != nil {
		return nil, err
	}
	if out["properties"] == nil {
		out["properties"] = map[string]any{}
	}
	b, err := json.Marshal(out)
	if err == nil && len(b) > maxPortable {
		err = fmt.Errorf("it has more than %d KB", maxPortable>>10)
	}
	return b, err
}

type converter struct {
	root  map[string]any
	nodes int
}

func (c *converter) node(in map[string]any, depth int) (map[string]any, error) {
	if c.nodes++; depth > maxDepth || c.nodes > maxNodes {
		return nil, errors.New("it is too deep or too wide, or refers to itself")
	}
	if ref, ok := in["$ref"].(string); ok {
		target, err := c.resolve(ref)
		if err != nil {
			return nil, err
		}
		return c.node(target, depth+1)
	}
	for _, key := range []string{"$dynamicRef", "not", "if", "patternProperties", "dependentSchemas", "prefixItems"} {
		if in[key] != nil {
			return nil, fmt.Errorf("it uses %s", key)
		}
	}
	if choices, ok := in["allOf"].([]any); ok {
		only, isMap := first(choices)
		if !isMap || len(choices) != 1 {
			return nil, errors.New("it uses allOf")
		}
		return c.node(only, depth+1)
	}
	if choices := or(in["anyOf"], in["oneOf"]); choices != nil {
		return c.choice(in, choices, depth)
	}
	out := map[string]any{}
	if err := c.kind(in, out); err != nil {
		return nil, err
	}
	describe(in, out)
	if err := words(in, out); err != nil {
		return nil, err
	}
	for _, key := range copied {
		if n, ok := in[key].(json.Number); ok {
			out[key] = n
		}
	}
	if f, ok := in["format"].(string); ok && formatName.MatchString(f) {
		out["format"] = f
	}
	return out, c.members(in, out, depth)
}

// choice keeps alternatives. One beside null is no alternative but an optional value.
func (c *converter) choice(in map[string]any, choices []any, depth int) (map[string]any, error) {
	var kept []any
	for _, one := range choices {
		m, ok := one.(map[string]any)
		if !ok {
			return nil, errors.New("an alternative is no schema")
		}
		if m["type"] == "null" {
			continue
		}
		sub, err := c.node(m, depth+1)
		if err != nil {
			return nil, err
		}
		kept = append(kept, sub)
	}
	out := map[string]any{"anyOf": kept}
	if only, ok := first(kept); ok && len(kept) == 1 {
		out = only
	}
	if len(kept) == 0 {
		return nil, errors.New("it allows nothing but null")
	}
	describe(in, out)
	return out, nil
}

// kind copies the type; of a type or null the type is left.
func (c *converter) kind(in, out map[string]any) error {
	t := in["type"]
	if list, ok := t.([]any); ok {
		list = slices.DeleteFunc(slices.Clone(list), func(v any) bool { return v == "null" })
		if len(list) != 1 {
			return errors.New("a value has several types")
		}
		t = list[0]
	}
	if t == nil {
		return nil
	}
	name, ok := t.(string)
	if !ok || !slices.Contains(typeNames, name) {
		return errors.New("a type is not known")
	}
	out["type"] = name
	return nil
}

// words copies what stands for itself: an enumeration must do so unchanged, a default may be lost.
func words(in, out map[string]any) error {
	list, ok := in["enum"].([]any)
	if in["const"] != nil {
		list, ok = []any{in["const"]}, true
	}
	if ok {
		list = slices.DeleteFunc(slices.Clone(list), func(v any) bool { return v == nil })
		if len(list) == 0 || len(list) > maxEnum || slices.ContainsFunc(list, func(v any) bool { return !plain(v) }) {
			return errors.New("an enumeration is too long or holds more than plain words")
		}
		out["enum"] = list
	}
	if d := in["default"]; d != nil && plain(d) {
		out["default"] = d
	}
	return nil
}

// plain reports whether a value is a scalar that cleaning does not change.
func plain(v any) bool {
	switch v := v.(type) {
	case string:
		return v == "" || told(v, maxWord) == v
	case json.Number, bool:
		return true
	}
	return false
}

func describe(in, out map[string]any) {
	if d, ok := in["description"].(string); ok {
		if d = told(d, maxMemberWords); d != "" {
			out["description"] = d
		}
	}
}

// members copies what an object and an array are made of.
func (c *converter) members(in, out map[string]any, depth int) error {
	if props, ok := in["properties"].(map[string]any); ok {
		kept := map[string]any{}
		for name, one := range props {
			m, ok := one.(map[string]any)
			if !ok || !memberName.MatchString(name) {
				return errors.New("a member has no usable name or no schema")
			}
			sub, err := c.node(m, depth+1)
			if err != nil {
				return err
			}
			kept[name] = sub
		}
		out["properties"] = kept
		if required, ok := in["required"].([]any); ok {
			required = slices.DeleteFunc(slices.Clone(required), func(v any) bool { name, ok := v.(string); return !ok || kept[name] == nil })
			if len(required) > 0 {
				out["required"] = required
			}
		}
	}
	if no, ok := in["additionalProperties"].(bool); ok {
		out["additionalProperties"] = no
	}
	switch items := in["items"].(type) {
	case nil:
	case map[string]any:
		sub, err := c.node(items, depth+1)
		if err != nil {
			return err
		}
		out["items"] = sub
	default:
		return errors.New("the items of an array have no schema")
	}
	return nil
}

// resolve follows a reference within the schema itself.
func (c *converter) resolve(ref string) (map[string]any, error) {
	at := any(c.root)
	path, ok := strings.CutPrefix(ref, "#/")
	for _, step := range strings.Split(path, "/") {
		m, isMap := at.(map[string]any)
		if !ok || !isMap {
			return nil, errors.New("it refers to something elsewhere")
		}
		at = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(step)]
	}
	target, isMap := at.(map[string]any)
	if !isMap {
		return nil, errors.New("it refers to something that is not there")
	}
	return target, nil
}

func first(list []any) (map[string]any, bool) {
	if len(list) == 0 {
		return nil, false
	}
	m, ok := list[0].(map[string]any)
	return m, ok
}

func or(a, b any) []any {
	if list, ok := a.([]any); ok {
		return list
	}
	list, _ := b.([]any)
	return list
}
