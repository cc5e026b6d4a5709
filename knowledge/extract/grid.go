package extract

import "strings"

// Bounds of tables.
const (
	maxSpan  = 200     // rows or columns that a cell may say it spans
	maxCells = 1 << 19 // rows and cells of all tables of a document
)

// grid is a table while it is read.
type grid struct {
	caption string
	rows    [][]cell
	heads   bool // has a head cell
	rich    bool // a cell holds a heading or a table
}

type cell struct {
	lines      []string
	cols, rows int
	above      bool // goes on with the cell above, as DOCX says it
}

// write writes a table as one, or its cells one after the other where it only lays out the page.
func (t *grid) write(out *paper, indent string) {
	out.blank()
	if c := fold(t.caption); c != "" {
		out.paragraph(indent, indent, c)
		out.blank()
	}
	defer out.blank()
	if t.layout() {
		for _, r := range t.rows {
			for _, c := range r {
				for _, l := range c.lines {
					if l != "" {
						l = indent + l
					}
					out.line(l)
				}
				out.blank()
			}
		}
		return
	}
	rows, err := t.cells(out.m, *out.limits)
	if err != nil {
		out.err = err
		return
	}
	out.table(indent, rows)
}

// layout tells a table that arranges a page from one that says something by rows and columns.
func (t *grid) layout() bool {
	wide, tall := 0, 0
	for _, r := range t.rows {
		wide = max(wide, len(r))
		if len(r) > 0 {
			tall++
		}
	}
	return wide <= 1 || !t.heads && (tall <= 1 || t.rich)
}

// cells lays cells out: what spans rows is repeated in each, what spans columns leaves the further ones empty.
func (t *grid) cells(m *meter, limits Limits) ([][]string, error) {
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
			text := flat(c.lines)
			if n := len(out); c.above && n > 0 && len(row) < len(out[n-1]) {
				text = out[n-1][len(row)]
			}
			put(text, c.rows)
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
