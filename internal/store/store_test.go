package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/internal/store"
)

func room(name, table string) store.Room {
	return store.Room{Name: name, FS: fstest.MapFS{
		"00001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE " + table + " (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);\n-- +goose Down\nDROP TABLE " + table + ";\n")},
	}}
}

func open(t *testing.T, dir string, rooms ...store.Room) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: dir, Rooms: rooms})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func count(t *testing.T, db *store.DB, table string) int {
	t.Helper()
	var n int
	if err := db.Read().QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func insert(tx *sql.Tx) error {
	_, err := tx.Exec("INSERT INTO a (n) VALUES (1)")
	return err
}

func TestRoomsMigrateOnTheirOwnAndStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with space?&#", "state")
	first, err := store.Open(t.Context(), store.Options{Dir: dir, Rooms: []store.Room{room("one", "a")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.WithTx(t.Context(), insert); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	db := open(t, dir, room("one", "a"), room("two", "b"))
	if count(t, db, "a") != 1 || count(t, db, "b") != 0 {
		t.Error("what was written must survive, and a new room must get its table")
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("data folder = %v, %v, want mode 0700", info, err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatalf("files = %v, %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s = %v, %v, want mode 0600", f.Name(), info, err)
		}
	}
}

func TestTransactionsAreWholeOrNothing(t *testing.T) {
	db := open(t, t.TempDir()+"/d", room("one", "a"))
	failed := errors.New("no")
	err := db.WithTx(t.Context(), func(tx *sql.Tx) error { return errors.Join(insert(tx), failed) })
	if !errors.Is(err, failed) {
		t.Errorf("error = %v, want the one of the function", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.WithTx(t.Context(), func(tx *sql.Tx) error { _ = insert(tx); panic("x") })
	}()
	ctx, cancel := context.WithCancel(t.Context())
	if err := db.WithTx(ctx, func(tx *sql.Tx) error { defer cancel(); return insert(tx) }); err == nil {
		t.Error("a transaction whose caller has left must not be committed")
	}
	if n := count(t, db, "a"); n != 0 {
		t.Errorf("%d rows are left of undone transactions", n)
	}
	if err := db.WithTx(t.Context(), insert); err != nil || count(t, db, "a") != 1 {
		t.Errorf("the store must go on after all that: %v", err)
	}
}

func TestTwoProcessesWriteSideBySide(t *testing.T) {
	dir := t.TempDir() + "/d"
	var dbs [2]*store.DB
	var start sync.WaitGroup
	for i := range dbs { // both migrate at the same moment
		start.Go(func() { dbs[i] = open(t, dir, room("one", "a"), room("two", "b")) })
	}
	start.Wait()
	if t.Failed() {
		return
	}
	var wg sync.WaitGroup
	for _, db := range dbs {
		for range 4 {
			wg.Go(func() {
				for range 10 {
					if err := db.WithTx(t.Context(), insert); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	if n := count(t, dbs[0], "a"); n != 80 {
		t.Errorf("%d rows, want 80", n)
	}
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		name, dir, want string
		rooms           []store.Room
	}{
		{name: "no-folder", want: "no data folder"},
		{name: "folder-is-a-file", dir: "/dev/null", want: "make data folder"},
		{name: "room-name", dir: t.TempDir() + "/d", rooms: []store.Room{room("a;b", "x")}, want: "no name"},
		{name: "bad-sql", dir: t.TempDir() + "/d", rooms: []store.Room{room("ok", "1x")}, want: "migrate ok"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := store.Open(t.Context(), store.Options{Dir: tc.dir, Rooms: tc.rooms})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error = %v, want one with %q", err, tc.want)
			}
		})
	}
	db := open(t, t.TempDir()+"/d", room("one", "a"))
	if _, err := db.Read().ExecContext(t.Context(), "INSERT INTO a (n) VALUES (1)"); err == nil {
		t.Error("the handle for queries must not write")
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}
