package twstools_test

import (
	"testing"

	"github.com/resync-hwa/resync/twstools"
)

// Whoever counts around somebody who counts, counts the same calls.
func TestCallCounters(t *testing.T) {
	twstools.CountCall(t.Context()) // nobody counts
	ctx, outer := twstools.WithCallCounter(t.Context(), nil)
	twstools.CountCall(ctx)
	within, inner := twstools.WithCallCounter(ctx, nil)
	twstools.CountCall(within)
	twstools.CountCall(within)
	if outer.Load() != 3 || inner.Load() != 2 {
		t.Errorf("outer %d, inner %d", outer.Load(), inner.Load())
	}
}
