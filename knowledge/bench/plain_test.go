package main

import (
	"math"
	"testing"
)

// smallCorpus is three texts of one passage each, whose scores can be worked out on paper.
func smallCorpus(t *testing.T) *corpus {
	t.Helper()
	c := &corpus{byName: map[string]int{}}
	for _, d := range []struct{ name, text string }{
		{"a.md", "lamp lamp wick"},
		{"b.md", "lamp harbour ferry island"},
		{"c.md", "ferry island"},
	} {
		if err := c.add(d.name, d.text); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// The scores of plain BM25 are the textbook's: three passages of 3, 4 and 2 words, 3 on average; "lamp" in two of them, "wick" in one.
func TestPlainScoresAsOnPaper(t *testing.T) {
	p := newPlain(smallCorpus(t))
	if p.average != 3 {
		t.Fatalf("average length %v, want 3", p.average)
	}
	lamp := math.Log(1 + (3-2+0.5)/(2+0.5)) // 0.47
	wick := math.Log(1 + (3-1+0.5)/(1+0.5)) // 0.98
	want := map[int]float64{
		// length 3 of 3: the length counts neither way, so that the divisor is tf + 1.2
		0: lamp*2*2.2/(2+1.2) + wick*1*2.2/(1+1.2),
		// length 4 of 3: 1.2 · (0.25 + 0.75 · 4/3) = 1.5
		1: lamp * 1 * 2.2 / (1 + 1.5),
	}
	got := p.scores("wick of the lamp")
	if len(got) != len(want) {
		t.Errorf("scores %v, want %v", got, want)
	}
	for i, w := range want {
		if math.Abs(got[i]-w) > 1e-12 {
			t.Errorf("passage %d scores %.6f, want %.6f", i, got[i], w)
		}
	}
	hits, err := p.find(t.Context(), "wick of the lamp", 10)
	if err != nil || len(hits) != 2 || hits[0].Document != "a.md" || hits[1].Document != "b.md" {
		t.Errorf("hits %v, %v, want a.md before b.md", hits, err)
	}
	if hits, _ := p.find(t.Context(), "zeppelin", 10); len(hits) != 0 {
		t.Errorf("a word that is nowhere finds %v", hits)
	}
}

// A word counts once in a question, however often it is said.
func TestPlainCountsAWordOnce(t *testing.T) {
	p := newPlain(smallCorpus(t))
	once, thrice := p.scores("lamp"), p.scores("lamp lamp lamp")
	for i, s := range once {
		if thrice[i] != s {
			t.Errorf("passage %d: %v for one lamp, %v for three", i, s, thrice[i])
		}
	}
}
