package tools_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

func TestImpactOf(t *testing.T) {
	s, _ := demo(t)
	out, r := call[tools.ImpactOut](t, s, "impact_of", `{"target":"CLM_RESERVE","if":"cancel","page_size":3}`)
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	if len(out.Affected) != 3 || out.Total < 10 || out.NextCursor == "" || !out.Complete {
		t.Fatalf("%d of %d rows, cursor %q, complete %v", len(out.Affected), out.Total, out.NextCursor, out.Complete)
	}
	if first := out.Affected[0]; !strings.HasSuffix(first.Entity, ".CLM_IBNR") || first.State != "released" || first.Hops != 1 || first.Contact == "" {
		t.Errorf("first row %+v", first)
	}
	sources := r.Envelope.Sources
	if len(out.Starts) != 1 || out.Starts[0].When != "now" {
		t.Errorf("starts %+v", out.Starts)
	}
	next, r := call[tools.ImpactOut](t, s, "impact_of", `{"target":"CLM_RESERVE","if":"cancel","page_size":3,"cursor":"`+out.NextCursor+`"}`)
	if r.Error != nil || len(next.Affected) != 3 || next.Affected[0].Entity == out.Affected[0].Entity {
		t.Errorf("the second page begins with %+v", next.Affected)
	}
	if _, r := call[tools.ImpactOut](t, s, "impact_of", `{"target":"REN_CALC","cursor":"`+out.NextCursor+`"}`); r.Error == nil || r.Error.Code != "invalid" {
		t.Errorf("a cursor of another target gave %+v", r.Error)
	}
	for _, row := range out.Affected {
		if !strings.Contains(r.Text, "\n") || !slices.ContainsFunc(sources, func(x toolkit.Source) bool { return x.Source == "plan:"+row.Entity }) {
			t.Errorf("no source of %s travels with the result", row.Entity)
		}
	}
	if _, r := call[tools.ImpactOut](t, s, "impact_of", `{"target":"NO_SUCH_THING_HERE"}`); r.Error == nil || r.Error.Code != "not_found" {
		t.Errorf("a name of nothing gave %+v", r.Error)
	}
	if _, r := call[tools.ImpactOut](t, s, "impact_of", `{"target":"CLM_RESERVE","if":"kill"}`); r.Error == nil || r.Error.Code != "invalid" {
		t.Errorf("an act whose consequences nobody knows gave %+v", r.Error)
	}
}

func TestLateRisk(t *testing.T) {
	s, _ := demo(t)
	out, r := call[tools.LateOut](t, s, "late_risk", `{}`)
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	if out.Total < 5 || len(out.Rows) != min(20, out.Total) || !strings.HasPrefix(out.Basis, "reckoned by Resync") {
		t.Fatalf("%d rows of %d, basis %q", len(out.Rows), out.Total, out.Basis)
	}
	sum := 0
	for _, n := range out.Counts {
		sum += n
	}
	if sum != out.Total {
		t.Errorf("counts %v sum up to %d, total is %d", out.Counts, sum, out.Total)
	}
	forecast := false
	for _, row := range out.Rows {
		forecast = forecast || row.Engine != nil && row.Engine.Alert != ""
		if row.Deadline == "" && !row.Critical {
			t.Errorf("%s has no deadline and is not critical", row.Entity)
		}
	}
	if !forecast {
		t.Error("no row shows the engine's own forecast, which the demo's V1 has")
	}
	one, r := call[tools.LateOut](t, s, "late_risk", `{"target":"GL_POST"}`)
	if r.Error != nil || len(one.Rows) != 1 || one.Subject == nil || one.Rows[0].Arithmetic == "" || !strings.Contains(r.Text, one.Rows[0].Arithmetic) {
		t.Errorf("one = %+v, %v", one, r.Error)
	}
	if _, r := call[tools.LateOut](t, s, "late_risk", `{"target":"PAYLIMIT"}`); r.Error == nil || r.Error.Code != "invalid" {
		t.Errorf("a prompt gave %+v", r.Error)
	}
}

// Every tool that is told when reads the same words: a day is told from the engine's own clock.
func TestADayIsReadAlikeByAllTools(t *testing.T) {
	s, _ := demo(t)
	for tool, args := range map[string]string{
		"diagnose_job":   `{"target":"CLMEOD","at":"today"}`,
		"get_job":        `{"job":"CLM_RESERVE","at":"today"}`,
		"get_job_stream": `{"job_stream":"CLMEOD","at":"today"}`,
		"impact_of":      `{"target":"CLM_RESERVE","at":"today"}`,
		"late_risk":      `{"target":"CLMEOD","at":"today"}`,
	} {
		if r := s.Call(t.Context(), tool, []byte(args)); r.Error != nil {
			t.Errorf("%s: %+v", tool, r.Error)
		}
		if r := s.Call(t.Context(), tool, []byte(strings.Replace(args, "today", "the other night", 1))); r.Error == nil || r.Error.Code != "invalid" {
			t.Errorf("%s takes a time that is none: %+v", tool, r.Error)
		}
	}
}
