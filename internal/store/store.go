// Package store opens the database that holds local state, brings its tables up to date and runs transactions. It knows no
// table: each room hands in its own migrations and writes its own SQL. The database is SQLite in the data folder, or
// PostgreSQL where a URL is given. Rooms keep to SQL that both understand: placeholders $1 $2, integers (Unix milliseconds)
// for times and for truth values, BIGINT where 32 bits may not do, BYTEA for bytes, ON CONFLICT for upserts.
//
// Any number of goroutines and processes may use a database: reads run side by side, transactions that write one after the
// other, so that what a transaction has read cannot change before it writes. Start at Open.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/pressly/goose/v3"

	"github.com/resync-hwa/resync/internal/secret"
)

// Room is a room's part of the database.
type Room struct {
	Name string // one lower-case word; the table resync_NAME_version counts its migrations
	FS   fs.FS  // NNNNN_name.sql files in the root, in goose's form, in SQL that both databases understand
}

// Options say what to open: PostgreSQL when URL is set, else SQLite in Dir.
type Options struct {
	Dir string // data folder; made with mode 0700
	// File names the database within Dir, without its ending; "" means resync. A room that writes much may have a file of its
	// own, so that nobody waits for it. PostgreSQL needs no such thing: see WithRoomTx.
	File string
	// URL is postgres://user:password@host:port/database?sslmode=…, or the driver's KEY=VALUE form. It is shown nowhere.
	URL secret.String
	// Connections bounds those to PostgreSQL, 0 means 10. Some are kept for writing.
	Connections int
	Rooms       []Room // in the order in which they build on each other
}

// DB is an open database.
type DB struct {
	read  *sql.DB
	write *sql.DB
	// lock makes a transaction that has just begun wait for those of the same room; nil where the database does so itself.
	lock func(ctx context.Context, tx *sql.Tx, room string) error
}

// attempts is how often a transaction is begun when its connection has gone.
const attempts = 3

var roomName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// Open opens or makes the database and brings the tables of all rooms up to date; processes that start at the same moment do so
// once. SQLite's files can be read by their owner alone. Errors about PostgreSQL are coded: invalid for a URL that cannot be
// used (form, user, password, name of the database), internal when the server does not answer; none tells the URL.
func Open(ctx context.Context, o Options) (*DB, error) {
	for _, room := range o.Rooms {
		if !roomName.MatchString(room.Name) {
			return nil, fmt.Errorf("migrate: %q is no name for a room", room.Name)
		}
	}
	if !o.URL.IsZero() {
		return openPostgres(ctx, o)
	}
	return openSQLite(ctx, o)
}

// OpenReadOnly opens a database that is there already, for queries alone: it makes and migrates nothing, and every transaction that would
// write fails. Where SQLite's file is not there the error is fs.ErrNotExist; errors about PostgreSQL are those of Open.
func OpenReadOnly(_ context.Context, o Options) (*DB, error) {
	if !o.URL.IsZero() {
		return openPostgresReadOnly(o)
	}
	return openSQLiteReadOnly(o)
}

// errReadOnly is what a transaction that would write gets from a database that was opened for reading.
var errReadOnly = errors.New("the database was opened for reading alone")

// migrate brings the tables of the rooms up to date over one handle.
func migrate(ctx context.Context, dialect goose.Dialect, db *sql.DB, rooms []Room) error {
	for _, room := range rooms {
		p, err := goose.NewProvider(dialect, db, room.FS,
			goose.WithTableName("resync_"+room.Name+"_version"), goose.WithDisableGlobalRegistry(true))
		if err != nil {
			return fmt.Errorf("migrate %s: %w", room.Name, err)
		}
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrate %s: %w", room.Name, err)
		}
	}
	return nil
}

// Read gives the handle for queries; it cannot write.
func (db *DB) Read() *sql.DB { return db.read }

// Embedded reports whether the database is SQLite in this machine's data folder, where space is scarcer than on a server.
func (db *DB) Embedded() bool { return db.lock == nil }

// WithTx runs do in a transaction that may write, one at a time over all processes: committed when do returns nil, undone
// otherwise. Inside do use tx alone, and do not call WithTx again. Code limited when others have been writing for too long.
// An error of the commit itself may come although the database has kept the work: what is done again must not harm.
func (db *DB) WithTx(ctx context.Context, do func(tx *sql.Tx) error) error {
	return db.WithRoomTx(ctx, "", do)
}

// WithRoomTx is WithTx for work on the tables of one room alone: on PostgreSQL it waits only for transactions of that room. All
// of a room's writes must come through the same door.
func (db *DB) WithRoomTx(ctx context.Context, room string, do func(tx *sql.Tx) error) error {
	if db.write == nil {
		return errReadOnly
	}
	tx, err := db.begin(ctx, room)
	if err != nil {
		return busy(fmt.Errorf("begin transaction: %w", err))
	}
	// After a commit this does nothing; after a panic it frees the connection that writes.
	defer func() { _ = tx.Rollback() }()
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

// begin begins a transaction and waits for its turn. A connection that the server has closed meanwhile shows only now, when nothing
// is lost yet: then the next one is tried.
func (db *DB) begin(ctx context.Context, room string) (tx *sql.Tx, err error) {
	for range attempts {
		if tx, err = db.write.BeginTx(ctx, nil); err == nil && db.lock != nil {
			if err = db.lock(ctx, tx, room); err != nil {
				_ = tx.Rollback()
			}
		}
		if err == nil || ctx.Err() != nil || !cut(err) {
			break
		}
	}
	return tx, err
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.read.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// Close closes the database; transactions that run are waited for.
func (db *DB) Close() error {
	if db.write == nil {
		return db.read.Close()
	}
	return errors.Join(db.read.Close(), db.write.Close())
}
