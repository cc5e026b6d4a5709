package sim_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// TestWrongDefinitions holds that everything wrong is said, and what it is.
func TestWrongDefinitions(t *testing.T) {
	const head = "workstations: [{name: A}]\nresources: [{name: R, on: A, quantity: 2}]\nstreams: [{name: S, on: A, jobs: [{name: J}, {name: K}]}]\n"
	for name, c := range map[string]struct{ plant, want string }{
		"no-workstation":   {"streams: [{name: S, on: B, jobs: [{name: J}]}]", `workstation "B"`},
		"twice":            {"workstations: [{name: A}]\nstreams: [{name: S, on: A}, {name: S, on: A}]", `"S" has no name or is there twice`},
		"no-predecessor":   {"workstations: [{name: A}]\nstreams: [{name: S, on: A, jobs: [{name: J, needs: [{job: X.Y}]}]}]", `"X.Y"`},
		"circle":           {"workstations: [{name: A}]\nstreams: [{name: S, on: A, jobs: [{name: J, after: [K]}, {name: K, after: [J]}]}]", "circle"},
		"many-units":       {head + "prompts: []\ncalendars: {C: [x]}", `"x" is no date`},
		"units":            {strings.Replace(head, "{name: K}", `{name: K, needs: [{resource: "A#R", quantity: 1025}]}`, 1), "1 to 1024 units"},
		"units-twice":      {strings.Replace(head, "jobs: [{name: J}", `needs: [{resource: "A#R"}], jobs: [{name: J, needs: [{resource: "A#R"}]}`, 1), "only one of the two"},
		"condition":        {strings.Replace(head, "{name: K}", `{name: K, rccondsucc: "RC=<4"}`, 1), "no condition on a return code"},
		"two-untils":       {strings.Replace(head, "on: A, jobs", `on: A, until: "10:00", jsuntil: "11:00", jobs`, 1), "until and jsuntil"},
		"two-kinds":        {strings.Replace(head, "{name: K}", `{name: K, needs: [{resource: "A#R", file: /x, on: A}]}`, 1), "exactly one of"},
		"zone":             {"engine: {timezone: Mars/Base}", "Mars/Base"},
		"half-a-day":       {"plan: {length: 5h}", "whole number of days"},
		"log":              {strings.Replace(head, "{name: K}", `{name: K, log: nothing}`, 1), `log pattern "nothing"`},
		"priority":         {strings.Replace(head, "{name: K}", `{name: K, priority: 102}`, 1), "between 0 and 101"},
		"run-cycle":        {strings.Replace(head, "on: A, jobs", "on: A, run: [{every: fortnight}], jobs", 1), `"fortnight"`},
		"member-of-a-join": {strings.Replace(head, "{name: K}", `{name: K, needs: [{join: X, of: [{resource: "A#R"}]}]}`, 1), "no member of a join"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sim.New(parse(t, c.plant), sim.Options{Start: monday})
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want invalid with %q", err, c.want)
			}
		})
	}
	for name, text := range map[string]string{"key": "streams: [{nome: S}]", "time": `streams: [{name: S, at: "25:00"}]`, "yaml": "a: [", "duration": "streams: [{name: S, jobs: [{name: J, takes: long}]}]"} {
		if _, err := sim.Parse([]byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sim.Load(fstest.MapFS{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := sim.Load(fstest.MapFS{"a.yaml": {Data: []byte("nothing: 1")}}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "a.yaml") {
		t.Errorf("an unknown key: %v", err)
	}
}

// FuzzParse holds that no text makes the loader or a day of its plant fail in any other way than with a coded error.
func FuzzParse(f *testing.F) {
	f.Add(base)
	f.Add("streams: [{name: S, on: A, run: [{every: monthly, days: [\"-1\"]}], jobs: [{name: J, rccondsucc: \"NOT (RC>4 AND RC<8)\"}]}]")
	f.Add("workstations: [{name: A}]\nstreams: [{name: S, on: A, jobs: [{name: J, every: 1h, until: \"05:00\"}, {name: K, needs: [{join: X, quantity: 1, of: [{job: J, if: [ABEND]}]}]}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := sim.Parse([]byte(text))
		if err == nil {
			var s *sim.Sim
			if s, err = sim.New(d, sim.Options{Start: monday}); err == nil {
				for range 500 {
					next, ok := s.Next()
					if !ok || next.After(monday.Add(24*time.Hour)) {
						break
					}
					s.Advance(next)
				}
				err = s.World().Validate()
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("an error of another kind: %v", err)
		}
	})
}
