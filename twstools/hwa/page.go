package hwa

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// page is one answer of a list, its rows already handed on.
type page struct {
	rows    int  // all of them
	dropped int  // of those, the ones that are no objects
	count   int  // as sent, -1 without
	more    bool // the server names a next page
	stopped bool // reading ended at the caller's wish, not at the end of the answer
	cut     bool // the server cannot be asked for the rows beyond
}

// rowKeys are the names under which servers put a list's rows; the first is the interface's.
var rowKeys = []string{"results", "items", "data", "values", "content", "objects", "rows"}

// getPage reads one page as a stream: each row is decoded, given to each and forgotten. each returns false to stop.
func (c *Client) getPage(ctx context.Context, r request, reset func(), each func(object) bool) (page, error) {
	var p page
	err := c.send(ctx, r, maxPageBytes, func(a answer) error {
		reset()
		var err error
		p, err = readPage(a, rowKeys, each)
		return err
	})
	return p, err
}

// getObject reads one object.
func (c *Client) getObject(ctx context.Context, r request) (object, error) {
	var out object
	err := c.send(ctx, r, maxPageBytes, func(a answer) error {
		out = nil
		// Only the interface's own word wraps a lone object; the others may be its fields.
		_, err := readPage(a, rowKeys[:1], func(o object) bool { out = o; return false })
		if err == nil && out == nil {
			err = errEmpty
		}
		return err
	})
	return out, err
}

// readPage reads {count, results, next}, a bare array, or a lone object as a list of one.
func readPage(a answer, keys []string, each func(object) bool) (page, error) {
	p := page{count: -1}
	if a.empty {
		return p, nil
	}
	dropMark(a.body)
	in := &spaced{r: a.body, room: maxRowBytes}
	d := json.NewDecoder(in)
	d.UseNumber()
	row := func(o object) bool { in.room = maxRowBytes; return each(o) }
	first, err := d.Token()
	switch {
	case errors.Is(err, io.EOF):
		return p, errEmpty
	case err != nil:
		return p, notJSON(err)
	case first == nil: // null where a list or an object was asked for
		return p, errShape
	case first == json.Delim('['):
		err = p.readRows(d, row)
	case first == json.Delim('{'):
		err = p.readObject(d, keys, row)
	default:
		return p, errNotJSON
	}
	return p, err
}

func (p *page) readRows(d *json.Decoder, each func(object) bool) error {
	for d.More() {
		var v any
		if err := d.Decode(&v); err != nil {
			return notJSON(err)
		}
		p.rows++
		o := asObject(v)
		if o == nil {
			p.dropped++ // the page is kept
			continue
		}
		if !each(o) {
			p.stopped = true
			return nil
		}
	}
	if _, err := d.Token(); err != nil {
		return notJSON(err)
	}
	if p.rows > 0 && p.dropped == p.rows {
		return errShape
	}
	return nil
}

func (p *page) readObject(d *json.Decoder, keys []string, each func(object) bool) error {
	rest, found := object{}, false
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return notJSON(err)
		}
		key, _ := t.(string)
		if !found && slices.Contains(keys, key) {
			if found, err = p.readMember(d, each, rest, key); err != nil || p.stopped {
				return err
			}
			continue
		}
		var v any
		if err := d.Decode(&v); err != nil {
			return notJSON(err)
		}
		rest[key] = v
	}
	if _, err := d.Token(); err != nil {
		return notJSON(err)
	}
	return p.finish(rest, found, len(keys) == 1, each)
}

// readMember reads the value of a row key when it is an array or null; anything else belongs to an object that merely has such a field.
func (p *page) readMember(d *json.Decoder, each func(object) bool, rest object, key string) (bool, error) {
	t, err := d.Token()
	if err != nil {
		return false, notJSON(err)
	}
	switch t {
	case json.Delim('['):
		return true, p.readRows(d, each)
	case nil:
		return key == rowKeys[0], nil
	case json.Delim('{'):
		v, err := readMap(d)
		rest[key] = v
		return false, err
	}
	rest[key] = t
	return false, nil
}

// readMap reads the rest of an object whose opening brace is taken.
func readMap(d *json.Decoder) (map[string]any, error) {
	m := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, notJSON(err)
		}
		key, _ := t.(string)
		var v any
		if err := d.Decode(&v); err != nil {
			return nil, notJSON(err)
		}
		m[key] = v
	}
	_, err := d.Token()
	return m, notJSON(err)
}

// finish takes count and next, and a lone object for a list of one; where one object was asked, whatever it holds is that object.
func (p *page) finish(rest object, found, lone bool, each func(object) bool) error {
	if n := rest.integer("count", "total", "totalCount"); n != nil && *n >= 0 {
		p.count = *n
	}
	p.more = rest.str("next") != ""
	if found {
		return nil
	}
	if rest.str("id", "name") == "" && (rest.has("messages") || rest.has("exceptionName") || rest["error"] != nil) {
		raw, _ := json.Marshal(rest)
		return &refusedError{status: 200, ids: messageIDs(raw), text: errorText(raw)} // an error in a good answer's clothes
	}
	if p.count >= 0 && rest.str("id", "name") == "" && !lone {
		if rest.has(rowKeys[0]) {
			return errShape // rows that are no list: taken for none, they would make an empty plan of a broken answer
		}
		return nil // {"count": 0} without rows
	}
	if !lone && rest.str("id", "name", "key") == "" {
		return errShape // neither rows, nor a count, nor an object of the plan
	}
	if len(rest) > 0 {
		p.rows = 1
		p.stopped = !each(rest)
	}
	return nil
}

func notJSON(err error) error {
	if err == nil || errors.Is(err, errRowTooLarge) {
		return err
	}
	return errors.Join(errNotJSON, errors.New(clip(err.Error(), 120)))
}

// maxRowBytes bounds one row of an answer, which the decoder must hold as a whole: far beyond a job with thousands of dependencies.
const maxRowBytes = 32 << 20

// spaced turns control characters into spaces. Between tokens they are spaces anyway; inside strings JSON forbids them, yet servers that paste
// job output or descriptions into their answers send them. Of several spaces between tokens it passes one, because the decoder would keep them all
// and look at them again with every piece that arrives. It also stops a row that is too large before the decoder holds it.
type spaced struct {
	r    *bufio.Reader
	room int // bytes that the present row may still take

	inString, escaped, space bool
}

func (s *spaced) Read(b []byte) (int, error) {
	if s.room <= 0 {
		return 0, errRowTooLarge
	}
	for {
		n, err := s.r.Read(b)
		if n = s.clean(b[:n]); n > 0 || err != nil || len(b) == 0 {
			s.room -= n
			return n, err
		}
	}
}

// clean works in place and gives the length of what is left.
func (s *spaced) clean(b []byte) int {
	kept := 0
	for _, c := range b {
		if c < ' ' {
			c = ' '
		}
		switch {
		case s.inString:
			s.inString = c != '"' || s.escaped
			s.escaped = c == '\\' && !s.escaped
		case c == ' ' && s.space:
			continue
		case c == ' ':
			s.space = true
		default:
			s.space, s.inString = false, c == '"'
		}
		b[kept] = c
		kept++
	}
	return kept
}

// dropMark drops a byte-order mark.
func dropMark(r *bufio.Reader) {
	if head, _ := r.Peek(3); strings.HasPrefix(string(head), "\ufeff") {
		_, _ = r.Discard(3)
	}
}
