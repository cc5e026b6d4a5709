package knowledge

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/knowledge/cut"
)

// Bounds of one reading. A manual is read by its sections.
const (
	maxReadBytes    = 20 << 10
	maxReadSections = 200
	maxReadLines    = 20 << 10 // more cannot fit, were each of them empty
)

// ReadIn is the input of read_document.
type ReadIn struct {
	Document string `json:"document" doc:"The document, as search_knowledge and the list name it." example:"runbooks/rerun-safely.md" max:"1000"`
	Section  string `json:"section,omitempty" doc:"Slug of one section; the whole document when absent." example:"before-you-rerun" max:"200"`
}

// ReadOut is the output of read_document. The lines themselves are the text and the source.
type ReadOut struct {
	Document      string       `json:"document"`
	Title         string       `json:"title"`
	Section       string       `json:"section,omitempty"`
	HeadingPath   []string     `json:"heading_path"`
	Language      string       `json:"language,omitempty"`
	StartLine     int          `json:"start_line"`
	EndLine       int          `json:"end_line" doc:"of what is given; last_line is where the document or section ends"`
	LastLine      int          `json:"last_line"`
	Sections      []SectionRow `json:"sections" doc:"What the document is made of; 200 at most."`
	SectionsTotal int          `json:"sections_total"`
}

// SectionRow is a section of a document as it can be read by itself.
type SectionRow struct {
	Section   string `json:"section" doc:"Slug."`
	Heading   string `json:"heading"`
	StartLine int    `json:"start_line"`
}

// ReadTool defines the tool that gives a document, or a section of it, as it is written. It stands behind the resources and is not offered to models,
// which find passages by search_knowledge.
func ReadTool(b *Base) (toolkit.Tool, error) {
	if b == nil {
		return nil, errors.New("reading documents needs a knowledge base")
	}
	return toolkit.Define(toolkit.Spec{
		Name: "read_document", Title: "Read a runbook or manual", Toolset: "knowledge",
		Description: "Gives a document, or one section of it, word for word with line numbers.",
	}, b.read)
}

func (b *Base) read(ctx context.Context, in ReadIn) (toolkit.Reply[ReadOut], error) {
	b, d, err := b.open(ctx, in.Document)
	if err != nil {
		return toolkit.Reply[ReadOut]{}, err
	}
	sections, err := b.sections(ctx, &d)
	if err != nil {
		return toolkit.Reply[ReadOut]{}, err
	}
	out := ReadOut{Document: d.Path, Title: untrusted.Normalize(d.Title), Language: d.Language, HeadingPath: []string{}, StartLine: 1, LastLine: d.Lines,
		Sections: contents(sections), SectionsTotal: len(sections)}
	source := toolkit.Source{Source: "knowledge:" + d.Path}
	if in.Section != "" {
		s, err := b.Section(ctx, d.Path, in.Section)
		if err != nil {
			return toolkit.Reply[ReadOut]{}, err
		}
		out.Section, out.StartLine, out.LastLine = s.Slug, s.StartLine, s.EndLine
		for _, h := range s.HeadingPath {
			out.HeadingPath = append(out.HeadingPath, untrusted.Normalize(h))
		}
		source.Source += "#" + s.Slug
	}
	lines, err := b.shelf.Lines(ctx, d.ID, out.StartLine, min(out.LastLine, out.StartLine+maxReadLines))
	if err != nil {
		return toolkit.Reply[ReadOut]{}, err
	}
	lines = cleaned(lines)
	var text strings.Builder
	for i, l := range lines {
		if text.Len()+len(l) >= maxReadBytes {
			break
		}
		text.WriteString(l + "\n")
		out.EndLine = out.StartLine + i
		if strings.TrimSpace(l) != "" {
			source.Lines = append(source.Lines, toolkit.Line{N: out.EndLine, Text: l})
		}
	}
	cut := out.EndLine < out.LastLine
	if cut {
		fmt.Fprintf(&text, "\n… cut at line %d of %d. %s\n", out.EndLine, out.LastLine, further(d.Path, sections, out.EndLine, out.LastLine))
	}
	return toolkit.Reply[ReadOut]{Data: out, Sources: []toolkit.Source{source}, Truncated: cut, Text: text.String()}, nil
}

// contents lists the sections.
func contents(sections []cut.Section) []SectionRow {
	out := []SectionRow{}
	for _, s := range sections[:min(len(sections), maxReadSections)] {
		row := SectionRow{Section: s.Slug, StartLine: s.StartLine}
		if n := len(s.HeadingPath); n > 0 {
			row.Heading = untrusted.Normalize(s.HeadingPath[n-1])
		}
		out = append(out, row)
	}
	return out
}

// cleaned gives lines as they may leave the room.
func cleaned(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimRight(untrusted.Clean(l), " \t\n")
	}
	untrusted.HideKeys(len(out), func(i int) *string { return &out[i] })
	return out
}

// further names where reading goes on behind a line.
func further(document string, sections []cut.Section, behind, last int) string {
	const most = 12
	var next []string
	for _, s := range sections {
		if s.StartLine > behind && s.StartLine <= last {
			if len(next) == most {
				next = append(next, "…")
				break
			}
			next = append(next, "knowledge:"+document+"#"+s.Slug)
		}
	}
	if len(next) == 0 {
		return "search_knowledge finds passages of the rest."
	}
	return "It goes on with: " + strings.Join(next, ", ")
}
