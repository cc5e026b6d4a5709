package query

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// ParseV1 reads the body of one of V1's queries. @ and * stand for any run of characters and ? for one. The key workstationName of
// jobs is read both ways, as the job's workstation and as its stream's. A null counts as absent. Keys that only shape the
// answer (columns, date formats) are skipped; a key that is no filter is fault.Invalid and named.
func ParseV1(body []byte, of Object) (Query, error) {
	prefix, err := v1PrefixOf(of)
	if err != nil {
		return Query{}, err
	}
	if len(body) > maxText {
		return Query{}, fault.New(fault.Invalid, "The filter is longer than %d characters.", maxText)
	}
	root := map[string]any{}
	if len(bytes.TrimSpace(body)) > 0 {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&root); err != nil {
			return Query{}, fault.Wrap(fault.Invalid, err, "The filter is not a JSON object.")
		}
		if _, err := d.Token(); err != io.EOF {
			return Query{}, fault.New(fault.Invalid, "Something follows the filter's JSON object.")
		}
	}
	p := v1Parser{of: of, prefix: prefix}
	var plain, complex Expr
	var q Query
	for _, key := range slices.Sorted(maps.Keys(root)) {
		v := root[key]
		switch {
		case v == nil || key == "columns":
		case key == "filters":
			if plain, err = p.filters(v); err != nil {
				return Query{}, err
			}
		case key == "complexFilters":
			if complex, err = p.group(v, 0); err != nil {
				return Query{}, err
			}
		case key == "sorters":
			if q.Order, err = p.order(v); err != nil {
				return Query{}, err
			}
		default:
			return Query{}, fault.New(fault.Invalid, "%q is no part of a query.", key).WithHint("Valid parts: filters, sorters, complexFilters.")
		}
	}
	q.Where = normal(And{plain, complex}, of)
	return q, nil
}

type v1Parser struct {
	of     Object
	prefix string
}

func (p v1Parser) filters(v any) (Expr, error) {
	o, err := v1Object(v, "filters")
	if err != nil {
		return nil, err
	}
	var x Expr
	for _, key := range slices.Sorted(maps.Keys(o)) {
		switch {
		case o[key] == nil || slices.Contains([]string{"dateFormat", "dateTimeFormat", "durationFormat", "dateTimeOffset"}, key):
		case key == p.prefix+"Filter":
			if x, err = p.filter(o[key]); err != nil {
				return nil, err
			}
		default:
			return nil, fault.New(fault.Invalid, "%q is no filter of %s.", key, p.of).WithHint("The filter of %s is called %s.", p.of, p.prefix+"Filter")
		}
	}
	return x, nil
}

// filter reads one filter object; all its keys must hold.
func (p v1Parser) filter(v any) (Expr, error) {
	o, err := v1Object(v, p.prefix+"Filter")
	if err != nil {
		return nil, err
	}
	var all And
	for _, key := range slices.Sorted(maps.Keys(o)) {
		if o[key] == nil {
			continue
		}
		x, err := p.key(key, o[key])
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

func (p v1Parser) key(key string, v any) (Expr, error) {
	if p.of == Jobs && key == v1EitherWorkstation {
		job, err := v1Key{key: key, field: eitherWorkstation[0], kind: v1Path}.read(v)
		if err != nil {
			return nil, err
		}
		stream, err := v1Key{key: key, field: eitherWorkstation[1], kind: v1Path}.read(v)
		return Or{job, stream}, err
	}
	for _, k := range v1Filters[p.of] {
		switch key {
		case k.key:
			return k.read(v)
		case k.ranged:
			return k.readRange(v)
		}
	}
	var valid []string
	for _, k := range v1Filters[p.of] {
		valid = append(valid, k.key)
		if k.ranged != "" {
			valid = append(valid, k.ranged)
		}
	}
	if p.of == Jobs {
		valid = append(valid, v1EitherWorkstation)
	}
	return nil, fault.New(fault.Invalid, "%q is no key of the filter of %s.", key, p.of).WithHint("Valid keys: %s.", strings.Join(nearest(key, valid), ", "))
}

// read reads a key's value.
func (k v1Key) read(v any) (Expr, error) {
	if k.kind == v1Words {
		return k.readWords(v)
	}
	one, err := k.scalar(v)
	if err != nil {
		return nil, err
	}
	if one == "" {
		return nil, nil // an empty text asks nothing
	}
	if s, ok := one.(string); ok && (k.kind == v1Name || k.kind == v1Path) && strings.ContainsAny(s, "@*?") {
		return Matches(k.field, strings.NewReplacer("*", "@", `\`, `\\`).Replace(s)), nil
	}
	return Is(k.field, one), nil
}

func (k v1Key) readWords(v any) (Expr, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, k.wrong(v, "a list of texts")
	}
	if len(list) == 0 {
		return nil, nil // no words: nothing is asked
	}
	t := Term{Field: k.field, Op: In}
	for _, one := range list {
		s, ok := one.(string)
		if !ok {
			return nil, k.wrong(one, "a text")
		}
		if k.from != nil {
			s = k.from(s)
		}
		if !slices.Contains(t.Values, Value(s)) {
			t.Values = append(t.Values, s)
		}
	}
	if len(t.Values) == 1 {
		t.Op = Eq
	}
	return t, nil
}

// scalar reads one value by the kind of its key; digits may come as a number, and numbers as digits.
func (k v1Key) scalar(v any) (Value, error) {
	switch k.kind {
	case v1Truth:
		if b, ok := v.(bool); ok {
			return b, nil
		}
		return nil, k.wrong(v, "true or false")
	case v1Number, v1Digits:
		s, ok := v.(string)
		if n, isNumber := v.(json.Number); isNumber {
			s, ok = n.String(), true
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if !ok || err != nil {
			return nil, k.wrong(v, "a whole number")
		}
		return n, nil
	case v1Time:
		s, _ := v.(string)
		if t, ok := v1Instant(s); ok {
			return t, nil
		}
		return nil, k.wrong(v, "an instant like 2026-03-17T02:00:00Z")
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	return nil, k.wrong(v, "a text")
}

// v1Instant reads an instant; V1's description shows it without a zone, which means UTC.
func v1Instant(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil && printable(t.Truncate(time.Millisecond)) {
			return t.UTC().Truncate(time.Millisecond), true
		}
	}
	return time.Time{}, false
}

func (k v1Key) readRange(v any) (Expr, error) {
	o, err := v1Object(v, k.ranged)
	if err != nil {
		return nil, err
	}
	var all And
	for _, key := range slices.Sorted(maps.Keys(o)) {
		op, ok := map[string]Op{"rangeStart": Ge, "rangeEnd": Le}[key]
		if !ok {
			return nil, fault.New(fault.Invalid, "%q is no part of the range %q.", key, k.ranged).WithHint("A range has rangeStart and rangeEnd.")
		}
		if o[key] == nil {
			continue
		}
		bound, err := k.scalar(o[key])
		if err != nil {
			return nil, err
		}
		all = append(all, Term{Field: k.field, Op: op, Values: []Value{bound}})
	}
	return all, nil
}

func (k v1Key) wrong(v any, want string) error {
	shown, _ := json.Marshal(v)
	return fault.New(fault.Invalid, "The key %q holds %s, not %s.", k.key, clipText(string(shown), 60), want)
}

func v1Object(v any, what string) (map[string]any, error) {
	o, ok := v.(map[string]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "%q is no JSON object.", what)
	}
	return o, nil
}
