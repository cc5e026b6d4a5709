package query_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/query"
)

// saoPaulo is three hours behind UTC.
var saoPaulo = time.FixedZone("-03", -3*3600)

// selected holds a selection against a row.
func selected(t *testing.T, text string, of query.Object, row fakeRow) bool {
	t.Helper()
	x, err := query.ParseSelection(text, of, saoPaulo)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return query.Eval(x, row)
}

func TestParseSelectionOfJobs(t *testing.T) {
	at := time.Date(2026, 3, 17, 5, 0, 0, 0, time.UTC)
	row := fakeRow{"name": {"LOAD"}, "jobStreamName": {"PAY"}, "jobStreamWorkstation": {query.Spellings{"/LX1", "LX1"}}, "workstation": {query.Spellings{"/LX9", "LX9"}}, "folder": {"/"}, "schedTime": {at},
		"jobStreamInternalIdentifier": {"0AAAAAAAAAAAABQM"}, "priority": {int64(10)}, "jobruns.compositeStatus.status": {"ABEND"}, "jobruns.commonStatus": {"ERROR"}, "jobruns.jobNumber": {int64(881204)},
		"jobOptions.critical": {true}, "jobOptions.every": {false}, "jobOptions.requiresConfirmation": {true}, "criticalStart": nil, "jobDefinition.userLogin": {`DOM\batch`}, "jobDefinition.task": {"/opt/load.sh -x"},
		"jobDefinition.recoveryOption": {"RERUN_PROMPT"}, "timeRestrictions.startTime": {at}, "timeRestrictions.untilTime": nil, "timeRestrictions.deadlineTime": {at.Add(2 * time.Hour)},
		"jobruns.timeInfo.actualStartTime": {at.Add(25 * time.Second)}, "jobruns.timeInfo.actualEndTime": nil, "dependencies.jobName": {"SAVE"}, "dependencies.jobStreamName": {"GL"},
		"dependencies.jobStreamFolder": {query.Spellings{"/FIN", "/FIN/"}}, "dependencies.jobStreamWorkstation": {query.Spellings{"/LX2", "LX2"}}, "dependencies.fileName": {"/in/a+b.txt"},
		"dependencies.promptName": {"GO"}, "dependencies.promptNumber": {int64(7)}, "dependencies.resourceName": {"SLOT"}, "dependencies.resourceWorkstation": {query.Spellings{"/LX3", "LX3"}}}
	for text, want := range map[string]bool{
		"":                                  true,
		"/@/@#/@/@.@":                       true,
		"@#@.@":                             true,
		"/LX1#/":                            true,
		"/LX2#/":                            false,
		"LX1#PAY.LOAD":                      true,
		"LX?#P@.LO@":                        true,
		"LX1#PAY.SAVE":                      false,
		"LX1#/PROD/PAY.LOAD":                false,
		"LX1#/@.LOAD":                       true,
		"PAY.LOAD":                          true,
		`LX1#PA\@.LOAD`:                     false,
		`LX1#P@Y.LOAD`:                      true,
		"LX1#PAY(0200 03/17/26).LOAD":       true,
		"LX1#PAY(0300 03/17/26).LOAD":       false,
		"LX1#PAY(0500 03/17/26 tz UTC)":     true,
		"LX1#0AAAAAAAAAAAABQM.LOAD;schedid": true,
		"LX1#0AAAAAAAAAAAABQX.@;schedid":    false,
		"LX9#881204":                        true,
		"LX1#881204":                        false,
		"@#@.@+state=abend,fail":            true,
		"@#@.@+state=failed,exec+":          false,
		"@#@.@+state=succ":                  false,
		"@#@.@~state=succ":                  true,
		"@#@.@+state=#Error":                true,
		"@#@.@+state=succ,#error":           true,
		"@#@.@+state=abend~priority=0":      true,
		"@#@.@+priority=5,20":               true,
		"@#@.@+priority=5,":                 true,
		"@#@.@+priority=,5":                 false,
		"@#@.@+priority=hi,go":              false,
		"@#@.@~priority=10":                 false,
		"@#@.@+critical":                    true,
		"@#@.@+critnet":                     true,
		"@#@.@+every":                       false,
		"@#@.@+confirmed":                   true,
		"@#@.@+at":                          true,
		"@#@.@~until":                       true,
		"@#@.@+until":                       false,
		"@#@.@+at=0200 03/17/26":            true,
		"@#@.@+at=0201 03/17/26,":           false,
		"@#@.@+deadline=0200 03/17/26,0400 03/17/26": true,
		"@#@.@+deadline=,0300 03/17/26":              false,
		"@#@.@+started=0200 03/17/26":                true,
		"@#@.@+started=,0159 03/17/26":               false,
		"@#@.@+started~finished":                     true,
		"@#@.@+logon=DOM\\batch":                     true,
		`@#@.@+logon=DOM\b@`:                         true,
		"@#@.@+logon=root":                           false,
		"@#@.@+scriptname=/opt/load.sh@":             true,
		`@#@.@+scriptname="/opt/load.sh -x"`:         true,
		"@#@.@+recovery=rerun":                       true,
		"@#@.@+recovery=stop":                        false,
		"@#@.@+follows=SAVE":                         true,
		"@#@.@+follows=LX2#/FIN/GL.SAVE":             true,
		"@#@.@+follows=LX2#GL.SAVE":                  false,
		"@#@.@+follows=@#/@/GL":                      true,
		"@#@.@+follows=LX1#/@/GL.@,X":                false,
		"@#@.@+needs":                                true,
		"@#@.@+needs=LX3#SLOT":                       true,
		"@#@.@+needs=LX1#SLOT":                       false,
		"@#@.@+opens=/in/@":                          true,
		`@#@.@+opens="/in/a+b.txt"+prompt=7`:         true,
		`@#@.@+opens=/in/a\+b.txt`:                   true,
		"@#@.@~opens":                                false,
		"@#@.@+prompt=GO":                            true,
		"@#@.@+prompt=8":                             false,
		"/@/LX1#/@/PAY.@":                            true,
		"/PROD/LX1#/@/@.@":                           false,
	} {
		if got := selected(t, text, query.Jobs, row); got != want {
			t.Errorf("selection %q matches = %v, want %v", text, got, want)
		}
	}
}

