package understand

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fold"
)

// Fold is the form in which words are compared: lower case, without accents, apostrophes and invisible characters.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if isInvisible(r) || isApostrophe(r) {
			return -1
		}
		return r
	}, fold.Text(s))
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == '‘' || r == '´' || r == '`' }

// isInvisible says whether a rune takes no place on a screen: format characters, soft hyphens, variation selectors, tags.
func isInvisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || (r >= 0xFE00 && r <= 0xFE0F) || (r >= 0xE0100 && r <= 0xE01EF) || r == utf8.RuneError
}

// source is the question as it is read: capped, without invisible and control characters, with the way back to the original bytes.
type source struct {
	text string
	at   []int // byte of text to byte of the question; nil when they are the same
}

func newSource(question string) source {
	question = capRunes(question, MaxRunes)
	clean := true
	for _, r := range question {
		if needsCare(r) {
			clean = false
			break
		}
	}
	if clean && utf8.ValidString(question) {
		return source{text: question}
	}
	var b strings.Builder
	at := make([]int, 0, len(question)+1)
	for i, r := range question {
		if isInvisible(r) {
			continue
		}
		if unicode.IsControl(r) && r != '\n' || r != ' ' && r != '\n' && unicode.IsSpace(r) {
			r = ' '
		}
		n, _ := b.WriteRune(r)
		for range n {
			at = append(at, i)
		}
	}
	return source{text: b.String(), at: append(at, len(question))}
}

func needsCare(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || r >= utf8.RuneSelf && (isInvisible(r) || unicode.IsSpace(r)))
}

func capRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// original maps a span of the text to the question's bytes.
func (s source) original(start, end int) (int, int) {
	if s.at == nil {
		return start, end
	}
	return s.at[start], s.at[end]
}
