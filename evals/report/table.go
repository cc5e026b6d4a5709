package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/resync-hwa/resync/evals/stats"
	"github.com/resync-hwa/resync/evals/trial"
)

// mostTold is how many questions of one way of failing are told in table and Markdown; the page has all.
const mostTold = 5

// Table writes the report for the terminal: what is wrong and confirmed first, then the rates, the slices with the baselines beside them, and
// what failed by criterion and family.
func (r Report) Table(w io.Writer) error {
	var b strings.Builder
	for _, why := range slices.Concat(prefixed("the run proves nothing: ", r.Invalid), prefixed("the suite is refused: ", r.Refused)) {
		fmt.Fprintln(&b, folded(why))
	}
	aligned(&b, func(tw io.Writer) {
		for _, f := range r.overview() {
			fmt.Fprintf(tw, "%s\t%s\t%s\n", f.Name, f.Value, folded(f.Note))
		}
	})
	fmt.Fprintln(&b)
	aligned(&b, r.sliceRows)
	fmt.Fprintln(&b)
	for _, f := range r.Failures {
		r.group(&b, f)
	}
	r.faults(&b)
	if len(r.Flaky) > 0 {
		fmt.Fprintf(&b, "flaky  %s\n\n", folded(strings.Join(r.Flaky, ", ")))
	}
	var parts []string
	for _, f := range r.identity() {
		if f.Value != "" {
			parts = append(parts, f.Name+" "+folded(f.Value))
		}
	}
	fmt.Fprintln(&b, strings.Join(parts, ", "))
	_, err := io.WriteString(w, b.String())
	return err
}

func prefixed(prefix string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = prefix + l
	}
	return out
}

func aligned(b *strings.Builder, rows func(io.Writer)) {
	tw := tabwriter.NewWriter(b, 0, 0, 3, ' ', tabwriter.StripEscape)
	rows(tw)
	_ = tw.Flush() // a strings.Builder takes everything
}

// sliceRows are the whole suite and every slice, each with what the baselines reach there.
func (r Report) sliceRows(w io.Writer) {
	head := []string{"", "right", "share", "by family", "alone"}
	for _, b := range r.Baselines {
		head = append(head, folded(b.Name))
	}
	fmt.Fprintln(w, strings.Join(append(head, ""), "\t"))
	for _, s := range r.withWhole() {
		row := []string{folded(s.Title()), fmt.Sprintf("%s/%d", number(s.Right.Hits), s.Right.Of), share(s.Right), byFamily(s.Right), between(s.Right.Alone)}
		for _, b := range r.Baselines {
			row = append(row, reached(b, s.Title()))
		}
		fmt.Fprintln(w, strings.Join(append(row, marks(s)), "\t"))
	}
}

// withWhole is the whole suite as a slice, before the slices.
func (r Report) withWhole() []stats.Slice {
	whole := stats.Slice{By: "whole", Name: "suite", Right: r.Right, Faults: r.Faults, ConfirmedWrong: r.ConfirmedWrong, Questions: r.Questions}
	return append([]stats.Slice{whole}, r.Slices...)
}

// reachedRate is what a baseline reaches in a slice.
func reachedRate(b stats.Baseline, slice string) stats.Rate {
	if slice == "whole suite" {
		return b.Right
	}
	for _, s := range b.Slices {
		if s.Title() == slice {
			return s.Right
		}
	}
	return stats.Rate{}
}

func reached(b stats.Baseline, slice string) string { return share(reachedRate(b, slice)) }

func share(r stats.Rate) string {
	if r.Of == 0 {
		return "-"
	}
	return percent(r.Share())
}

func marks(s stats.Slice) string {
	var parts []string
	if s.ConfirmedWrong > 0 {
		parts = append(parts, fmt.Sprintf("%d wrong and confirmed", s.ConfirmedWrong))
	}
	if s.Faults > 0 {
		parts = append(parts, fmt.Sprintf("%d not judged", s.Faults))
	}
	return strings.Join(parts, ", ")
}

// group tells one way of failing in one family, with a few of its questions.
func (r Report) group(b *strings.Builder, f stats.Failure) {
	fmt.Fprintf(b, "%s  %s  %d\n", title(f.Criterion), folded(f.Family), f.Trials)
	told := 0
	for _, t := range r.failing(f) {
		if told++; told > mostTold {
			fmt.Fprintf(b, "    and %d more\n", f.Trials-mostTold)
			break
		}
		fmt.Fprintf(b, "    %s  %s  %s\n        %s\n", named(t, r.Run.K), folded(t.Lang), cut(folded(t.Text), 200), strings.ReplaceAll(cut(folded(t.Why()), 600), " | ", "\n        "))
	}
	fmt.Fprintln(b)
}

func (r Report) failing(f stats.Failure) []trial.Trial {
	var out []trial.Trial
	for _, t := range r.Run.Trials {
		if t.Status == trial.Wrong && t.First() == f.Criterion && slices.Contains(f.Questions, t.Name()) {
			out = append(out, t)
		}
	}
	return out
}

func (r Report) faults(b *strings.Builder) {
	for _, t := range r.Run.Trials {
		if t.Status == trial.Fault {
			fmt.Fprintf(b, "not judged  %s  %s\n", named(t, r.Run.K), cut(folded(t.Why()), 400))
		}
	}
	if r.Faults > 0 {
		fmt.Fprintln(b)
	}
}

// title is a criterion's name for people.
func title(criterion string) string {
	switch criterion {
	case trial.WrongAndConfirmed:
		return "WRONG AND CONFIRMED"
	case "":
		return "wrong for no reason given"
	}
	return folded(criterion)
}

// named is a trial's name, with the try where there are several.
func named(t trial.Trial, k int) string {
	if k > 1 {
		return fmt.Sprintf("%s#%d", folded(t.Name()), t.Attempt)
	}
	return folded(t.Name())
}
