package library

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/knowledge/cut"
)

// atOnce bounds the placeholders of one statement, far below what either database takes.
const atOnce = 500

// Change implements Shelf.
func (l *Library) Change(ctx context.Context) (n int64, err error) {
	if err := l.db.Read().QueryRowContext(ctx, "SELECT change_no FROM knowledge_shelf WHERE id = 1").Scan(&n); err != nil {
		return 0, fmt.Errorf("read knowledge: %w", err)
	}
	return n, nil
}

// Changed implements Shelf.
func (l *Library) Changed(ctx context.Context, after int64, n int) ([]Revision, error) {
	out := []Revision{}
	err := l.query(ctx, func(rows *sql.Rows) error {
		var r Revision
		var gone int
		err := rows.Scan(&r.Number, &r.Document, &gone)
		r.Gone = gone != 0
		out = append(out, r)
		return err
	}, `SELECT change_no, id, 0 FROM knowledge_documents WHERE change_no > $1
		UNION ALL SELECT change_no, document, 1 FROM knowledge_gone WHERE change_no > $1 ORDER BY 1 LIMIT $2`, after, max(n, 0))
	return out, err
}

const documentColumns = "SELECT id, path, change_no, passages, sections, lines, about FROM knowledge_documents "

func scanDocument(rows interface{ Scan(...any) error }) (Document, error) {
	var id, change int64
	var passages, sections, lines int
	var path, about []byte
	if err := rows.Scan(&id, &path, &change, &passages, &sections, &lines, &about); err != nil {
		return Document{}, err
	}
	var d Document
	if err := json.Unmarshal(about, &d); err != nil {
		return Document{}, errors.Join(errPage, err)
	}
	d.ID, d.Path, d.Change, d.Passages, d.Sections, d.Lines = id, string(path), change, passages, sections, lines
	return d, nil
}

// Documents implements Shelf.
func (l *Library) Documents(ctx context.Context, after string, n int) ([]Document, error) {
	out := []Document{}
	err := l.query(ctx, func(rows *sql.Rows) error {
		d, err := scanDocument(rows)
		out = append(out, d)
		return err
	}, documentColumns+"WHERE path > $1 ORDER BY path LIMIT $2", []byte(after), max(n, 0))
	return out, err
}

// Find implements Shelf.
func (l *Library) Find(ctx context.Context, name string) (Document, error) {
	d, err := scanDocument(l.db.Read().QueryRowContext(ctx, documentColumns+"WHERE path = $1", []byte(name)))
	if errors.Is(err, sql.ErrNoRows) {
		paths, err := l.paths(ctx)
		if err != nil {
			return Document{}, err
		}
		return Document{}, unknown(name, paths)
	}
	if err != nil {
		return Document{}, fmt.Errorf("read knowledge: %w", err)
	}
	return d, nil
}

func (l *Library) paths(ctx context.Context) (out []string, err error) {
	err = l.query(ctx, func(rows *sql.Rows) error {
		var p []byte
		err := rows.Scan(&p)
		out = append(out, string(p))
		return err
	}, "SELECT path FROM knowledge_documents ORDER BY path")
	return out, err
}

// Get implements Shelf.
func (l *Library) Get(ctx context.Context, documents ...int64) ([]Document, error) {
	found := make(map[int64]Document, len(documents))
	err := inParts(documents, func(list string, args []any) error {
		return l.query(ctx, func(rows *sql.Rows) error {
			d, err := scanDocument(rows)
			found[d.ID] = d
			return err
		}, documentColumns+"WHERE id IN ("+list+")", args...)
	})
	out := make([]Document, 0, len(documents))
	for _, id := range documents {
		if d, ok := found[id]; ok {
			out = append(out, d)
		}
	}
	return out, err
}

// Sections implements Shelf. Those of the documents that were asked for last are kept unpacked for as long as they have not changed.
func (l *Library) Sections(ctx context.Context, document int64) ([]cut.Section, error) {
	var change int64
	err := l.db.Read().QueryRowContext(ctx, "SELECT change_no FROM knowledge_documents WHERE id = $1", document).Scan(&change)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read knowledge: %w", err)
	}
	if s, ok := l.cache.get(document, change); ok {
		return s, nil
	}
	var packed []byte
	err = l.db.Read().QueryRowContext(ctx, `SELECT d.change_no, c.packed FROM knowledge_documents d JOIN knowledge_contents c ON c.document = d.id
		WHERE d.id = $1`, document).Scan(&change, &packed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // gone in between
	}
	if err != nil {
		return nil, fmt.Errorf("read knowledge: %w", err)
	}
	s, err := unpackSections(packed)
	if err != nil {
		return nil, err
	}
	return l.cache.put(document, change, s), nil
}

