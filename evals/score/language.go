package score

import (
	"regexp"
	"strings"
)

// The judge's own stop words: small words that the other language does not have. Names, quotes and code are cut out before they are counted.
var (
	english = set("the is are was were has have had it its of to and that this with because from by for not been will would which what who when there who they does did can cannot be on at an if then than before after still since its")
	porto   = set("o os um uma é são foi foram está estão esta este isso que não nao para por pelo pela com da dos das na nos nas ao à às de em e ou se ainda porque mais sem já quando ele ela seu sua depois antes desde há qual quem pode nenhum nenhuma foi ser")
	cutOut  = regexp.MustCompile("(?s)```.*?```|`[^`]*`|\"[^\"]*\"|“[^”]*”|«[^»]*»|https?://\\S+")
	letters = regexp.MustCompile(`[\p{L}]+`)
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// detect says in which language a text is written: en, pt, or nothing where it cannot be told.
func detect(text string) string {
	text = cutOut.ReplaceAllString(text, " ")
	var en, pt int
	for _, w := range letters.FindAllString(text, -1) {
		if w == strings.ToUpper(w) && len(w) > 1 {
			continue // a name or a status
		}
		w = strings.ToLower(w)
		if english[w] {
			en++
		}
		if porto[w] {
			pt++
		}
	}
	switch {
	case en > 2*pt:
		return "en"
	case pt > 2*en:
		return "pt"
	}
	return ""
}
