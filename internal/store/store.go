// Package store opens the database that holds local state, brings its tables up to date and runs transactions. It knows no
// table: each room hands in its own migrations and writes its own SQL. Today the database is SQLite in the data folder;
// rooms keep to SQL that PostgreSQL understands too, and to integers (Unix milliseconds) for times.
//
// Any number of goroutines may use a DB: reads run side by side, writes one after the other. Start at Open.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Room is a room's part of the database.
type Room struct {
	Name string // one lower-case word; the table resync_NAME_version counts its migrations
	FS   fs.FS  // NNNNN_name.sql files in the root, in goose's form
}

// Options say what to open.
type Options struct {
	Dir   string // data folder; made with mode 0700
	Rooms []Room // in the order in which they build on each other
}

// DB is an open database.
type DB struct {
	read  *sql.DB
	write *sql.DB
}

const (
	fileName    = "resync.db"
	busyTimeout = 10 * time.Second
	readers     = 4
	// attempts is how often migrating is tried: another process that starts at the same moment may be doing it.
	attempts = 3
)

var roomName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// Open opens or makes the database and brings the tables of all rooms up to date. Its files can be
// read by their owner alone.
func Open(ctx context.Context, o Options) (*DB, error) {
	path, err := private(o.Dir)
	if err != nil {
		return nil, err
	}
	db := &DB{}
	if db.write, err = open(path, "_txlock=immediate", 1); err != nil {
		return nil, err
	}
	if db.read, err = open(path, "_pragma=query_only(1)", readers); err != nil {
		return nil, errors.Join(err, db.write.Close())
	}
	if err := db.migrate(ctx, o.Rooms); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// private makes the data folder and in it an empty database that nobody else may read; SQLite gives its other files the same
// mode. A folder that is there already keeps its mode: volumes of containers are often open to all, with nobody else inside.
func private(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("open database: no data folder is given")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make data folder: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(dir, fileName))
	if err != nil {
		return "", fmt.Errorf("open database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the configured data folder
	if err != nil {
		return "", fmt.Errorf("open database: %w", err)
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return "", fmt.Errorf("close the database to others: %w", err)
	}
	return path, nil
}

func open(path, query string, connections int) (*sql.DB, error) {
	// Write-ahead logging lets readers go on while one writes; full synchronisation keeps what was acknowledged.
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: fmt.Sprintf(
		"_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&%s", busyTimeout.Milliseconds(), query)}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

func (db *DB) migrate(ctx context.Context, rooms []Room) error {
	for _, room := range rooms {
		if !roomName.MatchString(room.Name) {
			return fmt.Errorf("migrate: %q is no name for a room", room.Name)
		}
		p, err := goose.NewProvider(goose.DialectSQLite3, db.write, room.FS,
			goose.WithTableName("resync_"+room.Name+"_version"), goose.WithDisableGlobalRegistry(true))
		if err != nil {
			return fmt.Errorf("migrate %s: %w", room.Name, err)
		}
		for range attempts {
			if _, err = p.Up(ctx); err == nil || ctx.Err() != nil {
				break
			}
		}
		if err != nil {
			return fmt.Errorf("migrate %s: %w", room.Name, err)
		}
	}
	return nil
}

// Read gives the handle for queries; it cannot write.
func (db *DB) Read() *sql.DB { return db.read }

// WithTx runs do in a transaction that may write, one at a time: committed when do returns nil, undone otherwise.
// Inside do use tx alone, and do not call WithTx again.
func (db *DB) WithTx(ctx context.Context, do func(tx *sql.Tx) error) (err error) {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	// After a commit this does nothing; after a panic it frees the only connection that writes.
	defer func() { _ = tx.Rollback() }()
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
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
func (db *DB) Close() error { return errors.Join(db.read.Close(), db.write.Close()) }
