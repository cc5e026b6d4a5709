package extract_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/knowledge/extract"
)

// encrypted makes the first entry of an archive say that it is.
func encrypted(data []byte) []byte {
	data[6] |= 1
	data[bytes.Index(data, []byte("PK\x01\x02"))+8] |= 1
	return data
}

// TestLimits holds each bound of one document by itself: with the others wide, it refuses, and says which one it was.
func TestLimits(t *testing.T) {
	paragraphs := strings.Repeat("<p>some words of a paragraph", 200)
	inUTF16 := "\xff\xfe" + strings.Repeat("\x14\x20", 1000) // dashes, of which each has three bytes in UTF-8
	for _, c := range []struct {
		name, file, data string
		limits           extract.Limits
		reason           string
	}{
		{"a page larger than a source may be", "a.html", paragraphs, extract.Limits{SourceBytes: 1000}, "it has 5 KB, more than the 1000 bytes allowed"},
		{"a PDF larger than a source may be", "a.pdf", string(simplePDF()), extract.Limits{SourceBytes: 100}, "more than the 100 bytes allowed"},
		{"a text larger than a text may be", "a.txt", strings.Repeat("words\n", 1000), extract.Limits{FileBytes: 1000}, "it has 5 KB, more than the 1000 bytes allowed"},
		{"a text that grows as it is decoded", "a.txt", inUTF16, extract.Limits{FileBytes: 2500}, "more than 2 KB of text"},
		{"a page whose text is larger than a text may be", "a.html", paragraphs, extract.Limits{FileBytes: 1000}, "its text has more than the 1000 bytes allowed"},
		{"a page with a line longer than a line may be", "a.html", "<pre>" + strings.Repeat("words ", 500), extract.Limits{LineBytes: 1000}, "a line of its text has more than the 1000 bytes allowed"},
		{"a page with more lines than allowed", "a.html", paragraphs, extract.Limits{Lines: 50}, "more than the 50 lines allowed"},
		{"a text in an archive, counted as it comes", "a.zip", string(pack(t, item{"a.txt", strings.Repeat("words\n", 1000)})), extract.Limits{FileBytes: 1000}, "it has more than the 1000 bytes allowed"},
		{"a page in an archive, counted as it comes", "a.zip", string(pack(t, item{"a.html", paragraphs})), extract.Limits{SourceBytes: 1000}, "it has more than the 1000 bytes allowed"},
		{"a DOCX of little but one tag", "a.docx", string(docx(t, `<w:p><w:r><w:t a="`+strings.Repeat("x", 2<<20)+`">x</w:t></w:r></w:p>`)), extract.Limits{}, "a piece of markup of more than 1 MB"},
		{"an encrypted entry of an archive", "a.zip", string(encrypted(pack(t, item{"a.txt", "words"}))), extract.Limits{}, "it is encrypted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := read(t, c.file, []byte(c.data), c.limits)
			said := ""
			if g.err != nil {
				said = g.err.Error()
			}
			for _, reason := range g.bad {
				said += reason
			}
			if len(g.files) != 0 || !strings.Contains(said, c.reason) {
				t.Errorf("%d documents, %q; want none, and %q", len(g.files), said, c.reason)
			}
			if c.limits == (extract.Limits{}) {
				return
			}
			if g := read(t, c.file, []byte(c.data), extract.Limits{}); g.err != nil || len(g.bad) != 0 || len(g.files) != 1 {
				t.Errorf("within the usual limits: %d documents, problems %v, error %v", len(g.files), g.bad, g.err)
			}
		})
	}
}
