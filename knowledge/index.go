package knowledge

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/words"
)

// BM25F parameters. k1 and lengthB (b) are the usual ones, measured best on documentation sets; the field weights say how much more
// a word in a heading tells about a passage than one in its body.
const (
	k1        = 1.2
	lengthB   = 0.75
	wTitle    = 3.0
	wHeading  = 3.0
	wAncestor = 1.0
	wBody     = 1.0
	wBinding  = 4.0 // message ids, jobs and streams of the front matter
)

// posting is one passage that has a term, with its weighted and length-normalised frequency.
type posting struct {
	passage int32
	tf      float32
}

// lexicon is the inverted index over all passages. Terms are "en:stem", "pt:stem", "=identifier" and "c:concept".
// It does not change once built.
type lexicon struct {
	postings   map[string][]posting
	passages   int
	english    int // passages analysed as English, those of unknown language among them
	portuguese int
}

// entry is what the index learns about one passage.
type entry struct {
	language string
	title    string
	headings []string // ancestors first, own heading last
	body     string
	bindings []string
}

// lexiconBuilder gathers entries; build makes the index, since lengths are normalised by their average.
type lexiconBuilder struct {
	glossary            *words.Glossary
	stems               words.Stems
	weights             []map[string]float64 // fields that are not length-normalised
	body                []map[string]float64
	length              []int
	english, portuguese int
}

func (l *lexiconBuilder) add(e entry) {
	if e.language != words.Portuguese {
		l.english++
	}
	if e.language != words.English {
		l.portuguese++
	}
	fixed, body := map[string]float64{}, map[string]float64{}
	l.count(fixed, e.language, e.title, wTitle, false)
	for i, h := range e.headings {
		w := wAncestor
		if i == len(e.headings)-1 {
			w = wHeading
		}
		// A document's first heading repeats its title more often than not; it must not count twice.
		if i == 0 && len(e.headings) > 1 && fold.Text(h) == fold.Text(e.title) {
			continue
		}
		l.count(fixed, e.language, h, w, i == len(e.headings)-1)
	}
	n := l.count(body, e.language, e.body, wBody, false)
	for _, id := range e.bindings {
		fixed["="+fold.Text(id)] += wBinding
	}
	l.weights = append(l.weights, fixed)
	l.body = append(l.body, body)
	l.length = append(l.length, n)
}

// count adds the terms of text to tf and gives the number of words. Only a passage's own heading can name its role.
func (l *lexiconBuilder) count(tf map[string]float64, language, text string, weight float64, roles bool) int {
	tokens := l.stems.Analyse(text)
	content := words.Content(tokens)
	for _, t := range tokens {
		if t.Ident {
			tf["="+t.Raw] += weight
		}
	}
	for _, t := range content {
		switch language {
		case words.English:
			tf["en:"+t.En] += weight
		case words.Portuguese:
			tf["pt:"+t.Pt] += weight
		default:
			tf["en:"+t.En] += weight
			tf["pt:"+t.Pt] += weight
		}
	}
	for _, c := range l.glossary.All(content) {
		tf["c:"+c] += weight
	}
	if !roles {
		return len(content)
	}
	for _, m := range append(l.glossary.Find(content, false), l.glossary.Find(tokens, true)...) {
		for _, c := range m.Concepts {
			if l.glossary.Role(c) {
				tf["c:"+c] += weight
			}
		}
	}
	return len(content)
}

func (l *lexiconBuilder) build() *lexicon {
	total := 0
	for _, n := range l.length {
		total += n
	}
	average := math.Max(1, float64(total)/math.Max(1, float64(len(l.length))))
	x := &lexicon{postings: map[string][]posting{}, passages: len(l.length), english: l.english, portuguese: l.portuguese}
	for i := range l.length {
		norm := 1 - lengthB + lengthB*float64(l.length[i])/average
		all := l.weights[i]
		for term, tf := range l.body[i] {
			all[term] += tf / norm
		}
		for term, tf := range all {
			x.postings[term] = append(x.postings[term], posting{passage: int32(i), tf: float32(tf)})
		}
	}
	return x
}

