package evals_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

func run(t *testing.T, o evals.Options, only ...string) evals.Report {
	t.Helper()
	if o.Source == nil {
		o.Source = evals.Suite(os.DirFS("."), "demo", evals.Dev, only)
	}
	r, err := evals.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return evals.Report{Run: r}
}

// why says in one line why a trial did not pass.
func why(x trial.Trial) string {
	if x.Fault != nil {
		return x.Fault.Kind + ": " + x.Fault.Reason
	}
	var out []string
	for _, c := range x.Criteria {
		if !c.Pass {
			out = append(out, c.Name+": "+c.Reason)
		}
	}
	return strings.Join(out, " | ")
}

func TestARightProgramPassesTheWholeSuite(t *testing.T) {
	var heard bytes.Buffer
	dir := filepath.Join(t.TempDir(), "out")
	r := run(t, evals.Options{Binary: program(t, "strict"), Jobs: 4, Progress: &heard})
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	n := r.Count(nil)
	if r.Failed() || n.Pass != len(r.Trials) || n.Fault+n.Wrong+n.ConfirmedWrong > 0 {
		for _, x := range r.Trials {
			t.Logf("%s %s %s %s", x.Name(), x.Status, why(x), x.Stderr)
		}
		t.Fatalf("%+v of %d, failed %v; want all to pass", n, len(r.Trials), r.Failed())
	}
	if lines := strings.Count(heard.String(), "\n"); lines != len(r.Trials) {
		t.Errorf("progress told %d lines of %d trials", lines, len(r.Trials))
	}
	for i, x := range r.Trials {
		if x.Requests["GET /engine/info"] != 1 || x.Writes != 0 || len(x.Answer) == 0 {
			t.Errorf("trial %d: requests %v, writes %d, answer of %d bytes", i, x.Requests, x.Writes, len(x.Answer))
		}
		if i > 0 && r.Trials[i-1].Name() >= x.Name() {
			t.Errorf("%s comes before %s: the order must be the suite's, whoever ends first", r.Trials[i-1].Name(), x.Name())
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, evals.ResultsFile))
	if err != nil || bytes.Count(raw, []byte("\n")) != len(r.Trials) {
		t.Errorf("results: %v, %d lines", err, bytes.Count(raw, []byte("\n")))
	}
	if bytes.Contains(raw, []byte("contributing")) || bytes.Contains(raw, []byte("has expired\",\"verdict")) {
		t.Error("the results hold gold")
	}
}

func TestWrongProgramsAreWrong(t *testing.T) {
	for mode, want := range map[string]struct {
		criterion string
		confirmed int
	}{
		"healthy": {"verdict", 0},
		"sure":    {"cause.entity", 1},
		"writing": {"no_write", 0},
	} {
		t.Run(mode, func(t *testing.T) {
			r := run(t, evals.Options{Binary: program(t, mode)}, "s-4c1e/q1")
			n := r.Count(nil)
			if !r.Failed() || n.Wrong != 1 || n.Fault != 0 || n.ConfirmedWrong != want.confirmed {
				t.Errorf("failed %v, %+v; want one wrong answer, %d confirmed", r.Failed(), n, want.confirmed)
			}
			if why := why(r.Trials[0]); !strings.Contains(why, want.criterion+":") {
				t.Errorf("why: %s; want %s", why, want.criterion)
			}
		})
	}
}

func TestFaultsAreNoWrongAnswersAndFailTheRunToo(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, kind := range map[string]string{"silent": "no_json", "chatty": "no_json", "twice": "no_json", "crash": "exit", "hang": "timeout", "deaf": "no_json", "torn": "no_json", "": "start"} {
		t.Run(kind+" "+mode, func(t *testing.T) {
			o := evals.Options{Binary: plain}
			if mode != "" {
				o.Binary = program(t, mode)
			}
			if mode == "hang" {
				o.Timeout = 300 * time.Millisecond
			}
			r := run(t, o, "s-4c1e/q1")
			n := r.Count(nil)
			if n.Fault != 1 || n.Wrong != 0 || n.Judged() != 0 || !r.Failed() {
				t.Fatalf("%+v, failed %v; want one fault, nothing judged, and a failed run", n, r.Failed())
			}
			if x := r.Trials[0]; x.Fault.Kind != kind || x.Fault.Reason == "" {
				t.Errorf("%+v; want %s", x.Fault, kind)
			}
			if mode == "crash" && !strings.Contains(r.Trials[0].Stderr, "everything is lost") {
				t.Errorf("standard error is lost: %q", r.Trials[0].Stderr)
			}
		})
	}
}

func TestTheExitStatusOfAnUnreachableEngineIsStillAnAnswer(t *testing.T) {
	r := run(t, evals.Options{Binary: program(t, "upstream")}, "s-4c1e/q1")
	if x := r.Trials[0]; x.Status != trial.Pass || x.ExitCode != 4 {
		t.Errorf("%s with %d; an answer is judged by what it says", x.Status, x.ExitCode)
	}
}

func TestWhatCannotBeRunIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		o    evals.Options
		code fault.Code
	}{
		"no program":        {evals.Options{}, fault.Invalid},
		"nothing of a name": {evals.Options{Binary: "x", Source: evals.Suite(os.DirFS("."), "demo", "", []string{"s-4c1e", "s-ffff"})}, fault.NotFound},
		"no suite":          {evals.Options{Binary: "x", Source: evals.Suite(fstest.MapFS{}, "demo", "", nil)}, fault.NotFound},
		"a world unknown": {evals.Options{Binary: "x", Source: evals.Suite(fstest.MapFS{"scenarios/s-0001.yaml": file(scenario), "gold/s-0001.yaml": file(gold),
			"suites/all.yaml": file("name: all\n")}, "all", "", nil)}, fault.Invalid},
		"no scenario":        {evals.Options{Binary: "x", Source: func(context.Context) (evals.Ready, error) { return evals.Ready{}, nil }}, fault.NotFound},
		"no variant":         {evals.Options{Binary: "x", Variant: "v3"}, fault.Invalid},
		"no model":           {evals.Options{Binary: "x", Model: "big", Environ: []string{"LLM_ENDPOINT="}}, fault.Invalid},
		"two addresses":      {evals.Options{Binary: "x", API: "http://a", MCP: "http://b"}, fault.Invalid},
		"no key":             {evals.Options{API: "http://a", MockListen: "127.0.0.1:0"}, fault.Invalid},
		"no place to listen": {evals.Options{Binary: "x", MCP: "http://a"}, fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			if c.o.Source == nil {
				c.o.Source = evals.Suite(os.DirFS("."), "demo", "", nil)
			}
			r, err := evals.Run(t.Context(), c.o)
			if fault.CodeOf(err) != c.code || err == nil {
				t.Errorf("error %v; want %s", err, c.code)
			}
			if !(evals.Report{Run: r}).Failed() {
				t.Error("a report of nothing must count as failed")
			}
		})
	}
}

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

const (
	scenario = "schema: resync.eval/v1\nid: s-0001\nworld: {base: nowhere, as_of: \"2026-03-17T03:10:00-03:00\"}\nask: [{id: q1, lang: en, style: name, text: \"Why?\"}]\n"
	gold     = "id: s-0001\nverdict: [no_problem]\n"
)

func TestAnEndedContextEndsTheRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := evals.Run(ctx, evals.Options{Binary: program(t, "hang"), Source: evals.Suite(os.DirFS("."), "demo", "", nil), Jobs: 2})
	if fault.CodeOf(err) != fault.Timeout {
		t.Errorf("error %v; want a stopped run", err)
	}
}

func TestReportTellsTheWorstFirst(t *testing.T) {
	r := run(t, evals.Options{Binary: program(t, "sure")}, "s-4c1e/q1", "s-08aa")
	var table strings.Builder
	if err := r.Table(&table); err != nil {
		t.Fatal(err)
	}
	text := table.String()
	if !strings.HasPrefix(text, "wrong and confirmed  1\n") {
		t.Errorf("the table begins with %q", strings.SplitN(text, "\n", 2)[0])
	}
	for _, want := range []string{"2/3", "language en", "language pt", "style name", "scenario s-08aa", "Why did CLM_RESERVE abend?", "cause.entity: the first cause is FRLMDM1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "has expired") && strings.Contains(text, "title") {
		t.Error("the table tells the gold's title")
	}
}

func TestJUnitCountsWrongAnswersAsFailuresAndFaultsAsErrors(t *testing.T) {
	dir := t.TempDir()
	wrong := run(t, evals.Options{Binary: program(t, "healthy")}, "s-4c1e/q1")
	broken := run(t, evals.Options{Binary: program(t, "crash")}, "s-91d7/q1")
	wrong.Trials = append(wrong.Trials, broken.Trials...)
	if err := wrong.Write(dir); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, evals.JUnitFile))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Suites []struct {
			Name     string `xml:"name,attr"`
			Failures int    `xml:"failures,attr"`
			Errors   int    `xml:"errors,attr"`
			Cases    []struct {
				Failure *struct {
					Type string `xml:"type,attr"`
				} `xml:"failure"`
				Error *struct {
					Type string `xml:"type,attr"`
				} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(raw, &got); err != nil || len(got.Suites) != 2 {
		t.Fatalf("%v: %s", err, raw)
	}
	if s := got.Suites[0]; s.Failures != 1 || s.Errors != 0 || s.Cases[0].Failure == nil || s.Cases[0].Failure.Type != "verdict" {
		t.Errorf("wrong answer: %+v", s)
	}
	if s := got.Suites[1]; s.Failures != 0 || s.Errors != 1 || s.Cases[0].Error == nil || s.Cases[0].Error.Type != "exit" {
		t.Errorf("fault: %+v", s)
	}
	lines, err := os.ReadFile(filepath.Join(dir, evals.ResultsFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range bytes.Split(bytes.TrimSpace(lines), []byte("\n")) {
		var x trial.Trial
		if err := json.Unmarshal(line, &x); err != nil || x.Scenario == "" {
			t.Errorf("a line is no trial: %v", err)
		}
	}
}

func TestWilson(t *testing.T) {
	for _, c := range []struct {
		pass, n   int
		low, high float64
	}{{0, 0, 0, 1}, {10, 12, .55, .95}, {51, 60, .74, .92}, {50, 50, .93, 1}, {0, 20, 0, .16}} {
		low, high := evals.Wilson(c.pass, c.n)
		if diff(low, c.low) > .01 || diff(high, c.high) > .01 {
			t.Errorf("Wilson(%d, %d) = %.3f, %.3f; want about %.2f, %.2f", c.pass, c.n, low, high, c.low, c.high)
		}
	}
}

func diff(a, b float64) float64 { return max(a-b, b-a) }
