package pdf

import (
	"bytes"
	"errors"
	"strconv"
)

// The objects of a file: nil, bool, float64, str, name, array, dict, *stream, ref; and op in a page's content.
type (
	name  string
	str   string
	op    string
	array []any
	dict  map[name]any
	ref   struct{ num, gen int }
)

type stream struct {
	dict dict
	raw  []byte
}

// Bounds of one object.
const (
	maxDepth = 64      // arrays and dictionaries in each other
	maxItems = 1 << 20 // in all
)

var (
	errSyntax = errors.New("syntax")
	errEnd    = errors.New("end")
)

// lexer reads objects from bytes.
type lexer struct {
	data  []byte
	at    int
	spend func(int) error
	file  bool // references are known; a page's content has none
	items int  // of the object that is being read
}

func space(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func delimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return space(c)
}

// blank goes over white space and comments.
func (l *lexer) blank() {
	for l.at < len(l.data) {
		c := l.data[l.at]
		switch {
		case space(c):
			l.at++
		case c == '%':
			i := bytes.IndexAny(l.data[l.at:], "\r\n")
			if i < 0 {
				l.at = len(l.data)
				return
			}
			l.at += i
		default:
			return
		}
	}
}

// object reads the next object or operator.
func (l *lexer) object(depth int) (any, error) {
	if err := l.spend(1); err != nil {
		return nil, err
	}
	l.blank()
	if l.at >= len(l.data) {
		return nil, errEnd
	}
	if l.items++; depth == 0 {
		l.items = 1
	}
	if depth > maxDepth || l.items > maxItems {
		return nil, errSyntax
	}
	switch c := l.data[l.at]; {
	case c == '/':
		l.at++
		return l.name(), nil
	case c == '(':
		return l.text(), nil
	case c == '<':
		if l.at+1 < len(l.data) && l.data[l.at+1] == '<' {
			l.at += 2
			return l.dict(depth)
		}
		return l.hex(), nil
	case c == '[':
		l.at++
		return l.array(depth)
	case c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.':
		return l.number(), nil
	case c == ']' || c == '>' || c == ')' || c == '{' || c == '}':
		l.at++
		if c == '>' && l.at < len(l.data) && l.data[l.at] == '>' {
			l.at++
			return op(">>"), nil
		}
		return op(c), nil
	}
	start := l.at
	for l.at < len(l.data) && !delimiter(l.data[l.at]) {
		l.at++
	}
	switch w := string(l.data[start:min(l.at, start+64)]); w {
	case "null":
		return nil, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return op(w), nil
	}
}

func (l *lexer) name() name {
	start := l.at
	escaped := false
	for l.at < len(l.data) && !delimiter(l.data[l.at]) {
		escaped = escaped || l.data[l.at] == '#'
		l.at++
	}
	raw := l.data[start:min(l.at, start+256)]
	if !escaped {
		return name(raw)
	}
	var out []byte
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			if n, err := strconv.ParseUint(string(raw[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, raw[i])
	}
	return name(out)
}

// number reads a number, and a reference where two whole ones and an R follow each other.
func (l *lexer) number() any {
	n, whole := l.digits()
	if !l.file || !whole || n < 0 {
		return n
	}
	back := l.at
	l.blank()
	if l.at < len(l.data) && l.data[l.at] >= '0' && l.data[l.at] <= '9' {
		gen, whole := l.digits()
		l.blank()
		if whole && l.at < len(l.data) && l.data[l.at] == 'R' && (l.at+1 == len(l.data) || delimiter(l.data[l.at+1])) {
			l.at++
			return ref{int(n), int(gen)}
		}
	}
	l.at = back
	return n
}

// digits reads a number as PDF writes it, without exponent. Nonsense is passed over as far as it looks like a number.
func (l *lexer) digits() (n float64, whole bool) {
	whole = true
	sign, unit := 1.0, 0.0
	start := l.at
	for ; l.at < len(l.data); l.at++ {
		switch c := l.data[l.at]; {
		case c >= '0' && c <= '9':
			if unit == 0 {
				n = n*10 + float64(c-'0')
			} else {
				n += float64(c-'0') * unit
				unit /= 10
			}
		case c == '-' && l.at == start:
			sign, whole = -1, false
		case c == '-' || c == '+':
			whole = false
		case c == '.':
			whole = false
			if unit == 0 {
				unit = .1
			}
		default:
			return sign * min(n, 1e12), whole && n < 1e9
		}
	}
	return sign * min(n, 1e12), whole && n < 1e9
}

func (l *lexer) text() str {
	var out []byte
	depth := 0
	for l.at++; l.at < len(l.data); l.at++ {
		switch c := l.data[l.at]; c {
		case '(':
			depth++
			out = append(out, c)
		case ')':
			if depth == 0 {
				l.at++
				return str(out)
			}
			depth--
			out = append(out, c)
		case '\\':
			l.at++
			if l.at >= len(l.data) {
				return str(out)
			}
			switch c := l.data[l.at]; {
			case c >= '0' && c <= '7':
				n := 0
				for i := 0; i < 3 && l.at < len(l.data) && l.data[l.at] >= '0' && l.data[l.at] <= '7'; i++ {
					n = n*8 + int(l.data[l.at]-'0')
					l.at++
				}
				l.at--
				out = append(out, byte(n))
			case c == '\r':
				if l.at+1 < len(l.data) && l.data[l.at+1] == '\n' {
					l.at++
				}
			case c == '\n':
			default:
				if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
					c = "\n\r\t\b\f"[i]
				}
				out = append(out, c)
			}
		default:
			out = append(out, c)
		}
	}
	return str(out)
}

func (l *lexer) hex() str {
	var out []byte
	half, odd := byte(0), false
	for l.at++; l.at < len(l.data); l.at++ {
		c := l.data[l.at]
		if c == '>' {
			l.at++
			break
		}
		d, ok := hexDigit(c)
		if !ok {
			continue
		}
		if odd {
			out = append(out, half<<4|d)
		}
		half, odd = d, !odd
	}
	if odd {
		out = append(out, half<<4)
	}
	return str(out)
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

func (l *lexer) array(depth int) (any, error) {
	out := array{}
	for {
		o, err := l.object(depth + 1)
		if errors.Is(err, errEnd) || o == op("]") {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if _, stray := o.(op); !stray {
			out = append(out, o)
		}
	}
}

func (l *lexer) dict(depth int) (any, error) {
	out := dict{}
	for {
		k, err := l.object(depth + 1)
		if errors.Is(err, errEnd) || k == op(">>") {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		key, ok := k.(name)
		if !ok {
			if w, ok := k.(op); ok && (w == "endobj" || w == "stream") { // the end is missing
				l.at -= len(w)
				return out, nil
			}
			continue
		}
		v, err := l.object(depth + 1)
		if errors.Is(err, errEnd) || v == op(">>") {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out[key] = v
	}
}
