package extract_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/knowledge/extract"
)

// BenchmarkRead gives the bytes of a source per second, and of the text that came out.
func BenchmarkRead(b *testing.B) {
	page, err := os.ReadFile("testdata/html/manual.html")
	if err != nil {
		b.Fatal(err)
	}
	line := "The plan is extended at the start of the day; a job that waits keeps its place in the new plan.\n"
	for name, data := range map[string][]byte{
		"a.md":   []byte(strings.Repeat(line, 20_000)),
		"b.html": []byte(strings.Repeat(string(page), 800)),
		"c.docx": docx(b, strings.Repeat(manualBody+para("", strings.Repeat(line, 5)), 400), manualParts...),
		"d.pdf":  pdfWriter{pages: slices.Repeat(manualPages(), 60), packed: true}.bytes(),
		"e.zip":  pack(b, item{"a.md", strings.Repeat(line, 5_000)}, item{"b.html", strings.Repeat(string(page), 200)}),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			out := 0
			for b.Loop() {
				err := extract.Read(context.Background(), name, data, extract.Limits{}, func(f extract.File) error {
					for _, l := range f.Lines {
						out += len(l) + 1
					}
					return nil
				}, func(name, reason string) { b.Fatal(name, reason) })
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(out)/float64(b.N)/1e6, "MB-text")
		})
	}
}
