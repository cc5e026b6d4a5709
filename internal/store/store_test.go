package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func room(name, table string) store.Room {
	return store.Room{Name: name, FS: fstest.MapFS{
		"00001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE " + table + " (id TEXT PRIMARY KEY, n BIGINT NOT NULL, v BYTEA);\n-- +goose Down\nDROP TABLE " + table + ";\n")},
	}}
}

func count(t *testing.T, db *store.DB, table string) int {
	t.Helper()
	var n int
	if err := db.Read().QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// insert adds a row whose id nobody else has.
func insert(tx *sql.Tx) error {
	_, err := tx.Exec("INSERT INTO a (id, n) VALUES ($1, $2)", rand.Text(), 1)
	return err
}

func TestRoomsMigrateOnTheirOwnAndStay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, room("one", "a"))
		first, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := first.WithTx(t.Context(), insert); err != nil {
			t.Fatal(err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		o.Rooms = append(o.Rooms, room("two", "b"))
		db := storetest.Open(t, o)
		if count(t, db, "a") != 1 || count(t, db, "b") != 0 {
			t.Error("what was written must survive, and a new room must get its table")
		}
		if err := db.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if db.Embedded() != on.Embedded() {
			t.Errorf("Embedded = %v", db.Embedded())
		}
	})
}

// TestReadOnlyMakesNothing: a database that is opened for reading is neither made nor changed, and another process may write beside it.
func TestReadOnlyMakesNothing(t *testing.T) {
	dir := t.TempDir()
	if _, err := store.OpenReadOnly(t.Context(), store.Options{Dir: filepath.Join(dir, "none")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err = %v, want that there is no such file", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("entries = %v, %v", entries, err)
	}
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, room("one", "a"))
		writer := storetest.Open(t, o)
		reader, err := store.OpenReadOnly(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		if err := writer.WithTx(t.Context(), insert); err != nil {
			t.Fatal(err)
		}
		if n := count(t, reader, "a"); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
		if err := reader.WithTx(t.Context(), insert); err == nil {
			t.Error("it wrote")
		}
		if _, err := reader.Read().ExecContext(t.Context(), "DELETE FROM a"); err == nil {
			t.Error("it deleted")
		}
		if reader.Embedded() != writer.Embedded() {
			t.Error("it takes itself for another kind of database")
		}
	})
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with space?&#", "state")
	db := storetest.Open(t, store.Options{Dir: dir, Rooms: []store.Room{room("one", "a")}})
	other := storetest.Open(t, store.Options{Dir: dir, File: "other", Rooms: []store.Room{room("one", "a")}})
	if err := errors.Join(db.WithTx(t.Context(), insert), other.WithTx(t.Context(), insert), other.WithTx(t.Context(), insert)); err != nil {
		t.Fatal(err)
	}
	if count(t, db, "a") != 1 || count(t, other, "a") != 2 {
		t.Error("two files must be two databases")
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("data folder = %v, %v, want mode 0700", info, err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatalf("files = %v, %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s = %v, %v, want mode 0600", f.Name(), info, err)
		}
	}
}

func TestTransactionsAreWholeOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, room("one", "a"))
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
		if _, err := db.Read().ExecContext(t.Context(), "INSERT INTO a (id, n) VALUES ('x', 1)"); err == nil {
			t.Error("the handle for queries must not write")
		}
	})
}

// TestManyProcessesMigrateOnce: all start at the same moment, over and over.
func TestManyProcessesMigrateOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		for range 3 {
			o := on.Options(t, room("one", "a"), room("two", "b"))
			var ready, wg sync.WaitGroup
			ready.Add(8)
			for range 8 {
				wg.Go(func() {
					ready.Done()
					ready.Wait()
					db, err := store.Open(t.Context(), o)
					if err != nil {
						t.Error(err)
						return
					}
					if err := db.Close(); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := count(t, storetest.Open(t, o), "resync_two_version"); n != 2 { // goose's own first row and ours
				t.Errorf("the migration is noted %d times", n-1)
			}
		}
	})
}

