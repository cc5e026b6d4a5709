package main

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/knowledge/words"
)

// The textbook's parameters (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009).
const (
	k1 = 1.2
	b  = 0.75
)

// plain is BM25 and nothing else, over the same passages and with the same tokens as the product: stemmed in the text's language, without stop words.
// It knows no glossary, no headings above, no phrases, no fields, no message entries: what anybody would have with an afternoon's work.
type plain struct {
	corpus   *corpus
	passages []leaf
	postings map[string][]posting
	number   map[string]float64 // of passages, by language
	average  float64            // tokens of a passage
}

type leaf struct{ text, passage, length int }

type posting struct{ passage, count int }

// terms gives what is counted of a text. A word is another term in another language, as in an index with a field for each.
func terms(s, language string) []string {
	var out []string
	for _, t := range words.Analyse(s) {
		if t.Stop || (t.Part && len(out) > 0 && strings.HasSuffix(out[len(out)-1], ":"+t.Raw)) { // an identifier of one part is not two words
			continue
		}
		stem := t.En
		if language == words.Portuguese {
			stem = t.Pt
		}
		out = append(out, tongue(language)+":"+stem)
	}
	return out
}

// tongue is the language that a text is analysed in: English unless it is Portuguese.
func tongue(language string) string {
	if language == words.Portuguese {
		return language
	}
	return words.English
}

func newPlain(c *corpus) *plain {
	p := &plain{corpus: c, postings: map[string][]posting{}, number: map[string]float64{}}
	total := 0
	for i, t := range c.texts {
		for j, passage := range t.passages {
			counts := map[string]int{}
			all := terms(strings.Join(t.lines[passage.Start-1:passage.End], "\n"), t.language)
			for _, w := range all {
				counts[w]++
			}
			for w, n := range counts {
				p.postings[w] = append(p.postings[w], posting{len(p.passages), n})
			}
			p.passages = append(p.passages, leaf{i, j, len(all)})
			p.number[tongue(t.language)]++
			total += len(all)
		}
	}
	p.average = float64(total) / float64(max(1, len(p.passages)))
	return p
}

// scores gives every passage that has a word of the question its score.
func (p *plain) scores(question string) map[int]float64 {
	sum := map[int]float64{}
	seen := map[string]bool{}
	for _, w := range slices.Concat(terms(question, words.English), terms(question, words.Portuguese)) {
		if seen[w] {
			continue
		}
		seen[w] = true
		with := p.postings[w]
		// A word is as rare as it is in its own language: else the smaller language's words would weigh more.
		n, df := p.number[w[:2]], float64(len(with))
		idf := math.Log(1 + (n-df+0.5)/(df+0.5))
		for _, at := range with {
			tf := float64(at.count)
			sum[at.passage] += idf * tf * (k1 + 1) / (tf + k1*(1-b+b*float64(p.passages[at.passage].length)/p.average))
		}
	}
	return sum
}

// find gives the best passage of each section, as the product does.
func (p *plain) find(_ context.Context, question string, limit int) ([]hit, error) {
	sum := p.scores(question)
	order := make([]int, 0, len(sum))
	for i := range sum {
		order = append(order, i)
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Or(cmp.Compare(sum[y], sum[x]), x-y) })
	var hits []hit
	taken := map[[2]int]bool{}
	for _, i := range order {
		at := p.passages[i]
		t := p.corpus.texts[at.text]
		passage := t.passages[at.passage]
		if key := [2]int{at.text, passage.Section}; taken[key] {
			continue
		} else {
			taken[key] = true
		}
		hits = append(hits, hit{Document: t.name, Section: t.sections[passage.Section].Slug, Start: passage.Start, End: passage.End})
		if len(hits) == limit {
			break
		}
	}
	return hits, nil
}
