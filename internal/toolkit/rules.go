package toolkit

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
)

// rules are what the struct tags of a field say beyond its type: doc, enum, default, example, min, max.
// Bounds hold for a number's value, a string's runes, an array's length; enum of an array holds for its items.
type rules struct {
	doc        string
	enum       []string
	hasDefault bool
	def        any // decoded JSON with json.Number, of the field's kind
	example    any // likewise; nil when there is none
	min, max   *float64
}

// rulesOf reads the tags. What cannot be honoured is an error: a tag that is silently without effect would promise a
// check that nobody makes.
func rulesOf(tag reflect.StructTag, s *shape) (r rules, err error) {
	r.doc = tag.Get("doc")
	if v, ok := tag.Lookup("enum"); ok {
		r.enum = strings.Split(v, ",")
		item := s
		if s.kind == kindArray {
			item = s.elem
		}
		if item.kind != kindString || slices.Contains(r.enum, "") {
			return r, fmt.Errorf("enum %q needs a string and non-empty values", v)
		}
	}
	for name, target := range map[string]**float64{"min": &r.min, "max": &r.max} {
		v, ok := tag.Lookup(name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(v, 64)
		if err != nil || !s.bounded() {
			return r, fmt.Errorf("%s %q needs a number on a number, string or array", name, v)
		}
		*target = &n
	}
	if v, ok := tag.Lookup("example"); ok {
		if r.example, err = tagValue(v, s); err != nil {
			return r, fmt.Errorf("example %q: %w", v, err)
		}
	}
	if v, ok := tag.Lookup("default"); ok {
		r.hasDefault = true
		if r.def, err = tagValue(v, s); err != nil {
			return r, fmt.Errorf("default %q: %w", v, err)
		}
		if r.def, err = r.check(r.def, s, "default"); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (s *shape) bounded() bool {
	return s.kind == kindInteger || s.kind == kindNumber || s.kind == kindString || s.kind == kindArray
}

// tagValue reads a tag's text as a value of the shape; arrays and objects are written as JSON, or an array as its one item.
func tagValue(text string, s *shape) (any, error) {
	v, err := coerce(any(text), s, "tag")
	if err != nil {
		return nil, err
	}
	// A trial decode shows that the value fits the Go type, not only the kind.
	if err := store(reflect.New(s.typ).Elem(), s.bare(), v, "tag"); err != nil {
		return nil, err
	}
	return v, nil
}

// bare is the shape without its pointer.
func (s *shape) bare() *shape {
	c := *s
	c.ptr = false
	return &c
}

// inner follows the pointer, if there is one; false means that it is nil.
func (s *shape) inner(v reflect.Value) (*shape, reflect.Value, bool) {
	if !s.ptr {
		return s, v, true
	}
	return s.bare(), v.Elem(), !v.IsNil()
}

// number gives a float for comparing with bounds.
func number(v any) float64 {
	n, _ := v.(json.Number)
	f, _ := n.Float64()
	return f
}

// check holds a coerced value against the tags' rules and gives it back with enum values as they are listed.
func (r rules) check(v any, s *shape, path string) (any, error) {
	var err error
	if r.enum != nil {
		if v, err = r.checkEnum(v, path); err != nil {
			return nil, err
		}
	}
	size, what := number(v), ""
	switch s.kind {
	case kindString:
		text, _ := v.(string)
		size, what = float64(utf8.RuneCountInString(text)), " characters"
	case kindArray:
		list, _ := v.([]any)
		size, what = float64(len(list)), " items"
	}
	if (r.min == nil || size >= *r.min) && (r.max == nil || size <= *r.max) {
		return v, nil
	}
	return nil, fault.New(fault.Invalid, "The argument %q is out of range: it must have %s.", path, r.span()+what)
}

func (r rules) checkEnum(v any, path string) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return r.enumValue(v, path)
	}
	out := make([]any, len(list))
	for i, item := range list {
		valid, err := r.enumValue(item, path)
		if err != nil {
			return nil, err
		}
		out[i] = valid
	}
	return out, nil
}

func (r rules) span() string {
	text := func(f *float64) string { return strconv.FormatFloat(*f, 'f', -1, 64) }
	switch {
	case r.min == nil:
		return "at most " + text(r.max)
	case r.max == nil:
		return "at least " + text(r.min)
	}
	return "from " + text(r.min) + " to " + text(r.max)
}

// enumValue gives the listed value that v means, whatever its case, or an error that lists them all.
func (r rules) enumValue(v any, path string) (any, error) {
	text, _ := v.(string)
	if listed, ok := enumWord(text, r.enum); ok {
		return listed, nil
	}
	e := fault.New(fault.Invalid, "The argument %q does not know the value %q.", path, clip(text))
	if near := Nearest(clip(text), r.enum); near != "" {
		return nil, e.WithHint("Did you mean %s? Valid values: %s.", near, strings.Join(r.enum, ", ")).WithCandidates(near)
	}
	return nil, e.WithHint("Valid values: %s.", strings.Join(r.enum, ", ")).WithCandidates(r.enum...)
}
