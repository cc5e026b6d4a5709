package extract

import (
	"strconv"
	"strings"
)

// maxSpan bounds what a cell may say it spans.
const maxSpan = 200

// htmlTable is a table while it is read.
type htmlTable struct {
	caption string
	rows    [][]htmlCell
	heads   bool // has a head cell
	rich    bool // a cell holds a heading or a table
}

type htmlCell struct {
	lines      []string
	cols, rows int
}

// enterTable begins a part of a table. Where there are too many in each other, or a cell stands outside of a row, its text is a block like others.
func (h *page) enterTable(tag string) {
	f := h.top()
	switch tag {
	case "table":
		if len(h.frames) <= maxTables {
			h.bare()
			h.frames = append(h.frames, frame{out: newPaper(h.m, f.out.limits), table: &htmlTable{}})
			h.stack[len(h.stack)-1].cell = true
		}
	case "caption":
		f.caption = f.table != nil
	case "tr":
		if f.table != nil {
			f.table.rows = append(f.table.rows, nil)
		}
	case "td", "th":
		t := f.table
		if t == nil {
			return
		}
		if len(t.rows) == 0 {
			t.rows = append(t.rows, nil)
		}
		c := htmlCell{cols: h.span("colspan"), rows: h.span("rowspan")}
		last := len(t.rows) - 1
		t.rows[last] = append(t.rows[last], c)
		t.heads = t.heads || tag == "th"
		h.frames = append(h.frames, frame{out: newPaper(h.m, f.out.limits)})
		h.stack[len(h.stack)-1].cell = true
	}
}

func (h *page) span(name string) int {
	v, _ := h.tokens.attr(name)
	n, _ := strconv.Atoi(strings.TrimSpace(v))
	return min(max(n, 1), maxSpan)
}

// leaveTable ends a part of a table.
func (h *page) leaveTable(e element) {
	f := h.top()
	switch {
	case e.tag == "caption":
		f.caption = false
		return
	case !e.cell:
		return
	}
	h.frames = h.frames[:len(h.frames)-1]
	o := h.top()
	switch e.tag {
	case "td", "th":
		row := o.table.rows[len(o.table.rows)-1]
		row[len(row)-1].lines = trimmed(f.out.lines)
		o.table.rich = o.table.rich || f.rich
	case "table":
		for _, l := range trimmed(f.out.lines) { // text between cells, which browsers show before the table
			o.out.line(l)
		}
		o.rich = true
		h.writeTable(o, f.table)
	}
}

// writeTable writes a table as one, or its cells one after the other where it only lays out the page.
func (h *page) writeTable(o *frame, t *htmlTable) {
	indent := o.indent()
	o.out.blank()
	if c := fold(t.caption); c != "" {
		o.out.paragraph(indent, indent, c)
		o.out.blank()
	}
	defer func() { o.tight = false; o.out.blank() }()
	if t.layout() {
		for _, r := range t.rows {
			for _, c := range r {
				for _, l := range c.lines {
					if l != "" {
						l = indent + l
					}
					o.out.line(l)
				}
				o.out.blank()
			}
		}
		return
	}
	rows, err := t.grid(h.m, o.out.limits)
	if err != nil {
		o.out.err = err
		return
	}
	o.out.table(indent, rows)
}

// layout tells a table that arranges a page from one that says something by rows and columns.
func (t *htmlTable) layout() bool {
	wide, tall := 0, 0
	for _, r := range t.rows {
		wide = max(wide, len(r))
		if len(r) > 0 {
			tall++
		}
	}
	return wide <= 1 || !t.heads && (tall <= 1 || t.rich)
}

// grid lays cells out: what spans rows is repeated in each, what spans columns leaves the further ones empty.
func (t *htmlTable) grid(m *meter, limits Limits) ([][]string, error) {
	type carry struct {
		text string
		rows int
	}
	var out [][]string
	var down []carry
	var bytes int64
	for _, r := range t.rows {
		var row []string
		put := func(text string, rows int) {
			i := len(row)
			row = append(row, text)
			bytes += int64(len(text)) + 3
			for len(down) <= i {
				down = append(down, carry{})
			}
			down[i] = carry{text, rows - 1}
		}
		fill := func() {
			for len(row) < len(down) && down[len(row)].rows > 0 {
				put(down[len(row)].text, down[len(row)].rows)
			}
		}
		for _, c := range r {
			fill()
			put(flat(c.lines), c.rows)
			for range c.cols - 1 {
				put("", c.rows)
			}
			if err := m.step(); err != nil {
				return nil, err
			}
			if bytes > limits.FileBytes {
				return nil, refuse("its text has more than the %s allowed", size(limits.FileBytes))
			}
		}
		if len(r) > 0 {
			fill()
			out = append(out, row)
		}
	}
	return out, nil
}

// flat makes one line of a cell's blocks.
func flat(lines []string) string {
	var parts []string
	for _, l := range lines {
		l = strings.TrimSpace(l)
		switch {
		case l == "", strings.HasPrefix(l, "```"), strings.HasPrefix(l, "| --- "):
			continue
		case strings.HasPrefix(l, "| ") && strings.HasSuffix(l, " |"):
			l = strings.ReplaceAll(strings.ReplaceAll(strings.Trim(l, "| "), `\|`, "\x00"), " | ", ", ")
			l = strings.ReplaceAll(l, "\x00", "|") + ";"
		case strings.HasPrefix(l, "#"):
			l = strings.TrimLeft(l, "# ")
		}
		parts = append(parts, l)
	}
	return strings.TrimSuffix(strings.Join(parts, " "), ";")
}
