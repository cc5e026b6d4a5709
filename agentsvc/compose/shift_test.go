package compose_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/tools"
)

// Of a shift's deadlines each job stream is told once, by its worst row, with the time to act by and what costs the time; what is on time, or of
// which nobody can tell, is no danger.
func TestDeadlinesOfAShift(t *testing.T) {
	at := func(clock string) string { return "2026-03-17T" + clock + ":00-03:00" }
	mill := &diagnose.EaterRow{Entity: "N2#GRIND[(0300 03/17/26)].MILL", Why: "overrun", Minutes: 30}
	late := tools.LateOut{Complete: true, Total: 5, Rows: []diagnose.LateRow{
		{Entity: "N1#BREAD[(0400 03/17/26)]", Risk: diagnose.RiskBlock, Deadline: at("07:00"), ActBy: at("06:20"), Eater: mill},
		{Entity: "N1#BREAD[(0400 03/17/26)].BAKE", Risk: diagnose.RiskBlock, Deadline: at("07:00"), ActBy: at("06:25"), Eater: mill},
		{Entity: "N1#CAKE[(0400 03/17/26)].MIX", Risk: diagnose.RiskAtRisk, Deadline: at("08:00"), ActBy: at("02:00")},
		{Entity: "N1#FOGGY[(0400 03/17/26)]", Risk: diagnose.RiskOpen, Deadline: at("09:00")},
		{Entity: "N1#EASY[(0400 03/17/26)]", Risk: diagnose.RiskOnTime, Deadline: at("09:00")},
	}}
	for lang, want := range map[string][]string{
		"en": {"Deadlines in danger: 2.", "`N1#BREAD[(0400 03/17/26)]`: held up", "act by 06:20", "mostly because of MILL", "`N1#CAKE[(0400 03/17/26)].MIX`: at risk"},
		"pt": {"Prazos em perigo: 2.", "`N1#BREAD[(0400 03/17/26)]`: preso", "aja até 06:20", "sobretudo por causa de MILL", "`N1#CAKE[(0400 03/17/26)].MIX`: em risco"},
	} {
		abended, sources := composetest.Abend(lang)
		in := compose.Input{Asked: understand.Understanding{Intent: understand.Handover, Language: lang}, Ledger: conversations.Ledger{
			composetest.Entry("t1", compose.DiagnoseJob, map[string]any{}, composetest.OK(abended, sources...)),
			composetest.Entry("t2", compose.LateRisk, map[string]any{}, composetest.OK(late))}}
		text := strings.Join(compose.Sentences(in, compose.Build(in)), "")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in:\n%s", lang, w, text)
			}
		}
		for _, w := range []string{".BAKE", "FOGGY", "EASY", "02:00 "} {
			if strings.Contains(text, w) {
				t.Errorf("%s: %q in:\n%s", lang, w, text)
			}
		}
	}
}
