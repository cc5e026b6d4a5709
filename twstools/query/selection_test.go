package query_test

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/query"
)

func TestParseSelection(t *testing.T) {
	at := time.Date(2026, 3, 17, 5, 0, 0, 0, time.UTC)
	row := fakeRow{"name": {"LOAD"}, "jobStreamName": {"PAY"}, "jobStreamWorkstation": {query.Spellings{"/LX1", "LX1"}}, "folder": {"/"}, "schedTime": {at},
		"priority": {int64(10)}, "jobruns.compositeStatus.status": {"ABEND"}, "jobruns.commonStatus": {"ERROR"}, "jobOptions.critical": {true}, "jobOptions.every": {false}}
	for text, want := range map[string]bool{
		"":                             true,
		"/@/@#/@/@.@":                  true,
		"@#@.@":                        true,
		"/LX1#/":                       true,
		"/LX2#/":                       false,
		"LX1#PAY.LOAD":                 true,
		"LX?#P@.LO@":                   true,
		"LX1#PAY.SAVE":                 false,
		"LX1#/PROD/PAY.LOAD":           false,
		"PAY.LOAD":                     true,
		"LX1#PAY(0200 03/17/26).LOAD":  true,
		"LX1#PAY(0300 03/17/26).LOAD":  false,
		"@#@.@+state=abend,fail":       true,
		"@#@.@+state=succ":             false,
		"@#@.@~state=succ":             true,
		"@#@.@+state=#Error":           true,
		"@#@.@+state=abend~priority=0": true,
		"@#@.@+priority=5,20":          true,
		"@#@.@+priority=hi,go":         false,
		"@#@.@~priority=10":            false,
		"@#@.@+critical":               true,
		"@#@.@+every":                  false,
		"/@/LX1#/@/PAY.@":              true,
		"/PROD/LX1#/@/@.@":             false,
	} {
		x, err := query.ParseSelection(text, query.Jobs, time.FixedZone("-03", -3*3600))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := query.Eval(x, row); got != want {
			t.Errorf("selection %q matches = %v, want %v", text, got, want)
		}
	}
}

func TestParseSelectionRefuses(t *testing.T) {
	for text, of := range map[string]query.Object{
		"@#@.@+colour=red": query.Jobs, "@#@.@+state=": query.Jobs, "@#@.@+state=#Sleeping": query.Jobs, "@#@.@+priority=high": query.Jobs, "@#@.@+priority=1,2,3": query.Jobs,
		"@#@(0200": query.Jobs, "@#@(yesterday)": query.Jobs, "@#@(0200 03/17/26)x": query.Jobs, "@#@.@;keys": query.Jobs, "@#@.JOB": query.JobStreams, "@+critical": query.JobStreams,
		"@#X": query.Prompts, "@+state=x": query.Workstations,
	} {
		if x, err := query.ParseSelection(text, of, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("ParseSelection(%q) = %v, %v, want invalid", text, x, err)
		}
	}
}

func FuzzParseSelection(f *testing.F) {
	for _, s := range []string{"/@/@#/@/@.@", "A#B(0200 03/17/26).C+state=abend~priority=0", "+", "~=", "#(.)", "/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, of := range []query.Object{query.Jobs, query.JobStreams, query.Workstations, query.Resources, query.Prompts} {
			if x, err := query.ParseSelection(s, of, nil); err == nil {
				query.Eval(x, payRow)
			}
		}
	})
}