func TestParseSelectionOfOtherObjects(t *testing.T) {
	stream := fakeRow{"name": {"PAY"}, "folder": {query.Spellings{"/FIN", "/FIN/"}}, "workstation": {query.Spellings{"/LX1", "LX1"}}, "internalIdentifier": {"0AAAAAAAAAAAABQM"}, "limit": {int64(0)}, "priority": {int64(10)},
		"jsDefinitionFlags.carriedForward": {true}, "compositeStatus.status": {"STUCK"}, "commonStatus": {"BLOCKED"}}
	ws := fakeRow{"name": {query.Spellings{"/PROD/LX1", "PROD/LX1"}}, "domainName": {query.Spellings{"/EAST", "EAST"}}}
	prompt := fakeRow{"name": {"GO"}, "folder": {"/"}, "status": {"NOT_ASKED"}}
	file := fakeRow{"name": {"/in/a.txt"}, "workstation": {query.Spellings{"/LX1", "LX1"}}}
	for _, c := range []struct {
		text string
		of   query.Object
		row  fakeRow
		want bool
	}{
		{"@#@+state=stuck", query.JobStreams, stream, true}, {"LX1#/FIN/P@+limit=0+carriedforward", query.JobStreams, stream, true}, {"LX1#PAY", query.JobStreams, stream, false},
		{"LX1#0AAAAAAAAAAAABQM;schedid~limit=1,", query.JobStreams, stream, true}, {"/@/@#/FIN/@.@", query.JobStreams, stream, true}, {"@#/@", query.JobStreams, stream, false},
		{"EAST!/PROD/LX1", query.Workstations, ws, true}, {"WEST!/@/@", query.Workstations, ws, false}, {"@!/@/LX1", query.Workstations, ws, true}, {"LX1", query.Workstations, ws, false},
		{"GO+state=inact", query.Prompts, prompt, true}, {"/@/@+state=asked", query.Prompts, prompt, false},
		{"LX1#/in/@", query.Files, file, true}, {"@#/out/@", query.Files, file, false}, {"LX1#@", query.Files, file, true},
	} {
		if got := selected(t, c.text, c.of, c.row); got != c.want {
			t.Errorf("selection %q of %s matches = %v, want %v", c.text, c.of, got, c.want)
		}
	}
}

