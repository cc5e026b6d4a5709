package extract

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// docxBody is the walk over the text. Paragraphs lie in each other where a text box is anchored in one, tables where one stands in a cell.
type docxBody struct {
	d      *docx
	frames []docxFrame
	notes  []string // of the foot- and endnotes met so far, in order
	cells  int      // of all tables
}

// docxFrame is where blocks go: the document, a cell or a text box.
type docxFrame struct {
	out    *paper
	paras  []*docxPara
	tables []*grid
	code   []string // lines of code not yet written
	boxes  []string // lines of text boxes that follow the paragraph
	item   bool     // the last block belongs to a list
	indent [10]int  // where the text of each level of the current list begins
	depth  int      // of the last item
}

func newDOCXBody(d *docx, p *paper) *docxBody {
	return &docxBody{d: d, frames: []docxFrame{{out: p}}}
}

func (w *docxBody) top() *docxFrame { return &w.frames[len(w.frames)-1] }

func (w *docxBody) para() *docxPara {
	if f := w.top(); len(f.paras) > 0 {
		return f.paras[len(f.paras)-1]
	}
	return nil
}

func (w *docxBody) read(x *xml.Decoder) error {
	return w.d.each(x, func(e xml.StartElement) error {
		if err := w.top().out.err; err != nil {
			return err
		}
		switch {
		case wordSpaces[e.Name.Space]:
			return w.begin(x, e)
		case mathSpaces[e.Name.Space] && e.Name.Local == "t":
			if p := w.para(); p != nil {
				p.inText = true
			}
		case e.Name.Local == "Fallback": // the same once more, for old readers
			return w.d.skip(x)
		}
		return nil
	}, w.end, func(t []byte) {
		if p := w.para(); p != nil && p.inText && !p.hidden {
			p.text.Write(t)
			if strings.TrimSpace(string(t)) != "" && !p.runMono {
				p.plain = true
			}
		}
	})
}

// begin takes a start tag of Word's own.
func (w *docxBody) begin(x *xml.Decoder, e xml.StartElement) error {
	f, p := w.top(), w.para()
	v := value(e, "val")
	if name := e.Name.Local; name == "tr" || name == "tc" {
		if w.cells++; w.cells > maxCells {
			return refuse("its tables have more than the %d cells allowed", maxCells)
		}
	}
	switch e.Name.Local {
	case "p":
		f.paras = append(f.paras, &docxPara{depth: -1})
		return nil
	case "tbl":
		w.flush()
		f.tables = append(f.tables, &grid{heads: true})
	case "tr":
		if n := len(f.tables); n > 0 {
			f.tables[n-1].rows = append(f.tables[n-1].rows, nil)
		}
	case "tc":
		n := len(f.tables)
		if n == 0 || len(f.tables[n-1].rows) == 0 || len(w.frames) > 4*maxTables {
			return nil
		}
		t := f.tables[n-1]
		last := len(t.rows) - 1
		t.rows[last] = append(t.rows[last], cell{cols: 1, rows: 1})
		w.frames = append(w.frames, docxFrame{out: newPaper(w.d.m, f.out.limits)})
	case "gridSpan", "vMerge":
		if len(w.frames) < 2 || len(f.paras) > 0 {
			return nil
		}
		if o := &w.frames[len(w.frames)-2]; len(o.tables) > 0 {
			row := o.tables[len(o.tables)-1].rows
			r := row[len(row)-1]
			c := &r[len(r)-1]
			if n, err := strconv.Atoi(v); e.Name.Local == "gridSpan" && err == nil {
				c.cols = min(max(n, 1), maxSpan)
			} else if e.Name.Local == "vMerge" && v != "restart" {
				c.above = true
			}
		}
	case "txbxContent":
		if len(w.frames) > 4*maxTables {
			return w.d.skip(x)
		}
		w.frames = append(w.frames, docxFrame{out: newPaper(w.d.m, f.out.limits)})
	case "del", "moveFrom", "delText", "instrText", "pPrChange", "rPrChange", "tblPrChange", "tcPrChange", "sectPr", "sdtPr", "tblPr", "trPr", "numberingChange", "delInstrText":
		return w.d.skip(x)
	}
	if p == nil {
		return nil
	}
	return p.begin(w, e)
}

