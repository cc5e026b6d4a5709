package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/stats"
	"github.com/resync-hwa/resync/evals/trial"
)

//go:embed page.css
var pageStyle string

//go:embed page.html.tmpl
var pageText string

// page is what the template draws. All texts pass shown before, and html/template escapes them where they stand.
type page struct {
	Policy    string
	Style     template.CSS
	Headline  string
	Identity  []fact
	Alarms    []string
	Heads     []fact
	Facts     []fact
	Baselines []string
	Slices    []sliceRow
	Failures  []failureRow
	Flaky     string
	Counts    struct{ All, Pass, Wrong, Confirmed, Fault int }
	Groups    []group
}

type (
	sliceRow struct {
		By, Name, Right, Share, Interval, Marks string
		First, Known                            bool // the first of its kind; anything was judged
		Wide, Narrow                            band
		Dot                                     float64
		Dumb                                    []float64
		Reached                                 []string
	}
	band       struct{ X, W float64 }
	failureRow struct {
		Title, Family string
		Trials        int
		Of            []link
	}
	link  struct{ ID, Name, Text string }
	group struct {
		Name, Note string
		Trials     []trialView
	}
)

// HTML writes one page with every question: no script, no form, nothing loaded from anywhere. Its policy lets a browser apply this one style
// sheet and do nothing else, whatever an answer holds.
func (r Report) HTML(w io.Writer) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, r.page())
}

func (r Report) page() page {
	sum := sha256.Sum256([]byte(pageStyle))
	p := page{
		Policy: fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'", base64.StdEncoding.EncodeToString(sum[:])),
		Style:  template.CSS(pageStyle), //nolint:gosec // our own embedded style sheet
		Alarms: shownAll(slices.Concat(prefixed("The run proves nothing: ", r.Invalid), prefixed("The suite is refused: ", r.Refused))),
		Facts:  r.overview(), Identity: r.identity(),
		Headline: fmt.Sprintf("%s right, %d wrong and confirmed", counted(r.Right), r.ConfirmedWrong),
	}
	for i := range p.Identity {
		p.Identity[i].Value = folded(p.Identity[i].Value)
	}
	p.Heads, p.Facts = p.Facts[:2], p.Facts[2:]
	for _, name := range []string{"lift", "twins"} {
		if i := slices.IndexFunc(p.Facts, func(f fact) bool { return f.Name == name }); i >= 0 {
			p.Heads = append(p.Heads, p.Facts[i])
			p.Facts = slices.Delete(slices.Clone(p.Facts), i, i+1)
		}
	}
	for _, b := range r.Baselines {
		p.Baselines = append(p.Baselines, folded(b.Name))
	}
	last := "whole"
	for _, s := range r.withWhole() {
		row := r.sliceRow(s)
		row.First, last = s.By != last, s.By
		p.Slices = append(p.Slices, row)
	}
	p.Groups, p.Flaky = r.groups(&p), folded(strings.Join(r.Flaky, ", "))
	for _, f := range r.Failures {
		row := failureRow{Title: title(f.Criterion), Family: folded(f.Family), Trials: f.Trials}
		for _, t := range r.failing(f) {
			row.Of = append(row.Of, link{anchor(t), named(t, r.Run.K), cut(folded(t.Text), 200)})
		}
		p.Failures = append(p.Failures, row)
	}
	return p
}

func shownAll(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = folded(l)
	}
	return out
}

// The drawing of a share: 0 at 5, 1 at 185.
func at(share float64) float64 { return math.Round(10*(5+180*share)) / 10 }
func across(i stats.Interval) band {
	return band{at(i.Low), math.Round(10*(at(i.High)-at(i.Low))) / 10}
}
func anchor(t trial.Trial) string { return fmt.Sprintf("q-%x-%d", t.Name(), t.Attempt) }

func (r Report) sliceRow(s stats.Slice) sliceRow {
	row := sliceRow{By: s.By, Name: folded(s.Name), Right: fmt.Sprintf("%s/%d", number(s.Right.Hits), s.Right.Of), Share: share(s.Right), Interval: byFamily(s.Right), Marks: marks(s),
		Known: s.Right.Of > 0, Wide: across(s.Right.Clustered), Narrow: across(s.Right.Alone), Dot: at(s.Right.Share())}
	if s.Right.Families < 2 {
		row.Wide = band{X: at(0)}
	}
	for _, b := range r.Baselines {
		row.Reached = append(row.Reached, reached(b, s.Title()))
		if rate := reachedRate(b, s.Title()); rate.Of > 0 {
			row.Dumb = append(row.Dumb, at(rate.Share()))
		}
	}
	return row
}

// groups are the trials by slice, or by scenario where none is named, in the suite's order.
func (r Report) groups(p *page) []group {
	var out []group
	where := map[string]int{}
	for _, t := range r.Run.Trials {
		name := t.Slice
		if name == "" {
			name = t.Scenario
		}
		i, ok := where[name]
		if !ok {
			i = len(out)
			where[name] = i
			out = append(out, group{Name: folded(name)})
		}
		out[i].Trials = append(out[i].Trials, view(t, r.Run.K))
		p.Counts.All++
		switch t.Status {
		case trial.Pass:
			p.Counts.Pass++
		case trial.Wrong:
			p.Counts.Wrong++
		default:
			p.Counts.Fault++
		}
		if t.ConfirmedWrong {
			p.Counts.Confirmed++
		}
	}
	for i, g := range out {
		right := 0
		for _, t := range g.Trials {
			if t.Class == "pass" {
				right++
			}
		}
		out[i].Note = fmt.Sprintf("%d of %d right", right, len(g.Trials))
	}
	return out
}
