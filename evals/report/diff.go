package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/stats"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

// Difference is what changed from one run to a later one.
type Difference struct {
	Before, After Report
	stats.Comparison
	Slices []SliceDelta
	Notes  []string // what else is not alike: model, engine, seeds, faults
}

// SliceDelta is how a slice changed, on the questions that both runs could judge.
type SliceDelta struct {
	Title string
	stats.Comparison
}

// Diff compares two runs. Runs of different suites or scorers are fault.Conflict: a changed number could be the judge's doing.
func Diff(before, after trial.Run) (Difference, error) {
	if before.Scorer != after.Scorer {
		return Difference{}, fault.New(fault.Conflict, "The runs were judged by scorer %s and scorer %s.", before.Scorer, after.Scorer).
			WithHint("Regrade the older run: resync evals regrade DIR.")
	}
	if before.Suite != after.Suite {
		return Difference{}, fault.New(fault.Conflict, "The runs asked different suites: %s and %s.", before.Suite, after.Suite).
			WithHint("Regrade the older run with today's gold where the questions are the same: resync evals regrade DIR. Else run it again.")
	}
	d := Difference{Before: Of(before), After: Of(after)}
	d.Comparison = stats.Compare(d.Before.Questions, d.After.Questions)
	for _, s := range d.After.Summary.Slices {
		if s.By == "family" {
			continue // one family proves nothing of itself; the list of questions tells more
		}
		i := slices.IndexFunc(d.Before.Summary.Slices, func(o stats.Slice) bool { return o.Title() == s.Title() })
		if i < 0 {
			continue
		}
		if c := stats.Compare(d.Before.Summary.Slices[i].Questions, s.Questions); c.Questions > 0 {
			d.Slices = append(d.Slices, SliceDelta{s.Title(), c})
		}
	}
	for _, x := range []struct{ name, before, after string }{
		{"program", before.Program, after.Program}, {"model", before.Model, after.Model}, {"engine", before.Engine, after.Engine},
		{"seeds", before.Seeds, after.Seeds}, {"trials of each question", fmt.Sprint(before.K), fmt.Sprint(after.K)},
		{"not judged", fmt.Sprint(d.Before.Faults), fmt.Sprint(d.After.Faults)},
	} {
		if x.before != x.after {
			d.Notes = append(d.Notes, fmt.Sprintf("%s: %s, then %s", x.name, x.before, x.after))
		}
	}
	return d, nil
}

// Lost reports whether the later run is worse beyond chance: the whole interval of the difference lies below 0.
func (d Difference) Lost() bool { return d.Questions > 0 && d.Interval.High < 0 }

// Table writes the difference for the terminal.
func (d Difference) Table(w io.Writer) error {
	var b strings.Builder
	aligned(&b, func(tw io.Writer) {
		fmt.Fprintf(tw, "wrong and confirmed\t%d\t%d\t\n", d.Before.ConfirmedWrong, d.After.ConfirmedWrong)
		fmt.Fprintf(tw, "right\t%s\t%s\t%s, 95 %% interval %s to %s\n", counted(d.Comparison.Before), counted(d.Comparison.After), points(d.Delta), points(d.Interval.Low), points(d.Interval.High))
		fmt.Fprintf(tw, "families\t\t\t%d better, %d worse of %d; McNemar p = %.3f\n", d.Better, d.Comparison.Worse, d.Families, d.P)
		fmt.Fprintln(tw, "\t\t\t")
		for _, s := range d.Slices {
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s, %s to %s\n", folded(s.Title), counted(s.Before), counted(s.After), points(s.Delta), points(s.Interval.Low), points(s.Interval.High))
		}
	})
	for _, n := range d.Notes {
		fmt.Fprintln(&b, folded(n))
	}
	for _, l := range d.lists() {
		if len(l.names) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s  %d\n", l.title, len(l.names))
		for _, n := range l.names {
			fmt.Fprintf(&b, "    %s\n", strings.Join(d.told(n), "\n        "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes the difference for a change's discussion.
func (d Difference) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## Evals: %s → %s (%s, 95 %% interval %s to %s)\n\n", counted(d.Comparison.Before), counted(d.Comparison.After), points(d.Delta), points(d.Interval.Low), points(d.Interval.High))
	fmt.Fprintf(&b, "Wrong and confirmed: %d → %d. Families: %d better, %d worse of %d (McNemar p = %.3f).\n", d.Before.ConfirmedWrong, d.After.ConfirmedWrong, d.Better, d.Comparison.Worse, d.Families, d.P)
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "\n%s\n", code(n))
	}
	b.WriteString("\n| | before | after | change | 95 % interval |\n|---|--:|--:|--:|---|\n")
	for _, s := range d.Slices {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s to %s |\n", cell(s.Title), counted(s.Before), counted(s.After), points(s.Delta), points(s.Interval.Low), points(s.Interval.High))
	}
	for _, l := range d.lists() {
		if len(l.names) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s: %d\n\n", l.title, len(l.names))
		for _, n := range l.names {
			parts := d.told(n)
			for i, p := range parts {
				parts[i] = code(p)
			}
			fmt.Fprintf(&b, "- %s\n", strings.Join(parts, " "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type list struct {
	title string
	names []string
}

func (d Difference) lists() []list {
	return []list{{"Newly wrong", d.NewlyWrong}, {"Newly right", d.NewlyRight}, {"Only before", d.OnlyBefore}, {"Only after", d.OnlyAfter}}
}

// told is a question's name and words, and why it is wrong now where it is.
func (d Difference) told(name string) []string {
	for _, trials := range [][]trial.Trial{d.After.Run.Trials, d.Before.Run.Trials} {
		out := []string{folded(name)}
		for _, t := range trials {
			if t.Name() != name {
				continue
			}
			if len(out) == 1 {
				out[0] += "  " + cut(folded(t.Text), 200)
			}
			if t.Status != trial.Pass {
				return append(out, cut(folded(t.Why()), 400))
			}
		}
		if out[0] != folded(name) {
			return out
		}
	}
	return []string{folded(name)}
}
