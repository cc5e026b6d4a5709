package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// record is one job's row.
type record struct {
	i          identity
	id         int64
	lastAt     int64
	instance   string
	sched      int64
	status     string
	since      int64
	exact      int64
	seenAt     int64
	estimated  int64
	confidence string
	runs       runs

	dirty bool
}

// touch moves the time at which something last happened.
func (r *record) touch(at int64) {
	if at > r.lastAt {
		r.lastAt, r.dirty = at, true
	}
}

// note keeps what the engine expects of the job.
func (r *record) note(c twstools.Change) {
	estimated := c.Job.Definition.EstimatedDuration
	for _, run := range slices.Backward(c.Job.Runs) {
		if run.Estimated > 0 {
			estimated = run.Estimated
			break
		}
	}
	if estimated > 0 && estimated.Milliseconds() != r.estimated && millis(c.SeenAt) >= r.seenAt {
		r.estimated, r.dirty = estimated.Milliseconds(), true
	}
	if text := cut(c.Job.ConfidenceInterval, 60); text != "" && text != r.confidence && millis(c.SeenAt) >= r.seenAt {
		r.confidence, r.dirty = text, true
	}
}

// see keeps the status after the change as the last one seen; an older sighting that comes later changes nothing.
func (r *record) see(c twstools.Change) {
	to := c.To
	if to == (twstools.Status{}) && c.Run != nil {
		to = c.Run.Status
	}
	if to == (twstools.Status{}) || c.Kind == twstools.PropertyChanged || c.Kind == twstools.ObjectLeft {
		return
	}
	if c.Kind == twstools.RunStarted && c.Run != nil && !c.Run.End.IsZero() {
		return // it has ended meanwhile, and its status is the one of then
	}
	text, instance, sched, at, seen := statusText(to), cut(instanceOf(c.Key), 40), millis(c.Key.Sched), millis(c.At), millis(c.SeenAt)
	if text == r.status && instance == r.instance && (sched == r.sched || instance != "") && seen >= r.seenAt {
		if c.Exact && (r.exact == 0 || c.Kind == twstools.RunEnded && at > r.since) {
			r.since, r.exact, r.dirty = at, 1, true
		}
		if seen > r.seenAt {
			r.seenAt, r.dirty = seen, true
		}
		return
	}
	// Changes of one look come with one SeenAt; among them the later one says how it stands now.
	if seen < r.seenAt || seen == r.seenAt && at < r.since {
		return
	}
	if instance != r.instance || instance == "" || r.sched == 0 {
		r.sched = sched
	}
	r.status, r.instance, r.since, r.exact, r.seenAt, r.dirty = text, instance, at, number(c.Exact), seen, true
	r.touch(at)
}

func (rs *runs) holds(r Run) bool { return slices.ContainsFunc(rs.last, r.same) }

const recordColumns = "id, folder, workstation, stream, job, last_at, instance, sched, status, since, exact, seen_at, estimated, confidence, runs"

type scanner interface{ Scan(dest ...any) error }

func scanRecord(row scanner) (*record, error) {
	var r record
	var packed []byte
	err := row.Scan(&r.id, &r.i.folder, &r.i.workstation, &r.i.stream, &r.i.job, &r.lastAt, &r.instance, &r.sched, &r.status, &r.since, &r.exact,
		&r.seenAt, &r.estimated, &r.confidence, &packed)
	if err != nil {
		return nil, err
	}
	if r.runs, err = unpack(packed); err != nil {
		return nil, fmt.Errorf("job %d: %w", r.id, err)
	}
	return &r, nil
}

// manyRows is how many rows a statement takes or gives: the databases bound the number of placeholders.
const manyRows = 200

// load reads the rows of identities, and makes new ones for those that have none.
func (b *batch) load(ctx context.Context, all []identity) error {
	wanted := map[int64]identity{}
	for _, i := range all {
		wanted[b.h.id(i)] = i
	}
	ids := make([]any, 0, len(wanted))
	for id := range wanted {
		ids = append(ids, id)
	}
	for part := range slices.Chunk(ids, manyRows) {
		if err := b.loadPart(ctx, part, wanted); err != nil {
			return fmt.Errorf("read jobs: %w", err)
		}
	}
	for id, i := range wanted {
		if _, ok := b.records[id]; !ok {
			b.records[id] = &record{id: id, i: i}
		}
	}
	return nil
}

