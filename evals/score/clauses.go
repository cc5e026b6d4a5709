package score

import (
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/twstools"
)

// clause is a stretch of prose that says one thing. Negation and doubt end with it.
type clause struct {
	full   string   // as written
	own    string   // plain letters, without what is quoted
	quotes []string // what is quoted, as written
	asks   bool     // a question asserts nothing
	lang   string
	things []plant.Thing
	here   bool // the things are named here and not taken over from the clause before
	opens  bool // a colon ends it: what it is about may follow
}

var (
	quoted   = regexp.MustCompile("(?s)```.*?```|`[^`]*`|\"[^\"]*\"|“[^”]*”|«[^»]*»")
	held     = regexp.MustCompile("\x01(\\d+)\x02")
	ends     = regexp.MustCompile(`[.!?…]+[)*"]*(?:\s+|$)|\n+|;\s+|:\s+|\s[–—-]\s`)
	turns    = regexp.MustCompile(`(?i)[,\s]+(?:but|however|yet|whereas|mas|porém|porem|contudo|entretanto|no entanto|todavia)\b[,\s]*`)
	listed   = regexp.MustCompile(`^\s*(?:\d+[.)]|[-*•>#]+)\s+`)
	notOnly  = regexp.MustCompile(`(?i)(\bnot only|\bnot just|\bnot merely|\bn[ãa]o s[óo]\s|\bn[ãa]o apenas|\bn[ãa]o somente)`)
	alsoBut  = regexp.MustCompile(`(?i)\b(but also|mas também|mas tambem)\b`)
	causeEnd = regexp.MustCompile(`\b(cause|reason|culprit|why|causa|causa raiz|motivo|razao|por que)( is| was| e| foi)?\s*$`)
)

// bare takes prose apart, whatever it names. Quotes stay in one piece.
func bare(text, lang string, hide func(string) string) []clause {
	var keep []string
	text = notOnly.ReplaceAllString(alsoBut.ReplaceAllString(text, "and also"), "")
	text = quoted.ReplaceAllStringFunc(text, func(q string) string {
		keep = append(keep, q)
		return "\x01" + itoa(len(keep)-1) + "\x02"
	})
	text = strings.ReplaceAll(text, "**", "")
	var out []clause
	add := func(piece, mark string) {
		for _, part := range turns.Split(piece, -1) {
			c := restored(part, keep, hide)
			c.lang, c.opens = lang, strings.HasPrefix(mark, ":")
			if c.asks = strings.Contains(mark, "?"); strings.TrimSpace(c.full) != "" {
				out = append(out, c)
			}
		}
	}
	for _, line := range strings.Split(text, "\n") {
		line = listed.ReplaceAllString(line, "")
		from := 0
		for _, at := range ends.FindAllStringIndex(line, -1) {
			mark := line[at[0]:at[1]]
			if strings.HasPrefix(mark, ":") && causeEnd.MatchString(plain(line[from:at[0]])) {
				continue // what follows is the cause
			}
			add(line[from:at[0]], mark)
			from = at[1]
		}
		add(line[from:], "")
	}
	return out
}

// clauses takes prose apart, each clause with what it is about.
func (s *scorer) clauses(text string) []clause {
	out := bare(text, s.Question.Lang, s.nameless)
	for i := range out {
		for _, c := range s.Answer.Citations {
			out[i].asks = out[i].asks || c.Source != "" && strings.Contains(out[i].full, strings.TrimPrefix(c.Source, "knowledge:")) // a document is pointed at
		}
	}
	var last []plant.Thing
	for i := range out {
		out[i].things = s.named(out[i].full)
		switch found := out[i].things; {
		case !slices.ContainsFunc(found, func(t plant.Thing) bool { return t.Entity.Type != twstools.EntityPlan }):
			out[i].here = len(found) > 0
			out[i].things = append(slices.Clone(found), last...) // the plan is spoken of beside whatever it is about
		default:
			out[i].here, last = true, found
		}
	}
	for i := range out[:max(0, len(out)-1)] {
		if next := out[i+1]; out[i].opens && !out[i].here && next.here {
			out[i].things = slices.Concat(next.things, out[i].things) // they wait for each other: A, B
		}
	}
	return out
}

func restored(part string, keep []string, hide func(string) string) clause {
	var c clause
	c.full = held.ReplaceAllStringFunc(part, func(m string) string {
		q := keep[atoi(m[1:len(m)-1])]
		c.quotes = append(c.quotes, strings.Trim(q, "`\"“”«»"))
		return q
	})
	c.own = plain(hide(held.ReplaceAllString(part, " … ")))
	return c
}

