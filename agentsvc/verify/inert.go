package verify

import (
	"regexp"
	"strings"
)

var (
	image    = regexp.MustCompile(`!\[[^\]\n]*\]\([^)\n]*\)`)
	link     = regexp.MustCompile(`\[([^\]\n]*)\]\((?:[^)\n]*)\)`)
	autolink = regexp.MustCompile(`<?\b[a-zA-Z][a-zA-Z0-9+.-]{1,10}://[^\s>)]+>?`)
	htmlTag  = regexp.MustCompile(`<(/?[a-zA-Z!?])`)
	// What is left of links whose text has brackets or goes over lines, links by reference, and the definitions of references.
	linkEnd    = regexp.MustCompile(`\]\s?([(\[])`)
	labelEnd   = regexp.MustCompile(`^([^\[\n]*\]):`) // of a definition that began in the line before
	imageBegin = regexp.MustCompile(`!\[`)
	definition = regexp.MustCompile(`^(\s*(?:[-*+>]\s*)*)\[([^\n]*?)\]:`)
	ticks      = regexp.MustCompile("\\\\*`+")
)

// Inert makes links, images and tags harmless: an image goes, a link leaves its text, a bare address becomes code, a tag is no tag. It takes one sentence, and
// what it gives is so beside any other: what a sentence leaves open, such as a link's text or code, the next one cannot end.
func Inert(s string) string {
	if !strings.ContainsAny(s, "<:[]!`") {
		return s
	}
	s = closed(s)
	var b strings.Builder
	at := 0
	for _, span := range codeSpan.FindAllStringIndex(s, -1) {
		b.WriteString(inertText(s[at:span[0]]))
		b.WriteString(s[span[0]:span[1]])
		at = span[1]
	}
	b.WriteString(inertText(s[at:]))
	return b.String()
}

// closed drops the backticks that open or close no code, as Markdown counts them: a run ends at the next run of the same length, and one behind a backslash is
// a sign like others. What is left is code for whoever reads it.
func closed(s string) string {
	runs := ticks.FindAllStringIndex(s, -1)
	if runs == nil {
		return s
	}
	var b strings.Builder
	at := 0
	for i := 0; i < len(runs); i++ {
		begin, end := runs[i][0], runs[i][1]
		slashes := strings.Count(s[begin:end], `\`)
		n := end - begin - slashes
		b.WriteString(s[at:begin])
		at = end
		if slashes > 0 || n > 2 {
			continue
		}
		for j := i + 1; j < len(runs); j++ {
			// Within code a backslash is no more than itself, and what opens no code could be taken for it.
			if strings.Count(s[runs[j][0]:runs[j][1]], "`") != n {
				continue
			}
			code := strings.TrimSpace(strings.ReplaceAll(s[end:runs[j][1]-n], "`", ""))
			if code != "" {
				mark := "`"
				b.WriteString(mark + code + mark)
			}
			at, i = runs[j][1], j
			break
		}
	}
	b.WriteString(s[at:])
	return b.String()
}

func inertText(s string) string {
	s = image.ReplaceAllString(s, "")
	s = link.ReplaceAllString(s, "$1")
	s = autolink.ReplaceAllStringFunc(s, func(u string) string { return "`" + strings.Trim(u, "<>") + "`" })
	s = definition.ReplaceAllString(s, "$1$2:")
	s = labelEnd.ReplaceAllString(s, "$1 :")
	s = imageBegin.ReplaceAllString(s, "[")
	s = linkEnd.ReplaceAllString(s, "] $1")
	return htmlTag.ReplaceAllString(s, "‹$1")
}
