package knowledge

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/knowledge/index"
)

// How words are weighed. The figures are measured on half of 280 questions over manuals as scans give them and over free documentation; the
// other half agrees. Engines find candidates by the plainer measure of package index.
const (
	saturation = 0.8 // k1: more of the same tells less and less
	bodyB      = 0.5 // how much a long body is held against a passage
	// leastBody is the length below which a body is taken for no shorter, in words: one sentence of a list is not about its words.
	leastBody = 60
	// A short text is about its title; the title of a manual tells hardly anything of one of its thousand passages.
	titleLeast     = 0.5
	titleMost      = 3.0
	titlePassages  = 12 // a text of so many is in the middle
	headingWeight  = 2.0
	headingB       = 0.5 // how much a long heading is held against it
	headingWords   = 4.0 // of a usual heading
	ancestorWeight = 1.5
	// lesserReading is what the lesser of the two readings of a phrase adds, concept and words.
	lesserReading = 0.3
	// synonymFactor is what a near synonym of the same language counts beside the word itself; translationFactor a translation.
	synonymFactor     = 0.5
	translationFactor = 0.7
	// roleIDF bounds how telling a part of a runbook is ("what to do"): manuals hardly name such parts.
	roleIDF = 1.6
)

// term is one of the terms that stand for a unit: where its entries are found in a candidate, and how rare it is.
type term struct {
	slot int
	hash uint32
	idf  float64
}

// scored is a unit looked up in the counts of words.
type scored struct {
	unit     unit
	idf      float64
	concepts []term
	words    [][]term // per word of the unit, the terms that are the same word
	ways     []way
}

// way is another way of saying a unit.
type way struct {
	terms  []term // one for each of its words
	factor float64
}

// lookUp finds a unit's terms. The glossary's reading and the plain words are two ways of saying one thing, and a word is
// no rarer than what it means; else every word of the lesser language would outweigh its translation.
func (a *asked) lookUp(u unit) scored {
	s := scored{unit: u}
	names := make([]string, len(u.concepts))
	for i, c := range u.concepts {
		names[i] = "c:" + c
	}
	most := math.Inf(1)
	if u.role {
		most = roleIDF
	}
	if s.concepts = a.terms(names, most); len(s.concepts) > 0 {
		s.idf = rarest(s.concepts)
		most = s.idf
	}
	if cap := a.lookUpWays(&s); cap > 0 {
		most = math.Min(most, cap)
	}
	for _, same := range u.any {
		found := a.terms(same, most)
		s.words = append(s.words, found)
		if len(s.concepts) > 0 {
			continue
		}
		if len(found) > 0 {
			s.idf = math.Max(s.idf, rarest(found))
		} else if len(s.ways) == 0 {
			s.idf = math.Max(s.idf, a.stats.idf("")) // stands nowhere
		}
	}
	return s
}

// terms gives those of names that stand anywhere, none weighing more than most.
func (a *asked) terms(names []string, most float64) []term {
	var out []term
	for i, n := range names {
		if a.stats.stands(n) && !slices.Contains(names[:i], n) {
			h := index.Hash(n)
			out = append(out, term{slot: a.slot(h), hash: h, idf: math.Min(a.stats.idf(n), most)})
		}
	}
	return out
}

// slot numbers the terms that are looked for in candidates.
func (a *asked) slot(hash uint32) int {
	i := slices.Index(a.wanted, hash)
	if i < 0 {
		i = len(a.wanted)
		a.wanted = append(a.wanted, hash)
	}
	return i
}

func rarest(terms []term) float64 {
	idf := 0.0
	for _, t := range terms {
		idf = math.Max(idf, t.idf)
	}
	return idf
}

// somewhere reports whether any passage has the unit.
func (s *scored) somewhere() bool {
	return len(s.concepts) > 0 || len(s.ways) > 0 || slices.ContainsFunc(s.words, func(w []term) bool { return len(w) > 0 })
}

// query gives the question as engines read it. An engine takes the best alternative of a unit; the two readings of a phrase
// are told as units of their own, since only the scorer can weigh them against each other.
func (a *asked) query(ctx context.Context, vector []float32) index.Query {
	q := index.Query{Vector: vector}
	q.Access, q.All = auth.Labels(ctx)
	add := func(weight float64, terms []term) {
		if len(terms) == 0 {
			return
		}
		u := index.Unit{Weight: weight}
		for _, t := range terms {
			u.Any = append(u.Any, index.Term{Hash: t.hash, IDF: t.idf})
		}
		q.Units = append(q.Units, u)
	}
	for i := range a.units {
		u := &a.units[i]
		add(u.unit.weight, u.concepts)
		share := u.unit.weight / math.Sqrt(float64(max(1, len(u.words))))
		if len(u.concepts) > 0 {
			share *= lesserReading
		}
		for _, w := range u.words {
			if len(u.words) == 1 { // an engine may take the best of one word's ways
				w = slices.Clone(w)
				for _, other := range u.ways {
					if len(other.terms) == 1 {
						w = append(w, term{hash: other.terms[0].hash, idf: other.factor * other.terms[0].idf})
					}
				}
			}
			add(share, w)
		}
		for _, other := range u.ways {
			if len(u.words) != 1 || len(other.terms) != 1 {
				for _, t := range other.terms {
					add(other.factor*share/math.Sqrt(float64(len(other.terms))), []term{t})
				}
			}
		}
	}
	return q
}

