// Package tomledit changes one table of a TOML file and leaves every other byte as it is: comments, order, blank lines and line ends. A
// decoder that writes the file again would lose the comments.
//
// Set and Delete read the text before and after with a TOML decoder and compare: a change that touches another table is an error and no
// text.
package tomledit

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// SyntaxError says where a text cannot be read or edited. It quotes nothing of the text, which may hold secrets.
type SyntaxError struct {
	Line   int // from 1
	Reason string
}

// Error gives line and reason, for people.
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// statement is a header or a key with its value, from the first byte of its first line to the end of its last.
type statement struct {
	start, end int
	header     bool
	array      bool     // [[…]]
	path       []string // of a header; of a key, without its table
	value      [2]int   // of a key: where its value stands
}

const mark = "\ufeff"

// decode reads a text with the decoder, which also proves that scan may trust its form.
func decode(text []byte) (map[string]any, error) {
	out := map[string]any{}
	err := toml.Unmarshal(bytes.TrimPrefix(text, []byte(mark)), &out)
	if err == nil {
		return out, nil
	}
	line := 1
	var at *toml.DecodeError
	if errors.As(err, &at) {
		line, _ = at.Position()
	}
	return nil, &SyntaxError{line, "this is not TOML"}
}

// scan lists the statements of a text that decode has accepted. Blank lines and comments belong to none.
func scan(text []byte) ([]statement, error) {
	var out []statement
	at := 0
	if bytes.HasPrefix(text, []byte(mark)) {
		at = len(mark)
	}
	for at < len(text) {
		line := at
		for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
			at++
		}
		switch {
		case at == len(text):
			return out, nil
		case text[at] == '#' || text[at] == '\n' || text[at] == '\r':
			at = lineEnd(text, at)
		default:
			s := statement{start: line, header: text[at] == '[', array: bytes.HasPrefix(text[at:], []byte("[["))}
			var ok bool
			if s.path, at, ok = keyPath(text, at, s); !ok {
				return nil, &SyntaxError{1 + bytes.Count(text[:line], []byte("\n")), "this line is in a form that cannot be edited here"}
			}
			if !s.header {
				s.value[0] = at
				s.value[1] = valueEnd(text, at)
				at = s.value[1]
			}
			at = lineEnd(text, at)
			s.end = at
			out = append(out, s)
		}
	}
	return out, nil
}

func lineEnd(text []byte, at int) int {
	n := bytes.IndexByte(text[at:], '\n')
	if n < 0 {
		return len(text)
	}
	return at + n + 1
}

// keyPath reads a dotted key up to the value, or a header with its brackets.
func keyPath(text []byte, at int, s statement) ([]string, int, bool) {
	closer := byte('=')
	if s.header {
		closer = ']'
		at++
		if s.array {
			at++
		}
	}
	var path []string
	for at < len(text) {
		switch c := text[at]; {
		case c == ' ' || c == '\t' || c == '.':
			at++
		case c == closer:
			at++
			for at < len(text) && (text[at] == ' ' || text[at] == '\t' || s.array && text[at] == ']') {
				at++
			}
			return path, at, len(path) > 0
		case c == '"' || c == '\'':
			end := stringEnd(text, at)
			word, ok := unquote(text[at:end])
			if !ok {
				return nil, at, false
			}
			path, at = append(path, word), end
		default:
			end := at
			for end < len(text) && !strings.ContainsRune(" \t.=]\"'#\r\n", rune(text[end])) {
				end++
			}
			if end == at {
				return nil, at, false
			}
			path, at = append(path, string(text[at:end])), end
		}
	}
	return nil, at, false
}

func unquote(raw []byte) (string, bool) {
	var v struct{ K string }
	if toml.Unmarshal(append([]byte("K = "), raw...), &v) != nil {
		return "", false
	}
	return v.K, true
}

// stringEnd gives the place behind a string of any of the four kinds.
func stringEnd(text []byte, at int) int {
	q := text[at]
	if long := bytes.Repeat([]byte{q}, 3); bytes.HasPrefix(text[at:], long) {
		for i := at + 3; i < len(text); i++ {
			switch {
			case q == '"' && text[i] == '\\':
				i++
			case bytes.HasPrefix(text[i:], long):
				i += 3
				for n := 0; n < 2 && i < len(text) && text[i] == q; n++ { // up to two quotes may stand before the end
					i++
				}
				return i
			}
		}
		return len(text)
	}
	for i := at + 1; i < len(text); i++ {
		switch {
		case q == '"' && text[i] == '\\':
			i++
		case text[i] == q:
			return i + 1
		}
	}
	return len(text)
}

// valueEnd gives the place behind a value, which may go over several lines.
func valueEnd(text []byte, at int) int {
	depth := 0
	for at < len(text) {
		switch c := text[at]; {
		case c == '"' || c == '\'':
			at = stringEnd(text, at)
			continue
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == '#':
			if depth == 0 {
				return trimmed(text, at)
			}
			at = lineEnd(text, at)
			continue
		case c == '\n' && depth == 0:
			return trimmed(text, at)
		}
		at++
	}
	return trimmed(text, at)
}

func trimmed(text []byte, at int) int { return len(bytes.TrimRight(text[:at], " \t\r\n")) }
