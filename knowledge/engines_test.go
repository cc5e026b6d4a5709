package knowledge_test

import (
	"context"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
	"github.com/resync-hwa/resync/knowledge/index/qdrant"
	"github.com/resync-hwa/resync/knowledge/index/qdrant/qdranttest"
	"github.com/resync-hwa/resync/knowledge/library"
	"gopkg.in/yaml.v3"
)

// spelling is an embedder that hashes the runs of three letters of a text: enough for vectors to matter.
type spelling struct{}

func (spelling) Embed(_ context.Context, texts []string) ([][]float32, error) {
	const size = 64
	out := make([][]float32, len(texts))
	for i, text := range texts {
		v, sum := make([]float32, size), 0.0
		text = strings.ToLower(text)
		for at := 0; at+3 <= len(text); at++ {
			v[index.Hash(text[at:at+3])%size]++
		}
		for _, x := range v {
			sum += float64(x) * float64(x)
		}
		for j := range v {
			v[j] = float32(float64(v[j]) / math.Max(1, math.Sqrt(sum)))
		}
		out[i] = v
	}
	return out, nil
}

// shelved puts Markdown files on a shelf in memory.
func shelved(t *testing.T, root string, folders ...string) *library.Memory {
	t.Helper()
	shelf := library.NewMemory()
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(name) != ".md" {
				return err
			}
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			path, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			lines := strings.Split(string(b), "\n")
			c, err := cut.Cut(path, lines)
			if err != nil {
				return err
			}
			return shelf.Put(t.Context(), library.Draft{Text: lines, Contents: c.Sections, Parts: c.Passages, Document: library.Document{
				Path: path, Title: c.Title, Format: "markdown", Language: c.Language, Kind: library.Manual, Kinds: c.Kinds, MessageIDs: c.MessageIDs, Jobs: c.Jobs, Streams: c.Streams}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return shelf
}

// The first ten are the same, whichever engine finds the candidates: one that looks at everything, files, and Qdrant. With and
// without vectors, and for every question of the benchmark's corpus in both languages.
func TestEnginesRankAlike(t *testing.T) {
	shelf := shelved(t, "bench/corpus", "celery", "zikra", "rede-aurora", "scans")
	var questions []struct {
		Q    string
		Want []string
	}
	b, err := os.ReadFile("bench/pairs/questions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, &questions); err != nil {
		t.Fatal(err)
	}
	least := 150
	if raced { // every question takes ten times as long there, and finds no other race
		questions, least = questions[:30], 30
	}
	server, err := qdrant.Open(t.Context(), qdrant.Options{URL: qdranttest.Start(t, qdranttest.Options{}).URL()})
	if err != nil {
		t.Fatal(err)
	}
	engines := []struct {
		name string
		index.Index
	}{{"oracle", indextest.NewOracle()}, {"embedded", embedded.Memory()}, {"qdrant", server}}
	t.Cleanup(func() {
		for _, e := range engines {
			_ = e.Close()
		}
	})
	for _, model := range []string{"", "spelling"} {
		var first [][]knowledge.Hit
		for _, e := range engines {
			parts := knowledge.Parts{Shelf: shelf, Index: e.Index, Model: model}
			if model != "" {
				parts.Questions, parts.Documents = spelling{}, spelling{}
			}
			base, err := knowledge.Over(t.Context(), parts)
			if err != nil {
				t.Fatal(err)
			}
			if err := base.Sync(t.Context(), nil); err != nil {
				t.Fatal(e.name, err)
			}
			if model != "" { // without a weight no vector is asked for
				base.SetWeight(knowledge.Weight{Model: model, Alpha: 0.3})
			}
			for i, q := range questions {
				r, err := base.Search(t.Context(), knowledge.Query{Text: q.Q, Limit: 10})
				if err != nil {
					t.Fatal(e.name, err)
				}
				if e.name == "oracle" {
					first = append(first, r.Results)
					continue
				}
				if len(r.Results) != len(first[i]) {
					t.Errorf("%s, model %q, %q: %d results, want %d", e.name, model, q.Q, len(r.Results), len(first[i]))
					continue
				}
				for place, h := range r.Results { // scores are told to a thousandth, and a sum of float32 depends on its order
					if w := first[i][place]; h.Source() != w.Source() || h.StartLine != w.StartLine || h.Band != w.Band || math.Abs(h.Score-w.Score) > 0.0015 {
						t.Errorf("%s, model %q, %q: place %d is %s with %v, want %s with %v", e.name, model, q.Q, place+1, h.Source(), h.Score, w.Source(), w.Score)
						break
					}
				}
			}
		}
		if len(first) < least {
			t.Fatalf("only %d questions were asked", len(first))
		}
	}
}
