package pdf

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
)

// Font is what a font says of its letters.
type Font struct {
	Name string // without the prefix of a subset
	Mono bool
	Bold bool
}

// font turns the bytes of a text into letters and widths.
type font struct {
	Font
	wide   bool // codes of several bytes
	utf16  bool // codes are UTF-16
	codes  *cmap
	toText *cmap
	table  [256]string
	first  int
	widths []float64 // em
	cidW   map[int]float64
	cidR   []widthRange
	usual  float64
	scale  float64 // of widths
}

type widthRange struct {
	from, to int
	w        float64
}

var (
	monoFont = regexp.MustCompile(`(?i)courier|mono|consol|typewriter|menlo|inconsolata|fixed|cmtt|lettergothic|terminal`)
	boldFont = regexp.MustCompile(`(?i)bold|black|heavy|demi|semib|cmbx`)
)

// font gives the font that resources name.
func (f *File) font(v any) *font {
	r, isRef := v.(ref)
	if isRef {
		if known, ok := f.fonts[r]; ok {
			return known
		}
	}
	out := f.readFont(f.dict(v))
	if isRef && len(f.fonts) < 4096 {
		f.fonts[r] = out
	}
	return out
}

func (f *File) readFont(d dict) *font {
	out := &font{scale: .001, usual: .5}
	base, _ := f.resolve(d["BaseFont"]).(name)
	out.Name = string(base)
	if i := strings.IndexByte(out.Name, '+'); i == 6 {
		out.Name = out.Name[7:]
	}
	out.toText = f.readCMap(d["ToUnicode"])
	switch kind, _ := f.resolve(d["Subtype"]).(name); kind {
	case "Type0":
		f.readWide(out, d)
	default:
		if kind == "Type3" {
			if m := f.list(d["FontMatrix"]); len(m) == 6 {
				out.scale = f.number(m[0], .001)
			}
		}
		f.readEncoding(out, d)
		out.first = int(f.number(d["FirstChar"], 0))
		for _, w := range f.list(d["Widths"]) {
			if len(out.widths) < 256 {
				out.widths = append(out.widths, f.number(w, 0)*out.scale)
			}
		}
		about := f.dict(d["FontDescriptor"])
		f.describe(out, about)
		out.usual = f.number(about["MissingWidth"], 0) * .001
		if len(out.widths) == 0 {
			out.standard()
		}
	}
	out.Mono = out.oneWidth(out.Mono)
	return out
}

// oneWidth reports whether letters have one width; where widths are not known, what the font says of itself, which is often wrong.
func (f *font) oneWidth(said bool) bool {
	if f.wide {
		seen := map[float64]int{}
		for _, w := range f.cidW {
			seen[w]++
		}
		if len(f.cidW) < 4 {
			return said
		}
		for _, n := range seen {
			if n*10 >= len(f.cidW)*9 && len(seen) <= 3 {
				return true
			}
		}
		return false
	}
	low, high, n := 0.0, 0.0, 0
	for _, c := range "ilmwMWaeot" {
		i := int(c) - f.first
		if i < 0 || i >= len(f.widths) || f.widths[i] <= 0 {
			continue
		}
		if n == 0 {
			low, high = f.widths[i], f.widths[i]
		}
		low, high = min(low, f.widths[i]), max(high, f.widths[i])
		n++
	}
	if n < 3 {
		return said
	}
	return high-low < .02
}

func (f *File) describe(out *font, about dict) {
	flags := int(f.number(about["Flags"], 0))
	out.Mono = flags&1 != 0 || monoFont.MatchString(out.Name)
	out.Bold = flags&(1<<18) != 0 || boldFont.MatchString(out.Name)
}

// readWide reads a font with codes of several bytes.
func (f *File) readWide(out *font, d dict) {
	out.wide, out.usual = true, 1
	if n, ok := f.resolve(d["Encoding"]).(name); ok {
		out.utf16 = strings.Contains(string(n), "UCS2") || strings.Contains(string(n), "UTF16")
	} else {
		out.codes = f.readCMap(d["Encoding"])
	}
	kids := f.list(d["DescendantFonts"])
	if len(kids) == 0 {
		return
	}
	kid := f.dict(kids[0])
	f.describe(out, f.dict(kid["FontDescriptor"]))
	out.usual = f.number(kid["DW"], 1000) * .001
	out.cidW = map[int]float64{}
	w := f.list(kid["W"])
	for len(w) >= 2 && len(out.cidW)+len(out.cidR) < maxCodes && f.mapped <= maxMapped {
		from := int(f.number(w[0], 0))
		if each, ok := f.resolve(w[1]).(array); ok {
			for i, v := range each[:min(len(each), maxCodes)] {
				out.cidW[from+i] = f.number(v, 0) * .001
			}
			w = w[2:]
			continue
		}
		if len(w) < 3 {
			break
		}
		out.cidR = append(out.cidR, widthRange{from, int(f.number(w[1], 0)), f.number(w[2], 0) * .001})
		w = w[3:]
		if f.opt.Spend(1) != nil {
			break
		}
	}
	f.mapped += len(out.cidW) + len(out.cidR)
	out.cidR = out.cidR[:min(len(out.cidR), 4096)]
}

