package tomledit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Member is a key with its value: a string, a bool, a []string or a Table, which is written on one line.
type Member struct {
	Key   string
	Value any
}

// Table is a table whose order is kept.
type Table []Member

// Has reports whether there is a value at the path. The text must be TOML.
func Has(text []byte, path ...string) bool {
	doc, err := decode(text)
	if err != nil {
		return false
	}
	_, ok := lookup(doc, path)
	return ok
}

// Value gives what stands at the path as the decoder sees it (string, int64, bool, []any, map[string]any), or nil.
func Value(text []byte, path ...string) any {
	doc, err := decode(text)
	if err != nil {
		return nil
	}
	value, _ := lookup(doc, path)
	return value
}

// Set gives the text with the members in the table at the path, which is written at the end when it is not there. Other keys of the table
// stay; a member that says the same already is left as it is written. Errors are *SyntaxError: the text is no TOML, or the table is
// written in a form that is not edited here, inline or with dotted keys.
func Set(text []byte, members Table, path ...string) ([]byte, error) {
	doc, err := decode(text)
	if err != nil {
		return nil, err
	}
	if err := editable(text, path, true); err != nil {
		return nil, err
	}
	out := text
	for _, m := range members {
		if have, ok := lookup(doc, append(slices.Clone(path), m.Key)); ok && reflect.DeepEqual(have, plain(m.Value)) {
			continue
		}
		if out, err = set(out, m, path); err != nil {
			return nil, err
		}
	}
	if err := unchanged(text, out, path); err != nil {
		return nil, err
	}
	return out, nil
}

// Delete gives the text without the value at the path, a table with all that is below it or a key. Comments stay.
func Delete(text []byte, path ...string) ([]byte, error) {
	if _, err := decode(text); err != nil {
		return nil, err
	}
	if !Has(text, path...) {
		return text, nil
	}
	if err := editable(text, path, false); err != nil {
		return nil, err
	}
	out, err := remove(text, path)
	if err != nil {
		return nil, err
	}
	if err := unchanged(text, out, path); err != nil {
		return nil, err
	}
	return out, nil
}

// editable holds that what is above the path is written with headers, and with whole that the path itself is, too.
func editable(text []byte, path []string, whole bool) error {
	all, err := scan(text)
	if err != nil {
		return err
	}
	var table []string
	for _, s := range all {
		fail := func(reason string) error {
			return &SyntaxError{1 + bytes.Count(text[:s.start], []byte("\n")), reason}
		}
		if s.header {
			table = s.path
			if s.array && len(table) <= len(path) && under(path, table) {
				return fail("this is a list of tables, and a table is expected")
			}
			continue
		}
		full := append(slices.Clone(table), s.path...)
		if under(path, full) && len(full) < len(path) || under(full, path) && len(table) < len(path) && len(full) != len(path) {
			return fail("the table is written inline or with dotted keys; write it as [" + strings.Join(path, ".") + "] and run this again")
		}
		if whole && slices.Equal(full, path) {
			return fail("a table is expected here, written as [" + strings.Join(path, ".") + "]")
		}
	}
	return nil
}

// under reports whether path begins with top.
func under(path, top []string) bool {
	return len(path) >= len(top) && slices.Equal(path[:len(top)], top)
}

func set(text []byte, m Member, path []string) ([]byte, error) {
	full := append(slices.Clone(path), m.Key)
	own, err := statements(text, path)
	if err != nil {
		return nil, err
	}
	for _, s := range own {
		if !s.header && slices.Equal(s.path, full[len(path):]) {
			return splice(text, s.value[0], s.value[1], render(m.Value)), nil
		}
	}
	// A table of this name below, [path.key], would stand in the way of the key.
	if text, err = remove(text, full); err != nil {
		return nil, err
	}
	if own, err = statements(text, path); err != nil {
		return nil, err
	}
	nl := newline(text)
	line := key(m.Key) + " = " + render(m.Value) + nl
	if len(own) == 0 {
		return appendTable(text, "["+joined(path)+"]"+nl+line, nl), nil
	}
	at := own[len(own)-1].end
	if text[at-1] != '\n' {
		line = nl + strings.TrimSuffix(line, nl) // the file ends without a line end, and goes on doing so
	}
	return splice(text, at, at, line), nil
}

