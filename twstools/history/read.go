package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// record reads the row of a key's job; nil when there is none.
func (h *History) record(ctx context.Context, key twstools.Key) (*record, error) {
	if h.DB == nil {
		return nil, nil
	}
	i := identityOf(key)
	r, err := scanRecord(h.DB.Read().QueryRowContext(ctx, "SELECT "+recordColumns+" FROM history_jobs WHERE id = $1", h.id(i)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read history of job: %w", err)
	}
	if r.i != i {
		return nil, nil
	}
	return r, nil
}

// Runs gives the last runs of a job over all its instances, newest first: of those kept, at most limit (0: 20). The embedded database
// keeps 20, as do job streams anywhere, of which it gives when they were seen executing. An unknown job has no runs; that is no error.
func (h *History) Runs(ctx context.Context, key twstools.Key, limit int) ([]Run, error) {
	if limit <= 0 {
		limit = keptRuns
	}
	r, err := h.record(ctx, key)
	if err != nil || r == nil {
		return nil, err
	}
	if h.DB.Embedded() || key.Job == "" || limit <= min(keptIDs, len(r.runs.last)) {
		out := slices.Clone(r.runs.last)
		slices.Reverse(out)
		return out[:min(limit, len(out))], nil
	}
	return h.rows(ctx, "WHERE job = $1 ORDER BY started DESC, mark DESC LIMIT $2", r.id, limit)
}

// rows reads from the table of every run.
func (h *History) rows(ctx context.Context, where string, args ...any) ([]Run, error) {
	rows, err := h.DB.Read().QueryContext(ctx, "SELECT run FROM history_runs "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read runs: %w", err)
	}
	defer rows.Close()
	var out []Run
	for rows.Next() {
		var packed []byte
		if err := rows.Scan(&packed); err != nil {
			return nil, fmt.Errorf("read runs: %w", err)
		}
		run, err := unpackRun(packed)
		if err != nil {
			return nil, fmt.Errorf("read runs: %w", err)
		}
		out = append(out, run)
	}
	return out, rows.Err()
}

// Digest counts all ended runs of a job that were seen while it has been remembered, recovery jobs apart.
func (h *History) Digest(ctx context.Context, key twstools.Key) (Digest, error) {
	r, err := h.record(ctx, key)
	if err != nil || r == nil {
		return Digest{}, err
	}
	return r.runs.digest(), nil
}

// State is how a job or a job stream stood.
type State struct {
	// Status as the engine sent it. It is zero where only the start of a run is known: then Running is set.
	Status  twstools.Status
	Running bool
	At      time.Time // since when, as far as known
	Exact   bool      // the engine dated At; otherwise it is when we saw it
	Run     *Run      // the run that began or ended then, if it is known by one
	Key     twstools.Key
}

// Before gives the last known state before t; known is false when nothing is remembered of that time. With a key of an instance
// (JobStreamID, else Sched) it answers for that instance, otherwise for whichever was seen last. What lies between runs and bad
// statuses is not kept: a job that went from HOLD to READY before t may be told as it was at its last run.
func (h *History) Before(ctx context.Context, key twstools.Key, t time.Time) (s State, known bool, err error) {
	r, err := h.record(ctx, key)
	if err != nil || r == nil {
		return State{}, false, err
	}
	better := func(o State) {
		if !o.At.IsZero() && o.At.Before(t) && (!known || o.At.After(s.At) || o.At.Equal(s.At) && o.Exact && !s.Exact) {
			s, known = o, true
		}
	}
	if means(key, r.instance, r.sched) {
		better(State{Status: statusFrom(r.status), At: fromMillis(r.since), Exact: r.exact == 1, Key: h.key(r.i, r.instance, r.sched)})
	}
	past, err := h.Runs(ctx, key, 0)
	if err != nil {
		return State{}, false, err
	}
	if !h.DB.Embedded() && (len(past) == 0 || past[len(past)-1].when() >= t.UnixMilli()) {
		if past, err = h.rows(ctx, "WHERE job = $1 AND started < $2 ORDER BY started DESC LIMIT 100", r.id, t.UnixMilli()); err != nil {
			return State{}, false, err
		}
	}
	for _, run := range past {
		if !means(key, run.Instance, millis(run.Sched)) || run.recovery() {
			continue
		}
		k := h.key(r.i, run.Instance, millis(run.Sched))
		better(State{Running: true, At: run.Start, Exact: run.Exact, Run: &run, Key: k})
		better(State{Status: run.Status, At: run.End, Exact: run.Exact, Run: &run, Key: k})
	}
	events, err := h.events(ctx, "WHERE engine = $1 AND job = $2 AND at < $3 AND kind = $4 ORDER BY at DESC LIMIT 100", h.Engine, r.id, t.UnixMilli(), string(twstools.StatusChanged))
	if err != nil {
		return State{}, false, err
	}
	for _, e := range events {
		if means(key, e.Key.JobStreamID, millis(e.Key.Sched)) {
			better(State{Status: e.To, At: e.At, Exact: e.Exact, Key: e.Key})
		}
	}
	return s, known, nil
}

// means reports whether a key means an instance: any, when it names none. An engine's 16-character id and what stands in for it say
// nothing about each other; then the schedule time decides.
func means(k twstools.Key, instance string, sched int64) bool {
	switch {
	case k.JobStreamID != "" && (k.JobStreamID == instance || len(k.JobStreamID) == len(instance)):
		return k.JobStreamID == instance
	case !k.Sched.IsZero():
		return millis(k.Sched) == sched
	}
	return true
}
