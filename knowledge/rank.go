package knowledge

import (
	"cmp"
	"math"
	"slices"
)

// candidates is how many passages are kept for the closer look: enough for MaxLimit sections, few enough to sort.
const candidates = 200

// ranked is a passage with its score.
type ranked struct {
	passage int32
	score   float64
}

// sums adds up contributions per passage. Dense arrays beat maps as soon as a term is common.
type sums struct {
	value   []float64
	touched []int32
}

func newSums(n int) *sums { return &sums{value: make([]float64, n)} }

func (s *sums) add(p int32, v float64) {
	if s.value[p] == 0 {
		s.touched = append(s.touched, p)
	}
	s.value[p] += v
}

func (s *sums) raise(p int32, v float64) {
	if s.value[p] == 0 {
		s.touched = append(s.touched, p)
	}
	s.value[p] = math.Max(s.value[p], v)
}

// drain hands every value to f and empties the sums.
func (s *sums) drain(f func(p int32, v float64)) {
	for _, p := range s.touched {
		f(p, s.value[p])
		s.value[p] = 0
	}
	s.touched = s.touched[:0]
}

// total adds up all units for all passages.
func (x *lexicon) total(units []scored) *sums {
	total, concept, plain, word := newSums(x.passages), newSums(x.passages), newSums(x.passages), newSums(x.passages)
	for _, u := range units {
		for _, t := range u.concepts {
			for _, p := range t.list {
				concept.raise(p.passage, t.of(p))
			}
		}
		for _, same := range u.words {
			for _, t := range same {
				for _, p := range t.list {
					word.raise(p.passage, t.of(p))
				}
			}
			word.drain(plain.add)
		}
		plain.drain(func(p int32, v float64) {
			total.add(p, u.join(concept.value[p], v))
			concept.value[p] = 0 // counted
		})
		concept.drain(func(p int32, v float64) {
			if v > 0 {
				total.add(p, u.join(v, 0))
			}
		})
	}
	return total
}

// best keeps the candidates of a list, best first; ties go to the earlier passage.
func best(list []ranked) []ranked {
	worse := func(a, b ranked) int {
		if c := cmp.Compare(b.score, a.score); c != 0 {
			return c
		}
		return cmp.Compare(a.passage, b.passage)
	}
	if len(list) > 4*candidates {
		// Thinning by a floor that a sample sets spares the sort of tens of thousands that nobody will see.
		list = thin(list)
	}
	slices.SortFunc(list, worse)
	return list[:min(len(list), candidates)]
}

// thin drops what cannot be among the candidates: it raises a floor as long as enough stand above it.
func thin(list []ranked) []ranked {
	top := 0.0
	for _, r := range list {
		top = math.Max(top, r.score)
	}
	for _, share := range []float64{0.8, 0.6, 0.4, 0.2} {
		n := 0
		for _, r := range list {
			if r.score >= top*share {
				n++
			}
		}
		if n >= candidates {
			return slices.DeleteFunc(list, func(r ranked) bool { return r.score < top*share })
		}
	}
	return list
}
