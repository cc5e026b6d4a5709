// Package storetest runs a room's tests over both databases that internal/store knows: SQLite in a temporary folder, and a real
// PostgreSQL that it starts in another one, reachable through a socket there and nowhere else. The server ends with the test
// program, however that ends.
//
// Where no PostgreSQL is installed the tests that need one are skipped with the reason; with CI=true they fail. Start at Each.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
)

// Kind is one of the two databases.
type Kind struct{ postgres bool }

// SQLite and Postgres are the kinds, for tests of one alone.
var (
	SQLite   = Kind{}
	Postgres = Kind{postgres: true}
)

// Each runs test once over each kind, as subtests "sqlite" and "postgres".
func Each(t *testing.T, test func(t *testing.T, on Kind)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite) })
	t.Run("postgres", func(t *testing.T) {
		_ = server(t)
		test(t, Postgres)
	})
}

// Embedded reports whether the kind is SQLite.
func (k Kind) Embedded() bool { return !k.postgres }

// Open gives a fresh database with the rooms' tables, closed when the test ends.
func (k Kind) Open(t testing.TB, rooms ...store.Room) *store.DB {
	t.Helper()
	return Open(t, k.Options(t, rooms...))
}

// Open opens the database of o, once more if need be, and closes it when the test ends.
func Open(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return db
}

// Options names a fresh database without opening it: what is opened with it twice is the same one.
func (k Kind) Options(t testing.TB, rooms ...store.Room) store.Options {
	t.Helper()
	if !k.postgres {
		return store.Options{Dir: t.TempDir() + "/state", Rooms: rooms}
	}
	return store.Options{URL: secret.New(URL(t)), Rooms: rooms}
}

var schemas atomic.Int64

// URL gives the URL of an empty place in the PostgreSQL server: a schema of its own, dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	folder := server(t)
	schema := "t" + strconv.FormatInt(schemas.Add(1), 10)
	run(t, folder, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { run(t, folder, "DROP SCHEMA "+schema+" CASCADE") })
	return address(folder, url.Values{"search_path": {schema}})
}

// address is the server's URL with further parameters.
func address(folder string, more url.Values) string {
	more.Set("host", folder)
	return "postgres://postgres@/postgres?" + more.Encode()
}

func run(t testing.TB, folder, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", address(folder, url.Values{}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// server gives the folder of the running server's socket; it ends or skips the test when there can be none.
func server(t testing.TB) string {
	t.Helper()
	s, err := started()
	if err == nil {
		return s.folder
	}
	reason := fmt.Sprintf("no PostgreSQL to test with: %v", err)
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}
