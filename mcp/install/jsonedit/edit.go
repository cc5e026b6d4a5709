package jsonedit

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// Step leads from a value to one that it holds: to the member Name of an object or, when ID is set, to the object of an array whose "id"
// is ID.
type Step struct{ Name, ID string }

// Path leads from the root to a value.
type Path []Step

// Names gives the path through members of objects.
func Names(names ...string) Path {
	p := make(Path, len(names))
	for i, n := range names {
		p[i].Name = n
	}
	return p
}

// Element gives the path to the element of the array at p whose "id" is id.
func (p Path) Element(id string) Path { return append(slices.Clone(p), Step{ID: id}) }

// Member gives the path to the member of the object at p.
func (p Path) Member(name string) Path { return append(slices.Clone(p), Step{Name: name}) }

// Member is a name with its value: a string, a bool, a []string or an Object.
type Member struct {
	Name  string
	Value any
}

// Object is an object whose order is kept.
type Object []Member

// Strict gives the first thing of a text that plain JSON does not have, a comment or a comma behind the last item, or nil. The error of a
// text that is no JSON at all is a *SyntaxError, too.
func Strict(text []byte) error {
	_, r, err := parse(text)
	if err != nil {
		return err
	}
	return r.strict
}

// Has reports whether there is a value at the path. The text must be JSON.
func Has(text []byte, path Path) bool {
	root, _, err := parse(text)
	if err != nil || root == nil {
		return false
	}
	_, rest, err := descend(root, path, nil)
	return err == nil && len(rest) == 0
}

// Members gives the names in the object at the path, in its order; nil when there is no object.
func Members(text []byte, path Path) []string {
	root, _, err := parse(text)
	if err != nil || root == nil {
		return nil
	}
	n, rest, err := descend(root, path, nil)
	if err != nil || len(rest) > 0 || n.kind != '{' {
		return nil
	}
	var out []string
	for _, it := range n.items {
		out = append(out, it.name)
	}
	return out
}

// Set gives the text with the value at the path. Objects and arrays on the way are made where they are missing. Of an object that is
// there already only the members of value are set, and its others stay; a value that says the same already is left as it is written.
// Errors are *SyntaxError: the text is no JSON, or something on the way is of another kind, or a name on the way stands there twice.
func Set(text []byte, path Path, value any) ([]byte, error) {
	if members, ok := value.(Object); ok && Has(text, path) && kindAt(text, path) == '{' {
		var err error
		for _, m := range members {
			if text, err = Set(text, path.Member(m.Name), whole{m.Value}); err != nil {
				return nil, err
			}
		}
		return text, nil
	}
	if w, ok := value.(whole); ok {
		value = w.value
	}
	root, r, err := parse(text)
	if err != nil {
		return nil, err
	}
	if root == nil {
		if len(bytes.TrimSpace(bytes.TrimPrefix(text, []byte(mark)))) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
			text = append(slices.Clone(text), '\n') // or the object would be part of a comment
		}
		text = append(slices.Clone(text), []byte("{}\n")...)
		if root, r, err = parse(text); err != nil {
			return nil, err
		}
	}
	parent, rest, err := descend(root, path, r)
	if err != nil {
		return nil, err
	}
	style := styleOf(text, root)
	var out []byte
	if len(rest) == 0 {
		if same(text[parent.start:parent.end], value) {
			return text, nil
		}
		out = splice(text, parent.start, parent.end, style.render(value, style.level(text, parent.start)))
	} else {
		out = style.insert(text, parent, rest, value)
	}
	if err := unchanged(text, out, path); err != nil {
		return nil, err
	}
	return out, nil
}

// whole marks a value that replaces what is there instead of being merged into it.
type whole struct{ value any }

// Delete gives the text without the value at the path; without such a value, the text as it is.
func Delete(text []byte, path Path) ([]byte, error) {
	root, r, err := parse(text)
	if err != nil || root == nil {
		return text, err
	}
	holder, rest, err := descend(root, path[:len(path)-1], r)
	if err != nil || len(rest) > 0 {
		return text, err
	}
	i, err := find(holder, path[len(path)-1], r)
	if err != nil || i < 0 {
		return text, err
	}
	out := cut(text, holder, i)
	if err := unchanged(text, out, path); err != nil {
		return nil, err
	}
	return out, nil
}

