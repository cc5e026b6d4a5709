package knowledge

import (
	"cmp"
	"math"
	"slices"

	"github.com/resync-hwa/resync/knowledge/index"
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
	if s.concepts = a.terms(names, most); len(s.concepts) > 0 {
		s.idf = rarest(s.concepts)
		most = s.idf
	}
	for _, same := range u.any {
		found := a.terms(same, most)
		s.words = append(s.words, found)
		if len(s.concepts) > 0 {
			continue
		}
		if len(found) > 0 {
			s.idf = math.Max(s.idf, rarest(found))
		} else {
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
	return len(s.concepts) > 0 || slices.ContainsFunc(s.words, func(w []term) bool { return len(w) > 0 })
}

// query gives the question as engines read it. An engine takes the best alternative of a unit; the two readings of a phrase
// are told as units of their own, since only the scorer can weigh them against each other.
func (a *asked) query(access []string, all bool, vector []float32) index.Query {
	q := index.Query{Vector: vector, Access: access, All: all}
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
			share /= 4
		}
		for _, w := range u.words {
			add(share, w)
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
	return t.idf * index.Saturate(e.Frequency(c.head.Length, a.average))
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
	// The better of the two readings counts, the other adds a quarter.
	return s.unit.weight * (math.Max(concept, plain) + math.Min(concept, plain)/4)
}

// weigh adds bindings to the words' score and settles equals by language and origin.
func (a *asked) weigh(c *candidate) {
	c.words = 0
	for i := range a.units {
		c.words += a.at(&a.units[i], c)
	}
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
