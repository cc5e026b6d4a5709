package toolkit

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// kind is what a Go type becomes in JSON.
type kind uint8

const (
	kindString kind = iota
	kindInteger
	kindNumber
	kindBoolean
	kindTime // time.Time: a string in RFC 3339
	kindText // a type that marshals itself as text: a string
	kindArray
	kindObject
	kindMap // object with free keys and values of one kind
)

// shape is a Go type as the kernel understands it: one tree from which the schema, the decoder, the encoder and the
// text come, so that the four cannot disagree. Built once at Define, read-only afterwards.
type shape struct {
	kind   kind
	typ    reflect.Type // without its pointer
	ptr    bool         // the Go value is a pointer to typ
	elem   *shape       // of arrays and maps
	fields []field      // of objects, in declaration order
}

// field is one member of an object.
type field struct {
	name     string
	index    []int
	shape    *shape
	optional bool // omitempty, omitzero, a pointer, or a default
	omit     bool // left out of the JSON when empty
	omitZero bool // left out of the JSON when zero
	rules
}

var (
	timeType          = reflect.TypeFor[time.Time]()
	rawType           = reflect.TypeFor[json.RawMessage]()
	jsonMarshaler     = reflect.TypeFor[json.Marshaler]()
	jsonUnmarshaler   = reflect.TypeFor[json.Unmarshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler   = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// shapeOf describes t. It refuses what has no honest schema in the portable subset: recursive types, interfaces,
// raw JSON, byte slices, fixed arrays, types that marshal themselves as JSON.
func shapeOf(t reflect.Type, path string, above []reflect.Type) (*shape, error) {
	s := &shape{typ: t}
	if t.Kind() == reflect.Pointer {
		s.ptr, s.typ = true, t.Elem()
	}
	t = s.typ
	switch {
	case t == timeType:
		s.kind = kindTime
		return s, nil
	case t == rawType:
		return nil, fmt.Errorf("%s: raw JSON has no schema, use a type", path)
	case implements(t, jsonMarshaler), implements(t, jsonUnmarshaler):
		return nil, fmt.Errorf("%s: %s marshals itself, its schema cannot be known", path, t)
	case implements(t, textMarshalerType) && implements(t, textUnmarshaler):
		s.kind = kindText
		return s, nil
	}
	return s, s.fill(path, above)
}

func implements(t, iface reflect.Type) bool {
	return t.Implements(iface) || reflect.PointerTo(t).Implements(iface)
}

// fill sets kind, elem and fields by the Go kind.
func (s *shape) fill(path string, above []reflect.Type) (err error) {
	switch s.typ.Kind() {
	case reflect.String:
		s.kind = kindString
	case reflect.Bool:
		s.kind = kindBoolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		s.kind = kindInteger
	case reflect.Float32, reflect.Float64:
		s.kind = kindNumber
	case reflect.Slice:
		if s.typ.Elem().Kind() == reflect.Uint8 {
			return fmt.Errorf("%s: byte slices are not portable, use a string", path)
		}
		s.kind = kindArray
		s.elem, err = shapeOf(s.typ.Elem(), path+"[]", above)
	case reflect.Map:
		if s.typ.Key().Kind() != reflect.String {
			return fmt.Errorf("%s: map keys must be strings, not %s", path, s.typ.Key())
		}
		s.kind = kindMap
		s.elem, err = shapeOf(s.typ.Elem(), path+"{}", above)
	case reflect.Struct:
		s.kind = kindObject
		for _, a := range above {
			if a == s.typ {
				return fmt.Errorf("%s: %s contains itself", path, s.typ)
			}
		}
		s.fields, err = fieldsOf(s.typ, nil, path, append(above[:len(above):len(above)], s.typ))
	default:
		return fmt.Errorf("%s: %s is not supported", path, s.typ)
	}
	return err
}

// fieldsOf lists the members of a struct; embedded structs without a name of their own are flattened, as encoding/json does,
// but two members of one name are an error instead of a silent choice.
func fieldsOf(t reflect.Type, base []int, path string, above []reflect.Type) ([]field, error) {
	var out []field
	for i := range t.NumField() {
		sf := t.Field(i)
		index := append(base[:len(base):len(base)], i)
		tag, tagged := sf.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-":
			continue
		case sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct && sf.Type != timeType:
			inner, err := fieldsOf(sf.Type, index, path, above)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
			continue
		case sf.Anonymous && name == "":
			return nil, fmt.Errorf("%s: embedded %s needs a json name", path, sf.Type)
		case !sf.IsExported():
			continue
		case !tagged || name == "":
			return nil, fmt.Errorf("%s: field %s has no json name", path, sf.Name)
		}
		f, err := newField(sf, name, options, join(path, name), above)
		if err != nil {
			return nil, err
		}
		f.index = index
		out = append(out, f)
	}
	seen := make(map[string]bool, len(out))
	for _, f := range out {
		if seen[f.name] {
			return nil, fmt.Errorf("%s: two fields are named %s", path, f.name)
		}
		seen[f.name] = true
	}
	return out, nil
}

func newField(sf reflect.StructField, name, options, path string, above []reflect.Type) (field, error) {
	f := field{name: name}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "":
		case "omitempty":
			f.omit = true
		case "omitzero":
			f.omitZero = true
		default:
			return f, fmt.Errorf("%s: json option %q is not supported", path, option)
		}
	}
	var err error
	if f.shape, err = shapeOf(sf.Type, path, above); err != nil {
		return f, err
	}
	if f.rules, err = rulesOf(sf.Tag, f.shape); err != nil {
		return f, fmt.Errorf("%s: %w", path, err)
	}
	f.optional = f.omit || f.omitZero || f.shape.ptr || f.hasDefault
	return f, nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