// candidate is a passage that may answer, with what it has of the question.
type candidate struct {
	id       uint64
	document *entry
	head     index.Header
	has      []index.Entry // by slot; those without a hash are not there
	words    float64       // what the words give
	score    float64
	dense    float64
	byVector bool
}

// read takes the wanted entries out of a record.
func (a *asked) read(c index.Candidate, d *entry) (*candidate, error) {
	out := &candidate{id: c.ID, document: d, dense: c.Dense, byVector: c.ByVector, has: make([]index.Entry, len(a.wanted))}
	next := 0
	err := c.Record.Scan(func(h index.Header) { out.head = h }, func(e *index.Entry) bool {
		for next < len(a.sorted) && a.wanted[a.sorted[next]] < e.Hash {
			next++
		}
		if next == len(a.sorted) {
			return false
		}
		if s := a.sorted[next]; a.wanted[s] == e.Hash {
			kept := *e
			kept.Positions = slices.Clone(e.Positions)
			out.has[s] = kept
			next++
		}
		return true
	})
	return out, err
}

// sortWanted orders the slots by hash, as the entries of records are.
func (a *asked) sortWanted() {
	a.sorted = make([]int, len(a.wanted))
	for i := range a.sorted {
		a.sorted[i] = i
	}
	slices.SortFunc(a.sorted, func(x, y int) int { return cmp.Compare(a.wanted[x], a.wanted[y]) })
}

// of gives the BM25F contribution of a term to a candidate.
func (a *asked) of(t term, c *candidate) float64 {
	e := &c.has[t.slot]
	if e.Hash == 0 {
		return 0
	}
	tf := 0.0
	for f, n := range e.Counts {
		if n > 0 {
			tf += a.frequency(index.Field(f), float64(n), c)
		}
	}
	return t.idf * tf * (saturation + 1) / (saturation + tf)
}

// frequency weighs how often a term stands in a field.
func (a *asked) frequency(f index.Field, n float64, c *candidate) float64 {
	switch f {
	case index.Title:
		n := float64(c.document.Passages) / titlePassages
		return titleLeast + (titleMost-titleLeast)/(1+n*n) // once: every passage has it
	case index.Heading:
		return n * headingWeight / (1 - headingB + headingB*float64(c.head.Words)/headingWords)
	case index.Ancestor:
		return n * ancestorWeight
	case index.Body:
		return n / (1 - bodyB + bodyB*math.Max(leastBody, float64(c.head.Length))/a.average)
	default:
		return n * index.Weights[f]
	}
}

// at gives the contribution of a unit to a candidate.
func (a *asked) at(s *scored, c *candidate) float64 {
	concept, plain := 0.0, 0.0
	for _, t := range s.concepts {
		concept = math.Max(concept, a.of(t, c))
	}
	for _, word := range s.words {
		best := 0.0
		for _, t := range word {
			best = math.Max(best, a.of(t, c))
		}
		plain += best
	}
	plain /= math.Sqrt(float64(max(1, len(s.words))))
	for _, w := range s.ways {
		other := 0.0
		for _, t := range w.terms {
			other += a.of(t, c)
		}
		plain = math.Max(plain, w.factor*other/math.Sqrt(float64(len(w.terms))))
	}
	return s.unit.weight * (math.Max(concept, plain) + math.Min(concept, plain)*lesserReading)
}

// weigh adds bindings to the words' score and settles equals by language and origin.
func (a *asked) weigh(c *candidate) {
	c.words = 0
	for i := range a.units {
		c.words += a.at(&a.units[i], c)
	}
	c.words = a.refine(c)
	s := c.words + a.bound[c.document.ID]*bindingScore
	if c.document.Language == a.language {
		s *= languageFactor
	}
	if a.foreign(c.document) {
		s *= twinFactor
	}
	if c.document.Site {
		s *= siteFactor
	}
	if c.head.Flags&index.Bare != 0 {
		s *= bareFactor
	}
	if c.head.Flags&index.Contents != 0 {
		s *= contentsFactor
	}
	c.score = s
}

// rank orders the candidates, best first; equals by document and place, so that the order is always the same.
func (a *asked) rank() {
	for _, c := range a.candidates {
		a.weigh(c)
	}
	a.fuse()
	slices.SortFunc(a.candidates, func(x, y *candidate) int {
		return cmp.Or(cmp.Compare(y.score, x.score), -compareBools(x.document.Site, y.document.Site), cmp.Compare(x.document.Path, y.document.Path),
			cmp.Compare(x.head.Section, y.head.Section), cmp.Compare(x.id, y.id))
	})
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}

// foreign reports whether a document has a twin in the asked language and is not that twin itself.
func (a *asked) foreign(d *entry) bool {
	return a.language != "" && d.twin != "" && d.Language != a.language
}
