package knowledge_test

import (
	"fmt"
	"hash/fnv"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge"
)

// No real embedder can be had where this is tested, so these stand in: one of letters, one of words that keep company, one of chance, one that knows
// the answers, and a faint one that knows them under noise of equal strength.

// vectoriser makes the vector of a text.
type vectoriser func(text string) []float64

// letters hashes the runs of three to five letters of a text into 1,024 numbers: it sees slips and word forms, and no meaning.
func letters(_ []chapter) vectoriser {
	return func(text string) []float64 {
		v := make([]float64, 1024)
		for _, w := range terms(text) {
			w = "<" + w + ">"
			for size := 3; size <= 5; size++ {
				for i := 0; i+size <= len(w); i++ {
					n := lot(w[i : i+size])
					v[n%1024] += 1 - 2*float64(n>>40&1)
				}
			}
		}
		for i, x := range v {
			v[i] = math.Copysign(math.Sqrt(math.Abs(x)), x)
		}
		return v
	}
}

// company gives each term the sum of random vectors of the chapters it stands in, and each text the sum of its terms (random indexing, a cheap relative of
// latent semantic analysis): words that keep the same company lie near each other.
func company(all []chapter) vectoriser {
	const size = 256
	of, in := map[string][]float64{}, map[string]int{}
	for i, c := range all {
		r := rand.New(rand.NewPCG(uint64(i), 5))
		own := make([]float64, size)
		for range 8 {
			own[r.IntN(size)] += 1 - 2*float64(r.IntN(2))
		}
		seen := map[string]int{}
		for _, t := range terms(c.text) {
			seen[t]++
		}
		for t, n := range seen {
			if of[t] == nil {
				of[t] = make([]float64, size)
			}
			in[t]++
			for k, x := range own {
				of[t][k] += x * math.Log1p(float64(n))
			}
		}
	}
	return func(text string) []float64 {
		v := make([]float64, size)
		for _, t := range terms(text) {
			length := math.Sqrt(dot(of[t], of[t]))
			for k, x := range of[t] {
				v[k] += x / length * math.Log(float64(len(all)+1)/float64(in[t]))
			}
		}
		return v
	}
}

