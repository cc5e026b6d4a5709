package extract

import (
	"math"
	"slices"
	"strconv"
)

// tables puts a table in the place of lines whose words stand in columns.
func (d *pdfDocument) tables(lines []pdfLine) []pdfLine {
	var out []pdfLine
	for i := 0; i < len(lines); {
		end, starts := d.region(lines[i:])
		if end == 0 {
			out = append(out, lines[i])
			i++
			continue
		}
		t := d.tableOf(lines[i:i+end], starts)
		if !d.isContents(t) {
			out = append(out, pdfLine{table: t, size: lines[i].size, y: lines[i].y})
		}
		i += end
	}
	return out
}

// region gives how many lines from the first on make a table, and where its columns begin; 0 if they make none.
func (d *pdfDocument) region(lines []pdfLine) (int, []float64) {
	if !several(lines[0]) {
		return 0, nil
	}
	last, rows := 0, 1
	for i := 1; i < len(lines) && i < 400; i++ {
		l, above := lines[i], lines[i-1]
		if l.gap <= 0 || l.gap > 3.5*l.size || math.Abs(l.size-lines[0].size) > .3*lines[0].size {
			break
		}
		if several(l) {
			if !shares(l, lines[:i]) {
				break
			}
			last = i
			rows++
			continue
		}
		// One cell goes on below, if it does not run into the next column.
		if l.mono || !within(l, above, lines[:i]) || l.gap > d.leading*1.3*l.size && i-last > 1 {
			break
		}
		if i-last > 12 {
			break
		}
	}
	// Single lines at the end belong to the last row when they stand below a later cell.
	end := last + 1
	for end < len(lines) && end < last+12 && !several(lines[end]) && lines[end].gap > 0 && lines[end].gap <= d.leading*1.25*lines[end].size &&
		lines[end].x0 > lines[last].x0+2*lines[last].size && within(lines[end], lines[end-1], lines[:end]) {
		end++
	}
	if rows < 2 {
		return 0, nil
	}
	starts := d.starts(lines[:end])
	if len(starts) < 2 {
		return 0, nil
	}
	return end, starts
}

// several reports whether a line has words in more than one column; a marker before an item is none.
func several(l pdfLine) bool {
	n := len(l.spans)
	if n > 1 {
		if mark, rest := marker(l.spans[0].text); mark != "" && rest == "" {
			n--
		}
	}
	return n > 1 && !l.mono
}

// shares reports whether a line begins a column where one of the lines above does, beside the first.
func shares(l pdfLine, above []pdfLine) bool {
	n := 0
	for _, s := range l.spans {
		for k := len(above) - 1; k >= max(0, len(above)-12); k-- {
			if slices.ContainsFunc(above[k].spans, func(o pdfSpan) bool { return math.Abs(o.x0-s.x0) < .5*s.size }) {
				n++
				break
			}
		}
	}
	return n*2 >= len(l.spans) && n > 0 && (n > 1 || math.Abs(l.x0-above[len(above)-1].x0) > l.size || len(l.spans) == 2)
}

// within reports whether a line of one span stands under a cell and inside its column.
func within(l, above pdfLine, lines []pdfLine) bool {
	for k := len(lines) - 1; k >= max(0, len(lines)-12); k-- {
		if len(lines[k].spans) < 2 {
			continue
		}
		for i, s := range lines[k].spans {
			if math.Abs(s.x0-l.x0) < .5*l.size {
				return i+1 == len(lines[k].spans) || l.x1 < lines[k].spans[i+1].x0-.5*l.size
			}
		}
	}
	return false
}

// starts clusters where spans begin and keeps what comes in more than one line.
func (d *pdfDocument) starts(lines []pdfLine) []float64 {
	var all []float64
	rows := 0
	for _, l := range lines {
		if len(l.spans) > 1 {
			rows++
			for _, s := range l.spans {
				all = append(all, s.x0)
			}
		}
	}
	slices.Sort(all)
	var out []float64
	tolerance := .6 * max(lines[0].size, 1)
	for i := 0; i < len(all); {
		k := i
		for k < len(all) && all[k]-all[i] <= 2*tolerance {
			k++
		}
		if n := k - i; n >= 2 && n*4 >= rows || rows <= 2 {
			out = append(out, all[i]-tolerance)
		}
		i = k
	}
	return out
}

// tableOf puts spans into cells. Lines that follow closely, where rows stand apart, go on with the row; so do those with an empty first cell.
func (d *pdfDocument) tableOf(lines []pdfLine, starts []float64) *grid {
	narrow, wide := math.Inf(1), 0.0
	for _, l := range lines[1:] {
		narrow, wide = min(narrow, l.gap/l.size), max(wide, l.gap/l.size)
	}
	apart := wide > 1.25*narrow
	t := &grid{heads: true}
	column := func(x float64) int {
		at := 0
		for i, s := range starts {
			if x >= s {
				at = i
			}
		}
		return at
	}
	for i, l := range lines {
		cells := make([]string, len(starts))
		for _, s := range l.spans {
			k := column(s.x0)
			cells[k] = d.join(cells[k], s.text)
		}
		tight := i > 0 && l.gap/l.size <= narrow*1.12
		more := i > 0 && (cells[0] == "" && (!apart || tight) || apart && tight)
		if more {
			row := t.rows[len(t.rows)-1]
			for k, c := range cells {
				if len(row[k].lines) == 0 {
					row[k].lines = []string{c}
				} else {
					row[k].lines[0] = d.join(row[k].lines[0], c)
				}
			}
			continue
		}
		row := make([]cell, len(cells))
		for k, c := range cells {
			row[k] = cell{lines: []string{c}, cols: 1, rows: 1}
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// isContents tells a table of contents, whose last column counts pages up and whose first names what the outline names.
func (d *pdfDocument) isContents(t *grid) bool {
	if len(t.rows) < 4 {
		return false
	}
	before, good, named := 0, 0, 0
	for _, r := range t.rows {
		last := r[len(r)-1].lines[0]
		n, err := strconv.Atoi(last)
		if numeral.MatchString(last) && (err != nil || n >= before) {
			good++
		}
		before = max(before, n)
		if d.outline[plainKey(r[0].lines[0])] > 0 || len(r) > 2 && d.outline[plainKey(r[0].lines[0]+r[1].lines[0])] > 0 {
			named++
		}
	}
	if good*10 < len(t.rows)*9 || named*2 < len(t.rows) {
		return false
	}
	d.contents = true
	return true
}
