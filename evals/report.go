package evals

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/resync-hwa/resync/evals/trial"
)

// Report is the outcome of a run, as it is told.
type Report struct{ trial.Run }

// Failed reports whether the run must turn a build red: a wrong answer, a fault, or nothing judged at all.
func (r Report) Failed() bool {
	return len(r.Trials) == 0 || slices.ContainsFunc(r.Trials, func(t trial.Trial) bool { return t.Status != trial.Pass })
}

// Tally counts trials.
type Tally struct{ Pass, Wrong, Fault, ConfirmedWrong int }

// Judged is how many answers there were to judge.
func (t Tally) Judged() int { return t.Pass + t.Wrong }

// Count counts the trials that keep lets through; all when keep is nil.
func (r Report) Count(keep func(trial.Trial) bool) Tally {
	var n Tally
	for _, t := range r.Trials {
		if keep != nil && !keep(t) {
			continue
		}
		switch t.Status {
		case trial.Pass:
			n.Pass++
		case trial.Wrong:
			n.Wrong++
		default:
			n.Fault++
		}
		if t.ConfirmedWrong {
			n.ConfirmedWrong++
		}
	}
	return n
}

// Wilson gives the 95 % interval of a rate of pass in n trials: what the same build might score on other questions of this kind.
func Wilson(pass, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959963984540054
	p, m := float64(pass)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, mid-half), min(1, mid+half)
}

// Table writes the report for people: what is wrong and confirmed first, then the rate, the slices, and each failure with its reasons.
func (r Report) Table(w io.Writer) error {
	all := r.Count(nil)
	low, high := Wilson(all.Pass, all.Judged())
	var b strings.Builder
	fmt.Fprintf(&b, "wrong and confirmed  %d\n", all.ConfirmedWrong)
	fmt.Fprintf(&b, "right                %s   %s   95 %% interval %s to %s\n", count(all.Pass, all.Judged()), percent(all.Pass, all.Judged()), share(low), share(high))
	fmt.Fprintf(&b, "not judged (faults)  %d\n", all.Fault)
	fmt.Fprintf(&b, "suite %s, scorer %s, %s\n\n", r.Suite, r.Scorer, r.Ended.Sub(r.Started).Round(time.Millisecond))
	tw := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for _, s := range r.slices() {
		n := r.Count(s.keep)
		low, high := Wilson(n.Pass, n.Judged())
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s to %s\t%s\n", s.name, count(n.Pass, n.Judged()), percent(n.Pass, n.Judged()), share(low), share(high), faults(n.Fault))
	}
	_ = tw.Flush() // a strings.Builder takes everything
	for _, t := range r.Trials {
		if t.Status != trial.Pass {
			fmt.Fprintf(&b, "\n%s  %s  %s  %s\n    %s\n", mark(t), t.Name(), t.Lang, t.Text, strings.ReplaceAll(why(t), " | ", "\n    "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// slice is a part of the trials that is counted apart.
type slice struct {
	name string
	keep func(trial.Trial) bool
}

// slices are language, style and scenario, each value in the order of its first trial.
func (r Report) slices() []slice {
	var out []slice
	seen := map[string]bool{}
	for _, by := range []struct {
		name string
		of   func(trial.Trial) string
	}{{"language", func(t trial.Trial) string { return t.Lang }}, {"style", func(t trial.Trial) string { return t.Style }}, {"scenario", func(t trial.Trial) string { return t.Scenario }}} {
		for _, t := range r.Trials {
			value := by.of(t)
			name := by.name + " " + value
			if !seen[name] {
				seen[name] = true
				out = append(out, slice{name, func(t trial.Trial) bool { return by.of(t) == value }})
			}
		}
	}
	return out
}

func count(n, of int) string { return fmt.Sprintf("%d/%d", n, of) }

func percent(n, of int) string {
	if of == 0 {
		return "-"
	}
	return share(float64(n) / float64(of))
}

func share(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }

func faults(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d not judged", n)
}
