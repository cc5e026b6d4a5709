package main

import (
	"math"
	"math/rand/v2"
	"slices"
)

// depth is how far down a list is looked at.
const depth = 10

// marks are what one list of hits is worth for one question.
type marks struct {
	NDCG, First, Five, Reciprocal float64
}

// judge marks a list. Each wanted place counts once, at the first hit that reaches it; success is a wanted one, not one that only helps.
func judge(q question, hits []hit, c *corpus) marks {
	var m marks
	got := make([]bool, len(q.wants))
	for i, h := range hits[:min(len(hits), depth)] {
		w := reached(q.wants, got, h, c)
		if w < 0 {
			continue
		}
		got[w] = true
		m.NDCG += q.wants[w].gain / math.Log2(float64(i+2))
		if w < len(q.Want) && m.Reciprocal == 0 {
			m.Reciprocal = 1 / float64(i+1)
			m.Five = truth(i < 5)
			m.First = truth(i == 0)
		}
	}
	m.NDCG /= ideal(gains(q.wants))
	return m
}

// reached gives the best wanted place, not reached before, in which the hit lies; -1 where there is none.
func reached(wants []want, got []bool, h hit, c *corpus) int {
	start, end := c.passage(h)
	for i, w := range wants { // the wanted ones stand before those that help
		if got[i] || w.document != h.Document {
			continue
		}
		if (w.section != "" && w.section == h.Section) || (w.section == "" && start <= w.end && end >= w.start) {
			return i
		}
	}
	return -1
}

func gains(wants []want) []float64 {
	out := make([]float64, len(wants))
	for i, w := range wants {
		out[i] = w.gain
	}
	return out
}

// ideal is the discounted gain of the best list there can be.
func ideal(gains []float64) float64 {
	gains = slices.Clone(gains)
	slices.SortFunc(gains, func(x, y float64) int {
		if x > y {
			return -1
		}
		return 1
	})
	sum := 0.0
	for i, g := range gains[:min(len(gains), depth)] {
		sum += g / math.Log2(float64(i+2))
	}
	return sum
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(max(1, len(v)))
}

// resamples of the bootstrap; its random numbers are the same each time.
const resamples = 5000

// interval gives the bounds within which the mean of paired differences lies in 95 of 100 resamples.
func interval(differences []float64) (low, high float64) {
	if len(differences) == 0 {
		return 0, 0
	}
	random := rand.New(rand.NewPCG(uint64(len(differences)), 95)) //nolint:gosec // the same resamples each time
	means := make([]float64, resamples)
	for i := range means {
		sum := 0.0
		for range differences {
			sum += differences[random.IntN(len(differences))]
		}
		means[i] = sum / float64(len(differences))
	}
	slices.Sort(means)
	return means[resamples*25/1000], means[resamples*975/1000]
}
