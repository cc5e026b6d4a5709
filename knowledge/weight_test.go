package knowledge_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
	"github.com/resync-hwa/resync/knowledge/library"
)

// model is an embedder that knows some words to mean the same, or gives any text a direction by chance.
type model struct {
	mu      sync.Mutex
	means   map[string]string
	chance  bool
	err     error
	calls   int
	wrong   bool // one vector too few
	longest int  // bytes of the longest text
}

func (m *model) Embed(_ context.Context, texts []string) ([][]float32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.err != nil {
		return nil, m.err
	}
	var out [][]float32
	for _, text := range texts {
		m.longest = max(m.longest, len(text))
		v := make([]float32, 256)
		seed := func(s string) uint64 {
			f := fnv.New64a()
			_, _ = f.Write([]byte(s))
			return f.Sum64()
		}
		if m.chance {
			r := rand.New(rand.NewPCG(seed(text), 1))
			for i := range v {
				v[i] = float32(r.NormFloat64())
			}
		} else {
			for _, w := range terms(text) {
				if to, ok := m.means[w]; ok {
					w = to
				}
				r := rand.New(rand.NewPCG(seed(w), 2))
				for range 4 {
					v[r.IntN(len(v))] += 1
				}
			}
		}
		sum := 0.0
		for _, x := range v {
			sum += float64(x) * float64(x)
		}
		for i := range v {
			v[i] /= float32(math.Sqrt(sum) + 1e-9)
		}
		out = append(out, v)
	}
	if m.wrong {
		out = out[1:]
	}
	return out, nil
}

func (m *model) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls
}

