package extract

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a page's nesting. What lies deeper keeps its text and loses its structure.
const (
	maxOpen   = 512 // elements open at a time, as the parser of golang.org/x/net/html has it
	maxTables = 8
	maxLists  = 32
)

var (
	// voidTags have no end.
	voidTags = words("area base br col embed hr img input link meta param source track wbr")
	// dropped are elements whose text is no part of what a page says.
	dropped = words("script style template nav noscript svg iframe object embed canvas audio video select button textarea noembed noframes dialog datalist applet")
	// blocks end a paragraph where they begin and end.
	blocks = words("address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 " +
		"header hgroup hr html legend li listing main menu ol p pre section summary table tbody td tfoot th thead tr ul xmp")
	// admonition marks an aside that belongs to the text.
	admonition = regexp.MustCompile(`(?i)\b(?:note|tip|hint|info|important|warning|caution|attention|danger|admonition|callout|alert)\b`)
	// anchors are links from a heading to itself.
	anchors  = regexp.MustCompile(`(?i)\b(?:headerlink|hash-link|anchorjs-link|permalink|sr-only|visually-hidden|skip-link|skip-to-content)\b`)
	unshown  = regexp.MustCompile(`(?i)(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)`)
	headings = map[string]int{"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

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

// leaveOut reports whether an element says nothing that belongs to the text.
func (h *page) leaveOut(tag string) bool {
	if tag == "html" || tag == "body" || h.keep[tag] || voidTags[tag] {
		return false
	}
	if dropped[tag] {
		return true
	}
	within := h.open["main"]+h.open["article"]+h.open["section"] > 0
	class, _ := h.tokens.attr("class")
	role, _ := h.tokens.attr("role")
	switch tag {
	case "header":
		if !within {
			return true
		}
	case "footer":
		return true
	case "aside":
		if !admonition.MatchString(class + " " + role) {
			return true
		}
	}
	switch strings.ToLower(role) {
	case "navigation", "banner", "contentinfo", "search":
		return true
	}
	if v, ok := h.tokens.attr("hidden"); ok && !strings.EqualFold(v, "until-found") {
		return true
	}
	if v, _ := h.tokens.attr("aria-hidden"); v == "true" {
		return true
	}
	style, _ := h.tokens.attr("style")
	return unshown.MatchString(style) || anchors.MatchString(class)
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

// enter begins a block that shapes what is in it.
func (h *page) enter(tag string) {
	f := h.top()
	switch tag {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		f.level = headings[tag]
	case "pre", "listing", "xmp":
		f.code++
	case "ul", "ol", "menu", "dir":
		l := htmlList{ordered: tag == "ol", next: 1}
		if n := len(f.lists); n > 0 {
			l.outer = f.lists[n-1].indent
			if f.lists[n-1].marker != "" {
				h.bare()
			}
		} else {
			f.out.blank()
		}
		l.indent = l.outer
		if v, ok := h.tokens.attr("start"); ok {
			l.next, _ = strconv.Atoi(v)
		}
		f.lists = append(f.lists, l)
	case "li":
		if len(f.lists) == 0 {
			return
		}
		l := &f.lists[len(f.lists)-1]
		l.marker = "- "
		if l.ordered {
			if v, ok := h.tokens.attr("value"); ok {
				if n, err := strconv.Atoi(v); err == nil {
					l.next = n
				}
			}
			l.marker = fmt.Sprintf("%d. ", l.next)
			l.next++
		}
		l.indent = l.outer
		if len(f.lists) <= maxLists {
			l.indent += strings.Repeat(" ", len(l.marker))
		}
		f.tight = true
	case "dt":
		f.tight = false
	case "dd":
		f.tight = true
	case "table", "tr", "td", "th", "caption":
		h.enterTable(tag)
	}
}

// leave ends a block.
func (h *page) leave(e element) {
	f := h.top()
	switch e.tag {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		f.level = 0
	case "pre", "listing", "xmp":
		f.code = max(0, f.code-1)
	case "ul", "ol", "menu", "dir":
		if n := len(f.lists); n > 0 {
			f.lists = f.lists[:n-1]
		}
		f.tight = false
	case "li":
		if n := len(f.lists); n > 0 {
			f.lists[n-1].marker = ""
		}
		f.tight = true
	case "dd", "dl":
		f.tight = false
	case "table", "tr", "td", "th", "caption":
		h.leaveTable(e)
	}
}

// indent is what lines begin with at the current place.
func (f *frame) indent() string {
	if n := len(f.lists); n > 0 {
		return f.lists[n-1].indent
	}
	return ""
}

// bare writes the marker of an item that begins with something else than text.
func (h *page) bare() {
	f := h.top()
	if n := len(f.lists); n > 0 && f.lists[n-1].marker != "" {
		f.out.line(f.lists[n-1].outer + strings.TrimSpace(f.lists[n-1].marker))
		f.lists[n-1].marker = ""
	}
}

// flush writes the text gathered so far as the block that it is.
func (h *page) flush() {
	f := h.top()
	text := f.text.String()
	if f.code > 0 {
		if strings.TrimSpace(text) != "" {
			h.bare()
			f.out.fence(f.indent(), strings.Split(strings.ReplaceAll(text, "\r", ""), "\n"))
			f.out.blank()
		}
		f.text.Reset()
		return
	}
	f.text.Reset()
	if strings.TrimSpace(text) == "" || strings.Trim(text, "¶#§ \t\n\u00a0") == "" {
		return
	}
	n := len(f.lists)
	switch {
	case f.caption:
		f.table.caption += " " + text
	case f.level > 0 && n == 0:
		f.out.heading(f.level, strings.TrimRight(text, "¶ \t\n\u00a0"))
		f.rich = true
	case n > 0 && f.lists[n-1].marker != "":
		l := &f.lists[n-1]
		f.out.paragraph(l.outer+l.marker, l.indent, text)
		l.marker, f.tight = "", false
	default:
		if !f.tight {
			f.out.blank()
		}
		f.out.paragraph(f.indent(), f.indent(), text)
		f.tight = false
	}
}
