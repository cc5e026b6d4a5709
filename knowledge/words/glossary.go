package words

import (
	_ "embed"
	"fmt"
	"hash/crc32"
	"slices"

	"gopkg.in/yaml.v3"
)

//go:embed glossary.yaml
var glossaryYAML []byte

// Glossary turns phrases of either language into concepts that texts of both share.
type Glossary struct {
	roles   map[string]bool
	phrases map[string][]phrase // by the key of the first word
	ways    map[string][]Way    // of entries that translate words
}

// Way is one way of saying what a word of a question means: its stems, "en:stem" or "pt:stem".
type Way struct {
	Language string
	Words    []string
}

// phrase is one way to say a concept: the Stems of its words without stop words, or the plain words where no two would
// be left ("what to do").
type phrase struct {
	concept string
	words   []string // "en:stem" or "pt:stem"; with "=" before it where stop words count
}

type glossaryEntry struct {
	ID   string   `yaml:"id"`
	Role bool     `yaml:"role"` // names a part of a runbook, not a subject
	Word bool     `yaml:"word"` // translates words of questions, and is no concept of texts
	En   []string `yaml:"en"`
	Pt   []string `yaml:"pt"`
}

func load(data []byte) (*Glossary, error) {
	var entries []glossaryEntry
	if err := yaml.Unmarshal(data, &entries); err != nil {
		return nil, fmt.Errorf("read the glossary: %w", err)
	}
	g := &Glossary{roles: map[string]bool{}, phrases: map[string][]phrase{}, ways: map[string][]Way{}}
	seen := map[string]bool{}
	for _, e := range entries {
		if e.ID == "" || seen[e.ID] || len(e.En) == 0 || len(e.Pt) == 0 {
			return nil, fmt.Errorf("read the glossary: the entry %q is double or lacks a language", e.ID)
		}
		seen[e.ID] = true
		g.roles[e.ID] = e.Role
		if e.Word {
			g.ways[e.ID] = []Way{}
		}
		for _, p := range e.En {
			g.add(e, English, p)
		}
		for _, p := range e.Pt {
			g.add(e, Portuguese, p)
		}
	}
	for _, list := range g.phrases {
		slices.SortStableFunc(list, func(a, b phrase) int { return len(b.words) - len(a.words) })
	}
	return g, nil
}

func (g *Glossary) add(e glossaryEntry, language, text string) {
	tokens := Analyse(text)
	var words []string
	for _, t := range Content(tokens) {
		words = append(words, key(language, t))
	}
	if e.Word && len(words) > 0 {
		g.ways[e.ID] = append(g.ways[e.ID], Way{language, slices.Clone(words)})
	}
	// "Must not" without its stop words would be every Negation there is: such phrases are taken as they are written.
	if len(words) <= 1 && len(tokens) > 1 {
		words = words[:0]
		for _, t := range tokens {
			words = append(words, "="+key(language, t))
		}
	}
	if len(words) > 0 {
		g.phrases[words[0]] = append(g.phrases[words[0]], phrase{concept: e.ID, words: words})
	}
}

func key(language string, t Token) string {
	if language == Portuguese {
		return "pt:" + t.Pt
	}
	return "en:" + t.En
}

// How many words may stand inside a phrase: "conta do banco bloqueada" says "conta bloqueada", "what should we do" says
// "what to do".
const (
	maxGap      = 1
	maxPlainGap = 2
)

// Match is a phrase found in a run of tokens: it spans [from, to), its words are at the indexes used.
type Match struct {
	From, To int
	Used     []int
	Concepts []string
}

// Find gives the longest phrases in tokens, left to right, without overlap. One phrase may mean several concepts.
// plain looks for the phrases with stop words instead, which need the text as it stands.
func (g *Glossary) Find(tokens []Token, plain bool) []Match {
	var out []Match
	for i := 0; i < len(tokens); {
		m := Match{From: i, To: i}
		for _, first := range keys(tokens[i], plain) {
			for _, p := range g.phrases[first] {
				m.better(p, p.at(tokens, i, plain))
			}
		}
		if m.To == i {
			i++
			continue
		}
		out = append(out, m)
		i = m.To
	}
	return out
}

// All gives the concept of every phrase in tokens, those inside longer ones too: a text on locked accounts is one on
// accounts. A concept is given once for each place where it begins.
func (g *Glossary) All(tokens []Token) []string {
	var out []string
	for i := range tokens {
		from := len(out)
		for _, first := range keys(tokens[i], false) {
			for _, p := range g.phrases[first] {
				if !g.roles[p.concept] && g.ways[p.concept] == nil && !slices.Contains(out[from:], p.concept) && p.at(tokens, i, false) != nil {
					out = append(out, p.concept)
				}
			}
		}
	}
	return out
}

// better takes phrase p, found at the indexes used, if it has more words than what was found before, or as many in less
// room; an equal one adds its concept.
func (m *Match) better(p phrase, used []int) {
	if len(used) == 0 || len(used) < len(m.Used) {
		return
	}
	to := used[len(used)-1] + 1
	if len(used) > len(m.Used) || to < m.To {
		m.To, m.Used, m.Concepts = to, used, nil
	} else if to > m.To {
		return
	}
	if !slices.Contains(m.Concepts, p.concept) {
		m.Concepts = append(m.Concepts, p.concept)
	}
}

func keys(t Token, plain bool) []string {
	if plain {
		return []string{"=en:" + t.En, "=pt:" + t.Pt}
	}
	return []string{"en:" + t.En, "pt:" + t.Pt}
}

// at gives the indexes of the phrase's words, the first at i, or nil.
func (p phrase) at(tokens []Token, i int, plain bool) []int {
	used, gap := make([]int, 0, len(p.words)), maxGap
	if plain {
		gap = maxPlainGap
	}
	for _, w := range p.words {
		for ; i < len(tokens) && !slices.Contains(keys(tokens[i], plain), w); i++ {
			if gap == 0 || len(used) == 0 || tokens[i].Raw == Negation {
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

// GlossarySum tells one version of the built-in glossary from another: texts that were analysed by another one are analysed anew.
func GlossarySum() uint32 { return crc32.ChecksumIEEE(glossaryYAML) }

// LoadGlossary reads the built-in glossary.
func LoadGlossary() (*Glossary, error) { return load(glossaryYAML) }

// Role reports whether a concept names a part of a runbook ("what to do") and no subject.
func (g *Glossary) Role(concept string) bool { return g.roles[concept] }

// Ways gives what an entry that translates words says for them, in both languages; nil for a concept.
func (g *Glossary) Ways(entry string) []Way { return g.ways[entry] }
