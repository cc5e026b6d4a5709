package knowledge

import (
	"slices"
	"strings"
)

// unit is one thing that a question names: a word, an identifier or a phrase, with all the terms that stand for it.
type unit struct {
	any      [][]string // words of the phrase; per word the terms that are the same word
	concepts []string
	weight   float64
	role     bool // names a part of a runbook, not a subject
	ident    bool
	message  bool // an identifier with the form of a message number
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
