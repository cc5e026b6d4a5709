package library_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/knowledge/library"
)

// manual writes so many sections of some 100 words each.
func manual(r *rand.Rand, sections int) string {
	var b strings.Builder
	for s := range sections {
		fmt.Fprintf(&b, "# Section %d about word%d\n\n", s, r.IntN(5000))
		for range 8 {
			for range 12 {
				fmt.Fprintf(&b, "word%d ", r.IntN(20_000))
			}
			b.WriteString("\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// shelfOf ingests so many manuals of 500 sections each into a fresh database.
func shelfOf(b *testing.B, manuals int) (*library.Library, library.Report) {
	b.Helper()
	dir := b.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	for i := range manuals {
		write(b, filepath.Join(dir, fmt.Sprintf("%03d.md", i)), manual(r, 500))
	}
	shelf := open(b, storetest.SQLite)
	b.ResetTimer()
	report, err := library.Ingest(b.Context(), shelf, library.IngestOptions{Paths: []string{dir}})
	if err != nil {
		b.Fatal(err)
	}
	return shelf, report
}

// BenchmarkIngest brings 100,000 passages onto a shelf: 200 manuals, 90 MB.
func BenchmarkIngest(b *testing.B) {
	for b.Loop() {
		shelf, report := shelfOf(b, 200)
		tally, err := shelf.Tally(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(report.Passages)/report.Took.Seconds(), "passages/s")
		b.ReportMetric(float64(tally.Bytes)/float64(tally.Passages), "bytes/passage")
	}
}

// BenchmarkWhere asks 100,000 passages for what an answer needs: 20 passages, and the lines of one.
func BenchmarkWhere(b *testing.B) {
	shelf, report := shelfOf(b, 200)
	r := rand.New(rand.NewPCG(3, 4))
	b.Run("where-20", func(b *testing.B) {
		for b.Loop() {
			ids := make([]uint64, 20)
			for i := range ids {
				ids[i] = 1 + r.Uint64N(uint64(report.Passages))
			}
			if got, err := shelf.Where(b.Context(), ids...); err != nil || len(got) < 15 {
				b.Fatal(len(got), err)
			}
		}
	})
	b.Run("quote", func(b *testing.B) {
		for b.Loop() {
			at := 1 + r.IntN(4000)
			if got, err := shelf.Lines(b.Context(), 1+r.Int64N(200), at, at+9); err != nil || len(got) != 10 {
				b.Fatal(len(got), err)
			}
		}
	})
	b.Run("sections", func(b *testing.B) {
		for b.Loop() {
			if got, err := shelf.Sections(b.Context(), 1+r.Int64N(200)); err != nil || len(got) != 500 {
				b.Fatal(len(got), err)
			}
		}
	})
	b.Run("passages", func(b *testing.B) {
		for b.Loop() {
			if got, err := shelf.Passages(b.Context(), 1+r.Int64N(200)); err != nil || len(got) < 400 {
				b.Fatal(len(got), err)
			}
		}
	})
}
