package main

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/twsmock"
)

// TestMCPEngineAway asks every tool while the engine refuses connections, or takes them and never answers.
func TestMCPEngineAway(t *testing.T) {
	t.Parallel()
	for _, how := range []struct {
		name  string
		spoil func(*testing.T, *enginePlant)
		fault func(*http.Request) *twsmock.Fault
		codes []string
	}{
		{name: "down", spoil: func(t *testing.T, p *enginePlant) {
			if err := p.engine.Close(); err != nil {
				t.Fatal(err)
			}
		}, codes: []string{"upstream_unavailable"}},
		{name: "stalls", spoil: func(_ *testing.T, p *enginePlant) { p.env["APP_TWS_TIMEOUT"] = "1s" },
			fault: twsmock.Every(1, "", &twsmock.Fault{Delay: time.Hour}), codes: []string{"timeout", "upstream_unavailable"}},
	} {
		for _, way := range [][2]string{{"stdio", modern}, {"http", legacy}} {
			t.Run(how.name+" "+way[0], func(t *testing.T) {
				t.Parallel()
				p := newPlant(t, how.fault)
				how.spoil(t, p)
				d := p.door(t, way[0], way[1])
				schemas := d.tools(t)
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second) // clients give up at 60 s
				defer cancel()
				start := time.Now()
				var all sync.WaitGroup
				for name, c := range toolCases {
					all.Go(func() {
						r, err := d.call(ctx, name, c.ask)
						switch {
						case err != nil:
							t.Errorf("%s: %v", name, err)
						case c.offline:
							checkAnswer(t, name, c, r, schemas[name])
						default:
							checkFailure(t, name, r, how.codes...)
						}
					})
				}
				all.Wait()
				t.Logf("%d tools answered within %v", len(toolCases), time.Since(start).Round(time.Millisecond))
			})
		}
	}
}
