// Package reader stands between everything that asks and an engine. A Reader is a twstools.Engine over another one that spares it: what was
// read is kept for a bounded time in a bounded number of bytes, equal reads at the same moment are one read, an engine that is away is
// answered for with what was last seen, marked stale, and one refresher per engine watches what changes. Its cost does not grow with the
// number of those who read.
//
// What a Reader hands out is a deep copy: no caller can change what the next one gets; views (ViewJobs) are made without one. How old an answer is travels in the context, see
// WithMarks. Changes gives what changed since a moment; a Finder finds objects by what people type, exactly or by the words of their
// names and descriptions.
//
// All instants are UTC. Ages are measured by our own clock, what the plan says by the engine's (DESIGN.md 4.6). Readers and Finders are safe
// for concurrent use; Close waits for every goroutine that a Reader started. Start at Open, or at Finder.Find.
package reader

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// Defaults of Options.
const (
	defaultBytes    = 128 << 20
	defaultInterval = 15 * time.Second // DESIGN.md 4.9
	defaultDeadline = time.Minute
	defaultPatience = 5 * time.Second
	defaultRing     = 8192
	defaultNames    = 600_000
)

// Options for Open. Engine and Name are required.
type Options struct {
	Engine twstools.Engine
	Name   string // configured name of the engine
	// Identity tells this engine and the account that reads it from any other that shares the Store: address and user, say. It is only hashed.
	Identity string
	// Bytes bounds the cache; 0 means 128 MiB. The name index and the ring of changes are bounded by rows, beside it, and so are the views: eight of
	// a list at the most.
	Bytes int64
	// Store is the second level, shared by processes; nil means none.
	Store Store
	// Interval is the time between refreshes, and how long lists and counts are fresh; 0 means 15 s.
	Interval time.Duration
	// Deadline bounds one shared read of the engine, whoever waits for it; 0 means a minute.
	Deadline time.Duration
	// Patience is how long a caller waits for an engine that does not answer while an older answer is at hand; 0 means 5 s.
	Patience time.Duration
	// Ring is how many changes are held; 0 means 8,192.
	Ring int
	// Names bounds the jobs and job streams in the name index; 0 means 600,000.
	Names int
	// Clock is our own; nil means time.Now. Timers and tickers are those of package time.
	Clock  func() time.Time
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	setDefault(&o.Bytes, defaultBytes)
	setDefault(&o.Interval, defaultInterval)
	setDefault(&o.Deadline, defaultDeadline)
	setDefault(&o.Patience, defaultPatience)
	setDefault(&o.Ring, defaultRing)
	setDefault(&o.Names, defaultNames)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func setDefault[T int | int64 | time.Duration](field *T, def T) {
	if *field <= 0 {
		*field = def
	}
}

// Reader is a cached engine. See the package comment.
type Reader struct {
	o     Options
	cache *otter.Cache[string, *entry]
	ended *otter.Cache[string, struct{}] // runs that are known to have ended, by id

	base   context.Context // ends with Close; parent of what runs for nobody in particular
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	flights map[string]*flight
	gen     uint64 // grows when what was read before is void
	mark    string // which plan is being read, "" while unknown
	marked  bool   // mark was looked up or learnt
	down    until  // the engine did not answer
	denied  until  // the engine refused the account, time and again
	denials int    // refusals since the last answer
	unnamed bool   // among them that of the engine's own description

	watch watch
	names names

	hits, misses, staleHits, storeHits atomic.Int64
}

var (
	_ twstools.Engine  = (*Reader)(nil)
	_ twstools.Clocked = (*Reader)(nil)
	_ twstools.Capable = (*Reader)(nil)
)

// until is an error that stands for a while.
type until struct {
	err  error
	till time.Time
}

func (u until) at(now time.Time) error {
	if u.err != nil && now.Before(u.till) {
		return u.err
	}
	return nil
}

// Open makes a Reader over o.Engine. It reads nothing and starts nothing; the refresher runs while somebody reads or waits for changes.
// Errors: fault.Invalid for options that make no sense.
func Open(o Options) (*Reader, error) {
	if o.Engine == nil || o.Name == "" {
		return nil, fault.New(fault.Invalid, "A reader needs an engine and its name.")
	}
	o = o.withDefaults()
	cache, err := otter.New(&otter.Options[string, *entry]{MaximumWeight: uint64(o.Bytes), Weigher: weigh, Logger: &otter.NoopLogger{}}) // #nosec G115 -- positive by withDefaults
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The cache cannot be made.")
	}
	ended, err := otter.New(&otter.Options[string, struct{}]{MaximumSize: endedRuns, Logger: &otter.NoopLogger{}})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The cache cannot be made.")
	}
	r := &Reader{o: o, cache: cache, ended: ended, flights: map[string]*flight{}}
	r.base, r.cancel = context.WithCancel(context.Background())
	r.watch = newWatch(o)
	r.names = newNames(o)
	return r, nil
}

// Close ends all reads under way, the refresher and everybody's wait for changes, and returns when they have ended. It does not close
// the engine. Closing twice is fine; a read after Close is fault.Conflict.
func (r *Reader) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.watch.ring.close()
	r.work.Wait()
	r.cache.InvalidateAll()
	r.cache.CleanUp()
	r.cache.StopAllGoroutines()
	r.ended.StopAllGoroutines()
	return nil
}

// start runs f in a goroutine that Close waits for; false means that the Reader is closed.
func (r *Reader) start(f func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.work.Go(f)
	return true
}

func errClosed() error { return fault.New(fault.Conflict, "The reader is closed.") }

// Stats are figures for health pages and tests.
type Stats struct {
	Entries          int
	Bytes            int64 // as estimated, of what is kept now
	Hits, Misses     int64 // answers from memory, and answers that needed the engine or the store
	StaleHits        int64 // answers served for an engine that was away
	StoreHits        int64 // answers taken from the second level
	Names            int   // rows of the name index
	NamesComplete    bool
	Refreshed        time.Time // end of the last refresh that read anything; zero: none yet
	RefreshCalls     int       // reads of the port that it made
	RefreshError     error     // of the last refresh, nil when all of it could be read
	Unavailable      error     // why the engine is taken to be away just now, nil when it is not
	LastSeq          uint64
	PlanMark         string // what tells this plan from the one before, as far as known
	RefresherRunning bool
}

// Stats gives the figures of this moment.
func (r *Reader) Stats() Stats {
	r.cache.CleanUp()
	s := Stats{Entries: r.cache.EstimatedSize(), Bytes: int64(r.cache.WeightedSize()), Hits: r.hits.Load(), Misses: r.misses.Load(), // #nosec G115 -- bounded by Options.Bytes
		StaleHits: r.staleHits.Load(), StoreHits: r.storeHits.Load(), LastSeq: r.watch.ring.last()}
	s.Names, s.NamesComplete = r.names.size()
	r.watch.stats(&s)
	now := r.o.Clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	s.PlanMark, s.Unavailable = r.mark, r.down.at(now)
	return s
}
