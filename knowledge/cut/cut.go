// Package cut takes the lines of a document apart: front matter, sections from heading to heading, and passages, which are
// what is searched and cited. Nothing that belongs together is torn: no fence, no table, no list of steps, no message id
// from its explanation. Every line that is not blank lies in exactly one section and one passage.
//
// It is a pure function of the lines, safe for concurrent use; it knows no file and no database. Start at Cut.
package cut

import (
	"path"
	"strings"

	"github.com/resync-hwa/resync/knowledge/words"
)

// Section is a part of a document, from its heading to the next heading of any level.
type Section struct {
	Slug        string // unique within the document and stable
	HeadingPath []string
	Level       int // of the heading; 0 for text above the first one
	StartLine   int // from 1
	EndLine     int // inclusive
}

// Passage is the unit of search: a section or, where that is long, a part of it.
type Passage struct {
	Section int // index into Sections
	Start   int // first line, from 1, heading included
	End     int // last line, inclusive; neither edge is blank
	Body    int // first line behind the heading; Start where there is nothing else
	Bare    bool
	// Messages are the ids whose explanation stands here, in upper case: "AWSBHT001E" where the passage says what it means,
	// not where it is merely mentioned.
	Messages []string
}

// Document is what the lines of a document come to.
type Document struct {
	FrontMatter
	BodyLine int // the first line behind the front matter, from 1
	Sections []Section
	Passages []Passage
}

// Cut takes a document apart. name is its path, which gives the title where nothing else does. The error tells of a front
// matter that cannot be read and is left out, in a sentence for people; the document is good all the same.
func Cut(name string, lines []string) (Document, error) {
	head := lines
	if len(head) > 2000 {
		head = head[:2000] // no front matter is longer, and joining a manual twice is waste
	}
	fm, bodyLine, err := splitFrontMatter([]byte(strings.Join(head, "\n")))
	d := Document{FrontMatter: fm, BodyLine: bodyLine}
	if d.Language == "" {
		sample := lines[min(bodyLine-1, len(lines)):]
		d.Language = words.LanguageOf(strings.Join(sample[:min(len(sample), 400)], "\n"))
	}
	o := split(lines, bodyLine-1)
	if d.Title == "" {
		d.Title = titleOf(name, o.sections)
	}
	d.Sections, d.Passages = o.sections, o.passages
	for i := range d.Passages {
		p := &d.Passages[i]
		p.Body = bodyStart(lines, d.Sections[p.Section], *p)
		p.Bare = d.Sections[p.Section].Level > 0 && p.Body == d.Sections[p.Section].StartLine
	}
	return d, err
}

// titleOf takes the first heading of the first level, or the file's name.
func titleOf(name string, sections []Section) string {
	for _, s := range sections {
		if s.Level == 1 && s.HeadingPath[len(s.HeadingPath)-1] != "" {
			return s.HeadingPath[len(s.HeadingPath)-1]
		}
	}
	return strings.TrimSuffix(path.Base(name), path.Ext(name))
}

// bodyStart is the first line after the section's heading, or the heading where nothing else is there.
func bodyStart(lines []string, s Section, p Passage) int {
	if s.Level == 0 || p.Start != s.StartLine {
		return p.Start
	}
	at := p.Start + 1
	if !strings.HasPrefix(strings.TrimSpace(lines[p.Start-1]), "#") {
		// An underlined heading: the rule of = or - below it belongs to it.
		for at <= p.End && strings.Trim(lines[at-1], "=- \t") != "" {
			at++
		}
		at++
	}
	first, _, ok := trim(lines, min(at-1, p.End), p.End)
	if !ok {
		return p.Start
	}
	return first
}
