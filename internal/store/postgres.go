package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/resync-hwa/resync/internal/fault"
)

const (
	connections    = 10
	connectTimeout = 10 * time.Second
	// readTimeout ends a query, and writeTimeout a statement that writes, which a lost caller would leave behind on the server.
	readTimeout  = 30 * time.Second
	writeTimeout = time.Minute
	// Connections are renewed, so that a server that has moved behind its name is found again.
	connectionAge  = 30 * time.Minute
	connectionIdle = 5 * time.Minute
)

func openPostgres(ctx context.Context, o Options) (*DB, error) {
	cfg, err := postgresConfig(o)
	if err != nil {
		return nil, err
	}
	if err := migratePostgres(ctx, *cfg, o.Rooms); err != nil {
		return nil, err
	}
	n := o.Connections
	if n <= 0 {
		n = connections
	}
	writers := max(1, n/3)
	return &DB{
		read: connect(*cfg, max(1, n-writers), readSetup),
		// Commits are awaited whatever the server's default is: what was acknowledged is kept.
		write: connect(*cfg, writers, limits+fmt.Sprintf("SET synchronous_commit = on; SET statement_timeout = %d", writeTimeout.Milliseconds())),
		lock:  lockRoom,
	}, nil
}

// openPostgresReadOnly connects when it is first asked something.
func openPostgresReadOnly(o Options) (*DB, error) {
	cfg, err := postgresConfig(o)
	if err != nil {
		return nil, err
	}
	n := o.Connections
	if n <= 0 {
		n = connections
	}
	return &DB{read: connect(*cfg, n, readSetup), lock: lockRoom}, nil
}

var (
	limits    = fmt.Sprintf("SET lock_timeout = %d; SET idle_in_transaction_session_timeout = %d; ", busyTimeout.Milliseconds(), writeTimeout.Milliseconds())
	readSetup = limits + fmt.Sprintf("SET default_transaction_read_only = on; SET statement_timeout = %d", readTimeout.Milliseconds())
)

func postgresConfig(o Options) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(o.URL.Reveal())
	if err != nil { // its text repeats the URL
		return nil, fault.New(fault.Invalid, "The URL of the database cannot be read.").
			WithHint("DATABASE_URL is postgres://USER:PASSWORD@HOST:5432/DATABASE; characters like @ / # ? in the password are written as %%40 %%2F %%23 %%3F.")
	}
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "resync"
	}
	return cfg, nil
}

// migratePostgres holds a lock of the database while it migrates, so that of several processes one does it and the others wait.
// The lock belongs to a transaction and not to a session, since a pooler in between may share sessions out.
func migratePostgres(ctx context.Context, cfg pgx.ConnConfig, rooms []Room) (err error) {
	db := connect(cfg, 3, "SET client_min_messages = warning") // no time limits: a migration may take long
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // gives the lock back
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", lockID("migrate")); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := migrate(ctx, goose.DialectPostgres, db, rooms); err != nil {
		return mayNotMake(err)
	}
	return nil
}

// connect makes a handle; connections are made when they are needed.
func connect(cfg pgx.ConnConfig, n int, setup string) *sql.DB {
	db := sql.OpenDB(connector{stdlib.GetConnector(cfg, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.PgConn().Exec(ctx, setup).ReadAll()
		return err
	}))})
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxLifetime(connectionAge)
	db.SetConnMaxIdleTime(connectionIdle)
	return db
}

// connector keeps what an error of connecting tells about the URL from everyone, also when a connection is made again hours later.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, unconnected(ctx, err)
	}
	return conn, nil
}

// lockRoom lets the transactions of one room, of whatever process, run one after the other.
func lockRoom(ctx context.Context, tx *sql.Tx, room string) error {
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", lockID("write "+room))
	return err
}

// lockID makes the number of an advisory lock; such locks belong to one database.
func lockID(of string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("resync " + of))
	return int64(h.Sum64())
}
