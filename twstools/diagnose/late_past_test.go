package diagnose_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/history"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

// kept is a past in which every job takes as long as its name is told here, from own history where own says so.
type kept struct {
	takes map[string]time.Duration
	own   bool
	asked []string // for whom archived plans would be read
	err   error
}

func (r *kept) Usual(_ context.Context, key twstools.Key) (history.Usual, history.Source, error) {
	if !r.own {
		r.asked = append(r.asked, key.Job)
	}
	d, ok := r.takes[key.Job]
	if !ok || r.err != nil {
		return history.Usual{}, history.SourceNone, r.err
	}
	u := history.Usual{Runs: 12, Duration: history.Spread{Median: d, Low: d, High: d + 30*time.Minute, HasSpread: true, N: 12}}
	if r.own {
		return u, history.SourceOwn, nil
	}
	return u, history.SourceArchive, nil
}

func (r *kept) Runs(_ context.Context, _ twstools.Key, limit int) ([]history.Run, error) {
	if !r.own {
		return nil, r.err
	}
	return make([]history.Run, limit), r.err
}

func (r *kept) Digest(context.Context, twstools.Key) (history.Digest, error) {
	return history.Digest{}, nil
}

func (r *kept) Before(context.Context, twstools.Key, time.Time) (history.State, bool, error) {
	return history.State{}, false, nil
}

const relay = `
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: N1, type: FTA, limit: 10, states: [LINKED, RUNNING, JOBMAN_UP]}]
streams:
  - {name: RELAY, workstation: N1, sched: "05:00", state: EXEC, start: "05:50", deadline: "08:00", jobs: [{name: ONE, state: EXEC, start: "05:50", takes: 30m}, {name: TWO, state: HOLD, takes: 20m}, {name: THREE, state: HOLD, takes: 10m}, {name: FOUR, state: HOLD, takes: 5m}]}
`

// TestLateByThePast holds the order of sources of DESIGN.md 4.10: own history, archived plans for a few, else the engine's estimate; and a past
// that cannot be asked takes nothing from the answer.
func TestLateByThePast(t *testing.T) {
	for _, c := range []struct {
		name    string
		past    *kept
		target  string
		sources string
		end     string
		asked   int
	}{
		{"own", &kept{own: true, takes: map[string]time.Duration{"ONE": 40 * time.Minute, "TWO": time.Hour}}, "RELAY.FOUR", "own_history own_history engine_estimate engine_estimate", "07:45", 0},
		{"archived, for the two longest", &kept{takes: map[string]time.Duration{"ONE": 40 * time.Minute, "THREE": time.Hour}}, "RELAY.FOUR", "archived_plans engine_estimate engine_estimate engine_estimate", "07:05", 2},
		{"nothing archived is read for the whole plan", &kept{takes: map[string]time.Duration{"ONE": 40 * time.Minute}}, "", "engine_estimate engine_estimate engine_estimate engine_estimate", "06:55", 0},
		{"a past that cannot be read", &kept{own: true, err: errors.New("locked")}, "RELAY.FOUR", "engine_estimate engine_estimate engine_estimate engine_estimate", "06:55", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(relay)}}, caseClock)
			if err != nil {
				t.Fatal(err)
			}
			e := world.Engine(w, world.Options{})
			zone := func(context.Context) *time.Location { return time.UTC }
			d := diagnose.New(diagnose.Options{Engine: e, Finder: reader.NewFinder(e, zone, func() time.Time { return w.AsOf }), Name: "default", Zone: zone, Past: c.past,
				PlanNow: func() (time.Time, bool) { return w.AsOf, false }})
			r, err := d.Late(t.Context(), diagnose.LateRequest{Target: c.target})
			if err != nil || len(r.Rows) != 1 {
				t.Fatalf("%d rows, %v", len(r.Rows), err)
			}
			var sources []string
			for _, p := range r.Rows[0].Parts {
				sources = append(sources, p.Source)
				if p.Source == "own_history" {
					quotes(t, r.Sources, "history:"+p.Entity, "usual_duration", (time.Duration(p.UsualMinutes) * time.Minute).String())
				}
			}
			if got := strings.Join(sources, " "); got != c.sources || clockOf(r.Rows[0].PredictedEnd) != c.end {
				t.Errorf("%s, ends %s; want %s and %s", got, r.Rows[0].PredictedEnd, c.sources, c.end)
			}
			if len(c.past.asked) != c.asked {
				t.Errorf("archived plans were asked for %q, want %d jobs", c.past.asked, c.asked)
			}
			addsUp(t, caseClock, r.Rows[0])
		})
	}
}
