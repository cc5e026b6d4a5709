package extract

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// paper takes blocks and writes them as Markdown. The first error (a limit) sticks; what comes after it is dropped.
type paper struct {
	m      *meter
	limits *Limits
	lines  []string
	bytes  int64
	err    error
}

func newPaper(m *meter, limits *Limits) *paper { return &paper{m: m, limits: limits} }

// line adds one line. An empty one at the beginning or after another is not written.
func (p *paper) line(s string) {
	if p.err != nil {
		return
	}
	if s == "" && (len(p.lines) == 0 || p.lines[len(p.lines)-1] == "") {
		return
	}
	p.bytes += int64(len(s)) + 1
	switch {
	case len(s) > p.limits.LineBytes:
		p.err = refuse("a line of its text has more than the %s allowed", size(int64(p.limits.LineBytes)))
	case p.bytes > p.limits.FileBytes:
		p.err = refuse("its text has more than the %s allowed", size(p.limits.FileBytes))
	case len(p.lines) >= p.limits.Lines:
		p.err = refuse("its text has more than the %d lines allowed", p.limits.Lines)
	default:
		p.lines = append(p.lines, s)
		if err := p.m.step(); err != nil {
			p.err = err
		}
	}
}

func (p *paper) blank() { p.line("") }

// heading writes a heading of level 1 to 6.
func (p *paper) heading(level int, text string) {
	if text = fold(text); text == "" {
		return
	}
	p.blank()
	p.line(strings.Repeat("#", min(max(level, 1), 6)) + " " + text)
	p.blank()
}

// paragraph writes text whose line breaks are kept, one sentence a line, so that a citation can name the sentence. The first line begins with
// first, the others with rest.
func (p *paper) paragraph(first, rest, text string) {
	prefix := first
	for l := range strings.SplitSeq(text, "\n") {
		if l = fold(l); l == "" {
			continue
		}
		for _, s := range sentences(l) {
			p.line(prefix + escape(s))
			prefix = rest
		}
	}
}

// fence writes lines as they are, as code.
func (p *paper) fence(indent string, lines []string) {
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return
	}
	mark := "```"
	for _, l := range lines {
		for strings.HasPrefix(strings.TrimSpace(l), mark) {
			mark += "`"
		}
	}
	p.line(indent + mark)
	for _, l := range lines {
		if l = strings.TrimRightFunc(strings.Map(visible, l), unicode.IsSpace); l == "" {
			l = " " // so that blank lines of code stay
		}
		p.line(strings.TrimRight(indent+l, "\n"))
	}
	p.line(indent + mark)
}

// table writes rows as a pipe table whose head is the first row. Columns that are empty throughout go; one column alone becomes paragraphs.
func (p *paper) table(indent string, rows [][]string) {
	width := 0
	for _, r := range rows {
		width = max(width, len(r))
	}
	used := make([]bool, width)
	columns := 0
	kept := rows[:0:0]
	for _, r := range rows {
		empty := true
		for i, c := range r {
			if c != "" {
				empty = false
				if !used[i] {
					used[i] = true
					columns++
				}
			}
		}
		if !empty {
			kept = append(kept, r)
		}
	}
	for n, r := range kept {
		var b strings.Builder
		b.WriteString(indent)
		for i := range width {
			if !used[i] {
				continue
			}
			cell := ""
			if i < len(r) {
				cell = r[i]
			}
			if columns == 1 {
				p.paragraph(indent, indent, cell)
				p.blank()
				continue
			}
			b.WriteString("| " + strings.ReplaceAll(fold(cell), "|", `\|`) + " ")
		}
		if columns == 1 || p.err != nil {
			continue
		}
		p.line(b.String() + "|")
		if n == 0 {
			p.line(indent + strings.Repeat("| --- ", columns) + "|")
		}
	}
}

// fold makes one line of text: white space to single blanks, what cannot be seen away, ligatures spelled out.
func fold(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f || c == ' ' && (i == 0 || i+1 == len(s) || s[i+1] == ' ') {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	s = strings.Map(visible, s)
	if strings.ContainsAny(s, "ﬀﬁﬂﬃﬄﬅﬆ") {
		s = ligatures.Replace(s)
	}
	return strings.Join(strings.Fields(s), " ")
}

// ligatures are spelled out one by one. Folding all that NFKC folds would change what a manual means by ² or ½.
var ligatures = strings.NewReplacer("ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl", "ﬅ", "st", "ﬆ", "st")

// visible drops what has no shape: soft hyphens, zero-width characters, byte order marks, control characters but white space.
func visible(r rune) rune {
	switch {
	case r == '\u00ad', r >= '\u200b' && r <= '\u200f', r == '\u2060', r == '\ufeff', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return -1
	case r == '\n' || r == '\t':
		return r
	case unicode.Is(unicode.Zs, r), r == '\r', r == '\f', r == '\v', r == '\u2028', r == '\u2029':
		return ' '
	case unicode.IsControl(r):
		return -1
	}
	return r
}

// marks is what would be read as Markdown at a line's begin although it is text: headings, fences, underlines of headings, raw HTML that runs on
// over blank lines, definitions of links.
var marks = regexp.MustCompile("^(?:#{1,6}(?:\\s|$)|```|~~~|(?:-{2,}|=+)\\s*$|<(?:!|\\?|/?(?i:script|pre|style|textarea)\\b)|\\[[^\\]]{1,200}\\]:)")

func escape(l string) string {
	if l == "" || !strings.ContainsRune("#`~-=<[", rune(l[0])) || !marks.MatchString(l) {
		return l
	}
	return `\` + l
}

// Lengths at which a line may and must be broken, in bytes.
const (
	sentenceFrom = 40
	lineTo       = 500
)

// sentences cuts text at the ends of sentences where the next begins with a capital letter, so that no line begins with what could be markup.
// What has no end for long is broken before a word.
func sentences(text string) []string {
	var out []string
	start := 0
	for i := 0; i < len(text); i++ {
		if text[i] != ' ' || i-start < sentenceFrom {
			continue
		}
		next, _ := utf8.DecodeRuneInString(strings.TrimLeft(text[i+1:min(len(text), i+8)], `"'(“«`))
		if i-start > lineTo && unicode.IsLetter(next) || unicode.IsUpper(next) && ends(text[start:i]) {
			out = append(out, text[start:i])
			start = i + 1
		}
	}
	return append(out, text[start:])
}

// short are words that end with a full stop within a sentence, in English and Portuguese.
var short = map[string]bool{"etc": true, "cf": true, "vs": true, "fig": true, "no": true, "nos": true, "sec": true, "chap": true, "vol": true, "eq": true,
	"mr": true, "mrs": true, "dr": true, "dra": true, "sr": true, "sra": true, "ex": true, "pág": true, "núm": true, "cap": true, "inc": true, "ltd": true, "corp": true, "jr": true, "approx": true, "incl": true}

// ends reports whether text ends a sentence.
func ends(text string) bool {
	text = strings.TrimRight(text, `"')]”»`)
	if text == "" || !strings.ContainsRune(".!?", rune(text[len(text)-1])) {
		return false
	}
	if text[len(text)-1] != '.' {
		return true
	}
	word := strings.TrimLeft(text[strings.LastIndexByte(text, ' ')+1:len(text)-1], `"'([“«`)
	return utf8.RuneCountInString(word) > 1 && !strings.Contains(word, ".") && !short[strings.ToLower(word)] || strings.HasPrefix(word, "AWS")
}
