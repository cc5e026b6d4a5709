// Package jsonedit changes single members of a JSON file and leaves every other byte as it is: comments, order, indentation, trailing
// commas, line ends and byte order mark. People write such files by hand, so a decoder that writes them again would destroy them.
//
// Set and Delete read the text, change a copy, read that again, and compare: a change that touches anything but its own path is an error
// and no text.
package jsonedit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// SyntaxError says where a text stops being JSON with comments. It quotes nothing of the text, which may hold secrets.
type SyntaxError struct {
	Line   int // from 1
	Reason string
}

// Error gives line and reason, for people.
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// maxDepth bounds the recursion: no settings file nests like this.
const maxDepth = 200

const mark = "\ufeff"

// node is one value with its place in the text.
type node struct {
	start, end int
	kind       byte   // { [ " for the three that can hold something, 0 for numbers and literals
	text       string // of a string
	items      []item // of an object or array
}

// item is a member of an object or an element of an array.
type item struct {
	start int // of the name, or of the element
	name  string
	value *node
	comma int // offset of the comma behind it, -1 without one
}

// reader walks a text once.
type reader struct {
	src    []byte
	at     int
	strict error // the first thing that plain JSON does not have
}

// parse gives the root, or nil for a text that holds nothing but space and comments.
func parse(src []byte) (*node, *reader, error) {
	r := &reader{src: src}
	if !utf8.Valid(src) {
		return nil, r, &SyntaxError{1, "this is not UTF-8 text"}
	}
	if bytes.HasPrefix(src, []byte(mark)) {
		r.at = len(mark)
	}
	if err := r.space(); err != nil {
		return nil, r, err
	}
	if r.at == len(src) {
		return nil, r, nil
	}
	root, err := r.value(0)
	if err != nil {
		return nil, r, err
	}
	if err := r.space(); err != nil {
		return nil, r, err
	}
	if r.at < len(src) {
		return nil, r, r.fail(r.at, "something follows the end of the value")
	}
	return root, r, nil
}

func (r *reader) line(at int) int { return 1 + bytes.Count(r.src[:at], []byte("\n")) }

func (r *reader) fail(at int, format string, args ...any) error {
	return &SyntaxError{r.line(at), fmt.Sprintf(format, args...)}
}

func (r *reader) lax(at int, what string) {
	if r.strict == nil {
		r.strict = &SyntaxError{r.line(at), what}
	}
}

// space skips white space and comments.
func (r *reader) space() error {
	for r.at < len(r.src) {
		switch rest := r.src[r.at:]; {
		case bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0:
			r.at++
		case bytes.HasPrefix(rest, []byte("//")):
			r.lax(r.at, "a comment")
			n := bytes.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			r.at += n
		case bytes.HasPrefix(rest, []byte("/*")):
			r.lax(r.at, "a comment")
			n := bytes.Index(rest[2:], []byte("*/"))
			if n < 0 {
				return r.fail(r.at, "a comment does not end")
			}
			r.at += n + 4
		default:
			return nil
		}
	}
	return nil
}

func (r *reader) value(depth int) (*node, error) {
	if r.at >= len(r.src) {
		return nil, r.fail(r.at, "a value is missing at the end")
	}
	if depth > maxDepth {
		return nil, r.fail(r.at, "values are nested more than %d deep", maxDepth)
	}
	switch c := r.src[r.at]; c {
	case '{', '[':
		return r.container(c, depth)
	case '"':
		return r.quoted()
	}
	from := r.at
	for r.at < len(r.src) && bytes.IndexByte([]byte(" \t\r\n,:{}[]\"/"), r.src[r.at]) < 0 {
		r.at++
	}
	if !json.Valid(r.src[from:r.at]) {
		return nil, r.fail(from, "a value is expected here")
	}
	return &node{start: from, end: r.at}, nil
}

func (r *reader) quoted() (*node, error) {
	from := r.at
	for r.at++; r.at < len(r.src); r.at++ {
		switch c := r.src[r.at]; {
		case c == '\\':
			r.at++
		case c == '"':
			r.at++
			n := &node{start: from, end: r.at, kind: '"'}
			if json.Unmarshal(r.src[from:r.at], &n.text) != nil {
				return nil, r.fail(from, "a string has an escape that JSON does not know")
			}
			return n, nil
		case c < ' ':
			return nil, r.fail(from, "a string does not end on its line")
		}
	}
	return nil, r.fail(from, "a string does not end")
}

// container reads an object or an array; a comma behind the last item is allowed, as in the files of editors.
func (r *reader) container(open byte, depth int) (*node, error) {
	n := &node{start: r.at, kind: open}
	closer := open + 2 // of both kinds in ASCII
	r.at++
	for {
		if err := r.space(); err != nil {
			return nil, err
		}
		if r.at >= len(r.src) {
			return nil, r.fail(n.start, "what %c opens is not closed", open)
		}
		if r.src[r.at] == closer {
			r.at++
			n.end = r.at
			return n, nil
		}
		if last := len(n.items) - 1; last >= 0 && n.items[last].comma < 0 {
			return nil, r.fail(r.at, "a comma or %c is missing", closer)
		}
		it, err := r.item(open, depth)
		if err != nil {
			return nil, err
		}
		if err := r.space(); err != nil {
			return nil, err
		}
		if r.at < len(r.src) && r.src[r.at] == ',' {
			it.comma = r.at
			r.at++
			r.trailing(it.comma, closer)
		}
		n.items = append(n.items, it)
	}
}

// trailing notes a comma that only a closing bracket follows.
func (r *reader) trailing(comma int, closer byte) {
	ahead := *r
	if ahead.space() == nil && ahead.at < len(r.src) && r.src[ahead.at] == closer {
		r.lax(comma, "a comma behind the last item")
	}
}

func (r *reader) item(open byte, depth int) (item, error) {
	it := item{start: r.at, comma: -1}
	if open == '{' {
		if r.src[r.at] != '"' {
			return it, r.fail(r.at, "a name in double quotes is expected here")
		}
		name, err := r.quoted()
		if err != nil {
			return it, err
		}
		it.name = name.text
		if err := r.space(); err != nil {
			return it, err
		}
		if r.at >= len(r.src) || r.src[r.at] != ':' {
			return it, r.fail(name.start, "a colon is missing behind a name")
		}
		r.at++
		if err := r.space(); err != nil {
			return it, err
		}
	}
	var err error
	it.value, err = r.value(depth + 1)
	return it, err
}