// idf is the weight of a term: how rare it is among the passages that could have it. A word is counted against the
// passages of its own language; else every word of the lesser language would pass for rare. One that stands nowhere is as
// rare as can be.
func (x *lexicon) idf(term string) float64 {
	n, df := float64(x.passages), float64(len(x.postings[term]))
	switch {
	case df == 0:
	case strings.HasPrefix(term, "en:"):
		n = float64(x.english)
	case strings.HasPrefix(term, "pt:"):
		n = float64(x.portuguese)
	}
	return math.Log(1 + (n-df+0.5)/(df+0.5))
}

// term is one of the terms that stand for a unit, with its weight.
type term struct {
	idf  float64
	list []posting
}

// at gives the BM25F contribution for one passage; lists are ordered by passage.
func (t term) at(p int32) float64 {
	i, ok := slices.BinarySearchFunc(t.list, p, func(x posting, p int32) int { return cmp.Compare(x.passage, p) })
	if !ok {
		return 0
	}
	return t.of(t.list[i])
}

func (t term) of(p posting) float64 {
	tf := float64(p.tf)
	return t.idf * tf * (k1 + 1) / (k1 + tf)
}

// scored is a unit looked up in the index.
type scored struct {
	unit     unit
	idf      float64
	concepts []term
	words    [][]term // per word of the unit, the terms that are the same word
}

// lookUp finds a unit's terms. The glossary's reading and the plain words are two ways of saying one thing, and a word is
// no rarer than what it means; else every word of the lesser language would outweigh its translation.
func (x *lexicon) lookUp(u unit) scored {
	s := scored{unit: u}
	names := make([]string, len(u.concepts))
	for i, c := range u.concepts {
		names[i] = "c:" + c
	}
	most := math.Inf(1)
	if s.concepts = x.terms(names, most); len(s.concepts) > 0 {
		s.idf = rarest(s.concepts)
		most = s.idf
	}
	for _, same := range u.any {
		found := x.terms(same, most)
		s.words = append(s.words, found)
		if len(s.concepts) > 0 {
			continue
		}
		if len(found) > 0 {
			s.idf = math.Max(s.idf, rarest(found))
		} else {
			s.idf = math.Max(s.idf, x.idf("")) // stands nowhere
		}
	}
	return s
}

// terms gives those of names that stand anywhere, none weighing more than most.
func (x *lexicon) terms(names []string, most float64) []term {
	var out []term
	for i, n := range names {
		if list := x.postings[n]; len(list) > 0 && !slices.Contains(names[:i], n) {
			out = append(out, term{idf: math.Min(x.idf(n), most), list: list})
		}
	}
	return out
}

func rarest(terms []term) float64 {
	idf := 0.0
	for _, t := range terms {
		idf = math.Max(idf, t.idf)
	}
	return idf
}

// somewhere reports whether any passage has the unit.
func (s scored) somewhere() bool {
	return len(s.concepts) > 0 || slices.ContainsFunc(s.words, func(w []term) bool { return len(w) > 0 })
}

// at gives the unit's contribution to one passage.
func (s scored) at(p int32) float64 {
	concept, plain := 0.0, 0.0
	for _, t := range s.concepts {
		concept = math.Max(concept, t.at(p))
	}
	for _, word := range s.words {
		best := 0.0
		for _, t := range word {
			best = math.Max(best, t.at(p))
		}
		plain += best
	}
	return s.join(concept, plain)
}

// join weighs the two readings of a unit: the better one counts, the other adds a quarter.
func (s scored) join(concept, plain float64) float64 {
	plain /= math.Sqrt(float64(max(1, len(s.words))))
	return s.unit.weight * (math.Max(concept, plain) + math.Min(concept, plain)/4)
}
