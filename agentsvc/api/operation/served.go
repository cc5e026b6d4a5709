package operation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
)

// OpenAPI is the description of all operations, OpenAPI 3.1 in JSON, the same bytes for the same operations.
func (s *Set) OpenAPI() ([]byte, error) {
	raw, err := json.Marshal(s.huma.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("describe operations: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("describe operations: %w", err)
	}
	s.mayBeNull(doc)
	forReaders(doc)
	return json.MarshalIndent(doc, "", "  ")
}

// mayBeNull says of fields that are a pointer to a struct, and always written, that they can be null: the library only says it of texts and numbers.
func (s *Set) mayBeNull(doc map[string]any) {
	for name, schema := range object(object(doc["components"])["schemas"]) {
		t := s.huma.OpenAPI().Components.Schemas.TypeFromRef(schemaPrefix + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		properties := object(object(schema)["properties"])
		for _, f := range reflect.VisibleFields(t) {
			field, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Type.Kind() != reflect.Pointer || strings.Contains(options, "omit") {
				continue
			}
			if p := object(properties[field]); p["$ref"] != nil {
				properties[field] = map[string]any{"anyOf": []any{p, map[string]any{"type": "null"}}}
			}
		}
	}
}

const schemaPrefix = "#/components/schemas/"

// forReaders makes of the library's description one for those who write clients: only schemas that something refers to and words that the
// standard knows. What is sent to the server keeps to its fields strictly; an answer may get further fields in a later version, so its schemas
// leave that open and clients must pass over what they do not know.
func forReaders(doc map[string]any) {
	paths := object(doc["paths"])
	schemas := object(object(doc["components"])["schemas"])
	used, sent := map[string]bool{}, map[string]bool{}
	references(paths, schemas, used)
	for _, methods := range paths {
		for _, o := range object(methods) {
			op := object(o)
			references(op["requestBody"], schemas, sent)
			tellOfSize(op)
		}
	}
	for name, schema := range schemas {
		if !used[name] {
			delete(schemas, name)
		} else if !sent[name] {
			each(schema, func(o map[string]any) {
				if o["additionalProperties"] == false {
					delete(o, "additionalProperties")
				}
			})
		}
	}
	each(doc, func(o map[string]any) {
		if _, ok := o["pattern"].(string); ok {
			delete(o, "patternDescription") // the library's own; it stands in the problem document
		}
	})
}

// tellOfSize adds what an operation with a body answers when the body is too large.
func tellOfSize(op map[string]any) {
	if op["requestBody"] == nil {
		return
	}
	answers := object(op["responses"])
	content := object(answers[strconv.Itoa(http.StatusBadRequest)])["content"]
	answers[strconv.Itoa(http.StatusRequestEntityTooLarge)] = map[string]any{"description": http.StatusText(http.StatusRequestEntityTooLarge), "content": content}
}

// references notes the schemas that a part of the description refers to, and those that they refer to.
func references(part any, schemas map[string]any, seen map[string]bool) {
	each(part, func(o map[string]any) {
		ref, _ := o["$ref"].(string)
		if name, ok := strings.CutPrefix(ref, schemaPrefix); ok && !seen[name] {
			seen[name] = true
			references(schemas[name], schemas, seen)
		}
	})
}

// each calls f for every object in v, outer ones first.
func each(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		f(v)
		for _, inner := range v {
			each(inner, f)
		}
	case []any:
		for _, inner := range v {
			each(inner, f)
		}
	}
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}
