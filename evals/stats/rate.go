package stats

import (
	"math"
	"slices"
	"strings"
)

// Rate is a share of questions, or of scenarios or pairs where it says so, with two intervals: Alone takes each for independent of the others
// (Wilson), Clustered knows that those of one family are not. The second is the one to argue with; the first is told because others print it.
type Rate struct {
	Hits      float64 // a count where each question was asked once, else a sum of shares
	Of        int
	Families  int
	Alone     Interval
	Clustered Interval
}

// Share is Hits of Of; 0 where there is nothing.
func (r Rate) Share() float64 {
	if r.Of == 0 {
		return 0
	}
	return r.Hits / float64(r.Of)
}

func rateOf(shares []float64, family []string) Rate {
	r := Rate{Of: len(shares), Families: count(family), Clustered: Clustered(shares, family)}
	for _, s := range shares {
		r.Hits += s
	}
	r.Alone = Wilson(r.Hits, float64(r.Of))
	return r
}

// RightOf is how many of the questions were answered rightly. With k trials it is pass@1. Questions that could not be judged are left out.
func RightOf(qs []Question) Rate {
	return rate(qs, func(q Question) (float64, bool) { return q.Share(), q.Judged > 0 })
}

// rate takes the share of each question that has one.
func rate(qs []Question, share func(Question) (float64, bool)) Rate {
	var shares []float64
	var families []string
	for _, q := range qs {
		if s, ok := share(q); ok {
			shares, families = append(shares, s), append(families, q.Family)
		}
	}
	return rateOf(shares, families)
}

// PassK is pass^k: how often a question that is asked K times is right every time.
type PassK struct {
	K         int
	Share     float64
	Questions int // that were judged at least K times
}

// Tries are the numbers of trials for which pass^k is told, as far as the trials reach.
var Tries = []int{1, 2, 4, 8}

// PassKOf estimates pass^k without bias from c right of n trials as C(c,k)/C(n,k), averaged over the questions that have k judged trials
// (S. Yao and others, tau-bench, arXiv 2406.12045, 2024).
func PassKOf(qs []Question, k int) PassK {
	out := PassK{K: k}
	sum := 0.0
	for _, q := range qs {
		if q.Judged < k || k < 1 {
			continue
		}
		out.Questions++
		all := 1.0
		for i := range k { // C(c,k)/C(n,k) as a product: no large numbers
			all *= max(0, float64(q.Right-i)) / float64(q.Judged-i)
		}
		sum += all
	}
	if out.Questions > 0 {
		out.Share = sum / float64(out.Questions)
	}
	return out
}

// Slice is a part of the questions that is counted apart.
type Slice struct {
	By, Name       string // "style", "symptom"
	Right          Rate
	Faults         int // trials
	ConfirmedWrong int // trials
	Questions      []Question
}

// Title is both words, as files and tables name a slice.
func (s Slice) Title() string { return s.By + " " + s.Name }

// dimension is one way of cutting the questions up.
type dimension struct {
	name string
	of   func(Question) string
}

var dimensions = []dimension{
	{"slice", func(q Question) string { return q.Slice }},
	{"language", func(q Question) string { return q.Lang }},
	{"style", func(q Question) string { return q.Style }},
	{"verdict", func(q Question) string { return strings.Join(q.Wants, " or ") }},
	{"base", func(q Question) string { return q.Base }},
	{"family", func(q Question) string { return q.Family }},
}

// Slices cuts the questions by slice, language, style, wanted verdict, base and family; within each by name. What a question does not say (no
// base, say) makes no slice.
func Slices(qs []Question) []Slice {
	var out []Slice
	for _, d := range dimensions {
		parts := map[string][]Question{}
		for _, q := range qs {
			if name := d.of(q); name != "" {
				parts[name] = append(parts[name], q)
			}
		}
		names := make([]string, 0, len(parts))
		for name := range parts {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			out = append(out, slice(d.name, name, parts[name]))
		}
	}
	return out
}

func slice(by, name string, qs []Question) Slice {
	s := Slice{By: by, Name: name, Right: RightOf(qs), Questions: qs}
	for _, q := range qs {
		s.Faults += q.Faults
		s.ConfirmedWrong += q.confirmedWrong()
	}
	return s
}

func (q Question) confirmedWrong() int {
	n := 0
	for _, t := range q.trials {
		if t.ConfirmedWrong {
			n++
		}
	}
	return n
}

// round takes what floating sums leave behind of a share, so that comparisons with a bound or with another run do not depend on it.
func round(x float64) float64 { return math.Round(x*1e9) / 1e9 }
