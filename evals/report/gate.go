package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/stats"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

// FiguresFormat is what a file of committed figures says of its own form.
const FiguresFormat = "resync.eval.figures/v1"

// Figures are what a build must not fall below. They are committed and reviewed like code: whoever lowers one says why.
type Figures struct {
	Format   string            `json:"format"`
	Suite    string            `json:"suite"`
	Scorer   string            `json:"scorer"`
	Model    string            `json:"model"`
	Engine   string            `json:"engine"`
	Seeds    string            `json:"seeds"`
	Whole    Figure            `json:"whole"`
	Slices   map[string]Figure `json:"slices"`    // by title: "style symptom"
	MustPass []string          `json:"must_pass"` // questions that the suite marks so and that were right each time
}

// Figure is how many questions were right each time they were asked, of how many.
type Figure struct {
	Right int `json:"right"`
	Of    int `json:"of"`
	// ConfirmedWrong are answers; one more is a drop too.
	ConfirmedWrong int `json:"confirmed_wrong"`
	// Interval is the share's 95 % interval by family, in percent, as people write it; Dumb is what the best baseline reaches. Both are told beside
	// the figure and hold nothing.
	Interval string `json:"interval"`
	Dumb     string `json:"dumb,omitempty"`
}

// Baseline takes a run's figures, to be committed. They are the same for equal runs.
func Baseline(run trial.Run) Figures {
	s := stats.Of(run)
	f := Figures{Format: FiguresFormat, Suite: run.Suite, Scorer: run.Scorer, Model: run.Model, Engine: run.Engine, Seeds: run.Seeds,
		Slices: map[string]Figure{}, MustPass: []string{}}
	all := Report{Run: run, Summary: s}
	for i, x := range all.withWhole() {
		told := figure(x.Questions, x.ConfirmedWrong)
		told.Interval, told.Dumb = byFamily(x.Right), all.dumbest(x.Title())
		if i == 0 {
			f.Whole = told
			continue
		}
		f.Slices[x.Title()] = told
	}
	for _, q := range s.Questions {
		if q.Core && q.Always() {
			f.MustPass = append(f.MustPass, q.Name)
		}
	}
	slices.Sort(f.MustPass)
	return f
}

// dumbest is what the best of the baselines reaches in a slice: B5 27 %.
func (r Report) dumbest(title string) string {
	best, name := -1.0, ""
	for _, b := range r.Baselines {
		if of := reachedRate(b, title); of.Of > 0 && of.Share() > best {
			best, name = of.Share(), b.Name+" "+share(of)
		}
	}
	return name
}

// Table writes the figures for a page of documents: the whole, then what the scenarios are about, the language and the style of the questions.
func (f Figures) Table() string {
	var b strings.Builder
	b.WriteString("| | right | share | 95 % by family | best baseline | wrong and confirmed |\n|---|--:|--:|---|--:|--:|\n")
	row := func(title string, x Figure) {
		percent := "-"
		if x.Of > 0 {
			percent = fmt.Sprintf("%.0f %%", 100*float64(x.Right)/float64(x.Of))
		}
		fmt.Fprintf(&b, "| %s | %d of %d | %s | %s | %s | %d |\n", title, x.Right, x.Of, percent, x.Interval, x.Dumb, x.ConfirmedWrong)
	}
	row("**all questions**", f.Whole)
	for _, by := range []string{"slice", "language", "style"} {
		for _, title := range sorted(f.Slices) {
			if name, ok := strings.CutPrefix(title, by+" "); ok {
				row(by+" "+name, f.Slices[title])
			}
		}
	}
	return b.String()
}

func figure(qs []stats.Question, confirmedWrong int) Figure {
	f := Figure{Of: len(qs), ConfirmedWrong: confirmedWrong}
	for _, q := range qs {
		if q.Always() {
			f.Right++
		}
	}
	return f
}

// Gate says why a run must not pass beside the committed figures: it proves nothing, it is another suite's, scorer's, model's, engine's or seeds',
// a must-pass is lost, or a figure fell. A question that could not be judged counts as not right here. Nothing is said where all is well.
func Gate(run trial.Run, committed Figures) []string {
	for _, x := range []struct{ what, is, was string }{
		{"suite", run.Suite, committed.Suite}, {"scorer", run.Scorer, committed.Scorer}, {"model", run.Model, committed.Model},
		{"engine", run.Engine, committed.Engine}, {"seeds", run.Seeds, committed.Seeds},
	} {
		if x.is != x.was {
			return []string{fmt.Sprintf("the committed figures are of %s %q and the run is of %q: commit new ones, and review them", x.what, x.was, x.is)}
		}
	}
	s := stats.Of(run)
	out := slices.Concat(s.Invalid, s.Refused)
	now := Baseline(run)
	always := map[string]bool{}
	for _, q := range s.Questions {
		always[q.Name] = q.Always()
	}
	for _, name := range committed.MustPass {
		if ok, asked := always[name]; !asked {
			out = append(out, fmt.Sprintf("must-pass %s was not asked", name))
		} else if !ok {
			out = append(out, fmt.Sprintf("must-pass %s is lost", name))
		}
	}
	out = append(out, fell("the whole", now.Whole, committed.Whole)...)
	for _, title := range sorted(committed.Slices) {
		out = append(out, fell(title, now.Slices[title], committed.Slices[title])...)
	}
	return out
}

func fell(title string, now, was Figure) []string {
	var out []string
	if now.Of < was.Of {
		out = append(out, fmt.Sprintf("%s: %d questions were asked, %d are committed", title, now.Of, was.Of))
	}
	if now.Right < was.Right {
		out = append(out, fmt.Sprintf("%s: %d of %d are right, %d of %d are committed", title, now.Right, now.Of, was.Right, was.Of))
	}
	if now.ConfirmedWrong > was.ConfirmedWrong {
		out = append(out, fmt.Sprintf("%s: %d answers are wrong and confirmed, %d are committed", title, now.ConfirmedWrong, was.ConfirmedWrong))
	}
	return out
}

// Encode writes the figures as they are committed: indented JSON with sorted keys.
func (f Figures) Encode(w io.Writer) error {
	raw, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(raw, '\n'))
	return err
}

// DecodeFigures reads committed figures. A field that it does not know is fault.Invalid, as is another form: a figure that is misspelt holds nothing.
func DecodeFigures(raw []byte) (Figures, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var f Figures
	if err := dec.Decode(&f); err != nil || f.Format != FiguresFormat {
		return Figures{}, fault.Wrap(fault.Invalid, err, "The committed figures are not of the form %s.", FiguresFormat).WithHint("Make them anew from a run, and review what changed.")
	}
	return f, nil
}
