package compose

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

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

// when writes an RFC 3339 instant as people read it, to the minute and with its zone; other text stays as it is.
func when(stamp string) string {
	t, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return line(stamp)
	}
	if _, off := t.Zone(); off == 0 {
		return t.Format("2006-01-02 15:04 UTC")
	}
	return t.Format("2006-01-02 15:04 -07:00")
}

// until gives the span between two instants in words, and whether the second lies in the past; empty when one is not known or they are
// more than two days apart.
func until(now, then string) (span string, past bool) {
	a, errA := time.Parse(time.RFC3339, now)
	b, errB := time.Parse(time.RFC3339, then)
	if errA != nil || errB != nil {
		return "", false
	}
	d := b.Sub(a)
	past = d < 0
	if d.Abs() > 48*time.Hour || d.Abs() < time.Minute {
		return "", past
	}
	return duration(d.Abs()), past
}

// duration writes 45 s, 12 min, 2 h or 2 h 15 min: the same in both languages.
func duration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d%time.Hour < time.Minute:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

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
		return "`` " + strings.ReplaceAll(s, "``", "` `") + " ``" + cut
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

var stamp = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})`)

// readable writes the instants of a text as people read them, except in code, which is quoted as it is.
func readable(s string) string {
	parts := strings.Split(s, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = stamp.ReplaceAllStringFunc(parts[i], when)
	}
	return strings.Join(parts, "`")
}

// line makes a text one line.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// sentence gives a text its full stop and the blank after it.
func sentence(s string) string {
	s = line(s)
	if s == "" {
		return ""
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?:") && !strings.HasSuffix(s, "…") && !strings.HasSuffix(s, ".`") {
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
