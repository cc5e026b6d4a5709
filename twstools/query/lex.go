package query

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
)

// tokenKind is what a token of OQL is.
type tokenKind int

const (
	tokEnd tokenKind = iota
	tokWord
	tokString
	tokSymbol
)

// token is one piece of an OQL text; pos counts bytes from 1.
type token struct {
	kind tokenKind
	text string // of a string: without quotes, escapes undone
	pos  int
}

// is reports whether the token is the given keyword, in any case of letters.
func (t token) is(keyword string) bool {
	return t.kind == tokWord && strings.EqualFold(t.text, keyword)
}

// shown is the token as an error quotes it.
func (t token) shown() string {
	if t.kind == tokEnd {
		return "the end of the text"
	}
	return fmt.Sprintf("%q", t.text)
}

// maxText bounds what is parsed: a filter longer than this is no filter that a person or a tool wrote.
const maxText = 64 << 10

func lex(text string) ([]token, error) {
	if len(text) > maxText {
		return nil, fault.New(fault.Invalid, "The filter is longer than %d characters.", maxText)
	}
	if !utf8.ValidString(text) {
		return nil, fault.New(fault.Invalid, "The filter is not valid UTF-8.")
	}
	var out []token
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'':
			s, n, ok := lexString(text[i:])
			if !ok {
				return nil, badToken("A quote is opened and never closed", token{tokString, text[i:], i + 1})
			}
			out = append(out, token{tokString, s, i + 1})
			i += n
		case strings.IndexByte("()[],", c) >= 0:
			out = append(out, token{tokSymbol, string(c), i + 1})
			i++
		case strings.IndexByte("=!<>", c) >= 0:
			n := 1
			if i+1 < len(text) && text[i+1] == '=' && c != '=' {
				n = 2
			}
			out = append(out, token{tokSymbol, text[i : i+n], i + 1})
			i += n
		case isWordByte(c):
			j := i
			for j < len(text) && isWordByte(text[j]) {
				j++
			}
			out = append(out, token{tokWord, text[i:j], i + 1})
			i = j
		default:
			r, _ := utf8.DecodeRuneInString(text[i:])
			return nil, badToken("This character has no place in a filter", token{tokSymbol, string(r), i + 1})
		}
	}
	return append(out, token{tokEnd, "", len(text) + 1}), nil
}

// lexString reads a quoted string from its opening quote; two quotes inside stand for one.
func lexString(text string) (value string, length int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] != '\'' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1, true
	}
	return "", 0, false
}

// isWordByte covers field names, keywords, numbers, bare instants and durations.
func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_.-:+", c) >= 0
}

func badToken(what string, t token) error {
	shown := t.shown()
	if len(shown) > 60 {
		shown = shown[:utf8Cut(shown, 57)] + "…"
	}
	return fault.New(fault.Invalid, "%s: %s at position %d.", what, shown, t.pos)
}

// utf8Cut gives the largest length up to n that cuts no character in two.
func utf8Cut(s string, n int) int {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}
