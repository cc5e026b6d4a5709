package knowledge_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/resync-hwa/resync/knowledge"
)

// invented makes n questions over 120 candidates; quality is how far above the noise (deviation 1) a vector lifts the right one. What is in
// which list is chance, for the right one too.
func invented(r *rand.Rand, n int, quality float64) []knowledge.Sample {
	out := make([]knowledge.Sample, n)
	for i := range out {
		s := &out[i]
		s.Own = r.IntN(120)
		easy := 4 * r.ExpFloat64()
		for c := range 120 {
			lexical, dense := 6*r.ExpFloat64(), r.NormFloat64()
			if c == s.Own {
				lexical += 6 + 3*easy*r.Float64()
				dense += quality
			}
			if lexical < 3 && r.IntN(2) == 0 {
				lexical = math.NaN()
			} else if r.IntN(5) == 0 {
				dense = math.NaN()
			}
			s.Lexical, s.Dense, s.Section = append(s.Lexical, lexical), append(s.Dense, dense), append(s.Section, c)
		}
	}
	return out
}

func TestChanceIsNotTakenForGain(t *testing.T) {
	const runs = 60
	for _, n := range []int{30, 100, 300} {
		taken := 0
		for seed := range uint64(runs) {
			if knowledge.Calibrate(invented(rand.New(rand.NewPCG(seed, uint64(n))), n, 0)).Alpha > 0 {
				taken++
			}
		}
		if taken > runs/20 {
			t.Errorf("%d questions: chance was given a weight %d times in %d", n, taken, runs)
		}
	}
}

func TestWhatHelpsIsTaken(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 3))
		for _, quality := range []float64{2, 5, 50} {
			w := knowledge.Calibrate(invented(r, 200, quality))
			if w.Alpha < 0.05 || w.Alpha > 0.5 || w.Fused <= w.Words || w.Alpha > w.Best || w.Questions != 200 {
				t.Errorf("quality %.0f: %+v", quality, w)
			}
		}
		// Too few questions prove nothing, and vectors that point away are not followed.
		if w := knowledge.Calibrate(invented(r, 29, 50)); w.Alpha != 0 {
			t.Errorf("29 questions: %+v", w)
		}
		if w := knowledge.Calibrate(invented(r, 200, -5)); w.Alpha != 0 || w.Fused < w.Words {
			t.Errorf("vectors that point away: %+v", w)
		}
	}
	if w := knowledge.Calibrate(nil); w != (knowledge.Weight{}) {
		t.Errorf("no questions: %+v", w)
	}
}

// An answer that moves down counts more than one that moves up: what people ask is answered by words more often than headings are.
func TestLossesCountMore(t *testing.T) {
	// The order of the first two turns at a weight of 0.48.
	up := knowledge.Sample{Lexical: []float64{10, 1, 0}, Dense: []float64{0, 1, 0}, Section: []int{1, 2, 3}, Own: 2}
	down, same := up, knowledge.Sample{Lexical: []float64{5, 1}, Dense: []float64{1, 0}, Section: []int{1, 2}, Own: 1}
	down.Own = 1
	for _, tt := range []struct {
		up, down int
		taken    bool
	}{{40, 0, true}, {40, 4, true}, {40, 20, false}} {
		samples := slices.Repeat([]knowledge.Sample{same}, 40)
		samples = append(append(samples, slices.Repeat([]knowledge.Sample{up}, tt.up)...), slices.Repeat([]knowledge.Sample{down}, tt.down)...)
		if w := knowledge.Calibrate(samples); (w.Alpha > 0) != tt.taken {
			t.Errorf("%d up, %d down: %+v", tt.up, tt.down, w)
		}
	}
}

// On its own samples the chosen weight is never worse than words alone, and equal samples give equal weights.
func TestNeverWorseOnItsSample(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 9))
		samples := invented(r, 30+r.IntN(60), 3*r.NormFloat64())
		w := knowledge.Calibrate(samples)
		words, fused := meanGain(samples, 0), meanGain(samples, w.Alpha)
		if fused < words-1e-9 || math.Abs(words-w.Words) > 1e-9 || w.Alpha > 0 && fused <= words {
			t.Errorf("seed %d: %+v, words %f, fused %f", seed, w, words, fused)
		}
		if again := knowledge.Calibrate(slices.Clone(samples)); again != w {
			t.Errorf("seed %d: %+v, then %+v", seed, w, again)
		}
	}
}

