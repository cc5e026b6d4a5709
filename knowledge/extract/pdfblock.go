package extract

import (
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pdfBlock is what is being gathered: lines that belong together.
type pdfBlock struct {
	kind   pdfKind
	text   string
	last   pdfLine
	lines  int
	x0     float64 // where its lines begin
	marker string
	code   []pdfLine
}

type pdfKind int

const (
	pdfNone pdfKind = iota
	pdfPara
	pdfHeading
	pdfItem
	pdfCode
)

var (
	bullet = regexp.MustCompile(`^([•▪◦●■□○–—‣⁃◆❑➢►✓·*-])(?:\s+|$)`)
	step   = regexp.MustCompile(`^(\d{1,2})[.)](?:\s+|$)`)
	// leaders run from a title to its page in a table of contents.
	leaders = regexp.MustCompile(`(?:\.{4,}|(?:\. ){3,}\.?|…{2,}|_{5,})\s*(?:\d{1,4}|[ivxlc]+)?\s*$`)
	numeral = regexp.MustCompile(`^(?:\d{1,4}|[ivxlc]{1,6})$`)
)

// pdfWriter turns lines into blocks.
type pdfWriter struct {
	d     *pdfDocument
	block pdfBlock
	marks []float64 // where the markers of the lists that are open stand
	in    []int     // indents of their text
	item  bool      // the last block belongs to a list
}

// write writes all pages.
func (d *pdfDocument) write() error {
	w := &pdfWriter{d: d}
	for n := range d.pages {
		lines := d.pages[n][:0]
		for _, l := range d.pages[n] {
			switch {
			case l.gone:
			case leaders.MatchString(l.text()):
				d.contents = true
			default:
				lines = append(lines, l)
			}
		}
		for i, l := range d.tables(lines) {
			if err := d.m.step(); err != nil {
				return err
			}
			w.line(l, i == 0)
		}
		if d.out.err != nil {
			return d.out.err
		}
		d.pages[n] = nil
	}
	w.flush()
	return d.out.err
}

// line takes the next line; first says that it begins a page.
func (w *pdfWriter) line(l pdfLine, first bool) {
	b := &w.block
	if l.table != nil {
		w.flush()
		w.close()
		l.table.write(w.d.out, "")
		return
	}
	text := l.text()
	if l.mono {
		if b.kind == pdfCode && (first || l.gap > 0 && l.gap < 4*l.size) {
			b.code = append(b.code, l)
			b.last = l
			return
		}
		w.flush()
		*b = pdfBlock{kind: pdfCode, code: []pdfLine{l}, last: l}
		return
	}
	near := !first && l.gap > 0 && l.gap <= w.d.leading*1.25*max(l.size, b.last.size)
	if b.kind == pdfHeading && near && b.lines < 3 && half(l.size) == half(b.last.size) && l.bold == b.last.bold {
		b.text, b.last = w.d.join(b.text, text), l
		b.lines++
		return
	}
	mark, rest := marker(text)
	switch {
	case mark != "-" && w.heading(l, text, near) && (mark == "" || rest != ""):
		w.start(pdfHeading, l, text)
	case mark != "" && !(b.kind == pdfPara && near && !sentenceEnd(b.text) && mark != "-"):
		w.flush()
		*b = pdfBlock{kind: pdfItem, marker: mark, text: rest, last: l, x0: l.x0, lines: 1}
	case w.goesOn(l, text, near, first):
		b.text, b.last = w.d.join(b.text, text), l
		b.lines++
	default:
		w.start(pdfPara, l, text)
	}
}

func (w *pdfWriter) start(kind pdfKind, l pdfLine, text string) {
	w.flush()
	w.block = pdfBlock{kind: kind, text: text, last: l, x0: l.x0, lines: 1}
}

// marker splits an item's mark off; "-" stands for every bullet.
func marker(text string) (mark, rest string) {
	if g := bullet.FindStringSubmatch(text); g != nil && (g[1] != "—" && g[1] != "*" || len(g[0]) < len(text)) {
		return "-", text[len(g[0]):]
	}
	if g := step.FindStringSubmatch(text); g != nil {
		return g[1] + ".", text[len(g[0]):]
	}
	return "", text
}

// goesOn reports whether a line continues the block.
func (w *pdfWriter) goesOn(l pdfLine, text string, near, first bool) bool {
	b := &w.block
	if b.kind != pdfPara && b.kind != pdfItem || math.Abs(l.size-b.last.size) > .15*b.last.size {
		return false
	}
	next, _ := utf8.DecodeRuneInString(text)
	if first { // a page's end breaks a sentence, not a paragraph
		return !sentenceEnd(b.text) && unicode.IsLower(next)
	}
	if !near || l.bold != b.last.bold && sentenceEnd(b.text) {
		return false
	}
	if b.kind == pdfItem {
		return l.x0 > b.x0-.3*l.size || !sentenceEnd(b.text)
	}
	short := b.last.x1 < b.last.right-.12*(b.last.right-b.x0)
	indented := l.x0 > b.last.x0+.8*l.size && b.lines > 1
	return !(short && sentenceEnd(b.text)) && !(indented && sentenceEnd(b.text))
}

func sentenceEnd(s string) bool {
	s = strings.TrimRight(s, `"')]”»`)
	return s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:;")
}

// heading reports whether a line is one: larger than the body, or an entry of the outline, or bold and alone.
func (w *pdfWriter) heading(l pdfLine, text string, near bool) bool {
	d := w.d
	if len(text) > 200 || strings.IndexFunc(text, unicode.IsLetter) < 0 {
		return false
	}
	switch {
	case d.larger(l):
		return true
	case d.outline[plainKey(text)] > 0 && l.size >= d.body*.98 && (!near || l.bold):
		return true
	}
	return l.bold && !near && len(text) <= 100 && l.size >= d.body*.98 && len(l.spans) == 1 && !strings.ContainsAny(text[len(text)-1:], ".:;,")
}

// flush writes the block.
func (w *pdfWriter) flush() {
	b, out := w.block, w.d.out
	w.block = pdfBlock{}
	switch b.kind {
	case pdfHeading:
		w.close()
		level := w.d.outline[plainKey(b.text)]
		if level == 0 {
			level = w.d.levels[half(b.last.size)]
		}
		if level == 0 {
			level = w.d.deepest + 1
		}
		out.heading(level, b.text)
	case pdfPara:
		indent := ""
		if n := len(w.marks); w.item && n > 0 && b.x0 > w.marks[n-1]+.5*b.last.size {
			indent = strings.Repeat(" ", w.in[n-1])
		} else {
			w.close()
		}
		out.blank()
		out.paragraph(indent, indent, b.text)
	case pdfItem:
		w.writeItem(b)
	case pdfCode:
		w.writeCode(b.code)
	}
}

// close ends the lists.
func (w *pdfWriter) close() { w.marks, w.in, w.item = nil, nil, false }

// writeItem writes an item under the one whose marker stands further left.
func (w *pdfWriter) writeItem(b pdfBlock) {
	out := w.d.out
	if !w.item {
		out.blank()
	}
	tolerance := .6 * max(b.last.size, 1)
	for n := len(w.marks); n > 0 && w.marks[n-1] > b.x0-tolerance; n-- {
		w.marks, w.in = w.marks[:n-1], w.in[:n-1]
	}
	outer := 0
	if n := len(w.in); n > 0 {
		outer = w.in[n-1]
	}
	if len(w.marks) < maxLists {
		w.marks, w.in = append(w.marks, b.x0), append(w.in, outer+len(b.marker)+1)
	}
	indent := strings.Repeat(" ", outer)
	w.item = true
	if strings.TrimSpace(b.text) == "" {
		out.line(indent + b.marker)
		return
	}
	out.paragraph(indent+b.marker+" ", strings.Repeat(" ", outer+len(b.marker)+1), b.text)
}

// writeCode writes lines in letters of one width, with the indents that they have.
func (w *pdfWriter) writeCode(code []pdfLine) {
	out := w.d.out
	left := math.Inf(1)
	for _, l := range code {
		left = min(left, l.x0)
	}
	var lines []string
	for i, l := range code {
		if i > 0 && l.gap > 1.8*l.size {
			lines = append(lines, "")
		}
		wide := .6 * max(l.size, 1)
		var text strings.Builder
		for _, s := range l.spans {
			if n := int(math.Round((s.x0-left)/wide)) - utf8.RuneCountInString(text.String()); n > 0 {
				text.WriteString(strings.Repeat(" ", min(n, 120)))
			} else if text.Len() > 0 {
				text.WriteByte(' ')
			}
			text.WriteString(s.text)
		}
		lines = append(lines, text.String())
	}
	indent := ""
	if n := len(w.marks); w.item && n > 0 && left > w.marks[n-1] {
		indent = strings.Repeat(" ", w.in[n-1])
	} else {
		w.close()
		out.blank()
	}
	if len(lines) == 1 && len(strings.Fields(lines[0])) == 1 && len(lines[0]) < 24 && indent == "" {
		out.paragraph("", "", lines[0]) // a word alone is a term, not a listing
		return
	}
	out.fence(indent, lines)
	if indent == "" {
		out.blank()
	}
}
