package extract

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/resync-hwa/resync/knowledge/extract/pdf"
)

// Distances in em, of the letter's size.
const (
	gapWord   = .15 // between letters: a blank. Measured on files of five programs; kerning stays below, narrow blanks above
	gapColumn = 1.5 // between words: another column or cell
	backward  = -.4 // a letter that far back begins something new
	sameLine  = .35 // base lines that near are one
)

// pdfSpan is text in one row without a wide gap.
type pdfSpan struct {
	text         string
	x0, x1, y    float64
	size         float64
	mono, bold   bool
	letters      int
	boldLetters  int
	monoLetters  int
	pendingSpace bool
}

// pdfLine is what stands on one base line of a column, from left to right.
type pdfLine struct {
	spans      []pdfSpan
	x0, x1, y  float64
	size       float64
	mono, bold bool
	right      float64 // where the column ends
	gap        float64 // to the line above in the same column; 0: there is none
	gone       bool    // repeats on other pages
	across     bool    // stands turned to most of the page's text
	table      *grid   // a table that stands here instead of spans
}

// text joins the spans.
func (l *pdfLine) text() string {
	parts := make([]string, len(l.spans))
	for i, s := range l.spans {
		parts[i] = s.text
	}
	return strings.Join(parts, " ")
}

func textBytes(lines []pdfLine) (bytes int64, pieces int) {
	for _, l := range lines {
		pieces += len(l.spans)
		for _, s := range l.spans {
			bytes += int64(len(s.text)) + 1
		}
	}
	return bytes, pieces
}

// pageLines puts the letters of a page into lines, in the order in which they are read.
func pageLines(m *meter, page pdf.Page) ([]pdfLine, error) {
	var turned [4][]pdf.Glyph
	real := 0
	for _, g := range page.Glyphs {
		if !g.Decoration {
			real++
		}
	}
	for _, g := range page.Glyphs {
		if !g.Decoration || real == 0 {
			turned[g.Turn&3] = append(turned[g.Turn&3], g)
		}
	}
	order := []int{0, 1, 2, 3}
	slices.SortStableFunc(order, func(a, b int) int { return len(turned[b]) - len(turned[a]) })
	var out []pdfLine
	for i, k := range order { // most of the text first; what stands across it comes after
		spans, err := spansOf(m, turned[k])
		if err != nil {
			return nil, err
		}
		parts, err := columns(m, spans)
		if err != nil {
			return nil, err
		}
		for _, column := range parts {
			lines := linesOf(column)
			for k := range lines {
				lines[k].across = i > 0
			}
			out = append(out, lines...)
		}
	}
	return out, nil
}

// spansOf joins letters that are drawn one after the other.
func spansOf(m *meter, glyphs []pdf.Glyph) ([]pdfSpan, error) {
	var out []pdfSpan
	var cur pdfSpan
	var text strings.Builder
	var last pdf.Glyph
	end := func() {
		cur.text = fold(text.String())
		if cur.monoLetters == cur.letters && cur.letters > 0 {
			cur.text = ligatures.Replace(strings.TrimRight(strings.Map(visible, text.String()), " "))
		}
		cur.mono, cur.bold = cur.letters > 0 && cur.monoLetters == cur.letters, cur.letters > 0 && cur.boldLetters*10 >= cur.letters*9
		if strings.TrimSpace(cur.text) != "" && !twin(out, cur) {
			out = append(out, cur)
		}
		cur = pdfSpan{}
		text.Reset()
	}
	for i, g := range glyphs {
		if err := m.step(); err != nil {
			return nil, err
		}
		if g.Size <= 0 || len(g.Text) > 64 {
			continue
		}
		blank := strings.TrimSpace(g.Text) == ""
		if cur.letters > 0 {
			em := max(cur.size, .1)
			gap := (g.X - cur.x1) / em
			rise := math.Abs(g.Y-cur.y) / max(em, g.Size)
			near := rise < .2 || rise < .55 && g.Size < .85*em && gap < gapWord*2
			same := i > 0 && g.Text == last.Text && math.Abs(g.X-last.X) < .1*em && math.Abs(g.Y-last.Y) < .1*em
			wide := gap > gapColumn
			if cur.monoLetters == cur.letters && g.Font.Mono {
				wide = gap > 24
			}
			if letter, ok := accented(last, g); ok && near {
				kept := strings.TrimSuffix(text.String(), last.Text) + letter
				text.Reset()
				text.WriteString(kept)
				cur.x1 = max(cur.x1, g.X+g.W)
				last.Text = letter
				continue
			}
			switch {
			case same:
				continue // drawn twice, to look bold
			case !near || wide || gap < backward:
				end()
			case blank:
				cur.pendingSpace = true
			case gap > gapWord || cur.pendingSpace:
				n := 1
				if cur.monoLetters == cur.letters && g.Font.Mono && gap > 1 {
					n = min(max(int(math.Round(gap/.6)), 1), 48)
				}
				if n == 1 && cur.pendingSpace && g.Font.Mono {
					n = max(1, int(math.Round((g.X-cur.x1)/em/.6)))
				}
				text.WriteString(strings.Repeat(" ", n))
				cur.pendingSpace = false
			}
		}
		if blank {
			continue
		}
		last = g
		if cur.letters == 0 {
			cur.x0, cur.y, cur.size = g.X, g.Y, g.Size
		} else if g.Size > cur.size*1.15 {
			cur.y, cur.size = g.Y, g.Size // a raised mark came first
		}
		cur.x1 = max(cur.x1, g.X+g.W)
		if cur.letters == 0 {
			cur.x1 = g.X + g.W
		}
		cur.letters++
		if g.Font.Mono {
			cur.monoLetters++
		}
		if g.Font.Bold {
			cur.boldLetters++
		}
		text.WriteString(g.Text)
	}
	end()
	return out, nil
}

