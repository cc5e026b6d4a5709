package reference

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// name is what a reference refers to, or empty.
func (s *schema) name() string {
	if s == nil {
		return ""
	}
	return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
}

// words are the types of JSON as people call them.
var words = map[string]string{"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list", "object": "object"}

// deepest bounds how far lists of lists are followed; our own files nest two levels.
const deepest = 8

// pieces tells the type of a schema, with links to the objects in it.
func (s *schema) pieces() []piece { return s.piecesTo(deepest) }

func (s *schema) piecesTo(depth int) []piece {
	switch {
	case s == nil || depth == 0:
		return []piece{{Text: "anything"}}
	case s.Ref != "":
		return []piece{{Text: s.name(), Link: objectID(s.name())}}
	case len(s.AnyOf) > 0 || len(s.OneOf) > 0:
		var out []piece
		for i, o := range slices.Concat(s.AnyOf, s.OneOf) {
			if i > 0 {
				out = append(out, piece{Text: " or "})
			}
			out = append(out, o.piecesTo(depth-1)...)
		}
		return out
	case len(s.Enum) > 0:
		var all []string
		for _, v := range s.Enum {
			all = append(all, fmt.Sprint(v))
		}
		return []piece{{Text: "one of " + strings.Join(all, ", ")}}
	case slices.Contains(s.Type, "array") && s.Items != nil && len(s.Items.OneOf) > 0:
		return []piece{{Text: "events"}}
	case slices.Contains(s.Type, "array") && s.Items != nil:
		return append([]piece{{Text: "list of "}}, s.Items.piecesTo(depth-1)...)
	}
	var inner schema
	if slices.Contains(s.Type, "object") && json.Unmarshal(s.More, &inner) == nil {
		return append([]piece{{Text: "object whose values are "}}, inner.piecesTo(depth-1)...)
	}
	var said []string
	for _, t := range s.Type {
		said = append(said, s.word(t))
	}
	if len(said) == 0 {
		said = []string{"anything"}
	}
	return []piece{{Text: strings.Join(said, " or ")}}
}

func (s *schema) word(t string) string {
	if t == "string" && s.Format == "date-time" {
		return "instant (RFC 3339)"
	}
	if w := words[t]; w != "" {
		return w
	}
	return t
}

// fields are the properties of an object, those that are needed first.
func (s *schema) fields() []field {
	if s == nil {
		return nil
	}
	var needed, others []field
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		must := slices.Contains(s.Required, name)
		f := s.Properties[name].field(name, must)
		if must {
			needed = append(needed, f)
		} else {
			others = append(others, f)
		}
	}
	return append(needed, others...)
}

func (s *schema) field(name string, must bool) field {
	f := field{Name: name, Type: s.pieces()}
	if !must {
		f.Note = "optional"
	}
	if s == nil {
		return f
	}
	f.Doc, f.Limits = prose(s.Description), s.limits()
	return f
}

// limits tells the bounds of a value, its default and an example.
func (s *schema) limits() string {
	var said []string
	for _, l := range []struct {
		n    *json.Number
		says string
	}{{s.MinLength, "%s characters at least"}, {s.MaxLength, "%s characters at most"}, {s.Minimum, "%s at least"}, {s.Maximum, "%s at most"}, {s.MaxItems, "%s entries at most"}} {
		if l.n != nil {
			said = append(said, fmt.Sprintf(l.says, *l.n))
		}
	}
	if s.Default != nil {
		said = append(said, fmt.Sprintf("%v when absent", s.Default))
	}
	if len(s.Examples) > 0 {
		said = append(said, fmt.Sprintf("such as %v", s.Examples[0]))
	}
	if len(said) == 0 {
		return ""
	}
	text := strings.Join(said, ", ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
