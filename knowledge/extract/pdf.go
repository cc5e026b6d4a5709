package extract

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/resync-hwa/resync/knowledge/extract/pdf"
)

// Bounds of what a PDF may unpack to, beside its text.
const (
	pdfStream = 32 << 20
	pdfTotal  = 2 << 30
	pdfPieces = 2 << 20 // of text that stand apart; a manual of 5,000 pages has a tenth of that
)

// readPDF makes Markdown of the letters on the pages: what is a heading, a list or a table is guessed from sizes and places.
func readPDF(m *meter, p *paper, data []byte, limits Limits) (File, error) {
	if err := m.look(); err != nil {
		return File{}, err
	}
	f, err := pdf.Open(data, pdf.Options{Spend: m.spend, Stream: pdfStream, Total: pdfTotal, Pages: limits.Pages})
	switch {
	case errors.Is(err, pdf.ErrEncrypted):
		return File{}, refuse("it is encrypted; save it without a password")
	case errors.Is(err, pdf.ErrDamaged):
		return File{}, refuse("it is a damaged PDF: no page can be found in it")
	case err != nil:
		return File{}, err
	case f.Pages() > limits.Pages:
		return File{}, refuse("it has more than the %d pages allowed", limits.Pages)
	}
	d := &pdfDocument{m: m, out: p, words: map[string]bool{}, outline: map[string]int{}}
	for _, h := range f.Outline() {
		if k := plainKey(h.Title); k != "" && d.outline[k] == 0 {
			d.outline[k] = h.Level
		}
	}
	notes, err := d.readPages(f)
	if err != nil {
		return File{}, err
	}
	d.measure()
	if d.dropRepeated() {
		notes = append(notes, "Headers, footers and page numbers that repeat were left out.")
	}
	if err := d.write(); err != nil {
		return File{}, err
	}
	if d.contents {
		notes = append(notes, "Its table of contents was left out.")
	}
	return File{Title: pdfTitle(f.Title()), Lines: trimmed(p.lines), Stored: true, Notes: notes}, p.err
}

// readPages takes the lines of every page, and says what could not be had.
func (d *pdfDocument) readPages(f *pdf.File) ([]string, error) {
	var failed, bare, poor []int
	letters, lost, pictures := 0, 0, false
	for n := range f.Pages() {
		page, err := f.Page(n)
		if err := d.m.look(); err != nil {
			return nil, err
		}
		if err != nil {
			failed = append(failed, n+1)
		}
		letters += len(page.Glyphs)
		lost += page.Lost
		if page.Lost > 20 && page.Lost > len(page.Glyphs)/10 {
			poor = append(poor, n+1)
		}
		pictures = pictures || page.Pictures
		lines, err := pageLines(d.m, page)
		if err != nil {
			return nil, err
		}
		if len(lines) == 0 && err == nil {
			bare = append(bare, n+1)
		}
		d.pages = append(d.pages, lines)
		bytes, pieces := textBytes(lines)
		if d.pieces += pieces; d.pieces > pdfPieces {
			return nil, refuse("it has more than the %d pieces of text allowed", pdfPieces)
		}
		if d.bytes += bytes; d.bytes > d.out.limits.FileBytes {
			return nil, refuse("its text has more than the %s allowed", size(d.out.limits.FileBytes))
		}
	}
	var notes []string
	switch {
	case lost > letters:
		return nil, refuse("its fonts do not say which letters they draw; make the PDF anew with text that can be copied, or run OCR on it")
	case letters == 0 && pictures:
		return nil, refuse("it holds pictures of pages and no text (a scan); run OCR on it")
	case letters == 0 && len(failed) > 0:
		return nil, refuse("none of its pages could be read")
	case letters == 0:
		return nil, refuse("it holds no text")
	case lost > 0:
		where := ""
		if len(poor) > 0 {
			where = ", most on " + strings.Replace(pageList(poor), "P", "p", 1)
		}
		notes = append(notes, fmt.Sprintf("%d characters were left out because their fonts do not say which they are%s.", lost, where))
	}
	if len(failed) > 0 {
		notes = append(notes, fmt.Sprintf("%s could not be read.", pageList(failed)))
	}
	if len(bare) > 0 && pictures {
		notes = append(notes, fmt.Sprintf("%s: no text; pictures are not read.", pageList(bare)))
	}
	return notes, nil
}

// pageList names pages for people.
func pageList(pages []int) string {
	if len(pages) == 1 {
		return fmt.Sprintf("Page %d", pages[0])
	}
	var b strings.Builder
	for i, n := range pages[:min(len(pages), 8)] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d", n)
	}
	if more := len(pages) - 8; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return "Pages " + b.String()
}

// fileTitle is a title that a program put there, not a person.
var fileTitle = regexp.MustCompile(`(?i)^(?:microsoft (?:word|powerpoint|excel) - .*|untitled.*|.*\.(?:docx?|rtf|odt|fm|book|indd|dita(?:map)?|html?|xml|tex|dvi|ps|pdf)|(?:about|file):.*|data:.*)$`)

func pdfTitle(s string) string {
	if s = fold(s); fileTitle.MatchString(s) {
		return ""
	}
	return s
}
