package review

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/library"
)

//go:embed migrations/*.sql
var migrations embed.FS

// roomName is this room's name in the store, and its turn among those that write.
const roomName = "review"

// Room gives the tables of this package to store.Open.
func Room() store.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("review: the embedded folder is named migrations: " + err.Error())
	}
	return store.Room{Name: roomName, FS: sub}
}

// MaxPage is how many cases List gives at most.
const MaxPage = 200

// Queue keeps cases in a database that has this package's Room. Safe for concurrent use by any number of processes. Unknown cases are
// not_found, steps that a case's state does not allow are conflict, bad input is invalid.
type Queue struct {
	db  *store.DB
	now func() time.Time
}

// NewQueue makes a queue over an open database, which stays the caller's to close. now is the clock; nil is the machine's.
func NewQueue(db *store.DB, now func() time.Time) *Queue {
	if now == nil {
		now = time.Now
	}
	return &Queue{db: db, now: now}
}

// Add takes feedback in as a new case. It is cleaned before it is kept; When is the queue's where it is not set.
func (q *Queue) Add(ctx context.Context, f Feedback) (Case, error) {
	f, err := f.cleaned()
	if err != nil {
		return Case{}, err
	}
	if f.When.IsZero() {
		f.When = q.now()
	}
	f.When = f.When.UTC().Truncate(time.Millisecond)
	raw, err := json.Marshal(f)
	if err != nil {
		return Case{}, fmt.Errorf("keep feedback: %w", err)
	}
	var id int64
	err = q.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(id), 0) + 1 FROM review_cases").Scan(&id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO review_cases (id, state, feedback, draft, shelved) VALUES ($1, $2, $3, $4, 0)", id, string(New), raw, []byte{}); err != nil {
			return err
		}
		return q.step(ctx, tx, id, New, f.Who, "")
	})
	if err != nil {
		return Case{}, fmt.Errorf("keep feedback: %w", err)
	}
	return q.Get(ctx, id)
}

// step notes what was done.
func (q *Queue) step(ctx context.Context, tx *sql.Tx, id int64, state State, who, note string) error {
	var n int64
	if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(n), 0) + 1 FROM review_steps WHERE case_id = $1", id).Scan(&n); err != nil {
		return fmt.Errorf("note a step: %w", err)
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO review_steps (case_id, n, state, who, at, note) VALUES ($1, $2, $3, $4, $5, $6)",
		id, n, string(state), who, q.now().UnixMilli(), note)
	if err != nil {
		return fmt.Errorf("note a step: %w", err)
	}
	return nil
}

// Get gives a case with all its steps.
func (q *Queue) Get(ctx context.Context, id int64) (Case, error) {
	found, err := q.read(ctx, "WHERE id = $1", id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "There is no case %d to review.", id)
	}
	if err != nil {
		return Case{}, err
	}
	c := found[0]
	rows, err := q.db.Read().QueryContext(ctx, "SELECT state, who, at, note FROM review_steps WHERE case_id = $1 ORDER BY n", id)
	if err != nil {
		return Case{}, fmt.Errorf("read a case: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s Step
		var at int64
		if err := rows.Scan(&s.State, &s.Who, &at, &s.Note); err != nil {
			return Case{}, fmt.Errorf("read a case: %w", err)
		}
		s.When = time.UnixMilli(at).UTC()
		c.Steps = append(c.Steps, s)
	}
	return c, rows.Err()
}

// List gives the cases of a state, or all for "", the newest first and without steps, from behind a case on; 0 begins with the newest.
// limit is MaxPage at most; 0 means that.
func (q *Queue) List(ctx context.Context, state State, before int64, limit int) ([]Case, error) {
	if limit <= 0 || limit > MaxPage {
		limit = MaxPage
	}
	if state != "" && !slices.Contains([]State{New, Drafted, Accepted, Rejected}, state) {
		return nil, fault.New(fault.Invalid, "There is no state %q; use new, drafted, accepted or rejected.", string(state))
	}
	return q.read(ctx, "WHERE ($1 = '' OR state = $1) AND ($2 = 0 OR id < $2) ORDER BY id DESC LIMIT $3", string(state), before, limit)
}

