package audit_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/audit"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("RESYNC_AUDIT_TEST_DIR"); dir != "" {
		writeForEver(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

const (
	secretKey = "0123456789abcdef0123456789abcdef"
	otherKey  = "fedcba9876543210fedcba9876543210"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func keys(t testing.TB, from string) audit.Keys {
	t.Helper()
	k, err := audit.NewKeys(secret.New(from))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// opens gives what a trail opens: the database of o, with the keys of a secret.
func opens(t testing.TB, o store.Options, from string) func(context.Context) (*store.DB, audit.Keys, error) {
	k := keys(t, from)
	return func(ctx context.Context) (*store.DB, audit.Keys, error) {
		db, err := store.Open(ctx, o)
		return db, k, err
	}
}

// write makes a trail, adds n calls and closes it.
func write(t testing.TB, o audit.Options, n int) audit.Stats {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	trail, err := audit.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		trail.Add(call(i))
	}
	if err := trail.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return trail.Stats()
}

func call(i int) audit.Entry {
	return audit.Entry{At: noon.Add(time.Duration(i) * time.Second), Tool: fmt.Sprintf("tool_%d", i%3), Caller: "u1", Name: "ana", By: "edge", Via: "delegated", Engine: "prod", Args: fmt.Sprint(i % 2),
		Bytes: 100 + i, UpstreamCalls: i, Duration: 1500 * time.Microsecond, Code: []string{"", "not_found"}[i%2], CorrelationID: fmt.Sprintf("c-%d", i)}
}

func verify(t testing.TB, db *store.DB, k ...audit.Keys) audit.Report {
	t.Helper()
	r, err := audit.Open(db).Verify(t.Context(), k...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func exec1(t testing.TB, db *store.DB, statement string) {
	t.Helper()
	if err := db.WithTx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), statement)
		return err
	}); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, audit.Room())
		db := storetest.Open(t, o)
		log, k := audit.Open(db), keys(t, secretKey)
		if r := verify(t, db, k); !r.Sound() || r.Rows != 0 {
			t.Errorf("before the first call: %+v", r)
		}
		for range 2 { // two starts of the program
			if s := write(t, audit.Options{Open: opens(t, o, secretKey)}, 10); s.Written != 10 || s.Lost != 0 || s.Waiting != 0 {
				t.Errorf("stats are %+v", s)
			}
		}
		all, err := log.List(t.Context(), audit.Filter{})
		if err != nil || len(all) != 20 {
			t.Fatalf("%d rows, %v", len(all), err)
		}
		got, want := all[3], call(3)
		want.Seq, want.Kind, want.Process, want.Args = 4, audit.Call, got.Process, k.Args("1")
		if fmt.Sprintf("%+v", public(got)) != fmt.Sprintf("%+v", public(want)) {
			t.Errorf("row is\n%+v, want\n%+v", public(got), public(want))
		}
		if all[0].Process == "" || all[0].Process == all[19].Process {
			t.Errorf("the two starts are %q and %q", all[0].Process, all[19].Process)
		}
		for name, tt := range map[string]struct {
			f    audit.Filter
			want []int64
		}{
			"newest":      {audit.Filter{Limit: 2}, []int64{19, 20}},
			"since":       {audit.Filter{Since: noon.Add(9 * time.Second)}, []int64{10, 20}},
			"until":       {audit.Filter{Until: noon.Add(time.Second)}, []int64{1, 11}},
			"tool":        {audit.Filter{Tool: "tool_2", Since: noon.Add(8 * time.Second)}, []int64{9, 19}},
			"name":        {audit.Filter{Who: "ana", Limit: 1}, []int64{20}},
			"id":          {audit.Filter{Who: "u1", Limit: 1}, []int64{20}},
			"spoken by":   {audit.Filter{Who: "edge", Limit: 1}, []int64{20}},
			"nobody":      {audit.Filter{Who: "bea"}, nil},
			"code":        {audit.Filter{Code: "not_found", Limit: 1}, []int64{20}},
			"ok":          {audit.Filter{Code: "ok", Limit: 1}, []int64{19}},
			"correlation": {audit.Filter{Correlation: "c-4"}, []int64{5, 15}},
			"args":        {audit.Filter{Args: k.Args("0"), Limit: 1}, []int64{19}},
			"injected":    {audit.Filter{Who: "' OR 1=1 --"}, nil},
		} {
			rows, err := log.List(t.Context(), tt.f)
			var seqs []int64
			for _, r := range rows {
				seqs = append(seqs, r.Seq)
			}
			if err != nil || !slices.Equal(seqs, tt.want) {
				t.Errorf("%s: %v, want %v (%v)", name, seqs, tt.want, err)
			}
		}
		if r := verify(t, db, k); !r.Sound() || r.Rows != 20 || r.First != 1 || r.Last != 20 || !r.Since.Equal(noon) {
			t.Errorf("report is %+v", r)
		}
	})
}

