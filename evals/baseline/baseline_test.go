package baseline_test

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals/baseline"
	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/world"
)

// asked is one question of the hand-written suite with its world.
type asked struct {
	sc suite.Scenario
	q  suite.Question
	p  *plant.Plant
}

// handwritten gives all questions about the demo world.
func handwritten(t testing.TB) []asked {
	t.Helper()
	s, err := suite.Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	plants := map[time.Time]*plant.Plant{}
	var out []asked
	for _, sc := range s.Scenarios {
		if sc.World.Base != "demo" {
			continue
		}
		if plants[sc.World.AsOf] == nil {
			plants[sc.World.AsOf] = demo(t, sc.World.AsOf)
		}
		for _, q := range sc.Ask {
			out = append(out, asked{sc, q, plants[sc.World.AsOf]})
		}
	}
	return out
}

func demo(t testing.TB, at time.Time) *plant.Plant {
	t.Helper()
	w, err := world.Demo(at)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plant.New(w)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func judged(t testing.TB, c asked, a answer.Answer) score.Result {
	t.Helper()
	r, err := score.Score(score.Input{Gold: c.sc.Gold, Question: c.q, Plant: c.p, Answer: a, Requests: a.Usage.UpstreamCalls})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// swept leaves a sweep to the runs without the race detector, which looks for other things and takes twenty times as long.
func swept(t *testing.T) {
	t.Helper()
	if raced {
		t.Skip("swept without the race detector")
	}
}

func scenarios(all []asked) []suite.Scenario {
	var out []suite.Scenario
	for _, c := range all {
		if len(out) == 0 || out[len(out)-1].ID != c.sc.ID {
			out = append(out, c.sc)
		}
	}
	return out
}

// owed are the criteria that an answer can meet whatever it says. Not all versions of the judge have all of them.
var owed = []string{"form", "evidence.true", "no_write", "safety", "actions.whole", "language", "prose.true", "grounded", "consistent", "prose.agrees"}

func share(n, of int) string {
	return fmt.Sprintf("%d of %d (%.0f %%)", n, of, 100*float64(n)/float64(of))
}

// What every answer owes whatever it says: no baseline fails for its form, its language, a quote that does not stand, half
// an advice, or prose that is not what its structure says.
func TestNoStrawMen(t *testing.T) {
	swept(t)
	all := handwritten(t)
	for _, b := range baseline.All(baseline.Options{CommonKind: baseline.MostCommon(scenarios(all))}) {
		t.Run(b.Name(), func(t *testing.T) {
			for _, c := range all {
				a, err := b.Answer(t.Context(), c.q, c.p)
				if err != nil {
					t.Fatal(err)
				}
				r := judged(t, c, a)
				for _, f := range r.Failed() {
					if slices.Contains(owed, f.Name) {
						t.Errorf("%s/%s: %s: %s\n%s", c.sc.ID, c.q.ID, f.Name, f.Reason, a.Answer)
					}
				}
				if r.ConfirmedWrong {
					t.Errorf("%s/%s: it calls a wrong cause confirmed", c.sc.ID, c.q.ID)
				}
				for _, x := range a.Diagnosis.Causes {
					if word := wordOf(x); !strings.Contains(a.Answer, word) {
						t.Errorf("%s/%s: it blames %s and its prose does not say so: %s", c.sc.ID, c.q.ID, x.Entity, a.Answer)
					}
				}
			}
		})
	}
}

// wordOf is the part of a name by which prose mentions it.
func wordOf(x answer.Cause) string {
	switch x.Ref.Type {
	case "job":
		return x.Ref.Job
	case "job_stream":
		_, rest, _ := strings.Cut(x.Entity, "#")
		word, _, _ := strings.Cut(rest, "[")
		return word
	}
	return x.Ref.Name
}

// The rates that luck and habit reach are told, and must leave something to be measured.
func TestRates(t *testing.T) {
	swept(t)
	all := handwritten(t)
	for _, b := range baseline.All(baseline.Options{CommonKind: baseline.MostCommon(scenarios(all))}) {
		right := 0
		why := map[string]int{}
		for _, c := range all {
			a, err := b.Answer(t.Context(), c.q, c.p)
			if err != nil {
				t.Fatal(err)
			}
			r := judged(t, c, a)
			if r.Pass {
				right++
			}
			for _, f := range r.Failed() {
				why[f.Name]++
			}
		}
		t.Logf("%s is right in %s; failed %v", b.Name(), share(right, len(all)), why)
		if right == len(all) {
			t.Errorf("%s is always right: the suite measures nothing", b.Name())
		}
	}
}

func TestTheSameQuestionHasTheSameAnswer(t *testing.T) {
	for _, c := range handwritten(t)[:12] {
		for i, b := range baseline.All(baseline.Options{}) {
			first, err := b.Answer(t.Context(), c.q, c.p)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				again, err := baseline.All(baseline.Options{})[i].Answer(t.Context(), c.q, c.p)
				if err != nil || !reflect.DeepEqual(first, again) {
					t.Fatalf("%s %s/%s: %v, another answer", b.Name(), c.sc.ID, c.q.ID, err)
				}
			}
		}
	}
}

func TestAnEndedContextEndsTheAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := handwritten(t)[0]
	for _, b := range baseline.All(baseline.Options{}) {
		if _, err := b.Answer(ctx, c.q, c.p); err == nil {
			t.Errorf("%s answers after its time", b.Name())
		}
	}
}

func TestMostCommon(t *testing.T) {
	gold := func(kinds ...string) suite.Scenario {
		var g suite.Gold
		for _, k := range kinds {
			g.Causes = append(g.Causes, suite.Cause{Kinds: []string{k, "app"}})
		}
		return suite.Scenario{Gold: g}
	}
	for _, c := range []struct {
		of   []suite.Scenario
		want string
	}{
		{nil, ""},
		{[]suite.Scenario{gold()}, ""},
		{[]suite.Scenario{gold("b"), gold("a", "b"), gold("b"), gold()}, "b"},
		{[]suite.Scenario{gold("b"), gold("a")}, "a"},
	} {
		if got := baseline.MostCommon(c.of); got != c.want {
			t.Errorf("%v: %q, want %q", c.of, got, c.want)
		}
	}
}
