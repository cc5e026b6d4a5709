package offline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/offline"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/agentsvc/verify"
	"github.com/resync-hwa/resync/twstools/answer"
)

var views = []understand.View{understand.ViewImpact, understand.ViewLate, understand.ViewRadar, understand.ViewChanges, understand.ViewStreams, understand.ViewStream,
	understand.ViewWorkstations, understand.ViewResources, understand.ViewPrompts}

// Every view of the demo's plant is asked of its tool, opens with what was asked, and nothing of its prose is struck.
func TestViewsOfTheDemo(t *testing.T) {
	p := demo(t)
	u, err := understand.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ q, tool, opens string }{
		{"who suffers if CLM_RESERVE stays down?", "impact_of", "**16 objects wait behind CLM_RESERVE"},
		{"quem sofre com o CLM_RESERVE parado?", "impact_of", "**16 objetos esperam atrás de CLM_RESERVE"},
		{"what starts if I cancel CLM_RESERVE?", "impact_of", "**Cancelling CLM_RESERVE would start CLM_IBNR at once.**"},
		{"o que inicia se eu cancelar o CLM_RESERVE?", "impact_of", "**Cancelar CLM_RESERVE iniciaria na hora CLM_IBNR.**"},
		{"what happens if I rerun CLM_RESERVE?", "impact_of", "**Rerunning CLM_RESERVE would start "},
		{"what will be late tonight?", "late_risk", "**"},
		{"o que vai atrasar hoje?", "late_risk", "**"},
		{"will RENLETTER make its deadline?", "late_risk", "**RENLETTER "},
		{"o RENLETTER termina no prazo?", "late_risk", "**RENLETTER "},
		{"when will CLMEOD finish?", "late_risk", "**When CLMEOD ends cannot be told for sure: "},
		{"que horas termina o CLMEOD?", "late_risk", "**Não dá para garantir quando CLMEOD termina: "},
		{"anything wrong that is not red?", "radar", "**3 things look wrong although nothing says so in red"},
		{"tem algo estranho que não está vermelho?", "radar", "**3 pontos parecem errados"},
		{"what changed since 02:00?", "what_changed", "**"},
		{"o que mudou desde as 2h?", "what_changed", "**"},
		{"what changed since the last run of CLMEOD?", "what_changed", "**One change between this run and the previous one of `CLMEOD`.**"},
		{"which streams are stuck?", "find_job_streams", "**One job stream in STUCK.**"},
		{"quais malhas estão travadas?", "find_job_streams", "**Um job stream em STUCK.**"},
		{"describe the job stream POLRENEW", "get_job_stream", "**The job stream POLRENEW is in EXEC since "},
		{"who holds the resource DWHWRITE?", "list_resources", "**DWHWRITE is held by DWH_FULLBKP (2).**"},
		{"quem está usando o recurso DWHWRITE?", "list_resources", "**DWHWRITE está em uso por DWH_FULLBKP (2).**"},
		{"which prompts wait?", "list_prompts", "**One prompt waits for an answer.**"},
		{"quais prompts estão abertos?", "list_prompts", "**Um prompt espera resposta.**"},
		{"which agents are down?", "list_workstations", "**One workstation cannot run jobs.**"},
		{"todos os agentes estão no ar?", "list_workstations", "**Workstations: 17; não conseguem rodar jobs: 1.**"},
	} {
		t.Run(c.q, func(t *testing.T) {
			turn, a, text := run(t, u.Parse(c.q, understand.Context{}), c.q, p)
			if !slices.Contains(names(turn), c.tool) {
				t.Fatalf("calls = %v, want %s", names(turn), c.tool)
			}
			if !strings.HasPrefix(text, c.opens) {
				t.Errorf("opens with %q, want %q", text[:min(len(text), 160)], c.opens)
			}
			if a.Diagnosis != nil && a.Diagnosis.Verdict == answer.Refused {
				t.Error("a question is refused")
			}
			if n := len(strings.Fields(text)); n > verify.MaxWords {
				t.Errorf("%d words", n)
			}
			once(t, text)
			passes(t, turn, text)
		})
	}
}

// Where a tool is not at hand the usual ones answer.
func TestViewWithoutItsTool(t *testing.T) {
	u := understand.Understanding{Intent: understand.Plan, View: understand.ViewRadar}
	s := offline.Next(offline.Turn{Input: compose.Input{Asked: u}, Offered: []string{"plan_status"}})
	if len(s.Calls) != 1 || s.Calls[0].Name != "plan_status" {
		t.Errorf("calls = %+v", s.Calls)
	}
}

// The forecast of the object asked about stands in the structure too.
func TestForecastStandsInImpact(t *testing.T) {
	p := demo(t)
	u, err := understand.New()
	if err != nil {
		t.Fatal(err)
	}
	const q = "will RENLETTER make its deadline?"
	_, a, _ := run(t, u.Parse(q, understand.Context{}), q, p)
	if !slices.ContainsFunc(a.Diagnosis.Impact, func(i answer.Impact) bool {
		return strings.Contains(i.Entity, "#RENLETTER[") && !strings.Contains(i.Entity, ").") && i.PredictedEnd != ""
	}) {
		t.Errorf("impact = %+v", a.Diagnosis.Impact)
	}
}