// statements gives the header of the table at the path and its keys.
func statements(text []byte, path []string) ([]statement, error) {
	all, err := scan(text)
	if err != nil {
		return nil, err
	}
	var own []statement
	inside := false
	for _, s := range all {
		if s.header {
			inside = !s.array && slices.Equal(s.path, path)
		}
		if inside {
			own = append(own, s)
		}
	}
	return own, nil
}

// appendTable puts a table at the end, with a blank line before it.
func appendTable(text []byte, table, nl string) []byte {
	out := slices.Clone(text)
	if len(bytes.TrimSpace(bytes.TrimPrefix(out, []byte(mark)))) > 0 {
		if !bytes.HasSuffix(out, []byte("\n")) {
			out = append(out, nl...)
		}
		if !bytes.HasSuffix(out, []byte(nl+nl)) {
			out = append(out, nl...)
		}
	}
	return append(out, table...)
}

// remove cuts the key or the tables at the path.
func remove(text []byte, path []string) ([]byte, error) {
	all, err := scan(text)
	if err != nil {
		return nil, err
	}
	var out []byte
	var table []string
	kept := 0
	for _, s := range all {
		full := s.path
		if s.header {
			table = s.path
		} else {
			full = append(slices.Clone(table), s.path...)
		}
		if !under(full, path) {
			continue
		}
		out = append(out, text[kept:s.start]...)
		kept = s.end
		if s.header { // the blank line that set the table apart goes with it
			nl := newline(text)
			if bytes.HasSuffix(out, []byte(nl+nl)) || string(out) == nl {
				out = out[:len(out)-len(nl)]
			}
		}
	}
	return append(out, text[kept:]...), nil
}

func lookup(doc map[string]any, path []string) (any, bool) {
	var at any = doc
	for _, name := range path {
		m, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		if at, ok = m[name]; !ok {
			return nil, false
		}
	}
	return at, true
}

// unchanged holds that two texts say the same but for the path.
func unchanged(before, after []byte, path []string) error {
	a, err := decode(before)
	if err != nil {
		return err
	}
	b, err := decode(after)
	if err != nil || !reflect.DeepEqual(without(a, path), without(b, path)) {
		return &SyntaxError{1, "the file could not be changed without touching something else"}
	}
	return nil
}

// without cuts the path out of a document, and the tables on the way that hold nothing else: a header below makes them too.
func without(doc map[string]any, path []string) map[string]any {
	if len(path) == 1 {
		delete(doc, path[0])
		return doc
	}
	if below, ok := doc[path[0]].(map[string]any); ok {
		if len(without(below, path[1:])) == 0 {
			delete(doc, path[0])
		}
	}
	return doc
}

// plain gives a value as the decoder would.
func plain(value any) any {
	switch v := value.(type) {
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return out
	case Table:
		out := map[string]any{}
		for _, m := range v {
			out[m.Key] = plain(m.Value)
		}
		return out
	}
	return value
}

func render(value any) string {
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
	case Table:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = key(m.Key) + " = " + render(m.Value)
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	panic(fmt.Sprintf("tomledit: a %T cannot be written", value)) // a mistake of the program, not of a file
}

// Render writes a table as a file would hold it.
func Render(t Table, path ...string) string {
	var b strings.Builder
	b.WriteString("[" + joined(path) + "]\n")
	for _, m := range t {
		b.WriteString(key(m.Key) + " = " + render(m.Value) + "\n")
	}
	return b.String()
}

func joined(path []string) string {
	words := make([]string, len(path))
	for i, p := range path {
		words[i] = key(p)
	}
	return strings.Join(words, ".")
}

// key writes a key, quoted where it must be.
func key(s string) string {
	bare := s != "" && strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
	if bare {
		return s
	}
	return quote(s)
}

// quote writes a basic string. Its escapes are those of JSON, but for the delete character, which TOML wants escaped.
func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
}

func newline(text []byte) string {
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

func splice(text []byte, from, to int, with string) []byte {
	return slices.Concat(text[:from], []byte(with), text[to:])
}
