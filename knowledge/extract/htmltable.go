package extract

import (
	"strconv"
	"strings"
)

// enterTable begins a part of a table. Where there are too many in each other, or a cell stands outside of a row, its text is a block like others.
func (h *page) enterTable(tag string) {
	f := h.top()
	if h.cells++; h.cells > maxCells {
		f.out.err = refuse("its tables have more than the %d cells allowed", maxCells)
		return
	}
	switch tag {
	case "table":
		if len(h.frames) <= maxTables {
			h.bare()
			h.frames = append(h.frames, frame{out: newPaper(h.m, f.out.limits), table: &grid{}})
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
		c := cell{cols: h.span("colspan"), rows: h.span("rowspan")}
		last := len(t.rows) - 1
		t.rows[last] = append(t.rows[last], c)
		t.heads = t.heads || tag == "th"
		h.frames = append(h.frames, frame{out: newPaper(h.m, f.out.limits)})
		h.stack[len(h.stack)-1].cell = true
	}
}

func (h *page) span(name string) int {
	v, ok := h.tokens.attr(name)
	if !ok {
		return 1
	}
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
		f.table.write(o.out, o.indent())
		o.tight = false
	}
}
