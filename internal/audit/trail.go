package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/store"
)

// Options say where a Trail writes and what it keeps.
type Options struct {
	// Open gives the database, with this package's Room, and the keys. It is called by the writer, until it succeeds; the Trail closes the
	// database.
	Open func(ctx context.Context) (*store.DB, Keys, error)
	// Keep is how long rows are kept, by the time of their calls; 0 means 90 days. At most Rows are kept; 0 means a million.
	Keep time.Duration
	Rows int64
	// Queue is how many calls may wait to be written; 0 means 4,096.
	Queue int
	Now   func() time.Time
	// Logger is told what could not be written; nil discards.
	Logger *slog.Logger
}

const (
	day       = 24 * time.Hour
	batchMost = 256
	// linger is how long the writer waits for more to write at once: a transaction costs the same for one row and for many.
	linger = 50 * time.Millisecond
	// A database that fails is asked again, first soon and then rarely.
	retryFirst, retryMost = 100 * time.Millisecond, 5 * time.Second
	complainEvery         = time.Minute
)

func (o Options) withDefaults() Options {
	if o.Keep <= 0 {
		o.Keep = 90 * day
	}
	if o.Rows <= 0 {
		o.Rows = 1_000_000
	}
	if o.Queue <= 0 {
		o.Queue = 4096
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Trail writes entries behind the back of whoever adds them. Safe for concurrent use; it has one goroutine until it is closed.
type Trail struct {
	o       Options
	process string

	mu     sync.RWMutex // held for reading while adding
	closed bool
	queue  chan Entry
	stop   chan struct{}
	done   chan struct{}
	cancel context.CancelFunc

	n                        atomic.Int64
	written, lost, untold    atomic.Int64
	lastComplaint, lastPrune time.Time // of the writer alone
	writer                   *writer
}

// New makes a trail that opens the database when there is something to write. Close it.
func New(o Options) (*Trail, error) {
	t, err := prepare(o)
	if err != nil {
		return nil, err
	}
	t.begin()
	return t, nil
}

// Begin makes a trail that has opened the database, or gives the error of that. Close it.
func Begin(ctx context.Context, o Options) (*Trail, error) {
	t, err := prepare(o)
	if err != nil {
		return nil, err
	}
	if err := t.open(ctx); err != nil {
		return nil, err
	}
	t.begin()
	return t, nil
}

func prepare(o Options) (*Trail, error) {
	if o.Open == nil {
		return nil, errors.New("audit: no database is given")
	}
	o = o.withDefaults()
	return &Trail{o: o, process: rand.Text()[:12], queue: make(chan Entry, o.Queue), stop: make(chan struct{}), done: make(chan struct{})}, nil
}

func (t *Trail) begin() {
	var ctx context.Context
	ctx, t.cancel = context.WithCancel(context.Background())
	go t.run(ctx)
}

// Add keeps an entry of the kind Call, with the plain hash of its arguments in Args. It never waits: when the queue is full, or the trail closed, the entry
// is counted as lost.
func (t *Trail) Add(e Entry) {
	e.Kind, e.Process, e.n = Call, t.process, t.n.Add(1)
	for _, s := range []*string{&e.Tool, &e.Caller, &e.Name, &e.By, &e.Via, &e.Engine, &e.Code, &e.CorrelationID} {
		*s = bounded(*s)
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if !t.closed {
		select {
		case t.queue <- e:
			return
		default:
		}
	}
	t.lost.Add(1)
	t.untold.Add(1)
}

// maxText bounds what a caller can make a row hold.
const maxText = 200

// bounded cuts a text at a character and takes out what no database keeps in a text.
func bounded(s string) string {
	if len(s) > maxText {
		cut := maxText
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut]
	}
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r == 0 {
			r = utf8.RuneError
		}
		out = append(out, r)
	}
	return string(out)
}

// Stats are what a trail has done so far.
type Stats struct {
	Written int64 // entries that are in the database
	Lost    int64 // entries that never will be
	Waiting int   // entries in the queue
}

// Stats gives the figures of this moment.
func (t *Trail) Stats() Stats {
	return Stats{Written: t.written.Load(), Lost: t.lost.Load(), Waiting: len(t.queue)}
}

// Close writes what is queued and closes the database. When ctx ends first, what is left is given up, counted and logged, and Close says
// so with the error of ctx.
func (t *Trail) Close(ctx context.Context) error {
	t.mu.Lock()
	if !t.closed {
		t.closed = true
		close(t.stop)
	}
	t.mu.Unlock()
	var late error
	select {
	case <-t.done:
	case <-ctx.Done():
		late = ctx.Err()
	}
	t.cancel()
	<-t.done // the writer's statements end with its context
	return late
}

// run writes batch after batch until the trail is closed and the queue empty.
func (t *Trail) run(ctx context.Context) {
	defer close(t.done)
	defer func() {
		if t.writer != nil {
			_ = t.writer.db.Close() // every write was committed by its own transaction
		}
	}()
	for {
		batch := t.next()
		if len(batch) == 0 {
			t.tellLost(ctx)
			return
		}
		if !t.keep(ctx, batch) {
			t.giveUp(len(batch))
			return
		}
		t.prune(ctx)
	}
}

// next waits for entries and gives those that came together; none when the trail is closed and empty.
func (t *Trail) next() []Entry {
	var batch []Entry
	select {
	case e := <-t.queue:
		batch = append(batch, e)
	case <-t.stop:
		return t.queued(nil)
	}
	wait := time.NewTimer(linger)
	defer wait.Stop()
	for len(batch) < batchMost {
		select {
		case e := <-t.queue:
			batch = append(batch, e)
		case <-t.stop:
			return t.queued(batch)
		case <-wait.C:
			return batch
		}
	}
	return batch
}

// queued takes what is in the queue and does not wait.
func (t *Trail) queued(batch []Entry) []Entry {
	for len(batch) < batchMost {
		select {
		case e := <-t.queue:
			batch = append(batch, e)
		default:
			return batch
		}
	}
	return batch
}

// keep writes a batch, again and again if it must; false when ctx has ended before that succeeded, or when the trail is closed and there has never
// been a database: then none is waited for.
func (t *Trail) keep(ctx context.Context, batch []Entry) bool {
	if lost := t.untold.Swap(0); lost > 0 {
		batch = append(batch, Entry{Kind: Lost, At: t.o.Now(), Lost: lost, Process: t.process, n: t.n.Add(1)})
	}
	calls := 0
	for _, e := range batch {
		if e.Kind == Call {
			calls++
		}
	}
	pause, stop := retryFirst, t.stop
	for again := false; ; again = true {
		err := t.write(ctx, batch, again)
		if err == nil {
			t.written.Add(int64(calls))
			return true
		}
		t.complain(err)
		if stop == nil && t.writer == nil {
			return false
		}
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
			pause = min(2*pause, retryMost)
		case <-stop:
			wait.Stop()
			stop = nil // it is tried at once, and then as before
		case <-ctx.Done():
			wait.Stop()
			return false
		}
	}
}

