package embedded_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/standard"
	"github.com/blevesearch/bleve/v2/search/query"

	"github.com/resync-hwa/resync/knowledge/index"
)

// text writes a passage out: its words as often as they stand in it, so that a library sees the same corpus.
func text(p index.Passage) string {
	var b strings.Builder
	for _, e := range p.Record.Entries {
		for _, n := range e.Counts {
			for range n {
				fmt.Fprintf(&b, "h%08x ", e.Hash)
			}
		}
	}
	return b.String()
}

func openPeer(b *testing.B, dir string) bleve.Index {
	b.Helper()
	m := bleve.NewIndexMapping()
	m.ScoringModel, m.DefaultAnalyzer = "bm25", standard.Name
	field := bleve.NewTextFieldMapping()
	field.Store, field.IncludeTermVectors, field.IncludeInAll, field.DocValues = false, false, false, false
	m.DefaultMapping.AddFieldMappingsAt("t", field)
	m.DefaultMapping.Dynamic = false
	x, err := bleve.New(filepath.Join(dir, "bleve"), m)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { x.Close() })
	return x
}

func peerQuestion(q index.Query) *bleve.SearchRequest {
	var any []query.Query
	for _, u := range q.Units {
		for _, t := range u.Any {
			one := bleve.NewTermQuery(fmt.Sprintf("h%08x", t.Hash))
			one.SetField("t")
			one.SetBoost(u.Weight)
			any = append(any, one)
		}
	}
	return bleve.NewSearchRequestOptions(bleve.NewDisjunctionQuery(any...), index.Candidates, 0, false)
}

// BenchmarkBesideBleve asks this index and a general library the same questions over the same corpus, one after the other. The
// library adds up the alternatives of a unit, knows no access labels and gives no records.
func BenchmarkBesideBleve(b *testing.B) {
	for _, n := range sizes() {
		dir := b.TempDir()
		ours, peer := reopen(b, dir), openPeer(b, dir)
		m := newMaker(1, benchWords, 0)
		var oursWall, oursCPU, peerWall, peerCPU time.Duration
		for done := 0; done < n; done += 1000 {
			batch, library := index.Batch{Upto: int64(done + 1), Average: 200}, peer.NewBatch()
			c := index.Change{Number: batch.Upto, Document: int64(done)}
			for range 1000 {
				p := m.passage(benchTerms)
				c.Passages = append(c.Passages, p)
				if err := library.Index(strconv.FormatUint(p.ID, 10), map[string]any{"t": text(p)}); err != nil {
					b.Fatal(err)
				}
			}
			batch.Changes = []index.Change{c}
			began, cpu := time.Now(), cpuTime()
			apply(b, ours, batch)
			oursWall, oursCPU = oursWall+time.Since(began), oursCPU+cpuTime()-cpu
			began, cpu = time.Now(), cpuTime()
			if err := peer.Batch(library); err != nil {
				b.Fatal(err)
			}
			peerWall, peerCPU = peerWall+time.Since(began), peerCPU+cpuTime()-cpu
		}
		each := func(d time.Duration) time.Duration { return (d / time.Duration(n)).Round(100 * time.Nanosecond) }
		b.Logf("%d passages: ours %v a passage (%v of the processor), %d bytes; bleve %v (%v), %d bytes", n,
			each(oursWall), each(oursCPU), state(b, ours).Bytes/int64(n), each(peerWall), each(peerCPU), size(b, filepath.Join(dir, "bleve"))/int64(n))
		for _, k := range []struct{ units, alternatives int }{{3, 3}, {8, 3}} {
			questions := make([]index.Query, 100)
			for i := range questions {
				questions[i] = m.question(k.units, k.alternatives, n)
				questions[i].All = true
			}
			b.Run(fmt.Sprintf("%d/%dx%d/ours", n, k.units, k.alternatives), func(b *testing.B) { benchFind(b, ours, questions) })
			b.Run(fmt.Sprintf("%d/%dx%d/bleve", n, k.units, k.alternatives), func(b *testing.B) {
				var took []time.Duration
				began := cpuTime()
				for i := 0; b.Loop(); i++ {
					start := time.Now()
					if _, err := peer.SearchInContext(b.Context(), peerQuestion(questions[i%len(questions)])); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
				report(b, took, cpuTime()-began)
			})
		}
	}
}

func size(b *testing.B, dir string) (total int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return nil // the library removes files as it merges
	})
	if err != nil {
		b.Fatal(err)
	}
	return total
}
