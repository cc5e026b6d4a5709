package knowledge

import "math"

// Band says how far a result may be trusted to answer the question.
type Band string

// The bands. Weak results are given all the same; the reader decides.
const (
	Strong Band = "strong" // of the first results that are called so nearly nine in ten are right: docs/knowledge-bench.md has the figure
	Fair   Band = "fair"
	Weak   Band = "weak"
)

// The bounds of the bands, as they were measured with the scorer's figures.
const (
	leastCoverage  = 0.3
	strongCoverage = 0.6
	strongSureness = 0.85
)

// band judges by coverage: how much of what the question names, weighted by rarity, the passage has.
// Names that no text has (the site's jobs) are left out of the count; message numbers are not: a text without
// the number is not about it. Parts of a runbook count little, since every runbook has them.
func (a *asked) band(c *candidate) Band {
	if a.bound[c.document.ID] >= 1 {
		return Strong
	}
	all, got, subjects := 0.0, 0.0, 0
	for i := range a.units {
		u := &a.units[i]
		w := u.idf
		switch {
		case u.unit.ident && !u.unit.message && !u.somewhere():
			continue
		case u.unit.role:
			w *= 0.25
		case u.unit.ident && !u.unit.message:
			w *= 0.5
		case u.unit.message:
			w *= 2
		}
		all += w
		if s := a.at(u, c); s > 0 {
			got += w
			if !u.unit.role && (len(u.unit.concepts) > 0 || u.unit.message || s > 0.9*u.idf) {
				subjects++
			}
		}
	}
	switch {
	case all == 0 || subjects == 0 || got/all < leastCoverage:
		return Weak
	case got/all >= strongCoverage && a.sureness(c) >= strongSureness:
		return Strong
	default:
		return Fair
	}
}

// sureness estimates how likely a passage is the one that answers: by how much of the question it has, how much of its heading the question
// names, and how far behind the next other place stands.
func (a *asked) sureness(c *candidate) float64 {
	coverage, heading := a.stand(c)
	rival := 0.0
	for _, o := range a.candidates {
		if o != c && !a.akin(o, c) {
			rival = math.Max(rival, o.score)
		}
	}
	x := 0.75 + 3.05*coverage + 1.32*heading - 3.52*math.Min(1, rival/c.score)
	return 1 / (1 + math.Exp(-x))
}

// neighbours is how many sections apart two places of a document are still one place to a reader.
const neighbours = 5

// akin reports whether two passages are of one place: near each other in a document, or of texts that say the same in two languages.
func (a *asked) akin(x, y *candidate) bool {
	if x.document.ID == y.document.ID {
		d := x.head.Section - y.head.Section
		return -neighbours <= d && d <= neighbours
	}
	return x.document.twin != "" && x.document.twin == y.document.twin
}
