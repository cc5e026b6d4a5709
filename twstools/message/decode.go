package message

import (
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// Decoded is anything found in a text, explained in one language.
type Decoded struct {
	ID        string // the message id, "rc 137", or the status word
	Component string
	Severity  Severity // empty for codes and statuses
	Kind      string
	Meaning   string
	Action    string
	Known     bool // false where only the form of an id was read
}

// maxDecoded bounds what one text gives: people paste whole logs.
const maxDecoded = 10

var (
	// codeForm is a return code that the text calls one, in English or Portuguese.
	codeForm = regexp.MustCompile(`(?i)\b(?:rc|retcod|return[ _-]?code|exit[ _-]?(?:code|status)|c[oó]digo(?:\s+de)?(?:\s+(?:retorno|sa[ií]da))?|retorno)\s*(?:is|of|was|[eé]|foi|[:=#])?\s*(-?[0-9]{1,3})\b`)
	// wordForm is a status word as the scheduler writes it; in lower case these are everyday words.
	wordForm = regexp.MustCompile(`\b[A-Z]{3,10}\b`)
)

// Decode finds message ids, return codes and status words in a text and explains them, in order of appearance, each once.
func Decode(text, language string) []Decoded { return loaded().decode(text, language) }

func (c *catalogue) decode(text, language string) []Decoded {
	type found struct {
		at int
		d  Decoded
	}
	var all []found
	for _, m := range idForm.FindAllStringIndex(text, -1) {
		if msg, ok := c.lookup(text[m[0]:m[1]]); ok {
			all = append(all, found{m[0], msg.decoded(language)})
		}
	}
	for _, m := range codeForm.FindAllStringSubmatchIndex(text, -1) {
		rc, err := strconv.Atoi(text[m[2]:m[3]])
		if err != nil {
			continue
		}
		if meaning, ok := c.returnCode(rc); ok {
			all = append(all, found{m[0], meaning.decoded(language)})
		}
	}
	for _, m := range wordForm.FindAllStringIndex(text, -1) {
		if s, ok := c.statuses[text[m[0]:m[1]]]; ok && aloneIn(text, m[0], m[1]) {
			all = append(all, found{m[0], s.decoded(language)})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at < all[j].at })
	var out []Decoded
	seen := map[string]bool{}
	for _, f := range all {
		if !seen[f.d.ID] && len(out) < maxDecoded {
			seen[f.d.ID] = true
			out = append(out, f.d)
		}
	}
	return out
}

// aloneIn tells a word from a piece of a name: HOLD in "WS#HOLD_A.READY" is no status.
func aloneIn(text string, from, to int) bool {
	const joins = "_#.@$/-"
	return (from == 0 || !strings.ContainsRune(joins, rune(text[from-1]))) &&
		(to == len(text) || !strings.ContainsRune("_#@$/", rune(text[to]))) &&
		(to+1 >= len(text) || text[to] != '.' && text[to] != '-' || !isWord(text[to+1]))
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func (m Message) decoded(language string) Decoded {
	t := m.In(language)
	meaning := t.Says
	if t.Cause != "" {
		word := "Usual cause: "
		if strings.HasPrefix(language, "pt") {
			word = "Causa usual: "
		}
		meaning += " " + word + t.Cause
	}
	return Decoded{ID: m.ID, Component: m.Component, Severity: m.Severity, Kind: m.Kind, Meaning: meaning, Action: t.Do, Known: m.Known}
}

func (m Meaning) decoded(language string) Decoded {
	t := m.In(language)
	return Decoded{ID: "rc " + strconv.Itoa(m.Code), Component: "return code", Kind: m.Kind, Meaning: t.Says, Action: t.Do, Known: true}
}

func (s StatusWord) decoded(language string) Decoded {
	t := s.In(language)
	component := map[string]string{"job": "job status", "stream": "job stream status"}[s.About]
	if component == "" {
		component = "status"
	}
	return Decoded{ID: s.Word, Component: component, Meaning: t.Says, Action: t.Do, Known: true}
}
