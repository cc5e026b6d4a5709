package cut

import (
	"bytes"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// kind is what a block is, as far as cutting goes.
type kind uint8

const (
	prose kind = iota
	heading
	code
	table
	list
	steps // an ordered list, with what stands between its steps
	other
)

// block is a run of source lines that belong together: a paragraph, a fence, a table, a list. Lines count from 0 here.
type block struct {
	start, end int // end is the line after the last
	kind       kind
	level      int // of a heading
	title      string
	anchor     string
	behind     int    // of a heading: the first line behind it
	id         string // of a message entry that begins here, upper case
	weak       bool   // a heading that says nothing by itself ("Example"); it belongs to the one before it
	label      bool   // a heading that names a part of a message entry ("Explanation")
	cuts       []int  // lines before which it may be cut when it is too long
	first      int    // number of the first step
	last       int    // number of the last one
}

// Bounds of what the parser sees and of what is looked for ahead of a block.
const (
	// maxIndent and maxNesting bound lists and quotes in each other: the parser's work grows with a power of their depth.
	maxIndent  = 64
	maxNesting = 32
	// maxAhead is how many blocks may stand between two steps of one list, or two parts of one table.
	maxAhead = 24
)

// newParser makes a parser of blocks only: inline markup, tables and link definitions are found by rules of our own, which
// keeps hostile files out of the quadratic corners of parsing them.
func newParser() parser.Parser {
	return parser.NewParser(parser.WithBlockParsers(parser.DefaultBlockParsers()...))
}

// blocksOf parses the body and gives its top-level blocks. Each reaches to the start of the next, so that nothing
// between two nodes (a closing fence, say) is lost whatever the parser makes of it.
func blocksOf(lines []string, from int) []block {
	if from >= len(lines) {
		return nil
	}
	src := []byte(strings.Join(tamed(lines[from:]), "\n"))
	offsets := lineOffsets(src)
	lineAt := func(pos int) int { return from + sort.SearchInts(offsets, pos+1) - 1 }
	var blocks []block
	doc := newParser().Parse(text.NewReader(src))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		pos := n.Pos()
		if pos < 0 {
			continue
		}
		b := block{start: lineAt(pos)}
		if len(blocks) == 0 {
			b.start = from
		} else if prev := blocks[len(blocks)-1].start; b.start <= prev {
			continue // two nodes on one line: they stay together
		}
		b.read(n, src, lineAt, lines)
		blocks = append(blocks, b)
	}
	if len(blocks) == 0 && hasText(lines, from, len(lines)) {
		blocks = append(blocks, block{start: from})
	}
	for i := range blocks {
		blocks[i].end = len(lines)
		if i+1 < len(blocks) {
			blocks[i].end = blocks[i+1].start
		}
		blocks[i].behind = min(blocks[i].behind, blocks[i].end)
	}
	return join(lines, divide(lines, blocks))
}

// read takes from a node what is needed of it.
func (b *block) read(n ast.Node, src []byte, lineAt func(int) int, lines []string) {
	switch n := n.(type) {
	case *ast.Heading:
		b.kind, b.level = heading, n.Level
		b.title, b.anchor = headingText(string(linesText(n, src)))
		own := lineAt(n.Pos())
		b.behind = own + 1
		if l := n.Lines().Len(); l > 0 && !strings.HasPrefix(strings.TrimSpace(lines[own]), "#") {
			b.behind = lineAt(n.Lines().At(l-1).Start) + 2 // underlined: the rule belongs to it
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		b.kind = code
	case *ast.List:
		b.kind = list
		if n.IsOrdered() {
			b.kind, b.first = steps, n.Start
		}
		b.last = b.first
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			at := b.start
			if pos := item.Pos(); pos >= 0 {
				at = lineAt(pos)
			}
			if at > b.start {
				b.cuts = append(b.cuts, at)
			}
			if number, ok := stepNumber(lines[at]); ok {
				b.last = number
			}
		}
	case *ast.HTMLBlock:
		b.kind = other
	case *ast.Paragraph:
		b.kind = prose
	default:
		b.kind = other
	}
}

var stepForm = regexp.MustCompile(`^\s*([0-9]{1,9})[.)]`)

