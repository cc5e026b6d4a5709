package history

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

const (
	// batchChanges is how many changes a transaction takes: some tens of milliseconds of work, after which others may write.
	batchChanges = 500
	// changeBytes is what a change takes at most in the embedded database, generously: a job's row with 20 runs of an agent's longest names
	// and its place in three indexes.
	changeBytes = 6 << 10
)

// Observe keeps what changed, and how many jobs stood in which status if counts is given. When it returns nil, all of it is on disk.
// Changes may be handed in again, in any order, also by another process over the same PostgreSQL: each counts once. After an error
// some of them may have been kept; hand them all in again. Codes: limited (the database is busy), timeout.
func (h *History) Observe(ctx context.Context, changes []twstools.Change, counts *Counts) error {
	own := make([]twstools.Change, 0, len(changes))
	for _, c := range changes {
		if c.Key.Engine == h.Engine || c.Key.Engine == "" {
			own = append(own, c)
		}
	}
	size := h.batch()
	for first := true; first || len(own) > 0; first = false {
		n := min(size, len(own))
		if err := h.observe(ctx, own[:n], counts); err != nil {
			return err
		}
		own, counts = own[n:], nil
	}
	return nil
}

// batch bounds a transaction so that the embedded database cannot outgrow its bound within it.
func (h *History) batch() int {
	if !h.DB.Embedded() {
		return batchChanges
	}
	return int(max(1, min(batchChanges, h.MaxBytes/16/changeBytes)))
}

func (h *History) observe(ctx context.Context, changes []twstools.Change, counts *Counts) error {
	if len(changes) == 0 && counts == nil {
		return nil
	}
	if err := h.makeRoom(ctx); err != nil {
		return fmt.Errorf("make room in history: %w", err)
	}
	err := h.write(ctx, func(tx *sql.Tx) error {
		if counts != nil {
			if err := h.writeCounts(ctx, tx, *counts); err != nil {
				return err
			}
		}
		b := newBatch(h, tx)
		return b.take(ctx, changes)
	})
	if err != nil && fault.CodeOf(err) == fault.Internal {
		return fmt.Errorf("write history: %w", err)
	}
	return err
}

// batch is what one transaction changes.
type batch struct {
	h       *History
	tx      *sql.Tx
	records map[int64]*record
	events  map[int64]event
	runs    map[runKey]rowRun // for the table of every run
	dropped map[runKey]bool   // rows of it that have another mark now
}

// rowRun is a run of the table of every run; known: it stands among the kept ones too, and so is whole.
type rowRun struct {
	Run
	known bool
}

type runKey struct {
	job  int64
	mark string
}

func (b *batch) take(ctx context.Context, changes []twstools.Change) error {
	var ids []identity
	for _, c := range changes {
		if c.Key.Stream != "" {
			ids = append(ids, identityOf(c.Key))
		}
	}
	if err := b.load(ctx, ids); err != nil {
		return err
	}
	for _, c := range changes {
		if err := b.change(ctx, c); err != nil {
			return err
		}
	}
	return b.save(ctx)
}

func (b *batch) change(ctx context.Context, c twstools.Change) error {
	if c.Key.Stream == "" {
		b.plant(c)
		return nil
	}
	r := b.records[b.h.id(identityOf(c.Key))]
	if r == nil {
		return nil // another job has its number
	}
	if c.Job != nil {
		r.note(c)
		for _, run := range c.Job.Runs {
			if !run.Start.IsZero() || !run.End.IsZero() {
				b.run(r, runOf(c.Key, run, true, c.SeenAt))
			}
		}
	}
	if c.Run != nil {
		run := runOf(c.Key, *c.Run, c.Exact, c.SeenAt)
		if c.Kind == twstools.RunStarted && run.Start.IsZero() {
			run.Start = whole(c.At)
		}
		if c.Kind == twstools.RunEnded && run.End.IsZero() {
			run.End = whole(c.At)
		}
		b.run(r, run)
	}
	if c.Key.Job == "" && c.Kind == twstools.StatusChanged {
		if run, ok := streamRun(c); ok {
			b.run(r, run)
		}
	}
	switch c.Kind {
	case twstools.PropertyChanged:
		b.event(eventOf(c, r))
	case twstools.ObjectAppeared, twstools.StatusChanged, twstools.RunStarted, twstools.RunEnded:
		if err := b.transition(ctx, c, r); err != nil {
			return err
		}
	}
	r.see(c)
	return nil
}

// streamRun makes a run of a job stream's own status changes, which no engine dates: it started when it was first seen executing, and
// ended when it was last seen in a final status. A stream that was executing already when we came has no start, and gives no run: the first
// look tells no change of status.
func streamRun(c twstools.Change) (Run, bool) {
	r := Run{ID: "stream", Instance: cut(instanceOf(c.Key), 40), Sched: whole(c.Key.Sched), Status: statusFrom(statusText(c.To)), seen: millis(whole(c.SeenAt))}
	if r.Instance == "" {
		r.Instance = r.Sched.Format(time.RFC3339)
	}
	switch {
	case c.To.Internal == "EXEC" || c.To.Internal == "" && c.To.Common == "RUNNING":
		r.Start = whole(c.At)
	case succeeded(c.To), abnormal(c.To):
		r.End = whole(c.At)
	default:
		return Run{}, false
	}
	return r, true
}

// run keeps a run with its job, and on PostgreSQL in the table of every run.
func (b *batch) run(r *record, run Run) {
	if r.i.job == "" && run.Start.IsZero() && !r.runs.holds(run) {
		return
	}
	now, before, known := r.runs.add(run)
	r.touch(max(millis(now.Start), millis(now.End)))
	r.dirty = true
	if b.h.DB.Embedded() || r.i.job == "" {
		return
	}
	if before != "" && known {
		b.dropped[runKey{r.id, before}] = true
	}
	key := runKey{r.id, now.mark()}
	if was, ok := b.runs[key]; ok {
		now, known = merged(was.Run, now), known || was.known
	}
	b.runs[key] = rowRun{now, known}
}

// plant keeps changes of what is no job and no job stream.
func (b *batch) plant(c twstools.Change) {
	switch {
	case c.Kind == twstools.PlanTurned, c.Kind == Lost, c.Kind == twstools.StatusChanged:
		b.event(eventOf(c, nil))
	case c.Name != "" && (c.Kind == twstools.ObjectAppeared || c.Kind == twstools.ObjectLeft):
		b.event(eventOf(c, nil))
	case c.Kind == twstools.PropertyChanged && c.Field != "available":
		// The units of a resource come and go with each job that needs some; its quantity does not.
		b.event(eventOf(c, nil))
	}
}

func newBatch(h *History, tx *sql.Tx) *batch {
	return &batch{h: h, tx: tx, records: map[int64]*record{}, events: map[int64]event{}, runs: map[runKey]rowRun{}, dropped: map[runKey]bool{}}
}
