package history_test

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	goleak.VerifyTestMain(m)
}

// clock is moved by tests.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func open(t testing.TB, db *store.DB, change func(*history.Options)) *history.History {
	t.Helper()
	o := history.Options{DB: db, Engine: "default", Now: func() time.Time { return monday.AddDate(0, 0, 60) }, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}
	if change != nil {
		change(&o)
	}
	h, err := history.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// each runs a test over both databases with an empty history.
func each(t *testing.T, test func(t *testing.T, on storetest.Kind, h *history.History)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, on storetest.Kind) { test(t, on, open(t, on.Open(t, history.Room()), nil)) })
}

func observe(t testing.TB, h *history.History, changes ...twstools.Change) {
	t.Helper()
	if err := h.Observe(t.Context(), changes, nil); err != nil {
		t.Fatal(err)
	}
}

// job is the key of an instance of a job of PAY on LX1.
func job(name string, sched time.Time) twstools.Key {
	return twstools.Key{Engine: "default", Folder: "/", StreamWorkstation: "LX1", Stream: "PAY", Sched: sched, JobStreamID: sched.Format("0AAAA20060102150"), Job: name}
}

var (
	hold  = twstools.Status{Common: "WAITING", Internal: "HOLD"}
	exec  = twstools.Status{Common: "RUNNING", Internal: "EXEC"}
	succ  = twstools.Status{Common: "SUCCESSFUL", Internal: "SUCC"}
	abend = twstools.Status{Common: "ERROR", Internal: "ABEND"}
	fail  = twstools.Status{Common: "ERROR", Internal: "FAIL"}
	stuck = twstools.Status{Common: "BLOCKED", Internal: "STUCK"}
)

// ended is the change with which a run from start to end with a status is seen.
func ended(k twstools.Key, start, end time.Time, s twstools.Status) twstools.Change {
	rc := 0
	if s != succ {
		rc = 12
	}
	run := twstools.Run{ID: fmt.Sprintf("run-%d", start.Unix()), JobNumber: start.Unix() % 100000, Status: s, Start: start, End: end, ReturnCode: &rc, RerunType: "REGULAR"}
	return twstools.Change{Kind: twstools.RunEnded, At: end, Exact: true, SeenAt: end.Add(10 * time.Second), Key: k, From: exec, To: s, Run: &run}
}

// days hands in one successful run a day at the scheduled time plus offset.
func days(t testing.TB, h *history.History, name string, first time.Time, n int, offset, duration time.Duration) {
	t.Helper()
	var changes []twstools.Change
	for d := range n {
		sched := first.AddDate(0, 0, d)
		changes = append(changes, ended(job(name, sched), sched.Add(offset), sched.Add(offset+duration), succ))
	}
	observe(t, h, changes...)
}

func sortLines(lines []string) { slices.Sort(lines) }