// public is an entry without what only the package sees.
func public(e audit.Entry) []any {
	return []any{e.Seq, e.At, e.Kind, e.Tool, e.Caller, e.Name, e.By, e.Via, e.Engine, e.Args, e.Bytes, e.UpstreamCalls, e.Duration, e.Code, e.CorrelationID, e.Lost, e.Process}
}

// Whatever is changed in the tables shows, also after the program has written on.
func TestTampered(t *testing.T) {
	tests := map[string]struct{ statement, want string }{
		"a caller":             {"UPDATE audit_calls SET caller = 'u2' WHERE seq = 5", "changed"},
		"two fields swapped":   {"UPDATE audit_calls SET caller = name, name = caller WHERE seq = 5", "changed"},
		"a time":               {"UPDATE audit_calls SET at = at + 1 WHERE seq = 5", "changed"},
		"an argument":          {"UPDATE audit_calls SET args = '' WHERE seq = 5", "changed"},
		"a hash":               {"UPDATE audit_calls SET mac = (SELECT mac FROM audit_calls WHERE seq = 4) WHERE seq = 5", "changed"},
		"a key":                {"UPDATE audit_calls SET key_id = 'deadbeef' WHERE seq = 5", "without a word"},
		"a row":                {"DELETE FROM audit_calls WHERE seq = 5", "1 row(s) before this one are missing"},
		"the first rows":       {"DELETE FROM audit_calls WHERE seq < 5", "4 row(s) before"},
		"the last rows":        {"DELETE FROM audit_calls WHERE seq > 8", ""},
		"all rows":             {"DELETE FROM audit_calls", ""},
		"the head":             {"DELETE FROM audit_head", ""},
		"the head's key":       {"UPDATE audit_head SET key_id = 'deadbeef'", ""},
		"the end":              {"UPDATE audit_head SET seq = 8, mac = (SELECT mac FROM audit_calls WHERE seq = 8)", ""},
		"rows and their end":   {"DELETE FROM audit_calls WHERE seq > 8; UPDATE audit_head SET seq = 8, mac = (SELECT mac FROM audit_calls WHERE seq = 8)", ""},
		"rows and their begin": {"UPDATE audit_head SET base_seq = 4, base_mac = (SELECT mac FROM audit_calls WHERE seq = 4); DELETE FROM audit_calls WHERE seq < 5", ""},
		"a row more":           {"INSERT INTO audit_calls SELECT 11, at, kind, tool, caller, name, spoken_by, via, engine, args, bytes, upstream_calls, took, code, correlation, lost, process, n, key_id, mac FROM audit_calls WHERE seq = 10", ""},
	}
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		for name, tt := range tests {
			o := on.Options(t, audit.Room())
			db := storetest.Open(t, o)
			write(t, audit.Options{Open: opens(t, o, secretKey)}, 10)
			for statement := range strings.SplitSeq(tt.statement, "; ") {
				exec1(t, db, statement)
			}
			k := keys(t, secretKey)
			for _, when := range []string{"at once", "after more calls"} {
				r := verify(t, db, k)
				if r.Sound() {
					// A head under a foreign key is a change of the key, which the chain tells; the rows themselves are whole.
					if name == "the head's key" && when == "after more calls" {
						rekeyed, err := audit.Open(db).List(t.Context(), audit.Filter{})
						if err != nil || !slices.ContainsFunc(rekeyed, func(e audit.Entry) bool { return e.Kind == audit.Rekeyed }) {
							t.Errorf("%s %s: nothing tells of it (%v)", name, when, err)
						}
						continue
					}
					t.Errorf("%s %s: it does not show", name, when)
				}
				if !strings.Contains(fmt.Sprint(r.Problems), tt.want) {
					t.Errorf("%s %s: problems are %v, want %q", name, when, r.Problems, tt.want)
				}
				write(t, audit.Options{Open: opens(t, o, secretKey)}, 3)
			}
			if !slices.Contains([]string{"the last rows", "all rows", "the head"}, name) {
				continue
			}
			// Who writes on after a head and rows that do not fit says so in a row of its own.
			rows, err := audit.Open(db).List(t.Context(), audit.Filter{})
			if err != nil || !slices.ContainsFunc(rows, func(e audit.Entry) bool { return e.Kind == audit.Broken }) {
				t.Errorf("%s: no row tells of it (%v)", name, err)
			}
		}
	})
}

