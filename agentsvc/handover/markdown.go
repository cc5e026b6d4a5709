package handover

import (
	"regexp"
	"strings"
	"unicode"
)

// Markdown writes the page as CommonMark. What came from the plant is escaped: no name and no text of it makes a heading, a link, an image or HTML.
func (p Page) Markdown() string {
	var b strings.Builder
	b.WriteString("# " + escape(p.Title) + "\n")
	for _, s := range p.Sections {
		if s.Head != "" {
			b.WriteString("\n## " + escape(s.Head) + "\n")
		}
		b.WriteString("\n")
		for _, l := range s.Lines {
			b.WriteString(l.markdown() + "\n")
		}
	}
	return b.String()
}

// markdown writes one line as an item of a list as deep as its level. A number or a dash at its beginning is our own and becomes the list's.
func (l Line) markdown() string {
	var b strings.Builder
	for i, s := range l.Spans {
		text := s.Text
		if i == 0 && s.Kind == Words {
			text = strings.TrimPrefix(text, "- ")
		}
		switch s.Kind {
		case Name, Code:
			b.WriteString(inCode(text))
		case Strong:
			b.WriteString("**" + escape(text) + "**")
		default:
			b.WriteString(escape(text))
		}
	}
	text := begun(b.String())
	text = strings.Repeat("  ", l.Level) + "- " + text
	if l.Source != "" {
		text += " — " + inCode(l.Source)
	}
	return text
}

// escape makes text that shows as it is, whatever it is written in: CommonMark, its common extensions, or HTML.
func escape(text string) string {
	text = folded(text)
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '<':
			b.WriteString("&lt;")
			continue
		case r == '>':
			b.WriteString("&gt;")
			continue
		case r == '&':
			b.WriteString("&amp;")
			continue
		case strings.ContainsRune("\\`*[]~$", r), (r == '_' || r == '#') && !inWord(text, i), strings.ContainsRune(":.@", r) && address(text, i):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// inWord reports whether a mark stands inside a word, where it means nothing: names keep their look.
func inWord(text string, i int) bool {
	return i > 0 && i+1 < len(text) && wordByte(text[i-1]) && wordByte(text[i+1])
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// address reports whether readers would make a link of the text around a mark where nobody wrote one: scheme://, www. and an address of mail.
func address(text string, i int) bool {
	before := strings.ToLower(text[:i])
	switch text[i] {
	case ':':
		return strings.HasPrefix(text[i:], "://") || strings.HasSuffix(before, "mailto") || strings.HasSuffix(before, "xmpp") || strings.HasSuffix(before, "javascript")
	case '.':
		return strings.HasSuffix(before, "www")
	}
	return true // an @ may call people, too
}

// beginning is what would make a list or a rule of the beginning of an item.
var beginning = regexp.MustCompile(`^(?:([-+=#|!])|(\d{1,9})([.)]))`)

// begun is what stands behind the mark of a list, or at the beginning of a line: it begins nothing itself.
func begun(text string) string {
	return beginning.ReplaceAllString(strings.TrimSpace(text), `$2\$1$3`)
}

// inCode makes a code span, which nothing in the text can end.
func inCode(text string) string {
	text = oneLine(text)
	run, longest := 0, 0
	for _, r := range text {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		return fence + " " + text + " " + fence
	}
	if text == "" {
		return ""
	}
	return fence + text + fence
}

// oneLine folds white space and drops what cannot be seen: a line of the plant cannot begin one of the report.
func oneLine(text string) string { return strings.TrimSpace(folded(text)) }

// folded is oneLine that keeps a space at either end.
func folded(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	for strings.Contains(text, "  ") {
		text = strings.ReplaceAll(text, "  ", " ")
	}
	return text
}
