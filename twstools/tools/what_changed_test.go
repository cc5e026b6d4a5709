package tools_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

// mill is a small plant at six in the morning with two runs of one stream, an archived plan of the day before, and audit records.
const mill = `
engine: {version: 10.2.5, timezone: UTC}
clock: "06:00"
workstations: [{name: NODE1, type: FTA, limit: 10, states: [LINKED, RUNNING, JOBMAN_UP]}]
archived: [{days_ago: 1, except: [{job: MILL.CUT, ran: 2m}]}]
audit:
  - {action: ALTPRI, object_type: JOB, object: NODE1#PACK.BOX, user: ana, message: priority 0, at: "05:10"}
  - {action: RERUN, object_type: JOB, object: NODE1#GLUE.PRESS, user: rui, at: "05:21"}
streams:
  - {name: MILL, workstation: NODE1, sched: "02:00", state: SUCC, jobs: [{name: CUT, start: "02:00", ran: 5m}, {name: TURN, start: "02:06", ran: 10m}]}
  - {name: GLUE, workstation: NODE1, sched: "05:00", state: SUCC, jobs: [{name: PRESS, runs: [{start: "05:00", ran: 4m, state: ABEND, rc: 3}, {start: "05:22", ran: 6m, state: SUCC, rc: 0}]}]}
  - {name: PACK, workstation: NODE1, sched: "05:30", state: STUCK, jobs: [{name: BOX, state: ABEND, rc: 8, start: "05:30", ran: 9m}, {name: SHIP, state: HOLD}]}
  - {key: MILL2, name: MILL, workstation: NODE1, sched: "04:00", state: SUCC, jobs: [{name: CUT, start: "04:00", ran: 25m}, {name: TURN, start: "04:26", ran: 11m}]}
`

func millAt(t *testing.T, text string) twstools.Engine {
	t.Helper()
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(text)}}, time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return world.Engine(w, world.Options{})
}

// seen is a past that was watched: a limit set to zero at ten past five, and nothing else.
type seen struct{ gap bool }

func (s seen) Happened(_ context.Context, from, to time.Time) (history.Happened, error) {
	h := history.Happened{Events: []history.Event{{At: time.Date(2026, 3, 17, 5, 11, 0, 0, time.UTC), Kind: twstools.PropertyChanged,
		Key: twstools.Key{Folder: "/", StreamWorkstation: "NODE1", Stream: "PACK", Job: "BOX"}, Field: "priority", Old: "10", New: "0"}}}
	if s.gap {
		h.Gaps = []history.Gap{{From: from, To: to}}
	}
	return h, nil
}

