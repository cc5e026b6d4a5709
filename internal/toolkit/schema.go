package toolkit

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// The schemas stay in the subset that every client and model provider understands: a top-level object, one string per
// type, no references, no null, no combinations. Readers of tools/list have dropped whole lists over less.

// inputShape describes In and demands what a model needs: an object whose every member is documented.
func inputShape(t reflect.Type) (*shape, error) {
	s, err := shapeOf(t, "", nil)
	if err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	if s.kind != kindObject || s.ptr {
		return nil, fmt.Errorf("input: %s is not a struct", t)
	}
	for _, f := range s.fields {
		if slices.Contains(wrappers, f.name) {
			return nil, fmt.Errorf("input: %s is a name in which models wrap all arguments", f.name)
		}
	}
	return s, documented(s, "")
}

func documented(s *shape, path string) error {
	for _, f := range s.fields {
		p := join(path, f.name)
		if f.doc == "" {
			return fmt.Errorf("input: %s has no doc tag", p)
		}
		if err := documented(f.shape, p); err != nil {
			return err
		}
	}
	if s.elem != nil {
		return documented(s.elem, path+"[]")
	}
	return nil
}

// envelopeOf is Envelope with typed data: what the output schema describes.
type envelopeOf[Out any] struct {
	Data          Out       `json:"data,omitempty"`
	Sources       []Source  `json:"sources,omitempty" doc:"what data cites: source, run_id, lines {n, text} or fields {name, value}"`
	Engine        Engine    `json:"engine,omitempty"`
	Clocks        Clocks    `json:"clocks,omitempty"`
	Stale         bool      `json:"stale,omitempty"`
	Truncated     bool      `json:"truncated,omitempty"`
	UpstreamCalls int       `json:"upstream_calls,omitempty"`
	Error         ErrorBody `json:"error,omitempty" doc:"alone, when it failed: code, message, hint, candidates"`
}

// outputSchema describes the structured content. Nothing is required: clients check failed results against the same schema, and those carry
// nothing but error. It says of an object what is in it and not what may not be, and of the envelope's own parts, which are alike for all tools,
// only what they are: sixteen tools' schemas stand in one list, whose size is bounded (DESIGN.md section 7). For the same reason a type of object is
// described where it first stands, and what lies deeper than deepest is only named.
func outputSchema[Out any](dataAs string) (json.RawMessage, error) {
	s, err := shapeOf(reflect.TypeFor[envelopeOf[Out]](), "", nil)
	if err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	s.reduce(map[reflect.Type]bool{}, 0)
	out := s.schema()
	closed := out.AdditionalProperties
	open(out)
	out.AdditionalProperties = closed // the envelope itself has no other parts
	for name, part := range out.Properties {
		if name == "data" && dataAs == "" {
			continue
		}
		if name == "data" {
			part.Description = "as that of " + dataAs
			for _, inner := range part.Properties {
				named(inner)
			}
			continue
		}
		named(part)
	}
	return json.Marshal(out)
}

// named leaves of a part only what it is.
func named(part *jsonschema.Schema) {
	part.Properties, part.PropertyOrder = nil, nil
	if part.Items != nil {
		part.Items.Properties, part.Items.PropertyOrder = nil, nil
	}
}

// deepest is how many objects lie around one that is still described; the envelope is the first.
const deepest = 4

// opaque marks, by a method of that name, a type of object that clients hand on and do not take apart: schemas only name it.
type opaque interface{ Opaque() }

var opaqueType = reflect.TypeFor[opaque]()

// reduce leaves of the objects in an output what its schema describes. The shape must be nobody else's.
func (s *shape) reduce(seen map[reflect.Type]bool, around int) {
	switch {
	case s.kind == kindObject && (seen[s.typ] || around >= deepest || implements(s.typ, opaqueType)):
		s.fields = nil
	case s.kind == kindObject:
		seen[s.typ] = true
		for i := range s.fields {
			s.fields[i].shape.reduce(seen, around+1)
		}
	case s.elem != nil:
		s.elem.reduce(seen, around)
	}
}

// open takes out of a schema what an object must have, and that it may have nothing else.
func open(s *jsonschema.Schema) {
	s.Required = nil
	if len(s.Properties) == 0 {
		s.Properties = nil
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Not != nil {
		s.AdditionalProperties = nil
	}
	for _, p := range s.Properties {
		open(p)
	}
	if s.Items != nil {
		open(s.Items)
	}
	if s.AdditionalProperties != nil {
		open(s.AdditionalProperties)
	}
}

// schema renders the shape.
func (s *shape) schema() *jsonschema.Schema {
	out := &jsonschema.Schema{}
	switch s.kind {
	case kindString, kindText:
		out.Type = "string"
	case kindTime:
		out.Type, out.Format = "string", "date-time"
	case kindInteger:
		out.Type = "integer"
	case kindNumber:
		out.Type = "number"
	case kindBoolean:
		out.Type = "boolean"
	case kindArray:
		out.Type, out.Items = "array", s.elem.schema()
	case kindMap:
		out.Type, out.AdditionalProperties = "object", s.elem.schema()
	case kindObject:
		s.object(out)
	}
	return out
}

func (s *shape) object(out *jsonschema.Schema) {
	out.Type = "object"
	out.Properties = make(map[string]*jsonschema.Schema, len(s.fields))
	out.AdditionalProperties = &jsonschema.Schema{Not: &jsonschema.Schema{}} // renders as false
	for _, f := range s.fields {
		p := f.shape.schema()
		f.describe(p)
		out.Properties[f.name] = p
		out.PropertyOrder = append(out.PropertyOrder, f.name)
		if !f.optional {
			out.Required = append(out.Required, f.name)
		}
	}
}

// describe puts the tags' rules into a member's schema.
func (r rules) describe(p *jsonschema.Schema) {
	p.Description = r.doc
	target := p
	if p.Items != nil {
		target = p.Items
	}
	for _, v := range r.enum {
		target.Enum = append(target.Enum, v)
	}
	if r.hasDefault {
		p.Default, _ = json.Marshal(r.def)
	}
	if r.example != nil {
		p.Examples = []any{r.example}
	}
	switch p.Type {
	case "string":
		p.MinLength, p.MaxLength = whole(r.min), whole(r.max)
	case "array":
		p.MinItems, p.MaxItems = whole(r.min), whole(r.max)
	default:
		p.Minimum, p.Maximum = r.min, r.max
	}
}

func whole(f *float64) *int {
	if f == nil {
		return nil
	}
	n := int(math.Round(*f))
	return &n
}
