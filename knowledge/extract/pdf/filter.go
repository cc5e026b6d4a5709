package pdf

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
)

var (
	errLarge   = errors.New("a stream unpacks to more than allowed")
	errPicture = errors.New("a picture")
)

// decode unpacks a stream. What was unpacked before damage is given.
func (f *File) decode(s *stream) ([]byte, error) {
	filters, params := f.list(s.dict["Filter"]), f.list(s.dict["DecodeParms"])
	if filters == nil {
		filters, params = f.list(s.dict["F"]), f.list(s.dict["DP"])
	}
	data := s.raw
	for i, v := range filters[:min(len(filters), 8)] {
		n, _ := f.resolve(v).(name)
		var parms dict
		if i < len(params) {
			parms, _ = f.resolve(params[i]).(dict)
		}
		var err error
		switch n {
		case "FlateDecode", "Fl":
			data, err = f.inflate(data)
		case "LZWDecode", "LZW":
			data, err = f.unLZW(data, f.number(parms["EarlyChange"], 1) != 0)
		case "ASCII85Decode", "A85":
			data = ascii85(data)
		case "ASCIIHexDecode", "AHx":
			l := lexer{data: append([]byte("<"), data...)}
			data = []byte(l.hex())
		case "RunLengthDecode", "RL":
			data, err = f.runs(data)
		default:
			return nil, errPicture
		}
		if err == nil {
			data, err = f.predict(data, parms)
		}
		if err == nil {
			err = f.charge(len(data))
		}
		if err != nil {
			return nil, err
		}
	}
	return data, nil
}

// list gives an array, or what stands alone as one.
func (f *File) list(v any) array {
	switch v := f.resolve(v).(type) {
	case array:
		return v
	case nil:
		return nil
	default:
		return array{v}
	}
}

// charge counts unpacked bytes.
func (f *File) charge(n int) error {
	if f.unpacked += int64(n); f.unpacked > f.opt.Total {
		return errLarge
	}
	return f.opt.Spend(n >> 6)
}

func (f *File) inflate(data []byte) ([]byte, error) {
	data = bytes.TrimLeft(data, "\r\n")
	if len(data) >= 2 && data[0]&15 == 8 && (int(data[0])<<8|int(data[1]))%31 == 0 {
		data = data[2:]
	}
	r := flate.NewReader(bytes.NewReader(data))
	var out bytes.Buffer
	for {
		n, err := io.CopyN(&out, r, 256<<10)
		if int64(out.Len()) > f.opt.Stream {
			return nil, errLarge
		}
		if e := f.opt.Spend(int(n >> 6)); e != nil {
			return nil, e
		}
		if err != nil {
			return out.Bytes(), nil // its end, or damage: what came before counts
		}
	}
}

// unLZW is the variant of PDF: codes of 9 to 12 bits, most significant bit first.
func (f *File) unLZW(data []byte, early bool) ([]byte, error) {
	type entry struct {
		prev  int16
		last  byte
		first byte
		size  int32
	}
	const clear, end = 256, 257
	var table [4096]entry
	for i := range 256 {
		table[i] = entry{prev: -1, last: byte(i), first: byte(i), size: 1}
	}
	next, width, prev := 258, 9, -1
	var out []byte
	var bits, have uint
	for _, b := range data {
		bits, have = bits<<8|uint(b), have+8
		if have < uint(width) {
			continue
		}
		have -= uint(width)
		code := int(bits>>have) & (1<<width - 1)
		switch {
		case code == clear:
			next, width, prev = 258, 9, -1
			continue
		case code == end:
			return out, nil
		case code > next || code == next && prev < 0 || prev < 0 && code > 255:
			return out, nil
		}
		if prev >= 0 && next < len(table) {
			before := table[prev&4095]
			first := table[code].first
			if code == next {
				first = before.first
			}
			table[next] = entry{prev: int16(prev), last: first, first: before.first, size: before.size + 1}
			next++
		} else if code >= next {
			return out, nil
		}
		n := len(out) + int(table[code].size)
		if int64(n) > f.opt.Stream {
			return nil, errLarge
		}
		out = append(out, make([]byte, table[code].size)...)
		for c, i := code, n-1; c >= 0 && i >= 0; c, i = int(table[c].prev), i-1 {
			out[i] = table[c].last
		}
		prev = code
		add := 0
		if early {
			add = 1
		}
		if next+add >= 1<<width && width < 12 {
			width++
		}
		if err := f.opt.Spend(1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func ascii85(data []byte) []byte {
	var out []byte
	var group [5]byte
	n := 0
	put := func(n int) {
		for i := n; i < 5; i++ {
			group[i] = 84
		}
		v := uint32(0)
		for _, c := range group {
			v = v*85 + uint32(c)
		}
		out = append(out, []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}[:n-1]...)
	}
	for _, c := range data {
		switch {
		case c == '~':
			if n > 1 {
				put(n)
			}
			return out
		case c == 'z' && n == 0:
			out = append(out, 0, 0, 0, 0)
		case c >= '!' && c <= 'u':
			group[n] = c - '!'
			if n++; n == 5 {
				put(5)
				n = 0
			}
		}
	}
	if n > 1 {
		put(n)
	}
	return out
}

func (f *File) runs(data []byte) ([]byte, error) {
	var out []byte
	for i := 0; i < len(data) && data[i] != 128; {
		n := int(data[i])
		i++
		if n < 128 {
			end := min(i+n+1, len(data))
			out = append(out, data[i:end]...)
			i = end
		} else if i < len(data) {
			out = append(out, bytes.Repeat(data[i:i+1], 257-n)...)
			i++
		}
		if int64(len(out)) > f.opt.Stream {
			return nil, errLarge
		}
	}
	return out, nil
}

// predict undoes what rows were replaced with by their differences.
func (f *File) predict(data []byte, p dict) ([]byte, error) {
	kind := int(f.number(p["Predictor"], 1))
	if kind < 2 {
		return data, nil
	}
	colors, bits := int(f.number(p["Colors"], 1)), int(f.number(p["BitsPerComponent"], 8))
	columns := int(f.number(p["Columns"], 1))
	if colors < 1 || colors > 32 || bits < 1 || bits > 16 || columns < 1 || columns > 1<<20 {
		return nil, errSyntax
	}
	width := (colors*bits*columns + 7) / 8
	pixel := max(1, colors*bits/8)
	if kind == 2 {
		for row := data; bits == 8 && len(row) >= width; row = row[width:] {
			for i := pixel; i < width; i++ {
				row[i] += row[i-pixel]
			}
		}
		return data, nil
	}
	out := make([]byte, 0, len(data))
	above := make([]byte, width)
	for len(data) > 1 {
		filter, row := data[0], bytes.Clone(data[1:min(len(data), width+1)])
		data = data[1+len(row):]
		for i := range row {
			var left, corner byte
			if i >= pixel {
				left, corner = row[i-pixel], above[i-pixel]
			}
			switch filter {
			case 1:
				row[i] += left
			case 2:
				row[i] += above[i]
			case 3:
				row[i] += byte((int(left) + int(above[i])) / 2)
			case 4:
				row[i] += paeth(left, above[i], corner)
			}
		}
		out = append(out, row...)
		copy(above, row)
		if err := f.opt.Spend(1 + len(row)>>4); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := distance(p, a), distance(p, b), distance(p, c)
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func distance(p int, v byte) int {
	if p < int(v) {
		return int(v) - p
	}
	return p - int(v)
}