// nameless puts one and the same word for the names of jobs, job streams and workstations, so that none is taken for what is said of it. Whoever the
// audit names is an operator, so that what somebody did is told by their id as well.
func (s *scorer) nameless(text string) string {
	text = instances.ReplaceAllString(text, "name0")
	for _, user := range s.Plant.Users() {
		if hasWord(text, user) {
			text = userWord(user).ReplaceAllString(text, map[string]string{"en": "the operator", "pt": "o operador"}[s.Question.Lang])
		}
	}
	return tokens.ReplaceAllStringFunc(text, func(w string) string {
		for _, t := range s.Plant.Words()[w] {
			if t.Job != nil || t.JobStream != nil || t.Entity.Type == twstools.EntityWorkstation {
				return "name0"
			}
		}
		return w
	})
}

// userWord finds a user's id as a whole word.
func userWord(user string) *regexp.Regexp {
	return regexp.MustCompile(`(\b(user|operator|operador|operadora|usu[aá]rio|usu[aá]ria) )?\b` + regexp.QuoteMeta(user) + `\b`)
}

func asItIs(text string) string { return text }

var (
	tokens    = regexp.MustCompile(`[\p{L}\p{N}_]+`)
	instances = regexp.MustCompile(`(?:[\w/.-]+#)?[\w/-]+\[?\(\d{4} \d{2}/\d{2}/\d{2,4}\)(?:,\([0-9A-Za-z-]+\))?\]?(?:\.\w+)?`)
)

// named are the things that a text mentions: by the exact instance where it is written, else by name.
func (s *scorer) named(text string) []plant.Thing {
	var out []plant.Thing
	for _, m := range instances.FindAllString(text, -1) {
		out = append(out, s.Plant.Meant(m)...)
	}
	rest := instances.ReplaceAllString(text, " ")
	for _, m := range tokens.FindAllString(rest, -1) {
		out = append(out, s.Plant.Words()[m]...)
	}
	for word, things := range s.odd() {
		if hasWord(rest, word) {
			out = append(out, things...)
		}
	}
	return append(out, s.outside(rest)...)
}

// odd are the words of things that are more than letters, digits and underscores: files above all.
func (s *scorer) odd() map[string][]plant.Thing {
	if s.oddWords == nil {
		s.oddWords = map[string][]plant.Thing{}
		for w, things := range s.Plant.Words() {
			if w != "" && tokens.FindString(w) != w && !strings.Contains(w, "[(") {
				s.oddWords[w] = things
			}
		}
	}
	return s.oddWords
}

// outside are the things of the gold that the plan does not hold, as a host or the plan itself.
func (s *scorer) outside(text string) []plant.Thing {
	var out []plant.Thing
	low := plain(text)
	for _, t := range s.known {
		switch {
		case t.Entity.Type == twstools.EntityPlan && planWord.MatchString(low),
			t.Job == nil && t.JobStream == nil && t.Object == nil && t.More == nil && t.Entity.Name != "" && hasWord(low, plain(t.Entity.Name)):
			out = append(out, t)
		}
	}
	return out
}

var planWord = regexp.MustCompile(`\b(plan|plano|jnextplan|final)\b`)

// cues are a language's words that deny what follows or precedes them, and that doubt it.
type cues struct{ not, notAfter, doubt, doubtAfter *regexp.Regexp }

