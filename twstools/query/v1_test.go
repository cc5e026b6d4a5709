package query_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/query"
)

func v1Body(t *testing.T, q query.Query, of query.Object) string {
	t.Helper()
	v, err := query.PrintV1(q, of)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPrintV1(t *testing.T) {
	from, to := epoch, epoch.Add(time.Hour)
	between := func(field string) query.And {
		return query.And{query.Term{Field: field, Op: query.Ge, Values: []query.Value{from}}, query.Term{Field: field, Op: query.Le, Values: []query.Value{to}}}
	}
	for _, c := range []struct {
		name string
		of   query.Object
		q    query.Query
		want string
	}{
		{"all", query.Jobs, query.Query{}, `{"filters":{"jobInPlanFilter":{}}}`},
		{"what must all hold shares one object", query.Jobs, query.Query{Where: query.And{query.Matches("name", "PAY@"), query.Is("jobStreamName", "GL"), query.Is("priority", 10)}},
			`{"filters":{"jobInPlanFilter":{"jobName":"PAY@","jobStreamName":"GL","priority":10}}}`},
		{"V1 has its own words for a status", query.Jobs, query.Query{Where: query.AnyOf("jobruns.compositeStatus.status", "FAIL", "EXEC", "PEND", "CANCLP", "SUPPR", "ABENP")},
			`{"filters":{"jobInPlanFilter":{"internalStatusList":["FAILED","EXEC","EXEC_PLUS","ENDP","CANCELP","SUPPRESS","ABENDP"]}}}`},
		{"common status", query.Jobs, query.Query{Where: query.Is("jobruns.commonStatus", "ERROR")}, `{"filters":{"jobInPlanFilter":{"statusList":["ERROR"]}}}`},
		{"a range", query.Jobs, query.Query{Where: between("jobruns.timeInfo.actualStartTime")},
			`{"filters":{"jobInPlanFilter":{"actualStartTimeRange":{"rangeEnd":"2026-03-17T03:00:00.000Z","rangeStart":"2026-03-17T02:00:00.000Z"}}}}`},
		{"a stream's range has another name", query.JobStreams, query.Query{Where: between("schedTime")},
			`{"filters":{"jobStreamInPlanFilter":{"scheduledTimeRange":{"rangeEnd":"2026-03-17T03:00:00.000Z","rangeStart":"2026-03-17T02:00:00.000Z"}}}}`},
		{"numbers that V1 keeps as text", query.Jobs, query.Query{Where: query.And{query.Is("jobruns.jobNumber", int64(77)), query.Is("jobruns.returnCode", 8)}},
			`{"filters":{"jobInPlanFilter":{"jobNumber":"77","returnCode":"8"}}}`},
		{"flags", query.Jobs, query.Query{Where: query.And{query.Is("jobStatusFlags.jobLate", true), query.Is("jobOptions.critical", true), query.Is("jobruns.lastInRerunChain", true),
			query.Is("jobStatusFlags.untilGone", false)}}, `{"filters":{"jobInPlanFilter":{"critical":true,"lastInRerunChain":true,"late":true,"untilExpired":false}}}`},
		{"dependencies", query.Jobs, query.Query{Where: query.And{query.Is("dependencies.fileName", "/in/x"), query.Is("dependencies.promptName", "GO"), query.Is("dependencies.resourceName", "SLOT")}},
			`{"filters":{"jobInPlanFilter":{"fileDependencyName":"/in/x","promptDependencyName":"GO","resourceDependencyName":"SLOT"}}}`},
		{"the misspelt key of resources", query.Resources, query.Query{Where: query.And{query.Is("workstation", "/LX1"), query.Is("name", "SLOT")}},
			`{"filters":{"resourceInPlanFilter":{"resourceName":"SLOT","workstatioName":"LX1"}}}`},
		{"alternatives", query.Jobs, query.Query{Where: query.Or{query.Is("name", "A"), query.And{query.Is("name", "B"), query.Is("priority", 0)}}},
			`{"filters":{"jobInPlanFilter":{}},"complexFilters":{"jobInPlanComplexFilter":[{"filter":{"jobName":"A"},"notOperator":false},` +
				`{"filter":{"jobName":"B","priority":0},"notOperator":false}],"operator":"OR"}}`},
		{"alternatives that hold alternatives", query.Jobs, query.Query{Where: query.Or{query.Is("name", "A"), query.And{query.Is("priority", 0), query.Not{X: query.Is("name", "B")}}}},
			`{"filters":{"jobInPlanFilter":{}},"complexFilters":{"complexFilters":[{"jobInPlanComplexFilter":[{"filter":{"priority":0},"notOperator":false},` +
				`{"filter":{"jobName":"B"},"notOperator":true}],"operator":"AND"}],"jobInPlanComplexFilter":[{"filter":{"jobName":"A"},"notOperator":false}],"operator":"OR"}}`},
		{"a list of names", query.JobStreams, query.Query{Where: query.AnyOf("name", "A", "B")}, `{"filters":{"jobStreamInPlanFilter":{}},"complexFilters":` +
			`{"jobStreamInPlanComplexFilter":[{"filter":{"jobStreamName":"A"},"notOperator":false},{"filter":{"jobStreamName":"B"},"notOperator":false}],"operator":"OR"}}`},
		{"a negation beside a condition", query.Jobs, query.Query{Where: query.And{query.Is("jobStreamName", "GL"), query.Term{Field: "name", Op: query.NotLike, Values: []query.Value{"T@"}}}},
			`{"filters":{"jobInPlanFilter":{"jobStreamName":"GL"}},"complexFilters":{"jobInPlanComplexFilter":[{"filter":{"jobName":"T@"},"notOperator":true}],"operator":"AND"}}`},
		{"either workstation", query.Jobs, query.Query{Where: query.Or{query.Is("workstation", "LX1"), query.Is("jobStreamWorkstation", "LX1")}},
			`{"filters":{"jobInPlanFilter":{"workstationName":"LX1"}}}`},
		{"order", query.Prompts, query.Query{Order: []query.Order{{Field: "timeAsked", Desc: true}, {Field: "name"}}},
			`{"filters":{"promptInPlanFilter":{}},"sorters":{"promptInPlanSorter":{"askTime":{"descending":true,"priority":1},"name":{"descending":false,"priority":2}}}}`},
		{"critical jobs", query.CriticalJobs, query.Query{Where: query.AnyOf("alertLevel", "HIGH_RISK", "POTENTIAL_RISK")},
			`{"filters":{"criticalJobInPlanFilter":{"alertLevelList":["HIGH_RISK","POTENTIAL_RISK"]}}}`},
		{"plans", query.Plans, query.Query{Where: query.Is("type", "ARCHIVED")}, `{"filters":{"symphonyInPlanFilter":{"planType":"ARCHIVED"}}}`},
		{"files", query.Files, query.Query{Where: query.And{query.Matches("name", "/in/@"), query.Is("workstation", "LX1")}}, `{"filters":{"fileInPlanFilter":{"fileName":"/in/@","workstationName":"LX1"}}}`},
		{"a Windows logon", query.Jobs, query.Query{Where: query.Is("jobDefinition.userLogin", `DOM\batch`)}, `{"filters":{"jobInPlanFilter":{"userLogin":"DOM\\batch"}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := v1Body(t, c.q, c.of); got != c.want {
				t.Errorf("PrintV1 = %s\nwant      %s", got, c.want)
			}
		})
	}
}

func TestPrintV1NamesWhatItCannotSay(t *testing.T) {
	for _, c := range []struct {
		of   query.Object
		q    query.Query
		want string
	}{
		{query.Jobs, query.Query{Where: query.And{query.Is("name", "A"), query.Is("folder", "/FIN")}}, "folder = '/FIN'"},
		{query.Jobs, query.Query{Where: query.Is("name", nil)}, "name = null"},
		{query.Jobs, query.Query{Where: query.Is("name", "A@B")}, "name = 'A@B'"},
		{query.Jobs, query.Query{Where: query.Matches("name", "A?")}, "name LIKE 'A?'"},
		{query.Jobs, query.Query{Where: query.Is("jobStreamWorkstation", "LX1")}, "jobStreamWorkstation = 'LX1'"},
		{query.Jobs, query.Query{Where: query.Is("jobruns.compositeStatus.status", "END")}, "jobruns.compositeStatus.status = 'END'"},
		{query.Jobs, query.Query{Where: query.Term{Field: "jobruns.commonStatus", Op: query.Ne, Values: []query.Value{"ERROR"}}}, "jobruns.commonStatus != 'ERROR'"},
		{query.Jobs, query.Query{Where: query.Is("priority", int64(1)<<40)}, "priority = 1099511627776"},
		{query.Jobs, query.Query{Where: query.Is("x' y", 1)}, "x' y"},
		{query.Jobs, query.Query{Order: []query.Order{{Field: "folder"}}}, `order jobs by "folder"`},
		{query.Jobs, query.Query{Where: query.Or{}}, "match nothing"},
		{query.Object(99), query.Query{}, "no lists"},
	} {
		got, err := query.PrintV1(c.q, c.of)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, c.want) {
			t.Errorf("PrintV1(%v) = %v, %v, want invalid with %s", c.q, got, err, c.want)
		}
	}
}

func TestParseV1(t *testing.T) {
	row := fakeRow{"name": {"VADER"}, "jobStreamName": {"GL"}, "workstation": {query.Spellings{"/LX1", "LX1"}}, "jobStreamWorkstation": {query.Spellings{"/MDM", "MDM"}},
		"jobruns.commonStatus": {"ERROR"}, "jobruns.compositeStatus.status": {"FAIL"}, "schedTime": {epoch}, "priority": {int64(10)}, "jobruns.returnCode": {int64(8)}, "jobOptions.critical": {true}}
	for body, want := range map[string]bool{
		"":                                      true,
		`{}`:                                    true,
		`null`:                                  true,
		`{"filters":null,"columns":["status"]}`: true,
		`{"filters":{"jobInPlanFilter":{"jobName":"VAD*"}}}`:                                                                                                           true,
		`{"filters":{"jobInPlanFilter":{"jobName":"VAD@"}}}`:                                                                                                           true,
		`{"filters":{"jobInPlanFilter":{"jobName":"VADE?"}}}`:                                                                                                          true,
		`{"filters":{"jobInPlanFilter":{"jobName":"VAD"}}}`:                                                                                                            false,
		`{"filters":{"jobInPlanFilter":{"jobName":"","jobNumber":null}}}`:                                                                                              true,
		`{"filters":{"jobInPlanFilter":{"workstationName":"LX1"}}}`:                                                                                                    true,
		`{"filters":{"jobInPlanFilter":{"workstationName":"MDM"}}}`:                                                                                                    true,
		`{"filters":{"jobInPlanFilter":{"workstationName":"LX2"}}}`:                                                                                                    false,
		`{"filters":{"jobInPlanFilter":{"internalStatusList":["FAILED","EXEC_PLUS"]}}}`:                                                                                true,
		`{"filters":{"jobInPlanFilter":{"internalStatusList":["EXEC_PLUS"]}}}`:                                                                                         false,
		`{"filters":{"jobInPlanFilter":{"statusList":[]}}}`:                                                                                                            true,
		`{"filters":{"jobInPlanFilter":{"inputArrivalTime":"2026-03-17T02:00:00"}}}`:                                                                                   true,
		`{"filters":{"jobInPlanFilter":{"inputArrivalTimeRange":{"rangeStart":"2026-03-17T02:00:00.001Z"}}}}`:                                                          false,
		`{"filters":{"jobInPlanFilter":{"priorityRange":{"rangeStart":5,"rangeEnd":10}}}}`:                                                                             true,
		`{"filters":{"jobInPlanFilter":{"returnCode":"8","critical":true}}}`:                                                                                           true,
		`{"filters":{"jobInPlanFilter":{"returnCode":8,"priority":"10"}}}`:                                                                                             true,
		`{"complexFilters":{"operator":"NOT","jobInPlanComplexFilter":[{"filter":{"jobName":"VADER"}}]}}`:                                                              false,
		`{"complexFilters":{"operator":"","jobInPlanComplexFilter":[{"filter":{"jobName":"VADER"},"notOperator":true}]}}`:                                              false,
		`{"complexFilters":{"operator":"","jobInPlanComplexFilter":[{"filter":{"jobName":"X"}},{"filter":{"jobName":"VADER"}}]}}`:                                      true,
		`{"complexFilters":{"operator":"AND","jobInPlanComplexFilter":[{"filter":{"jobName":"X"}},{"filter":{"jobName":"VADER"}}]}}`:                                   false,
		`{"complexFilters":{"operator":"OR","complexFilters":[{"operator":"AND","jobInPlanComplexFilter":[{"filter":{"jobName":"VADER","jobStreamName":"GL"}}]}]}}`:    true,
		`{"filters":{"jobInPlanFilter":{"jobName":"VADER"}},"complexFilters":{"operator":"OR","jobInPlanComplexFilter":[{"filter":{"jobName":"Y"}},{"filter":null}]}}`: true,
	} {
		q, err := query.ParseV1([]byte(body), query.Jobs)
		if err != nil {
			t.Errorf("ParseV1(%s): %v", body, err)
			continue
		}
		if got := query.Eval(q.Where, row); got != want {
			t.Errorf("%s matches = %v, want %v", body, got, want)
		}
	}
}

func TestParseV1Refuses(t *testing.T) {
	for body, want := range map[string]string{
		`[]`:           "JSON object",
		`{} {}`:        "follows",
		`{"filter":1}`: `"filter"`,
		`{"filters":{"jobStreamInPlanFilter":{}}}`:                                                          "jobInPlanFilter",
		`{"filters":{"jobInPlanFilter":{"jobname":"X"}}}`:                                                   `Valid keys: jobName`,
		`{"filters":{"jobInPlanFilter":{"jobName":1}}}`:                                                     "a text",
		`{"filters":{"jobInPlanFilter":{"priority":"ten"}}}`:                                                "a whole number",
		`{"filters":{"jobInPlanFilter":{"critical":"yes"}}}`:                                                "true or false",
		`{"filters":{"jobInPlanFilter":{"statusList":"ERROR"}}}`:                                            "a list",
		`{"filters":{"jobInPlanFilter":{"priorityRange":{"from":1}}}}`:                                      "rangeStart",
		`{"filters":{"jobInPlanFilter":{"inputArrivalTime":"yesterday"}}}`:                                  "instant",
		`{"sorters":{"jobInPlanSorter":{"colour":{}}}}`:                                                     "ordered",
		`{"complexFilters":{"operator":"XOR"}}`:                                                             "AND, OR, NOT",
		`{"complexFilters":{"jobInPlanComplexFilter":{}}}`:                                                  "no list",
		strings.Repeat(`{"complexFilters":[`, 1) + "1]}":                                                    "no JSON object",
		`{"complexFilters":` + strings.Repeat(`{"complexFilters":[`, 200) + strings.Repeat("]}", 200) + `}`: "too deeply",
	} {
		_, err := query.ParseV1([]byte(body), query.Jobs)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message+fault.Public(err).Hint, want) {
			t.Errorf("ParseV1(%s) = %v, want invalid with %s", body, err, want)
		}
	}
}

func TestSplitV1(t *testing.T) {
	is := query.Is
	for _, c := range []struct {
		name         string
		x            query.Expr
		ask, decided string // as OQL
	}{
		{"all of it", query.And{is("name", "A"), is("jobStreamName", "B")}, "name = 'A' AND jobStreamName = 'B'", ""},
		{"none of it", is("folder", "/FIN"), "", "folder = '/FIN'"},
		{"a part of an And", query.And{is("name", "A"), is("folder", "/FIN")}, "name = 'A'", "folder = '/FIN'"},
		{"an alternative that V1 cannot say spoils the rest", query.Or{is("name", "A"), is("folder", "/FIN")}, "", "name = 'A' OR folder = '/FIN'"},
		{"alternatives with a part each", query.Or{query.And{is("name", "A"), is("folder", "/FIN")}, is("name", "B")}, "name = 'A' OR name = 'B'", "name = 'A' AND folder = '/FIN' OR name = 'B'"},
		{"a name with a wildcard in it", is("name", "A?B"), "name LIKE 'A@B'", "name = 'A?B'"},
		{"one character", query.Matches("name", "A?B"), "name LIKE 'A@B'", "name LIKE 'A?B'"},
		{"a workstation in a folder", is("workstation", "/PROD/LX1"), "workstation LIKE '@LX1'", "workstation = '/PROD/LX1'"},
		{"a bound that V1 may leave out", query.Term{Field: "schedTime", Op: query.Le, Values: []query.Value{epoch}}, "schedTime <= '2026-03-17T02:00:01.000Z'", "schedTime <= '2026-03-17T02:00:00.000Z'"},
		{"either workstation", query.Or{is("workstation", "L"), is("jobStreamWorkstation", "L"), is("name", "A")},
			"workstation = 'L' OR jobStreamWorkstation = 'L' OR name = 'A'", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ask, rest := query.SplitV1(c.x, query.Jobs)
			if got, err := query.Print(query.Query{Where: ask}); err != nil || got != c.ask {
				t.Errorf("sayable = %q, %v, want %q", got, err, c.ask)
			}
			if got, err := query.Print(query.Query{Where: rest}); err != nil || got != c.decided {
				t.Errorf("rest = %q, %v, want %q", got, err, c.decided)
			}
		})
	}
}

// throughV1 holds a condition to the promises: what is printed reads back as equal, and a split asks for no row too few.
func throughV1(t *testing.T, seed uint64) (said bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	of := pick(r, objects)
	x := randomExpr(r, query.FieldsOf(of), r.IntN(4))
	back := func(x query.Expr) (query.Expr, error) {
		v, err := query.PrintV1(query.Query{Where: x}, of)
		if err != nil {
			return nil, err
		}
		body, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		q, err := query.ParseV1(body, of)
		if err != nil {
			t.Fatalf("seed %d: ParseV1(%s): %v", seed, body, err)
		}
		if again := v1Body(t, q, of); again != string(body) {
			t.Fatalf("seed %d: %s\nreads and prints as %s", seed, body, again)
		}
		return q.Where, nil
	}
	whole, wholeErr := back(x)
	ask, rest := query.SplitV1(x, of)
	asked, err := back(ask)
	if err != nil && !matchesNothing(err) {
		t.Fatalf("seed %d: the sayable part of %#v cannot be said: %v", seed, x, err)
	}
	for range 40 {
		row := randomRow(r, of)
		want := query.Eval(x, row)
		if wholeErr == nil && query.Eval(whole, row) != want {
			t.Fatalf("seed %d: %#v\nreads back as %#v\nwhich differs on %v", seed, x, whole, row)
		}
		if query.Eval(ask, row) && query.Eval(rest, row) != want {
			t.Fatalf("seed %d: %#v\nsplit into %#v\nand %#v\ndiffers on %v", seed, x, ask, rest, row)
		}
		if err == nil && want && !query.Eval(asked, row) {
			t.Fatalf("seed %d: %#v\nasked as %#v\nmisses %v", seed, x, asked, row)
		}
	}
	return ask != nil
}

func matchesNothing(err error) bool { return strings.Contains(err.Error(), "match nothing") }

func TestV1RoundTripsOnRandomConditions(t *testing.T) {
	mostly(t, throughV1)
}

func FuzzV1RoundTrip(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { throughV1(t, seed) })
}

// FuzzParseV1 reads any body without harm; what it understands and can print reads back as equal.
func FuzzParseV1(f *testing.F) {
	for _, s := range []string{`{"filters":{"jobInPlanFilter":{"jobName":"A*","priorityRange":{"rangeStart":1}}}}`,
		`{"complexFilters":{"operator":"NOT","jobInPlanComplexFilter":[{"filter":{"workstationName":"X"},"notOperator":true}]}}`, `{"sorters":{"jobInPlanSorter":{"jobName":{"descending":true,"priority":1}}}}`} {
		f.Add([]byte(s), uint8(0))
	}
	f.Fuzz(func(t *testing.T, body []byte, n uint8) {
		of := objects[int(n)%len(objects)]
		q, err := query.ParseV1(body, of)
		if err != nil {
			return
		}
		v, err := query.PrintV1(q, of)
		if err != nil {
			return
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		q2, err := query.ParseV1(again, of)
		if err != nil {
			t.Fatalf("%s printed as %s: %v", body, again, err)
		}
		row := randomRow(rand.New(rand.NewPCG(1, 2)), of)
		if query.Eval(q.Where, row) != query.Eval(q2.Where, row) {
			t.Fatalf("%s printed as %s differs", body, again)
		}
	})
}
