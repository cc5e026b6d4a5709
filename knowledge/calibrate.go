package knowledge

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fold"
)

// How the weight of vectors is chosen. The documents themselves are the test: their headings are questions whose answers are known.
// docs/decisions/0011-vectors-are-weighed.md has what was measured.
const (
	MaxSamples  = 300 // questions; more tell little more
	minSamples  = 30  // below that nothing is sure
	weightStep  = 0.05
	weightSteps = 10    // up to 0.5: vectors help the words, and never outvote them
	leastGain   = 0.005 // nDCG; less is not worth a call to a server for each question
	ndcgDepth   = 10
)

// Sample is one question whose answer is known, with its candidates as the two ways of searching score them. The answer's heading, from which
// the question was made, must have been taken out of what both saw of it. The answer must have come into the lists as everything else did: one that
// is put there by hand stands out by being there, and chance would look like knowledge.
type Sample struct {
	Lexical []float64 // by candidate; NaN: not among those by words
	Dense   []float64 // by candidate; NaN: not among those by vector
	Section []int     // by candidate: passages of one section are one result
	Own     int       // the section that answers
}

// Weight is how much vectors count in the ranking of a corpus, and how that was found.
type Weight struct {
	Alpha     float64 `json:"alpha"`     // for Fuse; 0: words alone
	Questions int     `json:"questions"` // that it rests on
	Words     float64 `json:"words"`     // nDCG@10 by words alone
	Fused     float64 `json:"fused"`     // and with the best weight, whether or not it was taken
	Best      float64 `json:"best"`      // that weight
	Error     float64 `json:"error"`     // standard error of what it is worth
	Model     string  `json:"model"`     // whose vectors they were
	Change    int64   `json:"change"`    // of the shelf, up to which the documents were asked
	Passages  int     `json:"passages"`  // that they had
}

// Calibrate chooses the weight, from 0 to 0.5, by nDCG@10. An answer that moves down counts lossWeight times what one that moves up counts. Of the weights that cannot
// be told from the best one the smallest is taken, and 0 unless the gain is sure: more than half a point, and more than surely standard errors of the
// differences, question by question. It is pure: equal samples give equal weights.
func Calibrate(samples []Sample) Weight {
	w := Weight{Questions: len(samples)}
	if len(samples) == 0 {
		return w
	}
	var worth [weightSteps + 1][]float64 // by step and question, of what the step changes
	words := make([]float64, len(samples))
	best, most := 0, 0.0
	for step := range worth {
		sum, plain := 0.0, 0.0
		for i, s := range samples {
			g := s.gain(weightOf(step))
			if step == 0 {
				words[i] = g
			}
			d := g - words[i]
			if d < 0 {
				d *= lossWeight
			}
			worth[step] = append(worth[step], d)
			sum, plain = sum+d, plain+g
		}
		if step == 0 {
			w.Words, w.Fused = plain/float64(len(samples)), plain/float64(len(samples))
		} else if mean := sum / float64(len(samples)); mean > most+1e-9 { // equal: the smaller weight
			best, most, w.Fused = step, mean, plain/float64(len(samples))
		}
	}
	w.Best = weightOf(best)
	_, w.Error = apart(worth[best], worth[0])
	if len(samples) < minSamples {
		return w
	}
	for step := 1; step <= best; step++ {
		short, unsure := apart(worth[best], worth[step])
		gain, err := apart(worth[step], worth[0])
		if short <= unsure+1e-9 && gain > leastGain && gain > surely*err {
			w.Alpha = weightOf(step)
			break
		}
	}
	return w
}

// lossWeight corrects what the headings are not: without them words find 0.6 of the answers, as nDCG, and people's questions, which share words with headings, 0.8 and more. So
// in life there is half as much for vectors to gain and a third more to lose. Without it vectors of words that keep company were given 0.35 on the corpus
// of knowledge/bench, where that cost a point.
const lossWeight = 3.0

