package knowledge

import (
	_ "embed"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

//go:embed glossary.yaml
var glossaryYAML []byte

// glossary turns phrases of either language into concepts that texts of both share.
type glossary struct {
	roles   map[string]bool
	phrases map[string][]phrase // by the key of the first word
}

// phrase is one way to say a concept: the stems of its words without stop words, or the plain words where no two would
// be left ("what to do").
type phrase struct {
	concept string
	words   []string // "en:stem" or "pt:stem"; with "=" before it where stop words count
}

type glossaryEntry struct {
	ID   string   `yaml:"id"`
	Role bool     `yaml:"role"` // names a part of a runbook, not a subject
	En   []string `yaml:"en"`
	Pt   []string `yaml:"pt"`
}

func loadGlossary(data []byte) (*glossary, error) {
	var entries []glossaryEntry
	if err := yaml.Unmarshal(data, &entries); err != nil {
		return nil, fmt.Errorf("read the glossary: %w", err)
	}
	g := &glossary{roles: map[string]bool{}, phrases: map[string][]phrase{}}
	seen := map[string]bool{}
	for _, e := range entries {
		if e.ID == "" || seen[e.ID] || len(e.En) == 0 || len(e.Pt) == 0 {
			return nil, fmt.Errorf("read the glossary: the entry %q is double or lacks a language", e.ID)
		}
		seen[e.ID] = true
		g.roles[e.ID] = e.Role
		for _, p := range e.En {
			g.add(e.ID, English, p)
		}
		for _, p := range e.Pt {
			g.add(e.ID, Portuguese, p)
		}
	}
	for _, list := range g.phrases {
		slices.SortStableFunc(list, func(a, b phrase) int { return len(b.words) - len(a.words) })
	}
	return g, nil
}

func (g *glossary) add(concept, language, text string) {
	tokens := analyse(text)
	var words []string
	for _, t := range content(tokens) {
		words = append(words, key(language, t))
	}
	// "Must not" without its stop words would be every negation there is: such phrases are taken as they are written.
	if len(words) <= 1 && len(tokens) > 1 {
		words = words[:0]
		for _, t := range tokens {
			words = append(words, "="+key(language, t))
		}
	}
	if len(words) > 0 {
		g.phrases[words[0]] = append(g.phrases[words[0]], phrase{concept: concept, words: words})
	}
}

func key(language string, t token) string {
	if language == Portuguese {
		return "pt:" + t.pt
	}
	return "en:" + t.en
}

// How many words may stand inside a phrase: "conta do banco bloqueada" says "conta bloqueada", "what should we do" says
// "what to do".
const (
	maxGap      = 1
	maxPlainGap = 2
)

// match is a phrase found in a run of tokens: it spans [from, to), its words are at the indexes used.
type match struct {
	from, to int
	used     []int
	concepts []string
}

// find gives the longest phrases in tokens, left to right, without overlap. One phrase may mean several concepts.
// plain looks for the phrases with stop words instead, which need the text as it stands.
func (g *glossary) find(tokens []token, plain bool) []match {
	var out []match
	for i := 0; i < len(tokens); {
		m := match{from: i, to: i}
		for _, first := range keys(tokens[i], plain) {
			for _, p := range g.phrases[first] {
				m.better(p, p.at(tokens, i, plain))
			}
		}
		if m.to == i {
			i++
			continue
		}
		out = append(out, m)
		i = m.to
	}
	return out
}

// all gives the concept of every phrase in tokens, those inside longer ones too: a text on locked accounts is one on
// accounts. A concept is given once for each place where it begins.
func (g *glossary) all(tokens []token) []string {
	var out []string
	for i := range tokens {
		from := len(out)
		for _, first := range keys(tokens[i], false) {
			for _, p := range g.phrases[first] {
				if !g.roles[p.concept] && !slices.Contains(out[from:], p.concept) && p.at(tokens, i, false) != nil {
					out = append(out, p.concept)
				}
			}
		}
	}
	return out
}

// better takes phrase p, found at the indexes used, if it has more words than what was found before, or as many in less
// room; an equal one adds its concept.
func (m *match) better(p phrase, used []int) {
	if len(used) == 0 || len(used) < len(m.used) {
		return
	}
	to := used[len(used)-1] + 1
	if len(used) > len(m.used) || to < m.to {
		m.to, m.used, m.concepts = to, used, nil
	} else if to > m.to {
		return
	}
	if !slices.Contains(m.concepts, p.concept) {
		m.concepts = append(m.concepts, p.concept)
	}
}

func keys(t token, plain bool) []string {
	if plain {
		return []string{"=en:" + t.en, "=pt:" + t.pt}
	}
	return []string{"en:" + t.en, "pt:" + t.pt}
}

// at gives the indexes of the phrase's words, the first at i, or nil.
func (p phrase) at(tokens []token, i int, plain bool) []int {
	used, gap := make([]int, 0, len(p.words)), maxGap
	if plain {
		gap = maxPlainGap
	}
	for _, w := range p.words {
		for ; i < len(tokens) && !slices.Contains(keys(tokens[i], plain), w); i++ {
			if gap == 0 || len(used) == 0 || tokens[i].raw == negation {
				return nil // "what never to do" is not "what to do"
			}
			gap--
		}
		if i >= len(tokens) {
			return nil
		}
		used = append(used, i)
		i++
	}
	return used
}
