package extract

import (
	"fmt"
	"strconv"
	"strings"
)

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
