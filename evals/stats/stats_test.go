package stats_test

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/stats"
	"github.com/resync-hwa/resync/evals/trial"
)

// made is a trial in short: "family scenario question lang attempt result"; the result is pass, wrong or fault.
func made(t *testing.T, line string) trial.Trial {
	t.Helper()
	var x trial.Trial
	var status string
	if _, err := fmt.Sscan(line, &x.Family, &x.Scenario, &x.Question, &x.Lang, &x.Attempt, &status); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	x.Status, x.Slice, x.Style, x.Wants = trial.Status(status), "application", "name", []string{"problem"}
	return x
}

func trials(t *testing.T, lines ...string) []trial.Trial {
	t.Helper()
	out := make([]trial.Trial, len(lines))
	for i, line := range lines {
		out[i] = made(t, line)
	}
	return out
}

// saying gives a trial an answer with a verdict, and a cause where a confidence is given.
func saying(x trial.Trial, verdict string, wants []string, confidence ...float64) trial.Trial {
	causes := []map[string]any{}
	for _, c := range confidence {
		class := "likely"
		if c > .8 {
			class = "confirmed"
		}
		causes = append(causes, map[string]any{"entity": "X", "kind": "app", "confidence": c, "class": class})
	}
	x.Answer, _ = json.Marshal(map[string]any{"diagnosis": map[string]any{"verdict": verdict, "causes": causes}})
	x.Wants = wants
	return x
}

func TestAQuestionCountsOnceHoweverOftenItIsAsked(t *testing.T) {
	qs := stats.Questions(trials(t,
		"f s-1 q1 en 1 pass", "f s-1 q1 en 2 wrong", "f s-1 q1 en 3 fault", "f s-1 q1 en 4 pass",
		"g s-2 q1 en 1 wrong", "h s-3 q1 en 1 fault"))
	if len(qs) != 3 || qs[0].Right != 2 || qs[0].Judged != 3 || qs[0].Faults != 1 {
		t.Fatalf("%+v", qs)
	}
	r := stats.RightOf(qs)
	if r.Of != 2 || r.Families != 2 {
		t.Errorf("%+v: a question that could not be judged must be in no denominator", r)
	}
	near(t, "share", r.Share(), (2.0/3+0)/2, 1e-12)
	if got := stats.Flaky(qs); len(got) != 1 || got[0] != "s-1/q1" {
		t.Errorf("flaky: %v", got)
	}
	if qs := stats.Questions([]trial.Trial{{Scenario: "s-9", Status: trial.Pass}}); qs[0].Family != "s-9" {
		t.Errorf("a scenario without a family is its own, not %q", qs[0].Family)
	}
}

// pass^k is the share of the ways to draw k of the n trials in which all are right; here every way is drawn.
func TestPassKIsTheShareOfDrawsInWhichAllAreRight(t *testing.T) {
	for n := 1; n <= 9; n++ {
		for c := 0; c <= n; c++ {
			var lines []string
			for i := range n {
				status := "wrong"
				if i < c {
					status = "pass"
				}
				lines = append(lines, fmt.Sprintf("f s-1 q1 en %d %s", i+1, status))
			}
			qs := stats.Questions(trials(t, lines...))
			for k := 1; k <= 9; k++ {
				ways, all := 0, 0
				for set := range 1 << n {
					if bits.OnesCount(uint(set)) == k {
						ways++
						if set>>c == 0 {
							all++
						}
					}
				}
				got := stats.PassKOf(qs, k)
				if ways == 0 {
					if got.Questions != 0 {
						t.Errorf("pass^%d of %d trials is told", k, n)
					}
					continue
				}
				near(t, fmt.Sprintf("pass^%d of %d/%d", k, c, n), got.Share, float64(all)/float64(ways), 1e-12)
			}
		}
	}
}

func TestPassKIsToldAsFarAsTheTrialsReach(t *testing.T) {
	var run trial.Run
	for i := range 4 {
		run.Trials = append(run.Trials, made(t, fmt.Sprintf("f s-1 q1 en %d pass", i+1)))
	}
	var ks []int
	for _, p := range stats.Of(run).PassK {
		ks = append(ks, p.K)
	}
	if !slices.Equal(ks, []int{1, 2, 4}) {
		t.Errorf("told for %v", ks)
	}
}

