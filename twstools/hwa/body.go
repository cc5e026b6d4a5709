package hwa

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// body is what a row of the table lets a request carry. V1 asks for lists by POST, and the filter is the body; whatever is no filter of the row's
// own kind of object is refused, here when the request is made and again at the wire.
type body struct {
	kind   bodyKind
	object string // "jobInPlan": the filter is then "jobInPlanFilter"
}

type bodyKind int

const (
	bodyNone     bodyKind = iota
	bodyBrackets          // {}
	bodySelect            // {"filters":{…},"sorters":{…},"complexFilters":{…}}
	bodyGoOn              // what is inside "filters" alone
)

// maxBody bounds a filter.
const maxBody = 256 << 10

var bodyEmpty = body{kind: bodyBrackets}

func bodyQuery(object string) body { return body{bodySelect, object} }
func bodyNext(object string) body  { return body{bodyGoOn, object} }

// check refuses a text that the row does not take.
func (b body) check(text string) error {
	if b.kind == bodyNone {
		if text != "" {
			return errBody
		}
		return nil
	}
	o, err := strictObject(text)
	if err != nil {
		return err
	}
	ok := false
	switch b.kind {
	case bodyBrackets:
		ok = len(o) == 0
	case bodyGoOn:
		ok = b.filters(o)
	case bodySelect:
		ok = b.selection(o)
	}
	if !ok {
		return errBody
	}
	return nil
}

var errBody = fault.New(fault.Internal, "The request's body is no filter of the table of allowed reads.")

func (b body) selection(o object) bool {
	for key, v := range o {
		m := asObject(v)
		ok := false
		switch key {
		case "filters":
			ok = m != nil && b.filters(m)
		case "sorters":
			ok = m != nil && b.sorters(m)
		case "complexFilters":
			ok = m != nil && b.complex(m, 0)
		}
		if !ok {
			return false
		}
	}
	return true
}

func (b body) filters(o object) bool {
	for key, v := range o {
		if key != b.object+"Filter" || !isFilter(v) {
			return false
		}
	}
	return true
}

func (b body) sorters(o object) bool {
	for key, v := range o {
		fields := asObject(v)
		if key != b.object+"Sorter" || fields == nil {
			return false
		}
		for name, how := range fields {
			m := asObject(how)
			if !plainKey.MatchString(name) || m == nil {
				return false
			}
			for k, v := range m {
				_, flag := v.(bool)
				_, number := v.(json.Number)
				if !(k == "descending" && flag || k == "priority" && number) {
					return false
				}
			}
		}
	}
	return true
}

// maxNesting bounds groups within groups.
const maxNesting = 8

func (b body) complex(o object, depth int) bool {
	if depth > maxNesting {
		return false
	}
	for key, v := range o {
		switch key {
		case "operator":
			if s, ok := v.(string); !ok || !slices.Contains([]string{"", "AND", "OR", "NOT"}, s) {
				return false
			}
		case b.object + "ComplexFilter":
			if !eachObject(v, b.single) {
				return false
			}
		case "complexFilters":
			if !eachObject(v, func(m object) bool { return b.complex(m, depth+1) }) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// single is one filter of a group.
func (b body) single(o object) bool {
	for key, v := range o {
		_, flag := v.(bool)
		if !(key == "filter" && isFilter(v) || key == "notOperator" && flag) {
			return false
		}
	}
	return true
}

func eachObject(v any, ok func(object) bool) bool {
	list, is := v.([]any)
	if !is {
		return false
	}
	for _, e := range list {
		if m := asObject(e); m == nil || !ok(m) {
			return false
		}
	}
	return true
}

var plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,63}$`)

// isFilter holds a filter to plain keys over words, numbers, flags, lists of those, and ranges.
func isFilter(v any) bool {
	m := asObject(v)
	if m == nil {
		return false
	}
	for key, v := range m {
		if !plainKey.MatchString(key) || !isConstant(v, 0) {
			return false
		}
	}
	return true
}

func isConstant(v any, depth int) bool {
	switch v := v.(type) {
	case string, bool, json.Number:
		return true
	case []any:
		return depth < 3 && !slices.ContainsFunc(v, func(e any) bool { return !isConstant(e, depth+1) })
	case map[string]any:
		for key, e := range v {
			if depth >= 3 || !plainKey.MatchString(key) || !isConstant(e, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// strictObject reads one JSON object and nothing after it. A key that comes twice is refused: servers differ in which of the two they believe.
func strictObject(text string) (object, error) {
	if len(text) > maxBody {
		return nil, fault.New(fault.Invalid, "The filter is too long for the engine.").WithHint("Ask for fewer names at a time.")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := strictValue(d, 0)
	o, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, errBody
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errBody
	}
	return o, nil
}

func strictValue(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil || depth > 32 {
		return nil, errBody
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := strictValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		m := map[string]any{}
		for d.More() {
			t, err := d.Token()
			key, ok := t.(string)
			if err != nil || !ok {
				return nil, errBody
			}
			if _, twice := m[key]; twice {
				return nil, errBody
			}
			if m[key], err = strictValue(d, depth+1); err != nil {
				return nil, err
			}
		}
		_, err := d.Token()
		return m, err
	}
	return t, nil
}
