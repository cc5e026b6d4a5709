package toolkit

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
)

func storeNumber(v reflect.Value, n json.Number, path string) error {
	tooBig := fault.New(fault.Invalid, "The argument %q is out of range.", path)
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		f, err := n.Float64()
		if err != nil || v.OverflowFloat(f) {
			return tooBig
		}
		v.SetFloat(f)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u, err := strconv.ParseUint(n.String(), 10, 64)
		if err != nil || v.OverflowUint(u) {
			return tooBig
		}
		v.SetUint(u)
	default:
		i, err := strconv.ParseInt(n.String(), 10, 64)
		if err != nil || v.OverflowInt(i) {
			return tooBig
		}
		v.SetInt(i)
	}
	return nil
}

func storeArray(v reflect.Value, s *shape, items []any, path string) error {
	list := reflect.MakeSlice(s.typ, len(items), len(items))
	for i, item := range items {
		if err := store(list.Index(i), s.elem, item, path+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

func storeMap(v reflect.Value, s *shape, members map[string]any, path string) error {
	m := reflect.MakeMapWithSize(s.typ, len(members))
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names) // the first error is then always the same
	for _, name := range names {
		if members[name] == nil {
			continue
		}
		p := join(path, clip(name))
		value, err := coerce(members[name], s.elem, p)
		if err != nil {
			return err
		}
		e := reflect.New(s.typ.Elem()).Elem()
		if err := store(e, s.elem, value, p); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(name).Convert(s.typ.Key()), e)
	}
	v.Set(m)
	return nil
}

// expected says in words what the shape takes.
func (s *shape) expected() string {
	switch s.kind {
	case kindInteger:
		return "a whole number"
	case kindNumber:
		return "a number"
	case kindBoolean:
		return "true or false"
	case kindTime:
		return "a time with zone like 2026-11-21T03:00:00Z"
	case kindArray:
		return "a list"
	case kindObject, kindMap:
		return "an object"
	}
	return "a text"
}

// nameOf says in words what was given, without repeating more than a short text of it.
func nameOf(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(clip(v))
	case json.Number:
		return clip(v.String())
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "nothing"
}

// clip shortens what a caller sent before it is repeated to them.
func clip(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
