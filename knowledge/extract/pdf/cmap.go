package pdf

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf16"
)

const maxCodes = 1 << 18 // entries of one map of codes

// cmap maps codes of one to four bytes to text or to numbers of glyphs.
type cmap struct {
	spaces []codeSpace
	text   map[int]string
	cids   map[int]int
	ranges []codeRange // sorted by from once it is read
}

type codeSpace struct{ size, from, to int }

type codeRange struct {
	from, to int
	text     []uint16 // of from; the last unit counts up
	cid      int
}

// readCMap reads a map as far as it can be understood.
func (f *File) readCMap(v any) *cmap {
	s, ok := f.resolve(v).(*stream)
	if !ok || f.mapped > maxMapped {
		return nil
	}
	data, err := f.decode(s)
	if err != nil {
		return nil
	}
	m := &cmap{text: map[int]string{}, cids: map[int]int{}}
	l := &lexer{data: data, spend: f.opt.Spend}
	var args array
	for len(m.text)+len(m.cids)+len(m.ranges) < maxCodes {
		o, err := l.object(0)
		if errors.Is(err, errEnd) || f.failed != nil {
			break
		}
		w, ok := o.(op)
		if !ok {
			if len(args) < 4096 {
				args = append(args, o)
			}
			continue
		}
		if strings.HasPrefix(string(w), "end") {
			m.take(string(w), args)
		}
		args = args[:0]
	}
	f.mapped += len(m.text) + len(m.cids) + len(m.ranges)
	slices.SortStableFunc(m.ranges, func(a, b codeRange) int { return a.from - b.from })
	return m
}

func (m *cmap) take(w string, args array) {
	size := map[string]int{"endcodespacerange": 2, "endbfchar": 2, "endcidchar": 2, "endbfrange": 3, "endcidrange": 3}[w]
	for ; size > 0 && len(args) >= size; args = args[size:] {
		lo, ok := args[0].(str)
		if !ok || len(lo) > 4 {
			continue
		}
		from := code([]byte(lo))
		switch w {
		case "endcodespacerange":
			if hi, ok := args[1].(str); ok && len(hi) == len(lo) {
				m.spaces = append(m.spaces, codeSpace{len(lo), from, code([]byte(hi))})
			}
		case "endbfchar":
			if t, ok := args[1].(str); ok {
				m.text[from] = string(utf16.Decode(units(t)))
			}
		case "endcidchar":
			if n, ok := args[1].(float64); ok {
				m.cids[from] = int(n)
			}
		default:
			hi, ok := args[1].(str)
			if !ok || len(hi) > 4 {
				continue
			}
			r := codeRange{from: from, to: code([]byte(hi))}
			switch t := args[2].(type) {
			case str:
				r.text = units(t)
			case float64:
				r.cid = int(t)
			case array:
				for i, v := range t {
					if s, ok := v.(str); ok && from+i <= r.to && len(m.text) < maxCodes {
						m.text[from+i] = string(utf16.Decode(units(s)))
					}
				}
				continue
			}
			m.ranges = append(m.ranges, r)
		}
	}
}

func code(b []byte) int {
	n := 0
	for _, c := range b {
		n = n<<8 | int(c)
	}
	return n
}

func units(s str) []uint16 {
	s = s[:min(len(s), 64)]
	if len(s) == 1 {
		return []uint16{uint16(s[0])}
	}
	out := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		out = append(out, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return out
}

// find gives the last range that begins at or before the code and holds it.
func (m *cmap) find(c int) (codeRange, bool) {
	i, found := slices.BinarySearchFunc(m.ranges, c, func(r codeRange, c int) int { return r.from - c })
	if found {
		return m.ranges[i], c <= m.ranges[i].to
	}
	for k := i - 1; k >= max(0, i-4); k-- {
		if c <= m.ranges[k].to {
			return m.ranges[k], true
		}
	}
	return codeRange{}, false
}

func (m *cmap) unicode(c int) (string, bool) {
	if t, ok := m.text[c]; ok {
		return t, true
	}
	if r, ok := m.find(c); ok && len(r.text) > 0 {
		t := slices.Clone(r.text)
		t[len(t)-1] += uint16(c - r.from)
		return string(utf16.Decode(t)), true
	}
	return "", false
}

func (m *cmap) cid(c int) int {
	if n, ok := m.cids[c]; ok {
		return n
	}
	if r, ok := m.find(c); ok {
		return r.cid + c - r.from
	}
	return c
}

// next gives the code that b begins with and its length.
func (m *cmap) next(b []byte) (c, n int) {
	for n := 1; n <= min(4, len(b)); n++ {
		c := code(b[:n])
		for _, s := range m.spaces {
			if s.size == n && c >= s.from && c <= s.to {
				return c, n
			}
		}
	}
	n = min(2, len(b))
	if len(m.spaces) > 0 {
		n = min(m.spaces[0].size, len(b))
	}
	return code(b[:n]), n
}
