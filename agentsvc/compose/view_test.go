package compose_test

import (
	"testing"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// What "it" is after a list: the only object of it; several, or none, are asked about.
func TestEntityAfterAList(t *testing.T) {
	one := tools.JobStreamRow{Entity: "LNX_A1#BILLING[(0200 03/17/26)]", Status: "STUCK"}
	two := tools.JobStreamRow{Entity: "LNX_A1#LEDGER[(0300 03/17/26)]", Status: "STUCK"}
	u := understand.Understanding{Intent: understand.Find, View: understand.ViewStreams, Objects: "job_streams"}
	for want, rows := range map[string][]tools.JobStreamRow{one.Entity: {one}, "": {one, two}} {
		ledger := conversations.Ledger{composetest.Entry("t1", compose.FindJobStreams, map[string]any{}, composetest.OK(tools.FindJobStreamsOut{JobStreams: rows}))}
		if got := compose.EntityOf(u, ledger, answer.Answer{}); got != want {
			t.Errorf("%d rows: %q, want %q", len(rows), got, want)
		}
	}
}

// Who suffers from what is well is filled in from the tool that follows successors; a diagnosis that knows keeps its own.
func TestImpactFillsTheDiagnosis(t *testing.T) {
	u := understand.Understanding{Intent: understand.Impact, View: understand.ViewImpact, Target: "N_REPORT", Language: "en"}
	planned, sources := composetest.Planned("en", "")
	impact := tools.ImpactOut{Subject: planned.Subject, Total: 1, Complete: true,
		Affected: []tools.ImpactRow{{Entity: composetest.Post, Hops: 1, State: "blocked", Status: "HOLD", Deadline: "2026-03-17T06:00:00-03:00"}}}
	in := compose.Input{Asked: u, Ledger: conversations.Ledger{
		composetest.Entry("t1", compose.DiagnoseJob, map[string]any{"target": "N_REPORT"}, composetest.OK(planned, sources...)),
		composetest.Entry("t2", compose.ImpactOf, map[string]any{"target": "N_REPORT"}, composetest.OK(impact))}}
	d := compose.Build(in).Diagnosis
	if d.AffectedTotal != 1 || len(d.Impact) != 1 || d.Impact[0].Entity != composetest.Post || d.Verdict != answer.NoProblem {
		t.Errorf("diagnosis = %+v", d)
	}
}
