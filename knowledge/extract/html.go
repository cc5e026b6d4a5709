package extract

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds of a page's nesting. What lies deeper keeps its text and loses its structure.
const (
	maxOpen   = 512 // elements open at a time, as the parser of golang.org/x/net/html has it
	maxTables = 8
	maxLists  = 32
)

// readHTML makes Markdown of a page.
func readHTML(m *meter, p *paper, data []byte) (File, error) {
	text, notes, err := decode(m, data, declaredCharset(data))
	if err != nil {
		return File{}, err
	}
	data = []byte(text)
	keep := map[string]bool{}
	for {
		h := &page{tokens: htmlTokens{data: data, xml: strings.HasPrefix(strings.TrimSpace(text[:min(len(text), 200)]), "<?xml")}, m: m, open: map[string]int{}, keep: keep}
		h.frames = []frame{{out: newPaper(m, p.limits)}}
		tag, err := h.walk()
		if err != nil {
			return File{}, err
		}
		if tag != "" && len(keep) < 4 {
			// What is left out is never closed: rather its text too than nothing of the rest.
			keep[tag] = true
			notes = append(notes, fmt.Sprintf("A %s that should be left out has no end; its text was kept.", tag))
			continue
		}
		return File{Title: fold(h.title), Lines: trimmed(h.frames[0].out.lines), Stored: true, Notes: notes}, nil
	}
}

// trimmed drops the blank lines at the end.
func trimmed(lines []string) []string {
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// page is one walk over a page. The stack holds blocks and what is left out; other elements are of no consequence.
type page struct {
	tokens htmlTokens
	m      *meter
	stack  []element
	open   map[string]int // how many of each are in stack
	skip   int            // size of the stack from which on nothing is taken; 0: all is
	keep   map[string]bool
	frames []frame // the page, and each table cell that is open
	title  string
	titled bool
	cells  int // of all tables
}

// element is an open one; cell says that it has a frame of its own.
type element struct {
	tag  string
	cell bool
}

// frame is where blocks go: the page's lines or those of a cell.
type frame struct {
	out     *paper
	text    strings.Builder
	level   int // of the heading that is open
	code    int // depth of pre elements
	lists   []htmlList
	tight   bool // the next paragraph goes under the one before
	rich    bool // holds a heading or a table
	table   *grid
	caption bool
}

type htmlList struct {
	ordered bool
	next    int
	indent  string // of what belongs to the current item
	outer   string // of its marker
	marker  string // not yet written
}

func (h *page) top() *frame { return &h.frames[len(h.frames)-1] }

// walk reads the page. It gives the tag of what was left out up to the end because its own end is missing.
func (h *page) walk() (unclosed string, err error) {
	for {
		kind := h.tokens.next()
		if err := h.m.step(); err != nil {
			return "", err
		}
		switch kind {
		case htmlEnd:
			if h.skip > 0 {
				unclosed = h.stack[h.skip-1].tag
			}
			for len(h.stack) > 0 {
				h.pop()
			}
			h.flush()
			return unclosed, h.frames[0].out.err
		case htmlText:
			h.write(h.tokens.text)
		case htmlOpen:
			h.begin(h.tokens.tag)
		case htmlClose:
			h.end(h.tokens.tag)
		}
		if err := h.top().out.err; err != nil {
			return "", err
		}
	}
}

func (h *page) write(text string) {
	if h.titled {
		if h.title == "" {
			h.title = text[:min(len(text), 4<<10)]
		}
		h.titled = false
		return
	}
	if h.skip > 0 {
		return
	}
	f := h.top()
	if f.code == 0 {
		text = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' {
				return ' '
			}
			return r
		}, text)
	}
	f.text.WriteString(text)
}

// begin takes a start tag.
func (h *page) begin(tag string) {
	void := voidTags[tag] || h.tokens.xml && h.tokens.shut
	if h.skip > 0 {
		if !void {
			h.push(tag)
		}
		return
	}
	switch {
	case tag == "title":
		h.titled = h.title == ""
		return
	case tag == "br":
		h.top().text.WriteByte('\n')
		return
	case h.leaveOut(tag):
		if !void {
			if blocks[tag] {
				h.flush()
			}
			h.push(tag)
			h.skip = len(h.stack)
		}
		return
	case !blocks[tag]:
		return
	}
	h.implied(tag)
	if f := h.top(); f.code > 0 && tag != "pre" {
		if !strings.HasSuffix(f.text.String()[max(0, f.text.Len()-1):], "\n") {
			f.text.WriteByte('\n')
		}
		if headings[tag] > 0 || tag == "div" || tag == "p" {
			return
		}
	}
	h.flush()
	if !void && h.push(tag) {
		h.enter(tag)
	}
}

// push opens an element; too deep it does not.
func (h *page) push(tag string) bool {
	if len(h.stack) >= maxOpen && h.skip == 0 {
		return false
	}
	if len(h.stack) >= 2*maxOpen {
		return false
	}
	h.stack = append(h.stack, element{tag: tag})
	h.open[tag]++
	return true
}

func (h *page) pop() {
	e := h.stack[len(h.stack)-1]
	if h.skip == 0 {
		h.flush()
		h.leave(e)
	}
	h.stack = h.stack[:len(h.stack)-1]
	h.open[e.tag]--
	if h.skip > len(h.stack) {
		h.skip = 0
	}
}

// end takes an end tag: what was opened since its start is closed with it.
func (h *page) end(tag string) {
	if h.open[tag] == 0 {
		if h.skip == 0 && (tag == "p" || tag == "br") {
			h.flush()
		}
		return
	}
	scope := ""
	if tag != "table" && h.open["table"] > 0 {
		scope = "table" // nothing inside a table closes what lies around it
	}
	h.close(tag, scope)
}

// close pops up to the innermost tag, unless one of the fences lies before it.
func (h *page) close(tag string, fences ...string) {
	for i := len(h.stack) - 1; i >= 0; i-- {
		if h.stack[i].tag == tag {
			for len(h.stack) > i {
				h.pop()
			}
			return
		}
		if slices.Contains(fences, h.stack[i].tag) {
			return
		}
	}
}

// implied closes what a start tag ends without saying so.
func (h *page) implied(tag string) {
	shut := func(one string, fences ...string) {
		if h.open[one] > 0 {
			h.close(one, fences...)
		}
	}
	shut("p", "td", "th", "table", "li", "dd")
	switch tag {
	case "li":
		shut("li", "ul", "ol", "menu", "dir", "td", "th")
	case "dt", "dd":
		shut("dt", "dl", "td", "th")
		shut("dd", "dl", "td", "th")
	case "td", "th":
		shut("td", "table")
		shut("th", "table")
		shut("caption", "table")
	case "tr", "thead", "tbody", "tfoot":
		shut("td", "table")
		shut("th", "table")
		shut("caption", "table")
		shut("tr", "table")
	case "h1", "h2", "h3", "h4", "h5", "h6":
		for t := range headings {
			shut(t, "td", "th", "table", "section", "article", "div")
		}
	}
}