func TestTwoProcessesWriteSideBySide(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, room("one", "a"), room("two", "b"))
		var dbs [3]*store.DB
		var start sync.WaitGroup
		for i := range dbs { // all migrate at the same moment
			start.Go(func() {
				db, err := store.Open(t.Context(), o)
				if err != nil {
					t.Error(err)
					return
				}
				t.Cleanup(func() { _ = db.Close() })
				dbs[i] = db
			})
		}
		start.Wait()
		if t.Failed() {
			return
		}
		err := dbs[0].WithTx(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.Exec("INSERT INTO a (id, n) VALUES ('sum', 0)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, db := range dbs {
			for range 3 {
				wg.Go(func() {
					for range 10 {
						if err := db.WithTx(t.Context(), addOne); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		wg.Wait()
		var n int
		if err := dbs[0].Read().QueryRowContext(t.Context(), "SELECT n FROM a WHERE id = 'sum'").Scan(&n); err != nil || n != 90 {
			t.Errorf("sum = %d, %v, want 90: what a transaction reads must not change before it writes", n, err)
		}
	})
}

// addOne reads before it writes: side by side, two of them would count as one.
func addOne(tx *sql.Tx) error {
	var n int
	if err := tx.QueryRow("SELECT n FROM a WHERE id = $1", "sum").Scan(&n); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE a SET n = $2 WHERE id = $1", "sum", n+1)
	return err
}

func TestRoomsDoNotWaitForEachOtherOnPostgres(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		if on.Embedded() {
			return // one file has one writer
		}
		db := on.Open(t, room("one", "a"), room("two", "b"))
		err := db.WithRoomTx(t.Context(), "one", func(tx *sql.Tx) error {
			if err := insert(tx); err != nil {
				return err
			}
			return db.WithRoomTx(t.Context(), "two", func(tx *sql.Tx) error {
				_, err := tx.Exec("INSERT INTO b (id, n) VALUES ('x', 1)")
				return err
			})
		})
		if err != nil || count(t, db, "a") != 1 || count(t, db, "b") != 1 {
			t.Errorf("error = %v", err)
		}
	})
}

func TestConflictsLookAlike(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, room("one", "a"))
		do := func(statement string) error {
			return db.WithTx(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec(statement, "x"); return err })
		}
		if err := do("INSERT INTO a (id, n) VALUES ($1, 1)"); err != nil {
			t.Fatal(err)
		}
		for statement, want := range map[string]bool{
			"INSERT INTO a (id, n) VALUES ($1, 1)":    true,
			"INSERT INTO a (id, n) VALUES ($1, NULL)": false,
			"INSERT INTO c (id, n) VALUES ($1, 1)":    false,
		} {
			if err := do(statement); err == nil || store.IsConflict(err) != want {
				t.Errorf("%s: IsConflict(%v) = %v", statement, err, !want)
			}
		}
		if store.IsConflict(nil) || store.IsConflict(errors.New("UNIQUE")) {
			t.Error("IsConflict of a stranger")
		}
	})
}

func TestBytesSurvive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, room("one", "a"))
		want := []byte{0, 255, '1', 0, 'x'}
		err := db.WithTx(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.Exec("INSERT INTO a (id, n, v) VALUES ('x', $1, $2)", int64(1)<<60, want)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		var got []byte
		if err := db.Read().QueryRowContext(t.Context(), "SELECT n, v FROM a").Scan(&n, &got); err != nil || n != 1<<60 || string(got) != string(want) {
			t.Errorf("n = %d, v = %v, %v", n, got, err)
		}
	})
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		name, dir, file, want string
		rooms                 []store.Room
	}{
		{name: "no-folder", want: "no data folder"},
		{name: "folder-is-a-file", dir: "/dev/null", want: "make data folder"},
		{name: "file-name", dir: t.TempDir() + "/d", file: "../x", want: "no name"},
		{name: "room-name", dir: t.TempDir() + "/d", rooms: []store.Room{room("a;b", "x")}, want: "no name"},
		{name: "bad-sql", dir: t.TempDir() + "/d", rooms: []store.Room{room("ok", "1x")}, want: "migrate ok"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := store.Open(t.Context(), store.Options{Dir: tc.dir, File: tc.file, Rooms: tc.rooms})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error = %v, want one with %q", err, tc.want)
			}
		})
	}
}
