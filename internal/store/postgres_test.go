package store_test

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

// socket gives the folder of the test server's socket.
func socket(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(storetest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("host")
}

func onPostgres(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		if !on.Embedded() {
			test(t)
		}
	})
}

// TestWhatCannotBeUsedIsSaidWithoutTheURL: the password is hunter2 everywhere, and the user somebody.
func TestWhatCannotBeUsedIsSaidWithoutTheURL(t *testing.T) {
	onPostgres(t, func(t *testing.T) {
		closed, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := closed.Addr().String()
		if err := closed.Close(); err != nil {
			t.Fatal(err)
		}
		host := "?host=" + url.QueryEscape(socket(t))
		for _, tc := range []struct {
			name, url, want string
			code            fault.Code
		}{
			{"no-url", "hunter2", "cannot be read", fault.Invalid},
			{"port", "postgres://somebody:hunter2@db:x/resync", "cannot be read", fault.Invalid},
			{"at-sign", "postgres://somebody:hunter2@hunter2@/%zz", "cannot be read", fault.Invalid},
			{"nobody-listens", "postgres://somebody:hunter2@" + address + "/resync", "refused", fault.Internal},
			{"no-such-socket", "postgres://somebody:hunter2@/resync?host=/nowhere", "no such file", fault.Internal},
			{"no-such-host", "postgres://somebody:hunter2@hunter2.invalid/resync", "does not answer", fault.Internal},
			{"no-such-user", "postgres://somebody:hunter2@/postgres" + host, "refuses the user", fault.Invalid},
			{"no-such-database", "postgres://postgres:hunter2@/hunter2" + host, "no database", fault.Invalid},
		} {
			t.Run(tc.name, func(t *testing.T) {
				_, err := store.Open(t.Context(), store.Options{URL: secret.New(tc.url)})
				if got := fault.CodeOf(err); got != tc.code {
					t.Fatalf("code = %q of %v, want %q", got, err, tc.code)
				}
				if !strings.Contains(err.Error(), tc.want) || fault.Public(err).Hint == "" {
					t.Errorf("error = %v, want one with %q and a hint", err, tc.want)
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					if s := e.Error(); strings.Contains(s, "hunter2") || strings.Contains(s, "somebody") || strings.Contains(s, "127.0.0.1") {
						t.Errorf("the error tells the URL: %v", s)
					}
				}
			})
		}
	})
}

func TestAServerThatSaysNothingEndsWithTheCaller(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = store.Open(ctx, store.Options{URL: secret.New("postgres://somebody:hunter2@" + silent.Addr().String() + "/resync")})
	if fault.CodeOf(err) != fault.Timeout || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error = %v, want a timeout", err)
	}
}

// TestPostgresConnections: few are made, none is needed beyond those, and a server that ends them is found again.
func TestPostgresConnections(t *testing.T) {
	onPostgres(t, func(t *testing.T) {
		o := storetest.Postgres.Options(t, room("one", "a"))
		o.Connections = 1
		db := storetest.Open(t, o)
		for range 5 {
			if err := db.WithTx(t.Context(), insert); err != nil {
				t.Fatal(err)
			}
		}
		if got := db.Read().Stats().MaxOpenConnections; got != 1 {
			t.Errorf("%d connections for reading, want 1", got)
		}
		var settings string
		if err := db.Read().QueryRowContext(t.Context(), "SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout')").Scan(&settings); err != nil || settings != "30s 10s" {
			t.Errorf("time limits = %q, %v", settings, err)
		}
		killer := storetest.Postgres.Open(t)
		if _, err := killer.Read().ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'resync'"); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, "a"); n != 5 {
			t.Errorf("%d rows, want 5", n)
		}
		if err := db.WithTx(t.Context(), insert); err != nil {
			t.Errorf("after the connections were cut: %v", err)
		}
	})
}

func TestAWriterThatNeverEndsIsNotWaitedForEndlessly(t *testing.T) {
	onPostgres(t, func(t *testing.T) {
		o := storetest.Postgres.Options(t, room("one", "a"))
		db := storetest.Open(t, o)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := db.WithTx(t.Context(), func(*sql.Tx) error { return db.WithTx(ctx, insert) })
		if fault.CodeOf(err) != fault.Timeout {
			t.Errorf("error = %v, want the caller's deadline", err)
		}
	})
}

func TestAUserWhoMayNotMakeTablesIsTold(t *testing.T) {
	onPostgres(t, func(t *testing.T) {
		admin := storetest.Postgres.Open(t)
		err := admin.WithTx(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec("CREATE ROLE reader LOGIN"); return err })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = admin.WithTx(context.Background(), func(tx *sql.Tx) error { _, err := tx.Exec("DROP ROLE reader"); return err })
		})
		_, err = store.Open(t.Context(), store.Options{URL: secret.New("postgres://reader@/postgres?host=" + url.QueryEscape(socket(t))), Rooms: []store.Room{room("one", "a")}})
		if fault.CodeOf(err) != fault.Invalid || !strings.Contains(fault.Public(err).Hint, "GRANT") {
			t.Errorf("error = %v, want a hint about the right", err)
		}
	})
}
