package press

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sizes of a scanned page, as of an A5 print.
const (
	scanWidth = 72 // characters of a line
	scanLines = 46 // lines of a page between its running head and its number
)

// Scan makes a clean Markdown text look as it does when a printed manual went through a scanner and a converter: lines broken with hyphens,
// running heads and page numbers in the middle of sentences, headings that lost their level or their mark, tables fallen apart, fences gone,
// ligatures, a letter read wrong now and then. Identifiers keep their letters: a scan in which they do not is nobody's reference.
// The same text and running head give the same scan.
func Scan(text, head string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	s := &scanner{random: rand.New(rand.NewPCG(h.Sum64(), 7)), head: head, page: 1} //nolint:gosec // the same scan each time
	for _, b := range paragraphs(text) {
		s.block(b)
	}
	return strings.TrimRight(strings.Join(s.out, "\n"), "\n") + "\n"
}

type scanner struct {
	random *rand.Rand
	head   string
	part   string // the heading that stands above
	out    []string
	page   int
	lines  int // on this page
}

func (s *scanner) chance(percent int) bool { return s.random.IntN(100) < percent }

// block writes what stands between two blank lines, as the scanner's eye has it.
func (s *scanner) block(lines []string) {
	first := strings.TrimSpace(lines[0])
	switch {
	case strings.HasPrefix(first, "#"):
		s.heading(strings.TrimLeft(first, "# "), len(first)-len(strings.TrimLeft(first, "#")))
	case strings.HasPrefix(first, "|"):
		s.table(lines)
	case strings.HasPrefix(lines[0], "    "), strings.HasPrefix(first, "```"):
		for _, l := range lines {
			if !strings.HasPrefix(strings.TrimSpace(l), "```") {
				s.line(strings.TrimSpace(l))
			}
		}
		s.gap(100)
	default:
		s.prose(strings.Join(lines, " "))
		s.gap(85)
	}
}

// heading keeps its mark in a third of all cases, and then not always its level.
func (s *scanner) heading(title string, level int) {
	s.part = strings.Trim(title, "*`")
	s.gap(100)
	switch n := s.random.IntN(100); {
	case level == 1 || n < 35:
		s.line(strings.Repeat("#", min(level, 2)) + " " + title)
	case n < 65:
		s.line("**" + s.part + "**")
	case n < 80:
		s.line(strings.ToUpper(s.part))
	default:
		s.line("###### " + title)
	}
	s.gap(80)
}

// table loses its rule, or its bars, or breaks its cells over lines.
func (s *scanner) table(lines []string) {
	kind := s.random.IntN(3)
	for i, l := range lines {
		if i == 1 && strings.Trim(l, "|-: ") == "" {
			if kind == 0 {
				continue
			}
			s.line("|---|")
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(l), "|"), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		switch kind {
		case 0:
			s.prose(strings.Join(cells, "   "))
		case 1:
			s.line("| " + strings.Join(cells, " | "))
		default:
			for _, c := range cells {
				s.prose(c)
			}
			s.gap(50)
		}
	}
	s.gap(100)
}

// prose sets a paragraph in lines of its own, with hyphens where a word does not fit.
func (s *scanner) prose(text string) {
	text = strings.NewReplacer("`", "", "**", "", "*", "").Replace(text)
	line := ""
	for _, w := range strings.Fields(text) {
		w = s.misread(w)
		room := scanWidth - utf8.RuneCountInString(line) - 1
		switch {
		case line == "":
			line = w
		case utf8.RuneCountInString(w) <= room:
			line += " " + w
		default:
			if a, b, ok := hyphenate(w, room-1); ok && s.chance(70) {
				line, w = line+" "+a+"-", b
			}
			s.line(line)
			line = w
		}
	}
	s.line(line)
}

// hyphenate cuts a plain word so that its first part has at most room letters.
func hyphenate(w string, room int) (a, b string, ok bool) {
	letters := []rune(w)
	for _, r := range letters[:max(0, len(letters)-1)] {
		if !unicode.IsLower(r) {
			return "", "", false
		}
	}
	cut := min(room, len(letters)-3)
	if cut < 3 {
		return "", "", false
	}
	return string(letters[:cut]), string(letters[cut:]), true
}

// misread spoils a word of letters only: one in five that can takes a ligature, one in 150 a wrong letter.
func (s *scanner) misread(w string) string {
	for _, r := range w {
		if !unicode.IsLetter(r) && !strings.ContainsRune(".,;:", r) || unicode.IsUpper(r) {
			return w
		}
	}
	if s.chance(20) {
		w = strings.NewReplacer("fi", "\ufb01", "fl", "\ufb02").Replace(w)
	}
	if len(w) > 4 && s.random.IntN(150) == 0 {
		w = strings.NewReplacer("rn", "m", "cl", "d", "l", "1", "o", "0").Replace(w)
	}
	return w
}

// line adds one line, and the edges of a page where one is full.
func (s *scanner) line(text string) {
	s.out = append(s.out, text)
	if s.lines++; s.lines < scanLines {
		return
	}
	foot := fmt.Sprintf("%d   %s", s.page, s.head)
	if s.page%2 == 1 {
		foot = fmt.Sprintf("%s   %d", s.part, s.page)
	}
	s.out = append(s.out, "", foot, "", s.head, "")
	s.page++
	s.lines = 0
}

// gap leaves a blank line, if chance will have it.
func (s *scanner) gap(percent int) {
	if len(s.out) > 0 && s.out[len(s.out)-1] != "" && s.chance(percent) {
		s.out = append(s.out, "")
	}
}

// paragraphs cuts a text at its blank lines; list items count by themselves.
func paragraphs(text string) [][]string {
	var all [][]string
	var now []string
	end := func() {
		if len(now) > 0 {
			all = append(all, now)
			now = nil
		}
	}
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\r\n")
		t := strings.TrimSpace(l)
		if t == "" || strings.HasPrefix(t, "- ") || strings.HasPrefix(t, "#") {
			end()
		}
		if t == "" {
			continue
		}
		now = append(now, strings.TrimPrefix(l, "> "))
		if strings.HasPrefix(t, "#") {
			end()
		}
	}
	end()
	return all
}
