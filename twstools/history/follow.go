package history

import (
	"context"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// Batch is what a feed gives at once.
type Batch struct {
	Changes []twstools.Change // oldest first
	Next    uint64            // where to go on
	Gap     bool              // changes before these are lost
}

// Feed tells what changed, as the reader does: the changes after since, 0 for all that it still has; it waits until there are some.
// When ctx ends first it gives an error and since stays good.
type Feed func(ctx context.Context, since uint64) (Batch, error)

// Counter counts jobs without asking the engine anew, as the reader does.
type Counter interface {
	Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error)
}

// Lost is the kind of an event which says that changes before it went by unseen: nobody watched, or the feed could not hold them all.
const Lost twstools.ChangeKind = "lost"

// Follow keeps what a feed tells until ctx ends. What cannot be read or kept is logged and taken again after Options.Retry; nothing is
// passed over, since what was not kept is not counted as seen. The caller owns the goroutine.
func (h *History) Follow(ctx context.Context, feed Feed) {
	var since uint64
	for ctx.Err() == nil {
		next, err := h.step(ctx, feed, since)
		if err == nil {
			since = next
			continue
		}
		if ctx.Err() != nil {
			return
		}
		if !fault.Is(err, fault.Timeout) { // a feed may end a wait in which nothing came
			h.Logger.WarnContext(ctx, "history: changes are not kept yet", "engine", h.Engine, "error", err)
		}
		h.pause(ctx)
	}
}

func (h *History) step(ctx context.Context, feed Feed, since uint64) (uint64, error) {
	b, err := feed(ctx, since)
	if err != nil {
		return since, err
	}
	if b.Gap {
		now := h.Now()
		b.Changes = append([]twstools.Change{{Kind: Lost, At: now, SeenAt: now, Key: twstools.Key{Engine: h.Engine}}}, b.Changes...)
	}
	if err := h.Observe(ctx, b.Changes, nil); err != nil {
		return since, err
	}
	return b.Next, nil
}

func (h *History) pause(ctx context.Context) {
	t := time.NewTimer(h.Retry)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// FollowCounts keeps how many jobs stand in which status at each tick until ctx or the ticks end; the caller ticks once a minute, and
// owns the goroutine. A minute in which they cannot be read is missing, as one that nobody watched.
func (h *History) FollowCounts(ctx context.Context, counter Counter, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-ticks:
			if !ok {
				return
			}
		}
		c, err := counter.Counts(ctx, twstools.CountQuery{GroupBy: []string{"status"}})
		if err == nil {
			err = h.Observe(ctx, nil, &Counts{At: h.Now(), Total: c.Total, ByStatus: c.Groups})
		}
		if err != nil && ctx.Err() == nil {
			h.Logger.WarnContext(ctx, "history: counts are not kept", "engine", h.Engine, "error", err)
		}
	}
}
