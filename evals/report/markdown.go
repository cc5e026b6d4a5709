package report

import (
	"fmt"
	"io"

	"strings"

	"github.com/resync-hwa/resync/evals/trial"
)

// How many ways of failing Markdown tells, and how many questions of each: what a change's discussion takes is bounded (65,536 characters on
// GitHub).
const (
	mostWays  = 25
	mostNamed = 3
)

// Markdown writes the report for a change's discussion. Everything that an answer or a question says stands in code spans, where nothing is a
// link, a mention or HTML.
func (r Report) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## Evals: %s right, %d wrong and confirmed\n\n", counted(r.Right), r.ConfirmedWrong)
	for _, why := range r.Invalid {
		fmt.Fprintf(&b, "**The run proves nothing:** %s.\n\n", code(why))
	}
	for _, why := range r.Refused {
		fmt.Fprintf(&b, "**The suite is refused:** %s.\n\n", code(why))
	}
	b.WriteString("| | | |\n|---|---|---|\n")
	for _, f := range r.overview() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.Name, f.Value, cellText(f.Note))
	}
	b.WriteString("\n| | right | share | by family | alone |")
	rule := "|---|--:|--:|---|---|"
	for _, x := range r.Baselines {
		b.WriteString(" " + cell(x.Name) + " |")
		rule += "--:|"
	}
	b.WriteString(" |\n" + rule + "---|\n")
	for _, s := range r.withWhole() {
		fmt.Fprintf(&b, "| %s %s | %s/%d | %s | %s | %s |", s.By, cell(s.Name), number(s.Right.Hits), s.Right.Of, share(s.Right), byFamily(s.Right), between(s.Right.Alone))
		for _, x := range r.Baselines {
			b.WriteString(" " + reached(x, s.Title()) + " |")
		}
		b.WriteString(" " + marks(s) + " |\n")
	}
	r.markdownFailures(&b)
	if len(r.Flaky) > 0 {
		fmt.Fprintf(&b, "\n### Right at one time, wrong at another\n\n%s\n", code(strings.Join(r.Flaky, ", ")))
	}
	var parts []string
	for _, f := range r.identity() {
		if f.Value != "" {
			parts = append(parts, f.Name+" "+code(f.Value))
		}
	}
	fmt.Fprintf(&b, "\n%s\n", strings.Join(parts, ", "))
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Report) markdownFailures(b *strings.Builder) {
	if len(r.Failures) > 0 {
		b.WriteString("\n### What failed\n")
	}
	for i, f := range r.Failures {
		if i == mostWays {
			fmt.Fprintf(b, "\nand %d more ways of failing: see %s\n", len(r.Failures)-mostWays, PageFile)
			break
		}
		fmt.Fprintf(b, "\n%s in %s: %d\n\n", code(title(f.Criterion)), code(f.Family), f.Trials)
		told := r.failing(f)
		for _, t := range told[:min(mostNamed, len(told))] {
			fmt.Fprintf(b, "- %s %s: %s\n", code(named(t, r.Run.K)), code(cut(t.Text, 120)), code(cut(t.Why(), 300)))
		}
		if len(told) > mostNamed {
			fmt.Fprintf(b, "- and %d more\n", len(told)-mostNamed)
		}
	}
	if r.Faults == 0 {
		return
	}
	b.WriteString("\n### Not judged\n\n")
	for _, t := range r.Run.Trials {
		if t.Status == trial.Fault {
			fmt.Fprintf(b, "- %s: %s\n", code(named(t, r.Run.K)), code(cut(t.Why(), 400)))
		}
	}
}

// cellText is our own words in a table's cell.
func cellText(s string) string { return strings.ReplaceAll(folded(s), "|", "¦") }
