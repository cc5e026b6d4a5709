package knowledge

import (
	"math"

	"github.com/resync-hwa/resync/knowledge/index"
)

const (
	// coverageShare is how much of the score hangs on having all of the question.
	coverageShare = 0.3
	// headingShare is what a heading adds that names nothing but what is asked.
	headingShare = 0.5
	// nearShare is what neighbours of the question add that are neighbours in the text, at most nearWords apart.
	nearShare = 0.3
	nearWords = 8
)

// refine weighs how the words stand in the passage: how much of the question it has, how much of its heading the question names, and
// whether neighbours of the question are neighbours there.
func (a *asked) refine(c *candidate) float64 {
	coverage, heading := a.stand(c)
	return c.words*(1-coverageShare+coverageShare*coverage)*(1+headingShare*heading) + nearShare*a.proximity(c)
}

// stand tells how much of the question a candidate has, weighted by rarity, and how much of its heading the question names; each 0 to 1.
// Parts of runbooks and names that no text has are left out of the count.
func (a *asked) stand(c *candidate) (coverage, heading float64) {
	all, got, named := 0.0, 0.0, 0.0
	for i := range a.units {
		u := &a.units[i]
		if u.unit.role || u.unit.ident && !u.somewhere() {
			continue
		}
		w := u.unit.weight * u.idf
		all += w
		in, own := a.coverage(u, c)
		got += w * in
		named += own
	}
	coverage = 1
	if all > 0 {
		coverage = got / all
	}
	if c.head.Words > 0 {
		heading = math.Min(1, named/float64(c.head.Words))
	}
	return coverage, heading
}

// coverage tells how much of a unit a candidate has, 0 to 1, and how many words of its heading the unit names.
func (a *asked) coverage(u *scored, c *candidate) (share, heading float64) {
	for _, t := range u.concepts {
		if c.has[t.slot].Hash != 0 {
			share = 1
		}
	}
	own, n := 0.0, 0.0
	for _, w := range u.words {
		hit, h := 0.0, 0.0
		for _, t := range w {
			if e := &c.has[t.slot]; e.Hash != 0 {
				hit = 1
				if e.Counts[index.Heading] > 0 && !a.base.negates(t.hash) {
					h = 1
				}
			}
		}
		own += hit
		n += h
	}
	if len(u.words) > 0 {
		share = math.Max(share, own/float64(len(u.words)))
	}
	heading = n
	for _, w := range u.ways {
		hit, h := 0.0, 0.0
		for _, t := range w.terms {
			if e := &c.has[t.slot]; e.Hash != 0 {
				hit++
				if e.Counts[index.Heading] > 0 && !a.base.negates(t.hash) {
					h++
				}
			}
		}
		share = math.Max(share, w.factor*hit/float64(len(w.terms)))
		heading = math.Max(heading, w.factor*h)
	}
	return share, heading
}

// negates reports whether a term is the negation, which names no subject of a heading.
func (b *Base) negates(hash uint32) bool { return hash == b.negation[0] || hash == b.negation[1] }

// proximity sums over neighbouring units of the question how near they stand to each other in the body.
func (a *asked) proximity(c *candidate) float64 {
	sum := 0.0
	var last []uint16
	lastIDF := 0.0
	for i := range a.units {
		u := &a.units[i]
		if u.unit.role || u.unit.ident {
			continue
		}
		at := a.positions(u, c)
		if len(at) > 0 && len(last) > 0 {
			if d := distance(last, at); d <= nearWords {
				sum += math.Min(lastIDF, u.idf) / float64(max(1, d))
			}
		}
		last, lastIDF = at, u.idf
	}
	return sum
}

func (a *asked) positions(u *scored, c *candidate) []uint16 {
	for _, w := range u.words {
		for _, t := range w {
			if e := &c.has[t.slot]; len(e.Positions) > 0 {
				return e.Positions
			}
		}
	}
	for _, w := range u.ways {
		if e := &c.has[w.terms[0].slot]; len(e.Positions) > 0 {
			return e.Positions
		}
	}
	return nil
}

// distance is the least distance between two of the positions, both rising.
func distance(a, b []uint16) int {
	best := math.MaxInt
	for i, j := 0, 0; i < len(a) && j < len(b); {
		d := int(a[i]) - int(b[j])
		if d < 0 {
			best = min(best, -d)
			i++
		} else {
			if d > 0 {
				best = min(best, d)
			}
			j++
		}
	}
	return best
}
