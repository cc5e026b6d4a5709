package library

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Put implements Shelf.
func (l *Library) Put(ctx context.Context, drafts ...Draft) error {
	return l.Keep(ctx, Delivery{Drafts: drafts})
}

// Remove implements Shelf.
func (l *Library) Remove(ctx context.Context, paths ...string) error {
	return l.Keep(ctx, Delivery{Remove: paths})
}

// Keep implements Intake. Everything is packed before the transaction begins, so that others wait only while it is written.
func (l *Library) Keep(ctx context.Context, d Delivery) error {
	packer, err := newPacker()
	if err != nil {
		return err
	}
	drafts := make([]kept, len(d.Drafts))
	for i := range d.Drafts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if drafts[i], err = packer.draft(d.Drafts[i].settled()); err != nil {
			return err
		}
	}
	err = l.write(ctx, func(tx *sql.Tx) error {
		w := &writing{tx: tx}
		if err := w.begin(ctx, d.Turn); err != nil {
			return err
		}
		if err := w.remove(ctx, d.Remove); err != nil {
			return err
		}
		for i := range drafts {
			if err := w.put(ctx, &drafts[i]); err != nil {
				return err
			}
		}
		if err := w.files(ctx, d.Files, d.Forget); err != nil {
			return err
		}
		return w.end(ctx)
	})
	if fault.Is(err, fault.NotFound) {
		return l.nearest(ctx, err)
	}
	return err
}

// nearest adds candidates to the error for a document that is not there.
func (l *Library) nearest(ctx context.Context, err error) error {
	var gone *notThere
	if !errors.As(err, &gone) {
		return err
	}
	paths, failed := l.paths(ctx)
	if failed != nil {
		return err
	}
	return unknown(gone.path, paths)
}

// notThere is the cause of the error for a document that is to be removed and is not there.
type notThere struct{ path string }

func (n *notThere) Error() string { return "no document " + n.path }

// writing is one transaction.
type writing struct {
	tx                        *sql.Tx
	change, document, passage int64
}

func (w *writing) exec(ctx context.Context, statement string, args ...any) error {
	if _, err := w.tx.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("write knowledge: %w", err)
	}
	return nil
}

// begin reads the last numbers. Nobody else of the room writes before the transaction ends, so that they rise without a gap.
func (w *writing) begin(ctx context.Context, turn int64) error {
	var whose int64
	err := w.tx.QueryRowContext(ctx, "SELECT change_no, document, passage, turn FROM knowledge_shelf WHERE id = 1").
		Scan(&w.change, &w.document, &w.passage, &whose)
	if err != nil {
		return fmt.Errorf("write knowledge: %w", err)
	}
	if turn != 0 && turn != whose {
		return errTurn()
	}
	return nil
}

func (w *writing) end(ctx context.Context) error {
	return w.exec(ctx, "UPDATE knowledge_shelf SET change_no = $1, document = $2, passage = $3 WHERE id = 1", w.change, w.document, w.passage)
}

func (w *writing) remove(ctx context.Context, paths []string) error {
	done := map[string]bool{}
	for _, p := range paths {
		if done[p] {
			continue
		}
		done[p] = true
		id, err := w.clear(ctx, p)
		if err != nil {
			return err
		}
		if id == 0 {
			return fault.Wrap(fault.NotFound, &notThere{p}, "There is no document %q.", p)
		}
		w.change++
		if err := w.exec(ctx, "DELETE FROM knowledge_documents WHERE id = $1", id); err != nil {
			return err
		}
		if err := w.exec(ctx, "INSERT INTO knowledge_gone (document, change_no) VALUES ($1, $2)", id, w.change); err != nil {
			return err
		}
	}
	return nil
}

// clear takes away what hangs on a document, and gives its number, 0 where there is none.
func (w *writing) clear(ctx context.Context, path string) (id int64, err error) {
	var first, n int64
	err = w.tx.QueryRowContext(ctx, "SELECT id, first, passages FROM knowledge_documents WHERE path = $1", []byte(path)).Scan(&id, &first, &n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("write knowledge: %w", err)
	}
	for _, table := range []string{"knowledge_pages", "knowledge_contents", "knowledge_frequencies"} {
		if err := w.exec(ctx, "DELETE FROM "+table+" WHERE document = $1", id); err != nil {
			return 0, err
		}
	}
	return id, w.exec(ctx, "DELETE FROM knowledge_passages WHERE id BETWEEN $1 AND $2", first, first+n-1)
}