// readEncoding reads which letter each of 256 codes is.
func (f *File) readEncoding(out *font, d dict) {
	base, _ := f.resolve(d["Encoding"]).(name)
	e, _ := f.resolve(d["Encoding"]).(dict)
	if e != nil {
		base, _ = f.resolve(e["BaseEncoding"]).(name)
	}
	kind, _ := f.resolve(d["Subtype"]).(name)
	for i := range out.table {
		switch {
		case base == "MacRomanEncoding":
			out.table[i] = string(charmap.Macintosh.DecodeByte(byte(i)))
		case base == "WinAnsiEncoding" || kind == "TrueType" || i < 128:
			out.table[i] = string(charmap.Windows1252.DecodeByte(byte(i)))
		default:
			out.table[i] = letters(standardUpper[i])
		}
		if i < 32 {
			out.table[i] = ""
		}
	}
	if base == "" && kind == "Type1" {
		out.table[39], out.table[96] = "’", "‘"
	}
	if lower := strings.ToLower(out.Name); strings.Contains(lower, "symbol") || strings.Contains(lower, "dingbats") {
		for _, i := range []int{0xb7, 'l', 'n', 'u', 'q', 'm'} { // the marks of lists
			if i == 0xb7 || strings.Contains(lower, "dingbats") {
				out.table[i] = "•"
			}
		}
	}
	at := 0
	for _, v := range f.list(e["Differences"]) {
		switch v := f.resolve(v).(type) {
		case float64:
			at = int(v)
		case name:
			if at >= 0 && at < 256 {
				out.table[at] = letters(v)
			}
			at++
		}
	}
}

// standardUpper is the upper half of the encoding that fonts of Type 1 have where they say nothing (ISO 32000, annex D.2).
var standardUpper = map[int]name{
	161: "exclamdown", 162: "cent", 163: "sterling", 164: "fraction", 165: "yen", 166: "florin", 167: "section", 168: "currency", 169: "quotesingle", 170: "quotedblleft",
	171: "guillemotleft", 172: "guilsinglleft", 173: "guilsinglright", 174: "fi", 175: "fl", 177: "endash", 178: "dagger", 179: "daggerdbl", 180: "periodcentered", 182: "paragraph",
	183: "bullet", 184: "quotesinglbase", 185: "quotedblbase", 186: "quotedblright", 187: "guillemotright", 188: "ellipsis", 189: "perthousand", 191: "questiondown",
	193: "grave", 194: "acute", 195: "circumflex", 196: "tilde", 197: "macron", 198: "breve", 199: "dotaccent", 200: "dieresis", 202: "ring", 203: "cedilla", 205: "hungarumlaut",
	206: "ogonek", 207: "caron", 208: "emdash", 225: "AE", 227: "ordfeminine", 232: "Lslash", 233: "Oslash", 234: "OE", 235: "ordmasculine", 241: "ae", 245: "dotlessi",
	248: "lslash", 249: "oslash", 250: "oe", 251: "germandbls",
}

// standard gives widths to the fonts that every reader has: those of ASCII in Helvetica and Times, of their metric files.
func (f *font) standard() {
	table := helvetica
	switch lower := strings.ToLower(f.Name); {
	case strings.Contains(lower, "courier"):
		f.Mono, f.usual = true, .6
		return
	case strings.Contains(lower, "times"):
		table = times
	}
	f.first, f.usual = 32, .556
	for _, w := range table {
		f.widths = append(f.widths, float64(w)*.001)
	}
}

var (
	helvetica = []int{278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
		1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
		333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584}
	times = []int{250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444,
		921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500,
		333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541}
)

// next gives the code that b begins with and its length.
func (f *font) next(b []byte) (c, n int) {
	switch {
	case !f.wide:
		return int(b[0]), 1
	case f.codes != nil:
		return f.codes.next(b)
	case f.toText != nil && !f.utf16 && len(f.toText.spaces) > 0 && f.toText.spaces[0].size == 1:
		return f.toText.next(b)
	}
	n = min(2, len(b))
	return code(b[:n]), n
}

// text gives the letters of a code; false where the font does not say.
func (f *font) text(c int) (string, bool) {
	if f.toText != nil {
		if t, ok := f.toText.unicode(c); ok {
			return f.known(t)
		}
	}
	switch {
	case f.utf16:
		return f.known(string(rune(c)))
	case f.wide || c > 255:
		return "", false
	}
	return f.known(f.table[c])
}

// known tells letters from the private ones that fonts of symbols use, of which marks of lists alone are kept.
func (f *font) known(t string) (string, bool) {
	out, ok := t, t != ""
	for _, r := range t {
		switch {
		case r >= 0xf020 && r <= 0xf0ff:
			lower := strings.ToLower(f.Name)
			if strings.Contains(lower, "symbol") || strings.Contains(lower, "wing") || strings.Contains(lower, "ding") || r > 0xf07e {
				return "•", true
			}
			return string(r - 0xf000), true
		case r == 0 || r == unicode.ReplacementChar || unicode.Is(unicode.Co, r):
			return "", false
		}
	}
	return out, ok
}

// width gives the width of a code in em.
func (f *font) width(c int) float64 {
	if f.wide {
		if f.codes != nil {
			c = f.codes.cid(c)
		}
		if w, ok := f.cidW[c]; ok {
			return w
		}
		for _, r := range f.cidR {
			if c >= r.from && c <= r.to {
				return r.w
			}
		}
		return f.usual
	}
	if i := c - f.first; i >= 0 && i < len(f.widths) {
		return f.widths[i]
	}
	return f.usual
}