func (w *docxBody) end(e xml.EndElement) {
	if mathSpaces[e.Name.Space] {
		if p := w.para(); p != nil {
			p.inText = false
		}
		return
	}
	if !wordSpaces[e.Name.Space] {
		return
	}
	f, p := w.top(), w.para()
	switch e.Name.Local {
	case "t":
		if p != nil {
			p.inText = false
		}
	case "pPr":
		if p != nil {
			p.inProps = false
		}
	case "p":
		if p != nil {
			f.paras = f.paras[:len(f.paras)-1]
			w.write(p)
		}
	case "tc":
		if len(w.frames) < 2 || len(w.frames[len(w.frames)-2].tables) == 0 {
			return
		}
		w.flush()
		w.frames = w.frames[:len(w.frames)-1]
		o := w.top()
		t := o.tables[len(o.tables)-1]
		row := t.rows[len(t.rows)-1]
		row[len(row)-1].lines = trimmed(f.out.lines)
		if f.out.err != nil {
			o.out.err = f.out.err
		}
	case "txbxContent":
		if len(w.frames) < 2 {
			return
		}
		w.flush()
		w.frames = w.frames[:len(w.frames)-1]
		o := w.top()
		o.boxes = append(append(o.boxes, ""), f.out.lines...)
		if f.out.err != nil {
			o.out.err = f.out.err
		}
	case "tbl":
		n := len(f.tables)
		if n == 0 {
			return
		}
		t := f.tables[n-1]
		f.tables = f.tables[:n-1]
		f.item = false
		t.write(f.out, "")
	}
}

// write writes a paragraph as what its style makes it.
func (w *docxBody) write(p *docxPara) {
	f, text := w.top(), p.text.String()
	s := w.d.style(p.style)
	defer func() {
		if len(f.paras) == 0 && len(f.boxes) > 0 {
			w.flush()
			for _, l := range f.boxes {
				f.out.line(l)
			}
			f.boxes = nil
		}
	}()
	if s.drop {
		return
	}
	list, depth, level := p.list, p.depth, p.level
	if list == "" {
		list = s.list
	}
	if depth < 0 {
		depth = max(s.depth, 0)
	}
	if level == 0 {
		level = s.level
	}
	blank := strings.TrimSpace(text) == ""
	if (s.code || s.mono || !p.plain) && (!blank || len(f.code) > 0) && level == 0 && (list == "" || list == "0") {
		f.code = append(f.code, strings.Split(text, "\n")...)
		return
	}
	w.flush()
	if blank {
		return
	}
	marker, label := "", ""
	if list != "" && list != "0" {
		marker, label = w.d.number(list, depth)
	}
	switch {
	case level > 0:
		f.item = false
		f.out.heading(level, strings.TrimSpace(label+" "+text))
	case marker != "":
		w.item(marker+" ", min(max(depth, 0), 8), text)
	case f.item && p.moved: // goes on within the item
		in := strings.Repeat(" ", f.indent[f.depth+1])
		f.out.blank()
		f.out.paragraph(in, in, text)
	default:
		f.item = false
		f.out.blank()
		f.out.paragraph("", "", text)
	}
}

// item writes an item of a list, under the text of the item that it belongs to.
func (w *docxBody) item(marker string, depth int, text string) {
	f := w.top()
	if !f.item {
		f.out.blank()
		f.indent, f.depth = [10]int{}, -1
	}
	if depth > f.depth { // levels that were left out have no item to stand under
		for i := f.depth + 2; i <= depth; i++ {
			f.indent[i] = f.indent[f.depth+1]
		}
	}
	outer := strings.Repeat(" ", f.indent[depth])
	inner := outer + strings.Repeat(" ", len(marker))
	f.indent[depth+1], f.depth, f.item = len(inner), depth, true
	f.out.paragraph(outer+marker, inner, text)
}

// flush writes the code gathered so far.
func (w *docxBody) flush() {
	f := w.top()
	if len(f.code) == 0 {
		return
	}
	in := ""
	if f.item {
		in = strings.Repeat(" ", f.indent[f.depth+1])
	} else {
		f.out.blank()
	}
	f.out.fence(in, f.code)
	f.code = nil
	if !f.item {
		f.out.blank()
	}
}

// finish writes what is still open, and the notes.
func (w *docxBody) finish() {
	for len(w.frames) > 1 { // the file broke off inside
		w.flush()
		lines := w.top().out.lines
		w.frames = w.frames[:len(w.frames)-1]
		o := w.top()
		for _, l := range lines {
			o.out.line(l)
		}
	}
	f := w.top()
	for _, p := range slices.Clone(f.paras) {
		w.write(p)
	}
	w.flush()
	if len(w.notes) > 0 {
		f.out.blank()
		for i, n := range w.notes {
			f.out.paragraph(fmt.Sprintf("[%d] ", i+1), "", n)
			f.out.blank()
		}
	}
}
