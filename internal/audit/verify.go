package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Sound reports whether the whole chain was checked and holds.
func (r Report) Sound() bool { return len(r.Problems) == 0 && r.Foreign == 0 }

// Report is what Verify found.
type Report struct {
	Rows    int64     `json:"rows"`
	First   int64     `json:"first"` // numbers of the first and the last row
	Last    int64     `json:"last"`
	Since   time.Time `json:"since"`   // of the first row
	Removed int64     `json:"removed"` // rows before the first one, gone for their age
	Lost    int64     `json:"lost"`    // calls that could not be kept, as the chain itself says
	Foreign int64     `json:"foreign"` // rows that were sealed with a key that is not among those given, and could not be checked
	// Problems are what shows that something was changed or removed; Verify stops after some.
	Problems []Problem `json:"problems"`
}

// Problem is one place where the chain does not hold. Seq is 0 for the head.
type Problem struct {
	Seq  int64  `json:"seq"`
	What string `json:"what"`
}

// maxProblems is after how many a chain is broken beyond counting.
const maxProblems = 100

// Verify goes through the whole chain with the keys that it was sealed with, one after the other where the key was changed. Trails may write
// meanwhile. What it cannot see: that somebody put an older state of the whole database in the place of this one, or that all of it is gone.
func (l *Log) Verify(ctx context.Context, keys ...Keys) (Report, error) {
	options := &sql.TxOptions{ReadOnly: true}
	if !l.db.Embedded() { // SQLite shows one state for as long as a transaction reads; PostgreSQL must be asked to
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := l.db.Read().BeginTx(ctx, options)
	if err != nil {
		return Report{}, fmt.Errorf("read audit: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	h, err := readHead(ctx, tx)
	if err != nil {
		return Report{}, err
	}
	v := &verifier{keys: map[string]Keys{}, Report: Report{Problems: []Problem{}, Removed: h.base}, next: h.base + 1, before: h.baseMAC}
	for _, k := range keys {
		v.keys[k.id] = k
	}
	if err := each(ctx, tx, "SELECT "+columns+", "+odd(l.db.Embedded())+" FROM audit_calls ORDER BY seq", nil, v.row); err != nil {
		return Report{}, err
	}
	v.end(h)
	return v.Report, nil
}

// odd is the condition of a row with a value that is not of its column's kind. SQLite keeps any kind in any column: a BLOB with the bytes of a text
// reads like that text, and the hash fits, but no condition of a list finds it. PostgreSQL keeps none.
func odd(embedded bool) string {
	if !embedded {
		return "FALSE"
	}
	var conditions []string
	for c := range strings.SplitSeq(columns, ", ") {
		kind := "text"
		switch c {
		case "seq", "at", "bytes", "upstream_calls", "took", "lost", "n":
			kind = "integer"
		case "mac":
			kind = "blob"
		}
		conditions = append(conditions, fmt.Sprintf("typeof(%s) <> '%s'", c, kind))
	}
	return strings.Join(conditions, " OR ")
}

type verifier struct {
	Report
	keys   map[string]Keys // by id
	next   int64           // the number that the next row should have
	before []byte
	keyID  string // of the row before
}

func (v *verifier) problem(seq int64, format string, args ...any) {
	v.Problems = append(v.Problems, Problem{seq, fmt.Sprintf(format, args...)})
}

// row looks at the next row; false when there are problems enough.
func (v *verifier) row(e Entry, unread error) bool {
	if v.Rows == 0 {
		v.First, v.Since = e.Seq, e.At
	}
	v.Rows++
	v.Last = e.Seq
	v.Lost += e.Lost
	intact := e.Seq == v.next
	switch {
	case e.Seq > v.next:
		v.problem(e.Seq, "%d row(s) before this one are missing.", e.Seq-v.next)
	case e.Seq < v.next:
		v.problem(e.Seq, "The row lies before the beginning that the head names.")
	}
	switch keys, known := v.keys[e.keyID]; {
	case e.odd || unread != nil:
		v.problem(e.Seq, "The row was changed: a value in it is not of its column's kind.")
	case !known:
		v.Foreign++
	case !intact: // what stood before is not known, so the hash cannot fit
	case !hmac.Equal(e.mac, keys.row(&e, v.before)):
		v.problem(e.Seq, "The row, or the one before, was changed.")
	}
	if v.Rows > 1 && unread == nil && e.keyID != v.keyID && e.Kind != Rekeyed && e.Kind != Broken { // a writer that finds another key says so first
		v.problem(e.Seq, "The key changes without a word.")
	}
	if e.Kind == Broken {
		v.problem(e.Seq, "When this was written, on %s, what stood before did not fit the head.", e.At.Format(time.RFC3339))
	}
	v.next, v.before, v.keyID = e.Seq+1, e.mac, e.keyID
	return len(v.Problems) < maxProblems
}

// end compares what was read with the head.
func (v *verifier) end(h head) {
	keys, known := v.keys[h.keyID]
	if h.written && !known {
		v.problem(0, "The head was sealed with another key.")
	}
	switch {
	case len(v.Problems) >= maxProblems:
	case !h.written && v.Rows == 0: // nothing has been written yet
	case !h.written:
		v.problem(0, "The head is missing.")
	case known && !hmac.Equal(h.seal, keys.head(&h)):
		v.problem(0, "The head was changed.")
	case v.next <= h.seq:
		v.problem(h.seq, "The last %d row(s) are missing.", h.seq-v.next+1)
	case v.next > h.seq+1:
		v.problem(h.seq, "There are rows behind the end that the head names.")
	case !bytes.Equal(v.before, h.mac):
		v.problem(h.seq, "The last row is not the one that the head names.")
	}
}
