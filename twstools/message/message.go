// Package message explains what the scheduler says: message ids, return codes and status words, in English and Portuguese, told in
// words of our own.
//
// It is data and look-up: it reads no log, no engine and no network, and imports nothing of ours. An id it does not know
// is still told apart by its form (component and severity). Explanations are general; which cause holds in a case is for
// diagnosis to prove, so Kind is a hint and never evidence. All functions are safe for concurrent use; the
// data is parsed at the first call.
//
// Start at Lookup, or at Decode for a text that may hold any of them.
package message

import (
	"embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed messages.yaml families.yaml plugins.yaml returncodes.yaml statuses.yaml
var data embed.FS

// Severity is what the last letter of an id says.
type Severity string

// The severities.
const (
	Information Severity = "information"
	Warning     Severity = "warning"
	Error       Severity = "error"
)

// Text is an explanation in one language. Cause is empty where there is nothing usual.
type Text struct {
	Says  string `yaml:"says"`
	Cause string `yaml:"cause"`
	Do    string `yaml:"do"`
}

// Bilingual is an explanation in both languages.
type Bilingual struct {
	En Text `yaml:"en"`
	Pt Text `yaml:"pt"`
}

// In gives the text in a language; anything but "pt" is English.
func (b Bilingual) In(language string) Text {
	if strings.HasPrefix(strings.ToLower(language), "pt") {
		return b.Pt
	}
	return b.En
}

// Message is a message id, explained.
type Message struct {
	ID        string
	Component string
	Severity  Severity
	Kind      string // the cause kind it suggests; "" where none or several are usual
	Known     bool   // false: only the form was read
	Bilingual
}

// catalogue holds all explanations; it does not change once loaded.
type catalogue struct {
	messages map[string]Message
	families map[string]family // "AWSBHT", "AWKRCE"
	codes    map[int]Meaning
	signals  map[int]signal
	statuses map[string]StatusWord
}

type family struct {
	Family    string `yaml:"family"`
	Component string `yaml:"component"`
	En        string `yaml:"en"`
	Pt        string `yaml:"pt"`
}

type messageEntry struct {
	ID        string `yaml:"id"`
	Kind      string `yaml:"kind"`
	Bilingual `yaml:",inline"`
}

// idForm is an id in a text: AWS and two or three letters, or AWK and three for job plug-ins; digits; severity.
var idForm = regexp.MustCompile(`(?i)\bAW(?:S[A-Z]{2,3}|K[A-Z]{3})[0-9]{3,4}[IWE]\b`)

// loaded is the parsed catalogue. A test fails when the data cannot be read, so that no caller needs to ask.
var loaded = sync.OnceValue(func() *catalogue { //nolint:gochecknoglobals // a parsed literal table
	c, err := load()
	if err != nil {
		return &catalogue{}
	}
	return c
})

// load reads the embedded data. An error means that the program was built wrongly.
func load() (*catalogue, error) {
	c := &catalogue{
		messages: map[string]Message{}, families: map[string]family{}, codes: map[int]Meaning{},
		signals: map[int]signal{}, statuses: map[string]StatusWord{},
	}
	for prefix, name := range map[string]string{"AWS": "families.yaml", "AWK": "plugins.yaml"} {
		var list []family
		if err := read(name, &list); err != nil {
			return nil, err
		}
		for _, f := range list {
			c.families[prefix+f.Family] = f
		}
	}
	var list []messageEntry
	if err := read("messages.yaml", &list); err != nil {
		return nil, err
	}
	for _, e := range list {
		if _, twice := c.messages[e.ID]; twice {
			return nil, fmt.Errorf("read the message catalogue: %s is there twice", e.ID)
		}
		m, ok := c.form(e.ID)
		if !ok {
			return nil, fmt.Errorf("read the message catalogue: %q is no message id", e.ID)
		}
		m.Kind, m.Bilingual, m.Known = e.Kind, e.Bilingual, true
		c.messages[e.ID] = m
	}
	if err := c.loadCodes(); err != nil {
		return nil, err
	}
	return c, c.loadStatuses()
}

func read(name string, into any) error {
	raw, err := data.ReadFile(name)
	if err == nil {
		err = yaml.Unmarshal(raw, into)
	}
	if err != nil {
		return fmt.Errorf("read the message catalogue %s: %w", name, err)
	}
	return nil
}

// Lookup explains a message id, in any case. An id that is not in the catalogue but has the form of one is told by component and
// severity, with Known false; anything else is not found.
func Lookup(id string) (Message, bool) { return loaded().lookup(id) }

func (c *catalogue) lookup(id string) (Message, bool) {
	id = strings.ToUpper(strings.TrimSpace(id))
	if m, ok := c.messages[id]; ok {
		return m, true
	}
	return c.form(id)
}

// IDs gives the ids of the catalogue, in no order.
func IDs() []string {
	c := loaded()
	ids := make([]string, 0, len(c.messages))
	for id := range c.messages {
		ids = append(ids, id)
	}
	return ids
}

// form reads an id by its parts.
func (c *catalogue) form(id string) (Message, bool) {
	if idForm.FindString(id) != id || id == "" {
		return Message{}, false
	}
	m := Message{ID: id, Component: "unknown component", Severity: severityOf(id[len(id)-1])}
	f := c.families[strings.TrimRight(id[:len(id)-1], "0123456789")]
	if f.Component != "" {
		m.Component = f.Component
	}
	m.En = Text{
		Says: fmt.Sprintf("The catalogue does not know this number. By its form it is of severity %s and comes from %s.", m.Severity, orUnknown(f.En, "a part that the catalogue does not know")),
		Do:   "Read the text beside the id and the lines around it.",
	}
	m.Pt = Text{
		Says: fmt.Sprintf("O catálogo não conhece este número. Pela forma, é de severidade %s e vem de: %s.", portuguese(m.Severity), orUnknown(f.Pt, "uma parte que o catálogo não conhece")),
		Do:   "Leia o texto ao lado do código e as linhas em volta.",
	}
	return m, true
}

func orUnknown(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func severityOf(letter byte) Severity {
	switch letter {
	case 'I':
		return Information
	case 'W':
		return Warning
	default:
		return Error
	}
}

func portuguese(s Severity) string {
	switch s {
	case Information:
		return "informação"
	case Warning:
		return "aviso"
	default:
		return "erro"
	}
}

// FindIDs gives the message ids in a text, upper case, each once, in order of appearance.
func FindIDs(text string) []string {
	var ids []string
	seen := map[string]bool{}
	for _, id := range idForm.FindAllString(text, -1) {
		id = strings.ToUpper(id)
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}