func (b *batch) loadPart(ctx context.Context, ids []any, wanted map[int64]identity) error {
	rows, err := b.tx.QueryContext(ctx, "SELECT "+recordColumns+" FROM history_jobs WHERE id IN ("+placeholders(0, len(ids))+")", ids...) //nolint:gosec // placeholders alone
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanRecord(rows)
		if err != nil {
			return err
		}
		b.records[r.id] = r
		if r.i != wanted[r.id] {
			b.records[r.id] = nil // two jobs with one number: the first one keeps it
			b.h.Logger.WarnContext(ctx, "history: a job's number is taken", "job", wanted[r.id].job, "job_stream", wanted[r.id].stream)
		}
	}
	return rows.Err()
}

// placeholders gives $first+1 … $first+n.
func placeholders(first, n int) string {
	var s strings.Builder
	for i := range n {
		if i > 0 {
			s.WriteByte(',')
		}
		s.WriteString("$" + strconv.Itoa(first+i+1))
	}
	return s.String()
}

// upsert writes rows of equal width: "INSERT INTO …" before the values, "ON CONFLICT …" behind. A server is spared the round trips by
// many rows in a statement; the embedded database does better with one row in a prepared one.
func (b *batch) upsert(ctx context.Context, before, behind string, rows [][]any) (err error) {
	n := manyRows
	if b.h.DB.Embedded() {
		n = 1
	}
	var st *sql.Stmt
	defer func() {
		if st != nil {
			err = errors.Join(err, st.Close())
		}
	}()
	width := 0
	for part := range slices.Chunk(rows, n) {
		if st == nil || len(part) != width {
			if st != nil {
				if err := st.Close(); err != nil {
					return err
				}
			}
			width = len(part)
			if st, err = b.tx.PrepareContext(ctx, before+" VALUES "+tuples(width, len(part[0]))+" "+behind); err != nil {
				return err
			}
		}
		if _, err := st.ExecContext(ctx, slices.Concat(part...)...); err != nil {
			return err
		}
	}
	return nil
}

// tuples gives the placeholders of n rows.
func tuples(n, width int) string {
	var s strings.Builder
	for i := range n {
		if i > 0 {
			s.WriteByte(',')
		}
		s.WriteString("(" + placeholders(i*width, width) + ")")
	}
	return s.String()
}

func (b *batch) save(ctx context.Context) error {
	var jobs, events, all, old [][]any
	for _, r := range b.records {
		if r != nil && r.dirty {
			jobs = append(jobs, []any{r.id, b.h.Engine, r.i.folder, r.i.workstation, r.i.stream, r.i.job, r.lastAt, r.instance, r.sched, r.status, r.since, r.exact,
				r.seenAt, r.estimated, r.confidence, pack(r.runs)})
		}
	}
	for _, e := range b.events {
		events = append(events, e.row(b.h.Engine))
	}
	for k, r := range b.runs {
		row := []any{k.job, k.mark, b.h.Engine, r.when(), millis(r.End), number(!r.End.IsZero() && succeeded(r.Status)), packRun(r.Run)}
		if r.known {
			all = append(all, row)
		} else {
			old = append(old, row)
		}
	}
	if err := b.upsert(ctx, "INSERT INTO history_jobs (id, engine, folder, workstation, stream, job, last_at, instance, sched, status, since, exact, seen_at, estimated, confidence, runs)",
		`ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at, instance = excluded.instance, sched = excluded.sched, status = excluded.status,
		since = excluded.since, exact = excluded.exact, seen_at = excluded.seen_at, estimated = excluded.estimated, confidence = excluded.confidence, runs = excluded.runs`, jobs); err != nil {
		return fmt.Errorf("write jobs: %w", err)
	}
	if err := b.upsert(ctx, eventInsert, eventConflict, events); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	for k := range b.dropped {
		if _, ok := b.runs[k]; ok {
			continue
		}
		if _, err := b.tx.ExecContext(ctx, "DELETE FROM history_runs WHERE job = $1 AND mark = $2", k.job, k.mark); err != nil {
			return fmt.Errorf("write runs: %w", err)
		}
	}
	if err := b.upsert(ctx, runInsert, runConflict, all); err != nil {
		return fmt.Errorf("write runs: %w", err)
	}
	// Of a run from before the kept ones we do not know here what its row says: only one that was left open gains.
	if err := b.upsert(ctx, runInsert, runConflict+" WHERE history_runs.ended = 0", old); err != nil {
		return fmt.Errorf("write runs: %w", err)
	}
	return nil
}

const (
	runInsert   = "INSERT INTO history_runs (job, mark, engine, started, ended, good, run)"
	runConflict = "ON CONFLICT (job, mark) DO UPDATE SET started = excluded.started, ended = excluded.ended, good = excluded.good, run = excluded.run"
)
