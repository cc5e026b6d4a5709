// Package history remembers what the plan was, since the engine's interface shows only what it is: how many jobs stood in which status
// in each minute, what went wrong when and when it was well again, and of each job the last runs and a digest of those before. From
// that it tells what is usual for a job and how things stood before (DESIGN.md 4.10).
//
// It never reads an engine: changes are handed to Observe, or Follow takes them from the reader's feed. The one thing it asks for
// itself, on demand and within bounds, is archived plans through twstools.PlanReader. What the engine dated is exact; what was seen
// only at the next look is kept and given out with that mark.
//
// Embedded (SQLite) it stays below a bound of bytes: the last 20 runs of each job, and the oldest of everything goes first. On
// PostgreSQL every run is kept for as long as Options.Keep says. All times are UTC; a History is safe for concurrent use and starts no
// goroutine. Start at Open.
package history

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/twstools"
)

//go:embed migrations/*.sql
var migrations embed.FS

// roomName is this room's name in the store, and its turn among those that write.
const roomName = "history"

// Room gives the tables of this package to store.Open.
func Room() store.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("history: the embedded folder is named migrations: " + err.Error())
	}
	return store.Room{Name: roomName, FS: sub}
}

// errReadOnly is what whoever hands changes to a History of ReadOnly gets.
var errReadOnly = errors.New("history: it was opened for reading alone")

const (
	// defaultMaxBytes is the bound of DESIGN.md 4.10 for the embedded database.
	defaultMaxBytes = 1_000_000_000
	// defaultKeep holds a year and the month to compare it with.
	defaultKeep  = 400 * 24 * time.Hour
	defaultRetry = 5 * time.Second
	// minMaxBytes is the least in which a batch and its room to breathe fit.
	minMaxBytes = 4 << 20
)

// Options are what a History needs; DB, Engine and Now must be there, DB only unless ReadOnly.
type Options struct {
	// DB has this package's Room. On SQLite the bound MaxBytes counts the whole file: give the room a file of its own (store.Options.File).
	// It may be nil when ReadOnly is set: then nothing is remembered but what archived plans tell.
	DB *store.DB
	// ReadOnly makes a History that keeps nothing: runs of archived plans that it reads for an answer live as long as it does.
	ReadOnly bool
	Engine   string           // configured name; changes of other engines are passed over
	Now      func() time.Time // our clock, for ages alone
	Zone     *time.Location   // the plan's, for days and weekdays; nil means UTC
	// Plans reads archived plans where the engine has them; nil means it has none.
	Plans    twstools.PlanReader
	MaxBytes int64         // bound of the embedded database file; 0 means 1 GB, at least 4 MiB
	Keep     time.Duration // how long things are kept at most; 0 means 400 days
	Retry    time.Duration // how long Follow waits after an error; 0 means 5 s
	Logger   *slog.Logger  // nil: silent
}

// History keeps and answers for one engine.
type History struct {
	Options
	archive archive
	beside  beside
	mu      sync.Mutex
	swept   time.Time // when what is older than Keep was last removed
}

// Open makes a History over an open database.
func Open(_ context.Context, o Options) (*History, error) {
	if o.DB == nil && !o.ReadOnly || o.Engine == "" || o.Now == nil {
		return nil, errors.New("history: a database, an engine's name and a clock are needed")
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxBytes < minMaxBytes {
		return nil, fmt.Errorf("history: it needs %d bytes at least", minMaxBytes)
	}
	if o.Keep <= 0 {
		o.Keep = defaultKeep
	}
	if o.Retry <= 0 {
		o.Retry = defaultRetry
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &History{Options: o, archive: newArchive()}, nil
}

// write runs do in a transaction that no other writer of history interrupts, whatever its process.
func (h *History) write(ctx context.Context, do func(tx *sql.Tx) error) error {
	if h.ReadOnly {
		return errReadOnly
	}
	return h.DB.WithRoomTx(ctx, roomName, do)
}

// Day gives the bounds of the plan zone's day that t lies in: 23 or 25 hours apart when the clocks change.
func (h *History) Day(t time.Time) (from, to time.Time) {
	y, m, d := t.In(h.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, h.Zone).UTC(), time.Date(y, m, d+1, 0, 0, 0, 0, h.Zone).UTC()
}

// millis is how times are kept: 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