// What an operator leaves out of a time comes from the day he says it on.
func TestParseSelectionOn(t *testing.T) {
	now := time.Date(2026, 3, 17, 9, 0, 0, 0, saoPaulo)
	for text, at := range map[string]time.Time{
		"@#PAY(0200).@":              time.Date(2026, 3, 17, 5, 0, 0, 0, time.UTC),
		"@#PAY(2230).@":              time.Date(2026, 3, 18, 1, 30, 0, 0, time.UTC),
		"@#PAY(0200 03/16).@":        time.Date(2026, 3, 16, 5, 0, 0, 0, time.UTC),
		"@#PAY(0200 03/16/2025).@":   time.Date(2025, 3, 16, 5, 0, 0, 0, time.UTC),
		"@#@.@+at=0200+2 days":       time.Date(2026, 3, 19, 5, 0, 0, 0, time.UTC),
		"@#@.@+at=0200 tz UTC~every": time.Date(2026, 3, 17, 2, 0, 0, 0, time.UTC),
	} {
		x, err := query.ParseSelectionOn(text, query.Jobs, now)
		row := fakeRow{"schedTime": {at}, "timeRestrictions.startTime": {at}, "jobStreamName": {"PAY"}, "folder": {"/"}, "jobOptions.every": {false}}
		if err != nil || !query.Eval(x, row) {
			t.Errorf("%q does not select %s: %v", text, at, err)
		}
	}
}

func TestParseSelectionRefuses(t *testing.T) {
	for _, c := range []struct {
		text, want string
		of         query.Object
	}{
		{"@#@.@+colour=red", `"colour" at position 6`, query.Jobs}, {"@#@.@+stat=abend", "the nearest first: state, at,", query.Jobs}, {"@#@.@+state=", "position 6", query.Jobs},
		{"@#@.@+state=#Sleeping", "BLOCKED", query.Jobs}, {"@#@.@+priority=high", "from 0 to 101", query.Jobs}, {"@#@.@+priority=1,2,3", "One number or two", query.Jobs}, {"@#@.@+priority=,", "One number or two", query.Jobs},
		{"@#@.@+every=0100", "takes no value", query.Jobs}, {"@#@.@+state", "needs a value", query.Jobs}, {"@#@.@+at=soon", "no time like", query.Jobs}, {"@#@.@+at=0200", "A date like", query.Jobs},
		{"@#@.@+recovery=hope", "stop, continue, rerun", query.Jobs}, {`@#@.@+opens="x`, "double quote", query.Jobs}, {"@#@.@+follows=NET::X", "WS#STREAM.JOB", query.Jobs},
		{"@#@(0200", "never closed", query.Jobs}, {"@#@(yesterday)", "no time like", query.Jobs}, {"@#@(0200 03/17/26)x", "not expected behind", query.Jobs}, {"@#@.@;keys", "Only ;schedid is", query.Jobs},
		{"@#@()", "no schedule time", query.Jobs}, {"@#.@;schedid", "no identifier", query.Jobs}, {"DOM!LX1#@.@", "not selected by a domain", query.Jobs}, {"A#B#C.D", "no name", query.Jobs},
		{"@#@.JOB", "names no job", query.JobStreams}, {"@+critical", "at position 2", query.JobStreams}, {"@#X", "names no workstation", query.Prompts}, {"@+state=x", "Workstations take none", query.Workstations},
		{"@", "does not cover plans", query.Plans},
	} {
		x, err := query.ParseSelection(c.text, c.of, nil)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message+fault.Public(err).Hint, c.want) {
			t.Errorf("ParseSelection(%q) = %v, %v (%v), want invalid with %q", c.text, x, err, fault.Public(err), c.want)
		}
	}
}

