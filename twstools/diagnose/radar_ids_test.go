package diagnose_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/world"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// troubled is a world with findings that recur and findings of one instance, told for a day and under stream ids of its own.
func troubled(t *testing.T, ids string) *world.World {
	t.Helper()
	stream := func(name string, more map[string]any) map[string]any {
		out := map[string]any{"name": name, "workstation": "LX1", "sched": "02:30", "state": "HOLD", "id": fmt.Sprintf("0AAAAAAAAAA%s%s", ids, name[:4]), "jobs": []any{map[string]any{"name": "P1"}}}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	twin := stream("TWIN", map[string]any{"state": "SUCC", "key": "TWIN2", "submitter": "ana"})
	twin["id"] = "0AAAAAAAAAA" + ids + "TWIM"
	return sighting{World: map[string]any{
		"workstations": []any{map[string]any{"name": "AG2", "type": "FTA", "limit": 0, "fence": 0, "states": []any{"LINKED", "JOBMAN_UP"}}},
		"streams":      []any{stream("HELD", map[string]any{"priority": 0}), stream("TWIN", map[string]any{"state": "SUCC"}), twin},
	}}.load(t)
}

// Ids go by engine, rule and entity. What stands from day to day keeps its id, what belongs to one instance does not; and the ids of these
// findings stand here, so that a change of how they are made is noticed: it would void what people have acknowledged.
func TestRadarIDsAreStable(t *testing.T) {
	ids := func(w *world.World, engine string) map[string]string {
		rep, err := radarOver(world.Engine(w, world.Options{Name: engine}), w, engine, nil).Scan(t.Context(), diagnose.RadarRequest{})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, i := range rep.Items {
			out[i.Rule] = i.ID
		}
		return out
	}
	today, tomorrow, other := ids(troubled(t, "A"), "default"), ids(troubled(t, "B"), "default"), ids(troubled(t, "A"), "north")
	if len(today) != 3 {
		t.Fatalf("findings %v", today)
	}
	want := map[string]string{"workstation_limit_zero": "lt4i3lw5kc4t", "held": "5ytxdw6sz6ph", "duplicate": "4fovlf2f5fie"}
	for rule, id := range want {
		if today[rule] != id {
			t.Errorf("id of %s = %s, want %s", rule, today[rule], id)
		}
		if same := tomorrow[rule] == today[rule]; same != (rule != "duplicate") {
			t.Errorf("%s: the same id in another instance: %v", rule, same)
		}
		if other[rule] == today[rule] {
			t.Errorf("%s has one id on two engines", rule)
		}
	}
}

// Folders and interfaces spell one thing in several ways; case and order of what stands apart must not meet in one id.
func TestRadarIDsAreUnique(t *testing.T) {
	e := func(typ twstools.EntityType, folder, ws, stream, job, name string) twstools.Entity {
		return twstools.Entity{Type: typ, Folder: folder, Workstation: ws, Stream: stream, Job: job, Name: name}
	}
	seen := map[string]string{}
	for _, rule := range plan.RadarRules() {
		for _, x := range []twstools.Entity{e("job_stream", "/", "A", "S", "", ""), e("job_stream", "/F", "A", "S", "", ""), e("job", "/", "A", "S", "J", ""), e("job", "/", "AS", "", "J", ""),
			e("workstation", "/", "A", "", "", ""), e("resource", "/", "A", "", "", "S"), e("prompt", "/", "", "", "", "S"), e("prompt", "/", "", "", "", "#7")} {
			for _, of := range []string{"", "Mailbox.msg", "x"} {
				for _, instance := range []string{"", "0AAAAAAAAAAAAAAA", "x"} {
					what := fmt.Sprint(rule, x, of, instance)
					id := diagnose.FindingID("default", plan.Finding{Rule: rule, Entity: x, Of: of, Instance: instance})
					if have, twice := seen[id]; twice {
						t.Fatalf("%s and %s have one id", have, what)
					}
					seen[id] = what
				}
			}
		}
	}
	slash := diagnose.FindingID("default", plan.Finding{Rule: "held", Entity: e("job_stream", "", "/A", "S", "", "")})
	if slash != diagnose.FindingID("default", plan.Finding{Rule: "held", Entity: e("job_stream", "/", "A", "S", "", "")}) {
		t.Error("the two interfaces give one stream two ids")
	}
}

// A plant that runs as it should shows nothing: people leave a list that is full of what is normal.
func TestRadarOfHealthyPlants(t *testing.T) {
	for hour := 0; hour < 24; hour += 4 {
		d, err := sim.Bank()
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 3, 17, hour, 20, 0, 0, time.UTC)
		s, err := sim.Since(d, sim.Options{Seed: uint64(hour) + 1, Start: at, Zone: time.UTC}, 8*24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		w := sim.Live(s, func() time.Time { return at }).World()
		for _, i := range scan(t, world.Engine(w, world.Options{}), w, nil, "en").Items {
			t.Errorf("at %02d:20 the radar shows %s %s: %s", hour, i.Severity, i.Rule, i.Statement)
		}
	}
}

// The demo's night has three things that are wrong though nothing is red, and the radar shows those.
func TestRadarOfTheDemo(t *testing.T) {
	w, err := world.Demo(caseClock)
	if err != nil {
		t.Fatal(err)
	}
	rep := scan(t, world.Engine(w, world.Options{}), w, nil, "pt")
	var got []string
	for _, i := range rep.Items {
		got = append(got, i.Rule+" "+bare(i.Entity))
	}
	if want := []string{"prompt_asked PAYLIMIT", "agent_unlinked FRLWIN02", "running_long FRLPOL01#POLRENEW.REN_CALC"}; !slices.Equal(got, want) {
		t.Errorf("radar = %q, want %q", got, want)
	}
	sound(t, rep)
}

// shut is an engine of which some lists cannot be read.
type shut struct {
	twstools.Engine
	metrics twstools.Metrics
	err     error
}

func (b shut) Jobs(context.Context, twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return twstools.List[twstools.Job]{}, b.err
}

func (b shut) Prompts(context.Context, twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	return twstools.List[twstools.Prompt]{}, fault.New(fault.Unsupported, "no prompts")
}

func (b shut) Capabilities() twstools.Capabilities { return twstools.Capabilities{Metrics: b} }

func (b shut) Metrics(context.Context) (twstools.Metrics, error) { return b.metrics, nil }

// What cannot be read is told, part by part, and never taken for good; a database that the metrics show as gone is found all the same.
func TestRadarTellsWhatItCouldNotCheck(t *testing.T) {
	w := sighting{}.load(t)
	gone := false
	e := shut{Engine: world.Engine(w, world.Options{}), metrics: twstools.Metrics{DatabaseConnected: &gone}, err: fault.New(fault.UpstreamUnavailable, "The engine does not answer.")}
	rep := scan(t, e, w, nil, "en")
	if len(rep.Items) != 1 || rep.Items[0].Rule != "database_down" || len(rep.Failures) == 0 {
		t.Errorf("items %+v, failures %v", rep.Items, rep.Failures)
	}
	all := strings.Join(rep.Missing, "\n")
	for _, part := range []string{"running and ready jobs", "FINAL, CHECKSYNC", "questions are not checked", "batchman lives", "queues could not be read", "missing from the plan are not checked"} {
		if !strings.Contains(all, part) {
			t.Errorf("missing does not tell %q:\n%s", part, all)
		}
	}
}

// A plan in which nothing has moved for days is an old copy, or its clock is wrong.
func TestRadarOfAPlanThatStandsStill(t *testing.T) {
	w := sighting{Replace: map[string]any{"window": nil}}.load(t)
	w.AsOf = w.AsOf.Add(72 * time.Hour)
	rep := scan(t, world.Engine(w, world.Options{}), w, nil, "en")
	if len(rep.Items) == 0 || rep.Items[0].Rule != "copy_old" || rep.Items[0].Severity != plan.Critical || rep.Items[0].Kind != "plan.mirror" {
		t.Errorf("items = %+v", rep.Items)
	}
}
