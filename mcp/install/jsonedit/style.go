package jsonedit

import (
	"bytes"
	"fmt"
	"strings"
)

// style is how a file is laid out, as far as a new member must fit in.
type style struct {
	flat    bool   // everything on one line
	newline string // "\n" or "\r\n"
	indent  string // of one level
}

// styleOf reads the layout off the text: the indentation of the root's first item, and the end of its first line.
func styleOf(text []byte, root *node) style {
	s := style{newline: "\n", indent: "  "}
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		s.newline = "\r\n"
	}
	if len(root.items) == 0 {
		return s
	}
	first := root.items[0].start
	if !bytes.ContainsRune(text[root.start:first], '\n') {
		s.flat = !bytes.ContainsRune(text[root.start:root.end], '\n')
		return s
	}
	if lead := leading(text, first); lead != "" {
		s.indent = lead
	}
	return s
}

// leading gives the white space before the place on its line.
func leading(text []byte, at int) string {
	line := text[bytes.LastIndexByte(text[:at], '\n')+1 : at]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// level tells how deep the line of a place is indented.
func (s style) level(text []byte, at int) int {
	return len(leading(text, at)) / max(len(s.indent), 1)
}

func (s style) lead(level int) string { return strings.Repeat(s.indent, level) }

// render writes a value for a place at the given level: objects over several lines, arrays of words on one.
func (s style) render(value any, level int) string {
	switch v := value.(type) {
	case string:
		return quote(v)
	case bool:
		return fmt.Sprint(v)
	case []string:
		words := make([]string, len(v))
		for i, w := range v {
			words[i] = quote(w)
		}
		return "[" + strings.Join(words, ", ") + "]"
	case []Object:
		parts := make([]string, len(v))
		for i, o := range v {
			parts[i] = s.render(o, level+1)
		}
		return s.wrap('[', parts, level)
	case Object:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = quote(m.Name) + ": " + s.render(m.Value, level+1)
		}
		return s.wrap('{', parts, level)
	}
	panic(fmt.Sprintf("jsonedit: a %T cannot be written", value)) // a mistake of the program, not of a file
}

func (s style) wrap(open byte, parts []string, level int) string {
	closer := string(open + 2)
	switch {
	case len(parts) == 0:
		return string(open) + closer
	case s.flat:
		return string(open) + strings.Join(parts, ", ") + closer
	}
	sep := s.newline + s.lead(level+1)
	return string(open) + sep + strings.Join(parts, ","+sep) + s.newline + s.lead(level) + closer
}

// Render writes an object as a whole file would hold it, with two spaces a level.
func Render(o Object) string { return style{newline: "\n", indent: "  "}.render(o, 0) }

// Flat writes an object on one line without a space, for links.
func Flat(o Object) string {
	var b strings.Builder
	flatten(&b, o)
	return b.String()
}

func flatten(b *strings.Builder, value any) {
	list := func(open byte, n int, each func(int)) {
		b.WriteByte(open)
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			each(i)
		}
		b.WriteByte(open + 2)
	}
	switch v := value.(type) {
	case Object:
		list('{', len(v), func(i int) { b.WriteString(quote(v[i].Name) + ":"); flatten(b, v[i].Value) })
	case []Object:
		list('[', len(v), func(i int) { flatten(b, v[i]) })
	case []string:
		list('[', len(v), func(i int) { b.WriteString(quote(v[i])) })
	default:
		b.WriteString(style{}.render(value, 0))
	}
}

