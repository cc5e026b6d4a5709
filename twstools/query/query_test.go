package query_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/query"
)

func TestParseOQLReadsWhatTheManualShows(t *testing.T) {
	at := time.Date(2025, 12, 1, 23, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, text string
		want       query.Query
	}{
		{"empty", "  ", query.Query{}},
		{"equal", "name = 'PAY'", query.Query{Where: query.Is("name", "PAY")}},
		{"keywords in any case", "a = 1 and b != 2 Or c like 'X@'", query.Query{Where: query.Or{
			query.And{query.Is("a", int64(1)), query.Term{Field: "b", Op: query.Ne, Values: []query.Value{int64(2)}}}, query.Matches("c", "X@")}}},
		{"parentheses bind", "a = 1 AND (b = 2 OR c = 3)", query.Query{Where: query.And{query.Is("a", int64(1)), query.Or{query.Is("b", int64(2)), query.Is("c", int64(3))}}}},
		{"list", "jobruns.commonStatus IN ['ERROR', 'BLOCKED']", query.Query{Where: query.AnyOf("jobruns.commonStatus", "ERROR", "BLOCKED")}},
		{"empty list", "a IN []", query.Query{Where: query.Term{Field: "a", Op: query.In, Values: []query.Value{}}}},
		{"not in", "a NOT IN [1,2]", query.Query{Where: query.Term{Field: "a", Op: query.NotIn, Values: []query.Value{int64(1), int64(2)}}}},
		{"not like", "a not like 'B?'", query.Query{Where: query.Term{Field: "a", Op: query.NotLike, Values: []query.Value{"B?"}}}},
		{"constants", "a = true AND b = FALSE AND c != null", query.Query{Where: query.And{query.Is("a", true), query.Is("b", false),
			query.Term{Field: "c", Op: query.Ne, Values: []query.Value{nil}}}}},
		{"quote in a string", "name = 'O''NEIL'", query.Query{Where: query.Is("name", "O'NEIL")}},
		{"keyword in a string", "name = 'A OR B'", query.Query{Where: query.Is("name", "A OR B")}},
		{"instant, quoted and bare", "a >= '2025-12-01T23:00:00.000Z' AND b < 2025-12-01T23:00:00Z", query.Query{Where: query.And{
			query.Term{Field: "a", Op: query.Ge, Values: []query.Value{at}}, query.Term{Field: "b", Op: query.Lt, Values: []query.Value{at}}}}},
		{"duration, quoted and bare", "a > 'PT4H20S' AND b <= PT5M", query.Query{Where: query.And{
			query.Term{Field: "a", Op: query.Gt, Values: []query.Value{4*time.Hour + 20*time.Second}}, query.Term{Field: "b", Op: query.Le, Values: []query.Value{5 * time.Minute}}}}},
		{"a name that looks like a duration", "name = 'PT300S'", query.Query{Where: query.Is("name", "PT300S")}},
		{"order", "a = -1 ORDER BY b desc, c", query.Query{Where: query.Is("a", int64(-1)), Order: []query.Order{{Field: "b", Desc: true}, {Field: "c"}}}},
		{"only order", "order by key.name asc", query.Query{Order: []query.Order{{Field: "key.name"}}}},
		{"decimals", "a = 1.5 AND b = 2.0", query.Query{Where: query.And{query.Is("a", 1.5), query.Is("b", int64(2))}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := query.ParseOQL(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("ParseOQL(%q) = %#v, want %#v", c.text, got, c.want)
			}
		})
	}
}

