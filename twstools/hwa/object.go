package hwa

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is one JSON object as it came. The getters take the first of their keys that holds a usable value, convert between the
// types that servers mix up (numbers and strings, booleans and words), and give the zero value for everything else.
type object map[string]any

func asObject(v any) object {
	m, _ := v.(map[string]any)
	return m
}

// has reports whether the key is there at all, null included.
func (o object) has(key string) bool {
	_, ok := o[key]
	return ok
}

// hasPath follows a dotted path; an array on the way is searched for any element that has the rest.
func (o object) hasPath(path string) bool {
	key, rest, more := strings.Cut(path, ".")
	v, ok := o[key]
	if !ok || v == nil {
		return false
	}
	if !more {
		return true
	}
	if list, ok := v.([]any); ok {
		return slices.ContainsFunc(list, func(e any) bool { return asObject(e).hasPath(rest) })
	}
	return asObject(v).hasPath(rest)
}

func (o object) obj(keys ...string) object {
	for _, k := range keys {
		if m := asObject(o[k]); m != nil {
			return m
		}
	}
	return nil
}

// list gives the elements of an array, or a lone object as an array of one.
func (o object) list(keys ...string) []any {
	for _, k := range keys {
		switch v := o[k].(type) {
		case []any:
			return v
		case map[string]any:
			return []any{v}
		}
	}
	return nil
}

func (o object) str(keys ...string) string {
	for _, k := range keys {
		if s := text(o[k]); s != "" {
			return s
		}
	}
	return ""
}

// text reads a word out of whatever a server put in its place; of an object, its name.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case map[string]any:
		s, _ := v["name"].(string)
		return s
	}
	return ""
}

// raw gives a text untouched: spaces at its ends may matter.
func (o object) raw(keys ...string) string {
	for _, k := range keys {
		if s, ok := o[k].(string); ok && s != "" {
			return s
		}
	}
	return o.str(keys...)
}

func (o object) strs(keys ...string) []string {
	for _, k := range keys {
		var out []string
		switch v := o[k].(type) {
		case []any:
			for _, e := range v {
				if s := text(e); s != "" {
					out = append(out, s)
				}
			}
		case map[string]any: // a set written as {"LINKED": true}
			for name, on := range v {
				if b := truth(on); b == nil || *b {
					out = append(out, name)
				}
			}
			slices.Sort(out)
		case string:
			out = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '|' })
		}
		if out != nil {
			return out
		}
	}
	return nil
}

func (o object) num(keys ...string) *float64 {
	for _, k := range keys {
		var s string
		switch v := o[k].(type) {
		case json.Number:
			s = v.String()
		case string:
			s = strings.TrimSpace(v)
		default:
			continue
		}
		if f, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return &f
		}
	}
	return nil
}

// integer gives a whole number that fits 32 bits, as the interface's integers do; HI and GO are priorities in letters.
func (o object) integer(keys ...string) *int {
	f := o.num(keys...)
	if f == nil || *f != math.Trunc(*f) || math.Abs(*f) > math.MaxInt32 {
		return nil
	}
	n := int(*f)
	return &n
}

func (o object) int64(keys ...string) int64 {
	for _, k := range keys {
		if n, err := strconv.ParseInt(text(o[k]), 10, 64); err == nil {
			return n
		}
	}
	if f := o.num(keys...); f != nil && math.Abs(*f) < 1<<53 {
		return int64(*f)
	}
	return 0
}

func (o object) int(keys ...string) int {
	if n := o.integer(keys...); n != nil {
		return *n
	}
	return 0
}

// truth reads a boolean in any spelling; nil when v is none.
func truth(v any) *bool {
	yes, no := true, false
	switch v := v.(type) {
	case bool:
		return &v
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "yes", "y", "1", "on":
			return &yes
		case "false", "no", "n", "0", "off":
			return &no
		}
	case json.Number:
		if f, err := v.Float64(); err == nil {
			if f != 0 {
				return &yes
			}
			return &no
		}
	}
	return nil
}

func (o object) boolean(keys ...string) *bool {
	for _, k := range keys {
		if b := truth(o[k]); b != nil {
			return b
		}
	}
	return nil
}

func (o object) is(keys ...string) bool {
	b := o.boolean(keys...)
	return b != nil && *b
}

func (o object) instant(keys ...string) time.Time {
	for _, k := range keys {
		if t := parseInstant(text(o[k])); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func (o object) duration(keys ...string) time.Duration {
	for _, k := range keys {
		if d, ok := parseDuration(text(o[k])); ok && d != 0 {
			return d
		}
	}
	return 0
}
