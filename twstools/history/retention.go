package history

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

const (
	// sweepEvery is how often what is older than Keep is looked for.
	sweepEvery = time.Hour
	// deleteRows bounds a transaction that deletes.
	deleteRows = 2000
	// maxRounds ends making room when it does not help: then it is an error.
	maxRounds = 10_000
)

// makeRoom removes what is older than Keep, and from the embedded database the oldest of everything when the file nears its bound. The
// bound is that of the database file; beside it stands SQLite's log of a few megabytes.
func (h *History) makeRoom(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.Now()
	if now.Sub(h.swept) >= sweepEvery || now.Before(h.swept) {
		for more := true; more; {
			n, err := h.deleteBefore(ctx, h.Engine, now.Add(-h.Keep).UnixMilli())
			if err != nil {
				return err
			}
			more = n >= deleteRows
		}
		h.swept = now
	}
	if !h.DB.Embedded() {
		return nil
	}
	// Deleting begins early enough for what a batch can add, the pages that it leaves half empty and the indexes.
	margin := max(h.MaxBytes/20, 4*int64(h.batch())*changeBytes)
	high := h.MaxBytes - margin
	for range maxRounds {
		used, err := h.usedBytes(ctx)
		if err != nil || used <= high {
			return err
		}
		engine, horizon, err := h.oldest(ctx)
		if err != nil {
			return err
		}
		if n, err := h.deleteBefore(ctx, engine, horizon+1); err != nil || n == 0 {
			return err
		}
		high = h.MaxBytes - margin - h.MaxBytes/20 // once begun, some more, so that the next batch need not begin again
	}
	return fmt.Errorf("deleting the oldest does not get the database below %d bytes", high)
}

// usedBytes is the part of SQLite's file that holds something; free pages are used again before the file grows.
func (h *History) usedBytes(ctx context.Context) (int64, error) {
	var used int64
	err := h.DB.Read().QueryRowContext(ctx, "SELECT (c.page_count - f.freelist_count) * s.page_size FROM pragma_page_count c, pragma_freelist_count f, pragma_page_size s").Scan(&used)
	if err != nil {
		return 0, fmt.Errorf("measure the database: %w", err)
	}
	return used, nil
}

// oldest gives an engine and a time such that deleting what is not later removes some, but no more than a batch, of the oldest of each
// kind. Several engines may share the file, and the bound is one for all.
func (h *History) oldest(ctx context.Context) (engine string, at int64, err error) {
	engines, err := h.engines(ctx)
	if err != nil {
		return "", 0, err
	}
	engine, at = h.Engine, h.Now().Add(h.Keep).UnixMilli() // hardly anything is there: all of it may go
	for _, e := range engines {
		var t sql.NullInt64
		// The time of the 500th oldest of each table, and of those the earliest; a table with fewer rows does not limit.
		err := h.DB.Read().QueryRowContext(ctx, `SELECT min(t) FROM (
			SELECT * FROM (SELECT last_at AS t FROM history_jobs WHERE engine = $1 ORDER BY last_at LIMIT 1 OFFSET 500) j UNION ALL
			SELECT * FROM (SELECT at AS t FROM history_events WHERE engine = $1 ORDER BY at LIMIT 1 OFFSET 500) e UNION ALL
			SELECT * FROM (SELECT minute AS t FROM history_counts WHERE engine = $1 ORDER BY minute LIMIT 1 OFFSET 500) c) x`, e).Scan(&t)
		if err != nil {
			return "", 0, fmt.Errorf("find the oldest: %w", err)
		}
		if t.Valid && t.Int64 < at {
			engine, at = e, t.Int64
		}
	}
	return engine, at, nil
}

func (h *History) engines(ctx context.Context) ([]string, error) {
	rows, err := h.DB.Read().QueryContext(ctx, "SELECT engine FROM history_jobs UNION SELECT engine FROM history_events UNION SELECT engine FROM history_counts")
	if err != nil {
		return nil, fmt.Errorf("list engines: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var e string
		if err := rows.Scan(&e); err != nil {
			return nil, fmt.Errorf("list engines: %w", err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// deleteBefore deletes what last happened before a time, some thousand rows of each kind at most, and tells how many those were.
func (h *History) deleteBefore(ctx context.Context, engine string, before int64) (int64, error) {
	var most int64
	err := h.write(ctx, func(tx *sql.Tx) error {
		most = 0
		const plans = "DELETE FROM history_plans WHERE read_at < $1 AND NOT EXISTS (SELECT 1 FROM history_jobs j WHERE j.id = history_plans.job AND j.engine <> $2)" // of this engine, or of jobs that are gone
		if _, err := tx.ExecContext(ctx, plans, before, engine); err != nil {
			return fmt.Errorf("delete the oldest: %w", err)
		}
		for _, statement := range []string{
			"DELETE FROM history_jobs WHERE id IN (SELECT id FROM history_jobs WHERE engine = $1 AND last_at < $2 ORDER BY last_at LIMIT $3)",
			"DELETE FROM history_events WHERE id IN (SELECT id FROM history_events WHERE engine = $1 AND at < $2 ORDER BY at LIMIT $3)",
			"DELETE FROM history_counts WHERE engine = $1 AND minute IN (SELECT minute FROM history_counts WHERE engine = $1 AND minute < $2 ORDER BY minute LIMIT $3)",
			"DELETE FROM history_runs WHERE engine = $1 AND (job, mark) IN (SELECT job, mark FROM history_runs WHERE engine = $1 AND started < $2 ORDER BY started LIMIT $3)",
		} {
			res, err := tx.ExecContext(ctx, statement, engine, before, deleteRows)
			if err != nil {
				return fmt.Errorf("delete the oldest: %w", err)
			}
			n, err := res.RowsAffected()
			if err != nil {
				return fmt.Errorf("delete the oldest: %w", err)
			}
			most = max(most, n)
		}
		return nil
	})
	return most, err
}