// meanGain is nDCG@10 by sorting, the way a reader would count.
func meanGain(samples []knowledge.Sample, alpha float64) float64 {
	sum := 0.0
	for _, s := range samples {
		score := knowledge.Fuse(s.Lexical, s.Dense, alpha)
		sum += gainOf(score, s.Section, func(section int) bool { return section == s.Own })
	}
	return sum / float64(len(samples))
}

func gainOf(score []float64, section []int, right func(int) bool) float64 {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case score[a] > score[b]:
			return -1
		case score[a] < score[b]:
			return 1
		}
		return 0
	})
	seen := map[int]bool{}
	for _, i := range order {
		if seen[section[i]] {
			continue
		}
		seen[section[i]] = true
		if right(section[i]) {
			if len(seen) > 10 {
				return 0
			}
			return 1 / math.Log2(float64(len(seen)+1))
		}
	}
	return 0
}

func TestPassagesOfASectionAreOneResult(t *testing.T) {
	s := knowledge.Sample{
		Lexical: []float64{9, 8, 7, 6, 5},
		Dense:   []float64{0, 0, 0, 0, 1},
		Section: []int{1, 1, 1, 2, 3}, Own: 3,
	}
	many := slices.Repeat([]knowledge.Sample{s}, 30)
	if w := knowledge.Calibrate(many); math.Abs(w.Words-1/math.Log2(4)) > 1e-9 || math.Abs(w.Fused-1/math.Log2(3)) > 1e-9 || w.Alpha != 0.25 {
		t.Errorf("weight = %+v", w)
	}
	s.Own = 77 // not found at all
	if w := knowledge.Calibrate(slices.Repeat([]knowledge.Sample{s}, 30)); w.Words != 0 || w.Alpha != 0 {
		t.Errorf("weight = %+v", w)
	}
}

func TestFuse(t *testing.T) {
	nan := math.NaN()
	for name, tt := range map[string]struct {
		lexical, dense []float64
		alpha          float64
		want           []float64
	}{
		"words-alone":       {[]float64{9, 5, 1}, []float64{0, 0.5, 1}, 0, []float64{9, 5, 1}},
		"half":              {[]float64{9, 5, 1}, []float64{0.2, 0.4, 0.6}, 0.5, []float64{5, 5, 5}},
		"quarter":           {[]float64{9, 5, 1}, []float64{0.6, 0.4, 0.2}, 0.25, []float64{9, 5, 1}},
		"not-by-vector":     {[]float64{9, 5, 1}, []float64{nan, 0.4, 0.6}, 0.5, []float64{5, 3, 5}},
		"not-by-words":      {[]float64{9, nan, 1}, []float64{nan, 0.6, 0.4}, 0.5, []float64{5, 5, 1}},
		"no-vectors":        {[]float64{9, nan, 1}, []float64{nan, nan, nan}, 0.5, []float64{9, 1, 1}},
		"no-words":          {[]float64{nan, nan}, []float64{0.1, 0.3}, 0.5, []float64{0, 0.5}},
		"one-by-vector":     {[]float64{9, 5, 1}, []float64{nan, nan, 0.6}, 0.5, []float64{5, 3, 5}},
		"all-alike":         {[]float64{4, 4}, []float64{0.1, 0.3}, 0.25, []float64{4, 4.25}},
		"more-than-one":     {[]float64{9, 1}, []float64{0, 1}, 7, []float64{1, 9}},
		"nothing-at-all":    {nil, nil, 0.3, []float64{}},
		"broken-weight":     {[]float64{9, 1}, []float64{0, 1}, nan, []float64{9, 1}},
		"negative-is-words": {[]float64{9, 1}, []float64{0, 1}, -1, []float64{9, 1}},
	} {
		got := knowledge.Fuse(tt.lexical, tt.dense, tt.alpha)
		if len(got) != len(tt.want) || slices.ContainsFunc(got, func(f float64) bool { return math.IsNaN(f) }) {
			t.Errorf("%s: %v", name, got)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-tt.want[i]) > 1e-9 {
				t.Errorf("%s: %v, want %v", name, got, tt.want)
				break
			}
		}
	}
}

