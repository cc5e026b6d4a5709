package report

import (
	"fmt"
	"strings"
	"unicode"
)

// shown makes text from outside safe to put before a person: what steers a terminal or hides text (control characters, direction marks, other
// invisible characters) is written out. Line feeds stay; see folded.
func shown(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteRune(r)
		case r == '\t':
			b.WriteString("    ")
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// folded is shown on one line.
func folded(s string) string { return strings.Join(strings.Fields(shown(s)), " ") }

// cut bounds a text by characters, and says by how many.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return fmt.Sprintf("%s … (%d more characters)", string(r[:most]), len(r)-most)
	}
	return s
}

// code is a Markdown code span: within it nothing is a link, a mention, a mark or HTML. Its fence is longer than any run of backticks in it.
func code(s string) string {
	s = folded(s)
	if s == "" {
		return ""
	}
	longest, run := 0, 0
	for _, r := range s {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		s = " " + s + " "
	}
	return fence + s + fence
}

// cell is code for a table, where a bar would end the cell even within a code span.
func cell(s string) string { return code(strings.ReplaceAll(s, "|", "¦")) }

// plain gives a name that needs no escape anywhere as it is, and no other.
func plain(s string) string {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
	}
	if len(s) > 40 || strings.ContainsFunc(s, odd) {
		return "(an odd name)"
	}
	return s
}