// chance gives every text a direction of its own.
func chance(_ []chapter) vectoriser {
	return func(text string) []float64 {
		r := rand.New(rand.NewPCG(lot(text), 11))
		v := make([]float64, 64)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		return v
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func lot(s string) uint64 {
	f := fnv.New64a()
	_, _ = f.Write([]byte(s))
	x := f.Sum64()
	x ^= x >> 29
	x *= 0xbf58476d1ce4e5b9
	return x ^ x>>32
}

func terms(text string) []string {
	return strings.FieldsFunc(fold.Text(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// chapter is a section as this test cuts it: lines from start to end, the heading's own among them.
type chapter struct {
	document, title, heading, text string
	start, end, level              int
	leaf                           bool
}

// chapters cuts Markdown at its headings.
func chapters(t *testing.T, from fs.FS) (map[string][]string, []chapter) {
	t.Helper()
	files, out := map[string][]string{}, []chapter(nil)
	var names []string
	for _, pattern := range []string{"*.md", "*/*.md"} {
		more, err := fs.Glob(from, pattern)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, more...)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(from, name)
		if err != nil {
			t.Fatal(err)
		}
		lines, fenced, first, title := strings.Split(string(raw), "\n"), false, len(out), ""
		files[name] = lines
		for i, l := range lines {
			if after, ok := strings.CutPrefix(l, "title:"); ok && title == "" {
				title = strings.TrimSpace(after)
			}
			if strings.HasPrefix(l, "```") {
				fenced = !fenced
			}
			if hashes := len(l) - len(strings.TrimLeft(l, "#")); !fenced && hashes > 0 && strings.HasPrefix(l[hashes:], " ") {
				if n := len(out); n > first {
					out[n-1].end, out[n-1].leaf = i, hashes <= out[n-1].level
				}
				if title == "" {
					title = strings.TrimSpace(l[hashes:])
				}
				out = append(out, chapter{document: name, title: title, heading: strings.TrimSpace(l[hashes:]), start: i + 1, end: len(lines), level: hashes, leaf: true})
			}
		}
		for i := range out[first:] {
			c := &out[first+i]
			c.text = strings.Join(lines[c.start:c.end], "\n")
		}
	}
	return files, out
}

// place finds the chapter that a hit stands in; -1 for text above the first one.
func place(all []chapter, h knowledge.Hit) int {
	return slices.IndexFunc(all, func(c chapter) bool {
		return strings.HasSuffix(h.Document, c.document) && h.StartLine >= c.start && h.StartLine <= c.end
	})
}

// desk is a set of documents; what was asked by words once is not asked again.
type desk struct {
	files map[string][]string
	all   []chapter
	base  *knowledge.Base
	known map[string][]knowledge.Hit
}

func newDesk(t *testing.T, files map[string][]string, all []chapter) *desk {
	t.Helper()
	texts := fstest.MapFS{}
	for name, lines := range files {
		texts[name] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
	}
	return &desk{files, all, open(t, knowledge.Options{FS: texts}), map[string][]knowledge.Hit{}}
}

func (d *desk) search(t *testing.T, question string) []knowledge.Hit {
	t.Helper()
	if _, ok := d.known[question]; !ok {
		r, err := d.base.Search(t.Context(), knowledge.Query{Text: question, Limit: near})
		if err != nil {
			t.Fatal(err)
		}
		d.known[question] = r.Results
	}
	return d.known[question]
}

// trial is a desk with vectors, ready to be asked.
type trial struct {
	*desk
	vectors [][]float64
	of      vectoriser // nil knows the answers
	noise   float64    // under which it knows them
}

const near = 20 // candidates of each list

// ask gives the candidates of a question by words and by vector. A question of the perfect vectors is the number of its chapter.
func (x *trial) ask(t *testing.T, question string, perfect int) knowledge.Sample {
	t.Helper()
	s := knowledge.Sample{Own: -1}
	add := func(section int, lexical, dense float64) {
		if i := slices.Index(s.Section, section); i >= 0 {
			s.Dense[i] = dense
			return
		}
		s.Section, s.Lexical, s.Dense = append(s.Section, section), append(s.Lexical, lexical), append(s.Dense, dense)
	}
	for _, h := range x.search(t, question) {
		if at := place(x.all, h); at >= 0 && !slices.Contains(s.Section, at) {
			add(at, h.Score, math.NaN())
		}
	}
	score := make([]float64, len(x.all))
	order := make([]int, len(x.all))
	var q []float64
	if x.of != nil {
		q = x.of(question)
	}
	for i := range x.all {
		order[i] = i
		switch {
		case x.of == nil:
			if i == perfect {
				score[i] = 1
			}
			score[i] += x.noise * rand.New(rand.NewPCG(lot(question), uint64(i))).NormFloat64()
		default:
			score[i] = dot(q, x.vectors[i]) / math.Sqrt(dot(q, q)*dot(x.vectors[i], x.vectors[i])+1e-12)
		}
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
	for _, i := range order[:min(near, len(order))] {
		add(i, math.NaN(), score[i])
	}
	return s
}

func newTrial(d *desk, of vectoriser, noise float64) *trial {
	x := &trial{desk: d, of: of, noise: noise}
	for _, c := range d.all {
		if of != nil {
			x.vectors = append(x.vectors, of(c.title+"\n"+strings.Join(d.files[c.document][c.start-1:c.end], "\n")))
		}
	}
	return x
}

// stripped puts a word that says nothing in the place of each heading but the title: the lines keep their numbers.
func stripped(files map[string][]string, all []chapter) map[string][]string {
	out := map[string][]string{}
	for name, lines := range files {
		out[name] = slices.Clone(lines)
	}
	for i, c := range all {
		if c.heading == c.title {
			continue
		}
		out[c.document][c.start-1] = fmt.Sprintf("%s part %d", strings.Repeat("#", c.level), i)
	}
	return out
}

// samples asks for the chapters by their headings, at a desk without them.
func samples(t *testing.T, bare *desk, of vectoriser, noise float64) []knowledge.Sample {
	t.Helper()
	x := newTrial(bare, of, noise)
	var headings []knowledge.Heading
	for i, c := range bare.all {
		headings = append(headings, knowledge.Heading{Document: c.document, Section: fmt.Sprint(i), Title: c.title, Text: c.heading, Words: len(terms(c.text)), Leaf: c.leaf && c.heading != c.title})
	}
	var out []knowledge.Sample
	for _, q := range knowledge.KnownQuestions(headings, knowledge.MaxSamples) {
		own, err := strconv.Atoi(q.Section)
		if err != nil {
			t.Fatal(err)
		}
		s := x.ask(t, q.Text, own)
		s.Own = own
		out = append(out, s)
	}
	return out
}

// TestCalibrationAvoidsHarm chooses the weight on the headings of the runbooks and of a manual, and looks what it does to questions
// that had no part in it: the pairs, which people's questions were written for, and the other half of the headings. What equal ranks (RRF, k 60) and the
// greatest weight would have done stands beside it.
func TestCalibrationAvoidsHarm(t *testing.T) {
	kinds := map[string]func([]chapter) vectoriser{"letters": letters, "company": company, "chance": chance, "perfect": nil, "faint": nil}
	var pairs []pair
	for _, file := range []string{"pairs.yaml", "heldout.yaml"} {
		pairs = append(pairs, readPairs(t, file)...)
	}
	desks := func(folder string) (whole, bare *desk) {
		files, all := chapters(t, os.DirFS(folder))
		return newDesk(t, files, all), newDesk(t, stripped(files, all), all)
	}
	runbooks, bareRunbooks := desks("runbooks")
	_, bareManual := desks("bench/corpus/celery")
	for name, kind := range kinds {
		noise := 0.0
		if name == "faint" {
			noise = 1
		}
		made := func(d *desk) vectoriser {
			if kind == nil {
				return nil
			}
			texts := slices.Clone(d.all)
			for i, c := range texts {
				texts[i].text = strings.Join(d.files[c.document][c.start-1:c.end], "\n")
			}
			return kind(texts)
		}
		t.Run("runbooks-"+name, func(t *testing.T) {
			w := knowledge.Calibrate(samples(t, bareRunbooks, made(bareRunbooks), noise))
			x := newTrial(runbooks, made(runbooks), noise)
			var asked []judged
			for _, p := range pairs {
				j := judged{right: map[int]bool{}}
				best := -1
				for i, c := range x.all {
					if p.wants(c) {
						j.right[i], best = true, i
					}
				}
				j.Sample = x.ask(t, p.Q, best)
				asked = append(asked, j)
			}
			judge(t, name, w, asked)
		})
		t.Run("manual-"+name, func(t *testing.T) {
			var learn []knowledge.Sample
			var asked []judged
			for i, s := range samples(t, bareManual, made(bareManual), noise) {
				if i%2 == 0 {
					learn = append(learn, s)
				} else {
					asked = append(asked, judged{s, map[int]bool{s.Own: true}})
				}
			}
			judge(t, name, knowledge.Calibrate(learn), asked)
		})
	}
}

// judged is a question with the chapters that answer it.
type judged struct {
	knowledge.Sample
	right map[int]bool
}

// wants reports whether a chapter answers the pair.
func (p pair) wants(c chapter) bool {
	return slices.ContainsFunc(p.Want, func(w string) bool {
		document, section, whole := strings.Cut(w, "#")
		return document == c.document && (!whole || section == strings.Join(terms(c.heading), "-"))
	})
}

func judge(t *testing.T, name string, w knowledge.Weight, asked []judged) {
	t.Helper()
	mean := func(score func(judged) []float64) float64 {
		sum := 0.0
		for _, j := range asked {
			sum += gainOf(score(j), j.Section, func(s int) bool { return j.right[s] })
		}
		return sum / float64(len(asked))
	}
	at := func(alpha float64) float64 {
		return mean(func(j judged) []float64 { return knowledge.Fuse(j.Lexical, j.Dense, alpha) })
	}
	words, fused, squares := at(0), at(w.Alpha), 0.0
	for _, j := range asked {
		right := func(s int) bool { return j.right[s] }
		d := gainOf(knowledge.Fuse(j.Lexical, j.Dense, w.Alpha), j.Section, right) - gainOf(knowledge.Fuse(j.Lexical, j.Dense, 0), j.Section, right)
		squares += d * d
	}
	unsure := math.Sqrt(squares) / float64(len(asked))
	t.Logf(name+": headings: %d, words %.3f, best %.3f at %.2f (error %.3f), chosen %.2f; %d questions apart: words %.4f, chosen %.4f, at 0.5 %.4f, equal ranks %.4f",
		w.Questions, w.Words, w.Fused, w.Best, w.Error, w.Alpha, len(asked), words, fused, at(0.5), mean(equalRanks))
	if fused < words-math.Max(0.005, 2*unsure) {
		t.Errorf("the weight %.2f costs: %.4f, words alone %.4f (error %.4f)", w.Alpha, fused, words, unsure)
	}
	if name == "chance" && w.Alpha != 0 {
		t.Errorf("chance has the weight %.2f", w.Alpha)
	}
	if name == "perfect" && (w.Alpha == 0 || fused <= words) {
		t.Errorf("vectors that know have the weight %.2f: %.4f, words alone %.4f", w.Alpha, fused, words)
	}
	if w.Questions < 30 || len(asked) < 30 || words < 0.3 {
		t.Errorf("this proves nothing: %d headings, %d questions, %.3f by words", w.Questions, len(asked), words)
	}
}

// equalRanks is what is not done here.
func equalRanks(j judged) []float64 {
	out := make([]float64, len(j.Section))
	for _, list := range [][]float64{j.Lexical, j.Dense} {
		for i, s := range list {
			if math.IsNaN(s) {
				continue
			}
			rank := 1
			for _, other := range list {
				if other > s {
					rank++
				}
			}
			out[i] += 1 / float64(60+rank)
		}
	}
	return out
}
