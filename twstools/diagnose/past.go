package diagnose

import (
	"context"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

// Past answers "usual" and "before" (DESIGN.md 4.10); *history.History is one. A Diagnoser without one has nil, and then nothing is known
// but what the plan itself says. Usual tells which source its answer comes from: own history, archived plans, the engine's estimate, or
// none. Below five own runs it asks the engine for archived plans (one call for their list, one for each of seven, once a job); callers
// bound for how many jobs they ask. Runs, Digest and Before ask the engine nothing.
type Past interface {
	Usual(ctx context.Context, key twstools.Key) (history.Usual, history.Source, error)
	Runs(ctx context.Context, key twstools.Key, limit int) ([]history.Run, error)
	Digest(ctx context.Context, key twstools.Key) (history.Digest, error)
	Before(ctx context.Context, key twstools.Key, t time.Time) (state history.State, known bool, err error)
}
