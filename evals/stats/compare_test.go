package stats_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/stats"
	"github.com/resync-hwa/resync/evals/trial"
)

// 9 against 2 is the worked example of the R package exact2x2 (Fay): p = 0.06543.
func TestMcNemar(t *testing.T) {
	for _, c := range []struct {
		b, c int
		p    float64
	}{{9, 2, .06543}, {2, 9, .06543}, {0, 0, 1}, {5, 5, 1}, {0, 5, .0625}, {0, 6, .03125}, {1, 0, 1}} {
		near(t, fmt.Sprintf("%d against %d", c.b, c.c), stats.McNemar(c.b, c.c), c.p, .00001)
	}
}

func TestCompareTellsWhatBecameRightAndWrong(t *testing.T) {
	before := stats.Questions(trials(t, "f s-1 q1 en 1 pass", "f s-1 q2 en 1 wrong", "g s-2 q1 en 1 wrong", "h s-3 q1 en 1 pass", "i s-4 q1 en 1 fault", "i s-5 q1 en 1 pass"))
	after := stats.Questions(trials(t, "f s-1 q1 en 1 wrong", "f s-1 q2 en 1 wrong", "g s-2 q1 en 1 pass", "h s-3 q1 en 1 pass", "i s-4 q1 en 1 pass"))
	c := stats.Compare(before, after)
	if !slices.Equal(c.NewlyRight, []string{"s-2/q1"}) || !slices.Equal(c.NewlyWrong, []string{"s-1/q1"}) || !slices.Equal(c.OnlyBefore, []string{"s-5/q1"}) || !slices.Equal(c.OnlyAfter, []string{"s-4/q1"}) {
		t.Errorf("%+v", c)
	}
	// f had one of two right, which is no majority; so nothing was lost there.
	if c.Questions != 4 || c.Families != 3 || c.Delta != 0 || c.Better != 1 || c.Worse != 0 {
		t.Errorf("%+v", c)
	}
}

// With three families all 27 draws can be written down. Fewer than 2.5 % of the draws lie below the 2.5 % percentile, and not fewer at it.
func TestTheBootstrapAgreesWithAllDraws(t *testing.T) {
	// f: +1 of 1 question, g: 0 of 2, h: -1 of 3
	before := stats.Questions(trials(t, "f s-1 q1 en 1 wrong", "g s-2 q1 en 1 pass", "g s-2 q2 en 1 pass", "h s-3 q1 en 1 pass", "h s-3 q2 en 1 wrong", "h s-3 q3 en 1 wrong"))
	after := stats.Questions(trials(t, "f s-1 q1 en 1 pass", "g s-2 q1 en 1 pass", "g s-2 q2 en 1 pass", "h s-3 q1 en 1 wrong", "h s-3 q2 en 1 wrong", "h s-3 q3 en 1 wrong"))
	diff, n := []float64{1, 0, -1}, []float64{1, 2, 3}
	var all []float64
	for i := range 27 {
		d, m := 0.0, 0.0
		for _, f := range []int{i % 3, i / 3 % 3, i / 9} {
			d, m = d+diff[f], m+n[f]
		}
		all = append(all, d/m)
	}
	slices.Sort(all)
	got := stats.Compare(before, after).Interval
	// One draw of 27 is 3.7 %: the 2.5 % percentile is the lowest, and the 97.5 % percentile the highest.
	near(t, "low", got.Low, all[0], 1e-9)
	near(t, "high", got.High, all[26], 1e-9)
}

// Of 8 families 4 are won and 4 are as before: the draws are binomial, 0 of 8 has 0.4 %, up to 1 of 8 has 3.5 %.
func TestTheBootstrapTakesThePercentilesAndNotTheExtremes(t *testing.T) {
	var a, b []string
	for f := range 8 {
		is := "wrong"
		if f < 4 {
			is = "pass"
		}
		a = append(a, fmt.Sprintf("f%d s-%d q1 en 1 wrong", f, f))
		b = append(b, fmt.Sprintf("f%d s-%d q1 en 1 %s", f, f, is))
	}
	got := stats.Compare(stats.Questions(trials(t, a...)), stats.Questions(trials(t, b...))).Interval
	if got != (stats.Interval{Low: .125, High: .875}) {
		t.Errorf("%v", got)
	}
}

