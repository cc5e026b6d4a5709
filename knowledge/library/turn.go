package library

import (
	"context"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// pace is how those who ingest see each other. Nobody compares clocks: one whose beat does not move for as long as another watches it
// has died. Should it only have slept, its next write is refused, since the turn has a new number.
type pace struct {
	beat     time.Duration // how often the one whose turn it is says that it lives
	look     time.Duration // how often the others look
	patience time.Duration // how long the beat may stand still
}

func (p pace) withDefaults() pace {
	if p.patience <= 0 {
		return pace{beat: time.Second, look: 250 * time.Millisecond, patience: 6 * time.Second}
	}
	return p
}

// ownTurn is a turn that this ingest has.
type ownTurn struct {
	shelf  Shelf
	number int64
	pace   pace

	mu   sync.Mutex
	beat int64
}

// takeTurn waits until nobody ingests, or who did has died.
func takeTurn(ctx context.Context, shelf Shelf, o IngestOptions) (*ownTurn, error) {
	tick := time.NewTicker(o.pace.look)
	defer tick.Stop()
	var seen Turn
	var since time.Time
	for {
		t, err := shelf.Turn(ctx)
		if err != nil {
			return nil, err
		}
		if t != seen || since.IsZero() {
			seen, since = t, time.Now()
		}
		if !t.Taken || time.Since(since) >= o.pace.patience {
			err := shelf.SetTurn(ctx, t, Turn{Number: t.Number + 1, Taken: true})
			if err == nil {
				return &ownTurn{shelf: shelf, number: t.Number + 1, pace: o.pace}, nil
			}
			if !fault.Is(err, fault.Conflict) { // another one was faster: wait for it
				return nil, err
			}
		}
		o.Progress(Progress{Stage: "waiting"})
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// keep gives a context that ends when the turn has passed to somebody else, and says at every beat that this ingest lives, until stop.
func (t *ownTurn) keep(ctx context.Context) (working context.Context, stop func()) {
	working, cancel := context.WithCancelCause(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(t.pace.beat)
		defer tick.Stop()
		for {
			select {
			case <-working.Done():
				return
			case <-tick.C:
			}
			// An error other than that the turn is lost will be met by the ingest itself.
			if err := t.set(working, true); fault.Is(err, fault.Conflict) {
				cancel(err)
				return
			}
		}
	})
	return working, func() {
		cancel(nil)
		done.Wait()
	}
}

func (t *ownTurn) set(ctx context.Context, taken bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.beat++
	return t.shelf.SetTurn(ctx, Turn{Number: t.number, Taken: true}, Turn{Number: t.number, Beat: t.beat, Taken: taken})
}

// release gives the turn back, also when the caller has been cancelled. Where that fails the next one waits out its patience.
func (t *ownTurn) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.pace.patience)
	defer cancel()
	_ = t.set(ctx, false)
}
