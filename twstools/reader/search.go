package reader

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// minimum share of the question's weight that an object must cover to be meant by it.
const coverage = 0.6

// hintWeight is how much the question's further words move an object's score.
const hintWeight = 0.6

// strangers is how much a word counts that nothing in the plan says: people tell more than descriptions do.
const strangers = 0.6

type scored struct {
	*row
	score float64
}

// term is a word of the question: its weight, and how well each word of the index fits it.
type term struct {
	weight float64
	fit    map[uint32]float64
}

// terms weighs the words of a question against all words of the index.
func (x *index) terms(list []string) []term {
	seen := map[string]term{}
	out := make([]term, len(list))
	for i, w := range list {
		t, ok := seen[w]
		if !ok {
			t = term{weight: x.weight(w), fit: map[uint32]float64{}}
			asked := know(w)
			for id := range x.known {
				if m := alike(asked, x.known[id]); m > 0 {
					t.fit[uint32(id)] = m // #nosec G115 -- an index into the table
				}
			}
			if len(t.fit) == 0 {
				t.weight *= strangers
			}
			seen[w] = t
		}
		out[i] = t
	}
	return out
}

// touched gives the rows that hold a word that fits some term, in the order of the plan. No other row can score.
func (x *index) touched(terms []term) []uint32 {
	var rows []uint32
	done := map[uint32]bool{}
	for _, t := range terms {
		for w := range maps.Keys(t.fit) {
			if !done[w] {
				done[w] = true
				rows = append(rows, x.postings[w]...)
			}
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// search ranks objects by how much of the text their words cover, rare words counting more, and gives those that are about as good as
// the best one. hint are further words of the question: they choose between objects that fit the text alike, and carry an object whose
// own words the text names only in part.
func (x *index) search(text, kind, hint string) Found {
	x.mu.RLock()
	defer x.mu.RUnlock()
	own, further := words(text), words(hint)
	out := Found{By: "description"}
	if len(own) == 0 {
		own, further = further, nil
	}
	if len(own) == 0 {
		return out
	}
	terms := x.terms(own)
	all := terms
	if len(further) > 0 {
		all = slices.Concat(terms, x.terms(further))
	}
	var hits []scored
	for _, n := range x.touched(terms) {
		r := &x.rows[n]
		if kind == "job" && !r.job || kind == "job_stream" && r.job {
			continue
		}
		mine := x.score(terms, r)
		whole := mine
		if len(further) > 0 && mine > 0 {
			whole = x.score(all, r)
		}
		if mine < coverage && whole < coverage {
			continue
		}
		hits = append(hits, scored{r, mine + hintWeight*(whole-mine)})
	}
	slices.SortStableFunc(hits, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	for _, h := range hits {
		if h.score < hits[0].score*0.93 || out.Len() >= 40 {
			break
		}
		if h.job {
			out.Jobs = append(out.Jobs, x.asJob(h.row))
		} else {
			out.Streams = append(out.Streams, x.asStream(h.row))
		}
	}
	return out
}

// score is the weighted share of the terms that the row's words cover, 0 to about 1.1; a word in the name counts a little more.
func (x *index) score(terms []term, r *row) float64 {
	var got, all float64
	for _, t := range terms {
		all += t.weight
		got += t.weight * max(1.08*t.best(x.nameWords(r)), t.best(x.contextWords(r)))
	}
	if all == 0 {
		return 0
	}
	// Among objects that cover the same words, the one that says less besides is meant.
	extra := float64(int(r.inName)+int(r.inContext)) / 400
	return got/all - min(extra, 0.05)
}

func (t term) best(list []uint32) float64 {
	best := 0.0
	for _, w := range list {
		best = max(best, t.fit[w])
	}
	return best
}

// weight is the inverse frequency of a word and its synonyms: "ledger" tells more than "load".
func (x *index) weight(word string) float64 {
	n := 0
	if id, ok := x.words.numbers[word]; ok {
		n = len(x.postings[id])
	}
	for _, id := range conceptsOf(word) {
		n = max(n, x.meaning[id])
	}
	return 1 + math.Log(float64(len(x.rows)+1)/float64(n+1))
}

// lone finds what the words fit only in part, where nothing else fits them nearly as well: one name, or jobs of one stream, told by words that
// people put in their own way. Nothing when the words fit several objects, or too little of them.
func (x *index) lone(text, kind, hint string) Found {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := Found{By: "description"}
	own := words(text)
	if !x.complete || len(own) < 2 {
		return out
	}
	terms := x.terms(own)
	all := x.terms(slices.Concat(own, words(hint)))
	best := 0.0
	var hits []scored
	for _, n := range x.touched(terms) {
		r := &x.rows[n]
		if kind == "job" && !r.job || kind == "job_stream" && r.job {
			continue
		}
		if s := max(x.score(terms, r), x.score(all, r)); s >= loneCoverage*loneMargin {
			hits = append(hits, scored{r, s})
			best = max(best, s)
		}
	}
	if best < loneCoverage {
		return out
	}
	hits = slices.DeleteFunc(hits, func(h scored) bool { return h.score < best*loneMargin })
	first := hits[0]
	sameName := !slices.ContainsFunc(hits, func(h scored) bool { return h.name != first.name })
	sameStream := !slices.ContainsFunc(hits, func(h scored) bool { return x.streamOf(h.row) != x.streamOf(first.row) })
	if !sameName && !sameStream {
		return out
	}
	for _, h := range hits {
		if h.job {
			out.Jobs = append(out.Jobs, x.asJob(h.row))
		} else {
			out.Streams = append(out.Streams, x.asStream(h.row))
		}
	}
	return out
}

// loneCoverage is the least share of the words that a lone object must cover; what scores loneMargin of the best is as near.
const (
	loneCoverage = 0.4
	loneMargin   = 0.75
)

func (x *index) streamOf(r *row) uint32 {
	if r.job {
		return r.stream
	}
	return r.name
}

// holds reports whether some name or description says a word of the text, or a synonym of it.
func (x *index) holds(text string) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return slices.ContainsFunc(words(text), func(w string) bool {
		if id, ok := x.words.numbers[w]; ok && len(x.postings[id]) > 0 {
			return true
		}
		return slices.ContainsFunc(conceptsOf(w), func(c int) bool { return x.meaning[c] > 0 })
	})
}

// likely lists up to five objects that some of the words fit, for the asker to choose from; none of them is assumed.
func (x *index) likely(text, hint string, zone *time.Location) []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	terms := x.terms(slices.Concat(words(text), words(hint)))
	var hits []scored
	for _, n := range x.touched(terms) {
		r := &x.rows[n]
		if s := x.score(terms, r); s >= coverage/2 {
			hits = append(hits, scored{r, s})
		}
	}
	slices.SortStableFunc(hits, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	var out []string
	for _, h := range hits[:min(5, len(hits))] {
		out = append(out, untrusted.Normalize(x.entity(h.row).String(zone)))
	}
	return out
}

// near lists up to five names close to the typed one, as the operator writes them.
func (x *index) near(e twstools.Entity, zone *time.Location) []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	want := strings.ToLower(cmp.Or(e.Job, e.Name, e.Stream))
	if want == "" {
		return nil
	}
	type near struct {
		name string
		d    int
	}
	far := max(2, len(want)/3)
	away := map[string]int{}
	var all []near
	for r := range x.named(func(name string) bool {
		lower := strings.ToLower(name)
		d := 9
		if abs(len(lower)-len(want)) <= 3*far { // bytes; a letter has four at most, most have one
			d = distance(lower, want)
		}
		contains := strings.Contains(lower, want)
		if contains {
			d = distance(lower, want)
		}
		away[name] = d
		return d <= far || contains
	}) {
		all = append(all, near{untrusted.Normalize(x.entity(r).String(zone)), away[x.texts.list[r.name]]})
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Or(a.d-b.d, strings.Compare(a.name, b.name)) })
	var out []string
	for _, n := range all[:min(5, len(all))] {
		out = append(out, n.name)
	}
	return out
}