// marksOver are accents that some programs draw by themselves, over a letter that comes before or after.
var marksOver = map[string]string{"`": "\u0300", "´": "\u0301", "ˆ": "\u0302", "˜": "\u0303", "¨": "\u0308", "˚": "\u030a", "ˇ": "\u030c", "¸": "\u0327"}

// accented makes one letter of two glyphs of which one is an accent at the place of the other.
func accented(a, b pdf.Glyph) (string, bool) {
	if math.Abs(b.X+b.W/2-a.X-a.W/2) > .35*max(a.W, b.W) {
		return "", false
	}
	mark, letter := marksOver[a.Text], b.Text
	if mark == "" {
		mark, letter = marksOver[b.Text], a.Text
	}
	if mark == "" || utf8.RuneCountInString(letter) != 1 {
		return "", false
	}
	whole := norm.NFC.String(strings.Replace(letter, "ı", "i", 1) + mark)
	return whole, utf8.RuneCountInString(whole) == 1
}

// twin reports whether the same text was drawn at the same place just before.
func twin(all []pdfSpan, s pdfSpan) bool {
	for _, o := range all[max(0, len(all)-4):] {
		if o.text == s.text && math.Abs(o.x0-s.x0) < .15*s.size && math.Abs(o.y-s.y) < .15*s.size {
			return true
		}
	}
	return false
}

// linesOf groups spans of one column by their base lines, from the top.
func linesOf(spans []pdfSpan) []pdfLine {
	slices.SortStableFunc(spans, func(a, b pdfSpan) int { return compare(b.y, a.y) })
	var out []pdfLine
	for _, s := range spans {
		if n := len(out); n > 0 && math.Abs(out[n-1].y-s.y) <= sameLine*max(out[n-1].size, s.size) {
			l := &out[n-1]
			l.spans = append(l.spans, s)
			if s.size > l.size {
				l.size, l.y = s.size, s.y
			}
			continue
		}
		out = append(out, pdfLine{spans: []pdfSpan{s}, y: s.y, size: s.size})
	}
	right := math.Inf(-1)
	for i := range out {
		l := &out[i]
		slices.SortStableFunc(l.spans, func(a, b pdfSpan) int { return compare(a.x0, b.x0) })
		l.spans = joined(l.spans)
		l.x0, l.x1 = l.spans[0].x0, l.spans[0].x1
		l.mono, l.bold = true, true
		for _, s := range l.spans {
			l.x1 = max(l.x1, s.x1)
			l.mono, l.bold = l.mono && s.mono, l.bold && s.bold
		}
		right = max(right, l.x1)
		if i > 0 {
			l.gap = out[i-1].y - l.y
		}
	}
	for i := range out {
		out[i].right = right
	}
	return out
}

// joined puts together neighbours that were drawn apart.
func joined(spans []pdfSpan) []pdfSpan {
	out := spans[:1:1]
	for _, s := range spans[1:] {
		l := &out[len(out)-1]
		gap := (s.x0 - l.x1) / max(l.size, s.size, .1)
		if gap > gapColumn {
			out = append(out, s)
			continue
		}
		if gap > gapWord && utf8.RuneCountInString(l.text) > 0 {
			l.text += " "
		}
		l.text += s.text
		l.x1 = max(l.x1, s.x1)
		l.mono, l.bold = l.mono && s.mono, l.bold && s.bold
		l.letters += s.letters
		l.size = max(l.size, s.size)
	}
	return out
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
