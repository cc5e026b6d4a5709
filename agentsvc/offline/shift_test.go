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

// Names that stand in one breath with the asked one are asked about with it; a name elsewhere in the sentence is not.
func TestNamesInOneBreath(t *testing.T) {
	u, err := understand.New()
	if err != nil {
		t.Fatal(err)
	}
	for q, also := range map[string][]string{
		"why did PAY_LOAD, PAY_CALC and PAY_SEND abend?":     {"PAY_CALC", "PAY_SEND"},
		"por que PAY_LOAD e PAY_CALC pararam?":               {"PAY_CALC"},
		"why did PAY_LOAD abend?":                            nil,
		"why did PAY_LOAD abend when PAY_CALC was well?":     nil,
		"why did PAY_LOAD abend, is it because of PAY_CALC?": nil,
	} {
		in := compose.Input{Question: q, Asked: u.Parse(q, understand.Context{Now: time.Date(2026, 3, 17, 8, 40, 0, 0, time.UTC)})}
		calls := offline.Needed(offline.Turn{Input: in, Offered: []string{compose.DiagnoseJob, compose.ExplainWait}})
		if len(calls) != 1 || calls[0].Args["target"] != "PAY_LOAD" {
			t.Errorf("%q: %+v", q, calls)
			continue
		}
		if got, _ := calls[0].Args["also"].([]string); !slices.Equal(got, also) {
			t.Errorf("%q: also %v, want %v", q, got, also)
		}
	}
}

// Where explain_wait is not at hand diagnose_job does its work, told that the object waits; the other way round nothing is assumed.
func TestDiagnoseJobExplainsAWait(t *testing.T) {
	asked := understand.Understanding{Intent: understand.Wait, Target: "LED_POST", Language: "en"}
	for _, c := range []struct {
		offered       []string
		said          string
		tool, premise string
	}{
		{[]string{compose.DiagnoseJob, compose.ExplainWait}, "", compose.ExplainWait, ""},
		{[]string{compose.DiagnoseJob}, "", compose.DiagnoseJob, "waiting"},
		{[]string{compose.DiagnoseJob}, "late", compose.DiagnoseJob, "late"},
		{[]string{compose.PlanStatus}, "", "", ""},
	} {
		asked.Premise = c.said
		calls := offline.Needed(offline.Turn{Input: compose.Input{Asked: asked}, Offered: c.offered})
		tool, premise := "", ""
		for _, one := range calls {
			tool = one.Name
			premise, _ = one.Args["premise"].(string)
		}
		if tool != c.tool || premise != c.premise {
			t.Errorf("%v, %q: %+v", c.offered, c.said, calls)
		}
	}
}
