package history

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// maxEvents bounds one answer; of more than these the latest are given.
const maxEvents = 5000

// events reads events with the keys of their jobs.
func (h *History) events(ctx context.Context, where string, args ...any) ([]Event, error) {
	if h.DB == nil {
		return nil, nil
	}
	rows, err := h.DB.Read().QueryContext(ctx, `SELECT e.at, e.seen_at, e.exact, e.kind, e.instance, e.sched, e.run, e.name, e.field, e.was, e.became,
		coalesce(j.folder, ''), coalesce(j.workstation, ''), coalesce(j.stream, ''), coalesce(j.job, '')
		FROM (SELECT * FROM history_events `+where+`) e LEFT JOIN history_jobs j ON j.id = e.job ORDER BY e.at DESC, e.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	defer rows.Close()
	var out []Event
	for rows.Next() {
		var e Event
		var i identity
		var at, seen, exact, sched int64
		var kind, instance, was, became string
		err := rows.Scan(&at, &seen, &exact, &kind, &instance, &sched, &e.RunID, &e.Name, &e.Field, &was, &became, &i.folder, &i.workstation, &i.stream, &i.job)
		if err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		e.At, e.SeenAt, e.Exact, e.Kind, e.Key = fromMillis(at), fromMillis(seen), exact == 1, twstools.ChangeKind(kind), h.key(i, instance, sched)
		if e.Kind == twstools.StatusChanged {
			e.From, e.To = statusFrom(was), statusFrom(became)
		} else {
			e.Old, e.New = was, became
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// Abnormal gives the transitions into and out of a bad status from from (inclusive) to to (exclusive), oldest first; of more than
// 5,000 the latest.
func (h *History) Abnormal(ctx context.Context, from, to time.Time) ([]Event, error) {
	out, err := h.events(ctx, "WHERE engine = $1 AND at >= $2 AND at < $3 AND kind = $4 ORDER BY at DESC LIMIT $5", h.Engine, from.UnixMilli(), to.UnixMilli(),
		string(twstools.StatusChanged), maxEvents)
	slices.Reverse(out)
	return out, err
}

// Happened is what is remembered of a time.
type Happened struct {
	Events []Event // oldest first; of more than 5,000 the latest, and then Truncated is set
	// Started, Succeeded and Unsuccessful count runs that began or ended in that time. The embedded database knows the last 20 of each job
	// alone: AtLeast says that some may be missing.
	Started, Succeeded, Unsuccessful int
	AtLeast                          bool
	First, Last                      *Counts // at both ends of what was watched
	Gaps                             []Gap   // when nobody watched: nothing may be concluded about them
	Truncated                        bool
}

// Gap is a time without a sighting.
type Gap struct{ From, To time.Time }

// gapAfter is how many minutes without counts make a gap: a refresh that fails now and then makes none.
const gapAfter = 5 * time.Minute

// Happened tells what happened from from (inclusive) to to (exclusive), 31 days at most (code invalid).
func (h *History) Happened(ctx context.Context, from, to time.Time) (Happened, error) {
	counts, err := h.CountsBetween(ctx, from, to)
	if err != nil {
		return Happened{}, err
	}
	out := Happened{Gaps: gaps(counts, from, to)}
	if n := len(counts); n > 0 {
		out.First, out.Last = &counts[0], &counts[n-1]
	}
	out.Events, err = h.events(ctx, "WHERE engine = $1 AND at >= $2 AND at < $3 ORDER BY at DESC LIMIT $4", h.Engine, from.UnixMilli(), to.UnixMilli(), maxEvents+1)
	if err != nil {
		return Happened{}, err
	}
	if out.Truncated = len(out.Events) > maxEvents; out.Truncated {
		out.Events = out.Events[:maxEvents]
	}
	slices.Reverse(out.Events)
	if h.DB == nil {
		return out, nil
	}
	if h.DB.Embedded() {
		return out, h.scanRuns(ctx, from, to, &out)
	}
	err = h.DB.Read().QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM history_runs WHERE engine = $1 AND started >= $2 AND started < $3),
		(SELECT count(*) FROM history_runs WHERE engine = $1 AND ended >= $2 AND ended < $3 AND good = 1),
		(SELECT count(*) FROM history_runs WHERE engine = $1 AND ended >= $2 AND ended < $3 AND good = 0)`,
		h.Engine, from.UnixMilli(), to.UnixMilli()).Scan(&out.Started, &out.Succeeded, &out.Unsuccessful)
	if err != nil {
		return Happened{}, fmt.Errorf("count runs: %w", err)
	}
	return out, nil
}

func gaps(counts []Counts, from, to time.Time) []Gap {
	var out []Gap
	last := from
	for _, c := range append(slices.Clone(counts), Counts{At: to}) {
		if c.At.Sub(last) > gapAfter {
			out = append(out, Gap{From: last, To: c.At})
		}
		last = c.At
	}
	return out
}

// scanRuns counts runs among the last ones of every job to which anything has happened since from.
func (h *History) scanRuns(ctx context.Context, from, to time.Time, out *Happened) error {
	rows, err := h.DB.Read().QueryContext(ctx, "SELECT runs FROM history_jobs WHERE engine = $1 AND last_at >= $2 AND job <> ''", h.Engine, from.UnixMilli())
	if err != nil {
		return fmt.Errorf("count runs: %w", err)
	}
	defer rows.Close()
	within := func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
	for rows.Next() {
		var packed sql.RawBytes
		if err := rows.Scan(&packed); err != nil {
			return fmt.Errorf("count runs: %w", err)
		}
		rs, err := unpack(packed)
		if err != nil {
			return fmt.Errorf("count runs: %w", err)
		}
		out.AtLeast = out.AtLeast || rs.lost >= from.UnixMilli()
		for _, r := range rs.last {
			if within(fromMillis(r.when())) {
				out.Started++
			}
			switch {
			case r.End.IsZero() || !within(r.End):
			case succeeded(r.Status):
				out.Succeeded++
			default:
				out.Unsuccessful++
			}
		}
	}
	return rows.Err()
}
