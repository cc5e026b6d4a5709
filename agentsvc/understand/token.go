package understand

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word of the question, or a whole mention.
type token struct {
	text       string // as typed
	norm       string // folded
	start, end int
	ids        []int32 // the words of the vocabulary it stands for; none when unknown
	class      tokenClass
	mention    int // index into mentions, -1 for words
	sentence   int
	clause     int
	asked      bool // its sentence ends with a question mark
	quoted     bool // stands between quotes
	stop       bool // never part of an object's words
	hollow     bool // state and type words: never the end of an object's words
	link       bool // of, de, do, for …: only between an object's words
	used       bool // a matched cue stands on it
	mended     bool // it stands for the word that it is a slip of
	acronym    bool // in capitals, and one of the words around it
	colon      bool // a colon follows
	aside      bool // of a question that belongs to a statement beside it
}

// reading is a question taken apart; the steps of Parse fill it.
type reading struct {
	lex      *lexicon
	src      source
	mentions []Mention
	tokens   []token
	hits     map[string][]hit
	actions  []actionHit
	asserted hit // where the premise is said
	facts    map[string]bool
	undone   *undone // what the question says was not done, in its own words
	done     doneAsked
	out      Understanding
	before   *Understanding // the question before, where this one leaves out what was said there
	about    int            // the token of the name that is asked about
	object   span           // the object's words, when they became the target
	loud     bool           // typed with the shift key down

	lastIntent Intent // of the turn before
}

func (l *lexicon) read(question string) *reading {
	r := &reading{lex: l, src: newSource(question), hits: map[string][]hit{}, facts: map[string]bool{}}
	r.loud = isLoud(r.src.text)
	r.mentions = l.scan(r.src.text, r.loud)
	r.tokenize()
	r.markQuoted()
	r.nameByCapitals()
	r.nameByNoun()
	r.dissolveAcronyms()
	r.matchAll()
	for i := range r.mentions {
		m := &r.mentions[i]
		m.Start, m.End = r.src.original(m.Start, m.End)
	}
	return r
}

// isLoud: a question typed with the shift key down tells nothing by its capitals.
func isLoud(s string) bool {
	upper, words := 0, 0
	for _, w := range strings.Fields(s) {
		if strings.ContainsAny(w, "_#0123456789") || utf8.RuneCountInString(w) < 2 {
			continue
		}
		words++
		if isUpper(w) {
			upper++
		}
	}
	return words >= 3 && upper*10 >= words*7
}

func (r *reading) tokenize() {
	sentence, clause, next := 0, 0, 0
	text := r.src.text
	firstOf := 0 // first token of the sentence
	for i := 0; i < len(text); {
		if next < len(r.mentions) && i == r.mentions[next].Start {
			m := r.mentions[next]
			r.tokens = append(r.tokens, token{text: m.Text, norm: Fold(m.Text), start: i, end: m.End, mention: next, class: classOf(m.Kind), sentence: sentence, clause: clause})
			i = m.End
			next++
			continue
		}
		limit := len(text)
		if next < len(r.mentions) {
			limit = r.mentions[next].Start
		}
		c, size := utf8.DecodeRuneInString(text[i:])
		if isWordRune(c) {
			end := wordEnd(text[:limit], i)
			t := token{text: text[i:end], start: i, end: end, mention: -1, sentence: sentence, clause: clause}
			r.lex.recognise(&t)
			r.tokens = append(r.tokens, t)
			i = end
			continue
		}
		switch {
		case strings.ContainsRune("?!;\n…", c), c == '.' && sentenceEnds(text[i+size:]):
			if c == '?' {
				for k := firstOf; k < len(r.tokens); k++ {
					r.tokens[k].asked = true
				}
			}
			sentence, clause, firstOf = sentence+1, clause+1, len(r.tokens)
		case strings.ContainsRune(",:()–—|", c), c == '-' && i > 0 && text[i-1] == ' ':
			clause++
			if c == ':' && len(r.tokens) > 0 {
				r.tokens[len(r.tokens)-1].colon = true
			}
		}
		i += size
	}
}

// quoteForm is text between quotes, of any length.
var quoteForm = regexp.MustCompile("`[^`]+`|\"[^\"]+\"|“[^”]+”|«[^»]+»|(?:^|[\\s(])'[^']+'")

func (r *reading) markQuoted() {
	if !strings.ContainsAny(r.src.text, "`\"“«'") {
		return
	}
	for _, at := range quoteForm.FindAllStringIndex(r.src.text, -1) {
		for i := range r.tokens {
			if r.tokens[i].start >= at[0] && r.tokens[i].end <= at[1] {
				r.tokens[i].quoted = true
			}
		}
	}
}

func classOf(k MentionKind) tokenClass {
	switch k {
	case MentionMessageID:
		return classMessage
	case MentionReturnCode:
		return classReturnCode
	}
	return classObject
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || unicode.Is(unicode.Mn, r)
}

// wordEnd: words hold apostrophes and hyphens inside; times hold colons.
func wordEnd(text string, i int) int {
	end := i
	for end < len(text) {
		c, size := utf8.DecodeRuneInString(text[end:])
		inner := isApostrophe(c) || c == '-' || c == ':' && isDigitAt(text, end-1) || (c == '.' || c == '/') && isDigitAt(text, end-1)
		if inner {
			after, _ := utf8.DecodeRuneInString(text[end+size:])
			inner = isWordRune(after) && (c != ':' && c != '.' && c != '/' || unicode.IsDigit(after))
		}
		if !isWordRune(c) && !inner {
			break
		}
		end += size
	}
	return end
}

func isDigitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

func sentenceEnds(rest string) bool {
	return rest == "" || rest[0] == ' ' || rest[0] == '\n' || rest[0] == '.' || rest[0] == '"'
}

// clauseStart: the token begins a clause (or is past the last one).
func (r *reading) clauseStart(i int) bool {
	return i == 0 || i >= len(r.tokens) || r.tokens[i].clause != r.tokens[i-1].clause
}

// is says whether a token stands for a word of the class.
func (r *reading) is(i int, class string) bool {
	if i < 0 || i >= len(r.tokens) {
		return false
	}
	return r.lex.in(r.tokens[i].ids, class)
}

// any says whether some token stands for a word of the class.
func (r *reading) any(class string) bool {
	return slices.ContainsFunc(r.tokens, func(t token) bool { return r.lex.in(t.ids, class) })
}

// matchAll tries every pattern where its first word stands, and marks the words that hits stand on.
func (r *reading) matchAll() {
	for i := range r.tokens {
		t := &r.tokens[i]
		tried := r.lex.byClass[t.class]
		for _, p := range tried {
			r.try(p, i)
		}
		for k, id := range t.ids {
			for _, p := range r.lex.byWord[id] {
				if k > 0 && p.elems[p.first()].words.has(t.ids[0]) {
					continue // tried under the token's first word already
				}
				r.try(p, i)
			}
		}
	}
	for _, hs := range r.hits {
		slices.SortStableFunc(hs, func(a, b hit) int { return a.pattern.rank - b.pattern.rank })
	}
}

// maxHits bounds the work on text that says one thing a thousand times.
const maxHits = 60

func (r *reading) try(p *pattern, i int) {
	h, ok := p.match(r, i)
	if !ok {
		return
	}
	if len(r.hits[p.group]) < maxHits {
		r.hits[p.group] = append(r.hits[p.group], h)
	}
	if r.lex.keeps[p.group] {
		return
	}
	for _, k := range h.used {
		r.tokens[k].used = true
	}
}

func (r *reading) has(group string) bool { return len(r.hits[group]) > 0 }
