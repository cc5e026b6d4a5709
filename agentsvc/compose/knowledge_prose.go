package compose

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// stepMark is the number or bullet at the beginning of a step, as quotes carry them within one line.
var stepMark = regexp.MustCompile(`(?:^|\s)(?:\d{1,2}[.)]|[-*•])\s+`)

// passages cuts a quote into its whole steps or sentences. What is cut off at the end of the quote is left out.
func passages(quote string) []string {
	var out []string
	for _, step := range stepMark.Split(line(quote), -1) {
		out = append(out, wholeSentences(step)...)
	}
	return out
}

// wholeSentences gives the sentences of a text that end in it. A short one that leads to the next stays with it.
func wholeSentences(text string) []string {
	var out []string
	from := 0
	for i := 0; i < len(text); i++ {
		if !strings.ContainsRune(".!?", rune(text[i])) || i+1 < len(text) && text[i+1] != ' ' || text[i] == '.' && abbreviated(text[from:i]) {
			continue
		}
		if s := strings.TrimSpace(text[from : i+1]); utf8.RuneCountInString(s) > 3 {
			out = append(out, s)
		}
		from = i + 1
	}
	return out
}

func abbreviated(s string) bool {
	word := s[strings.LastIndexAny(s, " (")+1:]
	switch strings.ToLower(word) {
	case "e.g", "i.e", "etc", "ex", "p.ex", "vs", "nº", "dr", "sr", "sra", "approx", "aprox":
		return true
	}
	return false
}

// verbatim quotes a sentence: in quotation marks where it is prose, as code where marks or commands stand in it.
func verbatim(s string) string {
	if strings.ContainsAny(s, "`\"“”<>[]*_") || len(s) > 280 {
		return code(s)
	}
	return "“" + s + "”"
}
