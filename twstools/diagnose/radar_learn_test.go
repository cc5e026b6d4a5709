package diagnose_test

import (
	"context"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

// asking counts how often definitions are asked for.
type asking struct {
	twstools.Engine
	definitions int
}

func (e *asking) Capabilities() twstools.Capabilities {
	c := twstools.CapabilitiesOf(e.Engine)
	c.Definitions = asked{c.Definitions, e}
	return c
}

type asked struct {
	twstools.DefinitionReader
	by *asking
}

func (a asked) JobStreamDefinitions(ctx context.Context, pattern string, limit int) ([]twstools.JobStreamDefinition, error) {
	a.by.definitions++
	return a.DefinitionReader.JobStreamDefinitions(ctx, pattern, limit)
}

// What should be in the plan is learnt once an hour. The plan's now comes from a clock of whole seconds, so that it may be a little earlier at the next
// look: that is no reason to ask again; one that went back by hours is.
func TestRadarLearnsOnceAnHour(t *testing.T) {
	w, err := world.Demo(caseClock)
	if err != nil {
		t.Fatal(err)
	}
	e, now := &asking{Engine: world.Engine(w, world.Options{})}, w.AsOf
	zone := func(context.Context) *time.Location { return time.UTC }
	clock := func() time.Time { return now }
	r := diagnose.NewRadar(diagnose.Options{Engine: e, Finder: reader.NewFinder(e, zone, clock), Name: "default", Zone: zone, PlanNow: func() (time.Time, bool) { return now, false }})
	for _, look := range []struct {
		at   time.Duration
		want int // of all looks so far
	}{{0, 1}, {10 * time.Minute, 1}, {-time.Second, 1}, {-30 * time.Minute, 1}, {61 * time.Minute, 2}, {62 * time.Minute, 2}, {-2 * time.Hour, 3}} {
		now = w.AsOf.Add(look.at)
		if _, err := r.Scan(t.Context(), diagnose.RadarRequest{}); err != nil {
			t.Fatal(err)
		}
		if e.definitions != look.want {
			t.Fatalf("at %s definitions were asked for %d times, want %d", look.at, e.definitions, look.want)
		}
	}
}
