package knowledge

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// BM25F parameters. k1 and b are the usual ones, measured best on documentation sets; the field weights say how much more
// a word in a heading tells about a passage than one in its body.
const (
	k1        = 1.2
	b         = 0.75
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
	glossary            *glossary
	weights             []map[string]float64 // fields that are not length-normalised
	body                []map[string]float64
	length              []int
	english, portuguese int
}

func (l *lexiconBuilder) add(e entry) {
	if e.language != Portuguese {
		l.english++
	}
	if e.language != English {
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
		if i == 0 && len(e.headings) > 1 && fold(h) == fold(e.title) {
			continue
		}
		l.count(fixed, e.language, h, w, i == len(e.headings)-1)
	}
	n := l.count(body, e.language, e.body, wBody, false)
	for _, id := range e.bindings {
		fixed["="+fold(id)] += wBinding
	}
	l.weights = append(l.weights, fixed)
	l.body = append(l.body, body)
	l.length = append(l.length, n)
}

// count adds the terms of text to tf and gives the number of words. Only a passage's own heading can name its role.
func (l *lexiconBuilder) count(tf map[string]float64, language, text string, weight float64, roles bool) int {
	tokens := analyse(text)
	words := content(tokens)
	for _, t := range tokens {
		if t.ident {
			tf["="+t.raw] += weight
		}
	}
	for _, t := range words {
		switch language {
		case English:
			tf["en:"+t.en] += weight
		case Portuguese:
			tf["pt:"+t.pt] += weight
		default:
			tf["en:"+t.en] += weight
			tf["pt:"+t.pt] += weight
		}
	}
	for _, c := range l.glossary.all(words) {
		tf["c:"+c] += weight
	}
	if !roles {
		return len(words)
	}
	for _, m := range append(l.glossary.find(words, false), l.glossary.find(tokens, true)...) {
		for _, c := range m.concepts {
			if l.glossary.roles[c] {
				tf["c:"+c] += weight
			}
		}
	}
	return len(words)
}

