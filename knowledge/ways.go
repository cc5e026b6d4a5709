package knowledge

import (
	"math"
	"strings"
)

// lookUpWays finds the ways whose words all stand somewhere. A word of the asked language is no rarer than the rarest of its translations
// that stand: else the few words of that language in a text of the other would pass for rare.
func (a *asked) lookUpWays(s *scored) (most float64) {
	for _, w := range s.unit.ways {
		found := make([]term, 0, len(w.Words))
		for _, name := range w.Words {
			found = append(found, a.terms([]string{name}, math.Inf(1))...)
		}
		if len(found) < len(w.Words) {
			continue
		}
		f := synonymFactor
		if !a.speaks(s.unit, w.Language) {
			f = translationFactor
		}
		s.ways = append(s.ways, way{found, f})
	}
	most = temperTranslations(s.ways)
	if len(s.concepts) == 0 {
		s.idf = math.Max(s.idf, most)
	}
	return most
}

// temperTranslations brings the rarity of a word's translations half the way down to that of the commonest: "encerrar" is "stop" before it is "quit", and
// a passage that happens to hold the rarest of ten translations is not about it. It gives how rare the rarest then is, 0 without translations.
func temperTranslations(ways []way) (most float64) {
	least := math.Inf(1)
	for _, w := range ways {
		if w.factor == translationFactor {
			least = math.Min(least, rarest(w.terms))
		}
	}
	for _, w := range ways {
		if w.factor != translationFactor {
			continue
		}
		for i := range w.terms {
			w.terms[i].idf = math.Min(w.terms[i].idf, (w.terms[i].idf+least)/2)
		}
		most = math.Max(most, rarest(w.terms))
	}
	return most
}

// speaks reports whether a unit is of a language: the question's, or, where that cannot be told, the one in which its words stand.
func (a *asked) speaks(u unit, language string) bool {
	if a.language != "" {
		return a.language == language
	}
	for _, same := range u.any {
		for _, name := range same {
			if strings.HasPrefix(name, language+":") && a.stats.stands(name) {
				return true
			}
		}
	}
	return false
}
