package report_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/report"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

func TestRunsOfAnotherJudgeAreNotCompared(t *testing.T) {
	for name, change := range map[string]func(*trial.Run){"scorer": func(r *trial.Run) { r.Scorer = "1" }, "suite": func(r *trial.Run) { r.Suite = "x" }} {
		other := sample()
		change(&other)
		if _, err := report.Diff(other, sample()); fault.CodeOf(err) != fault.Conflict || !strings.Contains(fault.Public(err).Hint, "regrade") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDiffTellsWhatBecameRightAndWrong(t *testing.T) {
	after := sample()
	wrong(&after.Trials[0], "verdict", "it is no_problem")
	after.Trials[4] = question(4)
	after.Model = "other"
	d, err := report.Diff(sample(), after)
	must(t, err)
	if !slices.Equal(d.NewlyWrong, []string{"s-0000/q1"}) || !slices.Equal(d.NewlyRight, []string{"s-0002/q1"}) || d.Delta != 0 || d.Lost() {
		t.Errorf("%+v", d.Comparison)
	}
	for what, got := range map[string]string{"table": printed(t, d.Table), "markdown": printed(t, d.Markdown)} {
		wants(t, what, got, "Newly wrong", "Why did JOB_0 abend?", "verdict: it is no_problem", "Newly right", "Why did JOB_4 abend?", "model: offline, then other", "0.0 pp", "slice application")
	}
	// What is lost in one family may be chance.
	wrong(&after.Trials[2], "verdict", "no")
	d, err = report.Diff(sample(), after)
	must(t, err)
	if d.Lost() || d.Delta >= 0 || d.Interval.Low >= 0 {
		t.Errorf("Δ %.2f in %v is lost", d.Delta, d.Interval)
	}
	// Whatever is lost in every family is lost beyond chance.
	for i := range after.Trials {
		if i%2 == 0 && after.Trials[i].Status == trial.Pass {
			wrong(&after.Trials[i], "verdict", "no")
		}
	}
	d, err = report.Diff(sample(), after)
	must(t, err)
	if !d.Lost() || d.Delta > -.3 {
		t.Errorf("Δ %.2f in %v is not lost", d.Delta, d.Interval)
	}
}

func TestTheGateHoldsTheCommittedFigures(t *testing.T) {
	good := sample()
	good.Baselines = nil
	good.Trials[7] = question(7)
	committed := report.Baseline(good)
	if committed.Whole.Right != 35 || committed.Whole.Of != 40 || committed.Whole.ConfirmedWrong != 1 || committed.Whole.Interval == "" || committed.Slices["language en"].Of != 20 || len(committed.MustPass) != 9 {
		t.Fatalf("%+v", committed)
	}
	lose := func(i int) func(*trial.Run) { return func(r *trial.Run) { wrong(&r.Trials[i], "verdict", "no") } }
	for name, c := range map[string]struct {
		change func(*trial.Run)
		want   []string // all that is said, in pieces
	}{
		"the same":      {func(*trial.Run) {}, nil},
		"better":        {func(r *trial.Run) { r.Trials[4] = question(4) }, nil},
		"a must-pass":   {lose(8), []string{"must-pass s-0004/q1 is lost", "the whole: 34 of 40 are right, 35 of 40 are committed", "language en", "slice application", "family oracle-locked", "style name", "verdict problem", "base demo"}},
		"another":       {lose(11), []string{"the whole: 34", "language pt", "slice application", "family disk-full", "style symptom", "verdict", "base"}},
		"one for one":   {func(r *trial.Run) { r.Trials[4] = question(4); lose(2)(r) }, []string{"style symptom"}},
		"confirmed":     {func(r *trial.Run) { r.Trials[4].ConfirmedWrong = true }, []string{"the whole: 2 answers are wrong and confirmed, 1 are committed", "slice", "language", "style", "verdict", "base", "family"}},
		"not asked":     {func(r *trial.Run) { r.Trials = r.Trials[1:] }, []string{"must-pass s-0000/q1 was not asked", "the whole: 39 questions were asked", "the whole: 34"}},
		"a fault":       {func(r *trial.Run) { r.Trials[0].Status = trial.Fault }, []string{"1 of 40 trials could not be judged", "must-pass s-0000/q1 is lost", "the whole: 34"}},
		"another judge": {func(r *trial.Run) { r.Scorer = "3" }, []string{`figures are of scorer "2" and the run is of "3"`}},
		"other seeds":   {func(r *trial.Run) { r.Seeds = "own" }, []string{`seeds "dev"`}},
		"a weak suite":  {func(r *trial.Run) { r.Baselines = map[string][]trial.Trial{"B0": dumb(2)} }, []string{"B0 is right in 20 %"}},
	} {
		t.Run(name, func(t *testing.T) {
			run := good
			run.Trials = slices.Clone(good.Trials)
			c.change(&run)
			got := report.Gate(run, committed)
			if len(c.want) == 0 && len(got) > 0 {
				t.Fatalf("said: %v", got)
			}
			for _, w := range c.want {
				if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, w) }) {
					t.Errorf("%q is not said in %v", w, got)
				}
			}
		})
	}
}

func TestFiguresAreWrittenAlikeAndReadStrictly(t *testing.T) {
	var a, b bytes.Buffer
	must(t, report.Baseline(sample()).Encode(&a))
	must(t, report.Baseline(sample()).Encode(&b))
	if a.String() != b.String() {
		t.Error("the same run gives other bytes")
	}
	f, err := report.DecodeFigures(a.Bytes())
	must(t, err)
	if fmt.Sprint(f) != fmt.Sprint(report.Baseline(sample())) {
		t.Errorf("%+v", f)
	}
	for name, s := range map[string]string{"nothing": "", "another form": strings.Replace(a.String(), "figures/v1", "figures/v2", 1), "misspelt": strings.Replace(a.String(), `"whole"`, `"hole"`, 1)} {
		if _, err := report.DecodeFigures([]byte(s)); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