var (
	signs = map[string]cues{
		"en": {
			regexp.MustCompile(`\b(not|no|never|without|neither|nor|cannot|none|nothing|nobody|unlikely|excluded|rules? out|ruled out|instead of|rather than|unrelated to|harmless|false)\b|n't\b`),
			regexp.MustCompile(`^\s*(is|was|are|were|does|did|has|had|do)(n't| not)\b|^[^,;]{0,40}?\b((is|was|are|were|be|been|being)( \w+)? (ruled out|unrelated|excluded|harmless|innocent|false|unlikely)|(is|was|are|were|did|does|has|have)(n't| not) (\w+ )?(the (root )?(cause|reason|case|culprit|problem)|so|true|involved|to blame|happen\w*|relevant|matter)|plays? no (part|role)|has nothing to do|irrelevant)\b`),
			regexp.MustCompile(`\b(might|may|could|possibly|perhaps|maybe|seems?|appears? to|suspect\w*|if|whether|unless|in case|once|until|supposedly|you (say|think|believe|suppose|assume)|would)\b`),
			regexp.MustCompile(`^[^,;]{0,30}?\b((is|are|remains?|would be) (\w+ )?(possible|a possibility|conceivable|a guess|unclear|uncertain|unknown)|cannot be (ruled out|excluded)|perhaps|maybe|possibly)\b`),
		},
		"pt": {
			regexp.MustCompile(`\b(nao|nem|nunca|sem|nenhum\w*|ninguem|nada|tampouco|descart\w+|em vez de|ao inves de|improvavel|exclui\w*|inofensiv\w+|jamais|falso)\b`),
			regexp.MustCompile(`^\s*nao\b|^[^,;]{0,40}?\b((foi|esta|fica|pode ser|e) (descartad\w+|excluid\w+|inofensiv\w+|improvavel|falso)|nao (e|foi) (a |o )?(causa|caso|motivo|problema|culpad\w+|verdade|relevante)|sem relacao|nada tem a ver)\b`),
			regexp.MustCompile(`\b(talvez|pode(m|ria|riam)? (ser|ter|estar)|poderia\w*|possivelmente|quem sabe|parece\w*|suspeit\w+|caso|assim que|ate que|hipotese|voce (diz|acha|supoe)|seria)\b|^\s*se\b|,\s*se\b|\b(verifi\w+|veja|confira) se\b`),
			regexp.MustCompile(`^[^,;]{0,30}?\b(e possivel|e uma (possibilidade|hipotese)|nao (pode ser|se pode) (descart\w+|exclu\w+)|talvez|possivelmente)\b`),
		},
	}
	unable     = regexp.MustCompile(`\b(could|can) ?not\b|\b(may|might) not (be )?(executed?|run|read|written|write|open)\b|\bcouldn't\b|\bnao (pod\w+|poderia)\b`)
	stops      = regexp.MustCompile(`\b(because|since|due to|owing to|caused by|so that|therefore|although|though|while|which|who|porque|pois|devido|causad[oa]|embora|enquanto|portanto)\b|,\s+(?:and |e )?(?:the|it|its|this|that|a|an|there|they|he|o|os|as|ele|ela|isso|isto|seu|sua|esta|e|um|uma)\b|…`)
	modal      = regexp.MustCompile(`\b(might|may|could|possibly|perhaps|maybe|talvez|poderia\w*|possivelmente)\b( \S+){0,8}$`)
	becauseNot = regexp.MustCompile(`\b(not|nao|never|nunca|nem)( (only|just|simply|mainly))? $`)
)

// polarity is how a clause takes a thing that is said in it.
type polarity int

const (
	denied polarity = iota
	doubted
	asserted
)

// takes tells whether what stands at [from,to) of a clause's own words is asserted, doubted or denied there.
func takes(lang, own string, form *regexp.Regexp, from, to int) polarity {
	c, ok := signs[lang]
	if !ok {
		c = signs["en"]
	}
	before := scope(own[:from])
	match, behind := own[from:to], own[to:]
	// within reports whether a sign stands in the match without being part of what is meant.
	within := func(sign *regexp.Regexp, text string) bool {
		out := sign.ReplaceAllString(text, " ")
		return out != text && form != nil && form.MatchString(strings.Join(strings.Fields(out), " "))
	}
	switch {
	case c.doubtAfter.MatchString(behind):
		return doubted
	case c.not.MatchString(before), c.notAfter.MatchString(behind), within(c.not, match):
		return denied
	case c.doubt.MatchString(unable.ReplaceAllString(before, " ")), modal.MatchString(strings.TrimSpace(unable.ReplaceAllString(own[:from], " "))), within(c.doubt, unable.ReplaceAllString(match, " ")):
		return doubted
	}
	return asserted
}

// scope is the end of what stands before, as far as a denial or a doubt in it reaches: ten words, and not beyond the word that opens a new clause. A
// denial right before such a word reaches over it: not because of.
func scope(before string) string {
	if at := stops.FindAllStringIndex(before, -1); len(at) > 0 {
		last := at[len(at)-1]
		if !becauseNot.MatchString(before[:last[0]]) {
			before = before[last[1]:]
		}
	}
	words := strings.Fields(before)
	return strings.Join(words[max(0, len(words)-10):], " ") + " "
}

// says tells how a clause takes a kind or a word of the lexicon; at most is the strongest of its mentions. Where the words of a
// quote are all that says it, the quote's language is English. Without quotes somebody is accused, and a mere state says nothing.
func says(c clause, l, english lexicon, what string, withQuotes bool) polarity {
	best := denied
	try := func(own string, e *entry) {
		for _, at := range e.find(own, !withQuotes) {
			best = max(best, takes(c.lang, own, e.form, at[0], at[1]))
		}
	}
	for _, e := range l.of(what) {
		try(c.own, e)
	}
	if withQuotes && best != asserted {
		for _, q := range c.quotes {
			for _, e := range english.of(what) {
				if strings.ContainsAny(strings.TrimSpace(q), " \t") && !instances.MatchString(q) && len(e.find(plain(q), false)) > 0 && takes(c.lang, c.own+" …", nil, max(0, strings.Index(c.own, "…")), len(c.own)) == asserted {
					best = asserted
				}
			}
		}
	}
	if c.asks && best == asserted {
		return denied
	}
	return best
}
