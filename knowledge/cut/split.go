package cut

import (
	"bytes"
	"sort"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	// maxTokens is the size above which a section is cut into several passages, estimated as splitTokens does.
	maxTokens = 400
	// minTokens is what a passage should have before the next block starts a new one.
	minTokens = 120
	// maxIndent and maxNesting bound lists and quotes in each other: the parser's work grows with a power of their depth.
	maxIndent  = 64
	maxNesting = 32
)

// block is a run of source lines that is never cut: a paragraph, a fence, a table, a list. Lines count from 0 here.
type block struct {
	start, end int // end is the line after the last
	heading    int // level; 0 for anything else
	title      string
	anchor     string
	loose      bool // may be cut at line ends when it is too long (paragraphs only)
}

// outline is what the lines come to.
type outline struct {
	sections []Section
	passages []Passage
}

// newParser makes a parser of blocks only: inline markup and link definitions are no concern of ours, and leaving them out
// keeps hostile files out of the quadratic corners of parsing them.
func newParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithParagraphTransformers(util.Prioritized(extension.NewTableParagraphTransformer(), 200)),
	)
}

// split cuts the lines of a document, from body line `from` (0-based) on, into sections and passages.
// Every line that is not blank lies in exactly one of each.
func split(lines []string, from int) outline {
	var o outline
	blocks := blocksOf(lines, from)
	taken := slugs{}
	var path []Section // the headings above, one per level
	for i := 0; i < len(blocks); {
		j := i + 1
		for j < len(blocks) && blocks[j].heading == 0 {
			j++
		}
		first, last, ok := trim(lines, blocks[i].start, blocks[j-1].end)
		if ok {
			s := Section{StartLine: first, EndLine: last}
			if h := blocks[i]; h.heading > 0 {
				for len(path) > 0 && path[len(path)-1].Level >= h.heading {
					path = path[:len(path)-1]
				}
				s.Level = h.heading
				s.HeadingPath = headingPath(path, h.title)
				s.Slug = taken.next(slugFor(h))
				path = append(path, s)
			} else {
				s.HeadingPath = []string{}
				s.Slug = taken.next("top")
			}
			o.sections = append(o.sections, s)
			o.passages = append(o.passages, pack(lines, blocks[i:j], len(o.sections)-1)...)
		}
		i = j
	}
	return o
}

func slugFor(h block) string {
	if h.anchor != "" {
		return h.anchor
	}
	return slugOf(h.title)
}

func headingPath(above []Section, own string) []string {
	p := make([]string, 0, len(above)+1)
	for _, s := range above {
		p = append(p, s.HeadingPath[len(s.HeadingPath)-1])
	}
	return append(p, own)
}

// blocksOf parses the body and gives its top-level blocks. Each reaches to the start of the next, so that nothing
// between two nodes (a closing fence, say) is lost whatever the parser makes of it.
func blocksOf(lines []string, from int) []block {
	if from >= len(lines) {
		return nil
	}
	tamed := make([]string, len(lines)-from)
	for i, l := range lines[from:] {
		tamed[i] = tame(l)
	}
	src := []byte(strings.Join(tamed, "\n"))
	offsets := lineOffsets(src)
	lineAt := func(pos int) int { return from + sort.SearchInts(offsets, pos+1) - 1 }
	var blocks []block
	doc := newParser().Parse(text.NewReader(src))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		pos := n.Pos()
		if pos < 0 {
			continue
		}
		b := block{start: lineAt(pos), loose: n.Kind() == ast.KindParagraph}
		if len(blocks) == 0 {
			b.start = from
		} else if prev := blocks[len(blocks)-1].start; b.start <= prev {
			continue // two nodes on one line: they stay together
		}
		if h, ok := n.(*ast.Heading); ok {
			b.heading = h.Level
			b.title, b.anchor = headingText(string(linesText(h, src)))
		}
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
	}
	return blocks
}

// tame gives the line as the parser may see it: its indent bounded, and a line that nests without measure as plain text.
// Only the structure is found on it; texts and numbers come from the line itself.
func tame(line string) string {
	text := strings.TrimLeft(line, " \t")
	if indent := len(line) - len(text); indent > maxIndent {
		line = line[indent-maxIndent:]
	}
	marks := 0
	for _, c := range []byte(text) {
		if strings.IndexByte("> \t-*+.)0123456789", c) < 0 {
			break
		}
		if c == '>' || c == ' ' || c == '\t' {
			marks++
		}
	}
	if marks > maxNesting {
		return "text"
	}
	return line
}

func linesText(h *ast.Heading, src []byte) []byte {
	var parts [][]byte
	for i := range h.Lines().Len() {
		seg := h.Lines().At(i)
		parts = append(parts, bytes.TrimSpace(seg.Value(src)))
	}
	return bytes.Join(parts, []byte(" "))
}

// pack gathers the blocks of one section into passages of about maxTokens, cutting only between blocks, or at line ends
// inside a paragraph that is too long by itself.
func pack(lines []string, blocks []block, section int) []Passage {
	var out []Passage
	start, tokens := blocks[0].start, 0
	flush := func(end int) {
		if first, last, ok := trim(lines, start, end); ok {
			out = append(out, Passage{Section: section, Start: first, End: last})
		}
		start, tokens = end, 0
	}
	for i, b := range blocks {
		n := splitTokens(lines[b.start:b.end])
		// A heading stays with what follows, and so does a lead-in that ends with a colon.
		glued := i > 0 && (blocks[i-1].heading > 0 || endsWithColon(lines, blocks[i-1]))
		if tokens+n > maxTokens && tokens >= minTokens && !glued {
			flush(b.start)
		}
		if b.loose && n > maxTokens {
			for at := b.start; at < b.end; at++ {
				w := splitTokens(lines[at : at+1])
				if tokens+w > maxTokens && tokens >= minTokens {
					flush(at)
				}
				tokens += w
			}
			continue
		}
		tokens += n
	}
	flush(blocks[len(blocks)-1].end)
	return out
}

func endsWithColon(lines []string, b block) bool {
	_, last, ok := trim(lines, b.start, b.end)
	return ok && strings.HasSuffix(strings.TrimRight(lines[last-1], " \t\r*"), ":")
}

// splitTokens estimates the tokens of a text as four thirds of its words.
func splitTokens(lines []string) int {
	n := 0
	for _, l := range lines {
		n += len(strings.Fields(l))
	}
	return n * 4 / 3
}

// trim takes blank lines off both ends of lines[start:end] and gives the rest as 1-based inclusive numbers.
func trim(lines []string, start, end int) (first, last int, ok bool) {
	for start < end && strings.TrimSpace(lines[start]) == "" {
		start++
	}
	for end > start && strings.TrimSpace(lines[end-1]) == "" {
		end--
	}
	return start + 1, end, start < end
}

func hasText(lines []string, start, end int) bool {
	_, _, ok := trim(lines, start, end)
	return ok
}

func lineOffsets(src []byte) []int {
	offsets := []int{0}
	for i, c := range src {
		if c == '\n' {
			offsets = append(offsets, i+1)
		}
	}
	return offsets
}
