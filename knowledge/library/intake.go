package library

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
)

// errTurn is what an ingest gets that others have overtaken.
func errTurn() error {
	return fault.New(fault.Conflict, "Somebody else ingests meanwhile, so this ingest has stopped; what it had stored is kept.").
		WithHint("Wait until the other one is done, and ingest again: what is there already is not read twice.")
}

// settled gives the draft as every shelf keeps it: times in UTC, counts as they are.
func (d Draft) settled() Draft {
	d.Modified, d.Ingested = d.Modified.UTC().Round(0), d.Ingested.UTC().Round(0)
	d.Document.Lines, d.Document.Sections, d.Document.Passages = len(d.Text), len(d.Contents), len(d.Parts)
	return d
}

// Files implements Intake.
func (l *Library) Files(ctx context.Context, source string) (out []File, err error) {
	err = l.files(ctx, func(f File) { out = append(out, f) }, "WHERE source = $1 ORDER BY path", []byte(source))
	return out, err
}

func (l *Library) files(ctx context.Context, each func(File), where string, args ...any) error {
	return l.query(ctx, func(rows *sql.Rows) error {
		var f File
		var source, path, problems []byte
		var modified int64
		if err := rows.Scan(&source, &path, &f.Size, &modified, &f.Hash, &f.Manner, &f.Documents, &problems); err != nil {
			return err
		}
		f.Source, f.Path, f.Modified = string(source), string(path), fromNanos(modified)
		if len(problems) > 0 {
			if err := json.Unmarshal(problems, &f.Problems); err != nil {
				return errors.Join(errPage, err)
			}
		}
		each(f)
		return nil
	}, "SELECT source, path, size, modified, hash, manner, documents, problems FROM knowledge_files "+where, args...)
}

// Problems implements Intake.
func (l *Library) Problems(ctx context.Context) ([]Problem, error) {
	out := []Problem{}
	err := l.files(ctx, func(f File) { out = append(out, f.Problems...) }, "WHERE LENGTH(problems) > 0 ORDER BY source, path")
	return inOrder(out), err
}

func inOrder(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(a.Reason, b.Reason))
	})
	return problems
}

// Turn implements Intake.
func (l *Library) Turn(ctx context.Context) (Turn, error) { return readTurn(ctx, l.db.Read()) }

func readTurn(ctx context.Context, from interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) (t Turn, err error) {
	var taken int
	if err := from.QueryRowContext(ctx, "SELECT turn, beat, taken FROM knowledge_shelf WHERE id = 1").Scan(&t.Number, &t.Beat, &taken); err != nil {
		return Turn{}, fmt.Errorf("read knowledge: %w", err)
	}
	t.Taken = taken != 0
	return t, nil
}

// SetTurn implements Intake.
func (l *Library) SetTurn(ctx context.Context, was, becomes Turn) error {
	return l.write(ctx, func(tx *sql.Tx) error {
		now, err := readTurn(ctx, tx)
		if err != nil {
			return err
		}
		if now.Number != was.Number || now.Taken != was.Taken {
			return errTurn()
		}
		taken := 0
		if becomes.Taken {
			taken = 1
		}
		w := &writing{tx: tx}
		return w.exec(ctx, "UPDATE knowledge_shelf SET turn = $1, beat = $2, taken = $3 WHERE id = 1", becomes.Number, becomes.Beat, taken)
	})
}
