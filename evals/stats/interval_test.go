package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/resync-hwa/resync/evals/stats"
)

func near(t *testing.T, what string, got, want, by float64) {
	t.Helper()
	if math.Abs(got-want) > by || math.IsNaN(got) {
		t.Errorf("%s is %.6f; want %.6f", what, got, want)
	}
}

// The intervals of Newcombe's table I (1998), method 3.
func TestWilsonAgreesWithThePublishedTable(t *testing.T) {
	for _, c := range []struct{ pass, n, low, high float64 }{
		{81, 263, .2553, .3662}, {15, 148, .0624, .1605}, {0, 20, 0, .1611}, {1, 29, .0061, .1718}, {10, 12, .552, .953}, {50, 50, .9287, 1}, {0, 0, 0, 1},
	} {
		got := stats.Wilson(c.pass, c.n)
		near(t, fmt.Sprintf("low of %g/%g", c.pass, c.n), got.Low, c.low, .0005)
		near(t, fmt.Sprintf("high of %g/%g", c.pass, c.n), got.High, c.high, .0005)
	}
}

// Miller's formula 4 is the textbook SE plus the covariances of all pairs within a family, written here as it stands there.
func pairwiseSE(xs []float64, family []string) float64 {
	n, mean, g := float64(len(xs)), 0.0, map[string]bool{}
	for i, x := range xs {
		mean += x / n
		g[family[i]] = true
	}
	v := 0.0
	for i := range xs {
		v += (xs[i] - mean) * (xs[i] - mean) / (n * n)
		for j := range xs {
			if i != j && family[i] == family[j] {
				v += (xs[i] - mean) * (xs[j] - mean) / (n * n)
			}
		}
	}
	c := float64(len(g))
	return math.Sqrt(v * c / (c - 1))
}

func TestClusteredSEIsTheSumOverPairsWithinFamilies(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 50 {
		n := 5 + r.IntN(60)
		xs, family := make([]float64, n), make([]string, n)
		for i := range xs {
			xs[i], family[i] = float64(r.IntN(5))/4, fmt.Sprint(r.IntN(7))
		}
		family[0], family[1] = "0", "1"
		near(t, fmt.Sprintf("round %d", round), stats.ClusteredSE(xs, family), pairwiseSE(xs, family), 1e-12)
	}
	if !math.IsNaN(stats.ClusteredSE([]float64{1, 0}, []string{"a", "a"})) {
		t.Error("one family has a standard error")
	}
	// By hand: families (1,1) and (0,0) of mean 1/2: sums of deviations 1 and -1, so the root of (1+1)·2/1, over 4.
	near(t, "by hand", stats.ClusteredSE([]float64{1, 1, 0, 0}, []string{"a", "a", "b", "b"}), 0.5, 1e-12)
}

// The quantiles of Student's t cannot be seen from outside but through an interval: with n questions in G families and SE as of independent ones,
// the effective number is n·(t(n-1)/t(G-1))².
func TestFewFamiliesWidenTheIntervalByStudentsT(t *testing.T) {
	// Every family has one right and one wrong answer: no variance between them, so only the factor for few families is left.
	for g, ratio := range map[int]float64{2: 3.182446 / 12.706205, 3: 2.570582 / 4.302653, 6: 2.200985 / 2.570582, 11: 2.079614 / 2.228139, 31: 1.999624 / 2.042272} {
		var xs []float64
		var family []string
		for i := range g {
			xs, family = append(xs, 1, 0), append(family, fmt.Sprint(i), fmt.Sprint(i))
		}
		n := float64(2*g) * ratio * ratio
		want := stats.Wilson(n/2, n)
		got := stats.Clustered(xs, family)
		near(t, fmt.Sprintf("low of %d families", g), got.Low, want.Low, 1e-5)
		near(t, fmt.Sprintf("high of %d families", g), got.High, want.High, 1e-5)
	}
}

func TestClusteredNeverClaimsMoreThanWilson(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		n := 1 + r.IntN(40)
		xs, family, sum := make([]float64, n), make([]string, n), 0.0
		p := []float64{0, .1, .5, .97, 1}[r.IntN(5)]
		for i := range xs {
			if r.Float64() < p {
				xs[i] = 1
			}
			sum += xs[i]
			family[i] = fmt.Sprint(r.IntN(6))
		}
		alone, got := stats.Wilson(sum, float64(n)), stats.Clustered(xs, family)
		share := sum / float64(n)
		if got.Low < 0 || got.High > 1 || got.Low > share+1e-12 || got.High < share-1e-12 || got.Low > alone.Low+1e-9 || got.High < alone.High-1e-9 {
			t.Fatalf("%v in %v: clustered %v, alone %v", xs, family, got, alone)
		}
	}
}

// What the interval is for: where questions of a family stand and fall together it holds the truth about 19 times of 20, and Wilson's does not.
func TestClusteredHoldsTheTruthWhereFamiliesStandAndFallTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const rounds, families, each, p = 2000, 25, 12, .7
	clustered, alone := 0, 0
	for range rounds {
		var xs []float64
		var family []string
		sum := 0.0
		for f := range families {
			level := 0.0
			if r.Float64() < p {
				level = 1
			}
			for range each {
				x := level
				if r.Float64() < .3 { // the rest is each question's own
					x = 0
					if r.Float64() < p {
						x = 1
					}
				}
				sum += x
				xs, family = append(xs, x), append(family, fmt.Sprint(f))
			}
		}
		if i := stats.Clustered(xs, family); i.Low <= p && p <= i.High {
			clustered++
		}
		if i := stats.Wilson(sum, float64(len(xs))); i.Low <= p && p <= i.High {
			alone++
		}
	}
	t.Logf("of %d: clustered %.3f, alone %.3f", rounds, float64(clustered)/rounds, float64(alone)/rounds)
	if c := float64(clustered) / rounds; c < .93 || c > .98 {
		t.Errorf("the clustered interval holds the truth in %.3f; want about .95", c)
	}
	if float64(alone)/rounds > .7 {
		t.Errorf("Wilson holds the truth in %.3f: then the families of this test are not families", float64(alone)/rounds)
	}
}

func TestOneFamilyProvesNothing(t *testing.T) {
	if got := stats.Clustered([]float64{1, 1, 1}, []string{"a", "a", "a"}); got != (stats.Interval{Low: 0, High: 1}) {
		t.Errorf("%v", got)
	}
	if got := stats.Clustered(nil, nil); got != (stats.Interval{Low: 0, High: 1}) {
		t.Errorf("of nothing: %v", got)
	}
}

// All right in few families is little proof: each family counts as one question, less what Student's t takes.
func TestAllRightCountsFamiliesAndNotQuestions(t *testing.T) {
	var xs []float64
	var family []string
	for i := range 40 {
		xs, family = append(xs, 1), append(family, fmt.Sprint(i%4))
	}
	n := 4 * math.Pow(2.022691/3.182446, 2)
	want := stats.Wilson(n, n)
	got := stats.Clustered(xs, family)
	near(t, "low", got.Low, want.Low, 1e-5)
	near(t, "high", got.High, 1, 1e-12)
}
