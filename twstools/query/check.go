package query

import (
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Check holds a query that a program built to the object's fields: each must be known, its operator fit its type, its values be of it. Errors are
// fault.Invalid; the hint lists the valid fields, the nearest first. ParseOQLOf does the same with positions for what people write.
func Check(q Query, of Object) error {
	if err := checkExpr(q.Where, of); err != nil {
		return err
	}
	for _, o := range q.Order {
		if err := checkOrder(o.Field, of, false); err != nil {
			return err
		}
	}
	return nil
}

func checkExpr(x Expr, of Object) error {
	switch x := x.(type) {
	case And:
		return checkAll(x, of)
	case Or:
		return checkAll(x, of)
	case Not:
		return checkExpr(x.X, of)
	case Term:
		f, ok := FieldOf(of, x.Field)
		if !ok {
			return badFieldOf(x.Field, of, false)
		}
		if what := f.refuses(x.Op); what != "" {
			return fault.New(fault.Invalid, "%s.", what)
		}
		for _, v := range x.Values {
			if _, ok := f.take(x.Op, v); !ok {
				return fault.New(fault.Invalid, "%s.", f.wants(x.Op))
			}
		}
	}
	return nil
}

func checkAll(parts []Expr, of Object) error {
	for _, p := range parts {
		if err := checkExpr(p, of); err != nil {
			return err
		}
	}
	return nil
}

// orderOnly is a name that engines order by and refuse to filter by.
const orderOnly = "key.name"

func checkOrder(name string, of Object, oql bool) error {
	if f, ok := FieldOf(of, name); ok && (f.OQL || !oql || !hasOQL(of)) {
		return nil
	}
	if name == orderOnly && hasOQL(of) {
		return nil
	}
	return badFieldOf(name, of, oql)
}

// hasOQL reports whether the engine's language knows the object at all; a list that only V1 has is filtered by all its fields.
func hasOQL(of Object) bool {
	return slices.ContainsFunc(tableOf(of), func(f Field) bool { return f.OQL })
}

// badFieldOf refuses a name; oql leaves out the fields that the engine's language does not know.
func badFieldOf(name string, of Object, oql bool) *fault.Error {
	err := fault.New(fault.Invalid, "The field %q is not one that %s can be filtered by.", clipText(name, 60), of)
	if name == orderOnly {
		return err.WithHint("The engine orders by key.name and does not filter by it: use name.")
	}
	var valid []string
	for _, f := range FieldsOf(of) {
		if f.OQL || !oql || !hasOQL(of) {
			valid = append(valid, f.Name)
		}
	}
	return err.WithHint("%s", hintFields(name, valid))
}

// hintFields lists the valid fields, the nearest first.
func hintFields(name string, valid []string) string {
	sorted := nearest(name, valid)
	for _, f := range sorted {
		if strings.EqualFold(f, name) {
			return "Case counts: it is called " + f + ". Valid fields: " + strings.Join(sorted, ", ") + "."
		}
	}
	return "Valid fields, the nearest first: " + strings.Join(sorted, ", ") + "."
}

// refuses says why an operator does not fit the field, or "".
func (f Field) refuses(op Op) string {
	fits := []Op{Eq, Ne, In, NotIn}
	switch f.Type {
	case String:
		fits = append(fits, Le, Ge, Lt, Gt, Like, NotLike)
	case Int, Instant, Duration:
		fits = append(fits, Le, Ge, Lt, Gt)
	case Bool:
		fits = []Op{Eq, Ne}
	}
	if f.counted {
		fits = []Op{Eq, Ne}
	}
	if slices.Contains(fits, op) {
		return ""
	}
	words := make([]string, len(fits))
	for i, one := range fits {
		words[i] = string(one)
	}
	return "The field " + f.Name + " holds " + f.Type.String() + " and is not compared with " + clipText(string(op), 20) + ", only with " + strings.Join(words, ", ")
}

// wants says what the field is compared with.
func (f Field) wants(op Op) string {
	example := map[Type]string{String: "'PAY'", Int: "10", Bool: "true", Instant: "'2026-03-17T02:00:00.000Z'", Duration: "'PT1H30M'", UUID: "'6d19eaf1-c9da-3799-96ed-131f07832a01'",
		Enum: "'READY'"}[f.Type]
	if op == Like || op == NotLike {
		example = "a pattern like 'PAY@'"
	}
	out := "The field " + f.Name + " holds " + f.Type.String() + ": compare it with " + example
	if op == Eq || op == Ne {
		out += " or null"
	}
	return out
}

// take brings a value to the field's type; ok is false when it is of another.
func (f Field) take(op Op, v Value) (Value, bool) {
	v = widen(v)
	if v == nil {
		return nil, op == Eq || op == Ne
	}
	s, isText := v.(string)
	switch f.Type {
	case Int:
		_, ok := v.(int64)
		return v, ok
	case Bool:
		_, ok := v.(bool)
		return v, ok
	case Instant:
		if isText {
			t, err := time.Parse(time.RFC3339Nano, s)
			return t.UTC().Truncate(time.Millisecond), err == nil && printable(t.Truncate(time.Millisecond))
		}
		_, ok := v.(time.Time)
		return v, ok
	case Duration:
		if isText {
			d, ok := ParseDuration(s)
			return d, ok
		}
		_, ok := v.(time.Duration)
		return v, ok
	}
	return v, isText
}

// CheckFields returns fault.Invalid when the query names a field that is not among valid; the hint lists them.
func CheckFields(q Query, valid []string) error {
	known := make(map[string]bool, len(valid))
	for _, f := range valid {
		known[f] = true
	}
	used := Fields(q.Where)
	for _, o := range q.Order {
		used = append(used, o.Field)
	}
	for _, f := range used {
		if !known[f] {
			return fault.New(fault.Invalid, "The field %q is not one that can be filtered by.", f).
				WithHint("%s", hintFields(f, valid))
		}
	}
	return nil
}