func (q *Queue) read(ctx context.Context, where string, args ...any) ([]Case, error) {
	rows, err := q.db.Read().QueryContext(ctx, "SELECT id, state, feedback, draft, shelved FROM review_cases "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	defer rows.Close()
	var out []Case
	for rows.Next() {
		var c Case
		var raw, draft []byte
		var shelved int64
		if err := rows.Scan(&c.ID, &c.State, &raw, &draft, &shelved); err != nil {
			return nil, fmt.Errorf("read cases: %w", err)
		}
		if err := json.Unmarshal(raw, &c.Feedback); err != nil {
			return nil, fmt.Errorf("read case %d: %w", c.ID, err)
		}
		c.Draft, c.Mark = string(draft), mark(string(draft))
		if c.State == Accepted {
			c.Document = c.path()
		}
		out = append(out, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	return out, nil
}

// path is where the runbook of a case stands on the shelf.
func (c *Case) path() string { return fmt.Sprintf("reviewed/case-%d.md", c.ID) }

// Draft makes a draft of a case, in the place of one that is there already.
func (q *Queue) Draft(ctx context.Context, id int64, who string, o Outline) (Case, error) {
	return q.write(ctx, id, who, "", func(c *Case, by Step) (string, error) { return write(c, o, by) })
}

// Edit takes a draft as a person has edited it. Its head must be readable and bind to names, kinds and ids alone.
func (q *Queue) Edit(ctx context.Context, id int64, who, draft string) (Case, error) {
	return q.write(ctx, id, who, "edited", func(c *Case, _ Step) (string, error) {
		if c.State != Drafted {
			return "", fault.New(fault.Conflict, "Case %d has no draft to edit.", id).WithHint("Make one first.")
		}
		_, _, err := readable(c.path(), draft)
		return draft, err
	})
}

// write changes the draft of a case that is still open.
func (q *Queue) write(ctx context.Context, id int64, who, note string, text func(*Case, Step) (string, error)) (Case, error) {
	return q.move(ctx, id, who, Drafted, func(tx *sql.Tx, c *Case, by Step) (string, error) {
		draft, err := text(c, by)
		if err != nil {
			return "", err
		}
		_, err = tx.ExecContext(ctx, "UPDATE review_cases SET draft = $2 WHERE id = $1", id, []byte(draft))
		return note, err
	})
}

// Reject ends a case without a runbook. note says why.
func (q *Queue) Reject(ctx context.Context, id int64, who, note string) (Case, error) {
	return q.move(ctx, id, who, Rejected, func(*sql.Tx, *Case, Step) (string, error) { return name(note), nil })
}

// move brings an open case to a state, with what do changes besides; do gives the note of the step.
func (q *Queue) move(ctx context.Context, id int64, who string, to State, do func(*sql.Tx, *Case, Step) (string, error)) (Case, error) {
	by := Step{State: to, Who: name(who), When: q.now()}
	if by.Who == "" {
		return Case{}, fault.New(fault.Invalid, "A review needs the name of the person who does it.")
	}
	err := q.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		c := Case{ID: id}
		var raw, draft []byte
		err := tx.QueryRowContext(ctx, "SELECT state, feedback, draft FROM review_cases WHERE id = $1", id).Scan(&c.State, &raw, &draft)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fault.New(fault.NotFound, "There is no case %d to review.", id)
		case err != nil:
			return fmt.Errorf("review case %d: %w", id, err)
		case c.State != New && c.State != Drafted:
			return fault.New(fault.Conflict, "Case %d is %s already.", id, c.State)
		}
		if err := json.Unmarshal(raw, &c.Feedback); err != nil {
			return fmt.Errorf("review case %d: %w", id, err)
		}
		c.Draft, c.Mark = string(draft), mark(string(draft))
		note, err := do(tx, &c, by)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE review_cases SET state = $2 WHERE id = $1", id, string(to)); err != nil {
			return fmt.Errorf("review case %d: %w", id, err)
		}
		return q.step(ctx, tx, id, to, by.Who, note)
	})
	if err != nil {
		return Case{}, err
	}
	return q.Get(ctx, id)
}

// Accept lays the draft of a case on the shelf as a runbook of the site. seen is the mark of the text that the person has read: a draft that somebody
// changed meanwhile is a conflict. A case that was accepted and is not on the shelf, because the process was killed between the two,
// is laid there by accepting it again.
func (q *Queue) Accept(ctx context.Context, id int64, who, seen string, shelf library.Shelf) (Case, error) {
	c, err := q.Get(ctx, id)
	if err != nil {
		return Case{}, err
	}
	if c.State != Accepted {
		c, err = q.move(ctx, id, who, Accepted, func(_ *sql.Tx, c *Case, _ Step) (string, error) {
			switch {
			case c.Draft == "":
				return "", fault.New(fault.Conflict, "Case %d has no draft.", id).WithHint("Make one, read it, then accept it.")
			case c.Mark != seen:
				return "", fault.New(fault.Conflict, "The draft of case %d is not the one that was shown.", id).WithHint("Read it once more, then accept it.")
			}
			_, _, err := readable(c.path(), c.Draft)
			return c.Mark, err
		})
		if err != nil {
			return Case{}, err
		}
	}
	if c.Mark != seen {
		return Case{}, fault.New(fault.Conflict, "Case %d is %s already.", id, c.State)
	}
	return c, q.shelve(ctx, &c, shelf)
}

// shelve lays the runbook of an accepted case on the shelf, once.
func (q *Queue) shelve(ctx context.Context, c *Case, shelf library.Shelf) error {
	var done int64
	if err := q.db.Read().QueryRowContext(ctx, "SELECT shelved FROM review_cases WHERE id = $1", c.ID).Scan(&done); err != nil {
		return fmt.Errorf("accept case %d: %w", c.ID, err)
	}
	if done != 0 {
		return nil // taken off the shelf since, perhaps: that is for people to decide
	}
	d, lines, err := readable(c.path(), c.Draft)
	if err != nil {
		return err
	}
	if err := shelf.Put(ctx, document(c, d, lines, q.now())); err != nil {
		return err
	}
	err = q.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE review_cases SET shelved = 1 WHERE id = $1", c.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("accept case %d: %w", c.ID, err)
	}
	return nil
}

// document is the runbook as the shelf takes it.
func document(c *Case, d cut.Document, lines []string, now time.Time) library.Draft {
	sum := sha256.Sum256([]byte(c.Draft))
	return library.Draft{
		Document: library.Document{
			Path: c.path(), Source: "review", Title: d.Title, Format: "markdown", Language: d.Language, Kind: library.Runbook, Site: true,
			Kinds: d.Kinds, MessageIDs: d.MessageIDs, Jobs: d.Jobs, Streams: d.Streams,
			Size: int64(len(c.Draft)), Hash: hex.EncodeToString(sum[:]), Modified: now.UTC(), Ingested: now.UTC(),
		},
		Text: lines, Contents: d.Sections, Parts: d.Passages,
	}
}