// insert puts a new item, with what is missing on the way to it, behind the last item of n.
func (s style) insert(text []byte, n *node, rest Path, value any) []byte {
	for i := len(rest) - 1; i > 0; i-- {
		if rest[i].ID != "" {
			value = []Object{value.(Object)}
		} else {
			value = Object{{rest[i].Name, value}}
		}
	}
	level := s.level(text, n.start)
	here := s
	here.flat = s.flat || len(n.items) > 0 && !bytes.ContainsRune(text[n.start:n.end], '\n')
	piece := here.render(value, level+1)
	if rest[0].ID == "" {
		piece = quote(rest[0].Name) + ": " + piece
	}
	sep := s.newline + s.lead(level+1)
	if here.flat {
		sep = " "
	}
	if len(n.items) == 0 {
		return s.fill(text, n, piece, sep, level, here.flat)
	}
	last := n.items[len(n.items)-1]
	if last.comma >= 0 { // the file likes a comma behind the last one
		at := restOfLine(text, last.comma+1, n.end-1)
		return splice(text, at, at, sep+piece+",")
	}
	at := restOfLine(text, last.value.end, n.end-1)
	out := splice(text, at, at, sep+piece)
	return splice(out, last.value.end, last.value.end, ",")
}

// fill puts the first item into an empty object or array; comments that stand in it stay above it.
func (s style) fill(text []byte, n *node, piece, sep string, level int, flat bool) []byte {
	inner := text[n.start+1 : n.end-1]
	kept := bytes.TrimRight(inner, " \t\r\n")
	at := n.start + 1 + len(kept)
	if flat && len(kept) == 0 {
		return splice(text, n.start+1, n.end-1, piece)
	}
	return splice(text, at, n.end-1, s.newline+s.lead(level+1)+piece+s.newline+s.lead(level))
}

// restOfLine gives the place behind the comments that follow on the same line, so that they stay with what they speak of.
func restOfLine(text []byte, at, limit int) int {
	r := &reader{src: text[:limit], at: at}
	end := at
	for r.at < limit {
		switch {
		case text[r.at] == ' ' || text[r.at] == '\t':
			r.at++
			continue
		case bytes.HasPrefix(text[r.at:limit], []byte("//")):
			n := bytes.IndexByte(text[r.at:limit], '\n')
			if n < 0 {
				return limit
			}
			end = r.at + n
			if text[end-1] == '\r' {
				end--
			}
			return end
		case bytes.HasPrefix(text[r.at:limit], []byte("/*")):
			n := bytes.Index(text[r.at:limit], []byte("*/"))
			if n < 0 || bytes.ContainsRune(text[r.at:r.at+n], '\n') {
				return end
			}
			r.at += n + 2
			end = r.at
			continue
		}
		break
	}
	return end
}

// cut takes an item out, with the comma that it needed and the line that only it stood on. Comments stay.
func cut(text []byte, n *node, i int) []byte {
	it := n.items[i]
	from, to := it.start, it.value.end
	if it.comma >= 0 {
		if len(bytes.TrimSpace(text[to:it.comma])) > 0 { // a comment stands before the comma: two cuts
			text = splice(text, it.comma, it.comma+1, "")
		} else {
			to = it.comma + 1
		}
	} else if i > 0 {
		comma := n.items[i-1].comma
		text = splice(text, comma, comma+1, "")
		from, to = from-1, to-1
	}
	start := bytes.LastIndexByte(text[:from], '\n') + 1
	blank := len(bytes.TrimSpace(text[start:from])) == 0
	after := to
	for after < len(text) && (text[after] == ' ' || text[after] == '\t' || text[after] == '\r') {
		after++
	}
	switch {
	case blank && start > 0 && after < len(text) && text[after] == '\n':
		return splice(text, start, after+1, "")
	case len(n.items) == 1 && !blank && after < len(text) && bytes.IndexByte([]byte("}]"), text[after]) >= 0:
		return splice(text, from, after, "")
	}
	for to < len(text) && text[to] == ' ' {
		to++
	}
	if !blank && i > 0 && it.comma < 0 { // the last of a line: the space before it was its own
		for from > 0 && (text[from-1] == ' ' || text[from-1] == '\t') {
			from--
		}
	}
	return splice(text, from, to, "")
}

// FlatList writes a list of objects on one line without a space, for links.
func FlatList(list []Object) string {
	var b strings.Builder
	flatten(&b, list)
	return b.String()
}
