package pdf

import (
	"errors"
	"math"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Bounds of one page.
const (
	maxGlyphs = 200_000
	maxForms  = 2_000 // drawn, however often each
	maxSaved  = 256   // states saved in each other
)

// Page is what stands on a page.
type Page struct {
	Width, Height float64 // points
	Glyphs        []Glyph // in the order in which they are drawn
	Lost          int     // glyphs whose font does not say what letter they are
	Pictures      bool
}

// Glyph is a letter, or a few that are drawn as one, at its place. X grows along the line, Y upwards; for text that stands turned the page
// is turned so that this holds.
type Glyph struct {
	Text       string
	X, Y, W    float64 // points: left end on the base line, width
	Size       float64 // points
	Font       *Font
	Turn       uint8 // quarters of a turn, clockwise, by which the page was turned
	Decoration bool  // marked by the writer as no part of the text: headers, footers
}

// Pages is how many pages there are, Options.Pages+1 at most.
func (f *File) Pages() int { return len(f.pages) }

// Title is what the file says of itself.
func (f *File) Title() string {
	s, _ := f.resolve(f.dict(f.trailer["Info"])["Title"]).(str)
	return plain(s)
}

// plain reads a text string: UTF-16 or UTF-8 with a mark, else Latin-1, which PDFDocEncoding is for letters.
func plain(s str) string {
	s = s[:min(len(s), 2048)]
	if strings.HasPrefix(string(s), "\xfe\xff") {
		var u []uint16
		for b := s[2:]; len(b) >= 2; b = b[2:] {
			u = append(u, uint16(b[0])<<8|uint16(b[1]))
		}
		return string(utf16.Decode(u))
	}
	if t, ok := strings.CutPrefix(string(s), "\xef\xbb\xbf"); ok && utf8.ValidString(t) {
		return t
	}
	t, _ := charmap.ISO8859_1.NewDecoder().String(string(s))
	return t
}

// Heading is an entry of the outline, which readers show beside the pages.
type Heading struct {
	Level int // from 1
	Title string
}

// Outline gives the outline, in order.
func (f *File) Outline() []Heading {
	const most, deepest = 20_000, 9
	var out []Heading
	seen := map[ref]bool{}
	type item struct {
		at    any
		level int
	}
	stack := []item{{f.dict(f.dict(f.trailer["Root"])["Outlines"])["First"], 1}}
	for len(stack) > 0 && len(out) < most && f.opt.Spend(1) == nil {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		r, ok := i.at.(ref)
		if !ok || seen[r] {
			continue
		}
		seen[r] = true
		d := f.dict(r)
		if t, ok := f.resolve(d["Title"]).(str); ok {
			out = append(out, Heading{i.level, plain(t)})
		}
		stack = append(stack, item{d["Next"], i.level})
		if i.level < deepest {
			stack = append(stack, item{d["First"], i.level + 1})
		}
	}
	return out
}

// listPages walks the tree of pages; what a page takes from above is put into it.
func (f *File) listPages() {
	type node struct {
		at    any
		above dict
		depth int
	}
	seen := map[ref]bool{}
	stack := []node{{f.dict(f.trailer["Root"])["Pages"], nil, 0}}
	for len(stack) > 0 && len(f.pages) <= f.opt.Pages && f.opt.Spend(1) == nil {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if r, ok := n.at.(ref); ok {
			if seen[r] {
				continue
			}
			seen[r] = true
		}
		d := f.dict(n.at)
		if d == nil || n.depth > maxDepth {
			continue
		}
		own := dict{}
		for _, k := range []name{"Resources", "MediaBox", "CropBox", "Rotate"} {
			if v, ok := d[k]; ok {
				own[k] = v
			} else if v, ok := n.above[k]; ok {
				own[k] = v
			}
		}
		kids := f.list(d["Kids"])
		if kids == nil {
			if d["Contents"] != nil || d["Type"] == name("Page") {
				own["Contents"] = d["Contents"]
				f.pages = append(f.pages, own)
			}
			continue
		}
		for i := len(kids) - 1; i >= 0; i-- {
			stack = append(stack, node{kids[i], own, n.depth + 1})
		}
	}
}

// anyPages takes pages wherever they lie, for files whose tree is gone.
func (f *File) anyPages() {
	nums := make([]int, 0, len(f.places))
	for n := range f.places {
		nums = append(nums, n)
	}
	slices.Sort(nums)
	for _, n := range nums {
		if d := f.dict(ref{n, 0}); d != nil && f.resolve(d["Type"]) == name("Page") && len(f.pages) <= f.opt.Pages {
			f.pages = append(f.pages, d)
		}
		if f.failed != nil {
			return
		}
	}
}

// Page reads one page, counted from 0. An error of Options.Spend is final; with any other what was read before it is given.
func (f *File) Page(n int) (Page, error) {
	d := f.pages[n]
	box := f.box(d)
	turn := int(f.number(d["Rotate"], 0)/90) & 3
	p := &painter{f: f, turn: uint8(turn), box: box}
	p.page.Width, p.page.Height = box[2]-box[0], box[3]-box[1]
	if turn&1 == 1 {
		p.page.Width, p.page.Height = p.page.Height, p.page.Width
	}
	var content []byte
	for _, c := range f.list(d["Contents"]) {
		s, ok := f.resolve(c).(*stream)
		if !ok {
			continue
		}
		b, err := f.decode(s)
		if err != nil && !errors.Is(err, errPicture) {
			return p.page, err
		}
		if content = append(append(content, b...), '\n'); int64(len(content)) > f.opt.Stream {
			return p.page, errLarge
		}
	}
	err := p.run(content, f.dict(d["Resources"]), state{ctm: identity}, 0)
	if f.failed != nil {
		err = f.failed
	}
	return p.page, err
}

// box is the part of the page that is shown.
func (f *File) box(d dict) [4]float64 {
	out := [4]float64{0, 0, 612, 792}
	for _, k := range []name{"MediaBox", "CropBox"} {
		if b := f.list(d[k]); len(b) == 4 {
			for i := range out {
				out[i] = f.number(b[i], out[i])
			}
		}
	}
	if out[0] > out[2] {
		out[0], out[2] = out[2], out[0]
	}
	if out[1] > out[3] {
		out[1], out[3] = out[3], out[1]
	}
	return out
}

// matrix is the usual six numbers.
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

func (a matrix) mul(b matrix) matrix {
	return matrix{a[0]*b[0] + a[1]*b[2], a[0]*b[1] + a[1]*b[3], a[2]*b[0] + a[3]*b[2], a[2]*b[1] + a[3]*b[3],
		a[4]*b[0] + a[5]*b[2] + b[4], a[4]*b[1] + a[5]*b[3] + b[5]}
}

// put notes a glyph that the text matrix m places; w is its width in text space.
func (p *painter) put(text string, m matrix, size, w float64) {
	dx, dy := m[0], m[1]
	if dx == 0 && dy == 0 {
		dx, dy = m[3], -m[2]
	}
	quarter := 0 // direction of the line, counter-clockwise
	switch {
	case math.Abs(dx) >= math.Abs(dy) && dx < 0:
		quarter = 2
	case math.Abs(dy) > math.Abs(dx) && dy > 0:
		quarter = 1
	case math.Abs(dy) > math.Abs(dx):
		quarter = 3
	}
	x, y := m[4], m[5]
	for range quarter {
		x, y = y, -x
	}
	g := Glyph{Text: text, X: x, Y: y, W: math.Abs(w) * math.Hypot(m[0], m[1]), Size: math.Abs(size) * math.Hypot(m[2], m[3]), Font: &p.state.font.Font,
		Turn: uint8(quarter-int(p.turn)) & 3, Decoration: p.decoration > 0}
	if len(p.page.Glyphs) >= maxGlyphs || !finite(g.X, g.Y, g.W, g.Size) {
		return
	}
	p.page.Glyphs = append(p.page.Glyphs, g)
}

func finite(all ...float64) bool {
	for _, v := range all {
		if math.IsNaN(v) || math.Abs(v) > 1e7 {
			return false
		}
	}
	return true
}
