package compose

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed prose.yaml
var proseYAML []byte

// speech is the sentences of one language.
type speech map[string]string

// loaded is the parsed literal table of prose.yaml.
var loaded = sync.OnceValue(func() map[string]speech { //nolint:gochecknoglobals // a parsed literal table
	m := map[string]speech{}
	if yaml.Unmarshal(proseYAML, &m) != nil {
		return map[string]speech{}
	}
	return m
})

func phrases(lang string) speech { return loaded()[lang] }

// say fills a phrase: pairs are name, value.
func (s speech) say(key string, pairs ...string) string {
	text := s[key]
	if len(pairs) == 0 {
		return text
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		pairs[i] = "{" + pairs[i] + "}"
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// opt fills a phrase only when its first value is there.
func (s speech) opt(key string, pairs ...string) string {
	if len(pairs) < 2 || pairs[1] == "" {
		return ""
	}
	return s.say(key, pairs...)
}

// runs are backticks that would end the code around them.
var runs = regexp.MustCompile("``+")

// code quotes text verbatim, cut at a length; what is cut off is not claimed.
func code(s string) string {
	const most = 180
	s = line(s)
	cut := ""
	if r := []rune(s); len(r) > most {
		s, cut = strings.TrimSpace(wordCut(string(r[:most]))), " …"
	}
	if s == "" {
		return ""
	}
	if strings.Contains(s, "`") {
		return "`` " + runs.ReplaceAllString(s, "`") + " ``" + cut
	}
	return "`" + s + "`" + cut
}

// wordCut drops the last, perhaps broken, word.
func wordCut(s string) string {
	if i := strings.LastIndexByte(s, ' '); i > len(s)/2 {
		return s[:i]
	}
	return s
}

// line makes a text one line.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// sentence gives a text its full stop and the blank after it.
func sentence(s string) string {
	s = line(s)
	if s == "" {
		return ""
	}
	if end := strings.TrimRight(s, "*`)”"); end == "" || !strings.ContainsAny(end[len(end)-1:], ".!?:") && !strings.HasSuffix(end, "…") {
		s += "."
	}
	return s + " "
}

// bare is a text without its final full stop, to stand inside a sentence.
func bare(s string) string { return strings.TrimRight(line(s), ". ") }

// failed tells an error in the answer's language: the tool's own words in English, the code's meaning in Portuguese.
func (s speech) failed(code, message string) string {
	if own := s["err_"+code]; own != "" {
		return own
	}
	return line(message)
}
