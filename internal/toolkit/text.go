package toolkit

import (
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// widestCell keeps a table readable; the structured content has the whole value.
const widestCell = 60

// renderText is the compact form of data: "key: value" for what is single, an aligned table for each list of objects.
func renderText(s *shape, v reflect.Value) string {
	var b strings.Builder
	writeBlock(&b, "", s, v)
	return strings.TrimRight(b.String(), "\n")
}

func writeBlock(b *strings.Builder, name string, s *shape, v reflect.Value) {
	s, v, ok := s.inner(v)
	switch {
	case !ok:
	case s.kind == kindArray && s.elem.kind == kindObject:
		writeTable(b, name, s.elem, v)
	case s.kind == kindObject:
		writeMembers(b, name, s, v)
	default:
		if text := cell(s, v); text != "" {
			if name != "" {
				b.WriteString(name + ": ")
			}
			b.WriteString(text + "\n")
		}
	}
}

// writeMembers writes the single values first, then what has an inside: so the head of a cut text is the most useful part.
func writeMembers(b *strings.Builder, name string, s *shape, v reflect.Value) {
	nested := func(f field) bool {
		return f.shape.kind == kindObject || f.shape.kind == kindArray && f.shape.elem.kind == kindObject
	}
	for _, deep := range []bool{false, true} {
		for _, f := range s.fields {
			if fv := v.FieldByIndex(f.index); nested(f) == deep && !f.leftOut(fv) {
				writeBlock(b, join(name, f.name), f.shape, fv)
			}
		}
	}
}

func writeTable(b *strings.Builder, name string, s *shape, list reflect.Value) {
	if list.Len() == 0 {
		b.WriteString(strings.TrimPrefix(name+": none\n", ": "))
		return
	}
	rows := make([][]string, list.Len())
	used := make([]bool, len(s.fields))
	for i := range rows {
		_, v, ok := s.inner(list.Index(i))
		if !ok {
			continue
		}
		rows[i] = make([]string, len(s.fields))
		for j, f := range s.fields {
			rows[i][j] = shorten(memberCell(f, v.FieldByIndex(f.index)))
			used[j] = used[j] || rows[i][j] != ""
		}
	}
	head := make([]string, len(s.fields))
	for j, f := range s.fields {
		head[j] = f.name
	}
	if name != "" {
		b.WriteString(name + ":\n")
	}
	writeAligned(b, append([][]string{head}, rows...), used)
}

func memberCell(f field, v reflect.Value) string {
	if f.leftOut(v) {
		return ""
	}
	return cell(f.shape, v)
}

func writeAligned(b *strings.Builder, rows [][]string, used []bool) {
	widths := make([]int, len(used))
	for j := range used {
		for _, row := range rows {
			if row != nil {
				widths[j] = max(widths[j], utf8.RuneCountInString(row[j]))
			}
		}
	}
	var line strings.Builder
	for _, row := range rows {
		if row == nil {
			continue
		}
		line.Reset()
		for j, text := range row {
			if used[j] {
				line.WriteString(text + strings.Repeat(" ", widths[j]-utf8.RuneCountInString(text)+2))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// cell is one value on one line.
func cell(s *shape, v reflect.Value) string {
	s, v, ok := s.inner(v)
	if !ok {
		return ""
	}
	switch s.kind {
	case kindString:
		return oneLine(v.String())
	case kindTime:
		if t := v.Interface().(time.Time); !t.IsZero() {
			return t.Format(time.RFC3339)
		}
		return ""
	case kindArray:
		parts := make([]string, 0, v.Len())
		for i := range v.Len() {
			parts = append(parts, cell(s.elem, v.Index(i)))
		}
		if s.elem.kind == kindObject {
			return count(len(parts))
		}
		return strings.Join(parts, ", ")
	case kindObject:
		return objectCell(s, v)
	case kindMap:
		if v.Len() == 0 {
			return ""
		}
	}
	text, err := appendValue(nil, s, v)
	if err != nil {
		return ""
	}
	return oneLine(strings.Trim(string(text), `"`))
}

// objectCell names the single values of an object within a row.
func objectCell(s *shape, v reflect.Value) string {
	var parts []string
	for _, f := range s.fields {
		if text := memberCell(f, v.FieldByIndex(f.index)); text != "" {
			parts = append(parts, f.name+"="+text)
		}
	}
	return strings.Join(parts, " ")
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return "(" + strconv.Itoa(n) + ")"
}

// oneLine keeps a value from breaking the layout or pretending to be another line.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}

func shorten(text string) string {
	if r := []rune(text); len(r) > widestCell {
		return string(r[:widestCell-1]) + "…"
	}
	return text
}
