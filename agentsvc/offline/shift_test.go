package offline_test

import (
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/offline"
	"github.com/resync-hwa/resync/agentsvc/understand"
)

// A shift report rests on how the plan stands, what happened since the shift began, what is open, and what will hit a deadline.
func TestShiftReportAsksForItsWindow(t *testing.T) {
	now := time.Date(2026, 3, 17, 8, 40, 0, 0, time.UTC)
	u, err := understand.New()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{compose.PlanStatus, compose.WhatChanged, compose.DiagnoseJob, compose.LateRisk, compose.Radar}
	for q, since := range map[string]string{
		"what happened on my shift":         "8h",
		"shift handover since 22:00":        "22:00",
		"passagem de turno desde as 22h":    "22:00",
		"o que aconteceu no meu plantão":    "8h",
		"shift report for the last 6 hours": "2026-03-17T02:40:00Z",
	} {
		in := compose.Input{Question: q, Asked: u.Parse(q, understand.Context{Now: now, Location: time.FixedZone("-03", -3*3600)})}
		if in.Asked.Intent != understand.Handover {
			t.Errorf("%q: intent %s", q, in.Asked.Intent)
		}
		var names []string
		for _, c := range offline.Needed(offline.Turn{Input: in, Offered: want}) {
			names = append(names, c.Name)
			if c.Name == compose.WhatChanged && c.Args["since"] != since {
				t.Errorf("%q: changes since %v, want %s", q, c.Args["since"], since)
			}
		}
		if !slices.Equal(names, want) {
			t.Errorf("%q: calls %v, want %v", q, names, want)
		}
	}
}
