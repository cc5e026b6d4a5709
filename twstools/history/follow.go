package history

import (
	"context"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Feed tells what changed, as the reader does: the changes after since in the order of their Seq, 0 for all that it still has. It may
// wait until there is one.
type Feed interface {
	Changes(ctx context.Context, since uint64) ([]twstools.Change, error)
}

// Counter counts jobs without asking the engine anew, as the reader does.
type Counter interface {
	Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error)
}

// Follow observes a feed until ctx ends: at each tick it takes what is new and, if counter is not nil, the counts of jobs by status once
// a minute. What cannot be read or kept is logged and taken again at the next tick; nothing is passed over, since what was not kept is
// not counted as seen. The ticks should come as often as the reader refreshes; the caller owns them and this goroutine.
func (h *History) Follow(ctx context.Context, feed Feed, counter Counter, ticks <-chan time.Time) {
	var since uint64
	var counted time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-ticks:
			if !ok {
				return
			}
		}
		since, counted = h.step(ctx, feed, counter, since, counted)
	}
}

// step takes one tick's work; it gives the last change that is kept and the last minute that is counted.
func (h *History) step(ctx context.Context, feed Feed, counter Counter, since uint64, counted time.Time) (uint64, time.Time) {
	changes, err := feed.Changes(ctx, since)
	if err != nil {
		h.warn(ctx, "history: changes cannot be read", err)
		return since, counted
	}
	minute := h.Now().UTC().Truncate(time.Minute)
	var counts *Counts
	if counter != nil && !minute.Equal(counted) {
		c, err := counter.Counts(ctx, twstools.CountQuery{GroupBy: []string{"status"}})
		if err != nil {
			h.warn(ctx, "history: counts cannot be read", err)
		} else {
			counts = &Counts{At: minute, Total: c.Total, ByStatus: c.Groups}
		}
	}
	if len(changes) == 0 && counts == nil {
		return since, counted
	}
	if err := h.Observe(ctx, changes, counts); err != nil {
		h.warn(ctx, "history: changes cannot be kept", err)
		return since, counted
	}
	for _, c := range changes {
		since = max(since, c.Seq)
	}
	if counts != nil {
		counted = minute
	}
	return since, counted
}

func (h *History) warn(ctx context.Context, message string, err error) {
	if ctx.Err() == nil {
		h.Logger.WarnContext(ctx, message, "engine", h.Engine, "error", err)
	}
}