func TestTwinsPassTogether(t *testing.T) {
	set := func(name string, xs []trial.Trial) []trial.Trial {
		for i := range xs {
			xs[i].Set = name
		}
		return xs
	}
	all := slices.Concat(
		// three twins: a and b right in English, c wrong: one pair of three. In Portuguese only a and b are asked, and b has one wrong wording.
		set("f/x/1", trials(t, "f s-a q1 en 1 pass", "f s-b q1 en 1 pass", "f s-c q1 en 1 wrong", "f s-a q2 pt 1 pass", "f s-b q2 pt 1 pass", "f s-b q3 pt 1 wrong")),
		// another seed: no twin of the first set
		set("f/x/2", trials(t, "f s-d q1 en 1 pass")),
		// no set at all
		trials(t, "g s-e q1 en 1 pass", "g s-f q1 en 1 pass"))
	r := stats.TwinsOf(stats.Questions(all))
	if r.Of != 4 || r.Hits != 1 {
		t.Errorf("%g of %d pairs; want 1 of 4", r.Hits, r.Of)
	}
	// Two tries each: a is right in both, b in the second: half of the pair.
	r = stats.TwinsOf(stats.Questions(set("f/x/1", trials(t, "f s-a q1 en 1 pass", "f s-a q1 en 2 pass", "f s-b q1 en 1 wrong", "f s-b q1 en 2 pass"))))
	near(t, "a pair of two tries", r.Share(), .5, 1e-12)
	// A wording right in the first try and one in the second: never right together.
	r = stats.TwinsOf(stats.Questions(set("f/x/1", trials(t, "f s-a q1 en 1 pass", "f s-a q1 en 2 wrong", "f s-a q2 en 1 wrong", "f s-a q2 en 2 pass", "f s-b q1 en 1 pass"))))
	near(t, "wordings in turn", r.Share(), 0, 1e-12)
	// A try in which one wording could not be judged says nothing of both.
	r = stats.TwinsOf(stats.Questions(set("f/x/1", trials(t, "f s-a q1 en 1 pass", "f s-a q1 en 2 wrong", "f s-a q2 en 1 fault", "f s-a q2 en 2 pass", "f s-b q1 en 1 pass"))))
	near(t, "a try with a fault", r.Share(), 0, 1e-12)
}

func TestTheWorstWordingCounts(t *testing.T) {
	r := stats.WorstWordingOf(stats.Questions(trials(t,
		"f s-a q1 en 1 pass", "f s-a q2 pt 1 pass",
		"f s-b q1 en 1 pass", "f s-b q2 en 1 wrong",
		"f s-c q1 en 1 pass",                          // has no other wording
		"f s-d q1 en 1 pass", "f s-d q2 en 1 fault"))) // nor has this one that was judged
	if r.Of != 2 || r.Hits != 1 {
		t.Errorf("%g of %d; want 1 of 2", r.Hits, r.Of)
	}
}

func TestEachWayOfGoingWrongHasItsOwnDenominator(t *testing.T) {
	problem, unknown, refused, healthy := []string{"problem"}, []string{"insufficient_evidence"}, []string{"refused"}, []string{"no_problem"}
	yes, no := true, false
	l := []string{"f s-1 q1 en 1 wrong", "f s-2 q1 en 1 wrong", "f s-3 q1 en 1 wrong", "f s-4 q1 en 1 pass", "f s-5 q1 en 1 wrong", "f s-6 q1 en 1 wrong", "f s-7 q1 en 1 pass"}
	x := trials(t, l...)
	x[0] = saying(x[0], "refused", problem)
	x[1] = saying(x[1], "insufficient_evidence", problem)
	x[2] = saying(x[2], "problem", unknown, .9)
	x[3] = saying(x[3], "refused", refused)
	x[4] = saying(x[4], "problem", healthy, .5)
	x[5] = saying(x[5], "problem", problem, .9)
	x[6] = saying(x[6], "problem", problem, .9)
	x[5].WrongInstance, x[6].WrongInstance = &yes, &no
	x[4].WrongInstance = &no // wants no cause, so no instance can be wrong
	x[5].Criteria = []score.Criterion{{Name: score.CauseEntity}}
	x = append(x, made(t, "f s-8 q1 en 1 fault"))
	c := stats.ConductOf(stats.Questions(x))
	for _, r := range []struct {
		name string
		got  stats.Rate
		hits float64
		of   int
	}{
		{"wrong instance", c.WrongInstance, 1, 2}, {"over-refused", c.OverRefused, 1, 6}, {"over-abstained", c.OverAbstained, 1, 6},
		{"asserted", c.Asserted, 1, 1}, {"blamed", c.Blamed, 2, 3},
	} {
		if r.got.Hits != r.hits || r.got.Of != r.of {
			t.Errorf("%s: %g of %d; want %g of %d", r.name, r.got.Hits, r.got.Of, r.hits, r.of)
		}
	}
	if c.Outcome != (stats.Outcome{Right: 2, Wrong: 3, Abstained: 2}) {
		t.Errorf("%+v", c.Outcome)
	}
	near(t, "utility", c.Outcome.Utility(), (2.0-2*3)/7, 1e-12)
	// Four causes: .9 wrong, .5 wrong, .9 wrong, .9 right.
	near(t, "Brier", c.Trust.Brier, (.81+.25+.81+.01)/4, 1e-12)
	if len(c.Trust.Classes) != 2 || c.Trust.Classes[0] != (stats.Class{Name: "confirmed", Right: 1, Of: 3}) || c.Trust.Classes[1] != (stats.Class{Name: "likely", Of: 1}) {
		t.Errorf("%+v", c.Trust.Classes)
	}
}

