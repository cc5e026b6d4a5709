package roster

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
)

// Places are what a prompt may hold in braces. Nothing else in braces is replaced, and an unknown {word} is an error of the file.
type Places struct {
	Agent    string   // {agent}: the agent's name
	Language string   // {language}: in which to answer, in English: "Brazilian Portuguese"
	Intent   string   // {intent}: how the question was read
	Target   string   // {target}: the name asked for, in quotes; or none
	Engine   string   // {engine}: the engine asked, in quotes; or none
	Tools    []string // {tools}: names of the tools at hand
	Words    int      // {words}: how many words to write at most
}

// placeNames are the places in the order in which errors list them.
var placeNames = []string{"agent", "engine", "intent", "language", "target", "tools", "words"}

// maxInserted bounds an inserted value, in characters.
const maxInserted = 200

// place finds what stands in braces like a place; doubled braces make it plain text.
var place = regexp.MustCompile(`\{\{[A-Za-z_]+\}\}|\{[ \t]*[A-Za-z_]+[ \t]*\}`)

// Template is a prompt with places. It is immutable.
type Template struct {
	text   []string // one more than places
	places []string
}

// parseTemplate reads a prompt. The error says what is wrong; line counts from 1 in the text given.
func parseTemplate(text string) (t *Template, line int, err error) {
	t = &Template{}
	at := 0
	var plain strings.Builder
	for _, m := range place.FindAllStringIndex(text, -1) {
		found := text[m[0]:m[1]]
		plain.WriteString(text[at:m[0]])
		at = m[1]
		if strings.HasPrefix(found, "{{") {
			plain.WriteString(found[1 : len(found)-1])
			continue
		}
		name := found[1 : len(found)-1]
		if !slices.Contains(placeNames, name) {
			hint := ""
			if near := toolkit.Nearest(name, placeNames); near != "" {
				hint = fmt.Sprintf(", perhaps {%s} is meant", near)
			}
			return nil, 1 + strings.Count(text[:m[0]], "\n"), fmt.Errorf("there is no place %s%s; the places are {%s}, and {{%s}} is plain text in braces",
				found, hint, strings.Join(placeNames, "}, {"), strings.TrimSpace(name))
		}
		t.text = append(t.text, plain.String())
		t.places = append(t.places, name)
		plain.Reset()
	}
	plain.WriteString(text[at:])
	t.text = append(t.text, plain.String())
	return t, 0, nil
}

// Render fills the places. A value stays on its line and within its quotes, whatever stands in it: line breaks, marks of fences, braces.
func (t *Template) Render(p Places) string {
	if t == nil {
		return ""
	}
	var b strings.Builder
	for i, text := range t.text {
		b.WriteString(text)
		if i < len(t.places) {
			b.WriteString(p.value(t.places[i]))
		}
	}
	return b.String()
}

func (p Places) value(name string) string {
	switch name {
	case "agent":
		return inserted(p.Agent)
	case "engine":
		return quoted(p.Engine)
	case "intent":
		return inserted(p.Intent)
	case "language":
		return inserted(p.Language)
	case "target":
		return quoted(p.Target)
	case "tools":
		names := make([]string, 0, len(p.Tools))
		for _, t := range p.Tools {
			names = append(names, inserted(t))
		}
		if len(names) == 0 {
			return "none"
		}
		return strings.Join(names, ", ")
	case "words":
		return strconv.Itoa(p.Words)
	}
	return ""
}

func quoted(s string) string {
	if s = inserted(s); s == "" {
		return "none"
	}
	return `"` + s + `"`
}

var harmless = strings.NewReplacer("<<<", "‹‹‹", ">>>", "›››", "`", "'", `"`, "'", "\\", "/", "{", "(", "}", ")")

// inserted makes one short line of a value: no marks of fences or code, no quotes to get out of, nothing invisible. A value that talks like an
// instruction is left out: the question itself says what was typed.
func inserted(s string) string {
	s = untrusted.Normalize(s)
	if untrusted.LooksLikeInstruction(s) {
		return "(left out: it reads like an instruction)"
	}
	if r := []rune(s); len(r) > maxInserted {
		s = string(r[:maxInserted]) + "…"
	}
	return harmless.Replace(s)
}
