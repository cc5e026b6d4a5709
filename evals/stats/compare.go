package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Comparison is what changed from one run to another, on the questions that both could judge.
type Comparison struct {
	Questions, Families int
	Before, After       Rate
	Delta               float64  // After - Before
	Interval            Interval // of Delta: a paired bootstrap over families
	// Better and Worse are families of which the majority of answers became right, or is no longer right; P is McNemar's exact two-sided
	// probability of a difference as large, were neither run better.
	Better, Worse int
	P             float64
	NewlyRight    []string // questions that became right every time
	NewlyWrong    []string // questions that no longer are
	// OnlyBefore and OnlyAfter are questions that the other run did not ask or could not judge.
	OnlyBefore, OnlyAfter []string
}

// Draws and seed of the bootstrap. They are fixed so that the same two runs always give the same interval.
const (
	draws         = 10000
	bootstrapSeed = 20260317
)

// Compare pairs two runs by the questions' names.
func Compare(before, after []Question) Comparison {
	later := map[string]Question{}
	for _, q := range onlyJudged(after) {
		later[q.Name] = q
	}
	var c Comparison
	var a, b []Question
	paired := map[string]bool{}
	for _, q := range onlyJudged(before) {
		other, ok := later[q.Name]
		if !ok {
			c.OnlyBefore = append(c.OnlyBefore, q.Name)
			continue
		}
		paired[q.Name] = true
		a, b = append(a, q), append(b, other)
		switch {
		case !q.Always() && other.Always():
			c.NewlyRight = append(c.NewlyRight, q.Name)
		case q.Always() && !other.Always():
			c.NewlyWrong = append(c.NewlyWrong, q.Name)
		}
	}
	for _, q := range onlyJudged(after) {
		if !paired[q.Name] {
			c.OnlyAfter = append(c.OnlyAfter, q.Name)
		}
	}
	c.Questions, c.Before, c.After = len(a), RightOf(a), RightOf(b)
	c.Families = c.Before.Families
	c.Delta = c.After.Share() - c.Before.Share()
	families := differences(a, b)
	c.Interval = bootstrap(families)
	for _, f := range families {
		was, is := 2*f.before > f.n, 2*f.after > f.n
		switch {
		case is && !was:
			c.Better++
		case was && !is:
			c.Worse++
		}
	}
	c.P = McNemar(c.Better, c.Worse)
	return c
}

// pairedFamily is a family's sum of shares in both runs.
type pairedFamily struct{ before, after, n float64 }

func differences(a, b []Question) []pairedFamily {
	var out []pairedFamily
	at := map[string]int{}
	for i, q := range a {
		j, ok := at[q.Family]
		if !ok {
			j = len(out)
			at[q.Family] = j
			out = append(out, pairedFamily{})
		}
		out[j].before += q.Share()
		out[j].after += b[i].Share()
		out[j].n++
	}
	return out
}

// McNemar is the exact two-sided test of b against c discordant pairs: the binomial probability, at one half, of a split at least as uneven
// (Q. McNemar, Psychometrika 12, 1947, in its exact form). Without discordant pairs it is 1.
func McNemar(b, c int) float64 {
	n := b + c
	tail := 0.0
	for k := 0; k <= min(b, c); k++ {
		tail += math.Exp(logChoose(n, k) - float64(n)*math.Ln2)
	}
	return min(1, 2*tail)
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// bootstrap draws as many families as there are, with replacement, and takes the percentiles of the paired difference. Fewer than two families
// prove nothing: -1 to 1.
func bootstrap(families []pairedFamily) Interval {
	if len(families) < 2 {
		return Interval{-1, 1}
	}
	r := rand.New(rand.NewPCG(bootstrapSeed, 0)) //nolint:gosec // a bootstrap needs the same numbers each time, not secret ones
	deltas := make([]float64, draws)
	for i := range deltas {
		sum, n := 0.0, 0.0
		for range families {
			f := families[r.IntN(len(families))]
			sum += f.after - f.before
			n += f.n
		}
		deltas[i] = sum / n
	}
	slices.Sort(deltas)
	return Interval{round(deltas[int(level*draws)]), round(deltas[draws-1-int(level*draws)])}
}