func (m *model) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// cellar is a base of 20 documents with five sections each. Heading and text of a section have no word in common; whoever knows that "vexilN" means
// "quorumN" can tell which belong together.
func cellar(t *testing.T, m *model) (*knowledge.Base, *library.Memory) {
	t.Helper()
	shelf := library.NewMemory()
	m.means = map[string]string{}
	var drafts []library.Draft
	for d := range 20 {
		var text strings.Builder
		fmt.Fprintf(&text, "# Manual %d\n\nWhat this manual is about stands below in five parts.\n", d)
		for s := range 5 {
			n := d*5 + s
			m.means[fmt.Sprintf("vexil%d", n)] = fmt.Sprintf("quorum%d", n)
			fmt.Fprintf(&text, "\n## Handling vexil%d properly\n\nThe operator looks at quorum%d first, then calls the second line and writes down what was seen there at that time.\n", n, n)
		}
		lines := strings.Split(text.String(), "\n")
		path := fmt.Sprintf("manual-%d.md", d)
		c, err := cut.Cut(path, lines)
		if err != nil {
			t.Fatal(err)
		}
		drafts = append(drafts, library.Draft{Document: library.Document{Path: path, Title: c.Title, Format: "markdown", Language: "en", Kind: library.Manual},
			Text: lines, Contents: c.Sections, Parts: c.Passages})
	}
	if err := shelf.Put(t.Context(), drafts...); err != nil {
		t.Fatal(err)
	}
	b, err := knowledge.Over(t.Context(), knowledge.Parts{Shelf: shelf, Index: indextest.NewOracle(), Model: "m-1", Questions: m, Documents: m})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Sync(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return b, shelf
}

func TestVectorsCountWhereTheyHelp(t *testing.T) {
	m := &model{}
	b, _ := cellar(t, m)
	before := m.count()
	if r, err := b.Search(t.Context(), knowledge.Query{Text: "quorum17"}); err != nil || len(r.Results) == 0 || m.count() != before {
		t.Fatalf("%d calls before any weight was known, %v", m.count()-before, err)
	}
	w, err := b.Calibrate(t.Context())
	if err != nil || w.Alpha == 0 || w.Questions != 100 || w.Model != "m-1" || w.Change == 0 || b.Weight() != w {
		t.Fatalf("weight = %+v, %v", w, err)
	}
	// The headings were not there: else words alone would have found them all.
	if w.Words > 0.3 || w.Fused < 0.9 {
		t.Errorf("weight = %+v", w)
	}
	// A word that no text below the headings has is found by what it means, although words find it elsewhere.
	m.means["zymol"] = "quorum42"
	r, err := b.Search(t.Context(), knowledge.Query{Text: "zymol second line"})
	if err != nil || len(r.Results) == 0 || !strings.Contains(r.Results[0].Quote, "quorum42") {
		t.Fatalf("results = %+v, %v", r.Results, err)
	}
	// An embedder that fails costs its part of the search and nothing else; what was weighed stays.
	m.fail(errors.New("secret inner words"))
	r, err = b.Search(t.Context(), knowledge.Query{Text: "quorum42"})
	if err != nil || len(r.Results) == 0 || !strings.Contains(r.Results[0].Quote, "quorum42") {
		t.Fatalf("results = %+v, %v", r.Results, err)
	}
	if _, err := b.Calibrate(t.Context()); err == nil || b.Weight() != w {
		t.Errorf("weight = %+v, %v", b.Weight(), err)
	}
}

func TestVectorsOfChanceCountNothing(t *testing.T) {
	m := &model{chance: true}
	b, _ := cellar(t, m)
	w, err := b.Calibrate(t.Context())
	if err != nil || w.Alpha != 0 || w.Questions != 100 {
		t.Fatalf("weight = %+v, %v", w, err)
	}
	before := m.count()
	if _, err := b.Search(t.Context(), knowledge.Query{Text: "quorum17"}); err != nil || m.count() != before {
		t.Errorf("%d calls for vectors that count nothing, %v", m.count()-before, err)
	}
}

func TestWeightsOfOtherModelsAreNotTaken(t *testing.T) {
	m := &model{}
	b, _ := cellar(t, m)
	b.SetWeight(knowledge.Weight{Alpha: 0.3, Model: "m-0"})
	if w := b.Weight(); w.Alpha != 0 {
		t.Errorf("weight = %+v", w)
	}
	b.SetWeight(knowledge.Weight{Alpha: 0.3, Model: "m-1"})
	if w := b.Weight(); w.Alpha != 0.3 {
		t.Errorf("weight = %+v", w)
	}
	m.wrong = true
	if _, err := b.Calibrate(t.Context()); !fault.Is(err, fault.UpstreamUnavailable) {
		t.Errorf("err = %v", err)
	}
	plain := open(t, knowledge.Options{})
	if _, err := plain.Calibrate(t.Context()); !fault.Is(err, fault.Unsupported) {
		t.Errorf("err = %v", err)
	}
}

// Searches go on while the weight is measured.
func TestSearchesGoOnDuringCalibration(t *testing.T) {
	b, _ := cellar(t, &model{})
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for i := range 20 {
				if _, err := b.Search(t.Context(), knowledge.Query{Text: fmt.Sprintf("quorum%d", i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if _, err := b.Calibrate(t.Context()); err != nil {
		t.Error(err)
	}
	all.Wait()
}

// spelt is an embedder of letters: see letters.
type spelt struct{ of vectoriser }

func (s spelt) Embed(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		v := s.of(text)
		length := math.Sqrt(dot(v, v)) + 1e-9
		for _, x := range v {
			out[i] = append(out[i], float32(x/length))
		}
	}
	return out, nil
}

// TestCalibratedSearchIsNoWorse goes the whole way on the runbooks: what people ask is found as well as by words alone, whatever was calibrated, where
// the same vectors with a weight of 0.5 cost a point and more.
func TestCalibratedSearchIsNoWorse(t *testing.T) {
	files, all := chapters(t, os.DirFS("runbooks"))
	shelf := library.NewMemory()
	for name, lines := range files {
		c, err := cut.Cut(name, lines)
		if err != nil {
			t.Fatal(err)
		}
		if err := shelf.Put(t.Context(), library.Draft{Document: library.Document{Path: name, Title: c.Title, Format: "markdown", Language: c.Language, Kind: library.Runbook,
			Kinds: c.Kinds, MessageIDs: c.MessageIDs}, Text: lines, Contents: c.Sections, Parts: c.Passages}); err != nil {
			t.Fatal(err)
		}
	}
	e := spelt{letters(nil)}
	b, err := knowledge.Over(t.Context(), knowledge.Parts{Shelf: shelf, Index: indextest.NewOracle(), Model: "letters", Questions: e, Documents: e})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Sync(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	found := func() float64 {
		sum, n := 0.0, 0.0
		for _, file := range []string{"pairs.yaml", "heldout.yaml"} {
			for _, p := range readPairs(t, file) {
				r, err := b.Search(t.Context(), knowledge.Query{Text: p.Q, Limit: 10})
				if err != nil {
					t.Fatal(err)
				}
				n++
				for rank, h := range r.Results {
					if at := place(all, h); at >= 0 && p.wants(all[at]) {
						sum += 1 / math.Log2(float64(rank+2))
						break
					}
				}
			}
		}
		return sum / n
	}
	words := found()
	b.SetWeight(knowledge.Weight{Alpha: 0.5, Model: "letters"})
	half := found()
	w, err := b.Calibrate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	chosen := found()
	t.Logf("%+v: words %.4f, chosen %.4f, with 0.5 %.4f", w, words, chosen, half)
	if w.Questions < 60 || chosen < words-0.005 || half > words-0.005 {
		t.Errorf("%+v: words %.4f, chosen %.4f, with 0.5 %.4f", w, words, chosen, half)
	}
}
