package understand

import (
	"regexp"
	"strings"
)

// The endings that only Portuguese nouns and verbs have, among words that no list holds.
var portugueseEndings = []string{"cao", "coes", "mento", "mentos", "dade", "agem", "ria", "ario", "arios", "eiro", "encia", "ados", "adas", "aram", "iram"}

// The endings that only Portuguese verbs have, among the words for states.
var portugueseVerbs = []string{"ou", "iu", "ava", "ado", "ada", "ando", "endo", "aram", "eram", "iram"}

// wishForm is the language that the question asks to be answered in.
var wishForm = regexp.MustCompile(`\b(?:answer|reply|respond|write|explain|tell me|responda|responde|responder|escreve|escreva|explica|explique)\b[^.?!]{0,24}\b(?:in|em)\s+(english|ingles|portuguese|portugues)\b`)

// language weighs the words that only one language uses. The question's own words win over the previous turn's language, which
// decides when they say nothing.
func (l *lexicon) language(r *reading, c Context) string {
	if c.Language == "en" || c.Language == "pt" {
		return c.Language
	}
	switch g := wishForm.FindStringSubmatch(Fold(r.src.text)); {
	case g == nil:
	case g[1][0] == 'p':
		return "pt"
	default:
		return "en"
	}
	en, pt := l.weigh(r)
	switch {
	case en > pt:
		return "en"
	case pt > en:
		return "pt"
	case c.LastLanguage == "pt":
		return "pt"
	}
	return "en"
}

func (l *lexicon) weigh(r *reading) (en, pt float64) {
	for i, t := range r.tokens {
		if t.mention >= 0 {
			if t.class == classReturnCode {
				e, p := l.weighWords(strings.Fields(t.norm))
				en, pt = en+e, pt+p
			}
			continue
		}
		if (t.norm == "do" || t.norm == "no" || t.norm == "na" || t.norm == "da") && i+1 < len(r.tokens) && r.tokens[i+1].class == classObject {
			pt++ // "log do PAY_LOAD"
		}
		if strings.ContainsAny(t.text, "ãõçÃÕÇ") {
			pt += 2
		} else if strings.ContainsAny(t.text, "áéíóúâêôàÁÉÍÓÚÂÊÔÀ") {
			pt++
		}
		if len(t.ids) == 0 {
			for _, end := range portugueseEndings {
				if strings.HasSuffix(t.norm, end) && len(t.norm) > len(end)+2 {
					pt += 0.5
				}
			}
			continue
		}
		e, p := l.weighWords([]string{l.words[t.ids[0]].text})
		if w := l.words[t.ids[0]]; !w.en && !w.pt { // a state: "parou", "caiu"
			for _, end := range portugueseVerbs {
				if strings.HasSuffix(w.text, end) {
					p += 0.5
				}
			}
		}
		en, pt = en+e, pt+p
	}
	return en, pt
}

// weighWords weighs folded words by the lists alone.
func (l *lexicon) weighWords(words []string) (en, pt float64) {
	for _, s := range words {
		id, ok := l.ids[s]
		switch {
		case !ok:
		case l.words[id].en && !l.words[id].pt:
			en++
		case l.words[id].pt && !l.words[id].en:
			pt++
		}
	}
	return en, pt
}

// Language tells the language of a text, "en" or "pt"; empty when its words tell nothing.
func (u *Understander) Language(text string) string {
	r := &reading{lex: u.lex, src: newSource(text), hits: map[string][]hit{}}
	r.tokenize()
	switch en, pt := u.lex.weigh(r); {
	case en > pt:
		return "en"
	case pt > en:
		return "pt"
	}
	return ""
}
