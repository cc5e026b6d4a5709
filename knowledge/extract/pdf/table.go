package pdf

import "bytes"

// tables reads the tables of objects, the newest first.
func (f *File) tables() bool {
	tail := max(0, len(f.data)-2048)
	i := bytes.LastIndex(f.data[tail:], []byte("startxref"))
	if i < 0 {
		return false
	}
	l := f.lexer(tail + i + 9)
	l.blank()
	first, whole := l.digits()
	seen := map[int]bool{}
	next := []int{int(first)}
	for whole && len(next) > 0 && len(seen) < maxSections {
		at := next[0]
		next = next[1:]
		if at <= 0 || at >= len(f.data) || seen[at] {
			continue
		}
		seen[at] = true
		d := f.table(at)
		if d == nil {
			return false
		}
		for k, v := range d {
			if _, have := f.trailer[k]; !have {
				f.trailer[k] = v
			}
		}
		for _, k := range []name{"XRefStm", "Prev"} {
			if n, ok := d[k].(float64); ok {
				next = append(next, int(n))
			}
		}
	}
	return f.trailer["Root"] != nil
}

// table reads one table, in either form, and gives its trailer.
func (f *File) table(at int) dict {
	l := f.lexer(at)
	l.blank()
	if !bytes.HasPrefix(l.data[l.at:], []byte("xref")) {
		o, _ := f.objectAt(l.at, -1)
		s, ok := o.(*stream)
		if !ok {
			return nil
		}
		f.tableStream(s)
		return s.dict
	}
	l.at += 4
	for {
		o, err := l.object(0)
		if o == op("trailer") {
			o, err = l.object(0)
			d, _ := o.(dict)
			if err != nil {
				return nil
			}
			return d
		}
		first, ok := o.(float64)
		if !ok || err != nil {
			return nil
		}
		o, _ = l.object(0)
		count, ok := o.(float64)
		if !ok {
			return nil
		}
		for i := 0; i < int(count); i++ {
			l.blank()
			if l.at+18 > len(l.data) || f.opt.Spend(1) != nil {
				return nil
			}
			offset, whole := l.digits()
			l.blank()
			_, _ = l.digits()
			l.blank()
			if !whole || l.at >= len(l.data) {
				return nil
			}
			kind := l.data[l.at]
			l.at++
			if kind == 'n' {
				f.place(int(first)+i, place{int(offset), -1})
			} else if kind != 'f' {
				return nil
			}
		}
	}
}

// place notes where an object lies, unless a newer table has said so.
func (f *File) place(num int, p place) {
	if _, have := f.places[num]; !have && len(f.places) < maxObjects {
		f.places[num] = p
	}
}

func (f *File) tableStream(s *stream) {
	data, err := f.decode(s)
	w := f.list(s.dict["W"])
	if err != nil || len(w) < 3 {
		return
	}
	var width [3]int
	for i := range width {
		width[i] = int(f.number(w[i], 0))
		if width[i] < 0 || width[i] > 8 {
			return
		}
	}
	row := width[0] + width[1] + width[2]
	index := f.list(s.dict["Index"])
	if len(index) < 2 {
		index = array{0.0, f.number(s.dict["Size"], 0)}
	}
	for ; len(index) >= 2 && row > 0; index = index[2:] {
		first, count := int(f.number(index[0], 0)), int(f.number(index[1], 0))
		for i := 0; i < count && len(data) >= row && f.opt.Spend(1) == nil; i++ {
			var v [3]int
			at := 0
			for k, n := range width {
				for _, b := range data[at : at+n] {
					v[k] = v[k]<<8 | int(b)
				}
				at += n
			}
			if width[0] == 0 {
				v[0] = 1
			}
			data = data[row:]
			switch v[0] {
			case 1:
				f.place(first+i, place{v[1], -1})
			case 2:
				f.place(first+i, place{v[1], max(v[2], 0)})
			}
		}
	}
}