func TestAFirstCauseIsRightInEntityAndKindAlike(t *testing.T) {
	for _, failed := range []string{score.CauseEntity, score.CauseKind} {
		x := saying(made(t, "f s-1 q1 en 1 wrong"), "problem", []string{"problem"}, .9)
		x.Criteria = []score.Criterion{{Name: failed}}
		near(t, "Brier with "+failed+" wrong", stats.ConductOf(stats.Questions([]trial.Trial{x})).Trust.Brier, .81, 1e-12)
	}
}

func TestHealthIsAnAssertionToo(t *testing.T) {
	x := saying(made(t, "f s-1 q1 en 1 wrong"), "no_problem", []string{"insufficient_evidence"})
	c := stats.ConductOf(stats.Questions([]trial.Trial{x}))
	if c.Asserted.Hits != 1 || c.Asserted.Of != 1 || c.Outcome.Wrong != 1 {
		t.Errorf("%+v, %+v: who says that all is well where nobody can know has asserted it", c.Asserted, c.Outcome)
	}
}

func TestConfidenceIsHeldAgainstTheTruthByLevel(t *testing.T) {
	var xs []trial.Trial
	for i, c := range []float64{.95, .9, .9, .6, .3} {
		x := saying(made(t, fmt.Sprintf("f s-%d q1 en 1 pass", i)), "problem", []string{"problem"}, c)
		if i > 1 {
			x.Status, x.Criteria = trial.Wrong, []score.Criterion{{Name: score.CauseEntity}}
		}
		xs = append(xs, x)
	}
	got := stats.ConductOf(stats.Questions(xs)).Trust.Levels
	want := []stats.Level{{AtLeast: .9, Right: 2, Of: 3}, {AtLeast: .7, Right: 2, Of: 3}, {AtLeast: .5, Right: 2, Of: 4}, {AtLeast: 0, Right: 2, Of: 5}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v; want %+v", got, want)
	}
}

func TestEveryFailedCriterionIsCounted(t *testing.T) {
	x := trials(t, "f s-1 q1 en 1 wrong", "g s-2 q1 en 1 wrong", "g s-3 q1 en 1 pass", "g s-4 q1 en 1 fault")
	x[0].Criteria = []score.Criterion{{Name: "form", Pass: true}, {Name: "verdict"}, {Name: "affected"}}
	x[1].Criteria = []score.Criterion{{Name: "form", Pass: true}, {Name: "verdict", Pass: true}, {Name: "affected"}}
	x[2].Criteria = []score.Criterion{{Name: "form", Pass: true}, {Name: "verdict", Pass: true}, {Name: "affected", Pass: true}}
	if got := stats.CriteriaOf(x); !slices.Equal(got, []stats.Tally{{"form", 0, 3}, {"verdict", 1, 3}, {"affected", 2, 3}}) {
		t.Errorf("%+v", got)
	}
}