func TestTheBootstrapIsTheSameEachTimeAndSeesARealDifference(t *testing.T) {
	var a, b []string
	for f := range 30 {
		for q := range 4 {
			was, is := "wrong", "pass"
			if (f+q)%3 == 0 {
				was = "pass"
			}
			if f%10 == 0 {
				is = "wrong"
			}
			a = append(a, fmt.Sprintf("f%d s-%d q%d en 1 %s", f, f, q, was))
			b = append(b, fmt.Sprintf("f%d s-%d q%d en 1 %s", f, f, q, is))
		}
	}
	before, after := stats.Questions(trials(t, a...)), stats.Questions(trials(t, b...))
	c := stats.Compare(before, after)
	again := stats.Compare(before, after)
	if c.Interval != again.Interval {
		t.Errorf("%v, then %v", c.Interval, again.Interval)
	}
	if c.Interval.Low <= 0 || c.Interval.Low >= c.Delta || c.Interval.High <= c.Delta || c.P > .01 {
		t.Errorf("Δ %.3f in %v, p %.4f", c.Delta, c.Interval, c.P)
	}
	back := stats.Compare(after, before)
	near(t, "Δ the other way", back.Delta, -c.Delta, 1e-12)
	if back.Better != c.Worse || back.Worse != c.Better || back.P != c.P {
		t.Errorf("the other way: %+v", back)
	}
	if same := stats.Compare(before, before); same.Interval != (stats.Interval{}) || same.P != 1 || len(same.NewlyRight)+len(same.NewlyWrong) > 0 {
		t.Errorf("with itself: %+v", same)
	}
	if one := stats.Compare(before[:4], after[:4]); one.Interval != (stats.Interval{Low: -1, High: 1}) {
		t.Errorf("one family proves %v", one.Interval)
	}
}

// many are n questions of which the first right ones pass, in one slice.
func many(slice string, n, right int) []trial.Trial {
	out := make([]trial.Trial, n)
	for i := range out {
		out[i] = trial.Trial{Scenario: "s-" + slice, Question: fmt.Sprintf("q%d", i), Slice: slice, Lang: "en", Style: "name", Family: fmt.Sprint("f", i%5), Attempt: 1, Status: trial.Wrong}
		if i < right {
			out[i].Status = trial.Pass
		}
	}
	return out
}

func TestASuiteThatDumbAnswerersPassIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		baseline string
		a, b     int // right in a slice of 40 and in one of 8
		small    int // right in a slice of 7
		want     string
	}{
		"all low":                        {"B1", 5, 1, 0, ""},
		"exactly 15 % is not under it":   {"B4", 6, 0, 0, "B4 is right in 15 % of slice application"},
		"8 questions are bound":          {"B0", 0, 2, 0, "B0 is right in 25 % of slice lists"},
		"7 questions are not":            {"B0", 0, 0, 7, ""},
		"B5 may reach more":              {"B5", 23, 4, 5, ""},
		"and not 60 %":                   {"B5", 24, 0, 0, "B5 is right in 60 % of slice application"},
		"a model without tools is free":  {"B6", 40, 8, 7, ""},
		"the whole counts and languages": {"B2", 5, 1, 6, "of whole suite"},
	} {
		t.Run(name, func(t *testing.T) {
			run := trial.Run{Trials: slices.Concat(many("application", 40, 30), many("lists", 8, 5), many("refused", 7, 5))}
			run.Baselines = map[string][]trial.Trial{c.baseline: slices.Concat(many("application", 40, c.a), many("lists", 8, c.b), many("refused", 7, c.small), many("elsewhere", 50, 50))}
			got := strings.Join(stats.Of(run).Refused, "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("refused for %q; want %q", got, c.want)
			}
		})
	}
}

func TestAStyleAloneCanBeTooEasy(t *testing.T) {
	half := func(right int) []trial.Trial {
		out := many("application", 40, right)
		for i := range out {
			out[i].Style = []string{"premise", "name", "symptom", "name", "name"}[i/8]
		}
		return out
	}
	run := trial.Run{Trials: half(40), Baselines: map[string][]trial.Trial{"B3": half(2)}}
	if got := stats.Of(run).Refused; len(got) != 1 || !strings.Contains(got[0], "B3 is right in 25 % of style premise (2 of 8)") {
		t.Errorf("%v", got)
	}
}

func TestTheLiftIsOverTheBestBaselineOnTheSameQuestions(t *testing.T) {
	run := trial.Run{Trials: many("application", 40, 30), Baselines: map[string][]trial.Trial{"B1": many("application", 40, 4), "B5": many("application", 40, 20), "B0": nil}}
	l := stats.Of(run).Lift
	if l == nil || l.Over != "B5" || l.Delta != .25 || l.Interval.Low > .25 || l.Interval.High < .25 {
		t.Errorf("%+v", l)
	}
	run.Baselines = nil
	if l := stats.Of(run).Lift; l != nil {
		t.Errorf("no baselines, and a lift of %+v", l)
	}
}
