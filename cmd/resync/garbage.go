package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"time"
)

// Go collects garbage when the heap has doubled. While little is live that is often, and a server that answers many small questions spends a fifth
// of its time on it; so the heap may grow to five times what is live, but never by more than spareHeap.
const (
	spareHeap   = 96 << 20
	mostPercent = 400
	gcInterval  = 5 * time.Second
)

// gcPercent is by how much the heap may grow over what is live until the next collection.
func gcPercent(live uint64) int {
	if live == 0 {
		return mostPercent
	}
	return int(min(mostPercent, max(100, spareHeap*100/live))) //nolint:gosec // between the two
}

// collectLess makes a server that stays collect less often, unless GOGC in the environment says how often. What the start has left behind goes back to the
// machine at once. It ends with ctx.
func (p *program) collectLess(ctx context.Context) {
	if slices.ContainsFunc(p.environ, func(e string) bool { return strings.HasPrefix(e, "GOGC=") }) {
		return
	}
	debug.FreeOSMemory()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	set := func() {
		if metrics.Read(live); live[0].Value.Kind() == metrics.KindUint64 {
			debug.SetGCPercent(gcPercent(live[0].Value.Uint64()))
		}
	}
	set()
	go func() {
		tick := time.NewTicker(gcInterval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				set()
			}
		}
	}()
}