func TestParseOQLErrorsNamePositionAndToken(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"open quote", "name = 'PAY", "position 8"},
		{"no value", "name =", "end of the text at position 7"},
		{"bare text", "name = PAY", `"PAY" at position 8`},
		{"no operator", "name 'PAY'", "position 6"},
		{"double equals", "name == 'PAY'", `"=" at position 7`},
		{"foreign character", "name = 'A'; DROP", `";" at position 11`},
		{"missing parenthesis", "(a = 1", "closing parenthesis"},
		{"too much", "a = 1 b = 2", `"b" at position 7`},
		{"keyword as field", "AND = 1", `"AND" at position 1`},
		{"list without brackets", "a IN 'x'", "list in [ ]"},
		{"list without comma", "a IN ['x' 'y']", "comma"},
		{"not alone", "a NOT 'x'", "NOT LIKE"},
		{"like a number", "a LIKE 1", "pattern in quotes"},
		{"less than null", "a < null", `"null" at position 5`},
		{"broken field", "a..b = 1", `"a..b"`},
		{"order without field", "ORDER BY", "name of a field"},
		{"order without by", "ORDER a", "BY"},
		{"deep", strings.Repeat("(", 200) + "a = 1" + strings.Repeat(")", 200), "too deeply"},
		{"bad utf-8", "a = '\xff'", "UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := query.ParseOQL(c.text)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, c.want) {
				t.Errorf("ParseOQL(%q) = %v, want invalid with %q", c.text, err, c.want)
			}
		})
	}
}

