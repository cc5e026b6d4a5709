package pdf

import (
	"bytes"
	"errors"
)

// What Open answers besides the errors of Options.Spend.
var (
	ErrEncrypted = errors.New("the file is encrypted")
	ErrDamaged   = errors.New("the file is damaged")
)

// Options bound the work. Spend is called with units of work all along (a unit is a token or 64 bytes unpacked); its error ends everything.
type Options struct {
	Spend  func(units int) error
	Stream int64 // bytes that one stream may unpack to
	Total  int64 // bytes that all may
	Pages  int   // pages that are listed; further ones are not
}

// Bounds of what a file may list.
const (
	maxObjects  = 2 << 20
	maxSections = 1024     // tables of objects, one for each time the file was changed
	maxPacked   = 32 << 20 // bytes of unpacked streams of objects that are kept
	maxKept     = 4 << 20  // parts of objects that are kept
	maxMapped   = 2 << 20  // codes that all fonts together may map
)

// place is where an object lies: in the file, or as one of many in a stream.
type place struct {
	offset int // in the file, or the number of the stream
	index  int // in the stream; -1: in the file
}

// File is a PDF. Not safe for concurrent use.
type File struct {
	data     []byte
	opt      Options
	places   map[int]place
	trailer  dict
	objects  map[int]any     // read so far
	loading  map[int]bool    // being read
	packs    map[int]*packed // streams of objects
	held     int             // bytes of packs
	kept     int             // parts of objects
	mapped   int             // codes that fonts map
	fonts    map[ref]*font
	unpacked int64
	pages    []dict
	failed   error // of Spend: once it has said no, nothing goes on
	searched bool
}

type packed struct {
	data    []byte
	offsets []int
	nums    []int
}

// Open reads the tables of a file and lists its pages.
func Open(data []byte, opt Options) (*File, error) {
	f := &File{data: data, places: map[int]place{}, trailer: dict{}, fonts: map[ref]*font{}}
	spend := opt.Spend
	opt.Spend = func(n int) error {
		if f.failed == nil {
			f.failed = spend(n)
		}
		return f.failed
	}
	f.opt = opt
	f.forget()
	if i := bytes.Index(data[:min(len(data), 1024)], []byte("%PDF-")); i > 0 {
		f.data = data[i:] // offsets count from there
	}
	ok := f.tables()
	if f.trailer["Encrypt"] != nil {
		return nil, ErrEncrypted
	}
	if ok {
		f.listPages()
	}
	if len(f.pages) == 0 && f.failed == nil {
		f.search()
		if f.trailer["Encrypt"] != nil {
			return nil, ErrEncrypted
		}
		f.listPages()
		if len(f.pages) == 0 {
			f.anyPages()
		}
	}
	switch {
	case f.failed != nil:
		return nil, f.failed
	case len(f.pages) == 0:
		return nil, ErrDamaged
	}
	return f, nil
}

func (f *File) forget() {
	f.objects, f.loading, f.packs, f.held, f.kept = map[int]any{}, map[int]bool{}, map[int]*packed{}, 0, 0
}

func (f *File) lexer(at int) *lexer {
	return &lexer{data: f.data, at: at, spend: f.opt.Spend, file: true}
}

// objectAt reads "12 0 obj …" at a place; num is what it must be, or -1.
func (f *File) objectAt(at, num int) (any, error) {
	if at < 0 || at >= len(f.data) {
		return nil, errSyntax
	}
	l := f.lexer(at)
	l.blank()
	n, whole := l.digits()
	l.blank()
	_, _ = l.digits()
	l.blank()
	if !whole || num >= 0 && int(n) != num || !bytes.HasPrefix(l.data[l.at:], []byte("obj")) {
		return nil, errSyntax
	}
	l.at += 3
	o, err := l.object(0)
	f.kept += l.items
	if err != nil {
		return nil, err
	}
	d, ok := o.(dict)
	if !ok {
		return o, nil
	}
	l.blank()
	if !bytes.HasPrefix(l.data[l.at:], []byte("stream")) {
		return d, nil
	}
	l.at += 6
	if l.at < len(l.data) && l.data[l.at] == '\r' {
		l.at++
	}
	if l.at < len(l.data) && l.data[l.at] == '\n' {
		l.at++
	}
	rest := l.data[min(l.at, len(l.data)):]
	if n := int(f.number(d["Length"], -1)); n >= 0 && n <= len(rest) && bytes.HasPrefix(bytes.TrimLeft(rest[n:min(len(rest), n+16)], "\r\n \t"), []byte("endstr")) {
		return &stream{d, rest[:n]}, nil
	}
	end := bytes.Index(rest, []byte("endstream"))
	if end < 0 {
		end = len(rest)
	}
	if err := f.opt.Spend(end >> 6); err != nil {
		return nil, err
	}
	return &stream{d, rest[:end]}, nil
}