func (l *lexiconBuilder) build() *lexicon {
	total := 0
	for _, n := range l.length {
		total += n
	}
	average := math.Max(1, float64(total)/math.Max(1, float64(len(l.length))))
	x := &lexicon{postings: map[string][]posting{}, passages: len(l.length), english: l.english, portuguese: l.portuguese}
	for i := range l.length {
		norm := 1 - b + b*float64(l.length[i])/average
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

// unit is one thing that a question names: a word, an identifier or a phrase, with all the terms that stand for it.
type unit struct {
	any      [][]string // words of the phrase; per word the terms that are the same word
	concepts []string
	weight   float64
	role     bool // names a part of a runbook, not a subject
	ident    bool
	message  bool // an identifier with the form of a message number
}

// scored is a unit's contribution to the passages that have it.
type scored struct {
	unit   unit
	idf    float64
	scores map[int32]float64
}

// score gives the BM25F contribution of a unit to each passage. The glossary's reading and the plain words are two
// ways of saying one thing, so the better one counts and the other adds a quarter.
func (x *lexicon) score(u unit) scored {
	out := scored{unit: u, scores: map[int32]float64{}}
	plain, concept := map[int32]float64{}, map[int32]float64{}
	most := math.Inf(1)
	if len(u.concepts) > 0 {
		terms := make([]string, len(u.concepts))
		for i, c := range u.concepts {
			terms[i] = "c:" + c
		}
		if idf := x.best(concept, terms, most); len(concept) > 0 {
			out.idf, most = idf, idf // a word is no rarer than what it means
		}
	}
	room := math.Sqrt(float64(max(1, len(u.any))))
	for _, same := range u.any {
		hits := map[int32]float64{}
		idf := x.best(hits, same, most)
		if len(concept) == 0 {
			out.idf = math.Max(out.idf, idf)
		}
		for p, s := range hits {
			plain[p] += s / room
		}
	}
	for p, s := range plain {
		out.scores[p] = u.weight * (math.Max(s, concept[p]) + math.Min(s, concept[p])/4)
	}
	for p, s := range concept {
		if _, both := plain[p]; !both {
			out.scores[p] = u.weight * s
		}
	}
	return out
}

// best fills hits with the highest contribution that any of the terms makes, none weighing more than most, and gives the
// weight of the rarest term that stands anywhere.
func (x *lexicon) best(hits map[int32]float64, terms []string, most float64) float64 {
	weight, known := 0.0, false
	for i, t := range terms {
		if slices.Contains(terms[:i], t) {
			continue
		}
		idf := math.Min(x.idf(t), most)
		list := x.postings[t]
		if found := len(list) > 0; found != known {
			if found {
				weight, known = idf, true
			}
		} else {
			weight = math.Max(weight, idf)
		}
		for _, p := range list {
			tf := float64(p.tf)
			hits[p.passage] = math.Max(hits[p.passage], idf*tf*(k1+1)/(k1+tf))
		}
	}
	return weight
}

// parse reads a question as units: identifiers, phrases of the glossary, and the words that are left.
func (g *glossary) parse(question string) []unit {
	tokens := analyse(question)
	var units []unit
	for _, t := range tokens {
		if t.ident {
			units = append(units, unit{any: [][]string{{"=" + t.raw}}, weight: 2.5, ident: true, message: messageID.MatchString(t.raw)})
		}
	}
	roles, rest := g.roleUnits(tokens)
	units = append(units, roles...)
	words := content(rest)
	at := 0
	for _, m := range g.find(words, false) {
		units = append(units, wordUnits(words[at:m.from])...)
		units = append(units, g.phraseUnit(pick(words, m.used), m.concepts))
		for i := m.from; i < m.to; i++ {
			if !slices.Contains(m.used, i) {
				units = append(units, wordUnits(words[i:i+1])...)
			}
		}
		at = m.to
	}
	units = append(units, wordUnits(words[at:])...)
	return merge(units)
}

func pick(words []token, at []int) []token {
	out := make([]token, len(at))
	for i, n := range at {
		out[i] = words[n]
	}
	return out
}

// roleUnits takes phrases with stop words ("what to do") out of the question.
func (g *glossary) roleUnits(tokens []token) (units []unit, rest []token) {
	at := 0
	for _, m := range g.find(tokens, true) {
		units = append(units, g.phraseUnit(nil, m.concepts))
		rest = append(rest, tokens[at:m.from]...)
		at = m.to
	}
	return units, append(rest, tokens[at:]...)
}

func (g *glossary) phraseUnit(words []token, concepts []string) unit {
	// The more words a phrase has, the less it is there by chance.
	u := unit{concepts: concepts, weight: 0.9 + 0.3*float64(len(words))}
	for _, c := range concepts {
		u.role = u.role || g.roles[c]
	}
	if u.role {
		u.weight = 1.6
	}
	for _, t := range words {
		u.any = append(u.any, []string{"en:" + t.en, "pt:" + t.pt})
	}
	return u
}

func wordUnits(words []token) []unit {
	var units []unit
	for _, t := range words {
		switch {
		case t.raw == negation:
			continue
		case t.part:
			// Half weight: the parts of a name tell less than the name.
			units = append(units, unit{any: [][]string{{"en:" + t.en, "pt:" + t.pt}}, weight: 0.4, ident: true})
		case isNumber(t.raw):
			units = append(units, unit{any: [][]string{{"en:" + t.en, "pt:" + t.pt}}, weight: 1.6}) // a code, more often than not
		default:
			units = append(units, unit{any: [][]string{{"en:" + t.en, "pt:" + t.pt}}, weight: 1})
		}
	}
	return units
}

func isNumber(s string) bool { return len(s) > 2 && strings.Trim(s, "0123456789") == "" }

// merge drops what is said twice, so that a pasted log does not shout down the question.
func merge(units []unit) []unit {
	seen := map[string]bool{}
	return slices.DeleteFunc(units, func(u unit) bool {
		k := strings.Join(u.concepts, " ")
		if k == "" {
			for _, same := range u.any {
				k += "|" + strings.Join(same, ",")
			}
		}
		twice := seen[k]
		seen[k] = true
		return twice
	})
}

// ranked is a passage with its total.
type ranked struct {
	passage int32
	score   float64
}

// rank adds up the units and gives the passages, best first; ties go to the earlier passage.
func rank(units []scored) []ranked {
	sum := map[int32]float64{}
	for _, u := range units {
		for p, s := range u.scores {
			sum[p] += s
		}
	}
	out := make([]ranked, 0, len(sum))
	for p, s := range sum {
		out = append(out, ranked{p, s})
	}
	sortRanked(out)
	return out
}

func sortRanked(list []ranked) {
	slices.SortFunc(list, func(a, b ranked) int {
		if c := cmp.Compare(b.score, a.score); c != 0 {
			return c
		}
		return cmp.Compare(a.passage, b.passage)
	})
}