func TestPrint(t *testing.T) {
	for _, c := range []struct {
		name string
		q    query.Query
		want string
	}{
		{"all", query.Query{Where: query.And{}}, ""},
		{"or inside and", query.Query{Where: query.And{query.Is("a", 1), query.Or{query.Is("b", 2), query.Is("c", 3)}}}, "a = 1 AND (b = 2 OR c = 3)"},
		{"nested groups flatten", query.Query{Where: query.And{query.And{query.Is("a", 1)}, query.Or{query.Is("b", 2)}}}, "a = 1 AND b = 2"},
		{"not turns the operator", query.Query{Where: query.Not{X: query.Matches("name", "A@")}}, "name NOT LIKE 'A@'"},
		{"not turns a bound and takes in what has no value", query.Query{Where: query.And{query.Is("a", 1), query.Not{X: query.Term{Field: "b", Op: query.Lt, Values: []query.Value{2}}}}}, "a = 1 AND (b >= 2 OR b = null)"},
		{"not in", query.Query{Where: query.Not{X: query.AnyOf("a", "x", "y")}}, "a NOT IN ['x', 'y']"},
		{"instant", query.Query{Where: query.Is("schedTime", time.Date(2026, 3, 1, 1, 2, 3, 0, time.FixedZone("", 3600)))}, "schedTime = '2026-03-01T00:02:03.000Z'"},
		{"duration", query.Query{Where: query.Is("d", 90*time.Minute)}, "d = 'PT1H30M'"},
		{"order", query.Query{Where: query.Is("a", nil), Order: []query.Order{{Field: "b", Desc: true}}}, "a = null ORDER BY b DESC"},
		{"hostile value stays a value", query.Query{Where: query.Is("name", "x' OR name != '")}, "name = 'x'' OR name != '''"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := query.Print(c.q)
			if err != nil || got != c.want {
				t.Errorf("Print = %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestPrintRefuses(t *testing.T) {
	for name, q := range map[string]query.Query{
		"not over a group": {Where: query.Not{X: query.And{query.Is("a", 1), query.Is("b", 2)}}},
		"nothing":          {Where: query.Or{}},
		"hostile field":    {Where: query.Is("a = 1 OR b", 1)},
		"keyword field":    {Where: query.Is("NOT", 1)},
		"hostile order":    {Order: []query.Order{{Field: "a DESC, b"}}},
		"hostile operator": {Where: query.Term{Field: "a", Op: "= 1 OR b =", Values: []query.Value{1}}},
		"two values":       {Where: query.Term{Field: "a", Op: query.Eq, Values: []query.Value{1, 2}}},
		"foreign value":    {Where: query.Is("a", struct{}{})},
		"less than null":   {Where: query.Term{Field: "a", Op: query.Lt, Values: []query.Value{nil}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := query.Print(q); !fault.Is(err, fault.Invalid) {
				t.Errorf("Print = %q, %v, want invalid", got, err)
			}
		})
	}
}

// fakeRow is a row of plain values.
type fakeRow map[string][]query.Value

func (r fakeRow) Values(f string) ([]query.Value, bool) { v, ok := r[f]; return v, ok }

var payRow = fakeRow{
	"name": {"PAY_LOAD"}, "rc": {int64(0), int64(8)}, "prio": {int64(10)}, "on": {true}, "none": nil,
	"at": {time.Date(2026, 3, 17, 2, 0, 0, 0, time.UTC)}, "est": {5 * time.Minute}, "ws": {query.Spellings{"/LX01", "LX01"}},
}

func TestEval(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                 true,
		"name = 'PAY_LOAD'":                true,
		"name = 'pay_load'":                false,
		"name LIKE 'PAY@'":                 true,
		"name LIKE '@LOAD'":                true,
		"name LIKE 'PAY?LOAD'":             true,
		"name LIKE 'PAY?'":                 false,
		"name NOT LIKE 'GL@'":              true,
		"rc = 8":                           true,
		"rc > 8":                           false,
		"rc != 0":                          true,
		"rc IN [7, 8]":                     true,
		"rc = '8'":                         true,
		"prio NOT IN [0, 100]":             true,
		"prio >= 10":                       true,
		"prio = 'ten'":                     false,
		"on = true":                        true,
		"on = 'true'":                      true,
		"on = 1":                           false,
		"at >= '2026-03-17T02:00:00.000Z'": true,
		"at < '2026-03-16T23:00:00-03:00'": false,
		"at = '2026-03-16T23:00:00-03:00'": true,
		"at = 2026-03-17T02:00:00Z":        true,
		"est <= PT5M":                      true,
		"est > 'PT5M'":                     false,
		"none = null":                      true,
		"none != null":                     false,
		"none = 'x'":                       false,
		"none != 'x'":                      true,
		"name != null":                     true,
		"ws = 'LX01'":                      true,
		"ws = '/LX01'":                     true,
		"ws != 'LX01'":                     false,
		"ws NOT IN ['/LX01']":              false,
		"ws NOT LIKE '/@'":                 false,
		"ws LIKE 'LX@'":                    true,
		"stranger = 'x'":                   false,
		"stranger != 'x'":                  false,
		"name = 'A' OR rc = 8":             true,
		"name = 'A' AND rc = 8":            false,
	} {
		q, err := query.ParseOQL(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := query.Eval(q.Where, payRow); got != want {
			t.Errorf("Eval(%s) = %v, want %v", text, got, want)
		}
	}
	if query.Eval(query.Not{X: query.Is("rc", 8)}, payRow) {
		t.Error("Not is the true opposite: a run with 8 exists")
	}
}

func TestMatchAndLiteral(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"@", "", true}, {"", "", true}, {"?", "", false}, {"A@B@C", "AxxBxxC", true}, {"A@B@C", "AxxCxxB", false},
		{`A\@B`, "A@B", true}, {`A\@B`, "AxB", false}, {"ção?", "ção1", true}, {`A\`, "A", false}, {"@@@@a", strings.Repeat("b", 5000), false},
		{query.Literal(`a@b?c\d`), `a@b?c\d`, true}, {query.Literal("a@"), "abc", false},
	} {
		if got := query.Match(c.pattern, c.s); got != c.want {
			t.Errorf("Match(%q, %q) = %v, want %v", c.pattern, c.s, got, c.want)
		}
	}
}

func TestSortIsStableAndPutsMissingLast(t *testing.T) {
	rows := []fakeRow{{"p": {int64(2)}, "n": {"b"}}, {"p": nil, "n": {"z"}}, {"p": {int64(2)}, "n": {"a"}}, {"p": {int64(9)}, "n": {"c"}}}
	for _, c := range []struct {
		order []query.Order
		want  string
	}{
		{[]query.Order{{Field: "p"}}, "b a c z"},
		{[]query.Order{{Field: "p", Desc: true}}, "c b a z"},
		{[]query.Order{{Field: "p"}, {Field: "n"}}, "a b c z"},
		{nil, "b z a c"},
	} {
		items := append([]fakeRow(nil), rows...)
		query.Sort(items, func(r fakeRow) query.Row { return r }, c.order)
		var got []string
		for _, r := range items {
			got = append(got, r["n"][0].(string))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("Sort by %v = %v, want %s", c.order, got, c.want)
		}
	}
}

func TestFieldsAndCheck(t *testing.T) {
	q, err := query.ParseOQL("a = 1 AND (b = 2 OR a = 3) ORDER BY c")
	if err != nil {
		t.Fatal(err)
	}
	if got := query.Fields(q.Where); !reflect.DeepEqual(got, []string{"a", "b"}) {
		t.Errorf("Fields = %v", got)
	}
	if err := query.CheckFields(q, []string{"a", "b", "c"}); err != nil {
		t.Errorf("CheckFields of known fields = %v", err)
	}
	err = query.CheckFields(q, []string{"a", "b"})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, `"c"`) || !strings.Contains(fault.Public(err).Hint, "a, b") {
		t.Errorf("CheckFields of an unknown order field = %v", err)
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT1H30M": 90 * time.Minute, "P1DT2H": 26 * time.Hour, "PT0.25S": 250 * time.Millisecond, "-PT5M": -5 * time.Minute, "PT0S": 0, "P1W": 168 * time.Hour, "PT90M": 90 * time.Minute,
	} {
		if got, ok := query.ParseDuration(text); !ok || got != want {
			t.Errorf("ParseDuration(%s) = %v, %v, want %v", text, got, ok, want)
		}
	}
	for _, bad := range []string{"", "P", "PT", "PT5", "5M", "PTM", "P1M", "P1Y", "PT1M1H", "PT1HT1M", "PT99999999999999999H", "P1.D"} {
		if got, ok := query.ParseDuration(bad); ok && bad != "P1.D" {
			t.Errorf("ParseDuration(%q) = %v, want refusal", bad, got)
		}
	}
}

func FuzzParseOQL(f *testing.F) {
	for _, s := range []string{"", "a = 1", "a IN ['x','y'] ORDER BY b DESC", "(a = 'it''s' OR b > PT5M) AND c <= 2025-12-01T23:00:00.000Z", "a NOT LIKE '@?'", "a = -1.5", "a='PT1H'", "a = 'x' -- OR"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := query.ParseOQL(s)
		if err != nil {
			return
		}
		printed, err := query.Print(q)
		if err != nil {
			t.Fatalf("Print(ParseOQL(%q)): %v", s, err)
		}
		again, err := query.ParseOQL(printed)
		if err != nil {
			t.Fatalf("ParseOQL(%q), printed from %q: %v", printed, s, err)
		}
		if !reflect.DeepEqual(q, again) {
			t.Fatalf("%q printed as %q reads as %#v, not %#v", s, printed, again, q)
		}
		query.Eval(q.Where, payRow)
	})
}

// FuzzValueStaysInside proves that no text can leave its quotes and become a condition.
func FuzzValueStaysInside(f *testing.F) {
	f.Add("x' OR name != '")
	f.Add(`\'`)
	f.Fuzz(func(t *testing.T, s string) {
		printed, err := query.Print(query.Query{Where: query.Matches("name", s)})
		if err != nil {
			t.Fatal(err)
		}
		q, err := query.ParseOQL(printed)
		if err != nil {
			return // too long or not UTF-8: refused as a whole, which is safe too
		}
		if !reflect.DeepEqual(q.Where, query.Matches("name", s)) {
			t.Fatalf("%q became %#v", s, q.Where)
		}
	})
}
