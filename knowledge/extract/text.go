package extract

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// readText takes plain text and Markdown as they lie: lines count as in the file.
func readText(m *meter, data []byte, limits Limits) (File, error) {
	text, notes, err := decode(m, data, "")
	if err != nil {
		return File{}, err
	}
	if int64(len(text)) > limits.FileBytes {
		return File{}, refuse("it has more than %s of text", size(limits.FileBytes))
	}
	lines := make([]string, 0, min(strings.Count(text, "\n")+1, limits.Lines))
	for n := 1; text != ""; n++ {
		if err := m.step(); err != nil {
			return File{}, err
		}
		var l string
		l, text, _ = strings.Cut(text, "\n")
		l = strings.TrimSuffix(l, "\r")
		switch {
		case len(l) > limits.LineBytes:
			return File{}, refuse("its line %d has more than the %s allowed", n, size(int64(limits.LineBytes)))
		case strings.IndexByte(l, 0) >= 0:
			return File{}, refuse("its line %d holds binary data", n)
		case n > limits.Lines:
			return File{}, refuse("it has more than the %d lines allowed", limits.Lines)
		}
		lines = append(lines, l)
	}
	return File{Lines: lines, Notes: notes}, nil
}

// decode makes UTF-8 of data: by its byte order mark, as UTF-8 where it is valid, by the declared character set, else by the likeliest.
func decode(m *meter, data []byte, declared string) (text string, notes []string, err error) {
	if err := m.look(); err != nil {
		return "", nil, err
	}
	if s, name, ok := decodeMarked(data); ok {
		if name != "" {
			notes = []string{fmt.Sprintf("It is %s and was read as such.", name)}
		}
		return s, notes, nil
	}
	if utf8.Valid(data) {
		return string(data), nil, nil
	}
	if declared != "" {
		if e, err := htmlindex.Get(declared); err == nil {
			if name, _ := htmlindex.Name(e); name != "utf-8" {
				if s, err := e.NewDecoder().Bytes(data); err == nil {
					return string(s), []string{fmt.Sprintf("It is no UTF-8 and was read as %s, as it says of itself.", name)}, nil
				}
			}
		}
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return "", nil, refuse("its line %d holds binary data", 1+bytes.Count(data[:i], []byte("\n")))
	}
	good, broken, first := countRunes(data)
	// Text that is UTF-8 but for a torn character has many valid ones for each broken; in another character set valid ones are rare accidents.
	if good > broken {
		line := 1 + bytes.Count(data[:first], []byte("\n"))
		return strings.ToValidUTF8(string(data), "\uFFFD"), []string{fmt.Sprintf("%d bytes are no valid UTF-8, the first in line %d; each is shown as \uFFFD.", broken, line)}, nil
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return "", nil, refuse("it is neither UTF-8 nor Windows-1252; save it as UTF-8")
	}
	return string(s), []string{"It is no UTF-8 and was read as Windows-1252, which is a guess; accented letters may be wrong."}, nil
}

// countRunes counts characters of several bytes that are valid, and bytes that belong to none.
func countRunes(data []byte) (good, broken, first int) {
	first = -1
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			if broken++; first < 0 {
				first = i
			}
		} else {
			good++
		}
		i += n
	}
	return good, broken, max(first, 0)
}

// decodeMarked reads text that begins with a byte order mark. The name is empty for UTF-8.
func decodeMarked(data []byte) (text, name string, ok bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		if data = data[3:]; !utf8.Valid(data) {
			return strings.ToValidUTF8(string(data), "\uFFFD"), "damaged UTF-8", true
		}
		return string(data), "", true
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return utf16Text(data[2:], binary.LittleEndian), "UTF-16", true
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return utf16Text(data[2:], binary.BigEndian), "UTF-16", true
	}
	return "", "", false
}

func utf16Text(data []byte, order binary.ByteOrder) string {
	var b strings.Builder
	b.Grow(len(data) / 2)
	for i := 0; i+1 < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) {
			second := rune(0)
			if i+3 < len(data) {
				second = rune(order.Uint16(data[i+2:]))
			}
			if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
				i += 2
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}

var charset = regexp.MustCompile(`(?i)(?:charset|encoding)\s*=\s*["']?\s*([a-z0-9_:.-]{2,40})`)

// declaredCharset finds what a page says of its own character set.
func declaredCharset(data []byte) string {
	if g := charset.FindSubmatch(data[:min(len(data), 4096)]); g != nil {
		return strings.ToLower(string(g[1]))
	}
	return ""
}
