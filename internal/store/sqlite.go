package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

const (
	fileName = "resync"
	// busyTimeout is how long one writer waits for another, in both databases.
	busyTimeout = 10 * time.Second
	readers     = 4
	// migrations is how often migrating is tried: other processes that start at the same moment may be doing it, a step at a time.
	migrations = 10
)

func openSQLite(ctx context.Context, o Options) (*DB, error) {
	name := o.File
	if name == "" {
		name = fileName
	}
	if !roomName.MatchString(name) {
		return nil, fmt.Errorf("open database: %q is no name for its file", name)
	}
	path, err := private(o.Dir, name+".db")
	if err != nil {
		return nil, err
	}
	db := &DB{}
	if db.write, err = openFile(path, "_txlock=immediate", 1); err != nil {
		return nil, err
	}
	if db.read, err = openFile(path, "_pragma=query_only(1)", readers); err != nil {
		return nil, errors.Join(err, db.write.Close())
	}
	for range migrations {
		if err = migrate(ctx, goose.DialectSQLite3, db.write, o.Rooms); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openSQLiteReadOnly opens what is there and makes nothing: no folder, no file, no table.
func openSQLiteReadOnly(o Options) (*DB, error) {
	name := o.File
	if name == "" {
		name = fileName
	}
	if !roomName.MatchString(name) {
		return nil, fmt.Errorf("open database: %q is no name for its file", name)
	}
	path, err := filepath.Abs(filepath.Join(o.Dir, name+".db"))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	read, err := openFile(path, "mode=rw&_pragma=query_only(1)", readers) // rw, since readers of a write-ahead log write its index
	if err != nil {
		return nil, err
	}
	return &DB{read: read}, nil
}

// private makes the data folder and in it an empty database that nobody else may read; SQLite gives its other files the same
// mode. A folder that is there already keeps its mode: volumes of containers are often open to all, with nobody else inside.
func private(dir, file string) (string, error) {
	if dir == "" {
		return "", errors.New("open database: no data folder is given")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make data folder: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(dir, file))
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

func openFile(path, query string, connections int) (*sql.DB, error) {
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