func scanPassage(rows *sql.Rows) (p Passage, err error) {
	var raw []byte
	var id int64
	if err := rows.Scan(&id, &p.Document, &raw); err != nil {
		return p, err
	}
	p.ID = uint64(id)
	if err := json.Unmarshal(raw, &p.Passage); err != nil {
		return p, errors.Join(errPage, err)
	}
	return p, nil
}

// Passages implements Shelf.
func (l *Library) Passages(ctx context.Context, document int64) ([]Passage, error) {
	var out []Passage
	err := l.query(ctx, func(rows *sql.Rows) error {
		p, err := scanPassage(rows)
		out = append(out, p)
		return err
	}, `SELECT p.id, p.document, p.passage FROM knowledge_documents d JOIN knowledge_passages p ON p.id BETWEEN d.first AND d.first + d.passages - 1
		WHERE d.id = $1 ORDER BY p.id`, document)
	return out, err
}

// Where implements Shelf.
func (l *Library) Where(ctx context.Context, passages ...uint64) ([]Passage, error) {
	found := make(map[uint64]Passage, len(passages))
	ids := make([]int64, 0, len(passages))
	for _, id := range passages {
		if id <= math.MaxInt64 {
			ids = append(ids, int64(id))
		}
	}
	err := inParts(ids, func(list string, args []any) error {
		return l.query(ctx, func(rows *sql.Rows) error {
			p, err := scanPassage(rows)
			found[p.ID] = p
			return err
		}, "SELECT id, document, passage FROM knowledge_passages WHERE id IN ("+list+")", args...)
	})
	out := make([]Passage, 0, len(passages))
	for _, id := range passages {
		if p, ok := found[id]; ok {
			out = append(out, p)
		}
	}
	return out, err
}

// inParts hands numbers on as the placeholders and arguments of statements.
func inParts(ids []int64, do func(list string, args []any) error) error {
	for len(ids) > 0 {
		n := min(len(ids), atOnce)
		args := make([]any, n)
		for i, id := range ids[:n] {
			args[i] = id
		}
		if err := do(placeholders(1, n), args); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// placeholders writes so many of them from a number on: "$1,$2".
func placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("$" + strconv.Itoa(from+i))
	}
	return b.String()
}

// Lines implements Shelf.
func (l *Library) Lines(ctx context.Context, document int64, start, end int) ([]string, error) {
	start = max(start, 1)
	if start > end {
		return nil, nil
	}
	var out []string
	err := l.query(ctx, func(rows *sql.Rows) error {
		var p page
		if err := rows.Scan(&p.first, &p.packed); err != nil {
			return err
		}
		lines, err := p.unpackLines(start, end)
		out = append(out, lines...)
		return err
	}, `SELECT first, packed FROM knowledge_pages WHERE document = $1 AND first <= $3
		AND first >= (SELECT MAX(first) FROM knowledge_pages WHERE document = $1 AND first <= $2) ORDER BY first`, document, start, end)
	return out, err
}

// Tally implements Shelf.
func (l *Library) Tally(ctx context.Context) (t Tally, err error) {
	err = l.db.Read().QueryRowContext(ctx, `SELECT COUNT(*), CAST(COALESCE(SUM(passages), 0) AS BIGINT), CAST(COALESCE(SUM(lines), 0) AS BIGINT),
		CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM knowledge_documents`).Scan(&t.Documents, &t.Passages, &t.Lines, &t.Bytes)
	if err != nil {
		return Tally{}, fmt.Errorf("read knowledge: %w", err)
	}
	return t, nil
}

// Frequencies implements Shelf. No statement is open while each works.
func (l *Library) Frequencies(ctx context.Context, after int64, each func(document, change int64, packed []byte) error) error {
	type noted struct {
		document, change int64
		packed           []byte
	}
	for {
		var some []noted
		err := l.query(ctx, func(rows *sql.Rows) error {
			var n noted
			err := rows.Scan(&n.document, &n.change, &n.packed)
			n.packed = bytes.Clone(n.packed)
			some = append(some, n)
			return err
		}, "SELECT document, change_no, packed FROM knowledge_frequencies WHERE change_no > $1 ORDER BY change_no LIMIT $2", after, atOnce)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, n := range some {
			if err := each(n.document, n.change, n.packed); err != nil {
				return err
			}
			after = n.change
		}
	}
}

// Weight implements Shelf.
func (l *Library) Weight(ctx context.Context) (packed []byte, err error) {
	err = l.db.Read().QueryRowContext(ctx, "SELECT packed FROM knowledge_weight WHERE id = 1").Scan(&packed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read knowledge: %w", err)
	}
	return packed, nil
}
