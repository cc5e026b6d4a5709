package roster

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/untrusted"
)

// The bounds of one file.
const (
	maxFile   = 64 << 10 // bytes
	maxPrompt = 24 << 10 // bytes
	maxLine   = 4000     // characters
)

// Problem is one thing that is wrong with an agent's file.
type Problem struct {
	File string
	Line int    // from 1; 0: the file as a whole
	Text string // what is wrong and what would be right, without a full stop
}

func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s.", p.File, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s.", p.File, p.Line, p.Text)
}

// file is what one file says: only what stands in it is set.
type file struct {
	name     string // for problems
	fields   map[string]*yaml.Node
	order    []string
	prompt   string // empty: not said
	promptAt int    // line of its beginning
	problems []Problem
}

func (f *file) wrong(line int, format string, args ...any) {
	f.problems = append(f.problems, Problem{File: f.name, Line: line, Text: fmt.Sprintf(format, args...)})
}

// parse takes a file apart: front matter between two lines of three hyphens, then the prompt.
func parse(name string, raw []byte) *file {
	f := &file{name: name, fields: map[string]*yaml.Node{}}
	switch {
	case len(raw) > maxFile:
		f.wrong(0, "the file has %d bytes; at most %d are read", len(raw), maxFile)
		return f
	case !utf8.Valid(raw):
		f.wrong(0, "the text is not UTF-8")
		return f
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(raw), "\uFEFF"), "\r\n", "\n")
	for i, line := range strings.Split(text, "\n") {
		switch {
		case utf8.RuneCountInString(line) > maxLine:
			f.wrong(i+1, "the line has more than %d characters", maxLine)
		case untrusted.Clean(line) != untrusted.Mask(line):
			f.wrong(i+1, "the line holds a control character, or one that cannot be seen; only tabs and line breaks may stand between words")
		}
	}
	if len(f.problems) > 0 {
		return f
	}
	front, body, bodyAt, ok := split(text)
	if !ok {
		f.wrong(1, "the file must begin with a line of three hyphens, then the agent's fields, then a second such line, then the prompt")
		return f
	}
	f.front(front)
	f.body(body, bodyAt)
	return f
}

// split gives front matter and prompt, and the line at which the prompt's text begins.
func split(text string) (front, body string, bodyAt int, ok bool) {
	lines := strings.Split(text, "\n")
	if strings.TrimRight(lines[0], " \t") != "---" {
		return "", "", 0, false
	}
	for i := 1; i < len(lines); i++ {
		if strings.TrimRight(lines[i], " \t") == "---" {
			return strings.Join(lines[1:i], "\n"), strings.Join(lines[i+1:], "\n"), i + 2, true
		}
	}
	return "", "", 0, false
}

// yamlLine finds the line that the YAML parser names; it counts from the front matter's first.
var yamlLine = regexp.MustCompile(`line (\d+): `)

func (f *file) front(text string) {
	var doc yaml.Node
	err := yaml.Unmarshal([]byte(text), &doc)
	if err != nil {
		line, what := 1, strings.TrimPrefix(err.Error(), "yaml: ")
		if m := yamlLine.FindStringSubmatchIndex(what); m != nil {
			if n, err := strconv.Atoi(what[m[2]:m[3]]); err == nil {
				line = n + 1
			}
			what = what[:m[0]] + what[m[1]:]
		}
		f.wrong(line, "the fields are no YAML: %s", strings.Join(strings.Fields(untrusted.Normalize(what)), " "))
		return
	}
	if len(doc.Content) == 0 {
		return // nothing but a prompt
	}
	root := doc.Content[0]
	if err := plainYAML(root, 0); err != nil {
		f.wrong(err.line+1, "%s", err.text)
		return
	}
	if root.Kind != yaml.MappingNode {
		f.wrong(root.Line+1, "the fields must stand one a line, as in language: en")
		return
	}
	f.each(root, func(key string, node *yaml.Node) {
		f.fields[key] = node
		f.order = append(f.order, key)
	})
}

// each calls do for the fields of a mapping; one that stands there twice is wrong.
func (f *file) each(m *yaml.Node, do func(key string, value *yaml.Node)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		k := m.Content[i]
		if k.Kind != yaml.ScalarNode {
			f.wrong(k.Line+1, "a field's name must be a word")
			continue
		}
		if first, twice := seen[k.Value]; twice {
			f.wrong(k.Line+1, "%s stands there already, in line %d", shown(k.Value), first)
			continue
		}
		seen[k.Value] = k.Line + 1
		do(k.Value, m.Content[i+1])
	}
}

type yamlError struct {
	line int
	text string
}

// maxDepth is deeper than any field goes.
const maxDepth = 6

// plainYAML refuses what YAML can do beyond values, lists and fields: one text may not stand for another.
func plainYAML(n *yaml.Node, depth int) *yamlError {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return &yamlError{n.Line, "anchors and aliases (& and *) are not read; write the value again, or put a text with such a mark in quotes"}
	case n.Style&yaml.TaggedStyle != 0:
		return &yamlError{n.Line, "tags (!) are not read; put a text with such a mark in quotes"}
	case depth > maxDepth:
		return &yamlError{n.Line, "no field goes as deep as this"}
	}
	for _, c := range n.Content {
		if err := plainYAML(c, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) body(text string, at int) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return
	}
	before := text[:strings.Index(text, trimmed)]
	f.prompt, f.promptAt = trimmed, at+strings.Count(before, "\n")
	if len(trimmed) > maxPrompt {
		f.wrong(f.promptAt, "the prompt has %d bytes; at most %d are taken", len(trimmed), maxPrompt)
		return
	}
	if _, line, err := parseTemplate(trimmed); err != nil {
		f.wrong(f.promptAt+line-1, "%s", err)
	}
	for i, line := range strings.Split(trimmed, "\n") {
		if strings.Contains(line, "<<<") || strings.Contains(line, ">>>") {
			f.wrong(f.promptAt+i, "<<< and >>> mark what comes from outside, so a prompt must not have them")
		}
	}
}

// template gives the prompt; body has reported what is wrong with it.
func (f *file) template() (*Template, error) {
	t, _, err := parseTemplate(f.prompt)
	if err != nil {
		return nil, errors.New("the prompt was not checked")
	}
	return t, nil
}

// shown is a name of a file's own, for an error.
func shown(s string) string {
	s = untrusted.Normalize(s)
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return strconv.Quote(s)
}