// descend follows the path as far as there is something; rest is what is missing below the node.
func descend(n *node, path Path, r *reader) (*node, Path, error) {
	for i, step := range path {
		at, err := find(n, step, r)
		if err != nil {
			return nil, nil, err
		}
		if at < 0 {
			return n, path[i:], nil
		}
		n = n.items[at].value
	}
	return n, nil, nil
}

// find gives the index of a step's item, or -1. r may be nil when nobody reads the error.
func find(n *node, step Step, r *reader) (int, error) {
	fail := func(at int, reason string) error {
		if r == nil {
			return errors.New(reason)
		}
		return r.fail(at, "%s", reason)
	}
	if step.ID != "" {
		if n.kind != '[' {
			return -1, fail(n.start, "an array is expected here")
		}
		for i, it := range n.items {
			if at, err := find(it.value, Step{Name: "id"}, nil); err == nil && at >= 0 && it.value.items[at].value.text == step.ID {
				return i, nil
			}
		}
		return -1, nil
	}
	if n.kind != '{' {
		return -1, fail(n.start, "an object is expected here")
	}
	found := -1
	for i, it := range n.items {
		if it.name != step.Name {
			continue
		}
		if found >= 0 {
			return -1, fail(it.start, "the name stands here a second time")
		}
		found = i
	}
	return found, nil
}

func kindAt(text []byte, path Path) byte {
	root, _, err := parse(text)
	if err != nil {
		return 0
	}
	n, _, err := descend(root, path, nil)
	if err != nil {
		return 0
	}
	return n.kind
}

// same reports whether a piece of text says what value says; the order of members counts for nothing.
func same(raw []byte, value any) bool {
	n, _, err := parse(raw)
	if err != nil {
		return false
	}
	want, _, err := parse([]byte(style{flat: true}.render(value, 0)))
	return err == nil && equal(raw, n, []byte(style{flat: true}.render(value, 0)), want)
}

// equal compares two values.
func equal(at []byte, a *node, bt []byte, b *node) bool {
	if a.kind != b.kind || len(a.items) != len(b.items) {
		return false
	}
	switch a.kind {
	case '"':
		return a.text == b.text
	case 0:
		return bytes.Equal(at[a.start:a.end], bt[b.start:b.end])
	}
	for i, x := range a.items {
		y := b.items[i]
		if a.kind == '{' && x.name != y.name {
			j := slices.IndexFunc(b.items, func(o item) bool { return o.name == x.name })
			if j < 0 {
				return false
			}
			y = b.items[j]
		}
		if !equal(at, x.value, bt, y.value) {
			return false
		}
	}
	return true
}

// unchanged holds that two texts say the same but for the path, and that no comment got lost elsewhere.
func unchanged(before, after []byte, path Path) error {
	b, _, err := parse(before)
	if err != nil {
		return err
	}
	a, r, err := parse(after)
	if err != nil {
		return err
	}
	if b == nil || equalBut(before, b, after, a, path) {
		return nil
	}
	return r.fail(0, "the file could not be changed without touching something else")
}

// equalBut compares two values that may differ at the path, and in holding the empty ends of it.
func equalBut(at []byte, a *node, bt []byte, b *node, path Path) bool {
	if len(path) == 0 {
		return true
	}
	if a.kind != b.kind {
		return false
	}
	i, errA := find(a, path[0], nil)
	j, errB := find(b, path[0], nil)
	if errA != nil || errB != nil {
		return false
	}
	if i >= 0 && j >= 0 && !equalBut(at, a.items[i].value, bt, b.items[j].value, path[1:]) {
		return false
	}
	others := func(n *node, own int) *node {
		c := *n
		c.items = slices.Clone(n.items)
		if own >= 0 {
			c.items = slices.Delete(c.items, own, own+1)
		}
		return &c
	}
	x, y := others(a, i), others(b, j)
	return slices.EqualFunc(x.items, y.items, func(p, q item) bool { return p.name == q.name && equal(at, p.value, bt, q.value) })
}

func splice(text []byte, from, to int, with string) []byte {
	return slices.Concat(text[:from], []byte(with), text[to:])
}

// quote writes a string as JSON without the escapes that only HTML needs.
func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
