package main

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

// TestMCPEngineAway asks every tool while the engine refuses connections, while it takes them and never answers, and after it has fallen silent. Each tool must
// say so itself, well before clients give up at 60 s.
func TestMCPEngineAway(t *testing.T) {
	t.Parallel()
	for _, how := range []struct {
		name   string
		closed bool // nothing listens
		before bool // the tools were asked once while all was well
		within string
		codes  []string
	}{
		{"down", true, false, "1s", []string{"upstream_unavailable"}},
		{"stalls", false, false, "1s", []string{"timeout", "upstream_unavailable"}},
		{"falls silent", false, true, "6s", []string{"timeout", "upstream_unavailable"}},
	} {
		for _, way := range [][2]string{{"stdio", modern}, {"http", legacy}} {
			t.Run(how.name+" "+way[0], func(t *testing.T) {
				t.Parallel()
				var silent atomic.Bool
				p := newPlant(t, func(*http.Request) *twsmock.Fault {
					if silent.Load() {
						return &twsmock.Fault{Delay: time.Hour}
					}
					return nil
				})
				p.env["APP_TWS_TIMEOUT"] = how.within
				if how.closed {
					if err := p.engine.Close(); err != nil {
						t.Fatal(err)
					}
				}
				silent.Store(!how.before)
				d := p.door(t, way[0], way[1])
				schemas := d.tools(t)
				if how.before {
					for name, c := range toolCases {
						if r, err := d.call(t.Context(), name, c.ask); err != nil || r.IsError {
							t.Fatalf("%s: %v %s", name, err, r.StructuredContent)
						}
					}
					silent.Store(true)
					p.clock.forward(time.Minute)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
				defer cancel()
				start := time.Now()
				var all sync.WaitGroup
				var stale atomic.Int32
				for name, c := range toolCases {
					all.Go(func() {
						r, err := d.call(ctx, name, c.ask)
						switch {
						case err != nil:
							t.Errorf("%s: %v", name, err)
						case c.offline:
							checkAnswer(t, name, c, r, schemas[name])
						case how.before && !r.IsError:
							checkStale(t, name, r)
							stale.Add(1)
						default:
							checkFailure(t, name, r, how.codes...)
						}
					})
				}
				all.Wait()
				if how.before != (stale.Load() > 0) {
					t.Errorf("%d tools served what was read before", stale.Load())
				}
				t.Logf("%d tools answered within %v, %d of them with what was read before", len(toolCases), time.Since(start).Round(time.Millisecond), stale.Load())
			})
		}
	}
}

// checkStale holds that an older answer is marked.
func checkStale(t *testing.T, name string, r called) {
	t.Helper()
	var e toolkit.Envelope
	if err := json.Unmarshal(r.StructuredContent, &e); err != nil || !e.Stale {
		t.Errorf("%s: an older answer is not marked as stale: %v %.300s", name, err, r.StructuredContent)
	}
}