// What holds of every fusion: the scale stays the words', who is better in both lists is better, and neither a shift nor a stretch of either list
// changes the order.
func TestFuseKeepsItsPromises(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := invented(r, 1, 1)[0]
		alpha := r.Float64()
		got := knowledge.Fuse(s.Lexical, s.Dense, alpha)
		low, high := math.Inf(1), math.Inf(-1)
		for _, f := range s.Lexical {
			if !math.IsNaN(f) {
				low, high = math.Min(low, f), math.Max(high, f)
			}
		}
		moved := func(list []float64, by, times float64) []float64 {
			out := make([]float64, len(list))
			for i, f := range list {
				out[i] = by + times*f
			}
			return out
		}
		other := knowledge.Fuse(moved(s.Lexical, 3, 2), moved(s.Dense, -1, 0.5), alpha)
		for i := range got {
			if !(got[i] >= low-1e-9 && got[i] <= high+1e-9) {
				t.Fatalf("seed %d: %f is outside %f to %f", seed, got[i], low, high)
			}
			if math.Abs(other[i]-(3+2*got[i])) > 1e-6 {
				t.Fatalf("seed %d: a stretch moved %f to %f", seed, got[i], other[i])
			}
			for j := range got {
				if s.Lexical[i] >= s.Lexical[j] && s.Dense[i] >= s.Dense[j] && got[i] < got[j]-1e-9 {
					t.Fatalf("seed %d: better in both, and behind", seed)
				}
			}
		}
	}
}

func TestKnownQuestions(t *testing.T) {
	var all []knowledge.Heading
	for i := range 500 {
		all = append(all, knowledge.Heading{Document: fmt.Sprintf("d%d.md", i/10), Section: fmt.Sprint(i), Title: "Agents", Text: fmt.Sprintf("Restart agent %d", i), Words: 40, Leaf: true})
	}
	others := []knowledge.Heading{
		{Document: "x.md", Section: "a", Title: "Job in ABEND", Text: "What to do", Words: 40, Leaf: true},
		{Document: "y.md", Section: "a", Title: "Disk full", Text: "WHAT to dó", Words: 40, Leaf: true},
		{Document: "x.md", Section: "b", Title: "Job in ABEND", Text: "Symptoms", Words: 40, Leaf: true},
		{Document: "x.md", Section: "c", Title: "Job in ABEND", Text: "Only a heading", Words: 3, Leaf: true},
		{Document: "x.md", Section: "d", Title: "Job in ABEND", Text: "Chapters stand below", Words: 40},
		{Document: "x.md", Section: "e", Title: "Job in ABEND", Text: "Example", Words: 40, Leaf: true},
		{Document: "x.md", Section: "e-2", Title: "Job in ABEND", Text: "Example", Words: 40, Leaf: true},
		{Document: "z.md", Section: "a", Text: "Notes", Words: 40, Leaf: true},
	}
	var texts []string
	for _, q := range knowledge.KnownQuestions(others, 10) {
		texts = append(texts, q.Text+" "+q.Document+" "+q.Section)
	}
	slices.Sort(texts)
	if want := []string{"Disk full: WHAT to dó y.md a", "Job in ABEND: Symptoms x.md b", "Job in ABEND: What to do x.md a"}; !slices.Equal(texts, want) {
		t.Errorf("questions = %q", texts)
	}
	first := knowledge.KnownQuestions(slices.Concat(all, others), knowledge.MaxSamples)
	if len(first) != knowledge.MaxSamples {
		t.Fatalf("%d questions", len(first))
	}
	mixed := slices.Concat(others, all)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	if again := knowledge.KnownQuestions(mixed, knowledge.MaxSamples); !slices.Equal(first, again) {
		t.Error("the order of the headings changed the choice")
	}
	kept := 0
	for _, q := range knowledge.KnownQuestions(all[10:], knowledge.MaxSamples) { // a document less
		if slices.Contains(first, q) {
			kept++
		}
	}
	if kept < 285 {
		t.Errorf("%d of 300 stayed", kept)
	}
}
