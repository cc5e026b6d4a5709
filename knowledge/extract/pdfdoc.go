package extract

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// pdfDocument is what is known of a PDF while it is read.
type pdfDocument struct {
	m        *meter
	out      *paper
	pages    [][]pdfLine
	bytes    int64
	pieces   int
	words    map[string]bool // lower case, that stand whole in a line: to tell a break in a word from a hyphen
	outline  map[string]int  // level by title
	body     float64         // size of most of the text
	leading  float64         // usual distance of lines, in sizes
	levels   map[float64]int // of headings by size
	deepest  int
	contents bool // a table of contents was met
}

// half rounds a size so that sizes that differ by drawing are one.
func half(v float64) float64 { return math.Round(v*2) / 2 }

// measure finds the size of the body, the distance of its lines, the levels of larger sizes, and the words.
func (d *pdfDocument) measure() {
	sizes, gaps := map[float64]int{}, map[float64]int{}
	for _, lines := range d.pages {
		for i, l := range lines {
			for _, s := range l.spans {
				if !s.mono {
					sizes[half(s.size)] += s.letters
				}
				for w := range strings.FieldsSeq(s.text) {
					w = strings.ToLower(strings.Trim(w, ".,;:!?()[]\"'“”‘’"))
					if len(d.words) < 1<<18 && len(w) > 3 && len(w) < 40 {
						d.words[strings.Clone(w)] = true
					}
				}
			}
			if i > 0 && l.gap > .8*l.size && l.gap < 3*l.size && half(lines[i-1].size) == half(l.size) {
				gaps[math.Round(l.gap/l.size*20)/20]++
			}
		}
	}
	d.body, d.leading = most(sizes, 10), most(gaps, 1.2)
	d.readLevels()
}

// most gives the key with the highest count, the smaller of equals.
func most(counts map[float64]int, otherwise float64) float64 {
	best, n := otherwise, 0
	for k, c := range counts {
		if c > n || c == n && k < best {
			best, n = k, c
		}
	}
	return best
}

// readLevels gives each size of headings a level: the one that the outline has for most of its lines, else by rank.
func (d *pdfDocument) readLevels() {
	votes := map[float64]map[int]int{}
	for _, lines := range d.pages {
		for _, l := range lines {
			if k := half(l.size); d.larger(l) && len(l.text()) < 200 {
				if votes[k] == nil {
					votes[k] = map[int]int{}
				}
				if level := d.outline[plainKey(l.text())]; level > 0 {
					votes[k][level]++
				}
			}
		}
	}
	var sizes []float64
	for k := range votes {
		sizes = append(sizes, k)
	}
	slices.SortFunc(sizes, func(a, b float64) int { return compare(b, a) })
	d.levels = map[float64]int{}
	level := 0
	for _, k := range sizes {
		best, n := 0, 0
		for l, c := range votes[k] {
			if c > n || c == n && l < best {
				best, n = l, c
			}
		}
		if best == 0 {
			best = min(level+1, 5)
		}
		level = max(level, best)
		d.levels[k] = best
	}
	d.deepest = level
}

// larger reports whether a line is set larger than the body.
func (d *pdfDocument) larger(l pdfLine) bool {
	return l.size >= d.body*1.12 && !l.mono && strings.IndexFunc(l.text(), unicode.IsLetter) >= 0
}

// plainKey is what titles are compared by.
func plainKey(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, fold(s[:min(len(s), 400)]))
}

var (
	digits = regexp.MustCompile(`\d+`)
	roman  = regexp.MustCompile(`^[ivxlcIVXLC]+$`)
	// pageNumber is a line that holds nothing but where it stands; digits are #.
	pageNumber = regexp.MustCompile(`(?i)^(?:[-–—|]\s*)?(?:(?:page|página|pág\.?|seite|p\.)\s*)?#(?:\s*(?:of|de|/|von)\s*#)?(?:\s*[-–—|])?$`)
)

// Where headers and footers are looked for, and how often one must come again.
const (
	edgeLines  = 3
	nearPages  = 6 // left and right pages differ, chapters are short
	timesAgain = 2
)

// dropRepeated marks headers and footers: lines at the edge of a page that come again, but for their digits, on pages nearby.
func (d *pdfDocument) dropRepeated() bool {
	type edge struct {
		line *pdfLine
		page int
	}
	found := map[string][]edge{}
	dropped := false
	for n := range d.pages {
		order := inOrder(d.pages[n])
		for _, zone := range []string{"above ", "below "} {
			for i, l := range outermost(order) {
				key := digits.ReplaceAllString(l.text(), "#")
				if roman.MatchString(key) {
					key = "#"
				}
				if i == 0 && pageNumber.MatchString(key) && len(order) > 1 {
					l.gone, dropped = true, true
					continue
				}
				found[zone+key] = append(found[zone+key], edge{l, n})
			}
			slices.Reverse(order)
		}
	}
	for _, all := range found {
		for i, e := range all {
			again := 0
			for k := i - 1; k >= 0 && e.page-all[k].page <= nearPages; k-- {
				again++
			}
			for k := i + 1; k < len(all) && all[k].page-e.page <= nearPages; k++ {
				again++
			}
			if again >= timesAgain {
				e.line.gone, dropped = true, true
			}
		}
	}
	if !dropped || d.remains() {
		return dropped
	}
	for _, lines := range d.pages {
		for i := range lines {
			lines[i].gone = false
		}
	}
	return false
}

// inOrder gives the lines of a page from the top, without those that stand across.
func inOrder(lines []pdfLine) []*pdfLine {
	var out []*pdfLine
	for i := range lines {
		if !lines[i].across {
			out = append(out, &lines[i])
		}
	}
	slices.SortStableFunc(out, func(a, b *pdfLine) int { return compare(b.y, a.y) })
	return out
}

// outermost gives the first line, and those under it up to a gap; without a gap soon they are the page's text, and only the first can be a header.
func outermost(order []*pdfLine) []*pdfLine {
	for i, l := range order[:min(len(order), edgeLines)] {
		if i+1 == len(order) || math.Abs(l.y-order[i+1].y) > 1.6*l.size {
			return order[:i+1]
		}
	}
	return order[:min(len(order), 1)]
}

// remains reports whether anything is left.
func (d *pdfDocument) remains() bool {
	for _, lines := range d.pages {
		for _, l := range lines {
			if !l.gone {
				return true
			}
		}
	}
	return false
}

// join puts the next line behind a text; a word that was broken at the line's end becomes whole. A hyphen stays where the document writes the word
// with it elsewhere.
func (d *pdfDocument) join(text, next string) string {
	if text == "" || next == "" {
		return text + next
	}
	stem, broken := strings.CutSuffix(text, "-")
	if !broken {
		stem, broken = strings.CutSuffix(text, "\u2010")
	}
	first := []rune(next)[0]
	if !broken || !unicode.IsLower(first) || stem == "" || !unicode.IsLetter(lastRune(stem)) {
		return text + " " + next
	}
	a := strings.ToLower(stem[strings.LastIndexByte(stem, ' ')+1:])
	b, _, _ := strings.Cut(next, " ")
	b = strings.ToLower(strings.TrimRight(b, ".,;:!?()[]\"'”’"))
	if strings.ContainsAny(a, "-_/") || d.words[a+"-"+b] && !d.words[a+b] {
		return text + next
	}
	return stem + next
}

func lastRune(s string) rune {
	r := []rune(s[max(0, len(s)-4):])
	return r[len(r)-1]
}
