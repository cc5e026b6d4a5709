package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/resync-hwa/resync/knowledge/cut"
)

// Made manuals: sentences of the corpus in a new order. A word in twelve is an invented one, by Zipf's law, so that the vocabulary grows as that of real
// texts does; each section has an identifier that stands nowhere else.
const (
	madeWords    = 200_000
	oneInvented  = 12
	leastAWord   = 20  // words of a section
	mostOfAWord  = 320 // and at most; the cutter makes two passages of the longest
	manualSize   = 150 // sections of a made manual
	sentenceLong = 6   // words that make a line a sentence
)

// maker makes manuals and questions on them. Equal seeds make equal ones.
type maker struct {
	sentences [][]string
	random    *rand.Rand
	zipf      *rand.Zipf
}

func newMaker(c *corpus, seed uint64) *maker {
	m := &maker{random: rand.New(rand.NewPCG(seed, 20_260))} //nolint:gosec // the same texts each time
	m.zipf = rand.NewZipf(m.random, 1.1, 20, madeWords-1)
	for _, t := range c.texts {
		for _, line := range t.lines {
			if words := strings.Fields(line); len(words) >= sentenceLong && !strings.HasPrefix(line, "#") && !strings.ContainsAny(line, "|`") {
				m.sentences = append(m.sentences, words)
			}
		}
	}
	return m
}

// invented gives the word of a rank.
func invented(rank uint64) string {
	syllables := []string{"ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "xo", "zu", "tra"}
	var b strings.Builder
	for n := rank + 17; n > 0; n /= 16 {
		b.WriteString(syllables[n%16])
	}
	return b.String()
}

// identifier is that of a section, of all that are made.
func identifier(section int) string {
	return fmt.Sprintf("%c%cQ%04d%c", 'A'+section/10_000%26, 'A'+section/260_000%26, section%10_000, "IWE"[section%3])
}

func (m *maker) sentence() []string { return m.sentences[m.random.IntN(len(m.sentences))] }

// manual writes one, from a section on.
func (m *maker) manual(section int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Manual %d of %s\n\n", section/manualSize, invented(m.zipf.Uint64()))
	for n := range manualSize {
		heading := m.sentence()
		fmt.Fprintf(&b, "## %s %s\n\n", identifier(section+n), strings.Trim(strings.Join(heading[:min(len(heading), 5)], " "), ".,:;*-#>"))
		for left := leastAWord + m.random.IntN(mostOfAWord-leastAWord); left > 0; {
			words := m.sentence()
			for i, w := range words {
				if m.random.IntN(oneInvented) == 0 {
					w = invented(m.zipf.Uint64())
				}
				b.WriteString(w)
				b.WriteString([]string{" ", "\n"}[i/max(1, len(words)-1)])
			}
			if left -= len(words); m.random.IntN(4) == 0 {
				b.WriteByte('\n')
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// write makes manuals of so many passages at least, and gives the number of the section after the last.
func (m *maker) write(folder string, passages, section int) (next int, err error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return section, err
	}
	for passages > 0 {
		name, text := fmt.Sprintf("manual-%06d.md", section/manualSize), m.manual(section)
		d, err := cut.Cut(name, strings.Split(strings.TrimSuffix(text, "\n"), "\n"))
		if err != nil {
			return section, err
		}
		passages -= len(d.Passages)
		section += manualSize
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return section, err
		}
	}
	return section, nil
}

// asking is a question at scale. The passage that answers holds the identifier, where there is one.
type asking struct{ text, identifier string }

// questions mixes what people asked of the corpus, one in two, with identifiers and pieces of sentences, one in four each.
func (m *maker) questions(of []question, sections, n int) []asking {
	out := make([]asking, n)
	for i := range out {
		switch m.random.IntN(4) {
		case 0:
			id := identifier(m.random.IntN(sections))
			out[i] = asking{id, id}
		case 1:
			words := m.sentence()
			at := m.random.IntN(len(words) - sentenceLong + 1)
			out[i] = asking{text: strings.Join(words[at:at+sentenceLong], " ")}
		default:
			out[i] = asking{text: of[m.random.IntN(len(of))].Q}
		}
	}
	return out
}
