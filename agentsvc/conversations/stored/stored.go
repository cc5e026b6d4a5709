// Package stored keeps conversations in the database of internal/store: SQLite in the data folder, or PostgreSQL, which several nodes
// share, so that a conversation goes on at another one. It implements conversations.Store; the suite conversationstest holds it to that.
//
// A turn is one transaction: its question, its answer, its ledger and the conversation's title and time, or nothing of it. Answers and
// ledgers are JSON, packed with gzip, in a numbered form that later versions read. Who may write stands in the conversation's row: a
// holder and how long; a writer that was killed loses it by time, and one that came back late is refused. Start at Room and New.
package stored

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// roomName is this room's name in the store, and its turn among those that write.
const roomName = "conversations"

// Room gives the tables of this package to store.Open.
func Room() store.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("stored: the embedded folder is named migrations: " + err.Error())
	}
	return store.Room{Name: roomName, FS: sub}
}

// Store is conversations in a database. Safe for concurrent use by any number of goroutines and processes.
type Store struct {
	db     *store.DB
	bounds conversations.Bounds
	press  *press
}

var _ conversations.Store = (*Store)(nil)

// New makes a store over an open database that has this package's Room. The database stays the caller's to close.
func New(db *store.DB, b conversations.Bounds) *Store {
	return &Store{db: db, bounds: b.WithDefaults(), press: &press{}}
}

// dropAtOnce bounds what one new conversation may push out.
const dropAtOnce = 20

// Create implements conversations.Store.
func (s *Store) Create(ctx context.Context, c conversations.Conversation, l conversations.Lease) error {
	if err := conversations.SoundNames(c.Owner, c.ID); err != nil {
		return err
	}
	title := conversations.TitleOf(c.Title)
	return s.write(ctx, "create a conversation", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO conversations
			(id, owner, title, title_folded, created, updated, turns, last_n, holder, held_until, stop, share_hash, share_made, share_until, share_n)
			VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8, 0, NULL, 0, 0, 0)`,
			c.ID, c.Owner, title, conversations.FoldedTitle(title), ms(c.Created), ms(c.Updated), l.Holder, ms(l.Until))
		if store.IsConflict(err) {
			return fault.New(fault.Conflict, "There is a conversation %s already.", c.ID)
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM conversations WHERE id IN (SELECT id FROM conversations WHERE owner = $1 ORDER BY updated DESC, id DESC LIMIT $2 OFFSET $3)
			AND id <> $4 AND (holder = '' OR held_until <= $5)`,
			c.Owner, dropAtOnce, s.bounds.Conversations, c.ID, ms(c.Created))
		return err
	})
}

// Append implements conversations.Store.
func (s *Store) Append(ctx context.Context, owner, id, holder string, t conversations.Turn) error {
	if !conversations.Sound(owner) || !conversations.Sound(id) {
		return conversations.Missing(id)
	}
	if conversations.SoundTurn(t) != nil {
		if _, _, err := s.head(ctx, "id = $1 AND owner = $2", id, owner); errors.Is(err, sql.ErrNoRows) {
			return conversations.Missing(id)
		}
		return conversations.SoundTurn(t)
	}
	p, err := s.press.packTurn(t)
	if err != nil {
		return err
	}
	folded := t.Folded()
	return s.write(ctx, "store a turn", func(tx *sql.Tx) error {
		var by, title string
		var n int64
		err := tx.QueryRowContext(ctx, "SELECT holder, title, last_n FROM conversations WHERE id = $1 AND owner = $2", id, owner).Scan(&by, &title, &n)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return conversations.Missing(id)
		case err != nil:
			return err
		case by != holder:
			return conversations.Lost()
		}
		at, version := n+1, int64(1)
		if t.Replaces != "" {
			if at, version, err = retire(ctx, tx, id, t.Replaces); err != nil {
				return err
			}
		}
		n = max(n, at)
		_, err = tx.ExecContext(ctx, `INSERT INTO conversation_turns (conversation, id, n, version, present, at, form, folded, body, ledger)
			VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9)`, id, t.ID, at, version, ms(t.At), p.form, folded, p.body, p.ledger)
		if store.IsConflict(err) {
			return fault.New(fault.Conflict, "The conversation has an answer %s already.", t.ID)
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM conversation_turns WHERE conversation = $1 AND n <= $2", id, n-int64(s.bounds.Turns)); err != nil {
			return err
		}
		if title == "" {
			title = conversations.TitleOf(t.Question)
		}
		_, err = tx.ExecContext(ctx, "UPDATE conversations SET title = $2, title_folded = $3, updated = $4, last_n = $5, turns = $6 WHERE id = $1",
			id, title, conversations.FoldedTitle(title), ms(t.At), n, min(n, int64(s.bounds.Turns)))
		return err
	})
}

// retire makes a turn an earlier version, drops the earliest where there are too many, and gives the place of the one to come.
func retire(ctx context.Context, tx *sql.Tx, id, message string) (n, version int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT n, version FROM conversation_turns WHERE conversation = $1 AND id = $2 AND present = 1", id, message).Scan(&n, &version)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, conversations.NoTurn(message)
	}
	if err != nil {
		return 0, 0, err
	}
	version++
	if _, err := tx.ExecContext(ctx, "UPDATE conversation_turns SET present = 0, folded = '' WHERE conversation = $1 AND id = $2", id, message); err != nil {
		return 0, 0, err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM conversation_turns WHERE conversation = $1 AND n = $2 AND version < $3", id, n, version-conversations.MaxVersions)
	return n, version, err
}

// Rename implements conversations.Store.
func (s *Store) Rename(ctx context.Context, owner, id, title string) error {
	title = conversations.TitleOf(title)
	return s.change(ctx, "rename a conversation", owner, id, "UPDATE conversations SET title = $3, title_folded = $4 WHERE id = $1 AND owner = $2", title, conversations.FoldedTitle(title))
}

// Delete implements conversations.Store.
func (s *Store) Delete(ctx context.Context, owner, id string) error {
	return s.change(ctx, "delete a conversation", owner, id, "DELETE FROM conversations WHERE id = $1 AND owner = $2")
}

// change runs a statement on the owner's conversation, which must be there; $1 is its id and $2 the owner.
func (s *Store) change(ctx context.Context, what, owner, id, statement string, args ...any) error {
	if !conversations.Sound(owner) || !conversations.Sound(id) {
		return conversations.Missing(id)
	}
	return s.write(ctx, what, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, statement, append([]any{id, owner}, args...)...)
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		if err == nil && n == 0 {
			err = conversations.Missing(id)
		}
		return err
	})
}

// write runs do in a transaction that no other writer of conversations interrupts, whatever its process.
func (s *Store) write(ctx context.Context, what string, do func(tx *sql.Tx) error) error {
	err := s.db.WithRoomTx(ctx, roomName, do)
	return told(what, err)
}

// told wraps an error once; one that has a code keeps it.
func told(what string, err error) error {
	var coded *fault.Error
	if err == nil || errors.As(err, &coded) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// ms is how times are kept: Unix milliseconds.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