func (t *Trail) write(ctx context.Context, batch []Entry, again bool) error {
	if t.writer == nil {
		if err := t.open(ctx); err != nil {
			return err
		}
	}
	return t.writer.append(ctx, batch, again)
}

func (t *Trail) open(ctx context.Context) error {
	db, keys, err := t.o.Open(ctx)
	if err != nil {
		return err
	}
	t.writer = &writer{db: db, keys: keys, process: t.process, now: t.o.Now}
	return nil
}

// complain logs that writing fails, now and then.
func (t *Trail) complain(err error) {
	if now := t.o.Now(); t.lastComplaint.IsZero() || now.Sub(t.lastComplaint) >= complainEvery {
		t.lastComplaint = now
		t.o.Logger.Error("tool calls cannot be written to the audit trail; it is tried again", slog.String("error", err.Error()),
			slog.Int("waiting", len(t.queue)), slog.Int64("lost", t.lost.Load()))
	}
}

// giveUp counts what will never be written.
func (t *Trail) giveUp(batch int) {
	left := batch + len(t.queue)
	t.lost.Add(int64(left))
	t.o.Logger.Error("tool calls are missing in the audit trail: they could not be written in time", slog.Int("calls", left))
}

// tellLost writes how many calls were lost since it was told last.
func (t *Trail) tellLost(ctx context.Context) {
	if t.untold.Load() > 0 && !t.keep(ctx, nil) {
		t.giveUp(0)
	}
}

// prune removes what is older than is kept, once an hour, and what is more than is kept, at once.
func (t *Trail) prune(ctx context.Context) {
	now := t.o.Now()
	if over := t.writer.rows > t.o.Rows; !over && !t.lastPrune.IsZero() && now.Sub(t.lastPrune) < time.Hour {
		return
	}
	t.lastPrune = now
	if err := t.writer.prune(ctx, now.Add(-t.o.Keep), t.o.Rows); err != nil && ctx.Err() == nil {
		t.o.Logger.Warn("old rows of the audit trail cannot be removed", slog.String("error", err.Error()))
	}
}
