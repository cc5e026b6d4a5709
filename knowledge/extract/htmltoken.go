package extract

import (
	"bytes"
	"html"
	"strings"
)

// htmlTokens walks over markup without keeping it: the tokenizer of golang.org/x/net/html keeps each attribute of a tag, and its parser refuses
// what is nested deeper than 512. The rules are those of the HTML standard, section 13.2.5, as far as text needs them.
type htmlTokens struct {
	data []byte
	at   int
	raw  string // inside an element whose content is no markup
	xml  bool   // XHTML: <script/> is closed

	kind  htmlKind
	tag   string // lower case
	text  string // of a text, entities resolved
	attrs []byte // what stands behind the tag's name
	shut  bool   // ends in />
}

type htmlKind int

const (
	htmlEnd htmlKind = iota
	htmlText
	htmlOpen
	htmlClose
)

// rawTags hold text up to their own end tag.
var rawTags = map[string]bool{"script": true, "style": true, "textarea": true, "title": true, "iframe": true, "noembed": true, "noframes": true, "xmp": true}

// next goes to the next text or tag; comments, declarations and instructions are passed over.
func (t *htmlTokens) next() htmlKind {
	for t.at < len(t.data) {
		if t.raw != "" {
			if t.rawText() {
				return t.kind
			}
			continue
		}
		rest := t.data[t.at:]
		if rest[0] == '<' && len(rest) > 1 {
			switch c := rest[1]; {
			case letter(c):
				t.open(1)
				return t.kind
			case c == '/' && len(rest) > 2 && letter(rest[2]):
				t.open(2)
				t.kind = htmlClose
				return t.kind
			case bytes.HasPrefix(rest, []byte("<!--")):
				t.pass(rest, 4, "-->")
				continue
			case bytes.HasPrefix(rest, []byte("<![CDATA[")):
				t.pass(rest, 9, "]]>")
				continue
			case c == '!' || c == '?' || c == '/':
				t.pass(rest, 2, ">")
				continue
			}
		}
		end := 1
		for {
			i := bytes.IndexByte(rest[end:], '<')
			if i < 0 {
				end = len(rest)
				break
			}
			if end += i; end+1 < len(rest) && (letter(rest[end+1]) || strings.IndexByte("/!?", rest[end+1]) >= 0) {
				break
			}
			end++
		}
		t.at += end
		t.kind, t.text = htmlText, html.UnescapeString(string(rest[:end]))
		return t.kind
	}
	return htmlEnd
}

// pass goes behind the end mark, or to the end of all where it is missing.
func (t *htmlTokens) pass(rest []byte, from int, mark string) {
	if i := bytes.Index(rest[min(from, len(rest)):], []byte(mark)); i >= 0 {
		t.at += from + i + len(mark)
		return
	}
	t.at = len(t.data)
}

// rawText gives the text of an element without markup; it reports false where there is none.
func (t *htmlTokens) rawText() bool {
	rest := t.data[t.at:]
	end := 0
	for {
		i := bytes.Index(rest[end:], []byte("</"))
		if i < 0 {
			end = len(rest)
			break
		}
		end += i
		after := end + 2 + len(t.raw)
		if after <= len(rest) && strings.EqualFold(string(rest[end+2:after]), t.raw) && (after == len(rest) || strings.IndexByte(" \t\r\n\f/>", rest[after]) >= 0) {
			break
		}
		end += 2
	}
	tag := t.raw
	t.raw = ""
	t.at += end
	if end == 0 || tag != "title" && tag != "xmp" {
		return false
	}
	t.kind, t.text = htmlText, string(rest[:end])
	if tag == "title" {
		t.text = html.UnescapeString(t.text)
	}
	return true
}

// open reads a tag whose name begins from bytes behind the current place.
func (t *htmlTokens) open(from int) {
	rest := t.data[t.at+from:]
	n := 0
	for n < len(rest) && strings.IndexByte(" \t\r\n\f/>", rest[n]) < 0 {
		n++
	}
	t.kind, t.tag = htmlOpen, ""
	if n <= 32 { // no element that matters has a longer name
		t.tag = strings.ToLower(string(rest[:n]))
	}
	end := n
	for end < len(rest) && rest[end] != '>' {
		if end = skipValue(rest, end); end < len(rest) && rest[end] != '>' {
			end++
		}
	}
	t.attrs = rest[n:min(end, len(rest))]
	t.shut = bytes.HasSuffix(t.attrs, []byte("/"))
	t.at += from + min(end+1, len(rest))
	if from == 1 && rawTags[t.tag] && (!t.shut || !t.xml) {
		t.raw = t.tag
	}
}

// skipValue goes over the value of an attribute that begins at an equals sign, so that a > in quotes ends no tag.
func skipValue(b []byte, at int) int {
	if b[at] != '=' {
		return at
	}
	for at++; at < len(b) && strings.IndexByte(" \t\r\n\f", b[at]) >= 0; at++ {
	}
	if at >= len(b) {
		return at
	}
	if q := b[at]; q == '"' || q == '\'' {
		if i := bytes.IndexByte(b[at+1:], q); i >= 0 {
			return at + 1 + i + 1
		}
		return len(b)
	}
	for at < len(b) && strings.IndexByte(" \t\r\n\f>", b[at]) < 0 {
		at++
	}
	return at
}

// attr gives the value of an attribute and whether the tag has it. Only the first few are looked at: nobody writes more by hand.
func (t *htmlTokens) attr(name string) (string, bool) {
	const most, longest = 64, 4 << 10
	b := t.attrs
	for range most {
		b = bytes.TrimLeft(b, " \t\r\n\f/")
		n := bytes.IndexAny(b[:min(len(b), longest)], "= \t\r\n\f/")
		if n < 0 {
			return "", strings.EqualFold(string(b[:min(len(b), longest)]), name) && len(b) == len(name)
		}
		key := b[:n]
		b = bytes.TrimLeft(b[n:], " \t\r\n\f")
		value := []byte(nil)
		if len(b) > 0 && b[0] == '=' {
			end := skipValue(b, 0)
			value = bytes.TrimLeft(b[1:end], " \t\r\n\f")
			b = b[end:]
		}
		if strings.EqualFold(string(key), name) {
			value = value[:min(len(value), longest)]
			if len(value) > 0 && (value[0] == '"' || value[0] == '\'') {
				value = bytes.Trim(value, string(value[0]))
			}
			return html.UnescapeString(string(value)), true
		}
		if len(b) == 0 {
			break
		}
	}
	return "", false
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
