package cut

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/knowledge/words"
)

// maxFrontMatter bounds the YAML head of a document, in bytes.
const maxFrontMatter = 64 << 10

// FrontMatter is what the head of a document may say about it. Unknown keys are the author's own business.
type FrontMatter struct {
	Title      string     `yaml:"title"`
	Language   string     `yaml:"language"`
	Type       string     `yaml:"type"`        // runbook or manual; "" lets the bindings tell
	Product    string     `yaml:"product"`     // that it speaks of
	Version    string     `yaml:"version"`     // of that product
	Access     string     `yaml:"access"`      // label of who may see it
	Kinds      StringList `yaml:"kinds"`       // kinds of cause, as in the answer's closed list; a prefix binds all below it
	MessageIDs StringList `yaml:"message_ids"` // AWS… ids, or those of other programs
	Jobs       StringList `yaml:"jobs"`        // names or patterns with @ and ?
	Streams    StringList `yaml:"streams"`
}

// StringList accepts one string as well as a list of them: people write both.
type StringList []string

// UnmarshalYAML implements yaml.Unmarshaler.
func (l *StringList) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		if s := strings.TrimSpace(node.Value); s != "" && node.Tag != "!!null" {
			*l = StringList{s}
		}
		return nil
	}
	var many []string
	if err := node.Decode(&many); err != nil {
		return err
	}
	for _, s := range many {
		if s = strings.TrimSpace(s); s != "" {
			*l = append(*l, s)
		}
	}
	return nil
}

// splitFrontMatter separates the YAML head from the body. bodyLine is the 1-based line on which the body starts.
// A head that is no YAML is reported and left out; the body is still good.
func splitFrontMatter(src []byte) (fm FrontMatter, bodyLine int, err error) {
	first, rest, found := bytes.Cut(src, []byte("\n"))
	if !found || string(bytes.TrimRight(first, " \t\r")) != "---" {
		return fm, 1, nil
	}
	head, line := []byte(nil), 1
	for len(rest) > 0 {
		var l []byte
		l, rest, _ = bytes.Cut(rest, []byte("\n"))
		line++
		if t := string(bytes.TrimRight(l, " \t\r")); t == "---" || t == "..." {
			return parseHead(head, line+1)
		}
		if len(head)+len(l) > maxFrontMatter {
			break
		}
		head = append(append(head, l...), '\n')
	}
	// No closing rule: the first line was a thematic break, not a head.
	return fm, 1, nil
}

func parseHead(head []byte, bodyLine int) (fm FrontMatter, line int, err error) {
	defer func() {
		// yaml.v3 has panicked on hostile input before; a document must not take the process with it.
		if recover() != nil {
			fm, line, err = FrontMatter{}, bodyLine, errors.New("its front matter cannot be read as YAML")
		}
	}()
	if err := yaml.Unmarshal(head, &fm); err != nil {
		return FrontMatter{}, bodyLine, fmt.Errorf("its front matter cannot be read as YAML: %w", err)
	}
	fm.Title, fm.Product, fm.Version = words.Squeeze(fm.Title), words.Squeeze(fm.Product), words.Squeeze(fm.Version)
	fm.Type, fm.Access = strings.ToLower(strings.TrimSpace(fm.Type)), strings.TrimSpace(fm.Access)
	fm.Language = words.LanguageCode(fm.Language)
	for i, id := range fm.MessageIDs {
		fm.MessageIDs[i] = strings.ToUpper(id)
	}
	for i, k := range fm.Kinds {
		fm.Kinds[i] = strings.ToLower(k)
	}
	return fm, bodyLine, nil
}