// stepNumber is the number that a line begins with.
func stepNumber(line string) (int, bool) {
	m := stepForm.FindStringSubmatch(line[:min(len(line), 200)])
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

// divide takes paragraphs apart where lines of a table, or of a message entry, stand in them without a blank line.
func divide(lines []string, blocks []block) []block {
	out := make([]block, 0, len(blocks))
	for _, b := range blocks {
		if b.kind == other && holdsTable(lines[b.start:b.end]) {
			b.kind = table
			for at := b.start + 1; at < b.end; at++ {
				if strings.Contains(lines[at], "<tr") {
					b.cuts = append(b.cuts, at)
				}
			}
		}
		if b.kind != prose {
			out = append(out, b)
			continue
		}
		at := block{start: b.start, kind: proseKind(lines, b, b.start)}
		for i := b.start + 1; i < b.end; i++ {
			k := proseKind(lines, b, i)
			if strings.TrimSpace(lines[i]) == "" {
				k = at.kind
			}
			if k == table && at.kind == table {
				at.cuts = append(at.cuts, i)
			}
			if _, _, entry := entryLine(lines[i]); k != at.kind || k == prose && entry {
				at.end = i
				out = append(out, at)
				at = block{start: i, kind: k}
			}
		}
		at.end = b.end
		out = append(out, at)
	}
	return out
}

// proseKind tells the rows of a table from the lines of a paragraph.
func proseKind(lines []string, b block, i int) kind {
	if isRow(lines[i]) || i+1 < b.end && isRule(lines[i+1]) && strings.Contains(lines[i], "|") {
		return table
	}
	return prose
}

// isRow reports whether a line is a row of a table drawn with bars: one at its start and one more, or the rule below the head.
func isRow(line string) bool {
	t := strings.TrimSpace(line)
	return len(t) > 1 && t[0] == '|' && strings.IndexByte(t[1:], '|') >= 0 || isRule(t)
}

// isRule reports whether a line is the rule between the head of a table and its rows.
func isRule(line string) bool {
	return strings.Contains(line, "|") && strings.Contains(line, "-") && strings.Trim(line, "|:- \t") == ""
}

func holdsTable(lines []string) bool {
	for _, l := range lines {
		if strings.Contains(l, "<table") || strings.Contains(l, "<TABLE") || strings.Contains(l, "<tr>") {
			return true
		}
	}
	return false
}

// join brings together what was torn: tables whose rows have blank lines between them, HTML tables to their end, and
// lists of steps whose numbers go on behind a note or a fence.
func join(lines []string, blocks []block) []block {
	out := blocks[:0]
	for i := 0; i < len(blocks); i++ {
		b := blocks[i]
		for {
			j := continues(lines, blocks, i, b)
			if j <= i {
				break
			}
			for _, in := range blocks[i+1 : j+1] {
				b.cuts = joinCuts(b, in)
			}
			b.end, b.last = blocks[j].end, blocks[j].last
			i = j
		}
		out = append(out, b)
	}
	return out
}

// joinCuts gives the cuts of a block that takes in the next: between rows of a table, between steps of the outermost list.
func joinCuts(b, in block) []int {
	switch {
	case b.kind == table && in.kind == table, b.kind == steps && in.kind == steps && in.first == b.last+1:
		return append(append(b.cuts, in.start), in.cuts...)
	}
	return b.cuts
}

// continues gives the block up to which b, whose last part is block i, goes on; i where it ends.
func continues(lines []string, blocks []block, i int, b block) int {
	ahead := blocks[i+1 : min(len(blocks), i+1+maxAhead)]
	switch b.kind {
	case table:
		if bars := isRow(firstLine(lines, blocks[i])); bars && len(ahead) > 0 && ahead[0].kind == table && isRow(firstLine(lines, ahead[0])) &&
			(ahead[0].start+1 >= ahead[0].end || !isRule(lines[ahead[0].start+1])) {
			return i + 1
		}
		if open := tableDepth(lines[blocks[i].start:blocks[i].end]); open > 0 && blocks[i].start == b.start {
			tokens := 0
			for k, in := range ahead {
				tokens += countTokens(lines[in.start:in.end])
				open += tableDepth(lines[in.start:in.end])
				if open <= 0 && tokens <= maxWhole {
					return i + 1 + k
				}
				if in.kind == heading || tokens > maxWhole {
					break
				}
			}
		}
	case steps:
		tokens := 0
		for k, in := range ahead {
			if in.kind == steps && in.first == b.last+1 {
				return i + 1 + k
			}
			tokens += countTokens(lines[in.start:in.end])
			if in.kind == heading || in.kind == steps && in.first <= b.last || tokens > maxTokens {
				break
			}
		}
	}
	return i
}

// tableDepth counts the tables that are opened and not closed.
func tableDepth(lines []string) int {
	n := 0
	for _, l := range lines {
		n += strings.Count(l, "<table") - strings.Count(l, "</table")
	}
	return n
}

func firstLine(lines []string, b block) string {
	if b.start < b.end {
		return lines[b.start]
	}
	return ""
}

func linesText(h *ast.Heading, src []byte) []byte {
	var parts [][]byte
	for i := range h.Lines().Len() {
		seg := h.Lines().At(i)
		parts = append(parts, bytes.TrimSpace(seg.Value(src)))
	}
	return bytes.Join(parts, []byte(" "))
}