// SQLite keeps any kind of value in any column. One of another kind reads the same, so the hash fits, but no condition finds it: the row would be
// gone from every list that asks for it.
func TestTamperedKinds(t *testing.T) {
	columns := []string{"seq", "at", "kind", "tool", "caller", "name", "spoken_by", "via", "engine", "args", "bytes", "upstream_calls", "took", "code", "correlation", "lost", "process", "n", "key_id"}
	tests := map[string]string{"mac as TEXT": "UPDATE audit_calls SET mac = CAST(mac AS TEXT) WHERE seq = 5", "at as words": "UPDATE audit_calls SET at = 'noon' WHERE seq = 5",
		"all as BLOB": "UPDATE audit_calls SET name = CAST(name AS BLOB)", "no seq": "UPDATE audit_calls SET seq = NULL WHERE seq = 5"}
	for _, c := range columns {
		tests[c+" as BLOB"] = fmt.Sprintf("UPDATE audit_calls SET %[1]s = CAST(%[1]s AS BLOB) WHERE seq = 5", c)
		if c != "seq" && c != "key_id" { // TestTampered tells of these
			// Of the same kind and not the same value: a number one greater, a text one letter longer.
			tests[c+" another"] = fmt.Sprintf("UPDATE audit_calls SET %[1]s = CASE typeof(%[1]s) WHEN 'integer' THEN %[1]s + 1 ELSE %[1]s || 'x' END WHERE seq = 5", c)
		}
	}
	for name, statement := range tests {
		o := storetest.SQLite.Options(t, audit.Room())
		db := storetest.Open(t, o)
		write(t, audit.Options{Open: opens(t, o, secretKey)}, 10)
		exec1(t, db, statement)
		if r := verify(t, db, keys(t, secretKey)); r.Sound() || !strings.Contains(fmt.Sprint(r.Problems), "changed") {
			t.Errorf("%s: it does not show: %+v", name, r)
		}
	}
}

func TestKeyChanged(t *testing.T) {
	o := storetest.SQLite.Options(t, audit.Room())
	db := storetest.Open(t, o)
	write(t, audit.Options{Open: opens(t, o, otherKey)}, 5)
	write(t, audit.Options{Open: opens(t, o, secretKey)}, 5)
	k, old := keys(t, secretKey), keys(t, otherKey)
	if r := verify(t, db, k); r.Sound() || r.Foreign != 5 || len(r.Problems) != 0 {
		t.Errorf("with the new key: %+v", r)
	}
	if r := verify(t, db, k, old); !r.Sound() || r.Rows != 11 {
		t.Errorf("with both keys: %+v", r)
	}
	if k.Args("x") == old.Args("x") || k.Args("x") == k.Args("y") {
		t.Error("hashes of arguments do not depend on the key and the arguments")
	}
	if _, err := audit.NewKeys(secret.New("short")); err == nil {
		t.Error("a short key was taken")
	}
}

