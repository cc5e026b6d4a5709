package tools_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/twstools/world"
)

// Where the engine does not name the plan's zone, its master does: a plan is made in the master's zone (AD, start of day).
func TestMastersZoneIsThePlans(t *testing.T) {
	const plant = `
clock: "06:00"
workstations:
  - {name: MDM, type: MANAGER, timezone: America/Sao_Paulo, states: [LINKED, RUNNING, JOBMAN_UP]}
  - {name: FAR, type: FTA, timezone: Europe/Lisbon, states: [LINKED, RUNNING, JOBMAN_UP]}
streams:
  - {name: PAY, workstation: MDM, sched: "05:00", state: SUCC, jobs: [{name: LOAD, state: SUCC, start: "05:30", ran: 1m}]}
`
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(plant)}}, time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	w.Info.TimeZone = ""
	r := set(t, world.Engine(w, world.Options{})).Call(t.Context(), "diagnose_job", []byte(`{"target":"LOAD"}`))
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	raw, err := json.Marshal(r.Envelope)
	if err != nil {
		t.Fatal(err)
	}
	if raw := string(raw); !strings.Contains(raw, `-03:00"`) || strings.Contains(raw, "so times are in UTC") {
		t.Errorf("times are not in the master's zone: %s", raw)
	}
}
