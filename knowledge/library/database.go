package library

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// roomName is this room's name in the store, and its turn among those that write.
const roomName = "knowledge"

// Room gives the tables of this package to store.Open. On SQLite give it a file of its own (store.Options.File): nobody else should
// wait while a manual is written.
func Room() store.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("library: the embedded folder is named migrations: " + err.Error())
	}
	return store.Room{Name: roomName, FS: sub}
}

// Library is the shelf in a database. Any number of processes may use one; writers take turns, and a change is seen whole or not at
// all, never before one with a lower number.
type Library struct {
	db    *store.DB
	cache *contents
}

var _ Shelf = (*Library)(nil)

// Open makes a shelf over an open database that has this package's Room. The database stays the caller's to close. Over one that was opened
// for reading alone everything can be read.
func Open(ctx context.Context, db *store.DB) (*Library, error) {
	l := &Library{db: db, cache: newContents()}
	if _, err := l.Change(ctx); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The knowledge database cannot be read.")
	}
	return l, nil
}

// write runs do in a transaction that no other writer of the library interrupts, whatever its process.
func (l *Library) write(ctx context.Context, do func(tx *sql.Tx) error) error {
	return l.db.WithRoomTx(ctx, roomName, do)
}

// query reads rows one by one.
func (l *Library) query(ctx context.Context, each func(*sql.Rows) error, statement string, args ...any) error {
	rows, err := l.db.Read().QueryContext(ctx, statement, args...)
	if err != nil {
		return fmt.Errorf("read knowledge: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return fmt.Errorf("read knowledge: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read knowledge: %w", err)
	}
	return nil
}