// resolve follows references to what they mean. What cannot be had is nil.
func (f *File) resolve(v any) any {
	for range 8 {
		r, ok := v.(ref)
		if !ok {
			return v
		}
		v = f.load(r.num)
	}
	return nil
}

func (f *File) load(num int) any {
	if o, ok := f.objects[num]; ok {
		return o
	}
	p, ok := f.places[num]
	if !ok || f.loading[num] || len(f.loading) > 32 || f.opt.Spend(1) != nil {
		return nil
	}
	f.loading[num] = true
	defer delete(f.loading, num)
	var o any
	var err error
	if p.index < 0 {
		if o, err = f.objectAt(p.offset, num); err != nil && !f.searched && f.failed == nil {
			f.search() // the table lies
			p, ok = f.places[num]
			f.loading[num] = true
			if ok && p.index < 0 {
				o, _ = f.objectAt(p.offset, num)
			} else if ok {
				o = f.fromPack(num, p)
			}
		}
	} else {
		o = f.fromPack(num, p)
	}
	if f.kept > maxKept {
		f.objects, f.kept = map[int]any{}, 0
	}
	f.kept++
	f.objects[num] = o
	return o
}

func (f *File) fromPack(num int, p place) any {
	pack := f.pack(p.offset)
	if pack == nil {
		return nil
	}
	i := p.index
	if i >= len(pack.nums) || pack.nums[i] != num {
		for i = 0; i < len(pack.nums) && pack.nums[i] != num; i++ {
		}
	}
	if i >= len(pack.nums) || f.opt.Spend(1+i>>6) != nil || pack.offsets[i] < 0 || pack.offsets[i] >= len(pack.data) {
		return nil
	}
	l := &lexer{data: pack.data, at: pack.offsets[i], spend: f.opt.Spend, file: true}
	o, err := l.object(0)
	if f.kept += l.items; err != nil {
		return nil
	}
	return o
}

// pack unpacks a stream of objects and keeps it as long as there is room.
func (f *File) pack(num int) *packed {
	if p, ok := f.packs[num]; ok {
		return p
	}
	if f.places[num].index >= 0 {
		return nil
	}
	s, ok := f.load(num).(*stream)
	if !ok {
		return nil
	}
	data, err := f.decode(s)
	if err != nil {
		f.packs[num] = nil
		return nil
	}
	n, first := int(f.number(s.dict["N"], 0)), int(f.number(s.dict["First"], 0))
	p := &packed{data: data}
	l := &lexer{data: data, spend: f.opt.Spend}
	for range min(n, len(data)/2) {
		l.blank()
		if l.at >= len(data) {
			break
		}
		a, ok := l.digits()
		l.blank()
		b, ok2 := l.digits()
		if !ok || !ok2 || f.opt.Spend(1) != nil {
			break
		}
		p.nums, p.offsets = append(p.nums, int(a)), append(p.offsets, first+int(b))
	}
	if f.held += len(data); f.held > maxPacked {
		f.packs, f.held = map[int]*packed{}, len(data)
	}
	f.packs[num] = p
	return p
}

// number gives a number, or the default for what is none.
func (f *File) number(v any, otherwise float64) float64 {
	if n, ok := f.resolve(v).(float64); ok {
		return n
	}
	return otherwise
}

// dict gives a dictionary, also that of a stream; nil for what is none.
func (f *File) dict(v any) dict {
	switch v := f.resolve(v).(type) {
	case dict:
		return v
	case *stream:
		return v.dict
	}
	return nil
}
