package toolkit

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Decoding is strict about meaning and forgiving about form. A name nobody knows is an error, because ignoring it would
// answer another question than the caller asked; "42" for 42 is not, because models do that and the meaning is plain.

// decode fills v, a struct of shape s, from args.
func decode(args json.RawMessage, s *shape, v reflect.Value) error {
	members, err := argumentObject(args)
	if err != nil {
		return err
	}
	return storeObject(v, s, members, "")
}

// Bounds of what a call may carry. Longer text is no name, and an engine would get it in an address.
const (
	maxArguments = 64 << 10
	maxValue     = 8 << 10
)

// argumentObject reads the arguments as an object: nothing and null are no arguments, a string may hold the object.
func argumentObject(args json.RawMessage) (map[string]any, error) {
	if len(bytes.TrimSpace(args)) == 0 {
		return nil, nil
	}
	if len(args) > maxArguments {
		return nil, fault.New(fault.Invalid, "The arguments are longer than %d bytes.", maxArguments)
	}
	v, err := parse(args)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The arguments are not valid JSON.").WithHint("Send one JSON object.")
	}
	if text, ok := v.(string); ok {
		if inner, err := parse([]byte(text)); err == nil {
			v = inner
		}
	}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return unwrap(v), nil
	}
	return nil, fault.New(fault.Invalid, "The arguments must be a JSON object, not %s.", nameOf(v))
}

// parse decodes one JSON value with its numbers kept as written.
func parse(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("more than one value")
	}
	return v, nil
}

// storeObject checks the members of an object against the shape and stores them.
func storeObject(v reflect.Value, s *shape, members map[string]any, path string) error {
	if err := s.refuseUnknown(members, path); err != nil {
		return err
	}
	for i := range s.fields {
		f := &s.fields[i]
		p := join(path, f.name)
		value := members[f.name]
		if text, ok := value.(string); ok && f.absent(strings.TrimSpace(text)) {
			value = nil
		}
		if value == nil {
			if !f.optional {
				return missing(f, p)
			}
			if !f.hasDefault {
				continue
			}
			value = f.def
		}
		value, err := coerce(value, f.shape, p)
		if err == nil {
			value, err = f.check(value, f.shape, p)
		}
		if err == nil {
			err = store(v.FieldByIndex(f.index), f.shape, value, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// absent reports whether a text can only mean that the caller had nothing to say.
func (f *field) absent(text string) bool {
	switch {
	case f.shape.kind == kindString && f.enum == nil && (!f.hasDefault || !f.optional):
		return text == ""
	case f.enum != nil:
		if _, listed := enumWord(text, f.enum); listed {
			return false
		}
	}
	return absentWord(text)
}

func missing(f *field, path string) error {
	e := fault.New(fault.Invalid, "The argument %q is required.", path)
	if f.doc != "" {
		return e.WithHint("%s: %s", path, f.doc)
	}
	return e
}

func (s *shape) refuseUnknown(members map[string]any, path string) error {
	var unknown []string
	for name := range members {
		if !slices.ContainsFunc(s.fields, func(f field) bool { return f.name == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	valid := make([]string, 0, len(s.fields))
	for _, f := range s.fields {
		valid = append(valid, join(path, f.name))
	}
	return unknownArgument(join(path, clip(unknown[0])), valid)
}

// coerce brings a decoded JSON value into the form of the shape, or says what was expected.
func coerce(v any, s *shape, path string) (any, error) {
	switch s.kind {
	case kindString, kindText, kindTime:
		switch x := only(v).(type) {
		case string:
			if len(x) > maxValue {
				return nil, fault.New(fault.Invalid, "The argument %q is longer than %d bytes.", path, maxValue)
			}
			return strings.TrimSpace(x), nil
		case json.Number:
			return x.String(), nil
		case bool:
			return strconv.FormatBool(x), nil
		}
	case kindInteger, kindNumber:
		if n, ok := asNumber(only(v), s.kind == kindInteger); ok {
			return n, nil
		}
	case kindBoolean:
		if b, ok := truth(only(v)); ok {
			return b, nil
		}
	case kindArray:
		return coerceArray(v, s, path)
	case kindObject, kindMap:
		if text, ok := v.(string); ok {
			v, _ = parse([]byte(text))
		}
		if m, ok := v.(map[string]any); ok {
			return m, nil
		}
	}
	return nil, fault.New(fault.Invalid, "The argument %q must be %s, not %s.", path, s.expected(), nameOf(v))
}

// only unpacks an array of one scalar: models send ["x"] where one value is asked for.
func only(v any) any {
	if list, ok := v.([]any); ok && len(list) == 1 {
		return list[0]
	}
	return v
}

func coerceArray(v any, s *shape, path string) (any, error) {
	list, ok := v.([]any)
	if text, isText := v.(string); isText {
		if inner, err := parse([]byte(text)); err == nil {
			list, ok = inner.([]any)
		}
		if !ok && s.elem.kind == kindString {
			list, ok = items(text), true
		}
	}
	if !ok {
		list = []any{v}
	}
	out := make([]any, 0, len(list))
	for i, item := range list {
		if text, ok := item.(string); item == nil || ok && strings.TrimSpace(text) == "" {
			continue
		}
		c, err := coerce(item, s.elem, path+"["+strconv.Itoa(i)+"]")
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// asNumber accepts a JSON number or its text; an integer may be written as 3.0.
func asNumber(v any, integer bool) (json.Number, bool) {
	text := ""
	switch x := v.(type) {
	case json.Number:
		text = x.String()
	case string:
		text = strings.TrimSpace(x)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return "", false
	}
	if !integer {
		return json.Number(strconv.FormatFloat(f, 'g', -1, 64)), true
	}
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return json.Number(strings.TrimPrefix(text, "+")), true
	}
	if f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return "", false
	}
	return json.Number(strconv.FormatFloat(f, 'f', -1, 64)), true
}

// store puts a coerced value into a Go value of the shape.
func store(v reflect.Value, s *shape, value any, path string) error {
	if s.ptr {
		p := reflect.New(s.typ)
		if err := store(p.Elem(), s.bare(), value, path); err != nil {
			return err
		}
		v.Set(p)
		return nil
	}
	switch s.kind {
	case kindString:
		v.SetString(value.(string))
	case kindBoolean:
		v.SetBool(value.(bool))
	case kindTime:
		t, err := time.Parse(time.RFC3339, strings.TrimSpace(value.(string)))
		if err != nil {
			return fault.New(fault.Invalid, "The argument %q must be %s, not %q.", path, s.expected(), clip(value.(string)))
		}
		v.Set(reflect.ValueOf(t))
	case kindText:
		if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(value.(string))); err != nil {
			return textError(err, path, value.(string))
		}
	case kindInteger, kindNumber:
		return storeNumber(v, value.(json.Number), path)
	case kindArray:
		return storeArray(v, s, value.([]any), path)
	case kindMap:
		return storeMap(v, s, value.(map[string]any), path)
	case kindObject:
		return storeObject(v, s, value.(map[string]any), path)
	}
	return nil
}

// textError keeps the words of a coded error; foreign ones may hold anything.
func textError(err error, path, value string) error {
	if fault.Is(err, fault.Invalid) {
		return err
	}
	return fault.Wrap(fault.Invalid, err, "The argument %q does not accept the value %q.", path, clip(value))
}
