// Package report tells people and machines what a run of the evals came to: a table for the terminal, Markdown for a change's discussion, one
// HTML page with every question, JUnit's XML for build servers, and results.jsonl, from which all of them can be made again. It also compares
// two runs (Diff), holds a run against the committed figures (Gate), and says whether two runs are equal but for a named list of fields (Unequal).
//
// What a run holds is not to be trusted: answers, logs and error output may carry text that was written to deceive a reader, a terminal or a
// browser. Each writer escapes for its medium, and control and invisible characters are shown, never passed on. The gold is in none of the
// files, but for what the reasons of failed criteria say.
//
// Writers return the error of what they write to. Nothing here reads a clock. Start at Of, Write and Read.
package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/stats"
	"github.com/resync-hwa/resync/evals/trial"
)

// Report is a run and what it comes to.
type Report struct {
	Run trial.Run
	stats.Summary
}

// Of sums a run up. The run is not changed afterwards.
func Of(run trial.Run) Report { return Report{Run: run, Summary: stats.Of(run)} }

// Clean reports whether everything was right: something was judged, every trial passed, and neither run nor suite is in doubt.
func (r Report) Clean() bool {
	return len(r.Invalid) == 0 && len(r.Refused) == 0 && !slices.ContainsFunc(r.Run.Trials, func(t trial.Trial) bool { return t.Status != trial.Pass })
}

// fact is one line of the overview.
type fact struct{ Name, Value, Note string }

// overview is what every form tells first, in this order: what may hurt somebody, the headline, and what it is worth.
func (r Report) overview() []fact {
	out := []fact{
		{"wrong and confirmed", fmt.Sprint(r.ConfirmedWrong), "answers that are wrong and call themselves confirmed"},
		{"right", counted(r.Right), intervals(r.Right)},
	}
	if r.Lift != nil {
		out = append(out, fact{"lift", points(r.Lift.Delta), fmt.Sprintf("over %s, the best baseline; %s to %s", plain(r.Lift.Over), points(r.Lift.Interval.Low), points(r.Lift.Interval.High))})
	}
	if len(r.PassK) > 1 {
		var parts []string
		for _, p := range r.PassK {
			parts = append(parts, fmt.Sprintf("k=%d %s", p.K, percent(p.Share)))
		}
		out = append(out, fact{"right every time", strings.Join(parts, ", "), "pass^k: of k tries, all"})
	}
	c := r.Conduct
	for _, x := range []struct {
		name string
		rate stats.Rate
		of   string
	}{
		{"twins", r.Twins, "pairs of twins of which both are right"},
		{"worst wording", r.WorstWording, "scenarios that are right however they are asked"},
		{"wrong instance", c.WrongInstance, "the right name of another instance blamed"},
		{"over-refused", c.OverRefused, "refused or called out of scope, where neither is right"},
		{"over-abstained", c.OverAbstained, "\"cannot tell\" or a question back, where neither is right"},
		{"asserted unknown", c.Asserted, "a cause or health asserted where it cannot be known"},
		{"blamed for nothing", c.Blamed, "a cause named where there is none to name"},
	} {
		if x.rate.Of > 0 {
			out = append(out, fact{x.name, counted(x.rate), x.of + "; " + intervals(x.rate)})
		}
	}
	out = append(out, fact{"utility", fmt.Sprintf("%.2f", c.Outcome.Utility()),
		fmt.Sprintf("(right - 2·wrong) of all; %s right, %s wrong, %s abstained", number(c.Outcome.Right), number(c.Outcome.Wrong), number(c.Outcome.Abstained))})
	if c.Trust.Causes > 0 {
		out = append(out, fact{"confidence", fmt.Sprintf("Brier %.2f", c.Trust.Brier), trust(c.Trust)})
	}
	if failed := tallies(r.Criteria); failed != "" {
		out = append(out, fact{"criteria failed", fmt.Sprint(len(r.Criteria)), "answers, each at every criterion that it failed: " + failed})
	}
	out = append(out, fact{"took", span(r.Effort.Median), "median; 95 % within " + span(r.Effort.P95) + "; " + effort(r.Effort)})
	if len(r.Flaky) > 0 {
		out = append(out, fact{"flaky", fmt.Sprint(len(r.Flaky)), "questions right at one time and wrong at another"})
	}
	return append(out, fact{"not judged", fmt.Sprintf("%d of %d", r.Faults, r.Trials), "trials; faults of the run, in no other number"})
}

// identity says what was run, so that two reports can be told apart.
func (r Report) identity() []fact {
	run := r.Run
	return []fact{
		{"suite", run.Suite, ""}, {"scorer", run.Scorer, ""}, {"program", run.Program, ""}, {"model", run.Model, ""}, {"engine", run.Engine, ""},
		{"seeds", run.Seeds, ""}, {"trials", fmt.Sprintf("%d, k=%d", r.Trials, run.K), ""}, {"started", run.Started.UTC().Format(time.RFC3339), ""},
		{"took", span(run.Ended.Sub(run.Started)), ""},
	}
}

func trust(t stats.Trust) string {
	parts := []string{fmt.Sprintf("of %d first causes", t.Causes)}
	for _, c := range t.Classes {
		parts = append(parts, fmt.Sprintf("%s: %d of %d right", c.Name, c.Right, c.Of))
	}
	for _, l := range t.Levels {
		if l.Of > 0 {
			parts = append(parts, fmt.Sprintf("from %.1f up: %d of %d", l.AtLeast, l.Right, l.Of))
		}
	}
	return strings.Join(parts, "; ")
}

// tallies are the criteria that failed at all.
func tallies(all []stats.Tally) string {
	var parts []string
	for _, c := range all {
		if c.Failed > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", plain(c.Criterion), c.Failed))
		}
	}
	return strings.Join(parts, ", ")
}

func effort(e stats.Effort) string {
	s := fmt.Sprintf("%.1f requests to the engine for each right answer", e.CallsPerRight)
	if e.CostUSD > 0 {
		s += fmt.Sprintf("; $%.4f in all, $%.4f for each right answer", e.CostUSD, e.CostPerRight)
	}
	return s
}

func counted(r stats.Rate) string {
	if r.Of == 0 {
		return "-"
	}
	return fmt.Sprintf("%s/%d %s", number(r.Hits), r.Of, percent(r.Share()))
}

func intervals(r stats.Rate) string {
	if r.Families < 2 {
		return fmt.Sprintf("one family: no interval; %s were each question alone", between(r.Alone))
	}
	return fmt.Sprintf("95 %% interval %s by family (%d), %s each alone", between(r.Clustered), r.Families, between(r.Alone))
}

// byFamily is the interval to argue with; one family has none.
func byFamily(r stats.Rate) string {
	if r.Families < 2 {
		return "-"
	}
	return between(r.Clustered)
}

func between(i stats.Interval) string { return percent(i.Low) + " to " + percent(i.High) }

// percent never rounds to all or nothing what is neither.
func percent(x float64) string {
	s := fmt.Sprintf("%.0f %%", 100*x)
	if (s == "100 %" && x < 1-1e-9) || (s == "0 %" && x > 1e-9) {
		return fmt.Sprintf("%.1f %%", 100*x)
	}
	return s
}

// points is a difference of shares.
func points(x float64) string {
	if math.Abs(x) < 5e-4 {
		return "0.0 pp"
	}
	return fmt.Sprintf("%+.1f pp", 100*x)
}

// number prints sums of shares: whole where they are.
func number(x float64) string {
	if math.Abs(x-math.Round(x)) < 1e-9 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