func TestTheJudgeThatDoesNotTellInstancesGivesNoRate(t *testing.T) {
	x := saying(made(t, "f s-1 q1 en 1 wrong"), "problem", []string{"problem"}, .9)
	if c := stats.ConductOf(stats.Questions([]trial.Trial{x})); c.WrongInstance.Of != 0 {
		t.Errorf("%+v; 0 of 0 is right, 0 of 1 would be a claim", c.WrongInstance)
	}
}

func TestTooManyFaultsProveNothing(t *testing.T) {
	run := trial.Run{}
	for i := range 49 {
		run.Trials = append(run.Trials, made(t, fmt.Sprintf("f s-%d q1 en 1 pass", i)))
	}
	run.Trials = append(run.Trials, made(t, "f s-99 q1 en 1 fault"))
	if s := stats.Of(run); len(s.Invalid) > 0 || s.Faults != 1 || s.Right.Of != 49 {
		t.Errorf("1 of 50 is 2 %%, which is allowed: %v, %d faults, of %d", s.Invalid, s.Faults, s.Right.Of)
	}
	run.Trials = append(run.Trials, made(t, "f s-98 q1 en 1 fault"))
	if s := stats.Of(run); len(s.Invalid) != 1 || !strings.Contains(s.Invalid[0], "2 of 51") {
		t.Errorf("2 of 51: %v", s.Invalid)
	}
	if s := stats.Of(trial.Run{}); len(s.Invalid) != 1 {
		t.Errorf("nothing judged: %v", s.Invalid)
	}
}

func TestSlicesHoldEveryQuestionOncePerDimension(t *testing.T) {
	x := trials(t, "f s-1 q1 en 1 pass", "f s-1 q2 pt 1 wrong", "g s-2 q1 en 1 fault")
	x[1].ConfirmedWrong = true
	sums := map[string]int{}
	for _, s := range stats.Slices(stats.Questions(x)) {
		sums[s.By] += len(s.Questions)
		if s.Title() == "language pt" && (s.ConfirmedWrong != 1 || s.Right.Of != 1) {
			t.Errorf("%+v", s)
		}
		if s.Title() == "family g" && (s.Faults != 1 || s.Right.Of != 0) {
			t.Errorf("%+v", s)
		}
	}
	for _, by := range []string{"slice", "language", "style", "verdict", "family"} {
		if sums[by] != 3 {
			t.Errorf("%s holds %d questions of 3", by, sums[by])
		}
	}
	if sums["base"] != 0 {
		t.Error("no base is named, and there are slices of it")
	}
}

func TestFailuresBeginWithTheGravest(t *testing.T) {
	x := trials(t, "f s-1 q1 en 1 wrong", "f s-2 q1 en 1 wrong", "g s-3 q1 en 1 wrong", "g s-4 q1 en 1 pass", "g s-5 q1 en 1 fault")
	for i := range 3 {
		x[i].Criteria = []score.Criterion{{Name: "form", Pass: true}, {Name: "verdict"}, {Name: "affected"}}
	}
	x[2].ConfirmedWrong = true
	got := stats.FailuresOf(x)
	if len(got) != 2 || got[0].Criterion != trial.WrongAndConfirmed || got[0].Family != "g" || got[1].Criterion != "verdict" || got[1].Trials != 2 || len(got[1].Questions) != 2 {
		t.Errorf("%+v", got)
	}
}

func TestEffort(t *testing.T) {
	var x []trial.Trial
	for i := range 20 {
		y := made(t, fmt.Sprintf("f s-%d q1 en 1 pass", i))
		y.Duration, y.CostUSD, y.Requests = time.Duration(i+1)*time.Second, .01, map[string]int{"GET /a": 2, "GET /b": 1}
		if i%2 == 0 {
			y.Status = trial.Wrong
		}
		x = append(x, y)
	}
	lost := made(t, "f s-99 q1 en 1 fault")
	lost.Duration, lost.CostUSD = time.Hour, .05
	e := stats.EffortOf(append(x, lost))
	if e.Median != 10*time.Second || e.P95 != 19*time.Second {
		t.Errorf("median %v, 95 %% %v", e.Median, e.P95)
	}
	near(t, "cost per right answer", e.CostPerRight, .025, 1e-9)
	near(t, "calls per right answer", e.CallsPerRight, 6, 1e-9)
	if e := stats.EffortOf(nil); e.CostPerRight != 0 || e.Median != 0 {
		t.Errorf("of nothing: %+v", e)
	}
}
