package verify

import (
	"regexp"
	"strings"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// described are the fields in which a person says what an object is for, or what it asks: by these it is told, and they order nothing.
var described = [...]string{"description", "text"}

// addDescribed keeps what is said of an object beside the names that stand for it.
func (c *corpus) addDescribed(object map[string]any) {
	for _, field := range described {
		text, _ := object[field].(string)
		if text = fold(text); text == "" {
			continue
		}
		for _, key := range [...]string{"entity", "name", "job"} {
			if name, _ := object[key].(string); name != "" {
				c.said[text] = append(c.said[text], name)
			}
		}
	}
}

// addAsked keeps what a prompt asks, where only its source tells it.
func (c *corpus) addAsked(s toolkit.Source) {
	name, ok := strings.CutPrefix(s.Source, "prompt:")
	for _, f := range s.Fields {
		if text := fold(f.Value); ok && f.Name == "text" && text != "" {
			c.said[text] = append(c.said[text], name)
		}
	}
}

// label is how the program's own prose introduces a description.
var label = regexp.MustCompile(`^\W*(?:Description|Descrição): *$`)

// ofObject reports whether a text is what an object's description or a prompt's question says, from its first word on, where a sentence names the object or
// calls it a description: "Delete old files" and "Start the day?" tell what something is.
func (c *corpus) ofObject(text, around string) bool {
	if text == "" {
		return false
	}
	for whole, names := range c.said {
		if !strings.HasPrefix(whole, text) || !boundary(whole, len(text), text[len(text)-1], 0) {
			continue
		}
		if label.MatchString(around) {
			return true
		}
		for _, name := range names {
			if strings.Contains(around, name) {
				return true
			}
		}
	}
	return false
}