func TestPrintSelection(t *testing.T) {
	at := time.Date(2026, 3, 17, 5, 0, 0, 0, time.UTC)
	bound := func(field string, op query.Op, v query.Value) query.Term {
		return query.Term{Field: field, Op: op, Values: []query.Value{v}}
	}
	for _, c := range []struct {
		x    query.Expr
		of   query.Object
		want string
	}{
		{nil, query.Jobs, "/@/@#/@/@.@"}, {nil, query.JobStreams, "/@/@#/@/@"}, {nil, query.Workstations, "/@/@"}, {nil, query.Resources, "/@/@#/@/@"}, {nil, query.Prompts, "/@/@"},
		{query.And{query.Is("jobStreamWorkstation", "/LX1"), query.Is("jobStreamName", "PAY"), query.Is("schedTime", at), query.Matches("name", "LO@")}, query.Jobs, "LX1#/@/PAY(0200 03/17/26).LO@"},
		{query.And{query.Is("folder", "/"), query.Is("name", "PAY")}, query.JobStreams, "/@/@#PAY"},
		{query.And{query.Is("jobStreamInternalIdentifier", "0AAAAAAAAAAAABQM"), query.Is("name", "LOAD")}, query.Jobs, "/@/@#0AAAAAAAAAAAABQM.LOAD;schedid"},
		{query.AnyOf("jobruns.compositeStatus.status", "ABEND", "END", "CANCLP"), query.Jobs, "/@/@#/@/@.@+state=abend,done,cancp"},
		{query.Or{query.Is("jobruns.compositeStatus.status", "ABEND"), query.Is("jobruns.commonStatus", "SUPPRESS")}, query.Jobs, "/@/@#/@/@.@+state=abend,#Suppressed"},
		{query.And{query.Not{X: query.Is("commonStatus", "ERROR")}, query.Is("limit", 0)}, query.JobStreams, "/@/@#/@/@~state=#Error+limit=0"},
		{query.And{bound("priority", query.Gt, int64(5)), query.Is("jobOptions.critical", true)}, query.Jobs, "/@/@#/@/@.@+priority=6,+critical"},
		{query.And{bound("timeRestrictions.untilTime", query.Ne, nil), bound("jobruns.timeInfo.actualStartTime", query.Ge, at)}, query.Jobs, "/@/@#/@/@.@+until+started=0200 03/17/26,"},
		{query.Is("domainName", "EAST"), query.Workstations, "EAST!/@/@"}, {query.Matches("name", "/P@/LX?"), query.Workstations, "/P@/LX?"},
		{query.Is("name", "x+state=succ"), query.Jobs, `/@/@#/@/@.x\+state\=succ`}, {query.Is("dependencies.fileName", `C:\in`), query.Jobs, `/@/@#/@/@.@+opens=C\:\\in`},
		{query.Is("name", "A@B"), query.Prompts, `/@/A\@B`},
	} {
		got, err := query.PrintSelection(c.x, c.of, saoPaulo)
		if err != nil || got != c.want {
			t.Errorf("PrintSelection(%v) = %q, %v, want %q", c.x, got, err, c.want)
		}
	}
}

