package query_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/query"
)

func TestParseOQLOfTakesWhatTheFieldHolds(t *testing.T) {
	for text, want := range map[string]query.Expr{
		"name = 'PT5M'":                                         query.Is("name", "PT5M"),
		"name = '2026-03-17T02:00:00.000Z'":                     query.Is("name", "2026-03-17T02:00:00.000Z"),
		"schedTime = '2026-03-16T23:00:00-03:00'":               query.Is("schedTime", epoch),
		"schedTime = 2026-03-17T02:00:00Z":                      query.Is("schedTime", epoch),
		"jobruns.estimatedDuration > 'PT90M'":                   query.Term{Field: "jobruns.estimatedDuration", Op: query.Gt, Values: []query.Value{90 * time.Minute}},
		"priority != null":                                      query.Term{Field: "priority", Op: query.Ne, Values: []query.Value{nil}},
		"jobruns.commonStatus in ['ERROR','NEWER']":             query.AnyOf("jobruns.commonStatus", "ERROR", "NEWER"),
		"dependenciesStats.numberOfUnresolvedDependencies != 0": query.Term{Field: "dependenciesStats.numberOfUnresolvedDependencies", Op: query.Ne, Values: []query.Value{int64(0)}},
		"jobOptions.critical = TRUE":                            query.Is("jobOptions.critical", true),
	} {
		q, err := query.ParseOQLOf(text, query.Jobs)
		if err != nil || !reflect.DeepEqual(q.Where, want) {
			t.Errorf("ParseOQLOf(%s) = %#v, %v, want %#v", text, q.Where, err, want)
		}
		if err := query.Check(q, query.Jobs); err != nil {
			t.Errorf("Check of %s = %v", text, err)
		}
	}
	q, err := query.ParseOQLOf("ORDER BY key.name ASC, priority DESC", query.Jobs)
	if want := []query.Order{{Field: "key.name"}, {Field: "priority", Desc: true}}; err != nil || !reflect.DeepEqual(q.Order, want) {
		t.Errorf("order = %v, %v", q.Order, err)
	}
}

func TestParseOQLOfErrorsTeach(t *testing.T) {
	for _, c := range []struct {
		text, message, hint string
		of                  query.Object
	}{
		{"key.name = 'X'", `"key.name"`, "use name", query.Jobs},
		{"name = 'A' AND jobstreamName = 'X'", "At position 16.", "it is called jobStreamName", query.Jobs},
		{"commonStatus = 'ERROR'", `"commonStatus"`, "nearest first: jobruns.commonStatus, ", query.Jobs},
		{"jobStatusFlags.jobLate = true", "can be filtered by", "", query.Jobs},
		{"jobruns.returnCode = 8", "job streams", "", query.JobStreams},
		{"priority LIKE '1@'", "not compared with LIKE, only with = , !=", "", query.Jobs},
		{"dependenciesStats.numberOfJobDependencies > 1", "only with =, !=, at position 43", "", query.Jobs},
		{"jobruns.commonStatus LIKE 'E@'", "one of the engine's words", "", query.Jobs},
		{"id > 'a'", "an identifier", "", query.Jobs},
		{"jobOptions.critical > true", "true or false", "", query.Jobs},
		{"priority = '10'", `compare it with 10 or null, not with "10" at position 12`, "", query.Jobs},
		{"priority = 1.5", "a whole number", "", query.Jobs},
		{"name = 10", "compare it with 'PAY' or null", "", query.Jobs},
		{"name > null", "at position 8", "", query.Jobs},
		{"name IN ['A', null]", "at position 15", "", query.Jobs},
		{"schedTime > 'yesterday'", "'2026-03-17T02:00:00.000Z'", "", query.Jobs},
		{"jobruns.estimatedDuration > 5", "'PT1H30M'", "", query.Jobs},
		{"name LIKE 5", "a pattern like 'PAY@'", "", query.Jobs},
		{"name = 'A' ORDER BY colour", "At position 21.", "nearest first", query.Jobs},
	} {
		c.message = strings.ReplaceAll(c.message, "= , !=", "=, !=")
		_, err := query.ParseOQLOf(c.text, c.of)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, c.message) || !strings.Contains(fault.Public(err).Hint, c.hint) {
			t.Errorf("ParseOQLOf(%s) = %v (%v), want %q, hint %q", c.text, err, fault.Public(err), c.message, c.hint)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for name, q := range map[string]query.Query{
		"unknown field":    {Where: query.Not{X: query.Is("colour", 1)}},
		"foreign field":    {Where: query.Or{query.Is("name", "A"), query.Is("commonStatus", "ERROR")}},
		"wrong operator":   {Where: query.And{query.Matches("priority", "1@")}},
		"wrong value":      {Where: query.AnyOf("priority", "1")},
		"unknown operator": {Where: query.Term{Field: "name", Op: "~", Values: []query.Value{"A"}}},
		"unknown order":    {Order: []query.Order{{Field: "colour"}}},
	} {
		if err := query.Check(q, query.Jobs); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: Check = %v, want invalid", name, err)
		}
	}
	if err := query.Check(query.Query{Where: query.Is("jobStatusFlags.jobLate", true), Order: []query.Order{{Field: "key.name"}}}, query.Jobs); err != nil {
		t.Errorf("what V1 alone can say is no error of a program: %v", err)
	}
}

// throughOQL holds what can be printed to reading back as equal, to the bytes and on rows.
func throughOQL(t *testing.T, seed uint64) (said bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 11))
	of := pick(r, objects)
	x := randomExpr(r, query.FieldsOf(of), r.IntN(4))
	q := query.Query{Where: x}
	if r.IntN(3) == 0 {
		q.Order = []query.Order{{Field: pick(r, query.FieldsOf(of)).Name, Desc: r.IntN(2) == 0}}
	}
	printed, err := query.Print(q)
	if err != nil {
		return false
	}
	plain, err := query.ParseOQL(printed)
	if err != nil {
		t.Fatalf("seed %d: ParseOQL(%s): %v", seed, printed, err)
	}
	if again, err := query.Print(plain); err != nil || again != printed {
		t.Fatalf("seed %d: %s\nreads and prints as %s, %v", seed, printed, again, err)
	}
	typed, typedErr := query.ParseOQLOf(printed, of)
	for range 40 {
		row := randomRow(r, of)
		want := query.Eval(x, row)
		if typedErr != nil {
			continue
		}
		if got := query.Eval(typed.Where, row); want && !got || got && !want && !negatesMany(x, of) {
			t.Fatalf("seed %d: %s\nreads back as %#v\nwhich differs from %#v on %v", seed, printed, typed.Where, x, row)
		}
	}
	return x != nil && typedErr == nil
}

// negatesMany reports whether a Not stands over a field with several values, which OQL can only ask roughly.
func negatesMany(x query.Expr, of query.Object) bool {
	switch x := x.(type) {
	case query.And:
		return slices.ContainsFunc(x, func(p query.Expr) bool { return negatesMany(p, of) })
	case query.Or:
		return slices.ContainsFunc(x, func(p query.Expr) bool { return negatesMany(p, of) })
	case query.Not:
		return slices.ContainsFunc(query.Fields(x.X), func(name string) bool { f, _ := query.FieldOf(of, name); return f.Many })
	}
	return false
}

func TestOQLRoundTripsOnRandomConditions(t *testing.T) {
	mostly(t, throughOQL)
}

func FuzzOQLRoundTrip(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { throughOQL(t, seed) })
}