func TestRetention(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, audit.Room())
		db := storetest.Open(t, o)
		k := keys(t, secretKey)
		clock := noon
		now := func() time.Time { return clock }
		write(t, audit.Options{Open: opens(t, o, secretKey), Now: now, Rows: 6}, 10)
		if r := verify(t, db, k); !r.Sound() || r.Rows != 6 || r.First != 5 || r.Removed != 4 {
			t.Errorf("by number: %+v", r)
		}
		clock = noon.Add(time.Hour + 7*time.Second)
		write(t, audit.Options{Open: opens(t, o, secretKey), Now: now, Keep: time.Hour}, 1) // another call of noon
		if r := verify(t, db, k); !r.Sound() || r.First != 8 || r.Last != 11 {
			t.Errorf("by age: %+v", r)
		}
		clock = noon.Add(100 * 24 * time.Hour)
		write(t, audit.Options{Open: opens(t, o, secretKey), Now: now}, 1)
		if r := verify(t, db, k); !r.Sound() || r.Rows != 1 || r.Last != 12 {
			t.Errorf("after the default of 90 days: %+v", r)
		}
		// What was tampered with is evidence.
		exec1(t, db, "UPDATE audit_head SET base_seq = 3")
		write(t, audit.Options{Open: opens(t, o, secretKey), Now: now}, 2)
		if r := verify(t, db, k); r.Sound() {
			t.Errorf("a changed head: %+v", r)
		}
	})
}

// Many processes write one chain.
func TestManyWriters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, audit.Room())
		db := storetest.Open(t, o)
		const writers, calls = 6, 40
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				trail, err := audit.New(audit.Options{Open: opens(t, o, secretKey), Now: func() time.Time { return noon }})
				if err != nil {
					t.Error(err)
					return
				}
				var adders sync.WaitGroup
				for i := range calls {
					adders.Go(func() { trail.Add(call(i)) })
				}
				adders.Wait()
				if err := trail.Close(t.Context()); err != nil || trail.Stats().Written != calls {
					t.Errorf("%v, %+v", err, trail.Stats())
				}
			})
		}
		all.Wait()
		if r := verify(t, db, keys(t, secretKey)); !r.Sound() || r.Rows != writers*calls {
			t.Errorf("%+v", r)
		}
	})
}