func changesSet(t *testing.T, o tools.Options) *toolkit.Set {
	t.Helper()
	o.Name, o.Mode, o.API, o.Clock = "default", "mock", "v2", func() time.Time { return time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC) }
	all, err := tools.New(o).All()
	if err != nil {
		t.Fatal(err)
	}
	s, err := toolkit.NewSet(all...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rows(out tools.WhatChangedOut) []string {
	var said []string
	for _, r := range out.Changes {
		said = append(said, strings.TrimSpace(fmt.Sprintf("%s %s %s %s>%s %s", r.Kind, r.Entity, r.Field, r.Before, r.After, r.By)))
	}
	return said
}

func TestWhatChanged(t *testing.T) {
	const other = `
engine: {timezone: UTC}
clock: "06:00"
workstations: [{name: NODE1, type: FTA}]
streams:
  - {name: GLUE, workstation: NODE1, sched: "05:20", state: SUCC, jobs: [{name: PRESS, start: "05:20", ran: 20m}, {name: DRY, state: HOLD}]}
`
	tests := []struct {
		name, args string
		seen       tools.Remembered
		want       []string
		counts     map[string]int
		missing    string // part of a line; "" means that there is none of that source
		code       fault.Code
	}{
		{name: "the last two hours, remembered", args: `{}`, seen: seen{}, want: []string{
			"failed NODE1#PACK[(0530 03/17/26)].BOX status >ABEND rc 8",
			"recovered NODE1#GLUE[(0500 03/17/26)].PRESS status ABEND>SUCC rc 0",
			"action NODE1#GLUE.PRESS rerun > rui",
			"property NODE1#PACK.BOX priority 10>0 ana",
			"failed NODE1#GLUE[(0500 03/17/26)].PRESS status >ABEND rc 3"},
			counts: map[string]int{"runs_started": 5, "runs_ended_well": 3, "runs_ended_badly": 2, "failed": 2, "recovered": 1}},
		{name: "nothing remembered is said", args: `{"since":"30m"}`, want: []string{"failed NODE1#PACK[(0530 03/17/26)].BOX status >ABEND rc 8"}, missing: "history:default: nothing is remembered"},
		{name: "a gap is said", args: `{"since":"05:25"}`, seen: seen{gap: true}, missing: "nobody watched from 2026-03-17T05:25:00Z", want: []string{
			"failed NODE1#PACK[(0530 03/17/26)].BOX status >ABEND rc 8", "recovered NODE1#GLUE[(0500 03/17/26)].PRESS status ABEND>SUCC rc 0", "property NODE1#PACK.BOX priority 10>0"}},
		{name: "one stream", args: `{"target":"PACK","since":"2026-03-17T05:00:00Z"}`, want: []string{
			"failed NODE1#PACK[(0530 03/17/26)].BOX status >ABEND rc 8", "action NODE1#PACK.BOX altpri >priority 0 ana"}, missing: "history:"},
		{name: "two runs in the plan", args: `{"target":"MILL","against":"previous_run"}`, want: []string{
			"slower NODE1#MILL[(0400 03/17/26)].CUT elapsed 5 min>25 min", "moved NODE1#MILL[(0400 03/17/26)].CUT sched_time 02:00>04:00", "moved NODE1#MILL[(0400 03/17/26)].TURN sched_time 02:00>04:00"}},
		{name: "the run before is in an archived plan", args: `{"target":"PACK","against":"previous_run"}`, want: []string{
			"worse NODE1#PACK[(0530 03/17/26)].BOX status SUCC>ABEND"}},
		{name: "the plan before", args: `{"against":"previous_plan","target":"MILL.CUT"}`, want: []string{
			"new NODE1#MILL[(0400 03/17/26)].CUT  >"}},
		{name: "the plan of a date", args: `{"against":"plan 2026-03-16","target":"PACK"}`, want: []string{"worse NODE1#PACK[(0530 03/17/26)].BOX status SUCC>ABEND"}},
		{name: "no plan of that date", args: `{"against":"plan 2026-01-02"}`, code: fault.NotFound},
		{name: "another engine", args: `{"against":"engine twin","target":"GLUE"}`, want: []string{
			"gone NODE1#GLUE[(0520 03/17/26)].DRY  >", "moved NODE1#GLUE[(0500 03/17/26)].PRESS sched_time 05:20>05:00"}, missing: "may not list"},
		{name: "an engine that is not there", args: `{"against":"engine moon"}`, code: fault.NotFound},
		{name: "nothing to compare with", args: `{"against":"the moon"}`, code: fault.Invalid},
		{name: "both at once", args: `{"against":"previous_plan","since":"2h"}`, code: fault.Invalid},
		{name: "runs of nothing", args: `{"against":"previous_run"}`, code: fault.Invalid},
		{name: "an empty time", args: `{"since":"1h","until":"2h"}`, code: fault.Invalid},
		{name: "no time", args: `{"since":"lately"}`, code: fault.Invalid},
		{name: "nobody's name", args: `{"target":"ZZTOP"}`, code: fault.NotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := changesSet(t, tools.Options{Engine: millAt(t, mill), Remembered: tt.seen, Others: func(_ context.Context, name string) (twstools.Engine, error) {
				if name == "twin" {
					return millAt(t, other), nil
				}
				return nil, fault.New(fault.NotFound, "There is no engine %q.", name)
			}})
			out, r := call[tools.WhatChangedOut](t, s, "what_changed", tt.args)
			if tt.code != "" {
				if r.Error == nil || r.Error.Code != string(tt.code) {
					t.Fatalf("the error is %+v, want %s", r.Error, tt.code)
				}
				return
			}
			if r.Error != nil {
				t.Fatal(r.Error)
			}
			if got := rows(out); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			for k, n := range tt.counts {
				if out.Counts[k] != n {
					t.Errorf("%s: %d, want %d", k, out.Counts[k], n)
				}
			}
			if missing := strings.Join(out.Missing, "\n"); !strings.Contains(missing, tt.missing) {
				t.Errorf("missing %q does not say %q", missing, tt.missing)
			}
			if len(r.Envelope.Sources) != len(out.Changes)+1 {
				t.Errorf("%d sources for %d rows", len(r.Envelope.Sources), len(out.Changes))
			}
		})
	}
}

// A page ends where the next one begins, and a cursor of other arguments is refused.
func TestWhatChangedPages(t *testing.T) {
	s := changesSet(t, tools.Options{Engine: millAt(t, mill), Remembered: seen{}})
	var all []string
	cursor := ""
	for range 10 {
		out, r := call[tools.WhatChangedOut](t, s, "what_changed", fmt.Sprintf(`{"page_size":2,"cursor":%q}`, cursor))
		if r.Error != nil {
			t.Fatal(r.Error)
		}
		all = append(all, rows(out)...)
		if cursor = out.NextCursor; cursor == "" {
			break
		}
		if _, r := call[tools.WhatChangedOut](t, s, "what_changed", fmt.Sprintf(`{"since":"1h","cursor":%q}`, cursor)); r.Error == nil {
			t.Fatal("a cursor of other arguments is taken")
		}
	}
	whole, _ := call[tools.WhatChangedOut](t, s, "what_changed", `{}`)
	if !slices.Equal(all, rows(whole)) || len(all) != whole.Total {
		t.Errorf("the pages hold %q, all at once %q", all, rows(whole))
	}
}
