package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/resync-hwa/resync/internal/store"
)

// writer adds rows to the chain and takes old ones away. For one goroutine.
type writer struct {
	db      *store.DB
	keys    Keys
	process string
	now     func() time.Time
	rows    int64 // how many the chain has, as of the last write
}

const (
	columns   = "seq, at, kind, tool, caller, name, spoken_by, via, engine, args, bytes, upstream_calls, took, code, correlation, lost, process, n, key_id, mac"
	insertRow = "INSERT INTO audit_calls (" + columns + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
	putHead   = `INSERT INTO audit_head (id, seq, mac, base_seq, base_mac, key_id, seal) VALUES (1, $1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, mac = excluded.mac, base_seq = excluded.base_seq, base_mac = excluded.base_mac, key_id = excluded.key_id, seal = excluded.seal`
	// doubled is how far behind the end a batch is looked for whose commit failed in its last step.
	doubled = 10_000
	// chunk bounds one transaction that removes rows: others wait meanwhile.
	chunk = 2_000
)

// append writes a batch at the end of the chain, in one transaction. again says that it was tried before, and may be there already.
func (w *writer) append(ctx context.Context, batch []Entry, again bool) error {
	return w.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		h, err := w.end(ctx, tx)
		if err != nil {
			return err
		}
		if again {
			there, err := w.written(ctx, tx, h, batch[0].n)
			if err != nil || there {
				return err
			}
		}
		h, marks := w.judge(h)
		insert, err := tx.PrepareContext(ctx, insertRow)
		if err != nil {
			return fmt.Errorf("write audit: %w", err)
		}
		defer func() { _ = insert.Close() }()
		for _, e := range append(marks, batch...) {
			if e.Kind == Call {
				e.Args = w.keys.Args(e.Args)
			}
			h.seq++
			e.Seq, e.keyID = h.seq, w.keys.id
			e.At = e.At.UTC()
			h.mac = w.keys.row(&e, h.mac)
			if _, err := insert.ExecContext(ctx, e.Seq, e.At.UnixMilli(), string(e.Kind), e.Tool, e.Caller, e.Name, e.By, e.Via, e.Engine, e.Args, e.Bytes, e.UpstreamCalls,
				e.Duration.Microseconds(), e.Code, e.CorrelationID, e.Lost, e.Process, e.n, e.keyID, h.mac); err != nil {
				return fmt.Errorf("write audit: %w", err)
			}
		}
		w.rows = h.seq - h.base
		return w.seal(ctx, tx, h)
	})
}

// end reads the head and looks whether the last row is what it says.
func (w *writer) end(ctx context.Context, tx *sql.Tx) (head, error) {
	h, err := readHead(ctx, tx)
	if err != nil {
		return head{}, err
	}
	var seq sql.NullInt64
	if err := tx.QueryRowContext(ctx, "SELECT MAX(seq) FROM audit_calls").Scan(&seq); err != nil {
		return head{}, fmt.Errorf("read audit: %w", err)
	}
	if !h.written {
		h.rows, h.seq = !seq.Valid, seq.Int64
		return h, nil
	}
	if h.seq == h.base { // all rows were removed for their age
		h.rows = !seq.Valid
		h.seq = max(h.seq, seq.Int64)
		return h, nil
	}
	var mac []byte
	err = tx.QueryRowContext(ctx, "SELECT mac FROM audit_calls WHERE seq = $1", h.seq).Scan(&mac)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return head{}, fmt.Errorf("read audit: %w", err)
	}
	h.rows = err == nil && bytes.Equal(mac, h.mac) && seq.Int64 == h.seq
	h.seq = max(h.seq, seq.Int64)
	return h, nil
}

// judge notes in the chain what does not fit, so that writing on does not heal it.
func (w *writer) judge(h head) (head, []Entry) {
	mark := func(kind Kind) []Entry {
		return []Entry{{Kind: kind, At: w.now(), Process: w.process}}
	}
	switch {
	case !h.written && h.rows: // the first row of all
		return h, nil
	case !h.rows:
		return h, mark(Broken)
	case h.keyID != w.keys.id:
		return h, mark(Rekeyed)
	case !hmac.Equal(h.seal, w.keys.head(&h)):
		return h, mark(Broken)
	}
	return h, nil
}

// written reports whether this process's entry of a number is among the last rows.
func (w *writer) written(ctx context.Context, tx *sql.Tx, h head, n int64) (bool, error) {
	var count int
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM audit_calls WHERE seq > $1 AND process = $2 AND n = $3", h.seq-doubled, w.process, n).Scan(&count); err != nil {
		return false, fmt.Errorf("read audit: %w", err)
	}
	return count > 0, nil
}

func (w *writer) seal(ctx context.Context, tx *sql.Tx, h head) error {
	h.keyID = w.keys.id
	if _, err := tx.ExecContext(ctx, putHead, h.seq, filled(h.mac), h.base, filled(h.baseMAC), h.keyID, w.keys.head(&h)); err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	return nil
}

// filled is never nil: the columns take no NULL.
func filled(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// prune removes rows from the front: those before the first one of a call since the time, and those above the number. A chain that does not
// fit its head keeps its rows: they are evidence.
func (w *writer) prune(ctx context.Context, since time.Time, most int64) error {
	for {
		more := false
		err := w.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
			h, err := w.end(ctx, tx)
			if err != nil || !h.written || !h.rows || h.keyID != w.keys.id || !hmac.Equal(h.seal, w.keys.head(&h)) {
				return err
			}
			upTo, err := expired(ctx, tx, h, since, most)
			if err != nil || upTo <= h.base {
				return err
			}
			if upTo > h.base+chunk {
				upTo, more = h.base+chunk, true
			}
			if err := tx.QueryRowContext(ctx, "SELECT mac FROM audit_calls WHERE seq = $1", upTo).Scan(&h.baseMAC); err != nil {
				return fmt.Errorf("read audit: %w", err)
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM audit_calls WHERE seq <= $1", upTo); err != nil {
				return fmt.Errorf("remove old audit rows: %w", err)
			}
			h.base = upTo
			w.rows = h.seq - h.base
			return w.seal(ctx, tx, h)
		})
		if err != nil || !more {
			return err
		}
	}
}

// expired gives the last row that need not be kept; the newest row always is.
func expired(ctx context.Context, tx *sql.Tx, h head, since time.Time, most int64) (int64, error) {
	first := h.seq
	err := tx.QueryRowContext(ctx, "SELECT seq FROM audit_calls WHERE at >= $1 ORDER BY seq LIMIT 1", since.UnixMilli()).Scan(&first)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read audit: %w", err)
	}
	return min(max(first-1, h.seq-most), h.seq-1), nil
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func readHead(ctx context.Context, q querier) (head, error) {
	var h head
	err := q.QueryRowContext(ctx, "SELECT seq, mac, base_seq, base_mac, key_id, seal FROM audit_head WHERE id = 1").Scan(&h.seq, &h.mac, &h.base, &h.baseMAC, &h.keyID, &h.seal)
	if errors.Is(err, sql.ErrNoRows) {
		return head{}, nil
	}
	if err != nil {
		return head{}, fmt.Errorf("read audit: %w", err)
	}
	h.written = true
	return h, nil
}
