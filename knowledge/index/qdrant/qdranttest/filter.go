package qdranttest

import (
	"slices"
	"strings"

	"github.com/qdrant/go-client/qdrant"
)

// test tells whether a point fits.
type test func(*point) bool

func all(tests ...test) test {
	return func(p *point) bool { return !slices.ContainsFunc(tests, func(t test) bool { return !t(p) }) }
}

// filter compiles a filter; a nil one fits every point. An empty list of conditions is as good as none, because a message cannot tell them apart.
func filter(f *qdrant.Filter) (test, error) {
	must, err := conditions(f.GetMust())
	if err != nil {
		return nil, err
	}
	not, err := conditions(f.GetMustNot())
	if err != nil {
		return nil, err
	}
	should, err := conditions(f.GetShould())
	if err != nil {
		return nil, err
	}
	some, err := conditions(f.GetMinShould().GetConditions())
	if err != nil {
		return nil, err
	}
	least := f.GetMinShould().GetMinCount()
	if f.GetMinShould() != nil && least == 0 {
		return nil, invalid("Validation error in body: [filter.min_should.min_count: min_count must be greater than 0]")
	}
	return func(p *point) bool {
		fits := func(t test) bool { return t(p) }
		if len(should) > 0 && !slices.ContainsFunc(should, fits) || slices.ContainsFunc(not, fits) || !all(must...)(p) {
			return false
		}
		n := uint64(0)
		for _, t := range some {
			if t(p) {
				n++
			}
		}
		return n >= least
	}, nil
}