func (w *writing) put(ctx context.Context, k *kept) error {
	id, err := w.clear(ctx, k.Path)
	if err != nil {
		return err
	}
	known := id != 0
	if !known {
		w.document++
		id = w.document
	}
	w.change++
	first := w.passage + 1
	row := []any{id, []byte(k.Path), w.change, first, len(k.Parts), len(k.Contents), len(k.Text), k.bytes, k.about}
	if known {
		err = w.exec(ctx, `UPDATE knowledge_documents SET path = $2, change_no = $3, first = $4, passages = $5, sections = $6, lines = $7, bytes = $8,
			about = $9 WHERE id = $1`, row...)
	} else {
		err = w.exec(ctx, "INSERT INTO knowledge_documents (id, path, change_no, first, passages, sections, lines, bytes, about) VALUES ("+placeholders(1, 9)+")", row...)
	}
	if err != nil {
		return err
	}
	if err := w.exec(ctx, "INSERT INTO knowledge_contents (document, packed) VALUES ($1, $2)", id, k.contents); err != nil {
		return err
	}
	for _, p := range k.pages {
		if err := w.exec(ctx, "INSERT INTO knowledge_pages (document, first, packed) VALUES ($1, $2, $3)", id, p.first, p.packed); err != nil {
			return err
		}
	}
	return w.passages(ctx, id, k.parts)
}

// passages writes many at once: one by one they would take most of an ingest.
func (w *writing) passages(ctx context.Context, document int64, parts [][]byte) error {
	const most = 100
	for len(parts) > 0 {
		n := min(len(parts), most)
		rows := make([]string, n)
		args := make([]any, 0, 3*n)
		for i, p := range parts[:n] {
			w.passage++
			rows[i] = "(" + placeholders(3*i+1, 3) + ")"
			args = append(args, w.passage, document, p)
		}
		if err := w.exec(ctx, "INSERT INTO knowledge_passages (id, document, passage) VALUES "+strings.Join(rows, ","), args...); err != nil {
			return err
		}
		parts = parts[n:]
	}
	return nil
}

// files notes and forgets what was seen of files.
func (w *writing) files(ctx context.Context, noted, forgotten []File) error {
	for _, f := range forgotten {
		if err := w.exec(ctx, "DELETE FROM knowledge_files WHERE source = $1 AND path = $2", []byte(f.Source), []byte(f.Path)); err != nil {
			return err
		}
	}
	for _, f := range noted {
		problems := []byte{}
		if len(f.Problems) > 0 {
			var err error
			if problems, err = json.Marshal(f.Problems); err != nil {
				return fmt.Errorf("pack problems: %w", err)
			}
		}
		if err := w.exec(ctx, `INSERT INTO knowledge_files (source, path, size, modified, hash, manner, documents, problems) VALUES (`+placeholders(1, 8)+`)
			ON CONFLICT (source, path) DO UPDATE SET size = excluded.size, modified = excluded.modified, hash = excluded.hash, manner = excluded.manner,
			documents = excluded.documents, problems = excluded.problems`,
			[]byte(f.Source), []byte(f.Path), f.Size, nanos(f.Modified), f.Hash, f.Manner, f.Documents, problems); err != nil {
			return err
		}
	}
	return nil
}

// SetFrequencies implements Shelf.
func (l *Library) SetFrequencies(ctx context.Context, counted ...Counted) error {
	if len(counted) == 0 {
		return ctx.Err()
	}
	return l.write(ctx, func(tx *sql.Tx) error {
		w := &writing{tx: tx}
		for _, c := range counted {
			if err := w.frequencies(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetWeight implements Shelf.
func (l *Library) SetWeight(ctx context.Context, packed []byte) error {
	if packed == nil {
		packed = []byte{}
	}
	return l.write(ctx, func(tx *sql.Tx) error {
		w := &writing{tx: tx}
		return w.exec(ctx, "INSERT INTO knowledge_weight (id, packed) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET packed = excluded.packed", packed)
	})
}

func (w *writing) frequencies(ctx context.Context, c Counted) error {
	var now int64
	err := w.tx.QueryRowContext(ctx, "SELECT change_no FROM knowledge_documents WHERE id = $1", c.Document).Scan(&now)
	if errors.Is(err, sql.ErrNoRows) || err == nil && now != c.Change {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write knowledge: %w", err)
	}
	if c.Packed == nil {
		c.Packed = []byte{}
	}
	return w.exec(ctx, `INSERT INTO knowledge_frequencies (document, change_no, packed) VALUES ($1, $2, $3)
		ON CONFLICT (document) DO UPDATE SET change_no = excluded.change_no, packed = excluded.packed`, c.Document, c.Change, c.Packed)
}

// nanos is how the times of files are kept: 0 for the zero time.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
