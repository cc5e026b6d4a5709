package history

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Source says where an answer about what is usual comes from, in the order in which they are asked.
type Source string

// The sources; SourceNone is silence.
const (
	SourceOwn     Source = "own_history"     // runs that Resync has seen
	SourceArchive Source = "archived_plans"  // with runs of the engine's archived plans
	SourceEngine  Source = "engine_estimate" // the engine's own estimate and its confidence
	SourceNone    Source = ""
)

// Usual is what is usual for a job. Offsets count from the scheduled time in elapsed time, so that a night of 23 or 25 hours shifts
// nothing. Recovery jobs do not count, and of a chain of reruns the first start and the last end do.
type Usual struct {
	Start    Spread // from the scheduled time to the first start
	Duration Spread // of runs that succeeded
	End      Spread // from the scheduled time to the successful end
	// Succeeded of Ended runs did; both 0 when only an estimate is known.
	Succeeded, Ended int
	// Runs is how many ended runs the answer rests on, and Oldest when the first of them started.
	Runs   int
	Oldest time.Time
	// Like names the days that the figures are of where those of the key's schedule time differ from the others: a weekday in the plan's
	// zone, or "last day of the month"; "" for all days.
	Like string
	// Estimate and Confidence are the engine's; given with SourceEngine.
	Estimate   time.Duration
	Confidence string // as sent
	// Unread is why archived plans were not read although own runs are few; nil when they were, or were not needed. It never makes Usual
	// fail, and it is coded.
	Unread error
}

// usualRuns is how many of the last runs count on PostgreSQL, where there are more: of a daily job enough for the ends of six months.
const usualRuns = 200

// Usual tells what is usual for a job, and where it has that from: own history from 5 runs on; with fewer those of the last 7
// archived plans beside, which are asked for now, once for each job and plan; else the engine's estimate; else it is silent, with
// SourceNone and no error. The key's schedule time, if given, picks the days to compare with.
func (h *History) Usual(ctx context.Context, key twstools.Key) (Usual, Source, error) {
	r, u, source, err := h.fromRuns(ctx, key)
	if err != nil || source == SourceOwn && u.Runs >= enough || key.Job == "" {
		return u, source, err
	}
	unread := h.backfill(ctx, key)
	if unread == nil {
		if r, u, source, err = h.fromRuns(ctx, key); err != nil {
			return Usual{}, SourceNone, err
		}
	}
	u.Unread = unread
	if source != SourceNone {
		return u, source, nil
	}
	if r != nil && r.estimated > 0 {
		return Usual{Estimate: time.Duration(r.estimated) * time.Millisecond, Confidence: r.confidence, Unread: unread}, SourceEngine, nil
	}
	return Usual{Unread: unread}, SourceNone, nil
}

// fromRuns answers from the runs that are kept, if they are enough to say anything.
func (h *History) fromRuns(ctx context.Context, key twstools.Key) (*record, Usual, Source, error) {
	r, err := h.record(ctx, key)
	if err != nil {
		return nil, Usual{}, SourceNone, err
	}
	past, err := h.Runs(ctx, key, usualRuns)
	if err != nil {
		return nil, Usual{}, SourceNone, err
	}
	past = h.beside.join(h.id(identityOf(key)), past)
	past = slices.DeleteFunc(past, func(r Run) bool { return r.recovery() || r.End.IsZero() })
	if len(past) < minRuns {
		return r, Usual{}, SourceNone, nil
	}
	u := h.usual(past, key.Sched)
	source := SourceOwn
	if own := len(past) - archivedOf(past); own < enough && own < len(past) {
		source = SourceArchive
	}
	return r, u, source, nil
}

func archivedOf(past []Run) (n int) {
	for _, r := range past {
		n += int(number(r.Archived))
	}
	return n
}

// usual reckons over ended runs, newest first; with a schedule time it looks whether such days are unlike the others.
func (h *History) usual(past []Run, sched time.Time) Usual {
	u := reckon(past)
	if sched.IsZero() {
		return u
	}
	local := func(r Run) time.Time { return scheduled(r).In(h.Zone) }
	day := sched.In(h.Zone)
	for _, like := range []struct {
		name string
		is   func(t time.Time) bool
	}{
		{"last day of the month", lastOfMonth},
		{day.Weekday().String(), func(t time.Time) bool { return t.Weekday() == day.Weekday() }},
	} {
		if !like.is(day) {
			continue
		}
		var same, other []Run
		for _, r := range past {
			if like.is(local(r)) {
				same = append(same, r)
			} else {
				other = append(other, r)
			}
		}
		if a, b := reckon(same), reckon(other); unlike(a, b) {
			a.Like = like.name
			return a
		}
	}
	return u
}

func scheduled(r Run) time.Time {
	if r.Sched.IsZero() {
		return fromMillis(r.when())
	}
	return r.Sched
}

func lastOfMonth(t time.Time) bool { return t.AddDate(0, 0, 1).Day() == 1 }

// unlike reports whether the days of a differ from those of b beyond chance: enough of them, and a median of duration or start that lies
// outside of what nine in ten of the others keep to on that side.
func unlike(a, b Usual) bool {
	outside := func(a, b Spread) bool {
		return a.N >= enough && b.HasSpread && (a.Median < b.Low || a.Median > b.High)
	}
	return outside(a.Duration, b.Duration) || outside(a.Start, b.Start)
}

// reckon does the statistics over ended runs.
func reckon(past []Run) Usual {
	u := Usual{Runs: len(past)}
	type chain struct{ first, last *Run }
	chains := map[string]*chain{}
	var starts, durations, ends []time.Duration
	for i := range past {
		r := &past[i]
		u.Ended++
		if succeeded(r.Status) {
			u.Succeeded++
			if !r.Start.IsZero() && !r.End.Before(r.Start) {
				durations = append(durations, r.End.Sub(r.Start))
			}
		}
		if u.Oldest.IsZero() || !r.Start.IsZero() && r.Start.Before(u.Oldest) {
			u.Oldest = r.Start
		}
		if r.Sched.IsZero() || r.Start.IsZero() {
			continue
		}
		id := cmp.Or(r.Instance, r.Sched.Format(time.RFC3339)) // the runs of one instance
		c := chains[id]
		if c == nil {
			c = &chain{r, r}
			chains[id] = c
		}
		if r.Start.Before(c.first.Start) {
			c.first = r
		}
		if r.End.After(c.last.End) {
			c.last = r
		}
	}
	for _, c := range chains {
		starts = append(starts, c.first.Start.Sub(c.first.Sched))
		if succeeded(c.last.Status) {
			ends = append(ends, c.last.End.Sub(c.last.Sched))
		}
	}
	u.Start, u.Duration, u.End = spread(starts), spread(durations), spread(ends)
	return u
}