func conditions(in []*qdrant.Condition) ([]test, error) {
	var out []test
	for _, c := range in {
		t, err := condition(c)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func condition(c *qdrant.Condition) (test, error) {
	switch v := c.GetConditionOneOf().(type) {
	case *qdrant.Condition_Filter:
		return filter(v.Filter)
	case *qdrant.Condition_HasId:
		ids, err := readIDs(v.HasId.GetHasId())
		return func(p *point) bool { return slices.Contains(ids, p.id) }, err
	case *qdrant.Condition_HasVector:
		name := v.HasVector.GetHasVector()
		return func(p *point) bool { return p.dense[name] != nil || p.sparse[name] != nil }, nil
	case *qdrant.Condition_IsEmpty:
		return func(p *point) bool { return isEmpty(values(p.payload, v.IsEmpty.GetKey())) }, nil
	case *qdrant.Condition_IsNull:
		return func(p *point) bool { return slices.ContainsFunc(values(p.payload, v.IsNull.GetKey()), isNull) }, nil
	case *qdrant.Condition_Field:
		return field(v.Field)
	case *qdrant.Condition_Nested:
		return nil, unsupported("nested conditions")
	}
	return nil, invalid("Malformed Condition type")
}

func field(f *qdrant.FieldCondition) (test, error) {
	var fits func(*qdrant.Value) bool
	switch {
	case f.GetMatch() != nil && f.GetRange() != nil:
		return nil, unsupported("two conditions in one field condition")
	case f.GetMatch() != nil:
		m, err := match(f.GetMatch())
		if err != nil {
			return nil, err
		}
		fits = m
	case f.GetRange() != nil:
		fits = within(f.GetRange())
	case f.IsEmpty != nil:
		return func(p *point) bool { return isEmpty(values(p.payload, f.GetKey())) == f.GetIsEmpty() }, nil
	case f.IsNull != nil:
		return func(p *point) bool {
			return slices.ContainsFunc(values(p.payload, f.GetKey()), isNull) == f.GetIsNull()
		}, nil
	default:
		return nil, unsupported("such field condition")
	}
	return func(p *point) bool { return slices.ContainsFunc(values(p.payload, f.GetKey()), fits) }, nil
}

// match gives the test of one value. A list in the payload fits when one of its elements does, which values has seen to;
// so "except" fits when there is a value beside the excepted ones, and never when there is none at all.
func match(m *qdrant.Match) (func(*qdrant.Value) bool, error) {
	switch w := m.GetMatchValue().(type) {
	case *qdrant.Match_Keyword:
		return func(v *qdrant.Value) bool { s, ok := text(v); return ok && s == w.Keyword }, nil
	case *qdrant.Match_Keywords:
		return func(v *qdrant.Value) bool { s, ok := text(v); return ok && slices.Contains(w.Keywords.GetStrings(), s) }, nil
	case *qdrant.Match_ExceptKeywords:
		return func(v *qdrant.Value) bool {
			s, ok := text(v)
			return !isNull(v) && (!ok || !slices.Contains(w.ExceptKeywords.GetStrings(), s))
		}, nil
	case *qdrant.Match_Integer:
		return func(v *qdrant.Value) bool { n, ok := integer(v); return ok && n == w.Integer }, nil
	case *qdrant.Match_Integers:
		return func(v *qdrant.Value) bool {
			n, ok := integer(v)
			return ok && slices.Contains(w.Integers.GetIntegers(), n)
		}, nil
	case *qdrant.Match_ExceptIntegers:
		return func(v *qdrant.Value) bool {
			n, ok := integer(v)
			return !isNull(v) && (!ok || !slices.Contains(w.ExceptIntegers.GetIntegers(), n))
		}, nil
	case *qdrant.Match_Boolean:
		return func(v *qdrant.Value) bool {
			b, ok := v.GetKind().(*qdrant.Value_BoolValue)
			return ok && b.BoolValue == w.Boolean
		}, nil
	}
	return nil, unsupported("full text conditions")
}

func within(r *qdrant.Range) func(*qdrant.Value) bool {
	return func(v *qdrant.Value) bool {
		var x float64
		switch k := v.GetKind().(type) {
		case *qdrant.Value_IntegerValue:
			x = float64(k.IntegerValue)
		case *qdrant.Value_DoubleValue:
			x = k.DoubleValue
		default:
			return false
		}
		return (r.Lt == nil || x < *r.Lt) && (r.Gt == nil || x > *r.Gt) && (r.Lte == nil || x <= *r.Lte) && (r.Gte == nil || x >= *r.Gte)
	}
}

func text(v *qdrant.Value) (string, bool) {
	k, ok := v.GetKind().(*qdrant.Value_StringValue)
	if !ok {
		return "", false
	}
	return k.StringValue, true
}

func integer(v *qdrant.Value) (int64, bool) {
	k, ok := v.GetKind().(*qdrant.Value_IntegerValue)
	if !ok {
		return 0, false
	}
	return k.IntegerValue, true
}

func isNull(v *qdrant.Value) bool {
	_, null := v.GetKind().(*qdrant.Value_NullValue)
	return null || v.GetKind() == nil
}

// isEmpty holds for an absent field, a null one and an empty list.
func isEmpty(vs []*qdrant.Value) bool {
	return !slices.ContainsFunc(vs, func(v *qdrant.Value) bool { return !isNull(v) })
}

// values gives what stands at a path (a.b, a[].b) of a payload; a list at its end counts as its elements.
func values(payload map[string]*qdrant.Value, path string) []*qdrant.Value {
	at := []*qdrant.Value{{Kind: &qdrant.Value_StructValue{StructValue: &qdrant.Struct{Fields: payload}}}}
	for _, step := range strings.Split(path, ".") {
		name, spread := strings.CutSuffix(step, "[]")
		var next []*qdrant.Value
		for _, v := range at {
			if w, ok := v.GetStructValue().GetFields()[name]; ok {
				next = append(next, w)
			}
		}
		if spread {
			next = elements(next)
		}
		at = next
	}
	return elements(at)
}

func elements(vs []*qdrant.Value) []*qdrant.Value {
	var out []*qdrant.Value
	for _, v := range vs {
		if list, ok := v.GetKind().(*qdrant.Value_ListValue); ok {
			out = append(out, list.ListValue.GetValues()...)
		} else {
			out = append(out, v)
		}
	}
	return out
}