// weightOf is the weight of a step, without what floating point adds.
func weightOf(step int) float64 { return math.Round(float64(step)*weightStep*100) / 100 }

// apart gives the mean of the differences a-b and its standard error.
func apart(a, b []float64) (mean, err float64) {
	squares, n := 0.0, float64(len(a))
	for i := range a {
		mean += (a[i] - b[i]) / n
		squares += (a[i] - b[i]) * (a[i] - b[i]) / n
	}
	return mean, math.Sqrt(math.Max(0, squares-mean*mean) / math.Max(1, n-1))
}

// surely is how many standard errors a gain must have. It is the best of ten weights, so one is not enough: of vectors that are pure chance one standard
// error lets through 12 % (300 questions) to 28 % (30 questions), two let through 1 to 2 %, and fewer still with losses counted as they are here.
const surely = 2.0

// gain is nDCG@10 of the sample's ranking with one section right: 1 where it is first, less further down, 0 beyond the tenth.
func (s Sample) gain(alpha float64) float64 {
	score := Fuse(s.Lexical, s.Dense, alpha)
	own := -1
	for i, section := range s.Section {
		if section == s.Own && (own < 0 || score[i] > score[own]) {
			own = i
		}
	}
	if own < 0 {
		return 0
	}
	before := map[int]bool{}
	for i, section := range s.Section {
		if section != s.Own && (score[i] > score[own] || score[i] == score[own] && i < own) {
			before[section] = true
		}
	}
	if len(before) >= ndcgDepth {
		return 0
	}
	return 1 / math.Log2(float64(len(before)+2))
}

// Heading is a section that could be asked for by its heading.
type Heading struct {
	Document string
	Section  string // unique within the document
	Title    string // of the document
	Text     string
	Words    int  // of the text below it
	Leaf     bool // no section stands below it: theirs would answer as well
}

// KnownQuestion is a question whose answer is known.
type KnownQuestion struct {
	Text              string
	Document, Section string
}

// leastWords is how long a section must be for its text to answer for its heading.
const leastWords = 12

// KnownQuestions makes questions of headings, at most so many. A heading that stands alone in the corpus is a question as it is; one that others have too
// (What to do, Symptoms) asks together with its document's title, and not at all where that is not enough. The section must have a text of its own. Which
// are chosen does not depend on their order, and changes little when documents come and go.
func KnownQuestions(all []Heading, most int) []KnownQuestion {
	alone, titled := map[string]int{}, map[string]int{}
	long := func(h Heading) string { return h.Title + ": " + h.Text }
	for _, h := range all {
		alone[fold.Text(h.Text)]++
		titled[fold.Text(long(h))]++
	}
	type drawn struct {
		KnownQuestion
		lot uint64
	}
	var out []drawn
	for _, h := range all {
		if !h.Leaf || h.Words < leastWords {
			continue
		}
		q := KnownQuestion{h.Text, h.Document, h.Section}
		if text := fold.Text(h.Text); alone[text] > 1 || len(strings.Fields(text)) < 2 {
			if q.Text = long(h); h.Title == "" || titled[fold.Text(q.Text)] > 1 {
				continue
			}
		}
		f := fnv.New64a()
		_, _ = f.Write([]byte(fold.Text(q.Text))) // never fails (hash.Hash)
		out = append(out, drawn{q, mix(f.Sum64())})
	}
	slices.SortFunc(out, func(a, b drawn) int {
		return cmp.Or(cmp.Compare(a.lot, b.lot), cmp.Compare(a.Document, b.Document), cmp.Compare(a.Section, b.Section))
	})
	chosen := make([]KnownQuestion, 0, min(most, len(out)))
	for _, d := range out[:min(most, len(out))] {
		chosen = append(chosen, d.KnownQuestion)
	}
	return chosen
}

// mix spreads the last bits, in which texts that differ at their end differ alone.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
