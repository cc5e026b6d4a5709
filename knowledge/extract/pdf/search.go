package pdf

import (
	"bytes"
	"strconv"
)

// search finds objects by how they begin, for files whose tables are damaged or lie.
func (f *File) search() {
	f.searched = true
	f.places = map[int]place{}
	f.forget()
	var packs []int
	for at := 0; f.opt.Spend(1) == nil; {
		i := bytes.Index(f.data[at:], []byte("obj"))
		if i < 0 {
			break
		}
		at += i + 3
		start, num := f.headBefore(at - 3)
		if start < 0 || len(f.places) >= maxObjects {
			continue
		}
		f.places[num] = place{start, -1} // the last one counts: it is the newest
		head := f.data[at:min(len(f.data), at+400)]
		if bytes.Contains(head, []byte("/ObjStm")) {
			packs = append(packs, num)
		} else if bytes.Contains(head, []byte("/XRef")) {
			if o, _ := f.objectAt(start, -1); o != nil {
				if s, ok := o.(*stream); ok {
					f.merge(s.dict)
				}
			}
		} else if bytes.Contains(head, []byte("/Catalog")) && f.trailer["Root"] == nil {
			f.trailer["Root"] = ref{num, 0}
		}
	}
	for at := 0; f.opt.Spend(1) == nil; {
		i := bytes.Index(f.data[at:], []byte("trailer"))
		if i < 0 {
			break
		}
		at += i + 7
		if o, err := f.lexer(at).object(0); err == nil {
			d, _ := o.(dict)
			f.merge(d)
		}
	}
	for _, num := range packs {
		if p := f.pack(num); p != nil {
			for i, n := range p.nums {
				f.place(n, place{num, i})
			}
		}
	}
}

func (f *File) merge(d dict) {
	for k, v := range d {
		f.trailer[k] = v
	}
}

// headBefore reads "12 0 " backwards from the word obj.
func (f *File) headBefore(at int) (start, num int) {
	i := at
	back := func(is func(byte) bool) int {
		n := 0
		for i > 0 && n < 12 && is(f.data[i-1]) {
			i--
			n++
		}
		return n
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	if back(space); back(digit) == 0 || back(space) == 0 {
		return -1, 0
	}
	end := i
	if back(digit) == 0 {
		return -1, 0
	}
	num, err := strconv.Atoi(string(f.data[i:end]))
	if err != nil || num > 1<<30 {
		return -1, 0
	}
	return i, num
}