func TestPrintSelectionNamesWhatItCannotSay(t *testing.T) {
	for want, x := range map[string]query.Expr{
		"workstation = 'LX1'":          query.Is("workstation", "LX1"),
		"jobruns.returnCode = 8":       query.And{query.Is("name", "A"), query.Is("jobruns.returnCode", 8)},
		"name = 'B'":                   query.And{query.Is("name", "A"), query.Is("name", "B")},
		"alternatives":                 query.Or{query.And{query.Is("name", "A"), query.Is("priority", 1)}, query.Is("name", "B")},
		"name = null":                  query.Is("name", nil),
		"priority = 900":               query.Is("priority", 900),
		"timeRestrictions.startTime =": query.Is("timeRestrictions.startTime", epoch.Add(time.Second)),
		"compositeStatus.status = 'x'": query.Is("jobruns.compositeStatus.status", "x"),
	} {
		got, err := query.PrintSelection(x, query.Jobs, nil)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, want) {
			t.Errorf("PrintSelection(%v) = %q, %v, want invalid with %q", x, got, err, want)
		}
	}
}

// selectable are fields that a name or a qualifier of the selection syntax speaks of.
var selectable = []string{"name", "folder", "jobStreamName", "jobStreamWorkstation", "workstation", "domainName", "schedTime", "priority", "limit", "status", "commonStatus", "compositeStatus.status",
	"jobruns.commonStatus", "jobruns.compositeStatus.status", "jobOptions.critical", "criticalStart", "timeRestrictions.untilTime", "jobruns.timeInfo.actualStartTime", "dependencies.fileName",
	"dependencies.jobName", "dependencies.jobStreamWorkstation", "dependencies.promptName", "dependencies.promptNumber", "dependencies.resourceWorkstation", "jobDefinition.userLogin"}

// throughSelection holds what can be printed to reading back as equal.
func throughSelection(t *testing.T, seed uint64) (said bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 13))
	of := pick(r, objects)
	loc := pick(r, []*time.Location{time.UTC, saoPaulo})
	fields := query.FieldsOf(of)
	if r.IntN(4) > 0 { // mostly what the syntax has a word for
		fields = slices.DeleteFunc(fields, func(f query.Field) bool { return !slices.Contains(selectable, f.Name) })
	}
	if len(fields) == 0 {
		return false
	}
	x := randomExpr(r, fields, r.IntN(3))
	printed, err := query.PrintSelection(x, of, loc)
	if err != nil {
		return false
	}
	back, err := query.ParseSelection(printed, of, loc)
	if err != nil {
		t.Fatalf("seed %d: %#v printed as %s: %v", seed, x, printed, err)
	}
	if again, err := query.PrintSelection(back, of, loc); err != nil || again != printed {
		t.Fatalf("seed %d: %s\nreads and prints as %s, %v", seed, printed, again, err)
	}
	for range 40 {
		row := randomRow(r, of)
		if query.Eval(x, row) != query.Eval(back, row) {
			t.Fatalf("seed %d: %s of %s\nreads back as %#v\nwhich differs from %#v on %v", seed, printed, of, back, x, row)
		}
	}
	return x != nil
}

func TestSelectionRoundTripsOnRandomConditions(t *testing.T) {
	mostly(t, throughSelection)
}

func FuzzSelectionRoundTrip(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { throughSelection(t, seed) })
}

func FuzzParseSelection(f *testing.F) {
	for _, s := range []string{"/@/@#/@/@.@", "A#B(0200 03/17/26).C+state=abend~priority=0", "+", "~=", "#(.)", "/", `DOM!W+follows=A#B.C,D~opens="x"`, "A#0AAA.J;schedid+started=0900 03/17/26,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, of := range []query.Object{query.Jobs, query.JobStreams, query.Workstations, query.Resources, query.Prompts} {
			x, err := query.ParseSelection(s, of, nil)
			if err != nil {
				continue
			}
			printed, err := query.PrintSelection(x, of, nil)
			if err != nil {
				continue
			}
			back, err := query.ParseSelection(printed, of, nil)
			if err != nil {
				t.Fatalf("%q printed as %q: %v", s, printed, err)
			}
			for n := range uint64(5) {
				if row := randomRow(rand.New(rand.NewPCG(n, 3)), of); query.Eval(x, row) != query.Eval(back, row) {
					t.Fatalf("%q printed as %q reads back as %#v, not %#v", s, printed, back, x)
				}
			}
		}
	})
}
