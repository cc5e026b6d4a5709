package toolkit

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
)

// The encoder writes what the schema promises: members in declaration order, lists that are never null, no nulls at all
// (a nil pointer is left out). Text is escaped as encoding/json does it, so that passing through another encoder changes no byte.

func appendValue(b []byte, s *shape, v reflect.Value) ([]byte, error) {
	if s.ptr {
		if v.IsNil() {
			return nil, fmt.Errorf("a list holds a nil %s", s.typ)
		}
		v = v.Elem()
	}
	switch s.kind {
	case kindString:
		return appendString(b, v.String()), nil
	case kindBoolean:
		return strconv.AppendBool(b, v.Bool()), nil
	case kindInteger:
		if v.CanUint() {
			return strconv.AppendUint(b, v.Uint(), 10), nil
		}
		return strconv.AppendInt(b, v.Int(), 10), nil
	case kindNumber, kindTime:
		enc, err := json.Marshal(v.Interface())
		return append(b, enc...), err
	case kindText:
		return appendText(b, v)
	case kindArray:
		return appendArray(b, s, v)
	case kindMap:
		return appendMap(b, s, v)
	}
	return appendObject(b, s, v)
}

func appendText(b []byte, v reflect.Value) ([]byte, error) {
	m, ok := v.Interface().(encoding.TextMarshaler)
	if !ok { // the method has a pointer receiver
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		m = p.Interface().(encoding.TextMarshaler)
	}
	text, err := m.MarshalText()
	return appendString(b, string(text)), err
}

func appendArray(b []byte, s *shape, v reflect.Value) (_ []byte, err error) {
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, s.elem, v.Index(i)); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendMap(b []byte, s *shape, v reflect.Value) (_ []byte, err error) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		if a.String() < b.String() {
			return -1
		}
		return 1
	})
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, k.String()), ':')
		if b, err = appendValue(b, s.elem, v.MapIndex(k)); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendObject(b []byte, s *shape, v reflect.Value) (_ []byte, err error) {
	b = append(b, '{')
	first := true
	for i := range s.fields {
		f := &s.fields[i]
		fv := v.FieldByIndex(f.index)
		if f.leftOut(fv) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, f.name), ':')
		if b, err = appendValue(b, f.shape, fv); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return append(b, '}'), nil
}

// leftOut follows encoding/json, and leaves out nil pointers too: the schema has no null.
func (f *field) leftOut(v reflect.Value) bool {
	switch {
	case f.shape.ptr && v.IsNil():
		return true
	case f.omitZero && zero(v):
		return true
	case f.omit:
		switch v.Kind() {
		case reflect.Slice, reflect.Map, reflect.String:
			return v.Len() == 0
		case reflect.Struct:
			return false
		}
		return v.IsZero()
	}
	return false
}

// zero asks the type's own IsZero first (time.Time).
func zero(v reflect.Value) bool {
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	return v.IsZero()
}

// appendString quotes s. The plain case needs no second look; the rest is left to encoding/json.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			enc, _ := json.Marshal(s) // a string always marshals
			return append(b, enc...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
