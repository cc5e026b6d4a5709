package history

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

const (
	// archivedPlans is how many archived plans are read for a job (DESIGN.md 4.10), each once and for all.
	archivedPlans = 7
	// archivedJobs bounds what one of them gives: a job that runs every five minutes has 288 instances a day.
	archivedJobs = 300
	// plansAge is how long the list of archived plans is taken as it was: a plan turns once a day.
	plansAge = 10 * time.Minute
	// archiveRest is how long a job is not asked for again after archived plans could not be read, and the engine after it said that it
	// has none.
	archiveRest = 10 * time.Minute
	// maxResting bounds the memory for jobs that rest.
	maxResting = 10_000
)

// archive remembers what it takes to ask the engine for little.
type archive struct {
	turn    chan struct{} // one at a time: a second caller finds what the first has read
	mu      sync.Mutex
	plans   []twstools.Plan // newest first
	listed  time.Time
	resting map[int64]rest // by job; 0 for all
}

// rest is an error that stands until a time.
type rest struct {
	err   error
	until time.Time
}

func newArchive() archive { return archive{turn: make(chan struct{}, 1), resting: map[int64]rest{}} }

// backfill reads the job's runs from the last archived plans that were not read for it yet: at most one call for the list and one for
// each plan. The error tells why some could not be read; unsupported when the engine has none.
func (h *History) backfill(ctx context.Context, key twstools.Key) error {
	if h.Plans == nil {
		return fault.New(fault.Unsupported, "This engine cannot be asked about archived plans.")
	}
	select {
	case h.archive.turn <- struct{}{}:
		defer func() { <-h.archive.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	id := h.id(identityOf(key))
	if err := h.archive.rests(id, h.Now()); err != nil {
		return err
	}
	err := h.readPlans(ctx, id, key)
	switch {
	case err == nil || ctx.Err() != nil: // the caller's own end says nothing about the engine
	case fault.Is(err, fault.Unsupported):
		h.archive.rest(0, rest{err, h.Now().Add(archiveRest)})
	default:
		h.archive.rest(id, rest{err, h.Now().Add(archiveRest)})
	}
	return err
}

func (a *archive) rests(id int64, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range []int64{0, id} {
		if r, ok := a.resting[id]; ok && now.Before(r.until) {
			return r.err
		}
	}
	return nil
}

func (a *archive) rest(id int64, r rest) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.resting) >= maxResting {
		clear(a.resting)
	}
	a.resting[id] = r
}

func (h *History) readPlans(ctx context.Context, id int64, key twstools.Key) error {
	plans, err := h.plans(ctx)
	if err != nil {
		return err
	}
	done, err := h.plansRead(ctx, id)
	if err != nil {
		return err
	}
	for _, plan := range plans {
		if slices.Contains(done, plan.ID) {
			continue
		}
		if err := h.readPlan(ctx, id, key, plan); err != nil {
			return err
		}
	}
	return nil
}

// plans lists the last archived plans, newest first.
func (h *History) plans(ctx context.Context) ([]twstools.Plan, error) {
	if age := h.Now().Sub(h.archive.listed); age >= 0 && age < plansAge {
		return h.archive.plans, nil
	}
	plans, err := twstools.ArchivedPlans(ctx, h.Plans)
	if err != nil {
		return nil, err
	}
	h.archive.plans, h.archive.listed = plans[:min(archivedPlans, len(plans))], h.Now()
	return h.archive.plans, nil
}

func (h *History) plansRead(ctx context.Context, id int64) ([]string, error) {
	if h.DB == nil {
		return h.beside.plans(id), nil
	}
	rows, err := h.DB.Read().QueryContext(ctx, "SELECT plan FROM history_plans WHERE job = $1", id)
	if err != nil {
		return nil, fmt.Errorf("read archived plans: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var plan string
		if err := rows.Scan(&plan); err != nil {
			return nil, fmt.Errorf("read archived plans: %w", err)
		}
		out = append(out, plan)
	}
	return append(out, h.beside.plans(id)...), rows.Err()
}

// readPlan keeps the job's runs of one archived plan, and that it was asked.
func (h *History) readPlan(ctx context.Context, id int64, key twstools.Key, plan twstools.Plan) error {
	who := identityOf(key)
	list, err := h.Plans.ArchivedJobs(ctx, plan, twstools.ListQuery{Where: query.And{query.Is("name", who.job), query.Is("jobStreamName", who.stream)}, Limit: archivedJobs})
	if err != nil {
		return err
	}
	if h.ReadOnly {
		h.beside.keep(id, who, plan.ID, list.Items)
		return nil
	}
	if err := h.makeRoom(ctx); err != nil {
		return err
	}
	return h.write(ctx, func(tx *sql.Tx) error {
		b := newBatch(h, tx)
		if err := b.load(ctx, []identity{who}); err != nil {
			return err
		}
		if r := b.records[id]; r != nil {
			for _, job := range list.Items {
				b.archived(r, job)
			}
		}
		if err := b.save(ctx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO history_plans (job, plan, read_at) VALUES ($1, $2, $3) ON CONFLICT (job, plan) DO NOTHING", id, cut(plan.ID, 100), millis(h.Now()))
		if err != nil {
			return fmt.Errorf("note archived plan: %w", err)
		}
		return nil
	})
}

// archived keeps the runs of a job of an archived plan if it is the one of r.
func (b *batch) archived(r *record, job twstools.Job) {
	for _, old := range archivedRuns(r.i, job) {
		b.run(r, old)
	}
}

// archivedRuns gives the ended runs of a job of an archived plan, none if it is not the one of who.
func archivedRuns(who identity, job twstools.Job) (out []Run) {
	key := twstools.Key{Folder: job.StreamFolder, StreamWorkstation: job.StreamWorkstation, Stream: job.Stream, Job: job.Name, JobStreamID: job.JobStreamID, Sched: job.SchedTime}
	if key.StreamWorkstation == "" {
		key.StreamWorkstation = job.Workstation
	}
	if identityOf(key) != who {
		return nil
	}
	for _, run := range job.Runs {
		if run.Start.IsZero() || run.End.IsZero() {
			continue // it did not run to its end in that plan; the next one has it if it was carried forward
		}
		old := runOf(key, run, true, time.Time{})
		old.Archived = true
		out = append(out, old)
	}
	return out
}
