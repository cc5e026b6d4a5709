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
	Body    int // first line behind the heading; Start where there is nothing else, or where the heading is part of a line
	Bare    bool
	// From and To are the bytes of the line that the passage is, where a line is too long to be one: a table on one line is cut
	// between its rows. Start and End are that line then. Both are 0 for whole lines.
	From, To int `json:",omitempty"`
	// HeadStart and HeadEnd are the lines of the head of the table whose rows the passage is, where the head stands in another
	// passage; HeadFrom and HeadTo its bytes where it is a piece of a line. All are 0 elsewhere.
	HeadStart, HeadEnd, HeadFrom, HeadTo int `json:",omitempty"`
	// Contents marks a table of contents, a list of figures or an index: it names everything and explains nothing.
	Contents bool `json:",omitempty"`
	// Messages are the ids whose explanation stands here, in upper case: "AWSBHT001E", or "RC 127" for a return code, where the
	// passage says what it means, not where it is merely mentioned.
	Messages []string `json:",omitempty"`
}

// Text gives the lines of a passage behind its heading, of a document's lines: what its body is.
func (p Passage) Text(lines []string) []string {
	if p.To > 0 {
		return []string{lines[p.Start-1][p.From:p.To]}
	}
	return lines[p.Body-1 : p.End]
}

// Head gives the lines of the head of the table whose rows the passage is; nil where it has its own or none.
func (p Passage) Head(lines []string) []string {
	switch {
	case p.HeadEnd == 0:
		return nil
	case p.HeadTo > 0:
		return []string{lines[p.HeadStart-1][p.HeadFrom:p.HeadTo]}
	}
	return lines[p.HeadStart-1 : p.HeadEnd]
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
	o, made := split(lines, bodyLine-1)
	if d.Title == "" {
		d.Title = titleOf(name, lines, o.sections, made)
	}
	d.Sections, d.Passages = o.sections, o.passages
	return d, err
}

// titleOf takes the first heading of the first level, or the file's name. Where levels tell nothing the document's name is
// what stands above all headings, if that is short.
func titleOf(name string, lines []string, sections []Section, made bool) string {
	if made && len(sections) > 0 && sections[0].Level == 0 && sections[0].EndLine-sections[0].StartLine < 12 {
		t, _ := headingText(strings.Join(lines[sections[0].StartLine-1:sections[0].EndLine], " "))
		if n := countWords(t); n > 0 && n <= 20 && !strings.HasSuffix(t, ".") {
			return strings.TrimLeft(t, "# ")
		}
	}
	for _, s := range sections {
		if (s.Level == 1 || made && s.Level > 0) && s.HeadingPath[len(s.HeadingPath)-1] != "" {
			return s.HeadingPath[len(s.HeadingPath)-1]
		}
	}
	return strings.TrimSuffix(path.Base(name), path.Ext(name))
}
