package knowledge

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/knowledge/words"
)

// How names are weighed beside words.
const (
	identWeight = 2.5
	partWeight  = 0.6
)

// unit is one thing that a question names: a word, an identifier or a phrase, with all the terms that stand for it.
type unit struct {
	any      [][]string  // words of the phrase; per word the terms that are the same word
	ways     []words.Way // what else says it: the words of the other language, and near synonyms
	concepts []string
	weight   float64
	role     bool // names a part of a runbook, not a subject
	ident    bool
	message  bool // an identifier with the form of a message number
}

// parse reads a question as units: identifiers, phrases of the glossary, and the words that are left.
func parse(g *words.Glossary, question string) []unit {
	tokens := words.Analyse(question)
	var units []unit
	for _, t := range tokens {
		if t.Ident {
			units = append(units, unit{any: [][]string{{"=" + t.Raw}}, weight: identWeight, ident: true, message: words.IsMessageID(t.Raw)})
		}
	}
	roles, rest := roleUnits(g, tokens)
	units = append(units, roles...)
	content := words.Content(rest)
	at := 0
	for _, m := range g.Find(content, false) {
		units = append(units, wordUnits(content[at:m.From])...)
		units = append(units, phraseUnit(g, pick(content, m.Used), m.Concepts))
		for i := m.From; i < m.To; i++ {
			if !slices.Contains(m.Used, i) {
				units = append(units, wordUnits(content[i:i+1])...)
			}
		}
		at = m.To
	}
	units = append(units, wordUnits(content[at:])...)
	units = merge(units)
	temper(units)
	return units
}

// temper lets a name that stands in a sentence weigh less than one that is asked for by itself: the words say what about it is asked. A message
// number keeps its weight.
func temper(units []unit) {
	others := 0.0
	for i := range units {
		if !units[i].ident && !units[i].role {
			others++
		}
	}
	for i := range units {
		if u := &units[i]; u.ident && !u.message && u.weight > 1 {
			u.weight = 1 + (u.weight-1)/(1+others)
		}
	}
}

func pick(from []words.Token, at []int) []words.Token {
	out := make([]words.Token, len(at))
	for i, n := range at {
		out[i] = from[n]
	}
	return out
}

// roleUnits takes phrases with stop words ("what to do") out of the question.
func roleUnits(g *words.Glossary, tokens []words.Token) (units []unit, rest []words.Token) {
	at := 0
	for _, m := range g.Find(tokens, true) {
		units = append(units, phraseUnit(g, nil, m.Concepts))
		rest = append(rest, tokens[at:m.From]...)
		at = m.To
	}
	return units, append(rest, tokens[at:]...)
}

func phraseUnit(g *words.Glossary, phrase []words.Token, concepts []string) unit {
	// The more words a phrase has, the less it is there by chance.
	u := unit{weight: 0.9 + 0.3*float64(len(phrase))}
	for _, c := range concepts {
		if ways := g.Ways(c); ways != nil {
			u.ways = append(u.ways, ways...)
			continue
		}
		u.concepts = append(u.concepts, c)
		u.role = u.role || g.Role(c)
	}
	if len(u.concepts) == 0 {
		u.weight = 0.8 + 0.2*float64(len(phrase))
	}
	if u.role {
		u.weight = 1.6
	}
	for _, t := range phrase {
		u.any = append(u.any, []string{"en:" + t.En, "pt:" + t.Pt})
	}
	return u
}

func wordUnits(content []words.Token) []unit {
	var units []unit
	for _, t := range content {
		switch {
		case t.Raw == words.Negation:
			continue
		case t.Part:
			// The parts of a name tell less than the name.
			units = append(units, unit{any: [][]string{{"en:" + t.En, "pt:" + t.Pt}}, weight: partWeight, ident: true})
		case isNumber(t.Raw):
			units = append(units, unit{any: [][]string{{"en:" + t.En, "pt:" + t.Pt}}, weight: 1.6}) // a code, more often than not
		default:
			units = append(units, unit{any: [][]string{{"en:" + t.En, "pt:" + t.Pt}}, weight: 1})
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
