package evals_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/report"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

func run(t *testing.T, o evals.Options, only ...string) report.Report {
	t.Helper()
	if o.Source == nil {
		o.Source = scenarios(t, nil, only...)
	}
	r, err := evals.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report.Of(r)
}

// count counts trials by how they ended.
func count(r report.Report) map[trial.Status]int {
	n := map[trial.Status]int{}
	for _, x := range r.Run.Trials {
		n[x.Status]++
	}
	return n
}

func TestARightProgramPassesTheWholeSuite(t *testing.T) {
	var heard bytes.Buffer
	dir := filepath.Join(t.TempDir(), "out")
	r := run(t, evals.Options{Binary: program(t, "strict"), Jobs: 4, Progress: &heard})
	if err := report.Write(dir, r.Run); err != nil {
		t.Fatal(err)
	}
	if n := count(r); !r.Clean() || n[trial.Pass] != len(r.Run.Trials) || r.ConfirmedWrong > 0 {
		for _, x := range r.Run.Trials {
			t.Logf("%s %s %s %s", x.Name(), x.Status, x.Why(), x.Stderr)
		}
		t.Fatalf("%v of %d, clean %v; want all to pass", n, len(r.Run.Trials), r.Clean())
	}
	if lines := strings.Count(heard.String(), "\n"); lines != len(r.Run.Trials) {
		t.Errorf("progress told %d lines of %d trials", lines, len(r.Run.Trials))
	}
	for i, x := range r.Run.Trials {
		if x.Requests["GET /engine/info"] != 1 || x.Writes != 0 || len(x.Answer) == 0 {
			t.Errorf("trial %d: requests %v, writes %d, answer of %d bytes", i, x.Requests, x.Writes, len(x.Answer))
		}
		if i > 0 && r.Run.Trials[i-1].Name() >= x.Name() {
			t.Errorf("%s comes before %s: the order must be the suite's, whoever ends first", r.Run.Trials[i-1].Name(), x.Name())
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, report.ResultsFile))
	if err != nil || bytes.Count(raw, []byte("\n")) != 1+len(r.Run.Trials) {
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
			if n := count(r); r.Clean() || n[trial.Wrong] != 1 || len(r.Run.Trials) != 1 || r.ConfirmedWrong != want.confirmed {
				t.Errorf("clean %v, %v, %d confirmed; want one wrong answer, %d confirmed", r.Clean(), n, r.ConfirmedWrong, want.confirmed)
			}
			if why := r.Run.Trials[0].Why(); !strings.Contains(why, want.criterion+":") {
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
			if n := count(r); n[trial.Fault] != 1 || len(r.Run.Trials) != 1 || r.Right.Of != 0 || r.Clean() {
				t.Fatalf("%v, clean %v; want one fault, nothing judged, and a failed run", n, r.Clean())
			}
			if x := r.Run.Trials[0]; x.Fault.Kind != kind || x.Fault.Reason == "" {
				t.Errorf("%+v; want %s", x.Fault, kind)
			}
			if mode == "crash" && !strings.Contains(r.Run.Trials[0].Stderr, "everything is lost") {
				t.Errorf("standard error is lost: %q", r.Run.Trials[0].Stderr)
			}
		})
	}
}

func TestTheExitStatusOfAnUnreachableEngineIsStillAnAnswer(t *testing.T) {
	r := run(t, evals.Options{Binary: program(t, "upstream")}, "s-4c1e/q1")
	if x := r.Run.Trials[0]; x.Status != trial.Pass || x.ExitCode != 4 {
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
				c.o.Source = scenarios(t, nil)
			}
			r, err := evals.Run(t.Context(), c.o)
			if fault.CodeOf(err) != c.code || err == nil {
				t.Errorf("error %v; want %s", err, c.code)
			}
			if report.Of(r).Clean() {
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
	_, err := evals.Run(ctx, evals.Options{Binary: program(t, "hang"), Source: scenarios(t, nil), Jobs: 2})
	if fault.CodeOf(err) != fault.Timeout {
		t.Errorf("error %v; want a stopped run", err)
	}
}