// A database that is away makes nobody wait; what the queue cannot hold is counted, and the chain tells it later.
func TestAway(t *testing.T) {
	o := storetest.SQLite.Options(t, audit.Room())
	open := opens(t, o, secretKey)
	var back atomic.Bool
	tried := make(chan struct{}, 1000)
	var said strings.Builder
	trail, err := audit.New(audit.Options{Queue: 4, Now: func() time.Time { return noon }, Logger: slog.New(slog.NewTextHandler(&said, nil)),
		Open: func(ctx context.Context) (*store.DB, audit.Keys, error) {
			if !back.Load() {
				tried <- struct{}{}
				return nil, audit.Keys{}, errors.New("the disk is full")
			}
			return open(ctx)
		}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		trail.Add(call(i))
	}
	if s := trail.Stats(); s.Lost == 0 || s.Written != 0 {
		t.Errorf("stats are %+v", s)
	}
	<-tried
	back.Store(true)
	if err := trail.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	trail.Add(call(1)) // after the end
	s := trail.Stats()
	if s.Written+s.Lost != 1001 {
		t.Errorf("stats are %+v", s)
	}
	db := storetest.Open(t, o)
	if r := verify(t, db, keys(t, secretKey)); !r.Sound() || r.Lost != s.Lost-1 {
		t.Errorf("%+v after %+v", r, s)
	}
	if !strings.Contains(said.String(), "disk is full") {
		t.Errorf("the log has %q", said.String())
	}
}

// A database that never comes ends the patience of whoever closes, and not more.
func TestNeverBack(t *testing.T) {
	var said strings.Builder
	trail, err := audit.New(audit.Options{Logger: slog.New(slog.NewTextHandler(&said, nil)), Open: func(ctx context.Context) (*store.DB, audit.Keys, error) {
		<-ctx.Done()
		return nil, audit.Keys{}, ctx.Err()
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		trail.Add(call(i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := trail.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if s := trail.Stats(); s.Lost != 3 || !strings.Contains(said.String(), "missing in the audit trail") {
		t.Errorf("%+v, %s", s, said.String())
	}
	if err := trail.Close(t.Context()); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

// Where there has never been a database, whoever closes does not wait for one.
func TestNeverThere(t *testing.T) {
	trail, err := audit.New(audit.Options{Open: func(context.Context) (*store.DB, audit.Keys, error) {
		return nil, audit.Keys{}, errors.New("read-only")
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		trail.Add(call(i))
	}
	if err := trail.Close(t.Context()); err != nil { // t's context does not end before the test: who waited would hang
		t.Error(err)
	}
	if s := trail.Stats(); s.Lost != 3 {
		t.Errorf("%+v", s)
	}
}

// Begin opens at once, and gives the error of that; a trail that nothing was added to leaves nothing open.
func TestBegin(t *testing.T) {
	o := storetest.SQLite.Options(t, audit.Room())
	trail, err := audit.Begin(t.Context(), audit.Options{Open: opens(t, o, secretKey)})
	if err != nil {
		t.Fatal(err)
	}
	if err := trail.Close(t.Context()); err != nil {
		t.Error(err)
	}
	full := errors.New("the disk is full")
	if _, err := audit.Begin(t.Context(), audit.Options{Open: func(context.Context) (*store.DB, audit.Keys, error) { return nil, audit.Keys{}, full }}); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	if _, err := audit.New(audit.Options{}); err == nil {
		t.Error("a trail without a database")
	}
}

// Hostile texts are kept, cut, and do no harm.
func TestHostile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, audit.Room())
		trail, err := audit.New(audit.Options{Open: opens(t, o, secretKey)})
		if err != nil {
			t.Fatal(err)
		}
		trail.Add(audit.Entry{Tool: "a\x00b\xff'; DROP TABLE audit_calls; --", Name: strings.Repeat("é", 400), At: noon})
		if err := trail.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		db := storetest.Open(t, o)
		rows, err := audit.Open(db).List(t.Context(), audit.Filter{})
		if err != nil || len(rows) != 1 || len(rows[0].Name) != 200 || !strings.HasPrefix(rows[0].Tool, "a\ufffdb\ufffd'; DROP") {
			t.Fatalf("%+v %v", rows, err)
		}
		if r := verify(t, db, keys(t, secretKey)); !r.Sound() {
			t.Errorf("%+v", r)
		}
	})
}

// A process that is killed in the midst of writing loses what it had not yet written, and the chain holds up to there.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		cmd := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this test's own program
		cmd.Env = append(os.Environ(), "RESYNC_AUDIT_TEST_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, 5)); err != nil { // it says each time that some hundred were written
			t.Error(err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // it was killed
	}
	o := store.Options{Dir: dir, File: audit.File, Rooms: []store.Room{audit.Room()}}
	db := storetest.Open(t, o)
	before := verify(t, db, keys(t, secretKey))
	if !before.Sound() || before.Rows < 1000 {
		t.Errorf("%+v", before)
	}
	write(t, audit.Options{Open: opens(t, o, secretKey)}, 3)
	if r := verify(t, db, keys(t, secretKey)); !r.Sound() || r.Rows != before.Rows+3 {
		t.Errorf("%+v after %+v", r, before)
	}
}

// writeForEver is the process that is killed. It says so each time that a hundred calls more are in the database.
func writeForEver(dir string) {
	k, err := audit.NewKeys(secret.New(secretKey))
	if err != nil {
		panic(err)
	}
	trail, err := audit.New(audit.Options{Now: func() time.Time { return noon }, Open: func(ctx context.Context) (*store.DB, audit.Keys, error) {
		db, err := store.Open(ctx, store.Options{Dir: dir, File: audit.File, Rooms: []store.Room{audit.Room()}})
		return db, k, err
	}})
	if err != nil {
		panic(err)
	}
	for i, said := 0, int64(0); ; i++ {
		s := trail.Stats()
		if s.Waiting < 100 {
			trail.Add(call(i))
		}
		if s.Written >= said+100 {
			said += 100
			fmt.Print(".")
		}
	}
}
