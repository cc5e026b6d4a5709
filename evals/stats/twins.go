package stats

import (
	"math"
	"slices"

	"github.com/resync-hwa/resync/evals/trial"
)

// TwinsOf counts pairs of twins of which both are answered rightly: two scenarios of one set (one family, base and seed, another variant each),
// in one language that both are asked in. A scenario is right in a language when all its questions there are; with k trials its share is that of
// the tries in which all were, and a pair's share is the product of the two. Whoever guesses is right in one twin and wrong in the other.
func TwinsOf(qs []Question) Rate {
	type side struct{ set, lang, scenario string }
	groups := map[side][]Question{}
	var order []side
	for _, q := range onlyJudged(qs) {
		if q.Set == "" {
			continue
		}
		k := side{q.Set, q.Lang, q.Scenario}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], q)
	}
	var shares []float64
	var families []string
	for i, a := range order {
		for _, b := range order[i+1:] {
			if a.set == b.set && a.lang == b.lang {
				shares = append(shares, together(groups[a])*together(groups[b]))
				families = append(families, groups[a][0].Family)
			}
		}
	}
	return rateOf(shares, families)
}

// WorstWordingOf counts scenarios by their worst question: the share of scenarios that are right however they are asked. Scenarios with one
// judged question have no other wording and are left out.
func WorstWordingOf(qs []Question) Rate {
	groups := map[string][]Question{}
	var order []string
	for _, q := range onlyJudged(qs) {
		if groups[q.Scenario] == nil {
			order = append(order, q.Scenario)
		}
		groups[q.Scenario] = append(groups[q.Scenario], q)
	}
	var shares []float64
	var families []string
	for _, name := range order {
		if g := groups[name]; len(g) > 1 {
			worst := slices.MinFunc(g, func(a, b Question) int { return sign(a.Share() - b.Share()) })
			shares, families = append(shares, worst.Share()), append(families, worst.Family)
		}
	}
	return rateOf(shares, families)
}

// together is the share of tries in which all questions were right, by the trials' attempt; where they have no attempt in common, the product.
func together(qs []Question) float64 {
	right := map[int]int{}
	seen := map[int]int{}
	for _, q := range qs {
		for _, t := range q.trials {
			seen[t.Attempt]++
			if t.Status == trial.Pass {
				right[t.Attempt]++
			}
		}
	}
	tries, all := 0, 0
	for attempt, n := range seen {
		if n < len(qs) {
			continue // one of the questions could not be judged then
		}
		tries++
		if right[attempt] == n {
			all++
		}
	}
	if tries > 0 {
		return float64(all) / float64(tries)
	}
	product := 1.0
	for _, q := range qs {
		product *= q.Share()
	}
	return product
}

func sign(x float64) int {
	switch {
	case math.Abs(x) < 1e-12:
		return 0
	case x < 0:
		return -1
	}
	return 1
}
