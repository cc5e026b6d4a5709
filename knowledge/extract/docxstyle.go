package extract

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// maxStyles bounds the styles of a document, and its lists.
const maxStyles = 20_000

// docxStyle is what a style of paragraphs says of those that have it.
type docxStyle struct {
	level int    // of a heading; 0: none
	list  string // numbering
	depth int    // of the list, -1 where it says none
	code  bool
	mono  bool
	drop  bool // an entry of a table of contents
	based string
}

var (
	headingName = regexp.MustCompile(`(?i)^(?:heading|t[íi]tulo|ttulo|titre|überschrift|encabezado)\s*([1-9])$`)
	titleName   = regexp.MustCompile(`(?i)^(?:title|t[íi]tulo|ttulo)$`)
	contentName = regexp.MustCompile(`(?i)^(?:toc|sum[áa]rio|contents)\s*[1-9]$`)
	codeName    = regexp.MustCompile(`(?i)code|source|listing|preformatted|c[óo]digo|console|verbatim|terminal`)
	monoName    = regexp.MustCompile(`(?i)courier|consolas|mono|menlo|lucida console|cascadia|fira code|inconsolata|fixed`)
)

// readStyles takes the styles of paragraphs and characters. Word writes the names of its own styles in English whatever it shows; others do not.
func (d *docx) readStyles(x *xml.Decoder) error {
	id, s := "", docxStyle{}
	name := func(n string) {
		if g := headingName.FindStringSubmatch(n); g != nil {
			s.level, _ = strconv.Atoi(g[1])
		} else if titleName.MatchString(n) {
			s.level = 1
		}
		s.drop = s.drop || contentName.MatchString(n)
		s.code = s.code || codeName.MatchString(n)
	}
	return d.each(x, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "style":
			id, s = value(e, "styleId"), docxStyle{depth: -1}
			name(id)
		case "name":
			name(value(e, "val"))
		case "basedOn":
			s.based = value(e, "val")
		case "outlineLvl":
			if n, err := strconv.Atoi(value(e, "val")); err == nil && n < 9 && s.level == 0 {
				s.level = n + 1
			}
		case "numId":
			s.list = value(e, "val")
		case "ilvl":
			s.depth, _ = strconv.Atoi(value(e, "val"))
		case "rFonts":
			s.mono = monoName.MatchString(value(e, "ascii"))
		case "pPrChange", "rPrChange":
			return d.skip(x)
		}
		return nil
	}, func(e xml.EndElement) {
		if e.Name.Local == "style" && id != "" && len(d.styles) < maxStyles {
			d.styles[id] = s
		}
	}, func([]byte) {})
}

// style gives a style with what it takes from those it is based on.
func (d *docx) style(id string) docxStyle {
	out, known := d.styles[id]
	if !known {
		if g := headingName.FindStringSubmatch(id); g != nil {
			out.level, _ = strconv.Atoi(g[1])
		}
		out.depth = -1
		return out
	}
	for next, n := out.based, 0; next != "" && n < 16; n++ {
		b := d.styles[next]
		if out.level == 0 && out.list == "" {
			out.level = b.level
		}
		if out.list == "" {
			out.list = b.list
		}
		if out.depth < 0 {
			out.depth = b.depth
		}
		out.code, out.mono, out.drop, next = out.code || b.code, out.mono || b.mono, out.drop || b.drop, b.based
	}
	return out
}

// docxLists are the numberings: each num names an abstract one and may start its levels anew.
type docxLists struct {
	abstract map[string]*[9]docxLevel
	nums     map[string]docxNum
}

type docxLevel struct {
	format string // bullet, none, decimal, lowerLetter …
	text   string // "%1.%2."
	start  int
}

type docxNum struct {
	abstract string
	start    map[int]int
}

func (d *docx) readNumbering(x *xml.Decoder) error {
	d.lists = docxLists{abstract: map[string]*[9]docxLevel{}, nums: map[string]docxNum{}}
	var levels *[9]docxLevel
	num, at := "", 0
	return d.each(x, func(e xml.StartElement) error {
		v := value(e, "val")
		switch e.Name.Local {
		case "abstractNum":
			levels, num = &[9]docxLevel{}, ""
			for i := range levels {
				levels[i] = docxLevel{format: "decimal", start: 1}
			}
			if len(d.lists.abstract) < maxStyles {
				d.lists.abstract[value(e, "abstractNumId")] = levels
			}
		case "num":
			num, levels = value(e, "numId"), nil
			if len(d.lists.nums) < maxStyles {
				d.lists.nums[num] = docxNum{start: map[int]int{}}
			}
		case "lvl", "lvlOverride":
			at, _ = strconv.Atoi(value(e, "ilvl"))
			at = min(max(at, 0), 8)
		case "abstractNumId":
			if n, ok := d.lists.nums[num]; ok {
				n.abstract = v
				d.lists.nums[num] = n
			}
		case "startOverride":
			if n, ok := d.lists.nums[num]; ok {
				n.start[at], _ = strconv.Atoi(v)
			}
		case "numFmt", "lvlText", "start":
			if levels == nil {
				return nil
			}
			switch l := &levels[at]; e.Name.Local {
			case "numFmt":
				l.format = v
			case "lvlText":
				l.text = v[:min(len(v), 64)]
			case "start":
				l.start, _ = strconv.Atoi(v)
			}
		}
		return nil
	}, func(xml.EndElement) {}, func([]byte) {})
}

// number counts an item: its marker in a list ("-" or "3."), and the whole label for a heading ("2.3"). Both are empty where the level has none.
func (d *docx) number(list string, depth int) (marker, label string) {
	n, ok := d.lists.nums[list]
	levels := d.lists.abstract[n.abstract]
	if !ok || levels == nil {
		return "-", ""
	}
	depth = min(max(depth, 0), 8)
	c := d.counted[n.abstract]
	if c == nil {
		c = &[9]int{}
		for i := range c {
			c[i] = levels[i].start - 1
		}
		d.counted[n.abstract] = c
	}
	if !d.began[list] {
		d.began[list] = true
		for i, start := range n.start {
			c[i] = start - 1
		}
	}
	c[depth]++
	for i := depth + 1; i < 9; i++ {
		c[i] = levels[i].start - 1
	}
	switch l := levels[depth]; l.format {
	case "bullet":
		return "-", ""
	case "none":
		return "", ""
	default:
		label = l.text
		for i := range depth + 1 {
			label = strings.ReplaceAll(label, fmt.Sprintf("%%%d", i+1), written(levels[i].format, max(c[i], levels[i].start)))
		}
		return fmt.Sprintf("%d.", max(c[depth], 0)), strings.TrimRight(label, ".) ")
	}
}

// written gives a number as a level writes it.
func written(format string, n int) string {
	switch {
	case (format == "lowerLetter" || format == "upperLetter") && n >= 1 && n <= 26:
		if format == "lowerLetter" {
			return string(rune('a' + n - 1))
		}
		return string(rune('A' + n - 1))
	case (format == "lowerRoman" || format == "upperRoman") && n >= 1 && n < 4000:
		s := ""
		for _, r := range []struct {
			n int
			s string
		}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
			for ; n >= r.n; n -= r.n {
				s += r.s
			}
		}
		if format == "lowerRoman" {
			return strings.ToLower(s)
		}
		return s
	}
	return strconv.Itoa(n)
}
