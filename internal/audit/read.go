package audit

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/store"
)

// Log reads what trails have written. Safe for concurrent use.
type Log struct{ db *store.DB }

// Open reads a database that has this package's Room. The caller closes the database.
func Open(db *store.DB) *Log { return &Log{db} }

// Filter selects rows; what is zero selects all.
type Filter struct {
	Since, Until time.Time // of the call's begin: from, and before
	Who          string    // id or name of the caller, or id of who spoke for them
	Tool         string
	Code         string // of the error; "ok" for calls without one
	Correlation  string
	Args         string // see Keys.Args
	Limit        int    // the newest so many; 0 means all
}

// List gives the selected rows, oldest first.
func (l *Log) List(ctx context.Context, f Filter) ([]Entry, error) {
	where, args := f.where()
	query := "SELECT " + columns + ", FALSE FROM audit_calls" + where + " ORDER BY seq DESC"
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	out := []Entry{}
	var unread error
	if err := each(ctx, l.db.Read(), query, args, func(e Entry, err error) bool {
		out, unread = append(out, e), err
		return err == nil
	}); err != nil {
		return nil, err
	}
	if unread != nil {
		return nil, fmt.Errorf("read audit: %w", unread)
	}
	slices.Reverse(out)
	return out, nil
}

func (f Filter) where() (string, []any) {
	var conditions []string
	var args []any
	add := func(condition string, value any) {
		args = append(args, value)
		conditions = append(conditions, strings.ReplaceAll(condition, "$", fmt.Sprintf("$%d", len(args))))
	}
	if !f.Since.IsZero() {
		add("at >= $", f.Since.UnixMilli())
	}
	if !f.Until.IsZero() {
		add("at < $", f.Until.UnixMilli())
	}
	if f.Who != "" {
		add("(caller = $ OR name = $ OR spoken_by = $)", f.Who)
	}
	if f.Tool != "" {
		add("tool = $", f.Tool)
	}
	switch f.Code {
	case "":
	case "ok":
		add("code = $", "")
		add("kind = $", string(Call))
	default:
		add("code = $", f.Code)
	}
	if f.Correlation != "" {
		add("correlation = $", f.Correlation)
	}
	if f.Args != "" {
		add("args = $", f.Args)
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

// each reads rows until do gives false; do also gets the error of a row whose values are not of their columns' kinds.
func each(ctx context.Context, q querier, query string, args []any, do func(Entry, error) bool) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read audit: %w", err)
	}
	defer func() { _ = rows.Close() }() // an error of the rows shows in Err
	for rows.Next() {
		if !do(scan(rows)) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read audit: %w", err)
	}
	return nil
}

func scan(rows *sql.Rows) (Entry, error) {
	var e Entry
	var at, took int64
	err := rows.Scan(&e.Seq, &at, &e.Kind, &e.Tool, &e.Caller, &e.Name, &e.By, &e.Via, &e.Engine, &e.Args, &e.Bytes, &e.UpstreamCalls, &took, &e.Code, &e.CorrelationID,
		&e.Lost, &e.Process, &e.n, &e.keyID, &e.mac, &e.odd)
	e.At, e.Duration = time.UnixMilli(at).UTC(), time.Duration(took)*time.Microsecond
	return e, err
}
